/** The layers of findings: symbols by trust (shape) and verdict (colour), and the heat of where they gather. */
import { findingColour, ground, isDark } from "../palette.js";
import { WORLD, sheet, xOf, yOf } from "./world.js";

const RADIUS_PX = 5.5;
const CELL_PX = 3; // of symbols nearer together than this the one of better rank is drawn
const REACH_PX = 11; // of the pointer
const HEAT_CELL_PX = 4;
const HEAT_BLUR_CELLS = 5;
const REST_CELL_DEG = 0.5; // the width of a cell of `rest`

/** Project the findings once; NaN where a finding has no place. */
export function projectFindings({ n, lon, lat }) {
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    x[row] = xOf(lon[row]);
    y[row] = yOf(lat[row]);
  }
  return { x, y };
}

export function findingSheet(state, places, options) {
  return sheet((context, view) => {
    const { report } = state;
    const taken = new Uint8Array(Math.ceil(view.width / CELL_PX + 2) * Math.ceil(view.height / CELL_PX + 2));
    const columns = Math.ceil(view.width / CELL_PX + 2);
    const drawn = [];
    for (let row = 0; row < report.findings.n; row++) {
      if (!state.passing[row]) continue;
      for (const shift of view.copies) {
        const px = (places.x[row] + shift - view.left) / view.resolution;
        const py = (view.top - places.y[row]) / view.resolution;
        if (!(px > -9 && py > -9 && px < view.width + 9 && py < view.height + 9)) continue;
        const cell = Math.max(0, Math.floor(py / CELL_PX)) * columns + Math.max(0, Math.floor(px / CELL_PX));
        if (taken[cell]) continue;
        taken[cell] = 1;
        drawn.push([px, py, row]);
      }
    }
    for (let i = drawn.length - 1; i >= 0; i--) {
      const [px, py, row] = drawn[i]; // the first in rank comes last, on top
      drawSymbol(context, px, py, report.trusts[report.findings.trust[row]], findingColour(report, row));
    }
  }, options);
}

/** Draw a finding: a disc when credible or not said, a hollow diamond when doubtful, a cross for an artefact. */
export function drawSymbol(context, x, y, trust, colour, radius = RADIUS_PX) {
  const { halo } = ground();
  context.lineJoin = "round";
  context.lineCap = "round";
  context.beginPath();
  if (trust === "artefact") {
    const r = radius * 0.75;
    context.moveTo(x - r, y - r);
    context.lineTo(x + r, y + r);
    context.moveTo(x + r, y - r);
    context.lineTo(x - r, y + r);
    strokeTwice(context, halo, colour, 2);
  } else if (trust === "doubtful") {
    const r = radius * 1.15;
    context.moveTo(x, y - r);
    context.lineTo(x + r, y);
    context.lineTo(x, y + r);
    context.lineTo(x - r, y);
    context.closePath();
    strokeTwice(context, halo, colour, 2);
  } else {
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = halo;
    context.stroke();
  }
}

function strokeTwice(context, halo, colour, width) {
  context.lineWidth = width + 2.5;
  context.strokeStyle = halo;
  context.stroke();
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

/** Return the row nearest to a place on the map (metres), within the pointer's reach; -1 if none is. */
export function findingAt(state, places, [x, y], resolution) {
  let nearest = -1;
  let least = (REACH_PX * resolution) ** 2;
  for (let row = 0; row < places.x.length; row++) {
    if (!state.passing[row]) continue;
    let dx = places.x[row] - x;
    dx -= WORLD * Math.round(dx / WORLD);
    const dy = places.y[row] - y;
    const square = dx * dx + dy * dy;
    if (square < least) {
      least = square;
      nearest = row;
    }
  }
  return nearest;
}

/** Where findings gather, those that only stand in the page as counted cells included. */
export function heatSheet(state, places, restPlaces, options) {
  return sheet((context, view) => {
    const columns = Math.ceil(view.width / HEAT_CELL_PX);
    const rows = Math.ceil(view.height / HEAT_CELL_PX);
    const heat = new Float32Array(columns * rows);
    const add = ({ x, y }, i, weight) => {
      for (const shift of view.copies) {
        const column = Math.floor((x[i] + shift - view.left) / view.resolution / HEAT_CELL_PX);
        const row = Math.floor((view.top - y[i]) / view.resolution / HEAT_CELL_PX);
        if (column >= 0 && row >= 0 && column < columns && row < rows) heat[row * columns + column] += weight;
      }
    };
    for (let i = 0; i < places.x.length; i++) if (state.passing[i]) add(places, i, 1);
    const { rest } = state.report;
    if (rest) addCells(heat, columns, rows, view, state, restPlaces);
    for (let pass = 0; pass < 3; pass++) blur(heat, columns, rows, HEAT_BLUR_CELLS); // three boxes are nearly a Gaussian
    context.imageSmoothingEnabled = true;
    context.drawImage(coloured(heat, columns, rows), 0, 0, columns * HEAT_CELL_PX, rows * HEAT_CELL_PX);
  }, options);
}

/**
 * Add the cells of the rest, each spread evenly over the half degree that it stands for.  Only the corners of each are noted;
 * running sums along rows and columns fill them all at once.
 */
function addCells(heat, columns, rows, view, { report, restPassing }, { x, y }) {
  const { rest } = report;
  const corners = new Float64Array((columns + 1) * (rows + 1));
  const px = ((rest.cell_deg ?? REST_CELL_DEG) * (WORLD / 360)) / view.resolution / HEAT_CELL_PX;
  for (let i = 0; i < rest.n; i++) {
    if (!restPassing[i]) continue;
    const height = px / Math.cos((rest.lat[i] * Math.PI) / 180);
    const weight = rest.count[i] / Math.max(1, px * height);
    for (const shift of view.copies) {
      const west = Math.round((x[i] + shift - view.left) / view.resolution / HEAT_CELL_PX - px / 2);
      const north = Math.round((view.top - y[i]) / view.resolution / HEAT_CELL_PX - height / 2);
      const [left, right] = [west, west + Math.max(1, Math.round(px))].map((each) => clamp(each, columns));
      const [top, bottom] = [north, north + Math.max(1, Math.round(height))].map((each) => clamp(each, rows));
      corners[top * (columns + 1) + left] += weight;
      corners[top * (columns + 1) + right] -= weight;
      corners[bottom * (columns + 1) + left] -= weight;
      corners[bottom * (columns + 1) + right] += weight;
    }
  }
  for (let row = 0; row <= rows; row++) {
    for (let column = 0; column <= columns; column++) {
      const at = row * (columns + 1) + column;
      if (column) corners[at] += corners[at - 1];
    }
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * (columns + 1) + column;
      if (row) corners[at] += corners[at - columns - 1];
      heat[row * columns + column] += corners[at];
    }
  }
}

const clamp = (value, most) => Math.min(most, Math.max(0, value));

/** Blur in place with a box, along rows, then along columns. */
function blur(heat, columns, rows, radius) {
  const line = new Float32Array(Math.max(columns, rows));
  const along = (start, step, length) => {
    let sum = 0;
    for (let i = 0; i < length; i++) line[i] = heat[start + i * step];
    for (let i = -radius; i < length; i++) {
      if (i + radius < length) sum += line[i + radius];
      if (i - radius - 1 >= 0) sum -= line[i - radius - 1];
      if (i >= 0) heat[start + i * step] = sum / (2 * radius + 1);
    }
  };
  for (let row = 0; row < rows; row++) along(row * columns, 1, columns);
  for (let column = 0; column < columns; column++) along(column, columns, rows);
}

function coloured(heat, columns, rows) {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  let most = 0;
  for (const value of heat) if (value > most) most = value;
  // From pale to deep in lightness as well as in hue, so that it reads without colour.
  const [pale, deep] = isDark()
    ? [
        [120, 60, 20],
        [255, 226, 150],
      ]
    : [
        [250, 190, 90],
        [125, 15, 40],
      ];
  for (let i = 0; i < heat.length && most > 0; i++) {
    const share = (Math.max(0, heat[i]) / most) ** 0.7;
    if (share < 0.03) continue;
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = pale[k] + (deep[k] - pale[k]) * share;
    image.data[4 * i + 3] = 205 * share;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
