"""Every column of every table: name, type, unit, range, meaning.  The only gate.

A table enters a stage as described here or stops with a `ColumnError`.  Readers hand over
columns by these names and in these units; what each format calls them stands in its reader.

Angles are degrees, clockwise from true north where they are directions.  ``altitude_ft`` is
pressure altitude (ISA, 1013.25 hPa); ``height_m`` is height above the WGS-84 ellipsoid.
Unknown is null in a table and NaN in a kernel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from wideberth.errors import ColumnError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import numpy.typing as npt

TEXT = pa.dictionary(pa.int32(), pa.string())
INSTANT = pa.timestamp("us", tz="UTC")
MOST_ROWS_TOLD = 1000
ADDRESS = re.compile(r"^~?[0-9a-f]{6}$")


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type, unit, closed range of valid values, and meaning."""

    name: str
    type: pa.DataType
    unit: str
    meaning: str
    low: float | None = None
    high: float | None = None
    required: bool = False


def _table(*columns: Column) -> dict[str, Column]:
    return {column.name: column for column in columns}


TRACK_COLUMNS: Mapping[str, Column] = _table(
    Column(
        "icao24", TEXT, "", "transponder address, 6 hex digits; ~ marks a non-ICAO address", required=True
    ),
    Column("t", INSTANT, "UTC", "when the position held, not when it was logged", required=True),
    Column("lat_deg", pa.float64(), "deg", "WGS-84 latitude, north positive", -90, 90, required=True),
    Column("lon_deg", pa.float64(), "deg", "WGS-84 longitude, east positive", -180, 180, required=True),
    Column("altitude_ft", pa.float64(), "ft", "pressure altitude", -2000, 100_000),
    Column("height_m", pa.float64(), "m", "height above the WGS-84 ellipsoid", -1000, 40_000),
    Column("on_ground", pa.bool_(), "", "True: the aircraft said it is on the ground"),
    Column("groundspeed_kt", pa.float32(), "kt", "speed over ground", 0, 2500),
    Column("track_deg", pa.float32(), "deg", "direction of motion over ground", 0, 360),
    Column("vertical_rate_fpm", pa.float32(), "ft/min", "climb positive", -50_000, 50_000),
    Column("callsign", TEXT, "", "flight identification, without trailing blanks"),
    Column("squawk", TEXT, "", "Mode A code, four octal digits"),
    Column("category", TEXT, "", "ADS-B emitter category, A0 to D7"),
    Column("registration", TEXT, "", "registration mark, where the feed tells it"),
    Column("type_code", TEXT, "", "ICAO type designator, where the feed tells it"),
    Column("source", TEXT, "", "how the position was had: adsb_icao, mlat, tisb_other, ..."),
    Column("nic", pa.int8(), "", "navigation integrity category", 0, 11),
    Column("nac_p", pa.int8(), "", "navigation accuracy category, position", 0, 11),
    Column("nac_v", pa.int8(), "", "navigation accuracy category, velocity", 0, 4),
    Column("sil", pa.int8(), "", "source integrity level", 0, 3),
    Column("seen_pos_s", pa.float32(), "s", "age of the position when the feed wrote the row", 0, 86_400),
    Column("source_file", TEXT, "", "file, or archive and member, that the row came from"),
    Column("source_row", pa.int64(), "", "row in that file, counted from 0"),
)
"""Tracks: one row per sample, sorted by ``icao24``, then ``t``."""

ENCOUNTER_COLUMNS: Mapping[str, Column] = _table(
    Column("id", pa.string(), "", "addresses and t_in to the second; -2 and so on where that is not unique"),
    Column("icao24_a", TEXT, "", "address of the one aircraft; icao24_a < icao24_b", required=True),
    Column("icao24_b", TEXT, "", "address of the other", required=True),
    Column("callsign_a", TEXT, "", "callsign of a nearest in time to t_cpa within the flight"),
    Column("callsign_b", TEXT, "", "callsign of b, likewise"),
    Column("t_in", INSTANT, "UTC", "when both minima began to be broken at once", required=True),
    Column("t_out", INSTANT, "UTC", "when they ceased to be", required=True),
    Column("t_cpa", INSTANT, "UTC", "when the horizontal distance was smallest", required=True),
    Column("hmd_m", pa.float64(), "m", "horizontal distance at t_cpa: the smallest", 0, required=True),
    Column(
        "vertical_ft_at_cpa", pa.float64(), "ft", "vertical distance at t_cpa; null: no common reference", 0
    ),
    Column("vmd_ft", pa.float64(), "ft", "smallest vertical distance within the encounter", 0),
    Column("t_vmd", INSTANT, "UTC", "when it was smallest (the first such instant)"),
    Column(
        "retained", pa.float64(), "", "smallest max(horizontal/D, vertical/H): 0 collision, 1 minima kept", 0
    ),
    Column("t_retained", INSTANT, "UTC", "when that was smallest (the first such instant)"),
    Column(
        "vertical_reference", TEXT, "", "barometric, geometric, or unknown (none in common)", required=True
    ),
    Column("lat_a_deg", pa.float64(), "deg", "latitude of a at t_cpa", -90, 90),
    Column("lon_a_deg", pa.float64(), "deg", "longitude of a at t_cpa", -180, 180),
    Column("lat_b_deg", pa.float64(), "deg", "latitude of b at t_cpa", -90, 90),
    Column("lon_b_deg", pa.float64(), "deg", "longitude of b at t_cpa", -180, 180),
    Column("altitude_a_ft", pa.float64(), "ft", "altitude of a at t_cpa, by the reference used"),
    Column("altitude_b_ft", pa.float64(), "ft", "altitude of b at t_cpa, by the reference used"),
    Column("groundspeed_a_kt", pa.float64(), "kt", "speed of a at t_cpa, from its positions", 0),
    Column("groundspeed_b_kt", pa.float64(), "kt", "speed of b at t_cpa, from its positions", 0),
    Column(
        "track_a_deg", pa.float64(), "deg", "direction of motion of a at t_cpa, from its positions", 0, 360
    ),
    Column(
        "track_b_deg", pa.float64(), "deg", "direction of motion of b at t_cpa, from its positions", 0, 360
    ),
    Column(
        "closure_kt", pa.float64(), "kt", "rate at which horizontal distance fell at t_in; negative: it grew"
    ),
    Column(
        "bearing_a_to_b_deg",
        pa.float64(),
        "deg",
        "where a has b at t_cpa, from its own track, right positive",
        -180,
        180,
    ),
    Column(
        "bearing_b_to_a_deg",
        pa.float64(),
        "deg",
        "where b has a at t_cpa, from its own track, right positive",
        -180,
        180,
    ),
    Column(
        "crossing_angle_deg",
        pa.float64(),
        "deg",
        "angle between the two tracks at t_cpa: 0 same way, 180 head-on",
        0,
        180,
    ),
    Column("report_age_a_s", pa.float64(), "s", "from t_cpa to the nearest real sample of a", 0),
    Column("report_age_b_s", pa.float64(), "s", "from t_cpa to the nearest real sample of b", 0),
    Column("hmd_low_m", pa.float64(), "m", "95 % interval of hmd_m, lower end", 0),
    Column("hmd_high_m", pa.float64(), "m", "95 % interval of hmd_m, upper end", 0),
    Column("vertical_low_ft", pa.float64(), "ft", "95 % interval of vertical_ft_at_cpa, lower end", 0),
    Column("vertical_high_ft", pa.float64(), "ft", "95 % interval of vertical_ft_at_cpa, upper end", 0),
    Column(
        "probability",
        pa.float64(),
        "",
        "at least so probable is it that both minima were broken at once, if both aircraft were there",
        0,
        1,
    ),
    Column("trust", TEXT, "", "was it there? credible, doubtful or artefact"),
    Column("context", TEXT, "", "does it surprise? none (it does), circuit, company or level spacing"),
    Column("rank", pa.int64(), "", "1 is what to look at first: by trust, context, then retained", 1),
    Column("reasons", TEXT, "", "codes of the reasons for trust and context, a blank between"),
    Column("why", pa.string(), "", "the reasons in words, with their figures"),
    Column("one_aircraft", pa.float64(), "", "how probable it is that both addresses are one aircraft", 0, 1),
    Column(
        "hotspots_grade",
        TEXT,
        "",
        "grade by the methodology of airbornehotspots.org: very high, high, medium, low; null: no event in its sense",
    ),
)
"""Encounters: one row per pair and episode, ordered by ``t_in``, ``icao24_a``, ``icao24_b``."""


INCIDENT_COLUMNS: Mapping[str, Column] = _table(
    Column("id", pa.string(), "", "16 hex digits of the SHA-256 of agreement, rule, addresses and start to the second", required=True),
    Column("agreement", pa.string(), "", "SHA-256 of the agreement's files", required=True),
    Column("rule", TEXT, "", "id of the rule", required=True),
    Column("kind", TEXT, "", "side, out_of, inside, apart or pledges", required=True),
    Column("verdict", TEXT, "", "broken, excused, kept, unknown, or inside_buffer (counted, no finding)", required=True),
    Column("because", TEXT, "", "why unknown: gap, party, vertical or coverage"),
    Column("party", TEXT, "", "whose aircraft a is; two names with a / where both claim it; null: of no party"),
    Column("party_b", TEXT, "", "whose aircraft b is, likewise"),
    Column("icao24_a", TEXT, "", "address of the aircraft; of two, the lower one"),
    Column("icao24_b", TEXT, "", "address of the other, where a rule is about two"),
    Column("callsign_a", TEXT, "", "callsign of a's flight, the first heard"),
    Column("callsign_b", TEXT, "", "callsign of b's flight, likewise"),
    Column("place", TEXT, "", "the line or place that the rule is about"),
    Column("t_in", INSTANT, "UTC", "when it began; of a gap, when the aircraft was last heard before", required=True),
    Column("t_out", INSTANT, "UTC", "when it ended; of a gap, when the aircraft was heard again", required=True),
    Column("t_in_earliest", INSTANT, "UTC", "when it may have begun already, where a gap hides the beginning"),
    Column("t_out_latest", INSTANT, "UTC", "when it may have gone on until, where a gap hides the end"),
    Column("entered", TEXT, "", "through what: line, end, reach, edge, floor, ceiling, schedule, or first heard"),
    Column("left", TEXT, "", "through what, likewise, or last heard"),
    Column("face", TEXT, "", "of a place that was missed, what it was nearest to: edge, floor or ceiling"),
    Column("manner", TEXT, "", "of an excursion: brush, transit or sustained"),
    Column("t_worst", INSTANT, "UTC", "when the magnitude was greatest; of two aircraft, when retained was smallest"),
    Column("lat_deg", pa.float64(), "deg", "where a was then", -90, 90),
    Column("lon_deg", pa.float64(), "deg", "where a was then", -180, 180),
    Column("altitude_ft", pa.float64(), "ft", "how high a was then"),
    Column("in_lat_deg", pa.float64(), "deg", "where it was entered", -90, 90),
    Column("in_lon_deg", pa.float64(), "deg", "where it was entered", -180, 180),
    Column("out_lat_deg", pa.float64(), "deg", "where it was left", -90, 90),
    Column("out_lon_deg", pa.float64(), "deg", "where it was left", -180, 180),
    Column("magnitude", pa.float64(), "", "how much: greatest depth in m; how far a place was missed; how long one was outside a place in s; hmd_m of two aircraft; the ratio of a pledge"),
    Column("magnitude_unit", TEXT, "", "m, s for a time outside, or empty for a ratio"),
    Column("magnitude_low", pa.float64(), "", "95 % interval, lower end"),
    Column("magnitude_high", pa.float64(), "", "95 % interval, upper end"),
    Column("at_reach", pa.bool_(), "", "of an excursion: True where it went on beyond the rule's reach, so that the magnitude is the least that it can be, and the interval has no upper end"),
    Column("probability", pa.float64(), "", "that the limit was truly passed, by errors of position and altitude alone", 0, 1),
    Column("position_m", pa.float64(), "m", "radius that holds a's true position then 95 times in 100", 0),
    Column("vertical_ft", pa.float64(), "ft", "of two aircraft: vertical distance at the smallest horizontal; of a place: depth from its level; of a missed one: distance outside it"),
    Column("vertical_low_ft", pa.float64(), "ft", "95 % interval of that, lower end", 0),
    Column("vertical_high_ft", pa.float64(), "ft", "95 % interval of that, upper end", 0),
    Column("retained", pa.float64(), "", "of two aircraft: smallest max(horizontal/D, vertical/H)", 0),
    Column("horizontal_m_at_worst", pa.float64(), "m", "of two aircraft: horizontal distance at t_worst", 0),
    Column("vertical_ft_at_worst", pa.float64(), "ft", "of two aircraft: vertical distance at t_worst; null: no common reference", 0),
    Column("permission", TEXT, "", "ids of the permissions that cover a part, with a / between"),
    Column("broken_s", pa.float64(), "s", "how long the limit was recorded as passed", 0),
    Column("covered_s", pa.float64(), "s", "how much of that a permission covers", 0),
    Column("gap_s", pa.float64(), "s", "not heard within it", 0),
    Column("source_file", TEXT, "", "file that its first row came from"),
    Column("source_row_first", pa.int64(), "", "first row of the evidence in that file"),
    Column("source_row_last", pa.int64(), "", "last row of the evidence"),
    Column("source_file_b", TEXT, "", "of two aircraft: file that the first row of b came from"),
    Column("source_row_first_b", pa.int64(), "", "first row of the evidence for b in that file"),
    Column("source_row_last_b", pa.int64(), "", "last row of the evidence for b"),
    Column("trust", TEXT, "", "was it there? credible, doubtful or artefact; null of a pledge"),
    Column("context", TEXT, "", "does it surprise? none (it does), circuit, company or level spacing"),
    Column("rank", pa.int64(), "", "1 is what to look at first: by finding or not, trust, context, rule, how much", 1),
    Column("reasons", TEXT, "", "codes of the reasons for trust and context, a blank between"),
    Column("why", pa.string(), "", "the reasons in words, with their figures"),
    Column("sentence", pa.string(), "", "the finding in neutral words", required=True),
)  # fmt: skip
"""Incidents: one row per finding, ordered by ``t_in``, ``rule``, ``icao24_a``, ``icao24_b``."""


GUIDANCE_COLUMNS: Mapping[str, Column] = _table(
    Column("id", pa.string(), "", "of the encounter or incident", required=True),
    Column("ownship", TEXT, "", "address of the aircraft that would have been guided", required=True),
    Column("intruder", TEXT, "", "address of the other", required=True),
    Column("config", TEXT, "", "name of the configuration", required=True),
    Column("heard_s", pa.float64(), "s", "how long the states of both are known in the time looked at", 0, required=True),
    Column("alert", pa.int64(), "", "highest level alerted in it; 0 none, null: nothing known", 0),
    Column("t_alert", INSTANT, "UTC", "when the alert that led to the closest point began, at the corrective level or above"),
    Column("from_first", pa.bool_(), "", "True where both are not known before t_alert: the alert may be older than the states"),
    Column("warning_s", pa.float64(), "s", "from t_alert to the closest point", 0),
    Column("t_loss", INSTANT, "UTC", "when well clear was first lost after t_alert; null: it was not"),
    Column("loss_warning_s", pa.float64(), "s", "from t_alert to t_loss", 0),
    Column("recovers", pa.bool_(), "", "True where at t_alert nothing kept well clear, and the figures are those that regain it"),
    Column("turn_deg", pa.float64(), "deg", "smallest turn at t_alert that keeps well clear, right positive; null: none does", -180, 180),
    Column("vertical_speed_fpm", pa.float64(), "ft/min", "the nearest vertical speed that does, climb positive"),
    Column("level_change_ft", pa.float64(), "ft", "the smallest change of altitude that does, up positive"),
    Column("speed_change_kt", pa.float64(), "kt", "the smallest change of ground speed that does, faster positive"),
    Column("t_last_turn", INSTANT, "UTC", "the last second at which a turn alone would still have kept well clear"),
    Column("t_last_vertical_speed", INSTANT, "UTC", "likewise by a change of vertical speed"),
    Column("t_last_level_change", INSTANT, "UTC", "likewise by a change of altitude"),
    Column("t_last_speed_change", INSTANT, "UTC", "likewise by a change of speed"),
    Column("sentence", pa.string(), "", "all of it in words", required=True),
)  # fmt: skip
"""Guidance: two rows per encounter or incident, one for each aircraft as ownship."""


DAY_COLUMNS: Mapping[str, Column] = _table(
    Column("day", TEXT, "", "of UTC, as 2017-11-01", required=True),
    Column("party", TEXT, "", "whose; null where the agreement has no parties"),
    Column("aircraft", pa.int64(), "", "addresses heard", 0, required=True),
    Column("flights", pa.int64(), "", "first heard on that day; what two parties claim counts for neither", 0, required=True),
    Column("hours", pa.float64(), "h", "of those flights, within legs", 0, required=True),
    Column("hours_not_heard", pa.float64(), "h", "of those flights, between legs", 0, required=True),
    Column("rows", pa.int64(), "", "samples of those flights", 0, required=True),
    Column("crossings", pa.int64(), "", "outbound, through a line, that began on that day", 0, required=True),
    Column("excursions", pa.int64(), "", "findings under rules about a side", 0, required=True),
    Column("excursion_aircraft", pa.int64(), "", "addresses in those", 0, required=True),
    Column("broken", pa.int64(), "", "incidents under all rules, by verdict", 0, required=True),
    Column("excused", pa.int64(), "", "likewise", 0, required=True),
    Column("unknown", pa.int64(), "", "likewise", 0, required=True),
    Column("inside_buffer", pa.int64(), "", "likewise", 0, required=True),
)  # fmt: skip
"""Counts per day and party."""

RULE_DAY_COLUMNS: Mapping[str, Column] = _table(
    Column("day", TEXT, "", "of UTC, on which the rule held", required=True),
    Column("rule", TEXT, "", "id of the rule", required=True),
    Column("kind", TEXT, "", "side, out_of, inside or apart", required=True),
    Column("party", TEXT, "", "whose aircraft; all: every one that the rule binds", required=True),
    Column("recorded", pa.float64(), "", "how much of the time in which the rule held was recorded", 0, 1, required=True),
    Column("flights", pa.int64(), "", "judged, and first heard on that day", 0, required=True),
    Column("hours", pa.float64(), "h", "of those flights, within legs, while the rule held", 0, required=True),
    Column("kept", pa.int64(), "", "those flights that no finding is about", 0, required=True),
    Column("findings", pa.int64(), "", "broken, excused or unknown, that began on that day", 0, required=True),
    Column("crossings", pa.int64(), "", "outbound, through the line, past the buffer or not", 0, required=True),
    Column("excursions", pa.int64(), "", "findings under a rule about a side, less those that only a gap could hold", 0, required=True),
    Column("aircraft", pa.int64(), "", "addresses in findings", 0, required=True),
    Column("broken", pa.int64(), "", "incidents, by verdict", 0, required=True),
    Column("excused", pa.int64(), "", "likewise", 0, required=True),
    Column("unknown", pa.int64(), "", "likewise", 0, required=True),
    Column("inside_buffer", pa.int64(), "", "likewise", 0, required=True),
)  # fmt: skip
"""Counts per rule, party and day."""

RATE_COLUMNS: Mapping[str, Column] = _table(
    Column("rule", TEXT, "", "id of the rule", required=True),
    Column("kind", TEXT, "", "side, out_of, inside or apart", required=True),
    Column("party", TEXT, "", "whose aircraft; all: every one that the rule binds", required=True),
    Column("counted", TEXT, "", "excursions and crossings, penetrations, times outside, or encounters", required=True),
    Column("count", pa.int64(), "", "how many", 0, required=True),
    Column("days", pa.float64(), "d", "recorded while the rule held", 0, required=True),
    Column("days_silent", pa.int64(), "", "days among those on which nothing at all was heard", 0, required=True),
    Column("flights", pa.int64(), "", "judged", 0, required=True),
    Column("hours", pa.float64(), "h", "of those flights, within legs, while the rule held", 0, required=True),
    Column("dispersion", pa.float64(), "", "variance of the count over the count, raised for how roughly it is known; null: one day", 0),
    Column("per_day", pa.float64(), "1/d", "count over days; null: less than a day", 0),
    Column("per_day_low", pa.float64(), "1/d", "95 % interval, lower end; null: one day", 0),
    Column("per_day_high", pa.float64(), "1/d", "95 % interval, upper end", 0),
    Column("per_flight", pa.float64(), "", "count over flights; null: none", 0),
    Column("per_flight_low", pa.float64(), "", "95 % interval, lower end", 0),
    Column("per_flight_high", pa.float64(), "", "95 % interval, upper end", 0),
    Column("per_100_h", pa.float64(), "1/(100 h)", "count over hours, times 100; null: none", 0),
    Column("per_100_h_low", pa.float64(), "1/(100 h)", "95 % interval, lower end", 0),
    Column("per_100_h_high", pa.float64(), "1/(100 h)", "95 % interval, upper end", 0),
)  # fmt: skip
"""Rates per rule, party and thing that is counted."""

STRETCH_COLUMNS: Mapping[str, Column] = _table(
    Column("rule", TEXT, "", "id of a rule about a side", required=True),
    Column("place", TEXT, "", "its line", required=True),
    Column("stretch", pa.int64(), "", "number along the line, from 1", 1, required=True),
    Column("from_km", pa.float64(), "km", "where it begins, along the line from its first vertex", 0, required=True),
    Column("to_km", pa.float64(), "km", "where it ends", 0, required=True),
    Column("from_lon_deg", pa.float64(), "deg", "where it begins", -180, 180, required=True),
    Column("from_lat_deg", pa.float64(), "deg", "where it begins", -90, 90, required=True),
    Column("to_lon_deg", pa.float64(), "deg", "where it ends", -180, 180, required=True),
    Column("to_lat_deg", pa.float64(), "deg", "where it ends", -90, 90, required=True),
    Column("crossings", pa.int64(), "", "outbound, through this stretch, past the buffer or not", 0, required=True),
    Column("excursions", pa.int64(), "", "findings entered here or, if not through the line, nearest to here", 0, required=True),
    Column("aircraft", pa.int64(), "", "addresses in those", 0, required=True),
    Column("broken", pa.int64(), "", "incidents here, by verdict", 0, required=True),
    Column("excused", pa.int64(), "", "likewise", 0, required=True),
    Column("unknown", pa.int64(), "", "likewise; a gap that could have held one has no place", 0, required=True),
    Column("inside_buffer", pa.int64(), "", "likewise", 0, required=True),
    Column("greatest_depth_m", pa.float64(), "m", "of the excursions, at most the rule's reach", 0),
)  # fmt: skip
"""Counts per stretch of a line."""


def check(table: pa.Table, columns: Mapping[str, Column], what: str) -> None:
    """Let a table pass if its columns are as described, or say what is wrong with the first that is not.

    Args:
        table: any Arrow table.
        columns: `TRACK_COLUMNS` or another description.
        what: the table's name in the message, such as "tracks".
    Raises:
        ColumnError: a required column is absent or has unknown values, or one has another type or an
            unknown name, or is there twice.
    """
    missing = [c.name for c in columns.values() if c.required and c.name not in table.column_names]
    if missing:
        raise ColumnError(
            f"{what}: column {', '.join(missing)} is missing (found: {', '.join(table.column_names)})."
        )
    for field in table.schema:
        column = columns.get(field.name)
        if column is None:
            raise ColumnError(f"{what}: unknown column '{field.name}' (known: {', '.join(columns)}).")
        if table.column_names.count(field.name) > 1:
            raise ColumnError(f"{what}: there are two columns '{field.name}'.")
        if field.type != column.type:
            raise ColumnError(f"{what}: {field.name} is {field.type}, not {column.type}.")
        values = table.column(field.name)
        if column.required and values.null_count:
            rows = np.flatnonzero(values.is_null().to_numpy())
            raise ColumnError(
                f"{what}: {field.name}: {rows.size:,} of {len(values):,} values are unknown (first: row {rows[0]}), "
                "and this column must be known.",
                rows=rows[:MOST_ROWS_TOLD].tolist(),
            )


def schema(columns: Mapping[str, Column], names: list[str] | None = None) -> pa.Schema:
    """Return the Arrow schema of a description, units and meanings in the field metadata."""
    chosen = columns.values() if names is None else [columns[name] for name in names]
    return pa.schema(
        [pa.field(c.name, c.type, not c.required, {"unit": c.unit, "meaning": c.meaning}) for c in chosen]
    )


def frozen(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a read-only view.

    Arrow hands out read-only arrays, NumPy writable ones; to Numba these are two types, and each
    would be compiled for.  What goes into a kernel to be read is frozen, so each compiles once.
    """
    view = values.view()
    view.flags.writeable = False
    return view
