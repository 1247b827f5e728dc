"""Raw Mode S: Beast binary and AVR text, decoded with the optional package rs1090.

**Beast** (TCP port 30005): frames of 0x1a, a kind (0x31 Mode A/C, 0x32 short, 0x33 long Mode S, 0x34
status), a 6-byte time, a signal level and the message; 0x1a within a frame is doubled.  **AVR**: a message
in hex a line, ``@`` with 12 digits of time before it, ``<`` with time and signal.  ``*`` and ``:`` lines
hold no time at all; they are rejected, since a position without a time is of no use here.

**Time.**  The time is a counter of 12 MHz from when the receiver started (Radarcape in its GPS mode: seconds
of the day and nanoseconds, told apart because those never fill their 30 bits).  Neither holds a date.
The last frame is dated by the file's modification time (or now, where it is no file) and the others
count back from it.  So distances between the aircraft of one capture are right, while the clock may be off
by as long as the file was open after its last frame, and by everything if it was copied without its times.
A note counts it.  A counter that falls back was restarted; what stands before is dated as if no
time had passed between.

Only DF17, DF18 and the squawks of DF5 and DF21 are decoded.  What becomes of them: `wideberth.read.squitter`.
"""

from __future__ import annotations

import io
import itertools
import math
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from wideberth.errors import FormatError, MissingExtraError
from wideberth.read.batch import Batch
from wideberth.read.formats import Format, whole
from wideberth.read.rowwise import Rows, lines
from wideberth.read.squitter import NAMES, Receiver
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wideberth.read.batch import Rejects
    from wideberth.read.sources import Part

TICKS_PER_SECOND = 12_000_000
DAY_S = 86_400
BACKWARDS_S = 1.0  # frames of several decoders in one receiver may be a little out of order
GAP_S = 3600.0
MOST_RESTARTS = 20
CLOCK_SAMPLE = 5000
FRAMES_AT_ONCE = 2000
LONGEST_LINE = 256
NO_TIME = (
    0xFF004D4C4154,
    0xFF004D4C4155,
    0xFFFFFFFFFFFF,
)  # marks of frames made up from MLAT, UAT and others
NANOSECONDS = 0x3FFFFFFF
_BODY = rb"(?:[^\x1a]|\x1a\x1a)"
BEAST_FRAME = re.compile(
    rb"\x1a(?:1%(b)s{9}|2%(b)s{14}|[34]%(b)s{21}|\xe3%(b)s{8})" % {b"b": _BODY}, re.DOTALL
)
_AVR = re.compile(
    rb"\s*(?:([*:])|@([0-9A-Fa-f]{12})|<([0-9A-Fa-f]{12})[0-9A-Fa-f]{2})((?:[0-9A-Fa-f]{2}){2,14});?\s*$"
)


class Frame(NamedTuple):
    """A message as received: its place in the file, the receiver's counter, and its bytes."""

    at: int
    ticks: int
    message: bytes


def _is_beast(head: bytes, name: str) -> bool:
    frames = BEAST_FRAME.findall(head)
    return len(frames) > 1 and sum(map(len, frames)) >= 0.9 * len(head)  # a capture may begin within a frame


def _is_avr(head: bytes, name: str) -> bool:
    found = [line for line in head.splitlines()[:20] if line.strip()]
    if len(found) > 1:
        found.pop()  # it may be cut
    matching = sum(_AVR.match(line) is not None and line.rstrip().endswith(b";") for line in found)
    return matching > 0 and matching * 2 > len(found)


def read_beast(part: Part, rejects: Rejects) -> Iterator[Batch]:
    """Read the positions of a Beast capture.

    Raises:
        MissingExtraError: rs1090 is not installed.
        FormatError: the counters of several receivers are mixed.
    """
    return _read(part, rejects, beast_frames)


def read_avr(part: Part, rejects: Rejects) -> Iterator[Batch]:
    """Read the positions of an AVR capture; raises as `read_beast`."""
    return _read(part, rejects, avr_frames)


def beast_frames(part: Part, rejects: Rejects) -> Iterator[Frame]:
    """Return the Mode S frames of a Beast capture; the rest is counted."""
    at = position = 0
    content = whole(part)
    for found in BEAST_FRAME.finditer(content):
        _count_lost(content[position : found.start()], at, part, rejects)
        position = found.end()
        kind = found.group()[1:2]
        if kind in (b"2", b"3"):
            body = found.group()[2:].replace(b"\x1a\x1a", b"\x1a")
            yield Frame(at, int.from_bytes(body[:6], "big"), body[7:])
        elif kind in (b"1", b"4"):
            rejects.add(part.name, "not a position message", f"frame {at}: Mode A/C or status")
        else:  # readsb puts the receiver's id before a frame
            continue
        at += 1
    _count_lost(content[position:], at, part, rejects)


def _count_lost(lost: bytes, at: int, part: Part, rejects: Rejects) -> None:
    if lost:
        rejects.add(part.name, "bytes that are no frame", f"{len(lost)} before frame {at}: {lost[:40]!r}")


def avr_frames(part: Part, rejects: Rejects) -> Iterator[Frame]:
    """Return the frames of an AVR capture that have a time; the other lines are counted."""
    with io.BytesIO(whole(part)) as stream:
        for at, line in lines(stream, LONGEST_LINE):
            found = _AVR.match(line)
            if found is None:
                if line.strip(b"\x00 \t\r\n"):
                    rejects.add(part.name, "not an AVR message", f"line {at + 1}: {line[:80]!r}")
            elif found[1] is not None:
                rejects.add(
                    part.name,
                    "message without a time (AVR * or :)",
                    f"line {at + 1}: record @ lines (AVR with time) or Beast instead",
                )
            elif len(found[4]) not in (14, 28):
                rejects.add(part.name, "not a position message", f"line {at + 1}: Mode A/C or cut")
            else:
                yield Frame(at, int(found[2] or found[3], 16), bytes.fromhex(found[4].decode()))


def _read(
    part: Part, rejects: Rejects, frames_of: Callable[[Part, Rejects], Iterator[Frame]]
) -> Iterator[Batch]:
    decode = decoder()
    rows = Rows(part.name, NAMES)
    clock = _Clock(part, rejects)
    receiver = Receiver(rows, part.name, rejects)
    batches: list[Batch] = []
    for now_s, frame, fields in clock.told(decoded(frames_of(part, rejects), decode, part.name, rejects)):
        receiver.hear(now_s, frame.at, frame.message, fields, is_mlat=frame.ticks == NO_TIME[0])
        if rows.is_full():
            batches += rows.taken()
    batches += rows.taken()
    if not batches:
        return
    import polars as pl

    began = pl.duration(microseconds=clock.began_us())  # known only now, so the batches had to wait
    for batch in batches:
        yield Batch(batch.frame.with_columns(pl.col("t") + began), batch.source, batch.first_row)


def decoder() -> Callable[[list[str]], list[dict[str, Any] | None]]:
    """Return what makes fields of messages in hex, None of one that is damaged.

    Raises:
        MissingExtraError: rs1090 is not installed.
    """
    try:
        import rs1090
    except ImportError:
        raise MissingExtraError(
            'Raw Mode S is decoded with the package rs1090. Install it with: pip install "wideberth[raw]"'
        ) from None

    def decode(messages: list[str]) -> list[dict[str, Any] | None]:
        if not messages:
            return []
        try:
            found = cast("list[dict[str, Any] | None]", rs1090.decode(messages))
        except BaseException as error:
            if (
                type(error).__name__ != "PanicException"
            ):  # what Rust raises is no Exception and has no public name
                raise
            if len(messages) == 1:
                return [None]
            return [decode([message])[0] for message in messages]
        return found

    return decode


def decoded(
    frames: Iterable[Frame],
    decode: Callable[[list[str]], list[dict[str, Any] | None]],
    source: str,
    rejects: Rejects,
) -> Iterator[tuple[Frame, dict[str, Any]]]:
    """Return the frames that matter here, each with its fields; those with a bad checksum are counted."""
    waiting: list[Frame] = []

    def emptied() -> Iterator[tuple[Frame, dict[str, Any]]]:
        for frame, fields in zip(waiting, decode([f.message.hex() for f in waiting]), strict=True):
            if fields is None:
                rejects.add(source, "damaged frame (checksum)", f"frame {frame.at}: {frame.message.hex()}")
            else:
                yield frame, fields
        waiting.clear()

    for frame in frames:
        kind = frame.message[0] >> 3
        if (len(frame.message) == 14 and kind in (17, 18, 21)) or (len(frame.message) == 7 and kind == 5):
            waiting.append(frame)
            if len(waiting) == FRAMES_AT_ONCE:
                yield from emptied()
        else:
            rejects.add(source, "not a position message", f"frame {frame.at}: DF{min(kind, 24)}")
    yield from emptied()


class _Clock:
    """Turns the counter of a receiver into seconds since its first frame, and at the end into a date."""

    def __init__(self, part: Part, rejects: Rejects) -> None:
        self._part = part
        self._rejects = rejects
        self._is_of_day = False
        self._raw_s: float | None = None
        self._now_s = 0.0
        self._restarts = 0

    def told(
        self, heard: Iterator[tuple[Frame, dict[str, Any]]]
    ) -> Iterator[tuple[float, Frame, dict[str, Any]]]:
        """Return each frame with its time; one that is out of step with those around it is counted."""
        sample = list(itertools.islice(heard, CLOCK_SAMPLE))
        self._is_of_day = counts_seconds_of_day([frame.ticks for frame, _ in sample])
        doubted: tuple[Frame, dict[str, Any]] | None = None
        for frame, fields in itertools.chain(sample, heard):
            if frame.ticks in NO_TIME:
                if self._raw_s is not None:
                    yield self._now_s, frame, fields
                continue
            raw_s = self._seconds(frame.ticks)
            if self._raw_s is None or _is_in_step(self._step(self._raw_s, raw_s)):
                if doubted is not None:
                    self._refuse(doubted[0])
            elif doubted is None or not _is_in_step(self._step(self._seconds(doubted[0].ticks), raw_s)):
                if doubted is not None:
                    self._refuse(doubted[0])
                doubted = (frame, fields)
                continue
            else:  # two that agree with each other: the counter did jump
                self._jump(self._seconds(doubted[0].ticks), doubted[0])
                yield self._now_s, *doubted
            doubted = None
            self._now_s += 0.0 if self._raw_s is None else self._step(self._raw_s, raw_s)
            self._raw_s = raw_s
            yield self._now_s, frame, fields
        if doubted is not None:
            self._refuse(doubted[0])

    def _seconds(self, ticks: int) -> float:
        return (ticks >> 30) + (ticks & NANOSECONDS) / 1e9 if self._is_of_day else ticks / TICKS_PER_SECOND

    def _step(self, from_s: float, to_s: float) -> float:
        step = to_s - from_s
        if self._is_of_day and abs(step) > DAY_S / 2:
            step -= math.copysign(DAY_S, step)  # midnight
        return step

    def _jump(self, to_s: float, frame: Frame) -> None:
        assert self._raw_s is not None
        gap_s = self._step(self._raw_s, to_s)
        self._raw_s = to_s
        if gap_s > 0:
            self._now_s += gap_s
            return
        self._restarts += 1
        self._rejects.add(
            self._part.name,
            "note: receiver clock restarted, earlier rows dated as if no time passed",
            f"at frame {frame.at}",
        )
        if self._restarts > MOST_RESTARTS:
            raise FormatError(
                f"{self._part.name}: the time fell back {self._restarts} times up to frame {frame.at}. "
                "Are several receivers mixed in one file? Record each by itself."
            )

    def _refuse(self, frame: Frame) -> None:
        self._rejects.add(
            self._part.name,
            "time out of step with the frames around it",
            f"frame {frame.at}: {frame.ticks:012x}",
        )

    def began_us(self) -> int:
        """Return the Unix time, in microseconds, of second 0; call it after the last frame."""
        last_s = modified_s(self._part)
        if self._is_of_day and self._raw_s is not None:
            days = round((last_s - self._raw_s) / DAY_S)
            last_s = days * DAY_S + self._raw_s
        self._rejects.add(
            self._part.name,
            "note: no date in this format, counted back from the file's modification time",
            f"last frame at {datetime.fromtimestamp(last_s, UTC):%Y-%m-%dT%H:%M:%SZ}",
        )
        return round((last_s - self._now_s) * MICROSECONDS_PER_SECOND)


def counts_seconds_of_day(ticks: list[int]) -> bool:
    """Tell whether counters are 18 bits of seconds of the day and 30 bits of nanoseconds.

    Nanoseconds stay below 10⁹; of a 12 MHz counter 1 value in 15 has more in its lower 30 bits.
    """
    if len(ticks) < 400 or len({value >> 30 for value in ticks}) < 10:
        return False
    others = sum((value & NANOSECONDS) >= 1_000_000_000 or value >> 30 > DAY_S for value in ticks)
    return others * 200 < len(ticks)


def _is_in_step(step_s: float) -> bool:
    return -BACKWARDS_S <= step_s <= GAP_S


def modified_s(part: Part) -> float:
    """Return when the file, or the archive it lies in, was last written to; now, if it is no file."""
    path = part.path or Path(part.name.partition(": ")[0])
    try:
        return path.stat().st_mtime
    except (OSError, ValueError):
        return time.time()


FORMATS = (
    Format(
        name="beast",
        title="raw Mode S, Beast binary (TCP port 30005)",
        looks_like=_is_beast,
        read=read_beast,
        bounded=False,
        extra="raw",
    ),
    Format(
        name="avr",
        title="raw Mode S, AVR text with times",
        looks_like=_is_avr,
        read=read_avr,
        bounded=False,
        extra="raw",
    ),
)
