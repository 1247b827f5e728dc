"""What extended squitters say of an aircraft, put together into rows: one for each position.

rs1090 has checked the checksum and read the fields; the compact positions are resolved here
(`wideberth.read.cpr`), by rules that are stated.  An even and an odd frame of at most 10 s apart give
one position on the globe; a single frame is resolved near the aircraft's own position of the last 10
minutes.  On the ground a pair leaves eight places, 90° apart, and the one nearest to the last
position of that aircraft is meant, or to that of any aircraft, since one receiver hears no
farther than 300 NM; before any, it is rejected.

Speed, track, vertical rate and NACv are joined from the address's messages of the last 10 s; callsign,
squawk (DF5, DF21, emergency status), category, NACp and SIL from the last 10 minutes.  Type codes 9 to
18 carry pressure altitude; `height_m` is then that plus the difference in the velocity message.  20 to
22 carry height above the ellipsoid.  NIC follows from type code and supplements, the lower of
two where a supplement was not heard.  Coarse TIS-B is not read.

Source: RTCA DO-260B; the names of the sources are readsb's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wideberth.read.cpr import airborne_position, nearest_position, surface_position
from wideberth.read.rowwise import Rows, label, level, number
from wideberth.units import METRES_PER_FOOT, MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from wideberth.read.batch import Rejects

PAIR_S = 10.0  # on the ground 50 s are allowed, but 10 s hold at any speed
LOCAL_S = 600.0  # at 1000 kt 167 NM, within the 180 NM in which a single frame is unambiguous
VELOCITY_HOLDS_S = 10.0
NAMES_HOLD_S = 600.0
SQUAWK_ONLY = (5, 21)
FIRST_GNSS_TYPE = 20
# Type code → NIC without supplements: 5 to 8 on the ground, the others in the air.
_NIC = {5: 11, 6: 10, 7: 8, 8: 0, 9: 11, 10: 10, 11: 8, 12: 7, 13: 6, 14: 5, 15: 4, 16: 2, 17: 1, 18: 0}
_NIC |= {20: 11, 21: 10, 22: 0}
_STATUS = {
    "NACp": "nac_p",
    "SIL": "sil",
    "version": "version",
    "NICa": "supplement_a",
}  # rs1090's names, ours

NAMES = (
    "icao24",
    "t",
    "lat_deg",
    "lon_deg",
    "altitude_ft",
    "height_m",
    "on_ground",
    "groundspeed_kt",
    "track_deg",
    "vertical_rate_fpm",
    "callsign",
    "squawk",
    "category",
    "source",
    "nic",
    "nac_p",
    "nac_v",
    "sil",
    "source_row",
)


@dataclass
class _Aircraft:
    """What one address said last, and when (seconds since the first frame)."""

    frames: dict[str, tuple[float, int, int, bool]] = field(default_factory=dict)
    position: tuple[float, float] | None = None
    position_s: float = -math.inf
    velocity: tuple[float | None, float | None, float | None, int | None, float | None] = (None,) * 5
    velocity_s: float = -math.inf
    names: dict[str, tuple[float, Any]] = field(default_factory=dict)
    last_s: float = -math.inf

    def told(self, name: str, now_s: float) -> Any:
        """Return what was said by this name in the last 10 minutes, None if nothing."""
        said_s, value = self.names.get(name, (-math.inf, None))
        return value if abs(now_s - said_s) <= NAMES_HOLD_S else None


class Receiver:
    """Follows each address through the frames and makes a row of each position."""

    def __init__(self, rows: Rows, source: str, rejects: Rejects) -> None:
        self._rows = rows
        self._source = source
        self._rejects = rejects
        self._aircraft: dict[str, _Aircraft] = {}
        self._somewhere: tuple[float, float] | None = None

    def __len__(self) -> int:
        return len(self._aircraft)

    def forget(self, keep: int) -> None:
        """Forget all but the addresses heard last, so that listening may go on for months."""
        by_age = sorted(self._aircraft.items(), key=lambda each: each[1].last_s, reverse=True)
        self._aircraft = dict(by_age[:keep])

    def hear(
        self, now_s: float, at: int, message: bytes, fields: dict[str, Any], *, is_mlat: bool = False
    ) -> None:
        """Take one frame in: its time in seconds, its place in the file, its bytes, and what rs1090 read in it."""
        if message[0] >> 3 in SQUAWK_ONLY:
            known = self._aircraft.get(str(fields.get("icao24")))
            if known is not None:  # the checksum is part of the address, so an unknown one may be damaged
                self._keep(known, "squawk", now_s, label(fields.get("squawk")))
            return
        address = address_of(message)
        if address is None:
            self._rejects.add(
                self._source, "not a position message", f"frame {at}: coarse TIS-B or other DF18"
            )
            return
        icao24, source = address
        known = self._aircraft.setdefault(icao24, _Aircraft())
        known.last_s = now_s
        me = int.from_bytes(message[4:11], "big")
        match fields.get("bds"):
            case "05" | "06" as kind:
                source = "mlat" if is_mlat else source
                self._place(now_s, at, message, fields, known, icao24, source, is_surface=kind == "06")
            case "08":
                self._keep(known, "callsign", now_s, label(str(fields.get("callsign", "")).strip("# ")))
                self._keep(known, "category", now_s, f"{'DCBA'[(me >> 51) - 1]}{me >> 48 & 7}")
            case "09":
                known.velocity = (
                    *ground_velocity(me),
                    number(fields.get("vertical_rate")),
                    level(fields.get("NACv")),
                    number(fields.get("geo_minus_baro")),
                )
                known.velocity_s = now_s
            case "61":
                self._keep(known, "squawk", now_s, label(fields.get("squawk")))
            case "62":
                self._keep(known, "nac_p", now_s, level(fields.get("NACp")))
            case "65":
                for name, value in fields.items():
                    if name in _STATUS:
                        self._keep(known, _STATUS[name], now_s, level(value))

    @staticmethod
    def _keep(known: _Aircraft, name: str, now_s: float, value: Any) -> None:
        if value is not None:
            known.names[name] = (now_s, value)

    def _place(
        self,
        now_s: float,
        at: int,
        message: bytes,
        fields: dict[str, Any],
        known: _Aircraft,
        icao24: str,
        source: str,
        *,
        is_surface: bool,
    ) -> None:
        position = self._position(now_s, fields, known, is_surface=is_surface)
        if position is None:
            reason = "position on the ground" if is_surface else "position"
            self._rejects.add(
                self._source,
                f"{reason} in a single frame, none near it to tell where",
                f"frame {at}: {icao24}",
            )
            return
        known.position, known.position_s = position, now_s
        self._somewhere = position
        altitude_ft, height_ft = number(fields.get("altitude")), None
        speed_kt, track_deg, rate_fpm, nac_v, geo_minus_baro_ft = (
            known.velocity if now_s - known.velocity_s <= VELOCITY_HOLDS_S else (None,) * 5
        )
        type_code = message[4] >> 3
        if is_surface:
            speed_kt, track_deg = number(fields.get("groundspeed")), number(fields.get("track"))
            rate_fpm = None
        elif type_code >= FIRST_GNSS_TYPE:
            altitude_ft, height_ft = None, altitude_ft
        elif altitude_ft is not None and geo_minus_baro_ft is not None:
            height_ft = altitude_ft + geo_minus_baro_ft
        is_relayed = source.startswith(("tisb", "adsr", "mlat"))  # then this bit tells the kind of address
        supplement_b = None if is_relayed else level(fields.get("NICb"))
        self._rows.add(
            (
                icao24,
                round(now_s * MICROSECONDS_PER_SECOND),
                *position,
                altitude_ft,
                None if height_ft is None else height_ft * METRES_PER_FOOT,
                is_surface,
                speed_kt,
                track_deg,
                rate_fpm,
                known.told("callsign", now_s),
                known.told("squawk", now_s),
                known.told("category", now_s),
                source,
                integrity(
                    type_code,
                    known.told("version", now_s),
                    known.told("supplement_a", now_s),
                    supplement_b,
                ),
                known.told("nac_p", now_s),
                nac_v,
                known.told("sil", now_s),
                at,
            )
        )

    def _position(
        self, now_s: float, fields: dict[str, Any], known: _Aircraft, *, is_surface: bool
    ) -> tuple[float, float] | None:
        is_odd = fields.get("parity") == "odd"
        lat_cpr, lon_cpr = int(fields["lat_cpr"]), int(fields["lon_cpr"])
        known.frames["odd" if is_odd else "even"] = (now_s, lat_cpr, lon_cpr, is_surface)
        other = known.frames.get("even" if is_odd else "odd")
        near = known.position if now_s - known.position_s <= LOCAL_S else None
        if other is not None and other[3] == is_surface and abs(now_s - other[0]) <= PAIR_S:
            this, that = (lat_cpr, lon_cpr), other[1:3]
            even, odd = (that, this) if is_odd else (this, that)
            if not is_surface:
                position = airborne_position(even, odd, is_odd=is_odd)
            else:
                reference = near or known.position or self._somewhere
                position = (
                    None if reference is None else surface_position(even, odd, reference, is_odd=is_odd)
                )
            if position is not None:
                return position
        if near is None:
            return None
        return nearest_position((lat_cpr, lon_cpr), near, is_odd=is_odd, is_surface=is_surface)


def address_of(message: bytes) -> tuple[str, str] | None:
    """Return address and source, by readsb's names, of an extended squitter; None for coarse TIS-B.

    A leading ``~`` marks an address that is not ICAO's.  DF18 tells by its control field, and for TIS-B
    and ADS-R by the IMF bit, which stands elsewhere in each kind of message.
    Source: RTCA DO-260B on the fields CF and IMF.
    """
    text = message[1:4].hex()
    if message[0] >> 3 == 17:
        return text, "adsb_icao"
    control = message[0] & 7
    if control == 0:
        return text, "adsb_icao_nt"
    if control == 1:
        return "~" + text, "adsb_other"
    if control == 5:
        return "~" + text, "tisb_other"
    if control not in (2, 6):
        return None
    type_code = message[4] >> 3
    bit = 21 if 5 <= type_code <= 8 else 9 if type_code == 19 else 8
    is_other = type_code >= 5 and int.from_bytes(message[4:11], "big") >> (56 - bit) & 1
    if control == 2:
        return ("~" + text, "tisb_trackfile") if is_other else (text, "tisb_icao")
    return ("~" + text, "adsr_other") if is_other else (text, "adsr_icao")


def ground_velocity(me: int) -> tuple[float | None, float | None]:
    """Return speed (kt) and track (deg) over ground of a velocity message (56 bits), None where not told.

    They are read from the bits since rs1090 0.7 gives 1 kt for an unknown component and leaves
    out the factor 4 of the supersonic kind.  Source: DO-260B 2.2.3.2.6.1, 2.2.3.2.6.2.
    """
    kind = me >> 48 & 7
    east, north = me >> 32 & 0x3FF, me >> 21 & 0x3FF
    if kind not in (1, 2) or not east or not north:
        return None, None
    step_kt = 4 if kind == 2 else 1
    east_kt = (east - 1) * step_kt * (-1 if me >> 42 & 1 else 1)
    north_kt = (north - 1) * step_kt * (-1 if me >> 31 & 1 else 1)
    speed_kt = math.hypot(east_kt, north_kt)
    return speed_kt, math.degrees(math.atan2(east_kt, north_kt)) % 360 if speed_kt else None


def integrity(
    type_code: int, version: int | None, supplement_a: int | None, supplement_b: int | None
) -> int | None:
    """Return the NIC of a position's type code; the lower of two where a supplement is not known."""
    nic = _NIC.get(type_code)
    if type_code == 16 and not version:
        return 1
    has_supplement = supplement_a == 1 and (supplement_b == 1 or version == 1)
    if version and has_supplement and type_code in (11, 16):
        return 9 if type_code == 11 else 3
    return nic
