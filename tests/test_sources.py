"""Sources are taken apart into parts, containers told by content; damage costs what lies behind it."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import random
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from wideberth.errors import ReadError
from wideberth.read import archives, compressed, sources
from wideberth.read.batch import Rejects
from wideberth.read.sources import Part, expand

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
BOMB_BYTES = 64 * 2**20
# What may be held of it: the libraries' windows (8 MiB at most), buffers, and a megabyte of output.
HELD_BYTES = 20 * 2**20
LINES = b"".join(b"%06x,%d,%.5f\n" % (i * 7919 % 2**24, i, i**0.5) for i in range(2000))


def noise(size: int, seed: int = 0) -> bytes:
    """Bytes that do not become fewer by packing."""
    return random.Random(seed).randbytes(size)


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def tar(*members: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


PACKERS = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zstd": zstd}
NESTS: dict[str, Any] = {
    **PACKERS,
    "tar": lambda data: tar(("in.tar", data)),
    "zip": lambda data: zipped(("in.zip", data)),
}
each_packer = pytest.mark.parametrize("kind", PACKERS)


def written(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def parts_of(source: Any) -> tuple[list[Part], Rejects]:
    rejects = Rejects()
    return list(expand(source, rejects)), rejects


def content(part: Part) -> bytes:
    with part.open() as stream:
        return stream.read()


def contents(source: Any) -> dict[str, bytes]:
    """What is in each part, by its name from the last slash on, read as the parts come."""
    return {part.name.rsplit("/", 1)[-1]: content(part) for part in expand(source)}


def counted(rejects: Rejects) -> dict[str, int]:
    """How often each reason was given, wherever."""
    found: dict[str, int] = {}
    for (_, reason), count in rejects.counts.items():
        found[reason] = found.get(reason, 0) + count
    return found


def unpacked(kind: str, data: bytes) -> tuple[bytes, list[str]]:
    """What a compressed stream gives, and why it ended early."""
    damage: list[str] = []
    with compressed.decompressor(lambda: io.BytesIO(data), kind, damage)() as stream:
        return stream.read(), damage


# Files, and what they are called ----------------------------------------------------------------------


def test_a_file_is_one_part_that_can_be_opened_again(tmp_path: Path) -> None:
    """A plain file lies on disk as it is: its path and size are told, and it is named."""
    path = written(tmp_path, "day.csv", LINES)

    (part,), rejects = parts_of(path)

    assert (part.name, part.path, part.size, part.is_named) == (path, Path(path), len(LINES), True)
    assert content(part) == content(part) == LINES
    assert part.head(10) == LINES[:10]
    assert not rejects.counts


@each_packer
@pytest.mark.parametrize("name", ["aircraft.json", "day.csv", "day.gz", "day.tar.xz", "day"])
def test_compression_is_told_by_content(tmp_path: Path, kind: str, name: str) -> None:
    """The name decides nothing: readsb writes gzip under .json names."""
    packed = PACKERS[kind](LINES)
    path = written(tmp_path, name, packed)

    (part,), _ = parts_of(path)

    assert (part.name, part.path, part.size, part.is_named) == (path, None, len(packed), True)
    assert content(part) == content(part) == LINES
    assert part.damage == []


@pytest.mark.parametrize("name", ["day.csv.gz", "day.bz2", "day.xz", "day.zst", "day.tar", "day.zip"])
def test_a_plain_file_under_a_packed_name_is_plain(tmp_path: Path, name: str) -> None:
    """It is handed on as it lies there."""
    (part,), _ = parts_of(written(tmp_path, name, LINES))

    assert part.path is not None
    assert content(part) == LINES


def test_an_empty_file_is_a_part_without_bytes(tmp_path: Path) -> None:
    """What to say of it is up to who reads it."""
    assert contents(written(tmp_path, "empty.csv", b"")) == {"empty.csv": b""}


def test_a_name_that_is_no_utf8_can_be_read(tmp_path: Path) -> None:
    """It is shown as a text that can be printed."""
    raw = os.fsencode(tmp_path) + b"/day\xff.csv"
    Path(os.fsdecode(raw)).write_bytes(LINES)

    (part,), _ = parts_of(Path(os.fsdecode(raw)))
    (found,), _ = parts_of(tmp_path)

    assert part.name == found.name == f"{tmp_path}/day?.csv"
    assert content(part) == content(found) == LINES


def test_a_name_with_brackets_that_is_there_is_no_glob(tmp_path: Path) -> None:
    """What exists is meant as it stands."""
    written(tmp_path, "day1.csv", b"glob")

    assert contents(written(tmp_path, "day[1].csv", b"literal")) == {"day[1].csv": b"literal"}


def test_a_home_is_put_in_for_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the shell did not, in plain names and in globs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    written(tmp_path, "day.csv", LINES)

    assert contents("~/day.csv") == contents("~/d*.csv") == {"day.csv": LINES}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("{}/dya.csv", "no such file in '{}'. Did you mean 'day.csv'?"),
        ("{}/zzzzzzzz", "no such file in '{}', nor one with a name like it"),
        ("{}/nowhere/day.csv", "there is no folder '{}/nowhere' (but there is '{}')"),
        ("{}/day.csv/day.csv", "'{}/day.csv' is a file, not a folder"),
        ("~no-such-user/day.csv", "~no-such-user/day.csv: no such file; there is no folder '~no-such-user'"),
        ("", "'' is not the name of a file"),
        ("day\0.csv", "is not the name of a file"),
        ("day\ud800.csv", "is not the name of a file"),
        ("{}/" + "x" * 300, "not readable: File name too long"),
        ("/dev/null", "a device or a socket, not a file"),
        ("{}/*.parquet", "no file matches. Quote the pattern"),
    ],
)
def test_a_file_that_is_not_there_is_an_error_that_helps(tmp_path: Path, name: str, says: str) -> None:
    """It says how far the path leads, and what is called nearly so."""
    written(tmp_path, "day.csv", LINES)

    with pytest.raises(ReadError) as error:
        parts_of(name.replace("{}", str(tmp_path)))

    assert says.replace("{}", str(tmp_path)) in str(error.value)


@pytest.mark.parametrize("source", [3, None, b"day.csv", {"icao24": []}, [[]], [], io.StringIO("day.csv")])
def test_what_is_no_source_is_refused(source: object) -> None:
    """Among them bytes, and an open file, whose lines are no names."""
    with pytest.raises(ReadError, match=r"is no source of tracks|an empty list of files"):
        parts_of(source)


def test_a_list_gives_what_each_of_its_entries_gives(tmp_path: Path) -> None:
    """In its order; a list in a list, a generator and a part itself are welcome."""
    names = [written(tmp_path, f"{i}.csv", b"%d" % i) for i in range(4)]
    (part,), _ = parts_of(names[3])

    found, _ = parts_of([part, (Path(name) for name in names[1:3]), [names[0]]])

    assert [content(one) for one in found] == [b"3", b"1", b"2", b"0"]
    assert all(one.is_named for one in found)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit holds for one call, whatever the files were found in."""
    monkeypatch.setattr(sources, "MOST_PARTS", 3)
    archive = written(tmp_path, "day.tar", tar(*((f"{i}.csv", b"") for i in range(3))))

    assert len(parts_of(archive)[0]) == 3
    with pytest.raises(ReadError, match="more than 3 files in one call"):
        parts_of([archive, archive])


# What can be read once only ---------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [LINES, gzip.compress(LINES), tar(("a.csv", LINES))])
def test_a_pipe_is_kept_so_that_it_can_be_read_again(tmp_path: Path, packed: bytes) -> None:
    """Such as the shell's <(command); it may hold a container."""
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    writer = threading.Thread(target=Path(fifo).write_bytes, args=(packed,))
    writer.start()

    (part,), _ = parts_of(fifo)
    writer.join()

    assert content(part) == content(part) == LINES
    assert part.path is None
    assert part.name.startswith(fifo)


def test_standard_input_is_a_source_once() -> None:
    """``-`` may be packed; naming it twice is an error and no empty file."""
    code = (
        "from wideberth.read.sources import expand\n"
        "for part in expand(['-', '-']): print(part.name, part.is_named, len(part.open().read()), flush=True)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=gzip.compress(LINES), capture_output=True)

    assert done.stdout.decode().split("\n")[0] == f"standard input True {len(LINES)}"
    assert b"ReadError: standard input is closed, or was read already" in done.stderr


# Folders and globs ------------------------------------------------------------------------------------


def test_a_folder_gives_its_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    """With what is in folders below, and in archives; none of them is named."""
    written(tmp_path, "b.csv", b"b")
    written(tmp_path, "a/2.csv", b"a2")
    written(tmp_path, "a/1.csv", b"a1")
    written(tmp_path, "c.zip", zipped(("z.csv", b"z"), ("y.csv", b"y")))

    found, rejects = parts_of(tmp_path)

    assert [part.name.removeprefix(f"{tmp_path}/") for part in found] == [
        "a/1.csv",
        "a/2.csv",
        "b.csv",
        "c.zip: z.csv",
        "c.zip: y.csv",
    ]
    assert not any(part.is_named for part in found)
    assert not rejects.counts


BESIDE = [
    "README",
    "readme.txt",
    "LICENSE.md",
    ".hidden.csv",
    "~$day.csv",
    "map.PNG",
    "day.csv.sha256",
    "__MACOSX/day.csv",
    ".git/objects/ab",
    "deep/.cache/x.csv",
]


def test_what_lies_beside_the_data_is_left_out_and_counted(tmp_path: Path) -> None:
    """Hidden files and folders, READMEs, licences, pictures, checksums; what only begins so is data."""
    data = ["readme.csv", "readmes.txt", "day..csv", "deep/x.csv"]
    for name in BESIDE + data:
        written(tmp_path, name, name.encode())

    found, rejects = parts_of(tmp_path)

    assert {part.name.removeprefix(f"{tmp_path}/") for part in found} == set(data)
    assert rejects.counts == {
        (str(tmp_path), "file left out: hidden, or a text beside the data"): len(BESIDE)
    }


@pytest.mark.parametrize("pack", [tar, zipped])
def test_archives_leave_out_the_same(tmp_path: Path, pack: Any) -> None:
    """A leading ./ hides nothing; a member of a hidden folder is hidden."""
    members = [(name, b"x") for name in [*BESIDE, "./day.csv", "deep/day.csv"]]
    path = written(tmp_path, "day", pack(*members))

    found, rejects = parts_of(path)

    assert [part.name for part in found] == [f"{path}: ./day.csv", f"{path}: deep/day.csv"]
    assert counted(rejects) == {"file left out: hidden, or a text beside the data": len(BESIDE)}


def test_a_file_that_is_named_itself_is_never_left_out(tmp_path: Path) -> None:
    """Who names a README means it."""
    assert contents(written(tmp_path, "README.md", LINES)) == {"README.md": LINES}


def test_a_folder_without_files_says_so(tmp_path: Path) -> None:
    """With how many were left out."""
    with pytest.raises(ReadError, match=r"there is no file in this folder\. Is it the right one"):
        parts_of(tmp_path)
    written(tmp_path, "README", b"")
    with pytest.raises(ReadError, match="no file in this folder besides 1 hidden or README-like"):
        parts_of(tmp_path)


def test_a_folder_that_contains_itself_is_refused(tmp_path: Path) -> None:
    """By a link to a folder above; a link to a folder beside is followed."""
    written(tmp_path, "a/day.csv", b"a")
    (tmp_path / "b").symlink_to(tmp_path / "a")

    assert len(parts_of(tmp_path)[0]) == 2
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    with pytest.raises(ReadError, match="a/up: this link leads back to a folder above it"):
        parts_of(tmp_path)


def test_what_is_no_file_in_a_folder_is_counted_and_the_rest_read(tmp_path: Path) -> None:
    """A pipe is not waited for; a link to nothing and one to itself are no files."""
    written(tmp_path, "day.csv", LINES)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    (tmp_path / "self").symlink_to(tmp_path / "self")

    for source in (tmp_path, str(tmp_path / "*")):
        found, rejects = parts_of(source)

        assert [part.name for part in found] == [str(tmp_path / "day.csv")]
        assert counted(rejects) == {"not a file": 2, "not readable": 1}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that others can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(folder)


@contextlib.contextmanager
def without_privilege() -> Iterator[None]:
    """Let permissions hold also where root runs the tests."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def test_what_may_not_be_read_is_counted_unless_it_was_named(open_folder: Path) -> None:
    """A file or a folder below costs itself only; named, or with nothing beside it, it is an error."""
    locked = Path(written(open_folder, "locked.csv", LINES))
    written(open_folder, "shut/day.csv", LINES)
    written(open_folder, "blind/day.csv", LINES)
    locked.chmod(0)
    (open_folder / "shut").chmod(0)
    (open_folder / "blind").chmod(0o444)  # its names can be listed, and no more

    with without_privilege():
        for source in (
            locked,
            open_folder,
            str(open_folder / "*"),
            open_folder / "shut",
            open_folder / "shut" / "x",
        ):
            with pytest.raises(ReadError, match="not readable: Permission denied"):
                parts_of(source)
    written(open_folder, "open.csv", LINES)
    with without_privilege():
        found, rejects = parts_of(open_folder)

    assert [part.name for part in found] == [str(open_folder / "open.csv")]
    assert counted(rejects) == {"not readable": 2, "folder not readable": 1}


def test_a_glob_gives_what_matches_in_order(tmp_path: Path) -> None:
    """None of it is named, so that one file of another kind does not stop the rest."""
    for name in ("day2.csv", "day1.csv", "night.csv", "day3.txt"):
        written(tmp_path, name, name.encode())

    found, _ = parts_of(f"{tmp_path}/day*.csv")

    assert [part.name for part in found] == [f"{tmp_path}/day1.csv", f"{tmp_path}/day2.csv"]
    assert not any(part.is_named for part in found)


@pytest.mark.parametrize("pattern", ["*", "**", "**/", "**/*", "./**", "*/../*"])
def test_a_folder_that_a_glob_finds_is_read_whole_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    """Also where the pattern matches what is in it, too; an empty one beside it does no harm."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    written(tmp_path, "days/deep/2.csv", b"2")
    written(tmp_path, "days/1.csv", b"1")
    written(tmp_path, "days/README", b"")
    if not pattern.endswith("/"):
        written(tmp_path, "0.csv", b"0")

    found, _ = parts_of(pattern)

    wanted = [b"1", b"2"] if pattern.endswith("/") else [b"0", b"1", b"2"]
    if pattern == "*/../*":  # each folder leads to the same files by a path of its own
        wanted = sorted(wanted * 2)
    assert sorted(content(part) for part in found) == wanted


def test_a_glob_that_finds_empty_folders_only_says_so(tmp_path: Path) -> None:
    """Nothing at all is an error, as for a folder."""
    (tmp_path / "empty").mkdir()

    with pytest.raises(ReadError, match=r"em\*: there is no file in what matches\. Is the pattern right"):
        parts_of(f"{tmp_path}/em*")


# Compressed data --------------------------------------------------------------------------------------


@each_packer
@given(data=st.binary(max_size=5000), times=st.integers(1, 300))
@example(data=b"", times=1)
@example(data=bytes(5000), times=300)
def test_what_was_packed_comes_out(kind: str, data: bytes, times: int) -> None:
    """Random bytes, long runs, nothing at all."""
    raw = data * times

    assert unpacked(kind, PACKERS[kind](raw)) == (raw, [])


@each_packer
def test_several_streams_are_one(kind: str) -> None:
    """As pbzip2, pigz, bgzip and `cat` make them; zeros between and after them are padding, not in zstd."""
    one, two = PACKERS[kind](LINES[:5000]), PACKERS[kind](LINES[5000:])
    padding = b"" if kind == "zstd" else bytes(8)

    assert unpacked(kind, one + padding + PACKERS[kind](b"") + two + padding) == (LINES, [])


def test_zstd_frames_of_all_kinds() -> None:
    """With and without size and checksum, raw and repeated blocks, frames to be skipped."""
    raw = noise(300_000) + bytes(500_000) + LINES
    kinds = [
        zstandard.ZstdCompressor(level, write_checksum=checks, write_content_size=sized).compress(raw)
        for level in (1, 19)
        for checks in (False, True)
        for sized in (False, True)
    ]
    stream = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    kinds.append(
        stream.compress(raw[:10])
        + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        + stream.compress(raw[10:])
    )
    kinds[-1] += stream.flush()
    skipped = struct.pack("<II", 0x184D2A50, 5) + b"12345"

    for packed in kinds:
        assert unpacked("zstd", packed) == (raw, [])
    assert unpacked("zstd", skipped + b"".join(kinds[:2]) + skipped) == (raw * 2, [])
    assert unpacked("zstd", skipped[:-1]) == (b"", [compressed.ENDS_EARLY])


def test_a_zstd_file_that_begins_with_a_frame_to_be_skipped_is_told(tmp_path: Path) -> None:
    """As pzstd writes it."""
    skipped = struct.pack("<II", 0x184D2A5A, 4) + b"1234"

    assert contents(written(tmp_path, "x", skipped + zstd(LINES))) == {"x": LINES}


@each_packer
@given(kept=st.integers(0, 10**6))
def test_what_is_cut_off_gives_what_came_before_and_says_so(kind: str, kept: int) -> None:
    """However much is missing, be it one byte; no byte more than was packed, and none that was not."""
    packed = PACKERS[kind](LINES)
    kept %= len(packed)

    out, damage = unpacked(kind, packed[:kept])

    assert LINES.startswith(out)
    assert damage == ([compressed.ENDS_EARLY] if kept else [])


@given(kept=st.integers(0, 10**6))
@example(kept=10**6)
def test_gzip_that_is_cut_off_gives_all_that_can_be_known(kept: int) -> None:
    """Byte for byte what zlib itself makes of it; also of long runs, where a bit stands for many bytes."""
    for raw in (LINES, bytes(3_000_000)):
        packed = gzip.compress(raw)
        cut = packed[: 1 + kept % (len(packed) - 1)]

        out, _ = unpacked("gzip", cut)

        assert out == zlib.decompressobj(wbits=31).decompress(cut)


@each_packer
@given(at=st.integers(0, 10**6), bits=st.integers(1, 255))
def test_damage_is_never_silent(kind: str, at: int, bits: int) -> None:
    """A changed byte changes nothing that comes out, or is noted."""
    packed = bytearray(PACKERS[kind](LINES))
    packed[12 + at % (len(packed) - 12)] ^= bits  # past what it is told by

    out, damage = unpacked(kind, bytes(packed))

    assert out == LINES or damage


@each_packer
def test_damage_to_a_later_stream_is_noted(kind: str) -> None:
    """The first one comes out whole; that the second is none is not taken for the end of the file."""
    one, two = PACKERS[kind](LINES), PACKERS[kind](b"more")

    for rest in (b"garbage" + two, b"\xff" + two[1:], b"\n"):
        out, damage = unpacked(kind, one + rest)
        assert out == LINES
        assert len(damage) == 1


def test_gzip_gives_every_byte_before_damage() -> None:
    """The block that cannot be read costs what follows it, and not what was read together with it."""
    flushed = zlib.compressobj(wbits=31)
    good = flushed.compress(LINES) + flushed.flush(zlib.Z_FULL_FLUSH)

    out, damage = unpacked("gzip", good + b"\xff\xff" + bytes(10))  # a block of the reserved type

    assert out == LINES
    assert damage == ["compressed data is damaged: Error -3 while decompressing data: invalid block type"]


def test_zstd_gives_every_block_before_damage() -> None:
    """A block holds 128 KiB."""
    raw = noise(300_000)  # is stored as it is, in three blocks, with a checksum of 4 bytes at the end
    packed = bytearray(zstd(raw))
    last = len(packed) - 4 - (len(raw) - 2 * 2**17) - 3
    packed[last] |= 6  # a block of the reserved type

    out, damage = unpacked("zstd", bytes(packed))

    assert out == raw[: 2 * 2**17]
    assert damage == ["compressed data is damaged: zstd decompressor error: Data corruption detected"]


def test_damage_is_told_to_who_reads_the_part(tmp_path: Path) -> None:
    """Once, however often it is read."""
    (part,), _ = parts_of(written(tmp_path, "day.csv.gz", gzip.compress(LINES)[:-20]))

    assert content(part) == content(part) != LINES
    assert part.damage == [compressed.ENDS_EARLY]


@contextlib.contextmanager
def memory_stays_below(limit: int) -> Iterator[None]:
    """Fail where more is held at one time; what is asked for in C libraries through Python counts."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit


@each_packer
def test_a_bomb_is_opened_piece_by_piece(tmp_path: Path, kind: str) -> None:
    """Its head, and all of it in pieces, are had in bounded memory."""
    packed = PACKERS[kind](bytes(BOMB_BYTES))
    path = written(tmp_path, "bomb", gzip.compress(packed))

    with memory_stays_below(HELD_BYTES):
        (part,), _ = parts_of(path)
        assert part.head() == bytes(sources.HEAD_BYTES)
        size = 0
        with part.open() as stream:
            while piece := stream.read(2**20):
                size += len(piece)
    assert size == BOMB_BYTES


def test_xz_that_asks_for_much_memory_is_refused() -> None:
    """The memory is not reserved; what the strongest preset asks for is well below the limit."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2 * compressed.MOST_XZ_BYTES}]

    assert unpacked("xz", lzma.compress(LINES, preset=9 | lzma.PRESET_EXTREME)) == (LINES, [])
    assert unpacked("xz", lzma.compress(LINES, filters=filters)) == (
        b"",
        ["compressed data is damaged: Memory usage limit exceeded"],
    )


# Containers in one another ----------------------------------------------------------------------------


@given(layers=st.lists(st.sampled_from(sorted(NESTS)), max_size=sources.MOST_LAYERS))
def test_containers_hold_one_another(layers: list[str]) -> None:
    """In any order; the name says where a member lies."""
    data = LINES
    for kind in layers:
        data = NESTS[kind](data)
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), "nest", data)

        (part,), rejects = parts_of(path)

        members = [f"in.{kind}" for kind in reversed(layers) if kind in compressed.ARCHIVES]
        assert part.name == ": ".join([path, *members])
        assert part.is_named is not bool(members)
        assert content(part) == LINES
        assert not rejects.counts


def test_too_many_layers_are_refused(tmp_path: Path) -> None:
    """An archive that holds itself would otherwise never end; among others it is counted."""
    data = LINES
    for _ in range(sources.MOST_LAYERS + 1):
        data = gzip.compress(data)
    path = written(tmp_path, "nest.gz", data)

    with pytest.raises(ReadError, match=r"nest\.gz: more than 6 containers in one another"):
        parts_of(path)
    written(tmp_path, "day.csv", LINES)
    found, rejects = parts_of(tmp_path)
    assert len(found) == 1
    assert counted(rejects) == {"not readable": 1}


@each_packer
def test_a_weekly_archive(tmp_path: Path, kind: str) -> None:
    """A packed tar of packed tables: each member is decompressed; the one that is cut off says so."""
    members = [(f"states_{i}.csv.gz", gzip.compress(LINES + b"%d" % i)) for i in range(3)]
    members[1] = (members[1][0], members[1][1][:-100])
    path = written(tmp_path, "week.tar", PACKERS[kind](tar(*members)))

    found, rejects = parts_of(path)

    assert [part.name for part in found] == [f"{path}: states_{i}.csv.gz" for i in range(3)]
    assert [content(part)[-1:] for part in found[::2]] == [b"0", b"2"]
    assert LINES.startswith(content(found[1]))
    assert [part.damage for part in found] == [[], [compressed.ENDS_EARLY], []]
    assert [part.size for part in found] == [len(data) for _, data in members]
    assert not rejects.counts


@each_packer
def test_a_packed_tar_that_is_cut_off_gives_the_members_before(tmp_path: Path, kind: str) -> None:
    """The last member may be a part of itself, and that is told once, with it or with the archive."""
    members = [(f"{i}.csv", noise(1_000_000, i)) for i in range(3)]  # bzip2 packs 900 kB at a time
    packed = PACKERS[kind](tar(*members))
    path = written(tmp_path, "week.tar.x", packed[: len(packed) * 3 // 5])

    rejects = Rejects()
    found = [(content(part), part.damage) for part in expand(path, rejects)]

    assert found[0] == (members[0][1], [])
    assert len(found) <= 2
    assert all(members[i][1].startswith(data) for i, (data, _) in enumerate(found))
    assert [note for _, damage in found for note in damage] + list(counted(rejects)) in (
        ["archive ends early"],  # told by the member
        [archives.CUT_OFF, compressed.ENDS_EARLY],  # or where the next one should begin
    )


def test_a_packed_tar_that_is_cut_off_between_members_says_so(tmp_path: Path) -> None:
    """No member lacks anything, so the archive is told to end early, and the compressed data under it."""
    stream = zlib.compressobj(wbits=31)
    whole = tar(("a.csv", LINES), ("b.csv", LINES), form=tarfile.GNU_FORMAT)
    until = whole.index(b"b.csv")
    path = written(tmp_path, "week.tgz", stream.compress(whole[:until]) + stream.flush(zlib.Z_FULL_FLUSH))

    rejects = Rejects()
    found = [(content(part), part.damage) for part in expand(path, rejects)]

    assert found == [(LINES, [])]
    assert rejects.counts == {(path, archives.CUT_OFF): 1, (path, compressed.ENDS_EARLY): 1}


def test_a_member_that_is_no_archive_after_all_is_counted(tmp_path: Path) -> None:
    """A zip without its list costs itself; named, it is an error."""
    broken = zipped(("a.csv", LINES))[:-30]
    path = written(tmp_path, "two.tar", tar(("broken.zip", broken), ("day.csv", LINES)))

    found, rejects = parts_of(path)

    assert [part.name for part in found] == [f"{path}: day.csv"]
    assert counted(rejects) == {"not readable": 1}
    with pytest.raises(ReadError, match=r"a zip archive without its list of files\. Was it downloaded whole"):
        parts_of(written(tmp_path, "broken.zip", broken))


# tar --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_members_of_all_forms(tmp_path: Path, form: int) -> None:
    """Long names and names in any script; a member of any size, and none."""
    names = [
        "day.csv",
        "x" * 90 + "/" + "y" * 90 + ".csv",
        "Zürich/雪.csv",
        "empty.csv",
        "again.csv",
        "again.csv",
    ]
    data = [LINES, b"long", b"snow", b"", bytes(tarfile.BLOCKSIZE), bytes(3 * tarfile.BLOCKSIZE)]
    path = written(tmp_path, "all.tar", tar(*zip(names, data, strict=True), form=form))

    found, rejects = parts_of(path)

    assert [part.name for part in found] == [f"{path}: {name}" for name in names]
    assert [content(part) for part in found] == data
    assert not rejects.counts


def test_a_member_name_that_is_no_text_is_shown_as_one(tmp_path: Path) -> None:
    """So that it can stand in a table and on a terminal."""
    packed = tar((os.fsdecode(b"day\xff.csv"), LINES), form=tarfile.GNU_FORMAT)

    (part,), _ = parts_of(written(tmp_path, "day.tar", packed))

    assert part.name.endswith(": day?.csv")


def test_what_is_no_file_in_a_tar_is_counted(tmp_path: Path) -> None:
    """Links, pipes and devices; a folder is nothing to speak of."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            entry = tarfile.TarInfo(f"member-{kind!r}")
            entry.type, entry.linkname = kind, "day.csv"
            archive.addfile(entry)

    found, rejects = parts_of(written(tmp_path, "odd.tar", target.getvalue()))

    assert found == []
    assert counted(rejects) == {"not an ordinary file in the archive": 4}


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A tar header, of absurd size if need be."""
    entry = tarfile.TarInfo(name)
    entry.type = kind
    block = bytearray(entry.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = tarfile.itn(size, 12, tarfile.GNU_FORMAT)
    block[148:156] = b"%06o\0 " % (sum(block[:148]) + 8 * 32 + sum(block[156:512]))
    return bytes(block)


GOOD = header("good.csv", 512) + bytes([65]) * 512
END = bytes(1024)


@pytest.mark.parametrize(
    "follows",
    [
        header("minus.csv", -512),  # leads back to its own header
        header("minus.csv", -1024),
        header("minus.csv", -(2**60)),
        b"\xff" * 512 + END,
        header("bad.csv", 512)[:-200] + b"\xff" + header("bad.csv", 512)[-199:] + END,
        header("half.csv", 512)[:300],
        b"",  # no end mark: more may have followed
        header("x", 2**40, tarfile.XHDTYPE) + END,
        header("x", 2**40, tarfile.GNUTYPE_LONGNAME) + END,
        header("x", 9 * 2**60, tarfile.XHDTYPE) + END,
        b"".join([header("x", 0, tarfile.GNUTYPE_LONGNAME)] * 5000),
        header("x", 512, tarfile.XHDTYPE) + b"11 size=-9\n".ljust(512, b"\0") + header("y", 0) + END,
        header("x", 512, tarfile.XHDTYPE) + b"99999 path=\xff".ljust(512, b"\xff"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_absurd_tar_headers_end_the_archive_and_are_counted(
    tmp_path: Path, pack: Any, follows: bytes
) -> None:
    """Members before are read; no header is met for ever, and no memory asked for what one claims."""
    path = written(tmp_path, "odd.tar", pack(GOOD + follows))

    with memory_stays_below(HELD_BYTES):
        found, rejects = parts_of(path)
        first = content(found[0])

    assert first == b"A" * 512
    assert len(found) == 1
    assert archives.CUT_OFF in counted(rejects)


@pytest.mark.parametrize("size", [10**6, 2**40, 2**62, 2**80])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_member_that_claims_more_than_there_is_gives_what_there_is(
    tmp_path: Path, pack: Any, size: int
) -> None:
    """It says itself that it ends early."""
    path = written(tmp_path, "odd.tar", pack(GOOD + header("large.csv", size) + LINES))

    with memory_stays_below(HELD_BYTES):
        found, rejects = parts_of(path)
        data = content(found[1])

    assert data == LINES
    assert found[1].damage == ["archive ends early"]
    assert not rejects.counts


@given(kept=st.integers(512, 10**6))
def test_a_tar_that_is_cut_off_anywhere_gives_what_came_before_and_says_so(kept: int) -> None:
    """A header is cut off, a member, the padding after it, or nothing but the end mark."""
    members = [("a.csv", LINES[:700]), ("b.csv", b""), ("c.csv", LINES[:512]), ("d.csv", LINES[:3000])]
    whole = tar(*members, form=tarfile.GNU_FORMAT)
    end = whole.rindex(LINES[2990:3000]) + 10 + (-3000) % 512  # where the end mark begins
    kept = 512 + (kept - 512) % (len(whole) - 511)
    rejects = Rejects()
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), "cut.tar", whole[:kept])
        found = [
            (part.name.removeprefix(f"{path}: "), content(part), part.damage)
            for part in expand(path, rejects)
        ]

    for (name, data, _), (wanted_name, wanted) in zip(found, members, strict=False):
        assert name == wanted_name
        assert wanted.startswith(data)
    is_cut = kept <= end
    is_told = bool(rejects.counts) or any(damage for _, _, damage in found)
    assert is_told is is_cut
    assert all(damage == [] or len(data) < len(dict(members)[name]) for name, data, damage in found)


class Forward(io.RawIOBase):
    """A stream that goes forward only, and counts what is read of it."""

    opened = 0
    bytes_read = 0

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)
        Forward.opened += 1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        n = self._data.readinto(buffer)
        Forward.bytes_read += n
        return n


def test_a_compressed_tar_is_gone_through_once_where_members_are_read_in_order() -> None:
    """Looking at the head of each before it is read, as formats are told, does not begin anew."""
    members = [(f"{i}.csv", noise(2_000_000, i)) for i in range(8)]
    whole = tar(*members)
    Forward.opened = Forward.bytes_read = 0

    def opener() -> BinaryIO:
        return io.BufferedReader(Forward(whole))

    for member, (_, data) in zip(archives.members(opener, "tar", "x"), members, strict=True):
        assert isinstance(member, archives.Member)
        with member.opener() as stream:
            assert stream.read(sources.HEAD_BYTES) == data[: sources.HEAD_BYTES]
        with member.opener() as stream:
            assert stream.read() == data

    assert Forward.opened == 1
    assert Forward.bytes_read <= len(whole)


def test_members_can_be_read_in_any_order_and_side_by_side(tmp_path: Path) -> None:
    """Also of a compressed tar, by several threads, seeking to and fro."""
    members = [(f"{i}.csv", noise(3_000_000, i)) for i in range(4)]
    found, _ = parts_of(written(tmp_path, "week.tar.zst", zstd(tar(*members))))
    got: dict[int, bytes] = {}

    def read(i: int) -> None:
        with found[i].open() as stream:
            size = stream.seek(0, io.SEEK_END)
            stream.seek(size // 2)
            end = stream.read()
            stream.seek(0)
            got[i] = stream.read(size // 2) + end

    threads = [threading.Thread(target=read, args=(i,)) for i in (3, 0, 2, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [got[i] for i in range(4)] == [data for _, data in members]


def test_a_window_holds_a_bounded_part_of_what_went_by() -> None:
    """Going back further than it holds begins anew, and gives the same."""
    data = noise(30 * 2**20)
    window = archives.Window(lambda: io.BufferedReader(Forward(data)))

    with memory_stays_below(HELD_BYTES):
        for at in range(0, len(data), 2**20):
            assert window.read_at(at, 100) == data[at : at + 100]
        assert window.length() == len(data)
        Forward.opened = 0
        assert window.read_at(5, 10) == data[5:15]
    assert Forward.opened == 1
    assert window.read_at(len(data) - 3, 10) == data[-3:]
    assert window.read_at(len(data) + 3, 10) == b""


# zip --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_zip_members_of_all_methods(tmp_path: Path, method: int) -> None:
    """In the archive's order; folders are nothing to speak of."""
    packed = zipped(("days/", b""), ("days/雪.csv", LINES), ("a.csv", b""), method=method)
    path = written(tmp_path, "days.zip", packed)

    found, rejects = parts_of(path)

    assert [part.name for part in found] == [f"{path}: days/雪.csv", f"{path}: a.csv"]
    assert [content(part) for part in found] == [content(part) for part in found] == [LINES, b""]
    assert not any(part.is_named or part.damage for part in found)
    assert not rejects.counts


def patched(packed: bytes, name: bytes, local_at: int, central_at: int, value: int) -> bytes:
    """A zip with a 16-bit field of one member changed in both of its headers."""
    data = bytearray(packed)
    struct.pack_into("<H", data, data.index(name) - 30 + local_at, value)
    struct.pack_into("<H", data, data.rindex(name) - 46 + central_at, value)
    return bytes(data)


def test_encrypted_zip_members_are_counted(tmp_path: Path) -> None:
    """The others are read."""
    packed = patched(zipped(("secret.csv", LINES), ("day.csv", LINES)), b"secret.csv", 6, 8, 1)

    found, rejects = parts_of(written(tmp_path, "days.zip", packed))

    assert [content(part) for part in found] == [LINES]
    assert counted(rejects) == {"encrypted in the archive": 1}
    assert list(rejects.examples.values()) == ["secret.csv"]


def test_a_zip_member_packed_in_an_unknown_way_says_so(tmp_path: Path) -> None:
    """It is not called damaged."""
    packed = patched(zipped(("odd.csv", LINES), ("day.csv", LINES)), b"odd.csv", 8, 10, 9)  # Deflate64

    odd, day = parts_of(written(tmp_path, "days.zip", packed))[0]

    assert (content(odd), content(day)) == (b"", LINES)
    assert odd.damage[0].startswith(compressed.UNSUPPORTED)


def test_damage_within_a_zip_costs_that_member(tmp_path: Path) -> None:
    """A wrong checksum, and a member whose own header is gone."""
    packed = bytearray(
        zipped(("a.csv", LINES), ("b.csv", LINES), ("c.csv", LINES), method=zipfile.ZIP_STORED)
    )
    packed[packed.index(LINES) + 10] ^= 1
    at = packed.index(b"b.csv") - 30
    packed[at : at + 4] = b"gone"

    found, _ = parts_of(written(tmp_path, "days.zip", bytes(packed)))

    assert len(content(found[0])) <= len(LINES)
    assert [content(part) for part in found[1:]] == [b"", LINES]
    assert [bool(part.damage) for part in found] == [True, True, False]
    assert "Bad CRC-32" in found[0].damage[0]


def test_a_zip_with_a_list_of_absurd_size_is_refused(tmp_path: Path) -> None:
    """Before it is read; the message is not that the list is missing."""
    path = tmp_path / "bomb.zip"
    size = archives.LARGEST_ZIP_LIST + 1
    with path.open("wb") as target:
        target.write(b"PK\x03\x04")
        target.truncate(4 + size)  # a hole, no blocks on disk
        target.seek(4 + size)
        target.write(struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, size, 4, 0))

    with memory_stays_below(HELD_BYTES), pytest.raises(ReadError) as error:
        parts_of(path)

    assert (
        str(error.value) == f"{path}: a zip archive with a header or list of {size:,} bytes. Unpack it first."
    )


def test_archives_without_files_give_no_parts(tmp_path: Path) -> None:
    """That nothing is in them is for who reads to say."""
    assert parts_of(written(tmp_path, "empty.zip", zipped())) == ([], Rejects())
    assert parts_of(written(tmp_path, "dirs.zip", zipped(("a/", b"")))) == ([], Rejects())


def test_nothing_is_ever_written_outside(tmp_path: Path) -> None:
    """A member that calls itself ../x is a name to be shown, no more."""
    written(tmp_path, "in/x.zip", zipped(("../escaped.csv", LINES), ("/etc/escaped.csv", LINES)))
    before = sorted(tmp_path.rglob("*"))

    found, _ = parts_of(tmp_path / "in" / "x.zip")

    assert [content(part) for part in found] == [LINES, LINES]
    assert sorted(tmp_path.rglob("*")) == before
