"""The command line: one file per verb, each parses, calls, prints."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line; exit status 0 done, 1 could not be done, 2 wrong usage, 130 interrupted."""
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
            _say("interrupted; no file was left half written.")
        raise
    except MemoryError:
        _say("out of memory. Give --memory to work in smaller pieces (see wideberth screen --help).")
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has gone, as in `wideberth … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _say(message: str) -> None:
    print(f"wideberth: {message}", file=sys.stderr)
