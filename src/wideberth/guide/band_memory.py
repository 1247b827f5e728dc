"""What bands remember from one step to the next: see `guide.memory`."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wideberth.guide.arrays import CODES, REGIONS
from wideberth.guide.memory import (
    FULL_TURN,
    NEAR,
    NONE,
    RECOVERY,
    UNKNOWN,
    Piece,
    at,
    combined,
    counted,
    joined,
    moved,
)
from wideberth.guide.results import Band, Bands
from wideberth.kernels.painting import slack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wideberth.guide.config import Config

PREFERRED = {
    "hdir": "persistence_preferred_hdir_rad",
    "hs": "persistence_preferred_hs_mps",
    "vs": "persistence_preferred_vs_mps",
    "alt": "persistence_preferred_alt_m",
}
TIE = 1e-9  # as in kernels/painting.py


@dataclass
class BandMemory:
    """One dimension's bands.

    Attributes:
        history: what the last N steps had, before anything was remembered.
        kept: the conflict band at the own value, and since when.
        sides: resolutions to the left or below, and to the right or above, each with how often recovery's cylinder
            had shrunk for it.
        prefers_high: None while there is nothing to prefer.
    """

    history: list[list[Piece]] = field(default_factory=list)
    kept: Piece | None = None
    kept_s: float = -math.inf
    sides: list[tuple[float, int] | None] = field(default_factory=lambda: [None, None])
    prefers_high: bool | None = None
    preferred_s: float = -math.inf

    def step(self, time_s: float, bands: Bands, config: Config) -> Bands:
        """Take what a step has by itself; return what is shown."""
        pieces = [Piece(band.low, band.high, CODES[band.region]) for band in bands.bands]
        if not pieces:
            vars(self).update(vars(BandMemory()))
            return bands
        has_recovery = bands.recovery is not None
        pieces = self._filtered(pieces, config, has_recovery)
        if config.bands_persistence:
            pieces = self._persistent(time_s, pieces, bands, config)
        return self._resolved(time_s, pieces, bands, config)

    def _filtered(self, pieces: list[Piece], config: Config, has_recovery: bool) -> list[Piece]:
        m, n = config.alerting_m, config.alerting_n
        if n == 0:
            return pieces
        if not self.history:
            nothing = [Piece(pieces[0].low, pieces[-1].high, NONE)]
            self.history = [pieces] * m + [nothing] * (n - m)
        known = sorted({bound for past in self.history for piece in past for bound in piece[:2]})
        self.history = [*self.history, moved(pieces, known)][-n:]

        def pick(codes: list[int]) -> int:
            if codes[-1] == UNKNOWN:
                return UNKNOWN
            level = counted([NONE if code == UNKNOWN else code for code in codes], m)
            if level in (NONE, RECOVERY):
                return RECOVERY if has_recovery else NONE
            return level

        own = [bound for piece in pieces for bound in piece[:2]]
        return moved(combined(self.history, pick), sorted(set(own)))

    def _persistent(self, time_s: float, pieces: list[Piece], bands: Bands, config: Config) -> list[Piece]:
        kept = self.kept
        if (
            kept is not None
            and time_s - self.kept_s < config.persistence_time_s
            and _is_milder(at(pieces, bands.own), kept.code)
        ):
            inside = _cut(kept, bands.dimension)
            pieces = combined(
                [pieces, inside],
                lambda codes: (
                    codes[1] if _is_milder(codes[0], codes[1]) and codes[0] != RECOVERY else codes[0]
                ),
            )
        colour = at(pieces, bands.own)
        if not NONE < colour <= NEAR:
            self.kept = None
            return pieces
        if kept is None or colour > kept.code:
            self.kept_s = time_s
        self.kept = _around(pieces, bands.own, colour, bands.dimension)
        return pieces

    def _resolved(self, time_s: float, pieces: list[Piece], bands: Bands, config: Config) -> Bands:
        corrective = CODES[config.corrective_region]
        region = at(pieces, bands.own)
        is_circle = bands.dimension == "hdir"
        raw = raw_resolutions(pieces, bands.own, region, corrective, is_circle)
        shrunk = bands.recovery.shrunk if bands.recovery is not None else -1
        least = getattr(config, PREFERRED[bands.dimension])
        is_young = time_s - self.preferred_s < config.persistence_time_s
        for side in (0, 1):
            old = self.sides[side]
            if not math.isfinite(raw[side]):
                self.sides[side] = None
                continue
            if old is not None and math.isfinite(self.preferred_s):
                far, near = (
                    _off(bands.own, old[0], side, is_circle),
                    _off(bands.own, raw[side], side, is_circle),
                )
                is_reachable = (
                    far >= near - slack(raw[side])
                    and (not is_circle or far < math.pi)
                    and _is_green(pieces, bands.own, near, far, side, corrective, is_circle)
                )
                if is_reachable and (is_young or old[1] < shrunk or far - near < least):
                    continue
            self.sides[side] = (raw[side], shrunk)
        if self._prefer(time_s, bands.own, least, config, is_circle):
            self.sides = [(raw[0], shrunk), (raw[1], shrunk)]
        low, high = (
            side[0] if side is not None else value for side, value in zip(self.sides, raw, strict=True)
        )
        return dataclasses.replace(
            bands,
            region=REGIONS[region],
            bands=tuple(Band(piece.low, piece.high, REGIONS[piece.code]) for piece in pieces),
            low_resolution=low,
            high_resolution=high,
            prefers_high=bool(self.prefers_high),
        )

    def _prefer(self, time_s: float, own: float, least: float, config: Config, is_circle: bool) -> bool:
        """Choose the preferred side; tell whether both were there and one was chosen anew."""
        low, high = self.sides
        before = self.prefers_high
        if low is None or high is None:
            self.prefers_high = None if low is None and high is None else high is not None
            if self.prefers_high is None:
                self.preferred_s = -math.inf
            elif self.prefers_high != bool(before):  # left or down, first of all, counts as no choice
                self.preferred_s = time_s
            return False
        down, up = _off(own, low[0], 0, is_circle), _off(own, high[0], 1, is_circle)
        is_high = up <= down + TIE
        if before is not None and math.isfinite(self.preferred_s):
            chosen, other = (high, low) if before else (low, high)
            is_young = time_s - self.preferred_s < config.persistence_time_s
            if is_high == before or is_young or abs(up - down) < least or other[1] > chosen[1]:
                return False
        self.prefers_high, self.preferred_s = is_high, time_s
        return True


def raw_resolutions(
    pieces: Sequence[Piece], own: float, region: int, corrective: int, is_circle: bool
) -> tuple[float, float]:
    """Return the nearest values that resolve; NaN: nothing to resolve, −inf, inf: none on that side."""
    if not corrective <= region <= NEAR:
        return math.nan, math.nan
    found = []
    for side in (0, 1):
        bound = math.inf if side else -math.inf
        for off, piece in _walk(pieces, own, side, is_circle):
            if is_circle and off >= math.pi - TIE:
                break
            if not corrective <= piece.code <= NEAR:
                if piece.code != UNKNOWN:
                    bound = piece.low if side else piece.high
                    bound = 0.0 if is_circle and bound >= FULL_TURN - TIE else bound
                break
        found.append(bound)
    return found[0], found[1]


def _walk(pieces: Sequence[Piece], own: float, side: int, is_circle: bool) -> list[tuple[float, Piece]]:
    """Return the bands to one side of the own value, nearest first, each with how far off it begins."""
    walk = []
    for turn in (-1, 0, 1) if is_circle else (0,):
        for piece in pieces:
            low, high = piece.low + turn * FULL_TURN, piece.high + turn * FULL_TURN
            if side and high > own:
                walk.append((max(low - own, 0.0), piece))
            elif not side and low < own:
                walk.append((max(own - high, 0.0), piece))
    return sorted(walk, key=lambda step: step[0])


def _off(own: float, value: float, side: int, is_circle: bool) -> float:
    """Return how far to one side a value lies."""
    off = value - own if side else own - value
    return off % FULL_TURN if is_circle else off


def _is_green(
    pieces: Sequence[Piece], own: float, near: float, far: float, side: int, corrective: int, is_circle: bool
) -> bool:
    """Tell whether everything between two distances to one side resolves."""
    steps = _walk(pieces, own, side, is_circle)
    begins = [off for off, _ in steps]
    for (off, piece), end in zip(steps, [*begins[1:], math.inf], strict=True):
        if (
            off < far - slack(far)
            and end > near + slack(near)
            and (corrective <= piece.code <= NEAR or piece.code == UNKNOWN)
        ):
            return False
    return True


def _is_milder(one: int, other: int) -> bool:
    return one == RECOVERY or one < other


def _around(pieces: Sequence[Piece], own: float, colour: int, dimension: str) -> Piece:
    """Return the band of a colour at the own value; around the circle it may end beyond north."""
    # As near as `at` takes a bound for the own value: a speed that wavers by rounding is on one side, then the other.
    near = [each for each in pieces if each.low - slack(each.low) <= own <= each.high + slack(each.high)]
    hit = next(piece for piece in near if piece.code == colour)
    if dimension == "hdir" and len(pieces) > 1 and pieces[0].code == pieces[-1].code == colour:
        if hit == pieces[0]:
            return Piece(pieces[-1].low - FULL_TURN, hit.high, colour)
        if hit == pieces[-1]:
            return Piece(hit.low, pieces[0].high + FULL_TURN, colour)
    return hit


def _cut(kept: Piece, dimension: str) -> list[Piece]:
    """Return a list that has one band and is NONE elsewhere."""
    if dimension != "hdir":
        return [Piece(-math.inf, kept.low, NONE), kept, Piece(kept.high, math.inf, NONE)]
    parts = []
    for turn in (-FULL_TURN, 0.0, FULL_TURN):
        low, high = max(kept.low + turn, 0.0), min(kept.high + turn, FULL_TURN)
        if low < high:
            parts.append(Piece(low, high, kept.code))
    parts.sort()
    gaps = []
    begin = 0.0
    for part in parts:
        gaps += [Piece(begin, part.low, NONE), part]
        begin = part.high
    return joined([*gaps, Piece(begin, FULL_TURN, NONE)])
