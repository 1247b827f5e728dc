"""How much CPU time the command line needs to answer, beside the interpreter alone: one run prints both.

python benchmarks/start.py
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

RUNS = 10  # the least of so many is shown: the machine may be busy, never faster than it is
WIDEBERTH = str(Path(sys.executable).parent / "wideberth")
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import typer, rich.panel'": [sys.executable, "-c", "import typer, rich.panel"],
    "python -c 'import wideberth'": [sys.executable, "-c", "import wideberth"],
    "wideberth --help": [WIDEBERTH, "--help"],
    "wideberth screen --help": [WIDEBERTH, "screen", "--help"],
}


def cpu_s(command: list[str]) -> float:
    """Return the user and system time that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    for name, command in COMMANDS.items():
        print(f"{min(cpu_s(command) for _ in range(RUNS)):6.3f} s CPU  {name}")


if __name__ == "__main__":
    main()
