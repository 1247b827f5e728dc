"""Verdict: at 5 NM and 1000 ft slabs of 110 to 120 s are best; longer ones hardly gain and pass on more pairs.

A shorter slab makes more boxes (one a leg and slab), a longer one larger boxes, hence more pairs
for the narrow phase.  `screen.pairs.slab_width_s` takes the time in which an airliner flies three
times the horizontal minimum, between 30 and 120 s.  Run it: python design/slab_width.py [FLIGHTS]
"""

from __future__ import annotations

import sys
import time

import wideberth
from wideberth.screen.pairs import candidate_windows
from wideberth.simulate import worlds

WIDTHS_S = (15, 30, 45, 60, 90, 120, 180, 240)
MINIMA = ((152.4, 100.0), (555.6, 400.0), (9260.0, 1000.0), (18520.0, 2000.0))


def main() -> None:
    flights = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    legs = wideberth.read(worlds.world(flights=flights), provenance=False).legs()
    for horizontal_m, height_ft in MINIMA:
        print(f"\n{horizontal_m:g} m, {height_ft:g} ft, {legs.t_us.size:,} samples")
        for width_s in WIDTHS_S:
            candidate_windows(legs, horizontal_m=horizontal_m, height=height_ft, slab_s=width_s)
            began = time.perf_counter()
            windows = candidate_windows(legs, horizontal_m=horizontal_m, height=height_ft, slab_s=width_s)
            print(
                f"  slab {width_s:4} s: {time.perf_counter() - began:6.3f} s, {windows.pairs:7,} pairs of legs"
            )


if __name__ == "__main__":
    main()
