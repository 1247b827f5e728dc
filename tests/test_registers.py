"""Registers: blocks of States, classes of emitter categories, tables of aircraft that a user names."""

from __future__ import annotations

import gzip
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from wideberth.agreement import registers
from wideberth.agreement.registers import Entry, Register
from wideberth.errors import FormatError, ReadError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

# Blocks that rs1090 0.7.0 has smaller or lacks: Annex 10 as amended to 92 gives Qatar 4,096 addresses and Colombia
# 8,192, and lists six more States.
NEWER_THAN_RS1090 = {"QA", "CO", "AD", "DM", "KN", "SS", "TL", "TV"}
EVERY = 2048  # addresses: the smallest block, and all begin at a multiple of it
HEADER = "icao24,registration,typecode,icaoaircrafttype,operator\n"


# States -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("a00000", "US"), ("afffff", "US"), ("ae0123", "US"),
        ("100000", "RU"), ("155c3a", "RU"), ("1fffff", "RU"),
        ("3c6444", "DE"), ("3fffff", "DE"), ("4b0000", "CH"), ("4b7fff", "CH"),
        ("380000", "FR"), ("3bffff", "FR"), ("400000", "GB"), ("43c6f0", "GB"),
        ("718000", "KR"), ("71ffff", "KR"), ("720000", "KP"), ("778000", "SY"), ("77ffff", "SY"),
        ("4b8000", "TR"), ("4bffff", "TR"), ("508001", "UA"), ("738000", "IL"), ("728000", "IQ"),
        ("780000", "CN"), ("899001", "TW"), ("840000", "JP"), ("4ca7b5", "IE"), ("896000", "AE"),
        ("4d24ca", "MT"),  # 9H-VVI, in the second half of a doubled block
        ("682455", "MN"),  # JU-1109, likewise
        ("c95000", "TL"),  # 4W-AAL
        ("4B1814", "CH"), (" 4b1814 ", "CH"),
    ],
)  # fmt: skip
def test_addresses_lie_in_the_block_of_their_state(address: str, state: str) -> None:
    """Well-known ones, at both ends of blocks and within, in either case."""
    assert registers.state_of(address) == state


@pytest.mark.parametrize(
    "address",
    [
        "000000",
        "003fff",
        "b00000",
        "f00001",
        "ffffff",
        "~a00001",
        "",
        "a0000",
        "a000000",
        "4e1234x",
        "0x4b18",
    ],
)
def test_what_is_in_no_block_is_of_no_state(address: str) -> None:
    """Unallotted, ICAO's own, not an ICAO address, or no address at all."""
    assert registers.state_of(address) is None


def blocks() -> list[tuple[int, int, str]]:
    codes = {registers.state_of(f"{first:06x}") for first in range(0, 1 << 24, EVERY)} - {None}
    return sorted((*block, code) for code in codes for block in registers.blocks_of_state(code))  # type: ignore[misc,arg-type]


def test_blocks_do_not_overlap() -> None:
    """Each is a power of two, begins at a multiple of its size (Colombia's two together at a multiple of 4,096)."""
    found = blocks()

    assert len(found) == 194
    assert all(one[1] < other[0] for one, other in pairwise(found))
    for first, last, code in found:
        size = last - first + 1
        assert size.bit_count() == 1
        assert first % min(size, 4096) == 0, code


def test_each_state_has_a_code_and_a_name_of_its_own() -> None:
    """Two capital letters; no name twice."""
    codes = [code for _, _, code in blocks()]

    assert len(set(codes)) == len(codes)
    assert all(len(code) == 2 and code.isupper() for code in codes)
    assert len({registers.name_of_state(code) for code in codes}) == len(codes)
    assert registers.name_of_state("kr") == "South Korea"


def test_the_blocks_are_those_that_rs1090_knows() -> None:
    """Every 2,048 addresses: the same State, by the flag, or one that the newer table adds."""
    rs1090 = pytest.importorskip("rs1090")
    for first in range(0, 1 << 24, EVERY):
        for address in (f"{first:06x}", f"{first + EVERY - 1:06x}"):
            told = rs1090.aircraft_information(address).get("flag", "")
            letters = "".join(
                chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in told if ord(letter) >= 0x1F1E6
            )
            theirs = letters if len(letters) == 2 and letters.isalpha() else None
            ours = registers.state_of(address)
            assert ours == theirs or (theirs is None and ours in NEWER_THAN_RS1090), address


def test_the_blocks_of_a_state() -> None:
    """Closed ranges; the code in either case."""
    assert registers.blocks_of_state("RU") == ((0x100000, 0x1FFFFF),)
    assert registers.blocks_of_state(" ru ") == ((0x100000, 0x1FFFFF),)
    assert registers.states_of(["a00001", "~a00001"]) == ["US", None]


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("UK", r"Did you mean GB \(United Kingdom\)\?"),
        ("RUS", r"Did you mean RU \(Russia\)\?"),
        ("russia", r"Did you mean RU \(Russia\)\?"),
        ("Switzerlnd", r"Did you mean CH \(Switzerland\)\?"),
        ("HK", "aircraft are in that of China, CN"),
        ("CHL", "Write the two letters of ISO 3166-1"),
        ("XX", "'XX' is no State with a block of addresses"),
    ],
)
def test_an_unknown_state_is_told_with_a_near_one(code: str, hint: str) -> None:
    """By name, by another list's code; a registry within another's block is told as such."""
    with pytest.raises(UsageError, match=hint):
        registers.blocks_of_state(code)


# Classes ------------------------------------------------------------------------------------------


def test_classes_of_emitter_categories() -> None:
    """Weights are aeroplanes; ultralights, parachutists, surface vehicles and reserved codes are unknown."""
    told = {
        f"{letter}{digit}": registers.class_of_category(f"{letter}{digit}")
        for letter in "ABCD"
        for digit in range(8)
    }

    assert {code: each for code, each in told.items() if each is not None} == {
        **dict.fromkeys(("A1", "A2", "A3", "A4", "A5", "A6"), "fixed-wing"),
        "A7": "rotary", "B1": "glider", "B2": "balloon", "B6": "UAS",
    }  # fmt: skip
    assert registers.class_of_category(None) is None
    assert registers.class_of_category("a7 ") == "rotary"


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("L2J", "fixed-wing"), ("S1P", "fixed-wing"), ("A1T", "fixed-wing"), ("H1T", "rotary"), ("G1P", "rotary"),
        ("T2T", "rotary"), ("LCT", "fixed-wing"), ("Helicopter", "rotary"), ("Glider", None), ("-", None), ("", None),
        ("Heavy", None),
    ],
)  # fmt: skip
def test_classes_of_icao_descriptions(description: str, expected: str | None) -> None:
    """The first letter of a description, not of any word."""
    assert registers.class_of_description(description) == expected


# Tables of aircraft -------------------------------------------------------------------------------


def register_of(folder: Path, content: str | bytes, name: str = "aircraft.csv") -> Register:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Register.load(path)


def test_a_table_is_read_by_address(tmp_path: Path) -> None:
    """Addresses in either case; empty fields are unknown; the class is that of the description."""
    register = register_of(
        tmp_path, HEADER + "4B1814,HB-JCA,A320,L2J,Swiss\n3e0a1b,D-HABC,EC35,H2T,\n3c0001,,,,\n"
    )

    assert register["4b1814"] == Entry("HB-JCA", "A320", "fixed-wing", "Swiss")
    assert register["3E0A1B"] == Entry("D-HABC", "EC35", "rotary", None)
    assert register.get("3c0001") == Entry(None, None, None, None)
    assert register.get("aaaaaa") is None
    assert register.get("~4b1814") is None
    assert list(register) == ["4b1814", "3e0a1b", "3c0001"]
    assert "4b1814" in register
    assert register.notes == ("the class of 1 of 3 aircraft is not known",)


@pytest.mark.parametrize(
    ("columns", "values", "expected"),
    [
        ("class", "Helicopter", "rotary"),
        ("class", "Fixed Wing", "fixed-wing"),
        ("class", "drone", "UAS"),
        ("Class", "A7", "rotary"),
        ("class,icaoaircrafttype", ",L2J", "fixed-wing"),
        ("class,icaoaircrafttype", "glider,L1P", "glider"),
        ("typecode,icaoaircrafttype", "GLID,L0P", "glider"),
        ("typecode", "BALL", "balloon"),
        ("category", "B1", "glider"),
        ("icaoAircraftClass,category", "-,A7", "rotary"),
    ],
)
def test_where_the_class_comes_from(tmp_path: Path, columns: str, values: str, expected: str) -> None:
    """Its own column, a designator that stands for a kind, the description, the category, in this order."""
    assert register_of(tmp_path, f"hex,{columns}\n4b1814,{values}\n")["4b1814"].aircraft_class == expected


def test_rows_that_cannot_be_used_are_counted_and_shown(tmp_path: Path) -> None:
    """No address, the same address again, a class that is none, another number of fields."""
    text = "icao24,class\n,x\nzz,rotary\n4b1814,rotary\n4b1814,glider\n3c0001,spaceship\n3c0002,rotary,more\n"

    register = register_of(tmp_path, text)

    assert dict(register) == {
        "4b1814": Entry(None, None, "rotary", None),
        "3c0001": Entry(None, None, None, None),
    }
    assert register.notes == (
        "1 of 6 rows set aside: another number of fields than the header (first: line 7 has 3 fields, the header 2)",
        "2 of 5 rows set aside: icao24 is not six hex digits (first: row 1, empty)",
        "1 of 5 rows set aside: the address stands further up (first: row 4, 4b1814)",
        "1 of 2 rows have a class that is none (first: 'spaceship'; known are fixed-wing, rotary, glider, balloon, "
        "UAS): taken as unknown",
        "the class of 1 of 2 aircraft is not known",
    )
    assert "2 of 5 rows set aside" in repr(register)
    assert register.set_aside == {"fields": 1, "address": 2, "repeated": 1}
    assert register.rows == 6


def test_the_ways_tables_are_written(tmp_path: Path) -> None:
    """OpenSky's apostrophes, semicolons, a byte order mark, gzip, Parquet."""
    plain = 'icao24,registration,operator\n4b1814,HB-JCA,"Swiss, Ltd"\n'
    expected = {"4b1814": Entry("HB-JCA", None, None, "Swiss, Ltd")}
    parquet = tmp_path / "a.parquet"
    pl.DataFrame({"Mode-S": ["4B1814"], "Reg": ["HB-JCA"], "Operator": ["Swiss, Ltd"]}).write_parquet(parquet)

    for content in (
        plain,
        plain.replace('"', "'").replace("icao24", "'icao24'"),
        "\ufeff" + plain,
        gzip.compress(plain.encode()),
        "icao24;registration;operator\n4b1814;HB-JCA;Swiss, Ltd\n",
        parquet.read_bytes(),
    ):
        assert dict(register_of(tmp_path, content)) == expected


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "the file is empty"),
        ("a,b\n1,2\n", r"there is not a column icao24 .* \(found: a, b\)"),
        ("icao24\n4b1814\n", "there is not any of registration"),
        ("icao24,class\nzz,rotary\n", "no row has an address"),
        (b"\x89PNG\0\0", "neither CSV nor Parquet"),
        (b"PAR1 and no more", "not read as a table"),
        (gzip.compress(b"icao24,class\n")[:12], "damaged gzip"),
    ],
)
def test_a_file_that_is_no_table_of_aircraft(tmp_path: Path, content: Any, what: str) -> None:
    """It says what was looked for and what was found."""
    with pytest.raises(ReadError, match=what):
        register_of(tmp_path, content)


def test_addresses_that_are_numbers_are_refused(tmp_path: Path) -> None:
    """4e1234 would be 4."""
    path = tmp_path / "a.parquet"
    pl.DataFrame({"icao24": [4], "registration": ["x"]}).write_parquet(path)

    with pytest.raises(FormatError, match="column 'icao24' holds numbers"):
        Register.load(path)
    with pytest.raises(ReadError, match="cannot be read: No such file"):
        Register.load(tmp_path / "none.csv")


def test_many_addresses_are_looked_up_at_once(tmp_path: Path) -> None:
    """A row for each in their order, null where nothing is known."""
    register = register_of(tmp_path, HEADER + "4b1814,HB-JCA,A320,L2J,Swiss\n3e0a1b,D-HABC,EC35,H2T,\n")

    found = register.look_up(["3e0a1b", "~4b1814", "4B1814", "3e0a1b"])

    assert found.column_names == ["icao24", "registration", "type_code", "class", "operator"]
    assert found.column("icao24").to_pylist() == ["3e0a1b", "~4b1814", "4B1814", "3e0a1b"]
    assert found.column("class").to_pylist() == ["rotary", None, "fixed-wing", "rotary"]


def test_a_large_table_keeps_every_row(tmp_path: Path) -> None:
    """A hundred thousand addresses, each found by its own."""
    rows = "".join(f"{k:06x},R{k},A320,L2J,\n" for k in range(0, 1 << 24, 168))

    register = register_of(tmp_path, HEADER + rows)

    assert len(register) == register.rows == 99_865
    assert register.set_aside == {}
    assert register[f"{168 * 77_777:06x}"].registration == f"R{168 * 77_777}"


def test_a_list_of_aircraft(tmp_path: Path) -> None:
    """Any of four columns; addresses in lower case; what is none is told."""
    path = tmp_path / "list.csv"
    path.write_text("ICAO24,callsign,typecode\n4B1814,RFF7081,\n~3c0001,,A320\n")

    assert registers.read_list(path) == {
        "icao24": frozenset({"4b1814", "~3c0001"}),
        "callsign": frozenset({"RFF7081"}),
        "type": frozenset({"A320"}),
    }
    path.write_text("icao24\n4b1814\nHB-JCA\n")
    with pytest.raises(ReadError, match="1 of 2 addresses are not six hex digits \\(first: 'hb-jca'\\)"):
        registers.read_list(path)
    path.write_text("name\nx\n")
    with pytest.raises(FormatError, match="any of icao24, callsign, registration, typecode"):
        registers.read_list(path)
    path.write_text("icao24,callsign\n4b1814\n3c0001,a,b\n")
    with pytest.raises(FormatError, match="another number of fields"):
        registers.read_list(path)
