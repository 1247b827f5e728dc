"""Whole tables of findings come back from wherever they are kept, as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import wideberth as wb
from wideberth.cli import judge as judging
from wideberth.cli.app import app
from wideberth.errors import ColumnError, LedgerError, ReadError, UsageError
from wideberth.ledger import Ledger
from wideberth.report import load
from wideberth.tables import Together

if TYPE_CHECKING:
    from pathlib import Path

    from wideberth.incidents import Incidents

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMED = 'Ünder "one", two\nthree'  # what a callsign may be in a file of somebody else's
AGREEMENT = """
wideberth: 1
name: test
valid: 2026-03-01/2026-04-01
parties:
  one: {aircraft: [{icao24: 100000-1fffff}]}
  two: {aircraft: [{icao24: 200000-2fffff}]}
places:
  line: {line: [[10.0, 44.5], [10.0, 45.5]]}
  circle: {point: [10.2, 45.0], radius: 5 km}
rules:
  - {id: side, party: one, keeps: {side: west, of: line, buffer: 500 m, reach: 40 km}, sentence: "We stay west."}
  - {id: out, party: all, keeps: {out_of: circle, below: 12000 ft}}
  - {id: apart, between: [one, two], keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}}
  - {id: silent, between: [one, two], hours: [mon 01:00-02:00], keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}}
"""
MINIMA = wb.Minima(4000.0, 800.0, below_ft=60_000.0)


def straight(icao24: str, callsign: str | None, lat_deg: float, *, gap: bool = False) -> pl.DataFrame:
    """A flight due east from 9.8 to 10.4 degrees within eight minutes, a sample every 10 s."""
    t_s = np.arange(0.0, 490.0, 10.0)
    if gap:
        t_s = t_s[(t_s < 250.0) | (t_s > 400.0)]
    return pl.DataFrame(
        {
            "icao24": icao24,
            "t": [START + timedelta(seconds=float(each)) for each in t_s],
            "lat_deg": lat_deg,
            "lon_deg": 9.8 + 0.6 * t_s / 480.0,
            "altitude_ft": 10_000.0,
            "callsign": callsign,
        },
        schema_overrides={"callsign": pl.String},
    )


def same(one: pa.Table, other: pa.Table) -> bool:
    """Tell whether two tables hold the same, whatever the order of their dictionaries."""
    return one.schema.equals(other.schema) and one.to_pylist() == other.to_pylist()


@pytest.fixture(scope="module")
def tracks() -> wb.Tracks:
    return wb.read(
        pl.concat(
            [
                straight("100001", NAMED, 45.0),
                straight("200001", "TWO1", 45.02),
                straight("100002", None, 45.2, gap=True),
            ]
        )
    )


@pytest.fixture(scope="module")
def terms() -> wb.Agreement:
    return wb.Agreement.parse(AGREEMENT)


@pytest.fixture(scope="module")
def incidents(tracks: wb.Tracks, terms: wb.Agreement) -> Incidents:
    """Findings of four kinds of verdicts, of one aircraft and of two, with a callsign and without."""
    return wb.judge(tracks, terms)


@pytest.fixture(scope="module")
def encounters(tracks: wb.Tracks) -> wb.Encounters:
    return wb.screen(tracks, minima=MINIMA)


@pytest.fixture(scope="module")
def folder(
    incidents: Incidents,
    tracks: wb.Tracks,
    terms: wb.Agreement,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """What ``judge -o`` writes."""
    made = tmp_path_factory.mktemp("load") / "out"
    with Together() as together:
        judging.write(incidents, tracks, made, together)
    return made


def test_a_judges_folder_comes_back_whole(folder: Path, incidents: Incidents) -> None:
    """Rows, counts, what each rule was judged on, notices; the summary stands beside."""
    loaded = load.findings(folder)

    assert len(incidents)
    assert same(loaded.findings.table, incidents.table)
    assert isinstance(loaded.findings, wb.Incidents)
    for name in ("agreement", "judged", "days", "rule_days", "rates", "stretches", "valid", "remarks"):
        assert getattr(loaded.findings, name) == getattr(incidents, name), name
    assert loaded.findings.days.to_arrow().equals(incidents.days.to_arrow())
    assert incidents.recorded is not None
    assert loaded.findings.recorded == tuple(each.replace(microsecond=0) for each in incidents.recorded)
    assert list(loaded.findings.notices()) == list(incidents.notices())
    assert list(incidents.notices())
    assert loaded.summary["agreement"] == "test"
    assert loaded.terms.rules["side"].startswith("one keeps west of line")
    assert loaded.left_out == ()


@pytest.mark.parametrize("ending", ["parquet", "csv", "geojson"])
def test_incidents_come_back_from_each_format(folder: Path, incidents: Incidents, ending: str) -> None:
    """Equal to the last digit and instant, whatever stands in a callsign."""
    loaded = load.findings(folder / f"incidents.{ending}")

    assert same(loaded.findings.table, incidents.table)
    assert NAMED in loaded.findings["callsign_a"].to_pylist()
    assert loaded.summary == {}
    assert isinstance(loaded.findings, wb.Incidents)
    assert loaded.findings.agreement == ("" if ending == "csv" else "test")


@pytest.mark.parametrize("ending", ["parquet", "csv", "geojson"])
@pytest.mark.parametrize("are_there", [True, False], ids=["some", "none"])
def test_encounters_come_back_from_each_format(
    tmp_path: Path, encounters: wb.Encounters, ending: str, are_there: bool
) -> None:
    """With the minima that they were screened by, which CSV cannot tell; none at all are a result as well."""
    written = encounters if are_there else replace(encounters, table=encounters.table.slice(0, 0))
    path = tmp_path / f"x.{ending}"
    written.write(path)
    loaded = load.findings(path, minima=MINIMA if ending == "csv" else None)

    assert len(encounters)
    assert isinstance(loaded.findings, wb.Encounters)
    assert same(loaded.findings.table, written.table)
    assert loaded.findings.minima == MINIMA
    if ending == "csv":
        with pytest.raises(UsageError, match="does not tell which minima were screened by"):
            load.findings(path)
    else:
        assert loaded.findings.screening == encounters.screening


def test_many_rows_of_csv_come_back(tmp_path: Path, incidents: Incidents) -> None:
    """It is read a block at a time, and a callsign with a line break stands where a block ends."""
    many = replace(incidents, table=pa.concat_tables([incidents.table] * 2000))
    many.write(tmp_path / "x.csv")

    assert (tmp_path / "x.csv").stat().st_size > 4 * 2**20  # a block has 1 MiB
    assert same(load.findings(tmp_path / "x.csv").findings.table, many.table)


def test_a_table_that_another_program_wrote_is_taken(tmp_path: Path, incidents: Incidents) -> None:
    """Polars writes other types of text; order of columns and metadata are lost in it, not values."""
    incidents.to_polars().select(pl.all().reverse()).write_parquet(tmp_path / "x.parquet")
    loaded = load.findings(tmp_path / "x.parquet")

    assert loaded.findings.table.to_pylist() == incidents.table.to_pylist()[::-1]


@pytest.mark.parametrize("kind", ["findings", "ledger", "export"])
def test_findings_kept_one_by_one_become_a_table(
    folder: Path, incidents: Incidents, tmp_path: Path, kind: str
) -> None:
    """What a judge records, rounded as it records it; of a revised finding the last one; statements beside."""
    path = folder / "findings.jsonl"
    if kind != "findings":
        first = next(incidents.findings().records())
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            ledger.add({**each, "verdict": "unknown"} for each in incidents.findings().records())
            ledger.add(incidents.findings().records())
            ledger.say(first["id"], "one", "disputed", "not so")
            ledger.report("two jets, low")
            ledger.export(tmp_path / "export.jsonl")
        path = tmp_path / ("ledger.sqlite" if kind == "ledger" else "export.jsonl")
    loaded = load.findings(path)

    assert isinstance(loaded.findings, wb.Incidents)
    by_id = {each["id"]: each for each in loaded.findings.records()}
    assert by_id == {each["id"]: each for each in incidents.findings().records()}
    starts = loaded.findings["t_in"].to_pylist()
    assert starts == sorted(starts)
    if kind == "findings":
        assert (loaded.states, loaded.left_out) == ((), ())
    else:
        assert [each.text for state in loaded.states for each in state.statements] == ["not so"]
        assert loaded.left_out == ("1 manual report is not among the findings.",)


def test_what_no_judge_wrote_is_left_out_and_told() -> None:
    """A ledger takes any object: without what every incident has it is no incident; a wrong value is unknown."""
    whole: dict[str, Any] = {
        "id": "a", "agreement": "00", "rule": "r", "kind": "side", "verdict": "broken",
        "t_in": "2026-03-01T12:00:00Z", "t_out": "2026-03-01T12:01:00Z", "sentence": "s",
    }  # fmt: skip
    strange = {
        "lat_deg": "north", "magnitude": True, "at_reach": 1, "rank": 2**70, "probability": 10**400, "mine": 5,
        "t_worst": "2026-03-01T12:00:00",
    }  # fmt: skip
    found, told = load.of_findings(
        [{**whole, **strange}, {"id": "b"}, {**whole, "id": "c", "t_in": "2026-03-01"}, {**whole, "id": "d"}]
    )

    assert found["id"].to_pylist() == ["a", "d"]
    assert all(found[name].null_count == 2 for name in strange if name != "mine")
    assert told[0] == "no incident of a judge, and not in the table: b (no agreement) and 1 more."
    assert sorted(each.split(":")[0] for each in told[1:]) == sorted(set(strange) - {"mine"})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "summary.json cannot be read"),
        (b"[]", "is no summary of a judge"),
        (b'{"rules": [{"rule": "r", "kind": "side"}], "days": 5}', "the counts of"),
    ],
)
def test_a_damaged_summary_is_told_and_the_rows_are_there(
    folder: Path, incidents: Incidents, tmp_path: Path, content: bytes, says: str
) -> None:
    """Somebody else's file in the folder does not hide the findings."""
    (tmp_path / "incidents.parquet").write_bytes((folder / "incidents.parquet").read_bytes())
    (tmp_path / "summary.json").write_bytes(content)
    loaded = load.findings(tmp_path)

    assert same(loaded.findings.table, incidents.table)
    assert says in " ".join(loaded.left_out)


def test_what_keeps_no_findings_is_refused_in_words(folder: Path, tracks: wb.Tracks, tmp_path: Path) -> None:
    """A folder without incidents, tracks, half a file, a damaged export, nothing at all."""
    tracks.write(tmp_path / "tracks.parquet")
    for ending in ("csv", "geojson", "parquet"):
        whole = (folder / f"incidents.{ending}").read_bytes()
        (tmp_path / f"half.{ending}").write_bytes(whole[: len(whole) - 200])
        with pytest.raises(ReadError, match=rf"cannot read '.*half\.{ending}'"):
            load.findings(tmp_path / f"half.{ending}")
    with pytest.raises(UsageError, match=r"folder without incidents\.parquet"):
        load.findings(tmp_path)
    with pytest.raises(ColumnError, match="incidents: column"):
        load.findings(tmp_path / "tracks.parquet")
    with pytest.raises(ReadError, match="No such file"):
        load.findings(tmp_path / "absent")
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(UsageError, match="keeps no findings"):
        load.findings(tmp_path / "x.txt")
    with Ledger(tmp_path / "l.sqlite") as ledger:
        ledger.report("x")
        ledger.export(tmp_path / "e.jsonl")
    (tmp_path / "e.jsonl").write_text((tmp_path / "e.jsonl").read_text().replace('"x"', '"y"'))
    with pytest.raises(LedgerError, match="does not hold"):
        load.findings(tmp_path / "e.jsonl")


def test_parquet_and_geojson_tell_what_they_rest_on(tmp_path: Path, tracks: wb.Tracks) -> None:
    """The minima stand in the file's own metadata, where other programs find them."""
    tracks.write(tmp_path / "tracks.parquet")
    targets = [str(tmp_path / name) for name in ("x.parquet", "x.geojson")]
    arguments = ["screen", str(tmp_path / "tracks.parquet"), "-m", "icao-terminal", "-q", "-o", targets[0]]
    assert CliRunner().invoke(app, [*arguments, "-o", targets[1]]).exit_code == 0

    in_parquet = json.loads(pq.read_schema(targets[0]).metadata[b"wideberth"])
    in_geojson = json.loads((tmp_path / "x.geojson").read_text())["wideberth"]
    assert in_parquet == in_geojson
    assert (in_parquet["minima"]["name"], in_parquet["minima"]["horizontal_m"]) == ("icao-terminal", 5556.0)
    assert in_parquet["screening"]["aircraft"] == 3
