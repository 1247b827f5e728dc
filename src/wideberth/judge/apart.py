"""Rules to keep apart → encounters between those whom a rule binds, from the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wideberth.agreement.model import Apart
from wideberth.columns import frozen
from wideberth.judge import spans, tell, verdicts
from wideberth.kernels import legs as leg_kernels
from wideberth.kernels.geodesy import surface_point, surface_position
from wideberth.trust import accuracy
from wideberth.units import METRES_PER_NM, MPS_PER_KNOT

if TYPE_CHECKING:
    import numpy.typing as npt

    from wideberth.agreement.rules import Rule
    from wideberth.incidents import Columns
    from wideberth.judge.sky import Sky

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]

Screens = dict[tuple[float, float], "_Screened"]
SAME_INSTANT_US = 500_000.0  # people are told instants to the second
SLOW_MPS = 1.0  # two that close more slowly have no direction of closing


def judge(sky: Sky, rule: Rule, screens: Screens) -> Columns:
    """Return the encounters under a rule; ``screens`` keeps what was screened for other rules' minima."""
    from wideberth.screen import scale

    keeps = rule.entry.keeps
    assert isinstance(keeps, Apart)
    minima = (keeps.apart.horizontal, keeps.apart.vertical)
    if minima not in screens:
        options = scale.Options.of(
            horizontal_m=minima[0], vertical_ft=minima[1], max_gap_s=sky.agreement.head.max_gap
        )
        found = scale.screen_tracks(sky.tracks, options, sky.legs_by)
        pairs = _Pairs.of(sky, found.table)
        screens[minima] = _Screened(pairs, _errors(sky, pairs))
    pairs = screens[minima].pairs
    held = tell.held(sky, rule)
    bound = tell.bound(sky, rule)
    broken_us = spans.within(pairs.t_in_us, np.maximum(pairs.t_out_us, pairs.t_in_us + 1.0), held)
    concerned = _are_concerned(rule, sky, pairs) & bound[pairs.a] & bound[pairs.b] & (broken_us > 0.0)
    errors = tuple(each[concerned] for each in screens[minima].errors)
    return _told(sky, rule, keeps, pairs.chosen(concerned), errors, broken_us[concerned], held)


@dataclass(frozen=True)
class _Screened:
    """What one screen found, for all rules with its minima; see `_errors`."""

    pairs: _Pairs
    errors: tuple[Floats, ...]


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
    keeps: Apart,
    pairs: _Pairs,
    errors: tuple[Floats, ...],
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
    sigma_m, sigma_ft, position_m = errors
    low_m, high_m = accuracy.interval(hmd_m, sigma_m)
    low_ft, high_ft = accuracy.interval(vertical_ft, sigma_ft)
    probability = _probability(keeps, retained, sigma_m, sigma_ft, np.isnan(vertical_ft))
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
            places = np.array([surface_position(*each) for each in a.tolist()]).reshape(-1, 2)
            found.lat_deg[some], found.lon_deg[some] = places.T
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
    begin, end = (
        np.array(
            [surface_point(lat, lon) for lat, lon in zip(legs.lat_deg[k], legs.lon_deg[k], strict=True)]
        ).reshape(-1, 3)
        for k in (at, after)
    )
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


def _errors(sky: Sky, pairs: _Pairs) -> tuple[Floats, ...]:
    """Return standard deviations of the horizontal and vertical distance, and the radius for a's position.

    The radius is that at the worst instant.

    An error along the way they pass each other changes when they are nearest, not how near; one across it
    counts whole.  So errors in time count by how fast each moves across it.
    """
    legs, t_cpa_us = sky.legs, _instants(pairs.table, "t_cpa")
    velocity = {name: _velocity_mps(pairs, name) for name in "ab"}
    across = _across(pairs, velocity["b"] - velocity["a"])
    squares, vertical_squares, position_m = [], [], np.empty(0)
    is_height = np.array(
        [each == "geometric" for each in pairs.table["vertical_reference"].to_pylist()], np.bool_
    )
    for name, leg in (("a", pairs.leg_a), ("b", pairs.leg_b)):
        errors = accuracy.errors_at(sky.tracks, legs, leg, t_cpa_us, is_extreme=False)
        moved_m = np.abs((velocity[name] * across).sum(axis=1)) * errors.time_s
        squares.append(errors.across**2 + moved_m**2)
        vertical_squares.append(accuracy.altitude_ft(sky.tracks, errors.rows, is_height=is_height) ** 2)
        if name == "a":
            worst = accuracy.errors_at(sky.tracks, legs, leg, _t_worst_us(pairs.table), is_extreme=False)
            position_m = worst.radius_95
    return np.sqrt(squares[0] + squares[1]), np.sqrt(vertical_squares[0] + vertical_squares[1]), position_m


def _velocity_mps(pairs: _Pairs, name: str) -> Floats:
    """Return the velocity of a or b at the closest approach, east and north, (k, 2)."""
    speed = np.nan_to_num(pairs.numbers(f"groundspeed_{name}_kt")) * MPS_PER_KNOT
    track = np.radians(np.nan_to_num(pairs.numbers(f"track_{name}_deg")))
    return np.stack([speed * np.sin(track), speed * np.cos(track)], axis=1)


def _across(pairs: _Pairs, relative_mps: Floats) -> Floats:
    """Return the direction in which the horizontal distance is measured, east and north, (k, 2).

    It is that from a to b; where they all but touch, square to the way they pass each other.
    """
    lat_a, lon_a, lat_b, lon_b = (
        np.radians(pairs.numbers(name)) for name in ("lat_a_deg", "lon_a_deg", "lat_b_deg", "lon_b_deg")
    )
    east = np.remainder(lon_b - lon_a + np.pi, 2 * np.pi) - np.pi
    towards = np.stack([east * np.cos(lat_a), lat_b - lat_a], axis=1)
    square = np.stack([-relative_mps[:, 1], relative_mps[:, 0]], axis=1)
    is_passing = np.hypot(*relative_mps.T) > SLOW_MPS
    is_near = pairs.numbers("hmd_m") < 1.0
    chosen = np.where((is_passing & is_near)[:, None], square, towards)
    length = np.hypot(*chosen.T)[:, None]
    return np.asarray(np.divide(chosen, length, out=np.zeros_like(chosen), where=length > 0.0))


def _probability(
    keeps: Apart, retained: Floats, sigma_m: Floats, sigma_ft: Floats, is_unknown: Any
) -> Floats:
    """Return at least how probable it is that both minima were broken at once.

    When the retained separation was smallest, both distances were within that share of their minima.
    """
    inside = 1.0 - retained
    horizontal = accuracy.probability_above(inside * keeps.apart.horizontal, 0.0, sigma_m)
    vertical = accuracy.probability_above(inside * keeps.apart.vertical, 0.0, sigma_ft)
    return np.asarray(horizontal * np.where(is_unknown, 1.0, vertical))
