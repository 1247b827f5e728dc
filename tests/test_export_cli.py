"""``wideberth export`` and ``wideberth plot``; other programs read what ``judge -o`` and ``screen -o`` write."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from export_world import AGREEMENT, flight
from wideberth import columns
from wideberth.cli.app import app
from wideberth.errors import UnknownIdError, UsageError, WideberthError, WriteError

if TYPE_CHECKING:
    from pathlib import Path

TABLES = {
    "out/incidents.parquet": columns.INCIDENT_COLUMNS,
    "out/rates.parquet": columns.RATE_COLUMNS,
    "out/stretches.parquet": columns.STRETCH_COLUMNS,
    "out/days.parquet": columns.DAY_COLUMNS,
    "out/rule-days.parquet": columns.RULE_DAY_COLUMNS,
    "encounters.parquet": columns.ENCOUNTER_COLUMNS,
}


def run(*arguments: object) -> str:
    """Run the command, and return what it prints; an error is raised as what it is."""
    done = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=True)
    if isinstance(done.exception, WideberthError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tracks, an agreement, what a judge and a screen wrote, and a ledger."""
    folder = tmp_path_factory.mktemp("export")
    pl.concat(
        [
            flight("100001", "ONE7", -17.0),
            flight("200001", "TWO1", -17.01, altitude_ft=10_425.0),
            flight("100002", None, -17.2, gap=True),
        ]
    ).write_parquet(folder / "tracks.parquet")
    (folder / "a.yaml").write_text(AGREEMENT)
    run("judge", folder / "tracks.parquet", "-a", folder / "a.yaml", "-o", folder / "out", "-q")
    run("screen", folder / "tracks.parquet", "-m", "icao-terminal", "-q", *outputs(folder, "encounters"))
    run("ledger", "add", folder / "out" / "findings.jsonl", "--ledger", folder / "l.sqlite", "--quiet")
    return folder


def outputs(folder: Path, stem: str) -> list[object]:
    """Return an option for each format that a screen writes."""
    endings = ("parquet", "csv", "geojson", "kml", "kmz", "czml")
    return [each for ending in endings for each in ("-o", folder / f"{stem}.{ending}")]


# Tables that others read --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_parquet_tells_units_and_meanings(kept: Path, name: str) -> None:
    """Every field of every table that is written carries them, as the documentation has them."""
    schema = pq.read_schema(kept / name)

    assert set(schema.names) == set(TABLES[name])
    for field in schema:
        column = TABLES[name][field.name]
        told = {key.decode(): value.decode() for key, value in field.metadata.items()}
        assert (told["unit"], told["meaning"]) == (column.unit, column.meaning)
    assert any(column.unit for column in TABLES[name].values())


@pytest.mark.parametrize("name", TABLES)
def test_parquet_is_read_alike_by_others(kept: Path, name: str) -> None:
    """Arrow, Polars, pandas and DuckDB get the same rows, instants as UTC."""
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb, of the group dev")
    pandas = pytest.importorskip("pandas")
    known = [plain(row) for row in pq.read_table(kept / name).to_pylist()]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(f"SELECT * FROM '{kept / name}'").to_arrow_table()

    assert known or "stretches" in name
    assert [plain(row) for row in found.to_pylist()] == known
    assert [plain(row) for row in pl.read_parquet(kept / name).to_dicts()] == known
    frame = pandas.read_parquet(kept / name)
    assert list(frame.columns) == list(TABLES[name])
    assert [plain(row) for row in frame.astype(object).to_dict("records")] == known


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with instants as text and whatever stands for unknown as None."""

    def value(each: Any) -> Any:
        if each is None or each != each:  # NaN and NaT
            return None
        if hasattr(each, "isoformat"):
            return each.isoformat()
        return round(each, 9) if isinstance(each, float) and math.isfinite(each) else each

    return {name: value(each) for name, each in row.items()}


def test_counts_are_the_same_in_parquet_and_csv(kept: Path) -> None:
    """Whichever is taken."""
    for name in ("rates", "days", "rule-days", "stretches"):
        parquet = pl.read_parquet(kept / "out" / f"{name}.parquet")
        csv = pl.read_csv(kept / "out" / f"{name}.csv", schema_overrides={"day": pl.String})

        assert csv.height == parquet.height
        for column in parquet.columns:
            if parquet[column].dtype.is_numeric():
                assert csv[column].cast(pl.Float64).to_list() == pytest.approx(
                    parquet[column].cast(pl.Float64).to_list(), nan_ok=True
                ), column


# Exports ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["out", "out/incidents.csv", "l.sqlite", "out/findings.jsonl"])
def test_findings_are_exported_from_wherever_they_are(kept: Path, tmp_path: Path, where: str) -> None:
    """To several files at once, with places and tracks; the tracks are those of every aircraft in findings."""
    told = run(
        *("export", kept / where, "-a", kept / "a.yaml", "-t", kept / "tracks.parquet"),
        *("-o", tmp_path / "x.kml", "-o", tmp_path / "x.czml", "-o", tmp_path / "x.csv"),
    )
    packets = json.loads((tmp_path / "x.czml").read_text("utf-8"))
    kinds = [each["id"].split("/")[0] for each in packets]

    assert kinds.count("aircraft") == 3
    assert kinds.count("finding") == pl.read_csv(tmp_path / "x.csv").height == 8
    assert "8 incidents\n" in told
    assert f"written: {tmp_path / 'x.kml'}" in told
    assert (tmp_path / "x.kml").read_text("utf-8").count("<gx:MultiTrack>") == 3


def test_encounters_are_exported(kept: Path, tmp_path: Path) -> None:
    """As ASTERIX-like JSON; from CSV the minima are named."""
    run("export", kept / "encounters.parquet", "-o", tmp_path / "x.json", "--format", "asterix", "-q")
    run("export", kept / "encounters.csv", "-m", "icao-terminal", "-o", tmp_path / "x.geojson", "-q")

    assert len(json.loads((tmp_path / "x.json").read_text("utf-8"))["messages"]) == 1
    beside = json.loads((tmp_path / "x.geojson").read_text("utf-8"))["wideberth"]
    assert beside["minima"]["name"] == "icao-terminal"
    with pytest.raises(UsageError, match="does not tell which minima"):
        run("export", kept / "encounters.csv", "-o", tmp_path / "y.kml")


def test_less_trusted_is_left_out_on_request(kept: Path, tmp_path: Path) -> None:
    """And counted; a pledge, which has no trust, stays."""
    told = run("export", kept / "out", "--trust", "credible", "-o", tmp_path / "x.csv")
    trusts = pl.read_csv(tmp_path / "x.csv")["trust"].to_list()
    every = pl.read_csv(kept / "out" / "incidents.csv")["trust"].to_list()

    assert set(trusts) <= {"credible", None}
    assert len(trusts) == sum(each in ("credible", None) for each in every)
    assert ("less trusted left out" in told) == (len(trusts) < len(every))


def test_places_of_an_agreement_are_exported(kept: Path, tmp_path: Path) -> None:
    """Without any finding."""
    told = run("export", kept / "a.yaml", "-o", tmp_path / "x.geojson", "-o", tmp_path / "x.kmz")

    assert "5 places" in told
    assert len(json.loads((tmp_path / "x.geojson").read_text("utf-8"))["features"]) == 5


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (("export", "out", "-o", "x.txt"), UsageError, "cannot tell the format"),
        (("export", "out", "-o", "x.json"), UsageError, "name the format: --format asterix"),
        (("export", "out", "-o", "x.csv", "-t", "tracks.parquet"), UsageError, "--tracks and --agreement are for"),
        (("export", "out", "-o", "x.csv", "--trust", "none"), UsageError, "--trust none"),
        (("export", "out", "-o", "x.kml", "--around", "soon"), UsageError, "soon"),
        (("export", "a.yaml", "-o", "x.kml", "-t", "tracks.parquet"), UsageError, "only its places are written"),
        (("export", "a.yaml", "-o", "x.csv"), UsageError, "places are written as one of"),
        (("export", "absent", "-o", "x.kml"), WideberthError, "cannot read"),
        (("export", "out", "-o", "nowhere/x.kml"), WriteError, "No such file or directory"),
        (("plot", "ffffffff", "out", "-t", "tracks.parquet", "-o", "x.png"), UnknownIdError, "none of the 8 findings"),
        (("plot", "ffffffff", "out", "-t", "tracks.parquet", "-o", "x.gif"), UsageError, "a picture's name ends in"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_said(
    kept: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    error: type[Exception],
    says: str,
) -> None:
    """In one sentence; no file is begun."""
    if arguments[0] == "plot":
        pytest.importorskip("matplotlib", reason="needs Matplotlib, of the extra plot")
    monkeypatch.chdir(tmp_path)
    placed = [str(kept / each) if (kept / each).exists() else each for each in arguments]
    with pytest.raises(error, match=says):
        run(*placed)

    assert list(tmp_path.iterdir()) == []


def test_where_one_file_cannot_be_written_none_is(kept: Path, tmp_path: Path) -> None:
    """Files of one export belong together."""
    (tmp_path / "x.czml").mkdir()
    with pytest.raises(WriteError, match=r"x\.czml': it is not a regular file\. Nothing was written\."):
        run("export", kept / "out", "-o", tmp_path / "x.kml", "-o", tmp_path / "x.czml")

    assert [each.name for each in tmp_path.iterdir()] == ["x.czml"]


def test_a_finding_is_drawn(kept: Path, tmp_path: Path) -> None:
    """By the beginning of its id, in several formats."""
    pytest.importorskip("matplotlib", reason="needs Matplotlib, of the extra plot")
    rows = pl.read_parquet(kept / "out" / "incidents.parquet").filter(pl.col("rule") == "apart")
    told = run(
        *("plot", rows["id"][0][:8], kept / "out", "-t", kept / "tracks.parquet", "-a", kept / "a.yaml"),
        *("-o", tmp_path / "x.svg", "-o", tmp_path / "x.pdf"),
    )

    assert told.splitlines() == [f"written: {tmp_path / name}" for name in ("x.svg", "x.pdf")]
    assert "minimum 3 NM" in (tmp_path / "x.svg").read_text("utf-8")
