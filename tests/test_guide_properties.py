"""Guidance is what it must be whatever the scene: turned, mirrored, joined by one more, marched and flown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pytest

import guide_march as march
from wideberth.guide import guide
from wideberth.guide.arrays import CODES
from wideberth.guide.config import Config

if TYPE_CHECKING:
    from wideberth.guide.results import Bands, Guidance

pytestmark = pytest.mark.compiled

Floats = npt.NDArray[np.float64]
KEYS = ("x_m", "y_m", "z_m", "vx_mps", "vy_mps", "vz_mps")
DO365B = Config.preset("do365b").without_memory()
STEP = DO365B.step_hdir_rad
FLIPS = 2e-4  # share of segments that rounding may flip where a manoeuvre grazes a volume; seen: 0
AIRSPEED_MPS = 40.0


def scenes(
    seed: int, n: int, most: int, *, spread_m: float = 12_000.0
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Return n own states, their intruders and offsets: random, every second intruder bound to pass near."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, most + 1, n)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    m = offsets[-1]

    def motion(size: int) -> Floats:
        speed, track = rng.uniform(AIRSPEED_MPS, 250.0, size), rng.uniform(0.0, 2.0 * np.pi, size)
        climb = rng.choice([0.0, 1.0], size) * rng.uniform(-10.0, 10.0, size)
        return np.stack([speed * np.sin(track), speed * np.cos(track), climb], axis=-1)

    own = np.concatenate(
        [rng.uniform(-1000.0, 1000.0, (n, 2)), rng.uniform(1000.0, 6000.0, (n, 1)), motion(n)], axis=1
    )
    at = np.repeat(np.arange(n), counts)
    intruders = np.concatenate(
        [own[at, :3] + rng.uniform(-1.0, 1.0, (m, 3)) * [spread_m, spread_m, 400.0], motion(m)], axis=1
    )
    meets = rng.random(m) < 0.5
    when = rng.uniform(20.0, 90.0, m)
    miss = rng.normal(0.0, 1.0, (m, 3)) * [600.0, 600.0, 80.0]
    there = own[at, :3] + own[at, 3:] * when[:, None] + miss - intruders[:, 3:] * when[:, None]
    intruders[meets, :3] = there[meets]
    return own, intruders, offsets


def table(rows: Floats, **more: Any) -> dict[str, Any]:
    return dict(zip(KEYS, rows.T, strict=True)) | more


def ask(
    own: Floats, intruders: Floats, offsets: npt.NDArray[np.int64], config: Config = DO365B, **options: Any
) -> Guidance:
    at = np.repeat(np.arange(len(own)), np.diff(offsets))
    return guide(table(own), table(intruders, state=at), config, last_times=False, **options)


def colours(bands: Bands, values: Floats) -> npt.NDArray[np.int64]:
    """Return the region's code at each value, which lies within a band."""
    if bands.dimension == "hdir":
        values = values % (2.0 * np.pi)
    highs = np.array([band.high for band in bands.bands])
    codes = np.array([CODES[band.region] for band in bands.bands])
    return codes[np.minimum(np.searchsorted(highs, values), codes.size - 1)]


def around(bands: Bands) -> npt.NDArray[np.int64]:
    """Return the region's code in the middle of each step of direction, from half a turn left to half a turn right."""
    return colours(bands, bands.own + (np.arange(-180, 180) + 0.5) * STEP)


def assert_same(one: list[Any], other: list[Any]) -> None:
    flat, flat_other = np.concatenate(one), np.concatenate(other)
    assert (flat != flat_other).mean() <= FLIPS
    assert len(np.unique(flat)) >= 4  # NONE, MID, NEAR and RECOVERY: there was something to be equal


@pytest.mark.parametrize("angle", [0.7, 2.0, -1.3])
def test_turning_the_scene_turns_the_bands(angle: float) -> None:
    """Everything turned by an angle: direction bands turn with it, those of speed and height stay."""
    own, intruders, offsets = scenes(1, 300, 3)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.zeros((6, 6))
    for i in (0, 3):
        turn[i : i + 2, i : i + 2] = [[cos, sin], [-sin, cos]]  # clockwise
        turn[2, 2] = turn[5, 5] = 1.0
    before, after = ask(own, intruders, offsets), ask(own @ turn.T, intruders @ turn.T, offsets)

    assert_same([around(a.hdir) for a in before if a.hdir], [around(a.hdir) for a in after if a.hdir])
    same = sum(a.vs == b.vs or regions(a.vs) == regions(b.vs) for a, b in zip(before, after, strict=True))
    assert same >= 299
    assert [a.level for a in before] == [a.level for a in after]


def regions(bands: Bands | None) -> list[str]:
    assert bands is not None
    return [band.region for band in bands.bands]


def test_mirroring_swaps_left_and_right() -> None:
    """East and west exchanged: what was to the left is to the right, and so are resolutions."""
    own, intruders, offsets = scenes(2, 300, 3)
    flip = np.array([-1.0, 1.0, 1.0, -1.0, 1.0, 1.0])
    before, after = ask(own, intruders, offsets), ask(own * flip, intruders * flip, offsets)

    assert_same([around(a.hdir) for a in before if a.hdir], [around(a.hdir)[::-1] for a in after if a.hdir])
    left = before.numbers[:, 0, 1]
    right = after.numbers[:, 0, 2]
    met = np.isfinite(left) & np.isfinite(right)
    apart = (left[met] + right[met] + np.pi) % (2.0 * np.pi) - np.pi
    assert met.sum() > 30
    assert (np.abs(apart) < 1e-9).mean() > 0.99
    assert (np.isfinite(left) == np.isfinite(right)).mean() > 0.99


def test_one_more_intruder_never_shrinks_what_is_painted() -> None:
    """Without recovery, a colour with more intruders is as severe or severer, everywhere."""
    config = DO365B.changed(recovery_hdir=False, recovery_hs=False, recovery_vs=False, recovery_alt=False)
    own, intruders, offsets = scenes(3, 300, 4)
    all_of_them = ask(own, intruders, offsets, config)
    first = ask(own, intruders[offsets[:-1]], np.arange(len(own) + 1), config)
    grew = 0
    for one, many in zip(first, all_of_them, strict=True):
        for few, more in zip(one.dimensions, many.dimensions, strict=True):
            assert few.bands
            low, high = few.bands[0].low, few.bands[-1].high
            values = np.linspace(low, high, 722)[1:-1]
            was, now = colours(few, values), colours(more, values)
            assert (now >= was).all()
            grew += (now > was).any()
    assert grew > 100


CYLINDER = Config.cylinder(1500.0, 150.0, alerting_time_s=120.0).changed(
    lookahead_time_s=120.0, step_hdir_rad=np.radians(3.0), turn_rate_radps=np.radians(3.0), horizontal_accel_mps2=2.0,
    vertical_accel_mps2=2.0, vertical_rate_mps=5.0, step_alt_m=60.0, max_alt_m=9000.0, recovery_hdir=False,
    recovery_hs=False, recovery_vs=False, recovery_alt=False, step_hs_mps=5.0, step_vs_mps=1.0,
)  # fmt: skip
TICK_S = 0.1
# What a march of this tick can miss: a relative speed of 500 m/s, and a climb past at 60 m/s.
MISSED_M = 30.0


@pytest.mark.parametrize("dimension", ["hdir", "hs", "vs", "alt"])
def test_a_march_finds_what_is_painted(dimension: str) -> None:
    """What a march in small steps loses is painted, and what it keeps with room to spare is not."""
    own, intruders, offsets = scenes(4, 150, 2)
    found = ask(own, intruders, offsets, CYLINDER, dimensions=(dimension,))
    t_s = np.arange(0.0, CYLINDER.lookahead_time_s + TICK_S / 2, TICK_S)
    volume = {"d": 1500.0, "h": 150.0}
    painted = kept = 0
    for i, advice in enumerate(found):
        bands = getattr(advice, dimension)
        others = intruders[offsets[i] : offsets[i + 1]]
        values, position, velocity = _flown(dimension, own[i], bands, t_s)
        lost, near = np.zeros(values.size, bool), np.zeros(values.size, bool)
        for other in others:
            at = march.is_lost(position, velocity, other, t_s, volume, -MISSED_M)
            settled = t_s[None, :] > _settles_s(dimension, own[i], values)[:, None]
            if (at & settled).any():  # one that no value brings into conflict once settled is not looked at
                lost |= (at & settled).any(axis=1)
            near |= march.is_lost(position, velocity, other, t_s, volume, MISSED_M).any(axis=1)
        ours = colours(bands, np.clip(values, bands.bands[0].low, bands.bands[-1].high))
        middle = (values[1:] + values[:-1]) / 2
        inner = colours(bands, middle)
        inside = (middle > bands.bands[0].low) & (middle < bands.bands[-1].high)
        red, green = (lost[1:] | lost[:-1]) & inside, ~near[1:] & ~near[:-1] & inside
        if dimension != "alt":  # beyond what is lost on the way, samples that march well are painted as well
            green &= _unbroken(near, values, bands.own, middle)
        assert (inner[red] == CODES["NEAR"]).all(), (i, ours)
        assert (inner[green] == CODES["NONE"]).all(), (i, ours)
        painted, kept = painted + red.sum(), kept + green.sum()
    assert painted > 300
    assert kept > 500


def _flown(dimension: str, own: Floats, bands: Bands, t_s: Floats) -> tuple[Floats, Floats, Floats]:
    c = CYLINDER
    if dimension == "hdir":
        by = np.arange(-60, 61) * c.step_hdir_rad
        return bands.own + by, *march.turned(own, by, c.turn_rate_radps, t_s)
    if dimension == "alt":
        values = np.arange(c.min_alt_m, c.max_alt_m, c.step_alt_m)
        return values, *march.climbed(own, values, c.vertical_accel_mps2, c.vertical_rate_mps, t_s)
    step, low, high, rate = (
        (c.step_hs_mps, c.min_hs_mps, c.max_hs_mps, c.horizontal_accel_mps2)
        if dimension == "hs"
        else (c.step_vs_mps, c.min_vs_mps, c.max_vs_mps, c.vertical_accel_mps2)
    )
    by = np.arange(-int((bands.own - low) / step), int((high - bands.own) / step) + 1) * step
    return bands.own + by, *march.changed(own, dimension, by, rate, t_s)


def _settles_s(dimension: str, own: Floats, values: Floats) -> Floats:
    """Return when a manoeuvre is surely over."""
    c = CYLINDER
    if dimension == "alt":
        return np.abs(values - own[2]) / c.vertical_rate_mps + 20.0
    now = {"hdir": np.arctan2(own[3], own[4]) % (2 * np.pi), "hs": np.hypot(own[3], own[4]), "vs": own[5]}[
        dimension
    ]
    rate = {"hdir": c.turn_rate_radps, "hs": c.horizontal_accel_mps2, "vs": c.vertical_accel_mps2}[dimension]
    return np.abs(values - now) / rate


def _unbroken(
    near: npt.NDArray[np.bool_], values: Floats, own: float, middle: Floats
) -> npt.NDArray[np.bool_]:
    """Return which steps are reached from the own value without passing a value that comes near."""
    clear = np.ones(middle.size, bool)
    for i in np.flatnonzero(near):
        clear &= (middle < values[i]) if values[i] > own else (middle > values[i])
        if abs(values[i] - own) < 1e-9:
            clear[:] = False
    return clear


FLOWN_TICK_S = 0.25
GRAZE_M = -4.0  # and 0.2 s: a turn bends away from its chord, and altitudes are tested a second apart


@pytest.mark.slow
@pytest.mark.parametrize("dimension", ["hdir", "hs", "vs", "alt"])
def test_flying_a_resolution_keeps_well_clear(dimension: str) -> None:
    """10,000 random encounters: with the resolution flown, the corrective volume stays clear within the horizon.

    That is the look-ahead for an intruder in conflict.  For one that a manoeuvre alone would bring into conflict
    it is the time to alert, from the end of the manoeuvre; of a climb, which has two straight parts, from now.
    """
    own, intruders, offsets = scenes(5, 10_000, 1)
    found = ask(own, intruders, offsets, dimensions=(dimension,))
    d = ("hdir", "hs", "vs", "alt").index(dimension)
    corrective = DO365B.alerters[0].levels[1]
    t_s = np.arange(0.0, DO365B.lookahead_time_s, FLOWN_TICK_S)
    volume = {"d": 1222.32, "h": 137.16, "tau": 35.0}
    flown, lost = 0, []
    for i in np.flatnonzero(found.codes[:, d, 4] == 0):  # no recovery
        if found.times_s[i, 1, 0] == 0.0:  # not clear at the start
            continue
        for value in found.numbers[i, d, 1:3]:
            if not np.isfinite(value):
                continue
            path, over_s = _resolved(dimension, own[i], value, t_s)
            horizon_s = t_s[-1] if found.alerts[i] >= 2 else over_s + corrective.alerting_time_s
            flown += 1
            if (march.is_lost(*path, intruders[i], t_s, volume, GRAZE_M) & (t_s <= horizon_s)).any():
                lost.append((i, value))
    print(f"{dimension}: {flown} resolutions flown, {len(lost)} lost well clear")
    assert flown > 1000
    assert lost == []


def _resolved(dimension: str, own: Floats, value: float, t_s: Floats) -> tuple[tuple[Floats, Floats], float]:
    """Return the flight to a value and on, and when the manoeuvre is over."""
    if dimension == "hdir":
        by = (value - np.arctan2(own[3], own[4]) + np.pi) % (2 * np.pi) - np.pi
        return march.turned(own, np.array([by]), DO365B.turn_rate_radps, t_s), abs(
            by
        ) / DO365B.turn_rate_radps
    if dimension == "alt":
        rates = DO365B.vertical_accel_mps2, DO365B.vertical_rate_mps
        return march.climbed(own, np.array([value]), *rates, t_s), 0.0
    now, rate = (
        (np.hypot(own[3], own[4]), DO365B.horizontal_accel_mps2)
        if dimension == "hs"
        else (own[5], DO365B.vertical_accel_mps2)
    )
    return march.changed(own, dimension, np.array([value - now]), rate, t_s), abs(value - now) / rate
