"""``python -m wideberth`` is the command ``wideberth``."""

from wideberth.cli import main

main()
