"""Judging in parts: what a file cut in two must hold so that its parts give the incidents of the whole.

docs/judging.md#parts says which halo is needed, and these tests hold it to that.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import wideberth as wb
from wideberth.simulate import euphrates
from wideberth.tracks import FLIGHT_GAP_S

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SAME_S = 2e-6  # instants are rounded to microseconds from a clock that begins with the file
SAME = 1e-8  # degrees (a millimetre), ratios, metres: for the same reason; most are equal to the last bit
FLIGHT = timedelta(seconds=FLIGHT_GAP_S)
AGREEMENT = """
wideberth: 1
name: test
parties:
  one: {aircraft: [{icao24: 100000-1fffff}]}
  two: {aircraft: [{icao24: 200000-2fffff}PARTY]}
places:
  line: {line: [[10.0, 44.6], [10.05, 45.0], [9.98, 45.4]]}
  circle: {point: [10.0, 45.0], radius: 8 km}
  wide: {point: [10.0, 45.0], radius: 25 km}
rules:
  - {id: west, party: one, keeps: {side: west, of: line, buffer: 200 m, reach: 60 km}}
  - {id: east, party: two, keeps: {side: east, of: line, reach: 60 km}}
  - {id: out, party: all, keeps: {out_of: circle, below: 12000 ft}}
  - {id: inside, party: one, keeps: {inside: wide}}
  - {id: apart, between: [one, two], keeps: {apart: {horizontal: 5 NM, vertical: 2000 ft}}}
permissions:
  - {id: notice, party: all, excuses: [west, out, apart], during: 2026-03-01T12:20Z/2026-03-01T13:30Z, above: 9000 ft}
"""
seeds = st.integers(0, 2**32 - 1)
shares = st.floats(0.05, 0.95)


def agreement(*, by_callsign: bool = True) -> wb.Agreement:
    """Return two parties under five rules; one party has aircraft by callsign, too, or not."""
    return wb.Agreement.parse(AGREEMENT.replace("PARTY", ', {callsign: "^TWO"}' if by_callsign else ""))


def traffic(seed: int, *, aircraft: int = 5, legs: int = 5) -> pl.DataFrame:
    """Return flights about the line: legs with gaps of up to 29 minutes, or longer ones that end a flight.

    A callsign is heard in few samples, and may be another party's.  Rows are numbered, to compare the evidence.
    """
    rng = np.random.default_rng(seed)
    frames = []
    for k in range(aircraft):
        t_s = rng.uniform(0.0, 1200.0)
        for _ in range(legs):
            n = int(rng.integers(1, 60))
            steps_s = rng.uniform(2.0, 20.0, n)
            at_s = t_s + np.cumsum(steps_s)
            heading = rng.uniform(0.0, 2.0 * np.pi) + np.cumsum(rng.normal(0.0, 0.1, n))
            way_deg = rng.uniform(80.0, 250.0) * steps_s / 111_000.0
            lat_deg = 45.0 + rng.normal(0.0, 0.08) + np.cumsum(way_deg * np.cos(heading))
            lon_deg = 10.0 + rng.normal(0.0, 0.08) + np.cumsum(way_deg * np.sin(heading)) * 1.41
            said = rng.choice(["ONE1", "TWO2", "OTHER"])
            frames.append(
                pl.DataFrame(
                    {
                        "icao24": [f"{0x100000 * (1 + k % 3) + k:06x}"] * n,
                        "t": [START + timedelta(seconds=round(float(each), 3)) for each in at_s],
                        "lat_deg": lat_deg,
                        "lon_deg": lon_deg,
                        "altitude_ft": np.round(
                            rng.uniform(7000.0, 12_000.0) + np.cumsum(rng.normal(0.0, 40.0, n))
                        ),
                        "callsign": [said if each else None for each in rng.random(n) < 0.03],
                    },
                    schema_overrides={"callsign": pl.String},
                )
            )
            gap_s = rng.uniform(65.0, 1740.0) if rng.random() < 0.7 else rng.uniform(1900.0, 4000.0)
            t_s = float(at_s[-1]) + gap_s
    return numbered(pl.concat(frames))


def numbered(table: pl.DataFrame) -> pl.DataFrame:
    """Return tracks with the file and the row of each sample."""
    return table.with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("source_row"), pl.lit("whole").alias("source_file")
    )


def judged(table: pl.DataFrame, terms: wb.Agreement) -> list[dict[str, Any]]:
    """Return incidents as dicts; a pledge is about the whole file, and left out."""
    if table.is_empty():
        return []
    return [row for row in wb.judge(wb.read(table, keep_all=True), terms) if row["kind"] != "pledges"]


def in_two(table: pl.DataFrame, cut: datetime, halo: timedelta, terms: wb.Agreement) -> list[dict[str, Any]]:
    """Judge each part with its halo, and keep the incidents that begin in the part itself."""
    early = judged(table.filter(pl.col("t") < cut + halo), terms)
    late = judged(table.filter(pl.col("t") >= cut - halo), terms)
    return [row for row in early if row["t_in"] < cut] + [row for row in late if row["t_in"] >= cut]


def differences(
    parts: list[dict[str, Any]], whole: list[dict[str, Any]], ignored: tuple[str, ...] = ()
) -> list[str]:
    """Return in words where incidents of parts are not those of the whole, by id and in every column but the rank."""
    by_id = [{row["id"]: row for row in rows} for rows in (parts, whole)]
    found = [f"{each}: in one of the two only" for each in sorted(by_id[0].keys() ^ by_id[1].keys())]
    if len(parts) != len(whole):
        found.append(f"{len(parts)} incidents, not {len(whole)}")
    for name in by_id[0].keys() & by_id[1].keys():
        one, other = by_id[0][name], by_id[1][name]
        found += [
            f"{one['rule']} {column}: {one[column]} and {other[column]}"
            for column in one
            if column not in ("rank", *ignored) and not is_same(one[column], other[column])
        ]
    return found


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal but for rounding."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs((one - other).total_seconds()) <= SAME_S
    if isinstance(one, float) and isinstance(other, float):
        return bool(np.isclose(one, other, rtol=1e-9, atol=SAME, equal_nan=True))
    return bool(one == other)


def flights(table: pl.DataFrame) -> pl.DataFrame:
    """Return when each flight is first and last heard."""
    is_new = (pl.col("t").diff() > FLIGHT).fill_null(value=True).over("icao24")
    return (
        table.sort("icao24", "t")
        .with_columns(is_new.cum_sum().over("icao24").alias("flight"))
        .group_by("icao24", "flight")
        .agg(pl.col("t").min().alias("first"), pl.col("t").max().alias("last"))
    )


def instant(table: pl.DataFrame, share: float) -> datetime:
    """Return an instant so far into a file."""
    first, last = table["t"].min(), table["t"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    return first + share * (last - first)


def longest_over(table: pl.DataFrame, cut: datetime) -> timedelta:
    """Return how far the flights that a cut goes through reach beyond it, to either side."""
    over = flights(table).filter((pl.col("first") < cut) & (pl.col("last") >= cut))
    ends = [cut - each for each in over["first"]] + [each - cut for each in over["last"]]
    return max(ends, default=timedelta()) + timedelta(microseconds=1)


# Without a halo -------------------------------------------------------------------------------------


@settings(max_examples=12)
@given(seeds, seeds)
def test_a_cut_through_no_flight_needs_no_halo(seed: int, other: int) -> None:
    """Silence of more than thirty minutes lies between the parts: legs, gaps, flights and party end there."""
    early = traffic(seed, aircraft=3)
    end = early["t"].max()
    assert isinstance(end, datetime)
    shift = end - START + FLIGHT + timedelta(seconds=1)
    table = numbered(pl.concat([early, traffic(other, aircraft=3).with_columns(pl.col("t") + shift)]))

    assert (
        differences(in_two(table, START + shift, timedelta(), agreement()), judged(table, agreement())) == []
    )


def straight(
    icao24: str, *spans_s: tuple[float, float], callsigns: tuple[str | None, ...] = ()
) -> pl.DataFrame:
    """Return a flight due east along 45° N from 9.9°, over the line after six minutes, a sample every 10 s."""
    frames = []
    for n, (begin_s, end_s) in enumerate(spans_s):
        t_s = np.arange(begin_s, end_s + 1.0, 10.0)
        frames.append(
            pl.DataFrame(
                {
                    "icao24": icao24,
                    "t": [START + timedelta(seconds=float(each)) for each in t_s],
                    "lat_deg": 45.0,
                    "lon_deg": 9.9 + t_s / 2400.0,
                    "altitude_ft": 15_000.0,
                    "callsign": pl.Series([callsigns[n] if callsigns else None] * t_s.size, dtype=pl.String),
                }
            )
        )
    return numbered(pl.concat(frames))


def test_a_cut_through_a_gap_of_a_flight_loses_what_the_gap_tells() -> None:
    """No leg is open there, but the two ends of the gap are: so it is the flight that must not be cut."""
    table = straight("100001", (0.0, 600.0), (1200.0, 1800.0))
    whole = judged(table, agreement())
    parts = in_two(table, START + timedelta(seconds=900), timedelta(), agreement())
    (joined,) = (row for row in whole if row["rule"] == "west")

    assert joined["gap_s"] == 600.0
    assert [row["gap_s"] for row in parts if row["rule"] == "west"] == [0.0, 0.0]
    assert differences(in_two(table, START + timedelta(seconds=900), FLIGHT, agreement()), whole) == []


# With a halo ----------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(seeds, shares)
def test_a_halo_as_long_as_the_flights_that_are_cut_gives_the_whole(seed: int, share: float) -> None:
    """Every column of every incident: an aircraft's party is told by any callsign of its flight, however late."""
    table = traffic(seed)
    cut = instant(table, share)

    assert (
        differences(in_two(table, cut, longest_over(table, cut), agreement()), judged(table, agreement()))
        == []
    )


@settings(max_examples=20)
@example(65209, 0.5)
@given(seeds, shares)
def test_where_addresses_tell_parties_the_halo_is_an_incident_and_a_flights_gap(
    seed: int, share: float
) -> None:
    """As long as the longest incident, and 30 minutes: only the callsign that is shown may have been heard earlier."""
    table, terms = traffic(seed), agreement(by_callsign=False)
    cut = instant(table, share)
    whole = judged(table, terms)
    longest = max((row["t_out"] - row["t_in"] for row in whole), default=timedelta())
    halo = longest + FLIGHT + timedelta(seconds=20)  # a step, so that the sample before is there, too

    parts, entire = (  # how near a place was missed is about the whole flight
        [row for row in rows if row["verdict"] != "kept"] for rows in (in_two(table, cut, halo, terms), whole)
    )

    assert differences(parts, entire, ("callsign_a", "callsign_b")) == []


def test_a_halo_shorter_than_an_excursion_tells_it_shorter() -> None:
    """What goes on beyond the halo is told as last heard where the halo ends: the halo must hold all of it."""
    table = straight("100001", (0.0, 1800.0))
    cut = START + timedelta(seconds=400)
    whole = judged(table, agreement())
    (short,) = (
        row for row in in_two(table, cut, timedelta(seconds=600), agreement()) if row["rule"] == "west"
    )
    (long,) = (row for row in whole if row["rule"] == "west")

    assert short["id"] == long["id"]
    assert short["t_out"] < long["t_out"]
    assert differences(in_two(table, cut, timedelta(seconds=1500), agreement()), whole) == []


def test_a_callsign_heard_late_tells_the_party_of_the_whole_flight() -> None:
    """A halo that ends before it was heard tells another party: so it holds whole flights."""
    table = straight("300001", (0.0, 600.0), (700.0, 1300.0), callsigns=(None, "TWO1"))
    cut = START + timedelta(seconds=100)

    def parties(halo_s: float) -> list[str | None]:
        found = in_two(table, cut, timedelta(seconds=halo_s), agreement())
        return [row["party"] for row in found if row["rule"] == "east" and row["because"] != "gap"]

    assert parties(1300.0) == ["two"]
    assert parties(400.0) == []


# Simulated traffic ----------------------------------------------------------------------------------


@cache
def days() -> pl.DataFrame:
    """Three of the thirty simulated days, some of whose flights are unlike the others."""
    table = euphrates.tracks()
    first = table["t"].dt.truncate("1d").min()
    chosen = pl.col("t").is_between(first + pl.duration(days=16), first + pl.duration(days=19))
    return numbered(table.filter(chosen))


@pytest.mark.compiled
@pytest.mark.parametrize("share", [0.35, 0.5, 0.71])
def test_simulated_days_are_judged_alike_in_parts(share: float) -> None:
    """Two parties, a line, a place, minima between them, permissions, double claims: the incidents of the whole."""
    table, terms = days(), wb.Agreement.parse(euphrates.agreement_text())
    cut = instant(table, share)
    whole = judged(table, terms)

    assert len(whole) > 15
    assert differences(in_two(table, cut, longest_over(table, cut), terms), whole) == []
