"""What can be meant, and hardly is, is said: by the agreement alone, or when tracks are judged by it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

import wideberth as wb
from tables_by_hand import flight, tracks
from wideberth.cli.app import app

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "wideberth: 1\nname: test\n"
ZURICH = "[8.55, 47.46]"
ZURICH_SWAPPED = "[47.46, 8.55]"


def with_places(**points: str) -> str:
    """Return an agreement that keeps everyone out of some circles; the first stands in line 4."""
    places = "".join(f"  {name}: {{point: {point}, radius: 5 km}}\n" for name, point in points.items())
    return (
        f"{HEAD}places:\n{places}rules: [{{id: out, party: all, keeps: {{out_of: [{', '.join(points)}]}}}}]\n"
    )


def over_zurich() -> wb.Tracks:
    """One flight past the airport."""
    return tracks(flight("4b0001", [(10.0 * k, 47.40 + 0.01 * k, 8.55, 3000.0) for k in range(20)]))


# Places whose positions are swapped ---------------------------------------------------------------


def test_a_place_that_lies_among_the_others_when_swapped_is_told_with_its_line() -> None:
    """It is a warning: a file may mean it."""
    terms = wb.Agreement.parse(
        with_places(bern="[7.45, 46.95]", zurich=ZURICH_SWAPPED, basel="[7.53, 47.59]"), file="f"
    )

    assert [str(each) for each in terms.warnings] == [
        "f:5: the place 'zurich' lies 5,545 km from 'basel', and with its positions swapped would lie 78 km from it. "
        "Longitude comes first, [lon, lat]: are the two swapped?"
    ]


def test_of_two_places_one_is_told() -> None:
    """Each is the other's mirror image: which is right nobody can know."""
    terms = wb.Agreement.parse(with_places(line="[40.45, 35.02]", hospital="[35.016, 40.453]"))

    assert len(terms.warnings) == 1


@pytest.mark.parametrize(
    "points",
    [
        {"zurich": ZURICH},
        {"zurich": ZURICH, "bern": "[7.45, 46.95]"},
        {"zurich": ZURICH, "mogadishu": "[45.30, 2.01]", "sydney": "[151.2, -33.9]"},
        {
            "adana": "[35.4, 37.0]",
            "nicosia": "[33.3, 35.1]",
            "damascus": "[36.5, 33.4]",
            "antalya": "[30.8, 36.9]",
        },
    ],
)
def test_places_far_apart_or_near_the_diagonal_are_fine(points: dict[str, str]) -> None:
    """A file of places all over the world gives no warning, nor does one where lon and lat are alike."""
    assert wb.Agreement.parse(with_places(**points)).warnings == ()


def test_check_says_it_and_still_finds_no_fault(tmp_path: Path) -> None:
    """In words and in JSON; the status is 0."""
    file = tmp_path / "a.yaml"
    file.write_text(with_places(bern="[7.45, 46.95]", zurich=ZURICH_SWAPPED), encoding="utf-8")

    told = CliRunner().invoke(app, ["agreement", "check", str(file)])
    as_json = CliRunner().invoke(app, ["agreement", "check", str(file), "--json"])

    assert told.exit_code == as_json.exit_code == 0
    assert "are the two swapped?" in " ".join(told.output.split())
    assert "No fault." in told.output
    assert json.loads(as_json.output)["warnings"][0]["line"] == 4


def test_a_place_that_no_track_comes_near_is_told_where_the_swapped_one_would_lie_amid_them() -> None:
    """One place alone shows nothing in the file; the tracks show it."""
    remarks = wb.judge(over_zurich(), wb.Agreement.parse(with_places(zurich=ZURICH_SWAPPED))).remarks

    assert [(each.about, each.names) for each in remarks] == [("swapped", ("zurich",))]
    assert "Nothing was heard within 200 km of the place 'zurich'" in str(remarks[0])


@pytest.mark.parametrize("point", [ZURICH, "[9.5, 47.0]", "[40.45, 35.02]", "[151.2, -33.9]"])
def test_a_place_near_the_tracks_or_far_either_way_is_fine(point: str) -> None:
    """Nothing is said of a place that no track comes near, unless swapping would mend it."""
    assert wb.judge(over_zurich(), wb.Agreement.parse(with_places(here=point))).remarks == ()


def test_the_command_says_what_was_noticed(tmp_path: Path) -> None:
    """In words, in JSON and in the summary."""
    (tmp_path / "a.yaml").write_text(with_places(zurich=ZURICH_SWAPPED), encoding="utf-8")
    over_zurich().write(tmp_path / "tracks.parquet")
    call = ["judge", str(tmp_path / "tracks.parquet"), "--agreement", str(tmp_path / "a.yaml")]

    told = CliRunner().invoke(app, [*call, "-o", str(tmp_path / "out")])
    as_json = CliRunner().invoke(app, [*call, "--json"])

    assert "amid the tracks. Longitude comes first" in " ".join(told.output.split())
    (remark,) = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["remarks"]
    assert remark == json.loads(as_json.output)["remarks"][0]
    assert remark["names"] == ["zurich"]


# Aircraft that two parties claim ------------------------------------------------------------------


def test_aircraft_that_two_parties_claim_are_told_with_both_names_and_an_example() -> None:
    """Two patterns may mean the same callsign without the file showing it."""
    terms = wb.Agreement.parse(
        f"""{HEAD}
parties: {{swiss: {{aircraft: [{{callsign: ^SWR}}]}}, night: {{aircraft: [{{callsign: "[0-9]N$"}}]}}}}
places: {{zurich: {{point: {ZURICH}, radius: 5 km}}}}
rules: [{{id: out, party: swiss, keeps: {{out_of: zurich}}}}]
"""
    )
    heard = [
        row
        for k, callsign in enumerate(("SWR12", "SWR7N", "SWR8N", "EZY9N"))
        for row in flight(f"4b000{k}", [(0.0, 47.4, 8.5, 3e3), (10.0, 47.41, 8.5, 3e3)], callsign=callsign)
    ]

    assert [tuple(each) for each in wb.judge(tracks(heard), terms).remarks] == [
        (
            "claimed_twice",
            ("swiss", "night"),
            "2 aircraft are claimed by swiss and by night (callsign SWR7N, address 4b0001): what they break of the "
            "rules of either is unknown. Narrow what one of the parties claims.",
        )
    ]


# Permissions ---------------------------------------------------------------------------------------


def test_permissions_that_excused_nothing_are_named() -> None:
    """Also those of another callsign or time; not those that cover a part, as two may together."""
    permissions = "".join(
        f"  - {{id: {name}, party: all, excuses: [out], {limits}}}\n"
        for name, limits in {
            "2018/1": "during: 2018-08-01T00:00:00Z/2018-08-01T00:01:30Z",
            "2018/2": "during: 2018-08-01T00:01:00Z/2018-08-01T00:02:00Z",
            "2018/3": "callsign: SWR12",
            "2018/4": "during: 2018-08-02/2018-08-03",
        }.items()
    )
    terms = wb.Agreement.parse(f"{with_places(zurich=ZURICH)}permissions:\n{permissions}")
    found = wb.judge(over_zurich(), terms)

    assert set(found["permission"].to_pylist()) == {"2018/1 / 2018/2"}
    assert [tuple(each) for each in found.remarks] == [
        ("unused", ("2018/3", "2018/4"), "These permissions excused nothing: 2018/3, 2018/4.")
    ]
