"""Findings → what people read: explanations, one HTML file, other programs' formats."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pyarrow as pa

    from wideberth.agreement.load import Agreement
    from wideberth.encounters import Encounters
    from wideberth.incidents import Incidents
    from wideberth.report.content import Basis
    from wideberth.report.load import Loaded
    from wideberth.tables import Together
    from wideberth.tracks import Tracks


def report(
    found: Incidents | Encounters,
    path: str | Path,
    *,
    tracks: Tracks | None = None,
    statements: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    guidance: pa.Table | None = None,
    tiles: str | None = None,
    among: Together | None = None,
) -> int:
    """Write a report of findings, and return its size in bytes.

    Args:
        found: incidents of a judge, or encounters of a screen.
        path: of the file; one that is there is replaced.
        tracks: that were judged or screened.
        statements: what parties said of a finding, by its id: ``at``, ``by``, ``kind``, ``text``.
        guidance: as `guide.hindsight` tells it, with columns as in `columns.GUIDANCE_COLUMNS`.
        tiles: the address of map tiles, with {z}, {x} and {y}.
        among: the files that it is written together with.
    Raises:
        UsageError: the agreement is not known, or the address of the tiles cannot be one.
        WriteError: the file could not be written; none is left behind.
    """
    from wideberth.report import guided, page

    basis = basis_of(found, tracks, statements)
    if guidance is not None:
        basis = replace(basis, guidance=guided.by_id(guidance))
    return page.write(basis, Path(path), tiles=tiles, among=among)


def basis_of(
    found: Incidents | Encounters,
    tracks: Tracks | None,
    statements: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Basis:
    """Return what a report of findings is made of; see `report`."""
    from wideberth.encounters import Encounters
    from wideberth.errors import UsageError
    from wideberth.report import summary
    from wideberth.report.content import Basis

    cleaning = None if tracks is None else tracks.cleaning
    if isinstance(found, Encounters):
        return Basis(found, summary.of_encounters(found, cleaning), tracks, statements=statements or {})
    if found.terms is None:
        raise UsageError(
            "these incidents do not know their agreement. 'wideberth report FOLDER' makes a report of what a judge "
            "wrote."
        )
    told = summary.of_incidents(found, cleaning, found.terms)
    parties = {} if tracks is None else summary.parties_of(tracks, found.terms)
    return Basis(found, told, tracks, parties, statements or {})


def basis_of_loaded(loaded: Loaded, tracks: Tracks | None, terms: Agreement | None, name: str) -> Basis:
    """Return what a report of findings out of files or a ledger is made of.

    Args:
        loaded: findings, and what stands beside them.
        tracks: that were judged or screened; None where they are not at hand.
        terms: the agreement; None to say of it what stands beside the findings.
        name: of what was loaded, where nothing there has a name.
    """
    from wideberth.encounters import Encounters
    from wideberth.report import summary
    from wideberth.report.content import Basis

    found = loaded.findings
    if isinstance(found, Encounters):
        return basis_of(found, tracks)
    told = loaded.summary if loaded.summary.get("rules") else summary.of_findings(found, name)
    if tracks is not None and told.get("cleaning") is None:
        told = {**told, "cleaning": tracks.cleaning.as_dict()}
    if terms is not None:
        told = summary.with_terms(told, terms)
    told = {**told, "notices": [*told.get("notices", ()), *loaded.left_out]}
    said = {
        state.id: [
            {"at": each.written, "by": each.party, "kind": each.says, "text": each.text}
            for each in state.statements
        ]
        for state in loaded.states
        if state.statements
    }
    parties = {} if tracks is None or terms is None else summary.parties_of(tracks, terms)
    return Basis(found, told, tracks, parties, said)
