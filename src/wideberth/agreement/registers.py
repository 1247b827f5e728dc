"""Registers: whose an address is, what class an emitter category is, and tables of aircraft that a user names.

**States.**  ICAO allots blocks of 24-bit addresses to States; `state_of` tells the block's State by its
ISO 3166-1 alpha-2 code.  An aircraft may fly with an address of another State, and military aircraft can
change theirs.  Registries within a block (Hong Kong in China's; Bermuda, Cayman Islands, Isle of Man in the
United Kingdom's) are not told apart.

**Classes** are those of an agreement: fixed-wing, rotary, glider, balloon, UAS.  Unknown is None.

Source: ICAO Annex 10, Volume III, chapter 9, table 9-1, as amended to 92 (28 November 2024), which gave each
former block of 1,024 addresses 2,048, Qatar 4,096, Colombia 8,192, and listed six more States.  The table
itself was not at hand.  The ranges were put together from the data of ``traffic`` 2.13 (MIT, the older
table) and compared with ``rs1090`` 0.7.0 (MIT), which has the larger blocks; both agree but for Qatar's,
Colombia's and the six, which stand in a public transcription of the amended table, and of which Timor-Leste's
is seen in use (c95000, 4W-AAL).  The tests make the comparison with ``rs1090`` again.
"""

from __future__ import annotations

import bisect
import difflib
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wideberth.errors import FormatError, ReadError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl
    import pyarrow as pa

CLASSES = ("fixed-wing", "rotary", "glider", "balloon", "UAS")

_HEX = re.compile(r"[0-9a-f]{6}")
_SIZES = {"2k": 2048, "4k": 4096, "8k": 8192, "32k": 32_768, "256k": 262_144, "1m": 1_048_576}
_WITHIN = {  # registries that have no block of their own
    "HK": "CN", "MO": "CN", "BM": "GB", "KY": "GB", "IM": "GB", "GG": "GB", "JE": "GB", "GI": "GB", "FK": "GB",
    "VG": "GB", "TC": "GB", "AI": "GB", "MS": "GB", "SH": "GB", "AW": "NL", "CW": "NL", "SX": "NL", "GL": "DK",
    "FO": "DK", "PR": "US", "GU": "US",
}  # fmt: skip
_OTHER_CODES = {  # a near spelling would be another State
    "UK": "GB", "EL": "GR", "USA": "US", "GBR": "GB", "RUS": "RU", "SYR": "SY", "UKR": "UA", "CHN": "CN", "PRC": "CN",
    "TWN": "TW", "KOR": "KR", "ROK": "KR", "PRK": "KP", "DPRK": "KP", "ISR": "IL", "IRN": "IR", "IRQ": "IQ",
    "TUR": "TR", "DEU": "DE", "FRA": "FR", "CHE": "CH", "AUT": "AT", "IND": "IN", "PAK": "PK", "UAE": "AE",
}  # fmt: skip


# States -------------------------------------------------------------------------------------------


def state_of(icao24: str) -> str | None:
    """Return the alpha-2 code of the State in whose block an address lies.

    Args:
        icao24: six hex digits, in either case.
    Returns:
        None for an address that is allotted to no State, for one that begins with ``~``, which is no ICAO
        address, and for what is no address at all.

    >>> state_of("4b1814"), state_of("~4b1814"), state_of("000001")
    ('CH', None, None)
    """
    text = icao24.strip().lower()
    if not _HEX.fullmatch(text):
        return None
    address = int(text, 16)
    firsts, blocks = _table()
    at = bisect.bisect_right(firsts, address) - 1
    if at < 0 or address > blocks[at][1]:
        return None
    return blocks[at][2]


def states_of(addresses: Iterable[str]) -> list[str | None]:
    """Apply `state_of` to each of some addresses."""
    return [state_of(address) for address in addresses]


def name_of_state(code: str) -> str:
    """Return the English short name of a State by its alpha-2 code.

    Raises:
        UsageError: as `blocks_of_state`.
    """
    return _by_code()[_known(code)][0]


def blocks_of_state(code: str) -> tuple[tuple[int, int], ...]:
    """Return the closed ranges of addresses that are allotted to a State.

    Args:
        code: ISO 3166-1 alpha-2, in either case.
    Returns:
        (first, last) of each, ascending.
    Raises:
        UsageError: there is no such State; the message says which is near.

    >>> [f"{first:06x}-{last:06x}" for first, last in blocks_of_state("RU")]
    ['100000-1fffff']
    """
    return tuple(_by_code()[_known(code)][1])


def _known(code: str) -> str:
    text = code.strip().upper()
    if text in _by_code():
        return text
    if text in _WITHIN:
        raise UsageError(
            f"'{code}' has no block of addresses of its own: its aircraft are in that of "
            f"{name_of_state(_WITHIN[text])}, {_WITHIN[text]}, with all others there."
        )
    names = {name.casefold(): each for each, (name, _) in _by_code().items()}
    near = _OTHER_CODES.get(text) or names.get(code.strip().casefold())
    if near is None and len(text) > 3:
        found = difflib.get_close_matches(code.strip().casefold(), names, n=1, cutoff=0.6)
        near = names[found[0]] if found else None
    hint = (
        f"Did you mean {near} ({_by_code()[near][0]})?"
        if near
        else "Write the two letters of ISO 3166-1, such as RU."
    )
    raise UsageError(f"'{code}' is no State with a block of addresses. {hint}")


@functools.cache
def _table() -> tuple[list[int], list[tuple[int, int, str, str]]]:
    """Return the first address of each block, ascending, and (first, last, code, name) of each."""
    blocks = []
    for line in _ALLOTTED.strip().splitlines():
        first, size, code, name = line.split(" ", 3)
        blocks.append((int(first, 16), int(first, 16) + _SIZES[size] - 1, code, name))
    return [block[0] for block in blocks], blocks


@functools.cache
def _by_code() -> dict[str, tuple[str, list[tuple[int, int]]]]:
    found: dict[str, tuple[str, list[tuple[int, int]]]] = {}
    for first, last, code, name in _table()[1]:
        found.setdefault(code, (name, []))[1].append((first, last))
    return found


# Classes ------------------------------------------------------------------------------------------

_BY_CATEGORY = {
    "A1": "fixed-wing",  # light
    "A2": "fixed-wing",  # small
    "A3": "fixed-wing",  # large
    "A4": "fixed-wing",  # high vortex large
    "A5": "fixed-wing",  # heavy
    "A6": "fixed-wing",  # high performance
    "A7": "rotary",
    "B1": "glider",  # or sailplane
    "B2": "balloon",  # lighter than air, airships among them
    "B6": "UAS",
    # None: A0, B0, C0 tell nothing; B3 is a parachutist; B4 an ultralight, hang glider or paraglider, with or
    # without an engine; B7 a space vehicle; C1 to C5 are on the surface; the rest is reserved.
}


def class_of_category(category: str | None) -> str | None:
    """Return the class that an ADS-B emitter category means, such as "A7"; None where it does not say.

    Source: the emitter categories of RTCA DO-260B, as readsb's README-json.md lists them.

    >>> class_of_category("A7"), class_of_category("B4")
    ('rotary', None)
    """
    return _BY_CATEGORY.get(category.strip().upper()) if category else None


# The first letter of a description such as L2J: landplane, seaplane, amphibian; helicopter, gyrocopter,
# tiltrotor.  Source: ICAO Doc 8643, part 1.
_BY_LETTER = {
    "L": "fixed-wing", "S": "fixed-wing", "A": "fixed-wing", "H": "rotary", "G": "rotary", "T": "rotary",
}  # fmt: skip
_DESCRIPTION = re.compile(r"^([LSAHGT])[0-9C-][A-Z-]?$")
_BY_WORD = {
    "landplane": "fixed-wing", "seaplane": "fixed-wing", "amphibian": "fixed-wing",
    "helicopter": "rotary", "gyrocopter": "rotary", "tiltrotor": "rotary",
}  # fmt: skip
# Designators of Doc 8643 that stand for a kind where a type has none of its own.
_BY_TYPE = {
    "GLID": "glider",
    "BALL": "balloon",
    "SHIP": "balloon",
    "ULAC": "fixed-wing",
    "GYRO": "rotary",
    "UHEL": "rotary",
}
_SPELLINGS = {
    "fixed-wing": "fixedwing fixed aeroplane airplane plane landplane seaplane amphibian",
    "rotary": "rotary rotarywing rotorcraft rotor helicopter gyrocopter gyroplane tiltrotor",
    "glider": "glider sailplane",
    "balloon": "balloon airship lighterthanair",
    "UAS": "uas uav drone rpas unmanned",
}
_BY_SPELLING = {word: each for each, words in _SPELLINGS.items() for word in words.split()}


def class_of_description(description: str | None) -> str | None:
    """Return the class that an ICAO type description such as L2J or H1T means; None where it does not say.

    >>> class_of_description("H1T"), class_of_description("Glider")
    ('rotary', None)
    """
    text = description.strip() if description else ""
    match = _DESCRIPTION.match(text.upper())
    return _BY_LETTER[match.group(1)] if match else _BY_WORD.get(text.lower())


def class_of_word(word: str | None) -> str | None:
    """Return the class that a word of a table's own column means: "Helicopter", "UAV", "A7"; else None."""
    if not word:
        return None
    return (
        _BY_SPELLING.get(re.sub(r"[^a-z]+", "", word.lower()))
        if not _is_category(word)
        else class_of_category(word)
    )


def _is_category(word: str) -> bool:
    return re.fullmatch(r"[A-D][0-7]", word.strip().upper()) is not None


def class_of_type(type_code: str | None) -> str | None:
    """Return the class of a designator that stands for a kind, such as GLID; None for a type's own."""
    return _BY_TYPE.get(type_code.strip().upper()) if type_code else None


# Tables of aircraft -------------------------------------------------------------------------------

_COLUMNS = {
    "icao24": "icao24 hex icao icaohex icao24address icaoaddress modes modescode modeshex transponderhex address",
    "registration": "registration reg r tail tailnumber registrationmark",
    "type_code": "typecode icaotype icaotypecode typedesignator type t aircrafttype",
    "operator": "operator operatorname airline",
    "class": "class aircraftclass",
    "description": "icaoaircrafttype icaoaircraftclass icaodescription typedescription",
    "category": "category emittercategory",
}
_LISTED = {**_COLUMNS, "callsign": "callsign flight callsigns"}
_LIST_NAMES = {
    "icao24": "icao24",
    "callsign": "callsign",
    "registration": "registration",
    "type": "type_code",
}
_TOLD = 40  # characters of a value in a message


@dataclass(frozen=True)
class Entry:
    """What a table says of one aircraft; None where it does not.

    Attributes:
        registration: its mark.
        type_code: ICAO type designator.
        aircraft_class: one of `CLASSES`.
        operator: as the table calls it.
    """

    registration: str | None
    type_code: str | None
    aircraft_class: str | None
    operator: str | None


@dataclass
class _Told:
    """What is found while a table is read: how many rows are set aside, by reason, and notes in words."""

    notes: list[str] = field(default_factory=list)
    set_aside: dict[str, int] = field(default_factory=dict)

    def leave_out(self, reason: str, count: int, of: int, why: str) -> None:
        """Count rows that are set aside."""
        self.set_aside[reason] = count
        self.notes.append(f"{count:,} of {of:,} rows set aside: {why}")


class Register(Mapping[str, Entry]):
    """A table of aircraft by address.

    Attributes:
        source: the file's name.
        notes: what was set aside or not understood, with counts and the first example.
        set_aside: how many rows were set aside, by reason: ``fields`` (another number of them than the
            header), ``address`` (not six hex digits), ``repeated`` (the address stands further up).
    """

    def __init__(self, frame: pl.DataFrame, source: str, told: _Told) -> None:
        """Take a table of icao24 (unique), registration, type_code, class, operator; `load` makes it."""
        self.source = source
        self.notes = tuple(told.notes)
        self.set_aside = dict(told.set_aside)
        self._frame = frame

    @property
    def rows(self) -> int:
        """How many rows the file has, those set aside among them."""
        return len(self) + sum(self.set_aside.values())

    @classmethod
    def load(cls, path: str | Path) -> Register:
        """Read a CSV or Parquet file with a column icao24 and any of registration, type, class, operator.

        Names of columns are compared without case and punctuation, in the spellings of OpenSky's aircraft
        database and others (docs/places.md#aircraft).  The class is that of a column ``class``; where that
        says nothing, by a designator that stands for a kind (GLID, BALL); by the first letter of the ICAO
        description (``icaoaircrafttype``: L2J, H1T); by an emitter category.

        Rows without an address of six hex digits are set aside and counted.  Of rows with the same address
        the first counts.

        Raises:
            ReadError: the file cannot be read.
            FormatError: it is no table, or has no column of addresses, or nothing beside it.
        """
        source = Path(path)
        told = _Told()
        table = _named(_raw_table(source, told), _COLUMNS)
        if "icao24" not in table.columns:
            raise FormatError(_lacking(source, "a column icao24 (or hex, icao, address)", table))
        if len(table.columns) < 2:
            raise FormatError(
                _lacking(source, "any of registration, typecode, class, icaoaircrafttype, operator", table)
            )
        table = _addressed(table, source, told)
        frame = _classified(table, told.notes)
        return cls(frame, source.name, told)

    def __getitem__(self, icao24: str) -> Entry:
        at = self._row_of[icao24.lower()]
        return Entry(*self._frame.row(at)[1:])

    def __iter__(self) -> Iterator[str]:
        return iter(self._row_of)

    def __len__(self) -> int:
        return self._frame.height

    def __repr__(self) -> str:
        notes = "; ".join(self.notes)
        return f"<Register: {self.source}, {len(self):,} aircraft{': ' if notes else ''}{notes}>"

    @functools.cached_property
    def _row_of(self) -> dict[str, int]:
        return {address: at for at, address in enumerate(self._frame["icao24"].to_list())}

    def look_up(self, addresses: Sequence[str]) -> pa.Table:
        """Return a row for each of some addresses, in their order, null where nothing is known.

        Returns:
            icao24, registration, type_code, class, operator; n rows of text.
        """
        import polars as pl

        asked = pl.DataFrame({"icao24": pl.Series(addresses, dtype=pl.String).str.to_lowercase()})
        found = asked.join(self._frame, on="icao24", how="left", maintain_order="left")
        return found.with_columns(pl.Series("icao24", addresses, dtype=pl.String)).to_arrow()


def read_list(path: str | Path) -> dict[str, frozenset[str]]:
    """Read a list of aircraft: CSV or Parquet with any of icao24, callsign, registration, type.

    Returns:
        The values under each of these names that the file has; addresses in lower case.
    Raises:
        ReadError: the file cannot be read, or an address in it is none.
        FormatError: it is no table, or has none of these columns.
    """
    source = Path(path)
    told = _Told()
    table = _named(_raw_table(source, told), _LISTED)
    if told.notes:
        raise FormatError(f"{source.name}: {told.notes[0]}.")
    found: dict[str, frozenset[str]] = {}
    for key, column in _LIST_NAMES.items():
        if column in table.columns:
            found[key] = frozenset(text for text in table[column].drop_nulls().to_list() if text)
    if not found:
        raise FormatError(_lacking(source, "any of icao24, callsign, registration, typecode", table))
    addresses = found.get("icao24")
    if addresses is not None:
        lower = frozenset(address.lower() for address in addresses)
        wrong = sorted(address for address in lower if not _HEX.fullmatch(address.removeprefix("~")))
        if wrong:
            raise ReadError(
                f"{source.name}: {len(wrong)} of {len(lower)} addresses are not six hex digits (first: "
                f"'{wrong[0][:_TOLD]}'). Correct them, or take them out."
            )
        found["icao24"] = lower
    return found


def _lacking(source: Path, what: str, table: pl.DataFrame) -> str:
    names = ", ".join(table.columns[:12]) + (", ..." if len(table.columns) > 12 else "")
    return f"{source.name}: there is not {what} (found: {names}). Is it a table of aircraft?"


# Reading ------------------------------------------------------------------------------------------


def _raw_table(source: Path, told: _Told) -> pl.DataFrame:
    """Return the columns of a file as texts, blanks around them taken off and empty ones null."""
    import polars as pl

    try:
        with source.open("rb") as stream:
            head = stream.read(65_536)
    except OSError as error:
        raise ReadError(f"{source.name}: cannot be read: {error.strerror or error}.") from error
    try:
        table = pl.read_parquet(source) if head.startswith(b"PAR1") else _csv(source, head, told)
    except (pl.exceptions.PolarsError, OSError, UnicodeError) as error:
        raise FormatError(
            f"{source.name}: not read as a table: {str(error).partition(chr(10))[0][:200]}. CSV with a header "
            "line or Parquet is."
        ) from error
    numeric = [
        name
        for name, kind in table.schema.items()
        if kind.is_numeric() and _plain_name(name) in _COLUMNS["icao24"].split()
    ]
    if numeric:
        raise FormatError(
            f"{source.name}: column '{numeric[0]}' holds numbers, and addresses are texts (4e1234 would be 4). "
            "Write it as text."
        )
    texts = [name for name, kind in table.schema.items() if not kind.is_nested() and kind != pl.Binary]
    return table.select(
        pl.col(name).cast(pl.String).str.strip_chars().replace("", None).alias(name) for name in texts
    )


def _csv(source: Path, head: bytes, told: _Told) -> pl.DataFrame:
    import gzip
    import zlib

    import polars as pl

    if head.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(source) as stream:
                head = stream.read(65_536)
        except (OSError, EOFError, zlib.error) as error:
            raise ReadError(f"{source.name}: damaged gzip: {error}.") from error
    if not head.strip():
        raise FormatError(f"{source.name}: the file is empty. CSV with a header line or Parquet is read.")
    if b"\0" in head:
        raise FormatError(f"{source.name}: neither CSV nor Parquet. Export it as one of them.")
    header = head.decode("utf-8-sig", "replace").lstrip("\r\n").split("\n", 1)[0]
    separator = max(",;\t|", key=header.count)
    quote = "'" if header.startswith("'") else '"'  # OpenSky's newer files quote by apostrophes
    options: dict[str, Any] = {
        "separator": separator, "quote_char": quote, "infer_schema": False, "encoding": "utf8-lossy",
    }  # fmt: skip
    try:
        return pl.read_csv(source, **options)
    except pl.exceptions.ComputeError:
        return _csv_by_row(source, separator, quote, told)


def _csv_by_row(source: Path, separator: str, quote: str, told: _Told) -> pl.DataFrame:
    """Read a CSV that has rows of another length than its header: they are set aside and counted."""
    import csv
    import gzip

    import polars as pl

    opened = gzip.open if source.read_bytes()[:2] == b"\x1f\x8b" else open
    kept: list[list[str]] = []
    wrong, example = 0, ""
    with opened(source, "rt", encoding="utf-8-sig", errors="replace", newline="") as stream:
        rows = csv.reader(stream, delimiter=separator, quotechar=quote)
        header = next(rows, [])
        for row in rows:
            if len(row) == len(header):
                kept.append(row)
            elif row:
                wrong += 1
                example = example or f"line {rows.line_num} has {len(row)} fields, the header {len(header)}"
    if wrong:
        told.leave_out(
            "fields",
            wrong,
            wrong + len(kept),
            f"another number of fields than the header (first: {example})",
        )
    columns = zip(*kept, strict=True) if kept else ([] for _ in header)
    names = [name if name not in header[:at] else f"{name} {at}" for at, name in enumerate(header)]
    return pl.DataFrame(
        [pl.Series(name, list(each), pl.String) for name, each in zip(names, columns, strict=True)]
    )


def _plain_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def _named(table: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Return the columns that are known, by our names; where several are one, the first spelling counts."""
    by_name: dict[str, str] = {}
    for name in table.columns:
        by_name.setdefault(_plain_name(name), name)
    chosen = {}
    for target, spellings in columns.items():
        found = next((by_name[each] for each in spellings.split() if each in by_name), None)
        if found is not None:
            chosen[target] = found
    return (
        table.select(chosen.values()).rename({old: new for new, old in chosen.items()}) if chosen else table
    )


def _addressed(table: pl.DataFrame, source: Path, told: _Told) -> pl.DataFrame:
    """Return the rows that have an address, each address once."""
    import polars as pl

    table = table.with_row_index("row").with_columns(pl.col("icao24").str.to_lowercase())
    is_good = pl.col("icao24").str.contains(r"^[0-9a-f]{6}$").fill_null(value=False)
    bad = table.filter(~is_good)
    if bad.height:
        first = bad.row(0, named=True)
        shown = "empty" if first["icao24"] is None else f"'{first['icao24'][:_TOLD]}'"
        told.leave_out(
            "address",
            bad.height,
            table.height,
            f"icao24 is not six hex digits (first: row {first['row'] + 1}, {shown})",
        )
    good = table.filter(is_good)
    if not good.height:
        raise FormatError(
            f"{source.name}: no row has an address of six hex digits. Is it a table of aircraft?"
        )
    once = good.unique("icao24", keep="first", maintain_order=True)
    if once.height < good.height:
        again = good.filter(~pl.col("row").is_in(once["row"].implode())).row(0, named=True)
        told.leave_out(
            "repeated",
            good.height - once.height,
            table.height,
            f"the address stands further up (first: row {again['row'] + 1}, {again['icao24']})",
        )
    return once.drop("row")


def _classified(table: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    import polars as pl

    ways = (
        ("class", class_of_word),
        ("type_code", class_of_type),
        ("description", class_of_description),
        ("category", class_of_category),
    )
    told = []
    for name, way in ways:
        if name in table.columns:
            values = table[name].drop_nulls().unique().to_list()
            means = {value: way(value) for value in values}
            if name == "class":
                _note_unknown(table, means, notes)
            told.append(
                pl.col(name).replace_strict(list(means), list(means.values()), default=None, return_dtype=pl.String)
                if means else pl.lit(None, pl.String)
            )  # fmt: skip
    columns = [
        (pl.col(name) if name in table.columns else pl.lit(None, pl.String)).alias(name)
        for name in ("icao24", "registration", "type_code")
    ]
    operator = (pl.col("operator") if "operator" in table.columns else pl.lit(None, pl.String)).alias(
        "operator"
    )
    of_class = (pl.coalesce(told) if told else pl.lit(None, pl.String)).alias("class")
    frame = table.select(*columns, of_class, operator)
    unknown = frame["class"].null_count()
    if unknown:
        notes.append(f"the class of {unknown:,} of {frame.height:,} aircraft is not known")
    return frame


def _note_unknown(table: pl.DataFrame, means: Mapping[str, str | None], notes: list[str]) -> None:
    import polars as pl

    strange = [value for value, each in means.items() if each is None]
    if strange:
        count = table.filter(pl.col("class").is_in(strange)).height
        notes.append(
            f"{count:,} of {table.height:,} rows have a class that is none (first: '{min(strange)[:_TOLD]}'; known are "
            f"{', '.join(CLASSES)}): taken as unknown"
        )


# First address, size of the block, alpha-2 code, short name; ascending.  899000 is no State's: ICAO keeps it
# for special use, and aircraft registered in Taiwan fly with it.
_ALLOTTED = """
004000 2k ZW Zimbabwe
006000 4k MZ Mozambique
008000 32k ZA South Africa
010000 32k EG Egypt
018000 32k LY Libya
020000 32k MA Morocco
028000 32k TN Tunisia
030000 2k BW Botswana
032000 4k BI Burundi
034000 4k CM Cameroon
035000 2k KM Comoros
036000 4k CG Congo
038000 4k CI Côte d'Ivoire
03e000 4k GA Gabon
040000 4k ET Ethiopia
042000 4k GQ Equatorial Guinea
044000 4k GH Ghana
046000 4k GN Guinea
048000 2k GW Guinea-Bissau
04a000 2k LS Lesotho
04c000 4k KE Kenya
050000 4k LR Liberia
054000 4k MG Madagascar
058000 4k MW Malawi
05a000 2k MV Maldives
05c000 4k ML Mali
05e000 2k MR Mauritania
060000 2k MU Mauritius
062000 4k NE Niger
064000 4k NG Nigeria
068000 4k UG Uganda
06a000 4k QA Qatar
06c000 4k CF Central African Republic
06e000 4k RW Rwanda
070000 4k SN Senegal
074000 2k SC Seychelles
076000 2k SL Sierra Leone
078000 4k SO Somalia
07a000 2k SZ Eswatini
07c000 4k SD Sudan
080000 4k TZ Tanzania
084000 4k TD Chad
088000 4k TG Togo
08a000 4k ZM Zambia
08c000 4k CD DR Congo
090000 4k AO Angola
094000 2k BJ Benin
096000 2k CV Cabo Verde
098000 2k DJ Djibouti
09a000 4k GM Gambia
09c000 4k BF Burkina Faso
09e000 2k ST Sao Tome and Principe
0a0000 32k DZ Algeria
0a8000 4k BS Bahamas
0aa000 2k BB Barbados
0ab000 2k BZ Belize
0ac000 8k CO Colombia
0ae000 4k CR Costa Rica
0b0000 4k CU Cuba
0b2000 4k SV El Salvador
0b4000 4k GT Guatemala
0b6000 4k GY Guyana
0b8000 4k HT Haiti
0ba000 4k HN Honduras
0bc000 2k VC Saint Vincent and the Grenadines
0be000 4k JM Jamaica
0c0000 4k NI Nicaragua
0c2000 4k PA Panama
0c4000 4k DO Dominican Republic
0c6000 4k TT Trinidad and Tobago
0c8000 4k SR Suriname
0ca000 2k AG Antigua and Barbuda
0cc000 2k GD Grenada
0d0000 32k MX Mexico
0d8000 32k VE Venezuela
100000 1m RU Russia
201000 2k NA Namibia
202000 2k ER Eritrea
300000 256k IT Italy
340000 256k ES Spain
380000 256k FR France
3c0000 256k DE Germany
400000 256k GB United Kingdom
440000 32k AT Austria
448000 32k BE Belgium
450000 32k BG Bulgaria
458000 32k DK Denmark
460000 32k FI Finland
468000 32k GR Greece
470000 32k HU Hungary
478000 32k NO Norway
480000 32k NL Netherlands
488000 32k PL Poland
490000 32k PT Portugal
498000 32k CZ Czechia
4a0000 32k RO Romania
4a8000 32k SE Sweden
4b0000 32k CH Switzerland
4b8000 32k TR Türkiye
4c0000 32k RS Serbia
4c8000 2k CY Cyprus
4ca000 4k IE Ireland
4cc000 4k IS Iceland
4d0000 2k LU Luxembourg
4d2000 2k MT Malta
4d4000 2k MC Monaco
500000 2k SM San Marino
501000 2k AL Albania
501800 2k HR Croatia
502800 2k LV Latvia
503800 2k LT Lithuania
504800 2k MD Moldova
505800 2k SK Slovakia
506800 2k SI Slovenia
507800 2k UZ Uzbekistan
508000 32k UA Ukraine
510000 2k BY Belarus
511000 2k EE Estonia
512000 2k MK North Macedonia
513000 2k BA Bosnia and Herzegovina
514000 2k GE Georgia
515000 2k TJ Tajikistan
516000 2k ME Montenegro
600000 2k AM Armenia
600800 2k AZ Azerbaijan
601000 2k KG Kyrgyzstan
601800 2k TM Turkmenistan
680000 2k BT Bhutan
681000 2k FM Micronesia
682000 2k MN Mongolia
683000 2k KZ Kazakhstan
684000 2k PW Palau
700000 4k AF Afghanistan
702000 4k BD Bangladesh
704000 4k MM Myanmar
706000 4k KW Kuwait
708000 4k LA Laos
70a000 4k NP Nepal
70c000 2k OM Oman
70e000 4k KH Cambodia
710000 32k SA Saudi Arabia
718000 32k KR South Korea
720000 32k KP North Korea
728000 32k IQ Iraq
730000 32k IR Iran
738000 32k IL Israel
740000 32k JO Jordan
748000 32k LB Lebanon
750000 32k MY Malaysia
758000 32k PH Philippines
760000 32k PK Pakistan
768000 32k SG Singapore
770000 32k LK Sri Lanka
778000 32k SY Syria
780000 256k CN China
7c0000 256k AU Australia
800000 256k IN India
840000 256k JP Japan
880000 32k TH Thailand
888000 32k VN Viet Nam
890000 4k YE Yemen
894000 4k BH Bahrain
895000 2k BN Brunei
896000 4k AE United Arab Emirates
897000 2k SB Solomon Islands
898000 4k PG Papua New Guinea
899000 2k TW Taiwan
8a0000 32k ID Indonesia
900000 2k MH Marshall Islands
901000 2k CK Cook Islands
902000 2k WS Samoa
a00000 1m US United States
c00000 256k CA Canada
c80000 32k NZ New Zealand
c88000 4k FJ Fiji
c8a000 2k NR Nauru
c8c000 2k LC Saint Lucia
c8d000 2k TO Tonga
c8e000 2k KI Kiribati
c90000 2k VU Vanuatu
c91000 2k AD Andorra
c92000 2k DM Dominica
c93000 2k KN Saint Kitts and Nevis
c94000 2k SS South Sudan
c95000 2k TL Timor-Leste
c97000 2k TV Tuvalu
e00000 256k AR Argentina
e40000 256k BR Brazil
e80000 4k CL Chile
e84000 4k EC Ecuador
e88000 4k PY Paraguay
e8c000 4k PE Peru
e90000 4k UY Uruguay
e94000 4k BO Bolivia
"""
