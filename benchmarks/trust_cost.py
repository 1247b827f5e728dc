"""What trust adds to the time of a screen: the same day of 15 million rows with it and without it, in one process.

Without it means: no evidence is gathered, nothing is weighed, and the columns that only trust looks at are not read.
Both are run in turn, so that a busy machine slows both; the best of each is compared.

    python benchmarks/trust_cost.py [--folder FOLDER] [--flights 20000] [--runs 5]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

BOTH = """
    import sys, time
    import numpy as np, polars, pyarrow as pa
    from wideberth.minima import PRESETS
    from wideberth.screen import assemble, scale

    path, runs = sys.argv[1], int(sys.argv[2])
    options = scale.Options(PRESETS["icao-enroute"])
    with_trust = (assemble.evidence.gather, assemble._weighed, scale.SCREENED)

    def no_evidence(tracks, legs, leg_a, leg_b, table, *_):
        return {}

    def not_weighed(table, *_):
        n = table["t_cpa"].size
        nothing = ("hmd_low_m", "hmd_high_m", "vertical_low_ft", "vertical_high_ft", "probability", "one_aircraft")
        table |= {name: np.full(n, np.nan) for name in nothing} | {"rank": np.arange(1, n + 1)}
        texts = ("id", "trust", "context", "reasons", "why", "hotspots_grade")
        return {name: pa.nulls(n, pa.string()) for name in texts}

    needed = set(scale.SCREENED) - {"track_deg", "vertical_rate_fpm", "nac_p", "source", "category"}
    without = (no_evidence, not_weighed, tuple(name for name in scale.SCREENED if name in needed))
    best = {}
    for run in range(runs + 1):  # the first compiles, or warms up
        for name, (gather, weighed, columns) in (("without trust", without), ("with trust", with_trust)):
            assemble.evidence.gather, assemble._weighed, scale.SCREENED = gather, weighed, columns
            wall, cpu = time.perf_counter(), time.process_time()
            encounters, _ = scale.screen_source(path, options)
            took = (time.perf_counter() - wall, time.process_time() - cpu)
            if run:
                best[name] = tuple(map(min, took, best.get(name, took)))
    for name, (wall, cpu) in best.items():
        print(f"{name:14} {wall:5.2f} s wall {cpu:5.2f} s CPU   {len(encounters):,} encounters")
    shares = [100 * (a / b - 1) for a, b in zip(best["with trust"], best["without trust"])]
    print(f"trust adds {shares[0]:.0f} % wall, {shares[1]:.0f} % CPU")
"""


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--folder", type=Path, help="where the simulated day is kept; a temporary one if absent"
    )
    options.add_argument("--flights", type=int, default=20_000)
    options.add_argument("--runs", type=int, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        path = folder / f"world-{chosen.flights}-aircraft.parquet"
        if not path.is_file():
            from wideberth.simulate import worlds

            folder.mkdir(parents=True, exist_ok=True)
            worlds.write_world(path, flights=chosen.flights)
        subprocess.run([sys.executable, "-c", textwrap.dedent(BOTH), str(path), str(chosen.runs)], check=True)


if __name__ == "__main__":
    main()
