"""Rates and ratios of counts hold the truth, whatever makes days unlike."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import beta, chi2

from wideberth.judge import daily, pledge

ROOT = Path(__file__).parents[1]
SERIES = 4000
# Three standard errors of a coverage of 95 % in so many series.
LEAST_HELD = 0.95 - 3.0 * (0.95 * 0.05 / SERIES) ** 0.5


def experiment() -> Any:
    """Return design/rate_intervals.py, which has the models."""
    spec = importlib.util.spec_from_file_location("rate_intervals", ROOT / "design" / "rate_intervals.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MADE = experiment()


@pytest.mark.parametrize("days", [7, 30, 90])
@pytest.mark.parametrize(
    "model",
    [
        "Poisson", "negative binomial, k 2", "no activity on 3 in 10", "weekdays", "weekdays and memory 0.5",
        "memory 0.6, sd 0.7", "memory 0.8, sd 0.3", "regimes of 3 days, 4×",
    ],
)  # fmt: skip
def test_intervals_of_a_rate_hold_the_long_run_mean(model: str, days: int) -> None:
    """At least 95 in 100, by models that the method does not use, from one in five days to thirty a day."""
    rng = np.random.default_rng(days)
    for mean in (0.2, 1.0, 6.0, 30.0):
        drawn = MADE.counts(MADE.MODELS[model], rng, SERIES, days, mean)

        assert MADE.coverage(MADE.of_rate(drawn), mean) >= LEAST_HELD, mean


@pytest.mark.parametrize(
    "model", ["Poisson", "weekdays and memory 0.5", "memory 0.6, sd 0.7", "memory 0.8, sd 0.3"]
)
@pytest.mark.parametrize(("before", "after"), [(7, 7), (15, 15), (5, 25), (45, 45)])
def test_intervals_of_a_ratio_hold_the_true_ratio(model: str, before: int, after: int) -> None:
    """The same of two periods, of which the second follows the first."""
    rng = np.random.default_rng(before)
    step = np.repeat([1.0, 0.6], [before, after])
    drawn = rng.poisson(10.0 * MADE.MODELS[model](rng, SERIES, before + after) * step).astype(float)
    drawn = drawn[drawn[:, :before].sum(axis=1) > 0]

    assert MADE.coverage(MADE.of_ratio(drawn[:, :before], drawn[:, before:]), 0.6) >= LEAST_HELD


@pytest.mark.parametrize("model", ["exciting", "memory 0.7, sd 0.6", "two memories", "weekdays in regimes"])
def test_intervals_hold_in_models_that_nothing_was_chosen_by(model: str) -> None:
    """Ten days and forty-five; the memory that is allowed for was chosen by the models above."""
    rng = np.random.default_rng(10)
    for days in (10, 45):
        for mean in (0.5, 3.0, 15.0):
            drawn = MADE.counts(MADE.HELD_OUT[model], rng, SERIES, days, mean)

            assert MADE.coverage(MADE.of_rate(drawn), mean) >= LEAST_HELD, (days, mean)


def test_the_check_of_coverage_can_fail() -> None:
    """Days taken as independent are found out."""
    rng = np.random.default_rng(1)
    drawn = MADE.counts(MADE.MODELS["memory 0.6, sd 0.7"], rng, SERIES, 30, 6.0)

    assert MADE.coverage(MADE.quasi_of_rate(drawn), 6.0) < 0.8


def test_without_more_dispersion_intervals_are_the_exact_ones() -> None:
    """Garwood's of a count, Clopper and Pearson's of a ratio, by the distributions that define them."""
    for count in (0, 1, 7, 200):
        low, high = daily.interval(count, 1.0)
        assert low == pytest.approx(chi2.ppf(0.025, 2 * count) / 2 if count else 0.0)
        assert high == pytest.approx(chi2.ppf(0.975, 2 * count + 2) / 2)
    for before, after in ((5, 0), (5, 3), (100, 40), (3, 90)):
        low, high = daily.ratio_interval(before, after, 1.0)
        share = beta.ppf(0.025, after, before + 1) if after else 0.0
        assert low == pytest.approx(share / (1 - share))
        share = beta.ppf(0.975, after + 1, before)
        assert high == pytest.approx(share / (1 - share))


def test_more_dispersion_widens_and_more_days_narrow() -> None:
    """Twice the dispersion is never narrower; a month of the same days is narrower than a week."""
    narrow, wide = (daily.interval(40, dispersion) for dispersion in (1.0, 2.0))
    week, month = (MADE.of_rate(np.full((1, days), 6.0)) for days in (7, 28))

    assert wide[0] < narrow[0] < narrow[1] < wide[1]
    assert week[0] < month[0] < month[1] < week[1]


def test_a_scaled_sum_has_a_scaled_interval() -> None:
    """Hours in minutes: the same interval, as long as the least dispersion is in minutes, too."""
    hours = np.array([3.0, 8.0, 1.0, 0.0, 5.0, 9.0, 2.0])
    one, sixty = (
        daily.interval(part.sum(), daily.rate_dispersion(part, least=least))
        for part, least in ((hours, 1.5), (60.0 * hours, 90.0))
    )

    assert 60.0 * one[0] == pytest.approx(sixty[0])
    assert 60.0 * one[1] == pytest.approx(sixty[1])


def test_what_the_allowance_is_by_the_matrix_that_defines_it() -> None:
    """The variance of the sum over the mean square of the terms, of days correlated by 0.8 a day."""
    slow, allowance = daily._slow(30, 0, 3, 0.8)
    matrix = 0.8 ** np.abs(np.subtract.outer(np.arange(30), np.arange(30)))

    assert slow.T @ slow == pytest.approx(np.eye(3), abs=1e-12)
    assert allowance == pytest.approx(matrix.sum() / 30 / np.trace(slow.T @ matrix @ slow) * 3)


def test_a_half_recorded_day_counts_half() -> None:
    """Two halves at the ends, of an even rate: no day is unlike another."""
    shares = np.array([0.5, 1.0, 1.0, 1.0, 0.5])

    assert daily.rate_dispersion(20.0 * shares, shares) == 1.0
    found = pledge.change(20.0 * shares, 10.0 * shares, np.concatenate([shares, shares]))
    assert found is not None
    assert found.ratio == pytest.approx(0.5)
    assert found.dispersion == 1.0


def test_a_party_that_flies_no_more_has_an_interval() -> None:
    """Nothing after: from 0 to what so many before allow."""
    found = pledge.change(np.full(20, 10.0), np.zeros(20))

    assert found is not None
    assert (found.ratio, found.low) == (0.0, 0.0)
    assert 0.01 < found.high < 0.05
