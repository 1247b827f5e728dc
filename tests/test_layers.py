"""Imports point one way, and importing the package loads nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "wideberth"
ROOT = "wideberth"

# From the top down; a part may import from the layers below its own.
LAYERS = (
    {"__main__"},
    {"cli"},
    {"serve", "report"},
    {"ledger"},
    {"guide", "plan"},
    {"judge"},
    {"screen"},
    {"trust"},
    {"read"},
    {"agreement", "encounters", "incidents", "minima", "simulate", "tables", "tracks"},
    {"kernels"},
    {"columns", "errors", "units"},
)
LAYER = {part: depth for depth, parts in enumerate(LAYERS) for part in parts}
NOUNS = LAYERS[-3] - {"simulate"}
BASE = LAYERS[-1]

# A noun's convenience method may reach up from inside a function: (module, part it reaches).
UPWARD = {
    ("wideberth.encounters", "trust"),
    ("wideberth.encounters", "report"),
    ("wideberth.incidents", "report"),
    ("wideberth.tables", "report"),
    ("wideberth.tracks", "report"),
    ("wideberth.agreement.load", "report"),
}

HEAVY = {"numba", "numpy", "pandas", "polars", "pyarrow", "scipy"}


@dataclass(frozen=True)
class Import:
    """One import of a wideberth module: who, what, and whether it runs when ``importer`` is imported."""

    importer: str
    imported: str
    kind: str  # "module", "function" or "typing"

    @property
    def parts(self) -> tuple[str, str]:
        return part_of(self.importer), part_of(self.imported)


def part_of(module: str) -> str:
    """Return the folder or file below the package that a module belongs to; "" for the package."""
    return module.partition(".")[2].partition(".")[0]


def modules() -> dict[str, Path]:
    """Return every module of the package by its dotted name."""
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = [ROOT, *path.relative_to(PACKAGE).with_suffix("").parts]
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def imports_in(source: str, importer: str, known: set[str], is_package: bool = False) -> list[Import]:
    """Return the imports of wideberth modules that a source text makes."""
    found: list[Import] = []

    def visit(node: ast.AST, kind: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            kind = "function"
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            for statement in node.body:
                visit(statement, "typing")
            for statement in node.orelse:
                visit(statement, kind)
            return
        if isinstance(node, ast.Import):
            found.extend(Import(importer, a.name, kind) for a in node.names if a.name.split(".")[0] == ROOT)
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = importer.split(".")[
                    : None if is_package and node.level == 1 else is_package - node.level
                ]
                base = ".".join([*up, base]).rstrip(".")
            if base.split(".")[0] == ROOT:
                for alias in node.names:
                    inner = f"{base}.{alias.name}"
                    # `from wideberth import __version__` is a name of the package, not a module of it.
                    found.append(Import(importer, inner if inner in known or base == ROOT else base, kind))
        for child in ast.iter_child_nodes(node):
            visit(child, kind)

    visit(ast.parse(source), "module")
    return found


def all_imports() -> list[Import]:
    paths = modules()
    return [
        found
        for name, path in paths.items()
        if name != ROOT
        for found in imports_in(path.read_text("utf-8"), name, set(paths), path.name == "__init__.py")
    ]


def wrong_with(edge: Import) -> str | None:
    """Return what is wrong with an import, or None."""
    importer, imported = edge.parts
    if importer == imported or edge.imported == f"{ROOT}.__version__":
        return None
    if imported not in LAYER:
        return f"{edge.importer} imports {edge.imported}: name the module it lives in"
    if importer == "simulate" and imported not in NOUNS | BASE:
        return f"{edge.importer} imports {edge.imported}: simulate shares no code with what it tests"
    if LAYER[imported] > LAYER[importer] or {importer, imported} <= BASE:
        return None
    if imported in NOUNS and importer in NOUNS | {"simulate"}:
        return None
    if edge.kind != "module" and (edge.importer, imported) in UPWARD:
        return None
    return f"{edge.importer} imports {edge.imported} ({edge.kind}): that is not below it"


def test_every_module_has_a_layer() -> None:
    """A new folder or file says where it stands."""
    assert {part_of(name) for name in modules()} - {""} <= set(LAYER)


def test_imports_point_one_way() -> None:
    """From cli through screen and read down to units; a listed method of a noun may reach up."""
    assert [problem for edge in all_imports() if (problem := wrong_with(edge))] == []


def test_upward_imports_are_not_listed_in_vain() -> None:
    """An exception that no longer happens is taken off the list."""
    assert {(edge.importer, edge.parts[1]) for edge in all_imports()} >= UPWARD


def test_no_cycle() -> None:
    """The imports that run when a module is imported make no circle."""
    graph: dict[str, set[str]] = {}
    for edge in all_imports():
        if edge.kind == "module" and edge.imported != edge.importer:
            graph.setdefault(edge.importer, set()).add(edge.imported)

    assert list(TopologicalSorter(graph).static_order())  # raises CycleError, naming the circle


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("wideberth.tracks", "from wideberth.screen import screen"),
        ("wideberth.tracks", "import wideberth.read.clean"),
        ("wideberth.tracks", "def f():\n    from wideberth import screen"),
        ("wideberth.tracks", "if TYPE_CHECKING:\n    from wideberth.cli import main"),
        ("wideberth.read.sbs", "from ..screen import pairs"),
        ("wideberth.kernels.cpa", "from wideberth.tracks import Tracks"),
        ("wideberth.units", "from wideberth.kernels import geodesy"),
        ("wideberth.simulate.scenes", "from wideberth.kernels.geodesy import surface_point"),
        ("wideberth.minima", "from wideberth.simulate import scenes"),
        ("wideberth.report.html", "from wideberth.serve import app"),
        ("wideberth.screen.pairs", "from wideberth import Tracks"),
    ],
)
def test_a_wrong_import_is_seen(importer: str, source: str) -> None:
    """Each way of importing upward, sideways or through the package is found and refused."""
    (edge,) = imports_in(
        source, importer, {"wideberth.screen", "wideberth.screen.pairs", "wideberth.read.clean"}
    )

    assert wrong_with(edge)


def test_the_package_itself_imports_the_standard_library_only() -> None:
    """wideberth/__init__.py loads nothing but the standard library until a name is used."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    names = [
        alias.name if isinstance(node, ast.Import) else node.module or ""
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]

    assert names
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def loaded_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after some code."""
    report = "\nimport sys; print(*{m.partition('.')[0] for m in sys.modules}, sep='\\n', file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import wideberth` loads neither a compiler nor a table library."""
    loaded = loaded_after("import wideberth")

    assert "wideberth" in loaded
    assert not loaded & HEAVY


def test_help_loads_nothing_heavy() -> None:
    """`wideberth --help` answers without a compiler or a table library."""
    loaded = loaded_after(
        "import sys; sys.argv = ['wideberth', '--help']\n"
        "from wideberth.cli import main\n"
        "try:\n    main()\nexcept SystemExit as done:\n    assert not done.code, done.code\n"
    )

    assert "typer" in loaded
    assert not loaded & HEAVY
