"""Made-up traffic is what it says it is: the day of airliners, the scenes and their answers, the demo.

What the scenes are known by is measured again here, by marching through time between surface points that
pyproj computes; what wideberth finds is compared with it in turn.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import pytest
from polars.testing import assert_frame_equal

import wideberth
from wideberth import simulate
from wideberth.columns import TEXT, TRACK_COLUMNS, check
from wideberth.errors import WriteError
from wideberth.simulate import scenes, worlds
from wideberth.tracks import Cleaning

if TYPE_CHECKING:
    from pathlib import Path

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

# The day of airliners ------------------------------------------------------------------------------

FLIGHTS = 600  # two blocks of 256, and a part of a third
STEP_S = 10.0
FLIGHT_GAP_S = 30 * 60.0
# Half a knot of rounding, 0.3 knots of rounded positions, 0.3 % between sphere and ellipsoid (1.5 knots), and
# 0.8 knots where a climb begins or ends between two samples.
SPEED_KT = 3.5
# 0.05° of rounding, 0.1° of rounded positions at 130 kt, 0.13° between sphere and ellipsoid, and 0.07° that a
# great circle turns in 10 s.
TRACK_DEG = 0.4
QUANTUM_FT = 25.0
QUANTUM_FPM = 64.0
DEGREE_ROUNDING = 1e-9  # of a float64 that should have five decimals
PARKED_M = 250.0  # an aircraft rolls no further in 10 s, from or to a stand
ROWS_PER_FLIGHT = (700, 800)  # "about 750": over this many flights the mean has a deviation of 12
ROWS_PER_GROUP = 250_000

WGS84 = pyproj.Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def day() -> pl.DataFrame:
    """A day of 600 flights."""
    return simulate.world(flights=FLIGHTS)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same day as a file in each order."""
    folder = tmp_path_factory.mktemp("worlds")
    written = {order: folder / f"{order}.parquet" for order in worlds.ORDERS}
    for order, path in written.items():
        simulate.write_world(path, flights=FLIGHTS, order=order)
    return written


class Pairs(NamedTuple):
    """Every two samples of one flight that follow one another; before and after, by column."""

    before: pl.DataFrame
    after: pl.DataFrame
    azimuth_deg: Array
    way_m: Array

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Pairs:
        before, after = rows[:-1], rows[1:]
        same = before["callsign"] == after["callsign"]
        before, after = before.filter(same), after.filter(same)
        azimuth_deg, _, way_m = WGS84.inv(
            *(frame[name].to_numpy() for frame in (before, after) for name in ("lon_deg", "lat_deg"))
        )
        return cls(before, after, azimuth_deg, way_m)

    def mean(self, name: str) -> Array:
        both: Array = (self.before[name].to_numpy() + self.after[name].to_numpy()) / 2.0
        return both

    def airborne(self) -> npt.NDArray[np.bool_]:
        told: npt.NDArray[np.bool_] = ~(self.before["on_ground"] | self.after["on_ground"]).to_numpy()
        return told


def seconds_between(before: pl.Series, after: pl.Series) -> Array:
    lasts_s: Array = (after - before).dt.total_microseconds().to_numpy() / 1e6
    return lasts_s


def test_a_world_has_so_many_flights_of_about_750_samples(day: pl.DataFrame) -> None:
    """Each flight has its own callsign, and on average as many rows as the documentation says."""
    rows = day.group_by("callsign").len()

    assert sorted(rows["callsign"].cast(pl.String)) == [f"WB{n:06d}" for n in range(FLIGHTS)]
    low, high = ROWS_PER_FLIGHT
    assert low < day.height / FLIGHTS < high


def test_a_world_has_the_columns_and_types_that_reading_keeps(day: pl.DataFrame) -> None:
    """Every column is one of ours, in order, of the type that wideberth holds it in."""
    types = {
        TEXT: pl.Categorical(),
        pa.timestamp("us", "UTC"): pl.Datetime("us", "UTC"),
        pa.float64(): pl.Float64(),
        pa.float32(): pl.Float32(),
        pa.bool_(): pl.Boolean(),
    }
    known = [name for name in TRACK_COLUMNS if name in day.columns]

    assert dict(day.schema) == {name: types[TRACK_COLUMNS[name].type] for name in known}
    assert day.columns == known
    assert {c.name for c in TRACK_COLUMNS.values() if c.required} <= set(known)
    assert {"altitude_ft", "on_ground", "groundspeed_kt", "track_deg", "callsign"} <= set(known)
    assert day.null_count().sum_horizontal().item() == 0


def test_reading_a_world_changes_nothing() -> None:
    """No row is set aside, moved or altered, and no leg is broken."""
    made = simulate.world(flights=50)
    tracks = wideberth.read(made, provenance=False)
    read = pl.DataFrame(tracks.table)

    assert tracks.cleaning == Cleaning(
        rows_read=made.height, rows_kept=made.height, on_ground=int(made["on_ground"].sum())
    )
    assert tracks.cleaning.on_ground > 0
    assert_frame_equal(read, made, check_exact=True)


@pytest.mark.parametrize("flights", [0, 1, 255, 256, 257, 512, 513])
def test_a_flight_is_the_same_however_many_there_are(day: pl.DataFrame, flights: int) -> None:
    """A smaller world is the beginning of a larger one, wherever between or within blocks it ends."""
    smaller = simulate.world(flights=flights)
    first = day.filter(day["callsign"].cast(pl.String) < f"WB{flights:06d}")

    assert smaller["callsign"].n_unique() == flights
    assert_frame_equal(smaller, first, check_exact=True)


def test_a_seed_makes_the_same_world_again_and_another_another(day: pl.DataFrame) -> None:
    """Equal seeds give equal rows; another gives other airports, flights and times."""
    assert_frame_equal(simulate.world(flights=FLIGHTS, seed=0), day, check_exact=True)

    begins = [rows.group_by("callsign").first() for rows in (day, simulate.world(flights=FLIGHTS, seed=1))]
    for names in (["t"], ["lat_deg", "lon_deg"]):
        assert not set(begins[0].select(names).rows()) & set(begins[1].select(names).rows())


def test_flights_beyond_the_addresses_are_refused(tmp_path: Path) -> None:
    """The message says how many there may be, before anything is made or a folder is looked for."""
    with pytest.raises(ValueError, match="0 to 851,968 flights, not -1"):
        simulate.world(flights=-1)
    with pytest.raises(ValueError, match="0 to 851,968 flights, not 851,969"):
        simulate.write_world(tmp_path / "nowhere" / "world.parquet", flights=851_969)


def test_an_aircraft_is_sampled_every_10_s_at_its_own_phase(day: pl.DataFrame) -> None:
    """Within a flight samples are 10 s apart; hardly two aircraft share the instants of theirs."""
    pairs = Pairs.of(day)
    phases = day.select("icao24", phase=day["t"].dt.epoch("us") % int(STEP_S * 1e6)).unique()

    assert set(seconds_between(pairs.before["t"], pairs.after["t"])) == {STEP_S}
    assert phases.height == day["icao24"].n_unique()
    assert phases["phase"].n_unique() > 0.95 * phases.height
    assert np.std(phases["phase"].to_numpy()) > 2e6  # 2.9e6 if they lie anywhere in 10 s


def test_some_aircraft_fly_back_after_more_than_30_minutes(day: pl.DataFrame) -> None:
    """A fifth of the aircraft or more fly a second time, from where they landed; none flies a third time."""
    flights = day.group_by("icao24", "callsign", maintain_order=True).agg(
        pl.col("t", "lat_deg", "lon_deg").first().name.suffix("_in"),
        pl.col("t", "lat_deg", "lon_deg").last().name.suffix("_out"),
    )
    same = flights["icao24"][:-1] == flights["icao24"][1:]
    before, after = flights[:-1].filter(same), flights[1:].filter(same)
    away_m = WGS84.inv(
        before["lon_deg_out"], before["lat_deg_out"], after["lon_deg_in"], after["lat_deg_in"]
    )[2]

    assert flights.group_by("icao24").len()["len"].max() == 2
    assert before.height > day["icao24"].n_unique() / 5
    assert seconds_between(before["t_out"], after["t_in"]).min() > FLIGHT_GAP_S
    assert np.max(away_m) < PARKED_M


def test_reported_speed_and_direction_are_those_of_the_positions(day: pl.DataFrame) -> None:
    """In the air, way over time is the mean reported speed, and the azimuth the mean reported track."""
    pairs = Pairs.of(day)
    airborne = pairs.airborne()
    speed_kt = pairs.way_m / STEP_S * 3600.0 / 1852.0
    middle_deg = pairs.before["track_deg"].to_numpy() + turn_deg(
        pairs.before["track_deg"].to_numpy(), pairs.after["track_deg"].to_numpy()
    ) / np.float32(2.0)

    assert np.abs(speed_kt - pairs.mean("groundspeed_kt"))[airborne].max() < SPEED_KT
    assert np.abs(turn_deg(middle_deg, pairs.azimuth_deg))[airborne].max() < TRACK_DEG
    assert speed_kt.max() < 500.0
    assert speed_kt[airborne].min() > 120.0


def turn_deg(before_deg: Array, after_deg: Array) -> Array:
    """Return by how much a direction changed, -180 to 180."""
    return (after_deg - before_deg + 180.0) % 360.0 - 180.0


def test_vertical_rate_is_that_of_the_altitudes(day: pl.DataFrame) -> None:
    """From one sample to the next an aircraft climbs at a rate between those that it reports there."""
    pairs = Pairs.of(day)
    gained_ft = (pairs.after["altitude_ft"] - pairs.before["altitude_ft"]).to_numpy()
    rates_fpm = np.sort(
        [frame["vertical_rate_fpm"].to_numpy() for frame in (pairs.before, pairs.after)], axis=0
    )
    low_ft, high_ft = (rates_fpm + np.array([[-QUANTUM_FPM], [QUANTUM_FPM]]) / 2.0) * STEP_S / 60.0

    assert (low_ft - QUANTUM_FT <= gained_ft).all()
    assert (gained_ft <= high_ft + QUANTUM_FT).all()
    assert gained_ft.max() > 300.0
    assert gained_ft.min() < -300.0


def test_values_are_as_coarse_as_a_transponder_sends_them(day: pl.DataFrame) -> None:
    """Altitude stands in 25 ft, speed in knots, vertical rate in 64 ft/min, positions in 1e-5 degrees."""
    for name, quantum in (
        ("altitude_ft", QUANTUM_FT),
        ("groundspeed_kt", 1.0),
        ("vertical_rate_fpm", QUANTUM_FPM),
    ):
        assert (day[name] % quantum == 0).all()
        assert day[name].n_unique() > 50
    for name in ("lat_deg", "lon_deg"):
        scaled = day[name].to_numpy() * 1e5
        assert np.abs(scaled - np.rint(scaled)).max() < DEGREE_ROUNDING * 1e5
        assert (np.rint(scaled) % 10 != 0).mean() > 0.85  # nine of ten end in no zero
    assert day["track_deg"].is_between(0.0, 360.0, closed="left").all()


def test_flights_cruise_at_the_levels_of_their_direction(day: pl.DataFrame) -> None:
    """Eastbound flights cruise at odd thousands of feet, westbound ones at even thousands."""
    is_level = (day["vertical_rate_fpm"] == 0.0) & ~day["on_ground"]
    top = day.filter(is_level, day["track_deg"] % 180.0 != 0.0)  # rounded to due south, it may be either
    thousands = (top["altitude_ft"] / 1000.0).to_numpy()
    is_east = (top["track_deg"] < 180.0).to_numpy()

    assert day.filter(is_level)["callsign"].n_unique() == FLIGHTS
    assert (thousands == np.floor(thousands)).all()
    assert (thousands % 2 == is_east).all()
    assert 0.3 < is_east.mean() < 0.7
    assert thousands.min() >= 18.0
    assert thousands.max() <= 40.0


def test_a_flight_begins_and_ends_on_the_ground(day: pl.DataFrame) -> None:
    """It is on the ground for some seconds at both ends, slow and low, and in the air in between."""
    ends = day.group_by("callsign").agg(
        pl.col("on_ground").first().alias("begins"),
        pl.col("on_ground").last().alias("ends"),
        pl.col("on_ground").rle_id().max().alias("changes"),
    )
    ground = day.filter(day["on_ground"])

    assert ends["begins"].all()
    assert ends["ends"].all()
    assert set(ends["changes"]) == {2}
    assert ground["groundspeed_kt"].max() < 165.0
    assert ground["altitude_ft"].max() <= 1500.0
    assert ground.height < 0.02 * day.height


def test_a_day_has_quiet_and_busy_hours(day: pl.DataFrame) -> None:
    """Flights depart all over a continent within a day, at noon many times as many as in the small hours."""
    begins = day.group_by("callsign").agg(pl.col("t", "lat_deg", "lon_deg").first())
    first_way = begins.filter(begins["t"].dt.date() == date(2026, 3, 1))
    hours = first_way["t"].dt.hour().to_numpy()

    assert first_way.height > 0.98 * FLIGHTS  # ways back may begin after midnight
    assert ((hours >= 10) & (hours < 13)).sum() > 5 * (hours < 3).sum() > 0
    assert (day["t"] - day["t"].min()).max() < timedelta(hours=32)
    assert begins["lat_deg"].is_between(36.0, 60.0).all()
    assert begins["lon_deg"].is_between(-10.0, 30.0).all()
    assert begins["lat_deg"].std() > 5.0
    assert begins["lon_deg"].std() > 9.0


# The day as a file ---------------------------------------------------------------------------------


def test_every_order_holds_the_same_rows(day: pl.DataFrame, files: dict[str, Path]) -> None:
    """Sorted by aircraft and time, each file is the world itself."""
    for path in files.values():
        read = pl.read_parquet(path)

        assert_frame_equal(read.sort("icao24", "t"), day, check_exact=True)


def test_files_are_in_the_order_that_was_asked_for(day: pl.DataFrame, files: dict[str, Path]) -> None:
    """By aircraft then time; by time then aircraft, also where instants coincide; or in none."""
    by_aircraft, by_time, shuffled = (pl.read_parquet(files[order]) for order in worlds.ORDERS)

    assert_frame_equal(by_aircraft, day, check_exact=True)
    assert_frame_equal(by_time, day.sort("t", "icao24"), check_exact=True)
    assert by_time["t"].n_unique() < by_time.height
    assert (shuffled["icao24"][:-1] == shuffled["icao24"][1:]).mean() < 0.01
    assert 0.49 < (shuffled["t"].diff().dt.total_microseconds() > 0).mean() < 0.51


def test_files_pass_the_gate_as_they_are(files: dict[str, Path]) -> None:
    """Types, units and meanings are those of `wideberth.columns`; a file by aircraft makes Tracks at once."""
    for path in files.values():
        table = pq.read_table(path)
        check(table, TRACK_COLUMNS, "world")
        assert table.schema.field("altitude_ft").metadata[b"unit"] == b"ft"

    assert len(wideberth.Tracks(pq.read_table(files["aircraft"])).aircraft) > FLIGHTS / 2


def test_row_groups_are_bounded(files: dict[str, Path]) -> None:
    """No row group is larger than promised, and all but the last of each file are worth their name."""
    for path in files.values():
        about = pq.ParquetFile(path).metadata
        sizes = [about.row_group(i).num_rows for i in range(about.num_row_groups)]

        assert len(sizes) > 1
        assert max(sizes) <= ROWS_PER_GROUP
        assert min(sizes[:-1]) > ROWS_PER_GROUP / 2
        assert {about.row_group(0).column(i).compression for i in range(about.num_columns)} == {"ZSTD"}


@pytest.mark.parametrize("order", worlds.ORDERS)
def test_the_same_seed_writes_the_same_bytes(order: str, files: dict[str, Path], tmp_path: Path) -> None:
    """Written again, also in another process that has seen nothing else, a file is the same to the byte."""
    again = tmp_path / "again.parquet"
    arguments = f"{str(again)!r}, flights={FLIGHTS}, order={order!r}"
    program = f"from wideberth.simulate import write_world; write_world({arguments})"
    subprocess.run([sys.executable, "-c", program], check=True)

    assert again.read_bytes() == files[order].read_bytes()


def test_another_seed_shuffles_otherwise(tmp_path: Path) -> None:
    """Of two worlds with as many rows, the rows of a shuffled file come from other places."""
    places = []
    for seed in (31, 36):
        path = tmp_path / f"{seed}.parquet"
        simulate.write_world(path, flights=1, seed=seed, order="shuffled")
        places.append(pl.read_parquet(path)["t"].rank("ordinal").to_list())

    assert sorted(places[0]) == sorted(places[1])
    assert places[0] != places[1]


def test_an_unknown_order_names_the_known_ones(tmp_path: Path) -> None:
    """It is a ValueError; a file of that name stays as it was, and none is begun."""
    kept = tmp_path / "world.parquet"
    kept.write_text("mine")

    with pytest.raises(ValueError, match=r"'random'.*aircraft, time, shuffled"):
        simulate.write_world(kept, flights=2, order="random")
    assert kept.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    """A folder that is not there is a WriteError, as for every other file."""
    with pytest.raises(WriteError, match="nowhere"):
        simulate.write_world(tmp_path / "nowhere" / "world.parquet", flights=2)
    assert not list(tmp_path.iterdir())


# Scenes --------------------------------------------------------------------------------------------

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
D_M, H_FT = 9260.0, 1000.0  # 5 NM
NM = 1852.0
MAX_GAP_S = 60.0
MEANT_M = 1e-6  # how well a scene is what its sentence says
BRIDGED_M = 0.01  # a minute is bridged by one straight line, which cannot be bent to the micrometre
MARCH_S = 0.01
# Two aircraft close at less than 500 m/s, so half a step off the closest approach they are 2.5 m beside it:
# at 50 m from one another, 0.06 m further apart.
MARCH_M = 0.1
TIME_S = 1e-6  # the answers are whole microseconds
POINT_M = 1e-6  # how well pyproj and float64 place a surface point, some operations later
# So much the distance changes in a microsecond at 500 m/s, and the altitude at 33 ft/s.
MICROSECOND_M = 6e-4
MICROSECOND_FT = 1e-4
RELATIVE = 1e-6  # of a minimum, for what is 1 where a limit is passed
# A straight line of six minutes ends 600 m above the surface, a ten-thousandth of the Earth's radius: so much
# less way is made on the surface at 480 kt.
RISEN_KT = 0.05

TO_CENTRED = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)

# What each sentence in SCENES claims: for each encounter the distance and vertical distance at the closest
# approach, None where the sentence gives none.
CLAIMS: dict[str, list[tuple[float | None, float | None]]] = {
    "head_on": [(50.0, 0.0)],
    "crossing": [(120.0, 50.0)],
    "overtaking": [(900.0, 500.0)],
    "parallel_1000_ft": [],
    "parallel_975_ft": [(3 * NM, 975.0)],
    "climbing_through": [(1 * NM, None)],
    "meets_again": [(None, None), (None, None)],
    "grazing_1_m_inside": [(5 * NM - 1.0, 0.0)],
    "grazing_5_mm_inside": [(5 * NM - 0.005, 0.0)],
    "grazing_5_mm_outside": [],
    "grazing_1_m_outside": [],
    "formation": [(150.0, 0.0)],
    "across_antimeridian": [(1500.0, None)],
    "over_the_pole": [(500.0, None)],
    "with_a_gap": [(None, 0.0), (None, 0.0)],
    "hidden_by_a_gap": [],
    "bridged_gap": [(1 * NM, 0.0)],
    "hovering": [(300.0, None)],
    "one_instant": [(None, 0.0)],
    "one_sample": [(None, None)],
}
SILENT = {name for name, encounters in CLAIMS.items() if not encounters}
ZERO_LENGTH = {"one_instant", "one_sample"}


class Pair:
    """The two aircraft of a scene, measured in plain NumPy.

    Attributes:
        t_s: for each aircraft when it is sampled, seconds after noon.
        points_m, altitude_ft: for each where, and how high.
    """

    def __init__(self, tracks: pl.DataFrame) -> None:
        both = [
            tracks.filter(pl.col("icao24") == address).sort("t") for address in sorted(set(tracks["icao24"]))
        ]
        self.names = [one["icao24"][0] for one in both]
        self.t_s = [seconds_after_noon(one["t"]) for one in both]
        self.altitude_ft = [one["altitude_ft"].to_numpy() for one in both]
        self.points_m = [
            np.stack(TO_CENTRED.transform(one["lon_deg"], one["lat_deg"], np.zeros(one.height)), axis=1)
            for one in both
        ]

    def leg(self, i: int, when_s: Array) -> Indices:
        """Return the number of aircraft i's leg at each instant, -1 where it is not heard."""
        t_s = self.t_s[i]
        number = np.concatenate([[0], np.cumsum(np.diff(t_s) > MAX_GAP_S)])
        after = np.searchsorted(t_s, when_s)  # the first sample that is not before
        at = np.minimum(after, t_s.size - 1)
        is_sample = (after < t_s.size) & (t_s[at] == when_s)
        is_between = (after > 0) & (after < t_s.size) & (number[np.maximum(after - 1, 0)] == number[at])
        return np.where(is_sample | is_between, number[at], -1)

    def apart(self, when_s: Array) -> tuple[Array, Array]:
        """Return horizontal and vertical distance at instants, straight between two samples."""
        points_m, levels_ft = [], []
        for t_s, xyz_m, ft in zip(self.t_s, self.points_m, self.altitude_ft, strict=True):
            points_m.append(np.stack([np.interp(when_s, t_s, xyz_m[:, k]) for k in range(3)], axis=1))
            levels_ft.append(np.interp(when_s, t_s, ft))
        return np.linalg.norm(points_m[0] - points_m[1], axis=1), np.abs(levels_ft[0] - levels_ft[1])

    def march(self) -> list[tuple[Array, Array, Array]]:
        """Return the encounters as runs of instants, horizontal and vertical distances."""
        first_s, last_s = min(t[0] for t in self.t_s), max(t[-1] for t in self.t_s)
        steps_s = np.arange(first_s, last_s, MARCH_S)
        when_s = np.unique(np.concatenate([steps_s, *self.t_s]))
        legs = [self.leg(i, when_s) for i in range(2)]
        range_m, level_ft = self.apart(when_s)
        is_inside = (legs[0] >= 0) & (legs[1] >= 0) & (range_m < D_M) & (level_ft < H_FT)
        state = np.where(is_inside, 1 + legs[0] * 1000 + legs[1], 0)
        edges = np.flatnonzero(np.diff(state, prepend=0, append=0))
        runs = [slice(i, j) for i, j in pairwise(edges) if state[i]]
        return [(when_s[run], range_m[run], level_ft[run]) for run in runs]


def seconds_after_noon(instants: pl.Series) -> Array:
    seconds: Array = (instants - NOON).dt.total_microseconds().to_numpy() / 1e6
    return seconds


def played(name: str) -> tuple[simulate.Scene, Pair]:
    scene = simulate.scene(name)
    return scene, Pair(scene.tracks)


def test_every_scene_has_its_claim() -> None:
    """A new scene is not left out of these tests."""
    assert set(CLAIMS) == set(simulate.SCENES)


@pytest.mark.parametrize("name", simulate.SCENES)
def test_a_scene_is_what_its_sentence_says(name: str) -> None:
    """It has as many encounters as it says, that near, or none."""
    scene, pair = played(name)

    assert (scene.name, scene.says) == (name, simulate.SCENES[name].says)
    assert scene.truth.schema == scenes.TRUTH_SCHEMA
    assert scene.truth.height == len(CLAIMS[name])
    for row, (hmd_m, vertical_ft) in zip(scene.truth.to_dicts(), CLAIMS[name], strict=True):
        assert [row["icao24_a"], row["icao24_b"]] == pair.names
        assert row["scene"] == name
        if hmd_m is not None:
            assert row["hmd_m"] == pytest.approx(hmd_m, abs=BRIDGED_M if name == "bridged_gap" else MEANT_M)
        if vertical_ft is not None:
            assert row["vertical_ft_at_cpa"] == pytest.approx(vertical_ft, abs=MICROSECOND_FT)


@pytest.mark.parametrize("name", simulate.SCENES)
def test_the_answers_are_those_of_a_march_through_time(name: str) -> None:
    """Steps of a hundredth of a second find the same encounters, as long and as near as steps can tell."""
    scene, pair = played(name)
    runs = pair.march()

    assert len(runs) == scene.truth.height
    for row, (when_s, range_m, level_ft) in zip(scene.truth.iter_rows(named=True), runs, strict=True):
        t_in_s, t_out_s = ((row[t] - NOON).total_seconds() for t in ("t_in", "t_out"))
        assert -TIME_S <= when_s[0] - t_in_s <= MARCH_S + TIME_S
        assert -TIME_S <= t_out_s - when_s[-1] <= MARCH_S + TIME_S
        assert -POINT_M <= range_m.min() - row["hmd_m"] <= MARCH_M
        assert -POINT_M <= level_ft.min() - row["vmd_ft"] <= 33.4 * MARCH_S  # 2000 ft/min


@pytest.mark.parametrize("name", sorted(set(simulate.SCENES) - SILENT))
def test_the_answers_hold_at_their_own_instants(name: str) -> None:
    """At t_cpa it is as near as it says; where it ends a minimum is just met, or one is heard no further."""
    scene, pair = played(name)
    when_s = {t: seconds_after_noon(scene.truth[t]) for t in ("t_in", "t_cpa", "t_out")}
    range_m, level_ft = pair.apart(when_s["t_cpa"])

    assert range_m == pytest.approx(scene.truth["hmd_m"].to_numpy(), abs=MICROSECOND_M)
    assert level_ft == pytest.approx(scene.truth["vertical_ft_at_cpa"].to_numpy(), abs=MICROSECOND_FT)
    assert (when_s["t_in"] <= when_s["t_cpa"]).all()
    assert (when_s["t_cpa"] <= when_s["t_out"]).all()
    for end_s, outward_s in ((when_s["t_in"], -1e-3), (when_s["t_out"], 1e-3)):
        range_m, level_ft = pair.apart(end_s)
        is_met = np.abs(np.maximum(range_m / D_M, level_ft / H_FT) - 1.0) < RELATIVE
        is_heard = np.logical_and(*(pair.leg(i, end_s + outward_s) == pair.leg(i, end_s) for i in range(2)))
        assert (is_met | ~is_heard).all()


@pytest.mark.parametrize("name", sorted(SILENT))
def test_a_silent_scene_stays_outside_for_a_reason(name: str) -> None:
    """It is told apart from an encounter by what its name says alone: 5 mm, 1 m, nothing at all, or a gap."""
    scene, pair = played(name)
    when_s = np.unique(np.concatenate(pair.t_s))
    when_s = np.unique(np.concatenate([when_s, np.linspace(when_s[0], when_s[-1], 72_001)]))
    range_m, level_ft = pair.apart(when_s)

    assert scene.truth.is_empty()
    if name == "hidden_by_a_gap":
        is_near = (range_m < D_M) & (level_ft < H_FT)  # if one flew on across the gap
        assert is_near.any()
        assert (np.minimum(*(pair.leg(i, when_s[is_near]) for i in range(2))) == -1).all()
    elif name == "parallel_1000_ft":
        assert range_m.max() < D_M
        assert set(level_ft) == {H_FT}
    else:
        outside_m = {"grazing_5_mm_outside": 0.005, "grazing_1_m_outside": 1.0}[name]
        assert set(level_ft) == {0.0}
        assert D_M + outside_m - POINT_M <= range_m.min() <= D_M + outside_m + 0.001


def test_one_passes_through_the_level_of_the_other() -> None:
    """In climbing_through the two are once at one level, and more than 1000 ft apart before and after."""
    scene, pair = played("climbing_through")
    (row,) = scene.truth.to_dicts()
    level_ft = pair.altitude_ft[1] - np.interp(pair.t_s[1], pair.t_s[0], pair.altitude_ft[0])

    assert row["vmd_ft"] == pytest.approx(0.0, abs=MICROSECOND_FT)
    assert level_ft[0] < -H_FT
    assert level_ft[-1] > H_FT


def test_between_two_encounters_they_part() -> None:
    """In meets_again the two stay within 5 NM, and between the encounters are more than 1000 ft apart."""
    scene, pair = played("meets_again")
    between_s = np.linspace(
        *seconds_after_noon(pl.concat([scene.truth["t_out"][:1], scene.truth["t_in"][1:]])), 999
    )
    range_m, level_ft = pair.apart(between_s[1:-1])

    assert (level_ft > H_FT).all()
    assert range_m.max() < D_M
    assert (scene.truth["hmd_m"] > 2 * NM).all()


def test_encounters_last_as_long_as_the_sentences_say() -> None:
    """From first to last heard; or for no time at all; or for some hundredths of a second."""
    for name in ("parallel_975_ft", "formation", "bridged_gap"):
        scene, pair = played(name)
        heard_s = max(t[0] for t in pair.t_s), min(t[-1] for t in pair.t_s)
        lasts = seconds_after_noon(scene.truth["t_in"])[0], seconds_after_noon(scene.truth["t_out"])[0]
        assert lasts == pytest.approx(heard_s, abs=TIME_S)
    for name in ZERO_LENGTH:
        truth = simulate.scene(name).truth
        assert truth["t_in"].to_list() == truth["t_cpa"].to_list() == truth["t_out"].to_list()
    grazing = simulate.scene("grazing_5_mm_inside").truth
    assert 0.01 < (grazing["t_out"] - grazing["t_in"]).dt.total_microseconds()[0] / 1e6 < 0.1


def test_gaps_are_as_long_as_the_sentences_say() -> None:
    """One aircraft of each such scene is not heard for 61 s, or for exactly 60 s; the other always is."""
    for name, gap_s in (("with_a_gap", 61.0), ("hidden_by_a_gap", 61.0), ("bridged_gap", 60.0)):
        _, pair = played(name)
        assert [np.diff(t_s).max() for t_s in pair.t_s] == [1.0, gap_s]

    truth = simulate.scene("with_a_gap").truth
    assert seconds_after_noon(truth["t_out"])[0] == -30.5
    assert seconds_after_noon(truth["t_in"])[1] == 30.5


def test_both_cross_the_antimeridian() -> None:
    """Each of the two is recorded on both sides of 180°, and never on the other half of the Earth."""
    tracks = simulate.scene("across_antimeridian").tracks
    sides = tracks.group_by("icao24").agg(pl.col("lon_deg").sign().unique().sort())

    assert sides["lon_deg"].to_list() == [[-1.0, 1.0]] * 2
    assert tracks["lon_deg"].abs().min() > 179.0
    assert tracks["lon_deg"].is_between(-180.0, 180.0).all()


def test_one_flies_over_the_pole() -> None:
    """One aircraft passes the pole within a kilometre; all meridians are near, and none is special."""
    tracks = simulate.scene("over_the_pole").tracks

    assert tracks["lat_deg"].max() > 89.99
    assert tracks["lat_deg"].is_between(-90.0, 90.0).all()
    assert (tracks["lon_deg"].max() - tracks["lon_deg"].min()) > 180.0


def test_the_helicopter_stands_still_and_has_no_icao_address() -> None:
    """In hovering one aircraft is recorded at one position, under an address that begins with ~."""
    hovering = simulate.scene("hovering").tracks.filter(pl.col("icao24").str.starts_with("~"))

    assert hovering.height > 100
    assert hovering.select("lat_deg", "lon_deg", "altitude_ft").unique().height == 1


def test_crossing_is_the_scene_of_that_name() -> None:
    """The short cut of the documentation returns the tracks of the scene."""
    assert_frame_equal(simulate.crossing(), simulate.scene("crossing").tracks, check_exact=True)


def test_an_unknown_scene_is_a_key_error() -> None:
    """The name that is not there is in the message."""
    with pytest.raises(KeyError, match="crosing"):
        simulate.scene("crosing")


@pytest.mark.parametrize("name", ["crossing", "over_the_pole", "across_antimeridian"])
def test_reported_speed_and_track_of_a_scene_are_those_of_its_positions(name: str) -> None:
    """Each aircraft's groundspeed and track agree with where it is recorded."""
    for _, rows in simulate.scene(name).tracks.group_by("icao24"):
        pairs = Pairs.of(rows.sort("t"))
        lasts_s = seconds_between(pairs.before["t"], pairs.after["t"])

        assert pairs.way_m / lasts_s * 3600.0 / 1852.0 == pytest.approx(
            pairs.mean("groundspeed_kt"), abs=RISEN_KT
        )
        before, after = (frame["track_deg"].to_numpy().astype(float) for frame in (pairs.before, pairs.after))
        # Great circle at the first sample, between two directions that differ by the turn on the way.
        late_deg, turned_deg = turn_deg(before, pairs.azimuth_deg), turn_deg(before, after)
        assert np.abs(late_deg).max() <= np.abs(turned_deg).max() + 0.01


# Bystanders and the demo ---------------------------------------------------------------------------

PROMISED_US = 10  # what wideberth promises
PROMISED_M = 10e-6
PROMISED_FT = PROMISED_M / 0.3048


@pytest.mark.parametrize("seed", [0, 1])
def test_no_two_bystanders_meet(seed: int) -> None:
    """All 1024 keep both minima; those of one grid point, 1000 ft apart, would not keep 1001 ft."""
    tracks = wideberth.read(simulate.bystanders(1024, seed=seed))

    assert tracks.cleaning.set_aside == {}
    assert len(tracks.aircraft) == 1024
    assert len(wideberth.screen(tracks, horizontal_m=D_M, vertical_ft=H_FT)) == 0
    assert len(wideberth.screen(tracks, horizontal_m=D_M, vertical_ft=H_FT + 1.0)) > 100


def test_bystanders_are_as_many_as_asked_for() -> None:
    """Fewer are the first of more; above what the grid holds is an error that says so."""
    four = simulate.bystanders(4)

    assert four["icao24"].n_unique() == 4
    assert simulate.bystanders(0).is_empty()
    assert simulate.bystanders(0).schema == four.schema
    with pytest.raises(ValueError, match="up to 1024"):
        simulate.bystanders(1025)


def test_wideberth_finds_in_the_demo_what_is_known_of_it() -> None:
    """Exactly the known encounters, times within 10 µs, distances within 10 µm, and nothing else."""
    demo = simulate.demo(number=100)
    tracks = wideberth.read(demo.tracks)
    key = ["icao24_a", "icao24_b", "t_in"]
    found = wideberth.screen(tracks).to_polars().with_columns(pl.col(key[:2]).cast(pl.String)).sort(key)
    known = demo.truth.sort(key)

    assert tracks.cleaning.set_aside == {}
    assert len(tracks.aircraft) == 100 + 2 * len(simulate.SCENES)
    assert set(demo.silent) == SILENT
    assert known.height == sum(map(len, CLAIMS.values()))
    assert found.select(key[:2]).rows() == known.select(key[:2]).rows()
    for name in ("t_in", "t_out", "t_cpa"):
        assert (found[name] - known[name]).dt.total_microseconds().abs().max() <= PROMISED_US
    assert (found["hmd_m"] - known["hmd_m"]).abs().max() <= PROMISED_M
    for name in ("vertical_ft_at_cpa", "vmd_ft"):
        assert (found[name] - known[name]).abs().max() <= PROMISED_FT


def test_the_demo_is_in_the_order_of_time() -> None:
    """Its rows come as a receiver would hand them over."""
    tracks = simulate.demo(number=4).tracks

    assert tracks["t"].is_sorted()
    assert not tracks["icao24"].is_sorted()


def test_simulate_knows_nothing_of_the_kernels() -> None:
    """Playing all of it loads neither wideberth's kernels nor the compiler."""
    program = (
        "import sys; from wideberth import simulate\n"
        "assert simulate.demo(number=4).truth.height and simulate.world(flights=2).height\n"
        "print(*sys.modules, sep='\\n')"
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    modules = set(loaded.stdout.split())

    assert "wideberth.simulate.worlds" in modules
    assert not [name for name in modules if name.startswith(("wideberth.kernels", "numba"))]
