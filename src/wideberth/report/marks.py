"""Findings as marks on a map with time: what a KML and a CZML show of each, in the same words.

Everything from the data becomes text of HTML here, once: a callsign or a rule's sentence may hold anything.
"""

from __future__ import annotations

import html
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wideberth import tables
from wideberth.encounters import Encounters
from wideberth.incidents import Incidents
from wideberth.report import encounter, finding
from wideberth.report.palette import TRUSTS, VERDICTS
from wideberth.units import METRES_PER_FOOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wideberth.report.finding import Terms
    from wideberth.tables import Findings

ENCOUNTER = "encounter"  # stands for the verdict, which an encounter of a screen has none of
_FOREIGN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Mark:
    """One finding.

    Attributes:
        id, name: its id, and what it is of in a line: plain text.
        told: everything about it, as HTML without anything that a browser would run.
        group: the rule, or `ENCOUNTER`.
        style: its verdict, or `ENCOUNTER`, and its trust.
        t_in, t_out: RFC 3339.
        points: (lon, lat, altitude) in degrees and metres, the altitude None where it is unknown: one where it was at
            its worst, two for both aircraft at the closest point, none where no place is told.
        data: the columns that are known, by name, plain text.
    """

    id: str
    name: str
    told: str
    group: str
    style: tuple[str, str]
    t_in: str
    t_out: str
    points: tuple[tuple[float, float, float | None], ...]
    data: dict[str, str]


def marks(findings: Findings, terms: Terms) -> Iterator[Mark]:
    """Yield a mark for each finding, in their order."""
    if isinstance(findings, Encounters):
        for batch in findings.table.to_batches(max_chunksize=1024):
            for row in tables.as_text(pa.Table.from_batches([batch])).to_pylist():
                yield _of_encounter({name: value for name, value in row.items() if value is not None})
    elif isinstance(findings, Incidents):
        for record in findings.records():
            yield _of_incident(record, terms)


def _of_encounter(row: Mapping[str, Any]) -> Mark:
    names = " and ".join(str(row.get(f"callsign_{side}") or row[f"icao24_{side}"]) for side in "ab")
    vertical = row.get("vertical_ft_at_cpa")
    high = "vertical unknown" if vertical is None else f"{vertical:,.0f} ft"
    points = [point for side in "ab" if (point := _point(row, f"_{side}")) is not None]
    return Mark(
        str(row["id"]),
        f"{names}: {row['hmd_m']:,.0f} m, {high}",
        _told(encounter.explain(row)),
        ENCOUNTER,
        (ENCOUNTER, _trust(row)),
        row["t_in"],
        row["t_out"],
        tuple(points) if len(points) == 2 else (),
        _data(row),
    )


def _of_incident(record: Mapping[str, Any], terms: Terms) -> Mark:
    addresses = [record[name] for name in ("icao24_a", "icao24_b") if name in record]
    called = [record.get(f"callsign_{side}") for side in "ab"]
    names = " and ".join(str(call or address) for address, call in zip(addresses, called, strict=False))
    verdict = str(record["verdict"])
    point = _point(record, "")
    return Mark(
        str(record["id"]),
        f"{record['rule']}: {verdict}" + (f", {names}" if names else ""),
        _told(finding.explain(record, terms)),
        str(record["rule"]),
        (verdict if verdict in VERDICTS else "unknown", _trust(record)),
        record["t_in"],
        record["t_out"],
        () if point is None else (point,),
        _data(record),
    )


def _trust(row: Mapping[str, Any]) -> str:
    trust = row.get("trust")
    return trust if trust in TRUSTS else ""


def _point(row: Mapping[str, Any], ending: str) -> tuple[float, float, float | None] | None:
    lon, lat = row.get(f"lon{ending}_deg"), row.get(f"lat{ending}_deg")
    feet = row.get(f"altitude{ending}_ft")
    if lon is None or lat is None or not (math.isfinite(lon) and math.isfinite(lat)):
        return None
    return lon, lat, None if feet is None or not math.isfinite(feet) else feet * METRES_PER_FOOT


def _data(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _told(parts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return what is told as HTML: a heading and its sentences, part by part."""
    return "".join(
        f"<p><b>{markup(about)}</b><br/>{'<br/>'.join(map(markup, sentences))}</p>"
        for about, sentences in parts
    )


def markup(text: str) -> str:
    """Return a text as HTML that shows it as it is; ``$[`` would be filled in by Google Earth.

    >>> markup("<b>&$[id]")
    '&lt;b&gt;&amp;&#36;[id]'
    """
    return html.escape(text).replace("$[", "&#36;[")


def clean(text: str) -> str:
    """Return a text without what XML 1.0 cannot hold: control characters become the replacement character.

    Source: https://www.w3.org/TR/xml/#charsets
    """
    return _FOREIGN.sub("�", text)
