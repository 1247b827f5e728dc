"""What a report holds, read back as its page reads it, against the findings and tracks that it was made of."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from tests.report_reader import Read

import wideberth as wb
from wideberth import simulate
from wideberth.agreement.load import Agreement
from wideberth.report import answer, basis_of, summary
from wideberth.report.content import Basis, Room, document
from wideberth.report.document import Document
from wideberth.report.drawn_tracks import packed as packed_tracks

AGREEMENT = """
wideberth: 1
name: "A line & <b>a zone</b>"
parties:
  north: {aircraft: [{icao24: a00000-a0ffff}]}
  south: {aircraft: [{icao24: b00000-b0ffff}]}
places:
  line: {line: [[10.0, 50.0], [11.0, 50.0]]}
  spot: {point: [10.5, 50.1], radius: 2 NM, ceiling: 5000 ft}
rules:
  - {id: stay, party: south, keeps: {side: south, of: line, buffer: 500 m, reach: 60 km}}
  - {id: spare, party: all, keeps: {out_of: spot}}
  - {id: apart, between: [north, south], keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}}
  - {id: less, party: south, pledges: {flights: falls, by: 50 %, after: 2024-03-02}}
"""
T0 = datetime(2024, 3, 1, 10, 0, tzinfo=UTC)


def flown(address, lat0, lat1, *, n=120, altitude_ft=4000.0, callsign=None, lon_deg=10.5, day=0):
    """Return a way along a meridian, a report each 10 s."""
    t = pl.Series([T0.timestamp() + 86_400 * day + 10 * i for i in range(n)])
    return pl.DataFrame(
        {
            "icao24": [address] * n,
            "t": (t * 1e6).cast(pl.Int64).cast(pl.Datetime("us", "UTC")),
            "lat_deg": np.linspace(lat0, lat1, n),
            "lon_deg": np.full(n, lon_deg),
            "altitude_ft": np.full(n, altitude_ft),
            "callsign": [callsign] * n,
            "source_file": ["made.csv"] * n,
            "source_row": np.arange(n),
        },
        schema_overrides={"callsign": pl.String},
    )


@pytest.fixture(scope="module")
def judged():
    """Return incidents of three aircraft under the agreement, and their tracks."""
    tracks = wb.read(
        pl.concat(
            [
                flown("b00001", 49.8, 50.2, callsign="</script>"),
                flown("a00001", 50.2, 49.8, callsign="NORTH1"),
                flown("b00002", 49.7, 49.9, lon_deg=10.9, day=1),
                flown("c00001", 49.7, 49.9, lon_deg=10.1, day=2, callsign="بيت‎🛩"),
            ]
        )
    )
    return wb.judge(tracks, Agreement.parse(AGREEMENT)), tracks


def read_back(basis, room=None):
    return Read(document(basis, room or Room()).pack())


@pytest.fixture(scope="module")
def told(judged):
    incidents, tracks = judged
    return read_back(basis_of(incidents, tracks))


def test_arrays_come_back_as_they_were():
    """Of every type, with NaN, scaled, as differences, empty; each at a multiple of eight bytes."""
    made = Document()
    rng = np.random.default_rng(1)
    values = {
        "f64": rng.normal(size=7), "f32": np.array([1.5, np.nan], np.float32), "i32": np.array([-5, 2**31 - 1]),
        "u32": np.array([0, 2**32 - 1]), "i16": np.array([-3, 3, 9]), "u16": np.array([65_535]), "u8": np.empty(0),
    }  # fmt: skip
    made.manifest["kept"] = {kind: made.array(of, kind) for kind, of in values.items()}
    lon = np.round(rng.uniform(-180, 180, 1000), 5)
    made.manifest["lon"] = made.array(lon, "i32", scale=1e-5, is_delta=True)
    made.manifest["names"] = made.coded(["b", None, "a", "b", ""])
    read = Read(made.pack())
    for kind, of in values.items():
        np.testing.assert_array_equal(read.array(read["kept"][kind]), of)
    np.testing.assert_allclose(read.array(read["lon"]), lon, rtol=0, atol=1e-9)
    assert read.texts(read["names"]) == ["b", None, "a", "b", ""]


def test_the_same_content_packs_to_the_same_text(judged):
    """No clock and no hash order gets into the file but what it says of when it was made."""
    incidents, tracks = judged
    told = summary.of_incidents(incidents, tracks.cleaning, incidents.terms)
    at = datetime(2024, 4, 1, tzinfo=UTC)
    packed = {document(Basis(incidents, told, tracks, made=at), Room()).pack() for _ in range(2)}
    assert len(packed) == 1


def test_findings_stand_by_rank_with_every_figure(judged, told):
    """Each incident once, the first by rank first; figures, times and codes are those of the table."""
    incidents, _ = judged
    rows = sorted(incidents, key=lambda row: row["rank"])
    findings = told["findings"]
    assert findings["n"] == len(rows) > 3
    assert findings["id"] == [row["id"] for row in rows]
    assert findings["sentence"] == [row["sentence"] for row in rows]
    rules = [told["rules"][code]["id"] for code in told.array(findings["rule"]).tolist()]
    assert rules == [row["rule"] for row in rows]
    verdicts = [told["verdicts"][code] for code in told.array(findings["verdict"]).tolist()]
    assert verdicts == [row["verdict"] for row in rows]
    for name, column in (("t_in", "t_in"), ("t_out", "t_out")):
        expected = [1000.0 * row[column].timestamp() for row in rows]
        np.testing.assert_allclose(told.array(findings[name]), expected, rtol=0, atol=1e-3)
    expected = [np.nan if row["magnitude"] is None else row["magnitude"] for row in rows]
    np.testing.assert_allclose(told.array(findings["magnitude"]), expected, rtol=1e-6)
    assert told.texts(findings["callsign_a"]) == [row["callsign_a"] for row in rows]
    party = [
        None if code == 255 else told["parties"][code] for code in told.array(findings["party_a"]).tolist()
    ]
    assert party == [row["party"] for row in rows]


def test_details_hold_the_reports_themselves(judged, told):
    """Of the pass of two aircraft: every report around it with its row, legs told, the finding explained."""
    incidents, tracks = judged
    rows = sorted(incidents, key=lambda row: row["rank"])
    k = next(k for k, row in enumerate(rows) if row["kind"] == "apart")
    detail = told["details"][k]
    assert detail["row"] == k
    assert detail["minima"] == {"horizontal_m": 5556.0, "vertical_ft": 1000.0}
    assert [each["icao24"] for each in detail["aircraft"]] == ["a00001", "b00001"]
    for each in detail["aircraft"]:
        own = tracks.to_polars().filter(pl.col("icao24").cast(pl.String) == each["icao24"])
        t_ms = told.array(each["t"])
        near = own.filter(pl.col("t").dt.epoch("us").is_in((t_ms * 1000.0).round().astype(np.int64).tolist()))
        assert len(near) == t_ms.size > 20
        np.testing.assert_array_equal(told.array(each["lat"]), near["lat_deg"])
        np.testing.assert_array_equal(told.array(each["row"]), near["source_row"])
        assert set(told.texts(each["file"])) == {"made.csv"}
        assert set(told.array(each["leg"]).tolist()) == {0}
    abouts = [about for about, _ in detail["told"]]
    assert abouts[:3] == ["Found", "Rule", "Verdict"]


def test_the_smallest_distance_of_the_reports_is_the_finding_s(judged, told):
    """Straight between Earth-centred points, a thousandth of a second at a time, as the page computes it."""
    incidents, _ = judged
    row = next(row for row in incidents if row["kind"] == "apart")
    detail = next(each for each in told["details"] if told["findings"]["id"][each["row"]] == row["id"])
    t_in, t_out = (1000.0 * row[name].timestamp() for name in ("t_in", "t_out"))
    t = np.arange(t_in, t_out, 1.0)
    places = []
    for each in detail["aircraft"]:
        lat, lon = (np.radians(told.array(each[name])) for name in ("lat", "lon"))
        n = 6_378_137.0 / np.sqrt(1 - 6.69437999014e-3 * np.sin(lat) ** 2)
        earth = [
            n * np.cos(lat) * np.cos(lon),
            n * np.cos(lat) * np.sin(lon),
            n * (1 - 6.69437999014e-3) * np.sin(lat),
        ]
        places.append(np.array([np.interp(t, told.array(each["t"]), axis) for axis in earth]))
    assert np.linalg.norm(places[0] - places[1], axis=0).min() == pytest.approx(row["magnitude"], abs=0.5)


def test_ways_are_drawn_within_their_bound(told):
    """Straight ways need two points each; ends, parties and altitudes are those of the reports."""
    ways = told["tracks"]
    assert ways["icao24"] == ["a00001", "b00001", "b00002", "c00001"]
    assert told.array(ways["party"]).tolist() == [0, 1, 1, 255]
    first_leg, first_point = told.array(ways["first_leg"]), told.array(ways["first_point"])
    assert first_leg.tolist() == [0, 1, 2, 3, 4]
    lat, lon, t = (told.array(ways[name]) for name in ("lat", "lon", "t"))
    assert first_point[-1] == lat.size < 20
    np.testing.assert_allclose(lat[first_point[:-1]], [50.2, 49.8, 49.7, 49.7], atol=1e-5)
    np.testing.assert_allclose(lat[first_point[1:] - 1], [49.8, 50.2, 49.9, 49.9], atol=1e-5)
    np.testing.assert_allclose(lon[first_point[:-1]], [10.5, 10.5, 10.9, 10.1], atol=1e-5)
    assert told["recorded"][0] == 1000.0 * T0.timestamp()
    assert t[first_point[2]] == 86_400_000
    assert set(told.array(ways["altitude_ft"]).tolist()) == {4000.0}
    assert set(told.array(ways["has_altitude"]).tolist()) == {1}


def test_too_many_points_raise_the_bound_then_leave_aircraft_out():
    """With room for little, those wanted first are drawn, whole; how many are not is told."""
    tracks = wb.read(pl.concat([flown(f"a0000{k}", 49.0, 49.5 + k / 100) for k in range(8)]))
    made = Document()
    said, left = packed_tracks(made, tracks, {}, ["a00005", "a00002"], 6)
    assert said["icao24"] == ["a00000", "a00002", "a00005"]
    assert said["tolerance_m"] == 800.0
    assert left == [
        "The ways of 5 of 8 aircraft are not drawn: those without a finding, or of findings lower in rank, or without "
        "any altitude."
    ]


def test_coverage_counts_samples_and_aircraft_per_bin(judged, told):
    """Against a group-by; bins in which nothing was heard are there, with 0."""
    _, tracks = judged
    cover = told["coverage"]
    samples, aircraft = told.array(cover["samples"]), told.array(cover["aircraft"])
    bins = (tracks.to_polars()["t"].dt.epoch("us") / 1000.0 - cover["from_ms"]) // cover["bin_ms"]
    counted = (
        pl.DataFrame({"bin": bins.cast(pl.Int64), "who": tracks.to_polars()["icao24"].cast(pl.String)})
        .group_by("bin").agg(pl.len(), pl.col("who").n_unique()).sort("bin")
    )  # fmt: skip
    assert samples.sum() == len(tracks)
    assert np.flatnonzero(samples).tolist() == counted["bin"].to_list()
    assert samples[samples > 0].tolist() == counted["len"].to_list()
    assert aircraft[samples > 0].tolist() == counted["who"].to_list()
    assert (samples == 0).sum() > samples.size / 2


def test_what_there_is_no_room_for_is_counted_in_cells(judged):
    """Rows beyond the room come back as weights: in all as many, of the same rules and verdicts."""
    incidents, tracks = judged
    told = read_back(
        basis_of(incidents, tracks),
        Room(rows=2, details=1),
    )
    rest = told["rest"]
    rows = sorted(incidents, key=lambda row: row["rank"])[2:]
    assert told["findings"]["n"] == 2
    assert told.array(rest["count"]).sum() == len(rows)
    names = [told["rules"][code]["id"] for code in told.array(rest["rule"]).tolist()]
    assert sorted(np.repeat(names, told.array(rest["count"]))) == sorted(row["rule"] for row in rows)
    assert any(f"{len(rows)} of {len(rows) + 2} findings" in each for each in told["left_out"])
    assert len(told["details"]) == 1


def test_places_are_drawn_with_levels_and_the_kept_side(told):
    """The line, the circle as a polygon of its radius, levels in words, the arrow's side."""
    line, spot = told["places"]
    assert (line["name"], line["kind"], line["rings"]) == ("line", "line", [[[10.0, 50.0], [11.0, 50.0]]])
    assert (spot["kind"], spot["levels"]) == ("circle", "below 5000 ft")
    lon, lat = np.radians(np.array(spot["rings"][0])).T
    away = np.hypot((lon - np.radians(10.5)) * np.cos(np.radians(50.1)), lat - np.radians(50.1)) * 6_371_000.0
    np.testing.assert_allclose(away, 3704.0, rtol=0.01)
    assert [each["pledge"] for each in told["rules"]] == [None, None, None, {"after": "2024-03-02"}]
    assert told["sides"] == [{"place": "line", "rule": "stay", "keeps": "right", "who": "south"}]


def test_texts_of_the_input_are_data_only(judged, told):
    """Whatever stands in a callsign or a name comes back as it was, and is base64 in the file."""
    incidents, tracks = judged
    text = document(basis_of(incidents, tracks), Room()).pack()
    assert "<" not in text
    assert told["title"] == "A line & <b>a zone</b>"
    assert "</script>" in told["tracks"]["callsign"]
    assert "بيت‎🛩" in told["tracks"]["callsign"]


def test_the_answer_says_who_how_often_and_the_worst(told):
    """The headline with the time, then the worst; a paragraph for every other rule, the pledge, and trust."""
    first, second, *others = told["answer"]
    assert first.startswith(
        "Between 1 and 3 March 2024 south was north of line once without permission, 0.50 a day"
    )
    assert second.startswith("Farthest: recorded north of line by")
    assert any(each.startswith("Aircraft were inside spot twice without permission") for each in others)
    assert any(
        each.startswith("North and south were nearer to each other than 3 NM and 1,000 ft") for each in others
    )
    assert any(each.startswith("What south pledged (less)") for each in others)
    assert any(each.startswith("Whether that was really there is told of") for each in others)
    assert others[-1].startswith("A rate counts what was permitted as well, over")


def test_encounters_make_a_report_too():
    """With the minima as the one rule, sentences of their own, and the answer."""
    tracks = wb.read(simulate.crossing())
    found = wb.screen(tracks, minima=wb.Minima(9260.0, 1000.0))
    told = read_back(basis_of(found, tracks))
    assert told["kind"] == "encounters"
    assert told["rules"][0]["horizontal_m"] == 9260.0
    assert "passed" in told["findings"]["sentence"][0]
    assert "two aircraft were within 5 NM and 1,000 ft of each other once" in told["answer"][0]
    assert len(told["details"][0]["aircraft"]) == 2


def test_nothing_found_is_a_report_too(judged):
    """No findings, and no tracks either: the answer says how much was heard."""
    incidents, _ = judged
    none = incidents.trusted(["artefact"])
    none = wb.Incidents(none.table.slice(0, 0), none.agreement, terms=incidents.terms)
    told = read_back(Basis(none, summary.of_incidents(none, None, incidents.terms)))
    assert told["findings"]["n"] == 0
    assert told["tracks"] is None
    assert told["recorded"] is None
    assert json.dumps(told["answer"])


def test_figures_that_are_no_numbers_do_not_get_into_the_json(judged):
    """JSON has no NaN; an unknown figure is null there."""
    incidents, _ = judged
    told = summary.of_incidents(incidents, None, incidents.terms)
    told["rates"] = [{"rule": "stay", "per_day": float("nan"), "counted": "excursions", "party": "south"}]
    assert read_back(Basis(incidents, told))["rates"][0]["per_day"] is None


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (None, "In what was recorded"),
        (("2024-03-01T00:00:00Z", "2024-03-01T01:00:00Z"), "On 1 March 2024 between 00:00 and 01:00 UTC"),
        (("2024-03-01T00:00:00Z", "2024-04-02T01:00:00Z"), "Between 1 March and 2 April 2024"),
        (("2023-12-31T00:00:00Z", "2024-01-02T01:00:00Z"), "Between 31 December 2023 and 2 January 2024"),
    ],
)
def test_a_period_in_words(ends, words):
    """As people say it, UTC where hours are told."""
    assert answer._period(ends) == words


def test_an_unknown_altitude_is_told():
    """A leg with unknown altitudes is drawn, and says that they are not known."""
    tracks = wb.read(
        flown("a00001", 50.0, 50.5).with_columns(altitude_ft=pl.lit(None, pl.Float64), height_m=1200.0)
    )
    made = Document()
    said, _ = packed_tracks(made, tracks, {}, [], 100)
    made.manifest["tracks"] = said
    told = Read(made.pack())
    assert told.array(said["has_altitude"]).tolist() == [0]
    assert isinstance(tracks.to_arrow(), pa.Table)
