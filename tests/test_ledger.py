"""The ledger in SQLite and in PostgreSQL: what is added and said, many writers, dead writers, edits from behind."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wideberth.errors import LedgerError, MissingExtraError, UsageError, WriteError
from wideberth.ledger import Head, Ledger, Signer, load_public_key, verify_bundle
from wideberth.ledger.records import GENESIS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOBODY = 65534
KILLS = 50
WRITERS = 10

# Takes one line "NUMBER WHERE" after another; forks a process that writes 1,000 findings, one by one, and prints each
# as soon as it is confirmed; says when that process is dead.  Forking costs less than starting Python 50 times.
WRITES_UNTIL_KILLED = """
import os, sys
from wideberth.ledger import Ledger
import psycopg
import sqlalchemy.dialects.postgresql.psycopg
for line in sys.stdin:
    number, where = line.split()
    child = os.fork()
    if not child:
        os.write(1, f"pid {os.getpid()}\\n".encode())
        ledger = Ledger(where)
        for i in range(1000):
            ledger.add([{"id": f"{number}-{i}", "depth_m": i / 10}])
            os.write(1, f"{number}-{i}\\n".encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.write(1, b"dead\\n")
"""

# Ten processes that begin together where no ledger is yet; each has findings of its own and some that all have.
WRITES_AT_ONCE = """
import os, sys
from wideberth.ledger import Ledger
import psycopg
import sqlalchemy.dialects.postgresql.psycopg
where, writers, own, common = sys.argv[1], *map(int, sys.argv[2:])
children = []
for writer in range(writers):
    child = os.fork()
    if not child:
        try:
            ledger = Ledger(where)
            for i in range(own):
                ledger.add([{"id": f"{writer}-{i}"}, {"id": f"common-{i % common}"}])
        except BaseException as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    children.append(child)
sys.exit(any([os.waitpid(child, 0)[1] for child in children]))
"""


def programs_of_postgresql() -> Path | None:
    """Return the folder with PostgreSQL's server programs, the newest; None where there is none."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True
    )
    return next(
        (each for each in folders if (each / "initdb").exists() and (each / "postgres").exists()), None
    )


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of our own on loopback; gives its URL without the database."""
    programs = programs_of_postgresql()
    if programs is None:
        reason = "needs the server programs of PostgreSQL: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="wideberth-pg-"))
    identity: dict[str, Any] = {}
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        os.chown(folder, NOBODY, NOBODY)
    environment = {**os.environ, "LC_ALL": "C"}
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "wideberth", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        cwd=folder, env=environment, check=True, capture_output=True, **identity,
    )  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder],
        cwd=folder, env=environment, stdout=log, stderr=log, **identity,
    )  # fmt: skip
    url = f"postgresql://wideberth@127.0.0.1:{port}"
    try:
        deadline_s = time.monotonic() + 60
        while True:
            try:
                sql(f"{url}/postgres", "SELECT 1")
                break
            except Exception:
                if server.poll() is not None or time.monotonic() > deadline_s:
                    raise RuntimeError((folder / "log").read_text()) from None
                time.sleep(0.05)
        yield url
    finally:
        server.send_signal(signal.SIGQUIT)  # at once; the folder goes anyway
        server.wait(timeout=60)
        log.close()
        shutil.rmtree(folder)


def sql(where: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements in a database behind the ledger's back; returns the rows of the last."""
    rows: list[tuple[Any, ...]] = []
    if where.startswith("postgresql:"):
        import psycopg

        with psycopg.connect(where, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)  # type: ignore[call-overload]
                rows = cursor.fetchall() if cursor.description else []
        return rows
    connection = sqlite3.connect(where)
    with connection:
        for statement in statements:
            rows = connection.execute(statement).fetchall()
    connection.close()
    return rows


def unguarded(where: str) -> None:
    """Take away the triggers that refuse changes, as whoever owns the database can."""
    if where.startswith("postgresql:"):
        sql(where, "DROP TRIGGER wideberth_no_change ON wideberth_records")
    else:
        sql(where, "DROP TRIGGER wideberth_no_update", "DROP TRIGGER wideberth_no_delete")


@pytest.fixture
def fresh(postgresql: str) -> str:
    """The URL of a database of its own."""
    name = f"d{random.SystemRandom().getrandbits(60):x}"
    sql(f"{postgresql}/postgres", f"CREATE DATABASE {name}")
    return f"{postgresql}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for a ledger, where none is yet."""
    return str(tmp_path / "ledger.sqlite") if request.param == "sqlite" else request.getfixturevalue("fresh")


@pytest.fixture
def ledger(where: str) -> Iterator[Ledger]:
    with Ledger(where) as opened:
        yield opened


@pytest.fixture
def make_signer(tmp_path: Path) -> Callable[[str], Signer]:
    """Gives a party with a key of its own; its PEM files lie in the temporary folder, named by the party."""

    def make(party: str) -> Signer:
        return Signer.load(write_key(tmp_path, party), party)

    return make


def write_key(folder: Path, name: str) -> Path:
    """Write a new key pair, NAME.pem and NAME.pub.pem."""
    key = Ed25519PrivateKey.generate()
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    path.with_suffix(".pub.pem").write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return path


def finding(name: str, depth_m: float = 1.5) -> dict[str, Any]:
    return {"id": name, "rule": "west", "depth_m": depth_m, "in_words": "östlich der Linie"}


# What is added


def test_a_new_finding_is_a_record(ledger: Ledger) -> None:
    """The first record has number 1, follows 64 zeros, and holds the finding as it was given."""
    added = ledger.add([finding("a")])
    (record,) = ledger.records()

    assert (added.added, added.revised, added.unchanged) == (1, 0, 0)
    assert (record.seq, record.kind, record.previous, record.about) == (1, "finding", GENESIS, "a")
    assert record.body == {"finding": finding("a")}
    assert added.head == Head(1, record.hash) == ledger.head()
    assert abs((datetime.now(UTC) - datetime.fromisoformat(record.written)).total_seconds()) < 60


def test_the_same_findings_again_add_nothing(ledger: Ledger) -> None:
    """Judging twice adds nothing, whatever the order of members and however a number is typed."""
    first = ledger.add([finding("a", 2.0), finding("b")])
    again = ledger.add([dict(reversed(finding("b").items())), finding("a", 2)])

    assert (again.added, again.revised, again.unchanged) == (0, 0, 2)
    assert again.head == first.head


def test_a_finding_that_differs_is_a_revision_of_the_latest(ledger: Ledger) -> None:
    """Each revision names the record it revises; going back to an earlier finding is a revision, too."""
    for depth_m in (1.0, 1.1, 1.0):
        ledger.add([finding("a", depth_m)])
    first, second, third = ledger.records()

    assert [each.kind for each in (first, second, third)] == ["finding", "revision", "revision"]
    assert second.body["revises"] == first.hash
    assert third.body["revises"] == second.hash
    assert ledger.state_of("a").revisions == 2
    assert ledger.verify().is_good


def test_evidence_in_another_file_is_no_revision(ledger: Ledger) -> None:
    """The same tracks read from another file: nothing is added, and the record keeps the evidence that it had."""
    place = {"source_file": "a.parquet", "source_row_first": 1, "source_row_last": 9}
    elsewhere = {"source_file": "b.csv", "source_row_first": 11}
    ledger.add([finding("a") | place])
    again = ledger.add([finding("a") | elsewhere, finding("a")])
    revised = ledger.add([finding("a", 2.0) | elsewhere])
    first, second = ledger.records()

    assert (again.added, again.revised, again.unchanged) == (0, 0, 2)
    assert (revised.added, revised.revised, revised.unchanged) == (0, 1, 0)
    assert first.body["finding"] == finding("a") | place
    assert second.body["finding"] == finding("a", 2.0) | elsewhere
    assert ledger.verify().is_good


def test_true_is_not_one(ledger: Ledger) -> None:
    """Findings are compared as JSON, in which a truth value is no number, also where the evidence differs."""
    ledger.add([{"id": "a", "n": 1, "source_row_first": 1}])

    assert ledger.add([{"id": "a", "n": True, "source_row_first": 2}]).revised == 1
    assert ledger.add([{"id": "a", "n": 1.0, "source_row_first": 2}]).revised == 1
    assert ledger.add([{"id": "a", "n": 1, "source_row_first": 3}]).unchanged == 1


def test_one_id_twice_in_one_go(ledger: Ledger) -> None:
    """The second is compared with the first."""
    added = ledger.add([finding("a"), finding("a"), finding("a", 9.0)])

    assert (added.added, added.revised, added.unchanged) == (1, 1, 1)
    assert ledger.verify().is_good


def test_adding_is_all_or_nothing(ledger: Ledger) -> None:
    """One finding that cannot be recorded keeps all of them out, and makes no ledger."""
    with pytest.raises(LedgerError, match=r"finding 'b': 'depth_m' is nan"):
        ledger.add([finding("a"), finding("b", float("nan"))])
    with pytest.raises(LedgerError, match="there is no ledger"):
        ledger.head()

    report = ledger.report("two jets")[1]
    with pytest.raises(LedgerError, match="id of a report"):
        ledger.add([finding("a"), finding(report)])
    assert len(list(ledger.records())) == 1


def test_many_findings_at_once(ledger: Ledger) -> None:
    """Thousands are one transaction, more than fit in one query; the same again adds nothing."""
    many = [finding(f"f{i}", i / 10) for i in range(3000)]

    assert ledger.add(many).added == 3000
    many[1700]["depth_m"] = 0.0
    again = ledger.add(many)
    assert (again.added, again.revised, again.unchanged) == (0, 1, 2999)
    assert ledger.verify().records == 3001


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"rule": "west"}, "finding 1: the id must be a text that is not empty, not None"),
        ({"id": 5}, "not 5"),
        ({"id": ""}, "not empty"),
        ({"id": "a\nb"}, "cannot be printed"),
        ({"id": " a"}, "spaces around it"),
        ({"id": "x" * 201}, "201 characters"),
        ({"id": "a", "n": float("inf")}, "'n' is inf, which JSON cannot hold. Write null"),
        ({"id": "a", "at": {"x": [1, 2**53]}}, r"'at\.x\[1\]' is 9007199254740992: beyond"),
        ({"id": "a", "n": 1e300}, "beyond"),
        ({"id": "a", "t": datetime(2017, 11, 20, tzinfo=UTC)}, "'t' is a datetime"),
        ({"id": "a", 5: "x"}, "the key 5"),
        ({"id": "a", "t": "\ud800"}, "half a character"),
        ({"id": "a", "s": {1, 2}}, "is a set"),
        (["a"], "not a JSON object but a list"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_words(tmp_path: Path, wrong: Any, says: str) -> None:
    """The message names the finding and the place in it; no ledger is made."""
    with pytest.raises(LedgerError, match=says):
        Ledger(tmp_path / "ledger.sqlite").add([wrong])
    assert not list(tmp_path.iterdir())


def test_what_lies_too_deep_is_refused(tmp_path: Path) -> None:
    """A finding of thousands of levels is refused in words, not by Python's stack."""
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(LedgerError, match="64 levels"):
        Ledger(tmp_path / "ledger.sqlite").add([{"id": "a", "deep": deep}])


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("kind", ["finding", "revision", "report"])
def test_what_is_written_can_be_read_up_to_the_deepest_level(tmp_path: Path, kind: str) -> None:
    """A record has 64 levels, its own and its body's included; one more is refused, and the ledger goes on."""
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.add([{"id": "first"}])

        def write(levels: int) -> None:
            if kind == "report":
                ledger.report("seen", file={"name": "x", "deep": nested(levels)})
            else:
                ledger.add([{"id": "first" if kind == "revision" else "new", "deep": nested(levels)}])

        deepest = 61  # the record, its body and the finding, or the file, stand above
        write(deepest)
        with pytest.raises(LedgerError, match="64 levels"):
            write(deepest + 1)

        assert ledger.verify().is_good
        assert ledger.add([{"id": "last"}]).added == 1


def test_what_no_reader_would_take_is_not_written(ledger: Ledger) -> None:
    """A type that a report or a statement cannot have would stand in the chain for ever."""
    ledger.add([finding("a")])
    not_texts: Any = 3
    with pytest.raises(LedgerError, match="the report cannot be recorded: 'source' is not of the right type"):
        ledger.report("seen", source=not_texts)
    with pytest.raises(
        LedgerError, match="the statement cannot be recorded: 'text' is not of the right type"
    ):
        ledger.say("a", "west", "disputed", not_texts)

    assert ledger.verify().is_good
    assert ledger.add([finding("b")]).added == 1


def test_the_time_of_a_report_is_utc_whatever_its_zone(ledger: Ledger) -> None:
    """Ten o'clock two hours east is eight; without a zone it is UTC."""
    east = datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=2)))
    for instant in (east, datetime(2026, 3, 1, 8), datetime(2026, 3, 1, 8, tzinfo=UTC)):
        ledger.report("seen", time=instant)
    (only,) = ledger.records(kind="report")

    assert only.body["time"] == "2026-03-01T08:00:00.000000Z"


def test_a_damaged_row_is_named_where_it_is_needed(tmp_path: Path) -> None:
    """SQLite holds bytes in a column of texts: adding and saying tell which record, in a sentence."""
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.add([finding("a"), finding("b")])
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "DROP TRIGGER wideberth_no_update; UPDATE wideberth_records SET text = x'00ff' WHERE seq = 1"
        )
    with Ledger(path) as ledger:
        for write in (
            lambda: ledger.add([finding("a")]),
            lambda: ledger.add([finding("a", 7.0)]),
            lambda: ledger.say("a", "west", "disputed"),
        ):
            with pytest.raises(
                LedgerError, match=r"^record 1: its text is not a text\. 'wideberth ledger verify'"
            ):
                write()


# What is said


def test_what_parties_say_stands_beside_the_finding(ledger: Ledger) -> None:
    """All statements in order, the last of each party, and whether each is about the latest revision."""
    ledger.add([finding("a"), finding("b")])
    ledger.say("a", "west", "disputed", "our aircraft was on the ground")
    ledger.say("a", "east", "acknowledged")
    ledger.add([finding("a", 7.0)])
    ledger.say("a", "west", "explained", "a medical flight")
    state = ledger.state_of("a")

    assert [(each.party, each.says, each.is_about_latest) for each in state.statements] == [
        ("west", "disputed", False),
        ("east", "acknowledged", False),
        ("west", "explained", True),
    ]
    assert state.by_party["west"].text == "a medical flight"
    assert state.latest == finding("a", 7.0)
    assert [each.id for each in ledger.state()] == ["a", "b"]
    assert ledger.state()[0] == state
    assert ledger.verify().is_good


def test_the_same_said_again_adds_nothing(ledger: Ledger) -> None:
    """Unless something else was said, or the finding was revised, in between."""
    ledger.add([finding("a")])

    assert ledger.say("a", "west", "disputed").added == 1
    assert ledger.say("a", "west", "disputed").unchanged == 1
    assert ledger.say("a", "west", "acknowledged").added == 1
    assert ledger.say("a", "west", "disputed").added == 1
    ledger.add([finding("a", 3.0)])
    assert ledger.say("a", "west", "disputed").added == 1


def test_a_statement_needs_something_to_be_about(ledger: Ledger) -> None:
    """An id that is not there, a word that is not known, a party without a name: refused; no ledger is made."""
    with pytest.raises(LedgerError, match="there is no ledger"):
        ledger.say("a", "west", "disputed")
    ledger.add([finding("a")])
    with pytest.raises(LedgerError, match="nothing in the ledger has the id 'b'"):
        ledger.say("b", "west", "disputed")
    with pytest.raises(UsageError, match="acknowledged, disputed, explained"):
        ledger.say("a", "west", "denied")
    with pytest.raises(UsageError, match="not empty"):
        ledger.say("a", "", "disputed")


def test_a_report_is_recorded_once(ledger: Ledger) -> None:
    """Its id follows from its content; parties can speak of it as of a finding."""
    seen = {
        "source": "sighting",
        "time": datetime(2017, 11, 20, 8, tzinfo=UTC),
        "place": {"lon": 40.4, "lat": 35.0},
    }
    added, name = ledger.report("two jets, low", **seen)
    again, same = ledger.report("two jets, low", **seen)
    ledger.say(name, "west", "acknowledged")
    state = ledger.state_of(name)

    assert (added.added, again.unchanged, name) == (1, 1, same)
    assert state.kind == "report"
    assert state.latest["time"] == "2017-11-20T08:00:00.000000Z"
    assert state.by_party["west"].says == "acknowledged"
    assert ledger.verify().is_good


# Signatures


def test_signatures_hold_and_are_counted(ledger: Ledger, make_signer: Callable[[str], Signer]) -> None:
    """A statement and findings signed by a party whose key is known; an unsigned one in its name is listed."""
    west = make_signer("west")
    ledger.add_key("west", west.public_key)
    ledger.add([finding("a"), finding("b")], sign=west)
    ledger.say("a", "west", "disputed", sign=west)
    ledger.say("b", "west", "disputed")
    found = ledger.verify()

    assert found.is_good
    assert found.signatures == {"west": 3}
    assert found.unsigned == (5,)
    assert ledger.state_of("a").by_party["west"].is_signed
    assert not ledger.state_of("b").by_party["west"].is_signed
    assert ledger.say("b", "west", "disputed", sign=west).added == 1  # the signature is news


def test_only_a_known_key_signs(ledger: Ledger, make_signer: Callable[[str], Signer]) -> None:
    """A party without a key, another key, another party: refused, and nothing is added."""
    west, impostor, east = make_signer("west"), make_signer("west"), make_signer("east")
    ledger.add([finding("a")])
    with pytest.raises(LedgerError, match="no key of 'west' is known"):
        ledger.say("a", "west", "disputed", sign=west)
    ledger.add_key("west", west.public_key)
    with pytest.raises(LedgerError, match="is not the one that the ledger knows"):
        ledger.say("a", "west", "disputed", sign=impostor)
    with pytest.raises(UsageError, match="the key is of 'east'"):
        ledger.say("a", "west", "disputed", sign=east)
    assert len(list(ledger.records())) == 2


def test_a_key_is_replaced_by_its_owner_only(ledger: Ledger, make_signer: Callable[[str], Signer]) -> None:
    """The new key is signed with the old one, and from there on only the new one signs."""
    old, new = make_signer("west"), make_signer("west")

    assert ledger.add_key("west", old.public_key).added == 1
    assert ledger.add_key("west", old.public_key).unchanged == 1
    with pytest.raises(LedgerError, match="must be signed with it"):
        ledger.add_key("west", new.public_key)
    assert ledger.add_key("west", new.public_key, sign=old).added == 1
    ledger.add([finding("a")], sign=new)
    with pytest.raises(LedgerError, match="is not the one that the ledger knows"):
        ledger.add([finding("b")], sign=old)
    assert ledger.verify().signatures == {"west": 2}


def test_a_key_from_the_party_itself_is_compared(
    ledger: Ledger, make_signer: Callable[[str], Signer]
) -> None:
    """Verification with another key than the ledger's names the record that brought the key in."""
    west, other = make_signer("west"), make_signer("west")
    ledger.add([finding("a")])
    ledger.add_key("west", west.public_key)
    ledger.say("a", "west", "disputed", sign=west)

    assert ledger.verify(keys={"west": [west.public_key]}).is_good
    found = ledger.verify(keys={"west": [other.public_key]})
    assert found.bad is not None
    assert (found.bad.seq, found.records) == (2, 1)
    assert "is not the one given" in found.bad.what


def test_no_private_key_is_stored(where: str, tmp_path: Path, make_signer: Callable[[str], Signer]) -> None:
    """Neither the ledger nor an export nor what Python shows of a signer holds the private half."""
    west = make_signer("west")
    pem = (tmp_path / "west.pem").read_text()
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, Ed25519PrivateKey)
    raw = key.private_bytes_raw()
    with Ledger(where) as ledger:
        ledger.add_key("west", west.public_key)
        ledger.add([finding("a")], sign=west)
        ledger.export(tmp_path / "export.jsonl")
    written = [(tmp_path / "export.jsonl").read_bytes(), repr(vars(west)).encode()]
    if not where.startswith("postgresql:"):
        written.append(Path(where).read_bytes())
    for content in written:
        assert raw not in content
        assert raw.hex().encode() not in content
        assert pem.splitlines()[1].encode()[-20:] not in content


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no public key in PEM"),
        (b"nonsense", "no public key in PEM"),
        (
            b"-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n",
            "a private key, which stays where it is",
        ),
        (bytes(100_000), "too large to be a key"),
    ],
)
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """The message tells how to make one; a private key is refused where a public one is meant."""
    path = tmp_path / "key.pem"
    path.write_bytes(content)

    with pytest.raises(LedgerError, match=says):
        load_public_key(path)
    with pytest.raises(LedgerError, match=r"no private key in PEM|too large"):
        Signer.load(path, "west")
    with pytest.raises(LedgerError, match="cannot read the key"):
        Signer.load(tmp_path / "absent.pem", "west")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Only Ed25519 signs."""
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    private, public = tmp_path / "ec.pem", tmp_path / "ec.pub.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    with pytest.raises(LedgerError, match="another kind than Ed25519"):
        Signer.load(private, "west")
    with pytest.raises(LedgerError, match="another kind than Ed25519"):
        load_public_key(public)


def test_an_encrypted_key_asks_for_its_passphrase(tmp_path: Path) -> None:
    """The right one opens it, a wrong one and none do not."""
    path = tmp_path / "west.pem"
    path.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"horse"),
        )
    )

    assert Signer.load(path, "west", lambda: "horse").party == "west"
    with pytest.raises(LedgerError, match="passphrase is wrong"):
        Signer.load(path, "west", lambda: "battery")
    with pytest.raises(LedgerError, match="no passphrase was given"):
        Signer.load(path, "west")


# Looking things up


def test_records_are_found_by_id_number_and_hash(ledger: Ledger) -> None:
    """An id comes first: it may look like a number."""
    ledger.add([finding("b"), finding("1")])
    ledger.say("b", "west", "disputed")
    first, second, third = ledger.records()

    assert ledger.find("b") == [first, third]
    assert ledger.find("1") == [second]
    assert ledger.find("3") == [third]
    assert ledger.find(third.hash) == [third]
    assert list(ledger.records(kind="statement")) == [third]
    assert list(ledger.records(last=2)) == [second, third]
    assert list(ledger.records(about="1")) == [second]
    ledger.add([finding("b", 9.0)])
    assert ledger.ids() == ["b", "1"]
    for absent in ("c", "99", "9" * 30, "0" * 64):
        with pytest.raises(LedgerError, match="nothing in the ledger"):
            ledger.find(absent)
    with pytest.raises(LedgerError, match="has the id 'c'"):
        ledger.state_of("c")
    with pytest.raises(UsageError, match="finding, revision, statement, report, key"):
        list(ledger.records(kind="nonsense"))


def test_what_no_id_can_be_is_not_found(ledger: Ledger) -> None:
    """Bytes that are no text reach Python as half characters; numbers may be larger than a database knows."""
    ledger.add([finding("a")])
    for name in ("\udcff", "a\0", "é" * 64, "", "9" * 18):
        for look in (ledger.find, ledger.state_of, lambda name: ledger.say(name, "west", "disputed")):
            with pytest.raises(LedgerError, match="nothing in the ledger has the id"):
                look(name)
        assert list(ledger.records(about=name)) == []
    assert len(list(ledger.records(last=10**30))) == 1
    assert list(ledger.records(last=0)) == []
    with pytest.raises(UsageError, match="-1 records"):
        list(ledger.records(last=-1))


def test_records_are_given_in_pages(ledger: Ledger) -> None:
    """All of them and in order, where a page ends and where it does not; by kind and from the end, too."""
    for count in (999, 1000, 1001, 2000):
        ledger.add([finding(f"f{i}") for i in range(count)])
        assert [each.seq for each in ledger.records()] == list(range(1, count + 1))
    ledger.say("f5", "west", "disputed")

    assert len(list(ledger.records(kind="finding"))) == 2000
    assert [each.seq for each in ledger.records(last=1002)] == list(range(1000, 2002))
    assert [each.seq for each in ledger.records(kind="finding", last=1001)] == list(range(1000, 2001))
    assert [each.seq for each in ledger.records(about="f5")] == [6, 2001]


def test_a_ledger_can_be_written_while_its_records_are_read(ledger: Ledger) -> None:
    """Answering each finding as it is read neither waits for itself nor goes on for ever."""
    ledger.add([finding("a"), finding("b")])
    for record in ledger.records():
        ledger.say(str(record.about), "west", "acknowledged")
        ledger.add([finding(f"{record.about} again")])

    assert len(list(ledger.records())) == 6
    assert ledger.verify().is_good


# What is not a ledger


def test_reading_makes_nothing(tmp_path: Path) -> None:
    """Every way of reading a ledger that is not there says so, and leaves the folder empty."""
    ledger = Ledger(tmp_path / "ledger.sqlite")
    for read in (
        ledger.head,
        ledger.state,
        ledger.verify,
        lambda: list(ledger.records()),
        lambda: ledger.state_of("a"),
        lambda: ledger.find("a"),
        lambda: ledger.export(tmp_path / "export.jsonl"),
    ):
        with pytest.raises(LedgerError, match="there is no ledger"):
            read()
    assert not list(tmp_path.iterdir())


def test_reading_an_empty_postgresql_database_makes_nothing(fresh: str) -> None:
    """No table is made by looking."""
    with Ledger(fresh) as ledger, pytest.raises(LedgerError, match="there is no ledger in"):
        ledger.verify()
    assert sql(fresh, "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'wideberth%'") == [(0,)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is an empty file"),
        (b"\x89PNG" + bytes(3000), "not a SQLite database"),
        (b'{"body":{}}\n' * 100, "if it is an export"),
        (b"SQLite format 3\0" + bytes(3000), "cannot"),
        (None, "is a folder"),
    ],
)
def test_a_wrong_file_is_refused_and_left_alone(tmp_path: Path, content: bytes | None, says: str) -> None:
    """By reading and by writing."""
    path = tmp_path / "ledger.sqlite"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    ledger = Ledger(path)
    for use in (ledger.verify, lambda: ledger.add([finding("a")])):
        with pytest.raises(LedgerError, match=says):
            use()
    assert content is None or path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["ledger.sqlite"]


def test_a_database_of_someone_else_is_left_alone(tmp_path: Path) -> None:
    """A SQLite database that is no ledger is neither read as one nor made one."""
    path = tmp_path / "bookmarks.sqlite"
    sql(str(path), "CREATE TABLE bookmarks (url TEXT)", "INSERT INTO bookmarks VALUES ('x')")
    before = path.read_bytes()
    ledger = Ledger(path)
    for use in (ledger.verify, lambda: ledger.add([finding("a")])):
        with pytest.raises(LedgerError, match=r"but not a ledger\. It was left as it is"):
            use()
    assert path.read_bytes() == before


def test_a_ledger_of_another_format_is_refused(ledger: Ledger, where: str) -> None:
    """The mark of the format is looked at before anything else."""
    ledger.add([finding("a")])
    sql(where, "UPDATE wideberth_ledger SET version = 2")
    for use in (ledger.verify, lambda: ledger.add([finding("b")])):
        with pytest.raises(LedgerError, match="has the format 2; this version of wideberth knows format 1"):
            use()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://somebody@somewhere/x", "begins with 'mysql:'"),
        ("https://example.org/ledger", "begins with 'https:'"),
        ("postgresql://host:port/x", "cannot be read"),
        ("postgresql://user:secret@127.0.0.1:1/x", "Connection refused"),
        ("postgresql://user:secret@127.0.0.1:1/x?nonsense=1", "nonsense"),
        (f"postgresql://user:secret@{'x' * 70}/x", "cannot read the ledger"),
        ("no\0name", "not the name of a file"),
    ],
)
def test_a_url_that_leads_nowhere_is_refused(url: str, says: str) -> None:
    """In one sentence, and without the password."""
    with pytest.raises(LedgerError, match=says) as refused:
        Ledger(url).verify()
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_database_that_is_not_there_is_named(postgresql: str) -> None:
    """The server's own words, in one line."""
    with pytest.raises(LedgerError, match='"nowhere" does not exist') as refused:
        Ledger(f"{postgresql}/nowhere").verify()
    assert "\n" not in str(refused.value)


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without psycopg the message says what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"pip install \"wideberth\[postgres\]\""):
        Ledger("postgresql://somebody@somewhere/x")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Go on without root's rights, where we have them; permissions mean nothing to root."""
    if os.getuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_may_not_be_read_or_written_is_said() -> None:
    """A write-protected ledger can be read and not added to; one that may not be read says so."""
    folder = Path(tempfile.mkdtemp())  # pytest's own folders are closed to nobody
    try:
        path = folder / "ledger.sqlite"
        Ledger(path).add([finding("a")])
        path.chmod(0o444)
        folder.chmod(0o555)
        with as_nobody():
            assert Ledger(path).verify().records == 1
            with pytest.raises(LedgerError, match="write-protected"):
                Ledger(path).add([finding("b")])
            with pytest.raises(LedgerError, match="cannot make the ledger"):
                Ledger(folder / "other.sqlite").add([finding("b")])
        path.chmod(0)
        with as_nobody():
            for use in (Ledger(path).verify, lambda: Ledger(path).add([finding("b")])):
                with pytest.raises(LedgerError, match="permission denied"):
                    use()
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A ledger is made in a folder that is there."""
    with pytest.raises(LedgerError, match="there is no folder"):
        Ledger(tmp_path / "absent" / "ledger.sqlite").add([finding("a")])


def test_a_full_disk_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    """What does not fit is refused in words; what was there before still verifies, and more can be added later."""
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.add([finding("a")])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
        with pytest.raises(LedgerError, match="disk"):
            ledger.add([finding(f"f{i}") for i in range(2000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)

    assert [each.about for each in ledger.records()] == ["a"]
    assert ledger.verify().is_good
    assert ledger.add([finding("b")]).head.seq == 2


def test_an_export_that_cannot_be_written_leaves_nothing(ledger: Ledger, where: str, tmp_path: Path) -> None:
    """Neither half a file nor an export in the ledger's own place."""
    ledger.add([finding("a")])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(WriteError, match="Nothing was written"):
        ledger.export(tmp_path / "absent" / "export.jsonl")
    if not where.startswith("postgresql:"):
        with pytest.raises(UsageError, match="is the ledger itself"):
            ledger.export(where)
    with pytest.raises(WriteError, match="not the name of a file"):
        ledger.export("a\0b")
    assert sorted(tmp_path.iterdir()) == before
    assert ledger.verify().is_good


def test_an_export_replaces_no_other_database_and_no_device(
    ledger: Ledger, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Another ledger, a pipe, a folder and the root of all folders stay what they are."""
    folder = tmp_path_factory.mktemp("others")
    other, pipe = folder / "other.sqlite", folder / "pipe"
    Ledger(other).add([finding("b")])
    os.mkfifo(pipe)
    before = other.read_bytes()
    ledger.add([finding("a")])

    with pytest.raises(UsageError, match="perhaps another ledger, and was left as it is"):
        ledger.export(other)
    # Not a device: where this fails, a test that root runs would put a file in its place.
    for target in (pipe, folder, Path("/")):
        with pytest.raises(WriteError, match="Nothing was written"):
            ledger.export(target)
    assert other.read_bytes() == before
    assert pipe.is_fifo()
    assert sorted(each.name for each in folder.iterdir()) == ["other.sqlite", "pipe"]


def test_a_name_with_signs_in_it_is_a_name(tmp_path: Path) -> None:
    """What means something in a URL means nothing in the name of a file."""
    path = tmp_path / "a?mode=ro#50%25 é.sqlite"
    Ledger(path).add([finding("a")])

    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert Ledger(path).verify().records == 1


def test_a_link_leads_to_the_ledger(tmp_path: Path) -> None:
    """A link to a ledger that is not there yet has it made where the link points."""
    (tmp_path / "there").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "there" / "ledger.sqlite")
    Ledger(link).add([finding("a")])

    assert link.is_symlink()
    assert Ledger(tmp_path / "there" / "ledger.sqlite").verify().records == 1


# Guards, and many at once


def test_the_database_refuses_accidents(ledger: Ledger, where: str) -> None:
    """Changing or removing a row is refused by the database itself."""
    ledger.add([finding("a")])
    for accident in ("UPDATE wideberth_records SET kind = 'key'", "DELETE FROM wideberth_records"):
        with pytest.raises(Exception, match="append-only"):
            sql(where, accident)
    assert ledger.verify().is_good


def test_ten_processes_at_once_lose_nothing(where: str) -> None:
    """They begin where there is no ledger; every finding is there once, and the chain holds."""
    own, common = 30, 5
    done = subprocess.run(
        [sys.executable, "-c", WRITES_AT_ONCE, where, str(WRITERS), str(own), str(common)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with Ledger(where) as ledger:
        names = [each.about for each in ledger.records()]
        found = ledger.verify()

    expected = {f"{w}-{i}" for w in range(WRITERS) for i in range(own)} | {
        f"common-{i}" for i in range(common)
    }
    assert found.is_good
    assert len(names) == len(expected)
    assert set(names) == expected


def test_ten_threads_with_one_ledger_lose_nothing(ledger: Ledger) -> None:
    """Also while another thread reads."""
    ledger.add([])
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for i in range(10):
                ledger.add([finding(f"{writer}-{i}")])
                assert ledger.head().seq
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(each,)) for each in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert ledger.verify().records == WRITERS * 10


def killed(place: Callable[[int], str], kills: int, within: Callable[[int], int]) -> None:
    """Kill a process in the middle of its writes, again and again; each time the ledger must hold what it confirmed."""
    chance = random.Random(8785)
    worker = subprocess.Popen(
        [sys.executable, "-c", WRITES_UNTIL_KILLED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert worker.stdin
    assert worker.stdout
    confirmed: dict[str, set[str]] = {}
    deaths: Counter[str] = Counter()
    for number in range(kills):
        where = place(number)
        worker.stdin.write(f"{number} {where}\n")
        pid = int(worker.stdout.readline().split()[1])
        lines = [worker.stdout.readline().strip() for _ in range(within(number))]
        time.sleep(chance.random() * 0.01)  # so that it dies anywhere in a write, not always after one
        os.kill(pid, signal.SIGKILL)
        while (line := worker.stdout.readline().strip()) != "dead":
            lines.append(line)
        assert len(lines) < 1000
        confirmed.setdefault(where, set()).update(lines)
        deaths[where] += 1
        try:
            with Ledger(where) as ledger:
                found = ledger.verify()
                names = {str(each.about) for each in ledger.records()}
        except LedgerError as error:
            if "there is no ledger" in str(error) and not confirmed[where]:  # it died before it had made one
                continue
            raise

        assert found.is_good, found.bad
        assert confirmed[where] <= names
        assert len(names - confirmed[where]) <= deaths[where]  # at most one unconfirmed write a death
    worker.stdin.close()
    assert worker.wait(timeout=60) == 0


@pytest.mark.slow
def test_killed_in_the_middle_of_its_writes_fifty_times(tmp_path: Path) -> None:
    """Kill -9 loses nothing that was confirmed, and the next writer goes on from there."""
    chance = random.Random(1)
    killed(
        lambda number: str(tmp_path / f"ledger-{number // 10}.sqlite"),
        KILLS,
        lambda number: 900 if number == KILLS - 1 else chance.randrange(0, 150 if number % 10 else 3),
    )


@pytest.mark.slow
def test_killed_in_the_middle_of_its_writes_to_postgresql(fresh: str) -> None:
    """The same with a server: the client dies, the transaction is gone or complete."""
    chance = random.Random(2)
    killed(lambda number: fresh, KILLS, lambda number: chance.randrange(0, 60))


def test_half_a_transaction_on_disk_is_undone_by_a_reader(tmp_path: Path) -> None:
    """A file that a writer left half written, with its journal, reads as before the transaction."""
    path = tmp_path / "ledger.sqlite"
    Ledger(path).add([finding("a")])
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA cache_size = 1")
    writer.execute("BEGIN IMMEDIATE")
    for i in range(2, 2000):
        writer.execute(
            "INSERT INTO wideberth_records VALUES (?, ?, 'finding', 'x', ?)", (i, str(i), "y" * 500)
        )
    copy = tmp_path / "copy.sqlite"
    shutil.copy(path, copy)  # as a death at this instant would leave them
    shutil.copy(f"{path}-journal", f"{copy}-journal")
    writer.execute("ROLLBACK")
    writer.close()

    assert copy.stat().st_size > 100_000
    assert Ledger(copy).verify().records == 1
    assert Ledger(copy).add([finding("b")]).head.seq == 2


def test_a_ledger_at_rest_is_one_file(tmp_path: Path) -> None:
    """No journal stays behind: copying the file copies the ledger."""
    Ledger(tmp_path / "ledger.sqlite").add([finding("a")])

    assert [each.name for each in tmp_path.iterdir()] == ["ledger.sqlite"]


# Edits behind the ledger's back


def full(where: str, folder: Path) -> Ledger:
    """Return a ledger with every kind of record, 8 in all."""
    west = Signer.load(write_key(folder, "west"), "west")
    ledger = Ledger(where)
    ledger.add([finding("a"), finding("b")])  # 1, 2
    ledger.add_key("west", west.public_key)  # 3
    ledger.say("a", "west", "disputed", "no", sign=west)  # 4
    ledger.add([finding("a", 2.5)], sign=west)  # 5
    ledger.report("two jets")  # 6
    ledger.say("b", "east", "explained", "an emergency")  # 7
    ledger.add([finding("c")])  # 8
    assert ledger.verify().is_good
    return ledger


@pytest.mark.parametrize(
    ("statements", "bad", "says"),
    [
        (["UPDATE wideberth_records SET text = replace(text, ':2.5', ':2.4')"], 5, "was changed"),
        (["UPDATE wideberth_records SET text = replace(text, 'disputed', 'explained')"], 4, "was changed"),
        (["UPDATE wideberth_records SET text = replace(text, ':', ': ') WHERE seq = 2"], 2, "canonical form"),
        (["UPDATE wideberth_records SET text = '{}' WHERE seq = 6"], 6, "not those of a record"),
        (["UPDATE wideberth_records SET text = '' WHERE seq = 6"], 6, "not JSON"),
        (["UPDATE wideberth_records SET text = '[1]' WHERE seq = 6"], 6, "not a JSON object"),
        (["DELETE FROM wideberth_records WHERE seq = 1"], 1, "number 2 stands in its place"),
        (["DELETE FROM wideberth_records WHERE seq = 4"], 4, "number 5 stands in its place"),
        (["DELETE FROM wideberth_records WHERE seq IN (3, 4, 5)"], 3, "number 6 stands in its place"),
        (
            [
                "UPDATE wideberth_records SET seq = 99 WHERE seq = 3",
                "UPDATE wideberth_records SET seq = 3 WHERE seq = 4",
                "UPDATE wideberth_records SET seq = 4 WHERE seq = 99",
            ],
            3,
            "number 4 stands in its place",
        ),
        (["UPDATE wideberth_records SET seq = 0 WHERE seq = 8"], 1, "number 8 stands in its place"),
        (["UPDATE wideberth_records SET about = 'z' WHERE seq = 2"], 2, "column 'about' says 'z'"),
        (["UPDATE wideberth_records SET about = NULL WHERE seq = 2"], 2, "column 'about' says None"),
        (["UPDATE wideberth_records SET kind = 'report' WHERE seq = 2"], 2, "column 'kind' says 'report'"),
        (["UPDATE wideberth_records SET hash = 'x' WHERE seq = 7"], 7, "column 'hash' says 'x'"),
        (["UPDATE wideberth_records SET seq = 9 WHERE seq = 8"], 8, "column 'seq' says 9"),
        (["INSERT INTO wideberth_records SELECT 9, 'x', kind, about, text FROM wideberth_records WHERE seq = 8"],
            9, "8 stands"),
    ],
)  # fmt: skip
def test_every_edit_in_the_database_is_found(
    where: str, tmp_path: Path, statements: list[str], bad: int, says: str
) -> None:
    """The first bad record is named; those before it hold; an export is refused."""
    ledger = full(where, tmp_path)
    unguarded(where)
    sql(where, *statements)
    found = ledger.verify()

    assert found.bad is not None
    assert found.bad.seq == bad
    assert says in found.bad.what
    assert found.records == bad - 1
    if "column" not in says:  # an export takes the texts, and leaves the columns beside them
        with pytest.raises(LedgerError, match=f"was not exported: record {bad}"):
            ledger.export(tmp_path / "export.jsonl")
        assert not (tmp_path / "export.jsonl").exists()
    ledger.close()


@pytest.mark.parametrize("value", ["x'00ff'", "CAST(x'7b22ff22' AS TEXT)", "5"])
def test_a_text_that_is_none_is_found(tmp_path: Path, value: str) -> None:
    """SQLite holds anything in any column: bytes that are no text are a bad record, not an error."""
    where = str(tmp_path / "ledger.sqlite")
    ledger = full(where, tmp_path)
    unguarded(where)
    sql(where, f"UPDATE wideberth_records SET text = {value} WHERE seq = 3")
    found = ledger.verify()

    assert found.bad is not None
    assert found.bad.seq == 3
    assert str(found.bad).isascii()
    with pytest.raises(LedgerError, match="record 3"):
        list(ledger.records())


def test_a_damaged_index_is_found(tmp_path: Path) -> None:
    """A row that an index leads past is there and unchanged, but no search finds it: the file is called damaged."""
    path = tmp_path / "ledger.sqlite"
    ledger = full(str(path), tmp_path)
    entry = (
        b"report-"  # stands in the text, in the column and, short and followed by the number, in the index
    )
    data = path.read_bytes()
    (page,) = sql(str(path), "SELECT rootpage FROM sqlite_schema WHERE name = 'wideberth_records_about'")[0]
    (size,) = sql(str(path), "PRAGMA page_size")[0]
    place = data.index(entry, (page - 1) * size, page * size)
    path.write_bytes(data[:place] + b"r" + b"f" + data[place + 2 :])

    found = ledger.verify()

    assert (found.is_good, found.bad, found.records) == (False, None, 8)
    assert found.fault is not None
    assert "wideberth_records_about" in found.fault


@pytest.mark.slow
def test_no_damage_to_a_file_goes_unseen(tmp_path: Path) -> None:
    """Any bit turned: it is found, or everything reads as before; and nothing raises another error than ours."""
    path, changed = tmp_path / "ledger.sqlite", tmp_path / "changed.sqlite"
    before = full(str(path), tmp_path)
    data, head = path.read_bytes(), before.head()
    whole = [list(before.records()), before.state(), before.state_of("a")]
    used = [place for place, byte in enumerate(data) if byte]
    chance = random.Random(8785)
    found = 0
    for place in chance.sample(used, 600):
        turned = bytes([data[place] ^ 1 << chance.randrange(8)])
        changed.unlink(missing_ok=True)
        changed.write_bytes(data[:place] + turned + data[place + 1 :])
        ledger = Ledger(changed)
        try:
            is_good = ledger.verify(head=head).is_good
        except LedgerError:
            is_good = False
        if is_good:
            assert [list(ledger.records()), ledger.state(), ledger.state_of("a")] == whole, place
        found += not is_good

    assert found > 400


def test_a_schema_that_is_no_text_is_a_message(tmp_path: Path) -> None:
    """SQLite quotes the damaged bytes in its error, which Python then cannot read as text."""
    path = tmp_path / "ledger.sqlite"
    Ledger(path).add([finding("a")])
    path.write_bytes(
        path.read_bytes().replace(b"CREATE TABLE wideberth_records", b"CREATE TABLE wideberth_r\xffcords")
    )
    with pytest.raises(LedgerError, match="malformed database schema") as refused:
        Ledger(path).verify()
    assert str(refused.value).isascii()


def test_a_ledger_is_made_where_one_was_dropped(fresh: str) -> None:
    """Whoever drops the tables leaves the function of the trigger behind; that stops nobody."""
    with Ledger(fresh) as ledger:
        ledger.add([finding("a")])
        sql(fresh, "DROP TABLE wideberth_records, wideberth_ledger")
        assert ledger.add([finding("b")]).head.seq == 1
        with pytest.raises(Exception, match="append-only"):
            sql(fresh, "DELETE FROM wideberth_records")


def test_a_cut_tail_is_found_by_a_head_noted_elsewhere(where: str, tmp_path: Path) -> None:
    """Without a head the end is called unproven; with one, what was cut off is missed."""
    with full(where, tmp_path) as ledger:
        head = ledger.head()
        middle = Head(5, list(ledger.records())[4].hash)
        assert ledger.verify().unproven == 8
        assert ledger.verify(head=head).unproven == 0
        assert ledger.verify(head=middle).unproven == 3
        assert ledger.verify(head=Head(None, middle.hash)).unproven == 3
        unguarded(where)
        sql(where, "DELETE FROM wideberth_records WHERE seq > 6")

        assert ledger.verify().is_good
        assert ledger.verify(head=middle).unproven == 1
        found = ledger.verify(head=head)
        assert found.bad is not None
        assert (found.bad.seq, found.records) == (7, 6)
        assert "the end was cut off" in found.bad.what
        unnumbered = ledger.verify(head=Head(None, head.hash))
        assert unnumbered.bad is not None
        assert "no record has the hash" in unnumbered.bad.what


def test_a_forged_end_is_found_by_a_head_noted_elsewhere(where: str, tmp_path: Path) -> None:
    """Cut off and written anew, the chain holds in itself; the head that was noted tells."""
    with full(where, tmp_path) as ledger:
        head = ledger.head()
        unguarded(where)
        sql(where, "DELETE FROM wideberth_records WHERE seq > 7")
        ledger.add([finding("d")])

        assert ledger.verify().is_good
        found = ledger.verify(head=head)
        assert found.bad is not None
        assert found.bad.seq == 8
        assert "whose hash was noted" in found.bad.what


def test_nothing_is_appended_to_a_record_that_does_not_hold(where: str, tmp_path: Path) -> None:
    """A writer looks at the record it is about to follow."""
    with full(where, tmp_path) as ledger:
        unguarded(where)
        sql(where, "UPDATE wideberth_records SET text = replace(text, 'west', 'east') WHERE seq = 8")
        with pytest.raises(LedgerError, match=r"record 8: its content does not match its hash.*verify"):
            ledger.add([finding("d")])


def test_an_empty_ledger_verifies(ledger: Ledger, tmp_path: Path) -> None:
    """Adding no findings makes one; its export holds the last line only."""
    assert ledger.add([]).head == Head(0, GENESIS)
    assert ledger.verify().records == 0
    done = ledger.export(tmp_path / "export.jsonl")

    assert json.loads((tmp_path / "export.jsonl").read_text())["count"] == 0
    assert verify_bundle(tmp_path / "export.jsonl", digest=done.sha256).is_good


def test_a_place_among_more_findings_is_no_revision(tmp_path: Path) -> None:
    """A longer recording holds more findings, and moves the rank of each: the finding is the same."""
    finding = {"id": "w1", "rule": "west", "verdict": "broken", "magnitude": 812.1, "rank": 3}
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert ledger.add([finding]).added == 1
        again = ledger.add([{**finding, "rank": 7}])
        assert (again.added, again.revised, again.unchanged) == (0, 0, 1)
        moved = ledger.add([{**finding, "rank": 7, "magnitude": 812.3}])
        assert moved.revised == 1
