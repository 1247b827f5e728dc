"""``wideberth report``: from whatever keeps findings, whole or not at all, with what it cannot do told."""

from __future__ import annotations

import base64

import polars as pl
import pytest
from tests.report_reader import Read
from tests.test_report_content import AGREEMENT, flown
from typer.testing import CliRunner

import wideberth as wb
from wideberth.cli.app import app
from wideberth.errors import UsageError, WideberthError
from wideberth.ledger import Ledger
from wideberth.report import page

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with an agreement, a recording, what a judge wrote of both, and a ledger."""
    folder = tmp_path_factory.mktemp("judged")
    (folder / "a.yaml").write_text(AGREEMENT)
    ways = [flown("b00001", 49.8, 50.2, callsign=HOSTILE), flown("a00001", 50.2, 49.8, callsign="NORTH1")]
    wb.read(pl.concat(ways)).write(folder / "day.parquet")
    done = run("judge", folder / "day.parquet", "-a", folder / "a.yaml", "-o", folder / "out")
    assert done.exit_code == 0, done.output
    with Ledger(folder / "ledger.sqlite") as ledger:
        findings = wb.judge(folder / "day.parquet", folder / "a.yaml").findings()
        ledger.add(findings.records())
        ledger.say(next(findings.records())["id"], "south", "disputed", "it was <b>not</b> us")
    return folder


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def read(path):
    return Read.of_page(path.read_text(encoding="utf-8"))


def test_judging_writes_a_report_with_tracks(folder):
    """Beside the incidents, with the ways, the details and the agreement."""
    told = read(folder / "out" / "report.html")
    assert told["kind"] == "incidents"
    assert told["agreement"]["name"] == "A line & <b>a zone</b>"
    assert told["tracks"]["n"] == 2
    assert told["details"][0]["aircraft"]


@pytest.mark.parametrize(
    "where", ["out", "out/incidents.parquet", "out/incidents.csv", "out/incidents.geojson", "ledger.sqlite"]
)
def test_every_place_of_findings_makes_a_report(folder, tmp_path, where):
    """The same findings from each; from the judge's folder with the sentences of the agreement."""
    made = run("report", folder / where, "-o", tmp_path / "r.html")
    assert made.exit_code == 0, made.output
    told = read(tmp_path / "r.html")
    full = read(folder / "out" / "report.html")
    of_findings = {
        name
        for name, verdict in zip(full["findings"]["id"], full.array(full["findings"]["verdict"]), strict=True)
        if verdict < 3
    }
    assert of_findings <= set(told["findings"]["id"])
    assert (told["agreement"] is not None) == (where == "out")
    assert told["tracks"] is None
    assert any("No tracks were given" in each for each in told["left_out"])


def test_agreement_and_tracks_fill_what_a_table_lacks(folder, tmp_path):
    """Sentences, places, parties and ways, as in the report that the judge wrote."""
    made = run(
        *("report", folder / "out" / "incidents.parquet", "-o", tmp_path / "r.html"),
        *("-a", folder / "a.yaml", "-t", folder / "day.parquet"),
    )
    assert made.exit_code == 0, made.output
    told, full = read(tmp_path / "r.html"), read(folder / "out" / "report.html")
    for name in ("agreement", "places", "sides", "parties"):
        assert told[name] == full[name]
    assert (
        told.array(told["tracks"]["party"]).tolist() == full.array(full["tracks"]["party"]).tolist() == [0, 1]
    )


def test_what_parties_said_stands_beside_the_finding(folder, tmp_path):
    """A statement of the ledger: who, what, in whose words; counted in the table."""
    assert run("report", folder / "ledger.sqlite", "-o", tmp_path / "r.html").exit_code == 0
    told = read(tmp_path / "r.html")
    said = [each for detail in told["details"] for each in detail["statements"]]
    assert [(each["by"], each["kind"], each["text"]) for each in said] == [
        ("south", "disputed", "it was <b>not</b> us")
    ]
    assert sorted(told.array(told["findings"]["statements"]).tolist())[-1] == 1


def test_nothing_of_the_input_stands_raw_in_the_page(folder):
    """The callsign is base64; the agreement's name is escaped in the title and for readers without scripts."""
    text = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert HOSTILE not in text
    assert "<b>a zone</b>" not in text
    assert "A line &amp; &lt;b&gt;a zone&lt;/b&gt;" in text
    assert HOSTILE in read(folder / "out" / "report.html").texts(
        read(folder / "out" / "report.html")["findings"]["callsign_a"]
    )


def test_the_policy_forbids_every_request_but_the_tiles_that_were_asked_for(folder, tmp_path):
    """Without tiles no host is named at all; with them that one, for pictures only."""
    for tiles, images in (
        (None, "data: blob:"),
        ("https://t.example:8443/{z}/{x}/{y}.png", "data: blob: https://t.example:8443"),
    ):
        made = run(
            "report", folder / "out", "-o", tmp_path / "r.html", *(("--tiles", tiles) if tiles else ())
        )
        assert made.exit_code == 0, made.output
        policy = (
            (tmp_path / "r.html")
            .read_text()
            .partition('content="')[2]
            .partition('"')[0]
            .replace("&#x27;", "'")
        )
        rules = dict(each.split(" ", 1) for each in policy.split("; "))
        assert rules["default-src"] == "'none'"
        assert rules["connect-src"] == "'none'"
        assert rules["img-src"] == images
        assert read(tmp_path / "r.html")["tiles"] == tiles


@pytest.mark.parametrize(
    "tiles",
    [
        "https://t.example/1.png",
        "ftp://t/{z}/{x}/{y}",
        "x",
        "https://a b/{z}/{x}/{y}",
        "https://t;script-src */{z}/{x}/{y}",
        "https://[/{z}{x}{y}",
    ],
)
def test_what_is_no_address_of_tiles_is_refused(folder, tmp_path, tiles):
    """With an example of one; nothing is written."""
    made = run("report", folder / "out", "-o", tmp_path / "r.html", "--tiles", tiles)
    assert isinstance(made.exception, UsageError)
    assert "is no address of map tiles" in str(made.exception)
    assert not (tmp_path / "r.html").exists()


def test_a_report_stays_below_its_largest_size(folder, tmp_path, monkeypatch):
    """Where it would be larger it holds less, and says so."""
    monkeypatch.setattr(page, "MOST_BYTES", len((folder / "out" / "report.html").read_text()) - 100)
    made = run("report", folder / "out", "-t", folder / "day.parquet", "-o", tmp_path / "r.html")
    assert made.exit_code == 0, made.output
    told = read(tmp_path / "r.html")
    assert told["left_out"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing-there",), "nothing-there"),
        (("out", "--redact", "spt"), "no such place"),
        (("out", "-t", "missing.csv"), "missing.csv"),
        (("a.yaml",), "keeps no findings"),
    ],
)
def test_what_cannot_be_done_is_told(folder, tmp_path, monkeypatch, arguments, words):
    """In words, with what to try; nothing is written."""
    monkeypatch.chdir(folder)
    made = run("report", *arguments, "-o", tmp_path / "r.html")
    assert isinstance(made.exception, WideberthError)
    assert words in str(made.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_screen_s_encounters_make_a_report(folder, tmp_path):
    """From its Parquet, with the minima that it tells."""
    assert run("screen", folder / "day.parquet", "-o", tmp_path / "e.parquet").exit_code == 0
    made = run("report", tmp_path / "e.parquet", "-t", folder / "day.parquet", "-o", tmp_path / "r.html")
    assert made.exit_code == 0, made.output
    told = read(tmp_path / "r.html")
    assert told["kind"] == "encounters"
    assert told["findings"]["n"] == 1
    assert told["rules"][0]["horizontal_m"] == 9260.0


def test_guidance_stands_beside_the_finding_that_it_is_about(folder, tmp_path):
    """With --guide in the judge's own report, and in one that is made of its folder; to either aircraft."""
    done = run(*("judge", folder / "day.parquet", "-a", folder / "a.yaml", "-o", tmp_path / "out", "--guide"))
    assert done.exit_code == 0, done.output
    assert run("report", tmp_path / "out", "-o", tmp_path / "r.html").exit_code == 0
    for path in (tmp_path / "out" / "report.html", tmp_path / "r.html"):
        told = read(path)
        kinds = {each["id"]: each["kind"] for each in told["rules"]}
        rules = told.array(told["findings"]["rule"]).tolist()
        for detail in told["details"]:
            is_pair = kinds[told["rules"][rules[detail["row"]]]["id"]] == "apart"
            assert bool(detail["guidance"]) == is_pair
            if is_pair:
                assert [title for title, _ in detail["guidance"]["told"]] == [
                    "To a00001, by do365b",
                    "To b00001, by do365b",
                ]


def test_a_replay_has_guidance_second_by_second(folder, tmp_path):
    """To either aircraft, as changes in order of time within the replay, with a picture that is a whole SVG."""
    day = folder / "day.parquet"
    done = run(*("judge", day, "-a", folder / "a.yaml", "-o", tmp_path / "out", "--guide"))
    assert done.exit_code == 0, done.output
    told = read(tmp_path / "out" / "report.html")
    (detail,) = [each for each in told["details"] if each["guidance"]]
    lines = detail["guidance"]["lines"]
    assert [line["ownship"] for line in lines] == ["NORTH1 (a00001)", f"{HOSTILE} (b00001)"]
    for line in lines:
        times = [at for at, _, _ in line["changes"]]
        assert times == sorted(times)
        assert detail["from_ms"] - 180_000 < times[0] < times[-1] < detail["until_ms"]
        assert max(level for _, level, _ in line["changes"]) == 3  # head-on, level
        assert any("enough: turn" in words for _, _, words in line["changes"])
        kind, content = line["picture"].split(",")
        assert kind == "data:image/svg+xml;base64"
        picture = base64.b64decode(content).decode("utf-8")
        assert picture.startswith("<svg")
        assert HOSTILE not in picture
        assert times[0] <= line["picture_ms"] <= times[-1]
