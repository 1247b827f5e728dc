"""Findings, the places of an agreement and the tracks around findings as CZML, which Cesium plays.

A packet for the document with its clock, one for each part of a place, each aircraft and each finding.  An aircraft is
there while it was heard: its position is given leg by leg, each an interval of its own, so that nothing is interpolated
across a gap.  Within a leg Cesium goes straight from sample to sample in Earth-centred coordinates, as
wideberth does.

Cesium measures heights from the WGS-84 ellipsoid.  Pressure altitude is drawn as if it were such a height, which it is
not: between the two lie the undulation of the geoid (up to 100 m) and the weather (8 m for each hPa); each packet says
what its altitude is.

Source: Analytical Graphics, CZML Guide (github.com/AnalyticalGraphicsInc/czml-writer/wiki).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.report.around import altitude_reference
from wideberth.report.kml import MODES
from wideberth.report.marks import marks, markup
from wideberth.report.outlines import outline, placed
from wideberth.report.palette import AIRCRAFT, PLACE, TRUSTS, VERDICTS, channels
from wideberth.tables import instant_text
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.shapes import Limit
    from wideberth.report.around import Leg, Way
    from wideberth.report.finding import Terms
    from wideberth.report.marks import Mark
    from wideberth.report.outlines import Placed
    from wideberth.tables import Findings

SPEED = 30  # times as fast as it was
TRAIL_S = 120.0
REFERENCE = (
    "Heights in CZML are above the WGS-84 ellipsoid. Altitudes here are {0}. Pressure altitude is drawn as if it were "
    "such a height: between the two lie the undulation of the geoid, up to about 100 m, and the weather, 8 m for each "
    "hPa. All times are UTC."
)
HEIGHTS = {"absolute": "NONE", "relativeToGround": "RELATIVE_TO_GROUND", "clampToGround": "CLAMP_TO_GROUND"}


def write(
    temporary: Path,
    findings: Findings | None,
    terms: Terms,
    *,
    agreement: Agreement | None = None,
    ways: Iterable[Way] = (),
    window: str = "",
) -> None:
    """Write everything into a file, packet by packet; see `kml.write`."""
    with temporary.open("w", encoding="utf-8", newline="\n") as file:
        between = "["
        for packet in packets(findings, terms, agreement, ways, window):
            file.write(f"{between}\n{json.dumps(packet, allow_nan=False, ensure_ascii=False)}")
            between = ","
        file.write("\n]\n")


def packets(
    findings: Findings | None, terms: Terms, agreement: Agreement | None, ways: Iterable[Way], window: str
) -> Iterator[dict[str, Any]]:
    """Yield the packets, the document's first."""
    name = terms.name or (agreement.name if agreement else "") or "Findings"
    about = [] if findings is None else [REFERENCE.format(altitude_reference(findings))]
    if window:
        about.append(f"Tracks: {window}.")
    document: dict[str, Any] = {"id": "document", "name": name, "version": "1.0"}
    document["description"] = "".join(f"<p>{markup(each)}</p>" for each in about)
    if findings is not None and len(findings):
        begin_us, end_us = (
            int(getattr(findings[column].cast("int64").to_numpy(), end)())
            for column, end in (("t_in", "min"), ("t_out", "max"))
        )
        document["clock"] = {
            "interval": _interval(begin_us, max(end_us, begin_us + 1)),
            "currentTime": instant_text(begin_us),
            "multiplier": SPEED,
            "range": "LOOP_STOP",
            "step": "SYSTEM_CLOCK_MULTIPLIER",
        }
    yield document
    for one in placed(agreement) if agreement is not None else ():
        yield from _place(one)
    for k, way in enumerate(ways):
        if way.legs:
            yield _way(way, AIRCRAFT[k % len(AIRCRAFT)])
    if findings is not None:
        yield from map(_mark, marks(findings, terms))


def _interval(begin_us: int, end_us: int) -> str:
    return f"{instant_text(begin_us)}/{instant_text(end_us)}"


def _solid(colour: str, strength: float = 1.0) -> dict[str, Any]:
    return {"solidColor": {"color": _colour(colour, strength)}}


def _colour(colour: str, strength: float = 1.0) -> dict[str, list[int]]:
    return {"rgba": [*channels(colour), round(255 * strength)]}


# Places -------------------------------------------------------------------------------------------------


def _place(one: Placed) -> Iterator[dict[str, Any]]:
    texts = (one.place.title, one.properties["holds"], *one.properties["sentences"], *one.properties["notes"])
    about: dict[str, Any] = {
        "name": one.place.name,
        "description": "".join(f"<p>{markup(text)}</p>" for text in texts if text),
    }
    parts = [part for shape in one.volume.shapes for part in _parts(shape)]
    for k, (kind, points, holes) in enumerate(parts, start=1):
        packet = {"id": f"place/{one.place.name}/{one.number}/{k}", **about}
        if kind == "line":
            packet["polyline"] = {
                "positions": {"cartographicDegrees": points},
                "clampToGround": True,
                "width": 3,
                "material": _solid(PLACE),
            }
        else:
            packet["polygon"] = {
                "positions": {"cartographicDegrees": points},
                **({"holes": {"cartographicDegrees": holes}} if holes else {}),
                "material": _solid(PLACE, 0.3),
                **_levels(one.volume.floor, one.volume.ceiling),
            }
        yield packet


def _parts(shape: Any) -> Iterator[tuple[str, list[float], list[list[float]]]]:
    made = outline(shape, is_for_globe=True)
    for line in made.lines:
        yield "line", _flat(line), []
    for outer, *holes in made.areas:
        yield "area", _flat(outer[:-1]), [_flat(ring[:-1]) for ring in holes]


def _flat(points: Iterable[tuple[float, float]]) -> list[float]:
    return [number for lon, lat in points for number in (round(lon, 7), round(lat, 7), 0.0)]


def _levels(floor: Limit | None, ceiling: Limit | None) -> dict[str, Any]:
    """Return between which heights an area is drawn: without a ceiling it is drawn on the ground, or at its floor."""
    has_floor = floor is not None and not floor.is_ground
    if ceiling is None:
        if not has_floor or floor is None:
            return {"heightReference": _from("clampToGround")}
        return {
            "height": _metres(floor),
            "heightReference": _from(MODES[floor.datum]),
        }
    levels = {
        "height": _metres(ceiling),
        "heightReference": _from(MODES[ceiling.datum]),
        "extrudedHeight": 0.0,
        "extrudedHeightReference": _from("clampToGround"),
    }
    if has_floor and floor is not None:
        levels["extrudedHeight"] = _metres(floor)
        levels["extrudedHeightReference"] = _from(MODES[floor.datum])
    return levels


def _from(mode: str) -> dict[str, str]:
    """Return what a height is measured from."""
    return {"heightReference": HEIGHTS[mode]}


def _metres(level: Limit) -> float:
    return level.value * (METRES_PER_FOOT if level.unit == "ft" else 1.0)


# Aircraft and findings ----------------------------------------------------------------------------------


def _way(way: Way, colour: str) -> dict[str, Any]:
    spans = [_interval(int(leg.t_us[0]), int(leg.t_us[-1])) for leg in way.legs]
    is_on_ground = way.reference == "unknown"
    reference = {"heightReference": _from("clampToGround")} if is_on_ground else {}
    return {
        "id": f"aircraft/{way.icao24}",
        "name": way.name,
        "description": f"<p>{markup(f'Altitude: {way.told}.')}</p>",
        "availability": spans,
        "position": [_positions(leg, span) for leg, span in zip(way.legs, spans, strict=True)],
        "point": {"pixelSize": 8, "color": _colour(colour), **reference},
        "label": {
            "text": way.callsign or way.icao24,
            "font": "12pt sans-serif",
            "style": "FILL_AND_OUTLINE",
            "outlineWidth": 2,
            "horizontalOrigin": "LEFT",
            "pixelOffset": {"cartesian2": [10, 0]},
        },
        "path": {"leadTime": 0, "trailTime": TRAIL_S, "width": 2, "material": _solid(colour)},
    }


def _positions(leg: Leg, span: str) -> dict[str, Any]:
    """Return the samples of a leg: seconds since its first one, lon, lat, height."""
    numbers = np.column_stack(
        [
            (leg.t_us - leg.t_us[0]) * 1e-6,
            np.round(leg.lon_deg, 7),
            np.round(leg.lat_deg, 7),
            np.round(leg.altitude_m, 1),
        ]
    )
    return {
        "interval": span,
        "epoch": instant_text(int(leg.t_us[0])),
        "interpolationAlgorithm": "LINEAR",
        "interpolationDegree": 1,
        "cartographicDegrees": numbers.ravel().tolist(),
    }


def _mark(mark: Mark) -> dict[str, Any]:
    verdict, trust = mark.style
    strength = TRUSTS[trust]
    packet: dict[str, Any] = {
        "id": f"finding/{mark.id}",
        "name": mark.name,
        "description": mark.told,
        "availability": f"{mark.t_in}/{mark.t_out}",
        "properties": mark.data,
    }
    if not mark.points:
        return packet
    is_level_known = all(height_m is not None for _, _, height_m in mark.points)
    flat = [number for lon, lat, high in mark.points for number in (lon, lat, round(high or 0.0, 1))]
    packet["position"] = {"cartographicDegrees": flat[:3]}
    packet["point"] = {
        "pixelSize": round(6 + 6 * strength),
        "color": _colour(VERDICTS[verdict], strength),
        "outlineColor": _colour("#FFFFFF"),
        "outlineWidth": 1,
        "heightReference": _from("absolute" if is_level_known else "clampToGround"),
    }
    if len(mark.points) > 1:
        packet["polyline"] = {
            "positions": {"cartographicDegrees": flat},
            "arcType": "NONE" if is_level_known else "GEODESIC",
            "clampToGround": not is_level_known,
            "width": 3,
            "material": _solid(VERDICTS[verdict], strength),
        }
    return packet
