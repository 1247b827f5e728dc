"""The three decorators of the kernels, and where their compiled code is kept.

``formula``  a scalar function; called from Python, or worked into the loops that call it
``kernel``   a serial function on arrays; runs without the GIL
``columns``  a loop over rows, its ``prange`` split among threads

All divide as NumPy does (x/0 is inf or NaN, nothing raises), none uses ``fastmath`` (under
which NaN is not seen), none fixes its types early (a null-free Arrow column is a read-only view).

Compiled code is kept in a folder named by a digest of all kernel sources, of the versions of
numba, NumPy and llvmlite, and of the CPU's name: plain ``cache=True`` does not notice an edited
callee in another file.  The folder lies in the user's cache folder, or in ``WIDEBERTH_CACHE_DIR``.
If that cannot be written, ``__pycache__`` beside the sources is tried, and then nothing is kept;
both are logged as a warning.  Numba's own settings are as they were once a decorator returns.

``WIDEBERTH_NO_JIT=1`` (or ``NUMBA_DISABLE_JIT=1``) leaves every kernel a plain Python function.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDERS_KEPT = 3
"""The newest folders of compiled code that stay: as many versions as one machine usually runs."""

BUSY_S = 600.0
"""A folder used within this time stays as well: somebody may be compiling into it."""

FEW_ROWS = 16
"""Fewer rows than these are one thread's."""

_HOME = Path(__file__).resolve().parent
# Kernels take constants from units.py, and Numba freezes constants into what it compiles.
_OTHER_SOURCES = (_HOME.parent / "units.py",)
_FOLDER = re.compile(r"kernels-[0-9a-f]{16}")
_STAMP = "last-used"
_LOCK = "saving"

_log = logging.getLogger(__name__)
_decorating = threading.Lock()
_F = TypeVar("_F", bound="Callable[..., Any]")


def _is_off() -> bool:
    return any(
        os.environ.get(name, "0") not in ("", "0") for name in ("WIDEBERTH_NO_JIT", "NUMBA_DISABLE_JIT")
    )


JIT = not _is_off()
"""True: kernels are compiled.  False: they are the Python functions that stand in the source."""

if TYPE_CHECKING or not JIT:
    prange = range
else:
    from numba import prange

__all__ = ["JIT", "cache_folder", "columns", "formula", "is_compiled", "kernel", "on_one_thread", "prange"]


def formula(function: _F) -> _F:
    """Compile a scalar function; loops that call it have it worked in by LLVM."""
    return _compiled(function)


def kernel(function: _F) -> _F:
    """Compile a serial function on arrays, run without the GIL."""
    return _compiled(function, nogil=True)


def columns(function: _F) -> _F:
    """Compile a function whose ``prange`` loops are split among threads.

    It keeps the GIL: one of Numba's threading layers (workqueue) ends the process when two threads
    of a program start parallel loops at once.
    """
    return _compiled(function, parallel=True)


@contextlib.contextmanager
def on_one_thread(rows: int = 0) -> Iterator[None]:
    """Have parallel kernels run on the calling thread alone if rows are few: waiting for others takes longer."""
    if not JIT or rows >= FEW_ROWS:
        yield
        return
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def is_compiled(*names: str) -> bool:
    """Tell whether this machine keeps compiled code of these very sources (or needs none).

    Args:
        names: the kernels in question, as ``"slabs.candidates"`` (module and function).  Without any:
            whether any kernel was compiled here.
    """
    if not JIT:
        return True
    folder = cache_folder()
    if folder is None:
        return False
    # Numba names its index files module.function-line.pyXY.nbi.
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    kept = {path.name.rpartition("-")[0] for path in folder.glob(f"*/*.{version}*.nbi")}
    return kept.issuperset(names) and bool(kept)


@functools.cache
def cache_folder() -> Path | None:
    """Return where this process keeps compiled code, made if need be; None where nothing can be kept."""
    import platformdirs

    chosen = os.environ.get("WIDEBERTH_CACHE_DIR")
    first = Path(chosen) if chosen else platformdirs.user_cache_path("wideberth", appauthor=False)
    for place in (first, _HOME / "__pycache__"):
        folder = place / f"kernels-{_digest()}"
        is_new = not folder.exists()
        try:
            _make(folder)
        except OSError as error:
            _log.warning("compiled code cannot be kept in %s: %s", folder, error)
            continue
        if is_new:
            _prune(place, keep=folder)
        return folder
    _log.warning("compiled code is kept nowhere: every run compiles anew; WIDEBERTH_CACHE_DIR names a folder")
    return None


def _compiled(function: _F, **options: Any) -> _F:
    if not JIT:
        return function
    import numba

    with _decorating, _numba_pointed_at(cache_folder()) as can_cache:
        compiled: _F = numba.njit(error_model="numpy", cache=can_cache, **options)(function)
    if can_cache:
        _save_one_at_a_time(compiled)
    return compiled


def _save_one_at_a_time(compiled: Any) -> None:
    """Let no two processes keep what they compiled of one function at the same time.

    Numba reads an index, takes the next free file name, and writes both: of two that do so at once, one's code may
    come to stand under the other's types.  Where there are no such locks, or another Numba keeps its files in another
    way, nothing is locked.
    """
    kept = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    folder = getattr(kept, "_cache_path", None)
    try:
        import fcntl
    except ImportError:
        return
    if kept is None or folder is None:
        return
    save = kept.save

    def locked(*given: Any) -> None:
        with contextlib.ExitStack() as held:
            with contextlib.suppress(OSError):
                file = held.enter_context((Path(folder) / _LOCK).open("w"))
                fcntl.flock(file, fcntl.LOCK_EX)
            save(*given)

    kept.save = locked


@contextlib.contextmanager
def _numba_pointed_at(folder: Path | None) -> Iterator[bool]:
    """Have Numba keep what is decorated within in ``folder``; afterwards its settings are as they were.

    A function's place is settled when it is decorated, so nothing is needed when it compiles.
    """
    from numba import config

    # A user's choice of locators would pass our folder by, and with it the digest.
    ours = {"CACHE_DIR": str(folder), "CACHE_LOCATOR_CLASSES": ""} if folder else {}
    before = {name: getattr(config, name) for name in ours if hasattr(config, name)}
    for name in before:
        setattr(config, name, ours[name])
    try:
        yield folder is not None
    finally:
        for name, value in before.items():
            setattr(config, name, value)


@functools.cache
def _digest() -> str:
    """Return 16 hex digits that change with any kernel's source, with the compiler and with the CPU."""
    import llvmlite
    import llvmlite.binding
    import numba
    import numpy as np

    parts = hashlib.sha256()
    for path in sorted([*_HOME.rglob("*.py"), *_OTHER_SOURCES]):
        parts.update(f"{path.relative_to(_HOME.parent).as_posix()}\0".encode())
        parts.update(hashlib.sha256(path.read_bytes()).digest())
    cpu = getattr(numba.config, "CPU_NAME", None) or llvmlite.binding.get_host_cpu_name()
    parts.update(f"{numba.__version__}\0{np.__version__}\0{llvmlite.__version__}\0{cpu}".encode())
    return parts.hexdigest()[:16]


def _make(folder: Path) -> None:
    """Make the folder and mark it as used now; OSError if it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=folder).close()
    (folder / _STAMP).touch()


def _prune(place: Path, *, keep: Path) -> None:
    """Remove all but the newest folders of compiled code in ``place``; whatever fails is left lying.

    Another process may prune at the same time, or still use what is removed here.  So a folder is
    first renamed, which succeeds for one process only; a user of it finds an empty cache, and compiles.
    """

    def last_used(folder: Path) -> float:
        try:
            return (folder / _STAMP).stat().st_mtime
        except OSError:
            return 0.0

    try:
        others = [path for path in place.iterdir() if _FOLDER.fullmatch(path.name) and path != keep]
    except OSError:
        return
    others.sort(key=last_used, reverse=True)
    for folder in others[FOLDERS_KEPT - 1 :]:
        if time.time() - last_used(folder) < BUSY_S:
            continue
        doomed = folder.with_name(f"{folder.name}.{os.getpid()}.old")
        with contextlib.suppress(OSError):
            folder.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)
