"""What the README shows is what the commands print."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BIN = Path(sys.executable).parent


def blocks(kind: str) -> list[str]:
    return re.findall(
        rf"^```{kind}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def commands() -> list[tuple[str, list[str]]]:
    """Return each ``$ wideberth …`` line with the lines shown below it."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks("console"):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:].split("  #")[0].strip(), []))
            elif found:
                found[-1][1].append(line.rstrip())
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder, in which the README's commands run one after another."""
    return tmp_path_factory.mktemp("readme")


def test_every_command_prints_what_the_readme_shows(folder: Path) -> None:
    """Line by line; a line that is only ``…`` stands for any number of lines."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    shown = [
        (command, lines) for command, lines in commands() if command.startswith(("wideberth", "make demo"))
    ]
    assert len(shown) >= 4

    for command, lines in shown:
        runs = "wideberth demo" if command == "make demo" else command  # make only sets up before it
        done = subprocess.run(
            runs, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        if any(lines):
            printed = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
            pattern = "\n".join(lines).strip()
            expected = ".*".join(re.escape(piece) for piece in re.split(r"^…$", pattern, flags=re.MULTILINE))
            assert re.fullmatch(expected, printed, re.DOTALL), f"$ {command}\n{printed}"


def test_the_python_example_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's Python lines give what stands below them."""
    if not (folder / "scenes.parquet").is_file():
        subprocess.run(
            [BIN / "wideberth", "scenes", "--tracks", "scenes.parquet"],
            cwd=folder,
            check=True,
            capture_output=True,
        )
    monkeypatch.chdir(folder)
    for block in blocks("python"):
        test = doctest.DocTestParser().get_doctest(block, {}, "README", str(README), 0)
        assert test.examples
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(test)
        assert result.failed == 0
