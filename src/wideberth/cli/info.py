"""``wideberth info``: what is in some files, and what cleaning makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from wideberth.tracks import Tracks


def info(
    files: Annotated[list[str] | None, typer.Argument(help="Files, globs, folders or archives; - for standard input.")] = None,
    formats: Annotated[bool, typer.Option("--formats", help="List the formats that can be read.")] = False,
    keep_all: Annotated[bool, typer.Option("--keep-all", help="Clean nothing but rows that cannot be used at all.")] = False,
    format: Annotated[str | None, typer.Option(help="Read as this format.")] = None,
    columns: Annotated[str | None, typer.Option(help="Names of columns: altitude_ft=ALT:m,t=when.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:  # fmt: skip
    """Say what is in some files: format, rows, aircraft, times, places, and what was set aside and why."""
    from wideberth.cli import show
    from wideberth.errors import UsageError, WideberthError
    from wideberth.read import formats as registry
    from wideberth.read import read, sources
    from wideberth.read.columns_option import parse_columns

    if formats:
        _print_formats(as_json=as_json)
        return
    if not files:
        raise UsageError("name at least one file, or ask for --formats.")
    mapping = None if columns is None else parse_columns(columns)
    parts = list(sources.expand(files))
    found: list[dict[str, Any]] = []
    failures: list[tuple[str, WideberthError]] = []
    with show.progress(is_quiet=as_json) as tell:
        for part in parts:
            tell(f"reading {part.name}")
            try:
                chosen = registry.detect(part, format)
                tracks = read(part, format=format, columns=mapping, keep_all=keep_all)
            except WideberthError as error:
                failures.append((part.name, error))
                continue
            found.append({"file": part.name, "format": chosen.name, **describe(tracks)})
    if as_json:
        for entry in found:
            entry["cleaning"] = entry["cleaning"].as_dict()
        show.json_out(
            {"files": found, "unreadable": [{"file": name, "error": str(e)} for name, e in failures]}
        )
    else:
        for entry in found:
            _print_file(entry)
        for name, failure in failures:
            show.out(f"{name}: not readable: {failure}\n")
    if failures and not found:
        raise failures[0][1]


def describe(tracks: Tracks) -> dict[str, Any]:
    """Return the extent of some tracks and what cleaning did, as plain data."""
    import numpy as np

    from wideberth import tables

    about: dict[str, Any] = {"aircraft": len(tracks.aircraft), "cleaning": tracks.cleaning}
    if len(tracks):
        same = np.diff(np.repeat(np.arange(len(tracks.aircraft)), np.diff(tracks.begin))) == 0
        steps_s = np.diff(tracks.t_us)[same] / 1e6
        about["first"], about["last"] = (
            tables.instant_text(t) for t in (tracks.t_us.min(), tracks.t_us.max())
        )
        about["median_step_s"] = float(np.median(steps_s)) if steps_s.size else None
        for name in ("lat_deg", "lon_deg", "altitude_ft", "height_m", "groundspeed_kt"):
            values = tracks.numbers(name)
            known = values[~np.isnan(values)]
            if known.size:
                about[name] = [float(known.min()), float(known.max())]
        about["columns"] = {
            name: len(tracks) - tracks.table.column(name).null_count
            for name in tracks.table.column_names
            if not name.startswith("source_")
        }
        if "source" in tracks.table.column_names:
            counts = tracks.table.column("source").combine_chunks().value_counts()
            about["sources"] = {str(c["values"]): c["counts"] for c in counts.to_pylist()}
    return about


def _print_file(entry: dict[str, Any]) -> None:
    from wideberth.cli import show

    show.out(f"{entry['file']}: {entry['format']}, {entry['aircraft']:,} aircraft")
    if "first" in entry:
        step = (
            ""
            if entry["median_step_s"] is None
            else f", a sample every {entry['median_step_s']:g} s (median)"
        )
        show.out(f"  {entry['first'][:19]}Z to {entry['last'][:19]}Z{step}")
        ranges = [
            f"{name.rsplit('_', 1)[0]} {entry[name][0]:,.6g} to {entry[name][1]:,.6g} {name.rsplit('_', 1)[1]}"
            for name in ("lat_deg", "lon_deg", "altitude_ft", "height_m", "groundspeed_kt")
            if name in entry
        ]
        show.out("  " + "; ".join(ranges))
        show.out("  columns: " + ", ".join(f"{name} {n:,}" for name, n in entry["columns"].items()))
        if "sources" in entry:
            show.out("  sources: " + ", ".join(f"{name} {n:,}" for name, n in entry["sources"].items()))
    for line in show.cleaning_lines(entry["cleaning"]):
        show.out("  " + line)
    show.out("")


def _print_formats(*, as_json: bool) -> None:
    from wideberth.cli import show
    from wideberth.read import formats as registry

    if as_json:
        show.json_out(
            [
                {"name": f.name, "title": f.title, "extra": f.extra, "bounded": f.bounded}
                for f in registry.FORMATS
            ]
        )
        return
    table = show.Sheet(("name", "what", "memory", "needs"), wraps={"what": 20, "needs": 20})
    for f in registry.FORMATS:
        needs = f'pip install "wideberth[{f.extra}]"' if f.extra else ""
        table.add_row(f.name, f.title, "bounded" if f.bounded else "whole file", needs)
    show.out(table)
