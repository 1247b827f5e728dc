"""What judging costs beside the screen alone: the same file, end to end, in one run.

A simulated day of 20,000 flights in Parquet (about 15 million rows): wideberth's screen, and wideberth's judge
with ten rules (three sides, three places, two minima, two pledges), each from the file in a fresh process.

    python benchmarks/judge_day.py [--flights 20000] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from screen_day import OURS, RUNS, line, ratios, run

TEN_RULES = """\
wideberth: 1
name: ten rules
parties:
  one: {aircraft: [{icao24: f00000-f02703}]}
  two: {aircraft: [{icao24: f02704-f0ffff}]}
places:
  line: {line: [[2.0, 45.0], [6.0, 47.0], [9.0, 47.5]]}
  other: {line: [[-5.0, 50.0], [0.0, 51.0]]}
  third: {line: [[12.0, 44.0], [13.0, 52.0]]}
  area: {area: [[8, 50], [12, 50], [12, 53], [8, 53]], floor: FL100, ceiling: FL300}
  circle: {point: [2.5, 49.0], radius: 30 NM}
  way: {corridor: [[10, 45], [15, 48]], width: 20 km}
rules:
  - {id: a, party: one, keeps: {side: left, of: line, reach: 60 km}}
  - {id: b, party: two, keeps: {side: right, of: other, reach: 60 km}}
  - {id: c, party: all, keeps: {side: east, of: third, reach: 60 km}}
  - {id: d, party: all, keeps: {out_of: area}}
  - {id: e, party: all, keeps: {out_of: circle, below: 10000 ft}}
  - {id: f, party: two, keeps: {out_of: way}}
  - {id: g, between: [one, two], keeps: {apart: {horizontal: 5 NM, vertical: 1000 ft}}}
  - {id: h, between: all, keeps: {apart: {horizontal: 5 NM, vertical: 1000 ft}}}
  - {id: i, party: one, pledges: {flights: falls, by: 50 %, after: 2026-03-02}}
  - {id: j, party: two, pledges: {hours: falls, by: 50 %, after: 2026-03-02}}
"""

JUDGE = """
    import json, resource, sys, time
    import numpy, polars, pyarrow, numba  # what a program has loaded anyway
    import wideberth as wb
    path, text, runs = sys.argv[1:]
    agreement = wb.Agreement.parse(text)
    wb.judge(wb.read(path, provenance=False), agreement)  # compiles on the first run on a machine
    best = None
    for _ in range(int(runs)):
        wall, cpu = time.perf_counter(), time.process_time()
        incidents = wb.judge(wb.read(path, provenance=False), agreement)
        took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        best = took if best is None or took["wall_s"] < best["wall_s"] else best
    print(json.dumps({**best, "incidents": len(incidents),
                      "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--flights", type=int, default=20_000, help="flights of the simulated day")
    options.add_argument(
        "--folder", type=Path, help="where the simulated day is kept; a temporary one if absent"
    )
    chosen = options.parse_args()
    from wideberth.simulate import worlds

    print(f"{os.cpu_count()} cores; best of {RUNS} runs, each after a warm-up\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"world-{chosen.flights}-aircraft.parquet"
        if not path.is_file():
            worlds.write_world(path, flights=chosen.flights, order="aircraft")
        screen = run(sys.executable, OURS, path, "", "", RUNS)
        line("screen, file to encounters", screen, f"{screen['encounters']:,} encounters")
        judged = run(sys.executable, JUDGE, path, TEN_RULES, RUNS)
        line("judge with ten rules, file to incidents", judged, f"{judged['incidents']:,} incidents")
        print(f"  judge / screen: {ratios(judged, screen, '.1f')}")


if __name__ == "__main__":
    main()
