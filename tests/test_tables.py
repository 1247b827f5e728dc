"""Tables convert, show themselves with everything escaped, and are written whole or not at all."""

from __future__ import annotations

import csv
import os
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wideberth import tables
from wideberth.columns import INSTANT, TRACK_COLUMNS, schema
from wideberth.errors import UsageError, WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator

INSTANT_TEXT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The calendar's ends, in microseconds.
FIRST = (datetime(1, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


def of_rows(*rows: dict[str, Any]) -> pa.Table:
    """Tracks of some rows, instants in microseconds."""
    names = [name for name in TRACK_COLUMNS if name in rows[0]]
    arrays = [
        pa.array([row[name] for row in rows], pa.int64()).cast(INSTANT)
        if name == "t"
        else pa.array([row[name] for row in rows]).cast(TRACK_COLUMNS[name].type)
        for name in names
    ]
    return pa.table(arrays, schema=schema(TRACK_COLUMNS, names))


def sample(**changed: Any) -> dict[str, Any]:
    return {
        "icao24": "400001", "t": 1_533_101_250_000_001, "lat_deg": 47.0, "lon_deg": 8.0, "altitude_ft": None,
        "on_ground": False, "callsign": "SWR12", **changed,
    }  # fmt: skip


# Instants ---------------------------------------------------------------------------------------------


@given(st.integers(FIRST, LAST))
@example(FIRST)
@example(LAST)
@example(-1)
@example(0)
def test_instants_are_rfc_3339_with_microseconds(unix_us: int) -> None:
    """The single one and the column say the same, before 1970 and before the year 1000, too."""
    text = tables.instant_text(unix_us)
    (row,) = tables.as_text(pa.table({"t": pa.array([unix_us]).cast(INSTANT)})).to_pylist()

    assert INSTANT_TEXT.match(text)
    assert datetime.fromisoformat(text) == EPOCH + timedelta(microseconds=unix_us)
    assert row["t"] == text


def test_an_instant_beyond_the_calendar_is_shown_all_the_same() -> None:
    """A table with a time gone wrong can be looked at."""
    assert tables.instant_text(2**60) == "38504-08-17T21:30:06.846976Z"


# Conversion -------------------------------------------------------------------------------------------


def test_polars_and_pandas_get_the_same_rows() -> None:
    """Texts as texts, instants with their zone, unknown as null."""
    table = of_rows(sample(), sample(icao24="400002", callsign=None, altitude_ft=35_000.0))
    polars, pandas = tables.to_polars(table), tables.to_pandas(table)

    assert isinstance(polars, pl.DataFrame)
    assert isinstance(pandas, pd.DataFrame)
    assert polars.to_dicts() == table.to_pylist()
    assert polars.schema["t"] == pl.Datetime("us", "UTC")
    assert [str(t) for t in pandas["t"]] == ["2018-08-01 05:27:30.000001+00:00"] * 2
    assert list(pandas["callsign"].isna()) == [False, True]


def test_pandas_is_asked_for_where_it_is_missing() -> None:
    """With what to install."""
    code = (
        "import sys\n"
        "class NoPandas:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'pandas': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, NoPandas())\n"
        "import pyarrow as pa\n"
        "from wideberth import errors, tables\n"
        "try: tables.to_pandas(pa.table({'x': [1]}))\n"
        "except errors.MissingExtraError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == 'this needs pandas: pip install "wideberth[pandas]"\n'


# Files ------------------------------------------------------------------------------------------------


def test_parquet_keeps_types_units_and_meanings(tmp_path: Path) -> None:
    """The table comes back equal, its metadata too."""
    table = of_rows(sample(), sample(callsign=None))

    tables.write(table, tmp_path / "x.PARQUET")

    back = pq.read_table(tmp_path / "x.PARQUET")
    assert back.equals(table)
    assert back.schema.equals(table.schema, check_metadata=True)


def test_csv_is_plain_text(tmp_path: Path) -> None:
    """Instants as RFC 3339, unknown as nothing, and whatever stands in a text in quotes."""
    table = of_rows(sample(callsign='A,"B"\nC'), sample(callsign=None, altitude_ft=1.5, on_ground=True))

    tables.write(table, str(tmp_path / "x.csv"))

    with (tmp_path / "x.csv").open(newline="") as source:
        header, first, second = csv.reader(source)
    assert header == table.column_names
    assert first == ["400001", "2018-08-01T05:27:30.000001Z", "47", "8", "", "false", 'A,"B"\nC']
    assert second[4:] == ["1.5", "true", ""]


@pytest.mark.parametrize(
    "table", [of_rows(sample()).slice(0, 0), of_rows(sample())], ids=["empty", "one row"]
)
@pytest.mark.parametrize("ending", tables.TABLE_ENDINGS)
def test_an_empty_table_is_written_with_its_columns(tmp_path: Path, table: pa.Table, ending: str) -> None:
    """No rows are a result as well."""
    tables.write(table, tmp_path / f"x{ending}")

    read = pq.read_table if ending == ".parquet" else pa.csv.read_csv
    assert read(tmp_path / f"x{ending}").column_names == table.column_names


@pytest.mark.parametrize("name", ["x", "x.txt", "x.geojson", ".parquet", "parquet"])
def test_another_ending_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    """The message lists the endings."""
    with pytest.raises(
        UsageError, match=re.escape(f"'{name}': cannot tell the format. End the name in .parquet, .csv")
    ):
        tables.write(of_rows(sample()), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


class Interrupted(BaseException):
    """As KeyboardInterrupt is none of the ordinary errors."""


@pytest.fixture(params=[None, b"old"], ids=["new", "over an old file"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file to be written, which may be there already."""
    path = tmp_path / "x.csv"
    if request.param is not None:
        path.write_bytes(request.param)
    return path


@pytest.mark.parametrize("error", [RuntimeError, OSError, Interrupted])
def test_an_interrupted_write_leaves_the_folder_as_it_was(target: Path, error: type[BaseException]) -> None:
    """Neither half a file nor a temporary one; an old file stays."""
    before = {path: path.read_bytes() for path in target.parent.iterdir()}

    def write() -> None:
        with tables.whole_file(target) as temporary:
            temporary.write_bytes(b"half")
            assert target.parent in temporary.parents
            raise error("in the middle")

    with pytest.raises((error, WriteError), match="in the middle"):
        write()

    assert {path: path.read_bytes() for path in target.parent.iterdir()} == before


def test_a_finished_write_replaces_the_file_at_once(target: Path) -> None:
    """Whoever has the old one open reads on in it."""
    with tables.whole_file(target) as temporary:
        temporary.write_bytes(b"new")
        reader = target.open("rb") if target.exists() else None

    assert list(target.parent.iterdir()) == [target]
    assert target.read_bytes() == b"new"
    if reader is not None:
        with reader:
            assert reader.read() == b"old"


@pytest.mark.parametrize("name", ["nowhere/x.csv", "file/x.csv", "folder.csv", "\0.csv", "x" * 300 + ".csv"])
def test_what_cannot_be_written_says_so(tmp_path: Path, name: str) -> None:
    """A folder that is missing or is none, a folder in the way, a name too long; nothing is left behind."""
    (tmp_path / "file").touch()
    (tmp_path / "folder.csv").mkdir()
    before = set(tmp_path.rglob("*"))

    with pytest.raises(WriteError, match=re.escape(f"cannot write {str(tmp_path / name)!r}: ")):
        tables.write(of_rows(sample()), tmp_path / name)

    assert set(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", ["pipe", "link to a pipe", "folder"])
def test_nothing_but_a_regular_file_is_replaced(tmp_path: Path, kind: str) -> None:
    """A pipe and a folder stay what they are, also behind a link; so does a device, which no test should risk."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    target = {
        "pipe": pipe,
        "link to a pipe": tmp_path / "link",
        "folder": tmp_path,
        "device": Path("/dev/null"),
    }[kind]
    if kind == "link to a pipe":
        target.symlink_to(pipe)
    before = sorted(path.name for path in tmp_path.iterdir())
    mode = target.stat().st_mode

    with pytest.raises(WriteError, match="not a regular file"), tables.whole_file(target):
        pass

    assert target.stat().st_mode == mode
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_the_root_is_not_the_name_of_a_file() -> None:
    """It has no name to write beside."""
    with pytest.raises(WriteError, match="not the name of a file"), tables.whole_file(Path("/")):
        pass


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    """The temporary name is no longer than the file's own may be."""
    path = tmp_path / ("é" * 125 + ".csv")

    tables.write(of_rows(sample()), path)

    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def umask() -> Iterator[int]:
    """A mask that is not the usual one."""
    before = os.umask(0o027)
    yield 0o027
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_has_the_permissions_that_files_have(tmp_path: Path, umask: int) -> None:
    """Those of any file that the user makes, not those of a temporary one."""
    tables.write(of_rows(sample()), tmp_path / "x.csv")

    assert mode(tmp_path / "x.csv") == 0o666 & ~umask


@pytest.mark.parametrize("bits", [0o600, 0o444, 0o666])
def test_a_file_that_is_replaced_leaves_its_permissions(tmp_path: Path, umask: int, bits: int) -> None:
    """What was private stays so, also while it is written."""
    path = tmp_path / "x.csv"
    path.touch()
    path.chmod(bits)

    with tables.whole_file(path) as temporary:
        assert mode(temporary) == 0o600
        temporary.write_bytes(b"new")

    assert (mode(path), path.read_bytes()) == (bits, b"new")


def test_a_link_is_followed(tmp_path: Path) -> None:
    """The file it leads to is replaced; the link stays one."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "x.csv").symlink_to(tmp_path / "folder" / "real.csv")

    tables.write(of_rows(sample()), tmp_path / "x.csv")

    assert (tmp_path / "x.csv").is_symlink()
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["real.csv"]


# Several files together --------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes | None]:
    return {path.name: path.read_bytes() if path.is_file() else None for path in folder.iterdir()}


def write_together(folder: Path, *, fails_in: str = "") -> None:
    """Write three files, of which one may fail as on a full disk."""
    with tables.Together() as together:
        together.folder(folder)
        for name in ("a.csv", "b.csv", "c.csv"):
            with together.file(folder / name) as temporary:
                temporary.write_bytes(b"new")
                if name == fails_in:
                    raise OSError(28, "No space left on device")


def test_files_are_written_together(tmp_path: Path) -> None:
    """New ones, and over old ones, with nothing left beside them."""
    (tmp_path / "b.csv").write_bytes(b"old")

    write_together(tmp_path)

    assert contents(tmp_path) == {"a.csv": b"new", "b.csv": b"new", "c.csv": b"new"}


@pytest.mark.parametrize("name", ["a.csv", "b.csv", "c.csv"])
def test_where_one_file_cannot_be_written_none_is(tmp_path: Path, name: str) -> None:
    """Old ones stay, and so does what stands in the way; a folder that was made for them is removed again."""
    old = tmp_path / "old"
    old.mkdir()
    (old / "b.csv").write_bytes(b"old")
    before = contents(old)

    for folder in (old, tmp_path / "new" / "newer"):
        with pytest.raises(WriteError, match=rf"{name}': No space left on device\. Nothing was written\.$"):
            write_together(folder, fails_in=name)
    (old / name).unlink(missing_ok=True)
    (old / name).mkdir()
    with pytest.raises(WriteError, match=rf"{name}': it is not a regular file\. Nothing was written\.$"):
        write_together(old)

    assert contents(old) == {**before, name: None}
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.parametrize("can_link", [True, False], ids=["with links", "a file system without links"])
@pytest.mark.parametrize("error", [OSError(1, "Operation not permitted"), Interrupted("now")])
def test_a_rename_that_fails_takes_back_those_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, can_link: bool
) -> None:
    """As of a file that only its owner may replace, or where somebody interrupts it."""
    (tmp_path / "a.csv").write_bytes(b"old")
    (tmp_path / "c.csv").write_bytes(b"old")
    before = contents(tmp_path)
    rename = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target.name == "c.csv" and self.suffix == ".part":
            raise error
        return rename(self, target)

    def no_link(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "replace", replace)
    if not can_link:
        monkeypatch.setattr(os, "link", no_link)
    with pytest.raises((WriteError, Interrupted), match=r"c\.csv': .* Nothing was written\.$|now"):
        write_together(tmp_path)

    assert contents(tmp_path) == before


# In a notebook ----------------------------------------------------------------------------------------


def test_html_escapes_whatever_stands_in_the_data() -> None:
    """In cells, in names of columns, in the caption."""
    evil = "<script>alert('x')</script>&\""
    shown = tables.html(pa.table({evil: [evil], "n": [1.23456789]}), f"<Tracks: {evil}>")

    assert "<script" not in shown
    assert shown.count("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;&quot;") == 3
    assert ">1.23457</td>" in shown


def test_html_shows_the_first_rows_and_says_how_many_more_there_are() -> None:
    """Unknown is an empty cell, an instant a text."""
    rows = [sample(callsign=f"CALL{i:02}") for i in range(25)]
    shown = tables.html(of_rows(*rows), "<Tracks: 25>")

    assert shown.count("<tr>") == 1 + tables.ROWS_SHOWN
    assert "CALL19" in shown
    assert "CALL20" not in shown
    assert "<p>… and 5 more rows</p>" in shown
    assert "></td>" in shown
    assert ">2018-08-01T05:27:30.000001Z</td>" in shown
    assert "more rows" not in tables.html(of_rows(sample()), "x")


def test_html_shows_the_columns_that_are_asked_for_and_says_how_many_more_there_are() -> None:
    """In the order in which they are named."""
    shown = tables.html(pa.table({"a": [1], "b": ["x"], "c": [2.5]}), "x", ("c", "a"))

    assert 0 < shown.index(">c</th>") < shown.index(">a</th>")
    assert ">b</th>" not in shown
    assert "<p>… and 1 more columns</p>" in shown
