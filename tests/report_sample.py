"""Documents as the report's page reads them, made up here, and the page around them.

Kept apart from `wideberth.report`, which packs the real ones: so the page is tested against the description of the
format, and with texts and sizes that no recording has.  Near 35° N 40.6° E, thirty days, two parties and a line.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

ASSETS = Path(__file__).parents[1] / "src/wideberth/report/assets"
TYPES = {"f64": "<f8", "f32": "<f4", "i32": "<i4", "u32": "<u4", "u16": "<u2", "u8": "u1"}
DAY_MS = 86_400_000
BEGIN_MS = 1_509_494_400_000  # 2017-11-01T00:00:00Z
LINE = [[40.450, 35.020], [40.560, 34.920], [40.830, 34.690], [40.901, 34.501]]
PARTIES = ["coalition", "russia"]
VERDICTS = ["broken", "excused", "unknown", "kept", "inside_buffer"]
TRUSTS = ["credible", "doubtful", "artefact"]
CONTEXTS = ["none", "circuit", "company", "level spacing"]
HOSTILE = "</script><img src=x onerror=alert(1)>"
HOSTILE_RULE = 'so-called "rule", ' + (
    "russia <b onmouseover=alert(2)>keeps</b> west & 'east' of the line <!-- <script>alert(3)</script>"
)
ARABIC = "دير الزور ✈️ 🛩"
INSIDE_BUFFER = VERDICTS.index("inside_buffer")
NO_LEG = 65_535  # of a report without altitude, which is no part of the motion
NEAR_CLOSEST = 30  # which report of the second aircraft that is
LONG_NAME = "N" * 10_000


class Packer:
    """A manifest's arrays, each at a multiple of 8 bytes."""

    def __init__(self) -> None:
        self.parts = b""

    def array(self, values: Any, kind: str, scale: float | None = None) -> dict[str, Any]:
        """Add an array; with a scale, as differences of its whole multiples."""
        numbers = np.asarray(values)
        told: dict[str, Any] = {"at": len(self.parts), "n": int(numbers.size), "type": kind}
        if scale is not None:
            numbers = np.diff(np.rint(numbers / scale).astype(np.int64), prepend=0)
            told |= {"delta": True, "scale": scale}
        content = numbers.astype(TYPES[kind]).tobytes()
        self.parts += content + bytes(-len(content) % 8)
        return told

    def coded(self, texts: list[str | None]) -> dict[str, Any]:
        """Add a column of texts as words and codes, 65535 where unknown."""
        words = list(dict.fromkeys(text for text in texts if text is not None))
        index = {word: code for code, word in enumerate(words)}
        codes = [65_535 if text is None else index[text] for text in texts]
        return {"words": words, "codes": self.array(codes, "u16" if len(words) < 65_535 else "u32")}

    def pack(self, manifest: dict[str, Any]) -> str:
        """Return the base64 of the gzip of everything."""
        head = json.dumps(manifest, allow_nan=False).encode()
        head = len(head).to_bytes(4, "little") + head
        whole = head + bytes(-len(head) % 8) + self.parts
        return base64.b64encode(gzip.compress(whole, 6, mtime=0)).decode()


def write_page(packed: str, title: str, path: Path, *, tiles_host: str = "") -> Path:
    """Write the page that opens a packed document, under the policy that forbids every request."""
    script, style = ((ASSETS / name).read_text("utf-8") for name in ("report.js", "report.css"))
    policy = (
        f"default-src 'none'; script-src '{_sha256(script)}'; style-src '{_sha256(style)}'; "
        f"img-src data: blob: {tiles_host}; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )
    filled = {
        "csp": policy,
        "title": html.escape(title),
        "style": style,
        "noscript": "This page needs JavaScript.",
        "basemap": base64.b64encode((ASSETS / "basemap.bin").read_bytes()).decode(),
        "data": packed,
        "script": script,
    }
    page = (ASSETS / "report.html").read_text("utf-8")
    pieces = page.split("{{")
    text = pieces[0] + "".join(
        filled[piece.split("}}", 1)[0]] + piece.split("}}", 1)[1] for piece in pieces[1:]
    )
    path.write_text(text, "utf-8")
    return path


def _sha256(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def euphrates(
    *,
    n: int = 240,
    n_details: int = 12,
    is_hostile: bool = False,
    tiles: str | None = None,
    is_embedded: bool = False,
    seed: int = 1,
) -> str:
    """Return thirty days of two parties and a line: n findings, tracks, replays of the first of them."""
    rng = np.random.default_rng(seed)
    pack = Packer()
    findings = _Findings(rng, n, is_hostile)
    rules = _rules(findings, is_hostile)
    manifest = {
        "format": 1,
        "kind": "incidents",
        "tiles": tiles,
        "embedded": is_embedded,
        "title": ARABIC + " " + HOSTILE
        if is_hostile
        else "Euphrates deconfliction line, November 2017 (made up)",
        "made": {"at": "2026-11-25T17:20:00Z", "by": "wideberth 0.1.0"},
        "recorded": [BEGIN_MS, BEGIN_MS + 30 * DAY_MS - 1],
        "answer": [
            "Between 1 and 30 November 2017 the line was crossed 182 times without permission, 6.1 a day (4.8 to 7.7).",
            "The closest pass was 0.59 NM and 500 ft, on 2 November at 09:12Z, of RFF7219 and HAWG37.",
            "The pledged drawdown was not seen: 0.92 of the flights before (0.65 to 1.29; pledged: below 0.50).",
        ],
        "agreement": {
            "name": "Euphrates deconfliction line, November 2017",
            "digest": hashlib.sha256(b"sample").hexdigest(),
            "sentences": [
                ["Parties", "coalition: aircraft with an address from ae0000 to afffff."],
                ["Parties", "russia: aircraft of the state RU."],
                ["west", rules[0]["sentence"]],
                ["apart", rules[2]["sentence"]],
                ["Permissions", "2017-11-20/4 excuses west: RFF7081, from 08:00Z to 09:00Z on 20 November."],
            ],
        },
        "rules": rules,
        "parties": PARTIES,
        "places": _places(is_hostile),
        "sides": [
            {"place": "euphrates", "rule": "west", "keeps": "right", "who": "russia"},
            {"place": "euphrates", "rule": "east", "keeps": "left", "who": "coalition"},
        ],
        "verdicts": VERDICTS,
        "trusts": TRUSTS,
        "contexts": CONTEXTS,
        "findings": findings.packed(pack),
        "rest": _rest(pack, rng, 400),
        "rates": _rates(),
        "days": _days(rng),
        "rule_days": [],
        "coverage": _coverage(pack, rng),
        "sources": [{"name": "november-2017.parquet", "rows": 710_573}],
        "cleaning": ["710,573 rows read, 710,570 kept; 3 set aside: no position."],
        "notices": [
            "1 aircraft is claimed by coalition and by russia: what it breaks of the rules of either is unknown."
        ],
        "left_out": ["400 cells stand for 1,204 further findings: counted in charts and heat, not listed."],
        "tracks": _tracks(pack, rng),
        "details": [findings.detail(pack, row) for row in range(min(n_details, n))],
    }
    return pack.pack(manifest)


def empty() -> str:
    """Return a document in which nothing was found and next to nothing is known."""
    return Packer().pack(
        {
            "format": 1, "kind": "incidents", "title": "Nothing", "recorded": None, "answer": ["Nothing was found."],
            "agreement": None, "rules": [], "parties": [], "places": [], "sides": [], "verdicts": VERDICTS,
            "trusts": TRUSTS, "contexts": CONTEXTS, "findings": {"n": 0}, "rest": None, "coverage": None,
            "tracks": None,
        }
    )  # fmt: skip


def unknowns() -> str:
    """Return three encounters of which hardly anything is known, beside the antimeridian and at a pole."""
    pack = Packer()
    nothing = np.full(3, np.nan)
    manifest = {
        "format": 1, "kind": "encounters", "title": "Unknown", "recorded": [BEGIN_MS, BEGIN_MS + DAY_MS],
        "answer": ["Three encounters."], "agreement": None, "parties": [], "places": [], "sides": [], "verdicts": [],
        "rules": [{"id": "minima", "kind": "apart", "sentence": "5 NM and 1,000 ft.", "parties": []}],
        "trusts": TRUSTS, "contexts": CONTEXTS,
        "findings": {
            "n": 3, "id": ["one", "two", "three"], "icao24_a": pack.coded(["abc123", None, "~00001"]),
            "icao24_b": pack.coded(["abc124", None, None]), "callsign_a": pack.coded([None, None, None]),
            "rule": pack.array([0, 0, 65_535], "u16"), "verdict": pack.array([255] * 3, "u8"),
            "trust": pack.array([0, 255, 2], "u8"), "context": pack.array([0, 255, 2], "u8"),
            "t": pack.array([BEGIN_MS, np.nan, BEGIN_MS + 5], "f64"), "t_in": pack.array(nothing, "f64"),
            "lon": pack.array([179.99, np.nan, 10.0], "f32"), "lat": pack.array([-17.0, np.nan, 89.9], "f32"),
            "magnitude": pack.array([120.0, np.nan, np.nan], "f32"), "magnitude_unit": pack.coded(["m", None, "m"]),
        },
        "tracks": {
            "n": 1, "icao24": ["abc123"], "callsign": [""], "party": pack.array([255], "u8"),
            "first_leg": pack.array([0, 1], "u32"), "first_point": pack.array([0, 4], "u32"),
            "lon": pack.array([179.0, 179.9, -179.9, -179.0], "i32", 1e-5),
            "lat": pack.array([-17.0, -17.1, -17.2, -17.3], "i32", 1e-5),
            "t": pack.array([0, 1e5, 2e5, 3e5], "i32", 100), "altitude_ft": pack.array([1e4] * 4, "i32", 25),
            "has_altitude": pack.array([1], "u8"), "tolerance_m": 50, "said": "One track.",
        },
    }  # fmt: skip
    return pack.pack(manifest)


def identity(row: int) -> str:
    """Return the id of a finding."""
    return hashlib.sha256(str(row).encode()).hexdigest()[:16]


def flights(row: int, *, seed: int = 1, n: int = 240) -> list[dict[str, Any]]:
    """Return the reports of a finding of `euphrates`: `offset_s` from its closest point, `lat`, `lon`, `leg`."""
    return _Findings(np.random.default_rng(seed), n, False).flights(row)


def instant_ms(row: int, *, n: int = 240, seed: int = 1) -> float:
    """Return when a finding of `euphrates` was at its worst, Unix milliseconds."""
    return float(_Findings(np.random.default_rng(seed), n, False).t[row])


def rows(*, n: int = 240, seed: int = 1, rule: int | None = None, in_buffer: bool = False) -> list[int]:
    """Return the rows of `euphrates`, of a rule or of all: the findings, or those that are only inside the buffer."""
    made = _Findings(np.random.default_rng(seed), n, False)
    is_wanted = (made.verdict == INSIDE_BUFFER) == in_buffer
    return [row for row in range(n) if is_wanted[row] and rule in (None, int(made.rule[row]))]


class _Findings:
    """Made-up findings, in the order of rank: the first third are pairs, the others are past the line."""

    def __init__(self, rng: np.random.Generator, n: int, is_hostile: bool) -> None:
        self.rng, self.n = rng, n
        self.rule = np.where(np.arange(n) % 3 == 0, 2, np.where(np.arange(n) % 9 == 1, 1, 0))
        self.is_pair = self.rule == 2
        self.t = BEGIN_MS + np.sort(rng.uniform(0, 30 * DAY_MS, n))[rng.permutation(n)]
        share = rng.uniform(0, 3, n)
        ends = np.array(LINE)
        first = share.astype(int)
        self.lon, self.lat = (ends[first] + (share - first)[:, None] * (ends[first + 1] - ends[first])).T
        self.depth_m = rng.gamma(1.6, 3500, n) + 500
        self.lon = self.lon + np.where(self.rule == 0, 1, -1) * self.depth_m / 91_000 * 0.8
        self.lat = self.lat + np.where(self.rule == 0, 1, -1) * self.depth_m / 111_000 * 0.6
        self.hmd_m = rng.uniform(60, 5400, n)
        self.vertical_ft = np.where(self.is_pair, np.round(rng.uniform(0, 900, n) / 25) * 25, np.nan)
        self.altitude_ft = np.round(rng.uniform(8_000, 33_000, n) / 25) * 25
        self.callsign_a = [
            f"RFF7{i % 300:03d}" if rule != 1 else f"HAWG{i % 40:02d}" for i, rule in enumerate(self.rule)
        ]
        self.callsign_b = [f"TALON{i % 80:02d}" if pair else None for i, pair in enumerate(self.is_pair)]
        self.trust = rng.choice(3, n, p=[0.82, 0.12, 0.06])
        self.verdict = rng.choice([0, 1, 2, INSIDE_BUFFER], n, p=[0.85, 0.04, 0.04, 0.07])
        self.sentence = [self._sentence(i) for i in range(n)]
        if is_hostile:
            self.callsign_a[:3] = [HOSTILE, ARABIC, LONG_NAME]
            self.callsign_b[0] = "=HYPERLINK(1)"
            self.sentence[:2] = [HOSTILE_RULE, ARABIC]

    def magnitude(self) -> np.ndarray:
        return np.where(self.is_pair, self.hmd_m, self.depth_m)

    def _sentence(self, i: int) -> str:
        when = np.datetime64(int(self.t[i]), "ms").astype("datetime64[s]").item()
        if self.is_pair[i]:
            return f"recorded {self.hmd_m[i] / 1852:.2f} NM and {self.vertical_ft[i]:.0f} ft from each other at {when}"
        side = "east" if self.rule[i] == 0 else "west"
        return f"recorded {side} of euphrates by {self.depth_m[i] / 1000:.2f} ± 0.02 km at {when}"

    def packed(self, pack: Packer) -> dict[str, Any]:
        n, rng, size = self.n, self.rng, self.magnitude()
        party_a = np.where(self.rule == 1, 0, 1)
        trust, verdict = self.trust, self.verdict
        pair = np.where(self.is_pair, 1.0, np.nan)
        half = np.where(self.is_pair, 120.0, 24.0)
        return {
            "n": n, "id": [identity(i) for i in range(n)],
            "icao24_a": pack.coded([f"{0x150000 + i % 700:06x}" for i in range(n)]),
            "icao24_b": pack.coded(
                [f"{0xAE0000 + i % 90:06x}" if each else None for i, each in enumerate(self.is_pair)]
            ),
            "callsign_a": pack.coded(list(self.callsign_a)), "callsign_b": pack.coded(list(self.callsign_b)),
            "rule": pack.array(self.rule, "u16"), "verdict": pack.array(verdict, "u8"),
            "trust": pack.array(trust, "u8"),
            "context": pack.array(rng.choice(4, n, p=[0.85, 0.05, 0.05, 0.05]), "u8"),
            "party_a": pack.array(party_a, "u8"), "party_b": pack.array(np.where(self.is_pair, 0, 255), "u8"),
            "t_in": pack.array(self.t - 30_000, "f64"), "t_out": pack.array(self.t + 30_000, "f64"),
            "t": pack.array(self.t, "f64"),
            "lon": pack.array(self.lon, "f32"), "lat": pack.array(self.lat, "f32"),
            "altitude_ft": pack.array(self.altitude_ft, "f32"),
            "magnitude": pack.array(size, "f32"), "magnitude_low": pack.array(np.maximum(0, size - half), "f32"),
            "magnitude_high": pack.array(size + half, "f32"), "magnitude_unit": pack.coded(["m"] * n),
            "vertical_ft": pack.array(self.vertical_ft, "f32"),
            "vertical_low_ft": pack.array(np.maximum(0, self.vertical_ft - 178), "f32"),
            "vertical_high_ft": pack.array(self.vertical_ft + 178, "f32"),
            "retained": pack.array(pair * np.maximum(self.hmd_m / 5556, self.vertical_ft / 1000), "f32"),
            "probability": pack.array(np.clip(size / 600, 0, 1), "f32"),
            "sentence": self.sentence, "reasons": pack.coded([None if each == 0 else "leap" for each in trust]),
            "why": ["" if each == 0 else "a leap of 4 NM in 2 s, 31 s before" for each in trust],
            "statements": pack.array((np.arange(n) % 17 == 0).astype(int), "u8"),
        }  # fmt: skip

    def flights(self, row: int) -> list[dict[str, Any]]:
        """Return straight flights by one another at about the finding's distance, the second with a gap."""
        offsets_s = np.arange(-150, 151, 5.0)
        metre_lon = 1 / (111_320 * math.cos(math.radians(self.lat[row])))
        one = {
            "label": "a",
            "offset_s": offsets_s,
            "speed_mps": 220.0,
            "track_deg": 90.0,
            "leg": np.zeros(61, int),
        }
        one["lon"] = self.lon[row] + 220.0 * offsets_s * metre_lon
        one["lat"] = np.full(61, self.lat[row])
        if not self.is_pair[row]:
            return [one]
        other = {"label": "b", "offset_s": offsets_s + 1.7, "speed_mps": 180.0, "track_deg": 330.0}
        other["leg"] = (np.arange(61) > 50).astype(int)
        east, north = math.sin(math.radians(330)), math.cos(math.radians(330))
        other["lon"] = self.lon[row] + 180.0 * east * other["offset_s"] * metre_lon
        other["lat"] = self.lat[row] + (self.hmd_m[row] + 180.0 * north * other["offset_s"]) / 110_950
        other["leg"][NEAR_CLOSEST] = NO_LEG
        other["lat"][NEAR_CLOSEST] = self.lat[
            row
        ]  # not where the motion is: whoever takes it in is told otherwise
        return [one, other]

    def detail(self, pack: Packer, row: int) -> dict[str, Any]:
        """Return a replay of the reports of `flights`."""
        aircraft = []
        for flight in self.flights(row):
            label, lat, lon = flight["label"], flight["lat"], flight["lon"]
            offset_s = flight["offset_s"]
            level = self.altitude_ft[row] + (0 if label == "a" else self.vertical_ft[row])
            altitude_ft = np.round((level + 4.0 * np.abs(offset_s) * (label == "b")) / 25) * 25
            altitude_ft[flight["leg"] == NO_LEG] = np.nan
            n = offset_s.size
            aircraft.append(
                {
                    "icao24": f"{0x150000 + row:06x}" if label == "a" else f"{0xAE0000 + row:06x}",
                    "callsign": self.callsign_a[row] if label == "a" else self.callsign_b[row],
                    "party": (0 if self.rule[row] == 1 else 1) if label == "a" else 0,
                    "label": label,
                    "t": pack.array(self.t[row] + 1000 * offset_s, "f64"),
                    "lat": pack.array(lat, "f64"), "lon": pack.array(lon, "f64"),
                    "altitude_ft": pack.array(altitude_ft, "f32"),
                    "leg": pack.array(flight["leg"], "u16"),
                    "groundspeed_kt": pack.array(np.full(n, flight["speed_mps"] / 0.514444), "f32"),
                    "track_deg": pack.array(np.full(n, flight["track_deg"]), "f32"),
                    "vertical_rate_fpm": pack.array(np.full(n, np.nan), "f32"),
                    "nac_p": pack.array(np.full(n, 9), "u8"),
                    "source": pack.coded(["adsb"] * n), "file": pack.coded([f"{HOSTILE}.parquet"] * n),
                    "row": pack.array(10_000 * row + np.arange(n), "f64"),
                }
            )  # fmt: skip
        return {
            "row": row,
            "told": [
                ["Found", [self.sentence[row]]],
                ["Rule", [f"rule {self.rule[row]}"]],
                ["Evidence", ["Rows 1 to 61."]],
            ],
            "minima": {"horizontal_m": 5556.0, "vertical_ft": 1000.0} if self.is_pair[row] else None,
            "from_ms": float(self.t[row] - 150_000),
            "until_ms": float(self.t[row] + 150_000),
            "cut": False,
            "aircraft": aircraft,
            "statements": [
                {
                    "at": "2017-12-01T09:00:00Z",
                    "by": "russia",
                    "kind": "explained",
                    "text": f"weather {HOSTILE}",
                }
            ],
            "guidance": None,
        }


def _rules(findings: _Findings, is_hostile: bool) -> list[dict[str, Any]]:
    west = HOSTILE_RULE if is_hostile else "russia keeps west of euphrates, within 60 km of it."
    told = [
        ("west", "side", west, ["russia"]),
        ("east", "side", "coalition keeps east of euphrates, within 60 km of it.", ["coalition"]),
        ("apart", "apart", "coalition and russia keep 3 NM or 1,000 ft away from each other.", PARTIES),
        (
            "drawdown",
            "pledges",
            "russia pledges that flights a day fall by at least 50 % from 2017-11-16 on.",
            ["russia"],
        ),
    ]
    return [
        {
            "id": name, "kind": kind, "sentence": sentence, "parties": parties,
            "horizontal_m": 5556 if kind == "apart" else None, "vertical_ft": 1000 if kind == "apart" else None,
            "verdicts": {"broken": int((findings.rule == i).sum())}, "aircraft": 71, "flights": 1427, "hours": 689.4,
            "hours_not_heard": 2.3,
        }
        for i, (name, kind, sentence, parties) in enumerate(told)
    ]  # fmt: skip


def _places(is_hostile: bool) -> list[dict[str, Any]]:
    angles = np.linspace(0, 2 * np.pi, 49)
    ring = (
        np.column_stack([40.735 + 0.098 * np.cos(angles), 34.83 + 0.081 * np.sin(angles)]).round(5).tolist()
    )
    name = ARABIC if is_hostile else "relief-zone"
    return [
        {"name": "euphrates", "kind": "line", "levels": "", "rings": [LINE], "width_m": None},
        {"name": name, "kind": "circle", "levels": "below 10,000 ft", "rings": [ring], "width_m": None},
    ]


def _rates() -> list[dict[str, Any]]:
    rows = [
        ("west", "russia", 4.6, 3.6, 5.9),
        ("east", "coalition", 0.8, 0.4, 1.3),
        ("apart", "all", 2.7, 2.1, 3.4),
    ]
    return [
        {
            "rule": rule, "party": party, "counted": "excursions", "count": round(30 * mean), "days": 30.0,
            "per_day": mean, "per_day_low": low, "per_day_high": high,
        }
        for rule, party, mean, low, high in rows
    ]  # fmt: skip


def _days(rng: np.random.Generator) -> list[dict[str, Any]]:
    return [
        {
            "day": str(np.datetime64("2017-11-01") + day), "party": party, "hours": 30.0, "aircraft": 20,
            "flights": int(rng.poisson(48 if party == "russia" else 17)), "crossings": 3, "excursions": 3,
        }
        for day in range(30)
        for party in PARTIES
    ]  # fmt: skip


def _coverage(pack: Packer, rng: np.random.Generator) -> dict[str, Any]:
    samples = rng.poisson(1000, 30 * 24)
    samples[200:207] = 0
    samples[501:503] = 0
    samples[520:536:2] = 0
    return {
        "from_ms": BEGIN_MS,
        "bin_ms": 3_600_000,
        "samples": pack.array(samples, "u32"),
        "aircraft": pack.array(samples // 150, "u16"),
    }


def _rest(pack: Packer, rng: np.random.Generator, n: int) -> dict[str, Any]:
    return {
        "n": n,
        "count": pack.array(rng.integers(1, 6, n), "u32"),
        "t": pack.array(BEGIN_MS + rng.uniform(0, 30 * DAY_MS, n), "f64"),
        "lon": pack.array(40.25 + 0.5 * rng.integers(0, 3, n), "f32"),
        "lat": pack.array(34.25 + 0.5 * rng.integers(0, 3, n), "f32"),
        "rule": pack.array(rng.choice([0, 2], n), "u16"),
        "verdict": pack.array(np.zeros(n), "u8"),
        "trust": pack.array(np.zeros(n), "u8"),
        "party_a": pack.array(np.ones(n), "u8"),
        "magnitude": pack.array(rng.gamma(1.6, 3500, n), "f32"),
    }


def _tracks(pack: Packer, rng: np.random.Generator, n: int = 160) -> dict[str, Any]:
    """Return flights that wander about their own side of the line."""
    points = 60
    party = (np.arange(n) % 4 != 0).astype(int)
    heading = np.cumsum(rng.normal(0, 0.25, (n, points)), axis=1) + rng.uniform(0, 2 * np.pi, (n, 1))
    lon = 40.70 + np.where(party == 1, -0.35, 0.35)[:, None] + np.cumsum(np.cos(heading) * 0.02, axis=1)
    lat = 34.78 + np.where(party == 1, -0.2, 0.2)[:, None] + np.cumsum(np.sin(heading) * 0.016, axis=1)
    t = rng.uniform(0, 29 * DAY_MS, (n, 1)) + 30_000 * np.arange(points)
    return {
        "n": n, "icao24": [f"{0x150000 + i:06x}" for i in range(n)], "callsign": [f"RFF7{i:03d}" for i in range(n)],
        "party": pack.array(party, "u8"), "first_leg": pack.array(np.arange(n + 1), "u32"),
        "first_point": pack.array(points * np.arange(n + 1), "u32"),
        "lon": pack.array(lon.ravel(), "i32", 1e-5), "lat": pack.array(lat.ravel(), "i32", 1e-5),
        "t": pack.array(t.ravel(), "i32", 100), "altitude_ft": pack.array(np.full(n * points, 20_000.0), "i32", 25),
        "has_altitude": pack.array(np.ones(n), "u8"), "tolerance_m": 50,
        "said": "Tracks of 160 aircraft, 9,600 of 710,573 positions: nowhere off by more than 50 m.",
    }  # fmt: skip
