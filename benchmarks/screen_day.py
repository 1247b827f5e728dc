"""How long a screen takes, beside its peer and beside reading the file: one run prints all of it.

1. A real recording at 5 NM and 1000 ft: wideberth, and the closest_point_of_approach of the traffic
   library, in the same run on the same rows (an hour by default, the whole day with --day).
2. A simulated day of 20,000 flights in Parquet (about 15 million rows): wideberth end to end, in a
   fresh process, beside what Polars needs to read the same columns; sorted by aircraft, by time, and
   shuffled.  Peak memory is the process's largest resident set, the libraries included.

    make bench                                  # both, with the peer in an environment of its own
    python benchmarks/screen_day.py --help
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
SWISS = HERE.parents[1].parent / "shared" / "data" / "switzerland-2018-08-01.traffic.json.gz"
RUNS = 3  # the best of so many is shown: the machine may be busy, never faster than it is
SPAN = ("2018-08-01T10:00:00Z", "2018-08-01T11:00:00Z")

PEER = """
    import json, os, sys, tempfile, time
    home = tempfile.mkdtemp()
    os.environ.update(XDG_CONFIG_HOME=home, TRAFFIC_CACHE_PATH=home + "/cache", TRAFFIC_TQDM_STYLE="silent")
    import pandas as pd, pyproj
    from traffic.core import Traffic
    import importlib.metadata

    if __name__ == "__main__":
        path, since, until = sys.argv[1:]
        rows = pd.read_parquet(path)
        rows = rows[(rows.timestamp >= pd.Timestamp(since)) & (rows.timestamp < pd.Timestamp(until))]
        traffic = Traffic(rows)
        projection = pyproj.Proj("+proj=lcc +lat_0=46.8 +lon_0=8.2 +lat_1=46 +lat_2=47.5 +ellps=WGS84")
        def cpu():
            t = os.times()
            return t.user + t.system + t.children_user + t.children_system
        wall, before = time.perf_counter(), cpu()
        found = traffic.closest_point_of_approach(5 * 1852, 1000, projection=projection, round_t="d", max_workers=2)
        wall, used = time.perf_counter() - wall, cpu() - before
        close = found.data if found is not None else pd.DataFrame({"lateral": [], "vertical": []})
        inside = close[(close.lateral < 5) & (close.vertical < 1000)]  # it asks in metres and answers in NM
        pairs = {tuple(sorted(p)) for p in zip(inside.icao24_x, inside.icao24_y)} if len(inside) else set()
        print(json.dumps({"rows": len(rows), "wall_s": wall, "cpu_s": used, "pairs": len(pairs),
                          "version": importlib.metadata.version("traffic")}))
"""

OURS = """
    import json, resource, sys, time
    import numpy, polars, pyarrow, numba  # what a program has loaded anyway
    from wideberth.minima import PRESETS
    from wideberth.screen import scale
    path, since, until, runs = sys.argv[1:]
    options = scale.Options(PRESETS["icao-enroute"])
    source = polars.read_parquet(path).filter(
        (polars.col("timestamp") >= polars.lit(since).str.to_datetime(time_zone="UTC"))
        & (polars.col("timestamp") < polars.lit(until).str.to_datetime(time_zone="UTC"))
    ) if since else path
    scale.screen_source(source, options)  # compiles on the first run on a machine
    best = None
    for _ in range(int(runs)):
        wall, cpu = time.perf_counter(), time.process_time()
        encounters, cleaning = scale.screen_source(source, options)
        took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        best = took if best is None or took["wall_s"] < best["wall_s"] else best
    pairs = set(zip(encounters["icao24_a"].to_pylist(), encounters["icao24_b"].to_pylist()))
    print(json.dumps({**best, "rows": cleaning.rows_read, "encounters": len(encounters), "pairs": len(pairs),
                      "candidates": encounters.screening.candidates,
                      "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

READ = """
    import json, resource, sys, time
    import polars
    path, runs = sys.argv[1:]
    best = None
    for _ in range(int(runs)):
        wall, cpu = time.perf_counter(), time.process_time()
        polars.read_parquet(path, columns=["icao24", "t", "lat_deg", "lon_deg", "altitude_ft"])
        took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        best = took if best is None or took["wall_s"] < best["wall_s"] else best
    print(json.dumps({**best, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--peer", default="", help="a Python that has the traffic library; without it the peer is left out"
    )
    options.add_argument("--recording", type=Path, default=SWISS, help="a recording in traffic's JSON")
    options.add_argument(
        "--day", action="store_true", help="compare over the whole day: the peer takes about half an hour"
    )
    options.add_argument(
        "--flights", type=int, default=20_000, help="flights of the simulated day; 0 leaves it out"
    )
    options.add_argument(
        "--folder", type=Path, help="where the simulated day is kept; a temporary one if absent"
    )
    chosen = options.parse_args()
    print(f"{os.cpu_count()} cores; best of {RUNS} runs, each after a warm-up\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if chosen.recording.is_file():
            recording(chosen.recording, folder, chosen.peer, is_day=chosen.day)
        else:
            print(f"no recording at {chosen.recording}: the comparison with the peer is left out\n")
        if chosen.flights:
            world(chosen.flights, folder)


def recording(path: Path, folder: Path, peer: str, *, is_day: bool) -> None:
    """Print wideberth and its peer on the same rows of a real recording."""
    import gzip
    import io

    import polars as pl

    rows = pl.read_json(io.BytesIO(gzip.decompress(path.read_bytes())))
    rows = rows.with_columns(pl.from_epoch("timestamp", time_unit="ms").dt.replace_time_zone("UTC"))
    table = folder / "recording.parquet"
    rows.write_parquet(table)
    since, until = ("2018-08-01T00:00:00Z", "2018-08-02T00:00:00Z") if is_day else SPAN
    print(f"{path.name}, {since} to {until}, 5 NM and 1000 ft")
    ours = run(sys.executable, OURS, table, since, until, RUNS)
    line(
        "wideberth, read table to encounters",
        ours,
        f"{ours['pairs']} pairs in {ours['encounters']} encounters",
    )
    if not peer:
        print("  (no --peer: traffic is left out)\n")
        return
    theirs = run(peer, PEER, table, since, until)
    line(f"traffic {theirs['version']}", theirs, f"{theirs['pairs']} pairs, at the sampled instants")
    print(f"  traffic / wideberth: {ratios(theirs, ours, ',.0f')}\n")


def world(flights: int, folder: Path) -> None:
    """Print the screen of a simulated day beside reading it, in three orders."""
    from wideberth.simulate import worlds

    for order in ("aircraft", "time", "shuffled"):
        path = folder / f"world-{flights}-{order}.parquet"
        if not path.is_file():
            worlds.write_world(path, flights=flights, order=order)
        read = run(sys.executable, READ, path, RUNS)
        ours = run(sys.executable, OURS, path, "", "", RUNS)
        size_mb = path.stat().st_size / 1e6
        print(
            f"simulated day, {flights:,} flights, {ours['rows']:,} rows, ordered by {order}, {size_mb:,.0f} MB"
        )
        line("Polars reads the five columns", read)
        line(
            "wideberth, file to encounters",
            ours,
            f"{ours['encounters']:,} encounters, {ours['candidates']:,} candidate pairs",
        )
        print(f"  wideberth / reading: {ratios(ours, read, '.1f')}\n")


def run(python: str, program: str, *arguments: object) -> dict[str, Any]:
    """Run a program in a process of its own and return the JSON of its last line."""
    done = subprocess.run(
        [python, "-c", textwrap.dedent(program), *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{python} failed:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def ratios(a: dict[str, Any], b: dict[str, Any], form: str) -> str:
    """Return how many times the time of b the time of a is."""
    return f"CPU {a['cpu_s'] / b['cpu_s']:{form}}, wall {a['wall_s'] / b['wall_s']:{form}}"


def line(what: str, took: dict[str, Any], more: str = "") -> None:
    memory = f", peak {took['peak_mb']:,.0f} MB" if "peak_mb" in took else ""
    print(
        f"  {what}: {took['wall_s']:.3f} s wall, {took['cpu_s']:.3f} s CPU{memory}"
        + (f"; {more}" if more else "")
    )


if __name__ == "__main__":
    main()
