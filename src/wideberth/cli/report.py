"""``wideberth report``: findings as one HTML file that a person opens and understands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer


def report(
    where: Annotated[str, typer.Argument(help="Folder of 'wideberth judge -o', incidents or encounters (.parquet, .csv, .geojson), a ledger (path or URL), or an export of one.", show_default=False)],
    tracks: Annotated[list[str] | None, typer.Option("--tracks", "-t", help="The recording that was judged: its ways are drawn, and findings replayed. Can be repeated.")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file.")] = Path("report.html"),
    agreement: Annotated[Path | None, typer.Option("--agreement", "-a", help="The agreement file, for its sentences and places where the findings come without.")] = None,
    redact: Annotated[list[str] | None, typer.Option("--redact", help="Leave out where a place is, and all positions in it: its name in the agreement, or LAT,LON,RADIUS such as 47.1,8.2,2NM. Can be repeated.")] = None,
    tiles: Annotated[str | None, typer.Option(help="Address of map tiles, with {z}, {x} and {y}: the page then asks that one host for them.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:  # fmt: skip
    """Write findings as one HTML file that opens offline: the answer, a map, charts, a table, and the reports behind each."""
    from wideberth import read
    from wideberth.agreement.load import Agreement
    from wideberth.cli import show
    from wideberth.report import basis_of_loaded, guided, load, page, redaction

    hidden = redaction.parse(redact or ())
    terms = None if agreement is None else Agreement.load(agreement)
    with show.progress(is_quiet=quiet) as tell:
        tell("reading findings")
        loaded = load.findings(where)
        recording = None
        if tracks:
            tell("reading tracks")
            recording = read(tracks[0] if len(tracks) == 1 else tracks)
        basis = basis_of_loaded(loaded, recording, terms, Path(where).name)
        basis = replace(basis, guidance=guided.read_beside(where))
        tell(f"writing {output}")
        size = page.write(redaction.applied(basis, hidden), output, tiles=tiles)
    if not quiet:
        show.out(f"written: {output} ({size / 1e6:.1f} MB, {len(loaded.findings):,} findings)")
        show.out(
            "It opens offline by a double click. The parties' data are in it: pass it on as you would those."
        )
