"""Packs what a report shows: one JSON manifest and typed arrays, compressed, as text that HTML can hold.

Layout, little-endian: the length of the JSON (4 bytes), the JSON in UTF-8, zeros up to a multiple of 8, then the
arrays, each at a multiple of 8 bytes.  The manifest says of an array where it begins, how many numbers it has, of what
type, and how they became integers: ``{"at", "n", "type", "scale", "delta"}``.  All of it is gzipped and written in
base64, which holds no letter that HTML takes for its own: no text of an input ever stands in the page.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

FORMAT = 1
TYPES = {
    "f64": "<f8", "f32": "<f4", "i32": "<i4", "u32": "<u4", "i16": "<i2", "u16": "<u2", "u8": "u1",
}  # fmt: skip
NONE_U8, NONE_U16 = 255, 65_535
"""Codes of what is unknown."""
ALIGNED = 8
LEVEL = 6  # of gzip; 9 takes three times as long for 1 % less


class Document:
    """A manifest that grows, and the arrays that it names."""

    def __init__(self) -> None:
        self.manifest: dict[str, Any] = {"format": FORMAT}
        self._parts: list[bytes] = []
        self._size = 0

    def array(
        self, values: Any, kind: str, *, scale: float | None = None, is_delta: bool = False
    ) -> dict[str, Any]:
        """Keep an array, and return what the manifest says of it.

        Args:
            values: numbers, NaN where unknown (of floats only).
            kind: one of `TYPES`.
            scale: what is kept are whole multiples of this.
            is_delta: what is kept are first differences, the first number before them.
        """
        numbers = np.asarray(values)
        if scale is not None:
            numbers = np.rint(numbers / scale).astype(np.int64)
        if is_delta and numbers.size:
            numbers = np.diff(numbers.astype(np.int64), prepend=0)
        content = np.ascontiguousarray(numbers, TYPES[kind]).tobytes()
        told: dict[str, Any] = {"at": self._size, "n": int(numbers.size), "type": kind}
        if scale is not None:
            told["scale"] = scale
        if is_delta:
            told["delta"] = True
        padding = -len(content) % ALIGNED
        self._parts.append(content + bytes(padding))
        self._size += len(content) + padding
        return told

    def coded(self, texts: Iterable[str | None]) -> dict[str, Any]:
        """Keep texts, many of them alike, as words and codes; an unknown one has a code of its own."""
        codes, words = coded(texts)
        kind, none = ("u16", NONE_U16) if len(words) < NONE_U16 else ("u32", 2**32 - 1)
        return {"words": words, "codes": self.array(np.where(codes < 0, none, codes), kind)}

    def pack(self) -> str:
        """Return everything as base64 of gzip; the same content gives the same text."""
        text = json.dumps(self.manifest, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
            "utf-8", "replace"
        )
        head = len(text).to_bytes(4, "little") + text
        head += bytes(-len(head) % ALIGNED)
        squeezed = gzip.compress(b"".join([head, *self._parts]), compresslevel=LEVEL, mtime=0)
        return base64.b64encode(squeezed).decode("ascii")


def coded(texts: Iterable[str | None]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return codes, -1 for an unknown text, and the words that they stand for, in order of first use.

    >>> [each.tolist() if hasattr(each, "tolist") else each for each in coded(["a", None, "b", "a"])]
    [[0, -1, 1, 0], ['a', 'b']]
    """
    known: dict[str, int] = {}
    codes = [-1 if text is None else known.setdefault(text, len(known)) for text in texts]
    return np.array(codes, np.int64), list(known)


def finite(value: float | None, digits: int = 6) -> float | None:
    """Return a number as JSON can hold it: None for what is no finite number."""
    return None if value is None or not math.isfinite(value) else round(value, digits)
