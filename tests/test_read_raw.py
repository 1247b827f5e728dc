"""Beast and AVR: frames, the receiver's clock, compact positions, and what is joined to them.

Frames are encoded by `receiver_files`, on its own from the standards; places come back within the width of
the encoding, 5.1 m in latitude at most in the air and a quarter of that on the ground.
"""

from __future__ import annotations

import math
import os
import random
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from receiver_files import (
    NOON,
    airborne_me,
    avr_capture,
    beast_capture,
    beast_frame,
    cpr,
    heard,
    identity_me,
    reasons,
    rows_in,
    rows_of,
    squitter,
    status_me,
    surface_me,
    velocity_me,
    zones,
)
from wideberth.errors import FormatError, MissingExtraError
from wideberth.read.cpr import airborne_position, longitude_zones, nearest_position, surface_position
from wideberth.read.raw import FORMATS, counts_seconds_of_day
from wideberth.read.squitter import address_of, ground_velocity, integrity

if TYPE_CHECKING:
    from pathlib import Path

    from wideberth.read.batch import Rejects

BEAST, AVR = FORMATS
NO_DATE = "note: no date in this format, counted back from the file's modification time"
AIRBORNE_STEP_DEG = 360 / 59 / 2**17  # of latitude, and of longitude up to where zones grow few
lats = st.floats(-89.5, 89.5)
lons = st.floats(-180, 179.999)


def read(content: bytes, folder: Path, form: object = BEAST) -> tuple[list[dict[str, object]], Rejects]:
    return rows_of(form, content, folder)  # type: ignore[arg-type]


# Compact positions ----------------------------------------------------------------------------------


@given(lats, lons, st.booleans())
@example(0.0, 0.0, True)
@example(-33.9, 151.2, False)
@example(51.5, -180.0, True)
@example(88.0, 10.0, False)
def test_a_pair_tells_the_place_on_the_globe(lat: float, lon: float, is_odd: bool) -> None:
    """Or that its two halves lie in bands of different longitude zones; never another place."""
    found = airborne_position(cpr(lat, lon, is_odd=False), cpr(lat, lon, is_odd=True), is_odd=is_odd)

    if found is not None:
        assert found[0] == pytest.approx(lat, abs=AIRBORNE_STEP_DEG)
        assert _apart_deg(found[1], lon) <= 360 / max(zones(lat) - 1, 1) / 2**17
    else:
        step = AIRBORNE_STEP_DEG
        assert zones(lat - step) != zones(lat + step)


@given(lats, lons, st.booleans(), st.booleans(), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
@example(10.0, 179.99, True, False, 0.0, 0.3)
def test_one_report_tells_the_place_near_another(
    lat: float, lon: float, is_odd: bool, is_surface: bool, north: float, east: float
) -> None:
    """Up to half a degree away, across the antimeridian as elsewhere."""
    report = cpr(lat, lon, is_odd=is_odd, is_surface=is_surface)
    reference = (max(-90.0, min(90.0, lat + north)), lon + east)

    found = nearest_position(report, reference, is_odd=is_odd, is_surface=is_surface)

    assert found is not None
    assert found[0] == pytest.approx(lat, abs=AIRBORNE_STEP_DEG)
    if zones(lat - AIRBORNE_STEP_DEG) == zones(lat + AIRBORNE_STEP_DEG):
        assert _apart_deg(found[1], lon) <= 360 / max(zones(lat) - 1, 1) / 2**17


@given(st.floats(-80, 80), lons, st.booleans(), st.floats(-40, 40), st.floats(-40, 40))
def test_a_pair_on_the_ground_needs_a_place_within_a_quarter_of_the_globe(
    lat: float, lon: float, is_odd: bool, north: float, east: float
) -> None:
    """Of eight places the one is found that is nearest to where the receiver hears others."""
    step = AIRBORNE_STEP_DEG / 4
    reference = (max(-89.0, min(89.0, lat + north / 2)), lon + east / 2)
    even, odd = (cpr(lat, lon, is_odd=odd, is_surface=True) for odd in (False, True))

    found = surface_position(even, odd, reference, is_odd=is_odd)

    if found is None:
        assert zones(lat - step) != zones(lat + step)
    else:
        assert found[0] == pytest.approx(lat, abs=step)
        assert _apart_deg(found[1], lon) <= 90 / max(zones(lat) - 1, 1) / 2**17


def test_a_published_pair_gives_its_published_place() -> None:
    """The worked example of Sun, The 1090 MHz Riddle."""
    found = airborne_position((93000, 51372), (74158, 50194), is_odd=False)

    assert found == pytest.approx((52.25720, 3.91937), abs=1e-5)


def test_places_on_the_ground_are_where_rs1090_puts_them() -> None:
    """Two recorded frames at Amsterdam, alone and as a pair."""
    rs1090 = pytest.importorskip("rs1090")
    reference = (51.99, 4.375)
    even, odd = (
        rs1090.decode(message, reference=reference)
        for message in ("8c4841753aab238733c8cd4020b1", "8c4841753a8a35323faebdac702d")
    )
    reports = [(m["lat_cpr"], m["lon_cpr"]) for m in (even, odd)]

    for is_odd, theirs in enumerate((even, odd)):
        place = pytest.approx((theirs["latitude"], theirs["longitude"]), abs=1e-9)
        assert nearest_position(reports[is_odd], reference, is_odd=bool(is_odd), is_surface=True) == place
        assert surface_position(reports[0], reports[1], reference, is_odd=bool(is_odd)) == place


def test_the_table_of_longitude_zones_is_the_closed_formula() -> None:
    """At 100,000 latitudes."""
    for lat in (i * 90 / 100_000 for i in range(100_000)):
        assert longitude_zones(lat) == zones(lat)


def _apart_deg(a: float, b: float) -> float:
    return abs((a - b + 180) % 360 - 180)


# Rows -----------------------------------------------------------------------------------------------


def test_positions_become_rows_with_what_the_address_said(tmp_path: Path) -> None:
    """From the second position on, each row with velocity, callsign, category and quality."""
    rows, rejects = read(beast_capture(), tmp_path)

    assert len(rows) == 19
    for i, row in enumerate(rows, start=1):
        lon_deg = 8.0 + i * 300 * 1852 / 3600 / (111_320 * math.cos(math.radians(47)))
        assert row["lat_deg"] == pytest.approx(47.0, abs=AIRBORNE_STEP_DEG)
        assert row["lon_deg"] == pytest.approx(lon_deg, abs=2 * AIRBORNE_STEP_DEG)
        assert (row["icao24"], row["altitude_ft"], row["on_ground"]) == ("4b1234", 10000, False)
        assert row["height_m"] == pytest.approx(10250 * 0.3048)  # the velocity message says 250 ft more
        assert (row["groundspeed_kt"], row["track_deg"], row["vertical_rate_fpm"]) == (300, 90, -640)
        assert (row["callsign"], row["category"], row["source"]) == ("SWR12", "A3", "adsb_icao")
        assert (row["nic"], row["nac_p"], row["nac_v"], row["sil"]) == (8, 9, 2, 3)
    assert reasons(rejects) == {"position in a single frame, none near it to tell where": 1, NO_DATE: 1}


def test_avr_with_times_gives_the_same_rows(tmp_path: Path) -> None:
    """Only the place in the file differs."""
    beast, _ = read(beast_capture(), tmp_path)
    avr, _ = read(avr_capture(), tmp_path, AVR)

    for row in (*beast, *avr):
        del row["source_row"], row["t"]
    assert avr == beast


def test_avr_without_times_is_rejected_and_says_what_to_do(tmp_path: Path) -> None:
    """A position without a time is of no use here."""
    timed = avr_capture()
    untimed = b"\n".join(b"*" + line[13:] for line in timed.splitlines())

    rows, rejects = read(untimed + b"\n*8D4B;\njunk\n", tmp_path, AVR)

    assert rows == []
    assert reasons(rejects) == {"message without a time (AVR * or :)": 44, "not an AVR message": 1}
    assert any("Beast" in example for example in rejects.examples.values())
    assert AVR.looks_like(untimed, "x")


def test_the_last_frame_is_dated_by_the_file(tmp_path: Path) -> None:
    """And the others count back from it, to the microsecond."""
    path = tmp_path / "capture"
    path.write_bytes(beast_capture())
    os.utime(path, (NOON.timestamp(), NOON.timestamp()))

    rows, rejects = rows_in(BEAST, path)

    assert rows[-1]["t"] == NOON - timedelta(seconds=0.2)  # a velocity follows the last position
    assert rows[-1]["t"] - rows[0]["t"] == timedelta(seconds=18)
    assert rejects.examples[str(path), NO_DATE] == "last frame at 2024-05-01T12:00:00Z"


def test_bytes_of_0x1a_in_a_frame_are_doubled_and_undone(tmp_path: Path) -> None:
    """In time, signal and message alike."""
    message = squitter("1a1a1a", airborne_me(10, 20, 1000, is_odd=False))
    other = squitter("1a1a1a", airborne_me(10, 20, 1000, is_odd=True))
    ticks = 0x1A1A1A1A1A00
    content = beast_frame(message, ticks, 0x1A) + beast_frame(other, ticks + 0x1A, 0x1A)

    rows, _ = read(content, tmp_path)

    assert [row["icao24"] for row in rows] == ["1a1a1a"]


def test_frames_with_a_bad_checksum_are_counted(tmp_path: Path) -> None:
    """One bit is enough; the rest is read."""
    messages = heard()
    seconds, message = messages[11]
    messages[11] = (seconds, message[:9] + bytes([message[9] ^ 4]) + message[10:])

    rows, rejects = read(beast_capture(messages), tmp_path)

    assert len(rows) == 18
    assert reasons(rejects)["damaged frame (checksum)"] == 1


def test_garbage_between_frames_is_skipped_and_counted(tmp_path: Path) -> None:
    """Whatever stands between two frames, and a frame that was cut at the end."""
    content = beast_capture()
    cut = content.index(b"\x1a3", len(content) // 2)

    rows, rejects = read(content[5:cut] + b"\x00\x1aZ\xff" * 50 + content[cut:-3], tmp_path)

    assert len(rows) == 19
    assert reasons(rejects)["bytes that are no frame"] == 3


def test_mode_ac_status_and_other_messages_are_counted(tmp_path: Path) -> None:
    """And a receiver's id, as readsb writes it before a frame, is passed over."""
    status = b"\x1a4" + bytes(21)
    receiver_id = b"\x1a\xe3" + bytes(8)
    content = beast_frame(b"\x12\x34", 0) + status + receiver_id + beast_capture() + beast_frame(bytes(7), 12)

    rows, rejects = read(content, tmp_path)

    assert len(rows) == 19
    assert reasons(rejects)["not a position message"] == 3
    assert "bytes that are no frame" not in reasons(rejects)


def test_on_the_ground_the_place_is_the_one_near_others(tmp_path: Path) -> None:
    """Before any position it cannot be told; speed and track are in the message; there is no altitude."""
    ground = [(10 + i, squitter("4ca4e5", surface_me(-33.95, 151.18, is_odd=i % 2 == 1))) for i in range(4)]
    air = [(5 + i, squitter("7c1234", airborne_me(-34.5, 150.0, 5000, is_odd=i == 1))) for i in range(2)]

    alone, rejects = read(beast_capture(ground), tmp_path)
    rows, _ = read(beast_capture(air + ground), tmp_path)

    assert alone == []
    assert reasons(rejects) == {"position on the ground in a single frame, none near it to tell where": 4}
    assert [row["icao24"] for row in rows] == ["7c1234"] + ["4ca4e5"] * 3
    assert rows[1]["lat_deg"] == pytest.approx(-33.95, abs=AIRBORNE_STEP_DEG / 4)
    assert rows[1]["lon_deg"] == pytest.approx(151.18, abs=AIRBORNE_STEP_DEG / 2)
    assert (rows[1]["on_ground"], rows[1]["altitude_ft"]) == (True, None)
    assert (rows[1]["groundspeed_kt"], rows[1]["track_deg"], rows[1]["nic"]) == (15, 180, 8)


def test_a_single_frame_is_placed_by_the_aircrafts_own_position_of_the_last_ten_minutes(
    tmp_path: Path,
) -> None:
    """Later it waits for a partner."""

    def at(seconds: float, lat: float, *, is_odd: bool) -> tuple[float, bytes]:
        return seconds, squitter("4b1234", airborne_me(lat, 8, 1000, is_odd=is_odd))

    pair = [at(0, 47, is_odd=False), at(1, 47, is_odd=True)]

    near, _ = read(beast_capture([*pair, at(601, 48, is_odd=True)]), tmp_path)
    far, _ = read(beast_capture([*pair, at(602, 48, is_odd=True)]), tmp_path)

    assert near[-1]["lat_deg"] == pytest.approx(48, abs=AIRBORNE_STEP_DEG)
    assert len(far) == 1


def test_a_pair_more_than_ten_seconds_apart_is_none(tmp_path: Path) -> None:
    """The aircraft may have crossed into another zone between them."""

    def capture(gap_s: float) -> bytes:
        return beast_capture(
            [(i * gap_s, squitter("4b1234", airborne_me(47, 8, 1000, is_odd=i == 1))) for i in range(2)]
        )

    assert len(read(capture(10), tmp_path)[0]) == 1
    assert len(read(capture(10.1), tmp_path)[0]) == 0


def test_altitude_by_type_code(tmp_path: Path) -> None:
    """Codes 20 to 22 carry height above the ellipsoid, and below the sea is allowed."""

    def rows_for(**options: float) -> list[dict[str, object]]:
        pair = [
            (
                float(i),
                squitter(
                    "4b1234",
                    airborne_me(47, 8, options["feet"], is_odd=i == 1, type_code=int(options["code"])),
                ),
            )
            for i in range(2)
        ]
        return read(beast_capture(pair), tmp_path)[0]

    assert (rows_for(feet=-75, code=11)[0]["altitude_ft"], rows_for(feet=-75, code=11)[0]["height_m"]) == (
        -75,
        None,
    )
    geometric = rows_for(feet=10_000, code=20)[0]
    assert (geometric["altitude_ft"], geometric["nic"]) == (None, 11)
    assert geometric["height_m"] == pytest.approx(3048)


def test_velocity_that_is_unknown_or_supersonic() -> None:
    """Unknown components leave the speed unknown; the supersonic kind counts in steps of 4 kt."""
    assert ground_velocity(velocity_me(100, -200, 0, 0)) == pytest.approx((math.hypot(100, 200), 153.4349488))
    assert ground_velocity(velocity_me(None, 100, 0, 0)) == (None, None)
    assert ground_velocity(velocity_me(1200, 0, 0, 0, kind=2)) == (1200, 90)
    assert ground_velocity(velocity_me(0, 0, 0, 0)) == (0, None)
    assert ground_velocity(velocity_me(100, 0, 0, 0, kind=3)) == (None, None)  # airspeed


@pytest.mark.parametrize(
    ("control", "is_marked", "expected"),
    [
        (0, 0, ("4b1234", "adsb_icao_nt")),
        (1, 0, ("~4b1234", "adsb_other")),
        (2, 0, ("4b1234", "tisb_icao")),
        (2, 1, ("~4b1234", "tisb_trackfile")),
        (3, 0, None),
        (4, 0, None),
        (5, 0, ("~4b1234", "tisb_other")),
        (6, 0, ("4b1234", "adsr_icao")),
        (6, 1, ("~4b1234", "adsr_other")),
        (7, 0, None),
    ],
)
def test_the_kind_of_address_of_what_is_no_transponder(
    tmp_path: Path, control: int, is_marked: int, expected: tuple[str, str] | None
) -> None:
    """DF18 tells by control field and a bit in the message; the same in the rows, velocity joined."""
    messages = [
        squitter(
            "4b1234", airborne_me(47, 8, 1000, is_odd=i == 1, supplement_b=is_marked), df=18, control=control
        )
        for i in range(2)
    ]

    assert address_of(messages[0]) == expected
    assert (
        address_of(squitter("4b1234", velocity_me(1, 1, 0, 0) | is_marked << 47, df=18, control=control))
        == expected
    )
    rows, rejects = read(beast_capture(list(enumerate(messages))), tmp_path)
    assert [(row["icao24"], row["source"]) for row in rows] == ([] if expected is None else [expected])
    assert expected is not None or reasons(rejects)["not a position message"] == 2


@pytest.mark.parametrize(
    ("type_code", "version", "a", "b", "nic"),
    [
        (9, None, None, None, 11), (11, 2, 1, 1, 9), (11, 2, 1, 0, 8), (11, 2, None, 1, 8), (11, 1, 1, None, 9),
        (11, 0, 1, 1, 8), (16, 2, 1, 1, 3), (16, 2, 0, 0, 2), (16, None, None, None, 1), (18, 2, 1, 1, 0),
        (19, 2, 0, 0, None),
    ],
)  # fmt: skip
def test_nic_by_type_code_version_and_supplements(
    type_code: int, version: int | None, a: int | None, b: int | None, nic: int | None
) -> None:
    """The lower of two where a supplement is not known."""
    assert integrity(type_code, version, a, b) == nic


def test_nic_takes_both_supplements_from_the_messages(tmp_path: Path) -> None:
    """One stands in the operational status, the other in the position."""
    messages = [(0.0, squitter("4b1234", status_me(supplement_a=1)))] + [
        (i + 1.0, squitter("4b1234", airborne_me(47, 8, 1000, is_odd=i == 1, supplement_b=1)))
        for i in range(2)
    ]

    assert read(beast_capture(messages), tmp_path)[0][0]["nic"] == 9


def test_squawks_come_from_replies_to_radar(tmp_path: Path) -> None:
    """DF5 holds its address in the checksum: it counts for addresses that were heard otherwise."""
    reply = bytes.fromhex("2800080069952a")  # 3981e4 squawks 1000, from a real capture
    messages = heard("3981e4")
    messages.insert(4, (0.6, reply))

    rows, _ = read(beast_capture(messages), tmp_path)

    assert {row["squawk"] for row in rows} == {"1000"}


def test_what_was_heard_too_long_ago_is_not_joined(tmp_path: Path) -> None:
    """10 s for the velocity, 10 minutes for the callsign."""

    def capture(gap_s: float) -> bytes:
        positions = [
            (gap_s + i / 10, squitter("4b1234", airborne_me(47, 8, 1000, is_odd=i == 1))) for i in range(2)
        ]
        said = [squitter("4b1234", identity_me("SWR12")), squitter("4b1234", velocity_me(300, 0, 0, 250))]
        return beast_capture([(0.1, said[0]), (0.1, said[1]), *positions])

    fresh, stale, silent = (read(capture(gap_s), tmp_path)[0][0] for gap_s in (10, 10.1, 601))

    assert (fresh["groundspeed_kt"], fresh["callsign"]) == (300, "SWR12")
    assert fresh["height_m"] is not None
    assert (stale["groundspeed_kt"], stale["nac_v"], stale["height_m"], stale["callsign"]) == (
        None,
        None,
        None,
        "SWR12",
    )
    assert silent["callsign"] is None


# The clock ------------------------------------------------------------------------------------------


def test_a_frame_with_a_damaged_time_is_refused(tmp_path: Path) -> None:
    """The checksum does not cover it, so it has to fit the frames around it."""
    frames = [beast_frame(message, round((1000 + s) * 12e6)) for s, message in heard()]
    damaged = bytearray(frames[20])
    damaged[2] ^= 0x40
    frames[20] = bytes(damaged)

    rows, rejects = read(b"".join(frames), tmp_path)

    assert reasons(rejects)["time out of step with the frames around it"] == 1
    assert rows[-1]["t"] - rows[0]["t"] == timedelta(seconds=18)  # type: ignore[operator]


def test_a_receiver_that_was_restarted_is_noted(tmp_path: Path) -> None:
    """What stands before is dated as if no time had passed between."""
    content = beast_capture(start_s=50_000) + beast_capture(start_s=5)

    rows, rejects = read(content, tmp_path)

    assert len(rows) == 39
    # from 1.5 s to the last frame at 19.7 s, and from the first at 0.1 s to the last position at 19.5 s
    assert rows[-1]["t"] - rows[0]["t"] == timedelta(seconds=19.7 - 1.5 + 19.5 - 0.1)  # type: ignore[operator]
    assert sum(count for reason, count in reasons(rejects).items() if "restarted" in reason) == 1


def test_a_long_silence_keeps_its_length(tmp_path: Path) -> None:
    """Two frames that agree after two hours are no damage."""
    rows, rejects = read(beast_capture(start_s=5) + beast_capture(start_s=7205), tmp_path)

    assert rows[-1]["t"] - rows[0]["t"] == timedelta(seconds=7218)  # type: ignore[operator]
    assert set(reasons(rejects)) == {NO_DATE, "position in a single frame, none near it to tell where"}


def test_several_receivers_in_one_file_are_refused(tmp_path: Path) -> None:
    """Their counters have nothing to do with one another."""
    content = b"".join(beast_capture(start_s=1000 * (1 + i % 2)) for i in range(50))

    with pytest.raises(FormatError, match="several receivers"):
        read(content, tmp_path)


def test_a_radarcape_counts_seconds_of_the_day(tmp_path: Path) -> None:
    """Its nanoseconds never reach 10⁹; day from the file, time from the counter, and midnight passes."""
    messages = [
        (i * 0.05, squitter("4b1234", airborne_me(47, 8, 1000, is_odd=i % 2 == 1))) for i in range(500)
    ]
    start_s = 86_390
    content = b"".join(
        beast_frame(message, (int(start_s + s) % 86_400) << 30 | round((start_s + s) % 1 * 1e9) % 10**9)
        for s, message in messages
    )
    path = tmp_path / "capture"
    path.write_bytes(content)
    written = datetime(2024, 5, 2, 0, 3, tzinfo=UTC).timestamp()  # 3 minutes after the last frame
    os.utime(path, (written, written))

    rows, _ = rows_in(BEAST, path)

    assert rows[0]["t"] == datetime(2024, 5, 1, 23, 59, 50, 50_000, tzinfo=UTC)
    assert rows[-1]["t"] == datetime(2024, 5, 2, 0, 0, 14, 950_000, tzinfo=UTC)


def test_a_counter_of_12_mhz_is_not_taken_for_seconds_of_the_day() -> None:
    """Of 1,000 drawn over 20 minutes some are above 10⁹ in their lower 30 bits."""
    ticks = sorted(random.Random(1).randrange(1200 * 12_000_000) for _ in range(1000))

    assert not counts_seconds_of_day(ticks)
    assert counts_seconds_of_day([s << 30 | 999_999_999 for s in range(1000)])
    assert not counts_seconds_of_day([s << 30 | 5 for s in range(399)])


def test_frames_made_from_multilateration_have_no_time_of_their_own(tmp_path: Path) -> None:
    """They are dated by the frame before them and say so in their source."""
    mlat = 0xFF004D4C4154
    frames = [beast_frame(message, round((1000 + s) * 12e6)) for s, message in heard()]
    made_up = [
        beast_frame(squitter("a00001", airborne_me(46, 7, 2000, is_odd=i == 1), df=18, control=2), mlat)
        for i in range(2)
    ]

    rows, rejects = read(b"".join(frames[:20] + made_up + frames[20:]), tmp_path)

    (row,) = (row for row in rows if row["icao24"] == "a00001")
    assert (row["source"], row["lat_deg"]) == ("mlat", pytest.approx(46, abs=AIRBORNE_STEP_DEG))
    assert "time out of step with the frames around it" not in reasons(rejects)


# Recognition and the package ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "is_beast", "is_avr"),
    [
        (beast_capture(), True, False),
        (beast_capture()[7:], True, False),
        (avr_capture(), False, True),
        (b"<00000000000140" + avr_capture()[13:41] + b";\n", False, True),
        (b"*8D4840D6202CC371C32CE0576098;\n", False, True),
        (b"\x1a" * 100, False, False),
        (b"abcdef;\nabcdef;\n", False, False),
        (b"", False, False),
    ],
)
def test_each_is_recognised_by_its_frames(content: bytes, is_beast: bool, is_avr: bool) -> None:
    """A capture may begin in the middle of a frame."""
    assert BEAST.looks_like(content, "x.bin") is is_beast
    assert AVR.looks_like(content, "x.txt") is is_avr


def test_without_rs1090_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an extra, since most people have no raw captures."""
    monkeypatch.setitem(sys.modules, "rs1090", None)

    with pytest.raises(MissingExtraError, match=r'pip install "wideberth\[raw\]"'):
        read(beast_capture(), tmp_path)


def test_a_real_capture_agrees_with_rs1090(shared_data: Path) -> None:
    """239 frames of 24 s: three positions, where rs1090's own decoder puts them."""
    rs1090 = pytest.importorskip("rs1090")
    path = shared_data / "sample_dump1090.beast.bin"
    assert BEAST.looks_like(path.read_bytes(), "x")

    rows, rejects = rows_in(BEAST, path)

    assert [(row["icao24"], row["altitude_ft"], row["nic"]) for row in rows] == [("48520a", 38000, 8)] * 3
    assert rows[-1]["callsign"] == "TRA89M"
    assert reasons(rejects)["not a position message"] == 190
    positions = [
        "8d48520a58c38118524b549e1b08",
        "8d48520a58c3849c784990179ae0",
        "8d48520a58c3849cc6498c275578",
    ]
    theirs = [
        m
        for m in rs1090.decode([*positions, "8d48520a58c3811abc4b3353a802"], [0.0, 0.95, 1.96, 7.83])
        if "latitude" in m
    ]
    assert [(row["lat_deg"], row["lon_deg"]) for row in rows] == [
        pytest.approx((m["latitude"], m["longitude"]), abs=1e-9) for m in theirs
    ]
