"""Guidance at one instant as a picture: SVG, a compass rose with the track up, and three tapes.

The rose has the bands of direction on its rim and the intruders within; the tapes are ground speed, vertical
speed and altitude.  Severity shows by colour and by width: warning is the widest band, none the thinnest line.
Colours are of Okabe and Ito, "Color Universal Design" (2008), told apart by colour-blind people.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from wideberth import tables
from wideberth.guide.moment import (
    ALERTED,
    RECOVERY,
    SHOWN,
    TITLES,
    UNITS,
    UNKNOWN,
    Band,
    Dial,
    Intruder,
    Moment,
)
from wideberth.units import METRES_PER_FOOT, METRES_PER_NM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WIDTH, HEIGHT = 1060.0, 680.0
CENTRE_X, CENTRE_Y, RADIUS = 300.0, 356.0, 210.0
TAPE_TOP, TAPE_BOTTOM, TAPE_WIDE = 152.0, 562.0, 34.0
TAPES = (("hs", 620.0), ("vs", 775.0), ("alt", 930.0))  # and the left edge of each
PAPER, INK, GREY, PALE = "#fcfcfa", "#26262a", "#85857f", "#deded8"
COLOURS = {
    "NONE": PALE,
    "FAR": "#f0e442",
    "MID": "#e69f00",
    "NEAR": "#d55e00",
    RECOVERY: "#009e73",
    UNKNOWN: "#f4f4f0",
}
WIDTHS = {"NONE": 4.0, UNKNOWN: 4.0, "FAR": 10.0, "MID": 14.0, "NEAR": 20.0, RECOVERY: 14.0}
LEGEND = {"NONE": "clear", "FAR": "far", "MID": "corrective", "NEAR": "warning", RECOVERY: "recovery"}
LOOK_S = 60.0  # how far ahead the velocity lines of aircraft reach
FEWEST_TICKS = 4
BOX_HIGH = 18.0  # of the own value, in which nothing else is written
_HALO = f'paint-order="stroke" stroke="{PAPER}" stroke-width="4" stroke-linejoin="round"'


def write(moment: Moment, path: Path) -> None:
    """Draw guidance into an SVG file, whole or not at all."""
    picture = svg(moment)
    with tables.whole_file(path) as temporary:
        temporary.write_text(picture, encoding="utf-8")


def svg(moment: Moment) -> str:
    """Return the picture."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" '
            'font-family="Helvetica, Arial, sans-serif" role="img">',
            f"<title>{escape(_title(moment))}</title>",
            _HATCH,
            f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="{PAPER}"/>',
            *_head(moment),
            *_rose(moment),
            *(
                line
                for name, left in TAPES
                if name in moment.dials
                for line in _tape(moment.dials[name], left)
            ),
            *_legend(moment),
            "</svg>\n",
        ]
    )


_HATCH = (
    '<defs><pattern id="unknown" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<path d="M0,0 V6" stroke="{GREY}" stroke-width="1.5"/></pattern></defs>'
)


def _title(moment: Moment) -> str:
    return f"Guidance for {_printable(moment.ownship)}, {moment.clock}"


def _head(moment: Moment) -> Iterator[str]:
    yield _text(30, 40, _title(moment), size=20, weight=600)
    level = ALERTED.get(moment.alert, f"level {moment.alert}")
    alerting = [each.name for each in moment.intruders if each.alert == moment.alert and each.alert]
    against = f" against {_printable(', '.join(alerting))}" if alerting else ""
    yield _text(30, 64, f"Alert: {level}{against}", size=15, fill=_darker(_worst(moment)))
    told, regain = moment.manoeuvres(), moment.manoeuvres(is_recovery=True)
    if told or regain:
        what = "Smallest that keeps well clear" if told else "Regains well clear soonest"
        yield _text(30, 88, f"{what}: {'; or '.join(told or regain)}.", size=13)
    elif any(dial.region not in ("NONE", UNKNOWN) for dial in moment.dials.values()):
        yield _text(30, 88, "No manoeuvre of its own keeps well clear.", size=14)


def _worst(moment: Moment) -> str:
    alerted = [each.region for each in moment.intruders if each.alert == moment.alert]
    return alerted[0] if alerted and moment.alert else "NONE"


def _darker(region: str) -> str:
    """Return a colour of a region that can be read as text on paper."""
    return {"FAR": "#6b6400", "MID": "#8a5f00", "NEAR": "#a84a00", RECOVERY: "#00694c"}.get(region, INK)


def _rose(moment: Moment) -> Iterator[str]:
    """Yield the compass rose, the track up."""
    up = moment.track_rad
    reach_m = _reach_m(moment)
    yield f'<circle cx="{CENTRE_X:g}" cy="{CENTRE_Y:g}" r="{RADIUS:g}" fill="#ffffff" stroke="{PALE}"/>'
    for share in (1 / 3, 2 / 3):
        yield (
            f'<circle cx="{CENTRE_X:g}" cy="{CENTRE_Y:g}" r="{RADIUS * share:.1f}" fill="none" '
            f'stroke="{PALE}" stroke-dasharray="3 4"/>'
        )
        x, y = _polar(math.radians(135), RADIUS * share)
        yield _text(x, y + 4, _range_text(reach_m * share), size=11, fill=GREY, anchor="middle", halo=True)
    dial = moment.dials.get("hdir")
    for band in dial.bands if dial is not None else ():
        yield from _arc(band, up)
    yield from _marks(up)
    if dial is not None:
        yield from _bugs(dial, up)
    for intruder in sorted(moment.intruders, key=lambda each: each.alert):
        yield from _intruder(intruder, moment, reach_m)
    yield from _ownship(moment, reach_m)
    yield _text(
        CENTRE_X,
        CENTRE_Y + RADIUS + 62,
        "track (°), bands on the rim; track up",
        size=12,
        fill=GREY,
        anchor="middle",
    )


def _polar(angle_rad: float, radius: float) -> tuple[float, float]:
    """Return a point of the rose, clockwise from up."""
    return CENTRE_X + radius * math.sin(angle_rad), CENTRE_Y - radius * math.cos(angle_rad)


def _arc(band: Band, up: float) -> Iterator[str]:
    wide = WIDTHS[band.region]
    radius = RADIUS + wide / 2
    span = band.up - band.low
    if span <= 0.0:
        return
    colour = "url(#unknown)" if band.region == UNKNOWN else COLOURS[band.region]
    style = f'fill="none" stroke="{colour}" stroke-width="{wide:g}"'
    if span >= 2 * math.pi - 1e-9:
        yield f'<circle cx="{CENTRE_X:g}" cy="{CENTRE_Y:g}" r="{radius:.1f}" {style}/>'
        return
    (x0, y0), (x1, y1) = _polar(band.low - up, radius), _polar(band.up - up, radius)
    large = 1 if span > math.pi else 0
    label = (
        f"{math.degrees(band.low):.0f}° to {math.degrees(band.up):.0f}°: {LEGEND.get(band.region, 'unknown')}"
    )
    yield (
        f'<path d="M{x0:.2f},{y0:.2f} A{radius:.1f},{radius:.1f} 0 {large} 1 {x1:.2f},{y1:.2f}" {style}>'
        f"<title>{label}</title></path>"
    )


def _marks(up: float) -> Iterator[str]:
    for degree in range(0, 360, 10):
        angle = math.radians(degree) - up
        is_named = degree % 30 == 0
        (x0, y0), (x1, y1) = _polar(angle, RADIUS), _polar(angle, RADIUS - (12 if is_named else 6))
        yield f'<path d="M{x0:.1f},{y0:.1f} L{x1:.1f},{y1:.1f}" stroke="{INK}" stroke-width="1"/>'
        if is_named:
            name = {0: "N", 90: "E", 180: "S", 270: "W"}.get(degree, f"{degree:03d}")
            x, y = _polar(angle, RADIUS - 25)
            weight = 600 if name.isalpha() else 400
            yield _text(x, y + 4, name, size=12, anchor="middle", weight=weight, fill=INK)
    x, y = _polar(0.0, RADIUS + 26)
    yield f'<path d="M{x:.1f},{y + 14:.1f} l-8,-14 h16 z" fill="{INK}"/>'
    yield _text(x, y - 6, f"{round(math.degrees(up)) % 360:03d}°", size=15, anchor="middle", weight=600)


def _bugs(dial: Dial, up: float) -> Iterator[str]:
    """Yield a mark at each direction that resolves; the preferred one is filled."""
    for side, is_high in ((dial.low_side, False), (dial.high_side, True)):
        if side is None:
            continue
        is_preferred = is_high == dial.is_high_preferred
        x, y = _polar(side - up, RADIUS + 30)
        fill = COLOURS[RECOVERY] if is_preferred else PAPER
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{fill}" stroke="{COLOURS[RECOVERY]}" stroke-width="2"/>'
        tx, ty = _polar(side - up, RADIUS + 50)
        shown = f"{round(math.degrees(side)) % 360:03d}°"
        yield _text(tx, ty + 4, shown, size=12, anchor="middle", fill=_darker(RECOVERY), halo=True)


def _reach_m(moment: Moment) -> float:
    """Return how far the rim is: the next round figure beyond the farthest intruder."""
    farthest = max((each.range_m for each in moment.intruders), default=METRES_PER_NM) / METRES_PER_NM
    farthest = max(farthest * 1.15, 0.03)
    power = 10.0 ** math.floor(math.log10(farthest))
    return next(step * power for step in (1.5, 3.0, 6.0, 15.0) if step * power >= farthest) * METRES_PER_NM


def _range_text(range_m: float) -> str:
    nm = range_m / METRES_PER_NM
    return f"{nm:.2g} NM" if nm >= 0.1 else f"{range_m / METRES_PER_FOOT:,.0f} ft"


def _ownship(moment: Moment, reach_m: float) -> Iterator[str]:
    ahead = min(moment.groundspeed_mps * LOOK_S / reach_m, 0.92) * RADIUS
    yield (
        f'<path d="M{CENTRE_X:g},{CENTRE_Y:g} v{-ahead:.1f}" stroke="{INK}" stroke-width="1.5" stroke-dasharray="2 3"/>'
    )
    yield (
        f'<path d="M{CENTRE_X:g},{CENTRE_Y - 13:g} l9,24 l-9,-6 l-9,6 z" fill="{INK}" '
        f'stroke="{PAPER}" stroke-width="1.5"/>'
    )


def _intruder(intruder: Intruder, moment: Moment, reach_m: float) -> Iterator[str]:
    turn = intruder.bearing_rad - moment.track_rad
    x, y = _polar(turn, intruder.range_m / reach_m * RADIUS)
    way = math.atan2(intruder.vx_mps, intruder.vy_mps) - moment.track_rad
    speed = math.hypot(intruder.vx_mps, intruder.vy_mps)
    long = min(speed * LOOK_S / reach_m, 1.2) * RADIUS
    ex, ey = x + long * math.sin(way), y - long * math.cos(way)
    colour = COLOURS[intruder.region] if intruder.region in ("FAR", "MID", "NEAR") else "#ffffff"
    yield f'<path d="M{x:.1f},{y:.1f} L{ex:.1f},{ey:.1f}" stroke="{INK}" stroke-width="1" stroke-dasharray="2 3"/>'
    yield (
        f'<path d="M0,-11 l8,20 l-8,-5 l-8,5 z" transform="translate({x:.1f} {y:.1f}) '
        f'rotate({math.degrees(way):.1f})" fill="{colour}" stroke="{INK}" stroke-width="1.5"/>'
    )
    above = intruder.above_m / METRES_PER_FOOT
    climb = intruder.vz_mps / SHOWN["vs"]
    arrow = " ↑" if climb > 250 else " ↓" if climb < -250 else ""
    is_left = x > CENTRE_X + RADIUS * 0.45
    tx, anchor = (x - 14, "end") if is_left else (x + 14, "start")
    yield _text(tx, y - 2, _printable(intruder.name), size=12, weight=600, anchor=anchor, halo=True)
    told = f"{above:+,.0f} ft{arrow}, {_range_text(intruder.range_m)}"
    yield _text(tx, y + 12, told, size=11, anchor=anchor, halo=True)


def _tape(dial: Dial, left: float) -> Iterator[str]:
    """Yield one dimension as a vertical tape, its highest value at the top, around the own one."""
    low, high = _window(dial)
    scale = SHOWN[dial.dimension]

    def at(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return TAPE_BOTTOM - share * (TAPE_BOTTOM - TAPE_TOP)

    middle = left + TAPE_WIDE / 2
    yield _text(middle, TAPE_TOP - 28, TITLES[dial.dimension], size=13, anchor="middle", weight=600)
    yield _text(middle, TAPE_TOP - 12, UNITS[dial.dimension], size=11, anchor="middle", fill=GREY)
    yield (
        f'<rect x="{left:g}" y="{TAPE_TOP:g}" width="{TAPE_WIDE:g}" height="{TAPE_BOTTOM - TAPE_TOP:g}" '
        f'fill="#ffffff" stroke="{PALE}"/>'
    )
    for band in dial.bands:
        top, bottom = at(band.up), at(band.low)
        if bottom - top <= 0.0:
            continue
        wide = WIDTHS[band.region] * 1.3
        colour = "url(#unknown)" if band.region == UNKNOWN else COLOURS[band.region]
        span = f"{_figure(band.low / scale)} to {_figure(band.up / scale)} {UNITS[dial.dimension]}"
        words = f"{span}: {LEGEND.get(band.region, 'unknown')}"
        yield (
            f'<rect x="{left:g}" y="{top:.1f}" width="{wide:g}" height="{bottom - top:.1f}" fill="{colour}">'
            f"<title>{words}</title></rect>"
        )
    step = _step((high - low) / scale)
    for k in range(math.ceil(low / scale / step), math.floor(high / scale / step) + 1):
        y = at(k * step * scale)
        yield f'<path d="M{left + TAPE_WIDE - 7:g},{y:.1f} h7" stroke="{INK}"/>'
        if abs(y - at(dial.own)) > BOX_HIGH:
            yield _text(left + TAPE_WIDE + 6, y + 4, _figure(k * step), size=11, fill=GREY)
    yield from _tape_values(dial, left, at(dial.own), [(side, at(side)) for side in _sides(dial)])


def _sides(dial: Dial) -> list[float]:
    return [side for side in (dial.low_side, dial.high_side) if side is not None]


def _tape_values(dial: Dial, left: float, own_y: float, sides: list[tuple[float, float]]) -> Iterator[str]:
    scale = SHOWN[dial.dimension]
    for side, y in sides:
        is_preferred = (side > dial.own) == dial.is_high_preferred
        fill = COLOURS[RECOVERY] if is_preferred else PAPER
        yield (
            f'<path d="M{left - 4:g},{y:.1f} l-12,-6 v12 z" fill="{fill}" '
            f'stroke="{COLOURS[RECOVERY]}" stroke-width="2"/>'
        )
        yield _text(
            left - 20, y + 4, _figure(side / scale), size=12, anchor="end", fill=_darker(RECOVERY), halo=True
        )
    yield f'<path d="M{left - 6:g},{own_y:.1f} h{TAPE_WIDE + 10:g}" stroke="{INK}" stroke-width="2.5"/>'
    yield (
        f'<rect x="{left + TAPE_WIDE + 4:g}" y="{own_y - 11:.1f}" width="58" height="22" rx="3" fill="{INK}"/>'
    )
    yield _text(
        left + TAPE_WIDE + 33, own_y + 5, _figure(dial.own / scale), size=13, anchor="middle", fill="#ffffff"
    )


def _window(dial: Dial) -> tuple[float, float]:
    """Return what of a dimension is shown: all of it, of altitude what is near the own one and what resolves."""
    edges = [edge for band in dial.bands for edge in (band.low, band.up)] or [dial.own - 1.0, dial.own + 1.0]
    low, high = min(edges), max(edges)
    if dial.dimension == "alt":
        around = [dial.own, *_sides(dial)]
        margin = max(3000.0 * METRES_PER_FOOT, 0.15 * (max(around) - min(around)))
        low, high = max(low, min(around) - margin), min(high, max(around) + margin)
    low, high = min(low, dial.own), max(high, dial.own)
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _figure(value: float) -> str:
    return "0" if abs(value) < 0.5 else f"{value:,.0f}".replace("-", "−")


def _step(span: float) -> float:
    """Return a round step with at least four in a span."""
    power = 10.0 ** math.floor(math.log10(span / FEWEST_TICKS))
    return max(step * power for step in (1, 2, 5) if step * power <= span / FEWEST_TICKS)


def _legend(moment: Moment) -> Iterator[str]:
    x, y = 560.0, HEIGHT - 62
    shown = {band.region for dial in moment.dials.values() for band in dial.bands}
    for region, name in LEGEND.items():
        if region in ("FAR", RECOVERY) and region not in shown:
            continue
        wide = WIDTHS[region] * 1.3
        yield f'<rect x="{x:g}" y="{y - 11:g}" width="{wide:g}" height="14" fill="{COLOURS[region]}"/>'
        yield _text(x + wide + 6, y, name, size=12)
        x += wide + 28 + 7 * len(name)
    if UNKNOWN in shown:
        yield f'<rect x="{x:g}" y="{y - 11:g}" width="16" height="14" fill="url(#unknown)"/>'
        yield _text(x + 22, y, "unknown", size=12)
    yield _text(
        560,
        y + 26,
        f"Dotted lines: {LOOK_S:.0f} s of straight flight. ● ◀ nearest that resolve, filled: preferred.",
        size=11,
        fill=GREY,
    )
    yield _text(
        560,
        y + 43,
        "Intruders are taken to fly straight on. For analysis, not for flight.",
        size=11,
        fill=GREY,
    )


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int,
    fill: str = INK,
    anchor: str = "start",
    weight: int = 400,
    halo: bool = False,
) -> str:
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    placed = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}"{placed}{bold}{" " + _HALO if halo else ""}>'
        f"{escape(words)}</text>"
    )


def _printable(text: str) -> str:
    """Return a text without control characters, which XML does not hold."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return kept if len(kept) <= 40 else kept[:39] + "…"
