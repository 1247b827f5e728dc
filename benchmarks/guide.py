"""µs of CPU per state for alert levels and manoeuvre bands: one state at a time, and columns of them.

Random encounters under DO-365B (do365b without memory): own at 40 to 250 m/s, intruders within 12 km and 400 m,
half of them bound to pass near.  Alerting alone, and with all four kinematic bands (without last times, and with),
for 1, 10 and 50 intruders.  One thread, CPU time of the process; the first call, which compiles, is not counted.
The reference's figures were measured elsewhere on this kind of machine: NASA DAIDALUS C++ 2.0.4, state by state.
"Columns" is from rows of states on, "one by one" from mappings of names to values.

    python benchmarks/guide.py [--states 100000] [--most-rows 1000000] [--bands 100000] [--runs 2]
"""

from __future__ import annotations

import argparse
import os
import time
from typing import TYPE_CHECKING, Any

os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

REFERENCE = {  # µs per state: alerting alone, with four bands
    1: (5.4, 3_200.0),
    10: (41.0, 33_000.0),
    50: (227.0, 167_000.0),
}
KEYS = ("x_m", "y_m", "z_m", "vx_mps", "vy_mps", "vz_mps")


def scene(seed: int, n: int, each: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return n own states and n x ``each`` intruders as columns."""
    rng = np.random.default_rng(seed)

    def motion(size: int) -> Any:
        speed, track = rng.uniform(40.0, 250.0, size), rng.uniform(0.0, 2.0 * np.pi, size)
        climb = rng.choice([0.0, 1.0], size) * rng.uniform(-10.0, 10.0, size)
        return np.stack([speed * np.sin(track), speed * np.cos(track), climb], axis=-1)

    m = n * each
    own = np.concatenate([np.zeros((n, 2)), rng.uniform(1000.0, 6000.0, (n, 1)), motion(n)], axis=1)
    at = np.repeat(np.arange(n), each)
    others = np.concatenate(
        [own[at, :3] + rng.uniform(-1.0, 1.0, (m, 3)) * [12_000.0, 12_000.0, 400.0], motion(m)], axis=1
    )
    meets = rng.random(m) < 0.5
    when = rng.uniform(20.0, 90.0, m)[:, None]
    miss = rng.normal(0.0, 1.0, (m, 3)) * [600.0, 600.0, 80.0]
    there = own[at, :3] + own[at, 3:] * when + miss - others[:, 3:] * when
    others[meets, :3] = there[meets]
    return dict(zip(KEYS, own.T, strict=True)), dict(zip(KEYS, others.T, strict=True)) | {"state": at}


def cpu_us(work: Callable[[], Any], states: int, runs: int) -> float:
    """Return the least CPU time of some runs, µs per state."""
    best = float("inf")
    for _ in range(runs):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return 1e6 * best / states


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--states", type=int, default=100_000, help="states of a column for alerting alone")
    options.add_argument("--bands", type=int, default=100_000, help="intruders of a column with bands")
    options.add_argument("--most-rows", type=int, default=1_000_000, help="intruders of a column, at most")
    options.add_argument("--runs", type=int, default=2)
    given = options.parse_args()

    from wideberth.guide import guide
    from wideberth.guide.compute import compute
    from wideberth.guide.config import Config
    from wideberth.guide.rows import rows_of

    config = Config.preset("do365b").without_memory()
    four, none = (True,) * 4, (False,) * 4

    def rows(n: int, each: int) -> Any:
        return rows_of(*scene(7, n, each), (0.0, 0.0), len(config.alerters), config.ownship_centric_alerting)

    for wanted in (four, none):
        compute(rows(2, 1), config, wanted, last_times=True)
        compute(rows(20, 1), config, wanted, last_times=True)
    print(
        f"{'intruders':>9}  {'what':28}{'states':>9}{'columns':>12}{'one by one':>12}{'reference':>12}   ratio"
    )
    for each, (alerting_us, bands_us) in REFERENCE.items():
        few = max(given.bands // each, 40)
        for what, wanted, last, n, reference in (
            ("alerting", none, False, min(given.states, given.most_rows // each), alerting_us),
            ("four bands", four, False, few, bands_us),
            ("four bands and last times", four, True, few, bands_us),
        ):
            many = rows(n, each)
            columns = cpu_us(
                lambda m=many, w=wanted, t=last: compute(m, config, w, last_times=t), n, given.runs
            )
            one, singles = 40, []
            for i in range(one):
                own, others = scene(100 + i, 1, each)
                singles.append(
                    (
                        {k: float(v[0]) for k, v in own.items()},
                        {k: v for k, v in others.items() if k != "state"},
                    )
                )
            names = ("hdir", "hs", "vs", "alt") if any(wanted) else ()

            def one_by_one(names: Any = names, last: bool = last, singles: Any = singles) -> None:
                for own, others in singles:
                    guide(own, others, config, dimensions=names, last_times=last)

            single = cpu_us(one_by_one, one, given.runs)
            figures = f"{columns:12,.2f}{single:12,.1f}{reference:12,.1f}   {reference / columns:,.1f}x"
            print(f"{each:9}  {what:28}{n:9,}{figures}")


if __name__ == "__main__":
    main()
