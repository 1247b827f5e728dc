/**
 * Motion between reports, as wideberth defines it: straight, at constant speed, between Earth-centred points on the surface of
 * WGS-84; altitude linear; nothing across legs.  The horizontal distance of two aircraft is the chord between their points.
 * So the distance squared is a parabola in time between any two reports, and its least value is exact.
 */

const SEMI_MAJOR_M = 6378137;
const FLATTENING = 1 / 298.257223563;
const ECCENTRICITY_2 = FLATTENING * (2 - FLATTENING);
const RAD = Math.PI / 180;

/** The surface point of a position, Earth-centred, metres. */
function surfacePoint(lat, lon) {
  const [sinLat, cosLat] = [Math.sin(lat * RAD), Math.cos(lat * RAD)];
  const n = SEMI_MAJOR_M / Math.sqrt(1 - ECCENTRICITY_2 * sinLat * sinLat);
  return [
    n * cosLat * Math.cos(lon * RAD),
    n * cosLat * Math.sin(lon * RAD),
    n * (1 - ECCENTRICITY_2) * sinLat,
  ];
}

/** [lon, lat] of a point near the surface (Bowring 1976, one step: below a millimetre there). */
export function lonLat([x, y, z]) {
  const semiMinor = SEMI_MAJOR_M * (1 - FLATTENING);
  const p = Math.hypot(x, y);
  const beta = Math.atan2(z * SEMI_MAJOR_M, p * semiMinor);
  const second = ECCENTRICITY_2 / (1 - ECCENTRICITY_2);
  const lat = Math.atan2(
    z + second * semiMinor * Math.sin(beta) ** 3,
    p - ECCENTRICITY_2 * SEMI_MAJOR_M * Math.cos(beta) ** 3,
  );
  return [Math.atan2(y, x) / RAD, lat / RAD];
}

/**
 * One aircraft's reports as a motion.  Reports of no leg (-1: without an altitude, on the ground) are no part of it; `rows` says
 * which of the reports are.
 */
export class Path {
  constructor({ t, lat, lon, altitude_ft, leg }) {
    this.rows = Array.from(t, (_, row) => row).filter((row) => leg[row] >= 0);
    const ofLegs = (column) => this.rows.map((row) => column[row]);
    [this.t, this.leg, this.altitude_ft] = [t, leg, altitude_ft].map(ofLegs);
    this.points = this.rows.map((row) => surfacePoint(lat[row], lon[row]));
  }

  /** The last of its reports at or before a time, -1 before the first. */
  indexAt(t) {
    let [low, high] = [-1, this.t.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.t[middle] <= t) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where it is, `{point, altitude_ft, i}` with the report before, or null where nothing was heard. */
  at(t) {
    const i = this.indexAt(t);
    if (i < 0) return null;
    if (this.t[i] === t) return { point: this.points[i], altitude_ft: this.altitude_ft[i], i };
    if (i + 1 >= this.t.length || this.leg[i + 1] !== this.leg[i]) return null;
    const share = (t - this.t[i]) / (this.t[i + 1] - this.t[i]);
    const point = this.points[i].map((value, k) => value + share * (this.points[i + 1][k] - value));
    const altitude_ft = this.altitude_ft[i] + share * (this.altitude_ft[i + 1] - this.altitude_ft[i]);
    return { point, altitude_ft, i };
  }

  /** Its legs, each [first, last + 1] among its reports. */
  legs() {
    const legs = [];
    for (let i = 0; i < this.leg.length; i++) {
      if (i === 0 || this.leg[i] !== this.leg[i - 1]) legs.push([i, i + 1]);
      else legs.at(-1)[1] = i + 1;
    }
    return legs;
  }
}

/** Distances of two motions at a time, `{horizontal_m, vertical_ft}`, or null where one was not heard. */
export function separationAt(a, b, t) {
  const [one, other] = [a.at(t), b.at(t)];
  if (!one || !other) return null;
  return {
    horizontal_m: chord(one.point, other.point),
    vertical_ft: Math.abs(one.altitude_ft - other.altitude_ft),
  };
}

const chord = (p, q) => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);

/** Stretches [from, until] between neighbouring reports of either, in which both move straight. */
export function stretches(a, b) {
  const times = [...new Set([...a.t, ...b.t])].sort((x, y) => x - y);
  const found = [];
  for (let i = 0; i + 1 < times.length; i++) {
    const middle = (times[i] + times[i + 1]) / 2;
    if (a.at(middle) && b.at(middle)) found.push([times[i], times[i + 1]]);
  }
  return found;
}

/** The time in a stretch at which two straight motions are nearest: the vertex of the parabola, or an end. */
function nearestTime(a, b, from, until) {
  const relative = (t) => {
    const [one, other] = [a.at(t).point, b.at(t).point];
    return one.map((value, k) => other[k] - value);
  };
  const [first, last] = [relative(from + (until - from) * 1e-9), relative(until - (until - from) * 1e-9)];
  const change = last.map((value, k) => value - first[k]);
  const square = change.reduce((sum, value) => sum + value * value, 0);
  if (square === 0) return from;
  const share = -first.reduce((sum, value, k) => sum + value * change[k], 0) / square;
  return from + Math.min(1, Math.max(0, share)) * (until - from);
}

/**
 * The closest approach within [from, until], `{t, horizontal_m, vertical_ft}`, or null where both were never heard.  Besides
 * stretches, single instants count: two legs may have no more than one in common.
 */
export function closest(a, b, from = -Infinity, until = Infinity) {
  const times = [from, until, ...a.t, ...b.t].filter((t) => Number.isFinite(t) && t >= from && t <= until);
  for (const [begin, end] of stretches(a, b)) {
    const [low, high] = [Math.max(begin, from), Math.min(end, until)];
    if (low < high) times.push(nearestTime(a, b, low, high));
  }
  let best = null;
  for (const t of times) {
    const here = separationAt(a, b, t);
    if (here && (!best || here.horizontal_m < best.horizontal_m)) best = { t, ...here };
  }
  return best;
}

/**
 * Separation as columns to draw: `t`, `horizontal_m`, `vertical_ft`; null between stretches that do not touch.  The nearest
 * instant of each stretch is among the times.
 */
export function separationCurve(a, b, points = 1200) {
  const all = stretches(a, b);
  const total = all.reduce((sum, [from, until]) => sum + until - from, 0);
  const curve = { t: [], horizontal_m: [], vertical_ft: [] };
  const add = (t, here) => {
    curve.t.push(t);
    curve.horizontal_m.push(here ? here.horizontal_m : null);
    curve.vertical_ft.push(here && Number.isFinite(here.vertical_ft) ? here.vertical_ft : null);
  };
  all.forEach(([from, until], i) => {
    const pieces = Math.max(2, Math.ceil((points * (until - from)) / total));
    const times = Array.from({ length: pieces }, (_, k) => from + ((until - from) * k) / pieces);
    const vertex = nearestTime(a, b, from, until);
    if (vertex > from && vertex < until) times.push(vertex);
    for (const t of times.sort((x, y) => x - y)) if (t !== curve.t.at(-1)) add(t, separationAt(a, b, t));
    const isLast = i + 1 === all.length;
    if (isLast || all[i + 1][0] !== until) {
      add(until, separationAt(a, b, until));
      if (!isLast) add((until + all[i + 1][0]) / 2, null);
    }
  });
  return curve;
}

/** Intervals of a curve in which both minima are broken. */
export function brokenIntervals({ t, horizontal_m, vertical_ft }, minima) {
  const intervals = [];
  for (let i = 0; i + 1 < t.length; i++) {
    const isBroken = [i, i + 1].every(
      (k) =>
        horizontal_m[k] !== null &&
        vertical_ft[k] !== null &&
        horizontal_m[k] <= minima.horizontal_m &&
        vertical_ft[k] <= minima.vertical_ft,
    );
    if (!isBroken) continue;
    const last = intervals.at(-1);
    if (last && last[1] === t[i]) last[1] = t[i + 1];
    else intervals.push([t[i], t[i + 1]]);
  }
  return intervals;
}
