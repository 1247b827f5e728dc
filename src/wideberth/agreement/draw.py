"""The places of an agreement as a picture: SVG, north up, with a scale; no background map.

Plate carrée, longitudes shrunk by the cosine of the middle latitude.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from wideberth import tables
from wideberth.agreement.edges import METRES_PER_DEGREE, edges_of
from wideberth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.shapes import Shape

WIDTH, HEIGHT, MARGIN = 900.0, 700.0, 60.0
COLOURS = ("#1b6ca8", "#b3541e", "#3d7a37", "#7a3b8f", "#8a6d00", "#a8324a")
CIRCLE_POINTS = 72


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
    figures = [
        (name, shape, list(_rings(shape)))
        for name, place in agreement.places.items()
        for volume in place.volumes
        for shape in volume.shapes
    ]
    points = [point for _, _, rings in figures for ring in rings for point in ring]
    base = points[0][0]
    points = [(lon + 360.0 * round((base - lon) / 360.0), lat) for lon, lat in points]
    south, north = min(lat for _, lat in points), max(lat for _, lat in points)
    shrink = max(math.cos(math.radians((south + north) / 2.0)), 0.01)
    # A corridor is drawn by its middle line: leave room for its width.
    wide = (
        max((shape.radius_m for _, shape, _ in figures if shape.kind == "corridor"), default=0.0)
        / METRES_PER_DEGREE
    )
    south, north = south - wide, north + wide
    west, east = min(lon for lon, _ in points) - wide / shrink, max(lon for lon, _ in points) + wide / shrink
    scale = min(
        (WIDTH - 2 * MARGIN) / max((east - west) * shrink, 1e-6),
        (HEIGHT - 2 * MARGIN) / max(north - south, 1e-6),
    )

    def at(lon: float, lat: float) -> tuple[float, float]:
        lon += 360.0 * round((base - lon) / 360.0)
        x = WIDTH / 2 + (lon - (west + east) / 2.0) * shrink * scale
        y = HEIGHT / 2 - (lat - (south + north) / 2.0) * scale
        return x, y

    drawn = []
    labels = []
    named: set[str] = set()
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(agreement.places)}
    for name, shape, rings in figures:
        path = " ".join(
            "M" + " L".join("{:.1f},{:.1f}".format(*at(*point)) for point in ring) for ring in rings
        )
        if shape.kind == "line":
            style = f'fill="none" stroke="{colours[name]}" stroke-width="3"'
        elif shape.kind == "corridor":
            width = max(2 * shape.radius_m / METRES_PER_DEGREE * scale, 2.0)
            cap = "round" if shape.ends == "round" else "butt"
            style = (
                f'fill="none" stroke="{colours[name]}" stroke-opacity="0.35" stroke-width="{width:.1f}" '
                f'stroke-linecap="{cap}" stroke-linejoin="round"'
            )
        else:
            path = path.replace(" M", "Z M") + "Z"
            style = f'fill="{colours[name]}" fill-opacity="0.25" fill-rule="evenodd" stroke="{colours[name]}"'
        drawn.append(f'<path d="{path}" {style}><title>{escape(name)}</title></path>')
        if name not in named:
            named.add(name)
            ring = [at(*point) for point in rings[0]]
            x, y = (
                ring[len(ring) // 2]
                if shape.kind in ("line", "corridor")
                else max(ring, key=lambda xy: xy[0])
            )
            labels.append((x, y, name))
    bar_m = _round_number((WIDTH / 4) / scale * METRES_PER_DEGREE)
    bar = bar_m / METRES_PER_DEGREE * scale
    length = f"{bar_m / 1000:g} km" if bar_m >= 1000 else f"{bar_m:g} m"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" font-family="sans-serif">',
            f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#fcfcfa"/>',
            f'<text x="20" y="28" font-size="16">{escape(_short(agreement.name))}</text>',
            *drawn,
            *_labelled(labels, colours),
            f'<path d="M20,{HEIGHT - 20:g} h{bar:.1f}" stroke="#333" stroke-width="3"/>',
            f'<text x="{24 + bar:.1f}" y="{HEIGHT - 15:g}" font-size="13">{length}</text>',
            f'<text x="{WIDTH - 60:g}" y="{HEIGHT - 15:g}" font-size="13">N ↑</text>',
            "</svg>\n",
        ]
    )


def _labelled(labels: list[tuple[float, float, str]], colours: dict[str, str]) -> Iterator[str]:
    """Yield texts, each moved down until it covers none before."""
    taken: list[tuple[float, float]] = []
    for x, y, name in labels:
        width = 8.0 * len(name)
        is_left = x + 8 + width > WIDTH - 8
        left = max(x - 8 - width if is_left else x + 8, 8.0)
        while any(abs(y - other_y) < 18 and abs(left - other_x) < 160 for other_x, other_y in taken):
            y += 18
        taken.append((left, y))
        yield (
            f'<text x="{left:.1f}" y="{y:.1f}" font-size="14" fill="{colours[name]}" '
            f'paint-order="stroke" stroke="#fcfcfa" stroke-width="4">{escape(name)}</text>'
        )


def _rings(shape: Shape) -> Iterator[list[tuple[float, float]]]:
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
