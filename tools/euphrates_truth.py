"""Write the true answers of the simulated month on the Euphrates, which come with the package.

    python tools/euphrates_truth.py      # rewrites src/wideberth/simulate/euphrates/truth.json.gz

Needs pyproj, and a quarter of a minute.  Run it whenever the traffic, the sensor, the terms or the march change.
"""

from __future__ import annotations

from pathlib import Path

from wideberth.simulate import euphrates

STORED = Path(euphrates.__file__).parent / euphrates.STORED


def main() -> None:
    """Write them, and say how many there are."""
    euphrates.write_truth(STORED)
    answers = euphrates.stored_truth()
    counts = ", ".join(f"{len(answers[name])} {name}" for name in ("flights", "sides", "apart", "spare"))
    print(f"{STORED.name}: {counts}; {STORED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
