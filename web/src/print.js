/** Printing: light colours, pictures of the maps as they are, the first findings as a plain table. */
import { h, replace, said } from "./dom.js";
import { aircraftName, aircraftOf, spaced } from "./report.js";
import { useTheme } from "./palette.js";
import { instant, interval, magnitude, number } from "./units.js";

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
  const rows = [];
  for (let row = 0; row < report.findings.n && rows.length < MOST_PRINTED; row++)
    if (state.passing[row]) rows.push(row);
  const all = state.nPassing + state.nRestPassing;
  return [
    h(
      "h2",
      {},
      rows.length < all
        ? `The first ${rows.length} of ${number(all)} findings`
        : `The ${number(all)} findings`,
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
          ["Rank", "When (UTC)", "Aircraft", "Rule", "How much (95 %)", "Verdict", "Trust"].map((title) =>
            h("th", { scope: "col" }, title),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) => printedRow(report, row)),
      ),
    ),
  ];
}

function printedRow(report, row) {
  const { findings } = report;
  const unit = findings.magnitude_unit.at(row);
  const size = interval(
    findings.magnitude_low[row],
    findings.magnitude_high[row],
    unit,
    findings.magnitude[row],
  );
  const cells = [
    number(row + 1),
    instant(findings.t[row]),
    aircraftOf(report, row)
      .map((each) => aircraftName(each.callsign, each.icao24).slice(0, 60))
      .join(" · "),
    report.rules[findings.rule[row]]?.id ?? "",
    magnitude(findings.magnitude[row], unit) + (size && ` (${size})`),
    spaced(report.verdicts[findings.verdict[row]] ?? ""),
    report.trusts[findings.trust[row]] ?? "",
  ];
  return h(
    "tr",
    {},
    cells.map((cell) => h("td", {}, said(cell))),
  );
}
