"""The places of an agreement as a picture: SVG, north up, with a graticule and a scale; no background map.

Plate carrée, longitudes shrunk by the cosine of the middle latitude.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from wideberth import tables
from wideberth.agreement import explain
from wideberth.agreement.edges import METRES_PER_DEGREE, edges_of
from wideberth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.shapes import Shape

WIDTH, HEIGHT, MARGIN = 900.0, 700.0, 60.0
COLOURS = ("#1b6ca8", "#b3541e", "#3d7a37", "#7a3b8f", "#8a6d00", "#a8324a")
PAPER, GREY = "#fcfcfa", "#8a8a86"
CIRCLE_POINTS = 72
GRID_PX = 130.0  # about what lies between two lines of the graticule
SIDE_PX = 26.0  # how far an arrow points to the side that is kept
MOST_LEVELS = 2  # of one place, in its label

Point = tuple[float, float]
Figure = tuple[str, "Shape", list[list[Point]]]


@dataclass(frozen=True)
class Frame:
    """How longitude and latitude become pixels.

    Attributes:
        lon, lat: degrees, in the middle of the picture.
        across, up: pixels per degree.
    """

    lon: float
    lat: float
    across: float
    up: float

    @classmethod
    def around(cls, figures: Sequence[Figure]) -> Frame:
        """Return the frame that holds some figures; a corridor with its width."""
        points = [point for _, _, rings in figures for ring in rings for point in ring]
        base = points[0][0]
        lons = [lon + 360.0 * round((base - lon) / 360.0) for lon, _ in points]
        lats = [lat for _, lat in points]
        shrink = max(math.cos(math.radians((min(lats) + max(lats)) / 2.0)), 0.01)
        radii_m = [shape.radius_m for _, shape, _ in figures if shape.kind == "corridor"]
        wide = max(radii_m, default=0.0) / METRES_PER_DEGREE
        up = min(
            (WIDTH - 2 * MARGIN) / max((max(lons) - min(lons)) * shrink + 2 * wide, 1e-6),
            (HEIGHT - 2 * MARGIN) / max(max(lats) - min(lats) + 2 * wide, 1e-6),
        )
        return cls((min(lons) + max(lons)) / 2.0, (min(lats) + max(lats)) / 2.0, up * shrink, up)

    def at(self, lon: float, lat: float) -> Point:
        """Return where a position is drawn: x to the right, y down."""
        lon += 360.0 * round((self.lon - lon) / 360.0)
        return WIDTH / 2 + (lon - self.lon) * self.across, HEIGHT / 2 - (lat - self.lat) * self.up


def write(agreement: Agreement, path: Path) -> None:
    """Draw an agreement's places into an SVG file, whole or not at all.

    Raises:
        UsageError: it has no places.
    """
    picture = svg(agreement)
    with tables.whole_file(path) as temporary:
        temporary.write_text(picture, encoding="utf-8")


def svg(agreement: Agreement) -> str:
    """Return the picture.

    Raises:
        UsageError: there are no places.
    """
    if not agreement.places:
        raise UsageError(f"{agreement.file}: there are no places to draw.")
    figures: list[Figure] = [
        (name, shape, list(rings_of(shape)))
        for name, place in agreement.places.items()
        for volume in place.volumes
        for shape in volume.shapes
    ]
    frame = Frame.around(figures)
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(agreement.places)}
    bar_m = _round_number((WIDTH / 4) / frame.up * METRES_PER_DEGREE)
    bar = bar_m / METRES_PER_DEGREE * frame.up
    length = f"{bar_m / 1000:g} km" if bar_m >= 1000 else f"{bar_m:g} m"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" font-family="sans-serif">',
            f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="{PAPER}"/>',
            *_graticule(frame),
            f'<text x="20" y="28" font-size="16" {_HALO}>{escape(_short(agreement.name))}</text>',
            *(_drawn(frame, figure, colours[figure[0]]) for figure in figures),
            *_sides(frame, agreement, colours),
            *_labelled(_labels(frame, figures), _levels(agreement), colours),
            f'<path d="M20,{HEIGHT - 20:g} h{bar:.1f}" stroke="#333" stroke-width="3"/>',
            f'<text x="{24 + bar:.1f}" y="{HEIGHT - 15:g}" font-size="13" {_HALO}>{length}</text>',
            f'<text x="{WIDTH - 60:g}" y="{HEIGHT - 15:g}" font-size="13" {_HALO}>N ↑</text>',
            "</svg>\n",
        ]
    )


_HALO = f'paint-order="stroke" stroke="{PAPER}" stroke-width="4"'


def _graticule(frame: Frame) -> Iterator[str]:
    """Yield meridians and parallels at round degrees, each with its degree at the top or at the left."""
    for middle, scale, size, is_lon in (
        (frame.lon, frame.across, WIDTH, True),
        (frame.lat, frame.up, HEIGHT, False),
    ):
        step = _round_number(GRID_PX / scale)
        digits = max(0, -math.floor(math.log10(step)))
        half = size / 2 / scale
        for k in range(math.ceil((middle - half) / step), math.floor((middle + half) / step) + 1):
            degree = k * step
            if not is_lon and abs(degree) > 90.0:
                continue
            x, y = frame.at(degree, frame.lat) if is_lon else frame.at(frame.lon, degree)
            east = (degree + 180.0) % 360.0 - 180.0
            value, sides = (east, "EW") if is_lon else (degree, "NS")
            text = f"{abs(value):.{digits}f}° {sides[0] if value >= 0 else sides[1]}"
            path = f"M{x:.1f},0 V{HEIGHT:g}" if is_lon else f"M0,{y:.1f} H{WIDTH:g}"
            where = f'x="{x + 3:.1f}" y="50"' if is_lon else f'x="4" y="{y - 3:.1f}"'
            yield f'<path d="{path}" stroke="{GREY}" stroke-opacity="0.35"/>'
            yield f'<text {where} font-size="11" fill="{GREY}">{text}</text>'


def _drawn(frame: Frame, figure: Figure, colour: str) -> str:
    name, shape, rings = figure
    path = " ".join(
        "M" + " L".join("{:.1f},{:.1f}".format(*frame.at(*point)) for point in ring) for ring in rings
    )
    if shape.kind == "line":
        style = f'fill="none" stroke="{colour}" stroke-width="3"'
    elif shape.kind == "corridor":
        width = max(2 * shape.radius_m / METRES_PER_DEGREE * frame.up, 2.0)
        cap = "round" if shape.ends == "round" else "butt"
        style = (
            f'fill="none" stroke="{colour}" stroke-opacity="0.35" stroke-width="{width:.1f}" '
            f'stroke-linecap="{cap}" stroke-linejoin="round"'
        )
    else:
        path = path.replace(" M", "Z M") + "Z"
        style = f'fill="{colour}" fill-opacity="0.25" fill-rule="evenodd" stroke="{colour}"'
    return f'<path d="{path}" {style}><title>{escape(name)}</title></path>'


def _labels(frame: Frame, figures: Sequence[Figure]) -> Iterator[tuple[float, float, str]]:
    """Yield where each place's name stands: beside the middle of a line, else beside its easternmost point."""
    named: set[str] = set()
    for name, shape, rings in figures:
        if name in named:
            continue
        named.add(name)
        ring = [frame.at(*point) for point in rings[0]]
        is_open = shape.kind in ("line", "corridor")
        yield (*(ring[len(ring) // 2] if is_open else max(ring, key=lambda xy: xy[0])), name)


def _levels(agreement: Agreement) -> dict[str, str]:
    """Return between which levels each place holds, by itself or by the rules about it; none that always does."""
    found: dict[str, list[str]] = {}
    for place in (*agreement.places.values(), *(place for rule in agreement.rules for place in rule.places)):
        for one in place.volumes:
            words = explain.between(one.floor, one.ceiling).removeprefix(", ")
            if words and words not in found.setdefault(place.name, []):
                found[place.name].append(words)
    return {
        name: " / ".join(words) if len(words) <= MOST_LEVELS else f"{len(words)} bands of levels"
        for name, words in found.items()
    }


def _sides(frame: Frame, agreement: Agreement, colours: dict[str, str]) -> Iterator[str]:
    """Yield for each rule about a side an arrow from its line to that side, and whom it binds."""
    taken: dict[tuple[str, bool], int] = {}
    for rule in agreement.rules:
        if rule.kind != "side":
            continue
        (place,) = rule.places
        ring = [frame.at(*point) for point in next(rings_of(place.volumes[0].shapes[0]))]
        (x0, y0), (x1, y1) = max(itertools.pairwise(ring), key=lambda ends: math.dist(*ends))
        length = math.dist((x0, y0), (x1, y1)) or 1.0
        turn = 1.0 if rule.is_left_kept else -1.0
        right, down = turn * (y1 - y0) / length, -turn * (x1 - x0) / length  # y counts down
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        tip_x, tip_y = x + right * SIDE_PX, y + down * SIDE_PX
        row = taken.setdefault((place.name, rule.is_left_kept), 0)
        taken[place.name, rule.is_left_kept] += 1
        words = escape(" and ".join(rule.bound))
        anchor = "start" if right > 0 else "end"
        barbs = [(-5 * right + half * down, -5 * down - half * right) for half in (-4, 4)]
        arrow = [f"M{x:.1f},{y:.1f} L{tip_x:.1f},{tip_y:.1f}"]
        arrow += [f"M{tip_x + dx:.1f},{tip_y + dy:.1f} L{tip_x:.1f},{tip_y:.1f}" for dx, dy in barbs]
        yield (
            f'<path d="{" ".join(arrow)}" fill="none" stroke="{colours[place.name]}" stroke-width="1.5">'
            f"<title>{escape(explain.sentence(rule))}</title></path>"
        )
        yield (
            f'<text x="{tip_x + 5 * right:.1f}" y="{tip_y + 5 * down + 5 + 16 * row:.1f}" font-size="13" '
            f'text-anchor="{anchor}" fill="{colours[place.name]}" {_HALO}>{words}</text>'
        )


def _labelled(
    labels: Iterable[tuple[float, float, str]], levels: dict[str, str], colours: dict[str, str]
) -> Iterator[str]:
    """Yield names with levels below, each moved down until it covers none before."""
    taken: list[tuple[float, float]] = []
    for x, y, name in labels:
        below = levels.get(name, "")
        width = 8.0 * max(len(name), len(below))
        is_left = x + 8 + width > WIDTH - 8
        left = max(x - 8 - width if is_left else x + 8, 8.0)
        while any(abs(y - other_y) < 18 and abs(left - other_x) < 160 for other_x, other_y in taken):
            y += 18
        for text, size in ((name, 14), (below, 11)):
            if text:
                taken.append((left, y))
                yield (
                    f'<text x="{left:.1f}" y="{y:.1f}" font-size="{size}" fill="{colours[name]}" {_HALO}>'
                    f"{escape(text)}</text>"
                )
                y += 14


def rings_of(shape: Shape) -> Iterator[list[tuple[float, float]]]:
    """Yield the rings of a shape as drawn, (lon, lat): a circle as a polygon, a corridor as its middle line."""
    if shape.kind == "circle":
        lon, lat = shape.rings[0][0]
        away = shape.radius_m / METRES_PER_DEGREE
        shrink = max(math.cos(math.radians(lat)), 0.01)
        turns = [2 * math.pi * i / CIRCLE_POINTS for i in range(CIRCLE_POINTS)]
        yield [(lon + away * math.sin(turn) / shrink, lat + away * math.cos(turn)) for turn in turns]
        return
    edges = edges_of(shape)
    ring: list[tuple[float, float]] = []
    for lon0, lat0, lon1, lat1 in zip(edges.lon0, edges.lat0, edges.lon1, edges.lat1, strict=True):
        if ring and ring[-1] != (lon0, lat0):
            yield ring
            ring = []
        if not ring:
            ring.append((float(lon0), float(lat0)))
        ring.append((float(lon1), float(lat1)))
    yield ring


def _round_number(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (1, 2, 5) if step * power <= value)


def _short(text: str) -> str:
    text = "".join(
        letter if letter.isprintable() else " " for letter in text
    )  # XML holds no control characters
    return text if len(text) <= 100 else text[:99] + "…"
