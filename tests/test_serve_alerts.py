"""Alerts: begun when confirmed, risen and never fallen, ended after a hold; one identity, inhibited in sight."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wideberth.serve.alerts import (
    ACKNOWLEDGED,
    BEGAN,
    ENDED,
    INHIBITED,
    LEVELS,
    RELEASED,
    ROSE,
    Alerts,
    Event,
    Settings,
)  # fmt: skip
from wideberth.serve.predict import Threat

SECOND = 1_000_000
NOT_YET = "-"  # a cycle without a threat
PAIRS = [("400001", "400002"), ("400001", "400003"), ("400004", "400005")]


def threat(t_in_s: float, aircraft: tuple[str, ...] = PAIRS[0], **others: Any) -> Threat:
    """Return that two aircraft will be too near; 0 is now, inf within the wider limits only."""
    fields = {
        "rule": "apart", "kind": "apart", "aircraft": aircraft, "parties": (None, None), "callsigns": (None, None),
        "place": "", "t_in_s": t_in_s, "t_out_s": t_in_s + 10.0, "is_now": t_in_s == 0.0, "is_turning": False,
        "how": "", "inhibited_by": (), "figures": {},
    } | others  # fmt: skip
    return Threat(**fields)  # type: ignore[arg-type]


def played(text: str, alerts: Alerts | None = None) -> list[Event]:
    """Play a cycle a second: p predicted, i imminent, a actual, w within wider limits, x inhibited, - nothing."""
    alerts = alerts or Alerts("00")
    kinds = {"p": threat(60.0), "i": threat(20.0), "a": threat(0.0), "w": threat(math.inf)}
    kinds["x"] = threat(60.0, inhibited_by=("notice",))
    events = []
    for second, sign in enumerate(text):
        events += alerts.step(second * SECOND, [kinds[sign]] if sign != NOT_YET else [])
    return events


def told(text: str) -> list[tuple[int, str, str]]:
    """Return what happens and when, in seconds, with the level."""
    return [(each.at_us // SECOND, each.what, each.alert.level) for each in played(text)]


def test_two_of_four_cycles_begin_an_alert() -> None:
    """One does not, nor do two that are four apart."""
    assert told("p---") == []
    assert told("p---p---p---") == []
    assert told("p--p") == [(3, BEGAN, "predicted")]
    assert told("pp") == [(1, BEGAN, "predicted")]


def test_it_rises_by_the_same_count_and_never_falls() -> None:
    """One imminent cycle is none; two are; and back at predicted it stays imminent."""
    assert told("ppippp") == [(1, BEGAN, "predicted")]
    assert told("ppiipppppp") == [(1, BEGAN, "predicted"), (3, ROSE, "imminent")]
    assert told("ppiiaa") == [(1, BEGAN, "predicted"), (3, ROSE, "imminent"), (5, ROSE, "actual")]


def test_it_ends_when_the_threat_was_away_for_the_hold() -> None:
    """Four seconds after the last sign; three do not end it."""
    assert told("pp---p") == [(1, BEGAN, "predicted")]
    assert told("pp----") == [(1, BEGAN, "predicted"), (5, ENDED, "predicted")]


def test_wider_limits_begin_nothing_and_end_nothing() -> None:
    """Within them only, an alert goes on, and none begins."""
    assert told("wwwwww") == []
    assert told("ppwwwwwwwwww") == [(1, BEGAN, "predicted")]


def test_the_warning_time_is_from_the_first_warning_to_the_break() -> None:
    """Begun at 1 s, broken first at 6 s, confirmed at 7 s: five seconds; of none before the break, 0."""
    (*_, last) = played("ppppppaa----")
    assert last.alert.warned_s == 5.0
    assert last.alert.ended_us == 11 * SECOND
    assert played("aa")[0].alert.warned_s == 0.0
    assert played("pp")[0].alert.warned_s is None


def test_a_single_actual_cycle_long_before_is_not_when_it_became_so() -> None:
    """What was not confirmed was not so."""
    (*_, last) = played("pppapppppppaa")
    assert last.alert.actual_us == 11 * SECOND


def test_an_inhibited_alert_is_there_and_says_so() -> None:
    """It begins inhibited, is released at once when a cycle is not covered, and inhibited again after four."""
    events = played("xxxpxxxx")
    assert [(each.at_us // SECOND, each.what) for each in events] == [
        (1, BEGAN),
        (3, RELEASED),
        (7, INHIBITED),
    ]
    assert events[0].alert.inhibited_by == ("notice",)
    assert events[1].alert.inhibited_by == ()


def test_an_aircraft_that_is_no_longer_heard_ends_it_as_lost() -> None:
    """Not as kept: nobody saw that it was."""
    for lost, because in ((["400002"], "lost"), (["400009"], "kept")):
        alerts = Alerts("00")
        alerts.step(0, [threat(10.0)])
        alerts.step(SECOND, [threat(9.0)])
        (event,) = alerts.step(9 * SECOND, [], lost)
        assert (event.what, event.alert.because) == (ENDED, because)
        assert list(alerts) == []


def test_somebody_acknowledges_it_by_name() -> None:
    """With a note, until it ends; of an alert that is not there nothing is noted."""
    alerts = Alerts("00")
    played("ppp", alerts)
    (alert,) = alerts
    event = alerts.acknowledge(alert.id, "duty officer", "seen on radar", 3 * SECOND)

    assert event is not None
    assert event.what == ACKNOWLEDGED
    assert event.alert.acknowledged_by == "duty officer"
    assert alerts.acknowledge("0" * 16, "x", "", 0) is None
    (*_, last) = alerts.step(9 * SECOND, [])
    assert last.alert.note == "seen on radar"


@given(
    st.lists(
        st.lists(st.sampled_from(["-", "p", "i", "a", "w", "x"]), min_size=len(PAIRS), max_size=len(PAIRS)),
        max_size=80,
    ),
    st.sampled_from([0.5, 1.0, 2.0]),
)
def test_whatever_comes_alerts_do_not_flicker(cycles: list[list[str]], step_s: float) -> None:
    """Each has one identity from its beginning to its end, rises only, lasts the hold, and ends that long after it."""
    settings = Settings()
    alerts = Alerts("00", settings)
    kinds = {"p": 60.0, "i": 20.0, "a": 0.0, "w": math.inf, "x": 60.0}
    lives: dict[str, list[Event]] = {}
    open_of: dict[tuple[str, ...], str] = {}
    seen_us: dict[tuple[str, ...], int] = {}
    within: dict[tuple[str, ...], list[bool]] = {pair: [] for pair in PAIRS}
    ended_us: dict[tuple[str, ...], int] = {}
    quiet = [["-"] * len(PAIRS)] * 12
    for n, cycle in enumerate([*cycles, *quiet]):
        now_us = round(n * step_s * SECOND)
        threats = []
        for pair, sign in zip(PAIRS, cycle, strict=True):
            within[pair].append(sign in "piax")
            if sign != "-":
                threats.append(threat(kinds[sign], pair, inhibited_by=("notice",) if sign == "x" else ()))
        for event in alerts.step(now_us, threats):
            alert = event.alert
            life = lives.setdefault(alert.id, [])
            if event.what == BEGAN:
                assert not life
                assert alert.aircraft not in open_of
                assert sum(within[alert.aircraft][-settings.of :]) >= settings.confirm
                open_of[alert.aircraft] = alert.id
            assert open_of[alert.aircraft] == alert.id
            if life:
                assert LEVELS.index(alert.level) >= LEVELS.index(life[-1].alert.level)
                assert (alert.began_us, alert.aircraft) == (life[0].alert.began_us, life[0].alert.aircraft)
            life.append(event)
            if event.what == ENDED:
                del open_of[alert.aircraft]
                assert now_us - seen_us[alert.aircraft] >= settings.hold_s * SECOND
                assert now_us - alert.began_us >= settings.hold_s * SECOND
                ended_us[alert.aircraft] = now_us
        for pair, sign in zip(PAIRS, cycle, strict=True):
            if sign != "-":
                seen_us[pair] = now_us
        # Whoever has been within the limits for the last two cycles has an alert, and so has who had one and is near.
        for pair in PAIRS:
            if within[pair][-2:] == [True, True]:
                assert pair in open_of
    assert not open_of
    for life in lives.values():
        assert life[0].what == BEGAN
        assert life[-1].what == ENDED
        last = life[-1].alert
        assert (last.warned_s is None) == (last.level != "actual")
        if last.warned_s is not None:
            assert last.warned_s >= 0.0


@pytest.mark.parametrize("sign", ["p", "i", "a", "x"])
def test_every_sign_in_two_cycles_begins_an_alert(sign: str) -> None:
    """Inhibited ones, too: they are seen."""
    assert [each.what for each in played(sign * 2)] == [BEGAN]
