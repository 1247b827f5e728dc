"""Early warning: who is heading for a place, when it would arrive, and in what range."""

from __future__ import annotations

import pytest
from pyproj import Geod

import wideberth as wb
from test_serve_predict import MPS, NOW_US, report, sky_of
from wideberth.serve.heading import Fan, heading

TERMS = wb.Agreement.parse("""
wideberth: 1
name: spare
parties:
  one: {aircraft: [{callsign: "^ONE"}]}
places:
  hospital: {point: [9.0, 45.0], radius: 5 km}
rules:
  - {id: spare, party: one, keeps: {out_of: hospital, below: 33000 ft}}
  - {id: apart, between: all, keeps: {apart: {horizontal: 5 NM, vertical: 1000 ft}}}
""")


def metres(lon: float) -> float:
    """Return how far (45°, lon) is from the hospital's middle along the shortest way."""
    return float(Geod(ellps="WGS84").inv(lon, 45.0, 9.0, 45.0)[2])


def test_eta_is_distance_over_speed_and_the_range_holds_it() -> None:
    """79 km away at 400 kt, 5 km less: six minutes; a tenth faster or slower, the range on both sides."""
    course = Geod(ellps="WGS84").inv(8.0, 45.0, 9.0, 45.0)[0]
    sky = sky_of([report("400001", 0.0, 45.0, 8.0, callsign="ONE1", track_deg=course)], TERMS)
    (one,) = heading(sky, NOW_US, ["spare"])
    expected_s = (metres(8.0) - 5000.0) / MPS

    assert one.eta_s == pytest.approx(expected_s, abs=0.5)
    assert one.earliest_s == pytest.approx(expected_s / 1.1, abs=0.5)
    # The latest enters at the side, later than straight on.
    assert expected_s / 0.9 < one.latest_s < 1.1 * expected_s / 0.9
    assert one.share == 1.0
    assert str(one) == "ONE1 of one is heading for hospital, ETA 6 min ± 1"


def test_who_passes_by_is_not_heading_there() -> None:
    """The middle way decides; one that a side way alone enters is not told."""
    rows = [
        report("400001", 0.0, 45.0, 8.0, callsign="ONE1", track_deg=80.0),
        report("400002", 0.0, 45.0, 8.0, callsign="ONE2", track_deg=270.0),
        report("400003", 0.0, 45.0, 8.0, callsign="TWO1"),
        report("400004", 0.0, 45.0, 8.0, callsign="ONE4", altitude_ft=35_000.0),
    ]

    assert heading(sky_of(rows, TERMS), NOW_US, ["spare", "apart"]) == []


def test_who_descends_below_the_level_on_the_way_is_told() -> None:
    """Above it now, below it before it arrives."""
    row = report("400001", 0.0, 45.0, 8.0, callsign="ONE1", altitude_ft=35_000.0, vertical_rate_fpm=-1000.0)
    (one,) = heading(sky_of([row], TERMS), NOW_US, ["spare"])

    assert one.eta_s > 300.0


def test_who_is_inside_is_told_as_such_and_first() -> None:
    """The first to arrive first; beyond the look-ahead nobody is told."""
    rows = [
        report("400001", 0.0, 45.0, 8.0, callsign="ONE1"),
        report("400002", 0.0, 45.0, 9.0, callsign="ONE2"),
    ]
    found = heading(sky_of(rows, TERMS), NOW_US, ["spare"])

    assert [each.aircraft for each in found] == ["400002", "400001"]
    assert str(found[0]) == "ONE2 of one is in hospital"
    assert len(heading(sky_of(rows, TERMS), NOW_US, ["spare"], Fan(look_ahead_s=200.0))) == 1
    assert heading(sky_of(rows, TERMS), NOW_US + 60_000_000, ["spare"]) == []
