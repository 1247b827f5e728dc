"""Small files of the receiver and logger formats, written from their published descriptions.

Mode S frames are encoded here by ICAO Doc 9871 and RTCA DO-260B: the opposite way of what the reader does,
and on its own, so that a mistake on one side does not hide the same mistake on the other.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from wideberth.read.batch import Rejects
from wideberth.read.sources import expand

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wideberth.read.formats import Format

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def rows_of(
    form: Format, content: bytes | str, folder: Path, name: str = "file"
) -> tuple[list[dict[str, Any]], Rejects]:
    """Return what a format makes of some content: its rows as dicts, and what it rejected."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return rows_in(form, path)


def rows_in(form: Format, path: Path) -> tuple[list[dict[str, Any]], Rejects]:
    """Return what a format makes of a file: its rows as dicts, and what it rejected."""
    (part,) = expand(str(path))
    rejects = Rejects()
    frames = [batch.frame for batch in form.read(part, rejects)]
    return (pl.concat(frames).to_dicts() if frames else []), rejects


def reasons(rejects: Rejects) -> dict[str, int]:
    """Return how often each reason was given, whatever the file's name."""
    return {reason: count for (_, reason), count in rejects.counts.items()}


# aircraft.json, traces ------------------------------------------------------------------------------


def aircraft_json(now_s: float = NOON.timestamp(), *others: dict[str, Any]) -> str:
    """Return a snapshot as readsb writes it."""
    swiss = {
        "hex": "4b1234", "type": "adsb_icao", "flight": "SWR12   ", "r": "HB-JCA", "t": "BCS3", "alt_baro": 10000,
        "alt_geom": 10500, "gs": 300.5, "track": 90.25, "baro_rate": -640, "squawk": "1000", "category": "A3",
        "lat": 47.0, "lon": 8.0, "nic": 8, "rc": 186, "seen_pos": 1.5, "nac_p": 9, "nac_v": 1, "sil": 3, "mlat": [],
        "tisb": [], "seen": 0.1, "rssi": -20.1,
    }  # fmt: skip
    ghost = {
        "hex": "~2b0d0d",
        "type": "tisb_other",
        "alt_baro": "ground",
        "lat": -47.0,
        "lon": -8.0,
        "seen_pos": 0,
    }
    return json.dumps({"now": now_s, "messages": 12345, "aircraft": [swiss, ghost, *others]})


def trace_json(rows: Sequence[Sequence[Any]] | None = None) -> str:
    """Return a trace as readsb writes it: a row a line."""
    details = {
        "type": "adsb_icao",
        "flight": "DAL1812 ",
        "squawk": "4637",
        "category": "A3",
        "nic": 8,
        "nac_p": 10,
    }
    if rows is None:
        rows = [
            trace_row(0.0, 40.0, details=details),
            trace_row(10.0, 40.01),
            trace_row(20.0, 40.02, altitude="ground"),
        ]
    text = ",\n".join(json.dumps(row) for row in rows)
    start = f'"icao":"ac671b",\n"r":"N899DN",\n"t":"B739",\n"timestamp": {NOON.timestamp():.3f},\n"trace":['
    return "{" + start + "\n" + text + "\n]}\n"


def trace_row(
    dt_s: float,
    lat_deg: float = 40.0,
    *,
    altitude: float | str | None = 32000,
    flags: int = 0,
    details: dict[str, Any] | None = None,
    height_ft: float | None = 33000,
) -> list[Any]:
    """Return one row of 14 elements."""
    head = [dt_s, lat_deg, -105.0, altitude, 480.5, 327.8, flags, -64, details]
    return [*head, "adsb_icao", height_ft, None, 280, 0.0]


# SBS ------------------------------------------------------------------------------------------------


def sbs_line(
    kind: int,
    icao24: str,
    seconds: float,
    *,
    first: str = "MSG",
    **fields: object,
) -> str:
    """Return one message ``seconds`` after noon; fields by the names below."""
    names = (
        "callsign",
        "altitude",
        "speed",
        "track",
        "lat",
        "lon",
        "rate",
        "squawk",
        "alert",
        "emergency",
        "spi",
        "ground",
    )
    unknown = set(fields) - set(names)
    assert not unknown, unknown
    at = datetime.fromtimestamp(NOON.timestamp() + seconds, UTC)
    day, time = at.strftime("%Y/%m/%d"), f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"
    values = [first, str(kind), "1", "1", icao24.upper(), "1", day, time, day, time]
    return ",".join([*values, *(str(fields.get(name, "")) for name in names)])


def sbs_text() -> str:
    """Return a short capture of two aircraft."""
    return "\r\n".join(
        [
            "SEL,,496,2286,4CA4E5,27215,2010/02/19,18:06:07.710,2010/02/19,18:06:07.710,RYR1427",
            sbs_line(1, "4b1234", 0, callsign="SWR12   "),
            sbs_line(4, "4b1234", 1, speed=300, track=90, rate=-640),
            sbs_line(3, "4b1234", 2, altitude=10000, lat=47.0, lon=8.0, ground=0),
            sbs_line(2, "4ca4e5", 3, altitude=0, speed=12, track=45, lat=47.46, lon=8.55, ground=-1),
            "",
        ]
    )


# GPX, IGC -------------------------------------------------------------------------------------------


def flight(identity: str = "1581F5FHB234", seconds: float = 0.0, **position: object) -> dict[str, Any]:
    """Return a flight as a provider of Remote ID tells it (ASTM F3411-22a), ``seconds`` after noon."""
    at = datetime.fromtimestamp(NOON.timestamp() + seconds, UTC)
    place = {
        "lat": 47.0,
        "lng": 8.0,
        "alt": 520.0,
        "accuracy_h": "HA10m",
        "pressure_altitude": 304.8,
        **position,
    }
    state = {
        "timestamp": {"value": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 100_000}Z", "format": "RFC3339"},
        "operational_status": "Airborne", "position": place, "track": 90.0, "speed": 10.0, "speed_accuracy": "SA1mps",
        "vertical_speed": -1.0,
    }  # fmt: skip
    return {"id": identity, "aircraft_type": "Helicopter", "current_state": state, "recent_positions": []}


def flights_json(*flights: dict[str, Any]) -> str:
    """Return a provider's answer."""
    stamp = {"value": f"{NOON:%Y-%m-%dT%H:%M:%S}.0Z", "format": "RFC3339"}
    return json.dumps({"timestamp": stamp, "flights": list(flights) or [flight()], "no_isas_present": False})


def gpx_point(
    seconds: int, lat: object = 47.0, lon: object = 8.0, ele: float | None = 500.0, extra: str = ""
) -> str:
    """Return a ``trkpt`` of ``seconds`` after noon."""
    at = datetime.fromtimestamp(NOON.timestamp() + seconds, UTC)
    height = "" if ele is None else f"<ele>{ele}</ele>"
    return f'<trkpt lat="{lat}" lon="{lon}">{height}<time>{at:%Y-%m-%dT%H:%M:%SZ}</time>{extra}</trkpt>\n'


def gpx_text(*points: str, name: str = "morning") -> str:
    """Return a file of one track."""
    points = points or tuple(gpx_point(i, 47.0 + i / 1000) for i in range(5))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">\n'
        f"<trk><name>{name}</name><trkseg>\n{''.join(points)}</trkseg></trk>\n</gpx>\n"
    )


IGC_HEADER = (
    "AXXX001 FLIGHT:1\r\nHFDTE010524\r\nHFFXA035\r\nHFPLTPILOTINCHARGE: not said\r\nHFGTYGLIDERTYPE: ASH 25\r\n"
    "HFGIDGLIDERID: D-1234\r\nHFCIDCOMPETITIONID: XY\r\nI013638FXA\r\n"
)


def igc_text(*fixes: str, header: str = IGC_HEADER) -> str:
    """Return a flight of some fixes."""
    fixes = fixes or (
        "B1200005107126N00149300WA0028000421035",
        "B1200025107126N00149300WA0028100422035",
        "B1200045107126S00149300EV-001200000035",
    )
    return (
        header
        + "".join(fix + "\r\n" for fix in fixes)
        + "GREJNGJERJKNJKRE31895478537H43982FJN9248F942389T433T\r\n"
    )


# Mode S ---------------------------------------------------------------------------------------------


def checksum(frame: bytes) -> int:
    """Return the 24-bit remainder by the Mode S polynomial, bit by bit."""
    remainder = 0
    for byte in frame:
        remainder ^= byte << 16
        for _ in range(8):
            remainder <<= 1
            if remainder & 0x1000000:
                remainder ^= 0x1FFF409
    return remainder


def squitter(icao24: str, me: int, *, df: int = 17, control: int = 5) -> bytes:
    """Return an extended squitter of 14 bytes with its checksum."""
    frame = bytes([df << 3 | control]) + bytes.fromhex(icao24) + me.to_bytes(7, "big")
    return frame + checksum(frame).to_bytes(3, "big")


def bits(*fields: tuple[int, int]) -> int:
    """Return 56 bits from (value, width) pairs."""
    value = width_all = 0
    for field, width in fields:
        assert 0 <= field < 1 << width, (field, width)
        value = value << width | field
        width_all += width
    assert width_all == 56, width_all
    return value


def cpr(lat_deg: float, lon_deg: float, *, is_odd: bool, is_surface: bool = False) -> tuple[int, int]:
    """Return a place as compact position report: Doc 9871, the encoding equations."""
    steps = 2**19 if is_surface else 2**17
    lat_zone = 360 / (60 - is_odd)
    lat_cpr = math.floor(steps * (lat_deg % lat_zone) / lat_zone + 0.5)
    lat_sent = lat_zone * (lat_cpr / steps + math.floor(lat_deg / lat_zone))
    lon_zone = 360 / max(zones(lat_sent) - is_odd, 1)
    lon_cpr = math.floor(steps * (lon_deg % lon_zone) / lon_zone + 0.5)
    return lat_cpr % 2**17, lon_cpr % 2**17


def zones(lat_deg: float) -> int:
    """Return the number of longitude zones by the closed formula of Doc 9871."""
    if abs(lat_deg) < 1e-9:
        return 59
    if abs(lat_deg) >= 87:
        return 2 if abs(lat_deg) == 87 else 1
    a = 1 - math.cos(math.pi / 30)
    return math.floor(2 * math.pi / math.acos(1 - a / math.cos(math.radians(lat_deg)) ** 2))


def altitude_bits(feet: float) -> int:
    """Return the 12 bits of an altitude in steps of 25 ft."""
    n = round((feet + 1000) / 25)
    return (n >> 4) << 5 | 0x10 | (n & 0xF)


def airborne_me(
    lat_deg: float, lon_deg: float, feet: float, *, is_odd: bool, type_code: int = 11, supplement_b: int = 0
) -> int:
    lat_cpr, lon_cpr = cpr(lat_deg, lon_deg, is_odd=is_odd)
    return bits(
        (type_code, 5), (0, 2), (supplement_b, 1), (altitude_bits(feet), 12), (0, 1), (int(is_odd), 1),
        (lat_cpr, 17), (lon_cpr, 17),
    )  # fmt: skip


def surface_me(lat_deg: float, lon_deg: float, *, is_odd: bool, movement: int = 39, track: int = 64) -> int:
    """Return a position on the ground; movement 39 is 15 kt, track 64 of 128 is 180°."""
    lat_cpr, lon_cpr = cpr(lat_deg, lon_deg, is_odd=is_odd, is_surface=True)
    return bits(
        (7, 5), (movement, 7), (1, 1), (track, 7), (0, 1), (int(is_odd), 1), (lat_cpr, 17), (lon_cpr, 17)
    )


def velocity_me(
    east_kt: int | None, north_kt: int | None, rate_fpm: int, geo_minus_baro_ft: int, *, kind: int = 1
) -> int:
    """Return a velocity over ground; None is sent as unknown; kind 2 is the supersonic one, in steps of 4 kt."""
    step = 4 if kind == 2 else 1

    def component(speed: int | None) -> tuple[tuple[int, int], tuple[int, int]]:
        return (int((speed or 0) < 0), 1), (0 if speed is None else abs(speed) // step + 1, 10)

    return bits(
        (19, 5), (kind, 3), (0, 2), (2, 3), *component(east_kt), *component(north_kt), (0, 1),
        (int(rate_fpm < 0), 1), (abs(rate_fpm) // 64 + 1, 9), (0, 2), (int(geo_minus_baro_ft < 0), 1),
        (abs(geo_minus_baro_ft) // 25 + 1, 7),
    )  # fmt: skip


def identity_me(callsign: str, *, type_code: int = 4, category: int = 3) -> int:
    letters = "#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789######"
    return bits((type_code, 5), (category, 3), *((letters.index(c), 6) for c in callsign.ljust(8)))


def status_me(*, version: int = 2, supplement_a: int = 0, nac_p: int = 9, sil: int = 3) -> int:
    return bits(
        (31, 5), (0, 3), (0, 16), (0, 16), (version, 3), (supplement_a, 1), (nac_p, 4), (2, 2), (sil, 2), (1, 1),
        (0, 3),
    )  # fmt: skip


def beast_frame(message: bytes, ticks: int, signal: int = 0x40) -> bytes:
    """Return a Beast frame; 0x1a is doubled."""
    kind = {2: b"1", 7: b"2", 14: b"3"}[len(message)]
    body = ticks.to_bytes(6, "big") + bytes([signal]) + message
    return b"\x1a" + kind + body.replace(b"\x1a", b"\x1a\x1a")


def heard(icao24: str = "4b1234") -> list[tuple[float, bytes]]:
    """Return (seconds, message) of one aircraft that flies east at 300 kt for 20 s."""
    messages = [
        (0.1, squitter(icao24, identity_me("SWR12"))),
        (0.2, squitter(icao24, status_me())),
        (0.3, squitter(icao24, velocity_me(300, 0, -640, 250))),
    ]
    for i in range(20):
        lon_deg = 8.0 + i * 300 * 1852 / 3600 / (111_320 * math.cos(math.radians(47)))
        messages.append((i + 0.5, squitter(icao24, airborne_me(47.0, lon_deg, 10000, is_odd=i % 2 == 1))))
        messages.append((i + 0.7, squitter(icao24, velocity_me(300, 0, -640, 250))))
    return messages


def beast_capture(messages: Sequence[tuple[float, bytes]] | None = None, start_s: float = 1000.0) -> bytes:
    """Return a Beast capture of (seconds, message)."""
    return b"".join(
        beast_frame(message, round((start_s + seconds) * 12_000_000))
        for seconds, message in messages or heard()
    )


def avr_capture(messages: Sequence[tuple[float, bytes]] | None = None, start_s: float = 1000.0) -> bytes:
    """Return an AVR capture with times."""
    return b"".join(
        b"@%012X%s;\r\n" % (round((start_s + seconds) * 12_000_000), message.hex().upper().encode())
        for seconds, message in messages or heard()
    )
