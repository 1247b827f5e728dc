"""What findings rest on, as plain data: the agreement in words and lines, what was read, what each rule was judged on.

``wideberth judge -o`` writes it beside the incidents, and a report is made of both.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from wideberth.agreement import explain
from wideberth.agreement.draw import rings_of
from wideberth.agreement.model import Apart, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wideberth.agreement.load import Agreement
    from wideberth.agreement.rules import Rule
    from wideberth.agreement.shapes import Place, Shape
    from wideberth.encounters import Encounters
    from wideberth.incidents import Incidents
    from wideberth.tracks import Cleaning, Tracks

DIGITS = 7  # of degrees: a centimetre
# An edge is straight in lon/lat, and is drawn straight on Mercator's map: at 60° the two differ by 4 m in pieces of
# this height, by (height²/8) tan(latitude) of the Earth's radius.
PIECE_DEG = 0.1
MOST_LEVELS = 2  # of one place, that are named


def of_incidents(incidents: Incidents, cleaning: Cleaning | None, terms: Agreement) -> dict[str, Any]:
    """Return what a judge rests on, its counts, and what the agreement says in words and lines."""
    rules = {rule.id: rule for rule in terms.rules}
    return {
        "agreement": incidents.agreement,
        "recorded": incidents.recorded and [f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in incidents.recorded],
        "valid": incidents.valid and [f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in incidents.valid],
        "cleaning": None if cleaning is None else cleaning.as_dict(),
        "no_ground": [each._asdict() for each in incidents.no_ground],
        "notices": list(incidents.notices()),
        "remarks": [each._asdict() for each in incidents.remarks],
        "warnings": [vars(each) for each in terms.warnings],
        "rules": [{**vars(each), **_about(rules[each.rule])} for each in incidents.judged],
        "rates": list(incidents.rates),
        "stretches": list(incidents.stretches),
        "days": list(incidents.days),
        "rule_days": list(incidents.rule_days),
        **_of_terms(terms),
    }


def of_findings(incidents: Incidents, name: str) -> dict[str, Any]:
    """Return what incidents alone tell of what they rest on: which rules were broken, how often."""
    verdicts: dict[str, dict[str, int]] = {}
    kinds: dict[str, str] = {}
    parties: dict[str, None] = {}
    names = ("rule", "kind", "verdict", "party", "party_b")
    for rule, kind, verdict, *whose in zip(*(incidents[each].to_pylist() for each in names), strict=True):
        kinds[rule] = kind
        verdicts.setdefault(rule, {})[verdict] = verdicts.setdefault(rule, {}).get(verdict, 0) + 1
        parties |= {each: None for each in whose if each is not None and " / " not in each}
    rules = [{"rule": rule, "kind": kind, "verdicts": verdicts[rule]} for rule, kind in kinds.items()]
    return {"agreement": incidents.agreement or name, "rules": rules, "parties": sorted(parties)}


def with_terms(told: dict[str, Any], terms: Agreement) -> dict[str, Any]:
    """Return a summary with what an agreement says in words and lines."""
    rules = {rule.id: rule for rule in terms.rules}
    judged = [
        {**each, **_about(rules[each["rule"]])} if each["rule"] in rules else each for each in told["rules"]
    ]
    return {**told, "rules": judged, **_of_terms(terms)}


def parties_of(tracks: Tracks, terms: Agreement) -> dict[str, str]:
    """Return whose each aircraft is, by address: of its first flight that one party claims."""
    from wideberth.agreement.match import Flights

    flights = Flights.of(tracks, terms)
    found: dict[str, str] = {}
    for k, claims in zip(flights.aircraft.tolist(), flights.claims, strict=True):
        if len(claims) == 1:
            found.setdefault(tracks.aircraft[k], claims[0])
    return found


def of_encounters(encounters: Encounters, cleaning: Cleaning | None) -> dict[str, Any]:
    """Return what a screen rests on, in the same shape."""
    minima = encounters.minima
    return {
        "agreement": f"Encounters within {minima}",
        "recorded": None,
        "valid": None,
        "cleaning": None if cleaning is None else cleaning.as_dict(),
        "notices": [],
        "remarks": [],
        "rules": [
            {
                "rule": "minima",
                "kind": "apart",
                "sentence": f"Two aircraft are too close when nearer than {minima} at the same instant.",
                "parties": [],
                "horizontal_m": minima.horizontal_m,
                "vertical_ft": minima.vertical_ft,
                "aircraft": encounters.screening.aircraft,
                "verdicts": {},
            }
        ],
        "parties": [],
        "sentences": [],
        "places": [],
        "sides": [],
    }


def _of_terms(terms: Agreement) -> dict[str, Any]:
    return {
        "agreement": terms.name,
        "digest": terms.digest,
        "permissions": {each.id: explain.permitted(each) for each in terms.permissions},
        "parties": list(terms.parties),
        "sentences": [list(each) for each in explain.sentences(terms)],
        "places": [drawn for place in terms.places.values() for drawn in places(place, terms)],
        "sides": [
            {
                "place": rule.places[0].name,
                "rule": rule.id,
                "keeps": "left" if rule.is_left_kept else "right",
                "who": " and ".join(rule.bound),
            }
            for rule in terms.rules
            if rule.kind == "side"
        ],
    }


def _about(rule: Rule) -> dict[str, Any]:
    keeps = rule.entry.keeps
    told: dict[str, Any] = {
        "sentence": explain.sentence(rule),
        "parties": list(rule.bound),
        "places": [place.name for place in rule.places],
    }
    if rule.entry.pledges is not None:
        told["pledge"] = {"after": f"{rule.entry.pledges.after:%Y-%m-%d}"}
    if isinstance(keeps, Side):
        told["side"] = keeps.side
    if isinstance(keeps, Apart):
        told |= {"horizontal_m": keeps.apart.horizontal, "vertical_ft": keeps.apart.vertical}
    return told


def places(place: Place, terms: Agreement) -> list[dict[str, Any]]:
    """Return the figures of a place as they are drawn: rings of (lon, lat), and between which levels they hold."""
    found = []
    for volume in place.volumes:
        levels = explain.between(volume.floor, volume.ceiling).removeprefix(", ")
        levels = levels or _levels_by_rules(place, terms)
        for shape in volume.shapes:
            found.append(
                {
                    "name": place.name,
                    "kind": shape.kind,
                    "levels": levels,
                    "rings": _rings(shape),
                    "width_m": 2 * shape.radius_m if shape.kind == "corridor" else None,
                }
            )
    return found


def _levels_by_rules(place: Place, terms: Agreement) -> str:
    """Return between which levels rules speak of a place that has none of its own."""
    found = dict.fromkeys(
        explain.between(one.floor, one.ceiling).removeprefix(", ")
        for rule in terms.rules
        for each in rule.places
        if each.name == place.name
        for one in each.volumes
    )
    words = [each for each in found if each]
    return " / ".join(words) if len(words) <= MOST_LEVELS else f"{len(words)} bands of levels"


def _rings(shape: Shape) -> list[list[list[float]]]:
    rings = []
    for ring in rings_of(shape):
        points = [[round(lon, DIGITS), round(lat, DIGITS)] for lon, lat in _in_pieces(ring)]
        rings.append([point for point, _ in itertools.groupby(points)])
    return [ring for ring in rings if all(math.isfinite(each) for point in ring for each in point)]


def _in_pieces(ring: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    yield ring[0]
    for (lon0, lat0), (lon1, lat1) in itertools.pairwise(ring):
        pieces = max(1, math.ceil(abs(lat1 - lat0) / PIECE_DEG)) if lon0 != lon1 else 1
        for i in range(1, pieces + 1):
            part = i / pieces
            yield lon0 + part * (lon1 - lon0), lat0 + part * (lat1 - lat0)
