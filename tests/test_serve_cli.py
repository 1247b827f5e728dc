"""``wideberth serve`` as a user runs it: what it prints, how it ends, and what is in the archive then."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from receiver_files import NOON
from senders import Tcp, rows_of_file, run
from test_serve_replay import recording
from wideberth import judge, read
from wideberth.agreement.load import Agreement

if TYPE_CHECKING:
    from collections.abc import Callable

EVERYONE = Path(__file__).parents[1] / "examples" / "everyone.yaml"
LONG_S = 240.0  # a process that starts on a busy machine; nothing waits so long where the code is right


async def served(
    *arguments: str, until: Callable[[str], bool] | None = None, by: int = signal.SIGINT
) -> tuple[int, str, str]:
    """Run the command; once it has printed a line of which something is so, send a signal; return status, out, err."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wideberth", "serve", "--agreement", str(EVERYONE), *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(LONG_S):
            if until is not None:
                while line := (await process.stdout.readline()).decode():
                    said += line
                    if until(line):
                        process.send_signal(by)
                        break
            out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, said + out.decode(), errors.decode()


def test_a_recording_is_replayed_to_its_end_and_judged_from_the_archive_as_from_its_file(
    shared_data: Path, tmp_path: Path
) -> None:
    """Status 0; alerts are told, and the record and the archive give the incidents that the recording gives."""
    path = tmp_path / "morning.jsonl"
    with (shared_data / "blackrock-2023-08-29.jsonl").open() as recorded:
        path.write_text("".join(itertools.islice(recorded, 300)))
    status, out, errors = run(
        lambda: served("--feed", f"replay:{path}@max", "--archive", str(tmp_path / "archive"))
    )

    agreement = Agreement.load(EVERYONE)
    filed = judge(read(str(path)), agreement)
    archived = judge(read(str(tmp_path / "archive" / "*.parquet")), agreement)
    assert len(filed) > 0
    assert archived.table.equals(filed.table)
    lines = out.splitlines()
    assert (status, errors) == (0, "")
    assert lines[0].startswith("listening to one feed: replay:morning.jsonl; by 'Everyone")
    count = "one incident" if len(filed) == 1 else f"{len(filed)} incidents"
    assert lines[-1] == f"all feeds have ended; 300 rows were heard, {count} recorded"
    told = sorted(line.partition("    incident: ")[2] for line in lines if "    incident: " in line)
    assert told == sorted(filed.table["sentence"].to_pylist())
    assert any("! alert" in line and "began" in line and "rule apart" in line for line in lines)


@pytest.mark.parametrize(("by", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_with_nothing_half_written(tmp_path: Path, by: int, status: int) -> None:
    """What was heard so far is in the archive, in whole files."""
    path = recording(tmp_path / "file.jsonl", [float(k) for k in range(2000)])
    archive = tmp_path / "archive"

    got, _, errors = run(
        lambda: served(
            *("--feed", f"replay:{path}@20x", "--archive", str(archive)),
            until=lambda line: "aircraft" in line,
            by=by,
        )
    )

    assert got == status
    assert errors.strip().endswith("no file was left half written.")
    assert [each.name for each in archive.iterdir() if each.suffix == ".part"] == []
    rows = rows_of_file(archive / "*.parquet")
    assert 20 <= rows.height < 2000
    assert rows["source_row"].to_list() == list(range(rows.height))


@pytest.mark.parametrize(("speed", "status"), [("max", 1), ("20x", 130)])
def test_rows_that_cannot_be_written_at_the_end_are_told(tmp_path: Path, speed: str, status: int) -> None:
    """A folder that goes away: it is said while it lasts, and how many rows are lost when the server ends."""
    path = recording(tmp_path / "file.jsonl", [float(k) for k in range(4000)])
    archive = tmp_path / "archive"

    def gone(line: str) -> bool:
        if archive.exists():
            shutil.rmtree(archive)
        return speed == "20x" and "! archive" in line

    got, out, errors = run(
        lambda: served("--feed", f"replay:{path}@{speed}", "--archive", str(archive), until=gone)
    )

    assert got == status
    assert "No such file or directory" in errors
    assert "rows are lost" in errors
    assert "all feeds have ended" not in out


def test_json_lines_tell_the_same(tmp_path: Path) -> None:
    """Each line is an object; the last but one has the health of each feed."""
    path = recording(tmp_path / "file.jsonl", [0.0, 1.0, 2.0])
    status, out, _ = run(lambda: served("--feed", f"replay:{path}@max#name=day", "--json"))

    told = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert told[0] == {"begins": ["day"], "agreement": "Everyone, 5 NM and 1000 ft"}
    assert told[-1] == {"ended": True, "rows": 3, "incidents": 0}
    (feed,) = told[-2]["feeds"]
    assert (feed["name"], feed["state"], feed["rows"]) == ("day", "ended", 3)


def test_a_feed_that_stops_is_said(tmp_path: Path) -> None:
    """Two receivers, one of them dead: its line begins with a mark; the other's aircraft are counted."""
    lines = [
        json.dumps({"now": NOON.timestamp(), "hex": "4b1234", "lat": 47, "lon": 8, "alt_baro": 1000}).encode()
        + b"\n"
    ]

    async def live() -> tuple[int, str, str]:
        async with Tcp([*lines * 3, None]).running() as server:
            return await served(
                *(
                    "--feed",
                    f"readsb://127.0.0.1:{server.port}#name=roof",
                    "--feed",
                    "sbs://127.0.0.1:1#name=cellar",
                ),
                until=lambda line: "! cellar" in line,
            )

    status, out, _ = run(live)

    assert status == 130
    assert "! cellar: no connection: nobody listens there (connection refused)" in out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--feed", "localhost:30003"], "no such kind of feed"),
        (["--feed", "replay:/nowhere.csv"], "no such file"),
        (["--feed", "sbs://host", "--archive-size", "1GB"], "--archive FOLDER"),
        (["--feed", "sbs://host", "--window", "5"], "needs its unit"),
        (["--feed", "http://u:hunter2@host:x/"], "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(arguments: list[str], part: str) -> None:
    """In a sentence, with a status, and without a secret."""
    status, out, errors = run(lambda: served(*arguments))

    assert status in (1, 2)
    assert out == ""
    assert part in errors
    assert "Traceback" not in errors
    assert "hunter2" not in errors
