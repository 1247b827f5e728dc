"""Which of a table's columns are ours, and in which unit: told by the whole set of its names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wideberth.columns import TRACK_COLUMNS
from wideberth.errors import ColumnError, FormatError, UsageError
from wideberth.read.aliases import (
    POSITION_TIME,
    RECEIPT_TIME,
    ROW_TIME,
    Use,
    demand,
    dialect_of,
    listed,
    plan_for,
)
from wideberth.read.columns_option import TARGETS, UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

# The columns of each feed, as its own description lists them.
TRINO = str.split(
    "time icao24 lat lon velocity heading vertrate callsign onground alert spi squawk baroaltitude "
    "geoaltitude lastposupdate lastcontact serials hour"
)
STATES = str.split(
    "icao24 callsign origin_country time_position last_contact longitude latitude baro_altitude on_ground "
    "velocity true_track vertical_rate sensors geo_altitude squawk spi position_source category"
)
READSB = str.split(
    "now hex type flight r t alt_baro alt_geom gs track baro_rate geom_rate squawk category lat lon nic rc "
    "seen_pos nac_p nac_v sil"
)
TRAFFIC = str.split(
    "timestamp icao24 latitude longitude groundspeed track vertical_rate callsign onground alert spi squawk "
    "altitude geoaltitude last_position lastcontact serials hour"
)
OURS = [name for name in TRACK_COLUMNS if name in TARGETS]


def plan(names: list[str], mapping: Mapping[str, str] | None = None) -> dict[str, list[tuple[str, str]]]:
    """Our column → the table's names and units, in order of preference."""
    return {
        target: [(use.name, use.unit) for use in uses]
        for target, uses in plan_for(names, mapping).uses.items()
    }


@pytest.mark.parametrize(
    ("names", "dialect"),
    [
        (TRINO, "opensky"),
        (STATES, "opensky"),
        (READSB, "readsb"),
        (["hex", "flight", "lat", "lon"], "readsb"),
        (["hex", "lat", "lon"], "plain"),
        (TRAFFIC, "plain"),
        (OURS, "wideberth"),
        (["lat_deg", "lon_deg", "baroaltitude"], "wideberth"),
        (["velocity", "altitude"], "plain"),
        (["velocity", "groundspeed"], "plain"),
        (["alt_baro", "velocity"], "readsb"),
        ([], "plain"),
    ],
)
def test_the_whole_set_of_names_tells_the_feed(names: list[str], dialect: str) -> None:
    """In any order and any case."""
    assert dialect_of(names) == dialect
    if dialect != "wideberth":  # our own names are exact
        assert dialect_of([name.upper() for name in reversed(names)]) == dialect


def test_opensky_is_in_metres_and_metres_per_second() -> None:
    """Of the history tables and of /states/all; the position's own time is preferred to the row's."""
    for names in (TRINO, STATES):
        found = plan(names)

        assert [unit for target in ("altitude_ft", "height_m") for _, unit in found[target]] == ["m", "m"]
        assert [unit for target in ("groundspeed_kt", "vertical_rate_fpm") for _, unit in found[target]] == [
            "m/s"
        ] * 2
        assert found["track_deg"][0][0] in {"heading", "true_track"}
    assert plan_for(TRINO).uses["t"] == (
        Use("lastposupdate", "t", kind=POSITION_TIME),
        Use("time", "t", kind=ROW_TIME),
    )
    assert [use.name for use in plan_for(STATES).uses["t"]] == ["time_position"]
    assert plan(STATES)["source"] == [("position_source", "")]


def test_readsb_is_in_feet_knots_and_feet_per_minute() -> None:
    """``t`` is its type designator, ``r`` the registration, ``type`` the source; the time is ``now``."""
    found = plan(READSB)

    assert found["altitude_ft"] == [("alt_baro", "ft")]
    assert found["height_m"] == [("alt_geom", "ft")]
    assert found["groundspeed_kt"] == [("gs", "kt")]
    assert found["vertical_rate_fpm"] == [("baro_rate", "fpm"), ("geom_rate", "fpm")]
    assert (found["type_code"], found["registration"], found["source"]) == (
        [("t", "")],
        [("r", "")],
        [("type", "")],
    )
    assert plan_for(READSB).uses["t"] == (Use("now", "t", kind=RECEIPT_TIME),)
    assert found["seen_pos_s"] == [("seen_pos", "s")]
    assert (found["nac_p"], found["nac_v"]) == ([("nac_p", "")], [("nac_v", "")])


def test_traffic_is_in_feet_with_both_altitudes() -> None:
    """``geoaltitude`` is in feet, too, beside ``altitude``."""
    found = plan(TRAFFIC)

    assert (found["altitude_ft"], found["height_m"]) == ([("altitude", "ft")], [("geoaltitude", "ft")])
    assert [use.kind for use in plan_for(TRAFFIC).uses["t"]] == [POSITION_TIME, ROW_TIME]


def test_our_own_names_are_in_our_units() -> None:
    """A table that wideberth wrote comes back as it was, ``t`` the time."""
    found = plan_for(OURS)

    assert set(found.uses) == set(OURS)
    assert all(
        uses == (Use(name, name, kind=ROW_TIME if name == "t" else ""),) for name, uses in found.uses.items()
    )


def test_a_name_without_a_unit_that_no_feed_settles_is_not_taken() -> None:
    """Metres or feet, metres per second or knots: nothing tells."""
    found = plan(["velocity", "altitude", "vertrate", "baroaltitude", "height", "vs", "hae"])

    assert found == {"altitude_ft": [("altitude", "ft")]}


@pytest.mark.parametrize(
    ("name", "target", "unit"),
    [
        ("altitude_m", "altitude_ft", "m"),
        ("ALT [m]", "altitude_ft", "m"),
        ("Altitude (ft)", "altitude_ft", "ft"),
        ("alt.m", "altitude_ft", "m"),
        ("alt-m", "altitude_ft", "m"),
        ("altm", "altitude_ft", "m"),
        ("baro_altitude_m", "altitude_ft", "m"),
        ("height_ft", "height_m", "ft"),
        ("Height [m]", "height_m", "m"),
        ("geoaltitude_m", "height_m", "m"),
        ("speed (km/h)", "groundspeed_kt", "km/h"),
        ("speed_m/s", "groundspeed_kt", "m/s"),
        ("gskt", "groundspeed_kt", "kt"),
        ("velocity_mps", "groundspeed_kt", "mps"),
        ("Vertical Rate [ft/min]", "vertical_rate_fpm", "ft/min"),
        ("vs_fpm", "vertical_rate_fpm", "fpm"),
        ("Latitude (°)", "lat_deg", "deg"),
        ("lon (rad)", "lon_deg", "rad"),
        ("track [ deg ]", "track_deg", "deg"),
        ("timestamp_ms", "t", "ms"),
        ("time (UTC)", "t", ""),
        ("timestamp (UTC)", "t", ""),
        ("t", "t", ""),
        ("T [ms]", "t", "ms"),
        ("epoch_us", "t", "us"),
        ("seen_pos_s", "seen_pos_s", ""),
    ],
)
def test_a_unit_may_stand_in_a_name(name: str, target: str, unit: str) -> None:
    """In brackets, behind a separator, or attached to a common name."""
    assert plan([name]) == {target: [(name, unit)]}


@pytest.mark.parametrize(
    "name", ["altitude_kt", "speed [m]", "callsign_m", "lat_s", "alt_qnh", "xyz", "", "\0", "m", "[m]"]
)
def test_a_name_that_is_none_of_ours_is_not_taken(name: str) -> None:
    """Among them names with a unit that does not fit them."""
    assert plan([name]) == {}


@given(
    st.lists(
        st.sampled_from(TRINO + STATES + READSB + TRAFFIC + OURS + ["ALT [m]", "x"]) | st.text(), unique=True
    ),
    st.randoms(use_true_random=False),
)
def test_any_set_of_names_gives_a_plan_whatever_their_order(names: list[str], rng: object) -> None:
    """Each name is used at most once, in a unit of that column; which ones does not depend on the order."""
    found = plan_for(names)
    used = [use for uses in found.uses.values() for use in uses]
    mixed = list(names)
    rng.shuffle(mixed)  # type: ignore[attr-defined]

    assert len({use.name for use in used}) == len(used) == len(found.names)
    assert {use.name for use in used} <= set(names)
    assert all(use.unit == "" or use.unit in UNITS[use.target] for use in used)
    assert {use.name for uses in plan_for(mixed).uses.values() for use in uses} == {use.name for use in used}
    assert list(found.uses) == [target for target in TARGETS if target in found.uses]


def test_names_are_compared_without_case_and_punctuation() -> None:
    """``Alt_Baro``, ``alt baro`` and ``altbaro`` are one."""
    for name in ("Alt_Baro", "alt baro", "ALTBARO", "alt-baro"):
        assert plan([name])["altitude_ft"] == [(name, "ft")]


def test_a_better_name_comes_first_and_the_next_fills_its_gaps() -> None:
    """In the order of the list of names, not of the table."""
    assert plan(["speed", "gs", "groundspeed"])["groundspeed_kt"] == [
        ("groundspeed", "kt"),
        ("gs", "kt"),
        ("speed", "kt"),
    ]
    assert plan(["alt_m", "alt"])["altitude_ft"] == [("alt", "ft"), ("alt_m", "m")]
    assert plan(["alt_m", "altitude_ft"])["altitude_ft"] == [("altitude_ft", ""), ("alt_m", "m")]


def test_what_stands_in_an_object_within_an_object_comes_second() -> None:
    """Such as readsb's ``lastPosition`` beside a position of its own."""
    found = plan(["lastPosition\0lat", "lat", "lastPosition\0alt_ft", "lastPosition\0lat_deg"])

    assert found["lat_deg"] == [
        ("lat", "deg"),
        ("lastPosition\0lat", "deg"),
        ("lastPosition\0lat_deg", "deg"),
    ]
    assert found["altitude_ft"] == [("lastPosition\0alt_ft", "ft")]


# The user's own ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "mapping", "means"),
    [
        (["X", "altitude"], {"altitude_ft": "X"}, ("X", "")),
        (["X", "altitude"], {"altitude_ft": "X:m"}, ("X", "m")),
        (["X:m"], {"altitude_ft": "X:m"}, ("X:m", "")),
        (["X:m", "X"], {"altitude_ft": "X:m:ft"}, ("X:m", "ft")),
        (["Flight Level"], {"altitude_ft": "flight_level:FL"}, ("Flight Level", "fl")),
        (["alt", "alt_m"], {"altitude_ft": "alt:m"}, ("alt", "m")),
        (["ALT", "ALTM"], {"altitude_ft": "alt:m"}, ("ALT", "m")),
        (["ALT [m]"], {"altitude_ft": "ALT [m]"}, ("ALT [m]", "m")),
        (["ALT [m]"], {"altitude_ft": "ALT [m]:ft"}, ("ALT [m]", "ft")),
        (["QFE_m"], {"altitude_ft": "qfe m"}, ("QFE_m", "m")),
        (["weird_kt"], {"altitude_ft": "weird_kt"}, ("weird_kt", "")),
    ],
)
def test_a_mapping_overrides_what_the_names_say(
    names: list[str], mapping: dict[str, str], means: tuple[str, str]
) -> None:
    """The unit is the one behind the colon, else the one in the table's name, else the one in ours."""
    assert plan(names, mapping) == {"altitude_ft": [means]}


def test_a_mapped_time_is_the_time_of_the_row() -> None:
    """Alone: no other column fills its gaps."""
    found = plan_for(["time", "lastposupdate", "W"], {"t": "W:ms"})

    assert found.uses["t"] == (Use("W", "t", "ms", ROW_TIME),)
    assert plan_for(["W"], {"t": "W:utc"}).uses["t"] == (Use("W", "t", "", ROW_TIME),)


@pytest.mark.parametrize(
    ("mapping", "error", "says"),
    [
        (
            {"altitude_ft": "HEIGHT"},
            ColumnError,
            "there is no column 'HEIGHT' for altitude_ft. Found: alt, Alt, t_ms",
        ),
        ({"altitude_ft": "ALT"}, ColumnError, "there is no column 'ALT'"),  # alike to two
        ({"altitude_ft": "!"}, ColumnError, "there is no column '!'"),
        ({"altitude_ft": "alt:s"}, UsageError, "'s' is no unit of altitude_ft"),
        ({"alt": "alt"}, UsageError, "'alt' is no column of tracks"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(
    mapping: dict[str, str], error: type[Exception], says: str
) -> None:
    """Of two columns that are alike none is guessed."""
    with pytest.raises(error, match=re.escape(says)):
        plan_for(["alt", "Alt", "t_ms"], mapping)


def test_what_a_track_needs_is_demanded() -> None:
    """The message lists what was found and how to say which is which."""
    names = ["icao24", "Y", "X", "time"]
    demand(plan_for([*names, "lat", "lon"]), names, "log.csv")

    with pytest.raises(FormatError) as error:
        demand(plan_for(names), names, "log.csv")

    assert str(error.value) == (
        "log.csv: no column for lat_deg, lon_deg is recognised. Found: icao24, Y, X, time. "
        "Say which it is: --columns lat_deg=NAME,lon_deg=NAME."
    )


def test_a_long_list_of_names_is_cut() -> None:
    """At twenty names of forty characters; a name in an object within an object is shown alone."""
    assert listed([]) == "no names"
    assert listed(["a\0b", "x" * 99]) == f"b, {'x' * 40}"
    assert listed([str(i) for i in range(25)]).endswith("18, 19, and 5 more")
