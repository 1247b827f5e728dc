"""Where compiled code is kept, when it is trusted, and how to do without."""

from __future__ import annotations

import ast
import logging
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from wideberth.kernels import _jit

PACKAGE = Path(_jit.__file__).parents[1]

CALLEE = """
from wideberth.kernels._jit import formula

@formula
def offset(x):
    return x + {offset}
"""

CALLER = """
import numpy as np
from wideberth.kernels._jit import kernel
from wideberth.kernels.callee import offset

@kernel
def offsets(x):
    out = np.empty(x.size)
    for i in range(x.size):
        out[i] = offset(x[i]) / x[i]
    return out
"""

SCRIPT = """
import logging
logging.basicConfig(format="%(levelname)s %(message)s")
import numpy as np
from wideberth.kernels import _jit
before = _jit.is_compiled("caller.offsets")
from wideberth.kernels.caller import offsets
print([float(x) for x in offsets(np.array([0.0, 2.0]))])
print(before, _jit.is_compiled("caller.offsets", "callee.offset"), _jit.is_compiled("caller.none"))
print(sum(offsets.stats.cache_hits.values()) if _jit.JIT else type(offsets).__name__)
"""

SETTINGS_SCRIPT = """
from pathlib import Path
from typing import Any
from numba import config, njit
from wideberth.kernels import _jit
config.CACHE_LOCATOR_CLASSES = "InTreeCacheLocator"
from wideberth.kernels.caller import offsets
print(Path(offsets._cache.cache_path).parent == _jit.cache_folder())
print(Path(config.CACHE_DIR).name, config.CACHE_LOCATOR_CLASSES)
"""

DIVISION_SCRIPT = """
import numpy as np
from wideberth.kernels import _jit

def quotient(x, y):
    return x / y

def quotients(x, y):
    out = np.empty(x.size)
    for i in _jit.prange(x.size):
        out[i] = x[i] / y[i]
    return out

_jit.cache_folder = lambda: None  # what stands on a command line has no file to be kept by
x, zero = np.array([1.0, -1.0, 0.0]), np.zeros(3)
for decorate in (_jit.kernel, _jit.columns):
    print(*decorate(quotients)(x, zero))
print(_jit.formula(quotient)(1.0, 0.0))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package with two small kernels of its own, one calling the other."""
    home = tmp_path / "lib" / "wideberth"
    kernels = home / "kernels"
    kernels.mkdir(parents=True)
    for name in ("__init__.py", "units.py", "errors.py", "kernels/__init__.py", "kernels/_jit.py"):
        shutil.copy(PACKAGE / name, home / name)
    (kernels / "callee.py").write_text(CALLEE.format(offset=1))
    (kernels / "caller.py").write_text(CALLER)
    return home


def run(
    package: Path, cache: Path, script: str = SCRIPT, **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("NUMBA_DISABLE_JIT", "NUMBA_CACHE_DIR")}
    paths = {"PYTHONPATH": str(package.parent), "WIDEBERTH_CACHE_DIR": str(cache)}
    return subprocess.run(
        [sys.executable, "-c", script],
        env=kept | paths | environment,
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.compiled
def test_a_second_process_loads_what_the_first_compiled(package: Path, tmp_path: Path) -> None:
    """The first run compiles and says that it must; the second finds it, and so does `is_compiled`."""
    first, second = (run(package, tmp_path / "cache").stdout.splitlines() for _ in range(2))

    assert first == ["[inf, 1.5]", "False True False", "0"]
    assert second == ["[inf, 1.5]", "True True False", "1"]


@pytest.mark.compiled
def test_an_edited_callee_is_noticed(package: Path, tmp_path: Path) -> None:
    """An edit in another file than the caller's gives the new numbers: the folder has another name."""
    cache = tmp_path / "cache"
    before = run(package, cache).stdout.splitlines()[0]
    (package / "kernels" / "callee.py").write_text(CALLEE.format(offset=4))
    after = run(package, cache).stdout.splitlines()[0]

    assert (before, after) == ("[inf, 1.5]", "[inf, 3.0]")
    assert len(list(cache.glob("kernels-*"))) == 2


@pytest.mark.compiled
def test_a_changed_constant_in_units_is_noticed(package: Path, tmp_path: Path) -> None:
    """Numba freezes the constants of units.py into what it compiles, so that file counts as well."""
    script = "from wideberth.kernels import _jit; print(_jit.cache_folder().name)"
    first, second = (run(package, tmp_path / "cache", script).stdout for _ in range(2))
    with (package / "units.py").open("a") as units:
        units.write("\nSOMETHING = 1.0\n")

    assert first == second != run(package, tmp_path / "cache", script).stdout


@pytest.mark.compiled
def test_an_unwritable_folder_is_told_and_done_without(package: Path, tmp_path: Path) -> None:
    """Where the chosen folder cannot be, the one beside the sources serves; where neither can, none does."""
    (tmp_path / "file").write_text("no folder")
    beside = run(package, tmp_path / "file" / "cache")
    shutil.rmtree(package / "kernels" / "__pycache__")
    (package / "kernels" / "__pycache__").write_text("no folder either")
    nowhere = run(package, tmp_path / "file" / "cache")

    assert beside.stdout.splitlines()[:2] == ["[inf, 1.5]", "False True False"]
    assert beside.stderr.count("WARNING compiled code cannot be kept in") == 1
    assert nowhere.stdout.splitlines()[:2] == ["[inf, 1.5]", "False False False"]
    assert nowhere.stderr.count("WARNING compiled code cannot be kept in") == 2
    assert "WARNING compiled code is kept nowhere: every run compiles anew" in nowhere.stderr


@pytest.mark.compiled
@pytest.mark.parametrize("switch", ["WIDEBERTH_NO_JIT", "NUMBA_DISABLE_JIT"])
def test_kernels_run_as_they_are_written(package: Path, tmp_path: Path, switch: str) -> None:
    """With the JIT switched off kernels are plain functions, right, and always ready."""
    found = run(package, tmp_path / "cache", **{switch: "1"})

    assert found.stdout.splitlines() == ["[inf, 1.5]", "True True True", "function"]
    assert not (tmp_path / "cache").exists()


@pytest.mark.compiled
def test_numbas_own_settings_stay(package: Path, tmp_path: Path) -> None:
    """A user's cache folder and locators are theirs again once a kernel is decorated; ours goes elsewhere."""
    found = run(package, tmp_path / "cache", SETTINGS_SCRIPT, NUMBA_CACHE_DIR=str(tmp_path / "theirs"))

    assert found.stdout.splitlines() == ["True", "theirs InTreeCacheLocator"]


@pytest.mark.compiled
def test_division_by_zero_is_numpys(package: Path, tmp_path: Path) -> None:
    """x/0 is inf or NaN in all three kinds of kernel, and raises in none."""
    found = run(package, tmp_path / "cache", DIVISION_SCRIPT)

    assert found.stdout.splitlines() == ["inf -inf nan", "inf -inf nan", "inf"]


def test_old_folders_are_removed(tmp_path: Path) -> None:
    """The newest three folders stay, and those in use; so does whatever is not ours."""
    now = time.time()
    ages_s = {"a": 9e5, "b": 8e5, "c": 7e5, "d": 6e5, "e": 5e5, "f": 1.0, "0": 0.0}
    for digit, age_s in ages_s.items():
        folder = tmp_path / f"kernels-{digit * 16}"
        (folder / "kernels_x").mkdir(parents=True)
        if digit != "a":  # one whose process ended before it was marked
            (folder / _jit._STAMP).touch()
            os.utime(folder / _jit._STAMP, (now - age_s, now - age_s))
    (tmp_path / "kernels-notours").mkdir()

    _jit._prune(tmp_path, keep=tmp_path / ("kernels-" + "0" * 16))

    left = {path.name.removeprefix("kernels-")[0] for path in tmp_path.iterdir()}
    assert left == {"0", "f", "e", "n"}
    _jit._prune(tmp_path / "absent", keep=tmp_path)


def test_folders_in_use_are_spared(tmp_path: Path) -> None:
    """More than three stay while they are younger than a compilation may take."""
    for digit in "abcdef":
        folder = tmp_path / f"kernels-{digit * 16}"
        folder.mkdir()
        (folder / _jit._STAMP).touch()

    _jit._prune(tmp_path, keep=tmp_path / ("kernels-" + "a" * 16))

    assert len(list(tmp_path.iterdir())) == 6


def test_the_digest_covers_all_that_kernels_import() -> None:
    """What a kernel imports from this package is a kernel, or a source that the digest names."""
    named = {path.stem for path in _jit._OTHER_SOURCES}
    for path in (PACKAGE / "kernels").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                modules = [str(node.module)]
            for module in modules:
                parts = module.split(".")
                if parts[0] == "wideberth":
                    assert parts[1] == "kernels" or parts[1] in named, f"{path.name} imports {module}"


def test_jitted_code_stands_in_kernels_only() -> None:
    """No other part of the package uses Numba's decorators, so no source is missing from the digest."""
    for path in PACKAGE.rglob("*.py"):
        if PACKAGE / "kernels" not in path.parents:
            assert not re.search(r"\b(n?jit|(gu)?vectorize|cfunc)\b", path.read_text()), path


def test_the_log_is_quiet_where_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    """A folder that can be written is not worth a word."""
    with caplog.at_level(logging.DEBUG):
        folder = _jit.cache_folder()

    assert folder is None or folder.is_dir()
    assert not caplog.records


class Kept:
    """Keeps code as Numba does, and notes when it began and when it was done."""

    def __init__(self, folder: Path, seen: list[str]) -> None:
        self._cache_path = str(folder)
        self._cache_file = self._cache = self
        self._seen = seen

    def save(self, name: str) -> None:
        """Take a while."""
        self._seen.append(f"{name} begins")
        time.sleep(0.2)
        self._seen.append(f"{name} ends")


def test_code_is_kept_by_one_after_the_other(tmp_path: Path) -> None:
    """While somebody keeps code of a module, another who would waits: two at once would mix their files up."""
    pytest.importorskip("fcntl")
    seen: list[str] = []
    two = [Kept(tmp_path, seen), Kept(tmp_path, seen)]
    for each in two:
        _jit._save_one_at_a_time(each)
    threads = [threading.Thread(target=each.save, args=[name]) for each, name in zip(two, "ab", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    first, second = ("a", "b") if seen[0].startswith("a") else ("b", "a")
    assert seen == [f"{first} begins", f"{first} ends", f"{second} begins", f"{second} ends"]


def test_numba_keeps_its_code_where_the_lock_is_put() -> None:
    """What the lock is put around is there in this Numba: else nothing would be locked, and nobody would notice."""
    if not _jit.JIT:
        return
    from wideberth.kernels import cpa

    dispatcher: Any = cpa.times_to_cpa
    assert dispatcher._cache._cache_file.save.__name__ == "locked"
