/**
 * The map's plane: web Mercator (EPSG:3857) in metres, repeated every `WORLD` to the east and west.
 * A `sheet` is a layer that paints itself on a canvas somewhat larger than the view, so that panning moves a picture.
 */
import ImageLayer from "ol/layer/Image.js";
import ImageCanvasSource from "ol/source/ImageCanvas.js";

const RADIUS = 6378137;
export const HALF = Math.PI * RADIUS;
export const WORLD = 2 * HALF;
const MAX_LAT = 85.0511;
const MARGIN = 1.3; // of the view, each way

export const xOf = (lon) => (lon * HALF) / 180;

export function yOf(lat) {
  const inside = Math.max(-MAX_LAT, Math.min(MAX_LAT, lat));
  return RADIUS * Math.log(Math.tan(Math.PI / 4 + (inside * Math.PI) / 360));
}

export const lonOf = (x) => (((((x / HALF) * 180 + 180) % 360) + 360) % 360) - 180;
export const latOf = (y) => (Math.atan(Math.exp(y / RADIUS)) * 360) / Math.PI - 90;

/** The same place, in the copy of the world that is nearest to `beside`: lines across the antimeridian stay short. */
export const nearest = (x, beside) => x - WORLD * Math.round((x - beside) / WORLD);

/** Project a line of [lon, lat], unbroken across the antimeridian. */
export function projectLine(points) {
  let last = null;
  return points.map(([lon, lat]) => {
    const x = last === null ? xOf(lon) : nearest(xOf(lon), last);
    last = x;
    return [x, yOf(lat)];
  });
}

/**
 * Make a layer of `paint(context, view)`, with the view's `left`, `top`, `resolution` (metres a CSS pixel), `width`, `height`,
 * and `copies`, the shifts in metres at which the world is to be seen.
 */
export function sheet(paint, options) {
  const source = new ImageCanvasSource({
    ratio: MARGIN,
    canvasFunction(extent, resolution, pixelRatio, size) {
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(size[0]);
      canvas.height = Math.round(size[1]);
      const context = canvas.getContext("2d");
      context.scale(pixelRatio, pixelRatio);
      const copies = [];
      const firstCopy = Math.floor((extent[0] + HALF) / WORLD);
      const lastCopy = Math.floor((extent[2] + HALF) / WORLD);
      for (let copy = firstCopy; copy <= lastCopy; copy++) copies.push(copy * WORLD);
      const [left, , , top] = extent;
      paint(context, {
        left,
        top,
        resolution,
        copies,
        pixelRatio,
        width: canvas.width / pixelRatio,
        height: canvas.height / pixelRatio,
      });
      return canvas;
    },
  });
  return new ImageLayer({ source, ...options });
}

/** Shifts of a thing from `west` to `east` (metres) at which it is in view. */
export function shiftsInView(view, west, east) {
  const right = view.left + view.width * view.resolution;
  const first = Math.ceil((view.left - east) / WORLD);
  const last = Math.floor((right - west) / WORLD);
  const shifts = [];
  for (let copy = first; copy <= last; copy++) shifts.push(copy * WORLD);
  return shifts;
}
