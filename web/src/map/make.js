/** What both maps share: view, controls, how pointer, wheel and keys move them. */
import OlMap from "ol/Map.js";
import View from "ol/View.js";
import Attribution from "ol/control/Attribution.js";
import ScaleLine from "ol/control/ScaleLine.js";
import Zoom from "ol/control/Zoom.js";
import { focus } from "ol/events/condition.js";
import { defaults as interactionDefaults } from "ol/interaction/defaults.js";
import MouseWheelZoom from "ol/interaction/MouseWheelZoom.js";
import { isStill } from "../dom.js";
import { WORLD } from "./world.js";

const MOVE_MS = 350;
const MAX_ZOOM = 20;

/** Make a map in an element.  The wheel zooms once the map has been clicked, so that a page that scrolls past it scrolls. */
export function makeMap(target, layers) {
  const map = new OlMap({
    target,
    layers,
    controls: [
      new Zoom({ zoomInTipLabel: "Zoom in", zoomOutTipLabel: "Zoom out" }),
      new ScaleLine({ units: "nautical", className: "scale-nautical", minWidth: 70 }),
      new ScaleLine({ units: "metric", className: "scale-metric", minWidth: 70 }),
      new Attribution({ collapsible: false, attributions: [] }),
    ],
    interactions: interactionDefaults({
      mouseWheelZoom: false,
      altShiftDragRotate: false,
      pinchRotate: false,
    }).extend([new MouseWheelZoom({ condition: focus })]),
    view: new View({ center: [0, 0], zoom: 1, maxZoom: MAX_ZOOM, enableRotation: false, multiWorld: true }),
  });
  return map;
}

/** Show an extent (metres), with room around it; at once where motion is not wanted. */
export function show(map, extent, { padding = 40, least_m = 4000, animate = true } = {}) {
  if (!extent || !extent.every(Number.isFinite)) return;
  const [x, y] = [(extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2];
  const [halfWidth, halfHeight] = [(extent[2] - extent[0]) / 2, (extent[3] - extent[1]) / 2];
  const w = Math.max(halfWidth, least_m);
  const h = Math.max(halfHeight, least_m);
  map.getView().fit([x - w, y - h, x + w, y + h], {
    size: map.getSize(),
    padding: [padding, padding, padding, padding],
    duration: animate && !isStill() ? MOVE_MS : 0,
  });
}

/**
 * The smallest extent that holds places [x, y] and further extents, across the antimeridian where that is shorter; null of
 * nothing.
 */
export function around(points, ...extents) {
  const all = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  for (const extent of extents) if (extent) all.push([extent[0], extent[1]], [extent[2], extent[3]]);
  if (!all.length) return null;
  let [south, north] = [Infinity, -Infinity];
  for (const [, y] of all) {
    if (y < south) south = y;
    if (y > north) north = y;
  }
  const xs = Float64Array.from(all, ([x]) => x).sort();
  let [widest, after] = [xs[0] + WORLD - xs[xs.length - 1], 0];
  for (let i = 1; i < xs.length; i++) {
    if (xs[i] - xs[i - 1] <= widest) continue;
    widest = xs[i] - xs[i - 1];
    after = i;
  }
  const west = xs[after];
  return [west, south, after ? xs[after - 1] + WORLD : xs[xs.length - 1], north];
}
