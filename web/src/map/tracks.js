/** The layer of tracks: thin lines, coloured by party. */
import { partyColour } from "../palette.js";
import { HALF, WORLD, nearest, sheet, shiftsInView, xOf, yOf } from "./world.js";

const MIN_STEP_PX = 1;
const POINTS_PER_STROKE = 1500; // one path of everything is much slower to draw than many small ones

/** Project the tracks once; a leg that crosses the antimeridian goes on beyond the edge of the world. */
export function projectTracks(tracks) {
  const n = tracks.lon?.length ?? 0;
  const legs = tracks.first_point.length - 1;
  const projected = {
    x: new Float64Array(n),
    y: new Float64Array(n),
    party: new Int32Array(legs),
    west: new Float64Array(legs).fill(Infinity),
    east: new Float64Array(legs).fill(-Infinity),
    south: new Float64Array(legs).fill(Infinity),
    north: new Float64Array(legs).fill(-Infinity),
  };
  for (let track = 0; track < tracks.n; track++) {
    projected.party.fill(tracks.party[track], tracks.first_leg[track], tracks.first_leg[track + 1]);
  }
  for (let leg = 0; leg < legs; leg++) {
    for (let i = tracks.first_point[leg]; i < tracks.first_point[leg + 1]; i++) {
      const isFirst = i === tracks.first_point[leg];
      const x = isFirst ? xOf(tracks.lon[i]) : nearest(xOf(tracks.lon[i]), projected.x[i - 1]);
      const y = yOf(tracks.lat[i]);
      projected.x[i] = x;
      projected.y[i] = y;
      if (x < projected.west[leg]) projected.west[leg] = x;
      if (x > projected.east[leg]) projected.east[leg] = x;
      if (y < projected.south[leg]) projected.south[leg] = y;
      if (y > projected.north[leg]) projected.north[leg] = y;
    }
  }
  return projected;
}

/** Make the layer; `chosen()` says `{parties: Set, from_ms, until_ms}` of what is to be shown. */
export function trackSheet(tracks, projected, chosen, options) {
  return sheet((context, view) => {
    const { parties, from_ms, until_ms } = chosen();
    context.lineWidth = 1;
    context.globalAlpha = Math.max(0.14, Math.min(0.55, 12 / Math.sqrt(projected.party.length))); // the more, the fainter
    context.lineJoin = "round";
    const bottom = view.top - view.height * view.resolution;
    for (let leg = 0; leg < projected.party.length; leg++) {
      if (parties.size && !parties.has(projected.party[leg])) continue;
      if (projected.north[leg] < bottom || projected.south[leg] > view.top) continue;
      context.strokeStyle = partyColour(projected.party[leg]);
      for (const shift of shiftsInView(view, projected.west[leg], projected.east[leg])) {
        strokeLeg(context, view, tracks, projected, leg, shift, from_ms, until_ms);
      }
    }
  }, options);
}

function strokeLeg(context, view, tracks, { x, y }, leg, shift, from_ms, until_ms) {
  const scale = 1 / view.resolution;
  const [begin, end] = [tracks.first_point[leg], tracks.first_point[leg + 1]];
  let [lastX, lastY, inPath, isDrawing] = [0, 0, 0, false];
  context.beginPath();
  for (let i = begin; i < end; i++) {
    const t = tracks.t?.[i];
    if (t < from_ms || t > until_ms) {
      isDrawing = false;
      continue;
    }
    const px = (x[i] + shift - view.left) * scale;
    const py = (view.top - y[i]) * scale;
    if (!isDrawing) context.moveTo(px, py);
    else if (Math.abs(px - lastX) < MIN_STEP_PX && Math.abs(py - lastY) < MIN_STEP_PX && i + 1 < end)
      continue;
    else context.lineTo(px, py);
    [lastX, lastY, isDrawing] = [px, py, true];
    inPath += 1;
    if (inPath > POINTS_PER_STROKE) {
      context.stroke();
      context.beginPath();
      context.moveTo(px, py);
      inPath = 0;
    }
  }
  context.stroke();
}

/** Bounds of all tracks in metres, or null: not wider than the world. */
export function boundsOfTracks({ west, east, south, north }) {
  let bounds = null;
  for (let leg = 0; leg < west.length; leg++) {
    if (!(west[leg] <= east[leg])) continue;
    if (!bounds) bounds = [west[leg], south[leg], east[leg], north[leg]];
    bounds[0] = Math.min(bounds[0], west[leg]);
    bounds[1] = Math.min(bounds[1], south[leg]);
    bounds[2] = Math.max(bounds[2], east[leg]);
    bounds[3] = Math.max(bounds[3], north[leg]);
  }
  return bounds && bounds[2] - bounds[0] > WORLD ? [-HALF, bounds[1], HALF, bounds[3]] : bounds;
}
