"""Minima: presets with their sources, and the user's own."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import Any

import numpy as np
import pytest

from wideberth.errors import UsageError
from wideberth.minima import LARGEST, PRESETS, Minima, resolve

NM_M, FOOT_M = 1852.0, 0.3048

# Figures as the sources give them, written down anew: horizontal metres, vertical feet, ceiling.
FIGURES = {
    "icao-enroute": (5 * NM_M, 1000, None),  # Doc 4444 8.7.3: 5 NM; 5.3.2: 1000 ft with RVSM
    "icao-terminal": (3 * NM_M, 1000, None),  # 8.7.3: 3 NM where prescribed
    "ntsb-dca": (1 * NM_M, 400, None),  # lateral < 1 NM and vertical < 400 ft: 15,214 occurrences
    "ntsb-dca-close": (1500 * FOOT_M, 200, None),  # lateral < 1500 ft and vertical < 200 ft: 85 occurrences
    "nmac": (500 * FOOT_M, 100, None),
    "f3442": (2000 * FOOT_M, 250, None),
    "do365-enroute": (0.66 * NM_M, 450, None),  # DTHR and ZTHR of "Phase I"
    "do365-enroute-preventive": (0.66 * NM_M, 700, None),
    "do365-terminal": (1500 * FOOT_M, 450, None),  # "Phase II"
    "do365-noncooperative": (2200 * FOOT_M, 450, None),
    "airborne-hotspots": (0.3 * NM_M, 400, 18_000),  # airbornehotspots.org, methodology
}


def test_every_preset_has_the_figures_of_its_source() -> None:
    """And no other preset stands beside them."""
    found = {name: (m.horizontal_m, m.vertical_ft, m.below_ft) for name, m in PRESETS.items()}

    assert found == FIGURES


@pytest.mark.parametrize("name", FIGURES)
def test_every_preset_names_itself_and_its_source(name: str) -> None:
    """A document; none vouches for the figures."""
    assert PRESETS[name].name == name
    assert re.search(r"ICAO Doc|NTSB|DO-365|F3442|airbornehotspots\.org", PRESETS[name].source)
    assert resolve(name, None, None) is PRESETS[name]


@pytest.mark.parametrize(
    ("minima", "shown"),
    [
        (PRESETS["icao-enroute"], "5 NM and 1,000 ft"),
        (PRESETS["do365-enroute"], "0.66 NM and 450 ft"),
        (PRESETS["do365-noncooperative"], "2,200 ft and 450 ft"),
        (PRESETS["airborne-hotspots"], "0.3 NM and 400 ft, below 18,000 ft"),
        (Minima(1234.5, 0.5), "1,234.5 m and 0.5 ft"),
        (Minima(5399.5 * NM_M, 99_999), "5399.5 NM and 99,999 ft"),
        (Minima(0.01, 1000.25), "0.01 m and 1,000.25 ft"),
    ],
)
def test_minima_are_shown_in_the_unit_they_are_round_in(minima: Minima, shown: str) -> None:
    """Nautical miles, else feet, else metres."""
    assert str(minima) == shown


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf, -math.inf, LARGEST, 1e300])
def test_minima_that_cannot_be_meant_are_refused(value: float) -> None:
    """Nothing, less than nothing, no number, or more than the Earth has room for."""
    with pytest.raises(
        UsageError, match="the horizontal minimum must be greater than 0 and less than 10,000,000"
    ):
        Minima(value, 1000)
    with pytest.raises(UsageError, match="the vertical minimum must be greater than 0"):
        Minima(9260, value)


@pytest.mark.parametrize("value", ["5 NM", None, [9260], 1j])
def test_minima_that_are_no_numbers_are_refused(value: Any) -> None:
    """A text with a unit is parsed at the command line only."""
    with pytest.raises(UsageError, match="the horizontal minimum must be a number, not "):
        Minima(value, 1000)


@pytest.mark.parametrize("ceiling", [math.nan, math.inf, -math.inf])
def test_a_ceiling_that_is_no_number_is_refused(ceiling: float) -> None:
    """It would let everything through."""
    with pytest.raises(UsageError, match="the altitude below which minima hold must be finite"):
        Minima(9260, 1000, below_ft=ceiling)


def test_minima_do_not_change() -> None:
    """A preset is shared by all."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        PRESETS["nmac"].vertical_ft = 1.0  # type: ignore[misc]


def test_what_is_meant_is_found() -> None:
    """A name, a Minima, two figures of any number type, or the default."""
    own = Minima(100, 50)

    assert resolve(None, None, None) is PRESETS["icao-enroute"]
    assert resolve(own, None, None) is own
    assert resolve(None, 9260, np.float32(1000)) == Minima(9260, 1000)
    assert resolve(None, 9260, 1000).name == "custom"
    assert resolve(None, 9260, 1000).source == "given by the user"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("icao", None, None), "no minima are called 'icao'."),
        (
            ("ICAO-EnRoute", None, None),
            "no minima are called 'ICAO-EnRoute'. Did you mean 'icao-enroute'? Known: icao-enroute,",
        ),
        (("", None, None), "no minima are called ''. Known: "),
        (((9260, 1000), None, None), "minima are a name or a Minima, not (9260, 1000)"),
        (([], None, None), "minima are a name or a Minima, not []"),
        ((None, 9260, None), "a horizontal and a vertical minimum belong together"),
        ((None, None, 1000), "a horizontal and a vertical minimum belong together"),
        (("nmac", 9260, 1000), "give either minima by name or a horizontal and a vertical minimum, not both"),
        ((PRESETS["nmac"], None, 1000), "give either minima by name or"),
        ((None, 0, 0), "must be greater than 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: tuple[Any, Any, Any], says: str) -> None:
    """An unknown name, one figure of two, a name and figures; an empty name is no default."""
    with pytest.raises(UsageError, match=re.escape(says)):
        resolve(*given)
