"""What every command prints with: tables, JSON, progress, the notice of the first compilation."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from rich.console import Console, ConsoleOptions

    from wideberth.ledger import Statement
    from wideberth.tracks import Cleaning

PATIENCE_S = 1.0  # what takes longer shows that it is alive
BETWEEN, EDGES = 3, 2  # blanks between two columns of a table, and at its edges


def console(*, is_error: bool = False) -> Console:
    """Return a console; piped output is wide, so that no figure is cut."""
    from rich.console import Console

    stream = sys.stderr if is_error else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else 180, highlight=False, soft_wrap=False)


def out(what: Any) -> None:
    """Print a text or a table; a text is never taken as markup, and breaks at words only on a terminal."""
    shown = console()
    shown.print(what, markup=False, soft_wrap=isinstance(what, str) and not shown.is_terminal)


def whole_number(option: str, low: int, high: int | None = None) -> Callable[[Any], int]:
    """Return what reads the number of an option, and says in a sentence what would be right."""

    def read(text: Any) -> int:
        from wideberth.errors import UsageError

        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if value < low or (high is not None and value > high):
            span = f"from {low} on" if high is None else f"from {low} to {high:,}"
            raise UsageError(f"{option} {text}: that is not a whole number {span}.")
        return value

    return read


def plain(text: str) -> str:
    """Return a text that cannot steer a terminal or end a line, whoever wrote it."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def statement_text(statement: Statement) -> str:
    """Return in a line what a party said, when, and of what."""
    words = f": {statement.text}" if statement.text else ""
    earlier = "" if statement.is_about_latest else ", of an earlier revision"
    signed = "signed" if statement.is_signed else "not signed"
    return f"{statement.written} {statement.party} {statement.says}{earlier} ({signed}){words}"


class Sheet:
    """A table that fits its terminal: what can best be spared is left out and named, the rest stays whole.

    Attributes:
        columns: headings, from left to right.
        right: those aligned to the right.
        wraps: those whose texts may go on in the next line, with the least width that is worth having.
        spare: those to leave out where there is no room, one after another, or some together.
    """

    def __init__(
        self,
        columns: Sequence[str],
        right: Collection[str] = (),
        wraps: Mapping[str, int] | None = None,
        spare: Sequence[str | tuple[str, ...]] = (),
    ) -> None:
        self.columns = columns
        self.right = right
        self.wraps = wraps or {}
        self.spare = spare
        self._rows: list[tuple[str, ...]] = []
        self._sections: set[int] = set()

    def add_row(self, *cells: str) -> None:
        """Add a row: a cell for each column."""
        self._rows.append(cells)

    def add_section(self) -> None:
        """Draw a line below the rows so far."""
        self._sections.add(len(self._rows))

    def _widths(self, column: int) -> tuple[int, int]:
        """Return the least width that a column is shown in, and the width that holds all of it."""
        from rich.cells import cell_len

        texts = [self.columns[column], *(row[column] for row in self._rows)]
        whole = max(map(cell_len, texts))
        worth = self.wraps.get(self.columns[column], whole)
        longest_word = max((cell_len(word) for text in texts for word in text.split()), default=0)
        return min(whole, max(worth, longest_word)), whole

    def _fitted(self, room: int) -> dict[str, int]:
        """Return the columns that are shown, with their widths; the last to be left out stay, if cut."""
        both = {name: self._widths(k) for k, name in enumerate(self.columns)}
        widths = {name: least for name, (least, _) in both.items()}
        spare = list(self.spare)

        def left() -> int:
            return room - EDGES - sum(widths.values()) - BETWEEN * (len(widths) - 1)

        while spare and left() < 0:
            some = spare.pop(0)
            for name in (some,) if isinstance(some, str) else some:
                del widths[name]
        while left() > 0 and (wanting := [name for name in widths if widths[name] < both[name][1]]):
            widths[min(wanting, key=widths.__getitem__)] += 1
        return widths

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Any]:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        widths = self._fitted(options.max_width)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
        for name, width in widths.items():
            justify: Any = "right" if name in self.right else "left"
            table.add_column(Text(name), justify=justify, overflow="fold", width=width)
        shown = [k for k, name in enumerate(self.columns) if name in widths]
        for n, row in enumerate(self._rows, start=1):
            table.add_row(*(Text(row[k]) for k in shown), end_section=n in self._sections)
        yield table
        if left_out := [name for name in self.columns if name not in widths]:
            yield Text(f"Left out, for want of room: {', '.join(left_out)}.")


def json_out(value: Any) -> None:
    """Print a value as JSON, non-finite numbers as null."""
    print(json.dumps(_finite(value), indent=2, ensure_ascii=False, default=str))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not (float("-inf") < value < float("inf")):
        return None
    return value


@contextmanager
def progress(*, is_quiet: bool) -> Iterator[Callable[[str], None]]:
    """Give a function to be called with what is being done now; shown on stderr once a second has passed.

    On a terminal a line moves; elsewhere nothing is shown but the notice of the first compilation.
    """
    if is_quiet:
        yield lambda _: None
        return
    errors = console(is_error=True)
    notice = compile_notice()
    if notice:
        errors.print(notice, markup=False)
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    began = time.monotonic()
    shown = Progress(
        SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(pulse_style="cyan"), TimeElapsedColumn(),
        console=errors, transient=True,
    )  # fmt: skip
    task = shown.add_task("starting", total=None)
    live = _Delayed(shown, began + PATIENCE_S)
    try:
        with live:
            yield lambda text: shown.update(task, description=text)
    finally:
        live.stop()


class _Delayed:
    """Starts a progress display when its time has come, from a thread, if it is not stopped before."""

    def __init__(self, shown: Any, when: float) -> None:
        import threading

        self._shown = shown
        self._timer = threading.Timer(max(0.0, when - time.monotonic()), shown.start)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the display away, or keep it from appearing."""
        self._timer.cancel()
        self._timer.join()
        self._shown.stop()


def compile_notice() -> str:
    """Return what to say before the first run on a machine compiles; empty where it has."""
    from wideberth.kernels import _jit

    if _jit.is_compiled():
        return ""
    return "First run of this version on this machine: compiling, about a minute. Later runs start at once."


def cleaning_lines(cleaning: Cleaning) -> list[str]:
    """Say in a few lines what became of the rows."""
    from wideberth.tracks import REASONS

    lines = [f"{cleaning.rows_read:,} rows read, {cleaning.rows_kept:,} kept"]
    lines += [f"  {n:>9,} set aside: {REASONS[reason]}" for reason, n in cleaning.set_aside.items()]
    lines += [
        f"  {n:>9,} kept on request: {REASONS[reason]}" for reason, n in cleaning.would_set_aside.items()
    ]
    for counts, what in ((cleaning.blanked, "made unknown"), (cleaning.would_blank, "kept on request")):
        lines += [f"  {n:>9,} values {what}: {name}, {REASONS[why]}" for (name, why), n in counts.items()]
    if cleaning.on_ground:
        lines.append(f"  {cleaning.on_ground:>9,} kept and marked: on the ground")
    if cleaning.reordered:
        lines.append(f"  {cleaning.reordered:>9,} kept, sorted into place: time ran backwards")
    if cleaning.breaks:
        lines.append(
            f"  {cleaning.breaks:>9,} places where no possible motion joins two samples: the leg ends there"
        )
    for (source, reason), n in cleaning.rejected.items():
        first = cleaning.examples.get((source, reason), "")
        lines.append(f"  {n:>9,} rejected in {source}: {reason}" + (f" (first: {first})" if first else ""))
    if cleaning.lags:
        from wideberth.trust import clock
        from wideberth.trust.limits import DEFAULT

        lines += [f"  two clocks: {offset}" for offset in clock.wrong(cleaning.lags, DEFAULT)]
    return lines


def aircraft_name(row: dict[str, Any], side: str) -> str:
    """Return callsign and address of one of two aircraft of a row, "a" or "b"; the address alone without one."""
    callsign, address = row[f"callsign_{side}"], row[f"icao24_{side}"]
    return f"{callsign} ({address})" if callsign else str(address)
