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
    status = INTERRUPTED

    def terminate(*_: Any) -> None:
        """Whatever tidies up after Ctrl-C tidies up after SIGTERM, too."""
        nonlocal status
        status = TERMINATED
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # whoever started us may have it ignored
        signal.signal(signal.SIGTERM, terminate)
    from wideberth.cli.app import app
    from wideberth.errors import UsageError, WideberthError

    try:
        app()
    except UsageError as error:
        _say(str(error))
        sys.exit(2)
    except WideberthError as error:
        _say(str(error))
        sys.exit(1)
    except SystemExit as done:
        if done.code == INTERRUPTED:  # what Typer makes of KeyboardInterrupt
            word = "interrupted" if status == INTERRUPTED else "terminated"
            _say(f"{word}; no file was left half written.")
            sys.exit(status)
        raise
    except MemoryError:
        _say("out of memory. Give --memory to work in smaller pieces (see wideberth screen --help).")
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has gone, as in `wideberth … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _say(message: str) -> None:
    print(f"wideberth: {message}", file=sys.stderr)
