"""Thirty simulated days on a line: made-up traffic of two parties, with a file of true answers.

**Traffic and geometry are simulated.**  In November 2017 two parties were reported to fly on opposite sides of
a 45-mile stretch of the Euphrates; where the line ran and what was agreed is not public.  The line, places,
permissions, callsigns, fields and every flight here are made up.  Nothing here tells what anybody flew.

`tracks` returns what was recorded, with the errors of a receiver (`sensor`); `flights` what each flight
(`traffic`) was there to show and how it truly moved (`motion`); `truth` what the recorded motion shows under
``examples/euphrates.yaml``, measured apart from wideberth by marching through time between surface points
that pyproj computes (`march`), beside what the true motion was.  `stored_truth` reads the answers for
`SEED` that come with the package, for which pyproj is not needed, and `agreement_text` the agreement.

A seed gives the same month again with the same NumPy; another NumPy, or another processor, may round
a few positions to a neighbouring step of 5 m.
"""

from __future__ import annotations

import gzip
import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from wideberth.columns import TRACK_COLUMNS, schema
from wideberth.simulate.euphrates.sensor import NIC, record
from wideberth.simulate.euphrates.terms import MIDNIGHT_US
from wideberth.simulate.euphrates.traffic import LABELS, Flight, flights
from wideberth.tables import whole_file
from wideberth.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.tables import Together

__all__ = [
    "LABELS",
    "SEED",
    "Flight",
    "agreement_text",
    "flights",
    "stored_truth",
    "tracks",
    "truth",
    "write_tracks",
    "write_truth",
]

SEED = 2017
STORED = "truth.json.gz"
AGREEMENT = "euphrates.yaml"  # the same bytes as examples/euphrates.yaml
ROWS_PER_GROUP = 250_000
RECORDING = 9  # what a generator is for; `traffic` has the others

SCHEMA: dict[str, Any] = {
    "icao24": pl.Categorical(),
    "t": pl.Datetime("us", "UTC"),
    "lat_deg": pl.Float64(),
    "lon_deg": pl.Float64(),
    "altitude_ft": pl.Float64(),
    "groundspeed_kt": pl.Float32(),
    "track_deg": pl.Float32(),
    "vertical_rate_fpm": pl.Float32(),
    "callsign": pl.Categorical(),
    "category": pl.Categorical(),
    "source": pl.Categorical(),
    "nic": pl.Int8(),
    "nac_p": pl.Int8(),
}


def agreement_text() -> str:
    """Return the agreement that the month is judged by: ``examples/euphrates.yaml``."""
    return (resources.files(__package__) / AGREEMENT).read_text(encoding="utf-8")


def tracks(seed: int = SEED) -> pl.DataFrame:
    """Return what was recorded in the simulated month, sorted by aircraft, then time.

    About 0.7 million rows, in a second or two.  Positions from multilateration state no accuracy.

    Returns:
        Columns of `wideberth.columns.TRACK_COLUMNS`, of the types that `wideberth.read` takes as they are.
    """
    made = sorted(flights(seed), key=lambda flight: (flight.icao24, flight.departs_s))
    recorded = [
        record(flight, np.random.Generator(np.random.PCG64([seed, RECORDING, flight.number])))
        for flight in made
    ]
    rows = np.array([one.t_s.size for one in recorded])

    def column(name: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(one, name) for one in recorded])

    def repeated(values: list[Any]) -> pl.Series:
        kind = pl.Categorical() if isinstance(values[0], str) else pl.Int8()
        return pl.Series(values, dtype=kind)[np.repeat(np.arange(len(values)), rows)]

    t_us = np.rint(column("t_s") * MICROSECONDS_PER_SECOND).astype(np.int64) + MIDNIGHT_US
    states = np.repeat([flight.source != "mlat" for flight in made], rows)
    frame = pl.DataFrame(
        {
            "icao24": repeated([flight.icao24 for flight in made]),
            "t": pl.Series(t_us).cast(SCHEMA["t"]),
            **{name: column(name) for name in list(SCHEMA)[2:5]},
            **{name: column(name).astype(np.float32) for name in list(SCHEMA)[5:8]},
            "callsign": repeated([flight.callsign for flight in made]),
            "category": repeated([flight.category for flight in made]),
            "source": repeated([flight.source for flight in made]),
            "nic": repeated([NIC[flight.nac_p] for flight in made]),
            "nac_p": repeated([flight.nac_p for flight in made]),
        },
        schema=SCHEMA,
    )
    return frame.with_columns(
        pl.when(pl.Series(column("is_named"))).then("callsign").alias("callsign"),
        *(pl.when(pl.Series(states)).then(name).alias(name) for name in ("nic", "nac_p")),
    )


def write_tracks(path: str | Path, seed: int = SEED, among: Together | None = None) -> None:
    """Write what was recorded as Parquet, whole or not at all.

    Args:
        path: where.
        seed: which month.
        among: the files that it is written together with.
    Raises:
        WriteError: the file could not be written.
    """
    table = tracks(seed).to_arrow()
    kind = schema(TRACK_COLUMNS, table.column_names)
    with whole_file(Path(path)) if among is None else among.file(Path(path)) as temporary:
        pq.write_table(table.cast(kind), temporary, compression="zstd", row_group_size=ROWS_PER_GROUP)


def truth(seed: int = SEED) -> dict[str, Any]:
    """Return the true answers for a seed, as `march` describes them; needs pyproj, and a quarter of a minute."""
    from wideberth.simulate.euphrates import march

    return march.answers(tracks(seed), flights(seed), seed)


def write_truth(path: str | Path, seed: int = SEED) -> None:
    """Write the true answers as JSON, compressed if the name ends in ``.gz``; whole or not at all.

    Raises:
        WriteError: the file could not be written.
    """
    text = json.dumps(truth(seed), separators=(",", ":"), sort_keys=True, allow_nan=False) + "\n"
    content = text.encode()
    with whole_file(Path(path)) as temporary:
        is_compressed = Path(path).suffix == ".gz"
        temporary.write_bytes(gzip.compress(content, 9, mtime=0) if is_compressed else content)


def stored_truth() -> dict[str, Any]:
    """Return the true answers for `SEED` that come with the package; ``tools/euphrates_truth.py`` made them."""
    content = resources.files(__name__).joinpath(STORED).read_bytes()
    answers: dict[str, Any] = json.loads(gzip.decompress(content))
    return answers
