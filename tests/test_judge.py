"""Judging: the demo's true answers, and what must hold of any agreement and any tracks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import wideberth as wb
from wideberth.agreement import explain
from wideberth.cli import demo
from wideberth.cli.app import app
from wideberth.judge import pledge
from wideberth.ledger import Ledger
from wideberth.report import finding
from wideberth.simulate import euphrates

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
LINE = ((10.0, 44.8), (10.05, 45.0), (9.98, 45.15))
MIDDLE_LON = 10.0
SAME_S = 1e-3  # mirrored longitudes round otherwise in their last digit
SAME_M = 0.01
seeds = st.integers(0, 2**32 - 1)


def tracks_of(seed: int, *, aircraft: int = 4, samples: int = 40, mirrored: bool = False) -> pl.DataFrame:
    """Return flights that wander about the line, with gaps, sampled every 2 to 20 s."""
    rng = np.random.default_rng(seed)
    frames = []
    for k in range(aircraft):
        step_s = rng.uniform(2.0, 20.0, samples)
        step_s[rng.random(samples) < 0.05] = 200.0
        t_s = np.cumsum(step_s) + rng.uniform(0, 600)
        heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.15, samples))
        way = rng.uniform(80, 250) * step_s / 111_000.0
        lat = 45.0 + rng.normal(0, 0.1) + np.cumsum(way * np.cos(heading))
        lon = MIDDLE_LON + rng.normal(0, 0.05) + np.cumsum(way * np.sin(heading) / np.cos(np.radians(45.0)))
        frames.append(
            pl.DataFrame(
                {
                    "icao24": [f"{0x100000 * (1 + k % 2) + k:06x}"] * samples,
                    "t": [START + timedelta(seconds=round(float(each), 3)) for each in t_s],
                    "lat_deg": lat,
                    "lon_deg": 2 * MIDDLE_LON - lon if mirrored else lon,
                    "altitude_ft": np.round(
                        rng.uniform(5000, 15000) + np.cumsum(rng.normal(0, 50, samples)), 0
                    ),
                    "callsign": [f"TEST{k}"] * samples,
                }
            )
        )
    return pl.concat(frames)


def agreement(
    *,
    side: str = "west",
    line: tuple[tuple[float, float], ...] = LINE,
    buffer: str = "0 m",
    permissions: str = "",
) -> wb.Agreement:
    """Return two parties, a side for one, a circle for all, minima between them."""
    places = [list(each) for each in line]
    return wb.Agreement.parse(
        f"""
wideberth: 1
name: test
parties:
  one: {{aircraft: [{{icao24: 100000-1fffff}}]}}
  two: {{aircraft: [{{icao24: 200000-2fffff}}]}}
places:
  line: {{line: {places}}}
  circle: {{point: [10.0, 45.0], radius: 5 km}}
rules:
  - {{id: side, party: one, keeps: {{side: {side}, of: line, buffer: {buffer}, reach: 40 km}}}}
  - {{id: out, party: all, keeps: {{out_of: circle, below: 12000 ft}}}}
  - {{id: apart, between: [one, two], keeps: {{apart: {{horizontal: 3 NM, vertical: 1000 ft}}}}}}
{permissions}
"""
    )


def judged(table: pl.DataFrame, terms: wb.Agreement) -> list[dict[str, Any]]:
    """Return incidents as dicts."""
    return list(wb.judge(wb.read(table, keep_all=True), terms))


def of(rows: list[dict[str, Any]], *rules: str, findings: bool = True) -> list[dict[str, Any]]:
    """Return the incidents of some rules, without what stayed in the buffer or missed a place."""
    return [
        row
        for row in rows
        if row["rule"] in rules and not (findings and row["verdict"] in ("inside_buffer", "kept"))
    ]


def assert_same(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    """Hold two lists of incidents equal but for ids, places and rounding."""
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        for name in (
            "rule",
            "verdict",
            "because",
            "party",
            "icao24_a",
            "icao24_b",
            "entered",
            "left",
            "manner",
        ):
            assert a[name] == b[name], name
        for name in ("t_in", "t_out"):
            assert abs((a[name] - b[name]).total_seconds()) <= SAME_S
        if a["magnitude"] is not None:
            assert a["magnitude"] == pytest.approx(b["magnitude"], abs=SAME_M)


# The demo ------------------------------------------------------------------------------------------


@cache
def month() -> wb.Incidents:
    """The demo's month, judged."""
    terms = wb.Agreement.parse(euphrates.agreement_text())
    return wb.judge(wb.read(euphrates.tracks()), terms)


@pytest.mark.compiled
def test_the_demo_finds_what_an_independent_march_found() -> None:
    """Every answer within 1 s and 10 m, none missing, none too many, each with its verdict."""
    check = demo.compare(euphrates.stored_truth(), month())

    assert check["missing"] == check["extra"] == check["otherwise"] == []
    assert check["largest_difference_s"] < 0.05
    assert check["largest_difference_m"] < demo.PLACES_AGREE_M
    assert check["agrees"]


@pytest.mark.compiled
def test_the_check_of_the_demo_can_fail() -> None:
    """A missing, a moved and a wrongly excused answer are each named."""
    known = json.loads(json.dumps(euphrates.stored_truth()))
    known["sides"][0]["t_in"] = "2017-11-01T00:00:00Z"
    known["sides"][1]["verdict"] = "excused" if known["sides"][1]["verdict"] != "excused" else "broken"

    check = demo.compare(known, month())

    assert len(check["missing"]) == len(check["extra"]) == len(check["otherwise"]) == 1
    assert not check["agrees"]


@pytest.mark.compiled
def test_the_daily_counts_are_those_of_the_march() -> None:
    """Flights, hours, crossings, excursions and aircraft, for each day and party."""
    for known, found in zip(euphrates.stored_truth()["days"], month().days, strict=True):
        assert (known["day"], known["party"]) == (found["day"], found["party"])
        for name in ("flights", "aircraft", "rows", "excursions", "excursion_aircraft"):
            assert known[name] == found[name], name
        assert known["outbound_crossings"] == found["crossings"]
        assert known["hours"] == pytest.approx(found["hours"], abs=1e-3)


@pytest.mark.compiled
def test_judging_again_adds_nothing_to_the_ledger(tmp_path: Path) -> None:
    """Ids and rounded findings are the same, so the ledger has them already."""
    again = wb.judge(wb.read(euphrates.tracks()), wb.Agreement.parse(euphrates.agreement_text()))
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        first = ledger.add(month().findings().records())
        second = ledger.add(again.findings().records())

    assert first.added == len(month().findings()) > 200
    assert second.added == second.revised == 0


def test_what_another_version_of_the_agreement_found_is_not_compared_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comment makes every id new: an earlier folder and the ledger say so, and how many findings are the same."""
    monkeypatch.chdir(tmp_path)
    pl.concat([straight(9.9, 10.2), straight(9.9, 10.2, icao24="100002")]).write_parquet("two.parquet")
    straight(9.9, 10.2).write_parquet("one.parquet")
    text = (
        "wideberth: 1\nname: test\nplaces: {line: {line: [[10.0, 44.8], [10.0, 45.2]]}}\n"
        "rules: [{id: side, party: all, keeps: {side: west, of: line}}]\n"
    )
    (tmp_path / "old.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "new.yaml").write_text(f"{text}# a comment\n", encoding="utf-8")
    old, new = (wb.Agreement.load(tmp_path / f"{name}.yaml").digest for name in ("old", "new"))

    def run(*words: str) -> str:
        return CliRunner().invoke(app, words, catch_exceptions=False).stdout

    run("judge", "two.parquet", "-a", "old.yaml", "-o", "old")
    judged = ("judge", "one.parquet", "-a", "new.yaml", "--since", "old")
    printed, as_json = run(*judged, "-o", "new"), json.loads(run(*judged, "--json"))
    first, second, again = (
        json.loads(run("ledger", "add", f"{name}/findings.jsonl", "--json")) for name in ("old", "new", "new")
    )
    told = {"agreement": old, "now": new, "findings": 2, "otherwise_same": 1}

    assert "1 new, 0 changed, 0 gone, 0 as before" in printed
    assert (
        f"2 findings are by another version of the agreement, {old[:12]}…, and not compared: the file has changed "
        f"(now {new[:12]}…), and with it every id. 1 of them is otherwise the same as one of now"
    ) in printed.replace("\n", " ")
    assert as_json["other_versions"] == second["other_versions"] == [told]
    assert first["other_versions"] == again["other_versions"] == []
    assert (second["added"], again["added"]) == (1, 0)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        added = ledger.add([{"id": "x", "agreement": "ff", "rule": "elsewhere"}, {"id": "y", "rule": [1]}])
        assert added.other_versions == ()  # under no rule of these is anything by another version


# Properties -----------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(seeds)
def test_mirroring_the_world_swaps_sides(seed: int) -> None:
    """East of the mirrored line is what west of the line was."""
    mirrored_line = tuple((2 * MIDDLE_LON - lon, lat) for lon, lat in LINE)

    assert_same(
        of(judged(tracks_of(seed), agreement()), "side"),
        of(judged(tracks_of(seed, mirrored=True), agreement(side="east", line=mirrored_line)), "side"),
    )


@settings(max_examples=60)
@given(seeds)
def test_reversing_the_line_swaps_left_and_right(seed: int) -> None:
    """Left of a line is right of it in the other order."""
    assert_same(
        of(judged(tracks_of(seed), agreement(side="left")), "side"),
        of(judged(tracks_of(seed), agreement(side="right", line=LINE[::-1])), "side"),
    )


@settings(max_examples=60)
@example(604, 0, 528)
@given(seeds, st.integers(0, 5000), st.integers(0, 5000))
def test_a_bigger_buffer_never_adds_an_incident(seed: int, one_m: int, other_m: int) -> None:
    """What is a finding under the bigger is one under the smaller."""
    small, big = sorted((one_m, other_m))
    few, many = (
        {
            (row["icao24_a"], row["t_in"])
            for row in of(judged(tracks_of(seed), agreement(buffer=f"{each} m")), "side")
        }
        for each in (big, small)
    )
    assert few <= many


@settings(max_examples=60)
@given(
    seeds,
    st.integers(0, 1200),
    st.integers(1, 1200),
    st.sampled_from(["", ", above: 9000 ft", ", within: circle"]),
)
def test_a_permission_never_adds_an_incident(seed: int, from_s: int, length_s: int, limit: str) -> None:
    """Broken and unknown become excused or stay; nothing else changes."""
    begin, end = (START + timedelta(seconds=each) for each in (from_s, from_s + length_s))
    text = (
        f"permissions:\n  - {{id: p, party: one, excuses: [side, out, apart], "
        f"during: {begin:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}{limit}}}"
    )
    without, given_ = (judged(tracks_of(seed), agreement(permissions=each)) for each in ("", text))

    assert len(without) == len(given_)
    for a, b in zip(without, given_, strict=True):
        assert (a["rule"], a["t_in"], a["t_out"]) == (b["rule"], b["t_in"], b["t_out"])
        assert b["verdict"] == a["verdict"] or (
            a["verdict"] in ("broken", "unknown") and b["verdict"] == "excused"
        )
        assert b["covered_s"] is None or b["covered_s"] <= (b["broken_s"] or 0.0) + SAME_S


@settings(max_examples=30)
@given(seeds)
def test_splitting_where_nobody_is_in_a_leg_changes_nothing(seed: int) -> None:
    """Two files an hour apart give what one file of both gives."""
    early, late = tracks_of(seed), tracks_of(seed + 1).with_columns(pl.col("t") + pl.duration(hours=6))
    terms = agreement()

    together = judged(pl.concat([early, late]), terms)
    apart = judged(early, terms) + judged(late, terms)

    key = lambda row: (row["t_in"], row["rule"], row["icao24_a"], row["icao24_b"] or "")  # noqa: E731
    assert_same(sorted(together, key=key), sorted(apart, key=key))


# What is told ---------------------------------------------------------------------------------------


def straight(lon_from: float, lon_to: float, *, lat: float = 45.0, icao24: str = "100001") -> pl.DataFrame:
    """Return a flight along a parallel, a sample every 10 s for ten minutes."""
    n = 61
    return pl.DataFrame(
        {
            "icao24": [icao24] * n,
            "t": [START + timedelta(seconds=10 * i) for i in range(n)],
            "lat_deg": [lat] * n,
            "lon_deg": np.linspace(lon_from, lon_to, n),
            "altitude_ft": [10_000.0] * n,
        }
    )


def test_a_crossing_is_told_in_neutral_words() -> None:
    """Rule, party, where and how far, with an interval; evidence by row."""
    (row,) = of(judged(straight(9.9, 10.2), agreement()), "side")

    assert row["verdict"] == "broken"
    assert row["entered"] == "line"
    assert row["left"] == "heard"
    assert row["party"] == "one"
    assert row["in_lon_deg"] == pytest.approx(10.05, abs=1e-6)  # where the line stands at 45°
    assert row["magnitude_low"] < row["magnitude"] < row["magnitude_high"]
    assert row["probability"] > 0.99
    assert row["sentence"].startswith("recorded east of line by ")
    assert row["source_row_first"] == 30
    assert row["source_row_last"] == 60
    assert "violat" not in row["sentence"]


@pytest.mark.parametrize("reference", ["altitude_ft", "height_m", "both"])
def test_the_worst_instant_of_two_is_told_in_figures(reference: str) -> None:
    """Nearest abreast, worst as one descends through the other's level later; and which rows are whose."""
    level, other = straight(9.9, 10.2, lat=45.0), straight(9.9, 10.2, lat=45.01, icao24="100002")
    other = other.with_columns(
        altitude_ft=pl.Series(np.linspace(12_000.0, 9_500.0, len(other))),
        lon_deg=pl.col("lon_deg") + pl.Series(np.linspace(-0.02, 0.03, len(other))),
    )
    level = level.with_columns(altitude_ft=pl.lit(10_000.0))
    table = pl.concat([level, other])
    if reference != "altitude_ft":
        table = table.with_columns(height_m=pl.col("altitude_ft") * 0.3048)
    if reference == "height_m":
        table = table.drop("altitude_ft")
    terms = wb.Agreement.everyone(horizontal="3 NM", vertical="1000 ft")
    incidents = wb.judge(wb.read(table, keep_all=True), terms)
    (row,), (told,) = list(incidents), list(incidents.records())
    worst_nm, worst_ft = row["horizontal_m_at_worst"] / 1852.0, row["vertical_ft_at_worst"]
    sentences = dict(finding.explain(told, finding.Terms()))

    assert max(worst_nm / 3.0, worst_ft / 1000.0) == pytest.approx(row["retained"], abs=1e-9)
    assert row["horizontal_m_at_worst"] > row["magnitude"] + 100.0
    assert row["vertical_ft"] > worst_ft + 100.0
    assert row["lon_deg"] == pytest.approx(
        9.9 + 0.3 * (row["t_worst"] - START).total_seconds() / 600.0, abs=1e-6
    )
    assert row["altitude_ft"] == pytest.approx(10_000.0)
    assert (
        f"; worst at {row['t_worst']:%Y-%m-%d %H:%M:%S}, {row['horizontal_m_at_worst']:.0f} m and {worst_ft:.0f} ft: "
        f"{row['retained']:.2f} of the minima left"
    ) in row["sentence"]
    begin = int((row["t_in"] - START).total_seconds() // 10)
    assert (row["source_row_first"], row["source_row_first_b"]) == (begin, 61 + begin)
    assert (row["source_row_last"], row["source_row_last_b"]) == (60, 121)
    assert len(sentences["Evidence"]) == 2
    assert "They are those of the second aircraft." in sentences["Evidence"][1]
    assert "Also recorded" not in sentences


@pytest.mark.parametrize("way", ["out", "home"])
def test_a_depth_cut_at_the_reach_is_told_as_the_least(way: str) -> None:
    """Who flies on beyond the reach, or comes from there, was at least so far past the line: nobody looks how far."""
    ends = (9.9, 10.2) if way == "out" else (10.2, 9.9)
    text = (
        "wideberth: 1\nname: test\nplaces: {line: {line: [[10.05, 44.8], [10.05, 45.2]]}}\n"
        "rules: [{id: side, party: all, keeps: {side: west, of: line, reach: REACH}}]\n"
    )
    incidents = [
        wb.judge(wb.read(straight(*ends), keep_all=True), wb.Agreement.parse(text.replace("REACH", reach)))
        for reach in ("5 km", "100 km")
    ]
    (cut,), (whole,) = map(list, incidents)
    (told,) = incidents[0].records()

    assert (cut["left"] if way == "out" else cut["entered"]) == "reach"
    assert cut["at_reach"] is True
    assert cut["magnitude"] == pytest.approx(5000.0, abs=SAME_M)
    assert (cut["magnitude_low"] < 5000.0, cut["magnitude_high"]) == (True, None)
    assert "east of line by at least 5 km from" in cut["sentence"]
    (how_much,) = [
        sentences for about, sentences in finding.explain(told, finding.Terms()) if about == "How much"
    ]
    assert how_much[0].startswith("greatest depth past the line: at least 5,000.0 m")
    assert "Also recorded" not in dict(finding.explain(told, finding.Terms()))
    assert whole["at_reach"] is False
    assert whole["magnitude"] > 11_000.0
    assert "±" in whole["sentence"]


def test_a_reach_that_is_not_written_is_told() -> None:
    """A hundred kilometres, and that this is because nothing else is said."""
    terms = wb.Agreement.parse(
        "wideberth: 1\nname: test\nplaces: {line: {line: [[10.05, 44.8], [10.05, 45.2]]}}\n"
        "rules: [{id: a, party: all, keeps: {side: west, of: line}},"
        " {id: b, party: all, keeps: {side: west, of: line, reach: 100 km}}]\n"
    )

    assert [explain.sentence(rule) for rule in terms.rules] == [
        "Everyone keeps west of line, within 100 km of it (the reach where a rule says none).",
        "Everyone keeps west of line, within 100 km of it.",
    ]


def test_a_party_that_cannot_be_told_is_unknown_and_both_are_named() -> None:
    """An address of one, a callsign of the other."""
    terms = wb.Agreement.parse(
        """
wideberth: 1
name: test
parties:
  one: {aircraft: [{icao24: 100000-1fffff}]}
  two: {aircraft: [{callsign: "^TWO"}]}
places: {line: {line: [[10.0, 44.8], [10.05, 45.0], [9.98, 45.15]]}}
rules: [{id: side, party: one, keeps: {side: west, of: line}}]
"""
    )
    (row,) = judged(straight(9.9, 10.2).with_columns(callsign=pl.lit("TWO7")), terms)

    assert (row["verdict"], row["because"], row["party"]) == ("unknown", "party", "one / two")


def test_times_outside_validity_are_not_judged() -> None:
    """What is past the line only before the agreement holds is no finding."""
    terms = wb.Agreement.parse(
        """
wideberth: 1
name: test
valid: 2026-03-02/2026-03-03
places: {line: {line: [[10.0, 44.8], [10.05, 45.0], [9.98, 45.15]]}}
rules: [{id: side, party: all, keeps: {side: west, of: line}}]
"""
    )
    incidents = wb.judge(wb.read(straight(9.9, 10.2), keep_all=True), terms)

    assert len(incidents.findings()) == 0
    assert incidents.judged[0].flights == 0


@pytest.mark.parametrize("keeps", ["side: west, of: line", "out_of: east"], ids=["excursion", "penetration"])
def test_a_schedule_cuts_what_it_ends_in(keeps: str) -> None:
    """A rule that pauses for a minute: two incidents, each as deep as was reached while it held."""
    terms = wb.Agreement.parse(
        f"""
wideberth: 1
name: test
places:
  line: {{line: [[10.0, 44.8], [10.0, 45.2]]}}
  east: {{area: [[10.0, 44.8], [11.0, 44.8], [11.0, 45.2], [10.0, 45.2]]}}
rules:
  - id: zone
    party: all
    keeps: {{{keeps}}}
    during: [2026-03-01T12:02:00Z/2026-03-01T12:05:00Z, 2026-03-01T12:06:00Z/2026-03-01T12:08:30Z]
"""
    )
    one, other = judged(straight(9.9, 10.2), terms)  # over the line after 3 min 20 s

    assert [one["entered"], one["left"], other["entered"], other["left"]] == [
        "edge" if "out_of" in keeps else "line",
        "schedule",
        "schedule",
        "schedule",
    ]
    assert one["t_out"] == one["t_worst"] == START + timedelta(minutes=5)
    assert [other["t_in"], other["t_out"]] == [START + timedelta(minutes=6), START + timedelta(minutes=8.5)]
    assert other["t_worst"] == other["t_out"]
    assert one["magnitude"] == pytest.approx(3942.0, abs=10.0)  # 0.05° of longitude at 45°
    assert other["broken_s"] == 150.0
    assert other["out_lon_deg"] == pytest.approx(10.155, abs=1e-6)


def test_what_was_past_the_buffer_only_before_the_rule_held_is_no_finding() -> None:
    """Out to 15 km and back; the rule begins to hold on the way back, 5 km past the line, within a buffer of 10 km."""
    out, back = straight(9.9, 10.24), straight(10.24, 9.9).with_columns(pl.col("t") + pl.duration(minutes=11))
    text = """
wideberth: 1
name: test
places: {{line: {{line: [[10.0, 44.8], [10.05, 45.0], [9.98, 45.15]]}}}}
rules: [{{id: side, party: all, keeps: {{side: west, of: line, buffer: 10 km}}, during: {during}}}]
"""
    whole, late = (
        wb.judge(
            wb.read(pl.concat([out, back]), keep_all=True), wb.Agreement.parse(text.format(during=during))
        )
        for during in ("2026-03-01T00:00Z/2026-03-02T00:00Z", "2026-03-01T12:15:30Z/2026-03-02T00:00Z")
    )

    assert whole["verdict"].to_pylist() == ["broken"]
    assert late["verdict"].to_pylist() == ["inside_buffer"]
    assert late["magnitude"].to_pylist()[0] < 10_000.0


def test_the_ledger_gets_a_pledges_ratio_to_three_digits() -> None:
    """Metres are rounded to 0.1; a ratio would be lost by that."""
    table = pl.concat(
        [
            straight(9.9, 9.95).with_columns(pl.col("t") + pl.duration(days=day))
            for day in (0, 0, 1, 2, 3, 4, 5)
        ]
    )
    terms = wb.Agreement.parse(
        """
wideberth: 1
name: test
parties: {one: {aircraft: [{icao24: 100000-1fffff}]}}
rules: [{id: fewer, party: one, pledges: {hours: falls, by: 10 %, after: 2026-03-04}}]
"""
    )
    shorter = table.filter((pl.col("t").dt.day() != 5) | (pl.col("t").dt.minute() < 7))
    incidents = wb.judge(wb.read(shorter), terms)
    (record,) = incidents.records()
    (row,) = incidents

    assert record["magnitude"] == round(row["magnitude"], 3) != round(row["magnitude"], 1)


@pytest.mark.parametrize(
    ("place", "keeps", "expected"),
    [
        ("{point: [10.05, 45.0], radius: 3 km}", "out_of: zone", [("edge", "edge")]),
        ("{point: [10.05, 45.0], radius: 3 km, floor: FL110}", "out_of: zone", []),
        ("{point: [10.05, 45.0], radius: 3 km}", "out_of: zone, below: 9000 ft", []),
        (
            "{area: [[10.0, 44.9], [10.1, 44.9], [10.1, 45.1], [10.0, 45.1]]}",
            "out_of: zone",
            [("edge", "edge")],
        ),
        ("{corridor: [[10.0, 44.9], [10.0, 45.1]], width: 4 km}", "out_of: zone", [("edge", "edge")]),
        (
            "{area: [[10.0, 44.9], [11.0, 44.9], [11.0, 45.1], [10.0, 45.1]]}",
            "out_of: zone",
            [("edge", "heard")],
        ),
        (
            "{area: [[10.0, 44.9], [11.0, 44.9], [11.0, 45.1], [10.0, 45.1]]}",
            "inside: zone",
            [("heard", "edge")],
        ),
        ("{area: [[10.0, 45.02], [10.1, 45.02], [10.1, 45.1], [10.0, 45.1]]}", "out_of: zone", []),
        (
            "{area: [[10.0, 45.02], [10.1, 45.02], [10.1, 45.1], [10.0, 45.1]]}",
            "out_of: zone, margin: 3 km",
            [("edge", "edge")],
        ),
        ("{point: [10.05, 45.03], radius: 3 km}", "out_of: zone, margin: 1 km", [("edge", "edge")]),
    ],
)
def test_places(place: str, keeps: str, expected: list[tuple[str, str]]) -> None:
    """A flight at 10,000 ft from 9.9 to 10.2 E along 45 N, and places of each form."""
    terms = wb.Agreement.parse(
        f"""
wideberth: 1
name: test
places: {{zone: {place}}}
rules: [{{id: zone, party: all, keeps: {{{keeps}}}}}]
"""
    )
    rows = judged(straight(9.9, 10.2), terms)

    assert [(row["entered"], row["left"]) for row in rows] == expected


def test_levels_above_sea_are_moved_by_the_qnh() -> None:
    """At 1003.25 hPa a pressure altitude of 10,000 ft is 273 ft nearer to the sea."""
    text = """
wideberth: 1
name: test
atmosphere: {{qnh: {qnh}}}
places: {{zone: {{point: [10.05, 45.0], radius: 3 km}}}}
rules: [{{id: zone, party: all, keeps: {{out_of: zone, below: 9800 ft AMSL}}}}]
"""
    low, high = (
        judged(straight(9.9, 10.2), wb.Agreement.parse(text.format(qnh=q)))
        for q in ("1003.25 hPa", "1013.25 hPa")
    )

    assert len(low) == 1
    assert [(row["verdict"], row["face"]) for row in high] == [("kept", "ceiling")]
    assert low[0]["verdict"] == "broken"


def with_heights(table: pl.DataFrame, height_m: float) -> pl.DataFrame:
    """Return a flight that reports its height above the ellipsoid, too."""
    return table.with_columns(height_m=pl.lit(height_m))


@pytest.mark.parametrize(
    ("floor", "verdict"),
    [("3000 m ellipsoid", "excused"), ("3200 m ellipsoid", "broken"), ("GND", "excused")],
)
def test_a_permission_holds_in_a_place_with_levels_above_the_ellipsoid(floor: str, verdict: str) -> None:
    """They are compared with the height above the ellipsoid, 3,100 m here, not with pressure altitude."""
    terms = wb.Agreement.parse(
        f"""
wideberth: 1
name: test
places:
  zone: {{point: [10.05, 45.0], radius: 3 km}}
  lane: {{area: [[9.8, 44.9], [10.3, 44.9], [10.3, 45.1], [9.8, 45.1]], floor: {floor}}}
parties: {{one: {{aircraft: [{{icao24: 100000-1fffff}}]}}}}
rules: [{{id: zone, party: all, keeps: {{out_of: zone}}}}]
permissions: [{{id: p, party: one, excuses: [zone], within: lane}}]
"""
    )
    (row,) = judged(with_heights(straight(9.9, 10.2), 3100.0), terms)

    assert row["verdict"] == verdict


# Pledges ----------------------------------------------------------------------------------------------


def test_a_change_of_daily_counts_is_told_with_its_interval() -> None:
    """Half as many a day: 0.5, and the interval of days that are alike is a Poisson's or wider."""
    found = pledge.change(np.full(20, 100.0), np.full(20, 50.0))

    assert found is not None
    assert found.ratio == 0.5
    assert found.dispersion == 1.0
    assert found.low == pytest.approx(0.5 * np.exp(-1.96 * np.sqrt(1 / 2000 + 1 / 1000)), rel=2e-3)
    assert pledge.change(np.zeros(5), np.ones(5)) is None


def test_intervals_of_overdispersed_days_cover_the_truth() -> None:
    """Days that differ by a factor drawn anew each day: the 95 % interval holds the ratio at least 94 in 100 times."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(2000):
        days = rng.gamma(8.0, 1 / 8.0, 40)
        counts = rng.poisson(30.0 * days * np.repeat([1.0, 0.7], 20)).astype(float)
        found = pledge.change(counts[:20], counts[20:])
        held += found is not None and found.low <= 0.7 <= found.high

    assert held / 2000 >= 0.94


MISSES = [
    ("{point: [10.05, 45.03], radius: 3 km}", "out_of: zone", ("edge", 334.0, 0.0)),
    ("{point: [10.05, 45.0], radius: 3 km, ceiling: 9700 ft}", "out_of: zone", ("ceiling", 0.0, 300.0)),
    ("{point: [10.05, 45.0], radius: 3 km, floor: 10400 ft}", "out_of: zone", ("floor", 0.0, 400.0)),
    ("{point: [10.05, 45.03], radius: 3 km}", "out_of: zone, margin: 200 m", ("edge", 134.0, 0.0)),
    ("{point: [10.05, 45.03], radius: 3 km}", "out_of: zone, near: {horizontal: 200 m}", None),
    ("{point: [10.05, 45.03], radius: 3 km}", "out_of: zone, near: none", None),
    ("{point: [10.05, 45.03], radius: 3 km}", "out_of: zone, near: {vertical: 0 ft}", None),
    ("{point: [10.05, 45.0], radius: 3 km}", "out_of: zone", None),  # it was in there
]


@pytest.mark.parametrize(("place", "keeps", "expected"), MISSES)
def test_a_place_that_was_missed_is_told_by_how_much(
    place: str, keeps: str, expected: tuple[str, float, float] | None
) -> None:
    """A flight at 10,000 ft along 45 N past places beside, below and above it: kept, and no finding."""
    terms = wb.Agreement.parse(
        f"""
wideberth: 1
name: test
places: {{zone: {place}}}
rules: [{{id: zone, party: all, keeps: {{{keeps}}}}}]
"""
    )
    incidents = wb.judge(wb.read(straight(9.9, 10.2), keep_all=True), terms)
    rows = [row for row in incidents if row["verdict"] == "kept"]

    assert [row["face"] for row in rows] == ([expected[0]] if expected else [])
    if expected:
        (row,) = rows
        assert row["magnitude"] == pytest.approx(expected[1], abs=2.0)
        assert row["vertical_ft"] == pytest.approx(expected[2], abs=0.02)
        assert row["lon_deg"] == pytest.approx(10.05, abs=0.04 if expected[1] == 0.0 else 1e-3)
        assert row["t_in"] == row["t_out"] == row["t_worst"]
        assert row["sentence"].startswith("passed ")
        assert len(incidents.findings()) == 0
        assert incidents.judged[0].verdicts == {"kept": 1}


def test_of_several_passes_the_nearest_is_told_and_only_while_the_rule_holds() -> None:
    """Two passes of one flight, the nearer one outside the hours of the second rule."""
    near = straight(9.9, 10.2, lat=45.002)
    far = straight(10.2, 9.9).with_columns(pl.col("t") + pl.duration(minutes=12))
    terms = wb.Agreement.parse(
        """
wideberth: 1
name: test
places: {zone: {point: [10.05, 45.03], radius: 2800 m}}
rules:
  - {id: always, party: all, keeps: {out_of: zone}}
  - {id: late, party: all, keeps: {out_of: zone}, during: 2026-03-01T12:11Z/2026-03-02T00:00Z}
"""
    )
    rows = {
        row["rule"]: row["magnitude"]
        for row in wb.judge(wb.read(pl.concat([near, far]), keep_all=True), terms)
    }

    assert set(rows) == {"always", "late"}
    assert rows["late"] - rows["always"] == pytest.approx(0.002 * 111_140, abs=2.0)
