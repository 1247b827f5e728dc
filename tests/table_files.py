"""Small tables in the forms in which tracks are published, written from their descriptions.

OpenSky: the README of the weekly state-vector samples, the Trino table ``state_vectors_data4``, and the REST
API's "All State Vectors".  pandas: ``DataFrame.to_json``.
"""

from __future__ import annotations

import io
import json
import tarfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from wideberth.read.batch import Rejects
from wideberth.read.sources import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wideberth.read.formats import Format

START_S = 1_533_101_250  # 2018-08-01 05:27:30
START = datetime.fromtimestamp(START_S, UTC)
FEET_PER_METRE = 1 / 0.3048
KT_PER_MPS = 3600 / 1852
FPM_PER_MPS = 60 / 0.3048

WEEKLY_NAMES = (
    "time,icao24,lat,lon,velocity,heading,vertrate,callsign,onground,alert,spi,squawk,baroaltitude,"
    "geoaltitude,lastposupdate,lastcontact"
)


def part_of(content: bytes | str, name: str = "file") -> Part:
    """Return a file's worth of bytes that lies in memory."""
    held = content.encode() if isinstance(content, str) else content
    return Part(name, None, len(held), lambda: io.BytesIO(held), is_named=True)


def rows_of(
    form: Format, content: bytes | str, columns: Mapping[str, str] | None = None
) -> tuple[list[dict[str, Any]], Rejects]:
    """Return what a format makes of some content: its rows, each with its number, and what it rejected."""
    rejects = Rejects()
    more = {} if columns is None else {"columns": columns}
    return rows_in(form.read(part_of(content), rejects, **more)), rejects


def rows_in(batches: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the rows of batches as dicts, each with its number."""
    rows: list[dict[str, Any]] = []
    for batch in batches:
        for at, row in enumerate(batch.frame.to_dicts()):
            row.setdefault("source_row", batch.first_row + at)
            rows.append(row)
    return rows


def after(seconds: float) -> datetime:
    """Return the instant so long after the start."""
    return START + timedelta(seconds=seconds)


# OpenSky ------------------------------------------------------------------------------------------------


def weekly_line(seconds: int = 0, **changes: object) -> str:
    """Return a row of a weekly sample: metres, metres per second; the position is 0.25 s old."""
    fields: dict[str, object] = {
        "time": START_S + seconds,
        "icao24": "4b1234",
        "lat": 47.0 + seconds / 1000,
        "lon": 8.5,
        "velocity": 231.5,
        "heading": 90.25,
        "vertrate": -3.2512,
        "callsign": "SWR12   ",
        "onground": "False",
        "alert": "False",
        "spi": "False",
        "squawk": 1000,
        "baroaltitude": 10363.2,
        "geoaltitude": 10500.5,
        "lastposupdate": f"{START_S + seconds - 0.25:.3f}",
        "lastcontact": f"{START_S + seconds - 0.1:.3f}",
    }
    assert changes.keys() <= fields.keys(), changes
    return ",".join(str(value) for value in (fields | changes).values())


def weekly_csv(*lines: str) -> str:
    """Return a weekly sample of some lines, three if none are given."""
    return "\n".join([WEEKLY_NAMES, *(lines or [weekly_line(i) for i in range(3)]), ""])


def tar_of(members: Mapping[str, bytes]) -> bytes:
    """Return a tar archive."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return held.getvalue()


def trino_frame(count: int = 3) -> pl.DataFrame:
    """Return rows as the Trino table holds them."""
    return pl.DataFrame(
        {
            "time": [START_S + i for i in range(count)],
            "icao24": ["4b1234" if i % 2 else "3c6444" for i in range(count)],
            "lat": [47.0 + i / 1000 for i in range(count)],
            "lon": [8.5] * count,
            "velocity": [231.5] * count,
            "heading": [90.25] * count,
            "vertrate": [-3.2512] * count,
            "callsign": ["SWR12   "] * count,
            "onground": [False] * count,
            "squawk": ["1000"] * count,
            "baroaltitude": [10363.2] * count,
            "geoaltitude": [10500.5] * count,
            "lastposupdate": [START_S + i - 0.25 for i in range(count)],
            "lastcontact": [START_S + i - 0.1 for i in range(count)],
            "serials": [[1, 2]] * count,
        },
        schema_overrides={"time": pl.Int32},
    )


def state(seconds: float = 0, icao24: str = "4b1234", **changes: object) -> list[Any]:
    """Return a state vector of 18 elements."""
    fields: dict[str, object] = {
        "icao24": icao24,
        "callsign": "SWR12   ",
        "origin_country": "Switzerland",
        "time_position": START_S + seconds,
        "last_contact": START_S + seconds + 1,
        "longitude": 8.5,
        "latitude": 47.0 + seconds / 1000,
        "baro_altitude": 10363.2,
        "on_ground": False,
        "velocity": 231.5,
        "true_track": 90.25,
        "vertical_rate": -3.25,
        "sensors": None,
        "geo_altitude": 10500.5,
        "squawk": "1000",
        "spi": False,
        "position_source": 0,
        "category": 4,
    }
    assert changes.keys() <= fields.keys(), changes
    return list((fields | changes).values())


def states_json(states: Sequence[Any] | None, time_s: object = START_S + 2) -> str:
    """Return an answer of /states/all."""
    return json.dumps({"time": time_s, "states": states})


# A feed's JSON lines -------------------------------------------------------------------------------------


def feed_line(seconds: float = 0, **changes: object) -> str:
    """Return what readsb knows of an aircraft, as a line with its time; None leaves a name out."""
    fields: dict[str, object] = {
        "now": START_S + seconds,
        "hex": "4b1234",
        "flight": "SWR12   ",
        "alt_baro": 34000,
        "gs": 450.5,
        "track": 90.25,
        "baro_rate": -640,
        "squawk": "0021",
        "lat": 47.0 + seconds / 1000,
        "lon": 8.5,
        "seen_pos": 0.25,
        "mlat": [],
    }
    return json.dumps({name: value for name, value in (fields | changes).items() if value is not None})


# pandas --------------------------------------------------------------------------------------------------


def traffic_rows(count: int = 3) -> list[dict[str, Any]]:
    """Return rows by the names of the traffic library; times are Unix milliseconds."""
    return [
        {
            "timestamp": (START_S + i) * 1000,
            "icao24": "4b1234",
            "callsign": "SWR12",
            "latitude": 47.0 + i / 1000,
            "longitude": 8.5,
            "altitude": 34000.0,
            "groundspeed": 450.5,
            "track": 90.25,
            "vertical_rate": -640.0,
            "onground": False,
        }
        for i in range(count)
    ]


def traffic_columns(count: int = 3) -> dict[str, dict[str, Any]]:
    """Return the same as pandas writes it if nothing is said: column → row label → value."""
    rows = traffic_rows(count)
    return {name: {str(at): row[name] for at, row in enumerate(rows)} for name in rows[0]}
