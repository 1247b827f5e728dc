"""A made-up day of airline traffic, of any size, for benchmarks and experiments.

Its encounters are not known beforehand.  What it is for is its shape: as many rows, aircraft, levels and
busy hours as a day over a continent has.

- **Airports**: 300, anywhere between 36° and 60° N and 10° W and 30° E, at up to 1500 ft.  The busiest
  has about one departure in sixty.
- **Flights**: from one to another at least 150 NM away, along the great circle of a sphere.  They leave
  in the course of 24 hours from 2026-03-01T00:00Z, most of them by day, and land when they land.
- **Profile**: a run on the ground, climb, cruise, descent and a run on the ground; speed and altitude are
  linear in time within each, but for a bend at 10,000 ft.  Eastbound flights cruise at odd thousands of
  feet, westbound ones at even thousands, below FL410.  There is no wind and no controller: 20,000 flights
  make about as many encounters at 5 NM and 1000 ft, most of them around airports.
- **Aircraft**: flights 0, 1, 2, ... have the callsigns WB000000, WB000001, ... and rising addresses from
  f00000 on.  About every second odd flight is the way back of the one before, by the same aircraft, at
  least 35 minutes after it landed.
- **Samples**: every 10 s from the run to the run, each aircraft at a phase of its own, in whole
  milliseconds; about 750 a flight.  As from ADS-B, altitude is in steps of 25 ft, speed of 1 kt, vertical
  rate of 64 ft/min; positions are rounded to 1e-5°, about a metre.  On the ground the altitude is the
  airport's.

Speed and direction are the sphere's.  Measured on the ellipsoid the speed differs by up to 0.3 %.

A seed gives the same rows again, with the same NumPy.  Flight n is the same however many flights there are:
they are drawn in blocks of 256, each by a generator of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from wideberth.columns import TRACK_COLUMNS, schema
from wideberth.tables import whole_file
from wideberth.units import METRES_PER_NM, MICROSECONDS_PER_SECOND, MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.int64]

ORDERS = ("aircraft", "time", "shuffled")

SCHEMA = {
    "icao24": pl.Categorical(),
    "t": pl.Datetime("us", "UTC"),
    "lat_deg": pl.Float64(),
    "lon_deg": pl.Float64(),
    "altitude_ft": pl.Float64(),
    "on_ground": pl.Boolean(),
    "groundspeed_kt": pl.Float32(),
    "track_deg": pl.Float32(),
    "vertical_rate_fpm": pl.Float32(),
    "callsign": pl.Categorical(),
}

MIDNIGHT_US = 1_772_323_200_000_000  # 2026-03-01T00:00:00Z
STEP_US = 10 * MICROSECONDS_PER_SECOND
MILLISECOND_US = 1000  # so finely do receivers' networks stamp
HOUR_S = 3600.0
# Departures in each hour of the day, UTC, relative to one another: quiet nights, busiest in the morning.
BUSY = (2, 1, 1, 2, 6, 10, 11, 11, 10, 10, 11, 11, 10, 10, 10, 11, 11, 10, 10, 9, 7, 5, 4, 3)

BLOCK = 256  # flights drawn together, about 200,000 rows; even, because every second flight may be a way back
ROWS_PER_GROUP = 250_000  # of a Parquet file
FIRST_ADDRESS = 0xF00000  # ICAO has given these to no state
MOST_FLIGHTS = 0xFD0000 - FIRST_ADDRESS  # `scenes` begins there

AIRPORTS = 300
SOUTH_DEG, NORTH_DEG, WEST_DEG, EAST_DEG = 36.0, 60.0, -10.0, 30.0
BUSIEST = 20.0  # the airport of rank r has a weight of 1 / (BUSIEST + r)
SHORTEST_NM = 150.0
EARTH_M = 6_376_000.0  # between the smallest and largest radius of curvature there, 6358 and 6394 km

WAY_BACK = 0.6  # of the odd flights, if the flight before leaves by LAST_WAY_OUT_S
LAST_WAY_OUT_S = 18 * HOUR_S
TURN_S = (35 * 60.0, 120 * 60.0)

# A profile has eight knots: the run begins, take-off, 10,000 ft, top of climb, top of descent, 10,000 ft,
# touchdown, the run ends.
KNOTS = 8
TAKE_OFF_RUN, CRUISE, LANDING_RUN = 0, 3, 6  # parts, from one knot to the next
GATE_FT = 10_000.0
TAKE_OFF_S, LANDING_S = 40.0, 45.0
HIGHEST_AIRPORT_FT = 1500.0
LEVELS_FT = (29_000.0, 41_000.0)  # what is wished for
# With the slowest climb and descent and the fastest speeds below, 10,000 ft and back take 58 NM, and each
# 1000 ft more 8.7 NM: as high as this allows, a flight still has some way left to cruise.
LEVEL_FROM_NM, FT_PER_NM = 60.0, 100.0


def world(*, flights: int = 20_000, seed: int = 0) -> pl.DataFrame:
    """Return a day of airline traffic, sorted by aircraft, then time.

    Args:
        flights: how many, up to 851,968; 20,000 make about 15 million rows, 800 MB.
        seed: of everything that is drawn.
    Returns:
        Columns of `wideberth.columns.TRACK_COLUMNS`, of the types that `wideberth.read` takes as they are.
    Raises:
        ValueError: more flights than there are addresses, or fewer than none.

    >>> world(flights=2)["callsign"].unique().sort().to_list()
    ['WB000000', 'WB000001']
    """
    _check(flights)
    blocks = list(_blocks(flights, seed))
    return pl.concat(blocks) if blocks else next(_blocks(1, seed)).clear()


def write_world(path: str | Path, *, flights: int = 20_000, seed: int = 0, order: str = "aircraft") -> None:
    """Write a day of airline traffic as Parquet, whole or not at all.

    By aircraft it takes the memory of a block, however many flights there are; in the other orders about
    three times that of `world`.

    Args:
        path: of the file, which is replaced if it is there.
        flights, seed: as `world` takes them.
        order: of the rows: "aircraft" (address, then time), "time" (time, then address) or "shuffled".
    Raises:
        ValueError: an order of another name, or a number of flights that `world` refuses.
        WriteError: the file could not be written.
    """
    if order not in ORDERS:
        raise ValueError(f"unknown order '{order}' (known: {', '.join(ORDERS)})")
    _check(flights)
    with whole_file(Path(path)) as temporary:
        _write(_ordered(flights, seed, order), temporary)


def _check(flights: int) -> None:
    if not 0 <= flights <= MOST_FLIGHTS:
        raise ValueError(f"there are addresses for 0 to {MOST_FLIGHTS:,} flights, not {flights:,}")


def _ordered(flights: int, seed: int, order: str) -> Iterator[pl.DataFrame]:
    """Return the rows in an order, piece by piece."""
    if order == "aircraft":
        yield from _blocks(flights, seed)
        return
    rows = world(flights=flights, seed=seed)
    if order == "time":
        rows = rows.sort("t", maintain_order=True)  # rows of one time stay in the order of addresses
    else:
        rows = rows.rechunk()[_random(seed, SHUFFLE).permutation(rows.height)]
    yield from rows.iter_slices(ROWS_PER_GROUP)


def _write(pieces: Iterator[pl.DataFrame], path: Path) -> None:
    """Write pieces, a row group each, with units and meanings."""
    kind = schema(TRACK_COLUMNS, list(SCHEMA))
    with pq.ParquetWriter(path, kind, compression="zstd") as writer:
        for piece in pieces:
            writer.write_table(piece.to_arrow().cast(kind), ROWS_PER_GROUP)


# What is drawn ------------------------------------------------------------------------------------

NETWORK, FLIGHTS, SHUFFLE = 1, 2, 3  # what a generator is for


def _random(seed: int, purpose: int, block: int = 0) -> np.random.Generator:
    return np.random.default_rng([seed, purpose, block])


@dataclass(frozen=True)
class Network:
    """Airports, and how often one flies from one to another.

    Attributes:
        point: (AIRPORTS, 3) unit vectors.
        elevation_ft: (AIRPORTS,).
        share: (AIRPORTS * AIRPORTS,) of all flights, summed up; flight from i to j at ``i * AIRPORTS + j``.
    """

    point: Numbers
    elevation_ft: Numbers
    share: Numbers

    @classmethod
    def drawn(cls, seed: int) -> Network:
        """Return the network of a seed."""
        random = _random(seed, NETWORK)
        phi = np.radians(random.uniform(SOUTH_DEG, NORTH_DEG, AIRPORTS))
        lam = np.radians(random.uniform(WEST_DEG, EAST_DEG, AIRPORTS))
        point = np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1)
        weight = 1.0 / (BUSIEST + np.arange(AIRPORTS))
        is_far = np.arccos(np.clip(point @ point.T, -1.0, 1.0)) * EARTH_M >= SHORTEST_NM * METRES_PER_NM
        share = np.cumsum((weight[:, None] * weight * is_far).ravel())
        return cls(
            point=point,
            elevation_ft=_in_steps(random.uniform(0.0, HIGHEST_AIRPORT_FT, AIRPORTS), 25.0),
            share=share / share[-1],
        )

    def routes(self, random: np.random.Generator) -> tuple[Counts, Counts]:
        """Return where the flights of a block begin and end, (BLOCK,) each."""
        route = np.searchsorted(self.share, random.random(BLOCK), side="right")
        return np.divmod(route, AIRPORTS)


@dataclass(frozen=True)
class Flights:
    """A block of n flights, one after another.

    Attributes:
        number: (n,) counted from 0 in the whole world.
        aircraft: (n,) the number of the first flight of the same aircraft.
        phase_us: (n,) when it is sampled, after a multiple of STEP_US.
        start, ahead: (n, 3) unit vectors: where the flight begins, and its direction there.
        departs_us: (n,) when the run begins, after MIDNIGHT_US.
        knot_s: (n, KNOTS) seconds since then.
        altitude_ft, speed_mps: (n, KNOTS) at the knots; straight in time between them.
    """

    number: Counts
    aircraft: Counts
    phase_us: Counts
    start: Numbers
    ahead: Numbers
    departs_us: Counts
    knot_s: Numbers
    altitude_ft: Numbers
    speed_mps: Numbers

    @classmethod
    def drawn(cls, seed: int, block: int, network: Network) -> Flights:
        """Return the flights of a block, all of them."""
        random = _random(seed, FLIGHTS, block)
        number = block * BLOCK + np.arange(BLOCK)
        begin, end = network.routes(random)
        departs_s = _departures_s(random)
        is_back = (random.random(BLOCK) < WAY_BACK) & (np.roll(departs_s, 1) <= LAST_WAY_OUT_S)
        is_back &= number % 2 == 1
        begin, end = np.where(is_back, np.roll(end, 1), begin), np.where(is_back, np.roll(begin, 1), end)

        start, stop = network.point[begin], network.point[end]
        cosine = (start * stop).sum(axis=1, keepdims=True)
        ahead = (stop - cosine * start) / np.sqrt(1.0 - cosine**2)
        length_m = np.arccos(cosine[:, 0]) * EARTH_M
        is_eastbound = start[:, 0] * ahead[:, 1] > start[:, 1] * ahead[:, 0]  # and so it remains
        knot_s, altitude_ft, speed_mps = _profiles(
            random, length_m, is_eastbound, network.elevation_ft[begin], network.elevation_ft[end]
        )
        lands_s = departs_s + knot_s[:, -1]
        departs_s = np.where(is_back, np.roll(lands_s, 1) + random.uniform(*TURN_S, BLOCK), departs_s)
        phase_us = random.integers(0, STEP_US // MILLISECOND_US, BLOCK) * MILLISECOND_US
        return cls(
            number=number,
            aircraft=number - is_back,
            phase_us=np.where(is_back, np.roll(phase_us, 1), phase_us),
            start=start,
            ahead=ahead,
            departs_us=np.rint(departs_s * MICROSECONDS_PER_SECOND).astype(np.int64),
            knot_s=knot_s,
            altitude_ft=altitude_ft,
            speed_mps=speed_mps,
        )


def _departures_s(random: np.random.Generator) -> Numbers:
    """Return when the flights of a block depart, seconds after midnight, (BLOCK,)."""
    share = np.concatenate([[0.0], np.cumsum(BUSY)]) / sum(BUSY)
    departs_s: Numbers = np.interp(random.random(BLOCK), share, HOUR_S * np.arange(len(BUSY) + 1))
    return departs_s


def _profiles(
    random: np.random.Generator,
    length_m: Numbers,
    is_eastbound: npt.NDArray[np.bool_],
    begin_ft: Numbers,
    end_ft: Numbers,
) -> tuple[Numbers, Numbers, Numbers]:
    """Return the knots of a block of profiles: seconds, feet and metres a second, (BLOCK, KNOTS) each.

    Args:
        length_m: (BLOCK,) of the way.
        is_eastbound: (BLOCK,).
        begin_ft, end_ft: (BLOCK,) elevations of the airports.
    """

    def between(low: float, high: float) -> Numbers:
        return random.uniform(low, high, BLOCK)

    possible_ft = GATE_FT + FT_PER_NM * (length_m / METRES_PER_NM - LEVEL_FROM_NM)
    thousands = np.floor(np.minimum(between(*LEVELS_FT), possible_ft) / 1000.0)
    top_ft = 1000.0 * (thousands - (thousands % 2 != is_eastbound))

    still = np.zeros(BLOCK)
    gate = np.full(BLOCK, GATE_FT)
    # Mach 0.78 is 450 kt at FL370; the same airspeed is slower further down.
    cruise_kt = (300.0 + 150.0 * (top_ft - GATE_FT) / 27_000.0) * between(0.95, 1.05)
    altitude_ft = np.stack([begin_ft, begin_ft, gate, top_ft, top_ft, gate, end_ft, end_ft], axis=1)
    speed_mps = MPS_PER_KNOT * np.stack(
        [
            still,
            between(140.0, 160.0),
            between(285.0, 305.0),
            cruise_kt,
            cruise_kt,
            between(270.0, 290.0),
            between(130.0, 145.0),
            still,
        ],
        axis=1,
    )
    lasts_s = np.stack(
        [
            np.full(BLOCK, TAKE_OFF_S),
            60.0 * (GATE_FT - begin_ft) / between(2000.0, 3000.0),
            60.0 * (top_ft - GATE_FT) / between(1300.0, 2200.0),
            still,
            60.0 * (top_ft - GATE_FT) / between(1800.0, 2600.0),
            60.0 * (GATE_FT - end_ft) / between(1000.0, 1500.0),
            np.full(BLOCK, LANDING_S),
        ],
        axis=1,
    )
    flown_m = lasts_s * (speed_mps[:, 1:] + speed_mps[:, :-1]) / 2.0
    lasts_s[:, CRUISE] = (length_m - flown_m.sum(axis=1)) / speed_mps[:, CRUISE]
    return np.concatenate([still[:, None], np.cumsum(lasts_s, axis=1)], axis=1), altitude_ft, speed_mps


# What is recorded ---------------------------------------------------------------------------------


def _blocks(flights: int, seed: int) -> Iterator[pl.DataFrame]:
    """Return the rows of so many flights, block by block."""
    network = Network.drawn(seed)
    for block in range(-(-flights // BLOCK)):
        yield _recorded(Flights.drawn(seed, block, network), min(BLOCK, flights - block * BLOCK))


def _recorded(block: Flights, flights: int) -> pl.DataFrame:
    """Return the samples of the first so many flights of a block."""
    ends_us = block.departs_us + np.floor(block.knot_s[:, -1] * MICROSECONDS_PER_SECOND).astype(np.int64)
    first = -((block.phase_us - block.departs_us) // STEP_US)  # the first step that is not before
    last = (ends_us - block.phase_us) // STEP_US
    count = (last - first + 1)[:flights]
    flight = np.repeat(np.arange(flights), count)  # of each row
    step = np.arange(flight.size) + np.repeat(first[:flights] - np.cumsum(count) + count, count)
    t_us = block.phase_us[flight] + step * STEP_US
    since_s = (t_us - block.departs_us[flight]) / MICROSECONDS_PER_SECOND

    # Each of a flight's parts as it begins, and how it changes: one lookup a row and value.
    part = np.zeros(flight.size, np.int64)
    for knot in range(1, KNOTS - 1):
        part += since_s >= block.knot_s[flight, knot]
    at = flight * (KNOTS - 1) + part
    lasts_s = np.diff(block.knot_s, axis=1)
    climb_fps = np.diff(block.altitude_ft, axis=1) / lasts_s
    gain_mps2 = np.diff(block.speed_mps, axis=1) / lasts_s
    way_m = lasts_s * (block.speed_mps[:, 1:] + block.speed_mps[:, :-1]) / 2.0
    before_m = np.cumsum(way_m, axis=1) - way_m

    part_s = since_s - block.knot_s[:, :-1].ravel()[at]
    speed_mps = block.speed_mps[:, :-1].ravel()[at]
    gained_mps = gain_mps2.ravel()[at] * part_s
    flown_m = before_m.ravel()[at] + (speed_mps + gained_mps / 2.0) * part_s
    climb_fps = climb_fps.ravel()[at]
    altitude_ft = block.altitude_ft[:, :-1].ravel()[at] + climb_fps * part_s
    lat_deg, lon_deg, track_deg = _great_circle(block.start, block.ahead, flight, flown_m / EARTH_M)

    addresses = pl.Series([f"{FIRST_ADDRESS + n:06x}" for n in block.aircraft], dtype=pl.Categorical())
    callsigns = pl.Series([f"WB{n:06d}" for n in block.number], dtype=pl.Categorical())
    return pl.DataFrame(
        {
            "icao24": addresses[flight],
            "t": pl.Series(t_us + MIDNIGHT_US).cast(SCHEMA["t"]),
            "lat_deg": np.round(lat_deg, 5),
            "lon_deg": np.round(lon_deg, 5),
            "altitude_ft": _in_steps(altitude_ft, 25.0),
            "on_ground": (part == TAKE_OFF_RUN) | (part == LANDING_RUN),
            "groundspeed_kt": np.rint((speed_mps + gained_mps) / MPS_PER_KNOT).astype(np.float32),
            "track_deg": (np.round(track_deg, 1) % 360.0).astype(np.float32),
            "vertical_rate_fpm": _in_steps(climb_fps * 60.0, 64.0).astype(np.float32),
            "callsign": callsigns[flight],
        },
        schema=SCHEMA,
    )


def _great_circle(
    start: Numbers, ahead: Numbers, flight: Counts, angle: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return latitude, longitude and direction of motion, degrees, so far along each row's flight.

    Source: a point of the circle is start cos(angle) + ahead sin(angle), and its motion the derivative; east
    and north of it are what remains of that across and along the meridian.
    """
    cosine, sine = np.cos(angle), np.sin(angle)
    (x, y, z), (u, v, w) = (
        [p[flight, i] * cosine + q[flight, i] * sine for i in range(3)]
        for p, q in ((start, ahead), (ahead, -start))
    )
    lat_deg = np.degrees(np.arctan2(z, np.hypot(x, y)))
    lon_deg = np.degrees(np.arctan2(y, x))
    return lat_deg, lon_deg, np.degrees(np.arctan2(x * v - y * u, w))


def _in_steps(values: Numbers, step: float) -> Numbers:
    in_steps: Numbers = np.rint(values / step) * step
    return in_steps
