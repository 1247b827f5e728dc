"""Reads a report as its page does: written from the description of the layout, importing nothing that wrote it."""

from __future__ import annotations

import base64
import gzip
import json
import re
import struct

import numpy as np

LETTERS = {"f64": "<f8", "f32": "<f4", "i32": "<i4", "u32": "<u4", "i16": "<i2", "u16": "<u2", "u8": "u1"}


class Read:
    """A report's manifest, whose arrays are looked up."""

    def __init__(self, text):
        content = gzip.decompress(base64.b64decode(text, validate=True))
        (length,) = struct.unpack("<I", content[:4])
        self.manifest = json.loads(content[4 : 4 + length])
        self._arrays = content[(4 + length + 7) // 8 * 8 :]

    @classmethod
    def of_page(cls, html):
        """Read the data out of a whole page."""
        found = re.findall(
            r'<script type="text/plain" id="wideberth-data">\s*([A-Za-z0-9+/=]*)\s*</script>', html
        )
        assert len(found) == 1
        return cls(found[0])

    def __getitem__(self, name):
        return self.manifest[name]

    def array(self, told):
        """Return the numbers that a part of the manifest stands for."""
        assert told["at"] % 8 == 0
        values = np.frombuffer(self._arrays, LETTERS[told["type"]], told["n"], told["at"])
        if told.get("delta"):
            values = np.cumsum(values.astype(np.int64))
        return values * told["scale"] if "scale" in told else values

    def texts(self, told):
        """Return the texts of a coded column, None where unknown."""
        codes = self.array(told["codes"])
        return [told["words"][code] if code < len(told["words"]) else None for code in codes.tolist()]
