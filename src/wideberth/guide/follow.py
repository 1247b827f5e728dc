"""Guidance for one ownship second by second, with the memory that a configuration asks for."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.errors import UsageError
from wideberth.guide.arrays import tables_of
from wideberth.guide.band_memory import BandMemory
from wideberth.guide.compute import compute, wanted_of
from wideberth.guide.config_files import resolve
from wideberth.guide.memory import AlertMemory, Filter
from wideberth.guide.rows import Rows, rows_of, rows_of_states
from wideberth.kernels import alerting
from wideberth.kernels._jit import on_one_thread

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wideberth.guide.config import Config
    from wideberth.guide.results import Advice, Guidance
    from wideberth.guide.states import States


class Guide:
    """Guidance with memory for one ownship: give it one state after the other.

    Args:
        config: a `Config`, the name of a preset, or a configuration file.
        dimensions: which bands to compute.
        last_times: also find the last time of a manoeuvre for each intruder.

    >>> guide = Guide("do365b", dimensions=("hdir",))
    >>> own = dict(x_m=0, y_m=0, altitude_ft=5000, groundspeed_kt=200, track_deg=0, vertical_rate_fpm=0)
    >>> other = dict(x_m=0, y_m=7000, altitude_ft=5000, groundspeed_kt=200, track_deg=180, vertical_rate_fpm=0)
    >>> [guide.step(t, own, intruders).level for t, intruders in enumerate(([other], [], [other | {"y_m": 90000}]))]
    [3, 0, 3]
    """

    def __init__(
        self,
        config: str | Path | Config = "do365b",
        *,
        dimensions: Iterable[str] = ("hdir", "hs", "vs", "alt"),
        last_times: bool = False,
    ) -> None:
        self.config = resolve(config)
        self._wanted = wanted_of(dimensions)
        self._last_times = last_times
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._alerts: dict[str, AlertMemory] = {}
        self._bands: dict[str, BandMemory] = {}
        self._last_s: float | None = None

    def step(self, time_s: float, ownship: Any, intruders: Any = (), *, wind_mps: Any = (0.0, 0.0)) -> Advice:
        """Take the state at a time, in seconds; return what guidance says then.

        States as `wideberth.guide` takes them, one ownship.  Intruders are known again by ``id``.  A step that is
        more than the hysteresis time after the one before it, or not after it, begins anew.
        """
        counts = len(self.config.alerters), self.config.ownship_centric_alerting
        rows = rows_of(ownship, intruders, wind_mps, *counts)
        if len(rows.own) != 1:
            raise UsageError(f"a step is one state of the ownship, not {len(rows.own)}.")
        return self._step(float(time_s), rows)

    def follow(self, states: States) -> list[Advice]:
        """Take several states, one after the other."""
        counts = len(self.config.alerters), self.config.ownship_centric_alerting
        rows = rows_of_states(states, *counts)
        return [self._step(float(t), _row(rows, i)) for i, t in enumerate(states.t_s)]

    def _step(self, time_s: float, rows: Rows) -> Advice:
        if not math.isfinite(time_s):
            raise UsageError(f"a step's time is a number of seconds, not {time_s!r}.")
        if len(set(rows.ids)) < len(rows.ids):
            raise UsageError("intruders are known again by their ids: give each its own.")
        if self._last_s is None or not 0.0 < time_s - self._last_s <= self.config.hysteresis_time_s:
            self._bands = {}
        self._last_s = time_s
        levels = self._levels(time_s, rows)
        advice = self._raw(time_s, rows, levels)[0]
        alerts = tuple(
            dataclasses.replace(alert, level=level, region=self._region(rows.alerters[j], level))
            for j, (alert, level) in enumerate(zip(advice.alerts, levels, strict=True))
        )
        shown = {
            bands.dimension: self._bands.setdefault(bands.dimension, BandMemory()).step(
                time_s, bands, self.config
            )
            for bands in advice.dimensions
        }
        return dataclasses.replace(advice, alerts=alerts, **shown)

    def _levels(self, time_s: float, rows: Rows) -> list[int]:
        """Return the level issued for each intruder."""
        tables = tables_of(self.config)
        with on_one_thread():
            times_s = alerting.conflict_times(
                rows.own, rows.intruders, rows.offsets, rows.alerters, tables.levels, tables.settings[0]
            )
        issued = []
        for j, name in enumerate(rows.ids):
            memory = self._alerts.get(name)
            if memory is None:
                memory = self._alerts[name] = AlertMemory(
                    Filter(self.config.alerting_m, self.config.alerting_n)
                )
            table = tables.levels[rows.alerters[j]]
            raw = 0
            for k in range(tables.counts[rows.alerters[j]]):
                column = alerting.EARLY_S if memory.issued == k + 1 else alerting.ALERTING_S
                if alerting.is_met(times_s[j, k, 0], table[k, column]):
                    raw = k + 1
            issued.append(memory.issue(time_s, raw, self.config))
        return issued

    def _raw(self, time_s: float, rows: Rows, levels: list[int]) -> Guidance:
        """Return the bands of this step by itself; issued levels that rose before count from their early time on."""
        tables = tables_of(self.config)
        alerting_s = tables.levels[rows.alerters, :, alerting.ALERTING_S].copy()
        for j, (name, level) in enumerate(zip(rows.ids, levels, strict=True)):
            if level and self._alerts[name].rose_s < time_s:
                alerting_s[j, level - 1] = tables.levels[rows.alerters[j], level - 1, alerting.EARLY_S]
        return compute(rows, self.config, self._wanted, last_times=self._last_times, alerting_s=alerting_s)

    def _region(self, alerter: int, level: int) -> str:
        return self.config.alerters[alerter].levels[level - 1].region if level else "NONE"


def _row(rows: Rows, i: int) -> Rows:
    """Return one state of several."""
    first, stop = rows.offsets[i], rows.offsets[i + 1]
    return Rows(
        rows.own[i : i + 1],
        rows.intruders[first:stop],
        np.array([0, stop - first]),
        rows.alerters[first:stop],
        rows.ids[first:stop],
        rows.order[first:stop],
    )
