/** What it rests on: sources, when something was heard and when not, what cleaning did, what the page leaves out. */
import { h, said, s } from "./dom.js";
import { dayOf, duration, instant, number } from "./units.js";

const WIDTH = 1000;
const HEIGHT = 64;
const MOST_BARS = 500;
const SHORT_MS = 2 * 86_400_000; // below that the ends are told with the time of day
const MOST_GAPS_TOLD = 6;
const HOUR_S = 3600;
const DAY_S = 86_400;

export function data({ report }) {
  return h(
    "section",
    { class: "data", "aria-labelledby": "data-title" },
    h("h2", { id: "data-title" }, "What it rests on"),
    report.coverage && coverage(report.coverage),
    h(
      "div",
      { class: "data-columns" },
      report.sources.length > 0 && h("div", {}, h("h3", {}, "Sources"), sources(report.sources)),
      sentences("Cleaning", report.cleaning),
      report.tracks?.said && sentences("Tracks on the map", [report.tracks.said]),
      sentences("Left out of this file", report.left_out),
    ),
  );
}

function sentences(title, texts) {
  if (!texts?.length) return null;
  return h(
    "div",
    {},
    h("h3", {}, title),
    texts.map((text) => h("p", {}, said(text))),
  );
}

function sources(list) {
  return h(
    "table",
    { class: "plain" },
    h(
      "thead",
      {},
      h("tr", {}, h("th", { scope: "col" }, "File"), h("th", { scope: "col", class: "n" }, "Rows")),
    ),
    h(
      "tbody",
      {},
      list.map((source) =>
        h("tr", {}, h("td", {}, said(source.name)), h("td", { class: "n" }, number(source.rows))),
      ),
    ),
  );
}

/** A strip: how many samples a bin, and bins without any marked as gaps. */
function coverage({ from_ms, bin_ms, samples }) {
  const n = samples.length;
  if (!n) return null;
  const gaps = gapsOf(samples);
  const most = samples.reduce((a, b) => Math.max(a, b), 1);
  const step = Math.ceil(n / MOST_BARS);
  const bars = [];
  for (let i = 0; i < n; i += step) {
    let value = 0;
    for (let k = i; k < Math.min(n, i + step); k++) value = Math.max(value, samples[k]);
    const height = (value / most) * HEIGHT;
    bars.push(
      `M${((i / n) * WIDTH).toFixed(2)} ${HEIGHT}v${(-height).toFixed(2)}h${((Math.min(step, n - i) / n) * WIDTH).toFixed(2)}V${HEIGHT}`,
    );
  }
  const marks = gaps.map(([first, last]) =>
    s("rect", {
      class: "gap",
      x: (first / n) * WIDTH,
      width: Math.max(1.5, ((last - first) / n) * WIDTH),
      y: 0,
      height: HEIGHT,
    }),
  );
  const at = (bin) => from_ms + bin * bin_ms;
  const isShort = n * bin_ms <= SHORT_MS;
  const unheard_h = (gaps.reduce((sum, [first, last]) => sum + last - first, 0) * bin_ms) / 3_600_000;
  const told = gaps.length
    ? `${number(gaps.length)} ${gaps.length === 1 ? "gap" : "gaps"} in which nothing was heard, ${number(unheard_h, unheard_h < 10 ? 1 : 0)} hours in all: `
    : "Something was heard in every stretch of the recording.";
  const longest = [...gaps]
    .sort((a, b) => b[1] - b[0] - (a[1] - a[0]))
    .slice(0, MOST_GAPS_TOLD)
    .sort((a, b) => a[0] - b[0]);
  return h(
    "figure",
    { class: "coverage" },
    h(
      "figcaption",
      {},
      h("h3", {}, "Heard"),
      h(
        "p",
        {},
        `Samples heard in each ${stretch(bin_ms / 1000)}; at most ${number(most)}. `,
        told,
        longest
          .map(([first, last], i) => `${i ? "; " : ""}${instant(at(first))} to ${instant(at(last))}`)
          .join(""),
        gaps.length > 0 && ".",
      ),
      gaps.length > longest.length && allGaps(gaps, gaps.length - longest.length, at),
    ),
    s(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": `Samples over time; ${told}`,
      },
      s("path", { class: "heard", d: bars.join("") }),
      marks,
    ),
    h(
      "p",
      { class: "ends" },
      h("span", {}, isShort ? instant(at(0)) : dayOf(at(0))),
      h("span", {}, isShort ? instant(at(n)) : dayOf(at(n) - 1)),
    ),
  );
}

/** The list of all gaps, which opens. */
function allGaps(gaps, nShorter, at) {
  return h(
    "details",
    { class: "all-gaps" },
    h("summary", {}, `and ${number(nShorter)} shorter ${nShorter === 1 ? "one" : "ones"}`),
    h(
      "ol",
      {},
      gaps.map(([first, last]) =>
        h(
          "li",
          {},
          `${instant(at(first))} to ${instant(at(last))}`,
          h("span", { class: "quiet" }, ` ${duration((at(last) - at(first)) / 1000)}`),
        ),
      ),
    ),
  );
}

/** "hour", "5 min", "6 h": what a bin spans. */
function stretch(s) {
  if (s === HOUR_S || s === DAY_S) return s === DAY_S ? "day" : "hour";
  return duration(s).replace(/ 0 (s|min)$/, "");
}

function gapsOf(samples) {
  const gaps = [];
  for (let i = 0; i < samples.length; i++) {
    if (samples[i] > 0) continue;
    const first = i;
    while (i < samples.length && samples[i] === 0) i++;
    gaps.push([first, i]);
  }
  return gaps;
}
