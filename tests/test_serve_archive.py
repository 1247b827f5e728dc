"""The archive: what was flushed is there whatever happens, by the hour, within bounds, and reads as it was heard."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from senders import rows_of_file, same_values
from wideberth import read
from wideberth.errors import UsageError, WriteError
from wideberth.read.batch import Batch
from wideberth.serve import archive as archives
from wideberth.serve.archive import Archive
from wideberth.serve.arrivals import Arrival, arrival

SECOND_US = 1_000_000
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_US = int(NOON.timestamp()) * SECOND_US


def came(seconds: float, rows: int = 3, feed: str = "roof", first: int = 0) -> Arrival:
    """Return rows that were received so many seconds after noon."""
    frame = pl.DataFrame(
        {
            "icao24": [f"4b{k:04x}" for k in range(rows)],
            "t": [NOON + timedelta(seconds=seconds - 0.5)] * rows,
            "lat_deg": [47.0 + seconds / 1e4] * rows,
            "lon_deg": [8.0 + k / 100 for k in range(rows)],
            "altitude_ft": [10_000.0] * rows,
            "callsign": ["SWR12", None, "Zoë"][:rows] + [None] * max(rows - 3, 0),
            "nic": [8] * rows,
        },
        schema_overrides={"t": pl.Datetime("us", "UTC")},
    )
    return arrival(feed, NOON_US + round(seconds * SECOND_US), Batch(frame, "x"), first)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.parquet"))


def hours(folder: Path) -> list[str]:
    return [name[:13] for name in names(folder)]


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith(".part")]


def test_what_was_heard_is_read_again(tmp_path: Path) -> None:
    """All columns, texts and unknowns, with which row of which feed each was; judge and screen read it as it lies."""
    archive = Archive(tmp_path / "a")
    heard = [came(0), came(1, feed="cellar"), came(2, first=3)]
    for each in heard:
        archive.add(each)
    archive.close()

    found = rows_of_file(tmp_path / "a" / "*.parquet")
    expected = pl.concat([each.rows for each in heard])
    assert same_values(found, expected)
    assert found["source_file"].cast(pl.String).to_list() == expected["source_file"].to_list()
    assert found["source_row"].to_list() == expected["source_row"].to_list()
    tracks = read(str(tmp_path / "a" / "*.parquet"))
    assert tracks.cleaning.rows_kept == 9
    assert not tracks.cleaning.rejected


def test_hours_that_are_over_are_joined(tmp_path: Path) -> None:
    """One file an hour, in the order in which rows came; the present hour stays in pieces."""
    archive = Archive(tmp_path)
    seconds = [0.0, 10.0, 3590.0, 3610.0, 3620.0]
    for n, each in enumerate(seconds):
        archive.add(came(each, first=3 * n))
        archive.flush()

    assert hours(tmp_path) == ["2024-05-01T12", "2024-05-01T13", "2024-05-01T13"]
    assert names(tmp_path)[0] == "2024-05-01T12.parquet"
    assert rows_of_file(tmp_path / "2024-05-01T12.parquet")["source_row"].to_list() == list(range(9))
    assert rows_of_file(tmp_path / "*.parquet").height == 15
    assert archive.state.written == 15
    archive.close()


def test_an_hour_that_goes_on_after_it_was_joined_is_joined_again(tmp_path: Path) -> None:
    """As where the clock was set back, or the server was restarted: nothing that was there is lost."""
    archive = Archive(tmp_path)
    for each in (10.0, 3700.0, 20.0, 7300.0):
        archive.add(came(each))
        archive.flush()
    archive.close()

    assert names(tmp_path)[:2] == ["2024-05-01T12.parquet", "2024-05-01T13.parquet"]
    assert rows_of_file(tmp_path / "2024-05-01T12.parquet").height == 6


def test_a_crash_between_joining_and_tidying_up_doubles_nothing(tmp_path: Path) -> None:
    """Pieces that a joined file holds already are taken away at the next start, and no other."""
    archive = Archive(tmp_path)
    archive.add(came(0.0))
    archive.flush()
    (piece,) = tmp_path.glob("*.parquet")
    content = piece.read_bytes()
    archive.add(came(3700.0))
    archive.flush()
    archive.close()
    piece.write_bytes(content)  # as if the crash had come before it was removed
    (tmp_path / ".2024-05-01T12.parquet.part").write_bytes(b"half")
    (tmp_path / "mine.parquet.part").write_bytes(b"not ours")

    Archive(tmp_path).close()

    assert rows_of_file(tmp_path / "*.parquet").height == 6
    assert not piece.exists()
    assert leftovers(tmp_path) == ["mine.parquet.part"]


def test_counting_goes_on_after_a_restart(tmp_path: Path) -> None:
    """What the next row of each feed is stands in the newest file, so that no two rows have one number."""
    archive = Archive(tmp_path)
    archive.add(came(0.0, first=40))
    archive.add(came(1.0, feed="cellar"))
    archive.flush()
    archive.add(came(3700.0, first=43))
    archive.close()

    again = Archive(tmp_path)
    assert again.next_rows == {"roof": 46, "cellar": 3}
    again.close()


WRITER = """
import sys
sys.path[:0] = {path!r}
from pathlib import Path
from test_serve_archive import came
from wideberth.serve.archive import Archive
archive = Archive(Path({folder!r}))
for k in range(100_000):
    archive.add(came(30.0 * k, 200, first=200 * k))
    archive.flush()
    print(archive.state.written, flush=True)
"""


def test_kill_9_leaves_all_that_was_flushed(tmp_path: Path) -> None:
    """A process that is killed while it writes and joins leaves whole files, with every row it said was written."""
    for after in (40, 131):  # in the first hour; in the second, third or so
        folder = tmp_path / str(after)
        code = WRITER.format(path=[*sys.path, str(Path(__file__).parent)], folder=str(folder))
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            said = 0
            for n, line in enumerate(writer.stdout):
                said = int(line)
                if n >= after:
                    break
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        Archive(folder).close()

        found = rows_of_file(folder / "*.parquet")
        assert found["source_row"].to_list()[:said] == list(range(said))
        assert found["source_row"].n_unique() == found.height
        assert not leftovers(folder)


HALF_WAY = """
import time
import wideberth.serve.archive as archives
class Half:
    def __init__(self, path, mode):
        self.file = open(path, mode)
    def __enter__(self):
        return self
    def __exit__(self, *_):
        self.file.close()
    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        print("half", flush=True)
        time.sleep(600)
"""


def test_kill_9_in_the_middle_of_a_write_leaves_what_was_before(tmp_path: Path) -> None:
    """A file that is half written does not have the name of one, and is gone after the next start."""
    code = WRITER.format(path=[*sys.path, str(Path(__file__).parent)], folder=str(tmp_path / "a"))
    code = HALF_WAY + code.replace(
        "    archive.flush()", "    archives.open = open if k < 3 else Half\n    archive.flush()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [line.strip() for line in iter(writer.stdout.readline, "half\n")]
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert said == ["200", "400", "600"]
    assert rows_of_file(tmp_path / "a" / "*.parquet").height == 600
    assert len(leftovers(tmp_path / "a")) == 1
    Archive(tmp_path / "a").close()

    assert rows_of_file(tmp_path / "a" / "*.parquet").height == 600
    assert not leftovers(tmp_path / "a")


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """Rows wait in memory, it is said why, and they are written when there is room; no half file stays."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        (disk / "ballast").write_bytes(os.urandom(220_000))
        archive = Archive(disk / "a")
        sent = 0
        for k in range(40):
            archive.add(came(float(k), 400, first=sent))
            sent += 400
            archive.flush()
        assert "No space left" in archive.state.trouble
        assert archive.state.held > 0
        assert archive.state.held + archive.state.written == sent
        assert not leftovers(disk / "a")
        (disk / "ballast").unlink()
        archive.flush()
        assert (archive.state.trouble, archive.state.held, archive.state.lost) == ("", 0, 0)
        assert rows_of_file(disk / "a" / "*.parquet")["source_row"].to_list() == list(range(sent))
        archive.close()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_file_that_may_not_grow_loses_nothing(tmp_path: Path) -> None:
    """The same where a limit of the system stops a file half way."""
    archive = Archive(tmp_path)
    archive.add(came(0.0, 2000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        archive.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "File too large" in archive.state.trouble
    assert archive.state.held == 2000
    assert os.listdir(tmp_path) == [archives.LOCK]
    archive.close()

    assert rows_of_file(tmp_path / "*.parquet").height == 2000


def test_what_cannot_be_written_for_long_is_lost_from_its_beginning_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded: the oldest rows go, and how many is known."""
    monkeypatch.setattr(archives, "MOST_HELD", 10)
    archive = Archive(tmp_path)
    for k in range(6):
        archive.add(came(float(k), first=3 * k))
    assert (archive.state.held, archive.state.lost) == (9, 9)
    archive.close()

    assert rows_of_file(tmp_path / "*.parquet")["source_row"].to_list() == list(range(9, 18))


def test_the_size_is_bounded(tmp_path: Path) -> None:
    """The oldest files go first, and the newest stays in any case."""
    archive = Archive(tmp_path, most_bytes=30_000)
    for k in range(20):
        archive.add(came(3600.0 * k, 500))
        archive.flush()

    assert archive.state.size <= 30_000
    assert archive.state.size == sum(path.stat().st_size for path in tmp_path.glob("*.parquet"))
    assert archive.state.removed > 0
    assert hours(tmp_path)[-1] == "2024-05-02T07"
    archive.close()


def test_the_age_is_bounded(tmp_path: Path) -> None:
    """Hours that are older than asked go."""
    archive = Archive(tmp_path, oldest_s=2 * 3600.0)
    for k in range(6):
        archive.add(came(3600.0 * k))
        archive.flush()

    assert hours(tmp_path) == ["2024-05-01T15", "2024-05-01T16", "2024-05-01T17"]
    archive.close()


def test_what_else_lies_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    """Only files with the archive's own names are joined or removed."""
    (tmp_path / "2024-05-01.parquet").write_bytes(b"mine")
    (tmp_path / "notes.txt").write_text("mine")
    archive = Archive(tmp_path, most_bytes=1, oldest_s=1.0)
    for k in range(3):
        archive.add(came(3600.0 * k))
        archive.flush()
    archive.close()

    assert (tmp_path / "2024-05-01.parquet").read_bytes() == b"mine"
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_one_server_writes_to_a_folder(tmp_path: Path) -> None:
    """A second one is refused, until the first has gone."""
    first = Archive(tmp_path)
    code = textwrap.dedent(f"""
        from pathlib import Path
        from wideberth.errors import UsageError
        from wideberth.serve.archive import Archive
        try:
            Archive(Path({str(tmp_path)!r}))
        except UsageError as error:
            print(error)
        """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "another server writes" in done.stdout
    first.close()
    Archive(tmp_path).close()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """Said at the start, before anything is heard."""
    (tmp_path / "file").write_text("")
    with pytest.raises((WriteError, UsageError), match="file"):
        Archive(tmp_path / "file" / "archive")
