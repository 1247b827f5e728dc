"""``wideberth serve``: listen to live feeds, or replay a recording as if it were live."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from contextlib import aclosing, suppress
from pathlib import Path  # noqa: TC003 - Typer looks at it while running
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wideberth.agreement.load import Agreement
    from wideberth.serve.alerts import Alert
    from wideberth.serve.archive import Archive
    from wideberth.serve.cycle import Cycle, Found
    from wideberth.serve.health import FeedHealth
    from wideberth.serve.ticks import Tick, Ticks

TELL_EVERY_S = 5.0


def serve(
    feed: Annotated[list[str], typer.Option("--feed", "-f", help="Where to listen: sbs://HOST, readsb://HOST, beast://HOST, http://HOST/…/aircraft.json, opensky:, udp://HOST:PORT, mqtt://HOST/TOPIC, replay:FILE@20x, ...: see docs/live.md. Can be repeated.")],
    agreement: Annotated[Path, typer.Option("--agreement", "-a", help="The agreement file.")],
    archive: Annotated[Path | None, typer.Option("--archive", help="Keep what is heard in this folder, as Parquet by the hour.")] = None,
    archive_size: Annotated[str | None, typer.Option("--archive-size", help="How large the archive may become, such as 10GB; the oldest hours go first.")] = None,
    archive_age: Annotated[str | None, typer.Option("--archive-age", help="How old an hour in the archive may become, such as 720h.")] = None,
    window: Annotated[str, typer.Option(help="How long a row waits for those of other feeds that were under way longer.")] = "1s",
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object a line instead of text.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors and what goes wrong with feeds.")] = False,
) -> None:  # fmt: skip
    """Listen to live feeds, or replay a recording; say what is heard, and how each feed is.

    Ctrl-C ends it; what was heard is in the archive then.
    """
    from wideberth import units
    from wideberth.agreement.load import Agreement
    from wideberth.errors import UsageError, WriteError
    from wideberth.serve import feeds
    from wideberth.serve.archive import Archive
    from wideberth.serve.cycle import Cycle
    from wideberth.serve.health import Health
    from wideberth.serve.merge import Merge
    from wideberth.serve.ticks import Ticks

    terms = Agreement.load(agreement)
    window_s = units.parse_duration_s(window)
    if archive is None and (archive_size or archive_age):
        raise UsageError("--archive-size and --archive-age need --archive FOLDER.")
    most_bytes = None if archive_size is None else units.parse_bytes(archive_size)
    oldest_s = None if archive_age is None else units.parse_duration_s(archive_age)
    opened, clock = feeds.open_feeds(feed)
    kept = None if archive is None else Archive(archive, most_bytes=most_bytes, oldest_s=oldest_s)
    if kept is not None:
        for each in opened:
            each.link.rows = kept.next_rows.get(each.name, 0)
    ticks = Ticks(opened, clock, Health(opened, clock), Merge(window_s), kept)
    teller = Teller(ticks, kept, as_json=as_json, is_quiet=quiet)
    teller.begin(terms)
    try:
        run(lambda: _listen(ticks, Cycle(terms), teller))
    except KeyboardInterrupt:
        if lost := _unwritten(kept):
            print(f"wideberth: {lost}", file=sys.stderr)
        raise
    if lost := _unwritten(kept):
        raise WriteError(lost)
    teller.end()


def _unwritten(archive: Archive | None) -> str:
    """Say how many rows could not be written to the archive before the end; empty if all could."""
    if archive is None or not archive.state.held:
        return ""
    return f"the archive {archive.state.trouble}; {archive.state.held:,} rows are lost."


async def _listen(ticks: Ticks, cycle: Cycle, teller: Teller) -> None:
    async with aclosing(aiter(ticks)) as each:
        async for tick in each:
            teller.tell_found(await cycle.step(tick))
            teller.tell(tick)


def run(work: Callable[[], Awaitable[None]]) -> None:
    """Run something until it ends, or a signal ends it; then let it tidy up first.

    Raises:
        KeyboardInterrupt: by Ctrl-C, or as whoever handled SIGTERM before has it.
    """
    before = signal.getsignal(signal.SIGTERM)
    is_terminated = False

    async def main() -> None:
        nonlocal is_terminated
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work())

        def terminate() -> None:
            nonlocal is_terminated
            is_terminated = True
            task.cancel()

        # Without this SIGTERM would raise in the midst of whatever the loop is doing.
        with suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(signal.SIGTERM, terminate)
        try:
            await task
        except asyncio.CancelledError:
            if not is_terminated:
                raise
        finally:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(signal.SIGTERM)

    try:
        asyncio.run(main())
    finally:
        signal.signal(signal.SIGTERM, before)
    if is_terminated:
        if callable(before):
            before(signal.SIGTERM, None)
        raise KeyboardInterrupt


class Teller:
    """Says what is heard: a line every few seconds, and at once what begins or ends with a feed."""

    def __init__(self, ticks: Ticks, archive: Archive | None, *, as_json: bool, is_quiet: bool) -> None:
        self._ticks = ticks
        self._archive = archive
        self._as_json = as_json
        self._is_quiet = is_quiet
        self._due_s = 0.0
        self._trouble = ""
        self.incidents = 0

    def begin(self, terms: Agreement) -> None:
        """Say what is listened to, and by which agreement."""
        names = [each.name for each in self._ticks.health.report()]
        count = f"{len(names)} feeds" if len(names) > 1 else "one feed"
        self._say(
            f"listening to {count}: {', '.join(names)}; by '{terms.name}'; Ctrl-C ends",
            begins=names,
            agreement=terms.name,
        )
        self._due_s = time.monotonic() + TELL_EVERY_S

    def tell(self, tick: Tick) -> None:
        """Say what is due."""
        from wideberth.tables import instant_text

        for event in tick.events:
            end = "over" if event.is_over else "begins"
            self._say(
                f"{_time(tick.now_us)}  {'  ' if event.is_over else '! '}{event.text}",
                is_trouble=True, at=instant_text(event.at_us), feed=event.feed, event=event.kind, state=end, text=event.text,
            )  # fmt: skip
        self._tell_archive(tick.now_us)
        if tick.is_last or time.monotonic() >= self._due_s:
            self._due_s = time.monotonic() + TELL_EVERY_S
            report = self._ticks.health.report(self._ticks.merge.counts)
            aircraft = self._ticks.health.aircraft()
            rate = sum(each.rate for each in report)
            figures = " | ".join(map(_line, report))
            self._say(
                f"{_time(tick.now_us)}  {aircraft:,} aircraft, {rate:,.1f} rows/s | {figures}",
                at=instant_text(tick.now_us), aircraft=aircraft, rate=rate, feeds=[each.as_dict() for each in report],
                archive=None if self._archive is None else vars(self._archive.state),
            )  # fmt: skip

    def tell_found(self, found: Found) -> None:
        """Say what happened to alerts, and which incidents have become final."""
        from wideberth.tables import instant_text

        for event in found.events:
            self._say(
                f"{_time(found.now_us)}  {'! ' if event.what in ('began', 'rose') else '  '}{_alert(event.what, event.alert)}",
                is_trouble=True, at=instant_text(event.at_us), what=event.what, alert=vars(event.alert),
            )  # fmt: skip
        for sentence in [] if found.incidents is None else found.incidents.table["sentence"].to_pylist():
            self.incidents += 1
            self._say(
                f"{_time(found.now_us)}    incident: {sentence}",
                at=instant_text(found.now_us),
                incident=sentence,
            )

    def _tell_archive(self, now_us: int) -> None:
        if self._archive is None or self._archive.state.trouble == self._trouble:
            return
        state = self._archive.state
        self._trouble = state.trouble
        text = (
            f"{state.trouble}; {state.held:,} rows wait"
            if state.trouble
            else "the archive can be written again"
        )
        self._say(
            f"{_time(now_us)}  {'! ' if state.trouble else '  '}archive: {text}",
            is_trouble=True,
            archive=vars(state),
        )

    def end(self) -> None:
        """Say that a replay is over."""
        rows = sum(each.rows for each in self._ticks.health.report())
        count = "one incident" if self.incidents == 1 else f"{self.incidents:,} incidents"
        self._say(
            f"all feeds have ended; {rows:,} rows were heard, {count} recorded",
            ended=True, rows=rows, incidents=self.incidents,
        )  # fmt: skip

    def _say(self, line: str, *, is_trouble: bool = False, **told: Any) -> None:
        if self._is_quiet and not is_trouble:
            return
        if self._as_json:
            import json

            print(json.dumps(told, ensure_ascii=False, default=str), flush=True)
        else:
            from wideberth.cli.show import plain

            print(plain(line), flush=True, file=sys.stderr if self._is_quiet else sys.stdout)


def _alert(what: str, alert: Alert) -> str:
    """Return an alert in a line: what happened to it, how urgent it is, who, what and when."""
    who = " and ".join(
        f"{callsign} ({address})" if callsign else address
        for address, callsign in zip(alert.aircraft, alert.callsigns, strict=True)
    )
    parts = [f"alert {alert.id[:8]} {what}: {alert.level}, rule {alert.rule}, {who}"]
    if alert.place:
        parts.append(f"{alert.place}{f' ({alert.how})' if alert.how else ''}")
    if alert.ended_us is not None:
        warned = "" if alert.warned_s is None else f", warned {alert.warned_s:,.0f} s before"
        parts.append(f"{alert.because}{warned}")
    elif 0.0 < alert.t_in_s < float("inf"):
        parts.append(f"in {alert.t_in_s:,.0f} s{' if it goes on turning' if alert.is_turning else ''}")
    if alert.inhibited_by:
        parts.append(f"inhibited by {', '.join(alert.inhibited_by)}")
    return ", ".join(parts)


def _line(each: FeedHealth) -> str:
    """Return how a feed is, in a few words."""
    parts = [each.state if each.state != "waiting" else f"waiting ({each.why})", f"{each.rate:,.1f} rows/s"]
    if each.lag_s is not None:
        parts.append(f"lag {each.lag_s:,.1f} s")
    if each.age_s is not None and each.age_s > 5.0:
        parts.append(f"last {each.age_s:,.0f} s ago")
    parts += [
        f"{count:,} {what.replace('_', ' ')}"
        for what, count in each.merged.items()
        if count and what != "rows"
    ]
    if rejected := sum(count for count, _ in each.rejects.values()):
        parts.append(f"{rejected:,} rejected")
    parts += each.notes.values()
    return f"{each.name}: {', '.join(parts)}"


def _time(now_us: int) -> str:
    from wideberth.tables import instant_text

    return instant_text(now_us)[:19] + "Z"
