"""Raw Mode S in Beast frames over TCP, port 30005: ``beast://HOST``; needs the extra ``raw``.

Frames are decoded as those of a file (`wideberth.read.raw`), with one difference: here it is known when they came.  The
receiver's counter tells how long lies between two frames, to a microsecond; the server's clock tells the date, late by
as much as the network took.  So a frame is dated by the counter, counted from that frame of the connection which was
under way for the shortest time.  A counter that falls back, or jumps by more than a minute, was restarted, or is
another receiver's: it is counted anew.  A frame without a counter is dated by when it came.

A Radarcape's counter holds the time of the day by GPS, which needs no server's clock but for the date: it is
believed once it has agreed with the server's, within a second, for 10 seconds of its own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from wideberth.read import raw
from wideberth.read.raw import BACKWARDS_S, BEAST_FRAME, DAY_S, NANOSECONDS, NO_TIME, TICKS_PER_SECOND, Frame
from wideberth.read.rowwise import Rows
from wideberth.read.squitter import NAMES, Receiver
from wideberth.serve.feeds.stream import StreamFeed
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.read.batch import Batch, Rejects
    from wideberth.serve.clock import Clock
    from wideberth.serve.feeds.address import Address

LONGEST_FRAME = 2 + 2 * 21  # all bytes doubled
MOST_ADDRESSES = 20_000
IN_STEP_S = 1.0
LATEST_S = 60.0  # a frame that was under way for longer is of another run of the counter
BELIEVED_AFTER_S = 10.0
DRIFT_S_PER_S = 1e-4  # an oscillator of 100 parts per million; receivers have 1 to 50


class Frames:
    """Cuts a stream into Beast frames, and keeps a frame that has only begun."""

    def __init__(self, source: str, rejects: Rejects) -> None:
        self._source = source
        self._rejects = rejects
        self._rest = b""
        self._at = 0

    def add(self, chunk: bytes) -> Iterator[Frame]:
        """Return the Mode S frames that are whole now; what is none is counted."""
        content = self._rest + chunk
        position = lost_from = 0
        while (position := content.find(b"\x1a", position)) >= 0:
            found = BEAST_FRAME.match(content, position)
            if found is None:
                if len(content) - position <= LONGEST_FRAME:
                    break
                position += 1
                continue
            self._lose(content[lost_from:position])
            position = lost_from = found.end()
            yield from self._frame(found.group())
        else:
            position = len(content)
        self._lose(content[lost_from:position])
        self._rest = content[position:]

    def _frame(self, content: bytes) -> Iterator[Frame]:
        kind = content[1:2]
        if kind == b"\xe3":  # readsb puts the receiver's id before a frame
            return
        if kind in (b"2", b"3"):
            body = content[2:].replace(b"\x1a\x1a", b"\x1a")
            yield Frame(self._at, int.from_bytes(body[:6], "big"), body[7:])
        else:
            self._rejects.add(self._source, "not a position message", f"frame {self._at}: Mode A/C or status")
        self._at += 1

    def _lose(self, lost: bytes) -> None:
        if lost:
            self._rejects.add(
                self._source, "bytes that are no frame", f"{len(lost)} before frame {self._at}: {lost[:40]!r}"
            )

    def cut_off(self) -> None:
        """Count what is left at the end of a stream, and begin anew."""
        self._lose(self._rest)
        self._rest = b""


class Dating:
    """Gives frames their Unix times, from the receiver's counter and when they came; see the module.

    Attributes:
        is_of_day: the counter was found to hold the time of the day.
    """

    def __init__(self) -> None:
        self.is_of_day = False
        self._zero_s = math.inf  # Unix time at which the counter was 0, as the quickest frame has it
        self._last_s = -math.inf  # the counter of the frame before
        self._looked_s = math.nan
        self._of_day_from_s: float | None = None

    def dates_s(self, ticks: list[int], received_s: float) -> list[float]:
        """Return the Unix times of some frames that came together, none later than when they came."""
        if not math.isnan(self._looked_s):
            self._zero_s += max(received_s - self._looked_s, 0.0) * DRIFT_S_PER_S
        self._looked_s = received_s
        runs: list[int] = []  # of each frame that is to be counted: its run of the counter
        zeros_s = [self._zero_s]
        for value in ticks:
            if value in NO_TIME:
                runs.append(-1)
                continue
            counter_s = value / TICKS_PER_SECOND
            zero_s = received_s - counter_s
            is_other = math.isfinite(zeros_s[-1]) and abs(zero_s - zeros_s[-1]) > LATEST_S
            if is_other or counter_s < self._last_s - BACKWARDS_S:
                zeros_s.append(zero_s)
            zeros_s[-1] = min(zeros_s[-1], zero_s)
            runs.append(len(zeros_s) - 1)
            self._last_s = counter_s
        self._zero_s = zeros_s[-1]
        return [self._date_s(value, run, zeros_s, received_s) for value, run in zip(ticks, runs, strict=True)]

    def _date_s(self, ticks: int, run: int, zeros_s: list[float], received_s: float) -> float:
        if run < 0:
            return received_s
        of_day_s = self._of_day(ticks, received_s)
        return min(zeros_s[run] + ticks / TICKS_PER_SECOND if of_day_s is None else of_day_s, received_s)

    def _of_day(self, ticks: int, received_s: float) -> float | None:
        """Return the time if the counter is of the day; None if not, or before that is sure."""
        of_day_s = (ticks >> 30) + (ticks & NANOSECONDS) / 1e9
        late_s = (received_s - of_day_s + DAY_S / 2) % DAY_S - DAY_S / 2
        most_s = LATEST_S if self.is_of_day else IN_STEP_S
        if of_day_s > DAY_S or (ticks & NANOSECONDS) >= 1_000_000_000 or not -IN_STEP_S < late_s < most_s:
            self._of_day_from_s = None
            self.is_of_day = False
            return None
        date_s = received_s - late_s
        if self._of_day_from_s is None:
            self._of_day_from_s = date_s
        self.is_of_day = self.is_of_day or date_s - self._of_day_from_s >= BELIEVED_AFTER_S
        return date_s if self.is_of_day else None


class Beast(StreamFeed):
    """Raw Mode S."""

    kind = "beast"
    default_port = 30005

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        self._decode = raw.decoder()
        self._rows = Rows(self.name, NAMES)
        self._receiver = Receiver(self._rows, self.name, self.link.rejects)
        self._frames = Frames(self.name, self.link.rejects)
        self._dating = Dating()

    def _begin(self) -> None:
        self._frames.cut_off()
        self._dating = Dating()

    def _parse(self, chunk: bytes) -> Iterator[Batch]:
        received_s = self._received_us() / MICROSECONDS_PER_SECOND
        heard: Iterator[tuple[Frame, dict[str, Any]]] = raw.decoded(
            self._frames.add(chunk), self._decode, self.name, self.link.rejects
        )
        together = list(heard)
        dates_s = self._dating.dates_s([frame.ticks for frame, _ in together], received_s)
        for now_s, (frame, fields) in zip(dates_s, together, strict=True):
            is_mlat = frame.ticks == NO_TIME[0]
            self._receiver.hear(now_s, frame.at, frame.message, fields, is_mlat=is_mlat)
        yield from self._rows.taken()
        if len(self._receiver) > MOST_ADDRESSES:
            self._receiver.forget(MOST_ADDRESSES // 2)

    def _parse_end(self) -> Iterator[Batch]:
        self._frames.cut_off()
        return iter(())
