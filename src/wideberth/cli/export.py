"""``wideberth export``: what was found, for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wideberth.cli.screen import least_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from wideberth.encounters import Encounters
    from wideberth.incidents import Incidents
    from wideberth.report.load import Loaded
    from wideberth.tracks import Tracks


def export(
    where: Annotated[str, typer.Argument(help="Folder of 'wideberth judge -o', or a file of it; encounters of 'wideberth screen -o'; a ledger (path or URL), or an export of one; an agreement (.yaml), for its places alone.", show_default=False)],
    output: Annotated[list[Path], typer.Option("--output", "-o", help="Write .kml, .kmz, .czml, .geojson, .csv or .parquet. Can be repeated.", show_default=False)],
    agreement: Annotated[Path | None, typer.Option("--agreement", "-a", help="The agreement file: KML, KMZ and CZML show its places and tell its sentences.")] = None,
    tracks: Annotated[list[str] | None, typer.Option("--tracks", "-t", help="The recording: KML, KMZ and CZML show the aircraft around each finding. Can be repeated.")] = None,
    around: Annotated[str, typer.Option(help="How long before and after each finding its tracks are shown.")] = "5min",
    format: Annotated[str | None, typer.Option(help="'asterix': CAT004-like JSON.")] = None,
    trust: Annotated[str, typer.Option(help="Only what is at least so much trusted: credible, doubtful, or all.")] = "all",
    minima: Annotated[str | None, typer.Option("--minima", "-m", help="By which named minima encounters in CSV were screened, which it cannot tell.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:  # fmt: skip
    """Write findings or encounters for Google Earth, Cesium, GIS, data frames or ASTERIX tools."""
    from wideberth import tables, units
    from wideberth.agreement.load import Agreement
    from wideberth.cli import show
    from wideberth.errors import UsageError
    from wideberth.report import export as exporting

    least_of(trust)
    margin_s = units.parse_duration_s(around)
    if Path(where).suffix.lower() in (".yaml", ".yml"):
        if tracks or agreement or format:
            raise UsageError(
                f"'{where}' is an agreement: only its places are written, of which there is no more."
            )
        terms = Agreement.load(where)
        with tables.Together() as together:
            for path in output:
                exporting.write_places(terms, path, together)
        _done(output, [f"{len(terms.places):,} places"], is_quiet=quiet)
        return
    formats = [exporting.format_of(path, format) for path in output]
    can_show = [f".{each}" in tables.MAP_ENDINGS for each in formats]
    if (tracks or agreement) and not any(can_show):
        raise UsageError(
            f"--tracks and --agreement are for {', '.join(tables.MAP_ENDINGS)}: name such a file."
        )
    given = None if agreement is None else Agreement.load(agreement)
    with show.progress(is_quiet=quiet) as tell:
        tell(f"reading {where}")
        loaded = loaded_from(where, minima)
        findings = _trusted(loaded, trust)
        recorded = read_tracks(tracks, tell) if tracks else None
        with tables.Together() as together:
            for path, is_shown in zip(output, can_show, strict=True):
                tell(f"writing {path}")
                exporting.write(
                    findings,
                    path,
                    tracks=recorded if is_shown else None,
                    agreement=given if is_shown else None,
                    terms=loaded.terms if given is None else None,
                    margin_s=margin_s,
                    format=format,
                    among=together,
                )
    missing = len(loaded.findings) - len(findings)
    noun = "encounters" if "hmd_m" in findings.table.column_names else "incidents"
    told = [f"{len(findings):,} {noun}", *([f"{missing:,} less trusted left out"] if missing else [])]
    _done(output, [*told, *loaded.left_out], is_quiet=quiet)


def loaded_from(where: str, minima: str | None) -> Loaded:
    """Return findings, by the name of minima where they cannot tell them."""
    from wideberth.minima import resolve
    from wideberth.report import load

    return load.findings(where, minima=None if minima is None else resolve(minima, None, None))


def _trusted(loaded: Loaded, trust: str) -> Encounters | Incidents:
    from wideberth import encounters

    if trust == "all":
        return loaded.findings
    if isinstance(loaded.findings, encounters.Encounters):
        return loaded.findings.trusted(trust)
    return loaded.findings.trusted(least_of(trust))


def read_tracks(files: list[str], tell: Callable[[str], None]) -> Tracks:
    """Return the recording in some files."""
    from wideberth import read

    return read(files[0] if len(files) == 1 else files, progress=lambda name: tell(f"reading {name}"))


def _done(output: list[Path], told: list[str], *, is_quiet: bool) -> None:
    from wideberth.cli import show

    if is_quiet:
        return
    for each in told:
        show.out(show.plain(each))
    for path in output:
        show.out(f"written: {path}")
