"""Containers told by their first bytes, and compressed streams: gzip, bzip2, xz, zstd.

Data that is cut off or damaged gives what came before the damage; then the stream ends, and why is
noted in a list that its opener was given.  Several streams one after another are one, as their formats
say; what follows them and is none, other than zeros, is damage: it may be the damaged rest.

Source: RFC 1952 (gzip), RFC 8878 (zstd), the bzip2 and xz file formats, POSIX.1-2017 ustar, PKWARE's
APPNOTE (zip).
"""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import sys
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

from wideberth.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Callable

    Opener = Callable[[], BinaryIO]

HEAD_BYTES = tarfile.BLOCKSIZE
ARCHIVES = ("tar", "zip")
BUFFER_BYTES = 256 * 1024
MOST_XZ_BYTES = 256 * 2**20  # of memory; xz -9 asks for 65 MiB
ENDS_EARLY = "compressed data ends early"
UNSUPPORTED = "compressed in a way that cannot be read here"


def kind_of(head: bytes) -> str | None:
    """Return what kind of container bytes begin: gzip, bzip2, xz, zstd, zip, tar; None for no container."""
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith(b"BZh") and head[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\0"):
        return "xz"
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F):
        return "zstd"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    return "tar" if _begins_tar(head) else None


def _begins_tar(head: bytes) -> bool:
    if len(head) < tarfile.BLOCKSIZE:
        return False
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")  # checks the checksum
    except tarfile.TarError:
        return False
    return True


def faults() -> tuple[type[BaseException], ...]:
    """Return what decompressors and archives raise on damaged data."""
    zstandard = sys.modules.get("zstandard")
    known: list[type[BaseException]] = [
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        MemoryError,
        OverflowError,
    ]
    known += [zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, ReadError]
    return (*known,) if zstandard is None else (*known, zstandard.ZstdError)


def note_of(error: BaseException) -> str:
    """Return what to say of a fault."""
    if isinstance(error, EOFError):
        return ENDS_EARLY
    if isinstance(error, NotImplementedError):
        return f"{UNSUPPORTED}: {error}"
    return f"compressed data is damaged: {error}"


def decompressor(opener: Opener, kind: str, damage: list[str]) -> Opener:
    """Return what opens the decompressed stream; each stream notes in ``damage`` why it ended early."""

    def opened() -> BinaryIO:
        packed = opener()
        return io.BufferedReader(Forgiving(_decompressed(packed, kind), packed, damage), BUFFER_BYTES)

    return opened


def _decompressed(packed: BinaryIO, kind: str) -> Any:
    if kind == "gzip":
        return _Gzip(packed)
    if kind == "bzip2":
        return _Streams(packed, bz2.BZ2Decompressor)
    if kind == "xz":
        return _Streams(packed, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, MOST_XZ_BYTES))
    return _Zstd(packed)


class Forgiving(io.RawIOBase):
    """A stream that ends where another one fails, and notes why."""

    def __init__(self, stream: Any, beneath: BinaryIO | None, damage: list[str]) -> None:
        self._stream = stream
        self._read = getattr(stream, "read1", stream.read)
        self._beneath = beneath
        self._damage = damage
        self._has_failed = False

    def readable(self) -> bool:
        """Say that this is a stream to read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what comes next; 0 at the end and from damage on."""
        if self._has_failed:
            return 0
        try:
            data = self._read(len(buffer))
        except faults() as error:
            self._has_failed = True
            if not self._damage:
                self._damage.append(note_of(error))
            return 0
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close both streams."""
        if not self.closed:
            super().close()
            self._stream.close()
            if self._beneath is not None:
                self._beneath.close()


class _Gzip:
    """Decompresses gzip members one after another; gives every byte before damage, unlike GzipFile.

    zlib drops what it had decompressed from a piece of input when it meets damage in it; so that
    piece is fed again to a copy of the state, byte by byte.
    """

    _PIECE = 65536
    _MOST_OUT = 2**20  # bounds what one piece of a decompression bomb gives at a time

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._inflate = zlib.decompressobj(wbits=31)
        self._input = b""
        self._is_within_member = False
        self._error: Exception | None = None

    def read(self, n: int) -> bytes:
        """Return some decompressed bytes, none at the end.

        Raises:
            EOFError: the data ends within a member.
            zlib.error: it is damaged, or something else follows.
        """
        while self._error is None:
            if not self._input:
                self._input = self._packed.read(self._PIECE)
                if not self._input:
                    if not self._is_within_member:
                        return b""
                    if data := self._inflate.decompress(b"", min(n, self._MOST_OUT)):  # held back until now
                        return data
                    raise EOFError
            if not self._is_within_member:
                self._input = self._input.lstrip(b"\0")  # padding between members and at the end
                if not self._input:
                    continue
                self._inflate = zlib.decompressobj(wbits=31)
                self._is_within_member = True
            data = self._inflated(min(n, self._MOST_OUT))
            if data:
                return data
        raise self._error

    def _inflated(self, most: int) -> bytes:
        before = self._inflate.copy()
        try:
            data = self._inflate.decompress(self._input, most)
        except zlib.error as error:
            self._error = error
            return _until_damage(before, self._input, most)
        if self._inflate.eof:
            self._input = self._inflate.unused_data
            self._is_within_member = False
        else:
            self._input = self._inflate.unconsumed_tail
        return data

    def close(self) -> None:
        """Forget what is left."""
        self._input = b""


def _until_damage(inflate: Any, data: bytes, most: int) -> bytes:
    good = b""
    try:
        for at in range(len(data)):
            good += inflate.decompress(data[at : at + 1], most)
            if len(good) >= most:
                break
    except zlib.error:
        pass
    return good[:most]


class _Streams:
    """Decompresses bzip2 or xz streams one after another; an end within one, or damage, is raised."""

    _PIECE = 8192  # what one piece of input gave is lost where damage is met in it

    def __init__(self, packed: BinaryIO, begun: Callable[[], Any]) -> None:
        self._packed = packed
        self._begun = begun
        self._stream: Any = None
        self._input = b""

    def read(self, n: int) -> bytes:
        """Return some decompressed bytes, none at the end.

        Raises:
            EOFError: the data ends within a stream.
            OSError, lzma.LZMAError: it is damaged, or something else follows.
        """
        while True:
            if not self._input and (self._stream is None or self._stream.needs_input):
                self._input = self._packed.read(self._PIECE)
                if not self._input:
                    if self._stream is not None:
                        raise EOFError
                    return b""
            if self._stream is None:
                self._input = self._input.lstrip(b"\0")  # padding between streams and at the end
                if not self._input:
                    continue
                self._stream = self._begun()
            data: bytes = self._stream.decompress(self._input, n)
            self._input = b""
            if self._stream.eof:
                self._input = self._stream.unused_data
                self._stream = None
            if data:
                return data

    def close(self) -> None:
        """Forget what is left."""
        self._stream, self._input = None, b""


class _Zstd:
    """Decompresses zstd frames block by block, each at most 128 KiB: no more is lost where damage is met.

    The library's own stream takes data that ends within a frame for its end, so frames and blocks are
    told apart here.  Source: RFC 8878, section 3.1.
    """

    _MAGIC = 0xFD2FB528
    _SKIPPABLE = range(0x184D2A50, 0x184D2A60)

    def __init__(self, packed: BinaryIO) -> None:
        import zstandard

        self._packed = packed
        self._decompressor = zstandard.ZstdDecompressor()
        self._frame: Any = None
        self._has_checksum = False
        self._has_blocks = False

    def read(self, _: int) -> bytes:
        """Return the bytes of the next block that has any, none at the end.

        Raises:
            EOFError: the data ends within a frame.
            ValueError, zstandard.ZstdError: it is damaged, or something else follows.
        """
        while self._frame is not None or self._begins_frame():
            if self._has_blocks:
                if data := self._block():
                    return data
            else:
                if self._has_checksum:
                    self._frame.decompress(self._exactly(4))
                self._frame = None
        return b""

    def _begins_frame(self) -> bool:
        """Go to the first block of the next frame; say whether there is one."""
        while magic := self._packed.read(4):
            if len(magic) < 4:
                raise EOFError
            (number,) = struct.unpack("<I", magic)
            if number in self._SKIPPABLE:
                (left,) = struct.unpack("<I", self._exactly(4))
                while left:
                    left -= len(self._exactly(min(left, BUFFER_BYTES)))
            elif number == self._MAGIC:
                descriptor = self._exactly(1)
                is_single, size_flag = descriptor[0] >> 5 & 1, descriptor[0] >> 6
                dictionary = (0, 1, 2, 4)[descriptor[0] & 3]
                size = (is_single, 2, 4, 8)[size_flag]
                self._has_checksum = bool(descriptor[0] & 4)
                self._has_blocks = True
                self._frame = self._decompressor.decompressobj()
                self._frame.decompress(magic + descriptor + self._exactly(1 - is_single + dictionary + size))
                return True
            else:
                raise ValueError("what follows is no zstd frame")
        return False

    def _block(self) -> bytes:
        header = self._exactly(3)
        bits = int.from_bytes(header, "little")
        is_last, kind, size = bits & 1, bits >> 1 & 3, bits >> 3
        self._has_blocks = not is_last
        content = self._exactly(1 if kind == 1 else size)  # kind 1: one byte, repeated
        data: bytes = self._frame.decompress(header + content)
        return data

    def _exactly(self, n: int) -> bytes:
        data = self._packed.read(n)
        if len(data) < n:
            raise EOFError
        return data

    def close(self) -> None:
        """Forget what is left."""
        self._frame = None
