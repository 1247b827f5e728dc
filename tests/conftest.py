"""What all tests share: where foreign data lies, and how Hypothesis runs."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

from wideberth.kernels import _jit

RIGHT = "needs the right to"
"""So begins the reason of a skip for want of a privilege."""

SHARED = Path(__file__).parents[1].parent / "shared"

# Threads of a parallel kernel that wait for one another sleep at once instead of turning in a loop: where others
# use the cores as well, such as a second process of tests, the loop took up to seven times the work itself.
# OpenMP reads this when the first kernel runs; what tests start inherits it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# The first call of a kernel compiles it, so a deadline would measure the compiler.
settings.register_profile("here", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
profile = "ci" if os.environ.get("CI") else "here"
if not _jit.JIT:
    # Every example was tried compiled.  Interpreted, each takes a hundred times as long, and what this run alone
    # can tell (a line that no test reaches, an index beyond an array) a few tell as well.
    settings.register_profile("interpreted", parent=settings.get_profile(profile), max_examples=25)
    profile = "interpreted"
settings.load_profile(profile)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real recordings, or skip where it is absent."""
    return _folder("data")


@pytest.fixture(scope="session")
def shared_oracles() -> Path:
    """Return the folder of answers computed by others, or skip where it is absent."""
    return _folder("oracles")


def _folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"needs the folder ../shared/{name} beside the checkout")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of every module that imports a kernel: they run with the JIT off as well, if they can."""
    for item in items:
        can_be_interpreted = item.get_closest_marker("compiled") is None
        if can_be_interpreted and isinstance(item, pytest.Function) and _imports_a_kernel(item.module):
            item.add_marker("kernels")


def _imports_a_kernel(module: ModuleType) -> bool:
    for value in vars(module).values():
        home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(home, str) and home.startswith("wideberth.kernels"):
            return True
    return False


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where WIDEBERTH_NO_SKIPS is set, let a skipped test fail the run.

    But for what only a privilege gives (to mount a disk, say): it cannot be installed, and containers withhold it.
    """
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("WIDEBERTH_NO_SKIPS"):
        return
    if skipped := sum(RIGHT not in str(each.longrepr) for each in reporter.stats.get("skipped", [])):
        reporter.write_line(f"\n{skipped} skipped, and WIDEBERTH_NO_SKIPS is set: the run fails.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
