"""Rules to keep apart → encounters between those whom a rule binds, from the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from wideberth.agreement.model import Apart
from wideberth.columns import frozen
from wideberth.judge import spans, tell, verdicts
from wideberth.kernels import legs as leg_kernels
from wideberth.kernels.geodesy import surface_points, surface_positions
from wideberth.trust import accuracy
from wideberth.trust.limits import DEFAULT, Limits
from wideberth.units import METRES_PER_NM

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.agreement.rules import Rule
    from wideberth.incidents import Columns
    from wideberth.judge.sky import Sky
    from wideberth.trust.airports import Airports

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]

Screens = dict[tuple[float, float], "_Screened"]
SAME_INSTANT_US = 500_000.0  # people are told instants to the second


def judge(
    sky: Sky, rule: Rule, screens: Screens, limits: Limits = DEFAULT, airports: Airports | None = None
) -> Columns:
    """Return the encounters under a rule; ``screens`` keeps what was screened for other rules' minima."""
    from wideberth.screen import scale

    keeps = rule.entry.keeps
    assert isinstance(keeps, Apart)
    minima = (keeps.apart.horizontal, keeps.apart.vertical)
    if minima not in screens:
        options = scale.Options.of(
            horizontal_m=minima[0],
            vertical_ft=minima[1],
            max_gap_s=sky.agreement.head.max_gap,
            limits=limits,
            airports=airports,
        )
        found = scale.screen_tracks(sky.tracks, options, sky.legs_by)
        pairs = _Pairs.of(sky, found.table)
        screens[minima] = _Screened(pairs, _position_m(sky, pairs))
    pairs = screens[minima].pairs
    held = tell.held(sky, rule)
    bound = tell.bound(sky, rule)
    broken_us = spans.within(pairs.t_in_us, np.maximum(pairs.t_out_us, pairs.t_in_us + 1.0), held)
    concerned = _are_concerned(rule, sky, pairs) & bound[pairs.a] & bound[pairs.b] & (broken_us > 0.0)
    position_m = screens[minima].position_m[concerned]
    return _told(sky, rule, pairs.chosen(concerned), position_m, broken_us[concerned], held)


@dataclass(frozen=True)
class _Screened:
    """What one screen found, for all rules with its minima, and how sure a's place was at the worst instant."""

    pairs: _Pairs
    position_m: Floats


@dataclass(frozen=True)
class _Pairs:
    """Encounters, and the flights and legs (of ``Sky.legs``) of both aircraft."""

    table: pa.Table
    a: Indices
    b: Indices
    leg_a: Indices
    leg_b: Indices

    @classmethod
    def of(cls, sky: Sky, table: pa.Table) -> _Pairs:
        t_cpa_us = _instants(table, "t_cpa").astype(np.int64)
        a, b = (sky.flights.all_at(_places(sky, table, name), t_cpa_us) for name in ("icao24_a", "icao24_b"))
        return cls(table, a, b, sky.legs_at(a, t_cpa_us), sky.legs_at(b, t_cpa_us))

    def chosen(self, mask: npt.NDArray[np.bool_]) -> _Pairs:
        table = self.table.filter(pa.array(mask))
        return _Pairs(table, self.a[mask], self.b[mask], self.leg_a[mask], self.leg_b[mask])

    @property
    def t_in_us(self) -> Floats:
        return _instants(self.table, "t_in")

    @property
    def t_out_us(self) -> Floats:
        return _instants(self.table, "t_out")

    def numbers(self, name: str) -> Floats:
        return np.asarray(self.table[name].to_numpy(), np.float64)


def _instants(table: pa.Table, name: str) -> Floats:
    """Return instants as Unix microseconds, NaN where there is none."""
    return np.asarray(table[name].cast(pa.int64()).to_numpy(), np.float64)


def _t_worst_us(table: pa.Table) -> Floats:
    """Return when the retained separation was smallest; of two without altitudes in common, when they were nearest."""
    t_retained = _instants(table, "t_retained")
    return np.where(np.isnan(t_retained), _instants(table, "t_cpa"), t_retained)


def _places(sky: Sky, table: pa.Table, name: str) -> Indices:
    """Return where the addresses of a column stand among the tracks' aircraft."""
    array = table[name].combine_chunks()
    place = {text: k for k, text in enumerate(sky.tracks.aircraft)}
    if not len(array):
        return np.empty(0, np.int64)
    lookup = np.array([place.get(text, -1) for text in array.dictionary.to_pylist()], np.int64)
    return np.asarray(lookup[array.indices.to_numpy()])


def _are_concerned(rule: Rule, sky: Sky, pairs: _Pairs) -> npt.NDArray[np.bool_]:
    if rule.bound == ("all",):
        return np.ones(pairs.a.size, np.bool_)
    one, other = (sky.flights.bound_by([name]) for name in rule.bound)
    return np.asarray((one[pairs.a] & other[pairs.b]) | (other[pairs.a] & one[pairs.b]))


def _told(
    sky: Sky,
    rule: Rule,
    pairs: _Pairs,
    position_m: Floats,
    broken_us: Floats,
    held: list[spans.Span],
) -> Columns:
    flights, table = sky.flights, pairs.table
    t_in, t_out, t_cpa = pairs.t_in_us, pairs.t_out_us, _instants(table, "t_cpa")
    icao24_a, icao24_b = (table[name].to_pylist() for name in ("icao24_a", "icao24_b"))

    def breaks_of(k: int) -> list[verdicts.Break]:
        span: spans.Span = (float(t_in[k]), float(max(t_out[k], t_in[k] + 1.0)))
        broken = spans.common([span], held)
        return [
            verdicts.Break(int(pairs.a[k]), int(pairs.leg_a[k]), broken),
            verdicts.Break(int(pairs.b[k]), int(pairs.leg_b[k]), broken),
        ]

    verdict = verdicts.columns(sky, rule, (pairs.a, pairs.b), broken_us, breaks_of)
    vertical_reference = table["vertical_reference"].to_pylist()
    for k, reference in enumerate(vertical_reference):
        if reference == "unknown" and verdict["verdict"][k] == "broken":
            verdict["verdict"][k], verdict["because"][k] = "unknown", "vertical"
    hmd_m, vertical_ft, retained = map(pairs.numbers, ("hmd_m", "vertical_ft_at_cpa", "retained"))
    low_m, high_m, low_ft, high_ft, probability = map(
        pairs.numbers, ("hmd_low_m", "hmd_high_m", "vertical_low_ft", "vertical_high_ft", "probability")
    )
    sigma_m = (high_m - hmd_m) / accuracy.NORMAL_95
    worst = _Worst.of(sky, pairs, vertical_reference)
    told: Columns = {
        "id": tell.identities(sky, rule, [icao24_a, icao24_b], t_in),
        "agreement": sky.agreement.digest,
        "rule": rule.id,
        "kind": rule.kind,
        **verdict,
        "party": [flights.party_text(k) for k in pairs.a.tolist()],
        "party_b": [flights.party_text(k) for k in pairs.b.tolist()],
        "icao24_a": icao24_a,
        "icao24_b": icao24_b,
        "callsign_a": [flights.callsign(k) for k in pairs.a.tolist()],
        "callsign_b": [flights.callsign(k) for k in pairs.b.tolist()],
        "t_in": t_in,
        "t_out": t_out,
        "t_worst": worst.t_us,
        "lat_deg": worst.lat_deg,
        "lon_deg": worst.lon_deg,
        "altitude_ft": worst.altitude_ft,
        "magnitude": hmd_m,
        "magnitude_unit": "m",
        "magnitude_low": low_m,
        "magnitude_high": high_m,
        "probability": probability,
        "missed": 1.0 - probability,
        "position_m": position_m,
        "vertical_ft": vertical_ft,
        "vertical_low_ft": low_ft,
        "vertical_high_ft": high_ft,
        "retained": retained,
        "horizontal_m_at_worst": worst.horizontal_m,
        "vertical_ft_at_worst": worst.vertical_ft,
        **{name: table[name].to_pylist() for name in ("trust", "context", "reasons", "why")},
        **tell.evidence(sky, sky.legs, pairs.leg_a, t_in, pairs.leg_a, t_out),
        **{
            f"{name}_b": values
            for name, values in tell.evidence(sky, sky.legs, pairs.leg_b, t_in, pairs.leg_b, t_out).items()
        },
    }
    verticals = [
        "vertical distance unknown" if feet != feet else f"{feet:.0f} ft vertically"
        for feet in vertical_ft.tolist()
    ]
    miles = (hmd_m / METRES_PER_NM).tolist()
    told["sentence"] = [
        f"recorded {nm:.2f} NM ({distance}) and {vertical} from each other at {clock}{at_worst}"
        for nm, distance, vertical, clock, at_worst in zip(
            miles,
            tell.distances(hmd_m, sigma_m),
            verticals,
            tell.clocks(t_cpa),
            _worst_texts(worst, retained, t_cpa),
            strict=True,
        )
    ]
    return told


@dataclass(frozen=True)
class _Worst:
    """Where two aircraft were when the retained separation was smallest, and a then; of no altitudes, when nearest."""

    t_us: Floats
    lat_deg: Floats
    lon_deg: Floats
    altitude_ft: Floats
    horizontal_m: Floats
    vertical_ft: Floats

    @classmethod
    def of(cls, sky: Sky, pairs: _Pairs, references: list[str]) -> _Worst:
        at_cpa = {
            name: np.array(pairs.numbers(column))
            for name, column in (
                ("lat_deg", "lat_a_deg"),
                ("lon_deg", "lon_a_deg"),
                ("altitude_ft", "altitude_a_ft"),
                ("horizontal_m", "hmd_m"),
                ("vertical_ft", "vertical_ft_at_cpa"),
            )
        }
        found = cls(_t_worst_us(pairs.table), **at_cpa)
        for reference in sorted({*references} - {"unknown"}):
            some = np.flatnonzero([each == reference for each in references])
            (a, a_ft), (b, b_ft) = (
                _states(sky, reference, flight[some], found.t_us[some]) for flight in (pairs.a, pairs.b)
            )
            found.horizontal_m[some] = np.linalg.norm(a - b, axis=1)
            found.vertical_ft[some] = np.abs(a_ft - b_ft)
            found.altitude_ft[some] = a_ft
            found.lat_deg[some], found.lon_deg[some] = surface_positions(a)
        return found


def _states(sky: Sky, reference: str, flight: Indices, t_us: Floats) -> tuple[Floats, Floats]:
    """Return where flights were at some instants, Earth-centred, and their altitudes by one reference."""
    legs = sky.legs_by(reference)
    first_leg = np.searchsorted(sky.flights.of_legs(legs), np.arange(len(sky.flights) + 1))
    leg = leg_kernels.last_at(frozen(first_leg), frozen(legs.t_in_us), flight, t_us - legs.base_us)
    at = sky.samples_at(legs, leg, t_us)
    after = np.minimum(at + 1, legs.first[leg + 1] - 1)
    lasts_us = np.maximum(legs.t_us[after] - legs.t_us[at], 1)
    share = np.clip((t_us - legs.base_us - legs.t_us[at]) / lasts_us, 0.0, 1.0)
    begin, end = (surface_points(legs.lat_deg[k], legs.lon_deg[k]) for k in (at, after))
    altitude = legs.altitude[at] + (legs.altitude[after] - legs.altitude[at]) * share
    return begin + (end - begin) * share[:, None], np.asarray(altitude)


def _worst_texts(worst: _Worst, retained: Floats, t_cpa: Floats) -> list[str]:
    """Return what a sentence says of the worst instant: the share of the minima that was left, and when else it was."""
    return [
        ""
        if feet != feet
        else f"; {share:.2f} of the minima left"
        if is_same
        else f"; worst at {clock}, {metres:.0f} m and {feet:.0f} ft: {share:.2f} of the minima left"
        for share, is_same, clock, metres, feet in zip(
            retained.tolist(),
            (np.abs(worst.t_us - t_cpa) < SAME_INSTANT_US).tolist(),
            tell.clocks(worst.t_us),
            worst.horizontal_m.tolist(),
            worst.vertical_ft.tolist(),
            strict=True,
        )
    ]


def _position_m(sky: Sky, pairs: _Pairs) -> Floats:
    """Return the radius that holds a's true position at the worst instant 95 times in 100."""
    t_worst_us = _t_worst_us(pairs.table)
    return accuracy.errors_at(sky.tracks, sky.legs, pairs.leg_a, t_worst_us, is_extreme=False).radius_95
