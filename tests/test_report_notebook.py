"""In a notebook tables and agreements show themselves: a small table, and a map that asks nobody for anything."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser

import polars as pl
import pytest
from tests.report_reader import Read
from tests.test_report_content import AGREEMENT, flown

import wideberth as wb
from wideberth.agreement.load import Agreement

HOSTILE = "</script></iframe><img src=x onerror=alert(1)>"


class Frames(HTMLParser):
    """Collects the frames of a text, and every element in it."""

    def __init__(self, text):
        super().__init__()
        self.frames = []
        self.elements = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        if tag == "iframe":
            self.frames.append(dict(attrs))


@pytest.fixture(scope="module")
def shown():
    """Return each thing as a notebook shows it."""
    ways = [flown("b00001", 49.8, 50.2, callsign=HOSTILE), flown("a00001", 50.2, 49.8)]
    tracks, terms = wb.read(pl.concat(ways)), Agreement.parse(AGREEMENT)
    things = {
        "tracks": tracks,
        "agreement": terms,
        "incidents": wb.judge(tracks, terms),
        "encounters": wb.screen(tracks),
        "none": wb.judge(tracks, terms).trusted([]).findings(),
    }
    return {name: thing._repr_html_() for name, thing in things.items()}


@pytest.mark.parametrize("name", ["tracks", "agreement", "incidents", "encounters", "none"])
def test_a_table_and_a_map_in_a_frame_of_its_own(shown, name):
    """One frame, that may run scripts and no more, with a page whose policy forbids every request."""
    found = Frames(shown[name])
    assert "table" in found.elements
    (frame,) = found.frames
    assert frame["sandbox"] == "allow-scripts"
    assert frame["title"].startswith("Map of the")
    assert "default-src 'none'" in frame["srcdoc"].replace("&#x27;", "'")
    assert Read.of_page(frame["srcdoc"])["embedded"] is True
    assert not {"script", "img"} & set(found.elements)


def test_what_the_map_shows(shown):
    """Ways of tracks, places of an agreement, findings with the places that they are about."""
    told = {name: Read.of_page(Frames(text).frames[0]["srcdoc"]) for name, text in shown.items()}
    assert told["tracks"]["tracks"]["n"] == 2
    assert [each["name"] for each in told["agreement"]["places"]] == ["line", "spot"]
    assert [each["name"] for each in told["incidents"]["places"]] == ["line", "spot"]
    assert told["incidents"]["findings"]["n"] > 2
    assert told["encounters"]["findings"]["n"] == 1
    assert told["encounters"]["places"] == []


def test_the_maps_are_drawn_in_a_browser(shown, tmp_path):
    """Each frame paints its map once it is looked at; no request, no complaint."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (in the group dev)")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    file = tmp_path / "notebook.html"
    file.write_text(
        f"<!doctype html><html><body>{'<hr>'.join(shown.values())}</body></html>", encoding="utf-8"
    )
    requests, complaints = [], []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 700})
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(file.as_uri())
        for element in page.query_selector_all("iframe"):
            element.scroll_into_view_if_needed()
            frame = element.content_frame()
            frame.wait_for_function(
                "() => [...document.querySelectorAll('.ol-layer canvas')].some((each) => each.width > 100)",
                timeout=60_000,
            )
        browser.close()
    assert complaints == []
    assert [url for url in requests if not re.match(r"file:|about:srcdoc|data:|blob:", url)] == []
