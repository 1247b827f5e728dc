"""The parameters of a configuration as files write them: by the names of DAIDALUS, a number and a unit.

``lookahead_time = 180.0 [s]`` there is ``lookahead_time_s`` in `Config`, and so on for each: the name is the
field's without its unit.  Factors are exact; a value that is written reads back as the same float.
"""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from typing import Any

from wideberth.guide.config import GRAVITY_MPS2, REGIONS, Config, did_you_mean
from wideberth.units import METRES_PER_FOOT, METRES_PER_MILE, METRES_PER_NM, MPS_PER_FPM, MPS_PER_KNOT

_KNOTS = dict.fromkeys(("knot", "knots", "kn", "kt", "kts"), MPS_PER_KNOT)
_FEET_A_MINUTE = dict.fromkeys(("fpm", "ft/min"), MPS_PER_FPM)

UNITS: dict[str, dict[str, float]] = {
    "m": {
        "m": 1.0,
        "km": 1000.0,
        "ft": METRES_PER_FOOT,
        **dict.fromkeys(("nmi", "NM", "nm"), METRES_PER_NM),
        "mi": METRES_PER_MILE,
    },
    "mps": {
        **dict.fromkeys(("m/s", "mps"), 1.0),
        **_KNOTS,
        **_FEET_A_MINUTE,
        "km/h": 1.0 / 3.6,
        **dict.fromkeys(("nmi/s",), METRES_PER_NM),
    },
    "s": {"s": 1.0, "ms": 1e-3, "min": 60.0, "h": 3600.0},
    "rad": {"deg": math.pi / 180.0, "°": math.pi / 180.0, "rad": 1.0},
    "mps2": {"m/s^2": 1.0, "m/s2": 1.0, "G": GRAVITY_MPS2, "g": GRAVITY_MPS2},
    "radps": {"deg/s": math.pi / 180.0, "°/s": math.pi / 180.0, "rad/s": 1.0},
}
"""By the unit that `Config` has: what may be written, and how much of it one is."""

_NOUNS = {
    "m": "a length",
    "mps": "a speed",
    "s": "a duration",
    "rad": "an angle",
    "mps2": "an acceleration",
    "radps": "a rate of turn",
}
_EXAMPLES = {
    "m": "0.66 nmi",
    "mps": "10 knot",
    "s": "55 s",
    "rad": "180 deg",
    "mps2": "2 m/s^2",
    "radps": "3 deg/s",
}
_WRITTEN = {  # in the order of liking; SI last, where each value has a figure
    "m": ("nmi", "ft"),
    "mps": ("knot", "fpm"),
    "s": ("s",),
    "rad": ("deg",),
    "mps2": ("G",),
    "radps": ("deg/s",),
}
SHORT = 8  # characters of a figure that is liked

_VALUE = re.compile(
    r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(?:\[([^\]]*)\]|([^\s\[\]\d].*?))?\s*$"
)
UNITLESS = ("", "none", "unitless")


@dataclass(frozen=True)
class Parameter:
    """One parameter as files write it.

    Attributes:
        name: in files.
        field: of `Config`.
        kind: its unit there, "flag", "count", "number" or "region".
    """

    name: str
    field: str
    kind: str


def _parameter(field: dataclasses.Field[Any]) -> Parameter:
    stem, _, suffix = field.name.rpartition("_")
    if field.type in ("bool", "int", "Region"):
        kind = {"bool": "flag", "int": "count", "Region": "region"}[str(field.type)]
        return Parameter(field.name, field.name, kind)
    return (
        Parameter(stem, field.name, suffix)
        if suffix in UNITS
        else Parameter(field.name, field.name, "number")
    )


PARAMETERS = {
    parameter.name: parameter
    for parameter in map(_parameter, dataclasses.fields(Config))
    if parameter.name not in ("name", "source", "alerters")
}
"""Every parameter of a configuration, by its name in files."""


def parse(text: Any, kind: str) -> Any:
    """Return what a text means as a parameter of a kind; `Config` has the rest to say.

    Raises:
        ValueError: it means none; the message says what is wrong, then what would be right.

    >>> parse("0.66 [nmi]", "m")
    1222.3200000000002
    """
    if not isinstance(text, str):
        raise ValueError(
            f"{text!r} is not {_NOUNS.get(kind, 'a value')}. Write {_EXAMPLES.get(kind, 'a value')}."
        )
    bare = text.strip()
    if kind == "flag":
        if bare.lower() not in ("true", "false"):
            raise ValueError(f"'{bare}' is neither true nor false. Write true or false.")
        return bare.lower() == "true"
    if kind == "region":
        if bare not in REGIONS:
            raise ValueError(f"'{bare}' is not a region. Write one of {', '.join(REGIONS)}.")
        return bare
    found = _VALUE.match(bare)
    if found is None:
        raise ValueError(f"'{bare}' is not a number. Write it like {_EXAMPLES.get(kind, '1.5')}.")
    number, unit = float(found.group(1)), (found.group(2) or found.group(3) or "").strip()
    if kind in UNITS:
        return number * _factor(bare, unit, kind, number)
    if unit not in UNITLESS:
        raise ValueError(f"'{bare}' has a unit, and is a plain number. Write {found.group(1)}.")
    if kind == "count":
        if number != int(number):
            raise ValueError(f"'{bare}' is not a whole number. Write one like 2.")
        return int(number)
    return number


def _factor(bare: str, unit: str, kind: str, number: float) -> float:
    known = UNITS[kind]
    if unit in UNITLESS:
        if number == 0.0:  # nothing is nothing in any unit
            return 1.0
        raise ValueError(f"'{bare}' has no unit, and is {_NOUNS[kind]}. Write it like {_EXAMPLES[kind]}.")
    if unit not in known:
        near = did_you_mean(unit, known)
        raise ValueError(f"'{unit}' is not a unit of {_NOUNS[kind].split(' ', 1)[1]}.{near}")
    return known[unit]


def written(value: Any, kind: str, *, is_bracketed: bool = False) -> str:
    """Return a parameter as a file writes it, so that `parse` gives the same back, to the last digit."""
    if kind == "flag":
        return "true" if value else "false"
    if kind not in UNITS:
        return str(value)
    units = [*_WRITTEN[kind], next(unit for unit, factor in UNITS[kind].items() if factor == 1.0)]
    figures = [(figure, unit) for unit in units if (figure := _figure(value, kind, unit)) is not None]
    figure, unit = next((each for each in figures if len(each[0]) <= SHORT), figures[-1])
    return f"{figure} [{unit}]" if is_bracketed else f"{figure} {unit}"


def _figure(value: float, kind: str, unit: str) -> str | None:
    """Return a short figure that means exactly this value in a unit; None where there is none."""
    factor = UNITS[kind][unit]
    for digits in (6, 9, 12, 15, 17):
        figure = repr(float(f"{value / factor:.{digits}g}"))
        if float(figure) * factor == value:
            return figure
    return None
