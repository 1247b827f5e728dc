"""Files of guidance: configurations as YAML and .conf, states as .daa; what is wrong in them is told by line."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wideberth.errors import ConfigurationError, ReadError, UsageError
from wideberth.guide import config_files, daa
from wideberth.guide.config import Config
from wideberth.guide.config_files import parse_yaml
from wideberth.guide.daidalus_conf import parse_conf, to_conf
from wideberth.guide.parameters import PARAMETERS, UNITS, parse, written
from wideberth.guide.presets import PRESETS
from wideberth.guide.states import States

UNIT_DIGITS = 1e-14  # relative: a way to knots and back is two roundings

CONFIGS = (
    "do365b_kin",
    "do365b_hyst",
    "do365b_limited",
    "buffered_b_kin",
    "cd3d_inst",
    "drone_kin",
    "drone_inst",
)

SMALL = """\
guidance: 1
name: ours
lookahead_time: 90 s
max_vs: 3000 fpm
alerters:
  one:
    - {region: MID, alerting_time: 55 s, well_clear: {dthr: 0.66 NM, zthr: 450 ft, tthr: 35 s, tcoa: 0 s}}
    - {region: NEAR, alerting_time: 25 s, early_alerting_time: 30 s, cylinder: {radius: 500 ft, half_height: 100 ft}}
"""

HEAD_ON = """\
## made by hand
NAME, lat, lon, alt, vx, vy, vz, time
[none], [deg], [deg], [ft], [knot], [knot], [fpm], [s]
Ownship, 33.8, -117.0, 17000, 0, 200, 0, 0
Intruder, 34.5, -117.0, 17500.0, 0, -600, -500, 0
Ownship, 33.8009, -117.0, 17000, 0, 200, 0, 1
"""


def conf_of(reference: dict[str, Any]) -> str:
    """Return what one of the reference's configurations says, as a .conf file with its own units."""

    def shown(value: Any) -> str:
        if isinstance(value, dict):
            return f"{value['value']!r} [{value['unit']}]"
        return str(value).lower() if isinstance(value, bool) else str(value)

    lines = [f"{name} = {shown(value)}" for name, value in reference["parameters"].items()]
    for alerter in reference["alerters"]:
        for level in alerter["levels"]:
            k, name, detector = level["level"], alerter["name"], level["detector"]
            for key in ("region", "alerting_time", "early_alerting_time"):
                lines.append(f"{name}_alert_{k}_{key} = {shown(level[key])}")
            lines += [
                f"{name}_alert_{k}_spread_{key} = {shown(value)}" for key, value in level["spread"].items()
            ]
            lines.append(f"{name}_alert_{k}_detector = det_{k}")
            lines += [
                f"{name}_det_{k}_{key} = {shown(value)}" for key, value in detector.items() if key != "type"
            ]
            lines.append(f"{name}_load_core_detection_det_{k} = gov.nasa.larcfm.ACCoRD.{detector['type']}")
    return "\n".join(["# Daidalus Object", *lines])


def told(text: str, read: Any = parse_yaml) -> list[str]:
    """Return what is said to be wrong with a text."""
    with pytest.raises(ConfigurationError) as caught:
        read(text, file="f")
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("name", CONFIGS)
def test_conf_files_give_the_si_values_of_the_reference(shared_oracles: Path, name: str) -> None:
    """Every parameter of each configuration reads, from its own unit, as the very float the reference computes with."""
    reference = json.loads((shared_oracles / "daidalus" / "configs" / f"{name}.json").read_text())

    config = parse_conf(conf_of(reference), file=f"{name}.conf")

    for key, value in reference["parameters"].items():
        if key != "alerters":
            expected = value["si"] if isinstance(value, dict) else value
            assert getattr(config, PARAMETERS[key].field) == expected, key
    volumes = [dataclasses.astuple(level.volume) for each in config.alerters for level in each.levels]
    assert volumes == [
        tuple(value["si"] for key, value in level["detector"].items() if key != "type")
        for each in reference["alerters"]
        for level in each["levels"]
    ]
    assert config.name == name


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("ending", [".yaml", ".conf"])
def test_a_written_configuration_reads_back_equal(tmp_path: Path, name: str, ending: str) -> None:
    """Each preset goes through either kind of file without losing a digit; .conf keeps no name and no source."""
    path = tmp_path / f"it{ending}"
    config = Config.preset(name)

    config_files.write(config, path)
    again = config_files.load(path)

    if ending == ".conf":
        again = again.changed(name=config.name, source=config.source)
    assert again == config


@given(
    st.sampled_from(sorted(UNITS)),
    st.floats(-1e7, 1e7, allow_nan=False).filter(lambda value: value == 0.0 or abs(value) > 1e-6),
)
def test_any_value_is_written_so_that_it_reads_back(kind: str, value: float) -> None:
    """Whatever unit is chosen, the float that is read is the one that was written."""
    assert parse(written(value, kind), kind) == value


def test_yaml_tells_levels_volumes_and_units() -> None:
    """Both kinds of volume, a default for the early time, and units as people write them."""
    config = parse_yaml(SMALL)

    corrective, warning = config.alerters[0].levels
    assert dataclasses.astuple(corrective.volume) == (1222.3200000000002, 137.16, 35.0, 0.0)
    assert dataclasses.astuple(warning.volume) == (152.4, 30.48)
    assert (corrective.early_alerting_time_s, warning.early_alerting_time_s) == (55.0, 30.0)
    assert (config.lookahead_time_s, config.max_vs_mps) == (90.0, 15.24)
    assert config.name == "ours"


def test_yaml_changes_a_preset() -> None:
    """A file may name a base and only what differs."""
    config = parse_yaml("guidance: 1\nbase: do365b\nturn_rate: 1.5 deg/s\n", file="slow.yaml")

    assert config == Config.preset("do365b").changed(
        turn_rate_radps=math.radians(1.5), name="slow", source="slow.yaml"
    )


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        (
            "lookahead_time: 90 s",
            "lokahead_time: 90 s",
            "f:3: 'lokahead_time' is not known here. Did you mean 'lookahead_time'?",
        ),
        ("90 s", "90 ft", "f:3: lookahead_time: 'ft' is not a unit of duration. Known: s, ms, min, h."),
        ("90 s", "90", "f:3: lookahead_time: '90' has no unit, and is a duration. Write it like 55 s."),
        ("90 s", "soon", "f:3: lookahead_time: 'soon' is not a number. Write it like 55 s."),
        ("90 s", "[90 s]", "f:3: lookahead_time: ['90 s'] is not a duration. Write 55 s."),
        (
            "guidance: 1",
            "guidance: 2",
            "f:1: that version is not read here. A configuration begins with 'guidance: 1'.",
        ),
        (
            "guidance: 1",
            "# nothing",
            "f:2: the version is missing. A configuration begins with 'guidance: 1'.",
        ),
        (
            "region: MID",
            "region: mid",
            "f:7: region: 'mid' is not a region. Write one of NONE, FAR, MID, NEAR.",
        ),
        ("alerting_time: 55 s, ", "", "f:7: 'alerting_time' is missing. Write alerting_time: 55 s."),
        (
            ", tcoa: 0 s",
            "",
            "f:7: 'tcoa' is missing. Write well_clear: {dthr: ..., zthr: ..., tthr: ..., tcoa: ...}.",
        ),
        (
            "radius: 500 ft",
            "radius: 500 s",
            "f:8: radius: 's' is not a unit of length. Known: m, km, ft, nmi, NM, nm, mi.",
        ),
        ("radius: 500 ft", "radius: 0 ft", "f:8: a cylinder: radius_m = 0 must be greater than 0."),
        (
            "early_alerting_time: 30 s",
            "early_alerting_time: 20 s",
            "f:8: an alert level's early_alerting_time_s (20) is below its alerting_time_s (25). "
            "Early is as early or earlier.",
        ),
        (
            "cylinder:",
            "cube:",
            "f:8: 'cube' is not known here. Known: region, alerting_time, early_alerting_time, "
            "well_clear, cylinder.",
        ),
        (
            "max_vs: 3000 fpm",
            "max_vs: -7000 fpm",
            "f:4: configuration 'ours': min_vs_mps (-30.48) is not below max_vs_mps (-35.56).",
        ),
        (
            "max_vs: 3000 fpm",
            "dta_logic: 1",
            "f:4: configuration 'ours': dta_logic = 1: terminal areas (DTA) are not modelled. Set it to 0.",
        ),
    ],
)
def test_each_fault_of_a_yaml_file_is_told_with_its_line(wrong: str, right: str, message: str) -> None:
    """One thing put wrong in a good file is told with file, line, key and what is right."""
    assert wrong in SMALL

    assert message in told(SMALL.replace(wrong, right, 1))


def test_all_faults_of_a_yaml_file_are_told_at_once() -> None:
    """Reading goes on after a fault, in the order of the file."""
    faults = told("guidance: 1\nbase: do366\nturn_rat: 3 deg/s\nstep_hs: 5 s\n")

    assert [fault.split(" ")[0] for fault in faults] == ["f:2:", "f:3:", "f:4:"]
    assert "Did you mean 'do365b'?" in faults[0]


def test_a_yaml_file_without_alerters_says_so() -> None:
    """Neither alerters nor a base leaves nothing to alert by."""
    (fault,) = told("guidance: 1\nlookahead_time: 90 s\n")

    assert fault.startswith("f:1: 'alerters' is missing. Write alerters:")


@pytest.mark.parametrize(
    ("text", "begins"), [("", "f:1: the file is empty."), ("a: [", "f:1: this is not YAML")]
)
def test_what_is_no_yaml_is_told_as_a_configuration(text: str, begins: str) -> None:
    """Faults of YAML itself speak of a configuration, not of an agreement."""
    (fault,) = told(text)

    assert fault.startswith(begins)
    assert "agreement" not in fault


CONF = to_conf(Config.preset("f3442"))


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        (
            "lookahead_time = 60.0 [s]",
            "lookahead_time = 60.0 [ft]",
            "lookahead_time: 'ft' is not a unit of duration. Known: s, ms, min, h.",
        ),
        (
            "lookahead_time = 60.0 [s]",
            "lokahead_time = 60.0 [s]",
            "'lokahead_time' is not known here. Did you mean 'lookahead_time'?",
        ),
        (
            "lookahead_time = 60.0 [s]",
            "lookahead_time",
            "'lookahead_time' is no parameter. Write name = value [unit].",
        ),
        (
            "ca_bands = true",
            "ca_bands = yes",
            "ca_bands: 'yes' is neither true nor false. Write true or false.",
        ),
        (
            "alerters = F3442",
            "alerters = F3443",
            "alerter 'F3443' has no levels. Write F3443_alert_1_region and so on.",
        ),
        (
            "alerters = F3442",
            "",
            "no alerters are named. Write alerters = NAME,NAME and for each NAME_alert_1_region and so on.",
        ),
        ("F3442_det_1_D = 2000.0 [ft]", "", "'F3442_det_1_D' is missing. CDCylinder needs D, H."),
        (
            "ACCoRD.CDCylinder",
            "ACCoRD.TCAS3D",
            "F3442_load_core_detection_det_1: 'gov.nasa.larcfm.ACCoRD.TCAS3D' is not modelled. "
            "Known: WCV_TAUMOD, CDCylinder.",
        ),
        (
            "F3442_alert_1_detector = det_1",
            "F3442_alert_1_detector = det_7",
            "'F3442_load_core_detection_det_7' is missing: what detects by 'det_7' is not told. "
            "Write F3442_load_core_detection_det_7 = gov.nasa.larcfm.ACCoRD.WCV_TAUMOD.",
        ),
        (
            "F3442_alert_1_region = MID",
            "F3442_alert_1_region = MID\nF3442_alert_1_spread_hs = 5 [knot]",
            "F3442_alert_1_spread_hs: spread is not modelled. Set it to 0.",
        ),
        (
            "F3442_alert_1_alerting_time = 30.0 [s]",
            "",
            "'F3442_alert_1_alerting_time' is missing. Write it, such as 55 [s].",
        ),
        (
            "conflict_crit = false",
            "conflict_crit = true",
            "conflict_crit = True: implicit coordination by criteria is not modelled. Set it to false.",
        ),
        ("ca_bands = true", "ca_bands = true\nca_bands = true", "'ca_bands' is there twice"),
    ],
)
def test_each_fault_of_a_conf_file_is_told_with_its_line(wrong: str, right: str, message: str) -> None:
    """One thing put wrong in a good file is told; where it stands in a line, with that line."""
    text = CONF.replace(wrong, right, 1)
    assert text != CONF

    faults = told(text, parse_conf)

    (fault,) = [each for each in faults if message in each]
    if right:
        where = text[: text.index(right.splitlines()[-1])].count("\n") + 1
        assert fault.startswith("f:")
        assert (
            "missing" in fault or "no levels" in fault or fault.startswith((f"f:{where}:", f"f:{where + 1}:"))
        )


def test_detection_with_sensor_uncertainty_is_read_as_the_one_without() -> None:
    """DO_365B_SUM names another class and its z-scores; the volume is the same."""
    config = Config.preset("do365b")
    text = to_conf(config).replace("ACCoRD.WCV_TAUMOD", "ACCoRD.WCV_TAUMOD_SUM")

    again = parse_conf(text + "DWC_Phase_I_det_1_h_pos_z_score = 1.5\n")

    assert again.alerters == config.alerters


def test_resolve_takes_a_name_a_file_or_a_configuration(tmp_path: Path) -> None:
    """What is meant by a text is told by its ending; a preset wins."""
    path = tmp_path / "mine.yaml"
    path.write_text(SMALL)
    config = Config.preset("buffered")

    assert config_files.resolve("buffered") == config
    assert config_files.resolve(config) is config
    assert config_files.resolve(str(path)) == config_files.resolve(path) == parse_yaml(SMALL, file=str(path))
    with pytest.raises(UsageError, match="no configuration is called 'bufered'"):
        config_files.resolve("bufered")
    with pytest.raises(ReadError, match="cannot be read"):
        config_files.resolve(tmp_path / "none.yaml")


def test_writing_under_another_ending_is_refused(tmp_path: Path) -> None:
    """The ending tells the kind of file."""
    with pytest.raises(UsageError, match=r"ends in \.yaml or \.conf"):
        config_files.write(Config.preset("f3442"), tmp_path / "it.json")
    with pytest.raises(UsageError, match=r"ends in \.daa"):
        daa.write(daa.parse(HEAD_ON), tmp_path / "it.csv")


def test_a_daa_file_gives_states_by_instant_and_aircraft() -> None:
    """The first aircraft is the ownship; units become SI; who is not there is NaN."""
    states = daa.parse(HEAD_ON)

    assert states.names == ("Ownship", "Intruder")
    assert states.t_s.tolist() == [0.0, 1.0]
    assert not states.is_plane
    assert states.lat_deg[0].tolist() == pytest.approx([33.8, 34.5], rel=UNIT_DIGITS)
    assert states.altitude_m[0].tolist() == pytest.approx([5181.6, 5334.0], rel=UNIT_DIGITS)
    assert states.vy_mps[0].tolist() == pytest.approx(
        [200 * 1852 / 3600, -600 * 1852 / 3600], rel=UNIT_DIGITS
    )
    assert states.vz_mps[0, 1] == pytest.approx(-2.54, rel=UNIT_DIGITS)
    assert states.is_there().tolist() == [[True, True], [True, False]]
    assert states.alerter.tolist() == [[1, 1], [1, 1]]


def test_a_daa_file_in_the_plane_with_track_and_milliseconds() -> None:
    """Columns set apart by blanks, positions in a plane, velocities by track and speed, times in milliseconds."""
    states = daa.parse(
        "NAME sx sy sz trk gs vs time alerter\n"
        "[none] [nmi] [m] [ft] [deg] [kn] [fpm] [ms] [none]\n"
        "own 1 0 1000 90 100 0 46000 1\n"
        "drone 0 50 900 180 10 -100 46000 2\n"
    )

    assert states.is_plane
    assert states.t_s.tolist() == [46.0]
    assert states.x_m[0].tolist() == [1852.0, 0.0]
    assert states.vx_mps[0, 0] == pytest.approx(100 * 1852 / 3600, rel=UNIT_DIGITS)
    assert states.vy_mps[0, 1] == pytest.approx(-10 * 1852 / 3600, rel=UNIT_DIGITS)
    assert states.alerter[0].tolist() == [1, 2]
    assert np.degrees(states.track_rad[0]).tolist() == pytest.approx([90.0, 180.0], rel=UNIT_DIGITS)


def test_heading_and_airspeed_tell_the_wind() -> None:
    """Ground velocity less the velocity through the air is the wind: here 40 kt towards 350°."""
    states = daa.parse(
        "NAME lat lon alt trk gs vs heading airspeed time\n"
        "[none] [deg] [deg] [ft] [deg] [knot] [fpm] [deg] [knot] [s]\n"
        "own 40.7 -74 15000 0 120.000051 0 4.924982 80.906451 0\n"
    )

    east, north = (states.wind_mps[0] * 3600 / 1852).tolist()
    assert math.hypot(east, north) == pytest.approx(40.0, abs=1e-4)  # as many digits as the file has
    assert math.degrees(math.atan2(east, north)) == pytest.approx(-10.0, abs=1e-3)


def test_standard_deviations_are_read_over_and_told() -> None:
    """A file with sensor uncertainty is read as exact states, and says so."""
    text = HEAD_ON.replace("vz, time", "vz, time, s_EW_std").replace("[s]\n", "[s], [nmi]\n")
    text = (
        text.replace(", 0\nInt", ", 0, 0.02\nInt")
        .replace("-500, 0", "-500, 0, 0.02")
        .replace(", 0, 1\n", ", 0, 1, 0\n")
    )

    assert "s_EW_std: read over" in daa.parse(text).notices[0]


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        (", time\n", ", tyme\n", "f:2: 'tyme' is not known as a column. Did you mean 'time'?"),
        ("[ft]", "[kg]", "f:3: 'kg' is not a unit of 'alt'. Known: m, km, ft, nmi, NM, nm, mi."),
        (", [s]\n", "\n", "f:3: 7 units for 8 columns. Write one each; [none] for a name."),
        (
            "Ownship, 33.8, -117.0, 17000, 0, 200, 0, 0",
            "Ownship, 33.8, -117.0",
            "f:4: 3 values for 8 columns. Each line has them all.",
        ),
        ("17500.0", "high", "f:5: 'high' is not a number (alt). Write a number."),
        ("17500.0", "nan", "f:5: 'nan' is not a number (alt). Write a number."),
        ("34.5", "134.5", "f:5: lat is beyond 90°. Is the unit right?"),
        (
            "200, 0, 1\n",
            "200, 0, 0\n",
            "f:6: 'Ownship' is there twice at 0 s (first in line 4). Keep one of them.",
        ),
        ("vx, vy, vz", "vx, vy, gs", "f:2: no columns tell a velocity."),
        (
            "[none], [deg], [deg], [ft], [knot], [knot], [fpm], [s]\n",
            "",
            "f:3: '17000' is a number, not a unit.",
        ),
    ],
)
def test_each_fault_of_a_daa_file_is_told_with_its_line(wrong: str, right: str, message: str) -> None:
    """One thing put wrong in a good file is told with file, line and what is right."""
    assert wrong in HEAD_ON

    assert any(fault.startswith(message) for fault in told(HEAD_ON.replace(wrong, right, 1), daa.parse))


def test_a_file_of_another_kind_does_not_give_a_fault_a_line() -> None:
    """After twenty faults reading ends."""
    text = HEAD_ON + "x\n" * 1000

    faults = told(text, daa.parse)

    assert len(faults) == 21
    assert "reading ends here" in faults[-1]


@pytest.mark.parametrize("is_plane", [True, False])
def test_written_states_read_back(tmp_path: Path, is_plane: bool) -> None:
    """Positions, velocities, alerters and who is missing come back, to the rounding of knots and feet."""
    rng = np.random.default_rng(6)
    across = rng.uniform(-80, 80, (2, 3, 2))
    names = ("x_m", "y_m") if is_plane else ("lat_deg", "lon_deg")
    columns = {name: rng.uniform(-200, 200, (3, 2)) for name in ("altitude_m", "vx_mps", "vy_mps", "vz_mps")}
    columns["vz_mps"][1, 1] = np.nan
    states = States(
        ("own", "one two"), np.array([0.0, 1.0, 2.5]), alerter=np.array([[1, 2]] * 3), **columns,
        **dict(zip(names, across, strict=True)),
    )  # fmt: skip
    path = tmp_path / "states.daa"

    daa.write(states, path)
    again = daa.read(path)

    assert again.names == ("own", "one_two")
    there = states.is_there()
    assert (again.is_there() == there).all()
    for name in (*columns, *names):
        np.testing.assert_allclose(
            getattr(again, name)[there], getattr(states, name)[there], rtol=UNIT_DIGITS
        )
    assert again.alerter[0, 1] == 2


def test_another_ownship_can_be_looked_from() -> None:
    """The one that is named comes first, the others keep their order; a name of none is told."""
    states = daa.parse(HEAD_ON).seen_from("Intruder")

    assert states.names == ("Intruder", "Ownship")
    assert states.altitude_m[0].tolist() == pytest.approx([5334.0, 5181.6], rel=UNIT_DIGITS)
    with pytest.raises(UsageError, match="There are: Intruder, Ownship"):
        states.seen_from("nobody")


ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "guidance.md").read_text("utf-8")


def test_the_examples_of_the_page_can_be_read() -> None:
    """Each YAML block is a configuration, the block of states is one, and the faults are told as the page says."""
    (yaml,) = re.findall(r"```yaml\n(guidance: 1.*?)```", PAGE, re.DOTALL)
    (text,) = re.findall(r"```text\n(NAME.*?)```", PAGE, re.DOTALL)

    assert parse_yaml(yaml).alerters[0].name == "helicopters"
    assert daa.parse(text).names == ("Ownship", "Intruder")
    wrong = yaml.replace("lookahead_time", "lokahead_time").replace("12 deg/s", "12 deg")
    with pytest.raises(ConfigurationError) as caught:
        parse_yaml(wrong, file="mine.yaml")
    for fault in caught.value.faults:
        assert str(fault) in PAGE


def test_the_example_beside_the_page_can_be_read() -> None:
    """The scene is head-on."""
    states = daa.read(ROOT / "examples" / "guidance" / "head-on.daa")

    assert np.degrees(states.track_rad[0]).tolist() == pytest.approx([90.0, 270.0])


def test_the_python_of_the_page_runs() -> None:
    """The block about states is run as it stands; what its comment says is so."""
    (block,) = re.findall(
        r"```python\n(import wideberth as wb\nfrom wideberth.guide import daa.*?)```", PAGE, re.DOTALL
    )
    names: dict[str, Any] = {}

    exec(block.replace("examples/", f"{ROOT}/examples/"), names)

    assert names["advice"].level == 3
    assert 90.0 < names["advice"].hdir.shown.high_resolution < 270.0
