"""The ``.conf`` files of DAIDALUS: a line a parameter, ``lookahead_time = 180.0 [s]``.

``alerters = A,B`` names the alerters; what belongs to one begins with its name: ``A_alert_1_region``,
``A_alert_1_detector = det_1``, ``A_det_1_WCV_DTHR``, ``A_load_core_detection_det_1`` the class that detects.
Lines that begin with # say nothing.  Spreads and classes that are not modelled are refused; a class with
sensor uncertainty (WCV_TAUMOD_SUM) is read as the one without.

Source: the configuration files that DAIDALUS 2.0.4 is shipped with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wideberth.errors import ConfigurationError, Fault, UsageError
from wideberth.guide.config import Alerter, Config, Cylinder, Level, Volume, WellClear, did_you_mean
from wideberth.guide.config_files import about
from wideberth.guide.parameters import PARAMETERS, parse, written

PACKAGE = "gov.nasa.larcfm.ACCoRD."
DETECTORS: dict[str, tuple[type[WellClear | Cylinder], dict[str, tuple[str, str]]]] = {
    "WCV_TAUMOD": (
        WellClear,
        {
            "WCV_DTHR": ("dthr_m", "m"),
            "WCV_ZTHR": ("zthr_m", "m"),
            "WCV_TTHR": ("tthr_s", "s"),
            "WCV_TCOA": ("tcoa_s", "s"),
        },
    ),
    "CDCylinder": (Cylinder, {"D": ("radius_m", "m"), "H": ("half_height_m", "m")}),
}
"""By the class's last name: its volume, and what sizes are called."""

SPREADS = {"spread_hdir": "rad", "spread_hs": "mps", "spread_vs": "mps", "spread_alt": "m"}
LEVEL_KEYS = {"region": "region", "alerting_time": "s", "early_alerting_time": "s", "detector": "", **SPREADS}
_LINE = re.compile(r"^\s*([A-Za-z_][\w.\-]*)\s*=\s*(.*?)\s*$")


def parse_conf(text: str, *, file: str = "configuration") -> Config:
    """Read a configuration from the text of a ``.conf`` file.

    Raises:
        ConfigurationError: it cannot be meant; all its faults.
    """
    return _Conf(text, file).config()


@dataclass
class _Entry:
    text: str
    line: int
    is_used: bool = False


class _Conf:
    """A file on its way to a `Config`; what is wrong is noted, and reading goes on."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.entries: dict[str, _Entry] = {}
        for number, line in enumerate(text.splitlines(), 1):
            bare = line.split("#", 1)[0]
            if not bare.strip():
                continue
            found = _LINE.match(bare)
            if found is None:
                self._fault(number, f"'{bare.strip()[:60]}' is no parameter.", "Write name = value [unit].")
            elif found.group(1) in self.entries:
                first = self.entries[found.group(1)].line
                self._fault(
                    number, f"'{found.group(1)}' is there twice (first in line {first}).", "Keep one of them."
                )
            else:
                self.entries[found.group(1)] = _Entry(found.group(2), number)

    def config(self) -> Config:
        """Return the configuration, or raise every fault."""
        fields: dict[str, Any] = {
            parameter.field: self._parsed(name, parameter.kind)
            for name, parameter in PARAMETERS.items()
            if name in self.entries
        }
        names = self._names()
        alerters = [self._alerter(name) for name in names]
        for key, entry in self.entries.items():
            if not entry.is_used:
                hint = did_you_mean(key, [*PARAMETERS, "alerters", *self._possible(names)]).strip()
                self._fault(entry.line, f"'{key}' is not known here.", hint if hint.startswith("Did") else "")
        self._raise()
        try:
            return Config(
                name=Path(self.file).stem,
                source=self.file,
                alerters=tuple(each for each in alerters if each is not None),
                **fields,
            )
        except UsageError as error:
            line = about(str(error), {key: entry.line for key, entry in self.entries.items()})
            self._fault(line, str(error), "")
            raise ConfigurationError(self.faults) from None

    def _raise(self) -> None:
        if self.faults:
            raise ConfigurationError(sorted(dict.fromkeys(self.faults), key=lambda fault: fault.line or 0))

    def _fault(self, line: int | None, what: str, remedy: str) -> None:
        self.faults.append(Fault(self.file, line, what, remedy))

    def _take(self, key: str) -> _Entry | None:
        entry = self.entries.get(key)
        if entry is not None:
            entry.is_used = True
        return entry

    def _parsed(self, key: str, kind: str, default: Any = None) -> Any:
        entry = self._take(key)
        if entry is None:
            return default
        try:
            return parse(entry.text, kind)
        except ValueError as error:
            what, _, remedy = str(error).partition(". ")
            self._fault(entry.line, f"{key}: {what}.", remedy)
            return default

    def _names(self) -> list[str]:
        entry = self._take("alerters")
        names = [] if entry is None else [name.strip() for name in entry.text.split(",") if name.strip()]
        if not names:
            self._fault(
                None if entry is None else entry.line,
                "no alerters are named.",
                "Write alerters = NAME,NAME and for each NAME_alert_1_region and so on.",
            )
        return names

    def _possible(self, names: list[str]) -> list[str]:
        return [f"{name}_alert_{k}_{key}" for name in names for k in (1, 2, 3) for key in LEVEL_KEYS]

    def _alerter(self, name: str) -> Alerter | None:
        numbers = sorted(
            {
                int(found.group(1))
                for key in self.entries
                if (found := re.match(rf"{re.escape(name)}_alert_(\d+)_", key)) is not None
            }
        )
        if not numbers:
            self._fault(
                self.entries["alerters"].line,
                f"alerter '{name}' has no levels.",
                f"Write {name}_alert_1_region and so on.",
            )
            return None
        if numbers != list(range(1, len(numbers) + 1)):
            self._fault(
                self.entries["alerters"].line,
                f"alerter '{name}' has the levels {', '.join(map(str, numbers))}.",
                "Count them from 1, leaving none out.",
            )
        levels = [self._level(f"{name}_alert_{k}_", name) for k in numbers]
        whole = tuple(level for level in levels if level is not None)
        return Alerter(name, whole) if whole else None

    def _level(self, prefix: str, name: str) -> Level | None:
        before = len(self.faults)
        first = min(entry.line for key, entry in self.entries.items() if key.startswith(prefix))
        region = self._parsed(prefix + "region", "region", "NONE")
        time_s = self._parsed(prefix + "alerting_time", "s")
        early_s = self._parsed(prefix + "early_alerting_time", "s", time_s)
        for key, kind in SPREADS.items():
            if self._parsed(prefix + key, kind, 0.0):
                line = self.entries[prefix + key].line
                self._fault(line, f"{prefix + key}: spread is not modelled.", "Set it to 0.")
        if prefix + "alerting_time" not in self.entries:
            self._fault(first, f"'{prefix}alerting_time' is missing.", "Write it, such as 55 [s].")
        detector = self._take(prefix + "detector")
        if detector is None:
            self._fault(first, f"'{prefix}detector' is missing.", "Write it, such as det_1.")
        volume = None if detector is None else self._volume(name, detector)
        if len(self.faults) > before or volume is None:
            return None
        try:
            return Level(volume, time_s, early_s, region)
        except UsageError as error:
            self._fault(first, f"{prefix[:-1]}: {error}", "")
            return None

    def _volume(self, name: str, detector: _Entry) -> Volume | None:
        key = f"{name}_load_core_detection_{detector.text}"
        entry = self._take(key)
        if entry is None:
            what = f"'{key}' is missing: what detects by '{detector.text}' is not told."
            self._fault(detector.line, what, f"Write {key} = {PACKAGE}WCV_TAUMOD.")
            return None
        kind = entry.text.rpartition(".")[2].removesuffix("_SUM")
        if kind not in DETECTORS:
            known = ", ".join(DETECTORS)
            self._fault(entry.line, f"{key}: '{entry.text}' is not modelled.", f"Known: {known}.")
            return None
        volume, sizes = DETECTORS[kind]
        prefix = f"{name}_{detector.text}_"
        for other in self.entries:  # of sensor uncertainty
            if other.startswith(prefix) and other.endswith(
                ("_z_score", "_z_score_min", "_z_score_max", "_z_distance")
            ):
                self._take(other)
        values = {field: self._parsed(prefix + size, unit) for size, (field, unit) in sizes.items()}
        for size in sizes:
            if prefix + size not in self.entries:
                self._fault(entry.line, f"'{prefix + size}' is missing.", f"{kind} needs {', '.join(sizes)}.")
        try:
            return None if None in values.values() else volume(**values)
        except UsageError as error:
            self._fault(entry.line, f"{prefix[:-1]}: {error}", "")
            return None


def to_conf(config: Config) -> str:
    """Return a configuration as the text of a ``.conf`` file; blanks in the names of alerters become _.

    Names and source are not kept: DAIDALUS has no place for them.
    """
    lines = [
        f"{name} = {written(getattr(config, parameter.field), parameter.kind, is_bracketed=True)}"
        for name, parameter in PARAMETERS.items()
    ]
    names = [re.sub(r"[^\w.\-]", "_", alerter.name) for alerter in config.alerters]
    lines.append(f"alerters = {','.join(names)}")
    for name, alerter in zip(names, config.alerters, strict=True):
        for k, level in enumerate(alerter.levels, 1):
            lines += _level_lines(name, k, level)
    return "\n".join(lines) + "\n"


def _level_lines(name: str, k: int, level: Level) -> list[str]:
    kind = next(each for each, (volume, _) in DETECTORS.items() if isinstance(level.volume, volume))
    sizes = DETECTORS[kind][1].items()
    return [
        f"{name}_alert_{k}_region = {level.region}",
        f"{name}_alert_{k}_alerting_time = {written(level.alerting_time_s, 's', is_bracketed=True)}",
        f"{name}_alert_{k}_early_alerting_time = {written(level.early_alerting_time_s, 's', is_bracketed=True)}",
        f"{name}_alert_{k}_detector = det_{k}",
        *(
            f"{name}_det_{k}_{size} = {written(getattr(level.volume, field), unit, is_bracketed=True)}"
            for size, (field, unit) in sizes
        ),
        f"{name}_load_core_detection_det_{k} = {PACKAGE}{kind}",
    ]
