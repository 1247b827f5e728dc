"""The JSON Schema of agreement files, from the models that check them."""

from __future__ import annotations

from typing import Any

from wideberth.agreement.levels import QnhFrom
from wideberth.agreement.model import (
    Apart,
    Head,
    Party,
    PermissionEntry,
    PlaceEntry,
    Pledge,
    RuleEntry,
    Side,
    Zone,
)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of an agreement file, for editors that complete and check as one types."""
    from pydantic.json_schema import models_json_schema

    models = (Head, Party, PlaceEntry, RuleEntry, PermissionEntry, Side, Zone, Apart, Pledge, QnhFrom)
    _refs, top = models_json_schema([(each, "validation") for each in models], ref_template="#/$defs/{model}")
    defs = top["$defs"]
    head = defs.pop("Head")
    rule = defs["RuleEntry"]["properties"]
    rule["keeps"] = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("Side", "Zone", "Apart")]}
    rule["pledges"] = {"$ref": "#/$defs/Pledge"}
    forms = defs["Atmosphere"]["properties"]["qnh"]
    forms["anyOf"] = [
        defs["QnhFrom"]["properties"]["qnh"],
        {"type": "string", "pattern": r"\.[cC][sS][vV]$", "examples": ["qnh.csv"]},
        {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/QnhFrom"}},
    ]
    properties = {
        **head["properties"],
        "wideberth": {"const": 1},
        "parties": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Party"}},
        "places": {"type": "object", "additionalProperties": {"$ref": "#/$defs/PlaceEntry"}},
        "rules": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/RuleEntry"}},
        "permissions": {"type": "array", "items": {"$ref": "#/$defs/PermissionEntry"}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wideberth agreement",
        "type": "object",
        "required": ["wideberth", "name", "rules"],
        "additionalProperties": False,
        "properties": properties,
        "$defs": defs,
    }
