"""``--columns`` says which column of a table is which, or what is wrong with the text."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wideberth import units
from wideberth.columns import TRACK_COLUMNS
from wideberth.errors import UsageError
from wideberth.read.columns_option import TARGETS, UNITS, check_targets, parse_columns, split_unit


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("t=when", {"t": "when"}),
        ("altitude_ft=ALT:m,t=when", {"altitude_ft": "ALT:m", "t": "when"}),
        ("  t = when , lat_deg = Y  ", {"t": "when", "lat_deg": "Y"}),
        ("t=when,", {"t": "when"}),
        ("t=when, ", {"t": "when"}),
        ('t="Time, UTC"', {"t": "Time, UTC"}),
        ('t="Time, UTC":ms,lat_deg=Y', {"t": "Time, UTC:ms", "lat_deg": "Y"}),
        ('t="a=b"', {"t": "a=b"}),
        ("t=a=b", {"t": "a=b"}),
        ("altitude_ft=Höhe (m)", {"altitude_ft": "Höhe (m)"}),
        ("altitude_ft=pos:alt", {"altitude_ft": "pos:alt"}),
        ('t=5" gun', {"t": '5" gun'}),
    ],
)
def test_the_text_form(text: str, means: dict[str, str]) -> None:
    """Ours on the left, theirs on the right, a comma between; quotes hold commas."""
    assert parse_columns(text) == means


@given(
    st.dictionaries(
        st.sampled_from(TARGETS), st.text(st.characters(exclude_characters='"\x00'), min_size=1), min_size=1
    )
)
def test_any_name_can_be_written_in_quotes(mapping: dict[str, str]) -> None:
    """With commas, equals signs, line breaks, blanks at its ends, in any script."""
    text = ",".join(f'{ours}="{theirs}"' for ours, theirs in mapping.items())

    assert parse_columns(text) == mapping


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing is named"),
        ("   ", "nothing is named"),
        ("when", "'when' is not of the form OURS=THEIRS"),
        ("t", "'t' is not of the form"),
        ("t=", "'t=' is not of the form"),
        ('t=""', "'t=\"\"' is not of the form"),
        ("=when", "'=when' is not of the form"),
        (",t=when", "',t=when' is not of the form"),
        ("t=when,lat_deg", "'lat_deg' is not of the form"),
        ("t=when,,lat_deg=Y", "',lat_deg=Y' is not of the form"),
        ("lat deg=Y", "'lat deg=Y' is not of the form"),
        ("t=a,lat_deg=Y,t=b", "t is named twice"),
        ("alt_ft=ALT", "'alt_ft' is no column of tracks. Did you mean 'altitude_ft'?"),
        ("T=when", "'T' is no column of tracks."),
        ("source_row=n", "'source_row' is no column of tracks."),
    ],
)
def test_a_text_that_cannot_be_meant_is_refused(text: str, says: str) -> None:
    """The message quotes the entry that is wrong and gives an example."""
    with pytest.raises(UsageError, match=re.escape(says)):
        parse_columns(text)


@pytest.mark.parametrize("mapping", [{"t": None}, {"t": 3}, {3: "t"}, {"t": ["a", "b"]}])
def test_a_mapping_in_python_holds_texts(mapping: Any) -> None:
    """A column that has a number for a name cannot be named."""
    with pytest.raises(UsageError, match="is no pair of texts"):
        check_targets(mapping)


@pytest.mark.parametrize(
    ("value", "target", "parts"),
    [
        ("ALT:m", "altitude_ft", ("ALT", "m")),
        ("ALT: M ", "altitude_ft", ("ALT", "m")),
        ("speed:km/h", "groundspeed_kt", ("speed", "km/h")),
        ("Time:UTC", "t", ("Time", "utc")),
        ("a:b:ms", "t", ("a:b", "ms")),
        ("ALT", "altitude_ft", ("ALT", None)),
        ("pos:alt", "altitude_ft", ("pos:alt", None)),
        (":m", "altitude_ft", (":m", None)),
        ("ALT:", "altitude_ft", ("ALT:", None)),
    ],
)
def test_what_stands_behind_the_last_colon_is_a_unit_if_it_is_one(
    value: str, target: str, parts: tuple[str, str | None]
) -> None:
    """Whatever its case; any other text belongs to the name."""
    assert split_unit(value, target) == parts


@pytest.mark.parametrize(
    ("value", "target", "says"),
    [
        ("ALT:kt", "altitude_ft", "'kt' is no unit of altitude_ft (known: ft, feet, foot, m,"),
        ("when:deg", "t", "'deg' is no unit of t (known: s, sec,"),
        ("CALL:m", "callsign", "'m' is no unit of callsign (known: none)"),
    ],
)
def test_the_unit_of_another_column_is_refused(value: str, target: str, says: str) -> None:
    """It is a slip, hardly part of a name."""
    with pytest.raises(UsageError, match=re.escape(says)):
        split_unit(value, target)


def test_every_target_is_a_column_of_tracks() -> None:
    """All but the two that say where a row came from."""
    assert set(TARGETS) == set(TRACK_COLUMNS) - {"source_file", "source_row"}
    assert set(UNITS) <= set(TARGETS)


def test_the_unit_in_our_name_is_one_of_ours() -> None:
    """So it has the factor 1."""
    own = {"ft": "ft", "kt": "kt", "fpm": "fpm", "deg": "deg", "s": "s", "m": "m", "t": "s"}
    for target, factors in UNITS.items():
        assert factors[own[target.rpartition("_")[2]]] == 1.0


@pytest.mark.parametrize(
    ("target", "unit", "number", "ours"),
    [
        ("altitude_ft", "m", 304.8, 1000.0),
        ("altitude_ft", "km", 3.048, 10_000.0),
        ("altitude_ft", "fl", 350.0, 35_000.0),
        ("height_m", "ft", 1000.0, 304.8),
        ("height_m", "km", 1.0, 1000.0),
        ("height_m", "fl", 1.0, 30.48),
        ("height_m", "metre", 7.0, 7.0),
        ("groundspeed_kt", "m/s", 1852.0, 3600.0),
        ("groundspeed_kt", "km/h", 185.2, 100.0),
        ("groundspeed_kt", "mph", 1852.0, 1609.344),
        ("vertical_rate_fpm", "m/s", 5.08, 1000.0),
        ("vertical_rate_fpm", "ft/s", 10.0, 600.0),
        ("track_deg", "rad", math.pi, 180.0),
        ("lat_deg", "rad", math.pi / 2, 90.0),
        ("t", "ms", 5000.0, 5.0),
        ("t", "ns", 5e9, 5.0),
        ("seen_pos_s", "ms", 250.0, 0.25),
    ],
)
def test_factors_are_the_international_definitions(
    target: str, unit: str, number: float, ours: float
) -> None:
    """One of the unit times the factor is that many of ours."""
    assert number * UNITS[target][unit] == pytest.approx(ours, rel=1e-14)  # rounding of one product


def test_names_of_one_unit_have_one_factor() -> None:
    """Feet, foot and ft are the same."""
    for same in (("ft", "feet", "foot"), ("m", "meter", "meters", "metre", "metres")):
        for target in ("altitude_ft", "height_m"):
            assert len({UNITS[target][name] for name in same}) == 1
    assert UNITS["groundspeed_kt"]["m/s"] == UNITS["groundspeed_kt"]["mps"] == 1 / units.MPS_PER_KNOT
