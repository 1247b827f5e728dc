/** Printing: light colours, pictures of the maps as they are, the first findings as a plain table. */
import { h, replace, said } from "./dom.js";
import { aircraftName, aircraftOf, spaced } from "./report.js";
import { useTheme } from "./palette.js";
import { altitude, instant, interval, magnitude, number, retained } from "./units.js";

const MOST_PRINTED = 40;
const PAPER = "is-for-paper";

/** Prepare the page whenever it is printed, and put it back afterwards; `maps()` are those that are open. */
export function printsWell(state, overview, maps) {
  let seen = null; // where the reader was on the map
  const place = h("section", { class: "printed", "aria-hidden": "true" });
  document.querySelector(".work").after(place);
  const setPaper = (isPaper) => {
    if (document.body.classList.contains(PAPER) === isPaper) return;
    document.body.classList.toggle(PAPER, isPaper);
    for (const folded of document.querySelectorAll(".rest-of-answer")) folded.open = isPaper;
    replace(place, ...(isPaper ? printedTable(state) : []));
    if (isPaper) useTheme("light");
    else state.applyTheme();
    state.tell({ theme: true, width: true });
    for (const map of maps()) map.updateSize();
    const view = overview.map.getView();
    if (isPaper) {
      seen = [view.getCenter(), view.getResolution()];
      overview.showAll(false);
    } else {
      view.setCenter(seen[0]);
      view.setResolution(seen[1]);
    }
    for (const map of maps()) {
      map.renderSync(); // the picture is taken as soon as this returns
    }
  };
  addEventListener("beforeprint", () => setPaper(true));
  addEventListener("afterprint", () => setPaper(false));
  matchMedia("print").addEventListener("change", (event) => setPaper(event.matches));
}

function printedTable(state) {
  const { report } = state;
  const rows = report.isEncounters ? firstOf(state) : firstOfEachRule(state);
  const columns = columnsOf(report, rows);
  const all = state.nPassing + state.nRestPassing;
  const what = report.isEncounters ? "encounters" : "findings";
  const isCut = rows.length < all;
  const isMixed = !report.isEncounters && report.rules.length > 1;
  return [
    h("h2", {}, isCut ? `${number(rows.length)} of ${number(all)} ${what}` : `The ${number(all)} ${what}`),
    isCut &&
      h(
        "p",
        { class: "quiet" },
        isMixed
          ? "Of each rule in turn the first by rank, until the table was full; the file lists the others."
          : "The first by rank; the file lists the others.",
      ),
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map(({ title, name }) => h("th", { scope: "col", class: name }, title)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            columns.map(({ name, show }) => h("td", { class: name }, said(show(row)))),
          ),
        ),
      ),
    ),
  ];
}

/** The first that pass the filter, in the order of rank. */
function firstOf(state) {
  const rows = [];
  for (let row = 0; row < state.report.findings.n && rows.length < MOST_PRINTED; row++)
    if (state.passing[row]) rows.push(row);
  return rows;
}

/** Of each rule in turn the first by rank that is not yet taken; in the order of rank. */
function firstOfEachRule(state) {
  const { findings } = state.report;
  const ofRule = new Map();
  for (let row = 0; row < findings.n; row++) {
    if (!state.passing[row]) continue;
    const rows = ofRule.get(findings.rule[row]) ?? [];
    if (rows.length < MOST_PRINTED) rows.push(row);
    ofRule.set(findings.rule[row], rows);
  }
  const taken = [];
  for (let turn = 0; turn < MOST_PRINTED; turn++)
    for (const rows of ofRule.values())
      if (turn < rows.length && taken.length < MOST_PRINTED) taken.push(rows[turn]);
  return taken.sort((a, b) => a - b);
}

/** The columns of the table on the screen, as texts. */
function columnsOf(report, rows) {
  const { findings, isEncounters } = report;
  const hasVertical = rows.some((row) => Number.isFinite(findings.vertical_ft[row]));
  const context = (row) => report.contexts[findings.context[row]] ?? "";
  const columns = [
    { name: "rank", title: "Rank", show: (row) => number(row + 1) },
    { name: "when", title: "When (UTC)", show: (row) => instant(findings.t[row]) },
    { name: "who", title: "Aircraft", show: (row) => namesOf(report, row) },
    !isEncounters && {
      name: "rule",
      title: "Rule",
      show: (row) => report.rules[findings.rule[row]]?.id ?? "",
    },
    {
      name: "size",
      title: isEncounters ? "Horizontal (95 %)" : "How much (95 %)",
      show: (row) => sizeOf(findings, row),
    },
    hasVertical && { name: "vertical", title: "Vertical", show: (row) => verticalOf(findings, row) },
    isEncounters && { name: "retained", title: "Retained", show: (row) => retained(findings.retained[row]) },
    !isEncounters && {
      name: "verdict",
      title: "Verdict",
      show: (row) => spaced(report.verdicts[findings.verdict[row]] ?? ""),
    },
    { name: "trust", title: "Trust", show: (row) => report.trusts[findings.trust[row]] ?? "" },
    isEncounters && {
      name: "context",
      title: "Context",
      show: (row) => (context(row) === "none" ? "" : spaced(context(row))),
    },
  ];
  return columns.filter(Boolean);
}

const namesOf = (report, row) =>
  aircraftOf(report, row)
    .map((each) => aircraftName(each.callsign, each.icao24).slice(0, 60))
    .join(" · ");

function sizeOf(findings, row) {
  const [value, unit] = [findings.magnitude[row], findings.magnitude_unit.at(row)];
  const size = interval(findings.magnitude_low[row], findings.magnitude_high[row], unit, value);
  return magnitude(value, unit) + (size && ` (${size})`);
}

const verticalOf = (findings, row) =>
  Number.isFinite(findings.vertical_ft[row]) ? altitude(findings.vertical_ft[row]) : "";
