"""States out of recorded tracks: on the straight way between reports, with the velocities that were reported."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tables_by_hand import DAY_US, flight, tracks

from wideberth.guide.recorded import Recording, states_of
from wideberth.units import METRES_PER_FOOT, MPS_PER_FPM, MPS_PER_KNOT

NORTH_DEG_A_S = 0.002  # about 222 m/s
FLOAT32 = 1e-6  # relative: speeds and tracks are stored with 24 bits
ARC_M = 0.3  # m/s: a degree of latitude is not equally long everywhere, and a chord is not an arc


def northbound(until_s: int, step_s: float, **more: Any) -> list[dict[str, Any]]:
    """Return one aircraft due north, climbing at 1500 ft/min, altitudes in steps of 25 ft."""
    times = np.arange(0.0, until_s + 0.1, step_s)
    rows = [(float(s), 47.0 + NORTH_DEG_A_S * float(s), 8.0, 25.0 * round(10_000 / 25 + s)) for s in times]
    return flight("4b0001", rows, **more)


def seen(rows: list[dict[str, Any]], at_s: list[float], address: str = "4b0001") -> Any:
    """Return the motion of an aircraft at seconds into the day."""
    recording = Recording(tracks(rows))
    whose = np.full(len(at_s), recording.tracks.aircraft.index(address))
    return recording.at(whose, DAY_US + np.round(np.array(at_s) * 1e6).astype(np.int64))


def test_reported_velocities_are_linear_between_reports() -> None:
    """Half way it moves as the mean of both velocities; between tracks of 350° and 10° that is north."""
    rows = northbound(10, 10.0)
    rows[0] |= {"groundspeed_kt": 400.0, "track_deg": 350.0, "vertical_rate_fpm": 0.0}
    rows[1] |= {"groundspeed_kt": 400.0, "track_deg": 10.0, "vertical_rate_fpm": 600.0}

    motion = seen(rows, [5.0])

    assert motion.vx_mps[0] == pytest.approx(0.0, abs=400 * FLOAT32)
    assert motion.vy_mps[0] == pytest.approx(400 * MPS_PER_KNOT * np.cos(np.radians(10)), rel=FLOAT32)
    assert motion.vz_mps[0] == pytest.approx(300 * MPS_PER_FPM, rel=FLOAT32)
    assert motion.altitude_m[0] == pytest.approx((10_000 + 125) * METRES_PER_FOOT, rel=1e-12)
    assert motion.lat_deg[0] == pytest.approx(47.0 + 5 * NORTH_DEG_A_S, abs=1e-7)


def test_one_report_that_tells_its_velocity_does_for_two() -> None:
    """Where only one of two reports tells, it holds until the other."""
    rows = northbound(10, 10.0)
    rows[0] |= {"groundspeed_kt": 400.0, "track_deg": 90.0}

    assert seen(rows, [0.0, 9.0]).vx_mps.tolist() == pytest.approx([400 * MPS_PER_KNOT] * 2, rel=FLOAT32)


@given(st.lists(st.floats(0.0, 120.0), min_size=1, max_size=20))
def test_velocities_that_are_not_reported_come_from_positions(at_s: list[float]) -> None:
    """Speed and track are those of the way between two reports; the climb looks back over steps of 25 ft."""
    motion = seen(northbound(120, 1.0), at_s)

    assert np.abs(motion.vx_mps).max() < 1e-6
    assert np.abs(motion.vy_mps - NORTH_DEG_A_S * 111_170.0).max() < ARC_M
    assert np.abs(motion.vz_mps - 1500 * MPS_PER_FPM).max() < 1e-6


def test_steps_of_25_ft_are_not_taken_for_a_climb() -> None:
    """An altitude that flickers between two steps each second makes less than 150 ft/min."""
    rows = northbound(60, 1.0)
    for i, row in enumerate(rows):
        row["altitude_ft"] = 10_000.0 + 25.0 * (i % 2)

    motion = seen(rows, [30.0, 30.5, 31.0, 2.0, 0.0])

    assert np.abs(motion.vz_mps).max() <= 150 * MPS_PER_FPM + 1e-9


def test_nothing_is_known_outside_a_leg() -> None:
    """Before the first report, after the last, within a gap, and of nobody at all there is no state."""
    rows = northbound(10, 1.0) + flight("4b0001", [(200.0, 47.5, 8.0, 9000.0), (201.0, 47.502, 8.0, 9000.0)])

    motion = seen(rows, [-1.0, 5.0, 100.0, 200.5, 202.0])

    assert np.isnan(motion.lat_deg).tolist() == [True, False, True, False, True]
    recording = Recording(tracks(rows))
    assert np.isnan(recording.at(np.array([-1]), np.array([DAY_US])).vx_mps[0])


def test_a_pair_is_seen_second_by_second() -> None:
    """Both ends of the while count; who is not in the recording is nowhere."""
    recording = Recording(tracks(northbound(10, 5.0)))

    states = states_of(recording, ["4b0001", "4bffff"], DAY_US + 2_000_000, DAY_US + 6_000_000)

    assert states.t_s.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert states.begins_us == DAY_US + 2_000_000
    assert states.is_there().tolist() == [[True, False]] * 5
    assert np.diff(states.lat_deg[:, 0]) == pytest.approx([NORTH_DEG_A_S] * 4, rel=1e-4)


def test_a_recording_without_altitudes_by_a_reference_has_no_legs() -> None:
    """Heights above the ellipsoid that nobody told leave everything unknown."""
    recording = Recording(tracks(northbound(10, 1.0)), "geometric")

    assert np.isnan(recording.at(np.array([0]), np.array([DAY_US + 5_000_000])).altitude_m[0])
