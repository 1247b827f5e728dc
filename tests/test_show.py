"""What commands print fits the terminal: ids and headings whole, and what is left out is named."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

import wideberth as wb
from wideberth import simulate
from wideberth.cli import judge as judging
from wideberth.cli import show
from wideberth.cli.screen import encounter_table
from wideberth.simulate import euphrates

WIDTHS = (80, 100, 140)


def printed(table: Any, width: int) -> str:
    """Return what a terminal of some width shows of a table."""
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False, color_system=None, force_terminal=True).print(table)
    return stream.getvalue()


@cache
def month() -> wb.Incidents:
    """The demo's month, judged."""
    return wb.judge(euphrates.tracks(), wb.Agreement.parse(euphrates.agreement_text()))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_finding_s_id_is_whole_and_no_line_too_long(width: int) -> None:
    """Whoever reads an id in the table can give it to explain."""
    findings = month().findings()
    shown = printed(judging.incident_table(findings, 20), width)

    ids = {each for each in findings["id"].to_pylist() if each in shown}
    assert len(ids) == 20
    assert max(map(cell_len, shown.splitlines())) <= width
    assert ("Left out, for want of room: began (UTC)" in shown) == (width in (80, 100))


@pytest.mark.parametrize("width", WIDTHS)
def test_headings_are_whole_or_named_as_left_out(width: int) -> None:
    """Rules and encounters keep what matters most: verdicts, aircraft, distances."""
    rules = printed(judging.rule_table(month()), width)
    encounters = printed(encounter_table(wb.screen(simulate.crossing()), 20), width)

    for name in ("rule", "aircraft", "flights", "hours", "not heard", "broken", "excused", "unknown", "kept"):
        assert name in rules
    for name in (
        "closest (UTC)",
        "aircraft",
        "and",
        "inside",
        "hmd",
        "least vertical",
        "retained",
        "crossing",
    ):
        assert name in encounters
    for shown, kept in ((rules, "broken   excused   unknown"), (encounters, "hmd")):
        assert kept in shown.partition("─")[0]
        assert max(map(cell_len, shown.splitlines())) <= width
    assert ("Left out" in rules) == (width < 140)
    assert ("Left out" in encounters) == (width < 140)


def test_what_is_left_out_together_goes_together() -> None:
    """Two parties are treated alike."""
    table = show.Sheet(("day", "one crossings", "two crossings"), spare=[("one crossings", "two crossings")])
    table.add_row("2017-11-01", "1", "2")

    assert "two crossings" in printed(table, 46).partition("─")[0]
    assert "one crossings, two crossings." in " ".join(printed(table, 38).split())


def test_text_of_others_is_no_markup() -> None:
    """A callsign in brackets is shown as it is."""
    table = show.Sheet(("aircraft",))
    table.add_row("[bold]X[/bold]")

    assert "[bold]X[/bold]" in printed(table, 80)
