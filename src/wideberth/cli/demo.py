"""``wideberth demo``: thirty simulated days on a line, judged, and checked against the true answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from wideberth.incidents import Incidents

# What is promised of the judge against an independent march over the recorded motion.
TIMES_AGREE_S = 1.0
PLACES_AGREE_M = 10.0
AGREEMENT = "euphrates.yaml"
LEDGER = "ledger.sqlite"


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for what is found; made if need be.")] = Path("out"),
    tracks: Annotated[Path | None, typer.Option("--tracks", help="Also write the simulated tracks: .parquet.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:  # fmt: skip
    """Judge thirty simulated days of two parties on a line, and check what was found against the true answers."""
    from wideberth import read, tables
    from wideberth.agreement.load import Agreement
    from wideberth.cli import judge as judging
    from wideberth.cli import show
    from wideberth.judge import judge
    from wideberth.ledger import Ledger
    from wideberth.report.summary import of_incidents
    from wideberth.simulate import euphrates

    with show.progress(is_quiet=as_json) as tell:
        tell("simulating")
        cleaned = read(named(euphrates.tracks(), tracks))
        terms = Agreement.parse(euphrates.agreement_text(), file=AGREEMENT)
        incidents = judge(cleaned, terms, progress=lambda name: tell(f"judging {name}"))
        tell(f"writing {output}")
        with tables.Together() as files:
            if tracks is not None:
                euphrates.write_tracks(tracks, among=files)
            judging.write(incidents, cleaned, output, files)
            with files.file(output / AGREEMENT) as temporary:
                temporary.write_text(euphrates.agreement_text(), encoding="utf-8")
        with Ledger(output / LEDGER) as ledger:
            added = ledger.add(incidents.findings().records())
        known = euphrates.stored_truth()
    check = compare(known, incidents)
    if as_json:
        show.json_out(
            {
                **of_incidents(incidents, cleaned.cleaning, terms),
                "check": check,
                "ledger": {
                    **vars(added),
                    "other_versions": [each._asdict() for each in added.other_versions],
                },
            }
        )
    else:
        show.out("All of this is simulated: traffic, places and geometry are made up.")
        show.out(f"{len(cleaned):,} samples of {len(cleaned.aircraft):,} aircraft, thirty days.")
        show.out(day_table(incidents))
        judging.print_incidents(incidents, 12)
        _print_check(check)
        kept = ", ".join([*judging.NAMES, AGREEMENT, LEDGER])
        show.out(f"\nIn {output}/: {kept}")
        show.out(f"The ledger took {added.added:,} findings; {added.unchanged:,} it had already.")
        for version in added.other_versions:
            show.out(str(version))
    if not check["agrees"]:
        raise typer.Exit(1)


def named(simulated: Any, file: Path | None) -> Any:
    """Return tracks that say which rows of what they are: of the file that was written, else of what could be."""
    import polars as pl

    name = (
        str(file) if file is not None else "the simulated tracks ('wideberth demo --tracks FILE' writes them)"
    )
    return simulated.with_columns(
        pl.int_range(pl.len()).alias("source_row"), pl.lit(name, pl.Categorical).alias("source_file")
    )


def day_table(incidents: Incidents) -> Any:
    """Return the daily table: for each party flights, crossings and excursions."""
    from wideberth.cli import show

    days: dict[str, dict[str | None, dict[str, Any]]] = {}
    for row in incidents.days:
        days.setdefault(row["day"], {})[row["party"]] = row
    parties = list(dict.fromkeys(row["party"] for row in incidents.days))
    shown = ("flights", "crossings", "excursions")
    headings = [f"{party} {name}" for party in parties for name in shown]
    table = show.Sheet(
        ("day", *headings),
        headings,
        wraps=dict.fromkeys(headings, 1),  # between the words of a heading
        spare=[tuple(f"{party} {name}" for party in parties) for name in ("crossings", "flights")],
    )
    for day, by_party in days.items():
        table.add_row(day, *(f"{by_party[party][name]:,}" for party in parties for name in shown))
    table.add_section()
    sums = [
        sum(row[name] for row in incidents.days if row["party"] == party)
        for party in parties
        for name in shown
    ]
    table.add_row("in all", *(f"{each:,}" for each in sums))
    return table


def compare(known: dict[str, Any], incidents: Incidents) -> dict[str, Any]:
    """Set each known answer beside the incident of the same rule, aircraft and time.

    Returns:
        How many there are of each, which are missing or too many or told otherwise, and the largest differences.
    """
    left: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    pledges = []
    for row in incidents:
        if row["kind"] == "pledges":
            pledges.append(row)
        elif row["verdict"] != "kept":  # how far a place was missed has no known answer
            left.setdefault((row["rule"], row["icao24_a"], row["icao24_b"]), []).append(row)
    missing: list[str] = []
    otherwise: list[str] = []
    worst_s = worst_m = 0.0
    found = len(pledges) + sum(map(len, left.values()))
    answers = [*known["sides"], *known["apart"], *known["spare"]]
    for answer in answers:
        key = _key(answer)
        what = f"{answer['rule']} {' and '.join(filter(None, key[1:]))} {answer['t_in']}"
        near = [row for row in left.get(key, []) if _apart_s(row["t_in"], answer["t_in"]) <= TIMES_AGREE_S]
        if not near:
            missing.append(what)
            continue
        row = near[0]
        left[key].remove(row)
        if row["verdict"] != answer["verdict"]:
            otherwise.append(f"{what}: {row['verdict']}, known {answer['verdict']}")
        worst_s = max(worst_s, *(_apart_s(row[name], answer[name]) for name in ("t_in", "t_out")))
        worst_m = max(worst_m, *_apart_m(row, answer), 0.0)
    for row in pledges:
        if row["verdict"] != known["pledge"]["verdict"]:
            otherwise.append(f"{row['rule']}: {row['verdict']}, known {known['pledge']['verdict']}")
    extra = [f"{row['rule']} {row['icao24_a']} {row['t_in']}" for rows in left.values() for row in rows]
    is_right = not (missing or extra or otherwise) and worst_s <= TIMES_AGREE_S and worst_m <= PLACES_AGREE_M
    return {
        "known": len(answers) + 1,
        "found": found,
        "missing": missing,
        "extra": extra,
        "otherwise": otherwise,
        "largest_difference_s": worst_s,
        "largest_difference_m": worst_m,
        "agrees": is_right and len(pledges) == 1,
    }


def _key(answer: dict[str, Any]) -> tuple[Any, ...]:
    if "a" in answer:
        return answer["rule"], answer["a"]["icao24"], answer["b"]["icao24"]
    return answer["rule"], answer["icao24"], None


def _apart_s(instant: Any, text: str) -> float:
    from wideberth.units import parse_instant

    return abs(float((instant - parse_instant(text)).total_seconds()))


def _apart_m(row: dict[str, Any], answer: dict[str, Any]) -> list[float]:
    """Return how far apart two answers are in depth or distance, and in where the line was crossed."""
    from wideberth.kernels.geodesy import chord_m

    found = []
    told = answer.get("depth_m", answer.get("hmd_m"))
    if told is not None:
        found.append(abs(row["magnitude"] - told))
    for place, side in (("entered_at", "in"), ("left_at", "out")):
        if answer.get(place):
            lon, lat = answer[place]
            found.append(float(chord_m(row[f"{side}_lat_deg"], row[f"{side}_lon_deg"], lat, lon)))
    return found


def _print_check(check: dict[str, Any]) -> None:
    from wideberth.cli import show

    show.out(
        f"\nChecked against the true answers, which an independent march over the same motion found: {check['known']} known, "
        f"{check['found']} found, {len(check['missing'])} missing, {len(check['extra'])} too many, "
        f"{len(check['otherwise'])} told otherwise; largest difference {check['largest_difference_s']:.3f} s, "
        f"{check['largest_difference_m']:.2f} m."
    )
    for name, what in (("missing", "MISSING"), ("extra", "TOO MANY"), ("otherwise", "OTHERWISE")):
        for line in check[name]:
            show.out(f"{what}: {line}")
    show.out("It agrees." if check["agrees"] else "IT DIFFERS.")
