"""``wideberth scenes``: simulated traffic with known answers, found and known side by side."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer looks at it while running
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wideberth.cli.show import whole_number

if TYPE_CHECKING:
    import polars as pl

    from wideberth.encounters import Encounters

# What is promised of a screen against an independent computation; shorter or shallower encounters may differ.
TIMES_AGREE_S = 10e-6
DISTANCES_AGREE_M = 10e-6


def scenes(
    tracks: Annotated[Path | None, typer.Option("--tracks", help="Also write the simulated tracks: .parquet or .csv.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write the encounters: .parquet, .csv or .geojson.")] = None,
    bystanders: Annotated[int, typer.Option(parser=whole_number("--bystanders", 0, 1024), metavar="NUMBER", help="How many aircraft fly where nothing happens.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:  # fmt: skip
    """Screen simulated traffic with known answers, and print what was found beside what was known."""
    from wideberth import read, screen, simulate, tables
    from wideberth.cli import show

    with show.progress(is_quiet=as_json) as tell:
        tell("simulating")
        world = simulate.demo(number=bystanders)
        tell("screening")
        cleaned = read(world.tracks)
        encounters = screen(cleaned, minima="icao-enroute")
        with tables.Together() as files:
            if tracks is not None:
                tables.write(world.tracks.to_arrow(), tracks, files)
            if output is not None:
                encounters.write(output, files)
    rows, missing, extra = compare(world.truth, encounters)
    is_right = not missing and not extra and all(row["agrees"] for row in rows)
    if as_json:
        show.json_out(
            {"compared": rows, "missing": missing, "extra": extra, "silent": world.silent, "agrees": is_right}
        )
    else:
        _print(world, rows, encounters, len(cleaned), missing, extra)
    if not is_right:
        raise typer.Exit(1)


def compare(truth: pl.DataFrame, encounters: Encounters) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """Set each known encounter beside the one found of the same pair, in order of time.

    Returns:
        One row per known encounter that was found; pairs with one missing; pairs with one too many.
    """
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in encounters:
        found.setdefault((row["icao24_a"], row["icao24_b"]), []).append(row)
    rows, missing = [], []
    for known in truth.sort("t_in").iter_rows(named=True):
        pair = (known["icao24_a"], known["icao24_b"])
        if not found.get(pair):
            missing.append(f"{known['scene']}: {' and '.join(pair)}")
            continue
        seen = found[pair].pop(0)
        times_s = [abs((seen[name] - known[name]).total_seconds()) for name in ("t_in", "t_out")]
        distances_m = [abs(seen["hmd_m"] - known["hmd_m"])]
        distances_m += [abs(seen[name] - known[name]) * 0.3048 for name in ("vertical_ft_at_cpa", "vmd_ft")]
        rows.append(
            {
                "scene": known["scene"],
                "icao24_a": pair[0],
                "icao24_b": pair[1],
                "t_cpa": seen["t_cpa"],
                "known_hmd_m": known["hmd_m"],
                "found_hmd_m": seen["hmd_m"],
                "known_vmd_ft": known["vmd_ft"],
                "found_vmd_ft": seen["vmd_ft"],
                "known_s": (known["t_out"] - known["t_in"]).total_seconds(),
                "found_s": (seen["t_out"] - seen["t_in"]).total_seconds(),
                "time_difference_s": max(times_s),
                "distance_difference_m": max(distances_m),
                "agrees": max(times_s) <= TIMES_AGREE_S and max(distances_m) <= DISTANCES_AGREE_M,
            }
        )
    extra = [" and ".join(pair) for pair, left in found.items() for _ in left]
    return rows, missing, extra


def _print(
    world: Any,
    rows: list[dict[str, Any]],
    encounters: Encounters,
    samples: int,
    missing: list[str],
    extra: list[str],
) -> None:
    from wideberth.cli import show

    show.out("All of this is simulated: made-up aircraft whose encounters are known by construction.")
    show.out(
        f"{samples:,} samples of {encounters.screening.aircraft:,} aircraft, screened at {encounters.minima}.\n"
    )
    right = ("known hmd", "found hmd", "known vmd", "found vmd", "known for", "found for")
    table = show.Sheet(
        ("scene", *right, ""),
        right,
        wraps={"scene": 10},
        spare=(("known for", "found for"), ("known vmd", "found vmd")),
    )
    order = {
        name: place for place, name in enumerate(world.truth["scene"].unique(maintain_order=True).to_list())
    }
    for row in sorted(rows, key=lambda r: (order[r["scene"]], r["t_cpa"])):
        table.add_row(
            row["scene"].replace("_", " "),
            *(f"{row[name]:,.3f} m" for name in ("known_hmd_m", "found_hmd_m")),
            *(f"{row[name]:,.1f} ft" for name in ("known_vmd_ft", "found_vmd_ft")),
            *(f"{row[name]:,.3f} s" for name in ("known_s", "found_s")),
            "agrees" if row["agrees"] else "DIFFERS",
        )
    show.out(table)
    silent = ", ".join(name.replace("_", " ") for name in world.silent)
    show.out(
        f"Kept apart, and found so: {silent}; and {encounters.screening.aircraft - _in_scenes(world):,} bystanders."
    )
    if rows:
        worst_s = max(row["time_difference_s"] for row in rows)
        worst_m = max(row["distance_difference_m"] for row in rows)
        show.out(
            f"{len(world.truth)} encounters known, {len(encounters)} found, {len(missing)} missing, {len(extra)} too many; "
            f"largest difference {worst_s * 1e6:.0f} µs, {worst_m * 1e6:.2f} µm."
        )
    for line in missing:
        show.out(f"MISSING: {line}")
    for line in extra:
        show.out(f"TOO MANY: {line}")


def _in_scenes(world: Any) -> int:
    """Return how many aircraft play in a scene: theirs are the addresses beside the bystanders'."""
    from wideberth import simulate

    return sum(simulate.scene(name).tracks["icao24"].n_unique() for name in simulate.SCENES)
