"""Configurations of guidance as files: YAML of ours, and the ``.conf`` of DAIDALUS.

Both call a parameter as DAIDALUS does.  One that a file does not tell has the value of DO-365B, or of the
preset that a YAML file names as its ``base``.  Every fault is told at once: file, line, what is wrong, what is right.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from wideberth.errors import ConfigurationError, Fault, ReadError, UsageError, reason
from wideberth.guide.config import Alerter, Config, Cylinder, Level, WellClear, did_you_mean
from wideberth.guide.parameters import PARAMETERS, parse, written
from wideberth.guide.presets import PRESETS, preset

if TYPE_CHECKING:
    from wideberth.agreement.tree import Path as At
    from wideberth.agreement.tree import Tree

YAML_ENDINGS, CONF_ENDINGS = (".yaml", ".yml"), (".conf",)
MOST_BYTES = 2**20
VERSION = "guidance"
BEGINNING = "A configuration begins with 'guidance: 1'."
LEVEL_KEYS = {"region": "region", "alerting_time": "s", "early_alerting_time": "s"}
VOLUMES: dict[str, tuple[type[WellClear | Cylinder], dict[str, str]]] = {
    "well_clear": (WellClear, {"dthr": "m", "zthr": "m", "tthr": "s", "tcoa": "s"}),
    "cylinder": (Cylinder, {"radius": "m", "half_height": "m"}),
}


def resolve(config: str | Path | Config) -> Config:
    """Return the configuration that is meant: itself, a preset's name, or a file's.

    Raises:
        UsageError: no preset is called so, and it is no name of a file.
        ReadError: the file cannot be read.
        ConfigurationError: the file cannot be meant.
    """
    if isinstance(config, Config):
        return config
    if isinstance(config, str) and (config in PRESETS or not _is_file_name(config)):
        return preset(config)
    return load(config)


def _is_file_name(text: str) -> bool:
    return Path(text).suffix.lower() in (*YAML_ENDINGS, *CONF_ENDINGS) or "/" in text


def load(path: str | Path) -> Config:
    """Read a configuration file: YAML (.yaml, .yml) or of DAIDALUS (.conf).

    Raises:
        ReadError: it cannot be read.
        ConfigurationError: it cannot be meant; all its faults.
    """
    source = Path(path)
    text = text_of(source)
    if source.suffix.lower() in YAML_ENDINGS:
        return parse_yaml(text, file=str(source))
    from wideberth.guide.daidalus_conf import parse_conf

    return parse_conf(text, file=str(source))


def text_of(source: Path, most_bytes: int = MOST_BYTES) -> str:
    """Return the text of a file.

    Raises:
        ReadError: it cannot be read, is too large, or is not UTF-8.
    """
    try:
        content = source.read_bytes()
    except (OSError, ValueError) as error:
        raise ReadError(f"{source}: cannot be read: {reason(error)}.") from None
    if len(content) > most_bytes:
        raise ReadError(f"{source}: larger than {most_bytes / 2**20:g} MiB. Is this a file for guidance?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(f"{source}: byte {error.start} is not UTF-8. Is this a text file?") from None


def write(config: Config, path: str | Path) -> None:
    """Write a configuration, whole or not at all: YAML or, by its ending, .conf.  It reads back equal.

    Raises:
        UsageError: another ending.
        WriteError: it cannot be written.
    """
    from wideberth import tables
    from wideberth.guide.daidalus_conf import to_conf

    target = Path(path)
    ending = target.suffix.lower()
    if ending not in (*YAML_ENDINGS, *CONF_ENDINGS):
        raise UsageError(f"'{target}': a configuration ends in .yaml or .conf.")
    text = to_conf(config) if ending in CONF_ENDINGS else to_yaml(config)
    with tables.whole_file(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def parse_yaml(text: str, *, file: str = "configuration") -> Config:
    """Read a configuration from YAML.

    Raises:
        ConfigurationError: it cannot be meant; all its faults.
    """
    from wideberth.agreement import tree
    from wideberth.errors import AgreementError

    try:
        found = tree.read(text, file)
    except AgreementError as error:
        raise ConfigurationError([_of_ours(fault) for fault in error.faults]) from None
    return _Yaml(found).config()


def _of_ours(fault: Fault) -> Fault:
    """Return a fault of YAML itself in words about a configuration."""
    remedy = BEGINNING if fault.remedy.startswith("An agreement begins") else fault.remedy
    return Fault(fault.file, fault.line, fault.what, remedy.replace("agreement", "configuration"))


class _Yaml:
    """A YAML file on its way to a `Config`; what is wrong is noted, and reading goes on."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.faults = tree.faults

    def config(self) -> Config:
        """Return the configuration, or raise every fault."""
        value = self.tree.value
        if not isinstance(value, dict):
            self.tree.fault((), "a configuration is a mapping.", BEGINNING)
            raise ConfigurationError(self.faults)
        if value.get(VERSION) != "1":
            told = "the version is missing." if VERSION not in value else "that version is not read here."
            self.tree.fault((VERSION,) if VERSION in value else (), told, BEGINNING)
        base = self._base(value)
        fields = dict(self._fields(value))
        alerters = self._alerters(value["alerters"]) if "alerters" in value else ()
        if "alerters" not in value and "base" not in value:
            self.tree.fault(
                (),
                "'alerters' is missing.",
                "Write alerters: {NAME: [{region: MID, alerting_time: 55 s, well_clear: {...}}]}, or base: do365b.",
            )
        self._raise()
        fields["name"] = value.get("name") or Path(self.tree.file).stem
        fields["source"] = value.get("source") or self.tree.file
        if alerters:
            fields["alerters"] = alerters
        try:
            return Config(**fields) if base is None else base.changed(**fields)
        except UsageError as error:
            self._about(error, {name: (name,) for name in value})
            raise ConfigurationError(self.faults) from None

    def _raise(self) -> None:
        if self.faults:
            raise ConfigurationError(sorted(dict.fromkeys(self.faults), key=lambda fault: fault.line or 0))

    def _about(self, error: UsageError, known: dict[str, At]) -> None:
        self.tree.fault(about(str(error), known) or (), str(error))

    def _base(self, value: dict[str, Any]) -> Config | None:
        name = value.get("base")
        if name is None:
            return None
        try:
            return preset(name)
        except UsageError as error:
            what, _, remedy = str(error).partition(". ")
            self.tree.fault(("base",), f"base: {what}.", remedy)
            return None

    def _fields(self, value: dict[str, Any]) -> Any:
        known = (VERSION, "name", "source", "base", "alerters", *PARAMETERS)
        for name, text in value.items():
            if name not in known:
                self.tree.fault((name,), f"'{name}' is not known here.", did_you_mean(name, known).strip())
            elif name in ("name", "source") and not isinstance(text, str):
                self.tree.fault((name,), f"{name}: this is not a text.", f"Write {name}: a few words.")
            elif name in PARAMETERS:
                parameter = PARAMETERS[name]
                yield parameter.field, self._parsed(text, parameter.kind, (name,))

    def _parsed(self, text: Any, kind: str, at: At) -> Any:
        try:
            return parse(text, kind)
        except ValueError as error:
            what, _, remedy = str(error).partition(". ")
            self.tree.fault(at, f"{at[-1]}: {what}.", remedy)
            return None

    def _alerters(self, value: Any) -> tuple[Alerter, ...]:
        if not isinstance(value, dict) or not value:
            self.tree.fault(
                ("alerters",), "'alerters' is a mapping of names.", "Write alerters: {NAME: [...]}."
            )
            return ()
        return tuple(
            self._alerter(name, levels) for name, levels in value.items() if self._is_list(name, levels)
        )

    def _is_list(self, name: str, levels: Any) -> bool:
        is_list = isinstance(levels, list) and bool(levels)
        if not is_list:
            self.tree.fault(
                ("alerters", name),
                f"'{name}' is a list of levels, from mild to severe.",
                "Begin each with '- region: MID'.",
            )
        return is_list

    def _alerter(self, name: str, levels: list[Any]) -> Alerter:
        made = [self._level(each, ("alerters", name, i)) for i, each in enumerate(levels)]
        whole = tuple(level for level in made if level is not None)
        stand_in = (Level(Cylinder(1.0, 1.0), 0.0, 0.0),)  # never seen: there are faults
        return Alerter(name, whole or stand_in)

    def _level(self, value: Any, at: At) -> Level | None:
        if not isinstance(value, dict):
            self.tree.fault(
                at, "a level is a mapping.", "Write it like {region: MID, alerting_time: 55 s, ...}."
            )
            return None
        before = len(self.faults)
        for key in value:
            if key not in (*LEVEL_KEYS, *VOLUMES):
                self.tree.fault(
                    (*at, key),
                    f"'{key}' is not known here.",
                    did_you_mean(key, (*LEVEL_KEYS, *VOLUMES)).strip(),
                )
        told = {
            key: self._parsed(value[key], kind, (*at, key))
            for key, kind in LEVEL_KEYS.items()
            if key in value
        }
        if "alerting_time" not in value:
            self.tree.fault(at, "'alerting_time' is missing.", "Write alerting_time: 55 s.")
        volumes = [self._volume(key, value[key], (*at, key)) for key in VOLUMES if key in value]
        if len(volumes) != 1:
            self.tree.fault(at, "a level has one volume.", "Write well_clear: {...} or cylinder: {...}.")
        if len(self.faults) > before:
            return None
        alerting_s = told["alerting_time"]
        try:
            return Level(
                volumes[0],  # type: ignore[arg-type]  # None has left a fault
                alerting_s,
                told.get("early_alerting_time", alerting_s),
                told.get("region", "NONE"),
            )
        except UsageError as error:
            self.tree.fault(at, str(error))
            return None

    def _volume(self, key: str, value: Any, at: At) -> WellClear | Cylinder | None:
        kind, parts = VOLUMES[key]
        example = f"Write {key}: {{{', '.join(f'{part}: ...' for part in parts)}}}."
        if not isinstance(value, dict):
            self.tree.fault(at, f"'{key}' is a mapping.", example)
            return None
        before = len(self.faults)
        for part in value:
            if part not in parts:
                self.tree.fault(
                    (*at, part), f"'{part}' is not known here.", did_you_mean(part, parts).strip()
                )
        for part in parts:
            if part not in value:
                self.tree.fault(at, f"'{part}' is missing.", example)
        sizes = {
            f"{part}_{unit}": self._parsed(value[part], unit, (*at, part))
            for part, unit in parts.items()
            if part in value
        }
        if len(self.faults) > before:
            return None
        try:
            return kind(**sizes)
        except UsageError as error:
            self.tree.fault(at, str(error))
            return None


def about(message: str, known: dict[str, Any]) -> Any:
    """Return where the parameter stands that a message of `Config` names; None where it names none of those known."""
    named = [name for name, parameter in PARAMETERS.items() if parameter.field in message and name in known]
    return known[max(named, key=len)] if named else None


def to_yaml(config: Config) -> str:
    """Return a configuration as YAML, every parameter written out."""
    import json

    lines = [
        "guidance: 1",
        f"name: {json.dumps(config.name)}",
        f"source: {json.dumps(config.source)}",
        "alerters:",
    ]
    for alerter in config.alerters:
        lines.append(f"  {json.dumps(alerter.name)}:")
        lines += [f"    - {_level_text(level)}" for level in alerter.levels]
    lines += [
        f"{name}: {written(getattr(config, parameter.field), parameter.kind)}"
        for name, parameter in PARAMETERS.items()
    ]
    return "\n".join(lines) + "\n"


def _level_text(level: Level) -> str:
    key = "cylinder" if isinstance(level.volume, Cylinder) else "well_clear"
    sizes = ", ".join(
        f"{part}: {written(getattr(level.volume, f'{part}_{unit}'), unit)}"
        for part, unit in VOLUMES[key][1].items()
    )
    times = ", ".join(
        f"{name}: {written(getattr(level, f'{name}_s'), 's')}"
        for name in ("alerting_time", "early_alerting_time")
    )
    return f"{{region: {level.region}, {times}, {key}: {{{sizes}}}}}"
