/** The agreement's geometry: lines, areas, corridors, with names and levels, and arrows to the side that is kept. */
import Feature from "ol/Feature.js";
import LineString from "ol/geom/LineString.js";
import Point from "ol/geom/Point.js";
import Polygon from "ol/geom/Polygon.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorSource from "ol/source/Vector.js";
import { Fill, Stroke, Style, Text } from "ol/style.js";
import { FONT, ground, partyColour } from "../palette.js";
import { latOf, projectLine } from "./world.js";

const ARROW_PX = 34;
const LONGEST_LABEL = 60;

/** Make two layers, `{shapes, names}`: findings lie between them, so that names stay readable. */
export function placeLayers(report) {
  const source = new VectorSource();
  for (const place of report.places) {
    const rings = (place.rings ?? []).filter((ring) => ring.length > 1).map(projectLine);
    if (!rings.length) continue;
    const isLine = place.kind === "line" || (place.kind === "corridor" && !isClosed(place.rings[0]));
    const shapes = isLine
      ? rings.map((ring) => new LineString(ring))
      : rings.map((ring) => new Polygon([ring]));
    shapes.forEach((shape, i) =>
      source.addFeature(new Feature({ geometry: shape, place, isLine, isNamed: i === 0 })),
    );
  }
  for (const side of report.sides) {
    const line = projectLine(report.places.find((place) => place.name === side.place)?.rings?.[0] ?? []);
    if (line.length < 2) continue;
    const sharing = report.sides.filter((other) => other.place === side.place);
    const share = (sharing.indexOf(side) + 1) / (sharing.length + 1);
    source.addFeature(
      new Feature({ geometry: new LineString(line), side, share, party: report.parties.indexOf(side.who) }),
    );
  }
  const names = (feature, resolution) =>
    feature.get("side") ? arrowName(feature, resolution) : nameOf(feature);
  const shapes = (feature, resolution) =>
    feature.get("side") ? arrow(feature, resolution) : outline(feature, resolution);
  return {
    shapes: new VectorLayer({ source, style: shapes, updateWhileAnimating: true }),
    names: new VectorLayer({ source, style: names, declutter: true }),
  };
}

const isClosed = (ring) => ring[0][0] === ring.at(-1)[0] && ring[0][1] === ring.at(-1)[1];

function outline(feature, resolution) {
  const colours = ground();
  const { place, isLine } = feature.getProperties();
  const styles = [];
  if (isLine) {
    const width = corridorPx(place, feature.getGeometry(), resolution);
    if (width)
      styles.push(new Style({ stroke: new Stroke({ color: colours.placeFill, width, lineCap: "butt" }) }));
    styles.push(new Style({ stroke: new Stroke({ color: colours.halo, width: 5 }) }));
    styles.push(new Style({ stroke: new Stroke({ color: colours.line, width: 2.25 }) }));
  } else {
    styles.push(
      new Style({
        stroke: new Stroke({ color: colours.place, width: 1.5, lineDash: [5, 3] }),
        fill: new Fill({ color: colours.placeFill }),
      }),
    );
  }
  return styles;
}

/** Width of a corridor in pixels: Mercator stretches by the secant of the latitude. */
function corridorPx(place, line, resolution) {
  if (!place.width_m) return 0;
  const lat = latOf(line.getFirstCoordinate()[1]);
  return place.width_m / Math.cos((lat * Math.PI) / 180) / resolution;
}

function nameOf(feature) {
  const colours = ground();
  const { place, isLine, isNamed } = feature.getProperties();
  if (!isNamed) return [];
  const name = place.levels ? `${clipped(place.name)}\n${place.levels}` : clipped(place.name);
  return new Style({
    text: new Text({
      text: name,
      font: `600 12px ${FONT}`,
      placement: isLine && !place.levels ? "line" : "point",
      overflow: true,
      offsetY: isLine ? -10 : 0,
      textBaseline: isLine ? "bottom" : "middle",
      fill: new Fill({ color: colours.ink }),
      stroke: new Stroke({ color: colours.halo, width: 3.5 }),
    }),
    zIndex: 5,
  });
}

const clipped = (text) => (text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL)}…` : text);

/** An arrow from the line to the side that is kept, as long on the screen at every scale; null where the line is too short. */
function arrowOf(feature, resolution) {
  const { side, share } = feature.getProperties();
  const line = feature.getGeometry();
  if (line.getLength() / resolution < 2 * ARROW_PX) return null;
  const [at, before, after] = [share, Math.max(0, share - 0.02), Math.min(1, share + 0.02)].map((each) =>
    line.getCoordinateAt(each),
  );
  const along = Math.atan2(after[1] - before[1], after[0] - before[0]);
  const towards = along + (side.keeps === "left" ? Math.PI / 2 : -Math.PI / 2);
  const reach = (px, angle, from) => [
    from[0] + px * resolution * Math.cos(angle),
    from[1] + px * resolution * Math.sin(angle),
  ];
  const foot = reach(6, towards, at);
  const tip = reach(ARROW_PX, towards, foot);
  const head = [reach(9, towards + 2.6, tip), tip, reach(9, towards - 2.6, tip)];
  return { lines: [[foot, tip], head], label: reach(6, towards, tip), pointsEast: Math.cos(towards) > 0 };
}

function arrow(feature, resolution) {
  const drawn = arrowOf(feature, resolution);
  if (!drawn) return [];
  const party = feature.get("party");
  const stroke = (color, width) =>
    drawn.lines.map(
      (points) => new Style({ geometry: new LineString(points), stroke: new Stroke({ color, width }) }),
    );
  return [...stroke(ground().halo, 6), ...stroke(party >= 0 ? partyColour(party) : ground().ink, 2.5)];
}

function arrowName(feature, resolution) {
  const drawn = arrowOf(feature, resolution);
  if (!drawn) return [];
  return new Style({
    geometry: new Point(drawn.label),
    text: new Text({
      text: clipped(`${feature.get("side").who} keeps here`),
      font: `600 12px ${FONT}`,
      textAlign: drawn.pointsEast ? "left" : "right",
      fill: new Fill({ color: ground().ink }),
      stroke: new Stroke({ color: ground().halo, width: 3.5 }),
    }),
    zIndex: 6,
  });
}
