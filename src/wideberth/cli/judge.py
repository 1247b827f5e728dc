"""``wideberth judge``: tracks judged by an agreement."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - Typer looks at it while running
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wideberth.cli.screen import config_of, least_of, limits_of
from wideberth.cli.show import whole_number

if TYPE_CHECKING:
    import pyarrow as pa

    from wideberth.incidents import Incidents
    from wideberth.ledger.versions import Version
    from wideberth.tables import Together
    from wideberth.tracks import Cleaning, Tracks

BROKEN = 3
TRUSTS = ("credible", "doubtful", "artefact")
NAMES = (
    *("incidents.parquet", "incidents.csv", "incidents.geojson", "findings.jsonl", "summary.json"),
    *("rates.csv", "stretches.csv", "days.csv", "rule-days.csv"),
    *("rates.parquet", "stretches.parquet", "days.parquet", "rule-days.parquet"),
    "report.html",
)


def judge(
    files: Annotated[list[str], typer.Argument(help="Files, globs, folders or archives of tracks.")],
    agreement: Annotated[Path, typer.Option("--agreement", "-a", help="The agreement file.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write incidents (.parquet, .csv, .geojson), findings for the ledger, counts, rates, a summary and a report (report.html) into this folder.")] = None,
    since: Annotated[Path | None, typer.Option("--since", help="The folder of an earlier judge: say what changed.")] = None,
    keep_all: Annotated[bool, typer.Option("--keep-all", help="Clean nothing but rows that cannot be used at all.")] = False,
    format: Annotated[str | None, typer.Option(help="Read as this format: see 'wideberth info --formats'.")] = None,
    columns: Annotated[str | None, typer.Option(help="Names of columns: altitude_ft=ALT:m,t=when.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", parser=whole_number("--limit", 0), metavar="NUMBER", help="How many incidents to show.")] = 20,
    trust: Annotated[str, typer.Option(help="Show only incidents that are at least so much trusted: credible, doubtful, or all.")] = "all",
    threshold: Annotated[list[str] | None, typer.Option(help="Judge trust by another limit, such as company_s=120: see docs/trust.md. Can be repeated.")] = None,
    guide: Annotated[bool, typer.Option("--guide", help="Write into the folder what guidance would have told both aircraft of each incident between two: guidance.parquet.")] = False,
    config: Annotated[str, typer.Option(help="Of --guide: a named configuration, a file, or 'minima': the minima themselves. See docs/guidance.md.")] = "do365b",
    airports: Annotated[str | None, typer.Option(help="A table of aerodromes whose circuits surprise nobody, or 'airportsdata' for the package's.")] = None,
    fail_on: Annotated[str | None, typer.Option("--fail-on", help="'broken': leave with status 3 where a rule was broken.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:  # fmt: skip
    """Judge tracks by an agreement: who crossed the line, who came too close, what was excused, what was pledged."""
    from wideberth import tables
    from wideberth.agreement.load import Agreement
    from wideberth.cli import show
    from wideberth.errors import NothingJudgedError, UsageError
    from wideberth.guide.hindsight import look_back_by_rules
    from wideberth.judge import judge as judged
    from wideberth.read import read
    from wideberth.read.columns_option import parse_columns
    from wideberth.report.guided import GUIDANCE
    from wideberth.report.guided import summary as guidance_summary
    from wideberth.report.summary import of_incidents

    if fail_on not in (None, "broken"):
        raise UsageError(f"--fail-on {fail_on}: only 'broken' is known.")
    if guide and output is None:
        raise UsageError("--guide writes guidance.parquet among the incidents: give -o FOLDER, too.")
    guided_by = config_of(config) if guide else None
    limits, least = limits_of(threshold), least_of(trust)
    before = None if since is None else earlier(since)
    terms = Agreement.load(agreement)
    with show.progress(is_quiet=quiet or as_json) as tell:
        tracks = read(
            files,
            format=format,
            columns=None if columns is None else parse_columns(columns),
            keep_all=keep_all,
            progress=lambda name: tell(f"reading {name}"),
        )
        if not len(tracks):
            raise NothingJudgedError(without_rows(files, tracks.cleaning))
        incidents = judged(
            tracks,
            terms,
            limits=limits,
            airports=True if airports == "airportsdata" else airports,
            progress=lambda name: tell(f"judging {name}"),
        )
        guidance = None
        if guide:
            tell("looking back at each")
            guidance = look_back_by_rules(tracks, incidents.findings().table, terms, guided_by)
        if output is not None:
            tell(f"writing {output}")
            with tables.Together() as together:
                write(incidents, tracks, output, together, guidance)
                if guidance is not None:
                    tables.write(guidance, output / GUIDANCE, together)
    changes, versions = (None, []) if before is None else compared(before, incidents, terms.digest)
    if as_json:
        show.json_out(
            {
                **of_incidents(incidents, tracks.cleaning, terms),
                "incidents": list(incidents.records()),
                "changes": changes,
                "other_versions": [each._asdict() for each in versions],
                **({} if guidance is None else {"guidance": tables.as_text(guidance).to_pylist()}),
            }
        )
    elif not quiet:
        for line in show.cleaning_lines(tracks.cleaning):
            show.out(line)
        print_incidents(incidents, limit, least)
        for each in (*incidents.no_ground, *incidents.remarks, *terms.warnings):
            show.out(str(each))
        if changes is not None:
            show.out(f"\nSince {since}: " + ", ".join(f"{len(ids)} {what}" for what, ids in changes.items()))
            for version in versions:
                show.out(show.plain(str(version)))
        if guidance is not None:
            show.out(guidance_summary(guidance))
        if output is not None:
            names = NAMES if guidance is None else (*NAMES, GUIDANCE)
            show.out(f"\nwritten: {', '.join(str(output / name) for name in names)}")
    if fail_on is not None and not any(each.is_held for each in incidents.judged):
        raise NothingJudgedError(
            f"--fail-on {fail_on}: what was not judged is not known to be kept. "
            + " ".join(incidents.notices())
        )
    if fail_on == "broken" and any(each.verdicts.get("broken") for each in incidents.judged):
        raise typer.Exit(BROKEN)


def without_rows(files: list[str], cleaning: Cleaning) -> str:
    """Say that there is nothing to judge in some files."""
    names = ", ".join(files[:3]) + (", …" if len(files) > 3 else "")
    why = f"of {cleaning.rows_read:,} rows none can be used" if cleaning.rows_read else "no rows"
    return f"{names}: {why}, so that nothing was judged or written. 'wideberth info' says what is there."


def write(
    incidents: Incidents, tracks: Tracks, folder: Path, together: Together, guidance: pa.Table | None = None
) -> None:
    """Write everything into a folder, together: all files or none."""
    from wideberth import tables
    from wideberth.report import report
    from wideberth.report.summary import of_incidents

    assert incidents.terms is not None
    lines = (json.dumps(record, ensure_ascii=False) for record in incidents.findings().records())
    told = of_incidents(incidents, tracks.cleaning, incidents.terms)
    texts = (
        "".join(f"{line}\n" for line in lines),
        json.dumps(told, ensure_ascii=False, indent=2, default=str) + "\n",
    )
    counts = (incidents.rates, incidents.stretches, incidents.days, incidents.rule_days)
    together.folder(folder)
    for name in NAMES[:3]:
        incidents.write(folder / name, together)
    for name, text in zip(NAMES[3:5], texts, strict=True):
        with together.file(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    for name, rows in zip(NAMES[5:13], (*counts, *counts), strict=True):
        tables.write(rows.to_arrow(), folder / name, together)
    report(incidents, folder / NAMES[13], tracks=tracks, guidance=guidance, among=together)


def earlier(folder: Path) -> dict[str, Any]:
    """Return the findings that an earlier judge wrote, by id."""
    from wideberth.errors import ReadError

    path = folder / NAMES[3] if folder.is_dir() else folder
    try:
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return {record["id"]: record for record in records}
    except OSError as error:
        raise ReadError(
            f"{path}: cannot be read: {error.strerror}. --since takes the -o folder of an earlier judge."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise ReadError(f"{path}: these are not findings that wideberth judge wrote.") from None


def compared(
    before: dict[str, Any], incidents: Incidents, digest: str
) -> tuple[dict[str, list[str]], list[Version]]:
    """Return the ids of findings that are new, changed, or no longer there, and what is by another agreement."""
    from wideberth.ledger.findings import told
    from wideberth.ledger.versions import others

    now = {record["id"]: record for record in incidents.findings().records()}
    versions = others(now.values(), before.values(), [digest])
    elsewhere = {each.agreement for each in versions}
    before = {name: each for name, each in before.items() if str(each.get("agreement")) not in elsewhere}
    same = [each for each in now if each in before and told(now[each]) == told(before[each])]
    changes = {
        "new": [each for each in now if each not in before],
        "changed": [each for each in now if each in before and each not in set(same)],
        "gone": [each for each in before if each not in now],
        "as before": same,
    }
    return changes, versions


def print_incidents(incidents: Incidents, limit: int, least: tuple[str, ...] = TRUSTS) -> None:
    """Print what each rule was judged on, rates, and incidents."""
    from wideberth.cli import show

    show.out(f"\n{incidents.agreement}\n")
    show.out(rule_table(incidents))
    for notice in incidents.notices():
        show.out(notice)
    truly = [
        f"{each.rule} {each.expected:.0f} ({each.expected_low} to {each.expected_high})"
        for each in incidents.judged
        if each.expected
    ]
    if truly:
        show.out(
            f"Truly past the limit, by errors of position and altitude alone (95 %): {', '.join(truly)}.\n"
        )
    print_rates(incidents)
    findings = incidents.findings()
    counts = findings.counted("trust")
    if counts:
        told = ", ".join(f"{counts.get(name, 0):,} {name}" for name in TRUSTS)
        show.out(f"Of {len(findings):,} findings: {told}.")
    chosen = findings.trusted(least)
    if len(chosen) and limit:
        show.out(incident_table(chosen, limit))
        if len(chosen) > limit:
            show.out(f"… and {len(chosen) - limit:,} more (--limit, or -o FOLDER for all)")
    if len(chosen) < len(findings):
        show.out(f"{len(findings) - len(chosen):,} less trusted are not shown (--trust all)")


def rule_table(incidents: Incidents) -> Any:
    """Return a table of rules: what each was judged on, and its verdicts."""
    from wideberth.cli import show

    right = ("aircraft", "flights", "hours", "not heard", "broken", "excused", "unknown", "in buffer", "kept")
    table = show.Sheet(
        ("rule", "kind", *right),
        right,
        spare=("not heard", "hours", "kind", "kept", "in buffer", "aircraft"),
    )
    for each in incidents.judged:
        counts = (
            str(each.verdicts.get(name, 0))
            for name in ("broken", "excused", "unknown", "inside_buffer", "kept")
        )
        table.add_row(
            each.rule, each.kind, f"{each.aircraft:,}", f"{each.flights:,}", f"{each.hours:,.1f} h",
            f"{each.hours_not_heard:,.1f} h", *counts,
        )  # fmt: skip
    return table


def print_rates(incidents: Incidents) -> None:
    """Print how often, by rule and party, with intervals."""
    from wideberth.cli import show

    if not incidents.rates:
        return
    show.out("How often, with 95 % intervals that allow for days that are not alike:")
    right = ("count", "per day", "per 100 h")
    table = show.Sheet(("rule", "party", "counted", *right), right, spare=("per 100 h", "counted"))
    for row in incidents.rates:
        rates = (interval_text(row, name) for name in ("per_day", "per_100_h"))
        table.add_row(row["rule"], row["party"], row["counted"], f"{row['count']:,}", *rates)
    show.out(table)
    if all(row["dispersion"] is None for row in incidents.rates):
        show.out(
            "One day tells nothing of how days differ: no interval, and none per day of less than a day."
        )
    silent = max(row["days_silent"] for row in incidents.rates)
    if silent:
        show.out(f"On {silent:,} of the days nothing at all was heard; they count as recorded.")


def interval_text(row: dict[str, Any], name: str) -> str:
    """Return a rate with its interval, such as "6.13 (4.79 to 7.73)"."""
    from wideberth.report.answer import figure

    value, low, high = (row[name + ending] for ending in ("", "_low", "_high"))
    if value is None:
        return "–"
    return figure(value) if low is None else f"{figure(value)} ({figure(low)} to {figure(high)})"


def incident_table(incidents: Incidents, limit: int) -> Any:
    """Return a table of incidents by rank: by trust and context, then by rule and how much."""
    from wideberth.cli import show

    table = show.Sheet(
        ("began (UTC)", "rule", "verdict", "trust", "aircraft", "finding", "id"),
        wraps={"verdict": 7, "trust": 10, "aircraft": 16, "finding": 20},
        spare=("began (UTC)", "aircraft", "trust"),
    )
    for row in sorted(incidents, key=lambda row: row["rank"] or 0)[:limit]:
        names = [show.aircraft_name(row, side) for side in ("a", "b") if row[f"icao24_{side}"]]
        verdict = row["verdict"] + (f" ({row['because']})" if row["because"] else "")
        table.add_row(
            f"{row['t_in']:%Y-%m-%d %H:%M:%S}",
            row["rule"],
            verdict,
            ", ".join(each for each in (row["trust"], *(row["reasons"] or "").split()) if each),
            " and ".join(names),
            row["sentence"],
            row["id"],
        )
    return table
