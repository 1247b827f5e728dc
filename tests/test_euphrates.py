"""The simulated month on the Euphrates is what it says it is, and its true answers are true.

The answers that come with the package are read here, and what they rest on is measured another way: positions
beside the line by geodesics, errors of the recording by the true motion, scenarios by what they were made for.
"""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow.parquet as pq
import pyproj
import pytest
from polars.testing import assert_frame_equal
from ruamel.yaml import YAML

import wideberth
from wideberth.columns import TRACK_COLUMNS, schema
from wideberth.errors import WriteError
from wideberth.simulate import euphrates
from wideberth.simulate.euphrates import march, motion, sensor, terms, traffic
from wideberth.simulate.euphrates.march import apart, legs, line, permitted, sides
from wideberth.simulate.euphrates.march import flights as heard_flights
from wideberth.tracks import Cleaning

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "euphrates.yaml"
PACKAGE = ROOT / "src" / "wideberth"
WGS84 = pyproj.Geod(ellps="WGS84")

Array = npt.NDArray[np.float64]
Answer = dict[str, Any]

# How far answers may lie from a limit at which they would change: more than any other definition of distance or
# another order of additions makes.
CLEAR_M = 10.0
CLEAR_FT = CLEAR_M / 0.3048
CLEAR_S = 1.0
# Another processor may round some positions to a neighbouring step of 5 m; half a second later at 10 m/s.
REGENERATED_M = 6.0
REGENERATED_S = 1.0
# What a march down to a microsecond and a sixteenth of a millisecond leaves, printed to 1 mm.
SAME_S, SAME_M, SAME_FT = 1e-5, 0.002, 0.01


@pytest.fixture(scope="module")
def made() -> tuple[euphrates.Flight, ...]:
    """Every flight of the month."""
    return euphrates.flights(euphrates.SEED)


@pytest.fixture(scope="module")
def month() -> pl.DataFrame:
    """What was recorded."""
    return euphrates.tracks()


@pytest.fixture(scope="module")
def known() -> Answer:
    """The answers that come with the package."""
    return euphrates.stored_truth()


def labelled(answers: list[Answer]) -> dict[str, list[Answer]]:
    found = defaultdict(list)
    for answer in answers:
        found[answer["label"]].append(answer)
    return found


def seconds_between(a: str, b: str) -> float:
    return (datetime.fromisoformat(b) - datetime.fromisoformat(a)).total_seconds()


# What it says of itself ---------------------------------------------------------------------------


def test_it_says_plainly_that_it_is_simulated(known: Answer) -> None:
    """The module, the agreement and the answers all say that traffic and geometry are made up."""
    assert "**Traffic and geometry are simulated.**" in (euphrates.__doc__ or "")
    assert "Traffic and geometry are simulated" in known["says"]
    text = EXAMPLE.read_text("utf-8")
    assert "An illustration." in text
    assert "made up" in text
    assert "an illustration: the real geometry is not public" in YAML(typ="safe").load(text)["name"]


def modules_of(path: Path) -> set[str]:
    """Return the modules that a file imports: of the simulation anywhere in it, typing included.

    Of any other file what it imports when it is imported itself: tables of findings reach up from within methods that
    no simulation calls.
    """
    found = set()
    to_see: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    is_of_simulation = PACKAGE / "simulate" in path.parents
    while to_see:
        node = to_see.pop()
        is_for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        is_within = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_of_simulation or not (is_for_types or is_within):
            to_see += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import hides where it goes"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def file_of(module: str) -> Path | None:
    path = PACKAGE.parent.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file() and module != "wideberth":
            return candidate
    return None


def test_the_generator_and_the_march_share_no_code_with_what_they_test() -> None:
    """Nothing that they import, however indirectly, is a kernel, a screen, a judge, a reader or an agreement."""
    to_read = sorted((PACKAGE / "simulate" / "euphrates").rglob("*.py"))
    seen: set[Path] = set()
    parts = set()
    while to_read:
        path = to_read.pop()
        if path in seen:
            continue
        seen.add(path)
        for module in modules_of(path):
            if module.split(".")[0] == "wideberth":
                parts.add(module.split(".")[1] if "." in module else "")
                found = file_of(module)
                to_read += [found] if found else []

    assert len(seen) > 10
    assert parts <= {"simulate", "columns", "errors", "tables", "units"}


def test_pyproj_is_imported_only_where_answers_are_made() -> None:
    """Tracks and stored answers need no pyproj: no module imports it when it is itself imported."""
    for path in (PACKAGE / "simulate" / "euphrates").rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert "pyproj" not in ast.unparse(node), path


def python(code: str, **environment: str) -> str:
    """Return what a fresh interpreter prints."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={**os.environ, **environment},
    )
    return run.stdout.strip()


def test_tracks_answers_and_agreement_come_without_pyproj(month: pl.DataFrame, known: Answer) -> None:
    """Where pyproj cannot be imported, only making the answers anew fails."""
    said = python(
        "import sys; sys.modules['pyproj'] = None\n"
        "from wideberth.simulate import euphrates\n"
        "print(euphrates.tracks().height, len(euphrates.stored_truth()['sides']),"
        " len(euphrates.agreement_text()))\n"
        "try: euphrates.truth()\n"
        "except ImportError: print('none')"
    )

    assert said.split() == [
        str(month.height),
        str(len(known["sides"])),
        str(len(EXAMPLE.read_text("utf-8"))),
        "none",
    ]


# The agreement ------------------------------------------------------------------------------------


def test_the_agreement_of_the_package_is_the_example() -> None:
    """An installed package has the same bytes as the folder of examples."""
    packaged = PACKAGE / "simulate" / "euphrates" / euphrates.AGREEMENT

    assert packaged.read_bytes() == EXAMPLE.read_bytes()
    assert euphrates.agreement_text() == EXAMPLE.read_text("utf-8")


def number(text: str) -> float:
    """Return metres or feet as they stand; NM and mi in metres, FL in feet, km in metres."""
    value, _, unit = text.replace("FL", "").partition(" ")
    if text.startswith("FL"):
        return float(value) * 100.0
    return float(value) * {"NM": 1852.0, "mi": 1609.344, "km": 1000.0, "m": 1.0, "ft": 1.0}[unit]


def since_s(text: str) -> float:
    instant = datetime.fromisoformat(text if "T" in text else text + "T00:00Z")
    return instant.timestamp() - terms.MIDNIGHT_US / 1e6


def test_the_example_says_what_the_terms_say() -> None:
    """Line, limits, places, permissions and the pledge are the same in the file and in the constants."""
    file = YAML(typ="safe", pure=True).load(EXAMPLE.read_text("utf-8"))
    places, rules = file["places"], {rule["id"]: rule for rule in file["rules"]}
    circles = {
        name: terms.Circle(name, *place["point"], number(place["radius"]))
        for name, place in places.items()
        if "point" in place
    }

    assert tuple(map(tuple, places["euphrates"]["line"])) == terms.LINE
    assert set(circles.values()) == {terms.HOSPITAL, terms.SCHOOL, terms.RELIEF_ZONE}
    for rule in terms.SIDE_RULES:
        keeps = rules[rule.id]["keeps"]
        assert rules[rule.id]["party"] == rule.party
        assert keeps["side"] == {+1: "west", -1: "east"}[rule.wrong_side]
        assert (number(keeps["buffer"]), number(keeps["reach"])) == (terms.BUFFER_M, terms.REACH_M)
    apart = rules[terms.APART_RULE]
    assert tuple(apart["between"]) == terms.APART_PARTIES
    assert number(apart["keeps"]["apart"]["horizontal"]) == terms.APART_HORIZONTAL_M
    assert number(apart["keeps"]["apart"]["vertical"]) == terms.APART_VERTICAL_FT
    for spare in terms.SPARE_RULES:
        keeps = rules[spare.id]["keeps"]
        assert circles[keeps["out_of"]] == spare.place
        assert number(keeps["below"]) == spare.below_ft
    pledges = rules[terms.PLEDGE_RULE]["pledges"]
    assert rules[terms.PLEDGE_RULE]["party"] == terms.PLEDGE_PARTY
    assert since_s(str(pledges["after"])) == terms.PLEDGE_FROM_S
    assert pledges["by"] == f"{100 * terms.PLEDGE_FALLS_BY:.0f} %"
    assert len(rules) == len(terms.SIDE_RULES) + len(terms.SPARE_RULES) + 2

    for said, meant in zip(file["permissions"], terms.PERMISSIONS, strict=True):
        begin, end = (since_s(text) for text in said["during"].split("/"))
        assert meant == terms.Permission(
            id=said["id"],
            party=said["party"],
            excuses=tuple(said["excuses"]),
            from_s=begin,
            until_s=end,
            callsign=said.get("callsign"),
            icao24=said.get("icao24"),
            above_ft=number(said["above"]) if "above" in said else None,
            within=circles[said["within"]] if "within" in said else None,
        )


def test_the_example_says_whose_an_aircraft_is_as_the_terms_do() -> None:
    """Addresses, states and callsigns of each party are those of the constants; both are treated alike."""
    file = YAML(typ="safe", pure=True).load(EXAMPLE.read_text("utf-8"))
    said = {name: party["aircraft"] for name, party in file["parties"].items()}

    assert said["coalition"][0] == {"icao24": "ae0000-afffff"}
    assert said["russia"][0] == {"state": "RU"}
    for party in terms.PARTIES:
        assert [one["callsign"] for one in said[party.name][1:]] == list(party.callsigns)
    west, east = (rule["keeps"] for rule in file["rules"][:2])
    assert {**west, "side": ""} == {**east, "side": ""}


# The recording ------------------------------------------------------------------------------------


def test_a_month_has_between_half_a_million_and_a_million_rows(month: pl.DataFrame) -> None:
    """Thirty days, of the columns and types that reading keeps, sorted by aircraft, then time."""
    assert 500_000 <= month.height <= 1_000_000
    assert month.columns == [name for name in TRACK_COLUMNS if name in month.columns]
    assert month["t"].dt.date().n_unique() >= terms.DAYS
    assert month["t"].min() >= datetime.fromisoformat("2017-11-01T00:00Z")
    assert month["t"].max() < datetime.fromisoformat("2017-12-01T02:00Z")
    keys = month.select(pl.col("icao24").cast(pl.String), "t")
    assert_frame_equal(keys, keys.sort("icao24", "t"))
    assert not keys.is_duplicated().any()


def test_a_seed_gives_the_same_month_again_and_another_seed_another(month: pl.DataFrame) -> None:
    """Nothing but the seed is drawn from."""
    traffic.flights.cache_clear()
    assert_frame_equal(euphrates.tracks(), month)
    assert not euphrates.tracks(seed=1)["lat_deg"].equals(month["lat_deg"])


DIGEST = """
import hashlib, io
from wideberth.simulate import euphrates
month, written = euphrates.tracks(), io.BytesIO()
month.write_csv(written, float_precision=12)
print(hashlib.sha256(written.getvalue()).hexdigest())
"""


def test_no_order_of_sets_gets_into_the_month(month: pl.DataFrame) -> None:
    """Interpreters that hash texts differently make the same table to the last digit."""
    lines = month.write_csv(float_precision=12).encode()

    assert len(lines.splitlines()) == month.height + 1
    for seed in ("1", "2"):
        assert python(DIGEST, PYTHONHASHSEED=seed) == hashlib.sha256(lines).hexdigest()


@pytest.mark.compiled
@pytest.mark.parametrize("keep_all", [False, True])
def test_reading_the_month_changes_nothing(month: pl.DataFrame, keep_all: bool) -> None:
    """No row is set aside, no value made unknown, no leg broken; nothing would be."""
    tracks = wideberth.read(month, provenance=False, keep_all=keep_all)

    assert tracks.cleaning == Cleaning(rows_read=month.height, rows_kept=month.height)
    assert tracks.table.column_names == month.columns
    assert tracks.table.column("lat_deg").to_numpy().tobytes() == month["lat_deg"].to_numpy().tobytes()


def test_each_flight_is_recorded_as_the_stored_answers_say(month: pl.DataFrame, known: Answer) -> None:
    """The recording that is made here is the one that the answers are of: first and last row, and how many."""
    rows = month.select(pl.col("icao24").cast(pl.String), "t")
    flight = (pl.col("t").diff().over("icao24") > timedelta(minutes=30)).fill_null(value=True)
    made = rows.with_columns(flight.cum_sum().over("icao24").alias("nth")).group_by("icao24", "nth")
    told = made.agg(pl.col("t").min().alias("first"), pl.col("t").max().alias("last"), pl.len())

    assert set(told.select("icao24", "first", "last", "len").iter_rows()) == {
        (
            one["icao24"],
            datetime.fromisoformat(one["t_first"]),
            datetime.fromisoformat(one["t_last"]),
            one["rows"],
        )
        for one in known["flights"]
    }


def test_values_come_in_the_steps_of_their_messages(month: pl.DataFrame) -> None:
    """25 ft, 1 kt, 64 ft/min, tenths of a second, and compact positions."""
    for name, step in (("altitude_ft", 25.0), ("groundspeed_kt", 1.0), ("vertical_rate_fpm", 64.0)):
        assert (month[name].to_numpy() % step == 0.0).all(), name
    assert (month["t"].dt.epoch("us").to_numpy() % 100_000 == 0).all()
    lat, lon = month["lat_deg"].to_numpy(), month["lon_deg"].to_numpy()
    again_lat, again_lon = sensor.cpr_rounded(lat, lon)
    assert np.abs(again_lat - lat).max() < 1e-12
    assert np.abs(again_lon - lon).max() < 1e-12
    assert np.unique(lat).size < lat.size / 2  # one in so many latitudes, 5 m apart


def test_compact_positions_have_as_many_zones_as_the_standard_says() -> None:
    """Zones of longitude grow fewer at 33.54°, from 50 to 49, as in the table of ICAO Doc 9871."""
    for lat_deg, zones in ((33.539, 50), (33.541, 49), (35.228, 49), (35.230, 48)):
        step_deg = 360.0 / zones / 2**17
        _, lon = sensor.cpr_rounded(np.array([lat_deg]), np.array([1000.4 * step_deg]))
        assert lon[0] == pytest.approx(1000 * step_deg, abs=1e-12)


def test_gaps_are_those_that_a_flight_is_given(month: pl.DataFrame, known: Answer) -> None:
    """Samples are 5 to 8 s apart but for short losses; a gap above a minute belongs to a scenario of gaps."""
    apart_s = month.group_by("icao24", maintain_order=True).agg(
        pl.col("t").diff().dt.total_microseconds() / 1e6
    )
    steps_s = apart_s["t"].explode().drop_nulls().to_numpy()
    within = steps_s[steps_s < 1800.0]
    silent = {flight["label"] for flight in known["flights"] if "gaps" in flight}

    assert np.percentile(within, 1) > 4.5
    assert 8.0 <= np.percentile(within, 97) <= 20.0
    assert not ((within > sensor.QUIET_S + 1.0) & (within <= 60.0)).any()
    assert silent == {label for label in euphrates.LABELS if label.startswith("gap_")}


def errors_of(month: pl.DataFrame, made: tuple[euphrates.Flight, ...]) -> pl.DataFrame:
    """Return by how much each row of many flights is off: metres and feet, with its stated category."""
    rows = month.with_columns((pl.col("t").dt.epoch("us") - terms.MIDNIGHT_US) / 1e6)
    by_address = {str(key[0]): group for key, group in rows.group_by("icao24")}
    off = []
    for flight in made[::3]:
        heard = by_address[flight.icao24].filter(pl.col("t").is_between(flight.departs_s, flight.arrives_s))
        lat, lon, feet = flight.motion.at(heard["t"].to_numpy())
        _, _, off_m = WGS84.inv(lon, lat, heard["lon_deg"].to_numpy(), heard["lat_deg"].to_numpy())
        off.append(
            pl.DataFrame(
                {"off_m": off_m, "off_ft": heard["altitude_ft"].to_numpy() - feet, "nac_p": heard["nac_p"]}
            )
        )
    return pl.concat(off)


def test_errors_are_as_large_as_they_are_stated(
    month: pl.DataFrame, made: tuple[euphrates.Flight, ...]
) -> None:
    """Of many rows 95 % lie within the radius that their category states, and of altitudes within 50 ft."""
    off = errors_of(month, made)

    for nac_p in sensor.RADIUS_95_M:
        stated = off.filter(pl.col("nac_p") == nac_p)
        share = (stated["off_m"] <= sensor.RADIUS_95_M[nac_p]).mean()
        assert 0.93 < share < 0.97, (nac_p, share)
    assert 0.93 < (off["off_ft"].abs() <= sensor.ALTITUDE_95_FT).mean() < 0.97
    assert abs(off["off_ft"].mean()) < 3.0


def test_multilateration_states_no_accuracy(month: pl.DataFrame) -> None:
    """Its rows have neither category; all others have both, as their standard pairs them."""
    is_mlat = month["source"] == "mlat"
    assert 0 < is_mlat.sum() < 0.05 * month.height
    for name in ("nic", "nac_p"):
        assert month.filter(is_mlat)[name].is_null().all()
        assert month.filter(~is_mlat)[name].is_not_null().all()
    assert month["nac_p"].drop_nulls().unique().sort().to_list() == [8, 9, 10]


def test_errors_change_slowly() -> None:
    """Ten seconds apart an error is nearly the same, an hour apart another; its deviation stays."""
    random = np.random.default_rng(1)
    t_s = np.arange(0.0, 4000.0, 10.0)
    many = np.array([sensor._wandering(t_s, 3.0, 300.0, random) for _ in range(2000)])

    assert many.std(axis=0) == pytest.approx(np.full(t_s.size, 3.0), rel=0.08)
    assert np.corrcoef(many[:, 100], many[:, 101])[0, 1] == pytest.approx(np.exp(-10 / 300), abs=0.01)
    assert np.corrcoef(many[:, 20], many[:, 50])[0, 1] == pytest.approx(np.exp(-1.0), abs=0.08)
    assert abs(np.corrcoef(many[:, 0], many[:, 360])[0, 1]) < 0.08


def test_files_hold_what_is_returned(month: pl.DataFrame, tmp_path: Path) -> None:
    """The Parquet file has the month's rows and the promised types; nothing is left of a write that fails."""
    path = tmp_path / "month.parquet"
    euphrates.write_tracks(path)
    table = pq.read_table(path)

    assert table.schema.equals(schema(TRACK_COLUMNS, month.columns), check_metadata=False)
    assert table.num_rows == month.height
    assert table.column("lat_deg").to_numpy().tobytes() == month["lat_deg"].to_numpy().tobytes()
    with pytest.raises(WriteError):
        euphrates.write_tracks(tmp_path / "absent" / "month.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["month.parquet"]


# The traffic --------------------------------------------------------------------------------------


def test_no_aircraft_flies_twice_at_once(made: tuple[euphrates.Flight, ...]) -> None:
    """Between two flights of one address lies more than the half hour that would make them one."""
    flown = defaultdict(list)
    for flight in made:
        flown[flight.icao24].append((flight.departs_s, flight.arrives_s))
    for spans in flown.values():
        for before, after in pairwise(sorted(spans)):
            assert after[0] - before[1] > 1860.0

    assert [flight.number for flight in made] == list(range(len(made)))


def test_the_terms_tell_whose_each_flight_is(made: tuple[euphrates.Flight, ...]) -> None:
    """Each flight is of its party by the agreement, but for the one that both claim."""
    for flight in made:
        told = terms.parties_of(flight.icao24, {flight.callsign})
        if flight.label == "claimed_twice":
            assert told == ("coalition", "russia")
        else:
            assert told == (() if flight.party == "bystander" else (flight.party,)), flight
    by_callsign = [f for f in made if f.party == "coalition" and not f.icao24.startswith("ae")]
    assert len(by_callsign) > 10


def test_there_are_a_hundred_bystanders(made: tuple[euphrates.Flight, ...]) -> None:
    """A hundred aircraft of no party, most of them airliners above FL300."""
    aircraft = {flight.icao24: flight for flight in made if flight.party == "bystander"}
    high = [flight for flight in aircraft.values() if flight.motion.altitude_ft.min() >= 30_000.0]

    assert len(aircraft) == 100
    assert len(high) >= 80


def test_every_scenario_is_flown(made: tuple[euphrates.Flight, ...]) -> None:
    """Each label that is described is flown, and each that is flown is described."""
    assert {flight.label for flight in made} == set(euphrates.LABELS)


def test_days_are_unlike(known: Answer) -> None:
    """A sandstorm keeps most on the ground, one party rests a day, weekends are quieter."""
    flights = {(day["day"], day["party"]): day["flights"] for day in known["days"]}
    usual = np.median([count for (_, party), count in flights.items() if party == "russia"])

    assert len(flights) == 2 * terms.DAYS
    assert flights["2017-11-05", "coalition"] == 0
    assert flights["2017-11-22", "russia"] < usual / 3
    assert flights["2017-11-10", "russia"] < 0.85 * usual


def test_true_motion_passes_its_corners_when_it_is_meant_to() -> None:
    """A straight corner is flown over at the instant given, at the speed and level given."""
    corners = [(-100_000.0, 0.0), (0.0, 0.0), (90_000.0, 0.0)]
    flown = motion.fly(corners, speed_kt=360.0, levels_ft=20_000.0, turn_m=3000.0, passes=(1, 5000.0))
    lat, lon, feet = flown.at(np.array([4999.0, 5000.0, 5001.0]))

    assert (lon[1], lat[1]) == pytest.approx((motion.MIDDLE_LON_DEG, motion.MIDDLE_LAT_DEG), abs=1e-9)
    assert feet == pytest.approx(20_000.0)
    _, _, way_m = WGS84.inv(lon[0], lat[0], lon[2], lat[2])
    assert way_m / 2.0 * 3600.0 / 1852.0 == pytest.approx(360.0, rel=0.006)


def test_turns_are_arcs_and_no_faster_than_they_are_told() -> None:
    """A right angle is cut by a quarter circle of the radius given, tangent to both sides."""
    corners = [(0.0, 0.0), (20_000.0, 0.0), (20_000.0, 20_000.0)]
    flown = motion.fly(corners, speed_kt=360.0, levels_ft=9000.0, turn_m=4000.0, passes=(1, 0.0), lands=False)
    turning = (flown.x_m > 16_000.001) & (flown.y_m < 3_999.999)
    radii_m = np.hypot(flown.x_m - 16_000.0, flown.y_m - 4_000.0)[turning]

    assert radii_m == pytest.approx(4000.0, abs=2.5)  # knots on the chords of 4°
    assert turning.sum() > 20
    mid_x, mid_y, _ = (np.interp(0.0, flown.t_s, v) for v in (flown.x_m, flown.y_m, flown.altitude_ft))
    assert (mid_x, mid_y) == pytest.approx((16_000 + 4000 * 0.5**0.5, 4000 - 4000 * 0.5**0.5), abs=5.0)


# The march ----------------------------------------------------------------------------------------


def test_points_are_located_as_geodesics_say() -> None:
    """Distance, side and whether the nearest point is an end: as a dense row of points along the line says."""
    random = np.random.default_rng(5)
    lat, lon = random.uniform(34.0, 35.6, 300), random.uniform(39.8, 41.6, 300)
    located = line.Line().locate(legs.surface_points(lat, lon))
    share = np.linspace(0.0, 1.0, 2001)
    row = np.concatenate(
        [np.outer(1 - share, begin) + np.outer(share, end) for begin, end in pairwise(np.array(terms.LINE))]
    )
    for k in range(lat.size):
        _, _, away_m = WGS84.inv(np.full(len(row), lon[k]), np.full(len(row), lat[k]), row[:, 0], row[:, 1])
        nearest = int(np.argmin(away_m))
        # Points of the row are 7 to 18 m apart.  Chords of 100 km are 1 m shorter than geodesics.
        assert abs(abs(located.left_m[k]) - away_m[nearest]) < 0.02 + (away_m[nearest] / 1e5) ** 3 * 1.2 + (
            81.0 / max(away_m[nearest], 1.0)
        )
        assert located.is_beside[k] == (0 < nearest < len(row) - 1)
        segment = min(nearest // len(share), 2)
        (x0, y0), (x1, y1) = np.array(terms.LINE)[segment : segment + 2]
        assert (located.left_m[k] > 0) == ((x1 - x0) * (lat[k] - y0) - (y1 - y0) * (lon[k] - x0) > 0)


def test_a_change_is_halved_down_to_a_microsecond() -> None:
    """Both edges of a state are found, also one that lasts until the end."""
    found = legs.spans(lambda t_s: ((t_s > 3.141593) & (t_s < 7.25)) | (t_s > 8.5), np.arange(0.0, 11.0))

    assert [tuple(span) for span in found] == [
        (pytest.approx(3.141593, abs=2e-6), pytest.approx(7.25, abs=2e-6)),
        (pytest.approx(8.5, abs=2e-6), 10.0),
    ]


def test_the_least_of_a_measure_is_found_between_instants() -> None:
    """It lies within a fraction of a millisecond, also at an end."""
    assert legs.least(lambda t: (t - 4.4321) ** 2 + 2.0, np.arange(0.0, 10.0)) == (
        pytest.approx(4.4321, abs=1e-4),
        pytest.approx(2.0, abs=1e-7),
    )
    assert legs.least(lambda t: t, np.arange(3.0, 10.0)) == (3.0, 3.0)


def leg(*samples: tuple[float, float, float]) -> legs.Leg:
    """Return a leg of (seconds, km along the middle segment, km across)."""
    t_s, along, across = np.array(samples).T
    places = [motion.beside(1, a, b) for a, b in zip(along, across, strict=True)]
    lat, lon = motion.positions(*np.array(places).T)
    return legs.Leg(t_s, legs.surface_points(lat, lon), np.full(len(samples), 20_000.0))


@pytest.fixture(scope="module")
def west() -> sides.Sides:
    """The rule of the party that keeps west."""
    return sides.Sides(line.Line(), terms.SIDE_RULES[0])


def test_a_straight_crossing_is_found_when_and_as_deep_as_it_is(west: sides.Sides) -> None:
    """Two km a sample, straight over the line and back: in after half a step, 3 km deep, out likewise."""
    there = [(10.0 * k, 15.0, -5.0 + 2.0 * k) for k in range(5)]
    back = [(40.0 + 10.0 * k, 15.0, 3.0 - 2.0 * k) for k in range(1, 5)]
    ((part,),) = west.excursions([leg(*there, *back)])

    # Metres of the frame are 0.5 % off, of 250 m at the most; and the chord is not quite at a right angle.
    assert part.span.t_in_s == pytest.approx(25.0, abs=0.05)
    assert part.span.t_out_s == pytest.approx(55.0, abs=0.05)
    assert (part.entered, part.left) == ("line", "line")
    assert west._deepest(part) == (pytest.approx(40.0, abs=0.01), pytest.approx(3000.0, rel=0.005))


@pytest.mark.parametrize(("gap_s", "excursions"), [(899.0, 1), (900.0, 1), (901.0, 2)])
def test_parts_past_the_line_are_joined_over_short_gaps(
    west: sides.Sides, gap_s: float, excursions: int
) -> None:
    """A gap of 900 s joins, a longer one does not."""
    before = leg((0.0, 10.0, -1.0), (10.0, 10.0, 1.0), (20.0, 10.0, 3.0))
    after = leg((20.0 + gap_s, 12.0, 3.0), (30.0 + gap_s, 12.0, 1.0), (40.0 + gap_s, 12.0, -1.0))

    assert len(west.excursions([before, after])) == excursions


def test_parts_are_not_joined_where_one_side_of_the_gap_is_not_past_the_line(west: sides.Sides) -> None:
    """Heard on its own side after the gap, it is past the line again only later: two excursions."""
    before = leg((0.0, 10.0, -1.0), (10.0, 10.0, 1.0), (20.0, 10.0, 3.0))
    after = leg((320.0, 12.0, -1.0), (330.0, 12.0, 1.0), (340.0, 12.0, -1.0))

    assert [(e[0].entered, e[-1].left) for e in west.excursions([before, after])] == [
        ("line", "heard"),
        ("line", "line"),
    ]


def test_a_gap_contains_an_excursion_only_if_there_is_time_for_it(west: sides.Sides) -> None:
    """From 10 km away to past the buffer and back are 21 km: 68 s at 600 kt."""
    (there,) = leg((0.0, 15.0, -10.0)).points_m

    assert not west.could_contain(there, there, legs.Span(0.0, 66.0))
    assert west.could_contain(there, there, legs.Span(0.0, 70.0))


@pytest.mark.parametrize(
    ("lasts_s", "depth_m", "left", "manner"),
    [
        (60.0, 1000.0, "line", "brush"),
        (60.1, 900.0, "line", "transit"),
        (30.0, 1001.0, "line", "transit"),
        (900.0, 9000.0, "end", "transit"),
        (299.9, 9000.0, "line", "transit"),
        (300.0, 9000.0, "line", "sustained"),
        (300.0, 9000.0, "heard", "sustained"),
    ],
)
def test_manner_is_told_by_length_depth_and_where_it_went(
    lasts_s: float, depth_m: float, left: str, manner: str
) -> None:
    """Short and shallow is a brush; short, or through and out elsewhere, a transit; the rest is sustained."""
    assert sides.manner(lasts_s, depth_m, "line", left) == manner


def test_flights_are_cut_at_half_an_hour_and_legs_at_a_minute() -> None:
    """A gap of exactly the limit still belongs to what it is in."""
    t_s = np.array([0.0, 60.0, 120.1, 1920.1, 3720.2])

    assert list(heard_flights.runs(t_s, heard_flights.MAX_GAP_S)) == [(0, 2), (2, 3), (3, 4), (4, 5)]
    assert list(heard_flights.runs(t_s, heard_flights.FLIGHT_GAP_S)) == [(0, 4), (4, 5)]


# The answers --------------------------------------------------------------------------------------

# label: (rule, kind, verdict, manner, entered, left) of its excursions; None where it varies.
EXPECTED: dict[str, tuple[str | None, ...]] = {
    "crossing": (None, "excursion", "broken", None, "line", "line"),
    "brush": (None, "excursion", "broken", "brush", "line", "line"),
    "inside_buffer": (None, "excursion", "inside_buffer", "brush", "line", "line"),
    "permitted": ("west", "excursion", "excused", "sustained", "line", "line"),
    "permitted_too_short": ("west", "excursion", "broken", "sustained", "line", "line"),
    "permitted_by_level": ("east", "excursion", "excused", None, "line", "line"),
    "permitted_by_level_left": ("east", "excursion", "broken", None, "line", "line"),
    "permitted_by_place": ("west", "excursion", "excused", None, "line", "line"),
    "permitted_by_place_left": ("west", "excursion", "broken", None, "line", "line"),
    "gap_hides_start": ("west", "excursion", "broken", None, "heard", "line"),
    "gap_hides_end": ("west", "excursion", "broken", None, "line", "heard"),
    "gap_hides_all": ("west", "gap", "unknown", None, None, None),
    "gap_hides_nothing": ("west", "gap", "unknown", None, None, None),
    "gap_inside": ("west", "excursion", "broken", "sustained", "line", "line"),
    "gap_inside_long": ("west", "excursion", "broken", None, None, None),
    "circling": (None, "excursion", "broken", None, "line", "line"),
    "round_end": ("west", "excursion", "broken", None, None, None),
    "at_reach": ("west", "excursion", "broken", "transit", "reach", "line"),
    "first_heard": ("west", "excursion", "broken", None, "heard", "line"),
    "last_heard": ("west", "excursion", "broken", None, "line", "heard"),
    "claimed_twice": (None, "excursion", "unknown", None, None, None),
    "late_callsign": ("east", "excursion", "broken", None, "line", "line"),
}
SILENT = {"routine", "near_line", "circling_near", "gap_far", "bystander", "place_missed", "place_overflown"}


def test_each_scenario_shows_what_it_was_made_for(known: Answer) -> None:
    """Rule, verdict, manner, entry and exit of every excursion are those that its flight was drawn for."""
    found = labelled(known["sides"])
    for label, expected in EXPECTED.items():
        assert found[label], label
        for one in found[label]:
            # On one day a permission covers whoever stays within a place.
            if label == "crossing" and one["permissions"] == ["2017-11-24/1"]:
                continue
            told = [one.get(name) for name in ("rule", "kind", "verdict", "manner", "entered", "left")]
            assert [t if e else None for t, e in zip(told, expected, strict=True)] == list(expected), one


def test_scenarios_that_keep_the_terms_show_nothing(known: Answer) -> None:
    """Flights on their own side, at 400 m from the line, beside a place or above it, are in no answer."""
    told = {one["label"] for name in ("sides", "spare") for one in known[name]}

    assert not told & SILENT
    assert {"kept_vertically", "kept_horizontally"}.isdisjoint(
        label for one in known["apart"] for label in (one["a"]["label"], one["b"]["label"])
    )


def test_permissions_cover_all_or_a_part(known: Answer) -> None:
    """Wholly covered is excused; what is covered in part says which part; the rest names no permission."""
    for one in known["sides"] + known["apart"]:
        if one.get("kind") == "gap":
            continue
        assert one["covered_s"] <= one["broken_s"] + 1e-3
        if one["verdict"] == "excused":
            assert one["permissions"]
            assert one["covered_s"] == pytest.approx(one["broken_s"], abs=1e-3)
        elif one["label"].endswith(("_left", "_too_short")) if "label" in one else False:
            assert one["permissions"]
            assert 0.1 * one["broken_s"] < one["covered_s"] < 0.9 * one["broken_s"]
    (short,) = labelled(known["sides"])["permitted_too_short"]
    assert short["covered"][-1][1] == "2017-11-08T11:20:00.000000Z"


def test_gaps_are_told(known: Answer) -> None:
    """Where a gap hides a beginning or an end it stands beside it; within an excursion it is listed."""
    found = labelled(known["sides"])
    for one in found["gap_hides_start"]:
        assert one["hidden_in"][1] == one["t_in"]
        assert one["depth_m"] > terms.BUFFER_M
        assert one["hidden_in"][0] < one["true"]["t_in"] < one["hidden_in"][1]
    for one in found["gap_hides_end"]:
        assert one["hidden_out"][0] == one["t_out"]
        assert one["hidden_out"][0] < one["true"]["t_out"] < one["hidden_out"][1]
    for one in found["gap_inside"]:
        ((begin, end),) = one["gaps"]
        assert 60.0 < seconds_between(begin, end) <= sides.JOIN_GAP_S
    for first, second in zip(found["gap_inside_long"][::2], found["gap_inside_long"][1::2], strict=True):
        assert (first["flight"], first["left"], second["entered"]) == (second["flight"], "heard", "heard")
        assert sides.JOIN_GAP_S < seconds_between(first["t_out"], second["t_in"]) <= 1800.0
    assert all(one["true"] for one in found["gap_hides_all"])
    assert not any(one["true"] for one in found["gap_hides_nothing"])


def test_circles_make_several_excursions_of_one_flight(known: Answer) -> None:
    """As many as it flew laps."""
    laps = Counter(one["flight"] for one in labelled(known["sides"])["circling"])

    assert sorted(laps.values()) == [3, 4, 5, 6]


def test_circles_near_the_line_stay_on_their_side(made: tuple[euphrates.Flight, ...]) -> None:
    """Truly within a kilometre of the line on each of four laps, and never past it."""
    the_line = line.Line()
    near = [flight for flight in made if flight.label == "circling_near"]

    assert {flight.party for flight in near} == set(terms.APART_PARTIES)
    for flight in near:
        own = {"russia": -1.0, "coalition": +1.0}[flight.party]
        off_m = own * the_line.locate(legs.Leg.of(flight.motion).points_m).left_m
        is_near = off_m < 1000.0
        assert off_m.min() > terms.BUFFER_M
        assert (is_near[1:] & ~is_near[:-1]).sum() >= 4


def test_ends_are_rounded_in_every_way(known: Answer) -> None:
    """In round an end and out through the line, the other way, and never through the line at all."""
    ways = {(one["entered"], one["left"]) for one in labelled(known["sides"])["round_end"]}

    assert ways == {("end", "line"), ("line", "end"), ("end", "end")}


def test_a_flight_that_two_parties_claim_is_unknown_and_names_both(known: Answer) -> None:
    """It is judged under the rules of both, is counted for neither, and comes close to nobody."""
    told = labelled(known["sides"])["claimed_twice"]

    assert {one["rule"] for one in told} == {"west", "east"}
    assert all(one["parties"] == ["coalition", "russia"] for one in told)
    assert not [one for one in known["apart"] if "claimed_twice" in (one["a"]["label"], one["b"]["label"])]
    flights = Counter(tuple(flight["parties"]) for flight in known["flights"])
    assert [total["flights"] for total in known["totals"]] == [flights["coalition",], flights["russia",]]


def test_about_six_crossings_a_day_before_and_after_the_pledge(known: Answer) -> None:
    """One party crosses outbound about six times a day, in both halves of the month."""
    daily = [day["outbound_crossings"] for day in known["days"] if day["party"] == "russia"]
    before, after = daily[:15], [n for k, n in enumerate(daily[15:], 16) if k != traffic.STORM_DAY]

    assert 5.5 <= np.mean(before) <= 6.9
    assert 5.5 <= np.mean(after) <= 6.9
    assert 5.5 <= np.mean(daily) <= 6.5
    assert min(before + after) >= 4
    assert sum(d["outbound_crossings"] for d in known["days"] if d["party"] == "coalition") >= 15


def test_the_pledge_is_not_kept(known: Answer) -> None:
    """Flights did not fall by half: the whole interval of their ratio lies above."""
    pledge = known["pledge"]

    assert pledge["verdict"] == "broken"
    assert pledge["ratio_95"][0] > 1.0 - terms.PLEDGE_FALLS_BY + 0.2
    flights = [f for f in known["flights"] if f["parties"] == ["russia"]]
    assert pledge["flights_before"] == sum(f["t_first"] < "2017-11-16" for f in flights)
    assert pledge["flights_before"] + pledge["flights_after"] == len(flights)


def test_the_pass_of_15_november(known: Answer) -> None:
    """Two in formation and one of the other party, east of the line, truly 300 ft below and near."""
    passes = [one for one in known["apart"] if one["a"]["label"] == "pass_300_ft"]

    assert len(passes) == 2
    assert {one["t_in"][:10] for one in passes} == {"2017-11-15"}
    assert len({one["a"]["icao24"] for one in passes} | {one["b"]["icao24"] for one in passes}) == 3
    for one in passes:
        assert one["true"]["vertical_ft_at_cpa"] == pytest.approx(300.0, abs=0.5)
        assert 225.0 <= one["vertical_ft_at_cpa"] <= 375.0
        assert one["hmd_m"] < 700.0
        place = legs.surface_points([one["at"][1]], [one["at"][0]])
        assert 3000.0 < line.Line().locate(place).left_m[0] < 5000.0


def test_close_calls_are_those_that_were_made(known: Answer) -> None:
    """Every pair that was meant to pass within the minima does, and none else; one with a permission is excused."""
    pairs = Counter(one["a"]["label"] for one in known["apart"] if one["a"]["label"] == one["b"]["label"])

    assert pairs == {"close_call": 4, "close_call_permitted": 1, "pass_300_ft": 2}
    assert [one["permissions"] for one in known["apart"] if one["verdict"] == "excused"] == [["2017-11-26/1"]]
    assert len(known["apart"]) == sum(pairs.values())
    for one in known["apart"]:
        assert one["hmd_m"] < terms.APART_HORIZONTAL_M
        assert one["vmd_ft"] <= one["vertical_ft_at_cpa"] < terms.APART_VERTICAL_FT
        assert one["t_in"] <= one["t_cpa"] <= one["t_out"]


@pytest.mark.compiled
def test_the_screen_finds_the_same_close_calls(month: pl.DataFrame, known: Answer) -> None:
    """Of all that wideberth finds at these minima, the pairs of both parties are those of the march."""
    encounters = wideberth.screen(
        wideberth.read(month, provenance=False),
        horizontal_m=terms.APART_HORIZONTAL_M,
        vertical_ft=terms.APART_VERTICAL_FT,
    )
    between = [
        row
        for row in encounters
        if {
            party
            for which in ("a", "b")
            for party in terms.parties_of(row[f"icao24_{which}"], {row[f"callsign_{which}"] or ""})
        }
        == set(terms.APART_PARTIES)
    ]

    assert len(encounters) > 5 * len(between)  # most are of one party, or with bystanders
    assert len(between) == len(known["apart"])
    for one, row in zip(known["apart"], sorted(between, key=lambda row: row["t_in"]), strict=True):
        assert (one["a"]["icao24"], one["b"]["icao24"]) == (row["icao24_a"], row["icao24_b"])
        for name in ("t_in", "t_out"):
            assert abs((row[name] - datetime.fromisoformat(one[name])).total_seconds()) < SAME_S
        assert row["hmd_m"] == pytest.approx(one["hmd_m"], abs=SAME_M)
        assert row["vmd_ft"] == pytest.approx(one["vmd_ft"], abs=SAME_FT)
        assert row["retained"] == pytest.approx(one["retained"], abs=1e-4)


def test_places_are_entered_by_anyone(known: Answer) -> None:
    """Both parties and bystanders, both places, through the side and through the ceiling."""
    entered = known["spare"]

    assert {tuple(one["parties"]) for one in entered} == {(), ("coalition",), ("russia",)}
    assert {one["place"] for one in entered} == {"al-mayadin-hospital", "hajin-school"}
    assert {one["entered"] for one in entered} == {"side", "ceiling"}
    for one in entered:
        assert one["depth_m"] > 0.0
        assert one["lowest_ft"] < 10_000.0


def test_no_answer_hangs_by_a_hair(known: Answer) -> None:
    """Another reasonable definition of distance, or another order of additions, changes no verdict and no manner."""
    for one in known["sides"]:
        if one["kind"] == "gap":
            continue
        assert abs(one["depth_m"] - terms.BUFFER_M) > CLEAR_M, one
        assert abs(one["lasts_s"] - sides.SUSTAINED_S) > CLEAR_S, one
        assert abs(one["lasts_s"] - sides.BRUSH_S) > CLEAR_S or one["depth_m"] > sides.BRUSH_M + CLEAR_M, one
        assert abs(one["depth_m"] - sides.BRUSH_M) > CLEAR_M or one["lasts_s"] > sides.BRUSH_S + CLEAR_S, one
        assert one["lasts_s"] > 2.0
        assert one["broken_s"] == 0.0 or one["broken_s"] > CLEAR_S
    for one in known["apart"]:
        assert terms.APART_HORIZONTAL_M - one["hmd_m"] > CLEAR_M
        assert one["lasts_s"] > CLEAR_S
    for one in known["spare"]:
        assert one["depth_m"] > CLEAR_M
        assert one["lasts_s"] > CLEAR_S


def told_in_outline(answers: Answer) -> Counter[tuple[Any, ...]]:
    """Return all of the answers that a limit decides: which findings there are, and of what kind."""
    names = ("flight", "rule", "kind", "verdict", "manner", "entered", "left", "permissions")
    outline: Counter[tuple[Any, ...]] = Counter()
    for one in answers["sides"] + answers["spare"]:
        lists = [len(one.get(name) or ()) for name in ("gaps", "covered", "hidden_in", "hidden_out")]
        outline[(*(str(one.get(name)) for name in names), *lists)] += 1
    for one in answers["apart"]:
        pair = one["a"]["flight"], one["b"]["flight"]
        outline[(*pair, one["verdict"], *one["permissions"], len(one["covered"]))] += 1
    for one in answers["flights"]:
        outline["flight", one["flight"], len(one.get("gaps", ()))] += 1
    return outline


def move_limits(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    """Move all limits of the march outward or inward, by a share of what answers must be clear of them."""
    clear_m, clear_ft, clear_s = share * CLEAR_M, share * CLEAR_FT, share * CLEAR_S
    for module, name, clear in (
        (sides, "BUFFER_M", clear_m),
        (sides, "REACH_M", clear_m),
        (sides, "BRUSH_M", clear_m),
        (sides, "BRUSH_S", clear_s),
        (sides, "SUSTAINED_S", clear_s),
        (sides, "JOIN_GAP_S", clear_s),
        (line, "BUFFER_M", clear_m),
        (line, "REACH_M", clear_m),
        (apart, "APART_HORIZONTAL_M", clear_m),
        (apart, "APART_VERTICAL_FT", clear_ft),
        (heard_flights, "MAX_GAP_S", clear_s),
        (heard_flights, "FLIGHT_GAP_S", clear_s),
    ):
        monkeypatch.setattr(module, name, getattr(module, name) + clear)

    def wider(place: terms.Circle | None) -> Any:
        return place and dataclasses.replace(place, radius_m=place.radius_m + clear_m)

    spare = [
        dataclasses.replace(rule, place=wider(rule.place), below_ft=rule.below_ft + clear_ft)
        for rule in terms.SPARE_RULES
    ]
    permissions = [
        dataclasses.replace(
            one,
            from_s=one.from_s - clear_s,
            until_s=one.until_s + clear_s,
            above_ft=one.above_ft and one.above_ft - clear_ft,
            within=wider(one.within),
        )
        for one in terms.PERMISSIONS
    ]
    monkeypatch.setattr(march, "SPARE_RULES", spare)
    monkeypatch.setattr(permitted, "PERMISSIONS", permissions)


def move_line(monkeypatch: pytest.MonkeyPatch, towards_m: float) -> None:
    """Count as past the line, and past the buffer, only what is so much farther past it."""

    def is_past(self: sides.Sides, leg: legs.Leg, t_s: Array, more_than_m: float = 0.0) -> legs.Truths:
        located = self.line.locate(leg.points(t_s))
        depth_m = self.rule.wrong_side * located.left_m
        past: legs.Truths = (
            located.is_beside & (depth_m > more_than_m + towards_m) & (depth_m < terms.REACH_M)
        )
        return past

    def may_change(self: line.Line, points_m: Array) -> legs.Truths:
        step_m = np.linalg.norm(np.diff(points_m, axis=0), axis=1)
        near: legs.Truths = np.abs(self.locate(points_m).left_m)[:-1] <= step_m + 2.0 * CLEAR_M
        return near | original(self, points_m)

    original = line.Line.may_change
    monkeypatch.setattr(sides.Sides, "is_past", is_past)
    monkeypatch.setattr(line.Line, "may_change", may_change)


@pytest.mark.slow
@pytest.mark.parametrize("share", [1.0, -1.0])
@pytest.mark.parametrize("which", ["limits", "line"])
def test_no_answer_changes_where_limits_move_a_little(
    month: pl.DataFrame,
    made: tuple[euphrates.Flight, ...],
    known: Answer,
    monkeypatch: pytest.MonkeyPatch,
    which: str,
    share: float,
) -> None:
    """With limits 10 m, 33 ft and 1 s elsewhere, or the line 10 m, the same findings of the same kinds are made."""
    if which == "limits":
        move_limits(monkeypatch, share)
    else:
        move_line(monkeypatch, share * CLEAR_M)

    assert told_in_outline(march.answers(month, made, euphrates.SEED)) == told_in_outline(known)


@pytest.mark.slow
def test_answers_change_where_limits_move_far(
    month: pl.DataFrame, made: tuple[euphrates.Flight, ...], known: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With limits 200 m, 656 ft and 20 s elsewhere there are other findings of every kind: they were moved."""
    move_limits(monkeypatch, 20.0)
    moved = march.answers(month, made, euphrates.SEED)

    for kind in ("sides", "apart", "spare"):
        alone = {"flights": [], "sides": [], "apart": [], "spare": []}
        assert told_in_outline({**alone, kind: moved[kind]}) != told_in_outline({**alone, kind: known[kind]})


@pytest.mark.slow
def test_no_gap_is_nearly_long_enough(month: pl.DataFrame, made: tuple[euphrates.Flight, ...]) -> None:
    """To cross and come back within a gap takes less than 400 kt, or more than 1000 kt."""
    the_line = line.Line()
    rule_of = {rule.party: rule for rule in terms.SIDE_RULES}
    speeds_kt = []
    for heard in heard_flights.heard_flights(month, made):
        for gap, a, b in zip(heard.gaps, heard.legs, heard.legs[1:], strict=False):
            for party in heard.parties:
                edge_m = the_line.past_buffer_m(rule_of[party].wrong_side)
                way_m = np.linalg.norm(edge_m - a.points_m[-1], axis=1)
                way_m += np.linalg.norm(edge_m - b.points_m[0], axis=1)
                speeds_kt.append(way_m.min() / (gap.t_out_s - gap.t_in_s) * 3600.0 / 1852.0)

    assert len(speeds_kt) == 16
    assert not [kt for kt in speeds_kt if 400.0 <= kt <= 1000.0]
    assert sum(kt > 1000.0 for kt in speeds_kt) == 3


def test_the_true_motion_lies_within_what_is_stated(known: Answer) -> None:
    """Where an excursion was recorded deepest, the true depth lies within the 95 % of the flight's category."""
    nac_p = {flight["flight"]: flight["nac_p"] for flight in known["flights"]}
    share = sensor.NORMAL_95 / sensor.RAYLEIGH_95  # of a 95 % radius that holds 95 % in one direction
    within = [
        abs(one["true"]["depth_at_recorded_m"] - one["depth_m"])
        <= sensor.RADIUS_95_M[nac_p[one["flight"]]] * share
        for one in known["sides"]
        if one["kind"] == "excursion" and one["true"] and one["true"]["depth_at_recorded_m"] is not None
    ]

    assert len(within) > 200
    # Of 246, 95 % are 234, with a deviation of 3.4; three of them are 4 %.
    assert 0.91 <= np.mean(within) <= 0.99


def test_counts_of_days_add_up_to_totals(known: Answer) -> None:
    """Flights, crossings and verdicts of all days are those of the month."""
    for total in known["totals"]:
        days = [day for day in known["days"] if day["party"] == total["party"]]
        for name in ("flights", "outbound_crossings", "excursions", "broken", "excused", "unknown"):
            assert sum(day[name] for day in days) == total[name], name
    assert sum(flight["rows"] for flight in known["flights"]) == known["rows"]


def nearly_equal(one: Any, other: Any, path: str = "") -> None:
    """Compare answers: texts and whole numbers as they are, instants within a second, numbers within metres."""
    if isinstance(one, dict):
        assert one.keys() == other.keys(), path
        for name in one:
            nearly_equal(one[name], other[name], f"{path}.{name}")
    elif isinstance(one, list):
        assert len(one) == len(other), path
        for k, (a, b) in enumerate(zip(one, other, strict=True)):
            nearly_equal(a, b, f"{path}[{k}]")
    elif isinstance(one, str) and one.endswith("Z"):
        if not path.endswith(("t_vmd", "t_deepest", "t_cpa")):  # flat minima may lie elsewhere
            assert abs(seconds_between(one, other)) <= REGENERATED_S, path
    elif isinstance(one, float):
        is_degrees = "at[" in path
        assert one == pytest.approx(other, abs=1e-4 if is_degrees else REGENERATED_M), path
    else:
        assert one == other, path


@pytest.mark.slow
def test_the_stored_answers_are_those_of_the_march(known: Answer, tmp_path: Path) -> None:
    """Made again they are the same; if not, tools/euphrates_truth.py has to be run."""
    path = tmp_path / "truth.json"
    euphrates.write_truth(path)

    nearly_equal(json.loads(path.read_text("utf-8")), known)


def test_answers_are_written_compressed_where_the_name_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes of a compressed file depend on nothing but the answers."""
    monkeypatch.setattr(euphrates, "truth", lambda seed: {"seed": seed})
    for name in ("a.json.gz", "b.json.gz", "plain.json"):
        euphrates.write_truth(tmp_path / name, seed=3)

    assert (tmp_path / "plain.json").read_text("utf-8") == '{"seed":3}\n'
    assert (tmp_path / "a.json.gz").read_bytes() == (tmp_path / "b.json.gz").read_bytes()
    assert (tmp_path / "a.json.gz").read_bytes()[:2] == b"\x1f\x8b"


def test_the_pledge_is_judged_by_its_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept if the whole interval lies below the limit, broken if above, else unknown."""

    class Told:
        parties = ("russia",)

        def __init__(self, t_s: float) -> None:
            self.first_s = t_s

    def judged(before: int, after: int) -> str:
        early, late = timedelta(days=3).total_seconds(), timedelta(days=20).total_seconds()
        flights: Any = [Told(early)] * before + [Told(late)] * after
        return str(march.pledge(flights)["verdict"])

    assert judged(400, 100) == "kept"
    assert judged(400, 200) == "unknown"
    assert judged(400, 390) == "broken"
