"""wideberth: who crossed the line, who came too close, how close, and how sure, from recorded tracks.

The public names stand here and are resolved when first used (PEP 562), so that
``import wideberth`` loads nothing heavy.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wideberth.agreement.load import Agreement as Agreement
    from wideberth.encounters import Encounters as Encounters
    from wideberth.errors import WideberthError as WideberthError
    from wideberth.guide import guide as guide
    from wideberth.guide.follow import Guide as Guide
    from wideberth.incidents import Incidents as Incidents
    from wideberth.judge import judge as judge
    from wideberth.minima import PRESETS as PRESETS
    from wideberth.minima import Minima as Minima
    from wideberth.read import read as read
    from wideberth.screen import screen as screen
    from wideberth.tracks import Tracks as Tracks

__version__ = "0.1.0"

_HOMES = {
    "Agreement": "wideberth.agreement.load",
    "Encounters": "wideberth.encounters",
    "Guide": "wideberth.guide.follow",
    "Incidents": "wideberth.incidents",
    "Minima": "wideberth.minima",
    "PRESETS": "wideberth.minima",
    "Tracks": "wideberth.tracks",
    "WideberthError": "wideberth.errors",
    "guide": "wideberth.guide",
    "judge": "wideberth.judge",
    "read": "wideberth.read",
    "screen": "wideberth.screen",
}

__all__ = [
    "PRESETS",
    "Agreement",
    "Encounters",
    "Guide",
    "Incidents",
    "Minima",
    "Tracks",
    "WideberthError",
    "guide",
    "judge",
    "read",
    "screen",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'wideberth' has no attribute '{name}'")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


class _Package(ModuleType):
    """Keeps ``wideberth.read`` the verb, also after ``wideberth/read/`` the folder was imported."""

    def __setattr__(self, name: str, value: object) -> None:
        # The import system binds a submodule to its name in the package; a verb's name stays free.
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
