"""Texts with units are parsed once, exactly, and what cannot be meant is refused."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wideberth import tables, units
from wideberth.errors import UsageError
from wideberth.minima import Minima

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ONE_ROUNDING = 2.0**-52  # of a product: how far it may lie from the true one, relative
PRINTED = 1e-9  # relative; ten digits are printed

PARSERS: list[Callable[[str], Any]] = [
    units.parse_length_m,
    units.parse_altitude_ft,
    units.parse_duration_s,
    units.parse_speed_mps,
    units.parse_bytes,
]


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("5 NM", 9260.0),
        ("5NM", 9260.0),
        ("  5\tnm ", 9260.0),
        ("5nmi", 9260.0),
        ("0.5 km", 500.0),
        (".5km", 500.0),
        ("5.km", 5000.0),
        ("1e3 m", 1000.0),
        ("+500 ft", 152.4),
        ("45 mi", 72420.48),
        ("-1 m", -1.0),
        ("0 m", 0.0),
    ],
)
def test_lengths(text: str, metres: float) -> None:
    """By the international definitions, whatever the case and the blanks."""
    assert units.parse_length_m(text) == pytest.approx(metres, rel=ONE_ROUNDING, abs=0)


@pytest.mark.parametrize(
    ("text", "feet"),
    [
        ("1000 ft", 1000.0),
        ("0.1ft", 0.1),
        ("FL200", 20_000.0),
        ("fl 5", 500.0),
        ("FL0100", 10_000.0),
        ("304.8 m", 1000.0),
        ("1 NM", 1852 / 0.3048),
        ("-500 ft", -500.0),
    ],
)
def test_altitudes(text: str, feet: float) -> None:
    """Feet and flight levels are exact: they go no way through metres."""
    assert units.parse_altitude_ft(text) == feet


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(0.1)
def test_feet_stay_what_they_are(feet: float) -> None:
    """To the last bit."""
    assert units.parse_altitude_ft(f"{feet!r} ft") == feet


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60 s", 60.0), ("60sec", 60.0), ("15 min", 900.0), ("2 h", 7200.0), ("1d", 86_400.0)],
)
def test_durations(text: str, seconds: float) -> None:
    """From seconds to days."""
    assert units.parse_duration_s(text) == seconds


@pytest.mark.parametrize(
    ("text", "mps"),
    [("250 m/s", 250.0), ("36 km/h", 10.0), ("3600 kt", 1852.0), ("3600kts", 1852.0), ("3600 mph", 1609.344)],
)
def test_speeds(text: str, mps: float) -> None:
    """A knot is a nautical mile an hour."""
    assert units.parse_speed_mps(text) == pytest.approx(
        mps, rel=2 * ONE_ROUNDING, abs=0
    )  # factor and product


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GB", 2 * 10**9),
        ("512 MiB", 512 * 2**20),
        ("1 KiB", 1024),
        ("1GiB", 2**30),
        ("1.5kb", 1500),
        ("1 B", 1),
        ("1TB", 10**12),
    ],
)
def test_sizes(text: str, size: int) -> None:
    """Decimal and binary prefixes are told apart."""
    assert units.parse_bytes(text) == size


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("5", "a number needs its unit"),
        ("nan", "a number needs its unit"),
        ("5 parsec", "unknown unit 'parsec' (known: "),
        ("", "that is not a number with a unit"),
        ("ft", "that is not a number with a unit"),
        ("five ft", "that is not a number with a unit"),
        ("nan ft", "that is not a number with a unit"),
        ("inf ft", "that is not a number with a unit"),
        ("5 ft 3", "that is not a number with a unit"),
        ("--5 ft", "that is not a number with a unit"),
        ("5 ft\nx", "that is not a number with a unit"),
        ("FL", "that is not a number with a unit"),
        ("1,500 ft", "a number is written without a comma, 1500 or 1.5"),
        ("1,5 km", "a number is written without a comma, 1500 or 1.5"),
    ],
)
def test_what_cannot_be_meant_is_refused(parse: Callable[[str], Any], text: str, says: str) -> None:
    """A number without a unit, a unit of something else; each message shows how to write it."""
    with pytest.raises(UsageError, match=re.escape(f"'{text}' is not a") + ".*" + re.escape(says)) as error:
        parse(text)
    assert "Write it like " in str(error.value)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (units.parse_length_m, "60 s"),
        (units.parse_length_m, "FL100"),
        (units.parse_altitude_ft, "60 s"),
        (units.parse_altitude_ft, "FL10000"),
        (units.parse_altitude_ft, "FL-5"),
        (units.parse_duration_s, "5 m"),
        (units.parse_speed_mps, "5 NM"),
        (units.parse_bytes, "5 m"),
    ],
)
def test_a_unit_of_something_else_is_refused(parse: Callable[[str], Any], text: str) -> None:
    """5 m are no minutes."""
    with pytest.raises(UsageError, match=re.escape(f"'{text}' is not a")):
        parse(text)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (units.parse_length_m, "1e999 NM"),
        (units.parse_length_m, "1e308 km"),
        (units.parse_altitude_ft, "-1e999 ft"),
        (units.parse_duration_s, "1e999 s"),
        (units.parse_speed_mps, "1e999 kt"),
        (units.parse_bytes, "1e999 GB"),
    ],
)
def test_a_number_beyond_all_numbers_is_refused(parse: Callable[[str], Any], text: str) -> None:
    """Infinity goes no further."""
    with pytest.raises(UsageError, match="the number is too large"):
        parse(text)


@pytest.mark.parametrize("text", ["0 GB", "-2GB", "0.1 B"])
def test_a_size_is_at_least_a_byte(text: str) -> None:
    """No work can be done in none."""
    with pytest.raises(UsageError, match="it must be at least a byte"):
        units.parse_bytes(text)


@pytest.fixture
def far_east() -> Iterator[None]:
    """A computer whose clock shows another time than UTC."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "XXX-9")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2018-08-01T06:00:00Z", datetime(2018, 8, 1, 6, tzinfo=UTC)),
        ("2018-08-01T06:00:00", datetime(2018, 8, 1, 6, tzinfo=UTC)),
        ("2018-08-01T08:00:00.5+02:00", datetime(2018, 8, 1, 6, 0, 0, 500_000, tzinfo=UTC)),
        (" 2018-08-01 ", datetime(2018, 8, 1, tzinfo=UTC)),
        ("2018-08-01 06:00", datetime(2018, 8, 1, 6, tzinfo=UTC)),
    ],
)
@pytest.mark.usefixtures("far_east")
def test_instants(text: str, instant: datetime) -> None:
    """An offset is honoured; without one it is UTC, never the local time."""
    parsed = units.parse_instant(text)

    assert parsed == instant
    assert parsed.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    ["", "now", "2018-13-01", "2018-02-30", "06:00", "1533103200", "2018-08-01T25:00Z",
     "0001-01-01T00:00+14:00", "9999-12-31T23:59-01:00"],
)  # fmt: skip
def test_what_is_no_instant_is_refused(text: str) -> None:
    """Among them instants that their offset moves out of the calendar."""
    with pytest.raises(
        UsageError, match=re.escape(f"'{text}' is not an instant. Write it like 2018-08-01T06:00:00Z")
    ):
        units.parse_instant(text)


@given(st.datetimes(timezones=st.just(UTC)))
@example(datetime(1, 1, 1, tzinfo=UTC))
@example(datetime.max.replace(tzinfo=UTC))
def test_an_instant_that_is_printed_parses_to_itself(instant: datetime) -> None:
    """To the microsecond, from year 1 to 9999."""
    us = (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    assert units.parse_instant(tables.instant_text(us)) == instant


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), st.integers(-1439, 1439))
def test_an_instant_is_the_same_from_every_offset(naive: datetime, minutes: int) -> None:
    """What is written elsewhere on Earth means the same instant."""
    instant = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    assert units.parse_instant(instant.isoformat()) == instant


metres_of = st.one_of(
    st.integers(1, 5000).map(lambda n: n * units.METRES_PER_NM / 100),
    st.integers(1, 20_000).map(lambda n: n * units.METRES_PER_FOOT),
    st.floats(0.01, 9e6),
)


@given(metres_of, st.one_of(st.integers(1, 60_000).map(float), st.floats(0.01, 90_000)))
@example(500 * units.METRES_PER_FOOT, 100.0)
def test_minima_that_are_printed_parse_to_themselves(horizontal_m: float, vertical_ft: float) -> None:
    """But for the commas between thousands, which are for people to read."""
    horizontal, vertical = str(Minima(horizontal_m, vertical_ft)).replace(",", "").split(" and ")

    assert units.parse_length_m(horizontal) == pytest.approx(horizontal_m, rel=PRINTED)
    assert units.parse_altitude_ft(vertical) == pytest.approx(vertical_ft, rel=PRINTED)


def test_a_vertical_distance_is_no_level() -> None:
    """Feet stay exact, metres become feet; a flight level or less than nothing is refused."""
    assert units.parse_vertical_ft("0.1 ft") == 0.1
    assert units.parse_vertical_ft("304.8 m") == pytest.approx(1000.0)
    assert (units.flight_level_ft("fl 95"), units.flight_level_ft("9500 ft")) == (9500.0, None)
    for text in ("FL10", "-1 ft", "1000", "60 s"):
        with pytest.raises(UsageError, match=r"vertical distance|negative"):
            units.parse_vertical_ft(text)


@pytest.mark.parametrize(
    ("pressure_hpa", "altitude_ft"),
    [(1050.41, -1000.0), (1013.25, 0.0), (977.17, 1000.0), (942.13, 2000.0), (843.07, 5000.0)],
)
def test_pressure_altitudes_are_those_of_the_standard_atmosphere(
    pressure_hpa: float, altitude_ft: float
) -> None:
    """Of the table that altimeters are calibrated by, printed to 0.01 hPa: 0.3 ft."""
    assert units.pressure_altitude_ft(pressure_hpa) == pytest.approx(altitude_ft, abs=0.5)


@pytest.mark.parametrize("text", ["1013", "high", "29.92", "1013 ft", "700 hPa", "-1013 hPa"])
def test_what_is_no_qnh_is_refused(text: str) -> None:
    """It needs its unit, and occurs at sea level."""
    with pytest.raises(UsageError, match="is not a QNH"):
        units.parse_pressure_hpa(text)
    assert units.parse_pressure_hpa("29.92 inHg") == pytest.approx(1013.21, abs=0.01)
