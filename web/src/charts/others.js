/** Hour by weekday, how near and how deep, activity of the parties, trust. */
import { h, s, said } from "../dom.js";
import { partyColour } from "../palette.js";
import { dayFromName, dayName } from "../report.js";
import { number, rounded, shown, units } from "../units.js";
import { kindColour } from "./days.js";
import { figure, levels, picture, roundStep, text } from "./draw.js";

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOURS = 24;

export function hoursChart(counted) {
  return figure(
    "Hour of day and weekday (UTC)",
    (width) => {
      const { hours } = counted();
      const most = hours.reduce((a, b) => Math.max(a, b), 0);
      const [left, top] = [34, 4];
      const w = (width - left) / HOURS;
      const rowHeight = Math.min(24, Math.max(15, w));
      const height = top + 7 * rowHeight + 18;
      const cells = [];
      for (let i = 0; i < hours.length; i++) {
        const [day, hour] = [Math.floor(i / HOURS), i % HOURS];
        const share = most ? hours[i] / most : 0;
        cells.push(
          s(
            "rect",
            {
              class: "heat-cell",
              x: left + hour * w + 0.75,
              y: top + day * rowHeight + 0.75,
              width: w - 1.5,
              height: rowHeight - 1.5,
              "fill-opacity": share ? 0.12 + 0.88 * share : 0.04,
            },
            s("title", {}, `${WEEKDAYS[day]} ${hour}:00Z to ${hour}:59Z: ${number(hours[i])}`),
          ),
        );
      }
      const names = WEEKDAYS.map((name, day) =>
        text(0, top + (day + 0.65) * rowHeight, name, { class: "tick" }),
      );
      const ticks = [0, 3, 6, 9, 12, 15, 18, 21].map((hour) =>
        text(left + hour * w, height - 4, `${hour}:00`, { class: "tick" }),
      );
      return picture(width, height, tellBusiest(hours, most), cells, names, ticks);
    },
    {
      note: () =>
        tellBusiest(
          counted().hours,
          counted().hours.reduce((a, b) => Math.max(a, b), 0),
        ),
    },
  );
}

function tellBusiest(hours, most) {
  if (!most) return "Nothing to show.";
  const i = hours.indexOf(most);
  return `Most, ${number(most)}, on ${WEEKDAYS[Math.floor(i / HOURS)]} from ${i % HOURS}:00Z. The darker, the more.`;
}

const SIZES = {
  miss: ["Horizontal distance at the closest", (m) => shown.distance(m), () => units.distance],
  vertical: ["Vertical distance at the closest", (ft) => shown.altitude(ft), () => units.altitude],
  depth: ["How far past the limit", (m) => shown.distance(m), () => units.distance],
  time: ["How long outside", (seconds) => seconds / 60, () => "min"],
};
const BINS = 20;
const SHARE_SHOWN = 0.98;

/** The distribution of one kind of magnitude; null where there is none in the whole report. */
export function sizeChart(counted, what) {
  const [title, convert, unit] = SIZES[what];
  return figure(
    title,
    (width) => {
      const sizes = counted().sizes.get(what);
      if (!sizes) return h("p", { class: "nothing" }, "None passes the filter.");
      const height = 168;
      const [left, right, top, bottom] = [38, 8, 8, 34];
      const values = sizes.values.map(convert);
      const step = roundStep(quantile(values, SHARE_SHOWN) || 1, BINS);
      const bins = new Float64Array(BINS + 1);
      values.forEach(
        (value, i) => (bins[Math.min(BINS, Math.max(0, Math.floor(value / step)))] += sizes.weights[i]),
      );
      const last = bins.findLastIndex((value, i) => value > 0 && i < BINS) + 1 || 1;
      const n = bins[BINS] ? BINS + 1 : last;
      const most = bins.reduce((a, b) => Math.max(a, b), 1) * 1.05;
      const x = (bin) => left + (bin / n) * (width - left - right);
      const y = (value) => top + (1 - value / most) * (height - top - bottom);
      const bars = [];
      for (let i = 0; i < n; i++) {
        const name =
          i === BINS
            ? `more than ${rounded(BINS * step)}`
            : `${rounded(i * step)} to ${rounded((i + 1) * step)}`;
        if (bins[i])
          bars.push(
            s(
              "rect",
              {
                class: "bar",
                x: x(i) + 0.75,
                width: x(i + 1) - x(i) - 1.5,
                y: y(bins[i]),
                height: y(0) - y(bins[i]),
              },
              s("title", {}, `${name} ${unit()}: ${number(bins[i])}`),
            ),
          );
      }
      const every = Math.ceil(n / Math.max(2, Math.floor(width / 60)));
      const ticks = [];
      for (let i = 0; i <= n; i += every)
        ticks.push(
          text(
            x(i),
            height - bottom + 14,
            i === BINS + 1 ? "" : number(i * step, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9))),
            { class: "tick", "text-anchor": i ? "middle" : "start" },
          ),
        );
      if (n > BINS)
        ticks.push(
          text(width - right, height - bottom + 14, "more", { class: "tick", "text-anchor": "end" }),
        );
      const total = sizes.weights.reduce((a, b) => a + b, 0);
      const label = `${title}: ${number(total)} findings, median ${rounded(quantile(values, 0.5))} ${unit()}`;
      return picture(
        width,
        height,
        label,
        levels(most, y, left, width - right),
        bars,
        ticks,
        text(width - right, height - 3, unit(), { class: "tick", "text-anchor": "end" }),
      );
    },
    { note: () => tellMedian(counted().sizes.get(what), convert, unit()) },
  );
}

function tellMedian(sizes, convert, unit) {
  if (!sizes) return "";
  const values = sizes.values.map(convert);
  return `Median ${rounded(quantile(values, 0.5))} ${unit}, least ${rounded(quantile(values, 0))}, most ${rounded(quantile(values, 1))}.`;
}

function quantile(values, share) {
  if (!values.length) return NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Flights a day of each party, and what was pledged. */
export function activityChart(state) {
  const { report } = state;
  const parties = [...new Set(report.days.map((day) => day.party))].filter((party) =>
    report.days.some((day) => day.party === party && day.flights > 0),
  );
  if (!parties.length) return null;
  const pledges = report.rules.filter((rule) => rule.kind === "pledges");
  return figure(
    "Activity: flights a day",
    (width) => {
      const numbers = report.days.map((day) => dayFromName(day.day));
      const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
      const n = last - first + 1;
      return h(
        "div",
        { class: "panels is-single" },
        parties.map((party) => activityPanel(state, party, { first, n, width })),
      );
    },
    { note: () => pledges.map((pledge) => `Pledged: ${pledge.sentence}`).join(" ") },
  );
}

function activityPanel({ report }, party, { first, n, width }) {
  const height = 96;
  const [left, right, top, bottom] = [38, 8, 8, 20];
  const flights = new Float64Array(n);
  for (const day of report.days)
    if (day.party === party) flights[dayFromName(day.day) - first] += day.flights;
  const most = Math.max(...flights, 1) * 1.05;
  const x = (i) => left + (i / n) * (width - left - right);
  const y = (value) => top + (1 - value / most) * (height - top - bottom);
  const colour = partyColour(report.parties.indexOf(party));
  const bars = Array.from(
    flights,
    (value, i) =>
      value > 0 &&
      s(
        "rect",
        {
          x: x(i) + 0.5,
          width: Math.max(0.6, x(i + 1) - x(i) - 1),
          y: y(value),
          height: y(0) - y(value),
          fill: colour,
        },
        s("title", {}, `${dayName(first + i)}: ${number(value)} flights`),
      ),
  );
  const total = flights.reduce((a, b) => a + b, 0);
  const marks = report.rules
    .filter((rule) => rule.pledge?.after && rule.parties?.includes(party))
    .map((rule) => {
      const at = x(dayFromName(rule.pledge.after) - first);
      return s(
        "g",
        { class: "pledge" },
        s("line", { x1: at, x2: at, y1: top, y2: y(0) }),
        text(at + 4, top + 9, "pledged from here", { class: "tick" }),
      );
    });
  const every = Math.max(1, Math.ceil(n / Math.max(2, Math.floor(width / 90))));
  const ticks = [];
  for (let i = 0; i < n; i += every)
    ticks.push(
      text((x(i) + x(i + 1)) / 2, height - 6, i ? dayName(first + i).slice(5) : dayName(first), {
        class: "tick",
        "text-anchor": i ? "middle" : "start",
      }),
    );
  return h(
    "div",
    { class: "panel" },
    h(
      "h4",
      {},
      said(party || "of no party"),
      h("span", { class: "quiet" }, ` ${number(total)} flights, ${rounded(total / n)} a day`),
    ),
    picture(
      width,
      height,
      `${party}: ${number(total)} flights in ${n} days, at most ${number(Math.max(...flights))} a day`,
      levels(most, y, left, width - right, 2),
      bars,
      marks,
      ticks,
    ),
  );
}

/** How many findings were surely there, by verdict. */
export function trustChart(state, counted) {
  const { report } = state;
  return figure(
    "Trust",
    (width) => {
      const { trusts, nKinds, kinds, total } = counted();
      const rows = [...report.trusts, "not said"]
        .map((word, trust) => ({ word, values: trusts.subarray(trust * nKinds, (trust + 1) * nKinds) }))
        .map((row) => ({ ...row, sum: row.values.reduce((a, b) => a + b, 0) }))
        .filter((row) => row.sum > 0);
      if (!rows.length) return h("p", { class: "nothing" }, "No finding passes the filter.");
      const most = Math.max(...rows.map((row) => row.sum));
      const [left, right, rowHeight] = [72, 96, 34];
      const scale = (width - left - right) / most;
      const bars = rows.map((row, i) => {
        let at = left;
        const parts = Array.from(row.values, (value, kind) => {
          if (!value) return null;
          const part = s(
            "rect",
            {
              x: at,
              y: i * rowHeight + 6,
              width: Math.max(0.8, value * scale - 0.8),
              height: rowHeight - 14,
              fill: kindColour(kinds, kind),
            },
            s("title", {}, `${row.word}, ${kinds.words[kind] ?? "not judged"}: ${number(value)}`),
          );
          at += value * scale;
          return part;
        });
        return [
          text(0, i * rowHeight + 21, row.word, { class: "name" }),
          parts,
          text(at + 6, i * rowHeight + 21, `${number(row.sum)} (${number((100 * row.sum) / total)} %)`, {
            class: "name",
          }),
        ];
      });
      return picture(
        width,
        rows.length * rowHeight,
        rows.map((row) => `${row.word}: ${number(row.sum)}`).join(", "),
        bars,
      );
    },
    {
      note: () =>
        "Whether it was there at all: credible, doubtful, or an artefact of the recording. Colours as in the first chart.",
    },
  );
}
