/** The quiet ground: sea, land, borders, lakes, rivers, and a grid of degrees. */
import { FONT, ground } from "../palette.js";
import { latOf, lonOf, sheet, shiftsInView, xOf, yOf } from "./world.js";

const GRID_STEPS_DEG = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const MIN_GRID_PX = 110;
const POLE_DEG = 84.5; // beyond that a line only closes a ring over the pole

/** Unpack the base map into projected polylines, each with its bounds. */
export function readBasemap(packed) {
  const layers = {};
  for (const [name, refs] of Object.entries(packed.manifest.layers)) {
    const [first, lon, lat] = [refs.first, refs.lon, refs.lat].map((ref) => packed.numbers(ref));
    layers[name] = [];
    for (let i = 0; i + 1 < first.length; i++) layers[name].push(polyline(lon, lat, first[i], first[i + 1]));
  }
  return layers;
}

function polyline(lon, lat, from, until) {
  const xy = new Float64Array(2 * (until - from));
  const line = { xy, west: Infinity, east: -Infinity, south: Infinity, north: -Infinity };
  for (let i = from; i < until; i++) {
    const x = xOf(lon[i]);
    const y = yOf(lat[i]);
    xy[2 * (i - from)] = x;
    xy[2 * (i - from) + 1] = y;
    if (x < line.west) line.west = x;
    if (x > line.east) line.east = x;
    if (y < line.south) line.south = y;
    if (y > line.north) line.north = y;
  }
  return line;
}

/** Make the layer of the base map. */
export function baseSheet(basemap) {
  return sheet((context, view) => {
    const colours = ground();
    context.fillStyle = colours.sea;
    context.fillRect(0, 0, view.width, view.height);
    context.lineJoin = "round";
    area(context, view, basemap.land, colours.land, colours.coast);
    stroke(context, view, basemap.rivers, colours.water);
    area(context, view, basemap.lakes, colours.sea, colours.water);
    stroke(context, view, basemap.borders, colours.border);
    graticule(context, view, colours);
  });
}

function area(context, view, lines, fill, outline) {
  context.beginPath();
  traceAll(context, view, lines, false);
  context.fillStyle = fill;
  context.fill("evenodd");
  context.beginPath();
  traceAll(context, view, lines, true);
  context.strokeStyle = outline;
  context.lineWidth = 1;
  context.stroke();
}

function stroke(context, view, lines, colour) {
  context.beginPath();
  traceAll(context, view, lines, true);
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.stroke();
}

function traceAll(context, view, lines, isStroke) {
  const bottom = view.top - view.height * view.resolution;
  for (const line of lines) {
    if (line.north < bottom || line.south > view.top) continue;
    for (const shift of shiftsInView(view, line.west, line.east)) trace(context, view, line, shift, isStroke);
  }
}

/** Add a line to the path, without points that are nearer than half a pixel to the last. */
function trace(context, view, { xy }, shift, isStroke) {
  const scale = 1 / view.resolution;
  const pole = yOf(POLE_DEG);
  let [lastX, lastY, wasPole] = [NaN, NaN, false];
  for (let i = 0; i < xy.length; i += 2) {
    const x = (xy[i] + shift - view.left) * scale;
    const y = (view.top - xy[i + 1]) * scale;
    const isPole = isStroke && Math.abs(xy[i + 1]) > pole;
    if (i === 0 || isPole || wasPole) context.moveTo(x, y);
    else if (Math.abs(x - lastX) < 0.5 && Math.abs(y - lastY) < 0.5 && i + 2 < xy.length) continue;
    else context.lineTo(x, y);
    [lastX, lastY, wasPole] = [x, y, isPole];
  }
}

function graticule(context, view, colours) {
  const degreesPerPx = (view.resolution / xOf(1)) * MIN_GRID_PX;
  const step = [...GRID_STEPS_DEG].reverse().find((each) => each >= degreesPerPx) ?? GRID_STEPS_DEG[0];
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const right = view.left + view.width * view.resolution;
  const bottom = view.top - view.height * view.resolution;
  context.strokeStyle = colours.grid;
  context.lineWidth = 1;
  context.beginPath();
  const labels = [];
  const degree = xOf(1);
  for (let k = Math.ceil(view.left / degree / step); k * step * degree <= right; k++) {
    const x = Math.round((k * step * degree - view.left) / view.resolution) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, view.height);
    labels.push([x, null, hemisphere(lonOf(k * step * degree), digits, "E", "W")]);
  }
  for (let k = Math.ceil(latOf(bottom) / step); k * step <= latOf(view.top); k++) {
    const y = Math.round((view.top - yOf(k * step)) / view.resolution) + 0.5;
    context.moveTo(0, y);
    context.lineTo(view.width, y);
    labels.push([null, y, hemisphere(k * step, digits, "N", "S")]);
  }
  context.stroke();
  context.font = `10.5px ${FONT}`;
  context.fillStyle = colours.gridText;
  // Labels stand along each line again and again: wherever the view is, some are in it.
  const every = Math.max(view.width / 1.3, 300);
  for (const [x, y, text] of labels) {
    if (y === null)
      for (let at = view.height * 0.14; at < view.height; at += every) context.fillText(text, x + 3, at);
    else for (let at = view.width * 0.14; at < view.width; at += every) context.fillText(text, at, y - 3);
  }
}

function hemisphere(degrees, digits, positive, negative) {
  const size = Math.abs(degrees).toFixed(digits);
  return Number(size) === 0 ? "0°" : `${size}° ${degrees > 0 ? positive : negative}`;
}
