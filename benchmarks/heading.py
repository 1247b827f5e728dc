"""How many of those that head for a place arrive, and how often in the range of arrival that was told.

Twelve circles of 5 km radius lie where the second half of a recorded day is busiest, at least 20 km from one another.
Every minute it is asked who is heading for them; of each answer it is known from the recording whether that aircraft
entered the circle within one and a half times the look-ahead, and when.

    python benchmarks/heading.py [--day swiss|monterey] [--hours 2]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import polars as pl

import wideberth as wb
from injection import days
from wideberth.serve.arrivals import standard
from wideberth.serve.heading import Fan, heading
from wideberth.serve.sky import LiveSky

SECOND = 1_000_000
PLACES = 12
RADIUS_KM, APART_KM = 5.0, 20.0
MINUTES = ((0, 2), (2, 5), (5, 10), (10, 15))


def busiest(rows: pl.DataFrame) -> list[tuple[float, float]]:
    """Return the middles of the busiest cells of a tenth of a degree, lon and lat, far enough from one another."""
    is_up = ~pl.col("on_ground").fill_null(value=False) if "on_ground" in rows.columns else pl.lit(value=True)
    cells = (
        rows.filter(is_up)
        .group_by((pl.col("lat_deg") * 10).round() / 10, (pl.col("lon_deg") * 10).round() / 10)
        .agg(pl.col("icao24").n_unique().alias("aircraft"))
        .sort("aircraft", "lat_deg", "lon_deg", descending=[True, False, False])
    )
    found: list[tuple[float, float]] = []
    for row in cells.iter_rows(named=True):
        lat, lon = row["lat_deg"], row["lon_deg"]
        scale = 111.2 * np.cos(np.radians(lat))
        if all(np.hypot((lat - b) * 111.2, (lon - a) * scale) >= APART_KM for a, b in found):
            found.append((lon, lat))
        if len(found) == PLACES:
            break
    return found


def measured(name: str, hours: float) -> list[dict[str, Any]]:
    """Return what became of those that were told, by how far away they were."""
    rows = days.load(name, "report").raw
    begin_us = int(rows["t"].dt.epoch("us").min())  # type: ignore[arg-type]
    end_us = begin_us + round(hours * 3600 * SECOND)
    fan = Fan()
    rows = rows.with_columns(pl.col("icao24").cast(pl.String)).filter(
        pl.col("t").dt.epoch("us") <= end_us + round(2 * fan.look_ahead_s * SECOND)
    )
    places = {
        f"p{k:02d}": {"point": list(at), "radius": f"{RADIUS_KM} km"} for k, at in enumerate(busiest(rows))
    }
    keeps = {"out_of": list(places), "near": "none"}
    terms = wb.Agreement.parse(
        json.dumps(
            {
                "wideberth": "1",
                "name": "busiest",
                "places": places,
                "rules": [{"id": "out", "party": "all", "keeps": keeps}],
            }
        )
    )
    entered: dict[tuple[str, str], list[float]] = {}
    for row in wb.judge(wb.read(rows), terms):
        for place in row["place"].split(" / "):
            entered.setdefault((row["icao24_a"], place), []).append(row["t_in"].timestamp() * 1e6)
    heard = standard(rows, "feed", 0).sort("t", maintain_order=True)
    t_us = heard["t"].to_physical().to_numpy()
    sky = LiveSky(terms)
    told = []
    low = 0
    for now_us in range(begin_us + 60 * SECOND, end_us, 60 * SECOND):
        high = int(np.searchsorted(t_us, now_us, side="right"))
        sky.hear(heard[low:high], now_us)
        low = high
        sky.forget(now_us)
        for each in heading(sky, now_us, ["out"], fan):
            if each.eta_s == 0.0:
                continue
            times = [
                (at - now_us) / SECOND for at in entered.get((each.aircraft, each.place), []) if at > now_us
            ]
            arrives_s = min(times, default=np.inf)
            told.append((each.eta_s, each.earliest_s, each.latest_s, each.share, arrives_s))
    figures = np.array(told).reshape(-1, 5)
    found = []
    for begin, end in MINUTES:
        some = figures[(figures[:, 0] >= begin * 60) & (figures[:, 0] < end * 60)]
        arrived = some[some[:, 4] <= fan.look_ahead_s * 1.5]
        slack_s = 5.0  # half a step of the recording
        is_in = (arrived[:, 4] >= arrived[:, 1] - slack_s) & (arrived[:, 4] <= arrived[:, 2] + slack_s)
        off = np.abs(arrived[:, 4] - arrived[:, 0])
        found.append(
            {
                "minutes": f"{begin} to {end}",
                "told": len(some),
                "arrived": len(arrived),
                "in_range": int(is_in.sum()),
                "range_s": float(np.median(some[:, 2] - some[:, 1])) if len(some) else None,
                "off_p50_s": float(np.percentile(off, 50)) if off.size else None,
                "off_p90_s": float(np.percentile(off, 90)) if off.size else None,
            }
        )
    return found


def main() -> None:
    """Print a table for each day."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--day", choices=("swiss", "monterey"), action="append")
    parser.add_argument("--hours", type=float, default=2.0)
    options = parser.parse_args()
    for name in options.day or ("swiss", "monterey"):
        print(
            f"{name}: ETA in minutes, told, arrived, of those in the range; median range; off by (p50, p90)"
        )
        for each in measured(name, options.hours):
            of = f"{each['minutes']:>9}{each['told']:>7}{each['arrived']:>9}{each['in_range']:>10}"
            if each["arrived"]:
                of += f"{each['range_s']:>8.0f} s{each['off_p50_s']:>8.0f} s{each['off_p90_s']:>8.0f} s"
            print(of)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
