"""Verdict: with errors that neighbouring samples share, 95 % intervals of positions, depths, heights and distances hold
94 to 97 truths in 100, those of counts 94 to 99; where each sample errs anew, depths along a line 92, counts 53.

`judge.sure` takes errors as Gaussian and a greatest depth as one position.  `simulate.noise` makes flights with
other errors: latent, wandering, late, in steps.  Here both meet.  Near zero more truths are held, for no distance is
negative.  Run it: python design/interval_coverage.py [FLIGHTS]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

import wideberth
from wideberth.simulate import noise

LINE = """\
wideberth: 1
name: a meridian
places:
  line: {{line: [[0, 33], [0, 37]]}}
  east: {{area: [[0, 33], [2, 33], [2, 37], [0, 37]], floor: 4600 ft}}
rules:
  - {{id: side, party: all, keeps: {{side: west, of: line, buffer: {buffer} m, reach: 60 km}}}}
  - {{id: out, party: all, keeps: {{out_of: east}}}}
"""
FLOOR_FT = 4600.0
MODELS = {
    "half stays, half wanders in 10 min": noise.Model(),
    "half stays, half wanders in 2 min": noise.Model(tau_s=120.0),
    "wanders in 1 min": noise.Model(stays=0.0, wanders=1.0, tau_s=60.0),
    "0.4 stays, 0.5 wanders in 10 min, 0.1 new": noise.Model(stays=0.4, wanders=0.5),
    "new in each sample": noise.Model(stays=0.0, wanders=0.0),
}


@dataclass(frozen=True)
class Coverage:
    """Which share of truths lies in 95 % intervals, and of how many."""

    share: float
    of: int

    @classmethod
    def measured(
        cls, low: npt.NDArray[np.float64], truth: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
    ) -> Coverage:
        """Return it for some intervals."""
        return cls(float(((low <= truth) & (truth <= high)).mean()), truth.size)


def of_turns(
    model: noise.Model, flights: int, *, flat: bool = False, step_s: float = 5.0
) -> dict[str, Coverage]:
    """Return the coverage of depths past a line and in an area, of places, and of heights above a floor."""
    world = noise.turns(flights, 7, model, flat=flat, step_s=step_s)
    found = wideberth.judge(_read(world), wideberth.Agreement.parse(LINE.format(buffer=0))).to_polars()
    found = found.sort("magnitude", descending=True).unique(["rule", "icao24_a"], keep="first")
    coverage = {}
    for rule in ("side", "out"):
        own = found.filter(rule=rule)
        flight = np.array([int(text, 16) - noise.FIRST_ADDRESS for text in own["icao24_a"]])
        numbers = {name: own[name].to_numpy() for name in own.columns if own[name].dtype.is_numeric()}
        depth = world.true_m[flight]
        coverage[f"depth ({rule})"] = Coverage.measured(
            numbers["magnitude_low"], depth, numbers["magnitude_high"]
        )
        if rule == "side":
            t_s = own["t_worst"].dt.epoch("us").to_numpy() * 1e-6
            away_m = noise.chords_m(*world.place_at(flight, t_s), numbers["lat_deg"], numbers["lon_deg"])
            coverage["position"] = Coverage.measured(np.zeros(flight.size), away_m, numbers["position_m"])
        else:
            height_ft = world.true_ft[flight] - FLOOR_FT
            coverage["height above a floor"] = Coverage.measured(
                numbers["vertical_low_ft"], height_ft, numbers["vertical_high_ft"]
            )
    return coverage


def of_passes(model: noise.Model, pairs: int, *, most_m: float) -> dict[str, Coverage]:
    """Return the coverage of the smallest distances of pairs, and of vertical distances of 300 ft and more."""
    world = noise.passes(pairs, 8, model, most_m=most_m)
    everyone = wideberth.Agreement.everyone(horizontal="5 NM", vertical="1500 ft")
    found = wideberth.judge(_read(world), everyone).to_polars()
    pair = np.array([(int(text, 16) - noise.FIRST_ADDRESS) // 2 for text in found["icao24_a"]])
    low, high, low_ft, high_ft = (
        found[name].to_numpy()
        for name in ("magnitude_low", "magnitude_high", "vertical_low_ft", "vertical_high_ft")
    )
    true_ft = world.true_ft[pair]
    is_far = true_ft >= 300.0
    return {
        "distance": Coverage.measured(low, world.true_m[pair], high),
        "vertical": Coverage.measured(low_ft[is_far], true_ft[is_far], high_ft[is_far]),
        "vertical near 0": Coverage.measured(low_ft[~is_far], true_ft[~is_far], high_ft[~is_far]),
    }


def of_counts(model: noise.Model, worlds: int, *, buffer_m: int, flights: int = 40) -> Coverage:
    """Return how often the interval of a count holds the true count, of flights that turn near the buffer."""
    agreement = wideberth.Agreement.parse(LINE.format(buffer=buffer_m))
    low, truth, high = [], [], []
    for seed in range(worlds):
        world = noise.turns(flights, seed, model, depth_m=(buffer_m - 400.0, buffer_m + 400.0))
        judged = wideberth.judge(_read(world), agreement).judged[0]
        assert judged.expected_low is not None
        assert judged.expected_high is not None
        low.append(judged.expected_low)
        high.append(judged.expected_high)
        truth.append(int((world.true_m > buffer_m).sum()))
    return Coverage.measured(*(np.array(values, np.float64) for values in (low, truth, high)))


def _read(world: noise.World) -> wideberth.Tracks:
    return wideberth.read(world.rows, keep_all=True)


def main() -> None:
    flights = int(sys.argv[1]) if len(sys.argv) > 1 else 12_000
    for name, model in MODELS.items():
        print(f"\nerrors: {name}")
        told = {
            **of_turns(model, flights),
            "depth, along the line": of_turns(model, flights, flat=True)["depth (side)"],
            "depth, samples 10 s apart": of_turns(model, flights, step_s=10.0)["depth (side)"],
            **of_passes(model, flights, most_m=5_000.0),
            "distance below 150 m": of_passes(model, flights, most_m=150.0)["distance"],
            "count, no buffer": of_counts(model, flights // 40, buffer_m=0),
            "count, buffer 500 m": of_counts(model, flights // 40, buffer_m=500),
        }
        for what, coverage in told.items():
            print(f"  {what:28} {100 * coverage.share:5.1f} % of {coverage.of:,}")


if __name__ == "__main__":
    main()
