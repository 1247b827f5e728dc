"""Agreement files: what they mean, how they are explained and drawn, and what is told of those that are broken."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from rasters import write_raster
from wideberth.agreement import draw, explain, line_sides, model, tree, values
from wideberth.agreement.load import Agreement
from wideberth.agreement.schema import json_schema
from wideberth.agreement.shapes import Limit, Shape
from wideberth.agreement.values import COMPASS, DAY_S
from wideberth.cli.app import app
from wideberth.errors import AgreementError, ReadError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.yaml"))
DESIGN = """\
wideberth: 1
name: "Euphrates deconfliction line, November 2017 (an illustration: the real geometry is not public)"
valid: 2017-11-01/2018-01-01

parties:
  coalition: {aircraft: [{icao24: ae0000-afffff}, {callsign: "^HAWG"}]}
  russia:    {aircraft: [{state: RU}]}

places:
  euphrates: {line: [[40.450, 35.020], [40.560, 34.920], [40.830, 34.690], [40.901, 34.501]]}   # lon, lat
  al-mayadin-hospital: {point: [40.453, 35.016], radius: 1 mi}

rules:
  - {id: west, party: russia,    keeps: {side: west, of: euphrates, buffer: 500 m, reach: 60 km}}
  - {id: east, party: coalition, keeps: {side: east, of: euphrates, buffer: 500 m, reach: 60 km}}
  - {id: apart, between: [coalition, russia], keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}}
  - {id: spare, party: all, keeps: {out_of: al-mayadin-hospital, below: 10000 ft}}
  - {id: drawdown, party: russia, pledges: {flights: falls, by: 50 %, after: 2017-11-16}}

permissions:
  - {id: 2017-11-20/4, party: russia, excuses: [west], callsign: RFF7081, during: 2017-11-20T08:00Z/2017-11-20T09:00Z}
"""
HEAD = "wideberth: 1\nname: test\n"
WHO = "parties: {blue: {aircraft: [{icao24: ae0000-afffff}]}, red: {aircraft: [{state: RU}]}}\n"
APART = "rules: [{id: far, between: all, keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}}]\n"
RIVER = "river: {line: [[40, 34], [40, 36]]}"
TOWN = "town: {point: [40, 34], radius: 5 km}"


def party(*aircraft: str) -> str:
    """Return an agreement with a party; its first aircraft stand in line 7."""
    entries = "".join(f"      - {each}\n" for each in aircraft)
    return f"{HEAD}{APART}parties:\n  blue:\n    aircraft:\n{entries}"


def place(entry: str) -> str:
    """Return an agreement with a place; its entry stands in line 6."""
    return f"{HEAD}{APART}places:\n  here:\n    {entry}\n"


def rule(entry: str, places: str = RIVER) -> str:
    """Return an agreement with a rule; its entry stands in line 8, the place in line 5."""
    return f"{HEAD}{WHO}places:\n  {places}\nrules:\n  - id: one\n    {entry}\n"


def permission(entry: str) -> str:
    """Return an agreement with a permission; its entry stands in line 7."""
    return f"{HEAD}{WHO}{APART}permissions:\n  - id: note\n    {entry}\n"


# Broken files -------------------------------------------------------------------------------------

BROKEN: dict[str, tuple[str, list[str]]] = {
    "bracket": (
        HEAD + "rules: [{id: far\n",
        [
            "3: this is not YAML: what begins here does not end before the file does. Look at this line and "
            "the one above: a missing quote, bracket or colon, or another indent.",
        ],
    ),
    "quote": (
        HEAD + 'notes: "no end\n',
        [
            "3: this is not YAML: what begins here does not end before the file does. Look at this line and "
            "the one above: a missing quote, bracket or colon, or another indent.",
        ],
    ),
    "colon": (
        HEAD + "notes: he said: no\n" + APART,
        [
            "3: this is not YAML: mapping values are not allowed here. Is there a colon within a text? Put the "
            "text in quotes.",
        ],
    ),
    "tab": (
        HEAD + "rules:\n\t- id: far\n",
        [
            "4: this is not YAML: found character '\\t' that cannot start any token. Indent with blanks, not "
            "with tabs.",
        ],
    ),
    "two documents": (
        HEAD + APART + "---\n" + HEAD,
        [
            "4: this is not YAML: expected a single document in the stream, but found another document. Take "
            "out the line '---': a file is one agreement.",
        ],
    ),
    "alias": (
        HEAD + "notes: *what\n" + APART,
        [
            "3: this is not YAML: found undefined alias 'what'. A text that begins with * or & needs quotes.",
        ],
    ),
    "empty": (
        "",
        [
            "1: the file is empty. An agreement begins with 'wideberth: 1' and 'name: ...'.",
        ],
    ),
    "only a comment": (
        "# nothing\n",
        [
            "1: the file is empty. An agreement begins with 'wideberth: 1' and 'name: ...'.",
        ],
    ),
    "a list": (
        "- wideberth: 1\n",
        [
            "1: an agreement is a mapping, not a list. An agreement begins with 'wideberth: 1' and 'name: ...'.",
        ],
    ),
    "a text": (
        "wideberth\n",
        [
            "1: an agreement is a mapping, not 'wideberth'. An agreement begins with 'wideberth: 1' and 'name: "
            "...'.",
        ],
    ),
    "no version": (
        "name: test\n" + APART,
        [
            "1: the version is missing. The file begins with 'wideberth: 1'.",
        ],
    ),
    "version 2": (
        "wideberth: 2\nname: test\n" + APART,
        [
            "1: wideberth: '2' is not a version that is read here. Write wideberth: 1.",
        ],
    ),
    "version null": (
        "wideberth:\nname: test\n" + APART,
        [
            "1: wideberth: nothing is not a version that is read here. Write wideberth: 1.",
        ],
    ),
    "unknown key": (
        HEAD + "partys: {}\n" + APART,
        [
            "3: 'partys' is not known here. Did you mean 'parties'?",
        ],
    ),
    "unknown key, nothing near": (
        HEAD + "xyzzy: 1\n" + APART,
        [
            "3: 'xyzzy' is not known here. Known: wideberth, name, valid, notes, register, atmosphere, "
            "max_gap, parties, places, rules, permissions.",
        ],
    ),
    "unknown key of a side": (
        rule("party: red\n    keeps:\n      side: west\n      of: river\n      bufer: 500 m"),
        [
            "12: 'bufer' is not known here. Did you mean 'buffer'?",
        ],
    ),
    "no name": (
        "wideberth: 1\n" + APART,
        [
            "1: 'name' is missing. Write name: what the agreement is called.",
        ],
    ),
    "name is a list": (
        "wideberth: 1\nname: [test]\n" + APART,
        [
            "2: name: a list is not a text. Write name: what the agreement is called.",
        ],
    ),
    "key twice": (
        HEAD + "name: other\n" + APART,
        [
            "3: 'name' is there twice (first in line 2). Keep one of them.",
        ],
    ),
    "list as key": (
        HEAD + "? [a, b]\n: c\n" + APART,
        [
            "3: a key is a list or a mapping. A key is one word before a colon.",
        ],
    ),
    "id twice": (
        (
            HEAD + "rules:\n"
            "  - {id: far, between: all, keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}}\n"
            "  - {id: far, between: all, keeps: {apart: {horizontal: 5 NM, vertical: 1000 ft}}}\n"
        ),
        [
            "5: id: 'far' is there twice (first in line 4). Choose another.",
        ],
    ),
    "no rules": (
        HEAD,
        [
            "1: there are no rules. Write at least one: rules: [{id: NAME, party: NAME, keeps: {...}}].",
        ],
    ),
    "empty rules": (
        HEAD + "rules: []\n",
        [
            "3: there are no rules. Write at least one: rules: [{id: NAME, party: NAME, keeps: {...}}].",
        ],
    ),
    "rules are a mapping": (
        HEAD + "rules: {far: {between: all}}\n",
        [
            "3: 'rules' is a list, not a mapping. Begin each entry under rules: with '- id: NAME'.",
        ],
    ),
    "rule is a text": (
        HEAD + "rules: [far]\n",
        [
            "3: a rule is a mapping, not 'far'. Write - {id: NAME, party: NAME, keeps: {...}}.",
        ],
    ),
    "rule without id": (
        HEAD + "rules:\n  - {between: all, keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}}\n",
        [
            "4: 'id' is missing. Write id: NAME.",
        ],
    ),
    "party unknown": (
        rule("party: rad\n    keeps: {side: west, of: river}"),
        [
            "8: party: there is no party 'rad'. Did you mean 'red'?",
        ],
    ),
    "place unknown": (
        rule("party: red\n    keeps: {side: west, of: revir}"),
        [
            "9: of: there is no place 'revir'. Did you mean 'river'?",
        ],
    ),
    "place unknown, nothing near": (
        rule("party: red\n    keeps: {out_of: [castle]}"),
        [
            "9: out_of: there is no place 'castle'. Known: river.",
        ],
    ),
    "permission of unknown rule": (
        permission("party: red\n    excuses: [fra]"),
        [
            "8: excuses: there is no rule 'fra'. Did you mean 'far'?",
        ],
    ),
    "permission without excuses": (
        permission("party: red"),
        [
            "6: 'excuses' is missing. Write excuses: [RULE].",
        ],
    ),
    "permission of unknown party": (
        permission("party: rod\n    excuses: [far]"),
        [
            "7: party: there is no party 'rod'. Did you mean 'red'?",
        ],
    ),
    "permission within unknown": (
        permission("party: red\n    excuses: [far]\n    within: zone"),
        [
            "9: within: there is no place 'zone'. Known: none.",
        ],
    ),
    "permission AGL": (
        permission("party: red\n    excuses: [far]\n    below: 500 ft AGL"),
        [
            "9: below: 500 ft AGL is above ground, which is here and there another. Write it as FL or ft.",
        ],
    ),
    "bad icao24": (
        party("{icao24: ae00g0}"),
        [
            "7: icao24: 'ae00g0' is not an address or a range of addresses. Write 6 hex digits each, like "
            "4b1234 or ae0000-afffff.",
        ],
    ),
    "short icao24": (
        party("{icao24: [4b1234, 123]}"),
        [
            "7: icao24: '123' is not an address or a range of addresses. Write 6 hex digits each, like 4b1234 "
            "or ae0000-afffff.",
        ],
    ),
    "range reversed": (
        party("{icao24: afffff-ae0000}"),
        [
            "7: icao24: 'afffff-ae0000' ends before it begins. Write ae0000-afffff.",
        ],
    ),
    "ranges overlap": (
        (
            HEAD + APART + "parties:\n"
            "  blue: {aircraft: [{icao24: ae0000-afffff}]}\n"
            "  red: {aircraft: [{icao24: [4b1234, af0000]}]}\n"
        ),
        [
            "6: 'red' and 'blue' (line 5) both claim the address af0000. An aircraft is one party's: narrow "
            "one of the two.",
        ],
    ),
    "range in a State": (
        (
            HEAD + APART + "parties:\n"
            "  blue: {aircraft: [{state: US}]}\n"
            "  red: {aircraft: [{icao24: ae0000-afffff}]}\n"
        ),
        [
            "6: 'red' and 'blue' (line 5) both claim the addresses ae0000-afffff. An aircraft is one party's: "
            "narrow one of the two.",
        ],
    ),
    "same callsign": (
        (
            HEAD + APART + "parties:\n"
            "  blue: {aircraft: [{callsign: HAWG11}]}\n"
            "  red: {aircraft: [{callsign: hawg11}]}\n"
        ),
        [
            "6: 'red' and 'blue' (line 5) both claim the callsign HAWG11. An aircraft is one party's: narrow "
            "one of the two.",
        ],
    ),
    "callsign in pattern": (
        (
            HEAD + APART + "parties:\n"
            "  blue: {aircraft: [{callsign: ^HAWG}]}\n"
            "  red: {aircraft: [{callsign: hawg11}]}\n"
        ),
        [
            "6: 'red' and 'blue' (line 5) both claim the callsign HAWG11. An aircraft is one party's: narrow "
            "one of the two.",
        ],
    ),
    "bad regex": (
        party('{callsign: "^RFF("}'),
        [
            "7: callsign: '^RFF(' is not a pattern (regular expression): missing ), unterminated subpattern at "
            "position 4. Write the callsign alone, or a beginning like ^RFF.",
        ],
    ),
    "unknown State": (
        party("{state: Rusia}"),
        [
            "7: state: 'Rusia' is no State with a block of addresses. Did you mean RU (Russia)?",
        ],
    ),
    "unknown State, 2": (
        party("{state: XX}"),
        [
            "7: state: 'XX' is no State with a block of addresses. Write the two letters of ISO 3166-1, such "
            "as RU.",
        ],
    ),
    "unknown class": (
        party("{class: jet}"),
        [
            "7: class: 'jet' is not known. Write 'fixed-wing', 'rotary', 'glider', 'balloon' or 'UAS'.",
        ],
    ),
    "no aircraft": (
        party("{}"),
        [
            "7: aircraft: nothing says which aircraft. Write icao24, state, callsign, class, registration, "
            "type or list.",
        ],
    ),
    "aircraft empty": (
        HEAD + APART + "parties: {blue: {aircraft: []}}\n",
        [
            "4: aircraft: a list is empty. Write aircraft: [{icao24: ae0000-afffff}, {state: RU}].",
        ],
    ),
    "aircraft a mapping": (
        HEAD + APART + "parties: {blue: {aircraft: {state: RU}}}\n",
        [
            "4: aircraft: a mapping is not a list. Write aircraft: [{icao24: ae0000-afffff}, {state: RU}].",
        ],
    ),
    "party without aircraft": (
        HEAD + APART + "parties: {blue: {title: Blue}}\n",
        [
            "4: 'aircraft' is missing. Write aircraft: [{icao24: ae0000-afffff}, {state: RU}].",
        ],
    ),
    "party named all": (
        HEAD + APART + "parties: {all: {aircraft: [{state: RU}]}}\n",
        [
            "4: 'all' means everyone and cannot be a name. Choose another.",
        ],
    ),
    "name with blank": (
        HEAD + APART + "parties: {the blue: {aircraft: [{state: RU}]}}\n",
        [
            "4: 'the blue' is not a name. Write letters, digits and - _ . / : only, up to 80; a longer one is "
            "its title.",
        ],
    ),
    "list missing": (
        party("{list: nowhere.csv}"),
        [
            "7: list: 'nowhere.csv' cannot be read: No such file or directory. Its path counts from the "
            "agreement's folder.",
        ],
    ),
    "bad position": (
        place("line:\n      - [40, 34]\n      - [40, north]"),
        [
            "8: line: [40, north] is not a position. Write two numbers, [lon, lat], in degrees.",
        ],
    ),
    "one number": (
        place("point: [40]\n    radius: 1 km"),
        [
            "6: point: [40] is not a position. Write two numbers, [lon, lat], in degrees.",
        ],
    ),
    "position text": (
        place("{point: 40 34, radius: 1 km}"),
        [
            "6: point: '40 34' is not a position. Write two numbers, [lon, lat], in degrees.",
        ],
    ),
    "swapped": (
        place("line:\n      - [40, 34]\n      - [34.7, 140.4]"),
        [
            "8: line: [34.7, 140.4] is no position on Earth. Are the two swapped? Longitude comes first.",
        ],
    ),
    "out": (
        place("line:\n      - [40, 34]\n      - [240, 34]"),
        [
            "8: line: [240, 34] is no position on Earth. Write [lon, lat] in degrees, up to 180 and 90.",
        ],
    ),
    "line of one": (
        place("line: [[40, 34]]"),
        [
            "6: line: a list is too short. Write line: [[lon, lat], [lon, lat]].",
        ],
    ),
    "area of two": (
        place("area: [[40, 34], [41, 34]]"),
        [
            "6: area: an area has at least three different positions, and here are 2. Write its whole outline, "
            "or a line.",
        ],
    ),
    "area position": (
        place("area:\n      - [40, 34]\n      - [41, 34]\n      - [41, 95]"),
        [
            "9: area: [41, 95] is no position on Earth. Are the two swapped? Longitude comes first.",
        ],
    ),
    "area crosses": (
        place("area: [[40, 34], [41, 35], [41, 34], [40, 35]]"),
        [
            "6: the area 'here' is not a plain figure: self-intersection near 40.5, 34.5. Its edges may not "
            "cross, and holes lie within the outer ring: put the positions in order.",
        ],
    ),
    "line crosses": (
        place("line:\n      - [40, 34]\n      - [41, 35]\n      - [41, 34]\n      - [40, 35]"),
        [
            "9: the line 'here' meets itself: its segments 1 and 3 cross or touch, so it has no two sides. Put "
            "its positions in order, or use an area.",
        ],
    ),
    "line repeats": (
        place("line:\n      - [40, 34]\n      - [40, 35]\n      - [40, 35]\n      - [40, 36]"),
        [
            "9: the line 'here' repeats its position 2, [40, 35]. Leave one of the two out.",
        ],
    ),
    "line back": (
        place("line:\n      - [40, 34]\n      - [40, 36]\n      - [40, 35]"),
        [
            "8: the line 'here' meets itself: its segments 1 and 2 cross or touch, so it has no two sides. Put "
            "its positions in order, or use an area.",
        ],
    ),
    "line closes": (
        place("line:\n      - [40, 34]\n      - [41, 34]\n      - [41, 35]\n      - [40, 34]"),
        [
            "9: the line 'here' meets itself: its segments 1 and 3 cross or touch, so it has no two sides. Put "
            "its positions in order, or use an area.",
        ],
    ),
    "no radius": (
        place("point: [40, 34]"),
        [
            "5: there is point without radius. Write radius: 5 NM as well.",
        ],
    ),
    "no width": (
        place("corridor: [[40, 34], [41, 34]]"),
        [
            "5: there is corridor without width. Write width: 10 NM as well.",
        ],
    ),
    "radius alone": (
        place("radius: 5 NM"),
        [
            "5: there is radius without point. Write point as well, or leave radius out.",
        ],
    ),
    "no form": (
        place("title: nowhere"),
        [
            "5: nothing says where the place is. Write one of line, area, point, corridor, file.",
        ],
    ),
    "two forms": (
        place("{point: [40, 34], radius: 1 km, line: [[40, 34], [41, 34]]}"),
        [
            "5: a place has one form, and here are line and point. Make two places of it.",
        ],
    ),
    "unknown unit": (
        place("{point: [40, 34], radius: 5 leagues}"),
        [
            "6: radius: '5 leagues' is not a length: unknown unit 'leagues' (known: m, km, ft, nm, nmi, mi). "
            "Write it like 5NM, 9.26km, 500ft or 150m.",
        ],
    ),
    "bare number": (
        place("{point: [40, 34], radius: 5}"),
        [
            "6: radius: '5' is not a length: a number needs its unit. Write it like 5NM, 9.26km, 500ft or 150m.",
        ],
    ),
    "negative": (
        place("{point: [40, 34], radius: -5 km}"),
        [
            "6: radius: '-5 km' is negative. A length is 0 or more.",
        ],
    ),
    "zero": (
        place("{point: [40, 34], radius: 0 km}"),
        [
            "6: radius: '0 km' is too little. Write more than 0.",
        ],
    ),
    "null": (
        place("{point: [40, 34], radius: }"),
        [
            "5: there is point without radius. Write radius: 5 NM as well.",
        ],
    ),
    "ends": (
        place("{corridor: [[40, 34], [41, 34]], width: 1 km, ends: square}"),
        [
            "6: ends: 'square' is not known. Write 'round' or 'flat'.",
        ],
    ),
    "no datum": (
        place("{point: [40, 34], radius: 5 km, ceiling: 3000 m}"),
        [
            "6: ceiling: '3000 m' does not say what the metres are measured from. Write AMSL, AGL, ellipsoid "
            "or pressure behind it, like 3000 m AMSL.",
        ],
    ),
    "bad level": (
        place("{point: [40, 34], radius: 5 km, ceiling: high}"),
        [
            "6: ceiling: 'high' is not a level. Write it like 10000 ft, FL95, 1500 m AMSL, 500 ft AGL, 120 m "
            "ellipsoid or GND.",
        ],
    ),
    "interval": (
        place("{point: [40, 34], radius: 5 km, during: 2017-11-20}"),
        [
            "6: during: '2017-11-20' is not an interval. Write it like 2017-11-20T08:00Z/2017-11-20T09:00Z.",
        ],
    ),
    "interval instant": (
        place("{point: [40, 34], radius: 5 km, during: [2017-11-20/soon]}"),
        [
            "6: during: 'soon' is not an instant. Write it like 2018-08-01T06:00:00Z or 2018-08-01.",
        ],
    ),
    "interval reversed": (
        place("{point: [40, 34], radius: 5 km, during: 2017-11-21/2017-11-20}"),
        [
            "6: during: '2017-11-21/2017-11-20' does not end after it begins. Write FROM/UNTIL, the earlier "
            "one first.",
        ],
    ),
    "hours": (
        place("{point: [40, 34], radius: 5 km, hours: weekdays 8-17}"),
        [
            "6: hours: 'weekdays 8-17' is not weekly hours. Write them like mon-fri 08:00-17:00 (UTC).",
        ],
    ),
    "hours 25": (
        place("{point: [40, 34], radius: 5 km, hours: mon-fri 08:00-25:00}"),
        [
            "6: hours: 'mon-fri 08:00-25:00': there is no 25:00 in a day. Hours are 00:00 to 24:00.",
        ],
    ),
    "hours empty": (
        place("{point: [40, 34], radius: 5 km, hours: mon-fri 08:00-08:00}"),
        [
            "6: hours: 'mon-fri 08:00-08:00' is empty: it ends when it begins. A whole day is 00:00-24:00.",
        ],
    ),
    "file missing": (
        place("file: nowhere.geojson"),
        [
            "6: file: 'nowhere.geojson' cannot be read: No such file or directory. Its path counts from the "
            "agreement's folder.",
        ],
    ),
    "AMSL": (
        rule(
            "party: red\n    keeps: {out_of: town}",
            "town: {point: [40, 34], radius: 5 km, ceiling: 3000 m AMSL}",
        ),
        [
            "5: ceiling: 3000 m AMSL is above mean sea level, and aircraft report pressure altitude: without "
            "the QNH the two cannot be compared. Write atmosphere: {qnh: 1013 hPa} at the top, or the limit as "
            "FL or ft.",
        ],
    ),
    "AMSL in the rule": (
        rule(
            "party: red\n    keeps:\n      out_of: town\n      below: 3000 m AMSL",
            "town: {point: [40, 34], radius: 5 km}",
        ),
        [
            "11: below: 3000 m AMSL is above mean sea level, and aircraft report pressure altitude: without "
            "the QNH the two cannot be compared. Write atmosphere: {qnh: 1013 hPa} at the top, or the limit as "
            "FL or ft.",
        ],
    ),
    "AGL": (
        "atmosphere: {qnh: 1013 hPa}\n"
        + rule(
            "party: red\n    keeps: {out_of: town}",
            "town: {point: [40, 34], radius: 5 km, ceiling: 500 ft AGL}",
        ),
        [
            "6: ceiling: 500 ft AGL is above ground, and nothing says how high that is. Write ground: 350 m "
            "(above mean sea level), or ground: dem.tif (a GeoTIFF), in the place 'town'.",
        ],
    ),
    "bad QNH": (
        HEAD + APART + "atmosphere: {qnh: high}\n",
        [
            "4: qnh: 'high' is not a QNH: that is not a number with a unit. Write it like 1013 hPa or 29.92 inHg.",
        ],
    ),
    "levels of two kinds": (
        rule(
            "party: red\n    keeps: {out_of: town}",
            "town: {point: [40, 34], radius: 5 km, floor: 1200 m ellipsoid, ceiling: FL100}",
        ),
        [
            "5: in 'town' 1200 m ellipsoid and FL100 are of two kinds: heights above the ellipsoid and pressure "
            "altitudes are never mixed. Write both above the ellipsoid, or both as FL, ft or above sea or ground.",
        ],
    ),
    "a rule's level of another kind": (
        rule(
            "party: red\n    keeps:\n      out_of: town\n      below: FL100",
            "town: {point: [40, 34], radius: 5 km, floor: 1200 m ellipsoid}",
        ),
        [
            "11: in 'town' 1200 m ellipsoid and FL100 are of two kinds: heights above the ellipsoid and pressure "
            "altitudes are never mixed. Write both above the ellipsoid, or both as FL, ft or above sea or ground.",
        ],
    ),
    "permission within a place above ground": (
        permission("party: red\n    excuses: far\n    within: town")
        + "places: {town: {point: [40, 34], radius: 5 km, ceiling: 500 ft AGL}}\n",
        [
            "10: ceiling: 500 ft AGL is above ground, and aircraft report pressure altitude: without the QNH the two "
            "cannot be compared. Write atmosphere: {qnh: 1013 hPa} at the top, or the limit as FL or ft.",
            "10: ceiling: 500 ft AGL is above ground, and nothing says how high that is. Write ground: 350 m (above "
            "mean sea level), or ground: dem.tif (a GeoTIFF), in the place 'town'.",
        ],
    ),
    "permission above the ellipsoid": (
        permission("party: red\n    excuses: far\n    above: 1200 m ellipsoid"),
        [
            "9: above: 1200 m ellipsoid is above the ellipsoid, and a permission's levels are held against pressure "
            "altitude. Write it as FL or ft.",
        ],
    ),
    "upside down": (
        rule(
            "party: red\n    keeps: {out_of: town, above: FL200, below: 10000 ft}",
            "town: {point: [40, 34], radius: 5 km}",
        ),
        [
            "9: in 'town' nothing is above FL200 and below 10000 ft. Write the lower limit as floor or above, "
            "the upper one as ceiling or below.",
        ],
    ),
    "along": (
        rule("party: red\n    keeps:\n      side: north\n      of: river"),
        [
            "10: side: 'north' does not tell the two sides of this line apart: from its first to its last "
            "position it runs toward 0°, within 30° of north or its opposite. Write east or west, or left or "
            "right of the line in its order.",
        ],
    ),
    "contradicted": (
        rule(
            "party: red\n    keeps: {side: west, of: river}",
            "river: {line: [[40, 34], [40.2, 35], [40.1, 34.9], [40, 36]]}",
        ),
        [
            "9: side: 'west' means one side of the whole line and the other of its segment 2, which runs "
            "toward 219°. Write left or right of the line in its order, or smooth the line.",
        ],
    ),
    "side unknown": (
        rule("party: red\n    keeps: {side: wset, of: river}"),
        [
            "9: side: 'wset' is not known. Did you mean 'west'?",
        ],
    ),
    "spiral": (
        rule(
            "party: red\n    keeps:\n      side: left\n      of: river\n      reach: 60 km",
            "river: {line: [[40, 34], [41, 34], [41, 35], [40, 35], [40, 34.4], [40.6, 34.4]]}",
        ),
        [
            "12: within its reach of 60 km the line's left side meets its own right side (near 40.006, "
            "34.202). Write a smaller reach, or a line that turns less.",
        ],
    ),
    "side of a circle": (
        rule("party: red\n    keeps: {side: west, of: town}", "town: {point: [40, 34], radius: 5 km}"),
        [
            "9: of: 'town' is not one line (found: circle). A side is of a line: places: {NAME: {line: [[lon, "
            "lat], ...]}}.",
        ],
    ),
    "out of a line": (
        rule("party: red\n    keeps: {out_of: river}"),
        [
            "9: 'river' is a line, which has no inside. Make it a corridor with a width, or write side: ... "
            "of: ... in the rule.",
        ],
    ),
    "keeps nothing known": (
        rule("party: red\n    keeps: {out-of: river}"),
        [
            "9: nothing says what is kept (found: out-of). Did you mean 'out_of'?",
        ],
    ),
    "keeps two": (
        rule("party: red\n    keeps: {side: west, of: river, out_of: river}"),
        [
            "9: a rule keeps one thing, and here are side and out_of. Make two rules of it.",
        ],
    ),
    "keeps a text": (
        rule("party: red\n    keeps: west"),
        [
            "9: 'keeps' is a mapping, not 'west'. Write it like {side: west, of: LINE}.",
        ],
    ),
    "both": (
        rule(
            "party: red\n    keeps: {side: west, of: river}\n    pledges: {flights: falls, by: 50 %, after: 2017-11-16}"
        ),
        [
            "7: a rule has either keeps or pledges; here is both. Make two rules of it.",
        ],
    ),
    "neither": (
        rule("party: red"),
        [
            "7: a rule has either keeps or pledges; here is neither. Write keeps: {...} or pledges: {...}.",
        ],
    ),
    "no party": (
        rule("keeps: {side: west, of: river}"),
        [
            "7: nothing says whom the rule binds. Write party: NAME or party: all.",
        ],
    ),
    "between in a side": (
        rule("between: [red, blue]\n    party: red\n    keeps: {side: west, of: river}"),
        [
            "8: 'between' is for rules to keep apart. Write party: NAME or party: all.",
        ],
    ),
    "no by": (
        rule("party: red\n    pledges: {flights: falls, after: 2017-11-16}"),
        [
            "9: 'by' is missing. Write by: 50 %.",
        ],
    ),
    "by half": (
        rule("party: red\n    pledges: {flights: falls, by: half, after: 2017-11-16}"),
        [
            "9: by: 'half' is not a share. Write it like 50 %, above 0 and up to 100.",
        ],
    ),
    "of all": (
        rule("party: all\n    pledges: {flights: falls, by: 50 %, after: 2017-11-16}"),
        [
            "8: a pledge is one party's, not that of all. Name the party.",
        ],
    ),
    "flights and hours": (
        rule("party: red\n    pledges: {flights: falls, hours: falls, by: 50 %, after: 2017-11-16}"),
        [
            "9: a pledge is about one number, and here is both flights and hours. Write flights: falls, for "
            "example.",
        ],
    ),
    "between one": (
        rule("between: [red]\n    keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}"),
        [
            "8: 'between' is two parties, or all, not red. Write between: [ONE, OTHER] or between: all.",
        ],
    ),
    "between itself": (
        rule("between: [red, red]\n    keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}"),
        [
            "8: 'between' names 'red' twice. Write between: [ONE, OTHER] or between: all.",
        ],
    ),
    "apart party": (
        rule("party: red\n    keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}"),
        [
            "8: a rule to keep apart binds those in 'between', and here is party: red. Write between: [ONE, "
            "OTHER] or between: all in place of party.",
        ],
    ),
    "apart without vertical": (
        rule("between: all\n    keeps: {apart: {horizontal: 3 NM}}"),
        [
            "9: 'vertical' is missing. Write vertical: 1000 ft.",
        ],
    ),
    "apart level": (
        rule("between: all\n    keeps: {apart: {horizontal: 3 NM, vertical: FL10}}"),
        [
            "9: vertical: 'FL10' is not a vertical distance: that is not a number with a unit. Write it like 1000 ft "
            "or 300 m.",
        ],
    ),
    "apart text": (
        rule("between: all\n    keeps: {apart: 3 NM}"),
        [
            "9: apart: '3 NM' is not a mapping. Write apart: {horizontal: 5 NM, vertical: 1000 ft}.",
        ],
    ),
    "inside and out": (
        rule("party: red\n    keeps: {inside: town, out_of: town}", "town: {point: [40, 34], radius: 5 km}"),
        [
            "9: a rule keeps one thing, and here are out_of and inside. Make two rules of it.",
        ],
    ),
    "null zone": (
        rule("party: red\n    keeps: {inside: }", "town: {point: [40, 34], radius: 5 km}"),
        [
            "9: a zone rule has either out_of or inside; neither is there. Write one of them.",
        ],
    ),
    "register missing": (
        HEAD + APART + "register: nowhere.csv\n",
        [
            "4: register: 'nowhere.csv' cannot be read: No such file or directory. Its path counts from the "
            "agreement's folder.",
        ],
    ),
    "bomb": (
        HEAD + "notes: &a [*a, *a]\n",
        [
            "3: this nests more than 60 deep. Does an alias (*) stand for too much, or for itself?",
        ],
    ),
    "atmosphere key": (
        HEAD + APART + "atmosphere: {qhn: 1013 hPa}\n",
        [
            "4: 'qnh' is missing. Write qnh: 1013 hPa.",
            "4: 'qhn' is not known here. Did you mean 'qnh'?",
        ],
    ),
    "QNH of no day on Earth": (
        HEAD + APART + "atmosphere: {qnh: 10132 hPa}\n",
        ["4: qnh: '10132 hPa' is not a QNH. Write it like 1013 hPa or 29.92 inHg."],
    ),
    "QNH null": (
        HEAD + APART + "atmosphere: {qnh: }\n",
        [
            "4: qnh: this is not a QNH. Write it like 1013 hPa, [{from: 2017-11-01, qnh: 1013 hPa}] or qnh.csv.",
        ],
    ),
    "QNH in another kind of file": (
        HEAD + APART + "atmosphere: {qnh: qnh.txt}\n",
        ["4: qnh: 'qnh.txt' is no file that is read here. Write 1013 hPa, or name a CSV file like qnh.csv."],
    ),
    "QNH file missing": (
        HEAD + APART + "atmosphere: {qnh: nowhere.csv}\n",
        [
            "4: qnh: 'nowhere.csv' cannot be read: No such file or directory. Its path counts from the agreement's "
            "folder.",
        ],
    ),
    "QNH entries": (
        HEAD + APART + "atmosphere:\n  qnh:\n    - {from: soon, qnh: 1013 hPa}\n    - {from: 2017-11-02}\n"
        "    - {form: 2017-11-02, qnh: 1013}\n",
        [
            "6: from: 'soon' is not an instant. Write it like 2018-08-01T06:00:00Z or 2018-08-01.",
            "7: 'qnh' is missing. Write qnh: 1013 hPa.",
            "8: 'from' is missing. Write from: 2017-11-01T06:00Z.",
            "8: qnh: '1013' is not a QNH: a number needs its unit. Write it like 1013 hPa or 29.92 inHg.",
            "8: 'form' is not known here. Did you mean 'from'?",
        ],
    ),
    "QNH entry is a text": (
        HEAD + APART + "atmosphere:\n  qnh:\n    - {from: 2017-11-01, qnh: 1013 hPa}\n    - noon\n",
        ["7: qnh: an entry here is a mapping. Write {from: 2017-11-01, qnh: 1013 hPa}."],
    ),
    "QNH list empty": (
        HEAD + APART + "atmosphere: {qnh: []}\n",
        ["4: qnh: the list is empty. Write [{from: 2017-11-01, qnh: 1013 hPa}]."],
    ),
    "QNH twice at once": (
        HEAD + APART + "atmosphere:\n  qnh:\n    - {from: 2017-11-01, qnh: 1013 hPa}\n"
        "    - {from: 2017-11-01T00:00Z, qnh: 1014 hPa}\n",
        ["7: from: two values hold from the same instant on. Keep one of them."],
    ),
    "QNH table's lines": (
        HEAD + APART + "atmosphere: {qnh: lines.csv}\n",
        [
            "lines.csv:3: qnh_hpa: 10132 lies outside 850 to 1100 hPa. Is it in tenths of hPa? Then it is 1013.2.",
            "lines.csv:4: 'noon' is not an instant. Write it like 2018-08-01T06:00:00Z or 2018-08-01.",
            "lines.csv:5: qnh_hpa: 29.92 lies outside 850 to 1100 hPa. Is it in inHg? Then it is 1013.2.",
            "lines.csv:6: qnh_hpa: 'high' is not a number. Write hectopascals, like 1013.2.",
            "lines.csv:7: there are 3 values for 2 columns. Write one for each.",
            "lines.csv:8: there are two values for 2017-11-01T00:00Z, 1013 and 1014 hPa. Keep one of them.",
            "lines.csv:9: qnh_hpa: 700 lies outside 850 to 1100 hPa. Write hectopascals, like 1013.2.",
        ],
    ),
    "QNH table's columns": (
        HEAD + APART + "atmosphere: {qnh: columns.csv}\n",
        ["columns.csv:1: 'lat' is not a column of a table of QNHs. Did you mean 'lat_deg'?"],
    ),
    "QNH table without longitudes": (
        HEAD + APART + "atmosphere: {qnh: half.csv}\n",
        [
            "half.csv:1: the column 'lon_deg' is missing. The first line is time,qnh_hpa or "
            "time,qnh_hpa,lat_deg,lon_deg.",
        ],
    ),
    "QNH table's positions": (
        HEAD + APART + "atmosphere: {qnh: positions.csv}\n",
        [
            "positions.csv:2: lat_deg: 97 is more than 90. Write degrees, like 47.46.",
            "positions.csv:3: lat_deg: '' is not a number. Write degrees, like 47.46.",
        ],
    ),
    "QNH table without values": (
        HEAD + APART + "atmosphere: {qnh: empty.csv}\n",
        [
            "empty.csv:1: the table has no values. The first line is time,qnh_hpa or time,qnh_hpa,lat_deg,lon_deg.",
        ],
    ),
    "permission above the sea of two stations": (
        permission("party: red\n    excuses: far\n    below: 3000 m AMSL")
        + "atmosphere: {qnh: stations.csv}\n",
        [
            "9: below: 3000 m AMSL is above mean sea level, and a permission's levels hold everywhere, while the QNH "
            "of stations.csv differs from station to station. Write it as FL or ft, or within: a place with that "
            "level.",
        ],
    ),
    "ground in another kind of file": (
        place("{point: [40, 34], radius: 5 km, ground: dem.asc}"),
        [
            "6: ground: 'dem.asc' is no file that is read here. Write 350 m, or name a GeoTIFF like dem.tif.",
        ],
    ),
    "ground file missing": (
        place("{point: [40, 34], radius: 5 km, ground: nowhere.tif}"),
        [
            "6: ground: 'nowhere.tif' cannot be read: No such file or directory. Its path counts from the "
            "agreement's folder.",
        ],
    ),
    "ground out of this world": (
        place("{point: [40, 34], radius: 5 km, ground: 35000 m}"),
        ["6: ground: '35000 m' is no elevation of the ground. Write it like 350 m."],
    ),
    "ground of many bands": (
        place("{point: [40, 34], radius: 5 km, ground: picture.tif}"),
        ["picture.tif: the raster has 3 bands. A file of ground heights has one."],
    ),
    "ground in feet": (
        place("{point: [40, 34], radius: 5 km, ground: feet.tif}"),
        ["feet.tif: the raster's heights are in 'ft'. Convert them to metres."],
    ),
    "ground nowhere": (
        place("{point: [40, 34], radius: 5 km, ground: nocrs.tif}"),
        [
            "nocrs.tif: the raster does not say its coordinate system. Write it into the file, as with gdal_edit "
            "-a_srs.",
        ],
    ),
    "ground that is no raster": (
        place("{point: [40, 34], radius: 5 km, ground: text.tif}"),
        ["text.tif: this is not a raster that can be read. Is it a GeoTIFF?"],
    ),
    "AGL by a raster without QNH": (
        rule(
            "party: red\n    keeps: {out_of: town}",
            "town: {point: [40, 34], radius: 5 km, ceiling: 120 m AGL, ground: dem.tif}",
        ),
        [
            "5: ceiling: 120 m AGL is above ground, and aircraft report pressure altitude: without the QNH the two "
            "cannot be compared. Write atmosphere: {qnh: 1013 hPa} at the top, or the limit as FL or ft.",
        ],
    ),
    "half above a raster": (
        rule(
            "party: red\n    keeps: {out_of: town}",
            "town: {point: [40, 34], radius: 5 km, floor: 50 m AGL, ceiling: FL95, ground: dem.tif}",
        )
        + "atmosphere: {qnh: 1013 hPa}\n",
        [
            "5: in 'town' 50 m AGL and FL95 cannot both be compared: only one of them is above the ground, whose "
            "height in dem.tif is here and there another. Write both as AGL, one of them as GND, or one height for "
            "all the ground, as ground: 350 m.",
        ],
    ),
    "inside two kinds of levels": (
        rule(
            "party: red\n    keeps:\n      inside: [town, hill]",
            "town: {point: [40, 34], radius: 5 km, ceiling: 120 m AGL, ground: dem.tif}\n"
            "  hill: {point: [40, 34], radius: 5 km, ceiling: FL50}",
        )
        + "atmosphere: {qnh: 1013 hPa}\n",
        [
            "11: inside: the levels of town and hill are of two kinds, pressure altitude and height above dem.tif, and "
            "a flight is held against one of them. Write all levels alike: as FL, ft or AMSL, above the ellipsoid, or "
            "as AGL with one ground.",
        ],
    ),
    "inside a level above the ellipsoid and another": (
        rule(
            "party: red\n    keeps:\n      inside: [town, hill]",
            "town: {point: [40, 34], radius: 5 km, ceiling: 500 m ellipsoid}\n"
            "  hill: {point: [40, 34], radius: 5 km, ceiling: FL50}",
        ),
        [
            "11: inside: the levels of town and hill are of two kinds, pressure altitude and height above the "
            "ellipsoid, and a flight is held against one of them. Write all levels alike: as FL, ft or AMSL, above "
            "the ellipsoid, or as AGL with one ground.",
        ],
    ),
    "five": (
        (
            "wideberth: 1\n"
            "valid: 2018-01-01/2017-11-01\n"
            "parties:\n"
            "  blue: {aircraft: [{icao24: ae00}]}\n"
            "places:\n"
            "  town: {point: [40.4, 34.9]}\n"
            "rules:\n"
            "  - {id: spare, party: all, keeps: {out_of: twon, below: 3000 m}}\n"
        ),
        [
            "1: 'name' is missing. Write name: what the agreement is called.",
            "2: valid: '2018-01-01/2017-11-01' does not end after it begins. Write FROM/UNTIL, the earlier one "
            "first.",
            "4: icao24: 'ae00' is not an address or a range of addresses. Write 6 hex digits each, like 4b1234 "
            "or ae0000-afffff.",
            "6: there is point without radius. Write radius: 5 NM as well.",
            "8: below: '3000 m' does not say what the metres are measured from. Write AMSL, AGL, ellipsoid or "
            "pressure behind it, like 3000 m AMSL.",
        ],
    ),
}


TABLES = {
    "lines.csv": "time,qnh_hpa\n2017-11-01T00:00Z,1013\n2017-11-01T06:00Z,10132\nnoon,1013\n2017-11-01T08:00Z,29.92\n"
    "2017-11-01T09:00Z,high\n2017-11-01T09:30Z,1013,1\n2017-11-01T00:00Z,1014\n2017-11-01T10:00Z,700\n",
    "columns.csv": "time,qnh_hpa,lat,lon\n2017-11-01T00:00Z,1013,47,8\n",
    "half.csv": "time,qnh_hpa,lat_deg\n2017-11-01T00:00Z,1013,47\n",
    "positions.csv": "time,qnh_hpa,lat_deg,lon_deg\n2017-11-01T00:00Z,1013,97,8\n2017-11-01T00:00Z,1013,,8\n",
    "empty.csv": "time,qnh_hpa\n\n",
    "stations.csv": "time,qnh_hpa,lat_deg,lon_deg\n2017-11-01T00:00Z,1013,47,8\n2017-11-01T00:00Z,1010,46,8\n",
    "text.tif": "not a raster",
}
RASTERS: dict[str, dict[str, Any]] = {
    "dem.tif": {}, "picture.tif": {"bands": 3}, "feet.tif": {"unit": "ft"}, "nocrs.tif": {"crs": None}
}  # fmt: skip


@pytest.fixture(scope="session")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that the broken agreements name."""
    folder = tmp_path_factory.mktemp("beside")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, options in RASTERS.items():
        write_raster(folder / name, np.zeros((4, 4)), west=39.9, north=34.1, step=0.05, **options)
    return folder


def faults_of(text: str, folder: Path | str = ".") -> list[str]:
    with pytest.raises(AgreementError) as raised:
        Agreement.parse(text, file="f", folder=folder)
    return [str(fault).removeprefix("f:").replace(f"{folder}/", "") for fault in raised.value.faults]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_with_line_fault_and_remedy(name: str, beside: Path) -> None:
    """Every fault is told, each with its line, what is wrong and what would be right."""
    text, told = BROKEN[name]

    assert faults_of(text, beside) == told


@pytest.mark.parametrize("name", BROKEN)
def test_no_message_speaks_of_the_program(name: str, beside: Path) -> None:
    """No phrase of the parsers' own reaches the reader, and each message has a remedy or says the bound."""
    with pytest.raises(AgreementError) as raised:
        Agreement.parse(BROKEN[name][0], file="f", folder=beside)

    for fault in raised.value.faults:
        assert not re.search(
            r"[Ii]nput should|valid |tuple|dict|None|NoneType|[Vv]alue error|pydantic", str(fault)
        )
        assert fault.line or fault.file.endswith(".tif")  # a raster has no lines
        assert fault.what.endswith(".")
        assert fault.remedy


def test_five_faults_are_five_messages() -> None:
    """The file is checked as a whole."""
    assert len(BROKEN["five"][1]) == 5


def test_aliases_of_aliases_end_in_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short file cannot stand for more values than memory holds."""
    monkeypatch.setattr(tree, "MOST_VALUES", 1000)
    ten = ["a: &a [" + "x, " * 10 + "]", "b: &b [" + "*a, " * 10 + "]", "c: [" + "*b, " * 10 + "]"]
    text = "\n".join(ten)

    assert faults_of(text) == [
        "3: this holds more than 1,000 values. Does an alias (*) stand for too much, or for itself?"
    ]


def test_two_rules_on_one_bad_line_tell_of_it_once() -> None:
    """A fault of a place is told where the place stands, however often it is used."""
    text = rule(
        "party: red\n    keeps: {side: west, of: river}\n"
        "  - id: two\n    party: blue\n    keeps: {side: east, of: river}",
        "river: {line: [[40, 34], [41, 35], [41, 34], [40, 35]]}",
    )

    (told,) = faults_of(text)
    assert told.startswith("5: the line 'river' meets itself: its segments 1 and 3 cross or touch")


def test_what_is_no_agreement_is_not_read(tmp_path: Path) -> None:
    """A folder, a missing file and another encoding are told before any YAML is looked at."""
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9\n")

    with pytest.raises(ReadError, match="this is a folder"):
        Agreement.load(tmp_path)
    with pytest.raises(ReadError, match="cannot be read: No such file"):
        Agreement.load(tmp_path / "none.yaml")
    with pytest.raises(ReadError, match="byte 6 is not UTF-8"):
        Agreement.load(tmp_path / "latin.yaml")


def test_a_file_of_places_tells_its_own_faults(tmp_path: Path) -> None:
    """Faults in a file that the agreement names stand under that file's name, after its own."""
    (tmp_path / "places.geojson").write_text('{"type": "FeatureCollection"}', encoding="utf-8")

    told = faults_of(place("file: places.geojson") + "xyzzy: 1\n", tmp_path)

    assert told[0].startswith("7: 'xyzzy' is not known here.")
    assert "places.geojson" in told[-1]


# What a file means --------------------------------------------------------------------------------


def test_the_design_s_example_loads() -> None:
    """Parties, places, rules and permissions are as it says."""
    agreement = Agreement.parse(DESIGN)

    assert list(agreement.parties) == ["coalition", "russia"]
    assert [each.kind for each in agreement.rules] == ["side", "side", "apart", "out_of", "pledges"]
    assert [each.is_left_kept for each in agreement.rules[:2]] == [False, True]  # it runs south-east
    assert agreement.rule("apart").bound == ("coalition", "russia")
    ceiling = agreement.rule("spare").places[0].volumes[0].ceiling
    assert ceiling == Limit(10_000.0, "ft", "pressure", "10000 ft")
    assert agreement.permissions[0].id == "2017-11-20/4"
    assert len(agreement.digest) == 64


def test_everyone_apart_needs_no_parties() -> None:
    """The agreement that a plain screen uses has one rule, for all."""
    agreement = Agreement.everyone(horizontal="5 NM", vertical="1000 ft")

    assert agreement.rules[0].bound == ("all",)
    assert agreement.rules[0].entry.keeps.apart.horizontal == 9260.0


@pytest.mark.parametrize("text", ["140000", "4e1234", "000001", "0x1234"[2:] + "00"])
def test_an_address_stays_text(text: str) -> None:
    """YAML's numbers are not numbers here."""
    agreement = Agreement.parse(party(f"{{icao24: {text}}}"))

    assert agreement.parties["blue"].aircraft[0].icao24 == ((int(text, 16), int(text, 16)),)


def test_norway_and_number_callsigns_stay_text() -> None:
    """NO is no truth value, and a callsign of digits is the callsign."""
    (aircraft,) = Agreement.parse(party("{state: NO, callsign: 0123}")).parties["blue"].aircraft

    assert aircraft.state == ("NO",)
    assert aircraft.callsign is not None
    assert aircraft.callsign[0].search("0123")
    assert not aircraft.callsign[0].search("10123")


@pytest.mark.parametrize(
    ("glob", "remedy"),
    [
        ("SWR*", "Write '^SWR'."),
        ("^swr*", "Write '^swr'."),
        ("SWR?", "Write '^SWR.$'."),
        ("SW*12", "Write '^SW.*12$'."),
        ("*SWR", "Write 'SWR$'."),
        ("*", "To mean any callsign, leave it out."),
        ("(SWR|EZY)R*", "Write ^ before how a callsign begins, and .* for anything."),
    ],
)
def test_what_shells_take_for_a_pattern_is_told_as_a_regular_expression(glob: str, remedy: str) -> None:
    """SWR* as a regular expression is found in every callsign with SW: nobody means that."""
    for entry in (f"{{callsign: '{glob}'}}", f"{{callsign: ['^EZY', '{glob}']}}"):
        (told,) = faults_of(party(entry))
        assert told.endswith(remedy)
        assert f"'{glob}' is not a pattern of callsigns" in told


@pytest.mark.parametrize(
    "pattern",
    ["SWR.*", "^SWR", r"^SWR\d*", "^SWR[0-9]*$", "^SWR0*12$", "TALON7?7", "^HAWG1?$", "^SWR.?", "EZY[*]"],
)
def test_a_regular_expression_that_can_be_meant_stays_one(pattern: str) -> None:
    """What follows a set, a dot or a digit repeats or may be left out, as regular expressions have it."""
    (found,) = values.parse_patterns(pattern)
    assert found.pattern == pattern


def test_an_elevation_may_lie_below_the_sea() -> None:
    """The shore of the Dead Sea is 430 m below mean sea level; the loader hands it on."""
    text = rule(
        "party: red\n    keeps: {out_of: town}",
        "town: {point: [35.5, 31.5], radius: 5 km, ceiling: 500 ft AGL, ground: -430 m}",
    )

    assert Agreement.parse(f"{text}atmosphere: {{qnh: 1013 hPa}}\n").ground_m == {"town": -430.0}


def test_the_ground_needs_no_elevation() -> None:
    """GND is below everything that flies, without QNH and without elevation."""
    Agreement.parse(
        rule("party: red\n    keeps: {out_of: town}", TOWN.replace("}", ", floor: GND, ceiling: FL95}"))
    )


LEFT_OF_NORTHBOUND = {"northwest", "west", "southwest"}
LEFT_OF_EASTBOUND = {"northwest", "north", "northeast"}


@pytest.mark.parametrize("word", COMPASS)
@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize(
    ("line", "left", "along"),
    [
        (((40.0, 34.0), (40.0, 36.0)), LEFT_OF_NORTHBOUND, {"north", "south"}),
        (((40.0, 0.0), (42.0, 0.0)), LEFT_OF_EASTBOUND, {"east", "west"}),
    ],
)
def test_a_compass_word_means_one_side(
    word: str, line: tuple[tuple[float, float], ...], left: set[str], along: set[str], is_reversed: bool
) -> None:
    """Each word is a side of a line, whichever way it is written, or is refused along it."""
    shape = Shape("line", (line[::-1] if is_reversed else line,))
    if word in along:
        with pytest.raises(ValueError, match=f"'{word}' does not tell the two sides of this line apart"):
            line_sides.is_left(word, shape)
    else:
        assert line_sides.is_left(word, shape) == ((word in left) != is_reversed)


def test_left_and_right_go_by_the_order() -> None:
    """The two words that always mean a side."""
    shape = Shape("line", (((40.0, 34.0), (40.0, 36.0)),))

    assert line_sides.is_left("left", shape)
    assert not line_sides.is_left("right", shape)


@pytest.mark.parametrize("reach_km", [3, 60, 150])
@pytest.mark.parametrize("edges", ["straight", "geodesic"])
def test_a_line_that_hardly_turns_has_two_sides_at_any_reach(reach_km: int, edges: Any) -> None:
    """A geodesic bulges away from the chord by more than the nearest distance looked at; that is no meeting."""
    shape = Shape("line", (((8.0, 50.0), (12.0, 50.0), (14.0, 50.5)),), edges=edges)

    line_sides.check_reach(shape, reach_km * 1000.0)


def test_a_river_with_bends_has_two_sides() -> None:
    """What lies across a bend is met through the line itself: no meeting of sides."""
    zigzag = tuple((40.0 + 0.1 * i, 35.0 + 0.1 * (i % 2)) for i in range(9))

    line_sides.check_reach(Shape("line", (zigzag,)), 40_000.0)


def test_a_jagged_river_has_two_sides() -> None:
    """A line that only goes east has two sides, however rough it is."""
    lon = np.linspace(40.0, 41.0, 1500)
    lat = 35.0 + np.cumsum(np.random.default_rng(1).normal(0.0, 0.003, lon.size))

    line_sides.check_reach(Shape("line", (tuple(zip(lon.tolist(), lat.tolist(), strict=True)),)), 5_000.0)


def test_a_spiral_has_two_sides_within_a_small_reach() -> None:
    """The arms are 44 km apart."""
    spiral = Shape(
        "line", (((40.0, 34.0), (41.0, 34.0), (41.0, 35.0), (40.0, 35.0), (40.0, 34.4), (40.6, 34.4)),)
    )

    line_sides.check_reach(spiral, 20_000.0)
    with pytest.raises(ValueError, match="left side meets its own right side"):
        line_sides.check_reach(spiral, 60_000.0)


HOUR_S = 3600


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("tue 08:00-17:00", [(1, 8, 17)]),
        ("mon-tue 22:00-06:00 UTC", [(0, 22, 24), (1, 0, 6), (1, 22, 24), (2, 0, 6)]),
        ("sun 22:00-06:00Z", [(0, 0, 6), (6, 22, 24)]),
        ("sat-mon 00:00-24:00", [(0, 0, 24), (5, 0, 24), (6, 0, 24)]),
        ("Fri 22:00-00:00", [(4, 22, 24)]),
    ],
)
def test_weekly_hours_go_on_across_midnight(text: str, parts: list[tuple[int, int, int]]) -> None:
    """Hours that end before they begin reach into the next day, Sunday's into Monday."""
    assert values.parse_weekly(text) == tuple(
        (day, first * HOUR_S, last * HOUR_S) for day, first, last in parts
    )
    assert all(last <= DAY_S for _, _, last in values.parse_weekly(text))


def test_a_place_comes_from_a_file_by_name(tmp_path: Path) -> None:
    """#NAME picks one; the agreement's own limits and edges win; another name is told with what is near."""
    square = "[[[8.0, 47.0], [8.1, 47.0], [8.1, 47.1], [8.0, 47.0]]]"
    features = ", ".join(
        f'{{"type": "Feature", "properties": {{"name": "{name}"}}, '
        f'"geometry": {{"type": "Polygon", "coordinates": {square}}}}}'
        for name in ("school", "bridge")
    )
    (tmp_path / "p.geojson").write_text(
        f'{{"type": "FeatureCollection", "features": [{features}]}}', encoding="utf-8"
    )
    text = place('file: "p.geojson#bridge"\n    ceiling: FL100\n    edges: geodesic')

    agreement = Agreement.parse(text, folder=tmp_path)

    (volume,) = agreement.places["here"].volumes
    assert agreement.places["here"].name == "here"
    assert volume.shapes[0].edges == "geodesic"
    assert volume.ceiling == Limit(10_000.0, "ft", "pressure", "FL100")
    assert agreement.digest != Agreement.parse(place("{point: [40, 34], radius: 5 km}")).digest
    assert len(Agreement.parse(place("file: p.geojson"), folder=tmp_path).places["here"].volumes) == 2
    assert faults_of(place('file: "p.geojson#brige"'), tmp_path) == [
        "6: file: in 'p.geojson': There is no place 'brige' in it. Did you mean 'bridge'?"
    ]


# JSON Schema --------------------------------------------------------------------------------------


def typed(text: str) -> Any:
    """Return a document as an editor takes it: numbers are numbers, and dates are dates."""
    return YAML(typ="safe").load(text)


def misfits(value: Any, schema: dict[str, Any], whole: dict[str, Any], at: str = "") -> Iterator[str]:
    """Yield where a value does not fit, by the words of JSON Schema that ours uses."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema and all(list(misfits(value, each, whole, at)) for each in schema["anyOf"]):
        yield f"{at}: fits none of anyOf"
    if "not" in schema and not list(misfits(value, schema["not"], whole, at)):
        yield f"{at}: is what it must not be"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: is not {schema['const']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: is none of {schema['enum']}"
    kinds = {
        "string": str,
        "number": (int, float),
        "array": list,
        "object": dict,
        "null": type(None),
        "boolean": bool,
    }
    named = schema.get("type", [])
    named = [named] if isinstance(named, str) else named
    if named and not any(isinstance(value, kinds[each]) for each in named):
        yield f"{at}: is no {named}"
        return
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: '{value}' does not match {schema['pattern']}"
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9):
            yield f"{at}: {len(value)} items"
        for i, each in enumerate(value):
            yield from misfits(each, schema.get("items", {}), whole, f"{at}/{i}")
    if isinstance(value, dict):
        yield from (f"{at}: lacks {key}" for key in schema.get("required", []) if key not in value)
        for key, each in value.items():
            other = schema.get("additionalProperties", {})
            if key in schema.get("properties", {}):
                yield from misfits(each, schema["properties"][key], whole, f"{at}/{key}")
            elif other is False:
                yield f"{at}: does not know {key}"
            elif other is not True:
                yield from misfits(each, other, whole, f"{at}/{key}")


@pytest.mark.parametrize("text", [DESIGN, *(each.read_text(encoding="utf-8") for each in EXAMPLES)])
def test_examples_load_and_fit_the_json_schema(text: str) -> None:
    """What an editor says of a good file is what the loader says: nothing."""
    Agreement.parse(text, folder=EXAMPLES[0].parent)

    assert list(misfits(typed(text), json_schema(), json_schema())) == []


@pytest.mark.parametrize(
    "qnh", ["1013 hPa", "29.92 inHg", "stations.csv", "[{from: 2017-11-01, qnh: 1013 hPa}]"]
)
@pytest.mark.parametrize("ground", ["350 m", "dem.tif"])
def test_an_editor_takes_every_form_of_a_qnh_and_of_the_ground(qnh: str, ground: str, beside: Path) -> None:
    """A pressure, a table, values from instants on; an elevation, a raster; and refuses what the loader refuses."""
    text = place(f"{{point: [40, 34], radius: 5 km, ground: {ground}}}") + f"atmosphere: {{qnh: {qnh}}}\n"
    Agreement.parse(text, folder=beside)

    assert list(misfits(typed(text), json_schema(), json_schema())) == []
    wrong = text.replace("from:", "form:").replace(".csv", ".txt").replace(".tif", ".asc")
    wrong = wrong.replace(" hPa", " kPa").replace("inHg", "in")
    assert list(misfits(typed(wrong), json_schema(), json_schema()))


def test_an_editor_lets_addresses_be_numbers() -> None:
    """YAML in an editor takes 140000 and 4e1234 for numbers; a list of hours may be one text."""
    text = party("{icao24: 140000}", "{icao24: [4e1234, ae0000-afffff], class: [rotary]}")
    text += "places: {here: {point: [40, 34], radius: 1 km, hours: mon 08:00-09:00}}\n"
    Agreement.parse(text)

    assert list(misfits(typed(text), json_schema(), json_schema())) == []


@pytest.mark.parametrize("is_text", [False, True])
def test_an_editor_takes_dates_for_dates_or_for_texts(is_text: bool) -> None:
    """YAML 1.1 makes a date of 2017-11-16, YAML 1.2 a text; an id may look like one, or like a number."""
    text = rule("party: red\n    pledges: {flights: falls, by: 50 %, after: 2017-11-16}")
    text += "permissions: [{id: 2017-11-20, party: red, excuses: one}, {id: 4, party: red, excuses: [one]}]\n"
    Agreement.parse(text)
    value = typed(text)
    assert isinstance(value["rules"][0]["pledges"]["after"], date)
    if is_text:
        value["rules"][0]["pledges"]["after"] = "2017-11-16"

    assert list(misfits(value, json_schema(), json_schema())) == []


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "partys: {}\n" + APART,
        rule("party: red\n    pledges: {flights: falls, by: 50 %, after: 2017}"),
        rule("party: [red]\n    pledges: {flights: falls, by: 50 %, after: 2017-11-16}"),
        "name: test\n" + APART,
        HEAD,
        party("{class: jet}"),
        place("{point: [40], radius: 1 km}"),
        place("{point: [40, 34], radius: 5}"),
        rule("party: red\n    keeps: {side: wset, of: river}"),
        rule("party: red\n    pledges: {flights: falls, after: 2017-11-16}"),
    ],
)
def test_the_json_schema_refuses_what_one_entry_shows(text: str) -> None:
    """An editor marks unknown keys, missing keys and words that are none."""
    assert list(misfits(typed(text), json_schema(), json_schema()))


def test_every_key_is_in_the_json_schema() -> None:
    """By the names that files use, none of the program's own."""
    schema = json_schema()
    defs = schema["$defs"]
    for part in values.Part.__subclasses__():
        keys = {info.alias or name for name, info in part.model_fields.items()}
        if part is model.Head:
            assert keys | {"parties", "places", "rules", "permissions"} == set(schema["properties"])
        else:
            assert set(defs[part.__name__]["properties"]) == keys


# Words and pictures -------------------------------------------------------------------------------


def test_the_example_in_plain_sentences() -> None:
    """Each rule is a sentence that needs no manual."""
    assert list(explain.sentences(Agreement.parse(DESIGN)))[1:] == [
        ("", "Valid from 2017-11-01 to 2018-01-01."),
        ("Parties", "coalition: addresses ae0000-afffff or callsign matching ^HAWG."),
        ("Parties", "russia: registered in RU (by the ICAO block of the address)."),
        ("Places", "euphrates: a line of 4 vertices, 72.4 km, from 40.4500, 35.0200."),
        ("Places", "al-mayadin-hospital: a circle of 1 mi around 40.4530, 35.0160."),
        (
            "Rules",
            "west: russia keeps west of euphrates, within 60 km of it; up to 500 m past it is counted, and is no "
            "finding.",
        ),
        (
            "Rules",
            "east: coalition keeps east of euphrates, within 60 km of it; up to 500 m past it is counted, and is no "
            "finding.",
        ),
        (
            "Rules",
            "apart: coalition and russia keep 3 NM or 1000 ft away from each other: less than both at once breaks it.",
        ),
        (
            "Rules",
            "spare: Everyone keeps out of al-mayadin-hospital, below 10000 ft. Whoever misses it by less than 1 km and "
            "500 ft is told, as kept.",
        ),
        ("Rules", "drawdown: russia pledges that flights a day fall by at least 50 % from 2017-11-16 on."),
        (
            "Permissions",
            "2017-11-20/4: russia (callsign RFF7081) is excused from west from 2017-11-20 08:00 UTC to 2017-11-20 "
            "09:00 UTC.",
        ),
        (
            "Levels",
            "Levels in ft or FL are pressure altitudes (1013.25 hPa), as aircraft report them; they are not heights "
            "above the sea.",
        ),
    ]


def test_everything_else_has_words_too() -> None:
    """Corridors, areas with holes, hours, classes, a level in a permission alone."""
    text = (
        HEAD
        + WHO
        + """\
places:
  way: {corridor: [[40, 34], [40, 35]], width: 10 NM, ends: flat, edges: geodesic, floor: GND, ceiling: FL95}
  field: {area: [[[40, 34], [41, 34], [41, 35]], [[40.6, 34.2], [40.8, 34.2], [40.8, 34.4]]], hours: mon 22:00-06:00}
rules:
  - {id: stay, party: blue, class: [rotary, UAS], keeps: {inside: way, margin: 1 km}, during: 2020-01-01/2020-02-01}
  - {id: clear, party: red, sentence: No overflight., keeps: {out_of: [way, field], above: FL50, below: FL90}}
  - {id: far, between: all, keeps: {apart: {horizontal: 5 NM, vertical: 1000 ft}}}
  - {id: more, party: red, pledges: {hours: rises, by: 12.5 %, after: 2020-01-01T12:00Z}}
permissions:
  - id: note
    party: all
    excuses: [stay, far]
    icao24: [ae0001, ae0004-ae0007]
    class: rotary
    within: field
    above: FL30
"""
    )

    told = [f"{heading}: {words}" for heading, words in explain.sentences(Agreement.parse(text))]

    assert told[4:-1] == [
        "Places: way: a corridor 10 NM wide along 110.9 km, flat ends, joined by shortest ways, between GND and FL95.",
        "Places: field: an area of 6 vertices and 1 hole, on Monday 22:00-06:00 (of the next day) UTC.",
        "Rules: stay: blue (rotary or UAS only) keeps inside way, by at least 1 km, from 2020-01-01 to "
        "2020-02-01.",
        "Rules: clear: red keeps out of way or field, between FL50 and FL90. Whoever misses one by less "
        "than 1 km and 500 ft is told, as kept. In the parties' words: No overflight.",
        "Rules: far: Everyone keeps 5 NM or 1000 ft away from everyone else: less than both at once breaks it.",
        "Rules: more: red pledges that flight hours a day rise by at least 12.5 % from 2020-01-01 12:00 UTC on.",
        "Permissions: note: anyone (address ae0001 or ae0004-ae0007, rotary) is excused from stay and far inside "
        "field, above FL30.",
    ]
    assert told[-1].startswith("Levels: ")


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("mon-sun 08:00-16:00", "every day 08:00-16:00 UTC"),
        ("mon-sun 22:00-06:00", "every day 22:00-06:00 (of the next day) UTC"),
        ("[mon-fri 08:00-12:00, mon-fri 13:00-17:00]", "Monday to Friday 08:00-12:00 and 13:00-17:00 UTC"),
        ("fri-mon 00:00-24:00", "Friday to Monday 00:00-24:00 UTC"),
        ("[tue 08:00-09:00, thu 08:00-09:00]", "on Tuesday and Thursday 08:00-09:00 UTC"),
        (
            "[mon-sat 08:00-12:00, wed 14:00-15:00]",
            "Monday to Saturday 08:00-12:00 UTC and on Wednesday 14:00-15:00 UTC",
        ),
        ("[mon 20:00-24:00, tue 00:00-22:00]", "on Monday 20:00-24:00 UTC and on Tuesday 00:00-22:00 UTC"),
    ],
)
def test_weekly_hours_are_told_together(hours: str, words: str) -> None:
    """Days of the same hours are one clause, and a night is one span."""
    agreement = Agreement.parse(place(f"{{point: [40, 34], radius: 5 km, hours: {hours}}}"))

    assert ("Places", f"here: a circle of 5 km around 40.0000, 34.0000, {words}.") in explain.sentences(
        agreement
    )


def test_how_near_a_miss_is_told_and_how_long_stretches_are_is_explained() -> None:
    """What a rule says of what is told, not only of what is kept."""
    near = "party: red\n    keeps: {{out_of: river, near: {}}}"
    text = {
        each: dict(
            explain.sentences(Agreement.parse(rule(near.format(each), TOWN.replace("town", "river"))))
        )["Rules"]
        for each in ("none", "{horizontal: 2 km, vertical: 300 ft}")
    }
    side = Agreement.parse(rule("party: red\n    keeps: {side: west, of: river, stretches: 5 km}"))

    assert text["none"].endswith("keeps out of river. How far it was missed is not told.")
    assert text["{horizontal: 2 km, vertical: 300 ft}"].endswith(
        "by less than 2 km and 300 ft is told, as kept."
    )
    assert dict(explain.sentences(side))["Rules"].endswith(
        "Counts along river are told per stretch of at most 5 km."
    )


def test_the_drawing_is_xml_with_each_place_s_name() -> None:
    """Well formed, with a label for each place, whatever the agreement is called."""
    text = DESIGN.replace("Euphrates deconfliction", "<Line> & \\x07 more") + ""
    text = text.replace("rules:", "  'way': {corridor: [[179.5, 34], [-179.5, 34]], width: 10 NM}\nrules:", 1)

    root = ElementTree.fromstring(draw.svg(Agreement.parse(text)))

    labels = {each.text for each in root.iter("{http://www.w3.org/2000/svg}text")}
    titles = {each.text for each in root.iter("{http://www.w3.org/2000/svg}title")}
    assert {"euphrates", "al-mayadin-hospital", "way"} <= labels & titles
    assert any(label is not None and label.startswith("<Line> & ") for label in labels)
    assert not re.search("nan|inf", draw.svg(Agreement.parse(text)))


def test_the_drawing_tells_degrees_levels_and_who_keeps_which_side() -> None:
    """A graticule with labels, levels below names, and parties on the sides that their rules keep."""
    picture = ElementTree.fromstring(draw.svg(Agreement.parse(DESIGN)))
    texts = {
        each.text: tuple(float(each.attrib[name]) for name in "xy")
        for each in picture.iter("{http://www.w3.org/2000/svg}text")
    }

    assert {"40.5° E", "40.6° E", "34.7° N", "35.0° N", "below 10000 ft"} <= set(texts)
    assert texts["40.5° E"][0] < texts["40.6° E"][0]
    assert texts["35.0° N"][1] < texts["34.7° N"][1]
    assert texts["russia"][0] < texts["coalition"][0]  # west of the line, and east of it
    assert texts["below 10000 ft"][1] > texts["al-mayadin-hospital"][1]


@pytest.mark.parametrize(
    ("point", "degrees"), [("[179.99, -0.01]", {"180.00° W", "0.00° N"}), ("[0.001, 89.9]", {"89.90° N"})]
)
def test_degrees_are_told_across_the_antimeridian_and_near_a_pole(point: str, degrees: set[str]) -> None:
    """Each by its hemisphere, and none beyond the pole."""
    picture = draw.svg(Agreement.parse(place(f"{{point: {point}, radius: 5 km}}")))

    assert degrees <= set(re.findall(r"[0-9.]+° [NSEW]", picture))
    assert max(float(each) for each in re.findall(r"([0-9.]+)° [NS]", picture)) <= 90.0


def test_nothing_is_drawn_without_places(tmp_path: Path) -> None:
    """It is told, and no file is left."""
    with pytest.raises(UsageError, match="there are no places to draw"):
        draw.write(Agreement.parse(HEAD + APART), tmp_path / "map.svg")
    assert list(tmp_path.iterdir()) == []


# Command line -------------------------------------------------------------------------------------


def test_check_prints_every_fault_and_ends_with_1(tmp_path: Path) -> None:
    """One line each, then how many; a good file gives 0 and its hash."""
    bad, good = tmp_path / "bad.yaml", tmp_path / "good.yaml"
    bad.write_text(BROKEN["five"][0], encoding="utf-8")
    good.write_text(DESIGN, encoding="utf-8")

    told = CliRunner().invoke(app, ["agreement", "check", str(bad)])
    as_json = CliRunner().invoke(app, ["agreement", "check", str(bad), "--json"])
    fine = CliRunner().invoke(app, ["agreement", "check", str(good)])

    assert told.exit_code == 1
    assert "5 faults" in told.output
    assert as_json.exit_code == 1
    assert as_json.output.count('"remedy"') == 5
    assert fine.exit_code == 0
    assert "2 parties, 2 places, 5 rules, 1 permission" in " ".join(fine.output.split())
    assert Agreement.load(good).digest in fine.output


def test_explain_and_schema_print(tmp_path: Path) -> None:
    """Sentences, a drawing beside them, and the schema as JSON."""
    good = tmp_path / "good.yaml"
    good.write_text(DESIGN, encoding="utf-8")

    told = CliRunner().invoke(app, ["agreement", "explain", str(good), "--map", str(tmp_path / "map.svg")])
    wrong = CliRunner().invoke(app, ["agreement", "explain", str(good), "--map", str(tmp_path / "map.png")])
    schema = CliRunner().invoke(app, ["agreement", "schema"])

    assert told.exit_code == 0
    assert "drawdown: russia pledges" in told.output
    assert (tmp_path / "map.svg").read_text(encoding="utf-8").startswith("<svg")
    assert isinstance(wrong.exception, UsageError)
    assert '"$schema"' in schema.output


def test_explain_tells_seconds_hours_within_spans_and_what_levels_rest_on() -> None:
    """A span of seconds is not told as one of no length; weekly hours hold within the spans."""
    text = f"""{HEAD}notes: Agreed in a hurry.
atmosphere: {{qnh: 29.92 inHg}}
places:
  town: {{point: [40, 34], radius: 5 km, ground: 350 m, ceiling: 500 ft AGL}}
rules:
  - id: out
    party: all
    keeps: {{out_of: town}}
    during: 2026-03-01T08:00:30Z/2026-03-02T08:00:50Z
    hours: mon-tue 08:00-17:00
parties: {{one: {{aircraft: [{{state: RU}}]}}}}
permissions: [{{id: p, party: one, excuses: out, sentence: By telephone.}}]
"""
    told = [sentence for _, sentence in explain.sentences(Agreement.parse(text))]

    assert "Agreed in a hurry." in told
    assert "The QNH is 1013.21 hPa." in told
    assert "The ground of town is 350 m above mean sea level." in told
    assert (
        "out: Everyone keeps out of town, from 2026-03-01 08:00:30 UTC to 2026-03-02 08:00:50 UTC, then only on Monday "
        "and Tuesday 08:00-17:00 UTC. Whoever misses it by less than 1 km and 500 ft is told, as kept."
    ) in told
    assert "p: one is excused from out. In the parties' words: By telephone." in told


def test_opposite_points_have_no_shortest_way() -> None:
    """Joined by the shortest way they would have been joined straight in lon/lat, without a word."""
    text = place("area: [[0, 0], [179.9, 0], [90, 60]]") + "    edges: geodesic\n"

    with pytest.raises(AgreementError, match="nearly opposite points of the Earth"):
        Agreement.parse(text)
