"""What an agreement file may say, part by part: the models that check it and that its JSON Schema is made of.

Each model checks one entry by itself, by the texts that `values` and `levels` read; what spans entries (names that
are used, claims that overlap) is checked in `load`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from wideberth.agreement.levels import Feet, Ground, Level, QnhTold
from wideberth.agreement.shapes import Schedule
from wideberth.agreement.values import DAY_S as DAY_S
from wideberth.agreement.values import (
    Addresses,
    Classes,
    Hours,
    Instant,
    Interval,
    Intervals,
    LengthM,
    Line,
    Name,
    Names,
    Part,
    Patterns,
    Position,
    Rings,
    Seconds,
    Share,
    States,
    Texts,
)

# Which aircraft -----------------------------------------------------------------------------------


class Aircraft(Part):
    """Some aircraft: all that is said must hold of one."""

    icao24: Addresses | None = Field(None, description="addresses and closed ranges, 6 hex digits each")
    state: States | None = Field(
        None, description="State of registration, ISO 3166 code, by ICAO address block"
    )
    callsign: Patterns | None = Field(
        None, description="the whole callsign, or a regular expression: ^SWR is what begins with SWR"
    )
    classes: Classes | None = Field(
        None, alias="class", description="by ADS-B emitter category or the register"
    )
    registration: Texts | None = Field(None, description="registration marks, by the register or the feed")
    type: Texts | None = Field(None, description="ICAO type designators, by the register or the feed")
    list: str | None = Field(
        None, description="a CSV file with a column icao24, callsign, registration or type"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Aircraft:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError(
                "nothing says which aircraft. Write icao24, state, callsign, class, registration, type or list"
            )
        return self

    @property
    def is_by_address(self) -> bool:
        """True: the address alone decides."""
        return all(
            getattr(self, name) is None for name in ("callsign", "classes", "registration", "type", "list")
        )


class Party(Part):
    """A party: which aircraft are its own."""

    title: str | None = Field(None, description="its full name")
    aircraft: tuple[Aircraft, ...] = Field(min_length=1, description="any of these is the party's")


# Places -------------------------------------------------------------------------------------------

FORMS = ("line", "area", "point", "corridor", "file")


class PlaceEntry(Part):
    """A place: one of line, area, point (with a radius), corridor (with a width) or file."""

    title: str | None = None
    line: Line | None = Field(None, description="positions [lon, lat] in order")
    area: Rings | None = Field(None, description="positions [lon, lat], or rings: the outer one, then holes")
    point: Position | None = Field(None, description="[lon, lat] of the centre of a circle")
    radius: LengthM | None = Field(None, gt=0, description="of the circle around point")
    corridor: Line | None = Field(None, description="positions [lon, lat] of its middle line")
    width: LengthM | None = Field(None, gt=0, description="of the corridor, from side to side")
    ends: Literal["round", "flat"] = Field("round", description="a corridor's ends: half circles, or cut off")
    file: str | None = Field(
        None, description="GeoJSON, KML, OpenAir, ED-269 or ED-318 file; #NAME picks one place of it"
    )
    edges: Literal["straight", "geodesic"] | None = Field(
        None, description="what joins two positions: straight in lon/lat (GeoJSON), or the shortest path"
    )
    floor: Level | None = None
    ceiling: Level | None = None
    ground: Ground | None = Field(
        None,
        description="elevation of the ground above mean sea level, or a GeoTIFF of it, for limits above ground",
    )
    during: Intervals | None = Field(None, description="the place holds in these intervals only")
    hours: Hours | None = Field(None, description="and in these weekly hours only, UTC")

    @model_validator(mode="after")
    def _is_one_form(self) -> PlaceEntry:
        told = [form for form in FORMS if getattr(self, form) is not None]
        for form, need, example in (("point", "radius", "5 NM"), ("corridor", "width", "10 NM")):
            if getattr(self, form) is not None and getattr(self, need) is None:
                raise ValueError(f"there is {form} without {need}. Write {need}: {example} as well")
            if getattr(self, need) is not None and getattr(self, form) is None:
                raise ValueError(f"there is {need} without {form}. Write {form} as well, or leave {need} out")
        if not told:
            raise ValueError(f"nothing says where the place is. Write one of {', '.join(FORMS)}")
        if len(told) > 1:
            raise ValueError(
                f"a place has one form, and here are {' and '.join(told)}. Make two places of it"
            )
        return self

    @property
    def schedule(self) -> Schedule:
        """When it holds."""
        return Schedule(self.during or (), tuple(each for hours in self.hours or () for each in hours))


# Rules --------------------------------------------------------------------------------------------


class Brush(Part):
    """An excursion up to this long and this deep is called a brush."""

    time: Seconds = 60.0
    depth: LengthM = 1000.0


class Side(Part):
    """Keeps to one side of a line."""

    side: Literal[
        "north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest", "left", "right"
    ] = Field(description="where the party stays: a compass word, or left or right of the line in its order")
    of: Name = Field(description="the line")
    buffer: LengthM = Field(0.0, description="an excursion no deeper than this is counted, and is no finding")
    reach: LengthM = Field(100_000.0, gt=0, description="the rule holds up to this far from the line")
    brush: Brush = Brush()
    sustained: Seconds = Field(300.0, description="an excursion at least this long is called sustained")
    join_gap: Seconds = Field(
        900.0, description="excursions of a flight that only a gap up to this long separates are one"
    )
    stretches: LengthM | None = Field(
        None, gt=0, description="counts along the line are told per stretch of at most this length"
    )


def _none_if_so_said(value: Any) -> Any:
    return None if value == "none" else value


class Near(Part):
    """How near a place a flight is told that missed it; 0 of either tells none."""

    horizontal: LengthM = 1000.0
    vertical: Feet = 500.0


class Zone(Part):
    """Keeps out of places, or inside them."""

    out_of: Names | None = None
    inside: Names | None = None
    below: Level | None = Field(
        None, description="only below this level, in place of the place's own ceiling"
    )
    above: Level | None = Field(None, description="only above this level, in place of the place's own floor")
    margin: LengthM = Field(0.0, description="required spacing beside the place")
    near: Annotated[Near | None, BeforeValidator(_none_if_so_said)] = Field(
        Near(),
        description="of out_of: whoever came so near and no nearer is told as kept; none tells nobody",
        json_schema_extra=lambda schema: schema["anyOf"].append({"const": "none"}),  # type: ignore[union-attr]
    )

    @model_validator(mode="after")
    def _is_one(self) -> Zone:
        if (self.out_of is None) == (self.inside is None):
            found = "neither is there" if self.inside is None else "here are both"
            raise ValueError(f"a zone rule has either out_of or inside; {found}. Write one of them")
        return self


class Minima(Part):
    """How far apart."""

    horizontal: LengthM = Field(gt=0)
    vertical: Feet = Field(gt=0)


class Apart(Part):
    """Keep apart."""

    apart: Minima


class Pledge(Part):
    """Activity changes after a date."""

    flights: Literal["falls", "rises"] | None = None
    hours: Literal["falls", "rises"] | None = Field(None, description="flight hours")
    by: Share = Field(description="by at least this much")
    after: Instant

    @model_validator(mode="after")
    def _is_one(self) -> Pledge:
        if (self.flights is None) == (self.hours is None):
            found = "neither flights nor hours" if self.flights is None else "both flights and hours"
            raise ValueError(
                f"a pledge is about one number, and here is {found}. Write flights: falls, for example"
            )
        return self


class RuleEntry(Part):
    """A rule; ``keeps`` or ``pledges`` says what, see `Side`, `Zone`, `Apart`, `Pledge`."""

    id: Name
    sentence: str | None = Field(None, description="the rule in words, as the parties put it")
    party: Name | None = Field(None, description="whom it binds; all for everyone")
    between: Names | None = Field(None, description="two parties that keep apart, or all")
    classes: Classes | None = Field(None, alias="class", description="binds these classes of aircraft only")
    aircraft: tuple[Aircraft, ...] | None = Field(None, description="binds these aircraft only")
    during: Intervals | None = Field(None, description="holds in these intervals only")
    hours: Hours | None = Field(None, description="holds in these weekly hours only, UTC")
    keeps: Side | Zone | Apart | None = None
    pledges: Pledge | None = None

    @property
    def kind(self) -> str:
        """One of side, out_of, inside, apart, pledges."""
        if self.pledges is not None:
            return "pledges"
        if isinstance(self.keeps, Side):
            return "side"
        if isinstance(self.keeps, Zone):
            return "out_of" if self.keeps.out_of is not None else "inside"
        return "apart"

    @property
    def schedule(self) -> Schedule:
        """When it holds."""
        return Schedule(self.during or (), tuple(each for hours in self.hours or () for each in hours))


class PermissionEntry(Part):
    """Notice that was given: what it covers is excused."""

    id: Name
    party: Name
    excuses: Names = Field(description="ids of rules")
    sentence: str | None = None
    icao24: Addresses | None = None
    callsign: Patterns | None = None
    classes: Classes | None = Field(None, alias="class")
    during: Intervals | None = Field(None, description="within these intervals only")
    within: Names | None = Field(None, description="inside these places only")
    below: Level | None = None
    above: Level | None = None


class Atmosphere(Part):
    """What turns altitudes above mean sea level into pressure altitudes."""

    qnh: QnhTold = Field(
        description="a pressure, a table of them (CSV), or values and from when on each holds"
    )


class Head(Part):
    """The whole of an agreement, but for its named parts."""

    wideberth: Literal["1"] = Field(description="version of this format")
    name: str
    valid: Interval | None = Field(None, description="nothing is judged outside this interval")
    notes: str | None = None
    register_: str | None = Field(
        None, alias="register", description="a table of aircraft: icao24 with registration, type, class"
    )
    atmosphere: Atmosphere | None = None
    max_gap: Seconds = Field(
        60.0, description="the longest gap between two samples that motion is inferred across"
    )


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(instant: datetime) -> int:
    """Return an instant as Unix microseconds."""
    return (instant - EPOCH) // timedelta(microseconds=1)
