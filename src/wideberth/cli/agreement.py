"""``wideberth agreement``: check an agreement file, explain it, or print the schema of such files."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer looks at it while running
from typing import Annotated

import typer

app = typer.Typer(
    name="agreement",
    help="Check an agreement file, explain it in plain sentences, or print its JSON Schema.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The agreement file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check an agreement file: every fault, with its line and what would be right."""
    from wideberth.agreement.load import Agreement
    from wideberth.cli import show
    from wideberth.errors import AgreementError

    try:
        found = Agreement.load(file)
    except AgreementError as error:
        if not as_json:
            for fault in error.faults:
                show.out(str(fault))
            count = len(error.faults)
            show.out(f"\n{count} {'fault' if count == 1 else 'faults'} in {file}.")
        else:
            show.json_out({"faults": [vars(fault) for fault in error.faults]})
        raise typer.Exit(1) from None
    if as_json:
        warnings = [vars(each) for each in found.warnings]
        show.json_out({"faults": [], "warnings": warnings, "name": found.name, "digest": found.digest})
        return
    for each in found.warnings:
        show.out(f"Look again: {each}")
    counts = (
        (len(found.parties), "party", "parties"), (len(found.places), "place", "places"),
        (len(found.rules), "rule", "rules"), (len(found.permissions), "permission", "permissions"),
    )  # fmt: skip
    show.out(
        f"{found.name}: "
        + ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts)
        + ". No fault."
    )
    show.out(f"SHA-256 {found.digest}")


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="The agreement file.")],
    drawing: Annotated[
        Path | None, typer.Option("--map", help="Also draw its places: a name that ends in .svg.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say in plain sentences what an agreement file means, and draw it."""
    from wideberth.agreement import draw
    from wideberth.agreement import explain as words
    from wideberth.agreement.load import Agreement
    from wideberth.cli import show
    from wideberth.errors import UsageError

    if drawing is not None and drawing.suffix.lower() != ".svg":
        raise UsageError(f"'{drawing}': the map is an SVG picture. End the name in .svg.")
    found = Agreement.load(file)
    told = list(words.sentences(found))
    if as_json:
        show.json_out([{"about": heading, "sentence": text} for heading, text in told])
    else:
        before = ""
        for heading, text in told:
            if heading != before:
                show.out(f"\n{heading}")
                before = heading
            show.out(f"  {text}" if heading else text)
    if drawing is not None:
        draw.write(found, drawing)
        if not as_json:
            show.out(f"\nwritten: {drawing}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of agreement files, for editors."""
    from wideberth.agreement.schema import json_schema
    from wideberth.cli import show

    show.json_out(json_schema())
