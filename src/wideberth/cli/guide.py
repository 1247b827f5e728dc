"""``wideberth guide``: alert levels and manoeuvre bands along an encounter, for both aircraft."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wideberth.guide.config import Config
    from wideberth.guide.moment import Moment
    from wideberth.guide.states import States
    from wideberth.guide.timeline import Timeline

BEFORE, AFTER = "120s", "30s"
DAA = ".daa"
FEW = 2  # aircraft that each are looked from, unless --ownship names some


def guide(
    encounter: Annotated[str, typer.Argument(help="A file of states (.daa), or the id of an encounter or incident, or its beginning.", show_default=False)],
    where: Annotated[str | None, typer.Argument(help="Where the id is kept: what 'wideberth screen -o' or 'wideberth judge -o' wrote, or a ledger.", show_default=False)] = None,
    tracks: Annotated[list[str] | None, typer.Option("--tracks", "-t", help="The recording that it was found in. Can be repeated.")] = None,
    config: Annotated[str, typer.Option("--config", "-c", help="A named configuration, or a file: .yaml or .conf. See docs/guidance.md.")] = "do365b",
    ownship: Annotated[list[str] | None, typer.Option("--ownship", help="Look from this aircraft only. Can be repeated. [default: both of two, the first of more]")] = None,
    before: Annotated[str, typer.Option(help="Begin so long before the closest point of an encounter.")] = BEFORE,
    after: Annotated[str, typer.Option(help="End so long after it.")] = AFTER,
    every: Annotated[str, typer.Option(help="Show a line at least so often, and where anything changes.")] = "10s",
    memory: Annotated[bool, typer.Option("--memory", help="As a display would show it: M of N, hysteresis and persistence as the configuration has them. Without, each second stands for itself.")] = False,
    at: Annotated[str | None, typer.Option("--at", help="Of the picture: an instant (UTC), a number of seconds as in the file, or -25s from the closest point. [default: where the alert begins]")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Draw the chosen second for the first ownship: .svg.")] = None,
    states_file: Annotated[Path | None, typer.Option("--states", help="Write the states that were looked at: .daa.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:  # fmt: skip
    """Say along an encounter how urgent it was, what would have kept them apart, and until when."""
    from wideberth import units
    from wideberth.cli import show
    from wideberth.errors import UsageError
    from wideberth.guide import config_files, daa, presets, timeline
    from wideberth.guide import picture as pictures

    if config == presets.MINIMA:
        raise UsageError(
            "--config minima is for --guide on screen and judge: an encounter does not tell its minima. Write a file with a cylinder."
        )
    chosen = config_files.resolve(config)
    step_s = units.parse_duration_s(every)
    for path, ending in ((picture, ".svg"), (states_file, DAA)):
        if path is not None and path.suffix.lower() != ending:
            raise UsageError(f"'{path}': the name ends in {ending}.")
    with show.progress(is_quiet=as_json) as tell:
        if Path(encounter).suffix.lower() == DAA:
            if where is not None or tracks:
                raise UsageError(
                    f"'{encounter}' is a file of states: it needs no other file and no --tracks."
                )
            states = daa.read(encounter)
        else:
            states = _recorded(encounter, where, tracks, before, after, tell)
        tell("looking at each second")
        lines = [
            timeline.of(states.seen_from(name), chosen, with_memory=memory)
            for name in _ownships(states, ownship)
        ]
    if states_file is not None:
        daa.write(states, states_file)
    if picture is not None:
        pictures.write(_moment(lines[0], at), picture)
    elif at is not None:
        raise UsageError("--at chooses the second of a picture: give --picture FILE.svg, too.")
    if as_json:
        show.json_out(_as_dict(lines, chosen))
        return
    for line in lines:
        _print(line, step_s)
    for notice in (*states.notices, *chosen.notices):
        show.out(notice)
    for path in (picture, states_file):
        if path is not None:
            show.out(f"\nwritten: {path}")


def _recorded(
    id: str, where: str | None, tracks: list[str] | None, before: str, after: str, tell: Any
) -> States:
    """Return the states of an encounter's two aircraft out of a recording."""
    from wideberth import read, units
    from wideberth.errors import UsageError
    from wideberth.guide.recorded import pair_states
    from wideberth.report import look_up

    if where is None:
        raise UsageError(f"'{id}' is no file of states (.daa); of an id say where it is kept, and --tracks.")
    finding = look_up.look_up(id, where).finding
    if not finding.get("icao24_a") or not finding.get("icao24_b"):
        raise UsageError(f"'{id}' is not of two aircraft.")
    if not tracks:
        raise UsageError(f"the motion of '{id}' is in the recording: give --tracks FILE.")
    tell("reading")
    recording = read(tracks[0] if len(tracks) == 1 else tracks)
    closest = datetime.fromisoformat(finding.get("t_cpa") or finding["t_worst"])
    return pair_states(
        recording,
        (finding["icao24_a"], finding["icao24_b"]),
        closest,
        before_s=units.parse_duration_s(before),
        after_s=units.parse_duration_s(after),
        callsigns=(finding.get("callsign_a"), finding.get("callsign_b")),
    )


def _ownships(states: States, named: list[str] | None) -> Sequence[str]:
    """Return from whom is looked: those named, by their address or callsign, else both of two or the first of more."""
    if not named:
        return states.names if len(states.names) <= FEW else states.names[:1]
    return [
        next((name for name in states.names if each == name or each in _words(name)), each) for each in named
    ]


def _words(name: str) -> list[str]:
    """Return the parts of a name, such as "SWR12 (4b0001)", as a file of states may write it."""
    return re.split(r"[ _()]+", name)


def _moment(line: Timeline, at: str | None) -> Moment:
    """Return the moment that a picture is of."""
    from wideberth import units
    from wideberth.errors import UsageError

    if at is None:
        return line.moments[line.shown]
    if at.startswith(("-", "+")):
        sign, text = (-1.0 if at[0] == "-" else 1.0), at[1:]
        wanted_s = line.closest_s + sign * units.parse_duration_s(text)
    elif at.replace(".", "", 1).isdigit():
        wanted_s = float(at)
    elif line.states.begins_us is None:
        raise UsageError(
            f"--at {at}: these states have no date. Give seconds, such as 42, or -25s from the closest point."
        )
    else:
        wanted_s = (units.parse_instant(at) - _clock(line.states.begins_us, 0.0)).total_seconds()
    nearest = min(line.moments, key=lambda moment: abs(moment.t_s - wanted_s))
    if abs(nearest.t_s - wanted_s) > 1.0:
        first, last = line.moments[0], line.moments[-1]
        raise UsageError(f"--at {at}: nothing is known then, only from {first.clock} to {last.clock}.")
    return nearest


def _clock(begins_us: int, t_s: float) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=begins_us + round(t_s * 1e6))


def _as_dict(lines: list[Timeline], config: Config) -> dict[str, Any]:
    return {
        "config": config.name,
        "source": config.source,
        "notices": [*lines[0].states.notices, *config.notices],
        "ownships": [
            {
                "ownship": line.states.names[0],
                "told": line.sentence,
                "moments": [each.as_dict() for each in line.moments],
            }
            for line in lines
        ],
    }


def _print(line: Timeline, every_s: float) -> None:
    from wideberth.cli import show

    show.out(f"\n{show.plain(line.states.names[0])}, guided by {line.config}")
    show.out(line.sentence)
    show.out(_table(line, every_s))


def _manoeuvre(moment: Moment, name: str) -> str:
    """Return the smallest manoeuvre of a kind, and whether it regains what is lost rather than keep it."""
    words = moment.dials[name].words() if name in moment.dials else None
    if words is None:
        return ""
    return f"{words}, regains" if moment.dials[name].is_recovery else words


def _table(line: Timeline, every_s: float) -> Any:
    """Return a line for each second at which something changes, and one at least so often."""
    from wideberth.cli import show
    from wideberth.guide.moment import ALERTED, DIMENSIONS

    right = ("range", "above")
    table = show.Sheet(
        (
            "time",
            "to closest",
            *right,
            "alert",
            "track",
            "speed",
            "v/s",
            "altitude",
            "smallest turn",
            "climb or descent",
        ),
        ("to closest", *right),
        spare=("altitude", "speed", "to closest"),
    )
    before: tuple[Any, ...] = ()
    shown_s = -every_s
    for moment in line.moments:
        regions = tuple(moment.dials[name].region if name in moment.dials else "" for name in DIMENSIONS)
        now = (moment.alert, *regions)
        if now == before and moment.t_s - shown_s < every_s:
            continue
        before, shown_s = now, moment.t_s
        nearest = moment.nearest
        table.add_row(
            moment.clock.split(" ")[1] if line.states.begins_us is not None else moment.clock,
            f"{moment.t_s - line.closest_s:+.0f} s",
            "" if nearest is None else f"{nearest.range_m / 1852.0:.2f} NM",
            "" if nearest is None else f"{nearest.above_m / 0.3048:+,.0f} ft",
            ALERTED.get(moment.alert, str(moment.alert)) if moment.alert else "",
            *(("" if region == "NONE" else region) for region in regions),
            _manoeuvre(moment, "hdir"),
            _manoeuvre(moment, "vs"),
        )
    return table
