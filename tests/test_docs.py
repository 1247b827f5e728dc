"""The documentation says what the code says: columns, commands, minima, formats; examples run."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import wideberth
from wideberth.read import formats

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def test_the_parts_taken_from_the_code_are_up_to_date() -> None:
    """Tables of columns, reasons and minima and every ``--help`` are those of this very code."""
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "reference.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_every_format_is_described() -> None:
    """The table of formats names each, and no other, and says which bound memory."""
    rows = re.findall(
        r"^\| `([a-z-]+)` \| [^|]+ \| ([^|]+) \|", (DOCS / "formats.md").read_text("utf-8"), re.MULTILINE
    )
    described = dict(rows)

    assert set(described) == {each.name for each in formats.formats()}
    for each in formats.formats():
        assert each.bounded == ("whole" not in described[each.name]), each.name


def test_every_page_can_be_found() -> None:
    """Each page stands in the navigation and on the first page."""
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8")
    first = (DOCS / "index.md").read_text("utf-8")
    for page in DOCS.glob("*.md"):
        assert page.name in navigation
        assert page.name in first or page.name == "index.md"


def test_every_source_that_the_code_names_is_there() -> None:
    """A docstring or comment that cites docs/PAGE.md#PART cites a part that is there."""
    cited = set()
    for path in (ROOT / "src").rglob("*.py"):
        cited |= set(re.findall(r"docs/([a-z]+\.md)(?:#([a-z-]+))?", path.read_text("utf-8")))

    assert cited
    for page, part in cited:
        text = (DOCS / page).read_text("utf-8")
        assert not part or f"{{ #{part} }}" in text, f"{page}#{part}"


def modules_with_examples() -> list[str]:
    names = []
    for found in pkgutil.walk_packages(wideberth.__path__, "wideberth."):
        if found.name == "wideberth.__main__":
            continue
        source = Path(importlib.util.find_spec(found.name).origin)  # type: ignore[union-attr,arg-type]
        if ">>> " in source.read_text("utf-8"):
            names.append(found.name)
    return names


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_in_docstrings_run(name: str) -> None:
    """Each prints what stands below it."""
    result = doctest.testmod(importlib.import_module(name))

    assert result.attempted
    assert result.failed == 0


def test_the_project_speaks_of_itself_alone() -> None:
    """No file that is tracked names a path of somebody's machine."""
    for path in [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *(ROOT / "src").rglob("*.py")]:
        assert not re.search(r"/(?:home|root|work|Users)/", path.read_text("utf-8")), path
