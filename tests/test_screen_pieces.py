"""Twins: screening in pieces gives, to the last bit, the encounters of screening in one piece."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import strategies
from tables_by_hand import DAY_US, flight, frame
from wideberth import simulate
from wideberth.errors import ReadError, WriteError
from wideberth.read.batch import Batch, Rejects
from wideberth.read.clean import standard
from wideberth.screen import pieces, scale

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from strategies import World
    from wideberth.encounters import Encounters
    from wideberth.tracks import Cleaning

AMPLE_BYTES = 10**12  # nothing here is cut for want of memory
TINY_BYTES = 1  # buckets of one aircraft, spans as short as they get
TINY = pieces.Sizes.of(TINY_BYTES)
MINUTE_US = 60_000_000


def options(**given: Any) -> scale.Options:
    usual: dict[str, Any] = {
        "minima": None, "horizontal_m": 9260.0, "vertical_ft": 1000.0, "max_gap_s": 60.0, "merge_gap_s": 0.0,
        "include_ground": False, "select": None,
    }  # fmt: skip
    return scale.Options.of(**{**usual, **given})


def arrow_bytes(encounters: Encounters) -> bytes:
    """Return the table as the bytes of an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, encounters.table.schema) as writer:
        writer.write_table(encounters.table.combine_chunks())
    return sink.getvalue().to_pybytes()


def assert_twins(one: tuple[Encounters, Cleaning], many: tuple[Encounters, Cleaning]) -> None:
    """Assert that everything is the same but how often the broad phase had to look at a pair."""
    assert one[0].table.to_pylist() == many[0].table.to_pylist()  # says where they differ
    assert arrow_bytes(one[0]) == arrow_bytes(many[0])
    assert one[1].as_dict() == many[1].as_dict()
    assert replace(one[0].screening, candidates=0) == replace(many[0].screening, candidates=0)


def cut(
    table: pl.DataFrame, chosen: scale.Options, cuts_us: list[int], *, keep_all: bool = False, rows: int = 7
) -> tuple[Encounters, Cleaning]:
    """Screen a table in pieces, time cut at given instants, as if read a few rows at a time."""
    return pieces.screen_in_pieces(
        (standard(Batch(part, "by hand"), provenance=False) for part in table.iter_slices(rows)),
        Rejects(),
        chosen,
        keep_all=keep_all,
        sizes=TINY,
        tell=lambda _: None,
        cuts_us=cuts_us,
    )


def dressed(world: World) -> pl.DataFrame:
    """Return a world's rows with callsigns that change or are missing, and some of them on the ground."""
    rng = np.random.default_rng(world.seed)
    table = strategies.frame_of(world)
    names = np.array([None, "AB 1", "AB2  ", "CD3"], object)[rng.integers(0, 4, table.height)]
    table = table.with_columns(pl.Series("callsign", names.tolist(), pl.String))
    if world.seed % 3 == 0:
        table = table.with_columns(pl.Series("on_ground", rng.random(table.height) < 0.2))
    return table


@st.composite
def cut_worlds(draw: st.DrawFn) -> tuple[World, scale.Options, bool, list[int]]:
    """Return a world, how to screen it, and where to cut its time: anywhere, and at the worst places."""
    world = draw(strategies.worlds(max_aircraft=8, max_samples=25))
    chosen = options(
        horizontal_m=world.horizontal_m,
        vertical_ft=world.vertical_ft,
        max_gap_s=world.max_gap_s,
        merge_gap_s=draw(st.sampled_from([0.0, 0.0, 1e-6, 5.0, 300.0])),
        include_ground=draw(st.booleans()),
    )
    keep_all = draw(st.booleans())
    table = dressed(world)
    found, _ = scale.screen_source(table, chosen, keep_all=keep_all, memory_bytes=AMPLE_BYTES)
    t_us = table["t"].to_physical().to_numpy()
    telling = [found[name].combine_chunks().view(pa.int64()) for name in ("t_in", "t_out", "t_cpa", "t_vmd")]
    instants = [t for column in telling for t in column.to_pylist() if t is not None]
    middles = [(a + b) // 2 for a, b in zip(telling[0].to_pylist(), telling[1].to_pylist(), strict=True)]
    places = st.integers(int(t_us.min()) - MINUTE_US, int(t_us.max()) + MINUTE_US)
    for worst in (t_us.tolist(), instants, middles):
        if worst:
            places |= st.sampled_from(worst).flatmap(lambda t: st.sampled_from([t - 1, t, t + 1]))
    return world, chosen, keep_all, draw(st.lists(places, max_size=6))


@pytest.mark.threads
@settings(max_examples=150)
@given(cut_worlds())
def test_cutting_time_anywhere_changes_no_bit(drawn: tuple[World, scale.Options, bool, list[int]]) -> None:
    """At samples, in the middle of a step, at either end of an encounter or its closest point: the same."""
    world, chosen, keep_all, cuts_us = drawn
    table = dressed(world)

    assert_twins(
        scale.screen_source(table, chosen, keep_all=keep_all, memory_bytes=AMPLE_BYTES),
        cut(table, chosen, cuts_us, keep_all=keep_all),
    )


@pytest.mark.threads
@settings(max_examples=50)
@given(strategies.worlds(), st.booleans())
@example(strategies.example_world("pole", "formation", "references", "duplicates", seed=4), False)
def test_tiny_memory_changes_no_bit(world: World, keep_all: bool) -> None:
    """However little memory is given, the answer is that of ample memory."""
    table = dressed(world)
    chosen = options(
        horizontal_m=world.horizontal_m, vertical_ft=world.vertical_ft, max_gap_s=world.max_gap_s
    )

    assert_twins(
        *(
            scale.screen_source(table, chosen, keep_all=keep_all, memory_bytes=some)
            for some in (AMPLE_BYTES, TINY_BYTES)
        )
    )


@pytest.fixture(scope="module")
def demo() -> pl.DataFrame:
    return simulate.demo(number=40).tracks


@pytest.mark.threads
def test_the_demo_in_pieces(demo: pl.DataFrame) -> None:
    """Every scene of the demo, cut every 17 s and as memory asks, with callsigns: the same bytes."""
    whole = scale.screen_source(demo, options(), memory_bytes=AMPLE_BYTES)
    t_us = demo["t"].to_physical().to_numpy()
    every = np.arange(t_us.min(), t_us.max(), 17_000_000)
    t_in, t_out = (whole[0][name].combine_chunks().view(pa.int64()).to_numpy() for name in ("t_in", "t_out"))
    told: list[str] = []
    tiny = scale.screen_source(demo, options(), memory_bytes=TINY_BYTES, progress=told.append)

    assert len(whole[0]) > 15
    assert whole[0]["callsign_a"].null_count == 0
    assert every.size > 50
    assert np.count_nonzero(np.searchsorted(every, t_in) < np.searchsorted(every, t_out)) > 10  # cut within
    assert len(set(told)) > demo["icao24"].n_unique()  # a bucket each, and some spans
    assert_twins(whole, tiny)
    assert_twins(whole, cut(demo, options(), every.tolist(), rows=997))
    assert_twins(whole, scale.screen_source(demo, options(), memory_bytes=300_000))


def test_a_source_of_several_frames(demo: pl.DataFrame) -> None:
    """Frames of any size, in a list or as an Arrow stream, some without a column: as one table."""
    parts = [demo[:100], demo[100:101], demo[101:2000].drop("callsign"), demo[2000:]]
    together = pl.concat(parts, how="diagonal")
    whole = scale.screen_source(together, options(), memory_bytes=AMPLE_BYTES)

    assert len(whole[0]) > 15
    assert_twins(whole, scale.screen_source(parts, options(), memory_bytes=AMPLE_BYTES))
    assert_twins(whole, scale.screen_source(parts, options(), memory_bytes=100_000))
    table = together.to_arrow()
    for memory in (AMPLE_BYTES, 100_000):
        stream = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=333))
        assert_twins(whole, scale.screen_source(stream, options(), memory_bytes=memory))


def test_nothing_is_lost_among_strange_addresses() -> None:
    """Rows without address or time, one address written in several ways: counted and judged as in one."""
    near = [(s, 47.0, 8.0 + s * 1e-4, 9000.0) for s in range(0, 600, 5)]
    far = [(s + 1.0, 47.01, 8.0 + s * 1e-4, 9000.0) for s in range(0, 600, 5)]
    rows = [
        *flight("ABC123", near[:60]),
        *flight(" abc123 ", near[60:]),
        *flight("~00beef", far),
        *flight("no hex", near[:7]),
        *flight("", near[:3]),
    ]
    table = pl.concat(
        [
            frame(rows),
            frame(flight("abc123", near[:1])).with_columns(icao24=pl.lit(None, pl.String)),
            frame(flight("abc123", near[:2])).with_columns(t=pl.lit(None, pl.Datetime("us", "UTC"))),
        ]
    )  # fmt: skip
    whole = scale.screen_source(table, options(), memory_bytes=AMPLE_BYTES)

    assert whole[1].set_aside == {"no_address": 11, "no_time": 2}
    assert len(whole[0]) == 1
    assert_twins(whole, scale.screen_source(table, options(), memory_bytes=TINY_BYTES))
    assert_twins(whole, cut(table, options(), [DAY_US + 100 * 1_000_000]))


def test_nothing_at_all() -> None:
    """A source whose rows are all unusable, screened in pieces, gives an empty table and a full account."""
    table = frame(flight("zzzzzz", [(s, 47.0, 8.0, 9000.0) for s in range(3000)]))
    found, cleaning = scale.screen_source(table, options(), memory_bytes=TINY_BYTES)

    assert len(found) == 0
    assert cleaning.set_aside == {"no_address": 3000}
    assert_twins(scale.screen_source(table, options(), memory_bytes=AMPLE_BYTES), (found, cleaning))


@pytest.mark.parametrize("offset_us", [-1, 0, 1])
def test_an_encounter_of_no_length_at_a_border_counts_once(offset_us: int) -> None:
    """One is last heard at the instant at which the other is first: one encounter, wherever time is cut."""
    a = [(s, 47.0, 8.0 + s * 1e-3, 9000.0) for s in range(0, 101, 10)]
    b = [(s, 47.02, 8.0 + s * 1e-3, 9000.0) for s in range(100, 201, 10)]
    table = frame(flight("aaaaaa", a) + flight("bbbbbb", b))
    at_us = DAY_US + 100 * 1_000_000
    whole = scale.screen_source(table, options(), memory_bytes=AMPLE_BYTES)

    (row,) = whole[0].table.to_pylist()
    assert row["t_in"] == row["t_out"] == row["t_cpa"]
    assert_twins(whole, cut(table, options(), [at_us + offset_us]))
    assert_twins(whole, cut(table, options(), [at_us - 10, at_us, at_us + 10]))


@pytest.mark.parametrize("cut_s", [39.999999, 40.0, 40.000001, 45.0, 50.0, 60.0])
def test_two_encounters_are_not_joined_by_a_border_between_them(cut_s: float) -> None:
    """A pair that parts and meets again within seconds makes two encounters, also if time is cut between."""
    near = [(float(s), 47.0, 8.0 + s * 1e-3, 9000.0) for s in range(0, 101, 10)]
    away = [
        (s, lat, lon, ft + (0.0 if s <= 30 or s >= 70 else 3000.0) + (500.0 if s == 100 else 0.0))
        for s, lat, lon, ft in near
    ]
    table = frame(flight("aaaaaa", near) + flight("bbbbbb", away))
    at_us = DAY_US + round(cut_s * 1e6)
    for merge_gap_s, expected in ((0.0, 2), (30.0, 2), (60.0, 1)):
        chosen = options(merge_gap_s=merge_gap_s)
        whole = scale.screen_source(table, chosen, memory_bytes=AMPLE_BYTES)
        assert len(whole[0]) == expected
        assert_twins(whole, cut(table, chosen, [at_us]))


def test_an_encounter_cut_within_its_first_step_is_one() -> None:
    """Parts that begin at one instant, one of them a step long, and a third that follows: one encounter."""
    a = [(float(s), 47.0, 8.0 + s * 2e-3, 9000.0) for s in range(0, 201, 10)]
    b = [(float(s), 47.0, 8.4 - s * 2e-3, 9000.0) for s in range(0, 201, 10)]
    table = frame(flight("aaaaaa", a) + flight("bbbbbb", b))
    whole = scale.screen_source(table, options(), memory_bytes=AMPLE_BYTES)
    (row,) = whole[0].table.to_pylist()
    at_us, end_us = (round(row[name].timestamp() * 1e6) for name in ("t_in", "t_out"))

    assert (end_us - at_us) > 30_000_000
    for first_us in (at_us - 1, at_us, at_us + 1, at_us + 1_000_000):
        assert_twins(whole, cut(table, options(), [first_us, first_us + 15_000_000, end_us]))


def test_references_that_begin_at_one_instant_keep_their_order() -> None:
    """A pair compared by pressure for an instant and by height from then on: the order is that of one piece.

    So it is where heights alone were heard in the spans before.
    """
    early, late = range(0, 51, 10), range(100, 201, 10)
    heard_s = {"aaaaaa": early, "aaaaab": early, "bbbbba": late, "bbbbbb": late}
    rows = [
        {"icao24": icao24, "s": float(s), "lat_deg": 47.0, "lon_deg": 8.0 + s * 1e-3, "height_m": 3000.0}
        | ({"altitude_ft": 9000.0} if s == 100 else {})
        for icao24, seconds in heard_s.items()
        for s in seconds
    ]
    table = frame(rows)
    whole = scale.screen_source(table, options(max_gap_s=11.0), memory_bytes=AMPLE_BYTES)

    assert whole[0]["vertical_reference"].to_pylist() == ["geometric", "barometric", "geometric"]
    assert whole[0]["t_in"][1] == whole[0]["t_in"][2]
    assert_twins(whole, cut(table, options(max_gap_s=11.0), [DAY_US + 75 * 1_000_000]))


def test_a_leg_that_cleaning_ended_stays_ended_at_a_border() -> None:
    """Where no possible motion leads on, nothing is inferred, also if time is cut there or just before."""
    here = [(float(s), 47.0, 8.0 + s * 2e-3, 9000.0) for s in range(0, 300, 10)]
    there = [(float(s), 47.5, 8.0 + s * 2e-3, 9000.0) for s in range(300, 600, 10)]
    other = [(float(s), 47.25, 8.5 + s * 1e-4, 9000.0) for s in range(0, 600, 10)]  # on the way between
    table = frame(flight("aaaaaa", here + there) + flight("bbbbbb", other))
    whole = scale.screen_source(table, options(), memory_bytes=AMPLE_BYTES)
    kept = scale.screen_source(table, options(), keep_all=True, memory_bytes=AMPLE_BYTES)

    assert whole[1].breaks == 1
    assert len(whole[0]) == 0
    assert len(kept[0]) == 1
    for cut_s in (170, 180, 230, 240, 290, 295, 300, 310, 360, 420, 421):
        at_us = DAY_US + cut_s * 1_000_000
        assert_twins(whole, cut(table, options(), [at_us]))
        assert_twins(kept, cut(table, options(), [at_us], keep_all=True))


@settings(max_examples=200)
@given(
    st.dictionaries(st.integers(0, 60) | st.integers(10**6, 10**6 + 9), st.integers(1, 50)),
    st.integers(0, 2),
    st.integers(0, 300),
)
def test_spans_hold_as_many_rows_as_asked(bins: dict[int, int], halo: int, most_rows: int) -> None:
    """Every span holds, halo included, no more rows than asked, unless it is as short as it can be."""
    width_us = MINUTE_US
    cuts = pieces._cuts(Counter(bins), width_us, halo * width_us, most_rows)
    edges = [-(10**9), *(us // width_us for us in cuts), 10**9]

    assert all(us % width_us == 0 for us in cuts)
    assert edges == sorted(set(edges))
    for begin, end in itertools.pairwise(edges):
        held = sum(rows for number, rows in bins.items() if begin - halo <= number < end + halo)
        first = max(begin, min(bins, default=0))
        assert held <= most_rows or end == first + 1 or first >= max(bins) or end > max(bins)
        if len(cuts) and end == edges[-1]:
            assert any(number >= begin for number in bins)  # no span without anything behind the last


# The disk -----------------------------------------------------------------------------------------


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which temporary files are made during a test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_temporary_folder_is_removed(demo: pl.DataFrame, scratch: Path) -> None:
    """There is one while the work is done, and none afterwards."""
    during = []
    scale.screen_source(
        demo, options(), memory_bytes=100_000, progress=lambda _: during.append(len(list(scratch.iterdir())))
    )

    assert set(during) == {1}
    assert list(scratch.iterdir()) == []


def test_no_folder_is_made_where_memory_is_ample(demo: pl.DataFrame, scratch: Path) -> None:
    """What fits into memory does not touch the disk."""
    scratch.rmdir()  # so that any attempt would fail

    assert len(scale.screen_source(demo, options(), memory_bytes=AMPLE_BYTES)[0]) > 0


@pytest.mark.parametrize("stage", ["cleaning, part 3", "screening, part 2"])
@pytest.mark.parametrize("how", ["error", "interrupt"])
def test_the_temporary_folder_is_removed_after_a_failure(
    demo: pl.DataFrame, scratch: Path, stage: str, how: str
) -> None:
    """An exception, or Ctrl-C, passes through as it is and leaves nothing behind."""
    during = []
    # A shell starts what runs in the background with SIGINT ignored; Ctrl-C is for the foreground.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def tell(text: str) -> None:
        if text.startswith(stage):
            during.append(len(list(scratch.iterdir())))
            if how == "interrupt":
                os.kill(os.getpid(), signal.SIGINT)
            else:
                raise LookupError("of the caller")

    try:
        with pytest.raises(KeyboardInterrupt if how == "interrupt" else LookupError):
            scale.screen_source(demo, options(), memory_bytes=100_000, progress=tell)
    finally:
        signal.signal(signal.SIGINT, before)
    assert during == [1]
    assert list(scratch.iterdir()) == []


def test_a_source_that_breaks_off_is_no_fault_of_the_disk(demo: pl.DataFrame, scratch: Path) -> None:
    """Where reading fails after some rows were dealt, the message is about reading."""
    table = demo.to_arrow()

    def batches() -> Iterator[pa.RecordBatch]:
        yield from table.to_batches(max_chunksize=2000)[:3]
        raise OSError(5, "Input/output error")

    stream = pa.RecordBatchReader.from_batches(table.schema, batches())
    with pytest.raises(ReadError, match="Input/output error"):
        scale.screen_source(stream, options(), memory_bytes=100_000)
    assert list(scratch.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that opens and cannot be read")
def test_a_file_that_cannot_be_read_is_said_in_words() -> None:
    """Where the system fails to read, the message says so; no bare OSError comes through."""
    with pytest.raises(ReadError, match="Input/output error"):
        scale.screen_source("/proc/self/mem", options(), format="csv")


def test_a_temporary_folder_that_cannot_be_made(demo: pl.DataFrame, scratch: Path) -> None:
    """The message names the folder and says what helps."""
    scratch.rmdir()

    with pytest.raises(WriteError, match=r"temporary folder '.*': No such file or directory\. Set TMPDIR"):
        scale.screen_source(demo, options(), memory_bytes=100_000)


FULL = """
    import resource, sys, tempfile
    from pathlib import Path
    from wideberth import simulate
    from wideberth.errors import WriteError
    from wideberth.minima import PRESETS
    from wideberth.screen import scale

    options = scale.Options(PRESETS["icao-enroute"])
    tracks = simulate.demo(number=40).tracks
    scale.screen_source(tracks, options, memory_bytes=400_000)  # compiles, if need be
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
    told = []
    try:
        scale.screen_source(tracks, options, memory_bytes=400_000, progress=told.append)
    except WriteError as error:
        print(told[-1] if told else "dealing")
        print(error)
    print("left:", len(list(Path(tempfile.gettempdir()).iterdir())))
"""


@pytest.mark.parametrize("most_bytes", [1000, 30_000])
def test_a_full_disk_is_said_in_words(most_bytes: int, tmp_path: Path) -> None:
    """Where the disk takes no more, at any stage, the message says where and what helps; nothing is left."""
    pytest.importorskip("resource")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL), str(most_bytes)],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    stage, message, left = done.stdout.splitlines()

    assert stage
    assert message.startswith(f"cannot work in the temporary folder '{tmp_path}': File too large. Set TMPDIR")
    assert left == "left: 0"


PEAK = """
    import sys, threading, time
    import numpy as np, pyarrow as pa
    from wideberth import simulate
    from wideberth.minima import PRESETS
    from wideberth.screen import scale

    options = scale.Options(PRESETS["icao-enroute"])
    names = ("icao24", "t", "lat_deg", "lon_deg", "altitude_ft", "callsign")

    def batches(flights):
        for k in range(flights):
            rng = np.random.default_rng(k)
            s = np.arange(2000) * 5.0
            t_us = (1.5e9 + rng.uniform(0, flights * 100.0) + s) * 1e6
            columns = ([f"{k:06x}"] * s.size, pa.array(t_us.astype(np.int64)).cast(pa.timestamp("us", "UTC")),
                       rng.uniform(-60, 60) + s * 1e-3, rng.uniform(-150, 150) + s * 1e-3,
                       np.full(s.size, 30_000.0), [f"AB{k}"] * s.size)
            yield pa.RecordBatch.from_arrays([pa.array(column) for column in columns], names)

    def own_bytes():
        for line in open("/proc/self/status"):
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024

    def watch():
        global peak
        while True:
            peak = max(peak, own_bytes())
            time.sleep(0.005)

    scale.screen_source(simulate.demo(number=1).tracks, options, memory_bytes=100_000)  # compiles, if need be
    before = peak = own_bytes()
    threading.Thread(target=watch, daemon=True).start()
    for memory_bytes in (int(sys.argv[1]), 10**12):
        first = next(batches(1))
        stream = pa.RecordBatchReader.from_batches(first.schema, batches(1500))
        _, cleaning = scale.screen_source(stream, options, memory_bytes=memory_bytes)
        print(cleaning.rows_kept, peak - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc how much memory a process takes")
def test_memory_does_not_grow_with_the_source() -> None:
    """Three million rows, which at once need 300 MB, are worked through within 80 MB, or nearly so."""
    memory_bytes = 80_000_000
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PEAK), str(memory_bytes)],
        capture_output=True,
        text=True,
        check=True,
    )
    (pieces_rows, pieces_bytes), (rows, whole_bytes) = (
        map(int, line.split()) for line in done.stdout.splitlines()
    )

    assert pieces_rows == rows == 3_000_000
    assert whole_bytes > 3 * memory_bytes
    # Allocators hold on to some of what was freed, and the source's own batches count, too.
    assert pieces_bytes < 1.5 * memory_bytes


def test_the_sizes_follow_from_the_memory() -> None:
    """More memory never makes smaller pieces."""
    some = [pieces.Sizes.of(memory) for memory in (1, 10**6, 10**8, 10**10)]

    for less, more in itertools.pairwise(some):
        assert less.dealt_rows <= more.dealt_rows
        assert less.bucket_bytes <= more.bucket_bytes
        assert less.span_rows <= more.span_rows


def test_free_memory_is_a_sensible_number() -> None:
    """Whatever the system tells, it is between a few megabytes and what machines have."""
    with contextlib.suppress(OSError, ValueError):
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        assert scale.free_memory_bytes() <= total
    assert scale.free_memory_bytes() > 10**6


def test_the_limit_of_a_container_counts(tmp_path: Path) -> None:
    """In a container that is free which its limit leaves; files kept for speed do not count as used."""
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.stat").write_text("anon 400000\nfile 7000000\n")
    assert scale._container_bytes(tmp_path) is None
    (tmp_path / "memory.max").write_text("1000000\n")
    assert scale._container_bytes(tmp_path) == 600_000
    assert scale._container_bytes(tmp_path / "absent") is None
