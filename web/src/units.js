/**
 * Numbers as people read them.  Kept are metres, feet, knots and Unix milliseconds; shown are ft, NM, kt, or m, km, km/h.
 * All times are UTC.  Unknown is NaN and reads as a dash.
 */

const M_PER_NM = 1852;
const M_PER_FT = 0.3048;
const KMH_PER_KT = 1.852;
const MPS_PER_FPM = M_PER_FT / 60;
const UNKNOWN = "–";

let isMetric = false;

/** Choose the units of everything that is shown from now on. */
export function useMetric(metric) {
  isMetric = metric;
}

export const units = {
  get altitude() {
    return isMetric ? "m" : "ft";
  },
  get distance() {
    return isMetric ? "km" : "NM";
  },
  get speed() {
    return isMetric ? "km/h" : "kt";
  },
};

/** Factors from what is kept to what is shown. */
export const shown = {
  altitude: (ft) => (isMetric ? ft * M_PER_FT : ft),
  distance: (m) => (isMetric ? m / 1000 : m / M_PER_NM),
  speed: (kt) => (isMetric ? kt * KMH_PER_KT : kt),
};

export function number(value, digits = 0) {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A number to about three figures. */
export function rounded(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size > 0 && size < 0.0005) return "< 0.001";
  return number(value, size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

export function altitude(ft) {
  return Number.isFinite(ft) ? `${number(shown.altitude(ft))} ${units.altitude}` : UNKNOWN;
}

export function speed(kt) {
  return Number.isFinite(kt) ? `${number(shown.speed(kt))} ${units.speed}` : UNKNOWN;
}

export function verticalRate(fpm) {
  if (!Number.isFinite(fpm)) return UNKNOWN;
  return isMetric ? `${number(fpm * MPS_PER_FPM, 1)} m/s` : `${number(fpm)} ft/min`;
}

/** A distance: below a kilometre in metres, else in NM or km. */
export function distance(m) {
  if (!Number.isFinite(m)) return UNKNOWN;
  return Math.abs(m) < 1000 ? `${number(m)} m` : farDistance(m);
}

/** A distance in NM or km, however small. */
export const farDistance = (m) => `${number(shown.distance(m), 2)} ${units.distance}`;

/** What is left of the minima: what is below 1 is not shown as 1. */
export function retained(value) {
  if (!Number.isFinite(value)) return UNKNOWN;
  return number(value < 1 ? Math.min(value, 0.999) : value, 3);
}

/** How much a finding is, in the unit that it came with: metres, seconds, or a ratio. */
export function magnitude(value, unit) {
  if (!Number.isFinite(value)) return UNKNOWN;
  if (unit === "m") return distance(value);
  if (unit === "s") return duration(value);
  if (unit === "ft") return altitude(value);
  return `${number(value, 2)}${unit ? " " + unit : ""}`;
}

/** "0.52 to 0.65 NM": the 95 % interval of a magnitude, in the unit in which its value is shown; nothing where it has none. */
export function interval(low, high, unit, value) {
  if (!Number.isFinite(low) && !Number.isFinite(high)) return "";
  if (!Number.isFinite(high)) return `at least ${magnitude(low, unit)}`;
  if (!Number.isFinite(low)) return `at most ${magnitude(high, unit)}`;
  const isFar = unit === "m" && Math.abs(value) >= 1000;
  const inUnit = (m) => (unit !== "m" ? magnitude(m, unit) : isFar ? farDistance(m) : `${number(m)} m`);
  const [from, to] = [inUnit(low), inUnit(high)];
  const tail = to.slice(to.lastIndexOf(" "));
  return `${from.endsWith(tail) && tail.startsWith(" ") ? from.slice(0, -tail.length) : from} to ${to}`;
}

export function duration(s) {
  if (!Number.isFinite(s)) return UNKNOWN;
  if (s < 60) return `${number(s, s < 10 ? 1 : 0)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`;
  if (s < 172800) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${number(s / 86400, 1)} days`;
}

export function position(lat, lon) {
  if (!Number.isFinite(lat) || !Number.isFinite(lon)) return UNKNOWN;
  const north = `${Math.abs(lat).toFixed(4)}° ${lat < 0 ? "S" : "N"}`;
  return `${north} ${Math.abs(lon).toFixed(4)}° ${lon < 0 ? "W" : "E"}`;
}

function iso(ms) {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : "";
}

/** "2017-11-02 09:12:03Z": cut to the second, not rounded, as the sentences of the file are. */
export function instant(ms) {
  return Number.isFinite(ms) ? `${iso(Math.floor(ms)).slice(0, 19).replace("T", " ")}Z` : UNKNOWN;
}

/** "09:12:03.4Z": cut likewise. */
export function clock(ms, digits = 0) {
  if (!Number.isFinite(ms)) return UNKNOWN;
  return `${iso(Math.floor(ms)).slice(11, 19 + (digits ? digits + 1 : 0))}Z`;
}

/** "2017-11-02" */
export function dayOf(ms) {
  return iso(ms).slice(0, 10);
}

/** "2 November 2017" */
export function longDay(ms) {
  if (!Number.isFinite(ms)) return UNKNOWN;
  return new Date(ms).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}

/** The whole, exact time for files: RFC 3339 with milliseconds. */
export const exactTime = iso;
