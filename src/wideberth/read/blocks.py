"""Text in blocks of whole lines, so that a file of any length is read in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.read.batch import Rejects

BLOCK_BYTES = 8 * 2**20
LONGEST_LINE = 64 * 2**20


def line_blocks(
    stream: BinaryIO, source: str, rejects: Rejects, *, size: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Return (number of the first line, lines) until the stream ends; all but the last end after a newline.

    Args:
        stream: of text, in any encoding in which a newline is one byte.
        source: in whose name a line longer than `LONGEST_LINE` is rejected; the rest of it is skipped.
        rejects: counts those lines.
        size: of a block in bytes, about; `BLOCK_BYTES` if nothing is said.
    """
    size = target = size or BLOCK_BYTES
    line_number = 0
    begin = b""
    while True:
        pieces, held = [begin], len(begin)
        while held < target and (chunk := stream.read(target - held)):
            pieces.append(chunk)
            held += len(chunk)
        block = b"".join(pieces)
        if held < target:  # the stream has ended
            if block:
                yield line_number, block
            return
        end = block.rfind(b"\n") + 1
        if end:
            begin, block = block[end:], block[:end]
            yield line_number, block
            line_number += newlines(block)
            target = max(size, len(begin) + size // 8)
        elif held <= LONGEST_LINE:
            begin, target = block, 2 * held
        else:
            shown = block[:60].decode("utf-8", "replace")
            rejects.add(
                source,
                "line too long",
                f"line {line_number + 1}: longer than {LONGEST_LINE:,} bytes: {shown}",
            )
            begin, target = _after_newline(stream), size
            line_number += 1


def halves(block: bytes, smallest: int) -> tuple[bytes, bytes] | None:
    """Return lines as two blocks of about one size; None if they are few, or one."""
    middle = block.find(b"\n", len(block) // 2) + 1
    return (block[:middle], block[middle:]) if len(block) > smallest and 0 < middle < len(block) else None


def newlines(block: bytes) -> int:
    """Return how many there are; with lines of 100 bytes four times as fast as ``bytes.count``."""
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n")))


def _after_newline(stream: BinaryIO) -> bytes:
    while chunk := stream.read(BLOCK_BYTES):
        end = chunk.find(b"\n") + 1
        if end:
            return chunk[end:]
    return b""
