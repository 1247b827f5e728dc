"""One finding as a figure for a paper: plan view, vertical profile, separation against time.

Reports are dots and the motion between them, straight at constant speed, is a line: what was measured and what was
inferred can be told apart.  Distances are those of the judge and the screen (chords between Earth-centred positions);
the plan view is the plane that touches the Earth at the finding, good to 1 % within 150 km.  Times are UTC.

Matplotlib draws it (the extra ``plot``).  Colours are Okabe and Ito's; in grey the two aircraft differ by their dots
and lines.  Fonts are embedded in PDF as TrueType (Type 42), as journals ask.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wideberth.errors import MissingExtraError, UsageError
from wideberth.report import scene
from wideberth.report.palette import AIRCRAFT, BLACK, GREY, PLACE
from wideberth.tables import whole_file
from wideberth.units import METRES_PER_NM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wideberth.agreement.load import Agreement
    from wideberth.report.depths import Drawn
    from wideberth.report.scene import Aircraft, Scene
    from wideberth.tables import Findings, Together
    from wideberth.tracks import Tracks

ENDINGS = (".png", ".svg", ".pdf")
DPI = 200
SIZE_IN = (10.0, 6.6)
PLAN, BESIDE, GAP = (0.075, 0.205, 0.435, 0.659), (0.6, 0.1, 0.385, 0.764), 0.062
"""Where the plan, square, and the figures beside it are: left, bottom, width and height in shares of the picture."""
LINE_LENGTH, MOST_LINES = 128, 3
INTERVAL = "95 % interval"
WORDS = "Dots: reports as recorded. Lines: straight between reports. Shaded: the time of the finding."
DOTS, LINES = ("o", "s"), ("-", (0, (5, 1.5)))  # of the two aircraft, where colour does not tell
KILOMETRES, METRES = 3_000.0, 1.0  # beyond so many metres a plan is in km
ARROW = 0.05  # of half the width of the plan: how long an arrow is, about
STYLE = {
    "pdf.fonttype": 42,  # TrueType, not Type 3
    "ps.fonttype": 42,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "wideberth",  # the same finding gives the same bytes
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with Matplotlib
    "font.size": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "text.parse_math": False,  # a callsign may hold dollars
    "figure.dpi": 100.0,
}


def check(path: Path) -> None:
    """Refuse a name that no picture can have, and Matplotlib's absence, before any work is done.

    Raises:
        UsageError: another ending than `ENDINGS`.
        MissingExtraError: Matplotlib is not installed.
    """
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"'{path.name}': a picture's name ends in {', '.join(ENDINGS)}.")
    _matplotlib()


def plot(
    findings: Findings,
    id: str | Mapping[str, Any],
    tracks: Tracks,
    agreement: Agreement | None,
    path: str | Path | None,
) -> Any:
    """Draw one finding, and write it where a path is given; see `Findings.plot`."""
    from wideberth.report.look_up import chosen

    if path is not None:
        check(Path(path))
    _matplotlib()
    ids = findings["id"].to_pylist()
    wanted = id if isinstance(id, str) else str(id["id"])
    one = scene.scene(findings, chosen(wanted, ids, "these findings", lambda _: ""), tracks, agreement)
    if path is not None:
        write(one, path)
    return figure(one)


def write(one: Scene, path: str | Path, among: Together | None = None) -> None:
    """Draw a scene into a file, by the ending of the name; whole or not at all.

    Args:
        one: what is drawn.
        path: where.
        among: the files that it is written together with.
    Raises:
        UsageError: another ending than `ENDINGS`.
        MissingExtraError: Matplotlib is not installed.
        WriteError: the file could not be written; none is left behind.
    """
    target = Path(path)
    check(target)
    drawn = figure(one)
    kind = target.suffix.lower()[1:]
    about = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    file = whole_file(target) if among is None else among.file(target)
    with file as temporary, _matplotlib().rc_context(STYLE):
        drawn.savefig(temporary, format=kind, dpi=DPI, metadata=about)


def figure(one: Scene) -> Any:
    """Return a scene as a Matplotlib Figure, which a notebook shows."""
    matplotlib = _matplotlib()
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        made = Figure(figsize=SIZE_IN)
        is_pair = one.separation is not None
        rows = 3 if is_pair else 2 if one.depth else 1
        plan = made.add_axes(PLAN)
        left, bottom, width, height = BESIDE
        each = (height - GAP * (rows - 1)) / rows
        below = [
            made.add_axes((left, bottom + (each + GAP) * (rows - 1 - k), width, each)) for k in range(rows)
        ]
        _plan(plan, one)
        _profile(below[0], one)
        if is_pair:
            _horizontal(below[1], one)
            _vertical(below[2], one)
        elif one.depth:
            _depth(below[1], one)
        for axes in below:
            _mark_span(axes, one)
            axes.set_xlim(one.from_s, one.until_s)
        for axes in below[:-1]:
            axes.tick_params(labelbottom=False)
        below[-1].set_xlabel(f"seconds from {one.called}, {one.clock} UTC")
        made.text(0.01, 0.985, _wrapped(one.title), fontsize=10.0, ha="left", va="top")
        made.text(0.01, 0.012, WORDS, fontsize=7.5, ha="left", va="bottom", color=GREY)
        return made


def _wrapped(title: str) -> str:
    """Return a title in lines that fit, a long one cut at its end."""
    lines = [line for part in title.split("\n") for line in textwrap.wrap(part, LINE_LENGTH)]
    return "\n".join(
        lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1] + " …"]
    )


def _matplotlib() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise MissingExtraError('pictures need Matplotlib: pip install "wideberth[plot]"') from None
    return matplotlib


def _style(k: int) -> dict[str, Any]:
    return {"color": AIRCRAFT[k], "linestyle": LINES[k], "linewidth": 1.3}


def _dots(k: int) -> dict[str, Any]:
    return {
        "color": AIRCRAFT[k],
        "marker": DOTS[k],
        "markersize": 3.6,
        "linestyle": "none",
        "markerfacecolor": "white",
        "markeredgewidth": 0.9,
    }


# Plan view ----------------------------------------------------------------------------------------------


def _plan(axes: Any, one: Scene) -> None:
    per, unit = (1000.0, "km") if one.reach_m > KILOMETRES else (METRES, "m")
    for figure_ in one.places:
        _place(axes, figure_, per)
    for k, each in enumerate(one.aircraft):
        for leg in each.legs:
            shown = (leg.t_s >= one.plan_s[0]) & (leg.t_s <= one.plan_s[1])
            dots = shown & leg.is_report
            axes.plot(leg.east_m[shown] / per, leg.north_m[shown] / per, **_style(k))
            axes.plot(leg.east_m[dots] / per, leg.north_m[dots] / per, **_dots(k))
        _arrow(axes, each, k, per, one)
        axes.plot(
            [], [], **_style(k), marker=DOTS[k], markersize=3.6, markerfacecolor="white", label=each.name
        )
    if one.ends is not None:
        (east_a, north_a), (east_b, north_b) = one.ends
        axes.plot(
            [east_a / per, east_b / per], [north_a / per, north_b / per],
            color=BLACK, linewidth=1.8, marker="x", markersize=6, label=one.called, zorder=5,
        )  # fmt: skip
    elif one.worst is not None:
        east, north = one.worst
        axes.plot([east / per], [north / per], "x", color=BLACK, markersize=8, label=one.called, zorder=5)
    if one.minimum_m is not None and one.ends is not None:
        _circle(axes, one.ends[0], one.minimum_m, per)
    half = one.reach_m / per
    centre = np.asarray(one.centre) / per
    axes.set_xlim(centre[0] - half, centre[0] + half)
    axes.set_ylim(centre[1] - half, centre[1] + half)
    axes.set_aspect("equal", adjustable="box")
    axes.set_xlabel(f"east of {one.origin}, {unit}")
    axes.set_ylabel(f"north, {unit}")
    nm = METRES_PER_NM / per
    scale = axes.secondary_xaxis("top", functions=(lambda x: x / nm, lambda x: x * nm))
    scale.set_xlabel("NM", fontsize=8.0, labelpad=2.0)
    scale.tick_params(labelsize=7.5, pad=1.0)
    axes.legend(
        loc="upper left", bbox_to_anchor=(-0.16, -0.11), ncols=2, fontsize=7.5, frameon=False, borderaxespad=0.0,
        columnspacing=1.2,
    )  # fmt: skip


def _circle(axes: Any, around: tuple[float, float], radius_m: float, per: float) -> None:
    from matplotlib.patches import Circle

    centre = (around[0] / per, around[1] / per)
    label = f"horizontal minimum, {scene.distance(radius_m)}"
    axes.add_patch(
        Circle(centre, radius_m / per, fill=False, edgecolor=GREY, linewidth=1.0, linestyle=":", label=label)
    )


def _arrow(axes: Any, each: Aircraft, k: int, per: float, one: Scene) -> None:
    """Show which way an aircraft went, at the end of its last leg."""
    parts = [
        np.column_stack([leg.east_m, leg.north_m])[(leg.t_s >= one.plan_s[0]) & (leg.t_s <= one.plan_s[1])]
        for leg in each.legs
    ]
    way = next((part for part in reversed(parts) if len(part)), np.zeros((1, 2)))
    far = np.flatnonzero(np.linalg.norm(way - way[-1], axis=1) > ARROW * one.reach_m)
    if far.size:
        axes.annotate(
            "", xy=way[-1] / per, xytext=way[far[-1]] / per, annotation_clip=True,
            arrowprops={
                "arrowstyle": "-|>", "color": AIRCRAFT[k], "linewidth": 1.3, "mutation_scale": 13, "shrinkA": 0,
                "shrinkB": 0,
            },
        )  # fmt: skip


def _place(axes: Any, figure_: Drawn, per: float) -> None:
    for k, path in enumerate(figure_.paths):
        label = figure_.label if k == 0 else None
        points = path / per
        if figure_.is_area:
            axes.fill(points[:, 0], points[:, 1], facecolor=PLACE, alpha=0.15, edgecolor="none", zorder=0)
        axes.plot(
            points[:, 0], points[:, 1], color=PLACE, linewidth=1.6 if not figure_.is_buffer else 1.1,
            linestyle="-." if not figure_.is_buffer else ":", label=label, zorder=1,
        )  # fmt: skip


# Against time -------------------------------------------------------------------------------------------


def _mark_span(axes: Any, one: Scene) -> None:
    axes.axvspan(*one.span_s, color=GREY, alpha=0.13, linewidth=0)
    axes.axvline(0.0, color=BLACK, linewidth=0.8, linestyle="--")


def _profile(axes: Any, one: Scene) -> None:
    for k, each in enumerate(one.aircraft):
        for leg in each.legs:
            axes.plot(leg.t_s, leg.altitude_ft, **_style(k))
            axes.plot(leg.t_s[leg.is_report], leg.altitude_ft[leg.is_report], **_dots(k))
    for level_ft, label in one.levels_ft:
        axes.axhline(level_ft, color=PLACE, linewidth=1.0, linestyle="-.")
        axes.annotate(
            label, (1.0, level_ft), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=7.5,
            color=PLACE,
        )  # fmt: skip
    axes.set_ylabel("ft")
    axes.set_title(f"Altitude: {one.reference}", loc="left", fontsize=9.0)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    _roomy(axes, least=200.0)


def _separation(axes: Any, one: Scene, name: str, unit_m: float) -> None:
    assert one.separation is not None
    for part in one.separation:
        axes.plot(part.t_s, getattr(part, name) / unit_m, color=BLACK, linewidth=1.3)
        both = part.is_report
        axes.plot(
            part.t_s[both],
            getattr(part, name)[both] / unit_m,
            ".",
            color=BLACK,
            markersize=4,
            markerfacecolor="white",
        )


def _horizontal(axes: Any, one: Scene) -> None:
    per, unit = (METRES_PER_NM, "NM") if (one.minimum_m or 0.0) >= METRES_PER_NM / 2 else (1.0, "m")
    _separation(axes, one, "horizontal_m", per)
    if one.minimum_m is not None:
        axes.axhline(one.minimum_m / per, color=GREY, linewidth=1.0, linestyle=":")
        _label(axes, one.minimum_m / per, f"minimum {scene.distance(one.minimum_m)}")
    _interval(axes, one.interval_s, one.horizontal_95_m, one.at_95_m, per)
    _from_zero(axes, (one.minimum_m or 0.0) / per)
    axes.set_ylabel(unit)
    axes.set_title("Horizontal separation", loc="left", fontsize=9.0)


def _vertical(axes: Any, one: Scene) -> None:
    _separation(axes, one, "vertical_ft", 1.0)
    if one.minimum_ft is not None:
        axes.axhline(one.minimum_ft, color=GREY, linewidth=1.0, linestyle=":")
        _label(axes, one.minimum_ft, f"minimum {one.minimum_ft:,.0f} ft")
    _interval(axes, one.interval_s, one.vertical_95_ft, one.at_95_ft, 1.0)
    _from_zero(axes, one.minimum_ft or 0.0)
    axes.set_ylabel("ft")
    axes.set_title("Vertical separation", loc="left", fontsize=9.0)


def _interval(
    axes: Any, at_s: float, ends: tuple[float, float] | None, value: float | None, per: float
) -> None:
    """Show the 95 % interval at the closest point."""
    if ends is None or value is None:
        return
    low, high = (abs(end - value) / per for end in ends)
    axes.errorbar(
        [at_s], [value / per], yerr=[[low], [high]], color=AIRCRAFT[1], capsize=3.5, linewidth=1.6, zorder=6,
        label=INTERVAL,
    )  # fmt: skip
    axes.legend(loc="best", fontsize=7.5, framealpha=0.85, edgecolor="none")


def _label(axes: Any, at: float, text: str) -> None:
    axes.annotate(
        text, (0.99, at), xycoords=("axes fraction", "data"), xytext=(0, 2), textcoords="offset points", ha="right",
        va="bottom", fontsize=7.5, color=GREY,
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.5}, zorder=1,
    )  # fmt: skip


def _depth(axes: Any, one: Scene) -> None:
    """Show how far from the line or the edge of the place the aircraft was; past it is positive."""
    for part in one.depth:
        axes.plot(part.t_s, part.depth_m / 1000.0, **_style(0))
        axes.plot(part.t_s[part.is_report], part.depth_m[part.is_report] / 1000.0, **_dots(0))
    axes.axhline(0.0, color=PLACE, linewidth=1.2, linestyle="-.")
    if one.buffer_m:
        axes.axhline(one.buffer_m / 1000.0, color=PLACE, linewidth=0.9, linestyle=":")
        _label(axes, one.buffer_m / 1000.0, f"buffer {scene.distance(one.buffer_m)}")
    _interval(axes, one.interval_s, one.horizontal_95_m, one.at_95_m, 1000.0)
    low, high = axes.get_ylim()
    axes.set_ylim(
        low, max(high, one.buffer_m / 1000.0 + 0.12 * (high - low))
    )  # what is written there has room
    axes.set_ylabel("km")
    axes.set_title(one.depth_title, loc="left", fontsize=9.0)


def _from_zero(axes: Any, minimum: float) -> None:
    """Let an axis begin at 0 and leave room above the minimum for what is written there."""
    axes.set_ylim(0.0, max(axes.get_ylim()[1], 1.2 * minimum))


def _roomy(axes: Any, *, least: float) -> None:
    """Give an axis some room, so that level flight is not blown up into a mountain."""
    low, high = axes.get_ylim()
    if high - low < least:
        middle = (low + high) / 2.0
        axes.set_ylim(middle - least / 2.0, middle + least / 2.0)
