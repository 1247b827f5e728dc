"""Guidance along some states, instant by instant, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.errors import UsageError
from wideberth.guide import answers, guide, telling
from wideberth.guide.follow import Guide
from wideberth.guide.moment import Intruder, Moment
from wideberth.kernels.tangent import orthographic

if TYPE_CHECKING:
    from wideberth.guide.config import Config
    from wideberth.guide.results import Advice, IntruderAlert
    from wideberth.guide.states import States


@dataclass(frozen=True)
class Timeline:
    """What one aircraft would have been told.

    Attributes:
        states: that were looked at, the ownship first.
        config: name of the configuration.
        moments: one per instant at which the ownship and any other are there.
        closest_s: when the nearest other was nearest horizontally.
        row: what it comes to, as in `columns.GUIDANCE_COLUMNS`.
        shown: which moment is worth a picture: where the alert begins, else the closest.
    """

    states: States
    config: str
    moments: list[Moment]
    closest_s: float
    row: dict[str, Any]
    shown: int

    @property
    def sentence(self) -> str:
        """All of it in words."""
        return str(self.row["sentence"])


def of(states: States, config: Config, *, with_memory: bool = False) -> Timeline:
    """Return guidance for the first aircraft of some states.

    Args:
        states: the ownship first.
        config: what guidance is computed by.
        with_memory: as a display would show it, with M of N, hysteresis and persistence as the configuration has them;
            else each instant stands for itself.
    Raises:
        UsageError: there is no instant at which the first and another are there.
    """
    there = states.is_there()
    which = np.flatnonzero(there[:, 0] & there[:, 1:].any(axis=1))
    if not which.size:
        raise UsageError(f"'{states.names[0]}' and another aircraft are never there at once.")
    states = states.at(which)
    advised = (
        Guide(config, last_times=True).follow(states) if with_memory else list(guide(states, config=config))
    )
    moments = [_moment(states, i, advice) for i, advice in enumerate(advised)]
    closest = int(np.argmin([min(each.range_m for each in moment.intruders) for moment in moments]))
    alert = np.array([moment.alert for moment in moments])
    soonest_s = np.array([min(each.in_s for each in moment.intruders) for moment in moments])
    span = telling.span_of(alert, soonest_s, states.t_s, closest, telling.corrective_level(config))
    row: dict[str, Any] = {"alert": int(alert.max())}
    dials = []
    if span is not None:
        dials = list(moments[span.begin].dials.values())
        lasting = advised[span.begin : span.end + 1]
        keeps = {
            bands.dimension: np.array([answers.keeps_clear(each.dimensions[d]) for each in lasting])
            for d, bands in enumerate(lasting[0].dimensions)
        }
        whens = [_when(states, t_s) for t_s in states.t_s.tolist()]
        row |= telling.row_of(span, whens, states.t_s, closest, dials, keeps)
    row["sentence"] = telling.sentence(row, dials)
    shown = closest if span is None else span.begin
    return Timeline(states, config.name, moments, float(states.t_s[closest]), row, shown)


def _when(states: States, t_s: float) -> datetime | float:
    if states.begins_us is None:
        return t_s
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=states.begins_us + round(t_s * 1e6))


def _moment(states: States, i: int, advice: Advice) -> Moment:
    when = _when(states, float(states.t_s[i]))
    others = (np.flatnonzero(states.is_there()[i, 1:]) + 1).tolist()
    return Moment(
        states.names[0],
        float(states.t_s[i]),
        f"{when:%Y-%m-%d %H:%M:%S} UTC" if isinstance(when, datetime) else f"{when:g} s",
        float(states.track_rad[i, 0]),
        float(states.groundspeed_mps[i, 0]),
        float(states.vz_mps[i, 0]),
        float(states.altitude_m[i, 0]),
        tuple(_intruder(states, i, j, alert) for j, alert in zip(others, advice.alerts, strict=True)),
        {bands.dimension: answers.dial_of(bands) for bands in advice.dimensions},
    )


def _intruder(states: States, i: int, j: int, alert: IntruderAlert) -> Intruder:
    if states.is_plane:
        east_m, north_m = states.x_m[i, j] - states.x_m[i, 0], states.y_m[i, j] - states.y_m[i, 0]
    else:
        lat, lon = states.lat_deg[i], states.lon_deg[i]
        east_m, north_m = orthographic(lat[j], lon[j], lat[0], lon[0])
    return Intruder(
        states.names[j],
        alert.level,
        alert.region,
        float(east_m),
        float(north_m),
        float(states.altitude_m[i, j] - states.altitude_m[i, 0]),
        float(states.vx_mps[i, j]),
        float(states.vy_mps[i, j]),
        float(states.vz_mps[i, j]),
        alert.time_to_violation_s,
    )
