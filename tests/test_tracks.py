"""Tracks are sorted samples; legs are runs of them without a gap, under one altitude reference."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wideberth.columns import TRACK_COLUMNS, schema
from wideberth.errors import ColumnError, UsageError
from wideberth.tracks import DEFAULT_MAX_GAP_S, Cleaning, Legs, Tracks

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime(2018, 8, 1, tzinfo=UTC)
METRE_FT = 1 / 0.3048
ROUNDING = 1e-15  # of one division


def row(icao24: str, s: float, ft: float | None = 35_000.0, **more: Any) -> dict[str, Any]:
    """One sample; ``s`` is seconds into the day, exact to the microsecond."""
    t = DAY + timedelta(microseconds=round(s * 1e6))
    return {"icao24": icao24, "t": t, "lat_deg": 47 + s / 1000, "lon_deg": 8.0, "altitude_ft": ft, **more}


def table(rows: list[dict[str, Any]], without: tuple[str, ...] = ()) -> pa.Table:
    """The rows in the order given, the dictionaries in the order of first use, as Arrow makes them."""
    names = [name for name in TRACK_COLUMNS if any(name in each for each in rows) and name not in without]
    return pa.table(
        [pa.array([each.get(name) for each in rows]).cast(TRACK_COLUMNS[name].type) for name in names],
        schema=schema(TRACK_COLUMNS, names),
    )


def made(*rows: dict[str, Any], **options: Any) -> Tracks:
    return Tracks(table(list(rows)), **options)


def cut(tracks: Tracks, *args: Any, **options: Any) -> list[tuple[str, list[float]]]:
    """Each leg as its address and the seconds of its samples."""
    legs = tracks.legs(*args, **options)
    seconds = (legs.t_us + legs.base_us - round(DAY.timestamp() * 1e6)) / 1e6
    return [
        (tracks.aircraft[aircraft], seconds[first:stop].tolist())
        for aircraft, first, stop in zip(legs.aircraft, legs.first[:-1], legs.first[1:], strict=True)
    ]


# Tracks -----------------------------------------------------------------------------------------------


def test_tracks_know_their_aircraft_and_where_their_rows_begin() -> None:
    """Sorted by address, then time; equal times stay as they are."""
    tracks = made(row("400001", 0), row("400001", 0), row("400002", 0), row("~00000a", 5))

    assert len(tracks) == 4
    assert tracks.aircraft == ["400001", "400002", "~00000a"]
    assert tracks.begin.tolist() == [0, 2, 3, 4]
    assert (tracks.t_us / 1e6 - DAY.timestamp()).tolist() == [0, 0, 0, 5]
    assert tracks.to_arrow() is tracks.table
    assert repr(tracks) == (
        "<Tracks: 4 samples of 3 aircraft, 2018-08-01T00:00:00.000000Z to 2018-08-01T00:00:05.000000Z>"
    )
    assert tracks.cleaning == Cleaning(rows_read=4, rows_kept=4)


@pytest.mark.parametrize(
    "rows",
    [
        [row("400002", 0), row("400001", 0)],
        [row("400001", 1), row("400001", 0)],
        [row("400001", 0), row("400002", 0), row("400001", 1)],
        [row("400001", 0), row("400002", 5), row("400002", 5 - 1e-6)],
    ],
)
def test_rows_that_are_not_sorted_are_refused(rows: list[dict[str, Any]]) -> None:
    """With what to do; wideberth.read sorts."""
    with pytest.raises(
        ColumnError, match=re.escape("not sorted by icao24, then t. Pass the table to wideberth.read()")
    ):
        made(*rows)


def test_a_table_that_is_not_as_described_is_refused() -> None:
    """By the gate of all tables."""
    good = table([row("400001", 0), row("400001", 1)])

    for bad in (good.drop_columns(["t"]), good.append_column("alt", good["altitude_ft"])):
        with pytest.raises(ColumnError, match="tracks: "):
            Tracks(bad)
    with pytest.raises(ColumnError, match="tracks: 1 breaks are told for 2 rows"):
        Tracks(good, breaks=np.array([True]))


@pytest.mark.parametrize("rows", [table([row("400001", 0)]).slice(0, 0), schema(TRACK_COLUMNS).empty_table()])
def test_no_samples_are_tracks_as_well(rows: pa.Table) -> None:
    """Of no aircraft, with no legs."""
    tracks = Tracks(rows)

    assert (len(tracks), tracks.aircraft, tracks.begin.tolist()) == (0, [], [0])
    assert repr(tracks) == "<Tracks: 0 samples of 0 aircraft>"
    for reference in ("barometric", "geometric", "any"):
        legs = tracks.legs(reference)
        assert len(legs) == legs.t_us.size == legs.t_in_us.size == legs.t_out_us.size == 0
        assert legs.first.tolist() == [0]


def fleet(aircraft: int = 5, samples: int = 7) -> pa.Table:
    """Several aircraft, some of it unknown."""
    return table(
        [
            row(
                f"40000{i}",
                10.0 * k,
                None if (i + k) % 4 == 0 else 1000.0 * i,
                height_m=None if k % 3 == 0 else 300.0 * i,
                on_ground=None if k == 5 else k < 2,
                callsign=None if k < 3 else f"CALL{i}",
            )
            for i in range(aircraft)
            for k in range(samples)
        ]
    )


def seen(tracks: Tracks) -> list[Any]:
    """What the stages see of some tracks."""
    codes, texts = tracks.codes("callsign")
    legs = [vars(tracks.legs(reference)) for reference in ("barometric", "geometric", "any")]
    return [
        tracks.table.to_pylist(),
        tracks.aircraft,
        tracks.begin.tolist(),
        [None if code < 0 else texts[code] for code in codes],
        [[values.tolist() for name, values in each.items() if name != "base_us"] for each in legs],
        [each["base_us"] for each in legs],
    ]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 35), max_size=4), st.booleans())
def test_chunks_of_a_table_change_nothing(cuts: list[int], fresh: bool) -> None:
    """Slices of one table, or pieces with dictionaries of their own, in chunks or none."""
    whole = fleet()
    edges = [0, *sorted(cuts), whole.num_rows]
    pieces = [whole.slice(a, b - a) for a, b in itertools.pairwise(edges)]
    if fresh:
        pieces = [table(piece.to_pylist()) if piece.num_rows else piece for piece in pieces]
    chunked = pa.concat_tables(piece.cast(whole.schema) for piece in pieces)

    assert seen(Tracks(chunked)) == seen(Tracks(whole))


@settings(max_examples=25)
@given(st.integers(0, 34), st.integers(1, 35))
def test_a_slice_holds_its_own_aircraft_only(begin: int, size: int) -> None:
    """Though the dictionary of the whole comes with it."""
    part = fleet().slice(begin, size)
    rows = part.to_pylist()

    tracks = Tracks(part)

    assert tracks.aircraft == sorted({each["icao24"] for each in rows})
    assert seen(tracks) == seen(Tracks(table(rows).cast(part.schema)))
    assert tracks.table.to_pylist() == rows


def test_the_order_of_a_dictionary_does_not_matter() -> None:
    """Nor what is in it twice; the order is that of the texts."""
    sorted_rows = [row("400001", 0), row("400001", 5), row("400002", 0)]
    good = table(sorted_rows)
    odd = pa.DictionaryArray.from_arrays(
        pa.array([2, 1, 0], pa.int32()), pa.array(["400002", "400001", "400001", "unused"])
    )

    assert seen(Tracks(good.set_column(0, good.schema.field(0), odd).append_column("callsign", odd))) == seen(
        Tracks(good.append_column("callsign", good["icao24"]))
    )


def test_tracks_come_back_from_parquet(tmp_path: Path) -> None:
    """And from CSV as text."""
    tracks = Tracks(fleet())

    tracks.write(tmp_path / "x.parquet")
    tracks.write(tmp_path / "x.csv")

    assert seen(Tracks(pq.read_table(tmp_path / "x.parquet"))) == seen(tracks)
    assert (tmp_path / "x.csv").read_text().count("\n") == len(tracks) + 1
    assert tracks.to_polars().height == len(tracks.to_pandas()) == len(tracks)


def test_unknown_is_nan_in_numbers_and_false_on_the_ground() -> None:
    """A column that is not there has size 0; arrays cannot be written."""
    tracks = made(
        row("400001", 0, None, on_ground=None, nic=8), row("400001", 1, 5.0, on_ground=True, nic=None)
    )

    np.testing.assert_array_equal(tracks.numbers("altitude_ft"), [np.nan, 5.0])
    np.testing.assert_array_equal(tracks.numbers("nic"), [8.0, np.nan])
    assert tracks.numbers("on_ground").tolist() == [False, True]
    assert made(row("400001", 0)).numbers("on_ground").dtype == np.bool_
    assert tracks.numbers("height_m").size == 0
    assert tracks.numbers("height_m").dtype == np.float64
    for array in (
        tracks.t_us,
        tracks.numbers("altitude_ft"),
        tracks.numbers("height_m"),
        tracks.numbers("on_ground"),
    ):
        assert not array.flags.writeable


def test_texts_are_codes_and_what_they_stand_for() -> None:
    """-1 where nothing was heard."""
    codes, texts = made(row("400001", 0, callsign=None), row("400001", 1, callsign="X")).codes("callsign")

    assert (codes.tolist(), texts) == ([-1, 0], ["X"])


def test_a_notebook_shows_the_first_samples() -> None:
    """With the caption that repr gives."""
    shown = made(row("400001", 0, callsign="<b>"))._repr_html_()

    assert "Tracks: 1 samples of 1 aircraft" in shown
    assert "&lt;b&gt;" in shown


def test_cleaning_as_plain_data() -> None:
    """What was rejected is listed with its first example."""
    report = Cleaning(
        rows_read=5, rows_kept=3, rejected={("a.csv", "no time"): 2}, examples={("a.csv", "no time"): "x"}
    )

    plain = report.as_dict()
    assert set(plain) >= {each.name for each in fields(Cleaning)} - {"examples"}
    assert (plain["rows_read"], plain["rows_kept"], plain["set_aside"]) == (5, 3, {})
    assert plain["rejected"] == [{"source": "a.csv", "reason": "no time", "count": 2, "first": "x"}]
    assert json.loads(json.dumps(plain)) == plain
    assert Cleaning(rejected={("b", "c"): 1}).as_dict()["rejected"][0]["first"] == ""


# Legs -------------------------------------------------------------------------------------------------


def test_a_gap_of_exactly_the_longest_belongs_to_the_leg() -> None:
    """A microsecond more does not."""
    end = DEFAULT_MAX_GAP_S
    assert cut(made(row("400001", 0), row("400001", end))) == [("400001", [0.0, end])]
    assert cut(made(row("400001", 0), row("400001", end + 1e-6))) == [
        ("400001", [0.0]),
        ("400001", [end + 1e-6]),
    ]
    assert cut(made(row("400001", 0), row("400001", 20)), max_gap_s=20) == [("400001", [0.0, 20.0])]
    assert cut(made(row("400001", 0), row("400001", 20)), max_gap_s=20 - 1e-6) == [
        ("400001", [0.0]),
        ("400001", [20.0]),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**8)), min_size=1, max_size=30),
    st.sampled_from([0.0, 1e-6, 1.0, 20.0, 60.0]),
)
def test_legs_are_the_runs_without_a_longer_gap(samples: list[tuple[int, int]], max_gap_s: float) -> None:
    """Each sample is in one leg; a leg is of one aircraft and cannot be made longer."""
    rows = [row(f"40000{aircraft}", us / 1e6) for aircraft, us in sorted(samples)]

    legs = cut(made(*rows), max_gap_s=max_gap_s)

    longest_us = round(max_gap_s * 1e6)
    assert [(icao24, s) for icao24, run in legs for s in run] == [
        (f"40000{a}", us / 1e6) for a, us in sorted(samples)
    ]
    for _, run in legs:
        assert all(round((b - a) * 1e6) <= longest_us for a, b in itertools.pairwise(run))
    for (icao24, run), (following, rest) in itertools.pairwise(legs):
        assert icao24 != following or round((rest[0] - run[-1]) * 1e6) > longest_us


def test_another_aircraft_begins_another_leg() -> None:
    """Though its samples follow in time."""
    tracks = made(row("400001", 0), row("400002", 1), row("400002", 2))

    legs = tracks.legs()

    assert cut(tracks) == [("400001", [0.0]), ("400002", [1.0, 2.0])]
    assert len(legs) == 2
    assert (legs.t_in_us.tolist(), legs.t_out_us.tolist()) == ([0, 10**6], [0, 2 * 10**6])
    assert legs.base_us == round(DAY.timestamp() * 1e6)
    assert legs.rows.size == 0


def test_samples_on_the_ground_are_left_out_unless_they_are_asked_for() -> None:
    """The leg then goes on over them if the gap is short enough; without altitude they stay out."""
    tracks = made(
        row("400001", 0, on_ground=False),
        row("400001", 10, on_ground=True),
        row("400001", 20, on_ground=None),
        row("400001", 30, None, on_ground=True),
        row("400001", 40, on_ground=True),
        row("400001", 90, on_ground=False),
    )

    assert cut(tracks) == [("400001", [0.0, 20.0]), ("400001", [90.0])]
    assert tracks.legs().rows.tolist() == [0, 2, 5]
    assert cut(tracks, include_ground=True) == [("400001", [0.0, 10.0, 20.0, 40.0, 90.0])]


REFERENCED = [
    row("400001", 0, 1000.0, height_m=300.0),
    row("400001", 10, None, height_m=310.0),
    row("400001", 20, 1000.0, height_m=None),
    row("400001", 30, None, height_m=None),
    row("400001", 40, 1010.0, height_m=None),
    row("400002", 0, None, height_m=400.0),
]


@pytest.mark.parametrize(
    ("reference", "legs", "altitude_ft"),
    [
        ("barometric", [("400001", [0.0, 20.0, 40.0])], [1000.0, 1000.0, 1010.0]),
        (
            "geometric",
            [("400001", [0.0, 10.0]), ("400002", [0.0])],
            [300 * METRE_FT, 310 * METRE_FT, 400 * METRE_FT],
        ),
        ("any", [("400001", [0.0, 10.0, 20.0, 40.0]), ("400002", [0.0])], [0.0] * 5),
    ],
)
def test_a_reference_takes_the_samples_that_have_it(
    reference: str, legs: list[tuple[str, list[float]]], altitude_ft: list[float]
) -> None:
    """Pressure altitude, height above the ellipsoid, or either; heights come in feet, either comes as 0."""
    tracks = made(*REFERENCED)

    assert cut(tracks, reference) == legs
    np.testing.assert_allclose(tracks.legs(reference).altitude, altitude_ft, rtol=ROUNDING)


@pytest.mark.parametrize(
    ("without", "samples"),
    [
        (("height_m",), {"barometric": 3, "geometric": 0, "any": 3}),
        (("altitude_ft",), {"barometric": 0, "geometric": 3, "any": 3}),
        (("altitude_ft", "height_m"), {"barometric": 0, "geometric": 0, "any": 0}),
    ],
)
def test_a_reference_that_no_column_holds_has_no_legs(
    without: tuple[str, ...], samples: dict[str, int]
) -> None:
    """Altitudes are never mixed."""
    tracks = Tracks(table(REFERENCED, without))

    assert {reference: tracks.legs(reference).t_us.size for reference in samples} == samples


@pytest.mark.parametrize("reference", ["", "Barometric", "pressure", "unknown"])
def test_another_reference_is_refused(reference: str) -> None:
    """It is not taken for one of the three."""
    with pytest.raises(
        UsageError, match=re.escape(f"'{reference}' is no altitude reference. Known: barometric, geo")
    ):
        made(row("400001", 0)).legs(reference)


@pytest.mark.parametrize("max_gap_s", [-1.0, -1e-9, float("nan"), float("-inf")])
def test_a_gap_that_cannot_be_meant_is_refused(max_gap_s: float) -> None:
    """Less than nothing, or no number."""
    with pytest.raises(UsageError, match="must be at least 0 s"):
        made(row("400001", 0)).legs(max_gap_s=max_gap_s)


@pytest.mark.parametrize("max_gap_s", [1e9, 1e300, float("inf")])
def test_a_gap_without_limit_makes_one_leg_of_each_aircraft(max_gap_s: float) -> None:
    """However long it is."""
    assert len(made(row("400001", 0), row("400001", 80_000), row("400002", 0)).legs(max_gap_s=max_gap_s)) == 2


@pytest.mark.parametrize(
    ("broken", "legs"),
    [
        ([], [[0.0, 10.0, 30.0]]),
        ([0], [[0.0, 10.0, 30.0]]),  # nothing before it
        ([1], [[0.0], [10.0, 30.0]]),
        ([2], [[0.0, 10.0], [30.0]]),  # a sample on the ground, which is in no leg
        ([3], [[0.0, 10.0], [30.0]]),
        ([1, 2, 3], [[0.0], [10.0], [30.0]]),
        ([4], [[0.0, 10.0, 30.0]]),  # after the last
    ],
)
def test_a_leg_ends_where_motion_cannot_have_led(broken: list[int], legs: list[list[float]]) -> None:
    """At the row itself, or at the next one that is in a leg; the next aircraft is not touched."""
    breaks = np.zeros(6, np.bool_)
    breaks[broken] = True
    tracks = made(
        row("400001", 0, on_ground=False),
        row("400001", 10, on_ground=False),
        row("400001", 20, on_ground=True),
        row("400001", 30, on_ground=False),
        row("400001", 40, None, on_ground=True),
        row("400002", 40, on_ground=False),
        breaks=breaks,
    )

    assert cut(tracks) == [*(("400001", run) for run in legs), ("400002", [40.0])]


def test_legs_say_which_rows_they_are_of() -> None:
    """Where all rows are in legs the list of rows is empty, else it leads back to the table."""
    tracks = Tracks(fleet())

    legs = tracks.legs()

    assert isinstance(legs, Legs)
    assert 0 < legs.rows.size < len(tracks)
    assert (legs.t_us + legs.base_us).tolist() == tracks.t_us[legs.rows].tolist()
    assert legs.lat_deg.tolist() == tracks.numbers("lat_deg")[legs.rows].tolist()
    assert legs.lon_deg.size == legs.altitude.size == legs.first[-1] == legs.rows.size
    for leg, aircraft in enumerate(legs.aircraft):
        rows = legs.rows[legs.first[leg] : legs.first[leg + 1]]
        assert tracks.begin[aircraft] <= rows[0] <= rows[-1] < tracks.begin[aircraft + 1]
