"""``wideberth explain``: one finding in plain English, the same wherever it is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from wideberth.cli import demo
from wideberth.errors import UnknownIdError, UsageError
from wideberth.ledger import Ledger
from wideberth.report.finding import Terms, explain
from wideberth.report.look_up import chosen

WIDEBERTH = Path(sys.executable).parent / "wideberth"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
AGREEMENT = """
wideberth: 1
name: test
parties:
  one: {aircraft: [{icao24: 100000-1fffff}]}
  two: {aircraft: [{icao24: 200000-2fffff}]}
places:
  line: {line: [[10.0, 44.5], [10.0, 45.5]]}
  circle: {point: [10.2, 45.0], radius: 5 km}
rules:
  - {id: side, party: one, keeps: {side: west, of: line, buffer: 500 m, reach: 40 km}, sentence: "We stay west."}
  - {id: out, party: all, keeps: {out_of: circle, below: 12000 ft}}
  - {id: apart, between: [one, two], keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}}
permissions:
  - {id: notice, party: one, excuses: [side], callsign: ONE7, during: 2026-03-01T12:00Z/2026-03-01T12:10Z}
"""
STATEMENT = ("--statement", "explained", "--party", "one", "--text", "an \x1b[31memergency")


def run(*arguments: object, status: int = 0, folder: Path | None = None) -> str:
    """Run the command; return standard output, or standard error where it must fail."""
    done = subprocess.run(
        [WIDEBERTH, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if status == 0 else done.stderr


def straight(icao24: str, callsign: str, lat_deg: float, *, gap: bool = False) -> pl.DataFrame:
    """Return a flight due east from 9.8 to 10.4 degrees within eight minutes, a sample every 10 s."""
    t_s = np.arange(0.0, 490.0, 10.0)
    if gap:
        t_s = t_s[(t_s < 250.0) | (t_s > 400.0)]
    return pl.DataFrame(
        {
            "icao24": icao24,
            "t": [START + timedelta(seconds=float(each)) for each in t_s],
            "lat_deg": lat_deg,
            "lon_deg": 9.8 + 0.6 * t_s / 480.0,
            "altitude_ft": 10_000.0,
            "callsign": callsign,
        }
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with judged tracks, a ledger of the findings with a statement and a revision, and an export of it."""
    folder = tmp_path_factory.mktemp("explain")
    pl.concat(
        [
            straight("100001", "ONE7", 45.0),
            straight("200001", "TWO1", 45.02),
            straight("100002", "", 45.2, gap=True),
        ]
    ).write_parquet(folder / "tracks.parquet")
    (folder / "agreement.yaml").write_text(AGREEMENT)
    run("judge", "tracks.parquet", "-a", "agreement.yaml", "-o", "out", "--quiet", folder=folder)
    run("ledger", "add", "out/findings.jsonl", "--quiet", folder=folder)
    run("ledger", "add", "--about", id_of(folder, "side"), *STATEMENT, folder=folder)
    changed = next(each for each in findings(folder) if each["rule"] == "side")
    (folder / "changed.jsonl").write_text(json.dumps({**changed, "magnitude": 1.5}))
    run("ledger", "add", "changed.jsonl", folder=folder)
    run("ledger", "export", "-o", "export.jsonl", folder=folder)
    return folder


def findings(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "out" / "findings.jsonl").read_text().splitlines()]


def id_of(folder: Path, rule: str, verdict: str = "") -> str:
    """Return the id of the first finding under a rule."""
    return next(
        str(each["id"]) for each in findings(folder) if each["rule"] == rule and verdict in each["verdict"]
    )


def test_everything_about_a_finding_is_said(kept: Path) -> None:
    """The rule's sentence, verdict and meaning, whose, when, where, how much, permissions, gaps, evidence."""
    shown = run("explain", id_of(kept, "side", "excused"), kept / "out")

    for words in (
        "recorded east of line by",
        "side (side): one keeps west of line, within 40 km of it",
        "In the parties' words: We stay west.",
        "excused: the limit was passed, and permissions cover every part of it.",
        "ONE7 (100001), of one.",
        "from 2026-03-01 12:02:40 to 2026-03-01 12:08:00 UTC, 5 min 20 s.",
        "At its worst it was at 45.0000° N 10.4000° E, 10,000 ft",
        "greatest depth past the line: 31,",
        "95 % interval",
        "probability that the limit was truly passed",
        "Entered through the line, at 45.0000° N 10.0000° E.",
        "Left not recorded: the aircraft was last heard there",
        "Manner: sustained",
        "notice: one (callsign ",
        "of which permissions cover",
        "Heard throughout.",
        "Rows 16 to 48 of tracks.parquet, counted from 0.",
    ):
        assert words in shown, words
    assert "Also recorded" not in shown


def test_gaps_and_pairs_are_said(kept: Path) -> None:
    """What a gap hides, and both aircraft of a pair."""
    side = run("explain", id_of(kept, "side", "broken"), kept / "out")
    pair = run("explain", id_of(kept, "apart"), kept / "out")

    assert "Not heard for 2 min 50 s of it." in side
    assert "ONE7 (100001), of one.\n  TWO1 (200001), of two." in pair
    assert "vertical distance there: 0 ft" in pair
    assert "separation retained" in pair


def test_the_same_is_told_wherever_it_is_kept(kept: Path) -> None:
    """Folder, Parquet, findings, ledger and export give the same words, given the agreement."""
    for rule in ("out", "apart"):
        name = id_of(kept, rule)
        told = [
            json.loads(run("explain", name[:8], place, "-a", "agreement.yaml", "--json", folder=kept))["told"]
            for place in (
                "out",
                "out/incidents.parquet",
                "out/findings.jsonl",
                "ledger.sqlite",
                "export.jsonl",
            )
        ]

        assert told[0]
        assert all(each == told[0] for each in told)


def test_what_is_not_known_of_the_agreement_is_said(kept: Path) -> None:
    """A ledger holds no agreement; another file than the finding was judged by is called so."""
    name = id_of(kept, "out")
    (kept / "other.yaml").write_text(AGREEMENT.replace("radius: 5 km", "radius: 6 km"))

    assert "give that with --agreement FILE" in run("explain", name, kept / "ledger.sqlite")
    assert "That is not the file given" in run("explain", name, kept / "out", "-a", kept / "other.yaml")
    assert "That is not the file given" not in run(
        "explain", name, kept / "out", "-a", kept / "agreement.yaml"
    )


@pytest.mark.parametrize("place", ["ledger.sqlite", "export.jsonl"])
def test_a_ledger_tells_revisions_and_statements(kept: Path, place: str) -> None:
    """Records with their hashes, what each revision changed, what the parties said, and of which revision."""
    name = id_of(kept, "side")
    shown = run("explain", name, kept / place)
    found = json.loads(run("explain", name, kept / place, "--json"))
    first, second = found["ledger"]["versions"]

    assert f"record {first['record']}: finding, written" in shown
    assert f"record {second['record']}: revision, written" in shown
    assert f"hash {first['hash']}" in shown
    assert "→ 1.5" in shown
    assert "one explained, of an earlier revision (not signed): an \\x1b[31memergency" in shown
    assert "\x1b" not in shown
    assert (found["finding"]["magnitude"], found["ledger"]["revisions"]) == (1.5, 1)
    assert [each.split(":")[0] for each in second["changed"]] == ["magnitude"]
    assert found["ledger"]["statements"][0]["says"] == "explained"


def test_a_report_is_told_too(kept: Path, tmp_path: Path) -> None:
    """A ledger holds manual reports beside findings."""
    ledger = Ledger(tmp_path / "ledger.sqlite")
    name = ledger.report("two jets, low", source="sighting")[1]
    shown = run("explain", name[:10], tmp_path / "ledger.sqlite")

    assert shown.startswith(f"report {name}\n")
    assert 'text: "two jets, low"' in shown


@pytest.mark.parametrize(
    ("id", "place", "status", "says"),
    [
        (
            "0000000000000000",
            "out",
            1,
            "findings in 'out' has the id '0000000000000000'. None is like it. The first:\n  ",
        ),
        ("0000000000000000", "ledger.sqlite", 1, "None is like it. The first:\n  "),
        ("abcd", "half.csv", 1, "cannot read 'half.csv'"),
        ("abcd", "half.geojson", 1, "cannot read 'half.geojson'"),
        ("abc", "out", 2, "at least its first 4 characters"),
        ("abcd", "absent", 1, "cannot read 'absent': No such file or directory."),
        ("abcd", "tracks.parquet", 1, "incidents: column"),
        ("abcd", "agreement.yaml", 2, "keeps no findings"),
        ("abcd", ".", 2, "is a folder without incidents.parquet"),
        ("abcd", "damaged.jsonl", 1, "does not hold: record "),
        ("abcd", "empty.jsonl", 1, "there are no findings in 'empty.jsonl'"),
        ("abcd", "half.parquet", 1, "cannot read 'half.parquet'"),
    ],
)
def test_what_cannot_be_explained_is_said(kept: Path, id: str, place: str, status: int, says: str) -> None:
    """In one sentence on standard error; the nearest are shown with what they are."""
    (kept / "damaged.jsonl").write_text((kept / "export.jsonl").read_text().replace("east", "west"))
    for ending in ("csv", "geojson"):
        whole = (kept / "out" / f"incidents.{ending}").read_bytes()
        (kept / f"half.{ending}").write_bytes(whole[: whole.rindex(b'"out_of"')])
    (kept / "half.parquet").write_bytes((kept / "out" / "incidents.parquet").read_bytes()[:1000])
    with Ledger(kept / "none.sqlite") as ledger:
        ledger.report("x")
    (kept / "empty.jsonl").write_text("[]")

    assert says in run("explain", id, place, status=status, folder=kept)


def test_a_beginning_must_be_unique() -> None:
    """Candidates are listed, each with what it is of; an id in full is never ambiguous."""
    ids = ["abcd1111", "abcd2222", "abcd", "beef0000"]

    def pick(id: str) -> str:
        return chosen(id, ids, "there", lambda each: f"about {each}")

    assert pick("beef") == "beef0000"
    assert pick("abcd") == "abcd"
    assert pick("abcd1") == "abcd1111"
    with pytest.raises(UnknownIdError, match="3 ids in 'there' begin with 'abcd'") as refused:
        chosen("abcd", [*ids[:2], "abcd3333"], "there", lambda each: f"about {each}")
    assert "\n  abcd1111  about abcd1111\n  abcd2222  about abcd2222" in str(refused.value)
    with pytest.raises(UnknownIdError, match=r"none of the 4 findings .*\n  beef0000"):
        pick("bee10000")
    with pytest.raises(UsageError, match="too short"):
        pick("bee")


def test_a_finding_of_another_make_is_told_as_it_is() -> None:
    """A ledger takes any object: members of the wrong type, or unknown, are shown and break nothing."""
    strange = {
        "id": "x", "rule": 5, "t_in": "yesterday", "t_out": "2026-03-01T12:00:00", "magnitude": True,
        "magnitude_low": [1], "lat_deg": 1.0, "verdict": "odd", "because": "why", "gap_s": -0.0, "note": None,
        "probability": 10**400, "entered": "window", "mine": {"a": 1},
    }  # fmt: skip
    told = dict(explain(strange, Terms()))

    assert told["Verdict"] == ["odd: why."]
    assert told["Way"] == ["Entered window."]
    assert told["Gaps"] == ["Heard throughout."]
    assert [each.split(":")[0] for each in told["Also recorded"]] == [
        "lat_deg", "magnitude", "magnitude_low", "mine", "probability", "rule", "t_in", "t_out",
    ]  # fmt: skip
    assert explain({}, Terms()) == []


def test_the_nearest_ids_are_those_most_alike() -> None:
    """A slip anywhere, a digit left out or doubled; what is not alike is not called near."""
    ids = [f"{k * 0x9E3779B97F4A7C15 % 2**64:016x}" for k in range(1, 500)]
    meant = ids[321]

    for slip in (
        f"{meant[:7]}{'0' if meant[7] != '0' else '1'}{meant[8:]}",
        f"{meant[:5]}{meant[6:]}",
        f"{meant[:5]}{meant[4:]}",
        f"{meant[0]}{meant[2]}{meant[1]}{meant[3:8]}",
    ):
        with pytest.raises(UnknownIdError) as refused:
            chosen(slip, ids, "there", str)
        assert str(refused.value).partition("The nearest:\n  ")[2].startswith(meant), slip
    with pytest.raises(UnknownIdError, match="None is like it"):
        chosen("zzzzzzzz", ids, "there", str)


@pytest.mark.parametrize("ending", ["csv", "geojson"])
def test_incidents_as_text_are_explained_as_incidents_in_parquet(kept: Path, ending: str) -> None:
    """Every one of them, to the last digit and instant."""
    for name in {each["id"] for each in findings(kept)}:
        of_parquet = run("explain", name, "out/incidents.parquet", "--json", folder=kept)

        assert run("explain", name, f"out/incidents.{ending}", "--json", folder=kept) == of_parquet


def test_the_demo_s_evidence_names_what_it_is() -> None:
    """A person finds rows in a file, not in a table of some library."""
    simulated = pl.DataFrame({"icao24": ["150001", "150002"]})

    assert demo.named(simulated, Path("month.parquet"))["source_file"].to_list() == ["month.parquet"] * 2
    told = demo.named(simulated, None)
    assert told["source_row"].to_list() == [0, 1]
    assert told["source_file"][0] == "the simulated tracks ('wideberth demo --tracks FILE' writes them)"
