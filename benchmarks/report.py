"""What a large report costs: 100,000 encounters among 5 million positions, made and then opened in a browser.

Printed: how long it takes to make beside the screen of the same positions, the memory that it adds, the size of the
file beside the limit, and in headless Chromium (where Playwright and a browser are installed) the time until the page
is ready, and the time between two frames while the map is dragged.

    python benchmarks/report.py [--positions 5000000] [--chromium /usr/bin/chromium]
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

import wideberth as wb
from wideberth.report import basis_of, page

STEP_S = 10
SAMPLES = 1_250  # of a flight: three and a half hours
SIDE_DEG = 1.9  # of the area that all fly in: so that they meet often enough
SPEED_MPS = 220.0
FPS_60_MS = 1000 / 60


def flights(positions: int) -> pl.DataFrame:
    """Return flights that wander within an area, at levels of 1,000 ft, for a day."""
    rng = np.random.default_rng(1)
    n = positions // SAMPLES
    turn = np.cumsum(rng.normal(0.0, 0.02, (n, SAMPLES)), axis=1) + rng.uniform(0, 2 * np.pi, (n, 1))
    step_deg = SPEED_MPS * STEP_S / 111_320.0
    lat = rng.uniform(0, SIDE_DEG, (n, 1)) + np.cumsum(step_deg * np.cos(turn), axis=1)
    lon = rng.uniform(0, SIDE_DEG, (n, 1)) + np.cumsum(step_deg * np.sin(turn), axis=1)

    def within(values: np.ndarray) -> np.ndarray:  # back from the edges, as light from a mirror
        return np.abs((values + SIDE_DEG) % (2 * SIDE_DEG) - SIDE_DEG)

    begin_s = rng.integers(0, 86_400 - SAMPLES * STEP_S, (n, 1)) + 1_767_225_600
    t_us = (begin_s + STEP_S * np.arange(SAMPLES)) * 1_000_000
    feet = np.broadcast_to(rng.integers(20, 41, (n, 1)) * 1000.0, t_us.shape)
    address = [f"{0xA00000 + k:06x}" for k in range(n)]
    return pl.DataFrame(
        {
            "icao24": np.repeat(address, SAMPLES),
            "t": pl.Series(t_us.ravel()).cast(pl.Datetime("us", "UTC")),
            "lat_deg": 46.0 + within(lat).ravel(),
            "lon_deg": 7.0 + within(lon).ravel(),
            "altitude_ft": feet.ravel(),
            "callsign": np.repeat([f"SIM{k:05d}" for k in range(n)], SAMPLES),
        }
    )


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def opened(path: Path, chromium: str) -> None:
    """Print how long the page takes to be ready, and how it pans."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium)
        for width, height in ((1500, 900), (390, 844)):
            tab = browser.new_page(viewport={"width": width, "height": height})
            begun = time.perf_counter()
            tab.goto(path.as_uri())
            tab.wait_for_selector("#wideberth-page[aria-busy=false]", timeout=60_000)
            ready_s = time.perf_counter() - begun
            heap = tab.evaluate("performance.memory ? performance.memory.usedJSHeapSize / 1e6 : NaN")
            box = tab.locator(".work .map-canvas").bounding_box()
            assert box is not None
            tab.evaluate(FRAMES)
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            tab.mouse.move(x, y)
            tab.mouse.down()
            for k in range(120):
                tab.mouse.move(x + 100 * np.sin(k / 10), y + 60 * np.cos(k / 14))
            tab.mouse.up()
            frames = sorted(tab.evaluate("window.framesOver()"))
            p95 = frames[int(0.95 * len(frames))]
            print(
                f"in the browser, {width}×{height}: ready after {ready_s:.2f} s (wanted: below 5), {heap:.0f} MB of "
                f"script memory; while the map is dragged {statistics.median(frames):.0f} ms between two frames, "
                f"{p95:.0f} ms at most in 95 of 100 (a screen of 60 Hz: {FPS_60_MS:.0f} ms)"
            )
            tab.close()
        browser.close()


FRAMES = """
() => {
  const times = [];
  let is_on = true;
  const tick = now => { times.push(now); if (is_on) requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  window.framesOver = () => { is_on = false; return times.slice(1).map((at, k) => at - times[k]); };
}
"""


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--positions", type=int, default=5_000_000)
    options.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    options.add_argument("--keep", type=Path, help="keep the report under this name")
    chosen = options.parse_args()
    begun = time.perf_counter()
    tracks = wb.read(flights(chosen.positions))
    read_s, begun = time.perf_counter() - begun, time.perf_counter()
    encounters = wb.screen(tracks, minima="icao-enroute")
    screen_s, before_mb = time.perf_counter() - begun, peak_mb()
    print(
        f"{len(tracks):,} positions of {len(tracks.aircraft):,} aircraft, {len(encounters):,} encounters: "
        f"made and read in {read_s:.1f} s, screened in {screen_s:.1f} s, {before_mb:,.0f} MB at most"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.keep or Path(folder) / "report.html"
        for what in ("first, compiling", "again"):
            wall, cpu = time.perf_counter(), time.process_time()
            size = page.write(basis_of(encounters, tracks), path)
            print(
                f"report, {what}: {time.perf_counter() - wall:.1f} s wall, {time.process_time() - cpu:.1f} s CPU, "
                f"{peak_mb() - before_mb:,.0f} MB more, {size / 1e6:.1f} MB of at most {page.MOST_BYTES / 1e6:.0f} MB"
            )
        try:
            import playwright  # noqa: F401
        except ImportError:
            print("no browser: pip install playwright, and Chromium, to see how it opens")
            return
        opened(path.absolute(), chosen.chromium)


if __name__ == "__main__":
    main()
