"""What guidance says: columns of states, and one state of them taken out.

Values are SI, angles in radians clockwise from north, as in `Config`; `Bands.shown` converts to what is flown
by.  With wind, speeds and directions are those through the air.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wideberth.guide.arrays import CODES, DIMENSIONS, REGIONS, tables_of
from wideberth.kernels import alerting
from wideberth.kernels import bands as kernel
from wideberth.kernels._jit import on_one_thread
from wideberth.units import METRES_PER_FOOT, MPS_PER_FPM, MPS_PER_KNOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from wideberth.guide.arrays import Tables
    from wideberth.guide.config import Config
    from wideberth.guide.rows import Rows

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

UNITS = {"hdir": "rad", "hs": "m/s", "vs": "m/s", "alt": "m"}
SHOWN = {
    "hdir": ("deg", math.pi / 180.0),
    "hs": ("kt", MPS_PER_KNOT),
    "vs": ("fpm", MPS_PER_FPM),
    "alt": ("ft", METRES_PER_FOOT),
}
CONFLICTS = ("FAR", "MID", "NEAR")


@dataclass(frozen=True)
class Band:
    """Values of a dimension that are of one region."""

    low: float
    high: float
    region: str


@dataclass(frozen=True)
class Recovery:
    """How well clear is regained where nothing keeps it.

    Attributes:
        is_saturated: nothing regains it; then time and sizes are −inf.
        time_s: from now until it is regained, stability included.
        shrunk: how often the cylinder that is kept clear meanwhile was made smaller.
        horizontal_m, vertical_m: its radius and half height.
    """

    is_saturated: bool
    time_s: float
    shrunk: int
    horizontal_m: float
    vertical_m: float


@dataclass(frozen=True)
class Bands:
    """One dimension of one state: ``hdir`` direction, ``hs`` speed, ``vs`` vertical speed, ``alt`` altitude.

    Attributes:
        unit: of ``own``, ``bands``, ``low_resolution`` and ``high_resolution``.
        own: the own value.
        region: at the own value; UNKNOWN where that is outside of what may be flown, and then there are no bands.
        bands: from the least value that may be flown to the greatest, or around the circle from north.
        low_resolution, high_resolution: nearest value to the left or below, to the right or above that resolves;
            NaN: nothing to resolve; −inf, inf: none on that side.
        prefers_high: right or above is the nearer one; False where nothing is to be resolved.
        recovery: None where it was not needed.
        peripheral: by region, intruders that only a manoeuvre in this dimension would bring into conflict.
        last_times_s: for each intruder, until when a manoeuvre of this kind still keeps well clear; inf: no conflict,
            −inf: too late.  Empty where not asked for.
    """

    dimension: str
    unit: str
    own: float
    region: str
    bands: tuple[Band, ...]
    low_resolution: float
    high_resolution: float
    prefers_high: bool
    recovery: Recovery | None
    peripheral: dict[str, tuple[str, ...]]
    last_times_s: tuple[float, ...]

    @property
    def shown(self) -> Bands:
        """The same in degrees, knots, feet per minute and feet."""
        unit, factor = SHOWN[self.dimension]
        if self.unit == unit:
            return self
        return dataclasses.replace(
            self,
            unit=unit,
            own=self.own / factor,
            bands=tuple(Band(band.low / factor, band.high / factor, band.region) for band in self.bands),
            low_resolution=self.low_resolution / factor,
            high_resolution=self.high_resolution / factor,
        )

    def region_at(self, value: float) -> str:
        """Return the region at a value in `unit`, on a bound the milder one; UNKNOWN outside of all bands."""
        met = [CODES[band.region] for band in self.bands if band.low <= value <= band.high]
        return REGIONS[min(met, key=_mildness)] if met else "UNKNOWN"


def _mildness(code: int) -> float:
    return 0.5 if code == CODES["RECOVERY"] else float(code)


@dataclass(frozen=True)
class IntruderAlert:
    """One intruder as alerting sees it.

    Attributes:
        id: of it.
        alerter: name of its alerter.
        level: highest level met, 0 for none.
        region: that the level paints; NONE without one.
        times_s: for each level, when straight flight enters and leaves its volume; (inf, −inf): never.
        conflict_regions: regions whose levels are met, by alerting times without memory.
        time_to_violation_s: until the corrective volume is entered: inf never, 0 now.
    """

    id: str
    alerter: str
    level: int
    region: str
    times_s: tuple[tuple[float, float], ...]
    conflict_regions: tuple[str, ...]
    time_to_violation_s: float


@dataclass(frozen=True)
class Advice:
    """Everything that guidance says of one state.

    Attributes:
        alerts: one for each intruder, in the order they were given.
        hdir, hs, vs, alt: None where not asked for.
    """

    alerts: tuple[IntruderAlert, ...]
    hdir: Bands | None
    hs: Bands | None
    vs: Bands | None
    alt: Bands | None

    @property
    def level(self) -> int:
        """The highest alert level."""
        return max((alert.level for alert in self.alerts), default=0)

    @property
    def dimensions(self) -> tuple[Bands, ...]:
        """Those that were asked for."""
        return tuple(each for each in (self.hdir, self.hs, self.vs, self.alt) if each is not None)

    def conflicts(self, region: str) -> tuple[str, ...]:
        """Return the ids of the intruders that are in conflict by a region's level."""
        return tuple(alert.id for alert in self.alerts if region in alert.conflict_regions)


@dataclass(frozen=True, eq=False)
class Guidance:
    """Guidance for n states and their m intruders, as columns; ``guidance[i]`` is the `Advice` of state i.

    Attributes:
        config: by which it was computed.
        rows: the states in their planes; intruders of state i are its rows offsets[i] to offsets[i + 1] − 1.
        alerts: (m,) highest level met, 0 for none.
        numbers: (n, 4, 6) by dimension: own value, both resolutions, time of recovery, its radius and half height.
        codes: (n, 4, 6): samples, samples below own, region at own, prefers high, recovery, times shrunk.
        peripheral: (m, 4) bit r: peripheral for region r.
        last_times_s: (m, 4).
        firsts, counts: (n, 4) where the bands of a state and dimension begin in `bands`, and how many there are.
        bands: (b, 3) low, high, region.
    """

    config: Config
    rows: Rows
    alerts: NDArray[np.int8]
    numbers: Floats
    codes: Counts
    peripheral: NDArray[np.uint8]
    last_times_s: Floats
    firsts: Counts
    counts: Counts
    bands: Floats
    wanted: tuple[bool, bool, bool, bool]
    has_last_times: bool

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Advice]:
        return (self[i] for i in range(len(self)))

    @property
    def tables(self) -> Tables:
        """The configuration as the kernels take it."""
        return tables_of(self.config)

    @cached_property
    def times_s(self) -> Floats:
        """(m, levels, 2) when straight flight enters and leaves the volume of each level; (inf, −inf): never."""
        rows, tables = self.rows, self.tables
        with on_one_thread(len(rows.own)):
            times: Floats = alerting.conflict_times(
                rows.own, rows.intruders, rows.offsets, rows.alerters, tables.levels, tables.settings[0]
            )
        return times

    @property
    def levels(self) -> NDArray[np.int8]:
        """(n,) the highest alert level of each state."""
        highest = np.zeros(len(self), np.int8)
        np.maximum.at(highest, np.repeat(np.arange(len(self)), np.diff(self.rows.offsets)), self.alerts)
        return highest

    def __getitem__(self, i: int) -> Advice:
        if not -len(self) <= i < len(self):
            raise IndexError(f"state {i} of {len(self)}")
        i %= len(self)
        here = range(self.rows.offsets[i], self.rows.offsets[i + 1])
        ids = tuple(self.rows.ids[j] for j in here)
        each = {
            name: self._bands(i, d, here, ids) if self.wanted[d] else None
            for d, name in enumerate(DIMENSIONS)
        }
        return Advice(tuple(self._alert(j) for j in here), **each)

    def _alert(self, j: int) -> IntruderAlert:
        a, level = int(self.rows.alerters[j]), int(self.alerts[j])
        alerter, corrective = self.config.alerters[a], self.tables.corrective[a]
        times = tuple((float(s), float(e)) for s, e in self.times_s[j, : len(alerter.levels)])
        return IntruderAlert(
            id=self.rows.ids[j],
            alerter=alerter.name,
            level=level,
            region=alerter.levels[level - 1].region if level else "NONE",
            times_s=times,
            conflict_regions=tuple(
                each.region
                for each, (in_s, _) in zip(alerter.levels, times, strict=True)
                if each.region != "NONE" and alerting.is_met(in_s, each.alerting_time_s)
            ),
            time_to_violation_s=times[corrective][0] if corrective >= 0 else math.inf,
        )

    def _bands(self, i: int, d: int, here: range, ids: tuple[str, ...]) -> Bands:
        numbers, codes = self.numbers[i, d], self.codes[i, d]
        rows = self.bands[self.firsts[i, d] : self.firsts[i, d] + self.counts[i, d]]
        recovery = None
        if codes[kernel.RECOVERS_NOW] != kernel.NOT_COMPUTED:
            recovery = Recovery(
                bool(codes[kernel.RECOVERS_NOW] == kernel.SATURATED),
                float(numbers[kernel.RECOVERED_S]),
                int(codes[kernel.SHRUNK]),
                float(numbers[kernel.RECOVERY_D_M]),
                float(numbers[kernel.RECOVERY_H_M]),
            )
        bits = self.peripheral[here.start : here.stop, d]
        return Bands(
            dimension=DIMENSIONS[d],
            unit=UNITS[DIMENSIONS[d]],
            own=float(numbers[kernel.VALUE]),
            region=REGIONS[codes[kernel.AT_OWN]],
            bands=tuple(Band(float(low), float(high), REGIONS[int(code)]) for low, high, code in rows),
            low_resolution=float(numbers[kernel.RES_LOW]),
            high_resolution=float(numbers[kernel.RES_HIGH]),
            prefers_high=bool(codes[kernel.PREFERS_HIGH]),
            recovery=recovery,
            peripheral={
                region: tuple(name for name, bit in zip(ids, bits, strict=True) if bit >> CODES[region] & 1)
                for region in CONFLICTS
            },
            last_times_s=tuple(map(float, self.last_times_s[here.start : here.stop, d]))
            if self.has_last_times
            else (),
        )
