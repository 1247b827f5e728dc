"""The credible findings of a recording with the raw rows of both aircraft, compactly, for a person to check by eye.

Each takes a dozen lines: seconds from the closest point, how far apart both are then along straight lines between
their reports, and for each the latest report: how old it is, altitude, speed, direction, and how far its positions
lie off where the speed and direction of the report before lead.  What is real reads smoothly in all columns.

    python benchmarks/by_eye.py RECORDING [-n 20] [--horizontal 0.3NM] [--vertical 400ft] [--trust credible]
    python benchmarks/by_eye.py RECORDING --context none --every 10 --span 60
"""

from __future__ import annotations

import argparse
import math
from typing import Any

import numpy as np
import polars as pl

import wideberth
from wideberth.units import METRES_PER_NM, MPS_PER_KNOT, parse_altitude_ft, parse_length_m

METRES_PER_DEG = 60.0 * METRES_PER_NM
HEAD = f"{'s':>6} {'apart m':>8} {'ft':>6}  " + "  ".join(
    [f"{'age':>4} {'ft':>6} {'kt':>4} {'deg':>4} {'off m':>6}"] * 2
)


class Heard:
    """One aircraft's cleaned rows around an instant, in a plane about a place."""

    def __init__(self, rows: pl.DataFrame, lat_deg: float, lon_deg: float) -> None:
        self.t_s = rows["t"].dt.epoch("us").to_numpy() / 1e6
        east_deg = (rows["lon_deg"].to_numpy() - lon_deg + 180.0) % 360.0 - 180.0
        self.east_m = east_deg * METRES_PER_DEG * math.cos(math.radians(lat_deg))
        self.north_m = (rows["lat_deg"].to_numpy() - lat_deg) * METRES_PER_DEG
        names = ("altitude_ft", "groundspeed_kt", "track_deg")
        self.ft, self.kt, self.deg = (
            rows[name].cast(pl.Float64).fill_null(math.nan).to_numpy()
            if name in rows.columns
            else np.full(rows.height, math.nan)
            for name in names
        )

    def at(self, t_s: float) -> tuple[float, float, float]:
        """Return east, north and altitude at an instant; NaN where it was not heard before and after."""
        if not self.t_s.size or not self.t_s[0] <= t_s <= self.t_s[-1]:
            return math.nan, math.nan, math.nan
        east, north, ft = (
            float(np.interp(t_s, self.t_s, each)) for each in (self.east_m, self.north_m, self.ft)
        )
        return east, north, ft

    def told(self, t_s: float) -> str:
        """Return the latest report in a few words."""
        i = int(np.searchsorted(self.t_s, t_s, side="right")) - 1
        if i < 0:
            return f"{'-':>4} {'-':>6} {'-':>4} {'-':>4} {'-':>6}"
        off = "-"
        if i and not math.isnan(self.kt[i - 1] + self.deg[i - 1] + self.kt[i] + self.deg[i]):
            s = self.t_s[i] - self.t_s[i - 1]
            angle, mps = np.radians(self.deg[i - 1 : i + 1]), self.kt[i - 1 : i + 1] * MPS_PER_KNOT
            east = self.east_m[i] - self.east_m[i - 1] - s * float((mps * np.sin(angle)).mean())
            north = self.north_m[i] - self.north_m[i - 1] - s * float((mps * np.cos(angle)).mean())
            off = f"{math.hypot(east, north):.0f}"
        return (
            f"{t_s - self.t_s[i]:>4.0f} {_number(self.ft[i]):>6} {_number(self.kt[i]):>4}"
            f" {_number(self.deg[i]):>4} {off:>6}"
        )


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0f}"


def shown(row: dict[str, Any], rows: pl.DataFrame, every_s: float, span_s: float) -> str:
    """Return a finding and what was heard around it."""
    t_s = row["t_cpa"].timestamp()
    both = []
    for side in "ab":
        mine = rows.filter(pl.col("icao24") == row[f"icao24_{side}"])
        near = (mine["t"].dt.epoch("us") / 1e6 - t_s).abs() <= 2.0 * span_s
        both.append(Heard(mine.filter(near), row["lat_a_deg"], row["lon_a_deg"]))
    names = (f"{row[f'icao24_{side}']} {row[f'callsign_{side}'] or ''}".strip() for side in "ab")
    feet = row["vertical_ft_at_cpa"]
    lines = [
        f"\n{row['rank']}. {row['t_cpa']:%Y-%m-%d %H:%M:%S}  {' and '.join(names)}: {row['hmd_m']:.0f} m, "
        f"{'unknown' if feet is None else f'{feet:.0f} ft'}, {row['trust']}, {row['context']}"
        + (f" ({row['reasons']})" if row["reasons"] else ""),
        HEAD,
    ]
    for away_s in np.arange(-span_s, span_s + every_s / 2.0, every_s):
        (ea, na, fa), (eb, nb, fb) = (heard.at(t_s + away_s) for heard in both)
        apart = f"{_number(math.hypot(eb - ea, nb - na)):>8} {_number(abs(fb - fa)):>6}"
        lines.append(f"{away_s:>6.0f} {apart}  " + "  ".join(heard.told(t_s + away_s) for heard in both))
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("recording")
    options.add_argument("-n", type=int, default=20, help="how many, by rank")
    options.add_argument("--horizontal", default="0.3NM")
    options.add_argument("--vertical", default="400ft")
    options.add_argument("--trust", choices=("credible", "doubtful", "all"), default="credible")
    options.add_argument("--context", help="only of this one: none, circuit, company, level spacing")
    options.add_argument("--every", type=float, default=10.0, metavar="S", help="a line each so many seconds")
    options.add_argument("--span", type=float, default=60.0, metavar="S", help="before and after")
    chosen = options.parse_args()
    tracks = wideberth.read(chosen.recording)
    found = wideberth.screen(
        tracks,
        horizontal_m=parse_length_m(chosen.horizontal),
        vertical_ft=parse_altitude_ft(chosen.vertical),
    )
    rows = found.trusted(chosen.trust).worst_first().table.to_pylist()
    rows = [row for row in rows if chosen.context in (None, row["context"])]
    print(f"{len(rows)} of {len(found)} findings; the first {min(chosen.n, len(rows))}:")
    frame = tracks.to_polars().with_columns(pl.col("icao24").cast(pl.String))
    for row in rows[: chosen.n]:
        print(shown(row, frame, chosen.every, chosen.span))


if __name__ == "__main__":
    main()
