"""Trust is shown: the terminal counts it, --trust leaves out, explain tells the story of one encounter or incident."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import wideberth

WIDEBERTH = Path(sys.executable).parent / "wideberth"
EVERYONE = """
wideberth: 1
name: everyone
places:
  line: {line: [[8.0, 46.0], [8.0, 48.0]]}
parties: {all-of-them: {aircraft: [{callsign: "^X"}]}}
rules:
  - {id: apart, between: all, keeps: {apart: {horizontal: 500 m, vertical: 300 ft}}}
  - {id: west, party: all-of-them, keeps: {side: west, of: line, buffer: 500 m, reach: 60 km}}
"""


def flight(address: str, lat_deg: Any, lon_deg: Any, feet: Any, callsign: str = "X1") -> pl.DataFrame:
    """Return samples every 5 s of one aircraft."""
    n = len(lat_deg)
    start = 1_700_000_000
    return pl.DataFrame(
        {
            "icao24": [address] * n,
            "t": [start + 5.0 * k for k in range(n)],
            "lat_deg": lat_deg,
            "lon_deg": lon_deg,
            "altitude_ft": np.broadcast_to(np.asarray(feet, float), n).copy(),
            "callsign": [callsign] * n,
        }
    ).with_columns(t=pl.from_epoch(pl.col("t").cast(pl.Int64), time_unit="s").dt.replace_time_zone("UTC"))


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a true pass, and with an aircraft that a relay repeats 40 m away."""
    steps = np.arange(120)
    east = 7.9 + steps * 5.0 * 60.0 / 76_000.0
    north = 46.9 + steps * 5.0 * 60.0 / 111_000.0
    rng = np.random.default_rng(3)
    own = flight("4b0001", np.full(120, 47.062), east, 5000.0)
    other = flight("4b0002", north, np.full(120, east[60] + 0.001), 5100.0, "X2")
    alone = flight("4b0003", np.full(120, 46.5), east, 3000.0, "X3")
    relayed = flight(
        "~2b0001", 46.5 + rng.normal(0, 40, 120) / 111_000, east + rng.normal(0, 40, 120) / 76_000, 3100.0, ""
    ).with_columns(callsign=pl.lit(None, pl.String))
    path = tmp_path_factory.mktemp("trust") / "day.parquet"
    pl.concat([own, other, alone, relayed]).write_parquet(path)
    return path


def said(*words: str, status: int = 0) -> str:
    """Return what a command prints."""
    done = subprocess.run([WIDEBERTH, *words], capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


MINIMA = ("--horizontal", "500m", "--vertical", "300ft")


def test_each_trust_is_counted_and_the_credible_come_first(recording: Path) -> None:
    """The header counts, the first line is the true pass, the aircraft seen twice is last and says why."""
    printed = said("screen", str(recording), *MINIMA)

    assert "1 credible (1 of no known context)" in printed
    assert "1 artefact" in printed
    assert printed.index("4b0002") < printed.index("~2b0001")
    assert "one-aircraft" in printed


def test_what_is_less_trusted_is_left_out_on_request(recording: Path, tmp_path: Path) -> None:
    """--trust credible shows and writes one encounter and says that another is left out."""
    target = tmp_path / "found.csv"
    printed = said("screen", str(recording), *MINIMA, "--trust", "credible", "-o", str(target))

    assert "1 less trusted are left out" in printed
    assert len(target.read_text("utf-8").splitlines()) == 2
    whole = json.loads(said("screen", str(recording), *MINIMA, "--trust", "credible", "--json"))
    assert whole["trust"] == {"credible": 1, "artefact": 1}
    assert [each["icao24_b"] for each in whole["encounters"]] == ["4b0002"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--trust", "sure"), "credible, doubtful, all"),
        (("--threshold", "company=3"), "Did you mean 'company_"),
        (("--threshold", "company_s"), "NAME=NUMBER"),
        (("--threshold", "company_s=-1"), "at least 0"),
    ],
)
def test_wrong_words_are_refused(recording: Path, words: tuple[str, ...], says: str) -> None:
    """Before any work is done, and with what would be right."""
    assert says in said("screen", str(recording), *words, status=2)


def test_a_limit_can_be_overridden(recording: Path) -> None:
    """With one aircraft never called so, both addresses count as company, and credible."""
    whole = json.loads(
        said(
            *("screen", str(recording), *MINIMA, "--json", "--threshold", "one_aircraft=1"),
            *("--threshold", "maybe_one_aircraft=1"),
        )
    )

    assert whole["trust"] == {"credible": 2}
    assert whole["context"] == {"company": 1, "none": 1}


@pytest.mark.parametrize("ending", ["parquet", "csv", "geojson"])
def test_explain_tells_the_story_of_an_encounter(recording: Path, tmp_path: Path, ending: str) -> None:
    """Who, how near, how sure, the reasons, and with the recording the real reports of both around it."""
    target = tmp_path / f"found.{ending}"
    said("screen", str(recording), *MINIMA, "-q", "-o", str(target))
    printed = said("explain", "4b0003", str(target), "--tracks", str(recording))

    assert (
        "artefact: hardly anything but an error of the recording explains it; the two fly together."
        in printed
    )
    assert "One aircraft, seen under two addresses (probability" in printed
    assert "95 times in 100" in printed
    assert "probability that a separation was below: icao-enroute 1, " in printed
    assert "~2b0001: 24 reports within 60 s" in printed or "~2b0001: 25 reports within 60 s" in printed
    assert "the closest point: between these two its way is taken as straight" in printed


def test_incidents_of_two_and_of_one_are_trusted_alike(recording: Path, tmp_path: Path) -> None:
    """An incident of two aircraft has the encounter's trust; one past a line is judged by its own reports."""
    rules = tmp_path / "everyone.yaml"
    rules.write_text(EVERYONE, encoding="utf-8")
    incidents = wideberth.judge(recording, rules)
    rows = {(row["rule"], row["icao24_a"]): row for row in incidents}

    assert rows["apart", "4b0003"]["trust"] == "artefact"
    assert rows["apart", "4b0001"]["trust"] == "credible"
    assert rows["west", "4b0001"]["trust"] == "credible"
    assert rows["west", "4b0001"]["reasons"] is None
    assert sorted(row["rank"] for row in incidents) == list(range(1, len(incidents) + 1))
    assert rows["apart", "4b0003"]["rank"] == len(incidents.findings())


def test_an_excursion_by_a_leap_is_no_credible_one(recording: Path, tmp_path: Path) -> None:
    """An aircraft of which one position leaps across the line is found, and told to have leapt."""
    rules = tmp_path / "everyone.yaml"
    rules.write_text(EVERYONE, encoding="utf-8")
    north = 46.5 + np.arange(120) * 5.0 * 60.0 / 111_000.0
    lon = np.full(120, 7.99)
    lon[60] = 8.02  # 2.3 km away for one sample
    tracks = wideberth.read(flight("4b0004", north, lon, 5000.0), keep_all=True)
    (row,) = wideberth.judge(tracks, rules).findings()

    assert row["trust"] != "credible"
    assert "leap" in row["reasons"]


@pytest.mark.parametrize(("copy", "kept"), [("~2b0001", "4b0003"), ("4b0001", "4b0001")])
def test_an_aircraft_seen_twice_is_found_credibly_once(tmp_path: Path, copy: str, kept: str) -> None:
    """Past a line under two addresses: its own counts, or the first of two; who flies 5 km beside counts as well."""
    rules = tmp_path / "everyone.yaml"
    rules.write_text(EVERYONE, encoding="utf-8")
    east = 7.9 + np.arange(120) * 5.0 * 60.0 / 76_000.0
    bend = 46.5 + 0.01 * np.sin(np.arange(120) / 20.0)
    noise = np.random.default_rng(3).normal(0, 10, (2, 120)) / 111_000
    both = [
        flight("4b0003", bend, east, 3000.0, "X3"),
        flight(copy, bend + noise[0], east + noise[1], 3000.0, "X3"),
    ]
    beside = flight("4b0005", bend + 0.05, east, 3000.0, "X5")
    told = {row["icao24_a"]: row for row in wideberth.judge(wideberth.read(pl.concat([*both, beside])), rules)
            if row["rule"] == "west"}  # fmt: skip
    (again,) = {"4b0003", copy} - {kept}

    assert told[again]["trust"] == "artefact"
    assert told[again]["reasons"] == "one-aircraft"
    assert f"{again} and {kept}, of which the same is found, are one aircraft" in told[again]["why"]
    assert [told[name]["trust"] for name in (kept, "4b0005")] == ["credible", "credible"]


def test_judge_counts_and_leaves_out(recording: Path, tmp_path: Path) -> None:
    """The summary counts findings by trust; --trust credible does not show the rest and says so."""
    rules = tmp_path / "everyone.yaml"
    rules.write_text(EVERYONE, encoding="utf-8")
    printed = said("judge", str(recording), "-a", str(rules), "--trust", "credible")

    assert "1 artefact" in printed
    assert "less trusted are not shown" in printed
    assert "~2b0001" not in printed


@pytest.mark.parametrize(("silent_s", "is_told"), [(20.0, False), (40.0, True)])
def test_a_relayed_address_met_in_a_silence_is_doubted(silent_s: float, is_told: bool) -> None:
    """Where a transponder is silent for long, a relayed target that crosses its way may be that aircraft itself."""
    steps = np.arange(120)
    east = 7.9 + steps * 5.0 * 60.0 / 76_000.0
    north = 46.9 + steps * 5.0 * 60.0 / 111_000.0
    own = flight("4b0001", np.full(120, 47.062), east, 5000.0)
    own = own.filter(pl.Series(np.abs(steps - 60) * 5.0 > silent_s / 2.0 - 2.5))
    relayed = flight("~2b0001", north, np.full(120, east[60] + 0.001), 5100.0, "X2")
    relayed = relayed.with_columns(callsign=pl.lit(None, pl.String))
    found = wideberth.screen(
        pl.concat([own, relayed]), horizontal_m=500.0, vertical_ft=300.0
    ).table.to_pylist()

    assert found
    told = [row["why"] or "" for row in found]
    assert any("relayed meanwhile" in why for why in told) == is_told, told


def test_findings_are_printed_for_a_check_by_eye(recording: Path) -> None:
    """The credible one alone: who, how near, and a line each ten seconds with how far apart both were then."""
    script = Path(__file__).parents[1] / "benchmarks" / "by_eye.py"
    words = [sys.executable, str(script), str(recording), "--horizontal", "500m", "--vertical", "300ft"]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    lines = printed.splitlines()
    rows = {line.split()[0]: line.split()[1:3] for line in lines[4:]}

    assert lines[0] == "1 of 2 findings; the first 1:"
    assert "4b0001 X1 and 4b0002 X2" in lines[2]
    assert list(rows) == [str(s) for s in range(-60, 61, 10)]
    assert float(rows["0"][0]) < 100.0 < float(rows["-10"][0]) < float(rows["-60"][0])
    assert {feet for _, feet in rows.values()} == {"100"}
