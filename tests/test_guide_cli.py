"""``wideberth guide`` and ``--guide`` as a user meets them: real processes and real files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from tests.tables_by_hand import flight, frame

from wideberth import cli
from wideberth.columns import GUIDANCE_COLUMNS, check
from wideberth.guide import daa

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDEBERTH = Path(sys.executable).parent / "wideberth"
KT, M_PER_DEG = 1852.0 / 3600.0, 1852.0 * 60.0
AGREEMENT = """
wideberth: 1
name: test
rules:
  - {id: apart, between: all, keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}}
"""
CONFIG = """
guidance: 1
name: ours
base: do365b
turn_rate: 1.5 deg/s
"""


def run(*arguments: object, status: int = 0) -> str:
    """Run the command; return standard output, or standard error where it must fail."""
    done = subprocess.run([WIDEBERTH, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if status == 0 else done.stderr


def head_on(until_s: float = 420.0) -> Iterable[dict[str, Any]]:
    """Yield the reports of two aircraft that meet 300 s into the day, at the same level."""
    for address, callsign, sign in (("4b0001", "SWR12", 1.0), ("4b0002", "EZY45", -1.0)):
        for s in np.arange(0.0, until_s + 0.1, 5.0):
            lat = 47.0 + sign * (s - 300.0) * 300.0 * KT / M_PER_DEG
            told = {"callsign": callsign, "groundspeed_kt": 300.0, "track_deg": 0.0 if sign > 0 else 180.0}
            yield from flight(address, [(float(s), lat, 8.0, 10_000.0)], vertical_rate_fpm=0.0, **told)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a recording, screened and judged with guidance."""
    path = tmp_path_factory.mktemp("guide")
    frame(list(head_on())).write_parquet(path / "day.parquet")
    (path / "agreement.yaml").write_text(AGREEMENT)
    (path / "ours.yaml").write_text(CONFIG)
    day = path / "day.parquet"
    run("screen", day, "--minima", "icao-terminal", "-o", path / "encounters.parquet", "--guide", "-q")
    run(
        "judge",
        day,
        "-a",
        path / "agreement.yaml",
        "-o",
        path / "judged",
        "--guide",
        "--config",
        path / "ours.yaml",
        "-q",
    )
    return path


@pytest.fixture(scope="module")
def scene(folder: Path) -> Path:
    """Return a file of the states of that encounter."""
    path = folder / "scene.daa"
    run(
        "guide",
        encounter(folder),
        folder / "encounters.parquet",
        "-t",
        folder / "day.parquet",
        "--states",
        path,
    )
    return path


def encounter(folder: Path) -> str:
    """Return the id of the encounter."""
    return str(pq.read_table(folder / "encounters.parquet")["id"][0])


def test_an_encounter_is_told_second_by_second_to_both(folder: Path) -> None:
    """Both aircraft have a time line with alerts, bands and manoeuvres, and a sentence above it."""
    shown = run("guide", encounter(folder), folder / "encounters.parquet", "-t", folder / "day.parquet")

    assert "SWR12 (4b0001), guided by do365b" in shown
    assert "EZY45 (4b0002), guided by do365b" in shown
    assert shown.count("Enough to keep it: turn ") == 2
    assert shown.count("Alone would have done: a turn until 00:04:") == 2
    assert "states are taken as exact" in shown
    assert re.search(r"^ 00:0\d:\d\d +-\d+ s +[\d.]+ NM", shown, re.MULTILINE)
    for each in ("corrective", "warning", "RECOVERY", "turn right", "ft/min", "regains"):
        assert each in shown


def test_json_has_every_second_with_all_bands(folder: Path) -> None:
    """What is not finite is null; bands begin where the one before ends."""
    told = json.loads(
        run("guide", encounter(folder), folder / "encounters.parquet", "-t", folder / "day.parquet", "--json")
    )

    assert told["config"] == "do365b"
    one, other = told["ownships"]
    assert len(one["moments"]) == len(other["moments"]) == 151  # two minutes before, half a minute after
    for moment in one["moments"]:
        for bands in moment["bands"].values():
            edges = [edge for low, up, _ in bands["bands"] for edge in (low, up)]
            assert edges[1:-1:2] == edges[2:-1:2]
    alerts = [moment["alert"] for moment in one["moments"]]
    assert max(alerts) == 3
    first = one["moments"][next(k for k, alert in enumerate(alerts) if alert >= 2)]
    assert first["bands"]["hdir"]["manoeuvre"].startswith("turn ")
    assert first["intruders"][0]["name"] == "EZY45 (4b0002)"


def test_a_file_of_states_says_what_the_recording_says(folder: Path, scene: Path) -> None:
    """States that were written are guided to the same sentence, but for the clock."""
    by_file = json.loads(run("guide", scene, "--json"))["ownships"]
    by_tracks = json.loads(
        run("guide", encounter(folder), folder / "encounters.parquet", "-t", folder / "day.parquet", "--json")
    )["ownships"]

    for one, other in zip(by_file, by_tracks, strict=True):
        assert [moment["alert"] for moment in one["moments"]] == [
            moment["alert"] for moment in other["moments"]
        ]
        assert one["told"].split("Enough")[1].split(".")[0] == other["told"].split("Enough")[1].split(".")[0]


def test_the_picture_is_of_the_second_that_is_asked_for(folder: Path, scene: Path) -> None:
    """By default where the alert begins; by seconds, by a distance in time from the closest point, or by the clock."""
    picture = folder / "it.svg"
    where = (
        encounter(folder),
        folder / "encounters.parquet",
        "-t",
        folder / "day.parquet",
        "--picture",
        picture,
    )

    def title() -> str:
        root = ElementTree.parse(picture).getroot()
        return root.findtext("{http://www.w3.org/2000/svg}title") or ""

    run("guide", scene, "--picture", picture, "--at", "42")
    assert title() == "Guidance for SWR12_(4b0001), 42 s"
    run("guide", *where, "--at=-25s", "--ownship", "EZY45")
    assert title() == "Guidance for EZY45 (4b0002), 2018-08-01 00:04:35 UTC"
    run("guide", *where, "--at", "2018-08-01T00:04:00Z")
    assert title() == "Guidance for SWR12 (4b0001), 2018-08-01 00:04:00 UTC"
    run("guide", *where)
    assert "00:03:" in title()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("nothing.daa",), 1, "nothing.daa: cannot be read: No such file or directory."),
        (("4b0001",), 2, "'4b0001' is no file of states (.daa); of an id say where it is kept, and --tracks."),
        (("{id}", "{folder}/encounters.parquet"), 2, "give --tracks FILE"),
        (("zzzzzz", "{folder}/encounters.parquet", "-t", "{folder}/day.parquet"), 1, "has the id 'zzzzzz'"),
        (("{scene}", "-t", "{folder}/day.parquet"), 2, "needs no other file and no --tracks"),
        (("{scene}", "--config", "do365"), 2, "Did you mean 'do365b'?"),
        (("{scene}", "--config", "minima"), 2, "an encounter does not tell its minima"),
        (("{scene}", "--config", "{folder}/agreement.yaml"), 1, "agreement.yaml:2: 'wideberth' is not known here."),
        (("{scene}", "--ownship", "nobody"), 2, "there is no aircraft 'nobody'. There are: SWR12_(4b0001)"),
        (("{scene}", "--picture", "{folder}/it.png"), 2, "the name ends in .svg"),
        (("{scene}", "--at", "42"), 2, "give --picture FILE.svg, too"),
        (("{scene}", "--picture", "{folder}/it.svg", "--at", "2018-08-01T00:04:00Z"), 2, "these states have no date"),
        (("{scene}", "--picture", "{folder}/it.svg", "--at", "4200"), 2, "nothing is known then, only from 0 s to"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(
    folder: Path,
    scene: Path,
    arguments: tuple[str, ...],
    status: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Wrong usage and unreadable files say what is wrong and what would be right; in this process, they are many."""
    given = [each.format(id=encounter(folder), folder=folder, scene=scene) for each in arguments]
    monkeypatch.setattr(sys, "argv", ["wideberth", "guide", *given])

    assert cli._status() == status
    assert message in capsys.readouterr().err


def test_memory_keeps_an_alert_for_the_time_of_persistence(scene: Path) -> None:
    """As a display shows it: the alert rises a second later, by M of N, and stays where it would have gone."""
    plain = json.loads(run("guide", scene, "--json", "--ownship", "SWR12"))["ownships"][0]["moments"]
    held = json.loads(run("guide", scene, "--json", "--ownship", "SWR12", "--memory"))["ownships"][0][
        "moments"
    ]

    def last(moments: list[Any]) -> float:
        return max(moment["t_s"] for moment in moments if moment["alert"])

    assert last(plain) < last(held) <= last(plain) + 5.0


def test_ownships_of_many_aircraft_are_the_first(folder: Path, scene: Path) -> None:
    """Three aircraft are looked at from the first, unless others are named."""
    lines = scene.read_text().splitlines()
    third = [
        line.replace("EZY45_(4b0002)", "third").replace(", 8.0,", ", 8.2,") for line in lines if "EZY" in line
    ]
    path = folder / "three.daa"
    path.write_text("\n".join([*lines, *third]) + "\n")
    assert daa.read(path).names == ("SWR12_(4b0001)", "EZY45_(4b0002)", "third")

    told = json.loads(run("guide", path, "--json"))

    (only,) = told["ownships"]
    assert only["ownship"] == "SWR12_(4b0001)"
    assert [each["name"] for each in only["moments"][0]["intruders"]] == ["EZY45_(4b0002)", "third"]


def test_screen_writes_guidance_beside_the_encounters(folder: Path) -> None:
    """Two rows per encounter, columns as described; the summary counts encounters, not rows."""
    table = pq.read_table(folder / "guidance.parquet")
    check(table, GUIDANCE_COLUMNS, "guidance")

    assert table["id"].to_pylist() == [encounter(folder)] * 2
    assert table["ownship"].to_pylist() == ["4b0001", "4b0002"]
    shown = run(
        "screen", folder / "day.parquet", "--minima", "icao-terminal", "-o", folder / "again.csv", "--guide"
    )
    assert (
        "Guidance by do365b: of 1, 1 called for a manoeuvre, 1 lost well clear, 1 of those with a "
        "manoeuvre that "
        "would have kept it when the alert began." in shown
    )
    assert f"written: {folder / 'guidance.parquet'}" in shown


def test_screen_prints_guidance_as_json(folder: Path, tmp_path: Path) -> None:
    """--json has the rows as well."""
    target = tmp_path / "encounters.parquet"

    told = json.loads(
        run("screen", folder / "day.parquet", "--minima", "icao-terminal", "-o", target, "--guide", "--json")
    )

    assert [row["ownship"] for row in told["guidance"]] == ["4b0001", "4b0002"]


def test_guidance_needs_a_file_to_lie_beside(folder: Path) -> None:
    """Without -o there is no place for it; in pieces there is no recording in memory."""
    day = folder / "day.parquet"

    assert "give -o FILE, too" in run("screen", day, "--guide", status=2)
    assert "leave out --memory" in run(
        "screen", day, "--guide", "-o", folder / "x.csv", "--memory", "1GB", status=2
    )
    assert "give -o FOLDER, too" in run("judge", day, "-a", folder / "agreement.yaml", "--guide", status=2)


def test_judge_writes_guidance_and_explain_tells_it(folder: Path) -> None:
    """By the configuration that was named: a turn at half the rate has to begin earlier."""
    ours = pq.read_table(folder / "judged" / "guidance.parquet").to_pylist()
    usual = pq.read_table(folder / "guidance.parquet").to_pylist()

    assert {row["config"] for row in ours} == {"ours"}
    assert ours[0]["t_last_turn"] < usual[0]["t_last_turn"]
    shown = run("explain", ours[0]["id"], folder / "judged")
    assert "\nGuidance\n" in shown
    assert f"To 4b0001, by ours: {ours[0]['sentence']}" in shown


def test_the_minima_themselves_can_be_the_volume(folder: Path, tmp_path: Path) -> None:
    """Of a screen those that it was by, of a judge each rule's own: here the same, and so are the figures."""
    day = folder / "day.parquet"
    target = tmp_path / "encounters.parquet"
    minima = ("--guide", "--config", "minima", "-q")
    run("screen", day, "--horizontal", "3NM", "--vertical", "1000ft", "-o", target, *minima)
    run("judge", day, "-a", folder / "agreement.yaml", "-o", tmp_path / "out", *minima)

    one, other = (
        pq.read_table(each / "guidance.parquet").to_pylist() for each in (tmp_path, tmp_path / "out")
    )
    assert {row["config"] for row in (*one, *other)} == {"minima of 3 NM and 1,000 ft"}
    for mine, theirs in zip(one, other, strict=True):
        assert (mine["ownship"], mine["loss_warning_s"]) == (theirs["ownship"], theirs["loss_warning_s"])
        assert mine["loss_warning_s"] == pytest.approx(
            60.0, abs=1.0
        )  # told 60 s ahead, from second to second


def test_without_guide_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    """Guidance is made on request only."""
    run("judge", folder / "day.parquet", "-a", folder / "agreement.yaml", "-o", tmp_path / "out", "-q")

    assert not (tmp_path / "out" / "guidance.parquet").exists()
    (row,) = pl.read_parquet(tmp_path / "out" / "incidents.parquet").to_dicts()
    assert "\nGuidance\n" not in run("explain", row["id"], tmp_path / "out")


def test_a_broken_guidance_file_is_told(folder: Path, tmp_path: Path) -> None:
    """What is no Parquet is an error that names the file."""
    run("judge", folder / "day.parquet", "-a", folder / "agreement.yaml", "-o", tmp_path / "out", "-q")
    (tmp_path / "out" / "guidance.parquet").write_text("no")
    (row,) = pl.read_parquet(tmp_path / "out" / "incidents.parquet").to_dicts()

    assert "guidance.parquet" in run("explain", row["id"], tmp_path / "out", status=1)


def test_the_picture_of_the_page_is_what_the_command_draws(tmp_path: Path) -> None:
    """Every word and figure of the picture in the documentation is that of the example today."""
    root = Path(__file__).parents[1]
    example = root / "examples" / "guidance" / "head-on.daa"
    run("guide", example, "--at", "50", "--picture", tmp_path / "it.svg", "--ownship", "SWR12")

    def written(path: Path) -> list[str]:
        return [each.text or "" for each in ElementTree.parse(path).iter() if each.text]

    assert written(tmp_path / "it.svg") == written(root / "docs" / "head-on.svg")
