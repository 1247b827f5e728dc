"""Places that are not to be shown: neither they, nor their names, nor a position in them is in the report."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from pyproj import Geod
from tests.report_reader import Read
from tests.test_report_content import AGREEMENT, flown

import wideberth as wb
from wideberth.agreement.load import Agreement
from wideberth.errors import UsageError
from wideberth.report import basis_of, redaction
from wideberth.report.content import Room, document

GEOD = Geod(ellps="WGS84")
CORRIDOR = """
wideberth: 1
name: lane
places:
  lane: {corridor: [[10.0, 50.0], [11.0, 50.5]], width: 4 NM}
rules:
  - {id: spare, party: all, keeps: {out_of: lane}}
"""


@pytest.fixture(scope="module")
def basis():
    tracks = wb.read(pl.concat([flown("b00001", 49.8, 50.2, callsign="S1"), flown("a00001", 50.2, 49.8)]))
    return basis_of(wb.judge(tracks, Agreement.parse(AGREEMENT)), tracks)


def read_back(basis, *texts):
    made = document(redaction.applied(basis, redaction.parse(texts)), Room())
    return Read(made.pack())


def positions(told):
    """Return every position of the report: of ways, reports and findings."""
    pairs = [
        (told["findings"]["lat"], told["findings"]["lon"]),
        (told["tracks"]["lat"], told["tracks"]["lon"]),
    ]
    pairs += [(each["lat"], each["lon"]) for detail in told["details"] for each in detail["aircraft"]]
    lat, lon = (np.concatenate([told.array(pair[k]) for pair in pairs]) for k in (0, 1))
    return lat[~np.isnan(lat)], lon[~np.isnan(lon)]


def away_m(lat, lon, lat0=50.1, lon0=10.5):
    return GEOD.inv(lon, lat, np.full(lat.size, lon0), np.full(lat.size, lat0))[2]


def test_a_named_place_is_nowhere_in_the_report(basis):
    """Its figure, its name and all within it; without the option all of that is there."""
    before, after = read_back(basis), read_back(basis, "spot")
    for told, is_there in ((before, True), (after, False)):
        text = str(told.manifest)
        assert ("spot" in text) == is_there
        assert any(each["name"] == "spot" for each in told["places"]) == is_there
        assert (away_m(*positions(told)) < 3704.0 * 0.99).any() == is_there
    assert "redacted place 1" in str(after.manifest)
    assert after["findings"]["n"] == before["findings"]["n"]
    assert "50.1" not in str([each["told"] for each in after["details"]])


def test_a_circle_hides_what_lies_in_it(basis):
    """By geodesic distance; what lies 1 % farther is still there; nothing is drawn across it."""
    told = read_back(basis, "49.95,10.5,3NM")
    away = away_m(*positions(told), lat0=49.95)
    assert away.min() > 5556.0 * 0.99
    lat, first = told.array(told["tracks"]["lat"]), told.array(told["tracks"]["first_point"])
    for begin, stop in itertools.pairwise(first.tolist()):
        assert not lat[begin:stop].min() < 49.95 < lat[begin:stop].max()


def test_a_corridor_hides_its_width():
    """Within half the width of its middle line by geodesic distance, 1 % on either side left open."""
    tracks = wb.read(flown("a00001", 49.9, 50.6, n=400))
    basis = basis_of(wb.judge(tracks, Agreement.parse(CORRIDOR)), tracks)
    line = np.linspace([10.0, 50.0], [11.0, 50.5], 4000)
    for told, is_there in ((read_back(basis), True), (read_back(basis, "lane"), False)):
        lat, lon = positions(told)
        nearest = np.array(
            [away_m(line[:, 1], line[:, 0], *each).min() for each in zip(lat, lon, strict=True)]
        )
        assert (nearest < 3704.0 * 0.98).any() == is_there


def test_what_cannot_be_meant_is_refused(basis):
    """A name of no place, with those there are; a circle that is none."""
    with pytest.raises(UsageError, match=r"no such place\. Places: line, spot"):
        redaction.applied(basis, redaction.parse(["spt"]))
    for text in ("91,0,1NM", "1,2,0 NM", "1,2,x", "a,2,1NM", "nan,2,1 km"):
        with pytest.raises(UsageError, match="write a circle like"):
            redaction.parse([text])


def test_nothing_hidden_changes_nothing(basis):
    """Without the option the very same basis comes back."""
    assert redaction.applied(basis, []) is basis
