"""``wideberth explain``: everything about one finding, in plain English."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer looks at it while running
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from wideberth.report.finding import Terms
    from wideberth.report.look_up import Found
    from wideberth.tracks import Tracks


def explain(
    id: Annotated[str, typer.Argument(help="Id of a finding, or its beginning: at least 4 characters.", show_default=False)],
    where: Annotated[str, typer.Argument(help="Folder of 'wideberth judge -o', or a file of it: incidents (.parquet, .csv, .geojson) or findings.jsonl; a ledger (path or URL), or an export of one.", show_default=False)],
    agreement: Annotated[Path | None, typer.Option("--agreement", "-a", help="The agreement file, for the sentences of its rules and permissions.")] = None,
    tracks: Annotated[list[str] | None, typer.Option("--tracks", "-t", help="The recording: shows the real reports around it. Can be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:  # fmt: skip
    """Say everything about one finding or encounter: the rule, the verdict, whose, when, where, how much, how sure, what it rests on."""
    from wideberth.cli import show
    from wideberth.report import encounter, finding, guided, look_up

    given = None if agreement is None else _terms(agreement)
    found = look_up.look_up(id, where)
    terms = found.terms if given is None else given
    if look_up.is_encounter(found.finding):
        told = encounter.explain(found.finding)
    else:
        told = finding.explain(found.finding, terms)
    if guidance := guided.told(found.id, where):
        told = [*told, ("Guidance", guidance)]
    if tracks and found.finding.get("icao24_a"):
        told = [*told, ("Reports", encounter.reports(_read(tracks), found.finding))]
    elif not tracks and found.finding.get("icao24_a"):
        told = [*told, ("Reports", ["With --tracks FILE the real reports around it are shown."])]
    if as_json:
        show.json_out(
            {
                "id": found.id,
                "finding": found.finding,
                "told": [{"about": about, "sentences": sentences} for about, sentences in told],
                "ledger": _ledger(found),
            }
        )
        return
    _print(found, told)


def _read(files: list[str]) -> Tracks:
    from wideberth import read
    from wideberth.cli import show

    with show.progress(is_quiet=False) as tell:
        tell("reading")
        return read(files[0] if len(files) == 1 else files)


def _terms(agreement: Path) -> Terms:
    from wideberth.agreement.load import Agreement
    from wideberth.report.finding import Terms

    return Terms.of(Agreement.load(agreement))


def _ledger(found: Found) -> dict[str, Any] | None:
    """Return where a finding stands in a ledger, as JSON would hold it."""
    from wideberth.report.look_up import revisions

    if found.state is None:
        return None
    versions = [
        {"record": record.seq, "hash": record.hash, "written": record.written, "changed": changes}
        for record, changes in revisions(found)
    ]
    state = found.state.as_dict()
    del state["latest"]  # it is the finding itself
    return {**state, "versions": versions}


def _print(found: Found, told: list[tuple[str, list[str]]]) -> None:
    from wideberth.cli import show
    from wideberth.report.look_up import is_encounter

    kind = found.state.kind if found.state else "encounter" if is_encounter(found.finding) else "finding"
    show.out(f"{kind} {show.plain(found.id)}")
    if found.state is not None:
        told = [*told, ("Ledger", list(_records(found))), ("Statements", list(_statements(found)))]
    for about, sentences in told:
        show.out(f"\n{about}")
        for each in sentences:
            show.out(f"  {show.plain(each)}")


def _records(found: Found) -> Any:
    from wideberth.report.look_up import revisions

    for record, changes in revisions(found):
        signed = f", signed by {', '.join(record.signatures)}" if record.signatures else ""
        yield f"record {record.seq:,}: {record.kind}, written {record.written}{signed}, hash {record.hash}"
        for change in changes:
            yield f"  {change}"
    yield "'wideberth ledger verify' says whether these records are as they were written."


def _statements(found: Found) -> Any:
    from wideberth.cli import show

    assert found.state is not None
    if not found.state.statements:
        yield "No party has said anything of it."
    for each in found.state.statements:
        yield show.statement_text(each)
