"""NASA's answers for detect-and-avoid beside ours: reads them, compares, counts, and keeps what differs.

`tools/guide_agreement.py` prints the table; `tests/test_guide_oracle.py` asserts it.
"""

from __future__ import annotations

import csv
import dataclasses
import gzip
import json
import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.guide import guide
from wideberth.guide.arrays import DIMENSIONS
from wideberth.guide.config import Alerter, Config, Cylinder, Level, WellClear
from wideberth.guide.follow import Guide

if TYPE_CHECKING:
    from pathlib import Path

    from wideberth.guide.results import Advice, Bands

BOUND = 1e-9  # rad, m/s, m: what the oracle's README asks for in the plane; relative above 1
LATLON = 1e-6  # the same for states that we projected ourselves
TIME_S = 1e-6
LAST_TIME_S = 0.5  # in latitude and longitude: see `last_times`
SUFFIXES = "s|rad|mps|m|mps2|radps"


class Tally:
    """How many of how many are equal, by column of the answers and configuration."""

    def __init__(self) -> None:
        self.equal: dict[tuple[str, str], int] = defaultdict(int)
        self.total: dict[tuple[str, str], int] = defaultdict(int)
        self.differing: dict[tuple[str, str], list[str]] = defaultdict(list)

    def note(self, config: str, column: str, is_equal: bool, where: str) -> None:
        self.total[config, column] += 1
        self.equal[config, column] += bool(is_equal)
        if not is_equal:
            self.differing[config, column].append(where)

    def table(self) -> str:
        """Return a line for each column, a column for each configuration."""
        configs = list(dict.fromkeys(config for config, _ in self.total))
        columns = list(dict.fromkeys(column for _, column in self.total))
        lines = [f"{'':22}" + "".join(f"{config:>18}" for config in configs)]
        for column in columns:
            cells = [
                f"{self.equal[config, column]} / {self.total[config, column]}"
                if self.total[config, column]
                else ""
                for config in configs
            ]
            lines.append(f"{column:22}" + "".join(f"{cell:>18}" for cell in cells))
        return "\n".join(lines)


def config_of(folder: Path, name: str) -> Config:
    """Return a configuration of the answers."""
    told = json.loads((folder / "configs" / f"{name}.json").read_text())
    fields = {field.name for field in dataclasses.fields(Config)}
    given: dict[str, Any] = {}
    for key, value in told["parameters"].items():
        (field,) = [f for f in fields if re.fullmatch(f"{key}(_({SUFFIXES}))?", f)]
        given[field] = value["si"] if isinstance(value, dict) else value
    given["alerters"] = tuple(
        Alerter(
            alerter["name"],
            tuple(
                Level(
                    _volume(level["detector"]),
                    level["alerting_time"]["si"],
                    level["early_alerting_time"]["si"],
                    level["region"],
                )
                for level in alerter["levels"]
            ),
        )
        for alerter in told["alerters"]
    )
    return Config(name=name, **given)


def _volume(detector: dict[str, Any]) -> WellClear | Cylinder:
    if detector["type"] == "CDCylinder":
        return Cylinder(detector["D"]["si"], detector["H"]["si"])
    return WellClear(*(detector[f"WCV_{key}"]["si"] for key in ("DTHR", "ZTHR", "TTHR", "TCOA")))


def records(path: Path) -> list[dict[str, Any]]:
    """Return the records of a file of JSON lines."""
    with gzip.open(path, "rt") as file:
        return [json.loads(line) for line in file]


def close(ours: float, theirs: Any, tolerance: float) -> bool:
    """Tell whether two numbers are the same, infinities and NaN included."""
    other = float(theirs)
    if math.isnan(ours) or math.isnan(other):
        return math.isnan(ours) and math.isnan(other)
    return ours == other or abs(ours - other) <= tolerance * max(1.0, abs(other))


def states(record: dict[str, Any], *, from_plane: bool) -> list[dict[str, Any]]:
    """Return own state and intruders as `guide` takes them; ``from_plane``: as the reference projected them."""
    if from_plane and "enu" in record:
        keys = ("x_m", "y_m", "z_m", "vx_mps", "vy_mps", "vz_mps")
        return [dict(zip(keys, row, strict=True)) for row in record["enu"]]
    aircraft = [record["own"], *record["traffic"]]
    if record["frame"] == "xyz":
        return [
            {
                "x_m": a["x"],
                "y_m": a["y"],
                "z_m": a["z"],
                "vx_mps": a["vx"],
                "vy_mps": a["vy"],
                "vz_mps": a["vz"],
            }
            for a in aircraft
        ]
    return [
        {
            "lat_deg": a["lat"], "lon_deg": a["lon"], "altitude_m": a["alt"], "track_deg": a["trk"],
            "groundspeed_mps": a["gs"], "vertical_rate_mps": a["vs"],
        }
        for a in aircraft
    ]  # fmt: skip


def columns(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def ask(some: list[dict[str, Any]], config: Config, *, from_plane: bool) -> list[Advice]:
    """Return our guidance for records of one frame, all in one call."""
    if not some:
        return []
    each = [states(record, from_plane=from_plane) for record in some]
    intruders = [
        state
        | {
            "id": told["id"],
            "alerter": told["alerter"] if not config.ownship_centric_alerting else 1,
            "state": i,
        }
        for i, (record, own_first) in enumerate(zip(some, each, strict=True))
        for told, state in zip(record["traffic"], own_first[1:], strict=True)
    ]
    return list(guide(columns([own_first[0] for own_first in each]), columns(intruders), config))


def compare_bands(
    some: list[dict[str, Any]], name: str, config: Config, tally: Tally, *, from_plane: bool = True
) -> None:
    """Compare records of bands*.jsonl under one configuration, everything that they tell."""
    wanted = [record for record in some if name in record["results"]]
    for frame in ("xyz", "lla"):
        group = [record for record in wanted if record["frame"] == frame]
        for record, advice in zip(group, ask(group, config, from_plane=from_plane), strict=True):
            tolerance = BOUND if from_plane or frame == "xyz" else LATLON
            _compare_alerts(record["id"], config, advice, record["results"][name], tally, tolerance)
            for dimension in DIMENSIONS:
                bands = getattr(advice, dimension)
                theirs = record["results"][name][dimension]
                where = f"{record['id']} {dimension}"
                tally.note(name, f"{dimension} bands", same_bands(bands, theirs["bands"], tolerance), where)
                tally.note(name, f"{dimension} region", bands.region == theirs["region"], where)
                tally.note(
                    name, f"{dimension} resolutions", same_resolutions(bands, theirs, tolerance), where
                )
                tally.note(name, f"{dimension} preferred", bands.prefers_high == theirs["pref"], where)
                tally.note(name, f"{dimension} recovery", same_recovery(bands, theirs["rec"]), where)
                periph = {region: list(ids) for region, ids in bands.peripheral.items()}
                tally.note(name, f"{dimension} peripheral", periph == theirs["periph"], where)
                last_s = BOUND if frame == "xyz" else LAST_TIME_S
                for ours, other in zip(bands.last_times_s, theirs["ltm"], strict=True):
                    is_equal = (
                        close(ours, other, last_s) if frame == "xyz" else _near(ours, float(other), last_s)
                    )
                    tally.note(name, f"{dimension} last time {frame}", is_equal, f"{where} {ours} {other}")


def _near(ours: float, theirs: float, tolerance: float) -> bool:
    return ours == theirs or abs(ours - theirs) <= tolerance


def _compare_alerts(
    where: str, config: Config, advice: Advice, theirs: dict[str, Any], tally: Tally, tolerance: float
) -> None:
    for alert, level, times, ttcv in zip(
        advice.alerts, theirs["alert"], theirs["viol"], theirs["ttcv"], strict=True
    ):
        tally.note(config.name, "alert level", alert.level == level, f"{where} {alert.id}")
        same = all(
            close(a, b, TIME_S)
            for ours, other in zip(alert.times_s, times, strict=True)
            for a, b in zip(ours, other, strict=True)
        )
        tally.note(config.name, "times of levels", same, f"{where} {alert.id}")
        tally.note(
            config.name,
            "time to violation",
            close(alert.time_to_violation_s, ttcv, TIME_S),
            f"{where} {alert.id}",
        )
    for region, hull in theirs["tiov"].items():
        levels = {alerter.name: alerter.level_of(region) for alerter in config.alerters}
        times = [alert.times_s[levels[alert.alerter] - 1] for alert in advice.alerts if levels[alert.alerter]]
        ours = min((t for t, _ in times), default=math.inf), max((t for _, t in times), default=-math.inf)
        same = close(ours[0], hull[0], TIME_S) and close(ours[1], hull[1], TIME_S)
        tally.note(config.name, "time of violation", same, f"{where} {region}")
    for region, ids in theirs["conflict_ac"].items():
        tally.note(
            config.name, "conflict aircraft", list(advice.conflicts(region)) == ids, f"{where} {region}"
        )


def same_bands(bands: Bands, theirs: list[list[Any]], tolerance: float) -> bool:
    """Tell whether regions, count and bounds are equal."""
    return len(bands.bands) == len(theirs) and all(
        band.region == region and close(band.low, low, tolerance) and close(band.high, high, tolerance)
        for band, (low, high, region) in zip(bands.bands, theirs, strict=True)
    )


def same_resolutions(bands: Bands, theirs: dict[str, Any], tolerance: float) -> bool:
    low, high = theirs["res"]
    return close(bands.low_resolution, low, tolerance) and close(bands.high_resolution, high, tolerance)


def same_recovery(bands: Bands, theirs: dict[str, Any]) -> bool:
    """Tell whether recovery is the same: computed, saturated, time and count exactly, sizes to 1e-9."""
    ours = bands.recovery
    if ours is None or not theirs["computed"]:
        return ours is None and not theirs["computed"]
    return (
        ours.is_saturated == theirs["saturated"]
        and close(ours.time_s, theirs["time"], 0.0)
        and ours.shrunk == theirs["nfactor"]
        and close(ours.horizontal_m, theirs["hdist"], BOUND)
        and close(ours.vertical_m, theirs["vdist"], BOUND)
    )


def compare_geodetic(path: Path, config: Config, tally: Tally) -> None:
    """Compare geodetic.csv: projected states, times and alerts of every alerter."""
    with gzip.open(path, "rt", newline="") as file:
        rows = list(csv.reader(file))
    told = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))

    def column(name: str) -> Any:
        return np.array(told[name], float)

    def state(who: str) -> dict[str, Any]:
        return {
            "lat_deg": column(f"{who}lat"), "lon_deg": column(f"{who}lon"), "altitude_m": column(f"{who}alt"),
            "track_deg": column(f"{who}trk"), "groundspeed_mps": column(f"{who}gs"),
            "vertical_rate_mps": column(f"{who}vs"),
        }  # fmt: skip

    n = len(rows) - 1
    for k, alerter in enumerate(config.alerters, 1):
        ours = guide(
            state("o"), state("i") | {"alerter": np.full(n, k), "state": np.arange(n)}, config, dimensions=()
        )
        name = alerter.name
        for i in range(n):
            where = told["id"][i]
            tally.note(name, "alert level", ours.alerts[i] == column(f"a{k}_alert")[i], where)
        for level in range(len(alerter.levels)):
            for end, edge in enumerate(("tin", "tout")):
                for i, theirs in enumerate(column(f"a{k}_l{level + 1}_{edge}")):
                    tally.note(
                        name,
                        f"level {level + 1} {edge}",
                        close(ours.times_s[i, level, end], theirs, TIME_S),
                        told["id"][i],
                    )
        for i, theirs in enumerate(column(f"a{k}_ttcv")):
            tally.note(
                name,
                "time to violation",
                close(ours[i].alerts[0].time_to_violation_s, theirs, TIME_S),
                told["id"][i],
            )
        if k == 1:
            for who, states_of in (("o", ours.rows.own), ("i", ours.rows.intruders)):
                for axis, label in enumerate(("sx", "sy", "sz", "vx", "vy", "vz")):
                    for i, theirs in enumerate(column(f"{who}{label}")):
                        tally.note(
                            name,
                            "projected states",
                            abs(states_of[i, axis] - theirs) <= LATLON,
                            told["id"][i],
                        )


def compare_sequences(
    some: list[dict[str, Any]],
    with_memory: Config,
    without: Config,
    skipped: dict[tuple[str, int], list[str]],
    tally: Tally,
) -> None:
    """Compare sequences.jsonl, each step with memory and by itself; ``skipped``: fields not to be asserted."""
    follower, now = Guide(with_memory, dimensions=("hdir",)), ""
    for record in some:
        if record["seq"] != now:
            follower, now = Guide(with_memory, dimensions=("hdir",)), record["seq"]
        own, *others = states(record, from_plane=False)
        others = [
            other | {"id": told["id"], "alerter": told["alerter"]}
            for other, told in zip(others, record["traffic"], strict=True)
        ]
        tolerance = BOUND if record["frame"] == "xyz" else LATLON
        where = f"{record['seq']} {record['t']}"
        _compare_step(
            "with memory", follower.step(record["t"], own, others), record, tally, tolerance, where,
            skipped.get((record["seq"], record["t"]), []),
        )  # fmt: skip
        alone = guide(own, others, without, dimensions=("hdir",), last_times=False)[0]
        _compare_step("memoryless", alone, record["memoryless"], tally, tolerance, where, [])


def _compare_step(
    name: str,
    advice: Advice,
    theirs: dict[str, Any],
    tally: Tally,
    tolerance: float,
    where: str,
    skipped: list[str],
) -> None:
    bands, other = advice.hdir, theirs["hdir"]
    assert bands is not None
    tally.note(
        name, "alert levels of a row", [alert.level for alert in advice.alerts] == theirs["alert"], where
    )
    if "bands" not in skipped:
        tally.note(name, "hdir bands", same_bands(bands, other["bands"], tolerance), where)
    tally.note(name, "hdir region", bands.region == other["region"], where)
    if "res" not in skipped:
        tally.note(name, "hdir resolutions", same_resolutions(bands, other, tolerance), where)
    if "pref" not in skipped:
        tally.note(name, "hdir preferred", bands.prefers_high == other["pref"], where)
    time_s, shrunk = (
        (math.nan, -1) if bands.recovery is None else (bands.recovery.time_s, bands.recovery.shrunk)
    )
    tally.note(
        name, "hdir recovery", close(time_s, other["rec_time"], 0.0) and shrunk == other["rec_n"], where
    )
