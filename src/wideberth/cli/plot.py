"""``wideberth plot``: one finding as a figure for a paper."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer looks at it while running
from typing import Annotated

import typer


def plot(
    id: Annotated[str, typer.Argument(help="Id of a finding or encounter, or its beginning: at least 4 characters.", show_default=False)],
    where: Annotated[str, typer.Argument(help="Folder of 'wideberth judge -o', or a file of it; encounters of 'wideberth screen -o'; a ledger (path or URL), or an export of one.", show_default=False)],
    tracks: Annotated[list[str], typer.Option("--tracks", "-t", help="The recording that it was found in. Can be repeated.", show_default=False)],
    output: Annotated[list[Path], typer.Option("--output", "-o", help="Write .png, .svg or .pdf. Can be repeated.", show_default=False)],
    agreement: Annotated[Path | None, typer.Option("--agreement", "-a", help="The agreement file: the minima, the line or the place are drawn.")] = None,
    minima: Annotated[str | None, typer.Option("--minima", "-m", help="By which named minima encounters in CSV were screened, which it cannot tell.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:  # fmt: skip
    """Draw one finding: plan view, vertical profile, and how far apart or how deep against time."""
    from wideberth import tables
    from wideberth.agreement.load import Agreement
    from wideberth.cli import show
    from wideberth.cli.export import loaded_from, read_tracks
    from wideberth.report import look_up, scene
    from wideberth.report import plot as drawing

    for path in output:
        drawing.check(path)
    with show.progress(is_quiet=quiet) as tell:
        findings = loaded_from(where, minima).findings
        ids = findings["id"].to_pylist()
        name = look_up.chosen(id, ids, where, lambda _: "")
        terms = None if agreement is None else Agreement.load(agreement)
        one = scene.scene(findings, name, read_tracks(tracks, tell), terms)
        tell("drawing")
        with tables.Together() as together:
            for path in output:
                drawing.write(one, path, together)
    for path in () if quiet else output:
        show.out(f"written: {path}")
