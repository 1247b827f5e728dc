"""The command line: one file per verb, each parses, calls, prints."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM  # what a shell tells of a process that the signal ended


def main() -> None:
    """Run the command line.

    Exit status 0 done, 1 could not be done, 2 wrong usage, 130 interrupted (Ctrl-C), 143 terminated (SIGTERM).
    """
    interrupted = INTERRUPTED

    def terminate(*_: Any) -> None:
        """Whatever tidies up after Ctrl-C tidies up after SIGTERM, too."""
        nonlocal interrupted
        interrupted = TERMINATED
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # whoever started us may have it ignored
        signal.signal(signal.SIGTERM, terminate)
    try:
        try:
            status = _status()
        finally:
            _turn_deaf()
    except KeyboardInterrupt:
        _turn_deaf()
        status = INTERRUPTED
    if status == INTERRUPTED:
        word = "interrupted" if interrupted == INTERRUPTED else "terminated"
        _say(f"{word}; no file was left half written.")
        status = interrupted
    sys.exit(status)


def _status() -> int:
    """Do what the command line says, and return the exit status."""
    from wideberth.cli.app import app
    from wideberth.errors import UsageError, WideberthError

    try:
        app()
    except UsageError as error:
        _say(str(error))
        return 2
    except WideberthError as error:
        _say(str(error))
        return 1
    except SystemExit as done:  # Typer always ends so; 130 is what it makes of KeyboardInterrupt
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    except MemoryError:
        _say("out of memory. Give --memory to work in smaller pieces (see wideberth screen --help).")
        return 1
    except BrokenPipeError:  # the reader of our output has gone, as in `wideberth … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _turn_deaf() -> None:
    """Ignore signals from now on: all is done, and one that comes while Python shuts down would kill it half way."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)


def _say(message: str) -> None:
    print(f"wideberth: {message}", file=sys.stderr)
