"""Colours that people with any colour vision can tell apart, and what each stands for.

Source: M. Okabe and K. Ito, Color Universal Design (2008).  Verdict is told by the colour and trust by how strong it
is, and both in words besides: no picture relies on a colour alone.
"""

from __future__ import annotations

BLACK, GREY = "#000000", "#767676"
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"

VERDICTS = {
    "broken": VERMILION,
    "unknown": ORANGE,
    "excused": SKY,
    "kept": GREEN,
    "inside_buffer": GREY,
    "encounter": VERMILION,
}
"""Of a finding, by its verdict; an encounter of a screen has none."""
TRUSTS = {"credible": 1.0, "doubtful": 0.65, "artefact": 0.35, "": 1.0}
"""How strong the colour is, by trust; "" where it is not told, as of a pledge."""
AIRCRAFT = (BLUE, VERMILION)
"""Of the two aircraft of a pair, a and b."""
PLACE = PURPLE


def channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue, 0 to 255.

    >>> channels("#D55E00")
    (213, 94, 0)
    """
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
