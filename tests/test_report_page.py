"""The report's page in a browser: opened from a file, everything in it tried, nothing asked of a network."""

from __future__ import annotations

import base64
import csv
import html
import http.server
import io
import re
import shutil
import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import report_sample as sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (in the group dev)")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("needs Chromium: apt-get install chromium", allow_module_level=True)

DESK, PHONE = {"width": 1500, "height": 900}, {"width": 390, "height": 844}
PATIENCE_MS = 60_000  # a busy machine; no test measures time
AS_COMPUTED_M = 0.5  # what the page may differ by from an exact distance
MARCH_S = 0.002  # at 500 m/s an instant this far off is 1 m along the way, and far less at the closest point
MANY = 100_000
HALF_A_SECOND_MS = 500  # from there on rounding would tell another second
EAST, APART = 1, 2  # rules of the sample, as it codes them
RED_TILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)  # one pixel


class Opened:
    """A page, and what it did besides showing itself."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))

    def open(self, file: Path, address: str = "") -> Any:
        self.page.goto(f"file://{file}{address}")
        self.page.wait_for_selector("#wideberth-page[aria-busy=false]")
        self.page.wait_for_function(PAINTED)
        return self.page


# Whether the map has drawn something: its layers begin as empty canvases.
PAINTED = "() => [...document.querySelectorAll('.work .ol-layer canvas')].some((each) => each.width > 100)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        # Chromium's sandbox cannot be had by root, as which containers run.
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    documents = {
        "euphrates": sample.euphrates(),
        "hostile": sample.euphrates(n=60, is_hostile=True),
        "empty": sample.empty(),
        "unknowns": sample.unknowns(),
    }
    return {
        name: sample.write_page(packed, name, folder / f"{name}.html") for name, packed in documents.items()
    }


@pytest.fixture
def opened(browser: Any) -> Iterator[Opened]:
    """A desk's window; whatever a test does, nothing may be asked for, and nothing may complain."""
    context = browser.new_context(
        viewport=DESK, color_scheme="light", reduced_motion="reduce", accept_downloads=True
    )
    watched = Opened(context.new_page())
    yield watched
    context.close()
    assert watched.complaints == []
    assert [url for url in watched.requests if not re.match(r"file://.*\.html|blob:|data:", url)] == []


@pytest.fixture
def page(opened: Opened, files: dict[str, Path]) -> Any:
    return opened.open(files["euphrates"])


def count(page: Any) -> int:
    return int(page.locator(".count").inner_text().split()[0].replace(",", ""))


def address(page: Any) -> str:
    return str(page.evaluate("location.hash"))


def ids(page: Any) -> list[str]:
    return [sample.identity(int(row)) for row in rows(page)]


def rows(page: Any) -> list[str]:
    return list(page.eval_on_selector_all(".row", "all => all.map((each) => each.dataset.row)"))


def map_picture(page: Any) -> bytes:
    page.wait_for_timeout(300)  # a frame or two: the map draws when it is asked to
    return bytes(page.locator(".work .map").screenshot())


def test_the_answer_comes_first_and_the_table_counts_all(page: Any) -> None:
    """The first thing after the title is the answer; the findings are listed, the others told."""
    headings = page.eval_on_selector_all("h1, h2", "all => all.map((each) => each.textContent)")

    assert headings[1] == "The answer"
    assert (
        page.locator(".headline")
        .inner_text()
        .startswith("Between 1 and 30 November 2017 the line was crossed")
    )
    assert count(page) == len(sample.rows())
    said = page.locator(".count").inner_text()
    assert f"of 240 findings; {len(sample.rows(in_buffer=True))} kept or inside a buffer" in said
    assert "are counted, not listed" in page.locator(".count").inner_text()


def test_headings_are_in_order(page: Any) -> None:
    """No level of headings is left out, with a finding open."""
    page.locator(".row").first.click()
    levels = page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map((each) => Number(each.tagName[1]))")

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_chip_filters_table_charts_and_address(page: Any) -> None:
    """One filter: a rule's chip narrows the table and the charts, is in the address, and is undone by one button."""
    page.locator("[data-rule=east]").click()

    assert count(page) == len(sample.rows(rule=EAST))
    assert set(page.locator(".row .rule").all_inner_texts()) == {"east"}
    assert page.locator(".is-wide .panel").count() == 1
    assert address(page) == "#rule=east"
    page.get_by_role("button", name="Clear the filter").click()
    assert count(page) == len(sample.rows())
    assert page.locator(".is-wide .panel").count() == 3


def test_chips_of_one_group_add_and_of_two_groups_narrow(page: Any) -> None:
    """Two rules show both; a verdict beside them shows what has one of them and that verdict."""
    page.locator("[data-rule=east]").click()
    page.locator("[data-rule=apart]").click()
    both = count(page)
    page.locator("[data-verdict=broken]").click()

    assert both == len(sample.rows(rule=EAST)) + len(sample.rows(rule=APART))
    assert 0 < count(page) < both
    assert page.locator("[data-verdict=broken]").get_attribute("aria-pressed") == "true"


def test_what_is_no_finding_is_shown_by_its_chip(page: Any) -> None:
    """What is only inside the buffer is off until its chip is pressed, and is then what is listed."""
    page.locator("[data-verdict=inside_buffer]").click()

    assert count(page) == len(sample.rows(in_buffer=True))
    assert {row.split()[0] for row in page.locator(".row .verdict").all_inner_texts()} == {"inside"}
    assert "kept or inside" not in page.locator(".count").inner_text()
    heading = page.locator(".is-wide .panel h4").first.inner_text()
    assert re.search(r"0 findings, \d+ inside buffer", heading)


def test_the_reports_around_the_closest_point_are_marked_and_in_view(page: Any) -> None:
    """The table of reports opens at the instant that matters: of each aircraft the report before it and after it."""
    page.locator(".row").first.click()
    page.wait_for_function("() => document.querySelector('.reports .scroll').scrollTop > 0")
    marked = page.locator(".reports .is-around")
    box = page.locator(".reports .scroll").bounding_box()

    assert marked.count() == 4
    for i in range(4):
        row = marked.nth(i).bounding_box()
        assert box["y"] <= row["y"] <= box["y"] + box["height"] - row["height"]


def test_days_and_search_filter(page: Any) -> None:
    """Days and a part of a callsign each narrow what is shown; a day that cannot be meant is said, no more."""
    page.locator("[data-day=lastDay]").fill("2017-11-10")
    page.locator("[data-day=lastDay]").press("Tab")
    first_third = count(page)
    for unmeant in ("soon", "2017-02-30", "2031-01-01"):
        page.locator("[data-day=lastDay]").fill(unmeant)
        page.locator("[data-day=lastDay]").press("Tab")
        assert unmeant in page.locator(".messages").inner_text()
        assert page.locator("[data-day=lastDay]").input_value() == "2017-11-10"
        page.get_by_role("button", name="Dismiss").click()
    unchanged = count(page)
    page.locator(".search").fill("talon0")

    assert 40 < first_third < 120
    assert unchanged == first_third
    assert 0 < count(page) < first_third
    assert "TALON0" in page.locator(".row .who").first.inner_text()
    assert "until=2017-11-10" in address(page)


def test_times_are_cut_to_the_second(page: Any) -> None:
    """A time is cut as in sentences, not rounded: 10:53:18.85 is 10:53:18."""
    listed = page.locator(".row .when .lower").all_inner_texts()[:20]
    exact_ms = [sample.instant_ms(int(row)) for row in rows(page)[:20]]

    assert listed == [f"{np.datetime64(int(t // 1000), 's')}Z"[11:] for t in exact_ms]
    assert any(t % 1000 > HALF_A_SECOND_MS for t in exact_ms)


def test_the_line_below_the_replay_keeps_its_height(page: Any) -> None:
    """Where one aircraft is not heard the line is short, and nothing below it moves."""
    page.locator(".row").first.click()
    slider, line = page.locator(".time-slider"), page.locator(".replay-now")
    heights, texts = set(), set()
    for key in ("End", "Home"):
        slider.press(key)
        heights.add(line.bounding_box()["height"])
        texts.add("horizontally" in line.inner_text())
    page.get_by_role("button", name="To the closest point").click()
    heights.add(line.bounding_box()["height"])
    texts.add("horizontally" in line.inner_text())

    assert texts == {True, False}
    assert len(heights) == 1


def test_all_gaps_can_be_listed(page: Any) -> None:
    """Of many gaps the longest are told, with the hours of all; all of them are in a list that opens."""
    caption = page.locator(".coverage figcaption").inner_text()
    page.locator(".all-gaps summary").click()

    assert "Samples heard in each hour; at most" in caption
    assert "10 gaps in which nothing was heard, 17 hours in all" in caption
    assert "and 4 shorter ones" in caption
    assert page.locator(".all-gaps li").count() == 10
    assert page.locator(".all-gaps li").first.is_visible()


def test_a_rule_can_be_read_whole(opened: Opened, files: dict[str, Path]) -> None:
    """A sentence longer than two lines is folded, and opens; a shorter one has nothing to open."""
    page = opened.open(files["hostile"])
    page.set_viewport_size({"width": 1040, "height": 900})
    sentence = page.locator(".rules .sentence").first
    folded = sentence.bounding_box()["height"]
    page.locator(".rules .unfold").first.click()

    assert sentence.bounding_box()["height"] > folded
    assert page.locator(".rules .unfold").nth(1).is_hidden()


def test_columns_sort_both_ways_with_the_unknown_last(page: Any) -> None:
    """A column's name sorts up, then down; rows without a vertical distance come last either way."""
    header = page.get_by_role("columnheader", name="Vertical")
    texts = []
    for direction in ("ascending", "descending"):
        header.get_by_role("button").click()
        assert header.get_attribute("aria-sort") == direction
        shown = page.locator(".row .vertical").all_inner_texts()
        texts.append([int(text.replace(",", "").split()[0]) for text in shown if text != "–"])
        page.locator(".grid").press("End")
        assert page.locator(".row .vertical").last.inner_text() == "–"

    assert texts[0] == sorted(texts[0])
    assert texts[1] == sorted(texts[1], reverse=True)
    assert len(texts[0]) > 5


def test_keys_walk_the_table_open_a_finding_and_come_back(page: Any) -> None:
    """Arrows move the active row, Enter opens it, Escape closes it and puts the focus back into the table."""
    page.locator(".grid").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    assert page.locator(".grid").get_attribute("aria-activedescendant") == "row-1"
    page.keyboard.press("Enter")

    assert page.locator(".incident").is_visible()
    assert address(page) == f"#incident={sample.identity(1)}"
    page.keyboard.press("Escape")
    assert page.locator(".incident").is_hidden()
    assert page.evaluate("document.activeElement.className") == "grid"


def test_the_table_holds_only_what_is_in_view(page: Any) -> None:
    """Of 240 rows a few dozen are elements; the last is there once it is scrolled to."""
    assert page.locator(".row").count() < 60
    page.locator(".grid").press("End")

    assert "239" in rows(page)


def test_csv_is_what_is_filtered_and_runs_nothing(opened: Opened, files: dict[str, Path]) -> None:
    """The file reads back as RFC 4180 with one row per finding shown; a text that a spreadsheet would run is quoted."""
    page = opened.open(files["hostile"])
    page.locator("[data-rule=apart]").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download CSV").click()
    text = caught.value.path().read_bytes().decode()
    table = list(csv.DictReader(io.StringIO(text, newline="")))

    assert caught.value.suggested_filename.endswith("-findings.csv")
    listed = sample.rows(n=60, rule=APART)
    assert len(table) == count(page) == len(listed)
    assert [row["rank"] for row in table] == [str(row + 1) for row in listed]
    assert {row["rule"] for row in table} == {"apart"}
    assert table[0]["callsign_a"] == sample.HOSTILE
    assert table[0]["callsign_b"] == "'=HYPERLINK(1)"
    assert table[0]["sentence"] == sample.HOSTILE_RULE
    assert re.fullmatch(r"2017-11-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", table[0]["t_utc"])
    assert text.count("\r\n") == len(table) + 1


def test_the_map_tells_and_opens_what_is_under_the_pointer(page: Any) -> None:
    """Where the map shows a finding in its middle, hovering tells of that one and a click opens it."""
    page.locator(".grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    box = page.locator(".work .map-canvas").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(300)
    page.mouse.move(*middle)
    page.wait_for_selector(".map-tip strong")
    told = page.locator(".map-tip").inner_text()
    page.mouse.click(*middle)

    assert "RFF7000 (150000)" in told
    assert page.locator(".incident").is_visible()
    assert address(page) == f"#incident={sample.identity(0)}"


@pytest.mark.parametrize("layer", ["findings", "tracks", "places", "names", "ground", "heat"])
def test_each_layer_can_be_switched(page: Any, layer: str) -> None:
    """Switching a layer changes the picture, and switching it back gives the picture back."""
    page.locator(".map-switches summary").click()
    box = page.locator(f"[data-layer={layer}]")
    before = map_picture(page)
    box.click()
    without = map_picture(page)
    box.click()

    assert without != before
    assert box.is_checked()


def test_the_map_zooms_pans_and_comes_back(page: Any) -> None:
    """The buttons, a drag and the keys each change the picture."""
    pictures = [map_picture(page)]
    page.locator(".work .ol-zoom-in").click()
    pictures.append(map_picture(page))
    box = page.locator(".work .map-canvas").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 250, steps=4)
    page.mouse.up()
    pictures.append(map_picture(page))
    page.locator(".work .map-canvas").press("ArrowLeft")
    pictures.append(map_picture(page))

    assert len(set(pictures)) == len(pictures)


def test_a_link_opens_its_finding(opened: Opened, files: dict[str, Path]) -> None:
    """#incident=… opens that finding, with what is known of it; a link in the same tab goes on to another."""
    page = opened.open(files["euphrates"], f"#incident={sample.identity(3)}")
    first = page.locator(".incident h2").inner_text()
    page.evaluate("(id) => { location.hash = `incident=${id}`; }", sample.identity(4))
    page.wait_for_function("(text) => document.querySelector('.incident h2').textContent !== text", arg=first)

    assert first.startswith("Recorded ")
    assert page.locator(".incident-bar code").inner_text() == sample.identity(4)


def test_an_id_that_is_not_there_is_said(opened: Opened, files: dict[str, Path]) -> None:
    """A link to a finding of another file says so, until that is dismissed, and shows the rest."""
    page = opened.open(files["euphrates"], "#incident=0123456789abcdef")

    assert (
        "No finding with the id 0123456789abcdef is in this file." in page.locator(".messages").inner_text()
    )
    assert count(page) == len(sample.rows())
    page.get_by_role("button", name="Dismiss").click()
    assert page.locator(".messages").inner_text() == ""


def test_the_link_to_this_view_names_filter_and_finding(page: Any, files: dict[str, Path]) -> None:
    """The link opens the same finding under the same filter, units and theme; it tells no folder of this machine."""
    page.locator("[data-trust=credible]").click()
    page.locator(".row").first.click()
    page.locator(".units").click()
    page.locator(".theme").click()
    page.locator(".share").click()
    link = page.locator(".share-box input").input_value()
    shown, opened_id = count(page), page.locator(".incident-bar code").inner_text()
    page.keyboard.press("Escape")
    again = page.context.new_page()
    again.goto(f"file://{files['euphrates'].parent}/{link}")
    again.wait_for_selector("#wideberth-page[aria-busy=false]")

    assert link.startswith("euphrates.html#")
    assert page.locator(".share-box").is_hidden()
    assert (count(again), again.locator(".incident-bar code").inner_text()) == (shown, opened_id)
    assert again.locator(".units").inner_text() == "Units: m, km, km/h"
    assert again.evaluate("document.documentElement.dataset.theme") == "dark"


def test_previous_and_next_walk_what_is_filtered(page: Any) -> None:
    """From one finding to the next in the order and under the filter of the table."""
    page.locator("[data-rule=east]").click()
    page.locator(".row").nth(1).click()
    page.locator("[data-step='1']").click()
    third = page.locator(".incident-bar code").inner_text()
    page.locator("[data-step='-1']").click()
    page.locator("[data-step='-1']").click()

    assert third == ids(page)[2]
    assert page.locator(".incident-bar code").inner_text() == ids(page)[0]
    assert page.locator("[data-step='-1']").is_disabled()


def test_the_replay_plays_stops_turns_back_and_jumps(page: Any) -> None:
    """Play moves the clock, Pause holds it, the slider sets it, and the jump goes to the closest point."""
    page.locator(".row").first.click()
    slider, now = page.locator(".time-slider"), page.locator(".replay-now")
    start = slider.input_value()
    page.get_by_label("Speed of the replay").select_option("60")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("(start) => document.querySelector('.time-slider').value !== start", arg=start)
    page.get_by_role("button", name="Pause").click()
    held = slider.input_value()
    page.wait_for_timeout(200)
    assert slider.input_value() == held
    slider.press("Home")
    at_begin = now.inner_text()
    slider.press("ArrowRight")
    assert now.inner_text() != at_begin
    page.get_by_role("button", name="To the closest point").click()

    assert slider.input_value() == start
    assert "horizontally" in now.inner_text()


def test_the_replay_ends_and_begins_again(page: Any) -> None:
    """At the end it stops by itself; Play begins anew."""
    page.locator(".row").first.click()
    page.locator(".time-slider").press("End")
    page.get_by_label("Speed of the replay").select_option("300")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('.play').textContent === 'Play'")

    assert page.locator(".time-slider").input_value() == page.locator(".time-slider").get_attribute("max")


def test_a_click_in_a_plot_sets_the_time_of_the_replay(page: Any) -> None:
    """The plots and the replay share one clock."""
    page.locator(".row").first.click()
    before = page.locator(".time-slider").input_value()
    page.locator(".u-over").first.click(position={"x": 60, "y": 60})

    assert page.locator(".time-slider").input_value() != before
    assert page.locator(".plot").count() == 4


@pytest.mark.parametrize("row", [0, 3, 9])
def test_the_closest_distance_is_that_of_the_reports(
    opened: Opened, files: dict[str, Path], row: int
) -> None:
    """What the page computes from the reports is what a fine march over the same straight motions finds."""
    page = opened.open(files["euphrates"], f"#incident={sample.identity(row)}")
    one, other = sample.flights(row)
    t_s = np.arange(-30.0, 30.0, MARCH_S)
    apart_m = np.linalg.norm(_march(one, t_s) - _march(other, t_s), axis=1)

    told_m = float(page.locator(".incident").get_attribute("data-hmd-m"))
    assert told_m == pytest.approx(np.nanmin(apart_m), abs=AS_COMPUTED_M)
    assert told_m < 6_000


def _march(flight: dict[str, Any], t_s: np.ndarray) -> np.ndarray:
    """Return Earth-centred points at some seconds, NaN across legs; WGS-84, written out once more."""
    flight = {
        name: flight[name][flight["leg"] != sample.NO_LEG] for name in ("lat", "lon", "offset_s", "leg")
    }
    lat, lon = np.radians(flight["lat"]), np.radians(flight["lon"])
    radius_m = 6_378_137.0 / np.sqrt(1 - 0.00669437999014 * np.sin(lat) ** 2)
    points = np.column_stack(
        [
            radius_m * np.cos(lat) * np.cos(lon),
            radius_m * np.cos(lat) * np.sin(lon),
            radius_m * (1 - 0.00669437999014) * np.sin(lat),
        ]
    )
    marched = np.column_stack([np.interp(t_s, flight["offset_s"], column) for column in points.T])
    between = np.searchsorted(flight["offset_s"], t_s) - 1
    crosses = flight["leg"][between] != flight["leg"][np.minimum(between + 1, len(flight["leg"]) - 1)]
    marched[crosses] = np.nan
    return marched


def test_everything_about_a_finding_is_there(page: Any) -> None:
    """Words, statements, trust and its reason, and the raw reports with file and row."""
    page.locator(".row").first.click()
    text = page.locator(".incident").inner_text()

    for expected in (
        "Retained at its worst",
        "Probability",
        "Evidence",
        "Statements in the ledger",
        "explained",
        "95 %",
    ):
        assert expected in text
    assert page.locator(".reports tbody tr").count() == 122
    page.get_by_role("button", name="To the reports themselves").click()
    assert page.locator(".reports .scroll").evaluate("each => each === document.activeElement")
    cells = page.locator(".reports tbody tr").first.locator("td").all_inner_texts()
    assert cells[2] == f"{sample.flights(0)[0]['lat'][0]:.5f}"
    assert cells[-1] == "0"


def test_a_finding_about_a_side_shows_altitude_and_tells_its_depth(page: Any) -> None:
    """Of one aircraft there is no distance to draw: altitude and speed are, and the depth is told with its interval."""
    page.locator("[data-rule=west]").click()
    page.locator(".row").first.click()

    assert [text.split(",")[0] for text in page.locator(".plot h3").all_inner_texts()] == [
        "Altitude",
        "Groundspeed",
    ]
    assert re.search(r"How much\s+[\d.]+ (NM|m) 95 %: ", page.locator(".facts").inner_text())
    assert page.locator(".incident").get_attribute("data-hmd-m") is None


def test_a_finding_without_reports_says_how_to_get_them(page: Any) -> None:
    """Beyond the first findings the page holds no reports, and names the command that shows them."""
    page.locator(".grid").press("End")
    page.locator(".row").last.click()

    assert (
        f"wideberth explain {sample.identity(239)} FOLDER --tracks FILE"
        in page.locator(".incident").inner_text()
    )
    assert page.locator(".replay").count() == 0


def test_units_change_everywhere_they_are_shown(page: Any) -> None:
    """NM, ft and kt become km, m and km/h in table, facts, plots and replay, and back."""
    page.locator(".row").first.click()
    before = [
        page.locator(where).first.inner_text()
        for where in (".row .size", ".facts", ".plot h3", ".replay-now")
    ]
    page.locator(".units").click()
    after = [
        page.locator(where).first.inner_text()
        for where in (".row .size", ".facts", ".plot h3", ".replay-now")
    ]
    page.locator(".units").click()

    assert all("NM" in text for text in before)
    assert all("km" in text and "NM" not in text for text in (after[0], after[2], after[3]))
    assert page.locator(".facts").inner_text() == before[1]
    assert re.search(r"\d[\d,.]* to \d[\d.]* (NM|m)$", page.locator(".row .size .lower").first.inner_text())


def test_the_theme_follows_the_system_until_it_is_chosen(browser: Any, files: dict[str, Path]) -> None:
    """Dark where the system is dark; the button changes it, and it stays so."""
    context = browser.new_context(viewport=DESK, color_scheme="dark")
    watched = Opened(context.new_page())
    page = watched.open(files["euphrates"])
    theme = "document.documentElement.dataset.theme"
    system = page.evaluate(theme)
    dark_map = map_picture(page)
    page.locator(".theme").click()
    chosen = page.evaluate(theme)
    light_map = map_picture(page)
    context.close()

    assert (system, chosen) == ("dark", "light")
    assert dark_map != light_map
    assert watched.complaints == []


def test_hostile_texts_stay_text(opened: Opened, files: dict[str, Path]) -> None:
    """A callsign that ends the script, HTML in a rule, Arabic, emoji and 10,000 letters are shown, and do nothing."""
    page = opened.open(files["hostile"], f"#incident={sample.identity(0)}")
    text = page.locator("body").inner_text()

    assert sample.HOSTILE in page.locator(".facts").inner_text()
    assert sample.HOSTILE_RULE in page.locator(".rules").inner_text()
    assert sample.ARABIC in page.locator("h1").inner_text()
    assert f"weather {sample.HOSTILE}" in text
    assert page.locator("img, b, iframe, script[src]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= DESK["width"]
    page.locator("[data-step='1']").click()
    page.locator("[data-step='1']").click()
    assert sample.LONG_NAME in page.locator(".facts").text_content()
    assert page.evaluate("document.documentElement.scrollWidth") <= DESK["width"]


def test_nothing_found_is_shown_as_such(opened: Opened, files: dict[str, Path]) -> None:
    """Without findings, rules, tracks and dates the page still opens, and says that nothing was found."""
    page = opened.open(files["empty"])

    assert page.locator(".headline").inner_text() == "Nothing was found."
    assert page.locator(".table .nothing").inner_text() == "Nothing was found."
    assert count(page) == 0


def test_what_is_unknown_is_a_dash_and_no_number(opened: Opened, files: dict[str, Path]) -> None:
    """Encounters without time, place, party or size open, and show no NaN."""
    page = opened.open(files["unknowns"])
    for row in range(3):
        page.locator(f"[data-row='{row}']").click()
        text = page.locator("body").inner_text()
        assert not re.search(r"NaN|undefined|null|Invalid|Infinity", text)
        assert page.locator(".incident").is_visible()


@pytest.mark.parametrize("with_finding", [False, True])
def test_a_phone_shows_everything_in_one_column(
    browser: Any, files: dict[str, Path], with_finding: bool
) -> None:
    """At 390 pixels nothing makes the page wider than the screen, and every part can be scrolled to."""
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
    watched = Opened(context.new_page())
    page = watched.open(files["hostile"], f"#incident={sample.identity(0)}" if with_finding else "")
    for part in (".answer", ".filters", ".work .map", ".grid", ".charts", ".agreement", ".data"):
        page.locator(part).scroll_into_view_if_needed()
        assert page.locator(part).bounding_box()["width"] <= PHONE["width"]
    if with_finding:
        for part in (".replay .map", ".time-slider", ".facts", ".plot", ".reports"):
            page.locator(part).first.scroll_into_view_if_needed()
            assert page.locator(part).first.bounding_box()["width"] <= PHONE["width"]
    for cell in (".when", ".who", ".size", ".vertical", ".verdict"):
        box = page.locator(f".row {cell}").first.bounding_box()
        assert box["width"] > 0
        assert box["x"] + box["width"] <= PHONE["width"]
    page.locator(".row").first.tap()
    width = page.evaluate("document.documentElement.scrollWidth")
    context.close()

    assert width <= PHONE["width"]
    assert watched.complaints == []


def test_print_gives_a_light_page_with_the_first_findings(opened: Opened, files: dict[str, Path]) -> None:
    """On paper: light colours, 40 findings of all rules, 40 reports around the event; afterwards all is as before."""
    page = opened.open(files["euphrates"], f"#incident={sample.identity(0)}&theme=dark")
    page.emulate_media(media="print")
    page.wait_for_selector(".printed tbody tr")
    theme = page.evaluate("document.documentElement.dataset.theme")
    shown = [
        page.locator(part).first.is_visible() for part in (".work .map", ".plot", ".agreement", ".headline")
    ]
    hidden = [
        page.locator(part).first.is_hidden() for part in (".filters", ".table", ".head-tools", ".time-slider")
    ]
    n = page.locator(".printed tbody tr").count()
    rules = page.locator(".printed tbody .rule").all_inner_texts()
    told = page.locator(".printed").inner_text()
    printed = page.locator(".reports tbody tr:visible td:first-child").all_inner_texts()
    closest = page.locator(".reports .on-paper").inner_text()
    page.emulate_media(media="screen")
    page.wait_for_function("() => document.querySelector('.printed').childElementCount === 0")

    assert theme == "light"
    assert all(shown)
    assert all(hidden)
    assert n == 40
    assert sorted(rules.count(rule) for rule in ("west", "east", "apart")) == [13, 13, 14]
    assert "Of each rule in turn the first by rank" in told
    assert len(printed) == 40
    instant = re.search(r"nearest to (\S+);", closest)
    assert instant is not None
    assert printed[0] < instant[1] < printed[-1]
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_pdf_can_be_made(opened: Opened, files: dict[str, Path]) -> None:
    """Printing to a file gives a PDF of some pages, with the maps as pictures."""
    pdf = opened.open(files["euphrates"], f"#incident={sample.identity(0)}").pdf(
        format="A4", print_background=True
    )

    assert pdf.startswith(b"%PDF")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 20
    assert pdf.count(b"/Subtype /Image") >= 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("document", ["euphrates", "empty", "unknowns"])
def test_axe_finds_nothing_serious(browser: Any, files: dict[str, Path], scheme: str, document: str) -> None:
    """The accessibility checker axe-core has no serious or critical finding, with a finding open where there is one."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs axe-playwright-python (in the group dev)"
    )
    context = browser.new_context(viewport=DESK, color_scheme=scheme, reduced_motion="reduce")
    page = Opened(context.new_page()).open(files[document])
    if document == "euphrates":
        page.locator(".map-switches summary").click()
        page.locator("[data-trust=doubtful]").click()
        page.locator(".row").first.click()
        page.wait_for_selector(".incident .u-over, .incident .without-reports")
    violations = axe.Axe().run(page).response["violations"]
    context.close()

    serious = [
        (each["id"], [node["html"][:120] for node in each["nodes"][:3]])
        for each in violations
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_a_hundred_thousand_findings_open_scroll_pan_and_filter(opened: Opened, tmp_path: Path) -> None:
    """The page stays usable with 100,000 findings: the last can be scrolled to, the map moves, chips count all."""
    file = sample.write_page(sample.euphrates(n=MANY), "many", tmp_path / "many.html")
    page = opened.open(file)
    total = count(page)
    page.locator(".grid").press("End")
    last = rows(page)[-1]
    before = map_picture(page)
    page.locator(".work .map-canvas").press("ArrowLeft")
    panned = map_picture(page)
    page.get_by_role("columnheader", name="How much").get_by_role("button").click()
    page.locator("[data-rule=apart]").click()

    assert total == len(sample.rows(n=MANY))
    assert last == str(sample.rows(n=MANY)[-1])
    assert panned != before
    assert count(page) == len(sample.rows(n=MANY, rule=APART))


def test_without_javascript_the_answer_is_there(browser: Any, files: dict[str, Path]) -> None:
    """Where scripts may not run, what Python wrote for that case is shown."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{files['euphrates']}")
    text = page.locator("body").inner_text()
    context.close()

    assert "This page needs JavaScript." in text


def test_a_document_that_cannot_be_read_is_said(browser: Any, tmp_path: Path) -> None:
    """Data of another format, or none, gives a sentence and not an empty page."""
    file = sample.write_page(sample.Packer().pack({"format": 99}), "other", tmp_path / "other.html")
    page = browser.new_page()
    page.goto(f"file://{file}")
    page.wait_for_selector("[role=alert]")
    text = page.locator("[role=alert]").inner_text()
    page.close()

    assert "format 99" in text


@pytest.fixture
def tile_server() -> Iterator[tuple[str, list[str]]]:
    """A server of red tiles, and what it was asked for."""
    asked: list[str] = []

    class Tiles(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the server calls
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(RED_TILE)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tiles) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_tiles_come_from_their_one_host(
    browser: Any, tmp_path: Path, tile_server: tuple[str, list[str]]
) -> None:
    """A file made with tiles shows them above its base map, asks that host alone, and says so."""
    host, asked = tile_server
    packed = sample.euphrates(n=9, tiles=host + "/{z}/{x}/{y}.png")
    context = browser.new_context(viewport=DESK)
    watched = Opened(context.new_page())
    page = watched.open(sample.write_page(packed, "tiles", tmp_path / "tiles.html", tiles_host=host))
    page.wait_for_load_state("networkidle")
    with_tiles = map_picture(page)
    page.locator(".map-switches summary").click()
    page.locator("[data-layer=tiles]").click()
    page.locator(".map-switches summary").click()
    without = map_picture(page)
    footer = page.locator(".foot-of-page").inner_text()
    context.close()

    assert asked
    assert {url.split("/")[2] for url in watched.requests if not url.startswith("file:")} == {
        host.split("/")[2]
    }
    assert with_tiles != without
    assert f"asks {host.split('/')[2]} for map tiles" in footer
    assert watched.complaints == []


def test_encounters_are_told_by_context_and_by_the_hour(opened: Opened, files: dict[str, Path]) -> None:
    """What was screened was judged by nobody: no verdict, colours by context; a short recording is told by the hour."""
    page = opened.open(files["unknowns"])

    assert page.locator(".head .verdict").count() == 0
    assert page.locator(".head .trust").count() == 1
    assert "no known context" in page.locator(".legend").inner_text()
    assert page.locator(".is-wide h3").inner_text() == "Per hour"
    assert "broken" not in page.locator("body").inner_text()


def test_an_embedded_report_is_its_map(opened: Opened, tmp_path: Path) -> None:
    """In a notebook the map fills its frame, and nothing else is there; it works within a frame that has no address."""
    file = sample.write_page(sample.euphrates(n=30, is_embedded=True), "map", tmp_path / "map.html")
    frame = tmp_path / "notebook.html"
    frame.write_text(
        f'<iframe srcdoc="{html.escape(file.read_text("utf-8"))}" width="800" height="500"></iframe>', "utf-8"
    )
    opened.page.goto(f"file://{frame}")
    inside = opened.page.frame_locator("iframe")
    inside.locator(".map .ol-layer canvas").first.wait_for()
    box = inside.locator(".map").bounding_box()

    assert (box["width"], box["height"]) == (800, 500)
    assert inside.locator(".grid, .answer, header").count() == 0
    assert "broken" in inside.locator(".legend").inner_text()
