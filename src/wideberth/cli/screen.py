"""``wideberth screen``: every encounter in some recorded tracks."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer looks at it while running
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wideberth.cli.show import whole_number

if TYPE_CHECKING:
    import pyarrow as pa

    from wideberth.encounters import Encounters
    from wideberth.guide.config import Config
    from wideberth.screen.select import Selection
    from wideberth.tracks import Cleaning
    from wideberth.trust.limits import Limits


SHORTEST_WHY = 14  # "level-spacing,"
SHORTEST_NAME = 8  # of an aircraft, in a line: its address in brackets


def screen(
    files: Annotated[list[str], typer.Argument(help="Files, globs, folders or archives; - for standard input.")],
    minima: Annotated[str | None, typer.Option("--minima", "-m", help="Named minima: see 'wideberth minima'. [default: icao-enroute]")] = None,
    horizontal: Annotated[str | None, typer.Option(help="Horizontal minimum, such as 5NM or 500m.")] = None,
    vertical: Annotated[str | None, typer.Option(help="Vertical minimum, such as 1000ft.")] = None,
    output: Annotated[list[Path] | None, typer.Option("--output", "-o", help="Write all encounters: .parquet, .csv or .geojson. Can be repeated.")] = None,
    altitude: Annotated[str | None, typer.Option(help="Only where either aircraft is in this band at the closest point: FL100..FL200, ..18000ft.")] = None,
    area: Annotated[str | None, typer.Option(help="Only where either is in this area then: west,south,east,north or a GeoJSON file.")] = None,
    since: Annotated[str | None, typer.Option(help="Only encounters that end at or after this instant (UTC).")] = None,
    until: Annotated[str | None, typer.Option(help="Only encounters that begin at or before this instant (UTC).")] = None,
    max_gap: Annotated[str, typer.Option(help="Longest gap between samples that motion is inferred across.")] = "60s",
    merge_gap: Annotated[str, typer.Option(help="Join encounters of one pair that are at most this far apart.")] = "0s",
    include_ground: Annotated[bool, typer.Option("--include-ground", help="Take samples on the ground, too.")] = False,
    keep_all: Annotated[bool, typer.Option("--keep-all", help="Clean nothing but rows that cannot be used at all.")] = False,
    format: Annotated[str | None, typer.Option(help="Read as this format: see 'wideberth info --formats'.")] = None,
    columns: Annotated[str | None, typer.Option(help="Names of columns: altitude_ft=ALT:m,t=when.")] = None,
    memory: Annotated[str | None, typer.Option(help="Work in pieces that need about so much memory, such as 2GB. [default: half of what is free]")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", parser=whole_number("--limit", 0), metavar="NUMBER", help="How many encounters to show, worst first.")] = 20,
    trust: Annotated[str, typer.Option(help="Show and write only what is at least so much trusted: credible, doubtful, or all.")] = "all",
    threshold: Annotated[list[str] | None, typer.Option(help="Judge trust by another limit, such as company_s=120: see docs/trust.md. Can be repeated.")] = None,
    airports: Annotated[str | None, typer.Option(help="A table of aerodromes whose circuits surprise nobody, or 'airportsdata' for the package's.")] = None,
    guide: Annotated[bool, typer.Option("--guide", help="Write beside the first -o what guidance would have told either aircraft: guidance.parquet. Reads all of it into memory.")] = False,
    config: Annotated[str, typer.Option(help="Of --guide: a named configuration, a file, or 'minima': the minima themselves. See docs/guidance.md.")] = "do365b",
    grades: Annotated[bool, typer.Option("--grades", help="Show the grades of airbornehotspots.org beside ours.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:  # fmt: skip
    """Find every encounter: two aircraft nearer than both minima at once, exact in continuous time."""
    from wideberth import tables, units
    from wideberth.cli import show
    from wideberth.guide.hindsight import look_back
    from wideberth.guide.presets import of_minima
    from wideberth.read import read
    from wideberth.read.columns_option import parse_columns
    from wideberth.screen import scale

    options = scale.Options.of(
        minima=minima,
        horizontal_m=None if horizontal is None else units.parse_length_m(horizontal),
        vertical_ft=None if vertical is None else units.parse_altitude_ft(vertical),
        max_gap_s=units.parse_duration_s(max_gap),
        merge_gap_s=units.parse_duration_s(merge_gap),
        include_ground=include_ground,
        select=_selection(altitude, area, since, until),
        limits=limits_of(threshold),
        airports=True if airports == "airportsdata" else airports,
    )
    least_of(trust)
    targets = [_target(path) for path in output or []]
    chosen_config = config_of(config) or of_minima(options.minima) if guide else None
    guided = _guided(targets, memory) if guide else None
    with show.progress(is_quiet=quiet or as_json) as tell:
        named = None if columns is None else parse_columns(columns)
        guidance = None
        if chosen_config is None:
            encounters, cleaning = scale.screen_source(
                files,
                options,
                format=format,
                columns=named,
                keep_all=keep_all,
                memory_bytes=None if memory is None else units.parse_bytes(memory),
                progress=tell,
            )
            chosen = encounters.trusted(trust)
        else:
            tracks = read(
                files,
                format=format,
                columns=named,
                keep_all=keep_all,
                progress=lambda name: tell(f"reading {name}"),
            )
            encounters, cleaning = scale.screen_tracks(tracks, options), tracks.cleaning
            chosen = encounters.trusted(trust)
            tell("looking back at each")
            guidance = look_back(
                tracks,
                chosen.table,
                chosen_config,
                max_gap_s=options.max_gap_s,
                include_ground=include_ground,
            )
        with tables.Together() as together:
            for target in targets:
                tell(f"writing {target}")
                chosen.write(target, together)
            if guided is not None and guidance is not None:
                tables.write(guidance, guided, together)
    if as_json:
        told = {} if guidance is None else {"guidance": tables.as_text(guidance).to_pylist()}
        show.json_out({**_as_dict(encounters, chosen, cleaning), **told})
    elif not quiet:
        written = targets if guided is None else [*targets, guided]
        _print(encounters, chosen, cleaning, limit, written, guidance, grades=grades)


def config_of(name: str) -> Config | None:
    """Return the configuration of guidance that a user names; None for the minima themselves."""
    from wideberth.guide import config_files, presets

    return None if name == presets.MINIMA else config_files.resolve(name)


def _guided(targets: list[Path], memory: str | None) -> Path:
    """Return where guidance is written.

    Raises:
        UsageError: nothing is written that it could lie beside, or the work is to be done in pieces.
    """
    from wideberth.errors import UsageError
    from wideberth.report.guided import beside

    if not targets:
        raise UsageError("--guide writes guidance.parquet beside the encounters: give -o FILE, too.")
    if memory is not None:
        raise UsageError(
            "--guide needs the whole recording in memory: leave out --memory, or screen first and guide a part."
        )
    return beside(targets[0])


def limits_of(changes: list[str] | None) -> Limits:
    """Return the table of limits with what a user wants otherwise."""
    from wideberth.errors import UsageError
    from wideberth.trust.limits import DEFAULT

    values: dict[str, float] = {}
    for change in changes or []:
        name, _, text = change.partition("=")
        try:
            values[name.strip()] = float(text)
        except ValueError:
            raise UsageError(f"'{change}' is no limit. Write NAME=NUMBER, such as company_s=120.") from None
    return DEFAULT.changed(values)


def least_of(trust: str) -> tuple[str, ...]:
    """Return which trusts are at least so much.

    Raises:
        UsageError: another word.
    """
    from wideberth.encounters import LEAST
    from wideberth.errors import UsageError

    if trust not in LEAST:
        raise UsageError(f"--trust {trust}: it is one of {', '.join(LEAST)}.")
    return LEAST[trust]


def _target(path: Path) -> Path:
    """Refuse a name that cannot be written before any work is done."""
    from wideberth.errors import UsageError
    from wideberth.tables import FINDING_ENDINGS

    if path.suffix.lower() not in FINDING_ENDINGS:
        raise UsageError(f"'{path}': cannot tell the format. End the name in {', '.join(FINDING_ENDINGS)}.")
    if not path.parent.is_dir():
        raise UsageError(f"'{path}': there is no folder '{path.parent}'.")
    return path


def _selection(altitude: str | None, area: str | None, since: str | None, until: str | None) -> Selection:
    from wideberth import units
    from wideberth.errors import UsageError
    from wideberth.screen.select import Selection, area_from

    low = high = None
    if altitude is not None:
        if ".." not in altitude:
            raise UsageError(
                f"'{altitude}' is not a band of altitude. Write FL100..FL200, 5000ft.. or ..18000ft."
            )
        low, _, high = altitude.partition("..")
    return Selection(
        low_ft=units.parse_altitude_ft(low) if low else None,
        high_ft=units.parse_altitude_ft(high) if high else None,
        area=None if area is None else area_from(area),
        since=None if since is None else units.parse_instant(since),
        until=None if until is None else units.parse_instant(until),
    )


def _as_dict(encounters: Encounters, chosen: Encounters, cleaning: Cleaning) -> dict[str, Any]:
    from wideberth import tables

    return {
        "minima": vars(encounters.minima),
        "screening": vars(encounters.screening),
        "cleaning": cleaning.as_dict(),
        "trust": encounters.counted("trust"),
        "context": encounters.counted("context"),
        "encounters": tables.as_text(chosen.table).to_pylist(),
    }


def _print(
    encounters: Encounters,
    chosen: Encounters,
    cleaning: Cleaning,
    limit: int,
    targets: list[Path],
    guidance: pa.Table | None = None,
    *,
    grades: bool,
) -> None:
    from wideberth.cli import show
    from wideberth.report.guided import summary

    screening = encounters.screening
    for line in show.cleaning_lines(cleaning):
        show.out(line)
    unknown = (
        f", {screening.vertical_unknown:,} of them with no common altitude reference"
        if screening.vertical_unknown
        else ""
    )
    left_out = f"; {screening.filtered_out:,} more outside the selection" if screening.filtered_out else ""
    named = (
        f" ({encounters.minima.name}: {encounters.minima.source})"
        if encounters.minima.name != "custom"
        else ""
    )
    noun = "encounter" if len(encounters) == 1 else "encounters"
    show.out(
        f"\n{len(encounters):,} {noun} within {encounters.minima}{unknown}, among {screening.aircraft:,} aircraft{left_out}{named}"
    )
    for line in trust_lines(encounters):
        show.out(line)
    if len(chosen) and limit:
        show.out(encounter_table(chosen, limit, grades=grades))
        if len(chosen) > limit:
            show.out(f"… and {len(chosen) - limit:,} more (--limit, or -o FILE for all)")
    if len(chosen) < len(encounters):
        show.out(f"{len(encounters) - len(chosen):,} less trusted are left out (--trust all)")
    if guidance is not None:
        show.out(summary(guidance))
    for target in targets:
        show.out(f"written: {target}")


def trust_lines(encounters: Encounters) -> list[str]:
    """Say how many are of each trust, and of which context those are that are credible."""
    if not len(encounters):
        return []
    trusts, contexts = encounters.counted("trust"), encounters.trusted("credible").counted("context")
    surprising = contexts.pop("none", 0)
    rest = ", ".join(f"{n:,} {context}" for context, n in sorted(contexts.items(), key=lambda each: -each[1]))
    counts = f"{trusts.get('credible', 0):,} credible ({surprising:,} of no known context{', ' if rest else ''}{rest})"
    return [f"{counts}, {trusts.get('doubtful', 0):,} doubtful, {trusts.get('artefact', 0):,} artefacts"]


def encounter_table(encounters: Encounters, limit: int, *, grades: bool = False) -> Any:
    """Return a table of the first encounters by rank: by trust, context, then least retained separation."""
    from wideberth.cli import show

    right = ("inside", "hmd", "vertical there", "least vertical", "retained", "crossing")
    table = show.Sheet(
        ("closest (UTC)", "aircraft", "and", "trust", "why", *(["grade"] if grades else []), *right),
        right,
        wraps={"aircraft": SHORTEST_NAME, "and": SHORTEST_NAME, "why": SHORTEST_WHY},
        spare=("crossing", "inside", "least vertical", "vertical there", "why"),
    )
    for row in encounters.worst_first().table.slice(0, limit).to_pylist():
        table.add_row(
            f"{row['t_cpa']:%Y-%m-%d %H:%M:%S}",
            show.aircraft_name(row, "a"),
            show.aircraft_name(row, "b"),
            row["trust"],
            (row["reasons"] or "").replace(" ", ", "),
            *([row["hotspots_grade"] or ""] if grades else []),
            f"{(row['t_out'] - row['t_in']).total_seconds():,.1f} s",
            distance_text(row["hmd_m"]),
            _feet(row["vertical_ft_at_cpa"]),
            _feet(row["vmd_ft"]),
            f"{row['retained']:.2f}",
            "" if row["crossing_angle_deg"] is None else f"{row['crossing_angle_deg']:.0f}°",
        )
    return table


def distance_text(metres: float) -> str:
    """Return metres below one kilometre, nautical miles above."""
    return f"{metres:,.0f} m" if metres < 1000.0 else f"{metres / 1852.0:,.2f} NM"


def _feet(feet: float | None) -> str:
    return "unknown" if feet is None else f"{feet:,.0f} ft"
