"""aircraft.json and trace_full_*.json: what readsb writes, and what is left of it after damage."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from receiver_files import NOON, aircraft_json, reasons, rows_in, rows_of, trace_json, trace_row
from wideberth.errors import FormatError
from wideberth.read.readsb import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

SNAPSHOT, TRACE = FORMATS
FOOT_M = 0.3048


def test_a_snapshot_gives_each_field_its_column_and_unit(tmp_path: Path) -> None:
    """Feet stay feet, the geometric altitude becomes metres, and the position's time is now - seen_pos."""
    rows, rejects = rows_of(SNAPSHOT, aircraft_json(), tmp_path)

    swiss, ghost = rows
    assert swiss["t"] == NOON - timedelta(seconds=1.5)
    assert swiss["seen_pos_s"] == 1.5
    assert (swiss["icao24"], swiss["callsign"], swiss["registration"]) == ("4b1234", "SWR12", "HB-JCA")
    assert (swiss["type_code"], swiss["squawk"], swiss["category"]) == ("BCS3", "1000", "A3")
    assert (swiss["lat_deg"], swiss["lon_deg"], swiss["altitude_ft"]) == (47.0, 8.0, 10000)
    assert swiss["height_m"] == pytest.approx(10500 * FOOT_M)
    assert (swiss["groundspeed_kt"], swiss["track_deg"], swiss["vertical_rate_fpm"]) == (300.5, 90.25, -640)
    assert (swiss["nic"], swiss["nac_p"], swiss["nac_v"], swiss["sil"]) == (8, 9, 1, 3)
    assert (swiss["source"], swiss["on_ground"]) == ("adsb_icao", False)
    assert (ghost["icao24"], ghost["on_ground"], ghost["altitude_ft"]) == ("~2b0d0d", True, None)
    assert not rejects.counts


def test_the_list_may_be_called_ac_and_now_be_in_milliseconds(tmp_path: Path) -> None:
    """The API of ADS-B Exchange says the same in other words, and says ``now`` last."""
    document = json.loads(aircraft_json())
    content = json.dumps({"ac": document["aircraft"], "msg": "No error", "now": NOON.timestamp() * 1000})

    rows, _ = rows_of(SNAPSHOT, content, tmp_path)

    assert rows == rows_of(SNAPSHOT, aircraft_json(), tmp_path)[0]


def test_snapshots_one_a_line_are_all_read(tmp_path: Path) -> None:
    """Each line has its own time; a line that is none is counted, and rows count on through the file."""
    content = "\n".join([aircraft_json(NOON.timestamp() + i) for i in range(3)] + ['{"now": 17, "aircra', ""])

    rows, rejects = rows_of(SNAPSHOT, content, tmp_path)

    assert [row["source_row"] for row in rows] == list(range(6))
    assert rows[4]["t"] - rows[0]["t"] == timedelta(seconds=2)
    assert reasons(rejects) == {"not a snapshot": 1}


def test_a_snapshot_of_many_lines_is_one(tmp_path: Path) -> None:
    """The line is broken after each aircraft."""
    pretty = json.dumps(json.loads(aircraft_json()), indent=1)

    assert rows_of(SNAPSHOT, pretty, tmp_path) == rows_of(SNAPSHOT, aircraft_json(), tmp_path)


def test_a_last_position_is_taken_with_its_own_age_and_without_the_newer_altitude(tmp_path: Path) -> None:
    """The aircraft had its present altitude elsewhere."""
    old = {
        "hex": "a00001",
        "alt_baro": 5000,
        "gs": 100,
        "flight": "N1",
        "lastPosition": {"lat": 1.0, "lon": 2.0, "seen_pos": 75.0, "nic": 7},
    }

    rows, _ = rows_of(SNAPSHOT, aircraft_json(NOON.timestamp(), old), tmp_path)

    row = rows[-1]
    assert (row["lat_deg"], row["lon_deg"], row["t"]) == (1.0, 2.0, NOON - timedelta(seconds=75))
    assert (row["altitude_ft"], row["groundspeed_kt"], row["nic"], row["callsign"]) == (None, None, 7, "N1")


@pytest.mark.parametrize(
    ("entry", "source"),
    [
        ({"hex": "a00001", "mlat": ["lat", "lon"]}, "mlat"),
        ({"hex": "a00001", "tisb": ["lat"]}, "tisb_icao"),
        ({"hex": "~a00001", "tisb": ["lat"]}, "tisb_other"),
        ({"hex": "a00001", "mlat": ["gs"]}, None),
    ],
)
def test_without_a_type_the_source_follows_from_the_lists_of_fields(
    tmp_path: Path, entry: dict[str, object], source: str | None
) -> None:
    """Older receivers tell only which fields came by multilateration or TIS-B."""
    rows, _ = rows_of(SNAPSHOT, aircraft_json(NOON.timestamp(), entry), tmp_path)

    assert rows[-1]["source"] == source


def test_values_of_a_wrong_kind_become_unknown(tmp_path: Path) -> None:
    """Nothing that a column cannot hold gets through: texts, lists, booleans, NaN, half characters."""
    odd = {
        "hex": "A00001",
        "lat": "north",
        "lon": True,
        "alt_baro": [1],
        "gs": float("nan"),
        "nic": 1e9,
        "flight": "\ud800X",
        "sil": 2.5,
    }

    rows, rejects = rows_of(SNAPSHOT, aircraft_json(NOON.timestamp(), odd, {"hex": 5}, [1]), tmp_path)  # type: ignore[arg-type]

    row = rows[-1]
    assert [row[k] for k in ("lat_deg", "lon_deg", "altitude_ft", "groundspeed_kt", "nic", "sil")] == [
        None
    ] * 6
    assert (row["icao24"], row["callsign"]) == ("a00001", "\ufffdX")
    assert reasons(rejects) == {"no address": 1, "not an aircraft": 1}


def test_a_snapshot_without_now_gives_no_rows(tmp_path: Path) -> None:
    """Without a time there is no telling who was near whom."""
    rows, rejects = rows_of(SNAPSHOT, '{"aircraft": [{"hex": "a00001", "lat": 1, "lon": 2}]}', tmp_path)

    assert rows == []
    assert reasons(rejects) == {"no time": 1}


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_a_snapshot_that_was_cut_off_gives_what_is_whole(tmp_path: Path, keep: float) -> None:
    """Every aircraft before the cut is there, the one at the cut is counted."""
    many = [{"hex": f"{i:06x}", "lat": 1.0, "lon": 2.0, "alt_baro": 1000} for i in range(100)]
    content = json.dumps({"now": NOON.timestamp(), "aircraft": many})
    cut = content[: int(len(content) * keep)]

    rows, rejects = rows_of(SNAPSHOT, cut, tmp_path)

    assert [row["icao24"] for row in rows] == [f"{i:06x}" for i in range(cut.count("}"))]
    assert reasons(rejects) == {"damaged JSON": 1}


def test_what_is_no_snapshot_says_what_was_looked_for(tmp_path: Path) -> None:
    """The error names the list and shows how the file begins."""
    with pytest.raises(FormatError, match=r'"aircraft": \[\.\.\.\].*begins with .*\{"planes"'):
        rows_of(SNAPSHOT, '{"planes": []}', tmp_path)


def test_a_trace_gives_a_row_for_each_of_its_own(tmp_path: Path) -> None:
    """Times count from the timestamp; the ground has no altitude and, its track being a heading, no track."""
    rows, rejects = rows_of(TRACE, trace_json(), tmp_path)

    assert [row["t"] for row in rows] == [NOON + timedelta(seconds=s) for s in (0, 10, 20)]
    first, _, last = rows
    assert (first["icao24"], first["registration"], first["type_code"]) == ("ac671b", "N899DN", "B739")
    assert (first["altitude_ft"], first["on_ground"], first["track_deg"]) == (32000, False, 327.8)
    assert first["height_m"] == pytest.approx(33000 * FOOT_M)
    assert (first["groundspeed_kt"], first["vertical_rate_fpm"], first["source"]) == (480.5, -64, "adsb_icao")
    assert (last["altitude_ft"], last["on_ground"], last["track_deg"]) == (None, True, None)
    assert not rejects.counts


def test_a_geometric_altitude_is_a_height(tmp_path: Path) -> None:
    """Flag 8 says so; taken for pressure altitude it would be compared with the wrong ones."""
    rows, _ = rows_of(
        TRACE, trace_json([trace_row(0, flags=8, height_ft=None), trace_row(1, flags=4)]), tmp_path
    )

    assert rows[0]["altitude_ft"] is None
    assert rows[0]["height_m"] == pytest.approx(32000 * FOOT_M)
    assert rows[1]["altitude_ft"] == 32000


def test_names_and_quality_hold_until_the_next_object(tmp_path: Path) -> None:
    """Quality that the next object leaves out is unknown from there; a callsign is only not heard lately."""
    quality = {"type": "adsb_icao", "flight": "DAL1 ", "nic": 8, "nac_p": 10}
    rows, _ = rows_of(
        TRACE,
        trace_json(
            [
                trace_row(0),
                trace_row(10, details=quality),
                trace_row(20),
                trace_row(30, details={"nic": 7}),
                trace_row(40),
            ]
        ),
        tmp_path,
    )

    assert [row["callsign"] for row in rows] == [None, "DAL1", "DAL1", "DAL1", "DAL1"]
    assert [row["nic"] for row in rows] == [None, 8, 8, 7, 7]
    assert [row["nac_p"] for row in rows] == [None, 10, 10, None, None]


def test_a_new_leg_or_half_an_hour_forgets_names(tmp_path: Path) -> None:
    """The next flight of an airliner has another callsign."""
    named = {"flight": "DAL1", "nic": 8}
    rows, _ = rows_of(
        TRACE,
        trace_json(
            [
                trace_row(0, details=named),
                trace_row(10, flags=2),
                trace_row(20, details=named),
                trace_row(1821),
            ]
        ),
        tmp_path,
    )

    assert [row["callsign"] for row in rows] == ["DAL1", None, "DAL1", None]


def test_quality_is_forgotten_ten_minutes_after_it_was_told(tmp_path: Path) -> None:
    """At 600 s it still holds; later it is unknown, while the callsign stays."""
    rows = [trace_row(0, details={"flight": "DAL1", "nic": 8}), *(trace_row(t) for t in (300, 600, 601))]

    found, _ = rows_of(TRACE, trace_json(rows), tmp_path)

    assert [row["nic"] for row in found] == [8, 8, 8, None]
    assert [row["callsign"] for row in found] == ["DAL1"] * 4


def test_old_traces_with_nine_elements_are_read(tmp_path: Path) -> None:
    """Source and height then come from the object, the source until the next one."""
    nine = [row[:9] for row in (trace_row(0, details={"type": "mlat", "alt_geom": 1000}), trace_row(1))]

    rows, _ = rows_of(TRACE, trace_json(nine), tmp_path)

    assert [row["source"] for row in rows] == ["mlat", "mlat"]
    assert rows[0]["height_m"] == pytest.approx(1000 * FOOT_M)
    assert rows[1]["height_m"] is None


def test_a_damaged_trace_gives_its_good_rows(tmp_path: Path) -> None:
    """A row broken in the middle and the one at the cut are counted, the others read with their header."""
    whole = trace_json([trace_row(i, 40 + i / 1000) for i in range(50)])
    broken = whole.replace("[20, 40.02,", "[20, 40.x02,")[: whole.index("[45,") + 20]

    rows, rejects = rows_of(TRACE, broken, tmp_path)

    assert [row["t"] for row in rows] == [NOON + timedelta(seconds=i) for i in range(45) if i != 20]
    assert {row["registration"] for row in rows} == {"N899DN"}
    assert reasons(rejects) == {"damaged JSON": 2}


def test_a_trace_without_its_header_is_refused(tmp_path: Path) -> None:
    """Rows that belong to no address and no day are of no use."""
    with pytest.raises(FormatError, match='"icao"'):
        rows_of(TRACE, trace_json().replace('"icao"', '"ocai"'), tmp_path)


def test_rows_that_are_none_are_counted(tmp_path: Path) -> None:
    """Too short, of another kind, or at an impossible time."""
    rows, rejects = rows_of(TRACE, trace_json([trace_row(0), [1], "x", trace_row(1e18)]), tmp_path)

    assert len(rows) == 1
    assert reasons(rejects) == {"not a row of a trace": 2, "no time": 1}


def test_nesting_without_end_is_damage_and_no_crash(tmp_path: Path) -> None:
    """The JSON parser gives up on depth; the reader goes on."""
    rows, rejects = rows_of(TRACE, trace_json().replace("]}", "," + "[0," * 100_000 + "]}"), tmp_path)

    assert len(rows) == 3
    assert reasons(rejects) == {"damaged JSON": 1}


@pytest.mark.parametrize(
    ("content", "is_snapshot", "is_trace"),
    [
        (aircraft_json(), True, False),
        (trace_json(), False, True),
        ('{"ac":[],"now":1}', True, False),
        ('{"now": 1, "hex": "a00001", "lat": 1}', False, False),
        ('{"time": 1, "states": []}', False, False),
        ("icao24,time\n", False, False),
    ],
)
def test_each_is_recognised_by_its_content(content: str, is_snapshot: bool, is_trace: bool) -> None:
    """The list of aircraft, or an address beside a trace; not JSON of other kinds."""
    head = content.encode()

    assert SNAPSHOT.looks_like(head, "x.json") is is_snapshot
    assert TRACE.looks_like(head, "x.json") is is_trace


def test_real_traces_read_without_loss(shared_data: Path) -> None:
    """Each of the 23 recorded traces gives as many rows as it has, in its order of time, none rejected."""
    paths = [
        shared_data / "trace_full_ac671b.readsb.json",
        *sorted((shared_data / "readsb-traces-2023-08-20").iterdir()),
    ]
    assert len(paths) == 23
    total = 0
    for path in paths:
        content = path.read_bytes()
        document = json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
        rows, rejects = rows_in(TRACE, path)
        assert len(rows) == len(document["trace"])
        assert not rejects.counts
        times = [row["t"] for row in rows]
        assert times == sorted(times)
        assert [row["altitude_ft"] for row in rows] == [
            row[3] if isinstance(row[3], int) and not row[6] & 8 else None for row in document["trace"]
        ]
        total += len(rows)
    assert total == 6430
