"""Guidance as users call it: one state or columns, frames, wind, what is refused, and one step after the other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from wideberth import Guide, guide
from wideberth.errors import ColumnError, UsageError
from wideberth.guide import band_memory
from wideberth.guide.config import Config
from wideberth.guide.memory import AlertMemory, Filter, Piece, at, combined, counted, joined, moved
from wideberth.guide.states import States
from wideberth.kernels import tangent

DRONE_FLIGHT = {
    "step_hs_mps": 0.5, "min_hs_mps": 0.5, "max_hs_mps": 25.0, "min_airspeed_mps": 0.5, "min_vs_mps": -5.0,
    "max_vs_mps": 5.0, "step_vs_mps": 0.25, "min_alt_m": 0.0, "max_alt_m": 120.0, "step_alt_m": 2.5,
    "vertical_accel_mps2": 1.0, "vertical_rate_mps": 2.0, "horizontal_nmac_m": 10.0, "vertical_nmac_m": 5.0,
    "lookahead_time_s": 60.0, "step_hdir_rad": math.radians(5.0), "turn_rate_radps": math.radians(20.0),
}  # fmt: skip
DRONE = Config.cylinder(50.0, 15.0, alerting_time_s=30.0).changed(**DRONE_FLIGHT)
OWN = {"x_m": 0.0, "y_m": 0.0, "z_m": 60.0, "vx_mps": 0.0, "vy_mps": 10.0, "vz_mps": 0.0}
AHEAD = {"x_m": 0.0, "y_m": 300.0, "z_m": 60.0, "vx_mps": 0.0, "vy_mps": -10.0, "vz_mps": 0.0}
ASIDE = AHEAD | {"x_m": 900.0}


def test_an_empty_sky_allows_everything() -> None:
    """Without intruders every band is NONE and nothing is to be resolved."""
    advice = guide(OWN, [], DRONE)[0]

    assert [[band.region for band in bands.bands] for bands in advice.dimensions] == [["NONE"]] * 4
    assert advice.level == 0
    assert all(math.isnan(bands.low_resolution) and not bands.prefers_high for bands in advice.dimensions)


def test_head_on_is_alerted_and_resolved_to_the_right() -> None:
    """Two drones head-on: the alert, the entry of the cylinder, and a turn to either side, the right one preferred."""
    advice = guide(OWN, [AHEAD], DRONE)[0]

    assert advice.alerts[0].time_to_violation_s == pytest.approx(12.5)
    assert (advice.level, advice.conflicts("NEAR")) == (1, ("1",))
    assert advice.hdir is not None
    shown = advice.hdir.shown
    assert (shown.unit, shown.region) == ("deg", "NEAR")
    assert shown.low_resolution == pytest.approx(360.0 - shown.high_resolution)
    assert shown.prefers_high
    assert shown.region_at(shown.high_resolution + 1.0) == "NONE"
    assert 0.0 < advice.hdir.last_times_s[0] < 12.5


@pytest.mark.compiled
def test_a_column_gives_what_each_state_gives_alone() -> None:
    """50 states in one call and one by one: the very same advice."""
    rng = np.random.default_rng(8)
    n = 50
    own = {key: np.full(n, value) for key, value in OWN.items()} | {"x_m": rng.uniform(-50, 50, n)}
    spread = {"x_m": 90.0, "y_m": 200.0, "z_m": 20.0, "vx_mps": 2.0, "vy_mps": 9.0, "vz_mps": 0.5}
    others = {key: AHEAD[key] + rng.uniform(-reach, reach, 2 * n) for key, reach in spread.items()}
    state = np.tile(np.arange(n), 2)  # in no order

    together = guide(own, others | {"state": state}, DRONE)

    for i in range(n):
        alone = guide(
            {key: float(column[i]) for key, column in own.items()},
            [{key: float(column[j]) for key, column in others.items()} for j in (i, i + n)],
            DRONE,
        )[0]
        assert repr(together[i]) == repr(alone)  # NaN is not equal to NaN, its text is
    assert 10 < (together.levels > 0).sum() < n


@pytest.mark.compiled
def test_tables_are_taken() -> None:
    """Polars, pandas-like and Arrow tables give what mappings give."""
    own, others = pl.DataFrame([OWN]), pl.DataFrame([AHEAD, ASIDE])

    assert repr(guide(own, others, DRONE)[0]) == repr(guide(OWN, [AHEAD, ASIDE], DRONE)[0])
    assert repr(guide(own.to_arrow(), others.to_arrow(), DRONE)[0]) == repr(
        guide(OWN, [AHEAD, ASIDE], DRONE)[0]
    )


def test_wind_carries_everybody() -> None:
    """In air that moves at 8 m/s, velocities over ground that are 8 m/s more give the same bands through the air."""
    still = guide(OWN, [AHEAD], DRONE)[0]
    carried = [state | {"vx_mps": state["vx_mps"] + 8.0} for state in (OWN, AHEAD)]

    assert repr(guide(carried[0], carried[1:], DRONE, wind_mps=(8.0, 0.0))[0]) == repr(still)
    assert repr(guide(carried[0], carried[1:], DRONE)[0]) != repr(still)


def test_latitude_and_longitude_are_projected() -> None:
    """The field's units in latitude and longitude: head-on, 1 NM apart and closing at 200 kt, near in 18 s."""
    own = {
        "lat_deg": 47.0, "lon_deg": 8.0, "altitude_ft": 300.0, "groundspeed_kt": 40.0, "track_deg": 90.0,
        "vertical_rate_fpm": 0.0,
    }  # fmt: skip
    east_deg = 1.0 / 60.0 / math.cos(math.radians(47.0))
    other = own | {"lon_deg": 8.0 + east_deg, "track_deg": 270.0, "groundspeed_kt": 160.0}
    advice = guide(own, [other], DRONE)[0]

    reach_s = (1852.0 - 50.0) / (200.0 * 1852.0 / 3600.0)
    assert advice.alerts[0].time_to_violation_s == pytest.approx(reach_s, abs=1e-3)
    assert advice.hdir is not None
    assert advice.hdir.shown.own == pytest.approx(90.0, abs=1e-3)


def test_the_plane_touches_at_the_own_position() -> None:
    """A point 10 NM north lies 10 NM up the plane but for its curvature, and the great circle east bends south."""
    x, y = tangent.orthographic(47.0 + 10.0 / 60.0, 8.0, 47.0, 8.0)
    assert (x, y) == pytest.approx((0.0, tangent.RADIUS_M * math.sin(math.radians(10.0 / 60.0))), abs=1e-6)
    lat, lon = tangent.along_great_circle(47.0, 8.0, 90.0, 100_000.0)
    assert lat < 47.0
    assert tangent.orthographic(lat, lon, 47.0, 8.0) == pytest.approx(
        (tangent.RADIUS_M * math.sin(100_000.0 / tangent.RADIUS_M), 0.0), abs=1e-6
    )


def test_outside_of_what_may_be_flown_there_are_no_bands() -> None:
    """At 30 m/s, above the greatest speed, there is no speed guidance; the others stay."""
    advice = guide(OWN | {"vy_mps": 30.0}, [AHEAD], DRONE)[0]

    assert advice.hs is not None
    assert (advice.hs.region, advice.hs.bands) == ("UNKNOWN", ())
    assert math.isnan(advice.hs.low_resolution)
    assert advice.hs.last_times_s == (math.inf,)
    assert advice.hdir is not None
    assert advice.hdir.bands


WRONG: list[tuple[dict[str, Any], Any, str]] = [
    ({"x_m": 0.0}, [], "is told in 0 ways"),
    (OWN | {"altitude_ft": 5.0}, [], "altitude is told in 2 ways"),
    (OWN | {"groundspeed_knots": 5.0}, [], "Did you mean 'groundspeed_kt'"),
    (
        OWN,
        [{"lat_deg": 1.0, "lon_deg": 1.0} | {k: v for k, v in AHEAD.items() if k not in "x_m y_m"}],
        "different frames",
    ),
    (OWN, [AHEAD | {"alerter": 2}], "from 1 to 1"),
    (OWN, [AHEAD, {"x_m": 1.0}], "same names"),
    (OWN, 7, "a mapping of names"),
    (OWN, {**{k: [v] for k, v in AHEAD.items()}, "id": ["a", "b"]}, "differ in length"),
]


@pytest.mark.parametrize(("own", "others", "told"), WRONG, ids=[told for _, _, told in WRONG])
def test_what_cannot_be_meant_is_refused(own: dict[str, Any], others: Any, told: str) -> None:
    """A message says what is wrong and what would be right."""
    with pytest.raises(UsageError, match=told):
        guide(own, others, DRONE)


def test_unknown_values_are_refused() -> None:
    """A NaN is no state; the message counts and names the first row."""
    with pytest.raises(ColumnError, match=r"vz_mps: 1 of 2 values cannot be \(first: row 1, nan\)") as caught:
        guide(OWN, [AHEAD, AHEAD | {"vz_mps": math.nan}], DRONE)
    assert caught.value.rows == [1]
    with pytest.raises(ColumnError, match="not all values are numbers"):
        guide(OWN | {"vx_mps": "fast"}, [], DRONE)
    with pytest.raises(UsageError, match="'track' is not one of hdir"):
        guide(OWN, [], DRONE, dimensions=("track",))
    with pytest.raises(UsageError, match="wind_mps is"):
        guide(OWN, [], DRONE, wind_mps=(1.0, math.nan))
    with pytest.raises(UsageError, match="which of the 2 own states"):
        guide({key: [value, value] for key, value in OWN.items()}, [AHEAD], DRONE)
    with pytest.raises(IndexError):
        guide(OWN, [], DRONE)[1]


def states_of(*steps: list[dict[str, float] | None]) -> States:
    """Return steps of own state and intruders, None where one is not there."""
    rows = [[OWN, *others] for others in steps]

    def column(key: str) -> Any:
        return np.array([[math.nan if state is None else state[key] for state in row] for row in rows])

    keys = ("x_m", "y_m", "vx_mps", "vy_mps", "vz_mps")
    return States(
        names=("own", *(f"i{k}" for k in range(1, len(rows[0])))),
        t_s=np.arange(float(len(rows))),
        altitude_m=column("z_m"),
        **{key: column(key) for key in keys},
    )


def test_states_are_instants_of_whoever_is_there() -> None:
    """`States` give an instant each, with the intruders that are known then."""
    found = guide(states_of([AHEAD, None], [None, None], [ASIDE, AHEAD]), config=DRONE, dimensions=())

    assert [[alert.id for alert in advice.alerts] for advice in found] == [["i1"], [], ["i1", "i2"]]
    assert found.levels.tolist() == [1, 0, 1]
    gone = states_of([AHEAD])
    gone.x_m[0, 0] = math.nan
    with pytest.raises(ColumnError, match="own: unknown at 1 of 1 instants"):
        guide(gone, config=DRONE)


MEMORY = DRONE.changed(
    alerting_m=2, alerting_n=4, hysteresis_time_s=5.0, persistence_time_s=4.0, bands_persistence=True,
    persistence_preferred_hdir_rad=math.radians(15.0),
)  # fmt: skip


def test_an_alert_is_kept_for_a_while() -> None:
    """A conflict that is gone after a second is alerted for the time of persistence, and its band stays."""
    advices = Guide(MEMORY, dimensions=("hdir",)).follow(states_of([AHEAD], *([[ASIDE]] * 6)))

    assert [advice.level for advice in advices] == [1, 1, 1, 1, 0, 0, 0]
    shown = [advice.hdir.region for advice in advices if advice.hdir is not None]
    assert shown == ["NEAR", "NEAR", "NEAR", "NEAR", "NONE", "NONE", "NONE"]


def test_memory_begins_anew_after_a_gap() -> None:
    """Six seconds unheard, with five of hysteresis: what was is forgotten; `reset` forgets at once."""
    guide_now = Guide(MEMORY, dimensions=())
    assert guide_now.step(0.0, OWN, [AHEAD]).level == 1
    assert guide_now.step(6.0, OWN, [ASIDE]).level == 0
    assert guide_now.step(7.0, OWN, [AHEAD]).level == 0  # once in four
    assert guide_now.step(8.0, OWN, [AHEAD]).level == 1
    guide_now.reset()
    assert guide_now.step(9.0, OWN, [ASIDE]).level == 0


def test_steps_that_cannot_be_meant_are_refused() -> None:
    """A step is one own state at a finite time, its intruders told apart."""
    follower = Guide(MEMORY, dimensions=())
    with pytest.raises(UsageError, match="number of seconds"):
        follower.step(math.nan, OWN)
    with pytest.raises(UsageError, match="one state of the ownship, not 2"):
        follower.step(0.0, {key: [value, value] for key, value in OWN.items()}, [AHEAD | {"state": 0}])
    with pytest.raises(UsageError, match="give each its own"):
        follower.step(0.0, OWN, [AHEAD | {"id": "a"}, ASIDE | {"id": "a"}])


def test_m_of_n_counts_the_last_steps() -> None:
    """A level counts where m of the last n reach it; the first counts at once."""
    counting = Filter(2, 3)
    counting.begin(3)

    assert [counting.push(level) for level in (3, 1, 0, 0, 2, 2)] == [3, 3, 1, 0, 0, 2]
    assert counted([1, 2], 3) == 0
    assert Filter(0, 0).push(2) == 2
    memory = AlertMemory(Filter(0, 0))
    assert [memory.issue(t, raw, DRONE) for t, raw in ((0.0, 1), (1.0, 0))] == [1, 0]


def test_lists_of_bands_combine_point_by_point() -> None:
    """Colours are picked at each point; a bound that moved within the reference's slack is one bound."""
    one, other = [Piece(0.0, 2.0, 0), Piece(2.0, 6.0, 3)], [Piece(0.0, 4.0, 2), Piece(4.0, 6.0, 0)]

    assert combined([one, other], max) == [Piece(0.0, 2.0, 2), Piece(2.0, 6.0, 3)]
    assert combined([one, other], min) == [Piece(0.0, 2.0, 0), Piece(2.0, 4.0, 2), Piece(4.0, 6.0, 0)]
    assert moved([Piece(0.0, 2.0001, 0), Piece(2.0001, 6.0, 3)], [2.0]) == one
    assert moved(one, [2.1]) == one
    assert at(one, 2.0) == 0
    assert at(one, 7.0) == 5
    assert joined([Piece(0.0, 1.0, 2), Piece(1.0, 1.0, 3), Piece(1.0, 2.0, 2)]) == [Piece(0.0, 2.0, 2)]


def test_the_band_that_is_kept_is_of_the_colour_at_the_own_value() -> None:
    """A speed that wavers by rounding about a bound: the band of the milder side is the one that is kept."""
    bands = [Piece(0.0, 2.0, 3), Piece(2.0, 6.0, 2)]

    for own in (2.0 - 1e-5, 2.0, 2.0 + 1e-5):
        assert at(bands, own) == 2
        assert band_memory._around(bands, own, 2, "hs") == bands[1]
