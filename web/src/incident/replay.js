/** The replay: a map on which the aircraft fly their reports again, with a clock that can be stopped and turned back. */
import Feature from "ol/Feature.js";
import LineString from "ol/geom/LineString.js";
import MultiLineString from "ol/geom/MultiLineString.js";
import MultiPoint from "ol/geom/MultiPoint.js";
import Point from "ol/geom/Point.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorSource from "ol/source/Vector.js";
import { Circle, Fill, RegularShape, Stroke, Style, Text } from "ol/style.js";
import { h, replace, said } from "../dom.js";
import { baseSheet } from "../map/base.js";
import { around, makeMap, show } from "../map/make.js";
import { placeLayers } from "../map/places.js";
import { tileCredit, tileLayers } from "../map/tiles.js";
import { nearest, projectLine, xOf, yOf } from "../map/world.js";
import { lonLat, separationAt } from "../motion.js";
import { FONT, aircraftColours, ground } from "../palette.js";
import { altitude, clock, distance, speed } from "../units.js";

const SPEEDS = [1, 2, 5, 10, 20, 60, 120, 300];
const WANTED_S = 20; // that playing all of it takes at the speed that is chosen first
const STEP_MS = 100;
const LONGEST_NAME = 24;
const ROOM_M = 1500;
const NEAR_MS = 30_000;
const ROOM_FOR_TEXT_PX = 90;

export class Replay {
  /** `paths` are the motions of `detail.aircraft`; `best_ms` is the time to begin at, `span_ms` when it began and ended, `window_ms` what the slider
   * spans. */
  constructor({ report, basemap, detail, paths, best_ms, span_ms, window_ms, onTime }) {
    this.span_ms = span_ms;
    this.detail = detail;
    this.paths = paths;
    this.onTime = onTime;
    [this.from_ms, this.until_ms] = window_ms;
    if (!Number.isFinite(best_ms)) best_ms = window_ms[0];
    this.best_ms = best_ms;
    this.source = new VectorSource();
    this.base = baseSheet(basemap);
    this.places = placeLayers(report);
    this.lines = detail.aircraft.map((each) =>
      projectLine(Array.from(each.lon, (lon, i) => [lon, each.lat[i]])),
    );
    this.ways = paths.map((path, i) => path.rows.map((row) => this.lines[i][row]));
    const colours = aircraftColours(detail.aircraft);
    this.features = detail.aircraft.map((each, i) => this.featuresOf(each, i, colours[i]));
    this.between = new Feature({
      style: (feature, resolution) => betweenStyle(feature, resolution, this.betweenText),
    });
    this.source.addFeatures([...this.features.flatMap(Object.values), this.between]);
    const moving = new VectorLayer({
      source: this.source,
      style: (feature, resolution) => feature.get("style")(feature, resolution),
    });
    this.canvas = h("div", {
      class: "map-canvas",
      tabindex: 0,
      role: "application",
      "aria-label": "Map of the replay. Arrow keys move it, plus and minus zoom.",
    });
    this.map = makeMap(this.canvas, [
      this.base,
      ...tileLayers(report),
      this.places.shapes,
      this.places.names,
      moving,
    ]);
    this.element = h(
      "div",
      { class: "replay" },
      h("div", { class: "map" }, this.canvas, tileCredit(report)),
      this.controls(),
    );
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.canvas);
    this.setTime(Math.min(this.until_ms, Math.max(this.from_ms, best_ms)));
  }

  resized() {
    this.map.updateSize();
    if (this.isShown || !this.map.getSize()?.every((px) => px > 0)) return;
    this.isShown = true;
    this.showNear();
  }

  showAll() {
    show(this.map, around(this.lines.flat()), { padding: 46, least_m: ROOM_M });
  }

  /** What was flown while it lasted, at least half a minute before and after the worst. */
  showNear() {
    const from = Math.min(this.span_ms[0], this.best_ms - NEAR_MS);
    const until = Math.max(this.span_ms[1], this.best_ms + NEAR_MS);
    const points = this.detail.aircraft.flatMap((each, i) =>
      this.lines[i].filter((_, k) => each.t[k] >= from && each.t[k] <= until),
    );
    show(this.map, around(points.length ? points : this.lines.flat()), {
      padding: 60,
      least_m: ROOM_M,
      animate: false,
    });
  }

  featuresOf(aircraft, i, colour) {
    const [line, label] = [this.lines[i], aircraft.callsign || aircraft.icao24 || "?"];
    const way = new Feature({
      geometry: new MultiLineString(
        this.paths[i].legs().map(([begin, end]) => this.ways[i].slice(begin, end)),
      ),
      style: () =>
        new Style({ stroke: new Stroke({ color: colour(), width: 1, lineDash: i ? [5, 4] : undefined }) }),
    });
    const reports = new Feature({
      geometry: new MultiPoint(line),
      style: () => new Style({ image: new Circle({ radius: 2.2, fill: new Fill({ color: colour() }) }) }),
    });
    const trail = new Feature({
      style: () => [
        new Style({ stroke: new Stroke({ color: ground().halo, width: 6 }) }),
        new Style({ stroke: new Stroke({ color: colour(), width: 3.2, lineDash: i ? [9, 5] : undefined }) }),
      ],
    });
    const plane = new Feature({
      label: label.slice(0, LONGEST_NAME),
      style: (feature) => planeStyle(feature, colour()),
    });
    return { way, trail, reports, plane };
  }

  controls() {
    const range_s = (this.until_ms - this.from_ms) / 1000;
    const first = SPEEDS.find((each) => range_s / each <= WANTED_S) ?? SPEEDS.at(-1);
    this.speed = first;
    this.slider = h("input", {
      type: "range",
      class: "time-slider",
      min: 0,
      max: Math.ceil((this.until_ms - this.from_ms) / STEP_MS),
      step: 1,
      "aria-label": "Time of the replay, UTC",
      oninput: () => this.setTime(this.from_ms + this.slider.valueAsNumber * STEP_MS),
    });
    this.button = h(
      "button",
      {
        type: "button",
        class: "tool play",
        "aria-pressed": "false",
        onclick: () => (this.isPlaying ? this.pause() : this.play()),
      },
      "Play",
    );
    const select = h(
      "select",
      { "aria-label": "Speed of the replay", onchange: () => (this.speed = Number(select.value)) },
      SPEEDS.map((each) => h("option", { value: each, selected: each === first }, `${each} ×`)),
    );
    this.readout = h("output", { class: "replay-now" });
    this.guided = h("div", { class: "replay-guided" });
    return h(
      "div",
      { class: "replay-controls" },
      h(
        "div",
        { class: "replay-row" },
        this.button,
        select,
        h(
          "button",
          { type: "button", class: "tool jump", onclick: () => this.setTime(this.best_ms) },
          this.paths.length === 2 ? "To the closest point" : "To the worst point",
        ),
        h("button", { type: "button", class: "tool", onclick: () => this.showAll() }, "All reports"),
        this.readout,
      ),
      this.slider,
      this.guided,
    );
  }

  play() {
    if (this.time_ms >= this.until_ms - STEP_MS) this.setTime(this.from_ms);
    this.isPlaying = true;
    this.button.textContent = "Pause";
    this.button.setAttribute("aria-pressed", "true");
    let last = performance.now();
    const step = (now) => {
      if (!this.isPlaying) return;
      this.setTime(Math.min(this.until_ms, this.time_ms + (now - last) * this.speed));
      last = now;
      if (this.time_ms >= this.until_ms) this.pause();
      else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  pause() {
    this.isPlaying = false;
    this.button.textContent = "Play";
    this.button.setAttribute("aria-pressed", "false");
  }

  setTime(t) {
    this.time_ms = t;
    this.slider.value = String(Math.round((t - this.from_ms) / STEP_MS));
    this.slider.setAttribute("aria-valuetext", clock(t));
    const positions = this.paths.map((path, i) => this.place(path, i, t));
    const isFirstAbove =
      positions.length < 2 || !positions.every(Boolean) || positions[0][1] >= positions[1][1];
    this.features.forEach(({ plane }, i) => plane.set("isAbove", (i === 0) === isFirstAbove));
    this.tellNow(t, positions);
    this.onTime(t);
  }

  /** Move one aircraft, and say where it is on the map; null where it was not heard. */
  place(path, i, t) {
    const { plane, trail } = this.features[i];
    const [aircraft, way] = [this.detail.aircraft[i], this.ways[i]];
    const here = path.at(t);
    const last = path.indexAt(t);
    const leg = path.legs().find(([begin, end]) => last >= begin && last < end);
    const flown = leg ? way.slice(leg[0], last + 1) : [];
    let xy = null;
    if (here) {
      const [lon, lat] = lonLat(here.point);
      xy = [nearest(xOf(lon), way[here.i][0]), yOf(lat)];
      flown.push(xy);
    }
    trail.setGeometry(flown.length > 1 ? new LineString(flown) : undefined);
    plane.setGeometry(xy ? new Point(xy) : undefined);
    if (here) {
      const row = path.rows[here.i];
      plane.set("told", `${altitude(here.altitude_ft)}\n${speed(aircraft.groundspeed_kt[row])}`, true);
      plane.set("heading", headingAt(aircraft.track_deg[row], way, here.i), true);
    }
    return xy;
  }

  tellNow(t, positions) {
    const both = positions.length === 2 && positions.every(Boolean);
    const now = both ? separationAt(this.paths[0], this.paths[1], t) : null;
    this.betweenText = now ? distance(now.horizontal_m) : "";
    const [a, b] = positions;
    this.between.setGeometry(both ? new LineString([a, [nearest(b[0], a[0]), b[1]]]) : undefined);
    const apart = now
      ? `${distance(now.horizontal_m)} horizontally, ${altitude(now.vertical_ft)} vertically`
      : "";
    this.readout.textContent = apart ? `${clock(t, 1)} · ${apart}` : clock(t, 1);
    this.tellGuidance(t);
  }

  /** What guidance would have told each aircraft then: the last change of it up to that instant. */
  tellGuidance(t) {
    const told = (this.detail.guidance?.lines ?? []).map(({ ownship, changes }) => {
      const now = changes.findLast(([at]) => at <= t);
      return h(
        "p",
        { class: "guided", "data-level": now?.[1] ?? 0 },
        h("strong", {}, said(ownship)),
        `: ${now ? now[2] : "nothing known yet"}`,
      );
    });
    replace(this.guided, ...told);
  }

  redraw() {
    this.base.getSource().changed();
    this.places.shapes.getSource().changed();
    this.source.changed();
    this.setTime(this.time_ms);
  }

  destroy() {
    this.pause();
    this.observer.disconnect();
    this.map.setTarget(undefined);
    this.map.dispose();
  }
}

/** Radians clockwise from north: the track as it was told, else along the way. */
function headingAt(track_deg, way, i) {
  if (Number.isFinite(track_deg)) return (track_deg * Math.PI) / 180;
  const [from, to] = i + 1 < way.length ? [way[i], way[i + 1]] : [way[i - 1] ?? way[i], way[i]];
  return Math.atan2(to[0] - from[0], to[1] - from[1]);
}

function planeStyle(feature, colour) {
  const { ink, halo } = ground();
  return new Style({
    image: new RegularShape({
      points: 3,
      radius: 10,
      scale: [0.78, 1],
      rotation: feature.get("heading") ?? 0,
      rotateWithView: true,
      fill: new Fill({ color: colour }),
      stroke: new Stroke({ color: halo, width: 2 }),
    }),
    text: new Text({
      text: `${feature.get("label")}\n${feature.get("told")}`,
      font: `600 12px ${FONT}`,
      textAlign: "left",
      offsetX: 14,
      offsetY: feature.get("isAbove") ? -30 : 30,
      overflow: true,
      fill: new Fill({ color: ink }),
      stroke: new Stroke({ color: halo, width: 4 }),
    }),
    zIndex: 10,
  });
}

function betweenStyle(feature, resolution, distanceText) {
  const { ink, halo } = ground();
  const text = feature.getGeometry().getLength() / resolution > ROOM_FOR_TEXT_PX ? distanceText : "";
  return new Style({
    stroke: new Stroke({ color: ink, width: 1.2, lineDash: [2, 4] }),
    text: new Text({
      text,
      font: `12px ${FONT}`,
      placement: "point",
      overflow: true,
      fill: new Fill({ color: ink }),
      stroke: new Stroke({ color: halo, width: 4 }),
    }),
  });
}
