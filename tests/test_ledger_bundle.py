"""Canonical JSON, and the export that the other party verifies: every change in it is found."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from wideberth.errors import LedgerError, UsageError
from wideberth.ledger import Exported, Head, Ledger, Signer, verify_bundle
from wideberth.ledger.canonical import LARGEST_NUMBER, canonical, parse
from wideberth.ledger.records import Record, composed, report_id, signed_part

if TYPE_CHECKING:
    import random

DOCS = Path(__file__).parents[1] / "docs" / "ledger.md"

numbers = st.integers(-LARGEST_NUMBER, LARGEST_NUMBER) | st.floats(-LARGEST_NUMBER, LARGEST_NUMBER)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=15,
)


# Canonical form


@given(values)
def test_what_is_written_is_read_back(value: Any) -> None:
    """The canonical text is JSON of the same value, and the canonical text of what is read from it."""
    text = canonical(value)

    assert parse(text) == value
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@given(st.dictionaries(texts, values, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_members_makes_no_difference(value: dict[str, Any], chance: random.Random) -> None:
    """One value, one text."""
    items = list(value.items())
    chance.shuffle(items)

    assert canonical(dict(items)) == canonical(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # RFC 8785, 3.2.2 (without 1E30, which is beyond what is let in) and 3.2.3
        ([333333333.33333329, 4.50, 2e-3, 0.000000000000000000000000001], "[333333333.3333333,4.5,0.002,1e-27]"),
        ([None, True, False, -0.0, 1e-7, 1e-6], "[null,true,false,0,1e-7,0.000001]"),
        ("€$\u000f\nA'\u0042\u0022\u005c\\\"/", '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        (
            {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "ö": 7},
            '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\U0001f600":5,"\ufb33":3}',
        ),
    ],
)  # fmt: skip
def test_the_examples_of_the_standard(value: Any, text: str) -> None:
    """Numbers as ECMAScript writes them, members in the order of UTF-16."""
    assert canonical(value) == text


@pytest.mark.parametrize(
    "text",
    [
        '{"b":1,"a":2}',
        '{"a": 1}',
        '{"a":1,"a":1}',
        "1.0",
        "-0",
        "1e2",
        '"\\u0041"',
        '"\\ud800"',
        "NaN",
        "9007199254740992",
        "1" * 5000,
        "[" * 100_000,
        "",
        "{}x",
        "\ufeff{}",
    ],
)
def test_other_texts_of_a_value_are_refused(text: str) -> None:
    """Not JSON, not canonical, or beyond what is let in: a message, whatever the text."""
    with pytest.raises(LedgerError):
        parse(text)


@given(
    st.dictionaries(texts, values, max_size=4),
    st.integers(1, 2**53 - 1),
    st.dictionaries(st.sampled_from("abc"), st.just("A" * 86 + "=="), max_size=2),
)
def test_a_record_put_together_is_canonical(
    finding: dict[str, Any], seq: int, signatures: dict[str, str]
) -> None:
    """The text made from pieces is what RFC 8785 makes of the whole, and its hash covers all but itself."""
    body = {"finding": finding | {"id": "x"}}
    place = ("finding", "ab" * 32, seq, "2017-11-20T08:00:00.000000Z")
    text, digest = composed(canonical(body), *place, signatures)
    value = json.loads(text)

    assert rfc8785.dumps(value).decode() == text
    del value["hash"]
    assert hashlib.sha256(rfc8785.dumps(value)).hexdigest() == digest
    value.pop("signatures", None)
    assert rfc8785.dumps(value) == signed_part(canonical(body), *place)
    record = Record.parse(text)
    assert (record.body, record.seq, record.signatures) == (body, seq, signatures)
    assert record.signed_part == signed_part(canonical(body), *place)


# The export


def small(folder: Path) -> tuple[Path, Exported, Head]:
    """Write an export of four records, one of them signed; returns also the head of an earlier moment."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "west.pem").write_bytes(pem)
    (folder / "west.pub.pem").write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    west = Signer.load(folder / "west.pem", "west")
    with Ledger(folder / "ledger.sqlite") as ledger:
        ledger.add([{"id": "a", "where": "östlich"}])
        earlier = ledger.add_key("west", west.public_key).head
        ledger.say("a", "west", "disputed", sign=west)
        ledger.add([{"id": "a", "depth_m": 1.5}])
        path = folder / "export.jsonl"
        return path, ledger.export(path), earlier


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Exported, Head]:
    return small(tmp_path_factory.mktemp("export"))


def is_found(data: bytes, folder: Path) -> bool:
    """Whether verification of these bytes, with nothing noted elsewhere, finds a fault."""
    path = folder / "changed.jsonl"
    path.unlink(missing_ok=True)  # some file systems take their time over a file that is written again
    path.write_bytes(data)
    try:
        return not verify_bundle(path).is_good
    except LedgerError:  # an empty file
        return True


def test_an_export_verifies_without_a_database(export: tuple[Path, Exported, Head], tmp_path: Path) -> None:
    """Alone in a folder, with and without the digest and the head; it says what is unproven."""
    path = Path(shutil.copy(export[0], tmp_path))
    _, done, earlier = export
    alone = verify_bundle(path)

    assert (alone.is_good, alone.records, alone.unproven, alone.signatures) == (True, 4, 4, {"west": 1})
    assert alone.sha256 == done.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert alone.head == done.head
    assert verify_bundle(path, digest=done.sha256).unproven == 0
    assert verify_bundle(path, digest=f"SHA256:{done.sha256.upper()}").unproven == 0
    assert verify_bundle(path, head=done.head).unproven == 0
    assert verify_bundle(path, head=earlier).unproven == 2


def test_the_lines_are_the_records(export: tuple[Path, Exported, Head]) -> None:
    """Each line is the text that the ledger holds; the last line sums them up."""
    path, done, _ = export
    *lines, last = path.read_bytes().splitlines(keepends=True)
    with Ledger(path.parent / "ledger.sqlite") as ledger:
        texts = [f"{each.text}\n".encode() for each in ledger.records()]

    assert lines == texts
    assert json.loads(last) == {
        "count": 4,
        "head": done.head.hash,
        "sha256": hashlib.sha256(b"".join(lines)).hexdigest(),
        "wideberth_ledger": 1,
    }


@pytest.mark.slow
def test_every_single_byte_change_is_found(export: tuple[Path, Exported, Head], tmp_path: Path) -> None:
    """Each bit of each byte turned, each byte removed, doubled, made a line end: the file alone shows it."""
    data = export[0].read_bytes()
    changed = []
    for place, byte in enumerate(data):
        before, after = data[:place], data[place + 1 :]
        changed += [before + bytes([byte ^ 1 << bit]) + after for bit in range(8)]
        changed += [before + after, before + bytes([byte, byte]) + after]
        if byte != ord("\n"):
            changed.append(before + b"\n" + after)

    assert len(changed) > 10 * len(data)
    assert [each for each in changed if not is_found(each, tmp_path)] == []


def test_every_cut_is_found(export: tuple[Path, Exported, Head], tmp_path: Path) -> None:
    """Wherever the file ends too early; and whatever follows its end."""
    data = export[0].read_bytes()

    assert [end for end in range(len(data)) if not is_found(data[:end], tmp_path)] == []
    for more in (b"\n", b" ", b"\0", b"{}\n", data, data.splitlines(keepends=True)[-1]):
        assert is_found(data + more, tmp_path)


@given(st.data())
def test_lines_moved_about_are_found(
    export: tuple[Path, Exported, Head], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any other selection or order of the lines does not verify; the record that is named is the first that differs."""
    lines = export[0].read_bytes().splitlines(keepends=True)
    chosen = data.draw(st.lists(st.integers(0, len(lines) - 1), max_size=7))
    if chosen == list(range(len(lines))):
        return
    path = tmp_path_factory.getbasetemp() / "moved.jsonl"
    path.write_bytes(b"".join(lines[each] for each in chosen))
    if not chosen:
        with pytest.raises(LedgerError, match="empty file"):
            verify_bundle(path)
        return
    found = verify_bundle(path)
    differs = next((i for i, each in enumerate(chosen) if each != i), len(chosen) - 1)

    assert found.bad is not None
    assert found.bad.line == differs + 1


def test_the_first_bad_record_is_named(export: tuple[Path, Exported, Head], tmp_path: Path) -> None:
    """With its line; and with what is wrong."""
    path = tmp_path / "changed.jsonl"
    path.write_bytes(export[0].read_bytes().replace(b"disputed", b"accepted"))
    found = verify_bundle(path)

    assert str(found.bad) == "record 3 (line 3): its content does not match its hash: it was changed"
    assert found.records == 2


def test_what_follows_the_end_is_named(export: tuple[Path, Exported, Head], tmp_path: Path) -> None:
    """The last line is not taken for a damaged record."""
    path = tmp_path / "longer.jsonl"
    path.write_bytes(export[0].read_bytes() + b"x")

    assert str(verify_bundle(path).bad) == (
        "record 5 (line 5): the export ends here, and what follows was added to it"
    )


def rewritten(path: Path, change: Any) -> bytes:
    """Return an export whose records were changed and hashed anew, as a forger would."""
    previous, lines = "0" * 64, []
    for seq, line in enumerate(path.read_bytes().splitlines()[:-1], start=1):
        record = json.loads(line)
        if change(record) == "drop":
            break
        record |= {"previous": previous, "seq": seq}
        record.pop("hash")
        record["hash"] = previous = hashlib.sha256(rfc8785.dumps(record)).hexdigest()
        lines.append(rfc8785.dumps(record) + b"\n")
    whole = b"".join(lines)
    last = {
        "count": len(lines),
        "head": previous,
        "sha256": hashlib.sha256(whole).hexdigest(),
        "wideberth_ledger": 1,
    }
    return whole + rfc8785.dumps(last) + b"\n"


def test_a_forged_end_is_found_by_what_was_noted_elsewhere(
    export: tuple[Path, Exported, Head], tmp_path: Path
) -> None:
    """A forger who writes a new last line is not found by the file alone, but by its digest and by its head."""
    path = tmp_path / "forged.jsonl"
    path.write_bytes(rewritten(export[0], lambda record: "drop" if record["seq"] == 4 else None))
    _, done, earlier = export
    alone = verify_bundle(path)

    assert (alone.is_good, alone.unproven) == (True, 3)
    by_digest = verify_bundle(path, digest=done.sha256)
    assert by_digest.bad is not None
    assert "not the one whose digest was given" in by_digest.bad.what
    by_head = verify_bundle(path, head=done.head)
    assert by_head.bad is not None
    assert (by_head.bad.seq, by_head.records) == (4, 3)
    assert verify_bundle(path, head=earlier).unproven == 1


def changed_body(kind: str, **members: Any) -> Any:
    def change(record: dict[str, Any]) -> None:
        if record["kind"] == kind:
            record["body"] |= members

    return change


def changed_record(seq: int, **members: Any) -> Any:
    def change(record: dict[str, Any]) -> None:
        if record["seq"] == seq:
            record |= members

    return change


@pytest.mark.parametrize(
    ("change", "bad", "says"),
    [
        (changed_body("statement", says="acknowledged"), 3, "signature of 'west' is not by its key"),
        (changed_body("statement", says="denied"), 3, "says one of acknowledged"),
        (changed_body("statement", about="b"), 3, "not about the latest record of 'b'"),
        (changed_body("statement", extra=1), 3, "has no member 'extra'"),
        (changed_body("statement", party=""), 3, "not empty"),
        (changed_body("statement", text=None), 3, "'text' is not of the right type"),
        (changed_body("revision", revises="0" * 64), 4, "does not revise the latest"),
        (changed_body("revision", finding={"id": "b"}), 4, "does not revise the latest"),
        (changed_body("revision", finding={}), 4, "the id must be a text"),
        (changed_body("key", public_key="AAAA"), 2, "no Ed25519 public key"),
        (changed_body("key", party="east"), 3, "whose key no record before it gives"),
        (changed_record(4, kind="finding", body={"finding": {"id": "a"}}), 4, "must be a revision"),
        (changed_record(4, kind="report", body={"id": "report-0", "text": "x"}), 4, "not that of its content"),
        (changed_record(4, kind="judgement"), 4, "is not known to this version"),
        (changed_record(4, kind=None), 4, "is not known to this version"),
        (changed_record(4, body=[]), 4, "body is not a JSON object"),
        (changed_record(4, written="2017-11-20T08:00:00Z"), 4, "the time it was written"),
        (changed_record(4, written="2017-13-20T08:00:00.000000Z"), 4, "the time it was written"),
        (changed_record(4, signatures={}), 4, "not a JSON object that names parties"),
        (changed_record(4, signatures=[]), 4, "not a JSON object that names parties"),
        (changed_record(4, signatures={"west": "AAAA"}), 4, "not 64 bytes in base64"),
        (changed_record(4, signatures={"west": "A" * 86 + "=="}), 4, "not by its key"),
        (changed_record(4, signatures={"west": "A" * 85 + "B=="}), 4, "not 64 bytes in base64"),
        (changed_record(4, more=1), 4, "more"),
    ],
)  # fmt: skip
def test_what_is_rewritten_with_all_hashes_must_still_make_sense(
    export: tuple[Path, Exported, Head], tmp_path: Path, change: Any, bad: int, says: str
) -> None:
    """Whoever rewrites the whole chain still cannot say what a ledger would not hold, nor sign for a party."""
    path = tmp_path / "rewritten.jsonl"
    path.write_bytes(rewritten(export[0], change))
    found = verify_bundle(path)

    assert found.bad is not None
    assert found.bad.seq == bad
    assert says in found.bad.what


def test_a_signature_cannot_be_taken_away_in_the_middle(
    export: tuple[Path, Exported, Head], tmp_path: Path
) -> None:
    """The hash covers signatures: without one the record no longer matches, and hashed anew it is not the one noted."""
    plain = re.sub(rb'"signatures":\{[^}]*\},', b"", export[0].read_bytes())
    assert is_found(plain, tmp_path)

    path = tmp_path / "rewritten.jsonl"
    path.write_bytes(rewritten(export[0], lambda record: record.pop("signatures", None) and None))
    assert verify_bundle(path).unsigned == (3,)
    assert not verify_bundle(path, head=export[1].head).is_good


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"x",
        b"{}\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"a":' * 50_000 + b"\n",
        b"SQLite format 3\0",
    ],
)
def test_a_file_that_is_no_export_has_a_first_bad_line(tmp_path: Path, data: bytes) -> None:
    """Whatever the bytes."""
    path = tmp_path / "export.jsonl"
    path.write_bytes(data)
    found = verify_bundle(path)

    assert found.bad is not None
    assert found.records == 0


@given(st.binary(min_size=1, max_size=200))
def test_no_bytes_verify_by_chance(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Nothing but an export does, and nothing raises another error than ours."""
    assert is_found(data, tmp_path_factory.getbasetemp())


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Absent, empty, a folder, no name at all."""
    (tmp_path / "empty").touch()
    for name, says in (
        (tmp_path / "absent", "No such file"),
        (tmp_path / "empty", "empty file"),
        (tmp_path, "is a folder"),
        ("a\0b", "cannot read"),
    ):
        with pytest.raises(LedgerError, match=says):
            verify_bundle(name)


@pytest.mark.parametrize(
    "text", ["", "12", "12:", "x" * 64, "-1:" + "a" * 64, "1:2:" + "a" * 64, "²:" + "a" * 64]
)
def test_a_head_that_is_none_is_refused(text: str) -> None:
    """The message says what a head looks like; the same of a digest."""
    with pytest.raises(UsageError, match="64 hexadecimal digits"):
        Head.parse(text)


def test_a_digest_that_is_none_is_refused(export: tuple[Path, Exported, Head]) -> None:
    """Before the file is looked at."""
    with pytest.raises(UsageError, match="64 hexadecimal digits"):
        verify_bundle(export[0], digest="12ab")


@given(st.integers(0, 10**18 - 1), st.binary(min_size=32, max_size=32))
def test_a_head_is_read_as_it_is_written(seq: int, digest: bytes) -> None:
    """With and without its number."""
    for head in (Head(seq, digest.hex()), Head(None, digest.hex())):
        assert Head.parse(f" {head} ") == head


def test_a_report_is_named_by_its_content() -> None:
    """The id is a digest of the rest."""
    body = {"text": "two jets"}

    assert report_id(body) == report_id(body | {"id": "anything"})
    assert report_id(body) == f"report-{hashlib.sha256(canonical(body).encode()).hexdigest()[:16]}"


# The documents


def script() -> str:
    """Return the script that docs/ledger.md gives to a stranger."""
    found = re.findall(
        r"^```python\n(import base64.*?)^```$", DOCS.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert len(found) == 1
    return str(found[0])


def test_a_stranger_verifies_an_export_with_the_script_in_the_docs(
    export: tuple[Path, Exported, Head], tmp_path: Path
) -> None:
    """It accepts an export and prints its digest; of a change it names the line."""
    program = tmp_path / "verify.py"
    program.write_text(script(), encoding="utf-8")
    data = export[0].read_bytes()

    def run(content: bytes) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "export.jsonl"
        path.write_bytes(content)
        return subprocess.run([sys.executable, program, path], capture_output=True, text=True, check=False)

    good = run(data)
    assert good.returncode == 0, good.stderr
    assert good.stdout.splitlines()[-1] == export[1].sha256
    for line, content in (
        (1, data.replace("östlich".encode(), b"westlich")),
        (3, data.replace(b"disputed", b"accepted")),
        (4, b"".join(data.splitlines(keepends=True)[i] for i in (0, 1, 2, 4))),
        (5, data.replace(b'"count":4', b'"count":5')),
        (5, data + b"\n"),
        (4, data[:-1]),
    ):
        bad = run(content)
        assert bad.returncode == 1
        assert bad.stderr.startswith(f"line {line}: "), bad.stderr
    forged = run(rewritten(export[0], changed_body("statement", says="acknowledged")))
    assert "InvalidSignature" in forged.stderr


def test_the_script_in_the_docs_is_short() -> None:
    """Thirty-odd lines: that a stranger reads before running it."""
    assert len([line for line in script().splitlines() if line.strip()]) <= 35


def test_the_python_in_the_docs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of the page, in an empty folder."""
    (example,) = re.findall(
        r"^```python\n(from wideberth.*?)^```$", DOCS.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    monkeypatch.chdir(tmp_path)
    exec(compile(example, str(DOCS), "exec"), {})
    assert sorted(each.name for each in tmp_path.iterdir()) == ["export.jsonl", "ledger.sqlite"]
