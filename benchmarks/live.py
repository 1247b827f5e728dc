"""How long a cycle of prediction takes, for 1,000 to 20,000 aircraft on one core, beside BlueSky's detection.

Aircraft are those that fly at ten in the morning of the simulated day of 29,000 flights, 36 to 60° N, 10° W to 30° E:
as crowded as busy days over Europe.  More than 3,300 of them are the same again farther round the globe.  Each reports
once a second; every second all reports are taken, everything is predicted 120 s ahead at 5 NM and 1000 ft, and alerts
are stepped.  The time of a cycle is all of that, from rows in memory; decoding a feed and drawing a page are not in it.
Told are the time that passed, and the processor's, which others on the machine do not lengthen as much.

    python benchmarks/live.py [--aircraft 1000 10000 20000] [--cycles 60] [--bluesky PYTHON] [--json FILE]

BlueSky is GPL-3, so it is no dependency and is run as a program of its own, where its Python is given:
``python -m venv bluesky && bluesky/bin/pip install bluesky-simulator``.  Without it, the same detection over all pairs
in NumPy, written here, stands beside; both need matrices of all pairs, of which 20,000 aircraft would take 3 GB each.
They are asked for a centimetre less of height, for the aircraft fly at whole thousands of feet, and 1000 ft apart is
not nearer than 1000 ft.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    os.environ["NUMBA_NUM_THREADS"] = os.environ["POLARS_MAX_THREADS"] = "1"
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import polars as pl

import wideberth as wb
from wideberth.serve.ahead import Look, Ways
from wideberth.serve.alerts import Alerts
from wideberth.serve.arrivals import standard
from wideberth.serve.pairs import conflicts
from wideberth.serve.predict import predict
from wideberth.serve.sky import LiveSky
from wideberth.simulate import worlds
from wideberth.units import METRES_PER_FOOT, MPS_PER_KNOT

FLIGHTS = 29_000
MOST = 3_300  # aircraft of one continent that are in the air
BEGIN = datetime(2026, 3, 1, 10, tzinfo=UTC)
STEP_S = 10.0  # between samples of the simulated day
WARM_UP = 25  # cycles until turns are told by twenty seconds of the past
MOST_IN_MATRICES = 2_500
NAMES = ("lat_deg", "lon_deg", "altitude_ft", "groundspeed_kt", "track_deg", "vertical_rate_fpm")

PEER = """
    import sys, time, types, numpy as np
    import bluesky as bs
    from bluesky.traffic.asas.statebased import StateBased
    from bluesky.traffic.asas import statebased, cstatebased
    data = np.load(sys.argv[1])
    n = data["lat"].size
    own = types.SimpleNamespace(ntraf=n, id=[str(k) for k in range(n)], **{k: data[k] for k in data.files})
    rpz, hpz, ahead = np.full(n, 9260.0), np.full(n, 304.79), np.full(n, 120.0)
    for name, detect in (("numpy", lambda *a: StateBased.detect(None, *a)), ("c++", cstatebased.detect)):
        if name == "numpy" and n > int(sys.argv[2]):
            continue
        best = 1e9
        for _ in range(3):
            begin = time.perf_counter()
            pairs = detect(own, own, rpz, hpz, ahead)[0]
            best = min(best, time.perf_counter() - begin)
        print(name, best, len({frozenset(p) for p in pairs}))
"""


def aircraft(number: int, seconds: int) -> dict[str, Any]:
    """Return what so many aircraft report in each second, (seconds, number) of each figure, and their addresses."""
    begin_us = round(BEGIN.timestamp() * 1e6)
    parts = []
    for block in worlds._blocks(FLIGHTS, 0):
        t_us = pl.col("t").to_physical()
        near = block.filter(
            t_us.is_between(begin_us - 11e6, begin_us + (seconds + 11) * 1e6) & ~pl.col("on_ground")
        )
        parts.append(near.with_columns(pl.col("icao24", "callsign").cast(pl.String)))
    rows = pl.concat(parts).sort("icao24", "t")
    whole = rows.group_by("icao24", maintain_order=True).agg(pl.all())
    first = whole["t"].list.first().dt.epoch("us").to_numpy()
    samples = whole["t"].list.len().to_numpy()
    # At every tenth second from first to last, in one flight: so many samples are one step apart each.
    last = whole["t"].list.last().dt.epoch("us").to_numpy()
    is_whole = (first <= begin_us) & (last >= begin_us + (seconds + 1) * 1e6)
    is_whole &= last - first == (samples - 1) * round(STEP_S * 1e6)
    whole, first = whole.filter(pl.Series(is_whole)), first[is_whole]
    width = int(whole["t"].list.len().max())  # who began later has fewer, and ends later
    table = {
        name: np.stack([np.resize(np.array(each, float), width) for each in whole[name]]) for name in NAMES
    }
    when_us = begin_us + np.arange(seconds)[:, None] * 1_000_000
    share = (when_us - first) / (STEP_S * 1e6)
    before = np.floor(share).astype(int)
    rest, k = share - before, np.arange(first.size)
    figures = {
        name: values[k, before] + (values[k, before + 1] - values[k, before]) * rest
        if name in ("lat_deg", "lon_deg", "altitude_ft")
        else values[k, before]
        for name, values in table.items()
    }
    order = np.argsort((figures["lat_deg"][0] - 48.0) ** 2 + ((figures["lon_deg"][0] - 10.0) / 1.5) ** 2)[
        :MOST
    ]
    copies = -(-number // order.size)
    wide = {name: np.tile(values[:, order], copies)[:, :number] for name, values in figures.items()}
    wide["lon_deg"] = (
        wide["lon_deg"] + np.repeat(360.0 / max(copies, 7) * np.arange(copies), order.size)[:number]
    )
    wide["lon_deg"] = (wide["lon_deg"] + 180.0) % 360.0 - 180.0
    return {**wide, "icao24": [f"{k:06x}" for k in range(number)], "airborne": int(first.size)}


def measured(number: int, cycles: int, bluesky: str | None) -> dict[str, Any]:
    """Return how long cycles take with so many aircraft, and what was found."""
    traffic = aircraft(number, WARM_UP + cycles)
    terms = wb.Agreement.everyone(horizontal="5 NM", vertical="1000 ft")
    sky, alerts = LiveSky(terms), Alerts(terms.digest)
    times: dict[str, list[float]] = {name: [] for name in ("take", "predict", "alerts", "cycle", "cpu")}
    events = threats = 0
    begin_us = round(BEGIN.timestamp() * 1e6)
    for second in range(WARM_UP + cycles):
        now_us = begin_us + second * 1_000_000
        rows = standard(
            pl.DataFrame(
                {
                    "icao24": traffic["icao24"],
                    "t": pl.Series(np.full(number, now_us)).cast(pl.Datetime("us", "UTC")),
                    **{name: traffic[name][second] for name in NAMES},
                }
            ),
            "benchmark",
            second * number,
        )
        marks, cpu = [time.perf_counter()], time.process_time()
        sky.hear(rows, now_us)
        marks.append(time.perf_counter())
        picture = predict(sky, now_us)
        marks.append(time.perf_counter())
        events += len(alerts.step(now_us, picture.threats))
        marks.append(time.perf_counter())
        if second >= WARM_UP:
            lasts = [*np.diff(marks), marks[-1] - marks[0], time.process_time() - cpu]
            for name, lasted in zip(times, lasts, strict=True):
                times[name].append(float(lasted))
            threats += sum(each.is_within for each in picture.threats)
    result: dict[str, Any] = {
        "aircraft": number,
        "cycles": cycles,
        "predicted": picture.ahead,
        "threats_a_cycle": threats / cycles,
        "events": events,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        **{
            f"{name}_{what}_ms": 1000 * float(np.percentile(values, share))
            for name, values in times.items()
            for what, share in (("p50", 50), ("p99", 99), ("max", 100))
        },
    }
    ways = Ways.of(sky, now_us, Look(turning_dps=float("inf")))
    begin = time.perf_counter()
    found = conflicts(ways, 9260.0, 1000.0)
    result["detection_ms"], result["detection_pairs"] = 1000 * (time.perf_counter() - begin), found.way_a.size
    result["peers"] = peers(traffic, WARM_UP + cycles - 1, bluesky)
    return result


def peers(traffic: dict[str, Any], second: int, bluesky: str | None) -> dict[str, Any]:
    """Return what others need for one detection of the same instant: name → milliseconds and pairs."""
    now = {
        "lat": traffic["lat_deg"][second],
        "lon": traffic["lon_deg"][second],
        "trk": traffic["track_deg"][second],
        "gs": traffic["groundspeed_kt"][second] * MPS_PER_KNOT,
        "alt": traffic["altitude_ft"][second] * METRES_PER_FOOT,
        "vs": traffic["vertical_rate_fpm"][second] * METRES_PER_FOOT / 60.0,
    }
    if bluesky is None:
        if now["lat"].size > MOST_IN_MATRICES:
            return {}
        begin = time.perf_counter()
        pairs = all_pairs(now)
        return {"NumPy, all pairs": (1000 * (time.perf_counter() - begin), pairs)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "now.npz"
        np.savez(path, **now)
        done = subprocess.run(
            [bluesky, "-c", textwrap.dedent(PEER), str(path), str(MOST_IN_MATRICES)],
            capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, "HOME": folder},
        )  # fmt: skip
    if done.returncode != 0:
        return {"BlueSky could not be run: " + done.stderr.strip().splitlines()[-1]: (float("nan"), 0)}
    told = {}
    for line in done.stdout.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] in ("numpy", "c++"):
            told[f"BlueSky, {words[0]}"] = (1000 * float(words[1]), int(words[2]))
    return told


def all_pairs(now: dict[str, Any]) -> int:
    """Return how many pairs are nearer than 5 NM and 1000 ft within 120 s, in a plane about each, by matrices."""
    lat, lon = np.radians(now["lat"]), np.radians(now["lon"])
    u, v = now["gs"] * np.sin(np.radians(now["trk"])), now["gs"] * np.cos(np.radians(now["trk"]))
    east, north, du, dv = (each[:, None] - each for each in (lon, lat, u, v))
    dx, dy = east * np.cos(0.5 * (lat[:, None] + lat)) * 6.371e6, north * 6.371e6
    dz, dw = now["alt"][:, None] - now["alt"], now["vs"][:, None] - now["vs"]
    squared = np.maximum(du**2 + dv**2, 1e-6)
    t_cpa = -(dx * du + dy * dv) / squared
    inside = 9260.0**2 - (dx**2 + dy**2 - t_cpa**2 * squared)
    beside = np.where(inside > 0.0, np.sqrt(np.maximum(inside, 0.0) / squared), -np.inf)
    dw = np.where(np.abs(dw) < 1e-6, 1e-6, dw)
    low, high = sorted_pair((-304.79 - dz) / dw, (304.79 - dz) / dw)
    begin, end = np.maximum.reduce([t_cpa - beside, low]), np.minimum.reduce([t_cpa + beside, high])
    return int(np.triu((begin < end) & (end > 0.0) & (begin < 120.0), 1).sum())


def sorted_pair(a: Any, b: Any) -> tuple[Any, Any]:
    """Return the smaller and the larger of each."""
    return np.minimum(a, b), np.maximum(a, b)


def main() -> None:
    """Print one row for each number of aircraft."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--aircraft", type=int, nargs="+", default=[1000, 10_000, 20_000])
    parser.add_argument("--cycles", type=int, default=60)
    parser.add_argument("--bluesky", help="the Python of an environment that has bluesky-simulator")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    options = parser.parse_args()
    found = []
    for number in options.aircraft:
        one = measured(number, options.cycles, options.bluesky)
        found.append(one)
        print(
            f"{number:>7,} aircraft: cycle p50 {one['cycle_p50_ms']:.1f} ms, p99 {one['cycle_p99_ms']:.1f} ms, longest "
            f"{one['cycle_max_ms']:.1f} ms (taking {one['take_p50_ms']:.1f}, predicting {one['predict_p50_ms']:.1f}, "
            f"alerts {one['alerts_p50_ms']:.1f}); "
            f"processor p50 {one['cpu_p50_ms']:.1f} ms, p99 {one['cpu_p99_ms']:.1f} ms; "
            f"{one['threats_a_cycle']:.0f} threats, {one['peak_mb']:.0f} MB"
        )
        print(
            f"{'':>17} one detection of straight pairs: {one['detection_ms']:.1f} ms, {one['detection_pairs']} pairs"
        )
        for name, (ms, pairs) in one["peers"].items():
            print(f"{'':>17} {name}: {ms:.1f} ms, {pairs} pairs")
        sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
