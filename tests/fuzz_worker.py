"""Reads mutated files, thousands of each format, in a process of its own; `test_read_fuzz` starts it.

A job is a line of JSON on standard input, ``{"format": "csv", "begin": 0, "end": 500}``; the answer is one on
standard output.  Each input follows from its format and number alone, so that one can be had again:

    python tests/fuzz_worker.py csv 1234 > file

writes it.  Before each input its number goes into a file, which outlives a crash.  Whatever is written to
standard error while an input is read counts as a failure: that is where a panic in Rust is reported.
"""

from __future__ import annotations

import bz2
import contextlib
import faulthandler
import gc
import gzip
import io
import json
import mmap
import os
import random
import re
import resource
import struct
import sys
import traceback
import zipfile
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import receiver_files as receivers
import table_files as tables
import wideberth
from wideberth.errors import WideberthError
from wideberth.read import formats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_MEMORY_BYTES = 6 * 2**30
HANGS_S = 240.0  # for one job of some hundred inputs, which take a second or two
MOST_FAILURES = 5  # of one job are told

COUNT = 20  # rows of a sample


# Samples ------------------------------------------------------------------------------------------------


def parquet(**options: Any) -> bytes:
    held = io.BytesIO()
    table = (
        tables.trino_frame(COUNT)
        .select("time", "icao24", "lat", "lon", "baroaltitude", "callsign")
        .to_arrow()
    )
    pq.write_table(table, held, row_group_size=8, **options)
    return held.getvalue()


def arrow(*, is_stream: bool, compression: str | None = None, kind: pa.DataType | None = None) -> bytes:
    held = io.BytesIO()
    rows = [{name: row[name] for name in list(row)[:6]} for row in tables.traffic_rows(COUNT)]
    table = pa.Table.from_pylist(rows)
    if kind is not None:
        table = table.set_column(1, "icao24", table["icao24"].cast(kind))
    new = pa.ipc.new_stream if is_stream else pa.ipc.new_file
    with new(held, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table, max_chunksize=8)
    return held.getvalue()


def arrows(*, is_stream: bool) -> list[bytes]:
    texts = pa.dictionary(pa.int8(), pa.string())
    as_polars_writes = io.BytesIO()
    frame = tables.trino_frame(COUNT).select(
        "time", pl.col("icao24").cast(pl.Categorical), "lat", "lon", "baroaltitude", "serials"
    )
    (frame.write_ipc_stream if is_stream else frame.write_ipc)(as_polars_writes)
    return [
        as_polars_writes.getvalue(),
        arrow(is_stream=is_stream),
        arrow(is_stream=is_stream, compression="lz4"),
        arrow(is_stream=is_stream, kind=texts),
        arrow(is_stream=is_stream, kind=pa.string_view()),
    ]


def tars() -> list[bytes]:
    track, messages = receivers.gpx_text().encode(), receivers.sbs_text().encode()
    return [
        tables.tar_of({"a.sbs": messages, "b.gpx": track}),
        tables.tar_of({"a.gpx.gz": gzip.compress(track), "README": b"about"}),
    ]


def zips() -> list[bytes]:
    made = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", method) as archive:
            archive.writestr("a.sbs", receivers.sbs_text())
            archive.writestr("b/c.gpx", receivers.gpx_text())
        made.append(held.getvalue())
    return made


def zstd(content: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor().compress(content)


def short_csv(separator: str = ",", *, is_quoted: bool = False) -> bytes:
    quote = '"' if is_quoted else ""
    lines = ["time,icao24,lat,lon,altitude,callsign"]
    lines += [
        f"{tables.START_S + i},4b1234,{47 + i / 1000},8.5,34000,{quote}SWR{i}{quote}" for i in range(COUNT)
    ]
    return "\n".join(lines).replace(",", separator).encode()


def short_lines(*names: str, **more: object) -> bytes:
    rows = [json.loads(tables.feed_line(i, **more)) for i in range(COUNT)]
    return "\n".join(
        json.dumps({name: row[name] for name in row if name not in names}) for row in rows
    ).encode()


def short_traffic() -> list[dict[str, Any]]:
    return [{name: row[name] for name in list(row)[:6]} for row in tables.traffic_rows(COUNT)]


def short_columns() -> dict[str, dict[str, Any]]:
    rows = short_traffic()
    return {name: {str(at): row[name] for at, row in enumerate(rows)} for name in rows[0]}


GPX = receivers.gpx_text().encode()
SAMPLES: dict[str, Callable[[], Sequence[bytes]]] = {
    "parquet": lambda: [
        parquet(),
        parquet(compression="none", use_dictionary=False),
        parquet(compression="zstd", data_page_version="2.0", store_schema=False),
    ],
    "arrow-file": lambda: arrows(is_stream=False),
    "arrow-stream": lambda: arrows(is_stream=True),
    "csv": lambda: [short_csv(), short_csv(";", is_quoted=True), tables.weekly_csv().encode()],
    "jsonl": lambda: [
        short_lines("mlat", "squawk", "gs", "track", "baro_rate"),
        short_lines("mlat", "squawk", "flight", extra={"nic": 7}),
    ],
    "opensky-states": lambda: [
        tables.states_json([tables.state(i) for i in range(COUNT)]).encode(),
        "\n".join(tables.states_json([tables.state(i)] * 2, tables.START_S + i) for i in range(9)).encode(),
    ],
    "remote-id": lambda: [
        receivers.flights_json(*(receivers.flight(f"1581F{i}", i) for i in range(3))).encode(),
        "\n".join(receivers.flights_json(receivers.flight("1581F", i)) for i in range(4)).encode(),
    ],
    "traffic-records": lambda: [json.dumps(short_traffic()).encode()],
    "traffic-columns": lambda: [
        json.dumps(short_columns()).encode(),
        json.dumps({name: list(column.values()) for name, column in short_columns().items()}).encode(),
    ],
    "readsb-aircraft": lambda: [
        receivers.aircraft_json().encode(),
        "\n".join(receivers.aircraft_json(tables.START_S + i) for i in range(4)).encode(),
    ],
    "readsb-trace": lambda: [
        receivers.trace_json().encode(),
        receivers.trace_json([receivers.trace_row(i, 40 + i / 1000) for i in range(COUNT)]).encode(),
    ],
    "sbs": lambda: [
        receivers.sbs_text().encode(),
        "\n".join(
            receivers.sbs_line(3, "4b1234", i, altitude=1, lat=47, lon=8) for i in range(COUNT)
        ).encode(),
    ],
    "beast": lambda: [receivers.beast_capture(receivers.heard()[:13])],
    "avr": lambda: [receivers.avr_capture(receivers.heard()[:13])],
    "gpx": lambda: [
        GPX,
        receivers.gpx_text(*(receivers.gpx_point(i, 47 + i / 1000) for i in range(COUNT))).encode(),
    ],
    "igc": lambda: [receivers.igc_text().encode()],
    "gzip": lambda: [
        gzip.compress(GPX),
        gzip.compress(GPX[:400]) + gzip.compress(GPX[400:]),
        gzip.compress(tars()[0]),
    ],
    "bzip2": lambda: [
        bz2.compress(GPX),
        b"".join(bz2.compress(GPX[at : at + 150]) for at in range(0, len(GPX), 150)),
        bz2.compress(tars()[0]),
    ],
    "zstd": lambda: [zstd(GPX), zstd(GPX[:400]) + zstd(GPX[400:])],
    "zip": zips,
    "tar": tars,
}
CONTAINERS = ("gzip", "bzip2", "zstd", "zip", "tar")
BINARY = ("parquet", "arrow-file", "arrow-stream", "beast", *CONTAINERS)
NAMED = {
    "arrow-file": "arrow",
    "arrow-stream": "arrow",
    "traffic-records": "traffic",
    "traffic-columns": "traffic",
}


# Mutations ----------------------------------------------------------------------------------------------

TOKENS = [
    *(
        b"1e999",
        b"-1e999",
        b"-0",
        b"9" * 400,
        b"9" * 5000,
        b"1" + b"0" * 30,
        b"18446744073709551616",
        b"0x10",
        b"1_0",
    ),
    *(b"NaN", b"nan", b"-inf", b"Infinity", b"null", b"true", b"ground", b"", b" ", b"\t", b"\\N"),
    *(b'"', b'""', b'"""', b"'", b"\\", b"\\u0000", b"\\ud800", b"\\ud83d\\ude00", b'\\"', b"\\x"),
    *(
        b"\0",
        b"\0" * 64,
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xef\xbb\xbf",
        b"\x1a",
        b"\x1b[31m",
    ),
    *(
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b",",
        b",,,,",
        b";",
        b":",
        b"<",
        b">",
        b"&amp;",
        b"]]>",
        b"<!--",
        b"<trkpt>",
    ),
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b"[]",
        b"{}",
        b"[[]]",
        b'{"":{}}',
        b'{"a":[{"b":null}]}',
        b'"lat"',
        b'"\xd9\xa3"',
    ),
    *(
        b"[" * 3000,
        b'{"a":' * 3000,
        b"(" * 300,
        b"2018-13-45T99:99:99Z",
        b"0000-01-01",
        b"9999-12-31 23:59:59",
    ),
    *(
        b"-999999999999",
        b"253402300800",
        b"0.1" * 20,
        b"4e1234",
        b"~zzzzzz",
        "\u0663\u2028\U0001f6e9".encode(),
    ),
]
WORDS = [
    struct.pack("<q", number) for number in (0, 1, -1, 2**31 - 1, 2**31, 2**40, 2**62, 2**63 - 1, -(2**63))
]
_VALUE = re.compile(rb'-?\d[\d.eE+-]*|"[^"\n]*"')


def mutated(samples: Sequence[bytes], dice: random.Random, *, is_text: bool) -> bytes:
    """Return one of some samples, changed in one to eight places."""
    data = dice.choice(samples)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        change = dice.choice(TEXT_CHANGES if is_text else BYTE_CHANGES)
        data = change(data, samples, dice)
    return data


def _flipped(data: bytes, samples: Sequence[bytes], dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 3, 20)) if data else 0):
        changed[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _overwritten(data: bytes, samples: Sequence[bytes], dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    new = dice.choice((dice.choice(WORDS), bytes([dice.choice((0, 1, 127, 128, 255))]), dice.randbytes(4)))
    return data[:at] + new + data[at + len(new) :]


def _cut(data: bytes, samples: Sequence[bytes], dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] if dice.random() < 0.8 else data[at:]


def _without(data: bytes, samples: Sequence[bytes], dice: random.Random) -> bytes:
    begin, end = _span(data, dice)
    return data[:begin] + data[end:]


def _doubled(data: bytes, samples: Sequence[bytes], dice: random.Random) -> bytes:
    begin, end = _span(data, dice)
    return data[:end] + data[begin:end] * dice.choice((1, 1, 5)) + data[end:]


def _moved(data: bytes, samples: Sequence[bytes], dice: random.Random) -> bytes:
    begin, end = _span(data, dice)
    rest = data[:begin] + data[end:]
    at = dice.randrange(len(rest) + 1)
    return rest[:at] + data[begin:end] + rest[at:]


def _with_noise(data: bytes, samples: Sequence[bytes], dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.randbytes(dice.choice((1, 2, 8, 300))) + data[at:]


def _with_a_token(data: bytes, samples: Sequence[bytes], dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.choice(TOKENS) + data[at:]


def _with_another_value(data: bytes, samples: Sequence[bytes], dice: random.Random) -> bytes:
    found = _VALUE.search(data, dice.randrange(len(data) + 1))
    return data if found is None else data[: found.start()] + dice.choice(TOKENS) + data[found.end() :]


def _with_lines_swapped(data: bytes, samples: Sequence[bytes], dice: random.Random) -> bytes:
    lines = data.split(b"\n")
    a, b = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _spliced(data: bytes, samples: Sequence[bytes], dice: random.Random) -> bytes:
    other = dice.choice(samples)
    return data[: dice.randrange(len(data) + 1)] + other[dice.randrange(len(other) + 1) :]


def _span(data: bytes, dice: random.Random) -> tuple[int, int]:
    begin = dice.randrange(len(data) + 1)
    return begin, min(len(data), begin + dice.choice((1, 2, 8, 40, 200)))


BYTE_CHANGES = (
    _flipped,
    _flipped,
    _flipped,
    _overwritten,
    _overwritten,
    _cut,
    _without,
    _doubled,
    _moved,
    _with_noise,
    _spliced,
)
TEXT_CHANGES = (
    *(_flipped, _overwritten, _cut, _without, _doubled, _moved, _with_noise, _spliced, _with_lines_swapped),
    *(_with_a_token, _with_a_token, _with_another_value, _with_another_value, _with_another_value),
)


# Reading ------------------------------------------------------------------------------------------------


class Worker:
    """Holds the samples, and knows how to make an input and what comes of it."""

    def __init__(self, folder: str, progress: mmap.mmap) -> None:
        self._path = os.path.join(folder, f"input-{os.getpid()}")
        self._progress = progress
        self._samples = {name: make() for name, make in SAMPLES.items()}
        for name, samples in self._samples.items():
            for sample in samples:
                if self._outcome(name, sample, is_file=True) != "rows":
                    raise AssertionError(f"a sample of {name} gives no rows")

    def job(self, name: str, begin: int, end: int) -> dict[str, Any]:
        """Read inputs, and return how many ended how, and the first failures."""
        counts: dict[str, int] = {}
        failures: list[str] = []
        written = _written()
        for number in range(begin, end):
            self._progress[:8] = number.to_bytes(8, "little")
            data, is_file, named = self.made(name, number)
            try:
                outcome = self._outcome(name, data, is_file=is_file, named=named)
            except BaseException:
                outcome = "failure"
                failures.append(f"{name} {number}: {traceback.format_exc(limit=-6)}")
            if _written() != written:
                written = _written()
                outcome = "failure"
                failures.append(f"{name} {number}: wrote to standard error")
            counts[outcome] = counts.get(outcome, 0) + 1
        return {"counts": counts, "failures": failures[:MOST_FAILURES]}

    def made(self, name: str, number: int) -> tuple[bytes, bool, str | None]:
        """Return an input: its bytes, whether it lies in a file, and the format that it is read as."""
        dice = random.Random(f"{name} {number}")
        data = mutated(self._samples[name], dice, is_text=name not in BINARY)
        is_named = name not in CONTAINERS and dice.random() < 0.2
        return data, name in CONTAINERS or dice.random() < 0.2, NAMED.get(name, name) if is_named else None

    def _outcome(self, name: str, data: bytes, *, is_file: bool, named: str | None = None) -> str:
        source: Any = tables.part_of(data)
        if is_file:
            source = self._path
            with open(source, "wb") as file:
                file.write(data)
        try:
            tracks = wideberth.read(source, format=named)
        except WideberthError as error:
            str(error).encode()  # it must be fit to be printed
            return "error"
        cleaning = tracks.cleaning
        assert len(tracks) == cleaning.rows_kept
        assert cleaning.rows_read == cleaning.rows_kept + sum(cleaning.set_aside.values())
        assert all(count > 0 for count in cleaning.rejected.values())
        for text in (*(" ".join(key) for key in cleaning.rejected), *cleaning.examples.values()):
            text.encode()
        tracks.table.validate(full=True)
        return "rows" if len(tracks) else "no rows"


def _written() -> int:
    return os.fstat(2).st_size


def main() -> None:
    """Answer jobs until standard input ends."""
    folder, progress_path = sys.argv[1:]
    faulthandler.enable()
    with contextlib.suppress(ValueError, OSError):  # where a system has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    formats.formats()
    with open(progress_path, "r+b") as file:
        worker = Worker(folder, mmap.mmap(file.fileno(), 8))
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # collecting as often as usual takes a tenth of the time
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        faulthandler.dump_traceback_later(HANGS_S, exit=True)
        answer = worker.job(job["format"], job["begin"], job["end"])
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps(answer), flush=True)


def write_one(name: str, number: str) -> None:
    """Write one input to standard output."""
    dice = random.Random(f"{name} {number}")
    sys.stdout.buffer.write(mutated(SAMPLES[name](), dice, is_text=name not in BINARY))


if __name__ == "__main__":
    if sys.argv[1] in SAMPLES:
        write_one(*sys.argv[1:])
    else:
        main()
