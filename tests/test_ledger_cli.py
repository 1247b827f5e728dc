"""``wideberth ledger`` as a user meets it: real processes, exit statuses, what is printed; and its page of the docs."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BIN = Path(sys.executable).parent
DOCS = Path(__file__).parents[1] / "docs" / "ledger.md"
COMMANDS = ("add", "list", "show", "state", "verify", "export")


def run(
    *arguments: object, folder: Path, stdin: str | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run ``wideberth ledger`` in a folder; a traceback shown to a user fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WIDEBERTH_")}
    done = subprocess.run(
        [BIN / "wideberth", "ledger", *(each if isinstance(each, bytes) else str(each) for each in arguments)],
        cwd=folder, input=stdin or "", capture_output=True, text=True, check=False, env=environment | variables,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


def good(*arguments: object, folder: Path, stdin: str | None = None, **variables: str) -> str:
    """Run it and return what it printed; it must not fail."""
    done = run(*arguments, folder=folder, stdin=stdin, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_json(*arguments: object, folder: Path, stdin: str | None = None) -> Any:
    """Run it with --json and return the one JSON object that it printed."""
    return json.loads(good(*arguments, "--json", folder=folder, stdin=stdin))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with findings, a ledger that holds them and what was said of them, and an export."""
    folder = tmp_path_factory.mktemp("ledger")
    (folder / "findings.jsonl").write_text(
        '{"id":"w1","rule":"west","verdict":"broken","depth_m":1.5}\n{"id":"w2","rule":"[bold]\\u001b[31m"}\n'
    )
    good("add", "findings.jsonl", folder=folder)
    good(
        "add",
        "--statement",
        "disputed",
        "--about",
        "w1",
        "--party",
        "west",
        "--text",
        "no [red]way[/red]",
        folder=folder,
    )
    good("add", "-", folder=folder, stdin='[{"id":"w1","rule":"west","verdict":"broken","depth_m":1.6}]')
    good("export", "-o", "export.jsonl", folder=folder)
    return folder


def test_adding_prints_counts_and_the_head(tmp_path: Path) -> None:
    """The same again adds nothing; --json gives the same as data, --quiet nothing."""
    (tmp_path / "a.json").write_text('[{"id": "a"},\n {"id": "b", "n": 1.50}]')
    (tmp_path / "c.jsonl").write_text('\ufeff{"id": "c"}\r\n\r\n{\n "id": "d"\n}\n')
    first = good("add", "a.json", "c.jsonl", folder=tmp_path)
    again = as_json("add", "a.json", folder=tmp_path)

    assert first.startswith("4 added, 0 revised, 0 there already\nhead   4:")
    assert (again["added"], again["revised"], again["unchanged"]) == (0, 0, 2)
    assert again["head"] == first.split()[-1]
    assert good("add", "-q", "a.json", folder=tmp_path) == ""


def test_the_list_shows_the_last_records(prepared: Path) -> None:
    """In order, texts as they are, control characters made visible; --kind and --about select."""
    shown = good("list", folder=prepared)
    records = as_json("list", folder=prepared)["records"]

    assert [record["kind"] for record in records] == ["finding", "finding", "statement", "revision"]
    assert "west disputed: no [red]way[/red]" in shown
    assert "[bold]\\x1b[31m" in shown
    assert "\x1b" not in shown
    assert [each["seq"] for each in as_json("list", "--kind", "finding", folder=prepared)["records"]] == [
        1,
        2,
    ]
    assert [each["seq"] for each in as_json("list", "--about", "w1", folder=prepared)["records"]] == [1, 3, 4]
    assert [each["seq"] for each in as_json("list", "-n", "1", folder=prepared)["records"]] == [4]
    assert "no records" in good("list", "--kind", "key", folder=prepared)


def test_show_prints_every_record_of_an_id(prepared: Path) -> None:
    """In full; a number or a hash shows one record."""
    shown = good("show", "w1", folder=prepared)
    (second,) = as_json("show", "2", folder=prepared)["records"]

    assert "record 1: finding" in shown
    assert "record 3: statement" in shown
    assert '"depth_m": 1.6' in shown
    assert as_json("show", second["hash"], folder=prepared)["records"] == [second]
    assert "\x1b" not in good("show", "w2", folder=prepared)


def test_state_says_where_each_stands(prepared: Path) -> None:
    """The latest finding, how often it was revised, what was said and whether of this revision."""
    overview = good("state", folder=prepared)
    one = good("state", "w1", folder=prepared)
    first, second = as_json("state", folder=prepared)["states"]

    assert "west: disputed (before its revision)" in overview
    assert "revised once" in one
    assert "west disputed, of an earlier revision (not signed): no [red]way[/red]" in one
    assert "No party has said anything of it." in good("state", "w2", folder=prepared)
    assert (first["id"], first["revisions"], first["latest"]["depth_m"]) == ("w1", 1, 1.6)
    assert (second["id"], second["statements"]) == ("w2", [])


def test_a_ledger_and_an_export_verify(prepared: Path) -> None:
    """By content, not by name; without a noted head the end is called unproven."""
    for what in ((), ("ledger.sqlite",), ("export.jsonl",)):
        shown = good("verify", *what, folder=prepared)
        assert "4 records, each in its place and unchanged" in shown
        assert "The end is not proven (all of them)" in shown
    head = as_json("verify", folder=prepared)["head"]
    exported = as_json("export", "-o", "again.jsonl", folder=prepared)
    for noted in (
        ("--head", head),
        ("export.jsonl", "--head", head),
        ("again.jsonl", "--digest", exported["sha256"]),
    ):
        assert "not proven" not in good("verify", *noted, folder=prepared)
    assert (prepared / "again.jsonl").read_bytes() == (prepared / "export.jsonl").read_bytes()
    assert exported["head"] == head
    assert good("verify", "--quiet", folder=prepared) == ""
    assert as_json("verify", "export.jsonl", folder=prepared)["unproven"] == 4


def test_a_fault_is_status_1_and_named(prepared: Path, tmp_path: Path) -> None:
    """In words and as JSON; --quiet does not hide it."""
    changed = tmp_path / "changed.jsonl"
    changed.write_bytes((prepared / "export.jsonl").read_bytes().replace(b"disputed", b"accepted"))
    for options in ((), ("--quiet",)):
        done = run("verify", changed, *options, folder=tmp_path)
        assert done.returncode == 1
        assert done.stdout.startswith("does not hold: record 3 (line 3): its content does not match its hash")
    done = run("verify", changed, "--json", folder=tmp_path)
    assert done.returncode == 1
    assert "right file" in run("verify", sys.executable, folder=tmp_path).stdout
    found = json.loads(done.stdout)
    assert (found["good"], found["records"], found["bad"]["record"]) == (False, 2, 3)


@pytest.mark.parametrize(
    ("where", "records", "says"),
    [("wideberth_records_about", 4, "wideberth_records_about"), ("wideberth_records", None, "malformed")],
)
def test_a_damaged_file_is_told_as_json(
    prepared: Path, tmp_path: Path, where: str, records: int | None, says: str
) -> None:
    """Damage beside the records, and damage that hides them: status 1, one JSON object with the fault."""
    path = tmp_path / "damaged.sqlite"
    shutil.copy(prepared / "ledger.sqlite", path)
    with contextlib.closing(sqlite3.connect(path)) as opened:
        (page,) = opened.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [where]).fetchone()
        (size,) = opened.execute("PRAGMA page_size").fetchone()
    data = bytearray(path.read_bytes())
    begin, end = (page - 1) * size, page * size
    if records is None:
        data[begin:end] = b"\xff" * size  # the page with the records
    else:
        data[data.index(b"w2", begin, end)] = ord("v")  # an entry of an index
    path.write_bytes(data)
    done = run("verify", path, "--json", folder=tmp_path)
    shown = run("verify", path, folder=tmp_path)
    found = json.loads(done.stdout)

    assert (done.returncode, shown.returncode) == (1, 1)
    assert found["good"] is False
    assert says in found["fault"]
    assert found.get("records") == records
    assert says in shown.stdout + shown.stderr


def test_reports_take_a_text_or_a_file(tmp_path: Path) -> None:
    """A text file is taken in; of any other its name, size and digest; the same again adds nothing."""
    (tmp_path / "plot.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "note.txt").write_text("two jets", "utf-8")
    said = as_json(
        "add", "--report", "two jets, low", "--source", "sighting", "--time", "2017-11-20T08:14Z",
        "--place", "40.45,35.02", "--party", "east", folder=tmp_path,
    )  # fmt: skip
    plot = as_json(
        "add", "--report", "plot.png", "--text", "at 08:14", "--place", "Al Mayadin", folder=tmp_path
    )
    note = as_json("add", "--report", "note.txt", "--text", "by telephone", folder=tmp_path)
    states = {each["id"]: each["latest"] for each in as_json("state", folder=tmp_path)["states"]}

    assert states[said["id"]] == {
        "id": said["id"],
        "party": "east",
        "place": {"lat": 35.02, "lon": 40.45},
        "source": "sighting",
        "text": "two jets, low",
        "time": "2017-11-20T08:14:00.000000Z",
    }
    assert states[plot["id"]]["text"] == "at 08:14"
    assert states[plot["id"]]["place"] == {"name": "Al Mayadin"}
    assert (states[plot["id"]]["file"]["name"], states[plot["id"]]["file"]["bytes"]) == ("plot.png", 10)
    assert states[note["id"]]["text"] == "by telephone\n\ntwo jets"
    assert as_json("add", "--report", "note.txt", "--text", "by telephone", folder=tmp_path)["unchanged"] == 1


def test_the_ledger_is_named_by_an_option_or_a_variable(tmp_path: Path) -> None:
    """The option wins."""
    good("add", "-", "--ledger", "one.sqlite", folder=tmp_path, stdin='{"id":"a"}')
    good("add", "-", folder=tmp_path, stdin='{"id":"a"}\n{"id":"b"}', WIDEBERTH_LEDGER="two.sqlite")

    assert sorted(each.name for each in tmp_path.iterdir()) == ["one.sqlite", "two.sqlite"]
    assert "2 records" in good("verify", folder=tmp_path, WIDEBERTH_LEDGER="two.sqlite")
    assert "1 record," in good("verify", "-l", "one.sqlite", folder=tmp_path, WIDEBERTH_LEDGER="two.sqlite")


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["add"], 2, "give one of these"),
        (["add", "findings.jsonl", "--report", "x"], 2, "give one of these"),
        (["add", "findings.jsonl", "--text", "x"], 2, "--text does not go with FINDINGS"),
        (["add", "findings.jsonl", "--party", "west"], 2, "--party goes with"),
        (["add", "findings.jsonl", "--sign", "west.pem"], 2, "needs --party"),
        (["add", "--statement", "disputed", "--party", "west"], 2, "--about ID"),
        (["add", "--statement", "disputed", "--about", "w1"], 2, "--party NAME"),
        (["add", "--statement", "denied", "--about", "w1", "--party", "west"], 2, "acknowledged, disputed, explained"),
        (
            ["add", "--statement", "disputed", "--about", "w9", "--party", "west"],
            1,
            "nothing in the ledger has the id 'w9'",
        ),
        (["add", "--report", "x", "--about", "w1"], 2, "--about does not go with --report"),
        (["add", "--report", "x", "--time", "yesterday"], 2, "is not an instant"),
        (["add", "--report", "x", "--place", "200,10"], 2, "lon,lat in degrees"),
        (["add", "--report", "absent.png", "--text", "x"], 2, "there is no file"),
        (["add", "--report", " "], 2, "says nothing"),
        (["add", "--key", "absent.pem", "--party", "west"], 1, "cannot read the key 'absent.pem'"),
        (["add", "--key", "west.pub.pem"], 2, "--party NAME"),
        (["add", "absent.jsonl"], 1, "cannot read 'absent.jsonl': No such file"),
        (["add", "broken.jsonl"], 1, "'broken.jsonl', line 2: that is not JSON"),
        (["add", "twice.jsonl"], 1, "the member 'id' is there twice"),
        (["add", "number.jsonl"], 1, "value 1 is not a finding"),
        (["add", "latin.jsonl"], 1, "is not UTF-8"),
        (["add", "nan.jsonl"], 1, "'n' is nan"),
        (["add", "anonymous.jsonl"], 1, "finding 1: the id must be a text"),
        (["add", "findings.jsonl", "-l", "findings.jsonl"], 1, "not a SQLite database"),
        (["list", "-l", "export.jsonl"], 1, "'wideberth ledger verify FILE' reads it"),
        (["list", "-l", "absent.sqlite"], 1, "there is no ledger 'absent.sqlite'"),
        (["list", "-l", "mysql://a/b"], 1, "begins with 'mysql:'"),
        (["list", "-l", "postgresql://u:secret@127.0.0.1:1/x"], 1, "Connection refused"),
        (["list", "--kind", "nonsense"], 2, "finding, revision"),
        (["show", "w9"], 1, "'w9'"),
        (["show"], 2, "Missing argument"),
        (["show", b"\xff"], 1, "nothing in the ledger has the id"),
        (["add", "--statement", "disputed", "--about", b"\xff", "--party", "west"], 1, "has the id"),
        (["list", "-l", b"postgresql://\xff/x"], 1, "wideberth: "),
        (["state", "w9"], 1, "'w9'"),
        (["verify", "absent.jsonl"], 1, "No such file"),
        (["verify", "empty.jsonl"], 1, "empty file"),
        (["verify", "."], 1, "is a folder"),
        (["verify", "--head", "12"], 2, "is not a head"),
        (["verify", "export.jsonl", "--digest", "12"], 2, "is not a digest"),
        (["verify", "--digest", "a" * 64], 2, "--head"),
        (["verify", "--key", "west.pem"], 2, "PARTY=FILE"),
        (["verify", "--key", "west=absent.pem"], 1, "cannot read the key"),
        (["export"], 2, "Missing option"),
        (["export", "-o", "absent/export.jsonl"], 1, "Nothing was written"),
        (["export", "-o", "ledger.sqlite"], 2, "is the ledger itself"),
        (["export", "-o", "other.sqlite"], 2, "perhaps another ledger"),
        (["export", "-o", "/"], 1, "Nothing was written"),
        (["nonsense"], 2, "nonsense"),
    ],
)  # fmt: skip
def test_wrong_use_says_what_would_be_right(
    prepared: Path, tmp_path: Path, arguments: list[Any], status: int, says: str
) -> None:
    """One sentence on standard error, nothing on standard output, no file made or changed."""
    for each in prepared.iterdir():
        shutil.copy(each, tmp_path)
    for name, content in {
        "broken.jsonl": b'{"id":"a"}\n{"id":\n',
        "twice.jsonl": b'{"id":"a","id":"b"}\n',
        "number.jsonl": b"1\n",
        "latin.jsonl": '{"id":"ö"}'.encode("latin-1"),
        "nan.jsonl": b'{"id":"a","n":NaN}\n',
        "anonymous.jsonl": b'{"rule":"west"}\n',
        "empty.jsonl": b"",
    }.items():
        (tmp_path / name).write_bytes(content)
    shutil.copy(tmp_path / "ledger.sqlite", tmp_path / "other.sqlite")
    before = {each: each.read_bytes() for each in tmp_path.iterdir()}
    done = run(*arguments, folder=tmp_path)

    assert done.returncode == status, done.stderr
    assert says in re.sub(r"\s+", " ", done.stderr)
    assert done.stdout == ""
    assert "secret" not in done.stderr
    assert {each: each.read_bytes() for each in tmp_path.iterdir()} == before


# Keys, made with what people have


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl on the path")
def test_an_encrypted_key_takes_its_passphrase_from_a_variable(tmp_path: Path) -> None:
    """Without the variable, and without a terminal, the message says so."""
    for words in (
        ["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:horse", "-out", "west.pem"],
        ["pkey", "-in", "west.pem", "-passin", "pass:horse", "-pubout", "-out", "west.pub.pem"],
    ):
        subprocess.run(["openssl", *words], cwd=tmp_path, check=True, capture_output=True)
    good("add", "--key", "west.pub.pem", "--party", "west", folder=tmp_path)
    signed = ("add", "-", "--sign", "west.pem", "--party", "west")
    refused = run(*signed, folder=tmp_path, stdin='{"id":"a"}')

    assert refused.returncode == 1
    assert "WIDEBERTH_PASSPHRASE" in refused.stderr
    good(*signed, folder=tmp_path, stdin='{"id":"a"}', WIDEBERTH_PASSPHRASE="horse")
    assert "signatures of 'west' that hold: 1" in good(
        "verify", "--key", "west=west.pub.pem", folder=tmp_path
    )


# The page of the docs


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl on the path")
def test_the_commands_in_the_docs_run(tmp_path: Path) -> None:
    """Every ``$`` line of the page, in order, in a folder with a file of findings; the signature holds at the end."""
    (tmp_path / "out").mkdir()
    for name in ("findings.jsonl", "out/findings.jsonl"):
        (tmp_path / name).write_text('{"id":"w1","rule":"west"}\n{"id":"w2","rule":"west"}\n')
    blocks = re.findall(r"^```console\n(.*?)^```$", DOCS.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    printed = []
    for line in lines:
        done = subprocess.run(
            line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (line, done.stderr)
        printed.append(done.stdout)

    assert len(lines) >= 15
    assert printed[1].startswith("0 added, 0 revised, 2 there already")
    assert "signatures of 'west' that hold: 1" in printed[-1]


def test_every_command_and_option_is_described() -> None:
    """The page names each, and the help of each exists."""
    page = DOCS.read_text("utf-8")
    environment = {**os.environ, "COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}
    for command in COMMANDS:
        shown = subprocess.run(
            [BIN / "wideberth", "ledger", command, "--help"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        options = set(re.findall(r"--[a-z][a-z-]+", shown)) - {"--help"}
        assert options
        assert f"wideberth ledger {command}" in page
        assert [option for option in sorted(options) if option not in page] == []


def test_help_loads_neither_database_nor_cryptography() -> None:
    """``wideberth --help`` and ``wideberth ledger --help`` answer at once."""
    for words in (["--help"], ["ledger", "--help"], ["ledger", "add", "--help"]):
        code = (
            f"import sys; sys.argv = ['wideberth', *{words}]\n"
            "from wideberth.cli import main\n"
            "try:\n    main()\nexcept SystemExit as done:\n    assert not done.code, done.code\n"
            "heavy = {'sqlalchemy', 'cryptography', 'rfc8785', 'psycopg', 'numpy', 'pyarrow'} & set(sys.modules)\n"
            "assert not heavy, heavy\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_report_may_lie_in_a_deep_folder(tmp_path: Path) -> None:
    """A path of more than 255 bytes is the name of a file all the same, and not what was seen."""
    folder = tmp_path.joinpath(*["a" * 100] * 3)
    folder.mkdir(parents=True)
    (folder / "report.txt").write_text("two jets, low", encoding="utf-8")

    assert run("add", "--report", folder / "report.txt", folder=tmp_path).returncode == 0
    shown = json.loads(run("list", "--json", folder=tmp_path).stdout)

    assert json.dumps(shown).count("two jets, low") == 1
    assert str(folder) not in json.dumps(shown)


# Ids by their beginning, folders, parties --------------------------------------------------------


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A folder as a judge leaves it, and a ledger of its findings beside it."""
    findings = [
        {"id": "abcd1111aaaa", "rule": "west", "verdict": "broken", "party": "coalition"},
        {
            "id": "abcd2222bbbb",
            "rule": "east",
            "verdict": "broken",
            "party": "russia",
            "party_b": "one / two",
        },
    ]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "findings.jsonl").write_text(
        "".join(f"{json.dumps(each)}\n" for each in findings), "utf-8"
    )
    good("add", "out", folder=tmp_path)
    return tmp_path


def test_a_judge_s_folder_can_be_added(judged: Path) -> None:
    """Its findings are taken; a folder without any is told what would write them."""
    (judged / "empty").mkdir()

    assert as_json("add", "out", folder=judged)["unchanged"] == 2
    done = run("add", "empty", folder=judged)
    assert done.returncode == 1
    assert (
        "'empty' is a folder without findings.jsonl. 'wideberth judge -o FOLDER' writes one." in done.stderr
    )


def test_the_beginning_of_an_id_is_enough(judged: Path) -> None:
    """For show, state, list and a statement; numbers of records stay numbers."""
    assert [each["seq"] for each in as_json("show", "abcd1", folder=judged)["records"]] == [1]
    assert [each["seq"] for each in as_json("show", "2", folder=judged)["records"]] == [2]
    assert as_json("state", "abcd2", folder=judged)["states"][0]["id"] == "abcd2222bbbb"
    as_json("add", "--statement", "explained", "--about", "abcd2", "--party", "russia", folder=judged)
    assert [each["seq"] for each in as_json("list", "--about", "abcd2", folder=judged)["records"]] == [2, 3]
    assert as_json("list", "--about", "ffff", folder=judged)["records"] == []


def test_a_beginning_of_two_ids_or_of_none_is_told(judged: Path) -> None:
    """With the candidates, each with what it is of."""
    two = run("show", "abcd", folder=judged)
    none = run("state", "abcd1112", folder=judged)

    assert two.returncode == none.returncode == 1
    assert "2 ids in 'ledger.sqlite' begin with 'abcd':\n  abcd1111aaaa  west, broken\n" in two.stderr
    assert "abcd1111aaaa  west, broken" in none.stderr


@pytest.mark.parametrize(
    ("party", "says"),
    [
        ("coalitoin", "no record has named the party 'coalitoin' before. Did you mean 'coalition'?"),
        ("observers", "before; known: coalition, one, russia, two."),
        ("two", None),
    ],
)
def test_a_party_that_no_record_names_is_told(judged: Path, party: str, says: str | None) -> None:
    """It is recorded all the same; once it is named it is known."""
    said = ("add", "--statement", "disputed", "--about", "abcd1", "--party", party)
    first = run(*said, folder=judged)
    again = run(*said, folder=judged)

    assert first.returncode == again.returncode == 0
    assert again.stderr == ""
    assert says in first.stderr if says else first.stderr == ""
