"""Write what the documentation takes from the code: columns, commands, minima, formats.

    python tools/reference.py            # rewrites the marked parts of docs/*.md
    python tools/reference.py --check    # changes nothing; status 1 and the names where a part is stale

A part stands between ``<!-- name -->`` and ``<!-- /name -->``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wideberth.columns import Column

DOCS = Path(__file__).parents[1] / "docs"
COMMANDS = (
    *(
        "",
        "demo",
        "info",
        "screen",
        "judge",
        "explain",
        "export",
        "plot",
        "guide",
        "agreement",
        "agreement check",
        "agreement explain",
    ),
    *(
        "",
        "demo",
        "info",
        "screen",
        "judge",
        "explain",
        "serve",
        "agreement",
        "agreement check",
        "agreement explain",
    ),
    *("agreement schema", "ledger", "ledger add", "ledger list", "ledger show", "ledger state"),
    *("ledger verify", "ledger export", "minima", "scenes"),
    *("", "demo", "info", "screen", "judge", "explain", "serve", "agreement", "agreement check"),
    *("agreement explain", "agreement schema", "ledger", "ledger add", "ledger list", "ledger show"),
    *("ledger state", "ledger verify", "ledger export", "minima", "scenes"),
)
WIDTH = 100


def table(*rows: tuple[str, ...]) -> str:
    """Return a Markdown table; the first row is its head."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def columns(described: Mapping[str, Column]) -> str:
    """Return a table of columns: name, type, unit, range, meaning."""
    rows = []
    for column in described.values():
        limits = ""
        if column.low is not None or column.high is not None:
            low, high = (f"{limit:,g}" if limit is not None else "" for limit in (column.low, column.high))
            limits = f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"
        kind = re.sub(r"dictionary<.*>", "text", str(column.type))
        name = f"`{column.name}`" + (" *" if column.required else "")
        rows.append((name, kind, column.unit, limits, column.meaning))
    return table(("name", "type", "unit", "range", "meaning"), *rows)


def track_columns() -> str:
    """Return the table of track columns."""
    from wideberth.columns import TRACK_COLUMNS

    return columns(TRACK_COLUMNS)


def encounter_columns() -> str:
    """Return the table of encounter columns."""
    from wideberth.columns import ENCOUNTER_COLUMNS

    return columns(ENCOUNTER_COLUMNS)


def incident_columns() -> str:
    """Return the table of incident columns."""
    from wideberth.columns import INCIDENT_COLUMNS

    return columns(INCIDENT_COLUMNS)


def count_columns(name: str) -> Callable[[], str]:
    """Return what makes the table of the columns of some counts."""

    def made() -> str:
        from wideberth import columns as described

        return columns(getattr(described, name))

    return made


def reasons() -> str:
    """Return the table of reasons for which a row is set aside."""
    from wideberth.tracks import REASONS

    return table(("reason", "meaning"), *((f"`{name}`", text) for name, text in REASONS.items()))


def minima() -> str:
    """Return the table of named minima."""
    from wideberth.minima import PRESETS

    rows = ((f"`{name}`", str(m), m.source) for name, m in PRESETS.items())
    return table(("name", "horizontal and vertical", "source"), *rows)


def configurations() -> str:
    """Return the table of named configurations of guidance."""
    from wideberth.guide.config import Config
    from wideberth.guide.presets import PRESETS

    rows = ((f"`{name}`", text, Config.preset(name).source) for name, text in PRESETS.items())
    return table(("name", "what it is", "source"), *rows)


def limits() -> str:
    """Return the table of limits by which trust is judged: name, value, what it is and why."""
    from dataclasses import fields

    from wideberth.trust.limits import DEFAULT, Limits

    said: dict[str, str] = {}
    names: list[str] = []
    for line in (Limits.__doc__ or "").split("Attributes:")[1].splitlines():
        head = re.match(r" {8}([a-z0-9_, ]+): (.*)", line)
        if head:
            names = head[1].split(", ")
            said |= dict.fromkeys(names, head[2])
        elif line.strip():
            said |= {name: f"{said[name]} {line.strip()}" for name in names}
    rows = (
        (f"`{each.name}`", f"{getattr(DEFAULT, each.name):g}", said[each.name].replace("``", "`"))
        for each in fields(Limits)
    )
    return table(("limit", "default", "what, and why"), *rows)


def commands() -> str:
    """Return what ``--help`` prints for each command."""
    environment = {**os.environ, "COLUMNS": str(WIDTH), "TERM": "dumb", "NO_COLOR": "1"}
    program = Path(sys.executable).parent / "wideberth"
    blocks = []
    for command in COMMANDS:
        words = ["wideberth", *command.split(), "--help"]
        done = subprocess.run(
            [program, *words[1:]], env=environment, capture_output=True, text=True, check=True
        )
        shown = "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())
        title = f"`wideberth {command}`" if command else "`wideberth`"
        blocks.append(f"## {title}\n\n```console\n$ {' '.join(words)}\n{shown}\n```")
    return "\n\n".join(blocks)


PARTS: Mapping[str, Callable[[], str]] = {
    "columns.md#tracks": track_columns,
    "columns.md#encounters": encounter_columns,
    "columns.md#incidents": incident_columns,
    "columns.md#rates": count_columns("RATE_COLUMNS"),
    "columns.md#stretches": count_columns("STRETCH_COLUMNS"),
    "columns.md#guidance": count_columns("GUIDANCE_COLUMNS"),
    "columns.md#days": count_columns("DAY_COLUMNS"),
    "columns.md#rule-days": count_columns("RULE_DAY_COLUMNS"),
    "columns.md#reasons": reasons,
    "screening.md#minima": minima,
    "guidance.md#configurations": configurations,
    "trust.md#limits": limits,
    "commands.md#commands": commands,
}


def renewed(text: str, part: str, content: str) -> str:
    """Return a page with one marked part replaced; ValueError where the page has no such part."""
    pattern = re.compile(rf"(<!-- {part} -->\n).*?(<!-- /{part} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no part <!-- {part} --> … <!-- /{part} -->")
    return pattern.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


def main() -> int:
    """Rewrite the pages, or check them."""
    is_check = "--check" in sys.argv[1:]
    stale = []
    for name, made in PARTS.items():
        page, _, part = name.partition("#")
        before = (DOCS / page).read_text("utf-8")
        after = renewed(before, part, made())
        if after != before:
            stale.append(name)
            if not is_check:
                (DOCS / page).write_text(after, "utf-8")
    if is_check and stale:
        print(f"stale: {', '.join(stale)}. Run: make reference", file=sys.stderr)
    return int(is_check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
