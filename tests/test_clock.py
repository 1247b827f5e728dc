"""Two feeds by two clocks: aircraft heard in both show it, and what rests on both is doubted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

import wideberth as wb
from wideberth.cli import show
from wideberth.columns import frozen
from wideberth.kernels import clocks
from wideberth.screen import scale
from wideberth.tracks import Cleaning, Lag
from wideberth.trust import clock
from wideberth.trust.limits import DEFAULT

if TYPE_CHECKING:
    from pathlib import Path

    from wideberth.encounters import Encounters

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
LAT_DEG, LON_DEG = 47.0, 8.0
M_LAT, M_LON = 111_180.0, 76_060.0
LATE_S = 31.4
SURE_S = 0.3  # what positions to 10 m and steps of some seconds leave
EAST, WEST = "east.csv", "west.csv"
OPTIONS = scale.Options.of(minima="icao-enroute", max_gap_s=60.0)


def flown(
    icao24: str, number: int, *, every_s: float, offset_s: float = 0.0, late_s: float = 0.0
) -> pl.DataFrame:
    """One feed's rows of an aircraft: it flies through the middle of its own place at noon, and turns a little."""
    random = np.random.default_rng(number)
    t = np.arange(-900.0 + offset_s, 900.0, every_s)
    course, speed = random.uniform(0, 2 * np.pi), random.uniform(70, 240)
    swing = 400.0 * np.sin(t / 100.0)
    x = speed * t * np.sin(course) + swing * np.cos(course) + random.normal(0, 10, t.size)
    y = speed * t * np.cos(course) - swing * np.sin(course) + random.normal(0, 10, t.size)
    return pl.DataFrame(
        {
            "icao24": icao24,
            "t": [NOON + timedelta(seconds=round(float(s) + late_s, 3)) for s in t],
            "lat_deg": LAT_DEG + 3.0 * (number % 7) + y / M_LAT,
            "lon_deg": LON_DEG + 4.0 * (number // 7) + x / M_LON,
            "altitude_ft": 5000.0 + 2000.0 * (number % 4),
        }
    )


def crossing(icao24: str, *, northward: bool, every_s: float, late_s: float = 0.0) -> pl.DataFrame:
    """One of two that cross far from the others; by their clocks they meet, whatever these are apart."""
    t = np.arange(-600.0, 600.0, every_s)
    east_m, north_m = (np.zeros(t.size), 230.0 * (t + late_s)) if northward else (230.0 * t, np.zeros(t.size))
    return pl.DataFrame(
        {
            "icao24": icao24,
            "t": [NOON + timedelta(seconds=round(float(s) + late_s, 3)) for s in t],
            "lat_deg": LAT_DEG - 10.0 + north_m / M_LAT,
            "lon_deg": LON_DEG - 10.0 + east_m / (111_320.0 * np.cos(np.radians(LAT_DEG - 10.0))),
            "altitude_ft": 33_000.0,
        }
    )


def feeds(folder: Path, late_s: float, many: int = 12) -> list[Path]:
    """Two files: the same traffic in both, at other times; and one aircraft that only each of them heard."""
    east = [flown(f"a000{n:02x}", n, every_s=8.0) for n in range(many)]
    west = [flown(f"a000{n:02x}", n, every_s=7.0, offset_s=3.0, late_s=late_s) for n in range(many)]
    east.append(crossing("e00001", northward=False, every_s=8.0))
    west.append(crossing("f00001", northward=True, every_s=7.0, late_s=late_s))
    folder.mkdir(exist_ok=True)
    for name, rows in ((EAST, east), (WEST, west)):
        pl.concat(rows).sort("t").write_csv(folder / name)
    return [folder / EAST, folder / WEST]


def of_pair(encounters: Encounters, a: str = "e00001", b: str = "f00001") -> dict[str, Any]:
    """The encounter of two."""
    (found,) = [row for row in encounters if (row["icao24_a"], row["icao24_b"]) == (a, b)]
    return found


@pytest.mark.parametrize("late_s", [LATE_S, -LATE_S, 4.0])
def test_what_two_clocks_tell_is_doubted(tmp_path: Path, late_s: float) -> None:
    """Two that were heard by one feed each; the sentence says which is behind, by how much, by how many."""
    tracks = wb.read(feeds(tmp_path, late_s))
    found = of_pair(wb.screen(tracks))
    (offset,) = clock.offsets(tracks.cleaning.lags)

    assert offset.lag_s == pytest.approx(late_s, abs=SURE_S)
    assert abs(offset.lag_s - late_s) <= 2.0 * offset.half_s
    assert (found["trust"], found["reasons"].split()) == ("doubtful", ["clock"])
    late, early = (WEST, EAST) if late_s > 0 else (EAST, WEST)
    assert f"{late} is {abs(offset.lag_s):.1f} ± {offset.half_s:.1f} s behind " in found["why"]
    assert f"{early}, by {offset.aircraft} aircraft heard in both" in found["why"]


@pytest.mark.parametrize("late_s", [0.0, 1.0])
def test_nothing_is_said_of_feeds_that_tell_one_time(tmp_path: Path, late_s: float) -> None:
    """Nor of a difference that reports are allowed to have anyway."""
    tracks = wb.read(feeds(tmp_path, late_s))
    found = of_pair(wb.screen(tracks))

    (offset,) = clock.offsets(tracks.cleaning.lags)
    assert offset.lag_s == pytest.approx(late_s, abs=SURE_S)
    assert "clock" not in (found["reasons"] or "")
    assert found["trust"] == "credible"


def test_the_limit_can_be_moved(tmp_path: Path) -> None:
    """To half a minute and more, say."""
    options = replace(OPTIONS, limits=DEFAULT.changed({"clock_s": 32.0}))
    found = scale.screen_tracks(wb.read(feeds(tmp_path, LATE_S)), options)
    assert of_pair(found)["trust"] == "credible"


def test_a_track_of_two_clocks_is_doubted(tmp_path: Path) -> None:
    """One that both feeds heard, near another that one of them heard."""
    paths = feeds(tmp_path, 4.0)
    near = flown("b00001", 3, every_s=8.0).with_columns(lat_deg=pl.col("lat_deg") + 0.03)
    pl.concat([pl.read_csv(paths[0], try_parse_dates=True), near]).write_csv(paths[0])

    found = of_pair(wb.screen(paths), "a00003", "b00001")

    assert "clock" in found["reasons"].split()
    assert "a00003: two clocks in its own track: west.csv is 4.0 ± " in found["why"]


def test_a_finding_about_one_aircraft_of_two_clocks_is_doubted(tmp_path: Path) -> None:
    """One that both feeds heard, past a line, is doubted; one that only one feed heard is not."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        f"""
wideberth: 1
name: a line
places: {{line: {{line: [[{LON_DEG}, 36.0], [{LON_DEG}, 70.0]]}}}}
parties: {{both: {{aircraft: [{{icao24: [a00003, a00004, b00001]}}]}}}}
rules: [{{id: west, party: both, keeps: {{side: west, of: line, buffer: 500 m, reach: 60 km}}}}]
""",
        encoding="utf-8",
    )
    paths = feeds(tmp_path, 4.0)
    near = flown("b00001", 3, every_s=8.0).with_columns(lat_deg=pl.col("lat_deg") + 0.03)
    pl.concat([pl.read_csv(paths[0], try_parse_dates=True), near]).write_csv(paths[0])
    told = {row["icao24_a"]: row for row in wb.judge(wb.read(paths), rules).findings()}

    assert "clock" in told["a00003"]["reasons"].split()
    assert "a00003: two clocks in its own track: west.csv is 4.0 ± " in told["a00003"]["why"]
    assert "clock" not in (told["b00001"]["reasons"] or "")


def test_the_commands_tell_of_two_clocks(tmp_path: Path) -> None:
    """In a line with what became of the rows; of feeds that tell one time there is none."""
    away = show.cleaning_lines(wb.read(feeds(tmp_path / "away", LATE_S)).cleaning)
    same = show.cleaning_lines(wb.read(feeds(tmp_path / "same", 0.0)).cleaning)

    (line,) = [line for line in away if "clock" in line]
    assert line.startswith("  two clocks: west.csv is 31.")
    assert line.endswith("s behind east.csv, by 12 aircraft heard in both")
    assert not [line for line in same if "clock" in line]


def test_large_sources_and_tables_say_the_same(tmp_path: Path) -> None:
    """In one piece, in pieces on disk, and read first."""
    paths = feeds(tmp_path, LATE_S, many=6)
    whole = wb.screen(paths)
    assert "clock" in of_pair(whole)["reasons"]
    for memory_bytes in (None, 60_000):
        found, cleaning = scale.screen_source(paths, OPTIONS, memory_bytes=memory_bytes)
        assert found.table.equals(whole.table)
        assert cleaning.lags == wb.read(paths).cleaning.lags


def test_one_file_carries_no_names_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs nothing; of two files that no aircraft is heard in both of, nothing is said."""
    east, west = feeds(tmp_path, LATE_S, many=0)
    seen = []
    kept = scale.pieces.cleaned

    def spied(frames: Any, *rest: Any, **more: Any) -> Any:
        seen.append(frames[0].columns)
        tracks = kept(frames, *rest, **more)
        seen.append(tracks.table.column_names)
        return tracks

    monkeypatch.setattr(scale.pieces, "cleaned", spied)
    scale.screen_source(east, OPTIONS)
    assert "source_file" not in seen[0] + seen[1]
    found, cleaning = scale.screen_source([east, west], OPTIONS)
    assert "source_file" in seen[3]
    assert cleaning.lags == ()
    assert "clock" not in (of_pair(found)["reasons"] or "")


def test_files_one_after_another_have_no_lag(tmp_path: Path) -> None:
    """Hours of one day in a file each are heard by one clock, and by no aircraft at once."""
    rows = pl.concat([flown(f"a0000{n}", n, every_s=5.0) for n in range(4)])
    paths = []
    quarters = rows.with_columns(quarter=pl.col("t").dt.truncate("15m"))
    for n, part in enumerate(quarters.partition_by("quarter", include_key=False)):
        paths.append(tmp_path / f"{n}.csv")
        part.write_csv(paths[-1])
    assert len(paths) > 1
    assert wb.read(paths).cleaning.lags == ()


def test_two_windows_of_one_aircraft_are_no_clock() -> None:
    """Ten aircraft that disagree are as unsure as they disagree; a few minutes of one tell nothing."""
    assert clock.offsets([Lag("a", "b", "400001", 30.0, 0.1, 2)]) == []
    lags = [
        Lag("a", "b", f"4000{n:02x}", s, 0.2, 3) for n, s in enumerate([-40, -20, 5, 9, 30, 33, 60, 70, 90])
    ]
    (offset,) = clock.offsets(lags)
    assert (offset.lag_s, offset.aircraft) == (30.0, 9)
    assert offset.half_s > 10.0
    assert str(replace(offset, aircraft=1)).endswith(
        "b is 30.0 ± " + f"{offset.half_s:.1f} s behind a, by one aircraft heard in both"
    )


def test_files_of_one_name_are_told_by_their_folders() -> None:
    """Else by their names alone; and plain data tell the median of each pair."""
    offset = clock.Offset("x/day.csv", "y/day.csv", -3.0, 0.1, 2)
    assert str(offset) == "x/day.csv is 3.0 ± 0.1 s behind y/day.csv, by 2 aircraft heard in both"
    assert str(replace(offset, file_b="y/night.csv")).startswith("day.csv is 3.0 ± 0.1 s behind night.csv")
    lags = tuple(Lag("a", "b", f"40000{n}", float(n), 0.1, 3) for n in range(3))
    assert Cleaning(lags=lags).as_dict()["lags"] == [
        {"file_a": "a", "file_b": "b", "aircraft": 3, "lag_s": 1.0}
    ]


def test_the_files_near_an_instant_are_told_nearest_first() -> None:
    """Within the span, and the reports on either side of it; unknown ones are not counted."""
    t_us = frozen(np.array([0, 50, 100, 104, 150, 300]) * 1_000_000)
    file = frozen(np.array([5, 2, 1, 0, -1, 3], np.int32))
    begin, one = frozen(np.array([0, 6])), frozen(np.zeros(4, np.int32))
    when = frozen(np.array([101, 25, 104, 250]) * 1_000_000)

    found = clocks.files_near(file, t_us, begin, one, when, 10_000_000)

    assert [[n for n in row if n >= 0] for row in found.tolist()] == [[1, 0], [5, 2], [0, 1], [3]]
