"""Print how far guidance agrees with NASA's answers, by column and configuration, and list what differs.

python tools/guide_agreement.py [FOLDER]     # ../shared/oracles/daidalus beside the checkout
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from guide_answers import Tally, compare_bands, compare_geodetic, compare_sequences, config_of, records  # noqa: E402


def main() -> None:
    """Compare everything, print three tables."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "oracles" / "daidalus"
    tallies = {
        "B geodetic.csv": Tally(),
        "C bands.jsonl, bands_drone.jsonl": Tally(),
        "D sequences.jsonl": Tally(),
    }
    geodetic, bands, sequences = tallies.values()
    compare_geodetic(folder / "geodetic.csv.gz", config_of(folder, "do365b_kin"), geodetic)
    for file, names in (
        ("bands.jsonl.gz", ("do365b_kin", "do365b_inst", "cd3d_inst", "buffered_b_kin", "do365b_limited")),
        ("bands_drone.jsonl.gz", ("drone_kin", "drone_inst")),
    ):
        some = records(folder / file)
        for name in names:
            compare_bands(some, name, config_of(folder, name), bands)
    known = json.loads((folder / "known_deviations.json").read_text())["sequences_with_memory"]["rows"]
    compare_sequences(
        records(folder / "sequences.jsonl.gz"),
        config_of(folder, "do365b_hyst"),
        config_of(folder, "do365b_kin"),
        {(row["seq"], row["t"]): row["fields"] for row in known},
        sequences,
    )
    for title, tally in tallies.items():
        print(f"{title}\n\n{tally.table()}\n")
    for tally in tallies.values():
        for (config, column), where in tally.differing.items():
            print(f"differs: {config}, {column}: {'; '.join(where)}")


if __name__ == "__main__":
    main()
