/** Map tiles from the one host that the page's policy names, when the file was made so; else nothing. */
import TileLayer from "ol/layer/Tile.js";
import XYZ from "ol/source/XYZ.js";
import { h, said } from "../dom.js";

const MOST_ZOOM = 19;

/** Return the layers that lie above the base map: of tiles, or none. */
export function tileLayers({ tiles }) {
  return tiles ? [new TileLayer({ source: new XYZ({ url: tiles, maxZoom: MOST_ZOOM }) })] : [];
}

/** Whose the tiles are, to stand in the map. */
export function tileCredit(report) {
  if (!report.tiles) return null;
  return h(
    "p",
    { class: "tile-credit" },
    said(report.tiles_by ?? `Map tiles: ${new URL(report.tiles).host}`),
  );
}
