"""A small sky for exports: hostile names, the antimeridian, a gap, levels of every kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

START = datetime(2026, 3, 1, 23, 58, tzinfo=UTC)  # so that findings go on past midnight
EVIL = "</script><img src=x onerror=alert(1)>&\"'\x07]]>$[id]"
"""A callsign that nobody should send: markup of HTML and XML, a control character, a variable of Google Earth."""
AGREEMENT = """
wideberth: 1
name: "</description><script>alert(1)</script> & co"
parties:
  one: {aircraft: [{icao24: 100000-1fffff}]}
  two: {aircraft: [{icao24: 200000-2fffff}]}
places:
  line: {line: [[180.0, -17.5], [180.0, -16.5]], title: "<b>the line</b>"}
  circle: {point: [-179.95, -17.0], radius: 5 km, ceiling: 12000 ft}
  slab: {corridor: [[179.8, -17.2], [-179.8, -17.2]], width: 4 km, ends: flat, floor: 5000 ft, ceiling: FL120}
  hill: {area: [[[179.9, -16.9], [-179.9, -16.9], [-179.9, -16.7], [179.9, -16.7]],
                [[179.95, -16.85], [-179.95, -16.85], [-179.95, -16.8], [179.95, -16.8]]],
         floor: 300 ft AGL, ceiling: 4000 m AMSL, ground: 10 m}
  open: {area: [[179.0, -18.0], [179.2, -18.0], [179.1, -17.9]], floor: 1000 m ellipsoid, edges: geodesic}
atmosphere: {qnh: 1003 hPa}
rules:
  - {id: side, party: one, keeps: {side: west, of: line, buffer: 500 m, reach: 40 km},
     sentence: "<script>$[name]</script>"}
  - {id: out, party: all, keeps: {out_of: circle}}
  - {id: slab, party: all, keeps: {out_of: slab}}
  - {id: apart, between: [one, two], keeps: {apart: {horizontal: 3 NM, vertical: 1000 ft}}}
  - {id: fewer, party: one, pledges: {flights: falls, by: 50 %, after: 2026-03-02}}
"""


def flight(
    icao24: str, callsign: str | None, lat_deg: float, *, gap: bool = False, altitude_ft: float = 10_000.0
) -> pl.DataFrame:
    """Return a flight due east across the antimeridian within eight minutes, a sample every 10 s."""
    t_s = np.arange(0.0, 490.0, 10.0)
    if gap:
        t_s = t_s[(t_s < 200.0) | (t_s > 300.0)]
    lon_deg = 179.8 + 0.4 * t_s / 480.0
    return pl.DataFrame(
        {
            "icao24": icao24,
            "t": [START + timedelta(seconds=float(each)) for each in t_s],
            "lat_deg": lat_deg,
            "lon_deg": np.where(lon_deg > 180.0, lon_deg - 360.0, lon_deg),
            "altitude_ft": altitude_ft,
            "callsign": callsign,
        },
        schema_overrides={"callsign": pl.String},
    )
