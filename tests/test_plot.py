"""A picture shows what was found: the same distances, reports apart from what was inferred, and text as it is."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import wideberth as wb
from export_world import AGREEMENT, EVIL, flight
from wideberth import columns
from wideberth.errors import UnknownIdError, UsageError, WriteError
from wideberth.report import depths, scene
from wideberth.report.motion import Frame

if TYPE_CHECKING:
    from pathlib import Path

    from wideberth.incidents import Incidents

MILLIMETRE = 1e-3  # the instant of the closest point is rounded to a microsecond
PLANE_SHARE = 0.01  # distances in the plane against those of the judge
DOLLARS = "$x^{2$$ " + EVIL  # an even number of dollars: what Matplotlib would take for formulas


@pytest.fixture(scope="module")
def tracks() -> wb.Tracks:
    return wb.read(
        pl.concat(
            [
                flight("100001", DOLLARS, -17.0),
                flight("200001", "TWO1", -17.01, altitude_ft=10_425.0),
                flight("100002", None, -17.2, gap=True),
            ]
        )
    )


@pytest.fixture(scope="module")
def terms() -> wb.Agreement:
    return wb.Agreement.parse(AGREEMENT)


@pytest.fixture(scope="module")
def incidents(tracks: wb.Tracks, terms: wb.Agreement) -> Incidents:
    return wb.judge(tracks, terms)


@pytest.fixture(scope="module")
def encounters(tracks: wb.Tracks) -> wb.Encounters:
    return wb.screen(tracks, minima="icao-terminal")


def first(incidents: Incidents, rule: str, address: str = "") -> dict[str, Any]:
    return next(
        row for row in incidents if row["rule"] == rule and (not address or row["icao24_a"] == address)
    )


# What is shown ------------------------------------------------------------------------------------------


def test_separation_is_that_of_the_screen(tracks: wb.Tracks, encounters: wb.Encounters) -> None:
    """At the closest point it is hmd_m and the vertical distance there, and nowhere smaller."""
    (row,) = encounters
    shown = scene.scene(encounters, row["id"], tracks)
    (part,) = shown.separation or ()
    at_zero = int(np.flatnonzero(part.t_s == 0.0)[0])

    assert part.horizontal_m[at_zero] == pytest.approx(row["hmd_m"], abs=MILLIMETRE)
    assert part.horizontal_m.min() >= row["hmd_m"] - MILLIMETRE
    assert part.vertical_ft == pytest.approx(425.0)
    assert (shown.minimum_m, shown.minimum_ft) == (5556.0, 1000.0)
    assert shown.horizontal_95_m == (row["hmd_low_m"], row["hmd_high_m"])
    assert shown.ends is not None
    (east_a, north_a), (east_b, north_b) = shown.ends
    assert np.hypot(east_a - east_b, north_a - north_b) == pytest.approx(row["hmd_m"], rel=PLANE_SHARE)


def test_reports_are_told_from_what_is_inferred(tracks: wb.Tracks, encounters: wb.Encounters) -> None:
    """Every report within the time shown is a dot, at its own instant; the line goes on between them."""
    (row,) = encounters
    shown = scene.scene(encounters, row["id"], tracks)
    zero_us = round(row["t_cpa"].timestamp() * 1e6)
    for aircraft, address in zip(shown.aircraft, ("100001", "200001"), strict=True):
        (leg,) = aircraft.legs
        known_us = tracks.to_polars().filter(pl.col("icao24") == address)["t"].dt.epoch("us").to_numpy()
        assert (leg.t_s[leg.is_report] * 1e6 + zero_us).round().tolist() == known_us.tolist()
        assert leg.t_s.size > 5 * known_us.size


def test_nothing_is_drawn_across_a_gap(tracks: wb.Tracks, incidents: Incidents, terms: wb.Agreement) -> None:
    """Two legs, and no sample between them."""
    row = first(incidents, "slab", "100002")
    rows = [each["id"] == row["id"] for each in incidents]
    table = incidents.table.filter(pa.array(rows))
    at = table.column_names.index("t_out")
    later = pa.array([row["t_out"] + timedelta(minutes=4)], columns.INSTANT)
    longer = replace(incidents, table=table.set_column(at, table.schema.field(at), later))
    first_leg, second_leg = scene.scene(longer, row["id"], tracks, terms).aircraft[0].legs

    assert second_leg.t_s[0] - first_leg.t_s[-1] == pytest.approx(120.0)


def test_what_only_a_gap_could_hold_is_drawn_around_the_gap(terms: wb.Agreement) -> None:
    """It has no worst instant and no place: the plan is about the report nearest to its beginning."""
    away = flight("100003", "ONE9", -17.0, gap=True).with_columns(lon_deg=pl.col("lon_deg").abs() - 0.1)
    tracks = wb.read(away)
    row = first(wb.judge(tracks, terms), "side")
    incidents = wb.judge(tracks, terms)
    shown = scene.scene(incidents, row["id"], tracks, terms)

    assert (row["verdict"], row["t_worst"], row["lon_deg"]) == ("unknown", None, None)
    assert shown.called == "the beginning"
    assert len(shown.aircraft[0].legs) == 2
    nearest = min(
        float(np.hypot(leg.east_m, leg.north_m)[leg.is_report].min()) for leg in shown.aircraft[0].legs
    )
    assert nearest == pytest.approx(0.0, abs=MILLIMETRE)
    assert shown.horizontal_95_m is None


@pytest.mark.parametrize("rule", ["side", "out"])
def test_depth_is_that_of_the_judge(
    tracks: wb.Tracks, incidents: Incidents, terms: wb.Agreement, rule: str
) -> None:
    """Greatest at the worst instant, as deep as the finding says, and not past the limit outside its time."""
    row = first(incidents, rule, "100001")
    shown = scene.scene(incidents, row["id"], tracks, terms)
    t_s = np.concatenate([each.t_s for each in shown.depth])
    depth_m = np.concatenate([each.depth_m for each in shown.depth])

    within = (t_s >= shown.span_s[0]) & (t_s <= shown.span_s[1])
    assert depth_m[within].max() == pytest.approx(row["magnitude"], rel=PLANE_SHARE)
    assert depth_m[t_s < shown.span_s[0] - 1.0].max() <= 0.0
    assert [each.label for each in shown.places] == (
        ["line", "its buffer, 500 m"] if rule == "side" else ["circle"]
    )


@pytest.mark.parametrize("is_left_kept", [True, False])
def test_the_side_that_is_kept_is_negative(terms: wb.Agreement, is_left_kept: bool) -> None:
    """A line that runs north: its left is west."""
    rule = replace(terms.rule("side"), is_left_kept=is_left_kept)
    line = depths.Drawn("x", (np.array([[0.0, -1000.0], [0.0, 0.0], [0.0, 1000.0]]),), is_area=False)
    measured = depths.measure(rule, [line])
    assert measured is not None
    depth_m = measured[0](np.array([-100.0, 100.0, 30.0]), np.array([0.0, 0.0, 1040.0]))

    sign = 1.0 if is_left_kept else -1.0
    assert depth_m == pytest.approx([-100.0 * sign, 100.0 * sign, 50.0 * sign])


def test_the_plane_is_east_and_north() -> None:
    """By pyproj: a kilometre to the east and one to the north of a point far from the equator."""
    pyproj = pytest.importorskip("pyproj")
    geod = pyproj.Geod(ellps="WGS84")
    lon_east, lat_east, _ = geod.fwd(20.0, 65.0, 90.0, 1000.0)
    lon_north, lat_north, _ = geod.fwd(20.0, 65.0, 0.0, 1000.0)
    seen = Frame(20.0, 65.0).of_positions([(lon_east, lat_east), (lon_north, lat_north)])

    assert seen == pytest.approx(np.array([[1000.0, 0.0], [0.0, 1000.0]]), abs=0.2)


def test_altitudes_without_a_common_reference_have_no_vertical_separation() -> None:
    """One tells pressure altitude, the other its height: each is drawn, and no difference is made up."""
    encounters, both = of_heights(None, 3000.0)
    (row,) = encounters
    shown = scene.scene(encounters, row["id"], both)
    (part,) = shown.separation or ()

    assert row["vertical_reference"] == "unknown"
    assert np.isnan(part.vertical_ft).all()
    assert part.horizontal_m.min() == pytest.approx(row["hmd_m"], abs=MILLIMETRE)
    assert "pressure altitude" in shown.reference
    assert "height above" in shown.reference
    assert shown.vertical_95_ft is None


def test_heights_are_compared_with_heights() -> None:
    """Where one of the two tells height alone, and the other both, height is what is shown."""
    encounters, both = of_heights(3000.0, 3060.96)
    (row,) = encounters
    (part,) = scene.scene(encounters, row["id"], both).separation or ()

    assert row["vertical_reference"] == "geometric"
    assert part.vertical_ft == pytest.approx(200.0)
    assert row["vertical_ft_at_cpa"] == pytest.approx(200.0)


def of_heights(one_m: float | None, other_m: float) -> tuple[wb.Encounters, wb.Tracks]:
    """Two flights side by side: one with pressure altitude and perhaps its height, the other with its height alone."""
    flights = [
        flight("100001", "ONE7", -17.0).with_columns(height_m=pl.lit(one_m, pl.Float64)),
        flight("200001", "TWO1", -17.01).with_columns(
            height_m=pl.lit(other_m), altitude_ft=pl.lit(None, pl.Float64)
        ),
    ]
    both = wb.read(pl.concat([each.select(sorted(each.columns)) for each in flights]))
    return wb.screen(both, minima="icao-terminal"), both


# Files --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def matplotlib() -> Any:
    return pytest.importorskip("matplotlib", reason="needs Matplotlib, of the extra plot")


@pytest.mark.parametrize("kind", ["encounter", "apart", "side", "out", "no agreement"])
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_pictures_are_written(
    matplotlib: Any,
    tmp_path: Path,
    tracks: wb.Tracks,
    terms: wb.Agreement,
    incidents: Incidents,
    encounters: wb.Encounters,
    kind: str,
    ending: str,
) -> None:
    """In each format, of each kind of finding; the same finding gives the same bytes."""
    for name in ("x", "again"):
        path = tmp_path / f"{name}.{ending}"
        if kind == "encounter":
            encounters.plot(next(iter(encounters))["id"], tracks, path=path)
        elif kind == "no agreement":
            incidents.plot(first(incidents, "side"), tracks, path=path)
        else:
            incidents.plot(first(incidents, kind)["id"][:8], tracks, terms, path=path)

    content = (tmp_path / f"x.{ending}").read_bytes()
    assert content.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending])
    assert content == (tmp_path / f"again.{ending}").read_bytes()
    if ending == "pdf":
        assert b"/FontFile2" in content  # TrueType, embedded
        assert b"/Type3" not in content


def test_a_callsign_is_text_in_a_picture(
    matplotlib: Any, tmp_path: Path, tracks: wb.Tracks, encounters: wb.Encounters
) -> None:
    """Neither a formula nor markup; SVG stays valid XML, and its text can be searched."""
    encounters.plot(next(iter(encounters))["id"], tracks, path=tmp_path / "x.svg")
    text = " ".join(each.text or "" for each in ET.parse(tmp_path / "x.svg").iter() if each.text)

    assert DOLLARS.replace("\x07", "�")[:30] in re.sub(r"\s+", " ", text)
    assert "UTC" in text
    assert "minimum 3 NM" in text
    assert "pressure altitude (1013.25 hPa)" in text


def test_what_cannot_be_drawn_is_said(
    matplotlib: Any, tmp_path: Path, tracks: wb.Tracks, terms: wb.Agreement, incidents: Incidents
) -> None:
    """A pledge, an aircraft that is not there, an unknown id, another ending, a folder in the way."""
    pledge, side = first(incidents, "fewer")["id"], first(incidents, "side", "100001")["id"]
    with pytest.raises(UsageError, match="is about no aircraft"):
        incidents.plot(pledge, tracks, terms)
    with pytest.raises(UsageError, match="100001: not in these tracks"):
        incidents.plot(side, wb.read(flight("200001", "x", 1.0)), terms)
    with pytest.raises(UnknownIdError, match="has the id 'ffff0000'"):
        incidents.plot("ffff0000", tracks, terms)
    with pytest.raises(UsageError, match=r"a picture's name ends in \.png, \.svg, \.pdf"):
        incidents.plot(side, tracks, terms, tmp_path / "x.jpg")
    (tmp_path / "x.png").mkdir()
    with pytest.raises(WriteError, match="not a regular file"):
        incidents.plot(side, tracks, terms, tmp_path / "x.png")
    assert [each.name for each in tmp_path.iterdir()] == ["x.png"]


def test_matplotlib_is_asked_for_where_it_is_missing() -> None:
    """With what to install, before any work."""
    code = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'matplotlib': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from pathlib import Path\n"
        "from wideberth import errors\n"
        "from wideberth.report import plot\n"
        "try: plot.check(Path('x.png'))\n"
        "except errors.MissingExtraError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == 'pictures need Matplotlib: pip install "wideberth[plot]"\n'
