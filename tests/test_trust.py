"""Trust: made pairs of tracks in which a reason must be told, and nearly the same ones in which it must not."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wideberth
from wideberth.errors import UsageError
from wideberth.screen.options import Options
from wideberth.screen.scale import screen_tracks
from wideberth.trust import evidence
from wideberth.trust.limits import SCALES, Limits
from wideberth.trust.reasons import CONTEXTS, TRUSTS
from wideberth.units import METRES_PER_FOOT, MPS_PER_KNOT

if TYPE_CHECKING:
    from wideberth.encounters import Encounters

HORIZONTAL_M, VERTICAL_FT = 926.0, 1000.0
A, B = "4b0001", "4b0002"
METRES_PER_DEG = 111_195.0
LAT, LON = 47.0, 8.0
NOON = datetime(2018, 8, 1, 12, tzinfo=UTC)
SAME = 1e-6  # of probabilities, which positions to a nanometre move
EVERY_2_S = np.arange(-150.0, 151.0, 2.0)

# Flights ------------------------------------------------------------------------------------------


def flight(
    icao24: str,
    *,
    track_deg: float = 0.0,
    speed_mps: float = 100.0,
    at_m: tuple[float, float] = (0.0, 0.0),
    turn_dps: float = 0.0,
    ft: float = 5000.0,
    climb_fpm: float = 0.0,
    t_s: Any = EVERY_2_S,
    late_s: float = 0.0,
    noise_m: float = 0.0,
    source: str | None = "adsb_icao",
    callsign: str | None = None,
) -> pl.DataFrame:
    """Return one aircraft: at noon ``at_m`` east and north of a place, straight or in a turn, level or climbing."""
    t_s = np.asarray(t_s, float)
    since_s = t_s - late_s
    turn = np.radians(turn_dps)
    middle = np.radians(track_deg) + turn * since_s / 2
    ahead_m = speed_mps * since_s * np.sinc(turn * since_s / 2 / np.pi)
    noise = np.random.default_rng(int(icao24, 16)).normal(0.0, 1.0, (2, t_s.size)) * noise_m
    altitude_ft = np.round((ft + climb_fpm / 60.0 * since_s) / 25.0) * 25.0
    return pl.DataFrame(
        {
            "icao24": icao24,
            "t_s": t_s,
            "east_m": at_m[0] + ahead_m * np.sin(middle) + noise[0],
            "north_m": at_m[1] + ahead_m * np.cos(middle) + noise[1],
            "altitude_ft": altitude_ft,
            "height_m": (altitude_ft + 300.0) * METRES_PER_FOOT,
            "on_ground": False,
            "groundspeed_kt": np.full(t_s.size, speed_mps / MPS_PER_KNOT),
            "track_deg": (track_deg + turn_dps * since_s) % 360.0,
            "vertical_rate_fpm": np.full(t_s.size, climb_fpm),
            "callsign": callsign,
            "source": source,
            "nac_p": 9,
        },
        schema_overrides={"callsign": pl.String, "source": pl.String, "nac_p": pl.Int8},
    )


def landing(icao24: str, *, at_m: tuple[float, float], down_s: float, ft: float = 1000.0) -> pl.DataFrame:
    """Return an approach from the south that touches down at a place and a time, and rolls out."""
    t_s = np.arange(-200.0, down_s + 40.0, 2.0)
    whole = flight(icao24, at_m=at_m, speed_mps=67.0, t_s=t_s, late_s=down_s, climb_fpm=-700.0, ft=ft)
    rolled = pl.col("t_s") > down_s
    since_s = pl.col("t_s") - down_s
    return whole.with_columns(
        altitude_ft=pl.when(rolled).then(ft).otherwise("altitude_ft"),
        on_ground=rolled,
        north_m=pl.when(rolled).then(at_m[1] + 67.0 * since_s - 0.8 * since_s**2).otherwise("north_m"),
        groundspeed_kt=pl.when(rolled)
        .then((67.0 - 1.6 * since_s) / MPS_PER_KNOT)
        .otherwise("groundspeed_kt"),
    )


def approaching(
    icao24: str, *, at_m: tuple[float, float] = (0.0, 3000.0), down_s: float, **values: float
) -> pl.DataFrame:
    """Return an approach that is no longer heard 4 s before it touches down."""
    whole = landing(icao24, at_m=at_m, down_s=down_s).filter(pl.col("t_s") < down_s - 4.0)
    return whole.with_columns(**{name: pl.lit(value) for name, value in values.items()})


def joined_up(icao24: str, *, nearest_m: float) -> pl.DataFrame:
    """Return one that flies 1200 m beside the way north, comes near at noon, and leaves again."""
    whole = flight(icao24, ft=5100.0)
    off_m = nearest_m + (1200.0 - nearest_m) * (pl.col("t_s").abs() / 40.0).clip(0.0, 1.0)
    return whole.with_columns(east_m=off_m)


def swinging(icao24: str, *, drift_mps: float, swing_mps: float, t_s: Any = EVERY_2_S) -> pl.DataFrame:
    """Return one beside the slow one that drifts from left to right of it, and swings to and fro."""
    whole = flight(icao24, speed_mps=40.0, ft=5300.0, t_s=t_s)
    swing_m = swing_mps * 6.0 * (pl.col("t_s") / 6.0).sin()
    return whole.with_columns(east_m=drift_mps * pl.col("t_s") + swing_m)


def between(first_s: float, last_s: float) -> pl.Expr:
    """Return whether a row lies in a span, ends included."""
    return pl.col("t_s").is_between(first_s, last_s)


def without(frame: pl.DataFrame, first_s: float, last_s: float) -> pl.DataFrame:
    """Return a flight of which nothing was heard in a span."""
    return frame.filter(~between(first_s, last_s))


def put(frame: pl.DataFrame, first_s: float, last_s: float, **values: Any) -> pl.DataFrame:
    """Return a flight with other values in a span."""
    changed = {
        name: pl.when(between(first_s, last_s)).then(value).otherwise(name) for name, value in values.items()
    }
    return frame.with_columns(**changed)


def stuck(frame: pl.DataFrame, first_s: float, last_s: float) -> pl.DataFrame:
    """Return a flight whose positions of a span are all the first of it."""
    first = frame.filter(between(first_s, last_s)).row(0, named=True)
    return put(frame, first_s, last_s, east_m=first["east_m"], north_m=first["north_m"])


def table_of(*flights: pl.DataFrame, is_south: bool = False, later_s: float = 0.0) -> pl.DataFrame:
    """Return flights as a feed would write them; also mirrored at the equator, or later."""
    rows = pl.concat(flights).sort("t_s", "icao24")
    lat = LAT + pl.col("north_m") / METRES_PER_DEG
    lon = LON + pl.col("east_m") / (METRES_PER_DEG * np.cos(np.radians(LAT)))
    south = {"track_deg": (540.0 - pl.col("track_deg")) % 360.0} if is_south else {}
    return rows.with_columns(
        t=pl.lit(NOON) + pl.duration(microseconds=((pl.col("t_s") + later_s) * 1e6).round().cast(pl.Int64)),
        lat_deg=-lat if is_south else lat,
        lon_deg=lon,
        **south,
    ).drop("t_s", "east_m", "north_m")


def screened(
    table: pl.DataFrame, *, limits: Limits | None = None, keep_all: bool = True, **given: Any
) -> Encounters:
    """Return what a screen of them finds."""
    given = {"horizontal_m": HORIZONTAL_M, "vertical_ft": VERTICAL_FT, "max_gap_s": 60.0} | given
    return screen_tracks(wideberth.read(table, keep_all=keep_all), Options.of(limits=limits, **given))


# Cases --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Two flights, what is to be told of them, and which reason is not told of nearly the same flights."""

    code: str
    with_it: list[pl.DataFrame]
    without_it: list[pl.DataFrame]
    trust: str = "credible"
    context: str = "none"


def crosses(**changes: Any) -> pl.DataFrame:
    """Return one that passes 100 m ahead of who flies north, 100 ft higher, westbound."""
    return flight(B, **({"track_deg": 270.0, "at_m": (0.0, 100.0), "ft": 5100.0} | changes))


def aside(east_m: float, last_s: float = 14.0, **changes: Any) -> pl.DataFrame:
    """Return one that flies north, heard every 14 s, of which reports from 14 s before noon on lie to the east."""
    return put(flight(A, t_s=np.arange(-154.0, 155.0, 14.0), **changes), -14.0, last_s, east_m=east_m)


def sinking(icao24: str, *, at_m: tuple[float, float] = (0.0, 0.0), climb_fpm: float = -60.0) -> pl.DataFrame:
    """Return a slow one that sinks, and was lowest 10 s before it was heard last."""
    whole = flight(icao24, at_m=at_m, speed_mps=67.0, ft=1000.0, climb_fpm=climb_fpm)
    return put(whole, 142.0, 150.0, altitude_ft=900.0)


CIRCLING: dict[str, Any] = {"speed_mps": 30.0, "turn_dps": 6.0, "ft": 2000.0}
TURNING: dict[str, Any] = {"turn_dps": 0.5, "noise_m": 5.0}
NORTH = flight(A)
FAST = flight(A, speed_mps=150.0)
SLOW = flight(A, speed_mps=40.0)
CASES = {
    "company": Case(
        "company",
        [NORTH, flight(B, at_m=(300.0, 0.0))],
        [NORTH, flight(B, at_m=(300.0, 0.0), speed_mps=160.0)],
        context="company",
    ),
    "company for long": Case(
        "company",
        [SLOW, swinging(B, drift_mps=12.0, swing_mps=0.0)],
        [SLOW, swinging(B, drift_mps=12.0, swing_mps=0.0, t_s=np.arange(-75.0, 76.0, 2.0))],
        context="company",
    ),
    "company that stays": Case(
        "company",
        [SLOW, swinging(B, drift_mps=12.0, swing_mps=32.0, t_s=np.arange(-75.0, 76.0, 2.0))],
        [SLOW, swinging(B, drift_mps=22.0, swing_mps=0.0, t_s=np.arange(-75.0, 76.0, 2.0))],
        context="company",
    ),
    "company that circles": Case(
        "company",
        [SLOW, swinging(B, drift_mps=0.0, swing_mps=50.0, t_s=np.arange(-40.0, 41.0, 2.0))],
        [SLOW, swinging(B, drift_mps=50.0, swing_mps=0.0, t_s=np.arange(-40.0, 41.0, 2.0))],
        context="company",
    ),
    "join-up": Case(
        "join-up",
        [NORTH, joined_up(B, nearest_m=50.0)],
        [NORTH, joined_up(B, nearest_m=800.0)],
        context="company",
    ),
    "circuit": Case(
        "circuit",
        [
            landing(A, at_m=(0.0, 3000.0), down_s=60.0),
            landing(B, at_m=(500.0, 3000.0), down_s=66.0, ft=1050.0),
        ],
        [
            landing(A, at_m=(0.0, 3000.0), down_s=60.0),
            flight(B, at_m=(500.0, -1300.0), speed_mps=67.0, ft=1800.0),
        ],
        context="circuit",
    ),
    "circuit, last heard in the air": Case(
        "circuit",
        [approaching(A, down_s=60.0), approaching(B, at_m=(500.0, 3000.0), down_s=66.0)],
        [
            approaching(A, down_s=60.0),
            approaching(B, at_m=(500.0, 3000.0), down_s=66.0, groundspeed_kt=200.0),
        ],
        context="circuit",
    ),
    "circuit, last heard a little higher": Case(
        "circuit",
        [sinking(A), sinking(B, at_m=(500.0, 0.0))],
        [sinking(A), sinking(B, at_m=(500.0, 0.0), climb_fpm=-10.0)],
        context="circuit",
    ),
    "company that circles over a field": Case(
        "circuit",
        [flight(A, climb_fpm=-300.0, **CIRCLING), flight(B, climb_fpm=-300.0, at_m=(300.0, 0.0), **CIRCLING)],
        [flight(A, **CIRCLING), flight(B, at_m=(300.0, 0.0), **CIRCLING)],
        context="company",
    ),
    "levels of RVSM": Case(
        "level-spacing",
        [flight(A, ft=35_000.0), crosses(ft=35_975.0)],
        [flight(A, ft=35_000.0), crosses(ft=35_975.0, climb_fpm=-600.0)],
        context="level spacing",
    ),
    "levels of RVSM, barely held": Case(
        "level-spacing",
        [flight(A, ft=35_000.0), crosses(ft=35_825.0)],
        [flight(A, ft=35_000.0), crosses(ft=35_750.0)],
        context="level spacing",
    ),
    "levels below": Case(
        "level-spacing",
        [flight(A, ft=9000.0), crosses(ft=9750.0)],
        [flight(A, ft=9000.0), crosses(ft=9675.0)],
        context="level spacing",
    ),
    "one aircraft, relayed": Case(
        "one-aircraft",
        [NORTH, flight(B, at_m=(40.0, 0.0), late_s=2.0, noise_m=30.0, source="tisb_other")],
        [NORTH, flight(B, at_m=(40.0, 0.0), late_s=2.0, noise_m=30.0, source="tisb_other", track_deg=40.0)],
        trust="artefact",
        context="company",
    ),
    "one aircraft, perhaps": Case(
        "one-aircraft",
        [NORTH, flight(B, at_m=(200.0, 0.0), source="tisb_other", t_s=[-1.0, 1.0], late_s=0.5)],
        [NORTH, flight(B, at_m=(200.0, 0.0), source="tisb_other", t_s=[-1.0, 1.0], late_s=0.5, ft=5900.0)],
        trust="doubtful",
    ),
    "one aircraft, relayed twice": Case(
        "one-aircraft",
        [flight(A, noise_m=60.0, source="tisb_other"), flight(B, at_m=(200.0, 0.0), source="tisb_other")],
        [flight(A, noise_m=60.0, source="tisb_other"), flight(B, track_deg=40.0, source="tisb_other")],
        trust="doubtful",
        context="company",
    ),
    "one aircraft, fed twice": Case(
        "one-aircraft",
        [flight(A, callsign="X1", **TURNING), flight(B, callsign="X1", late_s=6.0, **TURNING)],
        [
            flight(A, callsign="X1", **TURNING),
            flight(B, callsign="X2", late_s=6.0, at_m=(100.0, 0.0), ft=5400.0, **TURNING),
        ],
        trust="artefact",
        context="company",
    ),
    "one aircraft, multilaterated": Case(
        "one-aircraft",
        [NORTH, flight(B, at_m=(60.0, 0.0), noise_m=60.0, source="mlat")],
        [NORTH, flight(B, at_m=(60.0, 0.0), noise_m=60.0, source="mlat", climb_fpm=200.0)],
        trust="artefact",
        context="company",
    ),
    "one aircraft, perhaps multilaterated": Case(
        "one-aircraft",
        [flight(A, source=None), flight(B, at_m=(90.0, 0.0), noise_m=60.0, source=None)],
        [flight(A, source=None), flight(B, at_m=(90.0, 0.0), noise_m=60.0, source=None, ft=5400.0)],
        trust="doubtful",
        context="company",
    ),
    "stale for long": Case(
        "stale",
        [stuck(FAST, -34.0, 34.0), crosses(at_m=(0.0, -5000.0))],
        [stuck(FAST, 0.0, 2.0), crosses()],
        trust="artefact",
    ),
    "stale for a while": Case(
        "stale", [stuck(FAST, 0.0, 12.0), crosses()], [stuck(FAST, 0.0, 2.0), crosses()], trust="doubtful"
    ),
    "leap aside": Case(
        "leap",
        [put(NORTH, 0.0, 0.0, east_m=900.0), crosses()],
        [put(NORTH, 0.0, 0.0, east_m=100.0), crosses()],
        trust="doubtful",
    ),
    "leap aside, hopeless": Case(
        "leap",
        [put(NORTH, 0.0, 0.0, east_m=6000.0), crosses(at_m=(6000.0, 0.0))],
        [NORTH, crosses()],
        trust="artefact",
    ),
    "leap beside the reported way": Case(
        "leap",
        [aside(1000.0), crosses(at_m=(1000.0, 100.0))],
        [aside(1000.0, last_s=154.0), crosses(at_m=(1000.0, 100.0))],
        trust="doubtful",
    ),
    "leap beside the reported way, of a radar": Case(
        "leap",
        [aside(1000.0, source="tisb_other"), crosses(at_m=(1000.0, 100.0))],
        [aside(200.0, source="tisb_other"), crosses(at_m=(0.0, 800.0))],
        trust="doubtful",
    ),
    "leap of the way": Case(
        "leap",
        [NORTH.with_columns(north_m=pl.col("north_m") + 1500.0 * (pl.col("t_s") > 20.0)), crosses()],
        [NORTH.with_columns(north_m=pl.col("north_m") + 100.0 * (pl.col("t_s") > 20.0)), crosses()],
        trust="doubtful",
    ),
    "leap long after": Case(
        "leap",
        [NORTH.with_columns(north_m=pl.col("north_m") + 9000.0 * (pl.col("t_s") > 120.0)), crosses()],
        [NORTH.with_columns(north_m=pl.col("north_m") + 3000.0 * (pl.col("t_s") > 120.0)), crosses()],
        trust="doubtful",
    ),
    "leap forward": Case(
        "leap",
        [put(NORTH, 0.0, 0.0, north_m=500.0), crosses()],
        [put(NORTH, 0.0, 0.0, north_m=100.0), crosses()],
        trust="doubtful",
    ),
    "raced": Case(
        "leap",
        [NORTH.with_columns(groundspeed_kt=pl.lit(100.0)), crosses()],
        [NORTH.with_columns(groundspeed_kt=pl.lit(150.0)), crosses()],
        trust="doubtful",
    ),
    "accuracy": Case(
        "accuracy",
        [put(NORTH, -40.0, 40.0, nac_p=1), crosses()],
        [put(NORTH, -40.0, 40.0, nac_p=6), crosses()],
        trust="doubtful",
    ),
    "altitude-leap": Case(
        "altitude-leap",
        [put(NORTH, 0.0, 0.0, altitude_ft=5600.0), crosses()],
        [put(NORTH, 0.0, 0.0, altitude_ft=5100.0), crosses()],
        trust="doubtful",
    ),
    "altitude-leap, hopeless": Case(
        "altitude-leap",
        [put(NORTH, 0.0, 0.0, altitude_ft=9000.0), crosses(ft=9000.0)],
        [NORTH, crosses()],
        trust="artefact",
    ),
    "altitude-leap in a minute": Case(
        "altitude-leap",
        [NORTH.with_columns(altitude_ft=5000.0 + 900.0 * (pl.col("t_s") > 60.0)), crosses()],
        [NORTH.with_columns(altitude_ft=5000.0 + 300.0 * (pl.col("t_s") > 60.0)), crosses()],
        trust="doubtful",
    ),
    "altitude-stuck": Case(
        "altitude-stuck",
        [NORTH.with_columns(vertical_rate_fpm=pl.lit(-2500.0)), crosses()],
        [NORTH.with_columns(vertical_rate_fpm=pl.lit(-500.0)), crosses()],
        trust="doubtful",
    ),
    "altitudes-disagree": Case(
        "altitudes-disagree",
        [NORTH.with_columns(height_m=pl.col("height_m") + 400.0), crosses()],
        [NORTH.with_columns(height_m=pl.col("height_m") + 40.0), crosses()],
        trust="doubtful",
    ),
    "brief": Case(
        "brief",
        [NORTH, crosses(t_s=[-2.0, 0.0, 2.0])],
        [NORTH, crosses(t_s=np.arange(-6.0, 7.0, 2.0))],
        trust="doubtful",
    ),
    "brief, alone": Case(
        "brief",
        [NORTH, crosses(t_s=[-140.0, 0.0, 140.0])],
        [NORTH, crosses(t_s=[-140.0, -40.0, 0.0, 40.0, 140.0])],
        trust="doubtful",
    ),
    "gap": Case(
        "gap",
        [without(NORTH, -19.0, 19.0), crosses()],
        [without(NORTH, -10.0, 10.0), crosses()],
        trust="doubtful",
    ),
    "gap with a turn": Case(
        "gap",
        [without(flight(A, turn_dps=3.0), -11.0, 11.0), crosses(at_m=(0.0, 860.0), track_deg=90.0)],
        [without(NORTH, -11.0, 11.0), crosses(at_m=(0.0, 860.0), track_deg=90.0)],
        trust="doubtful",
    ),
}


def rows_of(encounters: Encounters) -> list[dict[str, Any]]:
    """Return the encounters as dicts, the reasons as a list."""
    rows: list[dict[str, Any]] = encounters.table.to_pylist()
    return [row | {"reasons": (row["reasons"] or "").split(), "why": row["why"] or ""} for row in rows]


@pytest.mark.parametrize("name", CASES)
def test_a_reason_is_told_where_it_holds(name: str) -> None:
    """With its trust, its context and a sentence."""
    case = CASES[name]
    (row,) = rows_of(screened(table_of(*case.with_it)))

    assert case.code in row["reasons"]
    assert (row["trust"], row["context"]) == (case.trust, case.context)
    assert row["why"].count(".") >= len(row["reasons"])


@pytest.mark.parametrize("name", CASES)
def test_a_reason_is_not_told_where_it_does_not_hold(name: str) -> None:
    """Nor of nearly the same flights, which meet as well."""
    case = CASES[name]
    found = rows_of(screened(table_of(*case.without_it)))

    assert len(found) >= 1
    assert not any(case.code in row["reasons"] for row in found)


def test_every_reason_has_a_case() -> None:
    """So that none is left without one: all codes that the source tells."""
    source = Path(wideberth.__file__).parent.joinpath("trust", "reasons.py").read_text()
    told = {part.split('"')[1] for part in source.split("done.note(")[1:]}

    assert told == {case.code for case in CASES.values()}


@pytest.mark.parametrize("keep_all", [False, True])
def test_a_real_pass_is_credible(keep_all: bool) -> None:
    """Two aircraft that truly pass at 100 m, 100 ft apart: credible, and nothing else is said of it."""
    (row,) = rows_of(screened(table_of(NORTH, crosses(at_m=(0.0, 141.4))), keep_all=keep_all))

    assert row["hmd_m"] == pytest.approx(100.0, abs=1.0)
    assert (row["trust"], row["context"], row["reasons"], row["why"]) == ("credible", "none", [], "")
    assert row["one_aircraft"] < SAME
    assert row["rank"] == 1
    assert row["probability"] > 0.95


def test_a_tail_chase_an_overtaking_and_a_head_on_pass_are_credible() -> None:
    """From any direction, and with a climb through the other's level."""
    for other in (
        crosses(track_deg=180.0),
        crosses(track_deg=0.0, speed_mps=160.0, at_m=(100.0, 0.0)),
        crosses(track_deg=0.0, speed_mps=60.0, at_m=(100.0, 0.0)),
        crosses(track_deg=135.0, climb_fpm=1500.0),
        crosses(track_deg=45.0, turn_dps=2.0),
    ):
        (row,) = rows_of(screened(table_of(NORTH, other)))
        assert (row["trust"], row["context"], row["reasons"]) == ("credible", "none", [])


def test_another_callsign_speaks_against_one_aircraft_and_the_same_for_it() -> None:
    """By what was heard of both."""
    copy = CASES["one aircraft, perhaps"].with_it[1]
    probable = []
    for callsigns in (("DLH1", "SWR2"), (None, "SWR2"), ("DLH1", "DLH1")):
        both = [
            each.with_columns(callsign=pl.lit(sign, pl.String))
            for each, sign in zip((NORTH, copy), callsigns, strict=True)
        ]
        probable += [row["one_aircraft"] for row in rows_of(screened(table_of(*both)))]

    assert probable == sorted(probable)
    assert probable[0] < 0.5 < 0.99 < probable[2]


@pytest.mark.parametrize("source", ["adsb_icao", "tisb_other"])
@pytest.mark.parametrize("aside_m", [800.0, 1000.0, 1300.0])
def test_parallel_approaches_are_two_however_steadily_they_are_flown(source: str, aside_m: float) -> None:
    """A relayed target that keeps farther to the side than a relay can be off is another aircraft."""
    flown: dict[str, Any] = {"speed_mps": 70.0, "ft": 3000.0, "climb_fpm": -700.0, "noise_m": 15.0}
    both = (
        flight(A, source=source, **flown),
        flight(B, source="tisb_other", at_m=(aside_m, -150.0), **flown),
    )
    (row,) = rows_of(screened(table_of(*both), horizontal_m=2000.0))

    assert row["one_aircraft"] < SAME
    assert row["trust"] == "credible"


@pytest.mark.parametrize("side", [0, 1])
def test_an_encounter_that_rests_on_no_report_is_doubtful(side: int) -> None:
    """Where a long gap is allowed, and none was heard within ten minutes of the closest point."""
    t_s = [-710.0, -700.0, 700.0, 710.0]
    heard = (EVERY_2_S, t_s) if side else (t_s, EVERY_2_S)
    both = [flight(A, speed_mps=10.0, t_s=heard[0]), crosses(speed_mps=10.0, t_s=heard[1])]
    (row,) = rows_of(screened(table_of(*both), max_gap_s=4000.0))

    assert (row["trust"], row["reasons"]) == ("doubtful", ["gap"])
    assert "nan" not in row["why"]


def test_who_flies_level_where_a_recording_ends_is_in_no_circuit() -> None:
    """Level flights that meet as they are first or last heard neither took off nor land there."""
    slow = flight(A, speed_mps=60.0, t_s=np.arange(-150.0, 1.0))
    for other in (crosses(speed_mps=60.0), crosses(speed_mps=60.0, t_s=np.arange(-150.0, 1.0))):
        (row,) = rows_of(screened(table_of(slow, other)))
        assert (row["trust"], row["context"], row["reasons"]) == ("credible", "none", [])


def test_kernels_are_compiled_once_whatever_a_feed_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns that are absent, or that hold no unknown value, come as the same types: each set takes seconds."""
    seen: set[tuple[Any, ...]] = set()
    describe = evidence.reports.describe

    def noted(*given: Any) -> Any:
        seen.add(tuple(getattr(each, "dtype", None) for each in given))
        return describe(*given)

    monkeypatch.setattr(evidence.reports, "describe", noted)
    whole = table_of(NORTH, crosses())
    optional = (
        "groundspeed_kt",
        "track_deg",
        "vertical_rate_fpm",
        "nac_p",
        "source",
        "height_m",
        "on_ground",
    )
    tables = [whole.drop(name) for name in optional] + [whole, whole.drop(optional)]
    tables.append(whole.with_columns(nac_p=pl.when(pl.col("icao24") == A).then("nac_p")))
    for table in tables:
        assert len(screened(table)) == 1

    assert len(seen) == 1


# All of them in one world -------------------------------------------------------------------------


def world(*, is_south: bool = False, later_s: float = 0.0, is_swapped: bool = False) -> pl.DataFrame:
    """Return both pairs of each case, each pair at a place, at a time and by names of its own."""
    pairs = [pair for case in CASES.values() for pair in (case.with_it, case.without_it)]
    tables = []
    for k, pair in enumerate(pairs):
        names = {A: f"4c{k:04x}", B: f"4d{k:04x}"}
        if is_swapped:
            names = {A: names[B], B: names[A]}
        table = table_of(*pair, is_south=is_south, later_s=later_s + 7200.0 * k)
        tables.append(
            table.with_columns(icao24=pl.col("icao24").replace(names), lon_deg=pl.col("lon_deg") + k)
        )
    return pl.concat(tables)


@pytest.fixture(scope="module")
def usual() -> list[dict[str, Any]]:
    """Return what is found in that world."""
    return rows_of(screened(world()))


def assert_alike(some: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    """Trust, context and reasons are the same, and how probable one aircraft is."""
    assert len(some) == len(others) >= 2 * len(CASES)
    for one, other in zip(some, others, strict=True):
        assert (one["trust"], one["context"]) == (other["trust"], other["context"]), one["id"]
        assert sorted(one["reasons"]) == sorted(other["reasons"]), one["id"]
        assert one["one_aircraft"] == pytest.approx(other["one_aircraft"], abs=SAME), one["id"]


def test_a_mirrored_world_is_judged_alike(usual: list[dict[str, Any]]) -> None:
    """South of the equator as north of it."""
    assert_alike(usual, rows_of(screened(world(is_south=True))))


@pytest.mark.parametrize("later_s", [1.0, 43_211.0, -86_400.0 * 7])
def test_another_time_changes_nothing(usual: list[dict[str, Any]], later_s: float) -> None:
    """All times later by whole seconds."""
    found = rows_of(screened(world(later_s=later_s)))

    assert_alike(usual, found)
    assert [row["rank"] for row in usual] == [row["rank"] for row in found]
    assert [row["t_in"] + timedelta(seconds=later_s) for row in usual] == [row["t_in"] for row in found]


def test_exchanged_names_change_nothing(usual: list[dict[str, Any]]) -> None:
    """Which of the two is called a matters to nobody."""
    assert_alike(usual, rows_of(screened(world(is_swapped=True))))


def test_rank_is_by_trust_then_context_then_retained(usual: list[dict[str, Any]]) -> None:
    """Each has its own, from 1, and all trusts and contexts occur."""
    ordered = sorted(usual, key=lambda row: row["rank"])
    keys = [(TRUSTS.index(row["trust"]), CONTEXTS.index(row["context"]), row["retained"]) for row in ordered]

    assert [row["rank"] for row in ordered] == list(range(1, len(usual) + 1))
    assert keys == sorted(keys)
    assert {row["trust"] for row in usual} == set(TRUSTS)
    assert {row["context"] for row in usual} == set(CONTEXTS)


def test_an_unknown_vertical_distance_ranks_below_a_known_one() -> None:
    """Within one trust and context: nothing says that it was small."""
    blind = [each.with_columns(altitude_ft=ft, height_m=m) for each, ft, m in (
        (NORTH, pl.lit(5000.0), pl.lit(None, pl.Float64)), (crosses(), pl.lit(None, pl.Float64), pl.lit(1500.0)),
    )]  # fmt: skip
    seen = [
        each.with_columns(icao24=pl.col("icao24").str.replace("4b", "4c"), east_m=pl.col("east_m") + 50_000.0)
        for each in (NORTH, crosses(at_m=(0.0, 900.0)))
    ]
    found = {row["icao24_a"]: row for row in rows_of(screened(table_of(*blind, *seen)))}

    assert found[A]["vertical_reference"] == "unknown"
    assert found[A]["hmd_m"] < found["4c0001"]["hmd_m"]
    assert (found["4c0001"]["rank"], found[A]["rank"]) == (1, 2)


def test_intervals_hold_their_values(usual: list[dict[str, Any]]) -> None:
    """And no probability leaves 0 to 1."""
    for row in usual:
        assert 0.0 <= row["hmd_low_m"] <= row["hmd_m"] <= row["hmd_high_m"]
        assert 0.0 <= row["vertical_low_ft"] <= row["vertical_ft_at_cpa"] <= row["vertical_high_ft"]
        assert row["hmd_high_m"] - row["hmd_low_m"] > 10.0
        assert 0.0 <= row["probability"] <= 1.0
        assert 0.0 <= row["one_aircraft"] <= 1.0


CLIMBING = wideberth.read(table_of(NORTH, crosses(climb_fpm=500.0)))


@settings(max_examples=20)
@given(st.floats(200.0, 1500.0), st.floats(1.0, 3.0), st.floats(200.0, 1500.0), st.floats(1.0, 3.0))
def test_larger_minima_are_more_probably_broken(
    horizontal_m: float, wider: float, vertical_ft: float, higher: float
) -> None:
    """Where a pair is nearer than both, it is nearer than larger ones, too, and no less surely."""
    narrow, wide = (
        screen_tracks(CLIMBING, Options.of(horizontal_m=m, vertical_ft=ft, max_gap_s=60.0)).table[
            "probability"
        ]
        for m, ft in ((horizontal_m, vertical_ft), (horizontal_m * wider, vertical_ft * higher))
    )

    assert narrow[0].as_py() <= wide[0].as_py() + 1e-9


def test_ids_are_unique_and_tell_who_and_when(usual: list[dict[str, Any]]) -> None:
    """Also of a pair that meets twice within a second."""
    t_s = np.arange(-5.0, 5.0, 0.25)
    jumpy = crosses(t_s=t_s, speed_mps=10.0).with_columns(
        altitude_ft=pl.when((pl.col("t_s") * 4).round().cast(pl.Int64) % 2 == 0)
        .then(5100.0)
        .otherwise(8000.0)
    )
    again = rows_of(screened(table_of(NORTH, jumpy)))
    ids = [row["id"] for row in again]

    assert len({row["id"] for row in usual}) == len(usual)
    assert len(set(ids)) == len(ids) > 10
    assert {each.count("-") for each in ids} == {2, 3}
    assert usual[0]["id"] == f"{usual[0]['icao24_a']}-{usual[0]['icao24_b']}-{usual[0]['t_in']:%Y%m%dT%H%M%S}"


# Limits -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tracks_of_world() -> Any:
    """Return that world, read once."""
    return wideberth.read(world(), keep_all=True)


def judged(tracks: Any, limits: Limits) -> list[tuple[Any, ...]]:
    """Return what is concluded by some limits."""
    found = screen_tracks(
        tracks, Options.of(horizontal_m=HORIZONTAL_M, vertical_ft=VERTICAL_FT, max_gap_s=60.0, limits=limits)
    )
    return [
        (row["trust"], row["context"], row["reasons"] or "", row["one_aircraft"])
        for row in found.table.to_pylist()
    ]


PRIORS = ("company_share", "trail_share", "fed_twice_share", "untold_mlat_share")
# Of feeds, aerodromes, a silence: test_clock.py, test_airports.py and test_trust_shown.py have worlds for these.
ELSEWHERE = ("clock_s", "airport_near_m", "airport_low_ft", "silent_s")


@pytest.mark.parametrize("name", [each.name for each in fields(Limits) if each.name not in ELSEWHERE])
def test_every_limit_counts(name: str, tracks_of_world: Any, usual: list[dict[str, Any]]) -> None:
    """A much smaller or a much larger one changes what some pair of that world is called."""
    value = getattr(Limits(), name)
    before = [(row["trust"], row["context"], " ".join(row["reasons"]), row["one_aircraft"]) for row in usual]
    others = (0.0, value * 1000.0, value * 0.5, value * 2.0, value * 0.9, value * 1.1)
    if name.startswith(("one_", "maybe_")) or name in PRIORS:
        others = (value * 0.2, 0.999)
    least = 0.0 if name not in SCALES else 1.0 if name.endswith("_factor") else 1e-9
    others = tuple(other for other in others if other >= least and other != 1.0)

    assert any(judged(tracks_of_world, Limits().changed({name: other})) != before for other in others)


def test_limits_are_overridden_by_name_and_others_refused() -> None:
    """What is no limit is told, with the name that may be meant; a value that cannot be likewise."""
    assert asdict(Limits().changed({"kink_m": 7.0})) == asdict(Limits()) | {"kink_m": 7.0}
    with pytest.raises(UsageError, match=r"no limit is called 'kink'\. Did you mean 'kink_m'"):
        Limits().changed({"kink": 7.0})
    for value in (-1.0, float("nan"), float("inf"), True, "7"):
        with pytest.raises(UsageError, match="kink_m must be a number of at least 0"):
            replace(Limits(), kink_m=value)
    with pytest.raises(UsageError, match="wander_m must be a number above 0"):
        replace(Limits(), wander_m=0.0)
    with pytest.raises(UsageError, match="wander_factor must be a number above 1"):
        replace(Limits(), wander_factor=1.0)


def test_shares_of_none_and_of_all_give_probabilities() -> None:
    """A story that is held to be impossible, or certain, leaves no warning and no number beyond 0 to 1."""
    table = table_of(*CASES["one aircraft, perhaps multilaterated"].with_it)
    for name in (
        "one_of_transponders",
        "company_share",
        "trail_share",
        "fed_twice_share",
        "untold_mlat_share",
    ):
        for share in (0.0, 1.0):
            (row,) = rows_of(screened(table, limits=Limits().changed({name: share})))
            assert 0.0 <= row["one_aircraft"] <= 1.0


# Real days ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def monterey(shared_data: Path) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the encounters of a real day by their pair."""
    tracks = wideberth.read(shared_data / "monterey-2025-06-01.jsonl.gz")
    by_pair: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows_of(wideberth.screen(tracks, horizontal_m=0.3 * 1852.0, vertical_ft=400.0)):
        by_pair.setdefault((row["icao24_a"], row["icao24_b"]), []).append(row)
    return by_pair


def test_a_helicopter_and_its_relayed_echo_are_one(monterey: Any) -> None:
    """A transponder and the TIS-B target that follows it at 1 m and 300 ft."""
    assert {row["trust"] for row in monterey["ab1b2d", "~2b0d0d"]} == {"artefact"}


def test_two_that_fly_together_are_company(monterey: Any) -> None:
    """All of their encounters; that in which they closed to 40 m is a join-up."""
    rows = monterey["aa0415", "ab0a19"]

    assert {(row["trust"], row["context"]) for row in rows} == {("credible", "company")}
    assert [row["hmd_m"] < 50.0 for row in rows] == ["join-up" in row["reasons"] for row in rows]
    assert min(row["hmd_m"] for row in rows) == pytest.approx(40.0, abs=1.0)


def test_two_that_may_be_real_are_no_artefact(monterey: Any) -> None:
    """A close pass with a relayed target that has a motion of its own is not hidden."""
    assert "artefact" not in {row["trust"] for row in monterey["a38612", "~2b08a1"]}


def test_a_day_of_airliners_surprises_hardly_ever(shared_data: Path) -> None:
    """Of the Swiss encounters at 5 NM and 1000 ft all but a few are of assigned levels."""
    tracks = wideberth.read(shared_data / "switzerland-2018-08-01.traffic.json.gz")
    rows = rows_of(wideberth.screen(tracks, horizontal_m=5 * 1852.0, vertical_ft=1000.0))
    surprising = [row for row in rows if (row["trust"], row["context"]) == ("credible", "none")]

    assert len(rows) > 150
    assert len(surprising) <= 5
    assert {row["context"] for row in rows if row not in surprising} <= {"level spacing", "company"}
