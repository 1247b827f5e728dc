/** Opens the report: unpacks, builds the page from top to bottom, and goes to what the address names. */
import "./style/index.js";
import { answer } from "./answer.js";
import { agreement } from "./agreement.js";
import { charts } from "./charts/index.js";
import { data } from "./data.js";
import { unpack } from "./document.js";
import { h, replace } from "./dom.js";
import { filterBar } from "./chips.js";
import { header } from "./header.js";
import { IncidentPanel } from "./incident/panel.js";
import { messages } from "./messages.js";
import { readBasemap } from "./map/base.js";
import { Overview } from "./map/overview.js";
import { printsWell } from "./print.js";
import { readReport } from "./report.js";
import { State } from "./state.js";
import { Table } from "./table.js";

const page = document.getElementById("wideberth-page");

async function open() {
  const [packed, packedBasemap] = await Promise.all([unpack("wideberth-data"), unpack("wideberth-basemap")]);
  const state = new State(readReport(packed));
  const build = state.report.embedded ? buildMap : buildPage;
  build(state, readBasemap(packedBasemap));
  page.setAttribute("aria-busy", "false");
}

/** In a notebook: the map alone, as large as its frame. */
function buildMap(state, basemap) {
  const overview = new Overview(state, basemap, (row) => state.activate(row));
  document.body.classList.add("is-embedded");
  replace(page, h("main", {}, h("h1", { class: "unseen" }, state.report.title ?? "Map"), overview.element));
}

function buildPage(state, basemap) {
  const openRow = (row) => panel.open(row);
  const table = new Table(state, openRow);
  const overview = new Overview(state, basemap, openRow);
  const panel = new IncidentPanel(state, basemap, table, overview);
  const work = h(
    "section",
    { class: "work", id: "findings", "aria-labelledby": "findings-title" },
    h("h2", { id: "findings-title" }, state.report.isEncounters ? "The encounters" : "The findings"),
    filterBar(state),
    h("div", { class: "work-area" }, overview.element, table.element),
    hasWorst(state.report) &&
      h(
        "p",
        { class: "quiet work-note" },
        "When: of a side or a place its worst instant; of two aircraft that at which the least of the minima was left. Their distance is that of the closest point, which may be another instant: open a finding for both.",
      ),
  );
  replace(
    page,
    h(
      "a",
      { class: "skip", href: "#findings", onclick: (event) => skipTo(event, table.grid) },
      "Skip to the table of findings",
    ),
    header(state),
    messages(state),
    h("main", {}, answer(state), work, panel.element, charts(state), agreement(state), data(state)),
    h(
      "footer",
      { class: "foot-of-page" },
      h(
        "p",
        {},
        "Base map: Natural Earth, public domain, 1:50 million; a background, nothing to measure by. ",
        network(state.report),
      ),
    ),
  );
  printsWell(state, overview, () => [overview.map, panel.map].filter(Boolean));
  matchMedia("(prefers-color-scheme: dark)").addEventListener(
    "change",
    () => state.theme === null && state.changed({ theme: true }),
  );
  addEventListener("hashchange", () => {
    state.followAddress();
    panel.follow();
  });
  panel.follow();
}

const hasWorst = ({ isEncounters, rules }) => !isEncounters && rules.some((rule) => rule.kind === "apart");

function network({ tiles }) {
  return tiles
    ? `Besides, this file asks ${new URL(tiles).host} for map tiles, and nobody else for anything.`
    : "This file asks nothing of any network.";
}

function skipTo(event, element) {
  event.preventDefault(); // the address is the view's
  element.focus();
}

open().catch((error) => {
  console.error(error);
  page.setAttribute("aria-busy", "false");
  replace(
    page,
    h(
      "p",
      { class: "opening", role: "alert" },
      `This report cannot be shown: ${error.message}. A browser of 2023 or later is needed.`,
    ),
  );
});
