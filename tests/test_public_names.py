"""The public names: sorted, complete, resolved when first used."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import inspect
from pathlib import Path

import pytest

import wideberth

SOURCE = Path(wideberth.__file__).read_text("utf-8")


def names_for_type_checkers() -> dict[str, str]:
    """Return the names under TYPE_CHECKING in the package, each with the module it comes from."""
    (block,) = [
        node
        for node in ast.parse(SOURCE).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {
        alias.asname or alias.name: node.module or ""
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_type_checkers_see_what_users_get() -> None:
    """A name is exported to type checkers from the module that the running package takes it from."""
    assert names_for_type_checkers() == wideberth._HOMES
    assert sorted(wideberth.__all__) == sorted(wideberth._HOMES)


def test_names_are_sorted() -> None:
    """Constants, then classes, then functions, each by the alphabet."""

    def key(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)

    assert wideberth.__all__ == sorted(wideberth.__all__, key=key)


@pytest.mark.parametrize("name", wideberth.__all__)
def test_a_public_name_resolves_and_explains_itself(name: str) -> None:
    """Every public name is there, is no module, and what can carry a docstring has one."""
    value = getattr(wideberth, name)

    assert not inspect.ismodule(value)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value)


def test_dir_shows_the_public_names() -> None:
    """Completion in a notebook offers the public names and nothing else."""
    assert dir(wideberth) == sorted([*wideberth.__all__, "__version__"])


@pytest.mark.parametrize("verb", ["read", "screen", "guide"])
def test_a_verb_stays_the_verb_after_its_folder_was_imported(verb: str) -> None:
    """`import wideberth.read` does not put the module in the place of the function."""
    importlib.import_module(f"wideberth.{verb}")

    assert inspect.isfunction(getattr(wideberth, verb))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A slip of the pen says which name is not there."""
    with pytest.raises(AttributeError, match="no attribute 'scren'"):
        wideberth.scren  # noqa: B018


def test_version_is_the_installed_one() -> None:
    """`wideberth.__version__` and the installed distribution agree."""
    assert wideberth.__version__ == importlib.metadata.version("wideberth")
