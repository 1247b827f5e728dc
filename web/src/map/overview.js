/** The map of everything: ground, tracks, heat, the agreement's places, findings; hovering tells, a click opens. */
import Feature from "ol/Feature.js";
import Overlay from "ol/Overlay.js";
import Point from "ol/geom/Point.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorSource from "ol/source/Vector.js";
import { Circle, Stroke, Style } from "ol/style.js";
import { h, oncePerFrame, replace, said } from "../dom.js";
import { ground } from "../palette.js";
import { aircraftName, aircraftOf } from "../report.js";
import { instant, interval, magnitude } from "../units.js";
import { baseSheet } from "./base.js";
import { findingAt, findingSheet, heatSheet, projectFindings } from "./findings.js";
import { legend } from "./legend.js";
import { around, makeMap, show } from "./make.js";
import { placeLayers } from "./places.js";
import { tileCredit, tileLayers } from "./tiles.js";
import { boundsOfTracks, projectTracks, trackSheet } from "./tracks.js";

const DAY_MS = 86_400_000;
const LONGEST_TOLD = 240;

export class Overview {
  constructor(state, basemap, open) {
    this.state = state;
    const { report } = state;
    this.places = projectFindings(report.findings);
    const restPlaces = report.rest ? projectFindings(report.rest) : null;
    this.layers = { ground: baseSheet(basemap) };
    const [tiles] = tileLayers(report);
    if (tiles) this.layers.tiles = tiles;
    if (report.tracks) {
      this.projected = projectTracks(report.tracks);
      this.layers.tracks = trackSheet(report.tracks, this.projected, () => this.chosenTracks());
    }
    this.layers.heat = heatSheet(state, this.places, restPlaces, {
      visible: report.rest !== null && report.rest.n > 0,
    });
    const { shapes, names } = placeLayers(report);
    this.layers.places = shapes;
    this.layers.findings = findingSheet(state, this.places);
    this.layers.names = names;
    this.mark = new VectorSource();
    const marks = new VectorLayer({ source: this.mark, style: () => markStyle() });

    this.canvas = h("div", {
      class: "map-canvas",
      tabindex: 0,
      role: "application",
      "aria-label":
        "Map of findings, tracks and places. Arrow keys move it, plus and minus zoom. The table lists the same findings.",
    });
    this.tip = h("div", { class: "map-tip", "aria-hidden": "true" });
    this.element = h(
      "div",
      { class: "map" },
      this.canvas,
      this.switches(),
      legend(state),
      tileCredit(report),
    );
    this.map = makeMap(this.canvas, [...Object.values(this.layers), marks]);
    this.overlay = new Overlay({ element: this.tip, offset: [14, 10], stopEvent: false });
    this.map.addOverlay(this.overlay);
    this.listen(open);
    state.watch((change) => this.update(change));
  }

  listen(open) {
    const rowAt = (event) =>
      findingAt(this.state, this.places, event.coordinate, this.map.getView().getResolution());
    const hover = oncePerFrame((event) => {
      const row = this.layers.findings.getVisible() ? rowAt(event) : -1;
      this.canvas.classList.toggle("is-on-finding", row >= 0);
      this.overlay.setPosition(row >= 0 ? event.coordinate : undefined);
      if (row >= 0) replace(this.tip, ...this.told(row));
    });
    this.map.on("pointermove", (event) => {
      if (!event.dragging) hover(event);
    });
    this.map.on("click", (event) => {
      const row = this.layers.findings.getVisible() ? rowAt(event) : -1;
      if (row >= 0) open(row);
    });
    this.canvas.addEventListener("pointerleave", () => this.overlay.setPosition(undefined));
    new ResizeObserver(() => this.resized()).observe(this.canvas);
  }

  resized() {
    this.map.updateSize();
    if (this.isShown || !this.map.getSize()?.every((px) => px > 0)) return;
    this.isShown = true;
    this.showAll(false);
    if (this.state.selected >= 0) this.showRow(this.state.selected, false);
  }

  told(row) {
    const { findings } = this.state.report;
    const who = aircraftOf(this.state.report, row)
      .map((each) => aircraftName(each.callsign, each.icao24))
      .join(" and ");
    const unit = findings.magnitude_unit.at(row);
    const size = interval(
      findings.magnitude_low[row],
      findings.magnitude_high[row],
      unit,
      findings.magnitude[row],
    );
    return [
      h("strong", {}, said(who.slice(0, LONGEST_TOLD) || "finding")),
      h("span", {}, instant(findings.t[row])),
      h("span", {}, magnitude(findings.magnitude[row], unit), size && ` (${size})`),
      h("span", { class: "quiet" }, said(findings.sentence.at(row).slice(0, LONGEST_TOLD))),
    ];
  }

  switches() {
    const names = {
      findings: "Findings",
      heat: "Heat: where they gather",
      tracks: "Tracks",
      places: "Agreement",
      names: "Names",
      tiles: "Map tiles",
      ground: "Base map",
    };
    const boxes = Object.entries(names)
      .filter(([name]) => this.layers[name])
      .filter(([name]) => !["places", "names"].includes(name) || this.state.report.places.length)
      .map(([name, title]) =>
        h(
          "label",
          {},
          h("input", {
            type: "checkbox",
            checked: this.layers[name].getVisible(),
            "data-layer": name,
            onchange: (event) => this.layers[name].setVisible(event.target.checked),
          }),
          title,
        ),
      );
    return h(
      "div",
      { class: "map-tools" },
      h("details", { class: "map-switches" }, h("summary", {}, "Layers"), h("div", {}, boxes)),
      h("button", { type: "button", class: "tool", onclick: () => this.showAll(true) }, "Whole picture"),
    );
  }

  chosenTracks() {
    const { state } = this;
    const all = state.hasAllDays;
    return {
      parties: state.chosen.party,
      from_ms: all ? -Infinity : state.firstDay * DAY_MS,
      until_ms: all ? Infinity : (state.lastDay + 1) * DAY_MS,
    };
  }

  showAll(animate) {
    const ofPlaces = this.layers.places.getSource().getExtent();
    const points = [];
    for (let row = 0; row < this.places.x.length; row++)
      points.push([this.places.x[row], this.places.y[row]]);
    const ofTracks = this.projected && points.length < 2 ? boundsOfTracks(this.projected) : null;
    const all = around(points, ofPlaces.every(Number.isFinite) ? ofPlaces : null, ofTracks);
    show(this.map, all ?? [-1.5e7, -6e6, 1.5e7, 1e7], { padding: 36, least_m: 10_000, animate });
  }

  showRow(row, animate = true) {
    const [x, y] = [this.places.x[row], this.places.y[row]];
    if (Number.isFinite(x)) show(this.map, [x, y, x, y], { least_m: 22_000, animate });
  }

  update(change) {
    if (change.theme || change.filter) {
      for (const [name, layer] of Object.entries(this.layers))
        if (name !== "tiles") layer.getSource().changed();
    } // a source that changed has its layer ask for styles anew
    if (change.selection && this.state.selected >= 0) this.showRow(this.state.selected);
    if (change.activeRow || change.selection || change.theme) this.markActive();
  }

  markActive() {
    this.mark.clear();
    const row = this.state.activeRow;
    if (row < 0 || !Number.isFinite(this.places.x[row])) return;
    this.mark.addFeature(new Feature(new Point([this.places.x[row], this.places.y[row]])));
    const extent = this.map.getView().calculateExtent(this.map.getSize());
    const [x, y] = [this.places.x[row], this.places.y[row]];
    const isInView = x > extent[0] && x < extent[2] && y > extent[1] && y < extent[3];
    if (!isInView) this.map.getView().setCenter([x, y]);
  }
}

function markStyle() {
  const { ink, halo } = ground();
  return [
    new Style({ image: new Circle({ radius: 12, stroke: new Stroke({ color: halo, width: 5 }) }) }),
    new Style({ image: new Circle({ radius: 12, stroke: new Stroke({ color: ink, width: 2.5 }) }) }),
  ];
}
