"""Closest approach, cylinder and well clear, against NASA's answers, published vectors and plain sampling."""

from __future__ import annotations

import csv
import gzip
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from wideberth.kernels import cpa, cylinder, wellclear

if TYPE_CHECKING:
    from pathlib import Path

Floats = NDArray[np.float64]

ORACLE_S = 1e-6  # what the oracle's README asks for; seen: 7e-11
ORACLE_RATIO = 1e-9  # of a metric's value; what is a difference of large numbers, of those
MILLIMETRE = 1e-3
NM, FT, KT = 1852.0, 0.3048, 1852.0 / 3600.0

EN_ROUTE = (0.66 * NM, 450 * FT, 35.0, 0.0)  # dthr, zthr, tthr, tcoa


class Answers:
    """A file of answers: its columns as float64, and the relative motion of its pairs."""

    def __init__(self, path: Path, *, own: str, intruder: str) -> None:
        with gzip.open(path, "rt", newline="") as file:
            rows = list(csv.reader(file))
        self._columns = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
        axes = [(kind, axis) for kind in "sv" for axis in "xyz"]
        self.motion = [self[intruder.format(*axis)] - self[own.format(*axis)] for axis in axes]
        self.plane = [self.motion[i] for i in (0, 1, 3, 4)]
        self.vertical = [self.motion[i] for i in (2, 5)]

    def __getitem__(self, name: str) -> Floats:
        return np.array(self._columns[name], dtype=float)

    def is_clear(self, name: str) -> NDArray[np.bool_]:
        """Tell which rows do not hang on the last digits of a threshold."""
        clear = self[f"{name}_amb"] == 0
        assert clear.mean() > 0.98
        return clear


@pytest.fixture(scope="module")
def pairs(shared_oracles: Path) -> Answers:
    """2000 pairs in a local plane, answered by NASA's reference for detect and avoid."""
    return Answers(shared_oracles / "daidalus" / "detection.csv.gz", own="{0}o{1}", intruder="{0}i{1}")


@pytest.fixture(scope="module")
def geodetic_pairs(shared_oracles: Path) -> Answers:
    """500 more, given in lat/lon; their projected states are taken as they stand in the file."""
    return Answers(shared_oracles / "daidalus" / "geodetic.csv.gz", own="o{0}{1}", intruder="i{0}{1}")


@pytest.fixture(scope="module")
def volumes(shared_oracles: Path) -> dict[str, Any]:
    """The thresholds that the pairs were judged by."""
    text = (shared_oracles / "daidalus" / "configs" / "detection.json").read_text()
    return {kind: values for part in json.loads(text).values() for kind, values in part.items()}  # type: ignore[union-attr]


def cylinder_of(volume: dict[str, float]) -> tuple[float, float]:
    return volume["D_m"], volume["H_m"]


def taumod_of(volume: dict[str, float]) -> tuple[float, float, float, float]:
    return volume["DTHR_m"], volume["ZTHR_m"], float(volume["TTHR_s"]), float(volume["TCOA_s"])


def window_of(volume: dict[str, float]) -> tuple[float, float]:
    return float(volume["B_s"]), float(volume["T_s"])


def agree(ours: Floats, theirs: Floats, *, scale: Floats | float = 0.0) -> None:
    """Assert that a metric is theirs wherever they have one, to `ORACLE_RATIO` of it or of ``scale``."""
    known = ~np.isnan(theirs)
    assert known.any()
    same = ours == theirs  # infinities among them
    with np.errstate(invalid="ignore"):
        near = np.abs(ours - theirs) <= ORACLE_RATIO * np.maximum(np.abs(theirs), scale)
    assert (same | near)[known].all()


def same_times(ours: Floats, theirs: Floats, rows: NDArray[np.bool_]) -> None:
    """Assert that times are theirs to `ORACLE_S`, infinities exactly."""
    with np.errstate(invalid="ignore"):
        assert ((ours == theirs) | (np.abs(ours - theirs) <= ORACLE_S))[rows].all()


@pytest.mark.threads
def test_closest_approach_is_nasas(pairs: Answers) -> None:
    """Times and distances at the closest approach, in the plane and in space, agree to 1e-9."""
    range_m = np.hypot(*pairs.plane[:2])

    agree(cpa.times_to_cpa(*pairs.plane), pairs["tcpa_raw"])
    agree(np.maximum(cpa.times_to_cpa(*pairs.plane), 0.0), pairs["tcpa"])
    agree(cpa.distances_at_cpa(*pairs.plane), pairs["dcpa"], scale=range_m * 1e-3)
    agree(np.maximum(cpa.times_to_cpa_3d(*pairs.motion), 0.0), pairs["tcpa3d"])
    agree(cpa.times_to_co_altitude(*pairs.vertical), pairs["tcoa"])


@pytest.mark.threads
def test_predicted_miss_distances_are_nasas(pairs: Answers) -> None:
    """The least horizontal and vertical distance of the next 180 s agree to 1e-9."""
    range_m = np.hypot(*pairs.plane[:2])

    agree(cpa.horizontal_misses(*pairs.plane, 180.0), pairs["hmd180"], scale=range_m * 1e-3)
    agree(cpa.vertical_misses(*pairs.vertical, 180.0), pairs["vmd180"])


@pytest.mark.parametrize(
    ("name", "dmod_m"), [("066nm", 0.66 * NM), ("1nm", NM), ("1500ft", 1500 * FT), ("50m", 50.0)]
)
def test_modified_tau_is_nasas(pairs: Answers, name: str, dmod_m: float) -> None:
    """Modified tau agrees to 1e-9, and is -1 for the same pairs."""
    ours = wellclear.tau_mods(*pairs.plane, dmod_m)

    agree(ours, pairs[f"taumod_{name}"])
    assert 0.1 < (ours == -1.0).mean() < 0.9


@pytest.mark.threads
@pytest.mark.parametrize("name", ["c1", "c2", "c3", "c4", "c5", "c6"])
def test_cylinder_is_nasas(pairs: Answers, volumes: dict[str, Any], name: str) -> None:
    """Every flag is the same, and loss and return of separation agree to a microsecond."""
    minima, window, rows = cylinder_of(volumes[name]), window_of(volumes[name]), pairs.is_clear(name)

    t_in, t_out = cylinder.conflict_intervals(*pairs.motion, *minima, *window)

    assert (cylinder.are_inside(*pairs.motion[:3], *minima) == pairs[f"{name}_los"])[rows].all()
    assert (cylinder.are_violated(*pairs.motion, *minima) == pairs[f"{name}_viol"])[rows].all()
    assert ((t_in < t_out) == pairs[f"{name}_conf"])[rows].all()
    assert 0.01 < (t_in < t_out).mean() < 0.99
    same_times(t_in, pairs[f"{name}_tin"], rows)
    same_times(t_out, pairs[f"{name}_tout"], rows)


@pytest.mark.threads
@pytest.mark.parametrize("name", ["c1", "c2", "c3", "c4", "c5", "c6"])
def test_least_separation_is_nasas(pairs: Answers, volumes: dict[str, Any], name: str) -> None:
    """The least norm is theirs in every row; so is its time, or ours is an earlier one with the same norm."""
    minima, window = cylinder_of(volumes[name]), window_of(volumes[name])
    sx, sy, sz, vx, vy, vz = pairs.motion
    theirs = pairs[f"{name}_tca"]

    t_s, ratio = cylinder.least_separations(*pairs.motion, *minima, *window)

    # Their norm is of squares, so its last digits are those of the squared position.
    agree(ratio**2, pairs[f"{name}_dca"], scale=(np.hypot(sx, sy) / minima[0]) ** 2 * 1e-3)
    at_theirs = np.maximum(
        np.hypot(sx + vx * theirs, sy + vy * theirs) / minima[0], abs(sz + vz * theirs) / minima[1]
    )
    np.testing.assert_allclose(at_theirs, ratio, rtol=ORACLE_RATIO, atol=1e-11)
    lasts = (vz == 0.0) | ((vx == 0.0) & (vy == 0.0))
    assert (np.abs(t_s - theirs) <= ORACLE_S)[~lasts].all()
    assert (t_s <= theirs + ORACLE_S).all()


@pytest.mark.threads
@pytest.mark.parametrize("name", ["w1", "w2", "w3", "w4", "w5", "w6", "w7"])
def test_well_clear_is_nasas(pairs: Answers, volumes: dict[str, Any], name: str) -> None:
    """Every flag is the same, and loss and return of well clear agree to a microsecond."""
    thresholds, window, rows = taumod_of(volumes[name]), window_of(volumes[name]), pairs.is_clear(name)

    t_in, t_out = wellclear.conflict_intervals(*pairs.motion, *thresholds, *window)

    assert (wellclear.are_violated(*pairs.motion, *thresholds) == pairs[f"{name}_viol"])[rows].all()
    assert ((t_in < t_out) == pairs[f"{name}_conf"])[rows].all()
    assert 0.01 < (t_in < t_out).mean() < 0.99
    same_times(t_in, pairs[f"{name}_tin"], rows)
    same_times(t_out, pairs[f"{name}_tout"], rows)


@pytest.mark.parametrize(
    ("alerter", "dthr_m", "tthr_s", "zthr_ft"),
    [
        ("a1", 0.66 * NM, 35.0, (700, 450, 450)),
        ("a2", 1500 * FT, 0.0, (450,) * 3),
        ("a3", 2200 * FT, 0.0, (450,) * 3),
    ],
)
def test_well_clear_on_projected_states_is_nasas(
    geodetic_pairs: Answers, alerter: str, dthr_m: float, tthr_s: float, zthr_ft: tuple[int, ...]
) -> None:
    """The three volumes of each DO-365 alerter are lost and regained when NASA says, within 180 s."""
    for level, height_ft in enumerate(zthr_ft, start=1):
        t_in, t_out = wellclear.conflict_intervals(
            *geodetic_pairs.motion, dthr_m, height_ft * FT, tthr_s, 0.0, 0.0, 180.0
        )
        theirs_in, theirs_out = (geodetic_pairs[f"{alerter}_l{level}_{end}"] for end in ("tin", "tout"))

        rows = np.ones(t_in.size, bool)
        same_times(t_in, theirs_in, rows)
        same_times(t_out, theirs_out, rows)
        assert np.isfinite(theirs_in).sum() > 20


def test_opposite_vertical_speeds_are_not_equal_ones() -> None:
    """Own climbing at 2 m/s towards an intruder descending at 2 m/s is a conflict from 25 s on.

    The reference takes 2 and -2 for equal, and misses it.
    """
    t_in, t_out = cylinder.conflict_interval(100.0, 0.0, 120.0, 0.0, 0.0, -2.0 - 2.0, 150.0, 20.0, 0.0, 180.0)

    assert (t_in, t_out) == (25.0, 35.0)


VECTORS = {
    # along_nm, across_nm, above_ft, closure_kt, climb_fpm: tcpa_s, dcpa_ft, tau_s, lost, t_in_s, t_out_s
    "A head-on": (5.0, 0.0, 0, 900, 0, 20.0, 0, 19.65, True, 0.0, 22.64),
    "B as A, 500 ft apart": (5.0, 0.0, 500, 900, 0, 20.0, 0, 19.65, False, None, None),
    "C as A, 1 NM aside": (5.0, 1.0, 0, 900, 0, 20.0, 6076, 20.45, False, None, None),
    "D near, diverging": (0.6, 0.0, 0, -100, 0, -21.6, None, -1.0, True, 0.0, 2.16),
    "E less near, diverging": (0.7, 0.0, 0, -100, 0, -25.2, None, -1.0, False, None, None),
    "F head-on from afar": (10.0, 0.0, 0, 900, 0, 40.0, 0, 39.83, False, 4.80, 42.64),
    "G as F, coming down": (10.0, 0.0, 1500, 900, -1500, 40.0, 0, 39.83, False, 42.00, 42.64),
}


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_published_vectors(vector: tuple[Any, ...]) -> None:
    """The seven cases that detect-and-avoid work is checked by, printed to two decimals."""
    along_nm, across_nm, above_ft, closure_kt, climb_fpm, tcpa_s, dcpa_ft, tau_s, lost, t_in_s, t_out_s = (
        vector
    )
    plane = (along_nm * NM, across_nm * NM, -closure_kt * KT, 0.0)
    motion = (*plane[:2], above_ft * FT, *plane[2:], climb_fpm * FT / 60)

    assert cpa.time_to_cpa(*plane) == pytest.approx(tcpa_s, abs=0.005)
    assert wellclear.tau_mod(*plane, EN_ROUTE[0]) == pytest.approx(tau_s, abs=0.005)
    assert wellclear.is_violated(*motion, *EN_ROUTE) == lost
    if dcpa_ft is not None:
        assert cpa.distance_at_cpa(*plane) == pytest.approx(dcpa_ft * FT, abs=0.5 * FT)
    interval = wellclear.conflict_interval(*motion, *EN_ROUTE, 0.0, 180.0)
    if t_in_s is None:
        assert interval == (math.inf, -math.inf)
    else:
        assert interval == pytest.approx((t_in_s, t_out_s), abs=0.005)


def test_touching_is_no_loss_of_separation() -> None:
    """The cylinder is open: level at H, abreast at D, or past it on a tangent, separation is kept."""
    D, H = 1000.0, 100.0
    never = (math.inf, -math.inf)

    assert cylinder.conflict_interval(0.0, 0.0, H, 10.0, 0.0, 0.0, D, H, 0.0, 60.0) == never
    assert cylinder.conflict_interval(D, 0.0, 0.0, 0.0, 0.0, 1.0, D, H, 0.0, 60.0) == never
    assert cylinder.conflict_interval(-300.0, D, 0.0, 10.0, 0.0, 0.0, D, H, 0.0, 60.0) == never
    assert not cylinder.is_inside(D, 0.0, 0.0, D, H)
    assert not cylinder.is_violated(D, 0.0, 0.0, 0.0, 5.0, 0.0, D, H)
    assert cylinder.is_violated(D, 0.0, 0.0, -5.0, 0.0, 0.0, D, H)
    assert cylinder.is_violated(0.0, 0.0, H, 0.0, 0.0, -1.0, D, H)
    assert cylinder.conflict_interval(D, 0.0, 0.0, -5.0, 0.0, 0.0, D, H, 0.0, 60.0) == (0.0, 60.0)
    assert cylinder.circle_times(0.0, D, 5.0, 0.0, D) == (0.0, 0.0)


def test_well_clear_has_an_edge_that_counts() -> None:
    """The well-clear volume is closed: resting on its edge is a loss, leaving it at once is none."""
    dthr, zthr, tthr, tcoa = 1000.0, 100.0, 35.0, 0.0
    thresholds = (dthr, zthr, tthr, tcoa, 0.0, 60.0)

    assert wellclear.is_violated(dthr, 0.0, zthr, 0.0, 0.0, 0.0, dthr, zthr, tthr, tcoa)
    assert wellclear.conflict_interval(dthr, 0.0, zthr, 0.0, 0.0, 0.0, *thresholds) == (0.0, 60.0)
    assert wellclear.conflict_interval(dthr, 0.0, 0.0, 5.0, 0.0, 0.0, *thresholds) == (math.inf, -math.inf)
    assert wellclear.conflict_interval(dthr + 1, 0.0, 0.0, 0.0, 0.0, 1.0, *thresholds) == (
        math.inf,
        -math.inf,
    )


def test_least_separation_that_lasts_is_told_of_its_first_instant() -> None:
    """Level and 50 ft of 100 apart, the horizontal part is below one half from 10 s on."""
    t_s, ratio = cylinder.least_separation(3000.0, 0.0, 50.0, -100.0, 0.0, 0.0, 2000.0 * 2, 100.0, 0.0, 60.0)

    assert (t_s, ratio) == (10.0, 0.5)


UNKNOWN = math.nan


@pytest.mark.parametrize("gone", range(6))
def test_unknown_stays_unknown(gone: int) -> None:
    """A NaN in what a formula needs gives NaN, never a number."""
    motion = [3000.0, 400.0, 50.0, -100.0, 10.0, -1.0]
    motion[gone] = UNKNOWN
    plane, vertical = [motion[i] for i in (0, 1, 3, 4)], [motion[i] for i in (2, 5)]
    window = (0.0, 60.0)

    answers = [
        cpa.time_to_cpa_3d(*motion),
        cpa.distance_at_cpa_3d(*motion),
        *cylinder.conflict_interval(*motion, 1000.0, 100.0, *window),
        *cylinder.least_separation(*motion, 1000.0, 100.0, *window),
        *wellclear.conflict_interval(*motion, *EN_ROUTE, *window),
    ]
    if gone in (2, 5):
        answers += [cpa.time_to_co_altitude(*vertical), cpa.vertical_miss(*vertical, 60.0)]
    else:
        answers += [
            cpa.time_to_cpa(*plane),
            cpa.distance_at_cpa(*plane),
            cpa.horizontal_miss(*plane, 60.0),
            wellclear.tau_mod(*plane, 1000.0),
        ]

    assert np.isnan(answers).all()


def test_unknown_is_not_called_lost() -> None:
    """A flag is raised by what is known only: by the positions alone, if those are near enough."""
    far, near = (3000.0, 0.0, 50.0), (900.0, 0.0, 50.0)
    for gone in range(3):
        position = [UNKNOWN if i == gone else part for i, part in enumerate(near)]
        assert not cylinder.is_inside(*position, 1e5, 1e5)
        assert not cylinder.is_violated(*position, -100.0, 0.0, 0.0, 1e5, 1e5)
        assert not wellclear.is_violated(*position, -100.0, 0.0, 0.0, *EN_ROUTE)
    still_unknown = (UNKNOWN, 0.0, 0.0)
    assert cylinder.is_violated(*near, *still_unknown, 1000.0, 100.0)
    assert wellclear.is_violated(*near, *still_unknown, *EN_ROUTE)
    assert not wellclear.is_violated(*far, *still_unknown, *EN_ROUTE)
    assert wellclear.is_violated(*far, -100.0, 0.0, 0.0, *EN_ROUTE)


def test_formation_has_an_unknown_time_where_the_position_is() -> None:
    """Without relative motion the time is 0, unless nobody knows where they are."""
    assert cpa.time_to_cpa(10.0, 20.0, 0.0, 0.0) == 0.0
    assert cpa.time_to_cpa_3d(10.0, 20.0, 5.0, 0.0, 0.0, 0.0) == 0.0
    assert cpa.time_to_co_altitude(10.0, 0.0) == -math.inf
    assert math.isnan(cpa.time_to_cpa(UNKNOWN, 20.0, 0.0, 0.0))
    assert math.isnan(cpa.time_to_co_altitude(UNKNOWN, 0.0))


def test_columns_give_what_the_formulas_give() -> None:
    """Each column loop gives, row by row, the very bits of its scalar formula."""
    rng = np.random.default_rng(3)
    motion = [
        *rng.uniform(-9000, 9000, (2, 500)),
        rng.uniform(-300, 300, 500),
        *rng.uniform(-90, 90, (3, 500)),
    ]
    motion[5] /= 20
    plane, vertical = [motion[i] for i in (0, 1, 3, 4)], [motion[i] for i in (2, 5)]
    window = (0.0, 90.0)
    twins = [
        (cpa.times_to_cpa, cpa.time_to_cpa, plane, ()),
        (cpa.distances_at_cpa, cpa.distance_at_cpa, plane, ()),
        (cpa.horizontal_misses, cpa.horizontal_miss, plane, (40.0,)),
        (cpa.times_to_co_altitude, cpa.time_to_co_altitude, vertical, ()),
        (cpa.vertical_misses, cpa.vertical_miss, vertical, (40.0,)),
        (cpa.times_to_cpa_3d, cpa.time_to_cpa_3d, motion, ()),
        (cpa.distances_at_cpa_3d, cpa.distance_at_cpa_3d, motion, ()),
        (cylinder.are_inside, cylinder.is_inside, motion[:3], (5000.0, 200.0)),
        (cylinder.are_violated, cylinder.is_violated, motion, (5000.0, 200.0)),
        (cylinder.conflict_intervals, cylinder.conflict_interval, motion, (5000.0, 200.0, *window)),
        (cylinder.least_separations, cylinder.least_separation, motion, (5000.0, 200.0, *window)),
        (wellclear.tau_mods, wellclear.tau_mod, plane, (1000.0,)),
        (wellclear.are_violated, wellclear.is_violated, motion, EN_ROUTE),
        (wellclear.conflict_intervals, wellclear.conflict_interval, motion, (*EN_ROUTE, *window)),
    ]
    for plural, singular, columns, rest in twins:
        rows = np.array([singular(*map(float, row), *rest) for row in zip(*columns, strict=True)])
        together = plural(*columns, *rest)
        np.testing.assert_array_equal(np.array(together).T, rows, err_msg=plural.__name__)


def test_read_only_columns_are_taken() -> None:
    """A null-free Arrow column arrives as a read-only view; kernels take it as it is."""
    column = np.linspace(1.0, 2.0, 5)
    column.flags.writeable = False

    assert cpa.times_to_cpa(column, column, column, column).tolist() == [-1.0] * 5


# Plausible aircraft, within 50 km and 1 km of height, some exactly level or in formation.
metres = st.floats(-50_000.0, 50_000.0, allow_subnormal=False)
heights_m = st.floats(-1_000.0, 1_000.0, allow_subnormal=False) | st.sampled_from([0.0, 100.0, -100.0])
speeds_mps = st.floats(-500.0, 500.0, allow_subnormal=False) | st.just(0.0)
climbs_mps = st.floats(-40.0, 40.0, allow_subnormal=False) | st.just(0.0)
motions = st.tuples(metres, metres, heights_m, speeds_mps, speeds_mps, climbs_mps)
MARCH_S = np.arange(0.0, 121.0)
WINDOW = (0.0, 120.0)
MINIMA = (5000.0, 300.0)


def range_m(t_s: Any, sx: float, sy: float, vx: float, vy: float) -> Any:
    return np.hypot(sx + vx * t_s, sy + vy * t_s)


def is_moving(vx: float, vy: float) -> bool:
    """Leave out speeds below a micrometre a second, at which "when" has no answer to a microsecond."""
    return math.hypot(vx, vy) > 1e-6 or (vx, vy) == (0.0, 0.0)


@given(metres, metres, speeds_mps, speeds_mps)
@example(1000.0, 0.0, 0.0, 0.0)  # formation
def test_no_sampled_instant_is_nearer_than_the_cpa(sx: float, sy: float, vx: float, vy: float) -> None:
    """A march in one-second steps never gets nearer than the formula says."""
    assume(is_moving(vx, vy))
    tcpa_s = cpa.time_to_cpa(sx, sy, vx, vy)
    sampled_m = range_m(tcpa_s + np.arange(-60, 61), sx, sy, vx, vy)

    assert range_m(tcpa_s, sx, sy, vx, vy) <= sampled_m.min() + MILLIMETRE
    if tcpa_s >= 0:
        assert cpa.distance_at_cpa(sx, sy, vx, vy) == pytest.approx(sampled_m[60], abs=MILLIMETRE)


@given(metres, metres, heights_m, speeds_mps, speeds_mps, climbs_mps)
def test_no_sampled_instant_is_nearer_in_space(
    sx: float, sy: float, sz: float, vx: float, vy: float, vz: float
) -> None:
    """From now on, no instant is nearer in space than the formula says."""
    assume(is_moving(vx, math.hypot(vy, vz)))
    marched_m = np.sqrt(range_m(MARCH_S, sx, sy, vx, vy) ** 2 + (sz + vz * MARCH_S) ** 2)
    t_s = max(cpa.time_to_cpa_3d(sx, sy, sz, vx, vy, vz), 0.0)
    least_m = cpa.distance_at_cpa_3d(sx, sy, sz, vx, vy, vz)

    assert least_m <= marched_m.min() + MILLIMETRE
    assert math.hypot(range_m(t_s, sx, sy, vx, vy), sz + vz * t_s) == pytest.approx(least_m, abs=MILLIMETRE)


@given(motions, st.floats(0.0, 120.0))
def test_misses_are_the_least_within_the_look_ahead(motion: tuple[float, ...], look_ahead_s: float) -> None:
    """Horizontal and vertical miss distance are what a fine march up to the look-ahead gives."""
    sx, sy, sz, vx, vy, vz = motion
    assume(is_moving(vx, vy))
    assume(vz == 0.0 or abs(vz) > 1e-6)
    march_s = np.linspace(0.0, look_ahead_s, 2001)
    step_m = look_ahead_s / 2000

    hmd_m, marched_m = (
        cpa.horizontal_miss(sx, sy, vx, vy, look_ahead_s),
        range_m(march_s, sx, sy, vx, vy).min(),
    )
    vmd_m, levels_m = cpa.vertical_miss(sz, vz, look_ahead_s), np.abs(sz + vz * march_s).min()

    assert marched_m - math.hypot(vx, vy) * step_m - MILLIMETRE <= hmd_m <= marched_m + MILLIMETRE
    assert levels_m - abs(vz) * step_m - MILLIMETRE <= vmd_m <= levels_m + MILLIMETRE


@given(motions)
@example((8000.0, 0.0, 250.0, -100.0, 0.0, 0.0))
@example((100.0, 0.0, 900.0, 0.0, 0.0, -10.0))
def test_separation_is_lost_within_the_interval_only(motion: tuple[float, ...]) -> None:
    """At every sampled instant, being inside the cylinder and being inside the interval are the same."""
    sx, sy, sz, vx, vy, vz = motion
    assume(is_moving(vx, vy))
    assume(vz == 0.0 or abs(vz) > 1e-6)
    t_in, t_out = cylinder.conflict_interval(*motion, *MINIMA, *WINDOW)
    inside = cylinder.are_inside(sx + vx * MARCH_S, sy + vy * MARCH_S, sz + vz * MARCH_S, *MINIMA)

    is_far_from_ends = (np.abs(MARCH_S - t_in) > 1e-6) & (np.abs(MARCH_S - t_out) > 1e-6)
    expected = (t_in < MARCH_S) & (t_out > MARCH_S)
    grazes = abs(cpa.horizontal_miss(sx, sy, vx, vy, 120.0) - MINIMA[0]) < MILLIMETRE or (
        abs(abs(sz) - MINIMA[1]) < MILLIMETRE and abs(vz) < 1e-3
    )
    assert grazes or (inside == expected)[is_far_from_ends].all()


@given(motions)
@example((15_000.0, 0.0, 50.0, -200.0, 0.0, 0.0))
@example((15_000.0, 1000.0, 500.0, -200.0, 0.0, -10.0))
def test_well_clear_is_lost_within_the_interval_only(motion: tuple[float, ...]) -> None:
    """At every sampled instant, the definition of the volume and the closed-form interval say the same."""
    sx, sy, sz, vx, vy, vz = motion
    assume(is_moving(vx, vy))
    assume(vz == 0.0 or abs(vz) > 1e-6)
    thresholds = (1852.0, 137.16, 35.0, 20.0)
    t_in, t_out = wellclear.conflict_interval(*motion, *thresholds, *WINDOW)
    same = np.ones(MARCH_S.size)
    lost = wellclear.are_violated(
        sx + vx * MARCH_S, sy + vy * MARCH_S, sz + vz * MARCH_S, vx * same, vy * same, vz * same, *thresholds
    )

    is_far_from_ends = (np.abs(MARCH_S - t_in) > 1e-6) & (np.abs(MARCH_S - t_out) > 1e-6)
    expected = (t_in < MARCH_S) & (t_out > MARCH_S)
    moment_m = abs(sx * vy - sy * vx) / math.hypot(vx, vy) if (vx, vy) != (0.0, 0.0) else math.hypot(sx, sy)
    grazes = abs(moment_m - thresholds[0]) < MILLIMETRE or (
        abs(abs(sz) - thresholds[1]) < MILLIMETRE and abs(vz) < 1e-3
    )
    assert grazes or (lost == expected)[is_far_from_ends].all()


@given(motions)
def test_no_sampled_instant_retains_less(motion: tuple[float, ...]) -> None:
    """A march never retains less separation than the least, and the least is retained when it says."""
    sx, sy, sz, vx, vy, vz = motion
    t_s, ratio = cylinder.least_separation(*motion, *MINIMA, *WINDOW)
    marched = np.maximum(range_m(MARCH_S, sx, sy, vx, vy) / MINIMA[0], np.abs(sz + vz * MARCH_S) / MINIMA[1])

    assert 0.0 <= t_s <= 120.0
    assert ratio <= marched.min() + 1e-9
    assert cylinder.retained_separation(*motion, *MINIMA, t_s) == pytest.approx(ratio, abs=1e-9)


def answers_of(motion: tuple[float, ...]) -> list[float]:
    """Return what every formula says of one pair."""
    sx, sy, sz, vx, vy, vz = motion
    return [
        cpa.time_to_cpa(sx, sy, vx, vy),
        cpa.distance_at_cpa(sx, sy, vx, vy),
        cpa.time_to_cpa_3d(*motion),
        cpa.distance_at_cpa_3d(*motion),
        cpa.horizontal_miss(sx, sy, vx, vy, 60.0),
        wellclear.tau_mod(sx, sy, vx, vy, 1000.0),
        *cylinder.conflict_interval(*motion, *MINIMA, *WINDOW),
        *cylinder.least_separation(*motion, *MINIMA, *WINDOW),
        *wellclear.conflict_interval(*motion, *EN_ROUTE, *WINDOW),
        float(cylinder.is_inside(sx, sy, sz, *MINIMA)),
        float(wellclear.is_violated(*motion, *EN_ROUTE)),
        cpa.time_to_co_altitude(sz, vz),
        cpa.vertical_miss(sz, vz, 60.0),
    ]


@given(motions)
def test_swapping_the_aircraft_changes_nothing(motion: tuple[float, ...]) -> None:
    """Ownship minus intruder gives the very bits that intruder minus ownship gives."""
    swapped = tuple(-part for part in motion)

    assert answers_of(swapped) == answers_of(motion)


@given(motions, st.floats(-30.0, 30.0))
def test_waiting_shifts_the_times_only(motion: tuple[float, ...], wait_s: float) -> None:
    """Seen some seconds later, or earlier, every time is that much less, and every distance the same."""
    sx, sy, sz, vx, vy, vz = motion
    assume(math.hypot(vx, vy) > 0.1)
    assume(vz == 0.0 or abs(vz) > 0.1)
    later = (sx + vx * wait_s, sy + vy * wait_s, sz + vz * wait_s, vx, vy, vz)
    window = (0.0 - wait_s, 120.0 - wait_s)

    assert cpa.time_to_cpa(later[0], later[1], vx, vy) + wait_s == pytest.approx(
        cpa.time_to_cpa(sx, sy, vx, vy), abs=1e-6
    )
    assert cylinder.least_separation(*later, *MINIMA, *window)[1] == pytest.approx(
        cylinder.least_separation(*motion, *MINIMA, *WINDOW)[1], abs=1e-9
    )
    for before, after in (
        (
            cylinder.conflict_interval(*motion, *MINIMA, *WINDOW),
            cylinder.conflict_interval(*later, *MINIMA, *window),
        ),
        (
            wellclear.conflict_interval(*motion, *EN_ROUTE, *WINDOW),
            wellclear.conflict_interval(*later, *EN_ROUTE, *window),
        ),
    ):
        same_interval(before, (after[0] + wait_s, after[1] + wait_s))


@given(motions, st.floats(0.0, 2 * math.pi))
def test_turning_the_plane_changes_nothing(motion: tuple[float, ...], angle: float) -> None:
    """There is no north in relative motion: turned by any angle, distances and times stay."""
    sx, sy, sz, vx, vy, vz = motion
    assume(math.hypot(vx, vy) > 0.1)
    assume(vz == 0.0 or abs(vz) > 0.1)
    cos, sin = math.cos(angle), math.sin(angle)
    turned = (sx * cos - sy * sin, sx * sin + sy * cos, sz, vx * cos - vy * sin, vx * sin + vy * cos, vz)

    assert cpa.time_to_cpa(turned[0], turned[1], turned[3], turned[4]) == pytest.approx(
        cpa.time_to_cpa(sx, sy, vx, vy), abs=1e-6
    )
    assert cpa.distance_at_cpa(turned[0], turned[1], turned[3], turned[4]) == pytest.approx(
        cpa.distance_at_cpa(sx, sy, vx, vy), abs=MILLIMETRE
    )
    same_interval(
        cylinder.conflict_interval(*turned, *MINIMA, *WINDOW),
        cylinder.conflict_interval(*motion, *MINIMA, *WINDOW),
    )
    same_interval(
        wellclear.conflict_interval(*turned, *EN_ROUTE, *WINDOW),
        wellclear.conflict_interval(*motion, *EN_ROUTE, *WINDOW),
    )


def same_interval(one: tuple[float, float], other: tuple[float, float]) -> None:
    """Assert that two intervals are one, unless there is hardly any: a graze may be lost to rounding."""
    lengths_s = [end - begin if begin < end else 0.0 for begin, end in (one, other)]
    if max(lengths_s) > 0.01:  # at 0.1 m/s and 5 km, rounding moves the ends of a graze that long by 1e-6 s
        assert one == pytest.approx(other, abs=1e-4)
