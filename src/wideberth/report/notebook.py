"""What notebooks show: a small table, and below it the report's map in a frame of its own, offline.

The frame holds a whole page (0.9 MB, most of it script and base map) under the report's content-security policy, and
may run its scripts, no more.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

from wideberth.report import page
from wideberth.report.content import Basis, Room

if TYPE_CHECKING:
    from wideberth.agreement.load import Agreement
    from wideberth.encounters import Encounters
    from wideberth.incidents import Incidents
    from wideberth.tracks import Tracks

ROOM = Room(rows=2_000, details=0, points=20_000)
HEIGHT_PX = 420


def of_findings(found: Incidents | Encounters) -> str:
    """Return the map of findings and of the agreement's places as HTML."""
    from wideberth.encounters import Encounters
    from wideberth.report import summary

    if isinstance(found, Encounters):
        return _framed(Basis(found, summary.of_encounters(found, None)), "Map of the encounters")
    told = summary.of_findings(found, "incidents")
    if found.terms is not None:
        told = summary.with_terms(told, found.terms)
    return _framed(Basis(found, told), "Map of the incidents")


def of_tracks(tracks: Tracks) -> str:
    """Return the map of the ways of aircraft as HTML."""
    return _framed(Basis(_nothing(), _about("tracks"), tracks), "Map of the tracks")


def of_agreement(agreement: Agreement) -> str:
    """Return the map of an agreement's places as HTML."""
    from wideberth.report import summary

    return _framed(Basis(_nothing(), summary.with_terms(_about(""), agreement)), "Map of the agreement")


def _about(name: str) -> dict[str, Any]:
    return {"agreement": name, "rules": []}


def _nothing() -> Incidents:
    from wideberth import columns
    from wideberth.incidents import Incidents

    return Incidents(columns.schema(columns.INCIDENT_COLUMNS).empty_table())


def _framed(basis: Basis, title: str) -> str:
    text = page.html(replace(basis, is_embedded=True), room=ROOM)
    return (
        f'<iframe title="{escape(title)}" sandbox="allow-scripts" srcdoc="{escape(text, quote=True)}" '
        f'style="width: 100%; height: {HEIGHT_PX}px; border: 1px solid #8888; border-radius: 4px"></iframe>'
    )
