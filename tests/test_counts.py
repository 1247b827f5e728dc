"""Counts per day, rule and stretch, and the rates made of them, are those of the incidents."""

from __future__ import annotations

import csv
import itertools
import json
import pickle
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyproj
import pytest
from typer.testing import CliRunner

import wideberth as wb
from wideberth import columns
from wideberth.cli.app import app
from wideberth.errors import NothingJudgedError
from wideberth.judge import daily
from wideberth.judge.stretches import Along
from wideberth.report import finding
from wideberth.simulate import euphrates

if TYPE_CHECKING:
    from pathlib import Path

WGS84 = pyproj.Geod(ellps="WGS84")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SAME_M = 1.0  # a chord of 2 km is half a millimetre shorter than its arc; 36 of them, and two definitions of straight
WIDEST = 100  # columns of a terminal


@cache
def month() -> wb.Incidents:
    """The demo's month, judged."""
    return wb.judge(wb.read(euphrates.tracks()), wb.Agreement.parse(euphrates.agreement_text()))


def crossings(*starts: datetime) -> pl.DataFrame:
    """Return flights from 9.9 to 10.2 E along 45 N, ten minutes each; the line is at 10.05."""
    parts = [
        pl.DataFrame(
            {
                "icao24": ["100001"] * 61,
                "t": [start + timedelta(seconds=10 * i) for i in range(61)],
                "lat_deg": [45.0] * 61,
                "lon_deg": np.linspace(9.9, 10.2, 61),
                "altitude_ft": [10_000.0] * 61,
            }
        )
        for start in starts
    ]
    return pl.concat(parts)


def judged(tracks: pl.DataFrame, *, head: str = "", keeps: str = "", rule: str = "") -> wb.Incidents:
    terms = f"""
wideberth: 1
name: test
{head}
places: {{line: {{line: [[10.0, 44.8], [10.05, 45.0], [9.98, 45.15]]}}}}
rules: [{{id: side, party: all, keeps: {{side: west, of: line{keeps}}}{rule}}}]
"""
    return wb.judge(wb.read(tracks, keep_all=True), wb.Agreement.parse(terms))


def of_party(rows: Any, rule: str, party: str) -> list[dict[str, Any]]:
    return [row for row in rows if (row["rule"], row["party"]) == (rule, party)]


# Rates ----------------------------------------------------------------------------------------------


@pytest.mark.compiled
def test_a_rate_is_the_count_over_what_was_recorded() -> None:
    """Counts are those of the daily table; days, flights and hours divide; the interval is that of the daily counts."""
    incidents = month()
    days = [row for row in incidents.days if row["party"] == "russia"]
    for counted in ("excursions", "crossings"):
        (row,) = [each for each in of_party(incidents.rates, "west", "russia") if each["counted"] == counted]
        daily_counts = [each[counted] for each in of_party(incidents.rule_days, "west", "russia")]
        shares = np.array([each["recorded"] for each in of_party(incidents.rule_days, "west", "russia")])
        dispersion = daily.rate_dispersion(np.array(daily_counts, float), shares)
        low, high = daily.interval(row["count"], dispersion)

        assert daily_counts == [each[counted] for each in days]
        assert row["count"] == sum(daily_counts)
        assert row["flights"] == sum(each["flights"] for each in days)
        assert row["hours"] == pytest.approx(sum(each["hours"] for each in days))
        assert row["per_flight"] == row["count"] / row["flights"]
        assert row["per_100_h"] == pytest.approx(100 * row["count"] / row["hours"])
        assert row["days"] == pytest.approx(shares.sum())
        assert (row["per_day_low"], row["per_day_high"]) == pytest.approx(
            (low / row["days"], high / row["days"])
        )
        assert row["per_day_low"] < row["per_day"] < row["per_day_high"]


@pytest.mark.compiled
def test_every_rule_but_a_pledge_has_its_rates() -> None:
    """A party's where one is bound, every party's where all are, one of both for encounters; columns are described."""
    told = [(row["rule"], row["party"], row["counted"]) for row in month().rates]

    assert told[:5] == [
        ("west", "russia", "excursions"),
        ("west", "russia", "crossings"),
        ("east", "coalition", "excursions"),
        ("east", "coalition", "crossings"),
        ("apart", "all", "encounters"),
    ]
    assert [party for rule, party, _ in told if rule == "spare"] == ["coalition", "russia", "all"]
    assert not [rule for rule, _, _ in told if rule == "drawdown"]
    for rows, described in (
        (month().rates, columns.RATE_COLUMNS),
        (month().stretches, columns.STRETCH_COLUMNS),
        (month().rule_days, columns.RULE_DAY_COLUMNS),
    ):
        assert all(set(row) == set(described) for row in rows)
    assert all(set(row) <= set(columns.DAY_COLUMNS) for row in month().days)


@pytest.mark.parametrize(
    ("name", "described"),
    [
        ("rates", columns.RATE_COLUMNS),
        ("stretches", columns.STRETCH_COLUMNS),
        ("days", columns.DAY_COLUMNS),
        ("rule_days", columns.RULE_DAY_COLUMNS),
    ],
)
def test_counts_are_rows_and_tables(name: str, described: dict[str, columns.Column]) -> None:
    """They stay dicts to index and to walk, and become a table of the described columns; none at all does, too."""
    rows = getattr(month(), name)
    nothing = getattr(judged(crossings(MONDAY).clear()), name)

    assert isinstance(rows[0], dict)
    assert rows.to_arrow().schema.equals(columns.schema(described))
    assert rows.to_polars().height == len(rows.to_pandas()) == len(rows) == len(list(rows))
    assert "<table>" in rows._repr_html_()
    assert pickle.loads(pickle.dumps(rows)).to_arrow().equals(rows.to_arrow())
    assert nothing.to_arrow().schema.equals(columns.schema(described))


def test_days_count_by_what_was_recorded_of_them() -> None:
    """From noon to noon, three days later: two halves and two whole days; one of them is silent."""
    noons = [MONDAY + timedelta(days=day, hours=12) for day in (0, 1, 3)]
    *_, row = judged(crossings(*noons)).rates

    assert (row["counted"], row["count"], row["days_silent"]) == ("crossings", 3, 1)
    assert row["days"] == pytest.approx(3.0 + 10 / 1440)
    assert row["per_day"] == pytest.approx(3 / row["days"])


def test_a_rule_with_hours_counts_its_own_time() -> None:
    """Held from 8 to 16 on Mondays and Tuesdays: two days, all of them recorded; others' crossings do not count."""
    tracks = crossings(
        *(MONDAY + timedelta(days=day, hours=hour) for day in (0, 1, 2) for hour in (7, 9, 17))
    )
    *_, row = judged(tracks, rule=', hours: "Mon-Tue 08:00-16:00"').rates

    assert row["count"] == row["flights"] == 2
    assert row["days"] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("places", "keeps", "rule"),
    [
        ("line: {line: [[10.05, 44.8], [10.05, 45.2]], HOURS}", "side: west, of: line", ""),
        ("box: {area: [[10.05, 44.8], [10.3, 44.8], [10.3, 45.2], [10.05, 45.2]], HOURS}", "out_of: box", ""),
        ("box: {area: [[10.05, 44.8], [10.3, 44.8], [10.3, 45.2], [10.05, 45.2]]}", "out_of: box", ", HOURS"),
        ("box: {area: [[9.8, 44.8], [10.05, 44.8], [10.05, 45.2], [9.8, 45.2]], HOURS}", "inside: box", ""),
        ("box: {area: [[9.8, 44.8], [10.05, 44.8], [10.05, 45.2], [9.8, 45.2]]}", "inside: box", ", HOURS"),
    ],
    ids=["line", "out of a place", "out of, by the rule", "inside a place", "inside, by the rule"],
)
def test_hours_of_a_place_count_as_those_of_the_rule_do(places: str, keeps: str, rule: str) -> None:
    """Of five flights of ten minutes two are heard while it holds, two outside its hours, and one from minute four on.

    Each crosses after half of its time.
    """
    hours = 'hours: "Mon-Tue 08:04-16:00"'
    text = (
        f"wideberth: 1\nname: test\nplaces: {{{places}}}\n"
        f"rules: [{{id: held, party: all, keeps: {{{keeps}}}{rule}}}]\n"
    ).replace("HOURS", hours)
    starts = [MONDAY + timedelta(hours=hour) for hour in (7, 8, 12)]
    starts += [MONDAY + timedelta(days=1, hours=9), MONDAY + timedelta(days=2, hours=9)]
    found = wb.judge(wb.read(crossings(*starts), keep_all=True), wb.Agreement.parse(text))
    rate, judged_on = found.rates[0], found.judged[0]

    assert rate["count"] == rate["flights"] == judged_on.flights == 3
    assert rate["hours"] == pytest.approx(2.6 / 6.0)
    assert judged_on.hours == pytest.approx(2.6 / 6.0)
    assert rate["days"] == pytest.approx(2.0)
    assert sum(each["hours"] for each in found.rule_days) == pytest.approx(rate["hours"])
    assert [each["day"] for each in found.rule_days] == ["2026-03-02", "2026-03-03"]


def test_times_outside_validity_are_no_days() -> None:
    """Recorded for ten days, of which the agreement holds on three."""
    tracks = crossings(*(MONDAY + timedelta(days=day) for day in range(10)))
    incidents = judged(tracks, head="valid: 2026-03-04/2026-03-07")
    *_, row = incidents.rates

    assert (row["count"], row["days"]) == (3, pytest.approx(3.0))
    assert [each["day"] for each in incidents.rule_days] == ["2026-03-04", "2026-03-05", "2026-03-06"]


def test_minutes_have_no_rate_per_day() -> None:
    """Of one day there is no interval, of less than one no rate per day; per flight and hour there is a rate."""
    *_, row = judged(crossings(MONDAY)).rates

    assert row["per_day"] is row["per_day_low"] is row["per_flight_low"] is row["dispersion"] is None
    assert row["per_flight"] == 1.0
    assert row["per_100_h"] == pytest.approx(600.0)


def test_no_finding_is_a_rate_of_nought_with_an_upper_end() -> None:
    """Ten days without a crossing: at most 3.69 in all."""
    tracks = crossings(*(MONDAY + timedelta(days=day) for day in range(10))).with_columns(lon_deg=pl.lit(9.9))
    *_, row = judged(tracks).rates

    assert (row["count"], row["per_day"], row["per_day_low"]) == (0, 0.0, 0.0)
    assert row["per_day_high"] == pytest.approx(3.69 / row["days"], abs=1e-3)


def test_nothing_recorded_has_no_rates() -> None:
    """Nothing is counted, and nothing fails."""
    incidents = judged(crossings(MONDAY).clear())

    assert incidents.rates == incidents.stretches == incidents.rule_days == ()


# Days by rule ---------------------------------------------------------------------------------------


@pytest.mark.compiled
def test_days_by_rule_add_up_to_the_incidents() -> None:
    """Verdicts, findings and crossings of a rule, whoever's; flights are kept or have a finding."""
    incidents = month()
    for rule in ("apart", "spare", "spare-school"):
        rows = of_party(incidents.rule_days, rule, "all")
        mine = [row for row in incidents.findings() if row["rule"] == rule]
        verdicts = Counter(row["verdict"] for row in mine)
        for name in ("broken", "excused", "unknown", "inside_buffer"):
            assert sum(row[name] for row in rows) == verdicts[name], (rule, name)
        assert sum(row["findings"] for row in rows) == len(mine)
        (judged_on,) = [each for each in incidents.judged if each.rule == rule]
        assert sum(row["flights"] for row in rows) == judged_on.flights
        assert sum(row["hours"] for row in rows) == pytest.approx(judged_on.hours)
        found = {
            (row[name], row["t_in"].date()) for row in mine for name in ("icao24_a", "icao24_b") if row[name]
        }
        assert sum(row["flights"] - row["kept"] for row in rows) <= len(found)
        assert all(row["kept"] < row["flights"] for row in rows if row["findings"])


def test_a_flight_past_the_line_is_not_kept() -> None:
    """Of two flights on one day, one crosses."""
    home = crossings(MONDAY + timedelta(hours=5)).with_columns(lon_deg=pl.lit(9.9))
    (row,) = judged(pl.concat([crossings(MONDAY), home])).rule_days

    assert (row["flights"], row["kept"], row["findings"], row["aircraft"]) == (2, 1, 1, 1)


# Stretches -------------------------------------------------------------------------------------------


@pytest.mark.compiled
def test_crossings_count_where_the_line_was_crossed() -> None:
    """By the vertex before and a geodesic from there; every crossing on one stretch, and all that has a place."""
    line = [(40.450, 35.020), (40.560, 34.920), (40.830, 34.690), (40.901, 34.501)]
    legs_m = [WGS84.inv(*a, *b)[2] for a, b in itertools.pairwise(line)]
    starts_m = np.concatenate([[0.0], np.cumsum(legs_m)])
    incidents = month()
    for rule in ("west", "east"):
        stretches = [row for row in incidents.stretches if row["rule"] == rule]
        known: Counter[int] = Counter()
        for row in incidents:
            if row["rule"] == rule and row["entered"] == "line":
                vertex = max(k for k in range(3) if line[k][0] <= row["in_lon_deg"])
                along_m = starts_m[vertex] + WGS84.inv(*line[vertex], row["in_lon_deg"], row["in_lat_deg"])[2]
                known[next(each["stretch"] for each in stretches if along_m < each["to_km"] * 1000)] += 1
        assert {row["stretch"]: row["crossings"] for row in stretches if row["crossings"]} == known
        assert len(stretches) == 8
        assert stretches[-1]["to_km"] * 1000 == pytest.approx(starts_m[-1], abs=SAME_M)
        placed = [row for row in incidents if row["rule"] == rule and row["in_lon_deg"] is not None]
        for name in ("broken", "excused", "unknown", "inside_buffer"):
            assert sum(row[name] for row in stretches) == sum(row["verdict"] == name for row in placed)
        deepest = max(row["magnitude"] for row in placed)
        assert max(row["greatest_depth_m"] or 0.0 for row in stretches) == deepest


@pytest.mark.parametrize(
    ("keeps", "lengths_km"), [("", 8.1), (", stretches: 5 km", 5.0), (", stretches: 100 km", 40.0)]
)
def test_stretches_are_as_long_as_the_rule_says(keeps: str, lengths_km: float) -> None:
    """Equal, and no longer; by itself a line of few vertices is cut into no more than 10 km each."""
    rows = judged(crossings(MONDAY), keeps=keeps).stretches
    lengths = {round(row["to_km"] - row["from_km"], 6) for row in rows}

    assert len(lengths) == 1
    assert lengths.pop() == pytest.approx(lengths_km, abs=0.6)
    assert sum(row["crossings"] for row in rows) == 1
    (here,) = [row for row in rows if row["crossings"]]
    assert here["from_lat_deg"] <= 45.0 <= here["to_lat_deg"]
    assert (rows[0]["from_lon_deg"], rows[0]["from_lat_deg"]) == (10.0, 44.8)


def test_a_line_of_near_vertices_is_told_by_them() -> None:
    """Five vertices 11 km apart: four stretches that end where they stand."""
    terms = """
wideberth: 1
name: test
places: {line: {line: [[10.05, 44.8], [10.06, 44.9], [10.05, 45.0], [10.06, 45.1], [10.05, 45.2]]}}
rules: [{id: side, party: all, keeps: {side: west, of: line}}]
"""
    rows = wb.judge(wb.read(crossings(MONDAY), keep_all=True), wb.Agreement.parse(terms)).stretches

    assert [row["to_lat_deg"] for row in rows] == pytest.approx([44.9, 45.0, 45.1, 45.2])


def test_a_place_off_the_line_counts_at_its_nearest_point() -> None:
    """Across the antimeridian, too; beyond an end, at the end; an unknown one nowhere."""
    from wideberth.agreement.shapes import Shape

    along = Along(Shape("line", (((179.9, 0.0), (-179.9, 0.0)),)))
    found = along.at_m(np.array([0.1, 0.0, 0.1, np.nan]), np.array([-179.95, 179.95, -170.0, 0.0]))
    length_m = WGS84.inv(179.9, 0.0, -179.9, 0.0)[2]

    assert found[:3] == pytest.approx([0.75 * length_m, 0.25 * length_m, length_m], abs=SAME_M)
    assert np.isnan(found[3])
    assert along.place(0.75 * length_m) == pytest.approx((-179.95, 0.0), abs=1e-5)


# What is printed and written ---------------------------------------------------------------------------


def test_rates_are_printed_and_all_counts_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that a terminal of a hundred columns holds, and files with the columns that are described."""
    monkeypatch.chdir(tmp_path)
    crossings(*(MONDAY + timedelta(days=day) for day in range(10))).write_parquet("tracks.parquet")
    (tmp_path / "a.yaml").write_text(
        "wideberth: 1\nname: test\nplaces: {line: {line: [[10.0, 44.8], [10.05, 45.0], [9.98, 45.15]]}}\n"
        "rules: [{id: side, party: all, keeps: {side: west, of: line}}]\n",
        encoding="utf-8",
    )
    done = CliRunner().invoke(
        app, ["judge", "tracks.parquet", "-a", "a.yaml", "-o", "out"], catch_exceptions=False
    )
    printed = done.output.splitlines()
    at = next(n for n, line in enumerate(printed) if line.startswith("How often"))

    assert done.exit_code == 0
    assert max(len(line.rstrip()) for line in printed[at : at + 6]) <= WIDEST
    assert re.search(r"side +all +excursions +10 +1\.\d\d \(0\.\d\d to \d\.\d\d\)", done.output)
    assert (
        "Truly past the limit, by errors of position and altitude alone (95 %): side 10 (10 to 10)."
        in done.output
    )
    for name, described, rows in (
        ("rates.csv", columns.RATE_COLUMNS, 2),
        ("stretches.csv", columns.STRETCH_COLUMNS, 5),
        ("days.csv", columns.DAY_COLUMNS, 10),
        ("rule-days.csv", columns.RULE_DAY_COLUMNS, 10),
    ):
        with (tmp_path / "out" / name).open(encoding="utf-8") as file:
            written = list(csv.DictReader(file))
        assert list(written[0]) == list(described)
        assert len(written) == rows, name


def test_a_rule_that_binds_nobody_who_was_heard_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt callsign would look like a rule that is kept."""
    monkeypatch.chdir(tmp_path)
    crossings(MONDAY).write_parquet("tracks.parquet")
    text = (
        "wideberth: 1\nname: test\n"
        "parties: {one: {aircraft: [{icao24: 100001}]}, other: {aircraft: [{icao24: 100002}]}}\n"
        "places: {line: {line: [[10.0, 44.8], [10.05, 45.0], [9.98, 45.15]]}}\n"
        "rules:\n  - {id: heard, party: one, keeps: {side: west, of: line}}\n"
        "  - {id: unheard, party: other, keeps: {side: west, of: line}}\n"
    )
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")

    done = CliRunner().invoke(app, ["judge", "tracks.parquet", "-a", "a.yaml"], catch_exceptions=False)

    assert "Nobody was heard whom these rules bind: unheard." in done.output


def test_a_folder_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the last file cannot be replaced the others are as they were, and the message is true."""
    monkeypatch.chdir(tmp_path)
    crossings(MONDAY).write_parquet("tracks.parquet")
    text = (
        "wideberth: 1\nname: test\nplaces: {line: {line: [[10.05, 44.8], [10.05, 45.2]]}}\n"
        "rules: [{id: side, party: all, keeps: {side: west, of: line}}]\n"
    )
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "out" / "rule-days.csv").mkdir(parents=True)

    done = CliRunner().invoke(app, ["judge", "tracks.parquet", "-a", "a.yaml", "-o", "out"])

    assert str(done.exception).endswith("rule-days.csv': it is not a regular file. Nothing was written.")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["rule-days.csv"]


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (
            "valid: 2017-11-01/2018-01-01",
            "Nothing was judged: the recording spans 2026-03-02 00:00:00 to 2026-03-02 00:10:00 UTC, and the agreement "
            "holds 2017-11-01 00:00:00 to 2018-01-01 00:00:00 UTC. Check 'valid' in the agreement, and the times of "
            "the tracks.",
        ),
        (
            "hours",
            "These rules held at no time of the recording: side. Check 'during' and 'hours' of the rules and of their "
            "places, and 'valid'.",
        ),
    ],
)
def test_a_recording_outside_the_time_of_the_rules_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, told: str
) -> None:
    """Not that addresses were misspelt; and with --fail-on it does not pass for kept."""
    monkeypatch.chdir(tmp_path)
    crossings(MONDAY).write_parquet("tracks.parquet")
    hours = ', hours: "Tue 08:00-16:00"' if when == "hours" else ""
    text = (
        f"wideberth: 1\nname: test\n{when if not hours else ''}\n"
        "places: {line: {line: [[10.05, 44.8], [10.05, 45.2]]}}\n"
        f"rules: [{{id: side, party: all, keeps: {{side: west, of: line}}{hours}}}]\n"
    )
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    command = ["judge", "tracks.parquet", "-a", "a.yaml", "-o", "out"]

    done = CliRunner().invoke(app, command, catch_exceptions=False)
    strict = CliRunner().invoke(app, [*command, "--fail-on", "broken"])
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))

    assert done.exit_code == 0
    assert told in done.stdout
    assert "Nobody was heard" not in done.stdout
    assert summary["notices"] == [told]
    assert summary["recorded"] == ["2026-03-02T00:00:00Z", "2026-03-02T00:10:00Z"]
    assert (summary["rules"][0]["is_held"], summary["rules"][0]["unheard"]) == (False, [])
    assert isinstance(strict.exception, NothingJudgedError)
    assert told in str(strict.exception)


@pytest.mark.parametrize(
    ("rows", "told"),
    [("", "no rows"), ("x,2026-03-02T00:00:00Z,45,10,9000\n", "of 1 rows none can be used")],
    ids=["a head alone", "a row without an address"],
)
def test_nothing_to_judge_does_not_look_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str, told: str
) -> None:
    """An empty recording is refused, whatever is asked for, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "h.csv").write_text(f"icao24,t,lat_deg,lon_deg,altitude_ft\n{rows}", encoding="utf-8")
    (tmp_path / "a.yaml").write_text(
        "wideberth: 1\nname: test\nplaces: {line: {line: [[10.05, 44.8], [10.05, 45.2]]}}\n"
        "rules: [{id: side, party: all, keeps: {side: west, of: line}}]\n",
        encoding="utf-8",
    )

    done = CliRunner().invoke(app, ["judge", "h.csv", "-a", "a.yaml", "-o", "out", "--fail-on", "broken"])

    assert isinstance(done.exception, NothingJudgedError)
    assert str(done.exception).startswith(f"h.csv: {told}, so that nothing was judged or written.")
    assert not (tmp_path / "out").exists()


def test_a_silent_party_of_two_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one party silent nothing could break a rule to keep apart: it would look kept, by the other's flights."""
    monkeypatch.chdir(tmp_path)
    crossings(MONDAY).write_parquet("tracks.parquet")
    text = (
        "wideberth: 1\nname: test\n"
        "parties: {one: {aircraft: [{icao24: 100001}]}, other: {aircraft: [{icao24: 100002}]}}\n"
        "rules: [{id: apart, between: [one, other], keeps: {apart: {horizontal: 5 NM, vertical: 1000 ft}}}]\n"
    )
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")

    printed, as_json = (
        CliRunner()
        .invoke(app, ["judge", "tracks.parquet", "-a", "a.yaml", *more], catch_exceptions=False)
        .stdout
        for more in (["-o", "out"], ["--json"])
    )
    (tmp_path / "c.yaml").write_text(text.replace("icao24: 100001", "icao24: 100003"))
    neither = CliRunner().invoke(app, ["judge", "tracks.parquet", "-a", "c.yaml"], catch_exceptions=False)

    told = "apart: nobody of other was heard, so nothing could break it."
    assert told in printed
    for summary in (json.loads(as_json), json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))):
        (rule,) = summary["rules"]
        assert rule["unheard"] == ["other"]
        assert summary["notices"][0].startswith(told)
    assert "Nobody was heard whom these rules bind: apart." in neither.stdout


def test_a_time_outside_is_cut_by_the_hours() -> None:
    """Outside from minute five on, and to the end; the rule holds from minute six to eight."""
    hours = "during: 2026-03-02T00:06:00Z/2026-03-02T00:08:00Z"
    terms = wb.Agreement.parse(
        "wideberth: 1\nname: test\nplaces: {box: {area: [[9.8, 44.8], [10.05, 44.8], [10.05, 45.2], [9.8, 45.2]]}}\n"
        f"rules: [{{id: in, party: all, keeps: {{inside: box}}, {hours}}}]\n"
    )
    (row,) = wb.judge(wb.read(crossings(MONDAY), keep_all=True), terms)

    assert (row["entered"], row["left"], row["magnitude"]) == ("schedule", "schedule", pytest.approx(120.0))


def test_times_outside_a_place_are_counted() -> None:
    """Each with how long it was, for how far is not told."""
    found = wb.judge(
        wb.read(crossings(*(MONDAY + timedelta(days=day) for day in range(3))), keep_all=True),
        wb.Agreement.parse(
            "wideberth: 1\nname: test\nplaces: {near: {point: [10.0, 45.0], radius: 5 km}}\n"
            "rules: [{id: in, party: all, keeps: {inside: near}}]\n"
        ),
    )

    (rate,) = found.rates
    assert rate["count"] == len(found.findings()) == 6
    for row in found:
        seconds = (row["t_out"] - row["t_in"]).total_seconds()
        assert (row["magnitude"], row["magnitude_unit"]) == (pytest.approx(seconds, abs=1e-6), "s")
        assert row["sentence"].startswith(f"recorded outside near for {seconds:.0f} s, from 2026-03-")
    (told, *_) = found.records()
    (how_much,) = [each for about, each in finding.explain(told, finding.Terms()) if about == "How much"]
    assert how_much[0].startswith("time outside: ")
    assert how_much[0].endswith(" s.")
