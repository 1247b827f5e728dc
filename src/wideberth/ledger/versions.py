"""Findings by other versions of an agreement: an id holds the agreement's hash, so any edit makes all ids new.

Nothing can tell whether an edit changed what was agreed or a comment.  So findings by another version are not
compared with those of now, and it is told how many there are, and how many are the same but for the version:
rule, aircraft and start to the second; of a pledge, rule and party.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

SHOWN = 12  # digits of a hash that people are shown
SECOND = len("2017-11-01T03:05:16")


class Version(NamedTuple):
    """Findings by one other version of an agreement.

    Attributes:
        agreement: its hash.
        now: the hash of the version that the new findings are by; several with commas between.
        findings: how many findings are by the other version.
        otherwise_same: how many of them are, but for the version, among the new ones.
    """

    agreement: str
    now: str
    findings: int
    otherwise_same: int

    def __str__(self) -> str:
        are = "finding is" if self.findings == 1 else "findings are"
        now = ", ".join(f"{each[:SHOWN]}…" for each in self.now.split(", "))
        return (
            f"{self.findings:,} {are} by another version of the agreement, {self.agreement[:SHOWN]}…, and not "
            f"compared: the file has changed (now {now}), and with it every id. {self.otherwise_same:,} of them "
            f"{'is' if self.otherwise_same == 1 else 'are'} otherwise the same as one of now (rule, aircraft, start to "
            "the second)."
        )


def others(
    found: Iterable[Mapping[str, Any]], before: Iterable[Mapping[str, Any]], now: Collection[str]
) -> list[Version]:
    """Return what earlier findings are by other versions of an agreement, in the order in which versions appear.

    Args:
        found: findings as they are recorded, of which each may lack any member.
        before: earlier ones, likewise.
        now: hashes of the versions that ``found`` is by.

    >>> one = {"id": "1", "rule": "west", "icao24_a": "150010", "t_in": "2017-11-01T03:05:16.400Z", "agreement": "aa"}
    >>> [each[2:] for each in others([{**one, "id": "2", "agreement": "bb"}], [one], ["bb"])]
    [(1, 1)]
    """
    keys = {_key(each) for each in found}
    counts: dict[str, list[int]] = {}
    for each in before:
        version = each.get("agreement")
        if isinstance(version, str) and version not in now:
            count = counts.setdefault(version, [0, 0])
            count[0] += 1
            count[1] += _key(each) in keys
    told = ", ".join(sorted(now))
    return [Version(version, told, all_, same) for version, (all_, same) in counts.items()]


def _key(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what makes a finding itself, but for the agreement."""
    if finding.get("kind") == "pledges":
        return str(finding.get("rule")), str(finding.get("party"))
    begin = str(finding.get("t_in"))[:SECOND]
    return (*(str(finding.get(name)) for name in ("rule", "icao24_a", "icao24_b")), begin)
