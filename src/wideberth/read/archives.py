"""Files in tar and zip archives, without unpacking them: a member is a stream, read where it lies.

A compressed tar is read through once where its members are read in their order.
"""

from __future__ import annotations

import io
import sys
import tarfile
import threading
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from wideberth.errors import ReadError
from wideberth.read.compressed import BUFFER_BYTES, Forgiving, faults, note_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Opener = Callable[[], BinaryIO]

REWIND_BYTES = 4 * 2**20  # how far a compressed tar can be gone back in without starting anew
LARGEST_TAR_HEADER = 2**20
LARGEST_ZIP_LIST = 2**26  # of about a million files
CUT_OFF = "archive ends early or is damaged"


@dataclass(frozen=True)
class Member:
    """One file in an archive; ``damage`` is filled while it is read."""

    name: str
    size: int
    opener: Opener
    damage: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Trouble:
    """Something in an archive that is no file to read, or its end before its time."""

    reason: str
    example: str


def members(opener: Opener, kind: str, name: str) -> Iterator[Member | Trouble]:
    """Return the files of a tar or zip archive, in its order.

    Raises:
        ReadError: a zip without its list of files.
    """
    if kind == "tar":
        yield from _tar_members(Window(opener))
    else:
        yield from _zip_members(Window(opener), name)


def _tar_members(whole: Window) -> Iterator[Member | Trouble]:
    end = 0
    try:
        with tarfile.open(fileobj=_Cautious(whole, LARGEST_TAR_HEADER), mode="r:", errorlevel=1) as archive:
            while (found := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # tarfile keeps every header that it has seen
                name = found.name.encode("utf-8", "replace").decode()
                after = archive.offset
                if found.size < 0 or after <= found.offset:  # it would be gone through for ever
                    yield Trouble(CUT_OFF, f"{name}: a size of {found.size} bytes")
                    return
                if found.isdir():
                    continue
                if not found.isreg() or found.issparse():
                    yield Trouble("not an ordinary file in the archive", name)
                    continue
                end = found.offset_data + found.size
                yield _slice(name, whole, found.offset_data, found.size)
            # tarfile takes whatever is no header for the end, which is zeros.
            follows = whole.read_at(archive.offset, tarfile.BLOCKSIZE)
            if not follows or follows.strip(b"\0"):
                what = "there is no header" if follows else "there is no end mark"
                yield Trouble(CUT_OFF, f"{what} at byte {archive.offset:,}")
    except faults() as error:
        if whole.length() >= end:  # else the last member itself ends early, and says so
            yield Trouble(CUT_OFF, str(error))


def _slice(name: str, whole: Window, begin: int, size: int) -> Member:
    damage: list[str] = []

    def opener() -> BinaryIO:
        return io.BufferedReader(_Slice(whole, begin, size, damage), BUFFER_BYTES)

    return Member(name, size, opener, damage)


class Window:
    """Random access to a stream that may only go forward: going back far begins anew.

    Members of an archive share one, so reading them in order goes through the archive once.
    """

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._lock = threading.Lock()
        self._stream: BinaryIO | None = None
        self._kept = bytearray()
        self._begin = 0  # where the kept bytes begin

    def read_at(self, at: int, n: int) -> bytes:
        """Return up to ``n`` bytes from position ``at``; fewer only at the end."""
        with self._lock:
            stream = self._opened()
            if stream.seekable():
                stream.seek(at)
                return stream.read(n)
            if at < self._begin:
                stream.close()
                self._stream, self._kept, self._begin = None, bytearray(), 0
            self._go_to(at, at + n)
            return bytes(self._kept[max(at - self._begin, 0) : max(at - self._begin + n, 0)])

    def length(self) -> int:
        """Return how many bytes there are; reads to the end if need be."""
        with self._lock:
            stream = self._opened()
            if stream.seekable():
                return stream.seek(0, io.SEEK_END)
            self._go_to(sys.maxsize, sys.maxsize)
            return self._begin + len(self._kept)

    def _opened(self) -> BinaryIO:
        if self._stream is None:
            self._stream = self._opener()
        return self._stream

    def _go_to(self, at: int, end: int) -> None:
        """Read until ``end`` is among the kept bytes, or to the end; ``at`` and what is shortly before it stay."""
        stream = self._opened()
        while self._begin + len(self._kept) < end:
            chunk = stream.read(BUFFER_BYTES)
            if not chunk:
                return
            self._kept += chunk
            spare = min(len(self._kept), at - self._begin) - REWIND_BYTES
            if spare > REWIND_BYTES:
                del self._kept[:spare]
                self._begin += spare


class _Slice(io.RawIOBase):
    """A run of bytes of a `Window` as a stream of its own."""

    def __init__(self, whole: Window, begin: int, size: int, damage: list[str]) -> None:
        self._whole = whole
        self._at = 0
        self._begin = begin
        self._size = size
        self._damage = damage

    def readable(self) -> bool:
        """Say that this is a stream to read."""
        return True

    def seekable(self) -> bool:
        """Say that positions can be gone to."""
        return True

    def tell(self) -> int:
        """Return the position, from the run's beginning."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what comes next."""
        n = min(len(buffer), self._size - self._at)
        if n <= 0:
            return 0
        data = self._whole.read_at(self._begin + self._at, n)
        if not data and not self._damage:
            self._damage.append("archive ends early")
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Cautious(io.RawIOBase):
    """A `Window` as the file that tarfile and zipfile expect; refuses headers of absurd size."""

    def __init__(self, whole: Window, largest_read: int) -> None:
        self._whole = whole
        self._at = 0
        self._largest_read = largest_read

    def read(self, n: int = -1) -> bytes:
        """Return the next ``n`` bytes, or the rest."""
        n = self._whole.length() - self._at if n is None or n < 0 else n
        if n > self._largest_read:
            raise ReadError(f"a header or list of {n:,} bytes")
        data = self._whole.read_at(self._at, n)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence)
        at = offset + (self._whole.length() if base is None else base)
        if at < 0:
            raise OSError(f"position {at} lies before the beginning")  # as a file does; zipfile relies on it
        self._at = at
        return at

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def readable(self) -> bool:
        """Say that this is a stream to read."""
        return True

    def seekable(self) -> bool:
        """Say that positions can be gone to."""
        return True


def _zip_members(whole: Window, name: str) -> Iterator[Member | Trouble]:
    try:
        archive = zipfile.ZipFile(cast("BinaryIO", _Cautious(whole, LARGEST_ZIP_LIST)))
        entries = archive.infolist()
    except ReadError as error:
        raise ReadError(f"{name}: a zip archive with {error}. Unpack it first.") from error
    except faults() as error:
        raise ReadError(
            f"{name}: a zip archive without its list of files. Was it downloaded whole?"
        ) from error
    for entry in entries:
        shown = entry.filename.encode("utf-8", "replace").decode()
        if entry.filename.endswith("/"):  # a folder; a damaged list may hold a name of no letters
            continue
        if entry.flag_bits & 1:
            yield Trouble("encrypted in the archive", shown)
            continue
        yield _zip_member(archive, entry, shown)


def _zip_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Member:
    damage: list[str] = []

    def opener() -> BinaryIO:
        try:
            stream = archive.open(entry)
        except faults() as error:
            if not damage:
                damage.append(note_of(error))
            return io.BytesIO()
        return io.BufferedReader(Forgiving(stream, None, damage), BUFFER_BYTES)

    return Member(name, entry.compress_size, opener, damage)
