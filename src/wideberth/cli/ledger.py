"""``wideberth ledger``: the append-only record of findings, of statements by parties, of manual reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wideberth.cli.show import whole_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wideberth.ledger import Added, Ledger, Record, Signer, State, Verification

app = typer.Typer(
    help="Keep findings, and what the parties say of them, in a record that nothing can be taken out of unnoticed.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

LEDGER = Annotated[
    str,
    typer.Option(
        "--ledger", "-l", envvar="WIDEBERTH_LEDGER", help="SQLite file, or postgresql://user@host/database."
    ),
]
AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
DEFAULT = "ledger.sqlite"
SHOWN = 10  # names in a message
LEAST_TEXT = 20  # characters of a line of words
LONGEST_REPORT_BYTES = 2**20  # a longer text, or a picture, is kept elsewhere and named by its digest


@app.command("add")
def add(
    findings: Annotated[list[str] | None, typer.Argument(help="Folders of 'wideberth judge -o', or files of findings, JSON lines or a JSON list; - for standard input.", show_default=False)] = None,
    statement: Annotated[str | None, typer.Option(help="Instead: what a party says, acknowledged, disputed or explained. With --about and --party.")] = None,
    about: Annotated[str | None, typer.Option(help="Id of the finding or report that the statement is about, or its beginning.")] = None,
    text: Annotated[str | None, typer.Option(help="The statement, or a remark on the reported file, in words.")] = None,
    report: Annotated[str | None, typer.Option(help="Instead: a manual report, a text or the name of a file.")] = None,
    source: Annotated[str | None, typer.Option(help="How the report came about, such as sighting or 'radar plot'.")] = None,
    time: Annotated[str | None, typer.Option(help="When it was seen (UTC), such as 2017-11-20T08:14:00Z.")] = None,
    place: Annotated[str | None, typer.Option(help="Where: lon,lat in degrees, or a name.")] = None,
    key: Annotated[Path | None, typer.Option(help="Instead: make this public key (PEM) known as that of --party.")] = None,
    party: Annotated[str | None, typer.Option(help="Who says it, reports it, owns the key, signs.")] = None,
    sign: Annotated[Path | None, typer.Option(help="Sign as --party with this private key (PEM, Ed25519).")] = None,
    ledger: LEDGER = DEFAULT,
    as_json: AS_JSON = False,
    quiet: QUIET = False,
) -> None:  # fmt: skip
    """Add findings, a statement by a party, a manual report or a public key; nothing is added twice."""
    from wideberth.cli import show
    from wideberth.errors import UsageError
    from wideberth.ledger import Ledger, load_public_key, read_findings

    given = {"--about": about, "--text": text, "--source": source, "--time": time, "--place": place}
    whats = {"FINDINGS": findings or None, "--statement": statement, "--report": report, "--key": key}
    verbs = [each for each, value in whats.items() if value is not None]
    if len(verbs) != 1:
        raise UsageError("give one of these: files of findings, --statement, --report, --key.")
    (verb,) = verbs
    allowed = {"--statement": ("--about", "--text"), "--report": ("--text", "--source", "--time", "--place")}
    for option, value in given.items():
        if value is not None and option not in allowed.get(verb, ()):
            raise UsageError(f"{option} does not go with {verb}.")
    if verb == "--statement" and about is None:
        raise UsageError("--statement needs --about ID.")
    if party is None and (verb in ("--statement", "--key") or sign is not None):
        raise UsageError(f"{'--sign' if sign else verb} needs --party NAME.")
    if party is not None and verb == "FINDINGS" and sign is None:
        raise UsageError("--party goes with --sign, --statement, --report or --key.")
    signer = None if sign is None else _signer(sign, party or "")
    name = hint = None
    with Ledger(ledger) as opened:
        if party is not None:
            hint = _unknown_party(opened, party)
        if statement is not None:
            added = opened.say(
                _meant(opened, about or "", ledger), party or "", statement, text or "", sign=signer
            )
        elif report is not None:
            content = _report(report, text, source, time, place)
            added, name = opened.report(**content, party=party, sign=signer)
        elif key is not None:
            added = opened.add_key(party or "", load_public_key(key), sign=signer)
        else:
            every = [finding for path in findings or () for finding in read_findings(path)]
            added = opened.add(every, sign=signer)
    _print_added(added, name, ledger, as_json=as_json, quiet=quiet)
    if hint is not None and not quiet:
        typer.echo(f"wideberth: {show.plain(hint)}", err=True)


@app.command("list")
def list_(
    kind: Annotated[str | None, typer.Option(help="Only records of this kind: finding, revision, statement, report or key.")] = None,
    about: Annotated[str | None, typer.Option(help="Only records of the finding or report with this id, or beginning of one.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", parser=whole_number("--limit", 0), metavar="NUMBER", help="How many records, the last ones. [default: 20; with --json all]")] = None,
    ledger: LEDGER = DEFAULT,
    as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """List records in their order, the latest last."""
    from wideberth.cli import show
    from wideberth.ledger import Ledger

    last = 20 if limit is None and not as_json else limit
    with Ledger(ledger) as opened:
        if about is not None and any(each.startswith(about) for each in opened.ids()):
            about = _meant(opened, about, ledger)
        found = list(opened.records(kind=kind, about=about, last=last))
    if as_json:
        show.json_out({"records": [record.as_dict() for record in found]})
        return
    if not found:
        show.out("no records.")
        return
    table = show.Sheet(
        ("record", "written (UTC)", "kind", "about", "what", "signed by"),
        ("record",),
        wraps={"what": LEAST_TEXT},
        spare=("signed by", "written (UTC)"),
    )
    for record in found:
        table.add_row(*map(show.plain, _row(record)))
    show.out(table)


@app.command("show")
def show_(
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of a finding or report, or its beginning; or the number or hash of a record.")],
    ledger: LEDGER = DEFAULT,
    as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Show every record of a finding or report, in full."""
    import json

    from wideberth.cli import show
    from wideberth.ledger import Ledger

    with Ledger(ledger) as opened:
        found = opened.find(name if _is_of_record(opened, name) else _meant(opened, name, ledger))
    if as_json:
        show.json_out({"records": [record.as_dict() for record in found]})
        return
    for record in found:
        signed = f", signed by {', '.join(record.signatures)}" if record.signatures else ""
        show.out(f"record {record.seq:,}: {record.kind}, written {record.written}{signed}")
        show.out(f"  hash {record.hash}")
        for line in json.dumps(record.body, indent=2, ensure_ascii=False).splitlines():
            show.out(f"  {show.plain(line)}")


@app.command("state")
def state(
    name: Annotated[str | None, typer.Argument(metavar="[ID]", help="Id of a finding or report, or its beginning. [default: all]", show_default=False)] = None,
    ledger: LEDGER = DEFAULT,
    as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Say where each finding stands: as last judged, and what each party said of it."""
    from wideberth.cli import show
    from wideberth.ledger import Ledger

    with Ledger(ledger) as opened:
        states = opened.state() if name is None else [opened.state_of(_meant(opened, name, ledger))]
    if as_json:
        show.json_out({"states": [each.as_dict() for each in states]})
    elif name is not None:
        _print_state(states[0])
    elif not states:
        show.out("no findings and no reports.")
    else:
        table = show.Sheet(
            ("id", "kind", "recorded (UTC)", "revised", "said"),
            ("revised",),
            wraps={"said": LEAST_TEXT},
            spare=("revised", "recorded (UTC)"),
        )
        for each in states:
            said = ", ".join(f"{party}: {_said(last)}" for party, last in each.by_party.items())
            table.add_row(
                show.plain(each.id),
                each.kind,
                each.first_written[:19].replace("T", " "),
                str(each.revisions),
                show.plain(said),
            )
        show.out(table)


@app.command("verify")
def verify(
    what: Annotated[str | None, typer.Argument(metavar="[LEDGER|EXPORT]", help="An export or a ledger. [default: --ledger]", show_default=False)] = None,
    head: Annotated[str | None, typer.Option(help="A head that was noted elsewhere: NUMBER:HASH or HASH.")] = None,
    digest: Annotated[str | None, typer.Option(help="SHA-256 of the whole export, noted elsewhere.")] = None,
    key: Annotated[list[str] | None, typer.Option(help="PARTY=FILE: a public key (PEM) got from the party itself. Can be repeated.")] = None,
    ledger: LEDGER = DEFAULT,
    as_json: AS_JSON = False,
    quiet: QUIET = False,
) -> None:  # fmt: skip
    """Check every record and every signature, and name the first that does not hold; exit status 1 then."""
    from wideberth.cli import show
    from wideberth.errors import LedgerError, UsageError
    from wideberth.ledger import Head, Ledger, verify_bundle
    from wideberth.ledger.database import is_database

    noted = None if head is None else Head.parse(head)
    keys = _keys(key or ())
    try:
        if what is not None and not is_database(what):
            found = verify_bundle(what, head=noted, digest=digest, keys=keys)
        elif digest is not None:
            raise UsageError("--digest is that of an export; a ledger is checked with --head.")
        else:
            with Ledger(ledger if what is None else what) as opened:
                found = opened.verify(head=noted, keys=keys)
    except LedgerError as error:  # so damaged, or so absent, that not even its records can be read
        if as_json:
            show.json_out({"good": False, "fault": str(error)})
        raise
    if as_json:
        show.json_out(found.as_dict())
    elif not quiet or not found.is_good:
        _print_verification(found)
    if not found.is_good:
        raise typer.Exit(1)


@app.command("export")
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write, such as ledger.jsonl.")],
    ledger: LEDGER = DEFAULT,
    as_json: AS_JSON = False,
    quiet: QUIET = False,
) -> None:  # fmt: skip
    """Write all records as canonical JSON lines, which anyone can verify without a database."""
    from wideberth.cli import show
    from wideberth.ledger import Ledger

    with Ledger(ledger) as opened:
        done = opened.export(output)
    if as_json:
        show.json_out(
            {"written": str(output), "records": done.records, "head": str(done.head), "sha256": done.sha256}
        )
    elif not quiet:
        show.out(f"written: {output}, {_count(done.records, 'record')}")
        show.out(f"head   {done.head}")
        show.out(f"sha256 {done.sha256}")
        show.out("Keep the digest elsewhere: it shows later that not a byte of the file was changed.")


def _meant(opened: Ledger, name: str, where: str) -> str:
    """Return the id that is meant: the only one that begins so; what is too short to be a beginning stays as it is."""
    from wideberth.report import look_up

    if len(name) < look_up.SHORTEST:
        return name
    return look_up.chosen(name, opened.ids(), where, lambda each: look_up.line(opened.state_of(each).latest))


def _is_of_record(opened: Ledger, name: str) -> bool:
    """Tell whether a text is the number of a record that is there, or could be the hash of one."""
    from wideberth.ledger.records import is_sha256

    is_number = name.isascii() and name.isdigit()
    return is_sha256(name) or (is_number and int(name) <= (opened.head().seq or 0))


def _unknown_party(opened: Ledger, party: str) -> str | None:
    """Return what to say of a party that no record names, where records name others; None otherwise."""
    import difflib

    from wideberth.errors import LedgerError

    known = []
    try:
        for name in opened.parties():
            if name == party:
                return None
            known.append(name)
    except LedgerError:  # it is about to be made; if it is bad, writing to it says so
        return None
    if not known:
        return None
    near = difflib.get_close_matches(party, known, n=1)
    return f"no record has named the party '{party}' before" + (
        f". Did you mean '{near[0]}'?" if near else f"; known: {', '.join(sorted(known)[:SHOWN])}."
    )


def _signer(path: Path, party: str) -> Signer:
    import os
    import sys

    from wideberth.errors import LedgerError
    from wideberth.ledger import Signer

    def passphrase() -> str:
        if "WIDEBERTH_PASSPHRASE" in os.environ:
            return os.environ["WIDEBERTH_PASSPHRASE"]
        if not sys.stdin.isatty():
            raise LedgerError(f"'{path}' is encrypted. Give its passphrase in WIDEBERTH_PASSPHRASE.")
        return str(typer.prompt(f"Passphrase of {path}", hide_input=True, err=True))

    return Signer.load(path, party, passphrase)


def _keys(given: Sequence[str]) -> dict[str, list[str]]:
    from wideberth.errors import UsageError
    from wideberth.ledger import load_public_key

    keys: dict[str, list[str]] = {}
    for each in given:
        party, equals, path = each.partition("=")
        if not (party and equals and path):
            raise UsageError(f"'{each}' is not a key. Write it like --key 'PARTY=FILE.pem'.")
        keys.setdefault(party, []).append(load_public_key(path))
    return keys


def _report(
    report: str, text: str | None, source: str | None, time: str | None, place: str | None
) -> dict[str, Any]:
    """Return the content of a report; a file's text is taken in, of anything else the digest."""
    import hashlib
    import os

    from wideberth import units
    from wideberth.errors import LedgerError, UsageError, reason

    content: dict[str, Any] = {
        "text": report,
        "source": source,
        "time": None if time is None else units.parse_instant(time),
        "place": None if place is None else _place(place),
    }
    if not os.path.isfile(report):  # False also for what no file can be called
        if text is not None:
            raise UsageError(
                f"--text goes with a file, and there is no file '{report[:50]}'. Say it all in --report."
            )
        return content
    try:
        with Path(report).open("rb") as file:
            data = file.read(LONGEST_REPORT_BYTES + 1)
            digest = hashlib.sha256(data)
            while more := file.read(LONGEST_REPORT_BYTES):
                digest.update(more)
            size = file.tell()
    except OSError as error:
        raise LedgerError(f"cannot read '{report}': {reason(error)}.") from None
    try:
        inside = data.decode("utf-8-sig") if size <= LONGEST_REPORT_BYTES else None
    except UnicodeDecodeError:
        inside = None
    if inside is not None and "\0" in inside:
        inside = None
    content["file"] = {"name": Path(report).name, "bytes": size, "sha256": digest.hexdigest()}
    content["text"] = "\n\n".join(each for each in (text, inside) if each)
    return content


def _place(text: str) -> dict[str, Any]:
    """Read "lon,lat" in degrees, or take the text as a name."""
    import re

    from wideberth.errors import UsageError

    numbers = re.fullmatch(r"\s*([+-]?\d+(?:\.\d+)?)\s*,\s*([+-]?\d+(?:\.\d+)?)\s*", text, re.ASCII)
    if numbers is None:
        return {"name": text}
    lon_deg, lat_deg = float(numbers[1]), float(numbers[2])
    if not (-180.0 <= lon_deg <= 180.0 and -90.0 <= lat_deg <= 90.0):
        raise UsageError(f"'{text}' is not a place: write lon,lat in degrees, such as 40.45,35.02.")
    return {"lon": lon_deg, "lat": lat_deg}


def _print_added(added: Added, name: str | None, where: str, *, as_json: bool, quiet: bool) -> None:
    from wideberth.cli import show

    if as_json:
        counts: dict[str, Any] = {
            "added": added.added, "revised": added.revised, "unchanged": added.unchanged,
            "other_versions": [each._asdict() for each in added.other_versions],
        }  # fmt: skip
        show.json_out({**counts, "head": str(added.head)} | ({"id": name} if name else {}))
    elif not quiet:
        show.out(f"{added.added:,} added, {added.revised:,} revised, {added.unchanged:,} there already")
        for each in added.other_versions:
            show.out(show.plain(str(each)))
        if name:
            show.out(f"id     {name}")
        show.out(f"head   {added.head}")


def _row(record: Record) -> tuple[str, ...]:
    body = record.body
    if record.kind == "statement":
        what = f"{body['party']} {body['says']}" + (f": {body['text']}" if body["text"] else "")
    elif record.kind == "report":
        what = body["text"] or body.get("file", {}).get("name", "")
    elif record.kind == "key":
        what = f"{body['party']}: {body['public_key']}"
    else:
        finding = body["finding"]
        what = ", ".join(
            str(finding[name]) for name in ("rule", "verdict") if isinstance(finding.get(name), str)
        )
    what = what if len(what) <= 80 else what[:79] + "…"
    written = record.written[:19].replace("T", " ")
    return f"{record.seq:,}", written, record.kind, record.about or "", what, ", ".join(record.signatures)


def _print_state(state: State) -> None:
    import json

    from wideberth.cli import show

    times = "once" if state.revisions == 1 else f"{state.revisions:,} times"
    revised = f", revised {times}, last {state.written}" if state.revisions else ""
    show.out(f"{state.kind} {show.plain(state.id)}: recorded {state.first_written}{revised}")
    for line in json.dumps(state.latest, indent=2, ensure_ascii=False).splitlines():
        show.out(f"  {show.plain(line)}")
    if not state.statements:
        show.out("No party has said anything of it.")
    for each in state.statements:
        show.out(show.plain(show.statement_text(each)))


def _said(statement: Any) -> str:
    return str(statement.says) + ("" if statement.is_about_latest else " (before its revision)")


def _print_verification(found: Verification) -> None:
    from wideberth.cli import show

    if found.bad is not None:
        show.out(show.plain(f"does not hold: {found.bad}"))
        show.out(f"Records before it that hold: {found.records:,}. What follows was not looked at.")
        if found.bad.line == 1 and not found.records:
            show.out("Is it the right file? An export has a record in each line, as canonical JSON.")
        return
    show.out(f"{_count(found.records, 'record')}, each in its place and unchanged")
    if found.fault is not None:
        show.out(
            show.plain(
                f"But the file is damaged ({found.fault}), and searches may miss some. Export it, and keep the file."
            )
        )
    show.out(f"head   {found.head}")
    if found.sha256 is not None:
        show.out(f"sha256 {found.sha256}")
    for party, count in found.signatures.items():
        show.out(show.plain(f"signatures of '{party}' that hold: {count:,}"))
    if found.unsigned:
        some = ", ".join(map(str, found.unsigned[:10])) + (", …" if len(found.unsigned) > 10 else "")
        show.out(
            f"{_count(len(found.unsigned), 'statement')} not signed by a party that has a key: record {some}"
        )
    if found.unproven:
        what = "all of them" if found.unproven == found.records else f"the last {found.unproven:,}"
        show.out(
            f"The end is not proven ({what}): whoever can write could have cut it off or replaced it. "
            "Give a head (or the digest of an export) that was noted elsewhere."
        )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
