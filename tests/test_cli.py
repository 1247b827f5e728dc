"""The command line as a user meets it: real processes, real files, exit statuses, nothing half written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from wideberth import simulate

WIDEBERTH = Path(sys.executable).parent / "wideberth"


def run(
    *arguments: object, folder: Path | None = None, stdin: bytes | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command and return what it printed; a traceback shown to a user fails."""
    done = subprocess.run(
        [WIDEBERTH, *map(str, arguments)], cwd=folder, input=stdin, capture_output=True, check=False
    )
    result = subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
    assert "Traceback" not in result.stderr
    return result


@pytest.fixture(scope="module")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two aircraft that cross 120 m apart."""
    path = tmp_path_factory.mktemp("cli") / "crossing.parquet"
    table = simulate.crossing()
    pl.DataFrame(table).write_parquet(path)
    return path


def test_help_names_every_command() -> None:
    """``wideberth --help`` and no arguments at all explain what there is."""
    shown = run("--help")

    assert shown.returncode == 0
    for command in (
        "demo",
        "info",
        "judge",
        "explain",
        "guide",
        "agreement",
        "ledger",
        "minima",
        "scenes",
        "screen",
    ):
        assert command in shown.stdout


def test_screen_prints_what_it_found(crossing: Path) -> None:
    """The one encounter stands in the table, with its distance."""
    shown = run("screen", crossing, "--horizontal", "500m", "--vertical", "100ft")

    assert shown.returncode == 0
    assert "1 encounters within" in shown.stdout or "1 encounter within" in shown.stdout
    assert "120 m" in shown.stdout


@pytest.mark.parametrize("ending", ["parquet", "csv", "geojson"])
def test_screen_writes_each_format(crossing: Path, tmp_path: Path, ending: str) -> None:
    """The file holds the encounter; no temporary file is left."""
    target = tmp_path / f"found.{ending}"
    shown = run("screen", crossing, "--horizontal", "500m", "--vertical", "100ft", "-o", target)

    assert shown.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    if ending == "geojson":
        assert json.loads(target.read_text())["features"][0]["properties"]["hmd_m"] == pytest.approx(
            120.0, abs=1e-3
        )
    else:
        table = pl.read_parquet(target) if ending == "parquet" else pl.read_csv(target)
        assert table["hmd_m"].to_list() == pytest.approx([120.0], abs=1e-3)
        if ending == "csv":
            assert len(table["t_cpa"][0]) == len("2018-08-01T00:00:00.000000Z")


def test_json_is_json(crossing: Path) -> None:
    """``--json`` prints one JSON object and nothing else."""
    shown = json.loads(
        run("screen", crossing, "--json", "--horizontal", "500m", "--vertical", "100ft").stdout
    )

    assert len(shown["encounters"]) == 1
    assert shown["cleaning"]["rows_read"] > 0


def test_quiet_prints_nothing(crossing: Path) -> None:
    """``--quiet`` leaves standard output empty."""
    assert run("screen", crossing, "--quiet").stdout == ""


def test_info_counts_the_rows(crossing: Path) -> None:
    """``info`` names the format, the aircraft and what was kept."""
    shown = run("info", crossing)

    assert shown.returncode == 0
    assert "2 aircraft" in shown.stdout
    assert "kept" in shown.stdout


def test_info_as_json_holds_the_counts(crossing: Path) -> None:
    """``info --json`` gives what cleaning did as data, not as text."""
    (entry,) = json.loads(run("info", crossing, "--json").stdout)["files"]

    assert entry["cleaning"]["rows_read"] == entry["cleaning"]["rows_kept"] > 0


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["screen", "no-such-file.csv"], 1, "no-such-file.csv"),
        (["screen", "{crossing}", "--minima", "nonsense"], 2, "icao-enroute"),
        (["screen", "{crossing}", "--horizontal", "5"], 2, "unit"),
        (["screen", "{crossing}", "--horizontal", "5NM"], 2, "both"),
        (["screen", "{crossing}", "--horizontal", "-5NM", "--vertical", "1000ft"], 2, "greater than 0"),
        (["screen", "{crossing}", "-o", "out.xlsx"], 2, ".parquet"),
        (["screen", "{crossing}", "-o", "no/such/folder/out.csv"], 2, "folder"),
        (["screen", "{crossing}", "--altitude", "18000ft"], 2, "FL100..FL200"),
        (["screen", "{crossing}", "--since", "yesterday"], 2, "2018-08-01"),
        (["screen", "{crossing}", "--area", "5,6,7"], 2, "west,south,east,north"),
        (["screen", "{crossing}", "--format", "nonsense"], 2, "gpx"),
        (["screen", "{crossing}", "--no-such-option"], 2, "No such option"),
        (
            ["screen", "{crossing}", "--limit", "-1"],
            2,
            "wideberth: --limit -1: that is not a whole number from 0 on.",
        ),
        (
            ["judge", "{crossing}", "-a", "a.yaml", "-n", "x"],
            2,
            "wideberth: --limit x: that is not a whole number",
        ),
        (["ledger", "list", "-n", "1.5"], 2, "wideberth: --limit 1.5: that is not a whole number from 0 on."),
        (
            ["scenes", "--bystanders", "2000"],
            2,
            "wideberth: --bystanders 2000: that is not a whole number from 0 to 1,024",
        ),
        (["info"], 2, "at least one file"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_wrong_use_says_what_would_be_right(
    crossing: Path, tmp_path: Path, arguments: list[str], status: int, says: str
) -> None:
    """The message names what is wrong or what would be right; nothing is written."""
    shown = run(*(argument.format(crossing=crossing) for argument in arguments), folder=tmp_path)

    assert shown.returncode == status
    assert says in shown.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "empty"),
        ("page.html", b"<!doctype html><html><body>404</body></html>", "HTML"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        ("report.pdf", b"%PDF-1.7\n" + bytes(100), "PDF"),
        ("noise.bin", bytes(range(256)) * 20, "format"),
        ("people.csv", b"name,age\nAnn,31\nBob,44\n", "column"),
    ],
)
def test_a_wrong_file_is_refused_in_words(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    """What was found and what to try; exit status 1."""
    path = tmp_path / name
    path.write_bytes(content)
    for command in ("screen", "info"):
        shown = run(command, path)

        assert shown.returncode == 1
        assert says in shown.stderr


def test_standard_input_is_read(crossing: Path) -> None:
    """``-`` reads the file from a pipe."""
    shown = run("screen", "-", "--horizontal", "500m", "--vertical", "100ft", stdin=crossing.read_bytes())

    assert shown.returncode == 0
    assert "120 m" in shown.stdout


def test_an_unwritable_folder_leaves_an_old_result_alone(crossing: Path, tmp_path: Path) -> None:
    """A result that cannot be replaced stays as it was."""
    target = tmp_path / "found.csv"
    target.mkdir()  # a folder cannot be replaced by a file, whoever runs this
    shown = run("screen", crossing, "-o", target)

    assert shown.returncode == 1
    assert "Nothing was written" in shown.stderr
    assert target.is_dir()
    assert list(tmp_path.iterdir()) == [target]


def test_an_interrupt_ends_quietly(tmp_path: Path) -> None:
    """Ctrl-C while waiting for standard input: status 130, one line, nothing written."""
    running = subprocess.Popen(
        [WIDEBERTH, "screen", "-", "-o", "found.csv"],
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ),
    )  # fmt: skip
    time.sleep(3.0)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)

    assert running.returncode == 130
    assert b"interrupted" in errors
    assert b"Traceback" not in errors
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("sys.meta_path.insert(0, Interrupts())", 130),  # while it starts
        ("app.app = interrupt", 130),  # where Typer does not catch it
        ("atexit.register(interrupt)", 0),  # while Python shuts down: the work was done
        (
            "app.app = lambda: threading.Thread(target=interrupt_soon).start()",
            0,
        ),  # while it waits for a thread
    ],
    ids=["while it starts", "beside Typer", "as it leaves", "as it waits for a thread"],
)
def test_an_interrupt_at_any_time_ends_quietly(what: str, status: int) -> None:
    """Not by the signal itself (-2), nor with a traceback, early or late."""
    code = f"""
import atexit, os, signal, sys, threading, time
from wideberth.cli import main
if "app.app" in {what!r}: from wideberth.cli import app
def interrupt(*_): os.kill(os.getpid(), signal.SIGINT); time.sleep(0.2)
def interrupt_soon(): time.sleep(0.5); interrupt()
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == "wideberth.cli.app": interrupt()
sys.argv = ["wideberth", "minima"]
{what}
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert ("interrupted" in done.stderr) == (status == 130)


def test_a_termination_leaves_no_temporary_folder_behind(tmp_path: Path) -> None:
    """SIGTERM while screening in pieces: status 143, one line, nothing in the temporary folder, nothing written."""
    scratch, tracks = tmp_path / "scratch", tmp_path / "tracks.parquet"
    scratch.mkdir()
    simulate.scenes.demo(number=1000).tracks.write_parquet(tracks)
    running = subprocess.Popen(
        [WIDEBERTH, "screen", tracks, "-o", "found.csv", "--memory", "100kB"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": str(scratch)},
    )  # fmt: skip
    patience = time.monotonic() + 120.0
    while not list(scratch.glob("wideberth-*/*")):
        assert running.poll() is None
        assert time.monotonic() < patience
        time.sleep(0.005)
    running.send_signal(signal.SIGTERM)
    _, errors = running.communicate(timeout=60)

    assert running.returncode == 143
    assert errors.decode().splitlines()[-1] == "wideberth: terminated; no file was left half written."
    assert b"Traceback" not in errors
    assert sorted(tmp_path.iterdir()) == [scratch, tracks]
    assert list(scratch.iterdir()) == []


def test_minima_come_with_their_sources() -> None:
    """Each preset is listed with its figures and its source."""
    shown = run("minima")

    for word in (
        "icao-enroute",
        "5 NM",
        "ntsb-dca-close",
        "1,500 ft",
        "airborne-hotspots",
        "below 18,000 ft",
        "source",
    ):
        assert word in shown.stdout


def test_a_hint_of_the_work_going_on_never_reaches_standard_output(crossing: Path) -> None:
    """Progress and notices go to standard error."""
    shown = run("screen", crossing, "--json")

    json.loads(shown.stdout)
