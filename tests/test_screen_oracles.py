"""The screen of real days finds, row for row, what programs written apart from it found."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

import wideberth
from wideberth.units import METRES_PER_NM

if TYPE_CHECKING:
    from pathlib import Path

    from wideberth.tracks import Tracks

pytestmark = pytest.mark.threads

TIME_S = 1e-3  # what is asked; the answers are printed to 0.1 ms
DISTANCE_M = 0.1  # what is asked; the answers are printed to 1 mm
VERTICAL_FT = 0.1  # a climb of 6000 ft/min makes 0.1 ft of a time that is off by a millisecond

DAYS = {
    "switzerland_encounters.csv": ("switzerland-2018-08-01.traffic.json.gz", 5 * METRES_PER_NM, 1000.0, 170),
    "switzerland_encounters_10nm_2000ft.csv": (
        "switzerland-2018-08-01.traffic.json.gz",
        10 * METRES_PER_NM,
        2000.0,
        1472,
    ),
    "monterey_2025-06-01_encounters.csv": ("monterey-2025-06-01.jsonl.gz", 0.3 * METRES_PER_NM, 400.0, 21),
}


@pytest.fixture(scope="module")
def recordings(shared_data: Path) -> dict[str, Tracks]:
    """Return each recording with nothing cleaned, as the answers were computed."""
    return {
        name: wideberth.read(shared_data / name, keep_all=True)
        for name in dict.fromkeys(name for name, *_ in DAYS.values())
    }


def found_in(tracks: Tracks, horizontal_m: float, vertical_ft: float) -> list[dict[str, Any]]:
    table = wideberth.screen(tracks, horizontal_m=horizontal_m, vertical_ft=vertical_ft).table
    rows: list[dict[str, Any]] = table.to_pylist()
    return sorted(rows, key=lambda row: (row["icao24_a"], row["icao24_b"], row["t_in"]))


@pytest.mark.parametrize("listed", DAYS)
def test_a_real_day_as_others_found_it(
    listed: str, recordings: dict[str, Tracks], shared_oracles: Path
) -> None:
    """The same pairs, as many encounters of each; times, distances and heights as they are printed."""
    name, horizontal_m, vertical_ft, count = DAYS[listed]
    with (shared_oracles / listed).open() as file:
        expected = sorted(
            csv.DictReader(file),
            key=lambda row: (row["icao24_a"], row["icao24_b"], float(row["t_start"])),
        )
    found = found_in(recordings[name], horizontal_m, vertical_ft)

    assert len(expected) == count
    assert [(row["icao24_a"], row["icao24_b"]) for row in found] == [
        (row["icao24_a"], row["icao24_b"]) for row in expected
    ]
    for ours, theirs in zip(found, expected, strict=True):
        for instant, printed in (("t_in", "t_start"), ("t_out", "t_end"), ("t_cpa", "t_cpa")):
            assert ours[instant].timestamp() == pytest.approx(float(theirs[printed]), abs=TIME_S)
        assert ours["hmd_m"] == pytest.approx(float(theirs["min_horizontal_m"]), abs=DISTANCE_M)
        assert ours["vertical_ft_at_cpa"] == pytest.approx(
            float(theirs["vertical_ft_at_cpa"]), abs=VERTICAL_FT
        )
        assert ours["vertical_reference"] == "barometric"


def test_the_day_is_worth_comparing(recordings: dict[str, Tracks]) -> None:
    """Among the real encounters are some of no length, and some 1000 ft apart at their closest point."""
    swiss, monterey = recordings.values()
    short = [row for row in found_in(monterey, 0.3 * METRES_PER_NM, 400.0) if row["t_in"] == row["t_out"]]
    level = [
        row
        for row in found_in(swiss, 5 * METRES_PER_NM, 1000.0)
        if row["vertical_ft_at_cpa"] == pytest.approx(1000.0, abs=VERTICAL_FT)
    ]

    assert len(short) >= 2
    assert len(level) >= 40
