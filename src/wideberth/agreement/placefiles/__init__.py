"""Files of places: GeoJSON, KML and KMZ, OpenAir, ED-269, ED-318 → `Place`s.  docs/places.md describes each."""

from wideberth.agreement.placefiles.files import read_places as read_places
from wideberth.agreement.placefiles.files import select as select
