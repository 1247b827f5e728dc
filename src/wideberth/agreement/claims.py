"""Which aircraft two parties both claim, as far as the file alone shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wideberth.agreement import registers

if TYPE_CHECKING:
    from wideberth.agreement.model import Aircraft, Party
    from wideberth.agreement.tree import Path, Tree
    from wideberth.agreement.values import Range


def check_overlaps(document: Tree, parties: dict[str, Party]) -> None:
    """Note addresses and callsigns that two parties claim."""
    claims: list[tuple[int, int, str, Path]] = []
    patterns: list[tuple[str, str, Path]] = []
    for name, party in parties.items():
        for i, each in enumerate(party.aircraft):
            at: Path = ("parties", name, "aircraft", i)
            if each.is_by_address:
                claims += [(first, last, name, at) for first, last in _ranges(each)]
            elif (
                each.callsign is not None
                and each.icao24 is None
                and each.state is None
                and each.classes is None
            ):
                for pattern in each.callsign:
                    for other_pattern, other, other_at in patterns:
                        if other != name and _may_both_mean(pattern.pattern, other_pattern):
                            document.fault(
                                at,
                                f"'{name}' and '{other}' (line {document.line(other_at)}) both claim the callsign "
                                f"{max(pattern.pattern, other_pattern, key=_plain).strip('^$')}.",
                                "An aircraft is one party's: narrow one of the two.",
                            )
                    patterns.append((pattern.pattern, name, at))
    claims.sort()
    widest = -1
    for i, (first, last, name, at) in enumerate(claims):
        if widest >= 0 and first <= claims[widest][1] and claims[widest][2] != name:
            other_first, other_last, other, other_at = claims[widest]
            low, high = max(first, other_first), min(last, other_last)
            if (document.line(at) or 0) < (document.line(other_at) or 0):
                name, at, other, other_at = other, other_at, name, at
            told = f"addresses {low:06x}-{high:06x}" if low < high else f"address {low:06x}"
            document.fault(
                at,
                f"'{name}' and '{other}' (line {document.line(other_at)}) both claim the {told}.",
                "An aircraft is one party's: narrow one of the two.",
            )
        if widest < 0 or last > claims[widest][1]:
            widest = i


_PLAIN = re.compile(r"\^[A-Z0-9]+\$")


def _plain(pattern: str) -> bool:
    return _PLAIN.fullmatch(pattern) is not None


def _may_both_mean(one: str, other: str) -> bool:
    """Return whether two patterns show that they mean the same callsign: they are equal, or one is a callsign."""
    return (
        one == other
        or (_plain(one) and re.search(other, one[1:-1], re.IGNORECASE) is not None)
        or (_plain(other) and re.search(one, other[1:-1], re.IGNORECASE) is not None)
    )


def _ranges(aircraft: Aircraft) -> list[Range]:
    """Return the addresses of an entry by address: in its ranges, and in its States' blocks."""
    blocks = [block for state in aircraft.state or () for block in registers.blocks_of_state(state)]
    if aircraft.icao24 is None:
        return blocks
    if aircraft.state is None:
        return list(aircraft.icao24)
    return [
        (max(first, low), min(last, high))
        for first, last in aircraft.icao24
        for low, high in blocks
        if first <= high and low <= last
    ]
