/** Findings per day, a panel for each rule, bars by verdict; the mean rate as a line, its 95 % interval as a band. */
import { rateOf } from "../answer.js";
import { h, s, said } from "../dom.js";
import { contextColour, verdictColour } from "../palette.js";
import { dayName, kindName } from "../report.js";
import { isNoFinding } from "../state.js";
import { number, rounded } from "../units.js";
import { figure, levels, picture, text } from "./draw.js";

const HEIGHT = 118;
const [LEFT, RIGHT, TOP, BOTTOM] = [38, 8, 10, 20];
const MOST_DAYS = 100; // beyond that a bar is a week, then thirty days
const MOST_PANELS = 8;

export function daysChart(state, counted) {
  const { report } = state;
  return figure(
    `Per ${counted().isHourly ? "hour" : "day"}${report.rules.length > 1 ? " and rule" : ""}`,
    (width) => {
      const step = stepOf(counted().nSlots);
      const rules = report.rules.length ? report.rules : [{ id: "", sentence: "" }];
      const panels = rules
        .map((rule, i) => ({ rule, bars: grouped(counted(), i, step) }))
        .filter(({ bars }) => bars.total > 0)
        .sort((a, b) => b.bars.total - a.bars.total)
        .slice(0, MOST_PANELS);
      if (!panels.length) return h("p", { class: "nothing" }, "No finding passes the filter.");
      const panelWidth = width > 760 && panels.length > 1 ? Math.floor((width - 24) / 2) : width;
      return [
        keyOf(counted()),
        h(
          "div",
          { class: "panels" },
          panels.map((panel) => panelOf(state, counted(), panel, panelWidth, step)),
        ),
      ];
    },
    {
      className: "is-wide",
      note: () => {
        const step = stepOf(counted().nSlots);
        const bars = { 1: "", 7: "Bars are weeks. ", 30: "Bars are thirty days. " }[step];
        const line =
          report.rates.length && !counted().isHourly
            ? "The line is the mean rate of the whole recording, the band its 95 % interval; they do not follow the filter."
            : "";
        return bars + line;
      },
    },
  );
}

const stepOf = (n) => (n <= MOST_DAYS ? 1 : n <= 7 * MOST_DAYS ? 7 : 30);

function grouped({ slots, nKinds, nSlots }, rule, step) {
  const n = Math.ceil(nSlots / step);
  const bars = { n, values: new Float64Array(n * nKinds), total: 0, most: 0 };
  slots[rule].forEach((value, i) => {
    bars.values[Math.floor(i / nKinds / step) * nKinds + (i % nKinds)] += value;
    bars.total += value;
  });
  for (let bar = 0; bar < n; bar++) bars.most = Math.max(bars.most, sumOf(bars.values, bar, nKinds));
  return bars;
}

const sumOf = (values, bar, nKinds) =>
  values.subarray(bar * nKinds, (bar + 1) * nKinds).reduce((a, b) => a + b, 0);

export function kindColour(kinds, kind) {
  const word = kinds.words[kind] ?? "";
  return kinds.column === "verdict" ? verdictColour(word) : contextColour(word);
}

function keyOf({ kinds, nKinds, trusts }) {
  const present = (kind) => trusts.some((value, i) => i % nKinds === kind && value > 0);
  return h(
    "p",
    { class: "key" },
    [...kinds.words, "not judged"].map(
      (word, kind) =>
        present(kind) &&
        h("span", {}, h("i", { style: { background: kindColour(kinds, kind) } }), kindName(kinds, word)),
    ),
  );
}

function panelOf(state, counted, { rule, bars }, width, step) {
  const { nKinds, kinds } = counted;
  const rate = rule.id && !counted.isHourly ? rateOf(state.report, rule) : null;
  const top = Math.max(bars.most, rate ? rate.per_day * step : 0, 1) * 1.05;
  const x = (bar) => LEFT + (bar / bars.n) * (width - LEFT - RIGHT);
  const y = (value) => TOP + (1 - Math.min(1.02, value / top)) * (HEIGHT - TOP - BOTTOM);
  const gap = (width - LEFT - RIGHT) / bars.n > 5 ? 1.5 : 0;
  const marks = [];
  for (let bar = 0; bar < bars.n; bar++) {
    let below = 0;
    const parts = [];
    for (let kind = 0; kind < nKinds; kind++) {
      const value = bars.values[bar * nKinds + kind];
      if (!value) continue;
      parts.push(
        s("rect", {
          x: x(bar) + gap / 2,
          width: Math.max(0.6, x(bar + 1) - x(bar) - gap),
          y: y(below + value),
          height: Math.max(0.5, y(below) - y(below + value) - 0.6),
          fill: kindColour(kinds, kind),
        }),
      );
      below += value;
    }
    if (parts.length)
      marks.push(s("g", {}, s("title", {}, `${barName(counted, bar, step)}: ${number(below)}`), parts));
  }
  const label =
    `${rule.id || "findings"}: ${numberOf(bars, kinds, nKinds)} in ${bars.n} ${counted.isHourly ? "hours" : step === 1 ? "days" : "stretches"}, at most ${number(bars.most)}` +
    (rate
      ? `; ${rounded(rate.per_day)} a day, 95 % ${rounded(rate.per_day_low)} to ${rounded(rate.per_day_high)}`
      : "");
  return h(
    "div",
    { class: "panel" },
    h(
      "h4",
      {},
      said(rule.id || "All findings"),
      h("span", { class: "quiet" }, ` ${numberOf(bars, kinds, nKinds)}`),
      rate &&
        h(
          "span",
          { class: "quiet" },
          ` · ${Number.isFinite(rate.count) ? `${number(rate.count)} counted: ` : ""}${rounded(rate.per_day)} a day (${rounded(rate.per_day_low)} to ${rounded(rate.per_day_high)})`,
        ),
    ),
    picture(
      width,
      HEIGHT,
      label,
      levels(top, y, LEFT, width - RIGHT),
      marks,
      rate && band(rate, step, y, width),
      ticksOf(counted, bars.n, step, x),
    ),
  );
}

/** "181 findings", and apart from them what is shown besides: a rate counts the findings alone. */
function numberOf(bars, kinds, nKinds) {
  const totals = new Float64Array(nKinds);
  bars.values.forEach((value, i) => (totals[i % nKinds] += value));
  if (kinds.column !== "verdict") return number(bars.total);
  const others = kinds.words.flatMap((word, kind) =>
    isNoFinding(word) && totals[kind] ? [[kindName(kinds, word), totals[kind]]] : [],
  );
  const n = bars.total - others.reduce((sum, [, count]) => sum + count, 0);
  const findings = `${number(n)} ${n === 1 ? "finding" : "findings"}`;
  return [findings, ...others.map(([name, count]) => `${number(count)} ${name}`)].join(", ");
}

function band(rate, step, y, width) {
  const [low, high, mean] = [rate.per_day_low, rate.per_day_high, rate.per_day].map((value) =>
    y(value * step),
  );
  return s(
    "g",
    { class: "rate" },
    Number.isFinite(low) &&
      Number.isFinite(high) &&
      s("rect", { x: LEFT, width: width - LEFT - RIGHT, y: high, height: Math.max(1, low - high) }),
    s("line", { x1: LEFT, x2: width - RIGHT, y1: mean, y2: mean }),
  );
}

/** "2017-11-02", "2017-11-02 09:00Z", or from one day to another. */
function barName({ isHourly, firstSlot }, bar, step) {
  const first = firstSlot + bar * step;
  if (isHourly) return `${dayName(Math.floor(first / 24))} ${first % 24}:00Z`;
  return step === 1 ? dayName(first) : `${dayName(first)} to ${dayName(first + step - 1)}`;
}

function ticksOf({ isHourly, firstSlot }, n, step, x) {
  const every = Math.max(1, Math.ceil(n / Math.max(2, Math.floor((x(n) - x(0)) / 84))));
  const ticks = [];
  for (let bar = 0; bar < n; bar += every) {
    const slot = firstSlot + bar * step;
    const name = isHourly
      ? `${slot % 24}:00Z`
      : step === 1 && bar > 0
        ? dayName(slot).slice(5)
        : dayName(slot);
    ticks.push(
      text((x(bar) + x(bar + 1)) / 2, HEIGHT - 6, name, {
        class: "tick",
        "text-anchor": bar ? "middle" : "start",
      }),
    );
  }
  return ticks;
}
