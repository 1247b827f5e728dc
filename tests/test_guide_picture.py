"""Guidance at an instant, in words and as a picture."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wideberth.guide import picture
from wideberth.guide.moment import SHOWN, Band, Dial, Intruder, Moment

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"
WRITTEN_PX = 0.02  # figures in the file have two digits after the point
KT, FPM, FT, DEG = SHOWN["hs"], SHOWN["vs"], SHOWN["alt"], SHOWN["hdir"]


def dial(dimension: str, own: float, edges: list[float], regions: list[str], **more: object) -> Dial:
    """Return a dimension from figures in the units that are shown."""
    scale = SHOWN[dimension]
    pairs = zip(edges, edges[1:], regions, strict=False)
    bands = tuple(Band(low * scale, up * scale, region) for low, up, region in pairs)
    sides = {key: None if value is None else value * scale for key, value in more.items() if "side" in key}
    flags = {key: value for key, value in more.items() if "side" not in key}
    return Dial(dimension, own * scale, bands, **sides, **flags)  # type: ignore[arg-type]


def moment() -> Moment:
    """Return an aircraft on 047° with one intruder ahead, warned of, and one behind."""
    return Moment(
        "SWR<1> & co",
        42.0,
        "2018-08-01 10:32:11 UTC",
        47 * DEG,
        220 * KT,
        0.0,
        9000 * FT,
        (
            Intruder("EZY45", 3, "NEAR", 3200.0, 5200.0, 250 * FT, -60.0, -90.0, -3.0),
            Intruder("DLH9X", 0, "NONE", -4200.0, -1500.0, 1250 * FT, 60.0, 20.0, 0.0),
        ),
        {
            "hdir": dial(
                "hdir",
                47,
                [0, 20, 30, 78, 92, 360],
                ["NONE", "MID", "NEAR", "MID", "NONE"],
                region="NEAR",
                low_side=20.0,
                high_side=92.0,
            ),
            "hs": dial(
                "hs",
                220,
                [10, 120, 150, 700],
                ["NONE", "MID", "NEAR"],
                region="NEAR",
                low_side=120.0,
                high_side=None,
            ),
            "vs": dial(
                "vs",
                0,
                [-6000, -1100, 1500, 6000],
                ["NONE", "NEAR", "NONE"],
                region="NEAR",
                low_side=-1100.0,
                high_side=1500.0,
            ),
            "alt": dial(
                "alt",
                9000,
                [100, 8300, 9800, 50000],
                ["NONE", "NEAR", "UNKNOWN"],
                region="NEAR",
                low_side=8300.0,
                high_side=None,
            ),
        },
    )


@pytest.mark.parametrize(
    ("dimension", "own", "low", "high", "words"),
    [
        ("hdir", 47, 20, 92, "turn left 27° to 020°"),
        ("hdir", 350, 300, 10, "turn right 20° to 010°"),
        ("hdir", 5, 350, None, "turn left 15° to 350°"),
        ("hdir", 355, None, 360, "turn right 5° to 000°"),
        ("hs", 220, 120, None, "slow down by 100 kt to 120 kt"),
        ("hs", 220, None, 1220, "speed up by 1,000 kt to 1,220 kt"),
        ("vs", 0, -1100, 1500, "descend at 1,100 ft/min"),
        ("vs", -500, None, 0, "level off"),
        ("vs", -500, -2000, 900, "climb at 900 ft/min"),
        ("alt", 9000, 8300, 9800, "descend 700 ft to 8,300 ft"),
        ("alt", 9000, None, None, None),
    ],
)
def test_the_smallest_manoeuvre_in_words(
    dimension: str, own: float, low: float | None, high: float | None, words: str | None
) -> None:
    """The nearer of both sides, the short way round through north."""
    assert dial(dimension, own, [], [], low_side=low, high_side=high).words() == words


@given(st.floats(0.0, 359.999), st.floats(0.5, 179.5), st.booleans())
def test_a_turn_is_as_long_as_the_way_to_its_end(own: float, by: float, is_right: bool) -> None:
    """Whatever the track, the change has the size and the side it was made with."""
    to = (own + by if is_right else own - by) % 360.0

    smallest = dial("hdir", own, [], [], low_side=to, high_side=None).smallest

    assert smallest is not None
    assert math.degrees(smallest) == pytest.approx(by if is_right else -by, abs=1e-9)


def test_a_moment_tells_its_highest_alert_and_all_manoeuvres() -> None:
    """Turn, climb or descent, altitude, then speed."""
    told = moment()

    assert told.alert == 3
    assert told.manoeuvres() == [
        "turn left 27° to 020°",
        "descend at 1,100 ft/min",
        "descend 700 ft to 8,300 ft",
        "slow down by 100 kt to 120 kt",
    ]


def test_plain_data_are_in_the_units_that_are_shown() -> None:
    """Degrees, knots, feet per minute and feet; what is not finite is unknown."""
    shown = replace(moment().dials["vs"], high_side=math.inf).as_dict()

    assert shown["unit"] == "ft/min"
    assert shown["bands"][1] == [pytest.approx(-1100), pytest.approx(1500), "NEAR"]
    assert (shown["low_side"], shown["high_side"]) == (pytest.approx(-1100), None)
    assert shown["manoeuvre"] == "descend at 1,100 ft/min"


def drawn(what: Moment) -> ElementTree.Element:
    """Return the picture as XML."""
    return ElementTree.fromstring(picture.svg(what))


def texts(root: ElementTree.Element) -> list[str]:
    """Return everything that is written."""
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def test_the_picture_is_xml_and_names_what_it_shows() -> None:
    """Names with < and & do no harm; units, alert, manoeuvres and the caveat are written."""
    written = texts(drawn(moment()))

    assert "Guidance for SWR<1> & co, 2018-08-01 10:32:11 UTC" in written
    assert "Alert: warning against EZY45" in written
    assert {"ground speed", "kt", "vertical speed", "ft/min", "altitude", "ft", "047°"} <= set(written)
    assert any(
        each.startswith("Smallest that keeps well clear: turn left 27° to 020°; or") for each in written
    )
    assert any("not for flight" in each for each in written)
    assert {"020°", "092°", "−1,100", "1,500", "8,300"} <= set(written)


def test_arcs_end_where_bands_end() -> None:
    """The rose has the track up: a band from 30° to 78° on a track of 47° begins 17° to the left and ends 31° right."""
    root = drawn(moment())

    (arc,) = [
        each
        for each in root.iter(f"{SVG}path")
        if (each.findtext(f"{SVG}title") or "").startswith("30° to 78°")
    ]
    x0, y0, radius, x1, y1 = (
        float(found)
        for found in re.match(
            r"M([\d.]+),([\d.]+) A([\d.]+),[\d.]+ 0 0 1 ([\d.]+),([\d.]+)", arc.get("d", "")
        ).groups()  # type: ignore[union-attr]
    )
    for x, y, degrees in ((x0, y0, -17), (x1, y1, 31)):
        assert x - picture.CENTRE_X == pytest.approx(radius * math.sin(math.radians(degrees)), abs=WRITTEN_PX)
        assert picture.CENTRE_Y - y == pytest.approx(radius * math.cos(math.radians(degrees)), abs=WRITTEN_PX)


def test_tapes_are_to_scale() -> None:
    """A band of 2600 of 12,000 ft/min takes that share of the tape, and begins where it should."""
    root = drawn(moment())

    (band,) = [
        each
        for each in root.iter(f"{SVG}rect")
        if (each.findtext(f"{SVG}title") or "").startswith("−1,100 to 1,500")
    ]
    high = picture.TAPE_BOTTOM - picture.TAPE_TOP
    assert float(band.get("height", "")) == pytest.approx(high * 2600 / 12000, abs=0.11)  # one digit
    assert float(band.get("y", "")) == pytest.approx(picture.TAPE_TOP + high * 4500 / 12000, abs=0.11)


def test_an_intruder_is_drawn_at_its_bearing_and_range() -> None:
    """Ahead is up: the one at 31.6° is 15.4° left of a track of 47°."""
    root = drawn(moment())

    places = [
        each.get("transform", "") for each in root.iter(f"{SVG}path") if "rotate" in each.get("transform", "")
    ]
    x, y = (float(found) for found in re.findall(r"translate\(([\d.]+) ([\d.]+)\)", " ".join(places))[1])
    turn = math.atan2(3200.0, 5200.0) - 47 * DEG
    assert math.atan2(x - picture.CENTRE_X, picture.CENTRE_Y - y) == pytest.approx(turn, abs=1e-3)


@given(
    st.floats(0.0, 6.28),
    st.lists(st.tuples(st.floats(-3e5, 3e5), st.floats(-3e5, 3e5)), max_size=4),
    st.floats(-400.0, 20_000.0),
)
def test_any_scene_stays_within_the_picture(
    track: float, places: list[tuple[float, float]], altitude: float
) -> None:
    """Wherever intruders are, near or far, whatever is drawn has coordinates in the picture."""
    others = tuple(
        Intruder(f"i{k}", 0, "NONE", x, y, 0.0, 90.0, 90.0, 0.0) for k, (x, y) in enumerate(places)
    )
    scene = replace(moment(), track_rad=track, intruders=others, altitude_m=altitude)

    root = drawn(scene)

    for each in root.iter(f"{SVG}text"):
        assert 0.0 <= float(each.get("x", "")) <= picture.WIDTH
        assert 0.0 <= float(each.get("y", "")) <= picture.HEIGHT


def test_without_bands_there_are_only_the_aircraft() -> None:
    """A moment without dials is drawn as well, and nothing is advised."""
    root = drawn(replace(moment(), dials={}, intruders=()))

    assert "Alert: no alert" in texts(root)
    assert not [each for each in texts(root) if "well clear" in each]


def test_a_conflict_without_a_way_out_is_told() -> None:
    """Where nothing resolves the picture says so."""
    closed = {"hdir": dial("hdir", 47, [0, 360], ["NEAR"], region="NEAR", low_side=None, high_side=None)}

    assert "No manoeuvre of its own keeps well clear." in texts(drawn(replace(moment(), dials=closed)))


def test_the_picture_is_written_whole(tmp_path: Path) -> None:
    """The file holds what `svg` returns."""
    path = tmp_path / "it.svg"

    picture.write(moment(), path)

    assert path.read_text(encoding="utf-8") == picture.svg(moment())
