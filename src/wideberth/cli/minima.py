"""``wideberth minima``: the named minima and where their figures come from."""

from __future__ import annotations

from typing import Annotated

import typer


def minima(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the named minima, each with its source."""
    from wideberth.cli import show
    from wideberth.minima import PRESETS

    if as_json:
        show.json_out({name: vars(m) for name, m in PRESETS.items()})
        return
    table = show.Sheet(("name", "horizontal and vertical", "source"), wraps={"source": 20})
    for name, m in PRESETS.items():
        table.add_row(name, str(m), m.source)
    show.out(table)
    show.out(
        "\nA preset is a pair of figures, not a standard that wideberth vouches for: minima belong to an authority."
    )
