"""Configurations of guidance: the presets hold the reference's figures, and nonsense is refused."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from wideberth.errors import UsageError
from wideberth.guide.config import Alerter, Config, Cylinder, Level, WellClear
from wideberth.guide.presets import PRESETS, of_minima
from wideberth.minima import Minima

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = ("", "_s", "_m", "_rad", "_mps", "_mps2", "_radps")
FIELDS = {field.name for field in dataclasses.fields(Config)}


def si(value: Any) -> Any:
    """Return a parameter of the reference in SI."""
    return value["si"] if isinstance(value, dict) else value


def field_of(parameter: str) -> str:
    """Return what one of the reference's parameters is called here."""
    (name,) = {parameter + suffix for suffix in SUFFIXES} & FIELDS
    return name


def assert_equals_reference(config: Config, file: Path) -> None:
    """Compare every parameter, exactly."""
    reference = json.loads(file.read_text())
    parameters = {name: si(value) for name, value in reference["parameters"].items() if name != "alerters"}
    assert {name: getattr(config, field_of(name)) for name in parameters} == parameters
    theirs = [
        (
            level["region"],
            si(level["alerting_time"]),
            si(level["early_alerting_time"]),
            *(si(value) for key, value in level["detector"].items() if key != "type"),
        )
        for alerter in reference["alerters"]
        for level in alerter["levels"]
    ]
    ours = [
        (
            level.region,
            level.alerting_time_s,
            level.early_alerting_time_s,
            *dataclasses.astuple(level.volume),
        )
        for alerter in config.alerters
        for level in alerter.levels
    ]
    assert ours == theirs


@pytest.mark.parametrize(
    ("preset", "file"),
    [
        ("do365b", "do365b_hyst"),
        ("do365b-no-sum", "do365b_hyst"),
        ("buffered", "buffered_b_kin"),
        ("cylinder", "cd3d_inst"),
    ],
)
def test_presets_hold_the_figures_of_the_reference(shared_oracles: Path, preset: str, file: str) -> None:
    """Every parameter, alerter, level and volume equals what the reference ships, to the last digit."""
    assert_equals_reference(Config.preset(preset), shared_oracles / "daidalus" / "configs" / f"{file}.json")


def test_without_memory_is_the_configuration_of_single_states(shared_oracles: Path) -> None:
    """What the reference calls do365b_kin is do365b without memory."""
    assert_equals_reference(
        Config.preset("do365b").without_memory(),
        shared_oracles / "daidalus" / "configs" / "do365b_kin.json",
    )


@pytest.mark.parametrize("name", PRESETS)
def test_every_named_preset_can_be_built_and_says_where_it_is_from(name: str) -> None:
    """Each name of the table gives a configuration of that name, with a source."""
    config = Config.preset(name)

    assert config.name == name
    assert config.source != "given by the user"


def test_f3442_keeps_its_hockey_puck() -> None:
    """A small drone's volume is 2000 ft by 250 ft, and recovery aims at the same."""
    config = Config.preset("f3442")

    assert {level.volume for level in config.alerters[0].levels} == {Cylinder(609.6, 76.2)}
    assert config.min_horizontal_recovery_m == 609.6
    assert config.horizontal_nmac_m == 152.4


def test_minima_can_be_the_volume() -> None:
    """A cylinder of both, for recovery as well; where they are smaller than a near mid-air collision, that shrinks."""
    config = of_minima(Minima(5556.0, 1000.0))
    small = of_minima(Minima(100.0, 50.0))

    assert config.alerters[0].levels[0].volume == Cylinder(5556.0, 304.8)
    assert (config.min_horizontal_recovery_m, config.min_vertical_recovery_m) == (5556.0, 304.8)
    assert (config.horizontal_nmac_m, config.vertical_nmac_m) == (152.4, 30.48)
    assert (small.horizontal_nmac_m, small.vertical_nmac_m) == (100.0, 15.24)


def test_sensor_uncertainty_is_told_to_change_nothing() -> None:
    """DO-365B asks for z-scores; a notice says that states are taken as exact, and one without asks for none."""
    (notice,) = Config.preset("do365b").notices

    assert "h_pos_z_score" in notice
    assert "exact" in notice
    assert Config.preset("buffered").notices == ()


def test_an_unknown_preset_proposes_the_nearest() -> None:
    """A misspelt name is answered with the one that is near."""
    with pytest.raises(UsageError, match="Did you mean 'do365b'"):
        Config.preset("do365")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"max_hs_mps": 1.0}, "min_hs_mps .* is not below max_hs_mps"),
        ({"bank_angle_rad": 0.2}, "set the other to 0"),
        ({"dta_logic": 1}, "terminal areas .* not modelled"),
        ({"conflict_crit": True}, "coordination .* Set it to false"),
        ({"alerting_m": 5}, "M is in 0 to N"),
        ({"ca_bands": 1}, "ca_bands is true or false"),
        ({"ca_factor": 1.0}, "not between 0 and 1"),
        ({"step_hdir_rad": math.nan}, "finite number"),
        ({"step_hdir_rad": 0.0}, "greater than 0"),
        ({"left_hdir_rad": 4.0}, "half a turn"),
        ({"alertign_m": 1}, "Did you mean 'alerting_m'"),
        ({"alerters": ()}, "no alerters"),
        ({"corrective_region": "NONE"}, "FAR, MID or NEAR"),
        ({"corrective_region": "near"}, "one of NONE, FAR, MID, NEAR"),
        ({"horizontal_nmac_m": 0.0}, "greater than 0"),
        ({"persistence_time_s": -1.0}, "at least 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any], told: str) -> None:
    """Each wrong value is answered with its name and what would be right."""
    with pytest.raises(UsageError, match=told):
        Config.preset("do365b").changed(**changes)


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: WellClear(0.0, 100.0, 35.0, 0.0), "dthr_m = 0 must be greater than 0"),
        (lambda: WellClear(100.0, 100.0, -1.0, 0.0), "tthr_s = -1 must be at least 0"),
        (lambda: Cylinder(100.0, math.inf), "half_height_m is a finite number"),
        (lambda: Level(Cylinder(1.0, 1.0), 30.0, 20.0), "Early is as early or earlier"),
        (lambda: Level(5.0, 30.0, 30.0), "WellClear or a Cylinder, not float"),  # type: ignore[arg-type]
        (lambda: Alerter("one", ()), "alerter 'one' has no levels"),
    ],
)
def test_parts_that_cannot_be_meant_are_refused(build: Any, told: str) -> None:
    """Volumes, levels and alerters check themselves."""
    with pytest.raises(UsageError, match=told):
        build()


def test_two_alerters_of_one_name_are_refused() -> None:
    """A name tells which alerter is meant."""
    one = Config.preset("f3442").alerters[0]

    with pytest.raises(UsageError, match="2 alerters are called 'F3442'"):
        Config(alerters=(one, one))


def test_a_level_is_found_by_its_region() -> None:
    """The corrective level of DO-365B is the second; a region that nothing paints has none."""
    alerter = Config.preset("do365b").alerters[0]

    assert (alerter.level_of("MID"), alerter.level_of("FAR")) == (2, 0)
