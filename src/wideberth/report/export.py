"""Findings written for other programs, by the ending of the file's name.

Parquet, CSV and GeoJSON hold the table; KML, KMZ and CZML hold it as marks with time, and the agreement's places and
the tracks around the findings, where these are given; CAT004-like JSON holds messages.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from wideberth.errors import UsageError
from wideberth.report.around import MARGIN_S
from wideberth.report.finding import Terms
from wideberth.tables import MAP_ENDINGS, whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.agreement.load import Agreement
    from wideberth.report.around import Way
    from wideberth.tables import Findings, Together
    from wideberth.tracks import Tracks

ASTERIX = "asterix"
FORMATS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".geojson": "geojson",
    ".kml": "kml",
    ".kmz": "kmz",
    ".czml": "czml",
}
"""By the ending; ``asterix`` has none of its own, and is asked for by name."""


def format_of(path: Path, format: str | None = None) -> str:
    """Return what a file is to be.

    Raises:
        UsageError: neither its ending nor the name of a format tells.
    """
    ending = path.suffix.lower()
    if format is not None and format not in (*FORMATS.values(), ASTERIX):
        raise UsageError(
            f"'{format}' is no format of an export. Known: {', '.join((*FORMATS.values(), ASTERIX))}."
        )
    if format == ASTERIX and ending not in FORMATS:
        return ASTERIX
    if ending == ".json":
        raise UsageError(f"'{path.name}': name the format: --format {ASTERIX}, or end the name in .geojson.")
    if ending not in FORMATS:
        raise UsageError(f"'{path.name}': cannot tell the format. End the name in {', '.join(FORMATS)}.")
    if format not in (None, FORMATS[ending]):
        raise UsageError(f"'{path.name}' ends as {FORMATS[ending]} does, and is to be {format}.")
    return FORMATS[ending]


def write(
    findings: Findings,
    path: str | Path,
    *,
    tracks: Tracks | None = None,
    agreement: Agreement | None = None,
    terms: Terms | None = None,
    margin_s: float = MARGIN_S,
    format: str | None = None,
    among: Together | None = None,
) -> None:
    """Write findings into a file; whole or not at all.

    Args:
        findings: incidents or encounters.
        path: where.
        tracks: of KML, KMZ and CZML: those around the findings are shown.
        agreement: of those: its places are shown, and its sentences told.
        terms: what is known of the agreement, where it is not given itself.
        margin_s: how long before and after each finding its tracks are shown.
        format: ``asterix``, which no ending says.
        among: the files that it is written together with.
    Raises:
        UsageError: another ending; tracks or an agreement for a format that cannot show them.
        WriteError: the file could not be written; none is left behind.
    """
    target = Path(path)
    chosen = format_of(target, format)
    if f".{chosen}" not in MAP_ENDINGS:
        given = [
            name for name, value in (("tracks", tracks), ("an agreement", agreement)) if value is not None
        ]
        if given:
            raise UsageError(
                f"{chosen} holds the table of findings alone: {' and '.join(given)} can be shown in "
                f"{', '.join(MAP_ENDINGS)}."
            )
        if chosen != ASTERIX:
            findings.write(target, among)
            return
    known = terms or (Terms() if agreement is None else Terms.of(agreement))
    with whole_file(target) if among is None else among.file(target) as temporary:
        if chosen == ASTERIX:
            from wideberth.report import asterix

            asterix.write(temporary, findings)
        elif chosen == "czml":
            from wideberth.report import czml

            czml.write(
                temporary,
                findings,
                known,
                agreement=agreement,
                ways=_ways(tracks, findings, margin_s, agreement),
                window=_window(tracks, margin_s),
            )
        else:
            from wideberth.report import kml

            kml.write(
                temporary,
                findings,
                known,
                is_zipped=chosen == "kmz",
                agreement=agreement,
                ways=_ways(tracks, findings, margin_s, agreement),
                window=_window(tracks, margin_s),
            )


def write_places(agreement: Agreement, path: str | Path, among: Together | None = None) -> None:
    """Write the places of an agreement as GeoJSON, KML, KMZ or CZML, by the ending of the name; whole or not at all.

    Raises:
        UsageError: another ending, or the agreement has no places.
        WriteError: the file could not be written; none is left behind.
    """
    target = Path(path)
    endings = (".geojson", *MAP_ENDINGS)
    if target.suffix.lower() not in endings:
        raise UsageError(f"'{target.name}': places are written as one of {', '.join(endings)}.")
    if not agreement.places:
        raise UsageError(f"{agreement.file}: there are no places to write.")
    with whole_file(target) if among is None else among.file(target) as temporary:
        if target.suffix.lower() == ".geojson":
            from wideberth.report import outlines

            text = json.dumps(outlines.geojson(agreement), allow_nan=False, ensure_ascii=False)
            temporary.write_text(text + "\n", encoding="utf-8")
        elif target.suffix.lower() == ".czml":
            from wideberth.report import czml

            czml.write(temporary, None, Terms.of(agreement), agreement=agreement)
        else:
            from wideberth.report import kml

            is_zipped = target.suffix.lower() == ".kmz"
            kml.write(temporary, None, Terms.of(agreement), is_zipped=is_zipped, agreement=agreement)


def _ways(
    tracks: Tracks | None, findings: Findings, margin_s: float, agreement: Agreement | None
) -> Iterator[Way]:
    from wideberth.report.around import ways

    if tracks is not None:
        gap_s = None if agreement is None else agreement.head.max_gap
        yield from ways(tracks, findings, margin_s=margin_s, max_gap_s=gap_s)


def _window(tracks: Tracks | None, margin_s: float) -> str:
    if tracks is None:
        return ""
    return f"of the aircraft in findings, from {margin_s:g} s before each until {margin_s:g} s after it"
