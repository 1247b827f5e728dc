"""The list of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from wideberth import __version__
from wideberth.cli import (
    agreement,
    demo,
    explain,
    export,
    guide,
    info,
    judge,
    ledger,
    minima,
    plot,
    report,
    scenes,
    screen,
    serve,
)

app = typer.Typer(
    name="wideberth",
    help="Who came too close, how close, and how sure, from recorded tracks of aircraft.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"wideberth {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Who came too close, how close, and how sure, from recorded tracks of aircraft."""


app.command("demo")(demo.demo)
app.command("info")(info.info)
app.command("screen")(screen.screen)
app.command("judge")(judge.judge)
app.command("explain")(explain.explain)
app.command("report")(report.report)
app.command("export")(export.export)
app.command("plot")(plot.plot)
app.command("guide")(guide.guide)
app.command("serve")(serve.serve)
app.add_typer(agreement.app, name="agreement")
app.command("minima")(minima.minima)
app.command("scenes")(scenes.scenes)
app.add_typer(ledger.app, name="ledger")
