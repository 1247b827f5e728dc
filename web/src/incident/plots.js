/** Plots against time with uPlot: separation, altitudes, speeds.  A line is what moves between reports, a dot a report. */
import uPlot from "uplot";
import { h } from "../dom.js";
import { FONT, aircraftColours, ground, verdictColour } from "../palette.js";
import { Path, brokenIntervals, separationAt, separationCurve } from "../motion.js";
import { altitude, distance, farDistance, number, shown, units } from "../units.js";

const HEIGHT_PX = 210;
const NARROW_HEIGHT_PX = 180;
const PLOT_FONT = `11px ${FONT}`;
const ROOM_ABOVE = 1.15;
const MOST_DIGITS = 4; // of a tick
const MANY_MINIMA = 4; // a curve is cut off at so many times its minimum

/**
 * Make the plots of a detail; each `{element, setTime, redraw, destroy}`.
 *
 * `about` holds `state`, `detail`, its `paths`, the closest point `best_ms`, the `window_ms` to show, and `onTime`, which is
 * called with the time of a click.
 */
export function plotsOf(about) {
  const { detail, paths } = about;
  const plots = [];
  if (paths.length === 2) {
    const curve = separationCurve(paths[0], paths[1]);
    const broken = detail.minima ? brokenIntervals(curve, detail.minima) : [];
    plots.push(
      separationPlot(about, { curve, broken, of: "horizontal", minimum: detail.minima?.horizontal_m }),
    );
    plots.push(separationPlot(about, { curve, broken, of: "vertical", minimum: detail.minima?.vertical_ft }));
  }
  plots.push(aircraftPlot(about, "Altitude", "altitude_ft", shown.altitude, () => units.altitude));
  plots.push(aircraftPlot(about, "Groundspeed", "groundspeed_kt", shown.speed, () => units.speed));
  return plots.filter(Boolean);
}

function separationPlot(
  { state, detail, paths, best_ms, window_ms, onTime },
  { curve, broken, of, minimum },
) {
  const { row } = detail;
  const dots = [...new Set([...paths[0].t, ...paths[1].t])].sort((a, b) => a - b);
  const isHorizontal = of === "horizontal";
  const column = isHorizontal ? "horizontal_m" : "vertical_ft";
  const unit = () => (isHorizontal ? units.distance : units.altitude);
  const convert = isHorizontal ? shown.distance : shown.altitude;
  const { findings } = state.report;
  const [value, low, high] = isHorizontal
    ? [findings.magnitude[row], findings.magnitude_low[row], findings.magnitude_high[row]]
    : [findings.vertical_ft[row], findings.vertical_low_ft[row], findings.vertical_high_ft[row]];
  const times = [...new Set([...curve.t, ...dots])].sort((a, b) => a - b);
  const isDot = new Set(dots);
  const at = new Map(curve.t.map((t, i) => [t, curve[column][i]]));
  const lines = times.map((t) => (at.has(t) ? at.get(t) : valueAt(paths, t, column)));
  const data = () => [
    times.map((t) => t / 1000),
    lines.map((v) => (v === null ? null : convert(v))),
    times.map((t, i) => (isDot.has(t) && isWithin(lines[i]) ? convert(lines[i]) : null)),
  ];
  const top = () => topOf(lines, minimum, high, convert);
  const isWithin = (v) => v !== null && convert(v) <= top();
  const inUnitOfAxis = isHorizontal ? farDistance : altitude;
  const title = isHorizontal ? "Horizontal distance" : "Vertical distance";
  const said =
    `${title} of the two aircraft against time` +
    (minimum ? `; the minimum is ${isHorizontal ? distance(minimum) : altitude(minimum)}` : "") +
    (Number.isFinite(value)
      ? `; at the closest point ${isHorizontal ? distance(value) : altitude(value)}`
      : "");
  const plot = makePlot({
    title,
    unit,
    data,
    said,
    onTime,
    window_ms,
    series: [
      { label: "between reports", stroke: () => ground().ink, width: 1.75, points: { show: false } },
      { label: "at a report", paths: () => null, points: dotsOf(() => ground().ink) },
    ],
    top,
    under: (u) => shade(u, broken),
    over: (u) => {
      if (minimum) level(u, convert(minimum), `minimum ${inUnitOfAxis(minimum)}`);
      if (Number.isFinite(value) && Number.isFinite(low))
        whisker(u, best_ms / 1000, convert(value), convert(low), convert(high));
    },
  });
  return plot;
}

const valueAt = (paths, t, column) => {
  const value = separationAt(paths[0], paths[1], t)?.[column];
  return Number.isFinite(value) ? value : null;
};

/** The top of the scale: so much that the minimum and what lies near it fill the plot. */
function topOf(values, minimum, high, convert) {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  const wanted = minimum ? Math.min(most, MANY_MINIMA * minimum) : most;
  return convert(Math.max(wanted, minimum ?? 0, Number.isFinite(high) ? high : 0)) * ROOM_ABOVE || 1;
}

function aircraftPlot({ detail, window_ms, onTime }, title, column, convert, unit) {
  const heard = detail.aircraft.filter((each) => each[column].some(Number.isFinite));
  if (!heard.length) return null;
  const breaks = heard.map(middlesOfGaps);
  const times = [...new Set(heard.flatMap((each, k) => [...each.t, ...breaks[k]]))].sort((a, b) => a - b);
  const index = new Map(times.map((t, i) => [t, i]));
  const data = () => [
    times.map((t) => t / 1000),
    ...heard.map((each, k) => {
      const values = new Array(times.length).fill(undefined); // undefined joins, null parts
      for (const t of breaks[k]) values[index.get(t)] = null;
      each.t.forEach((t, i) => {
        if (Number.isFinite(each[column][i])) values[index.get(t)] = convert(each[column][i]);
      });
      return values;
    }),
  ];
  const all = aircraftColours(detail.aircraft);
  const colours = heard.map((each) => all[detail.aircraft.indexOf(each)]);
  const names = heard.map((each) => (each.callsign || each.icao24 || "").slice(0, 16));
  return makePlot({
    title,
    unit,
    data,
    onTime,
    window_ms,
    said: `${title} of ${names.join(" and ")} against time`,
    series: heard.map((_, i) => ({
      label: names[i],
      stroke: colours[i],
      dash: i ? [6, 3] : undefined,
      width: 1.75,
      points: dotsOf(colours[i]),
    })),
    legend: names.map((name, i) => ({ colour: colours[i], isDashed: i > 0, name })),
  });
}

/** Times between two legs, at which a line is to part. */
function middlesOfGaps(aircraft) {
  const { t, leg } = new Path(aircraft);
  return t.slice(1).flatMap((next, i) => (leg[i + 1] === leg[i] ? [] : [(t[i] + next) / 2]));
}

const dotsOf = (colour) => ({ show: true, size: 5, stroke: colour, fill: colour, width: 0 });

function makePlot({ title, unit, data, series, said, window_ms, onTime, top, under, over, legend }) {
  const heading = h("h3", {}, title);
  const place = h("div", { class: "plot-place", role: "img", "aria-label": said });
  const keys = legend?.map(({ colour, isDashed, name }) => {
    const key = h(
      "span",
      { class: `plot-key${isDashed ? " is-dashed" : ""}` },
      h("i", { style: { color: colour() } }),
      h("bdi", {}, name),
    );
    return key;
  });
  const element = h("figure", { class: "plot" }, h("figcaption", {}, heading, keys), place);
  const now = h("div", { class: "plot-now" });
  let plot = null;
  const axis = (more) => ({
    stroke: () => ground().gridText,
    font: PLOT_FONT,
    labelFont: PLOT_FONT,
    grid: { stroke: () => ground().grid, width: 1 },
    ticks: { stroke: () => ground().grid, width: 1 },
    ...more,
  });
  const options = (width) => ({
    width,
    height: width < 500 ? NARROW_HEIGHT_PX : HEIGHT_PX,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: true, range: () => window_ms.map((ms) => ms / 1000) },
      y: top ? { range: () => [0, top()] } : { range: padded },
    },
    axes: [
      axis({ values: (_, ticks) => clocks(ticks), space: roomOfTick, size: 30 }),
      axis({ size: 56, values: (_, ticks) => ticks.map((tick) => number(tick, digitsOf(ticks))) }),
    ],
    series: [{}, ...series],
    hooks: {
      drawClear: [(u) => under?.(u)],
      draw: [(u) => over?.(u)],
      ready: [
        (u) => {
          u.over.append(now);
          u.over.addEventListener(
            "click",
            () => u.cursor.left >= 0 && onTime(u.posToVal(u.cursor.left, "x") * 1000),
          );
        },
      ],
    },
  });
  let time = null;
  const setTime = (t) => {
    time = t;
    if (!plot) return;
    const x = plot.valToPos(t / 1000, "x");
    now.style.transform = `translateX(${x}px)`;
    now.hidden = !(x >= 0 && x <= plot.over.clientWidth);
  };
  const redraw = () => {
    heading.textContent = `${title}, ${unit()}`;
    keys?.forEach((key, i) => (key.firstChild.style.color = legend[i].colour()));
    fit();
    plot?.setData(data());
    if (time !== null) setTime(time);
  };
  const fit = () => {
    const width = Math.floor(place.clientWidth);
    if (width < 50) return;
    if (!plot) plot = new uPlot(options(width), data(), place);
    else if (plot.width !== width)
      plot.setSize({ width, height: width < 500 ? NARROW_HEIGHT_PX : HEIGHT_PX });
    if (time !== null) setTime(time);
  };
  const observer = new ResizeObserver(fit);
  observer.observe(place);
  heading.textContent = `${title}, ${unit()}`;
  const destroy = () => {
    observer.disconnect();
    plot?.destroy();
  };
  return { element, setTime, redraw, destroy };
}

/** Pixels between ticks of time: more where their names hold seconds, as they do when a minute has room for two. */
const roomOfTick = (_plot, _axis, from, until, width) => (((until - from) / width) * 62 >= 30 ? 46 : 62);

/** Hours and minutes, with seconds only where they differ. */
function clocks(ticks) {
  const end = ticks.every((tick) => tick % 60 === 0) ? 16 : 19;
  return ticks.map((tick) => new Date(tick * 1000).toISOString().slice(11, end));
}

const padded = (_, low, high) => {
  const room = Math.max((high - low) * 0.12, Math.abs(high) * 0.01, 1);
  return [Math.max(0, low - room) || low - room, high + room];
};

/** So many digits that no tick is shown rounded: 0.25, not 0.3. */
function digitsOf(ticks) {
  const isExact = (digits) =>
    ticks.every((tick) => Math.abs(tick * 10 ** digits - Math.round(tick * 10 ** digits)) < 1e-6);
  return [0, 1, 2, 3].find(isExact) ?? MOST_DIGITS;
}

function shade(u, intervals) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = verdictColour("broken");
  ctx.globalAlpha = 0.16;
  for (const [from, until] of intervals) {
    const left = u.valToPos(from / 1000, "x", true);
    const right = u.valToPos(until / 1000, "x", true);
    ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
  }
  ctx.restore();
}

function level(u, value, text) {
  const { ctx, bbox } = u;
  const y = u.valToPos(value, "y", true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  const px = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = verdictColour("broken");
  ctx.lineWidth = 1.5 * px;
  ctx.setLineDash([7 * px, 4 * px]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.fillStyle = ground().ink;
  ctx.font = `${11 * px}px ${FONT}`;
  ctx.textAlign = "right";
  ctx.setLineDash([]);
  ctx.strokeStyle = ground().halo;
  ctx.lineWidth = 4 * px;
  ctx.strokeText(text, bbox.left + bbox.width - 6 * px, y - 5 * px);
  ctx.fillText(text, bbox.left + bbox.width - 6 * px, y - 5 * px);
  ctx.restore();
}

/** The 95 % interval at the closest point. */
function whisker(u, t, value, low, high) {
  const { ctx } = u;
  const px = devicePixelRatio;
  const x = u.valToPos(t, "x", true);
  const [y, top, bottom] = [value, high, low].map((v) => u.valToPos(v, "y", true));
  ctx.save();
  ctx.strokeStyle = verdictColour("broken");
  ctx.fillStyle = verdictColour("broken");
  ctx.lineWidth = 2 * px;
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, bottom);
  for (const end of [top, bottom]) {
    ctx.moveTo(x - 5 * px, end);
    ctx.lineTo(x + 5 * px, end);
  }
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(x, y, 4 * px, 0, 2 * Math.PI);
  ctx.fill();
  ctx.restore();
}
