/**
 * The table of findings: only the rows in view exist, so that 100,000 of them scroll like 100.  Arrow keys move the active
 * row, Enter opens it; a click on a column's name sorts.
 */
import { search } from "./chips.js";
import { csvOf, download, fileName } from "./csv.js";
import { h, oncePerFrame, replace, said } from "./dom.js";
import { symbol } from "./map/legend.js";
import { findingColour } from "./palette.js";
import { aircraftName, partyName, spaced } from "./report.js";
import { altitude, instant, interval, magnitude, number, retained } from "./units.js";

const ROW_PX = 44; // as in work.css
const NARROW_ROW_PX = 68; // likewise, where a row's cells stand on two lines
const narrow = matchMedia("(max-width: 720px)");
const rowPx = () => (narrow.matches ? NARROW_ROW_PX : ROW_PX);
const ABOVE_AND_BELOW = 6;
const LONGEST_CELL = 120;
const UNITS = ["m", "ft", "s", ""]; // the order in which they stand where sizes are sorted

export class Table {
  constructor(state, open) {
    this.state = state;
    this.open = open;
    const { report } = state;
    this.columns = columnsOf(report);
    this.sorting = { column: 0, isDown: false };
    this.order = Uint32Array.from({ length: report.findings.n }, (_, row) => row);
    this.rows = [];
    this.buttons = this.columns.map((column, i) =>
      h(
        "button",
        { type: "button", tabindex: -1, onclick: () => this.sortBy(i) },
        column.title,
        h("span", { class: "arrow", "aria-hidden": "true" }),
      ),
    );
    this.heads = this.columns.map((column, i) =>
      h(
        "div",
        { role: "columnheader", class: `cell ${column.name}`, "aria-colindex": i + 1 },
        this.buttons[i],
      ),
    );
    for (const button of this.buttons) button.tabIndex = 0;
    this.body = h("div", { class: "rows", role: "rowgroup" });
    this.grid = h(
      "div",
      {
        class: "grid",
        role: "grid",
        tabindex: 0,
        "aria-label": "Findings",
        "aria-colcount": this.columns.length,
        onkeydown: (event) => this.key(event),
        onscroll: oncePerFrame(() => this.draw()),
        onclick: (event) => this.clicked(event),
      },
      h(
        "div",
        { class: "heads", role: "rowgroup" },
        h("div", { class: "head", role: "row", "aria-rowindex": 1 }, this.heads),
      ),
      this.body,
    );
    this.said = h("p", { class: "count", role: "status", "aria-live": "polite" });
    this.nothing = h("p", { class: "nothing", hidden: true });
    this.element = h(
      "div",
      { class: "table" },
      h(
        "div",
        { class: "table-top" },
        this.said,
        search(state),
        h("button", { type: "button", class: "tool", onclick: () => this.save() }, "Download CSV"),
      ),
      this.grid,
      this.nothing,
    );
    setTracks(this.grid, this.columns);
    this.filtered();
    this.showSorting();
    new ResizeObserver(() => this.draw()).observe(this.grid);
    narrow.addEventListener("change", () => this.filtered());
    state.watch((change) => this.update(change));
  }

  update(change) {
    if (change.filter) this.filtered();
    else if (change.units || change.theme || change.selection || change.activeRow) this.draw();
    if (change.selection && this.state.selected >= 0) this.scrollTo(this.state.selected);
  }

  filtered() {
    const { state } = this;
    this.rows = this.order.filter((row) => state.passing[row]);
    const all = state.report.findings.n;
    const beyond = state.nRestPassing ? `; ${number(state.nRestPassing)} more are counted, not listed` : "";
    const off = state.nOff ? `; ${number(state.nOff)} kept or inside a buffer, shown by their chips` : "";
    this.said.textContent = `${number(this.rows.length)} of ${number(all)} ${state.report.isEncounters ? "encounters" : "findings"}${off}${beyond}`;
    this.grid.setAttribute("aria-rowcount", this.rows.length + 1);
    this.body.style.height = `${this.rows.length * rowPx()}px`;
    this.nothing.hidden = this.rows.length > 0;
    this.nothing.textContent = all ? "No finding passes the filter." : "Nothing was found.";
    this.draw();
  }

  sortBy(column) {
    this.sorting = { column, isDown: this.sorting.column === column ? !this.sorting.isDown : false };
    const key = this.columns[column].key(this.state.report);
    const groupOf = this.columns[column].group ?? (() => 0);
    const sign = this.sorting.isDown ? -1 : 1;
    // Unknown comes last whichever way; equal ones keep the order of rank.
    this.order.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === y && groupOf(a) === groupOf(b)) return a - b;
      const [isUnknownX, isUnknownY] = [x !== x || x === "", y !== y || y === ""];
      if (isUnknownX || isUnknownY) return isUnknownX && isUnknownY ? a - b : isUnknownX ? 1 : -1;
      const [m, n] = [groupOf(a), groupOf(b)];
      if (m !== n) return m - n; // metres are not compared with seconds
      return x < y ? -sign : sign;
    });
    this.grid.scrollTop = 0;
    this.filtered();
    this.showSorting();
  }

  showSorting() {
    this.heads.forEach((head, i) => {
      const isSorted = i === this.sorting.column;
      head.setAttribute("aria-sort", isSorted ? (this.sorting.isDown ? "descending" : "ascending") : "none");
    });
  }

  draw() {
    const first = Math.max(0, Math.floor(this.grid.scrollTop / rowPx()) - ABOVE_AND_BELOW);
    const visible = Math.ceil((this.grid.clientHeight || 600) / rowPx()) + 2 * ABOVE_AND_BELOW;
    const elements = [];
    for (let i = first; i < Math.min(this.rows.length, first + visible); i++) elements.push(this.row(i));
    replace(this.body, elements);
    const active = this.rows.indexOf(this.state.activeRow);
    const isDrawn = active >= first && active < first + visible;
    if (isDrawn) this.grid.setAttribute("aria-activedescendant", `row-${this.state.activeRow}`);
    else this.grid.removeAttribute("aria-activedescendant");
  }

  row(i) {
    const row = this.rows[i];
    const { report, activeRow, selected } = this.state;
    return h(
      "div",
      {
        class: `row${row === activeRow ? " is-active" : ""}`,
        role: "row",
        id: `row-${row}`,
        "aria-rowindex": i + 2,
        "aria-selected": row === selected,
        "data-row": row,
        style: { top: `${i * rowPx()}px` },
      },
      this.columns.map((column, k) =>
        h(
          "div",
          { class: `cell ${column.name}`, role: "gridcell", "aria-colindex": k + 1 },
          column.show(report, row),
        ),
      ),
    );
  }

  clicked(event) {
    const row = event.target.closest?.("[data-row]");
    if (row) this.open(Number(row.dataset.row));
  }

  key(event) {
    if (event.target !== this.grid) return;
    const page = Math.max(1, Math.floor(this.grid.clientHeight / rowPx()) - 2);
    const at = this.rows.indexOf(this.state.activeRow);
    const last = this.rows.length - 1;
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined && last >= 0) {
      event.preventDefault();
      const row = this.rows[Math.max(0, Math.min(last, to))];
      this.scrollTo(row);
      this.state.activate(row);
    } else if ((event.key === "Enter" || event.key === " ") && at >= 0) {
      event.preventDefault();
      this.open(this.state.activeRow);
    }
  }

  scrollTo(row) {
    const i = this.rows.indexOf(row);
    if (i < 0) return;
    const room = this.grid.clientHeight - this.grid.firstChild.offsetHeight; // the heads stay above
    const [top, bottom] = [i * rowPx(), (i + 1) * rowPx()];
    if (top < this.grid.scrollTop) this.grid.scrollTop = top;
    else if (bottom > this.grid.scrollTop + room) this.grid.scrollTop = bottom - room;
  }

  /** The row that comes before or after another in what is shown, or -1. */
  beside(row, step) {
    const i = this.rows.indexOf(row);
    return i < 0 ? (this.rows[0] ?? -1) : (this.rows[i + step] ?? -1);
  }

  save() {
    const { report } = this.state;
    const what = report.isEncounters ? "encounters.csv" : "findings.csv";
    download(csvOf(report, this.rows), fileName(report.title, what));
  }
}

function setTracks(grid, columns) {
  grid.style.setProperty("--tracks", columns.map((column) => column.width).join(" "));
  grid.style.setProperty("--least", `${columns.reduce((sum, column) => sum + column.least, 0)}px`);
}

function columnsOf(report) {
  const { findings } = report;
  const has = (column) => column.some((value) => value === value && value !== -1);
  const word = (name, words) => (row) => words[findings[name][row]] ?? "";
  const two = (upper, lower) => [
    h("span", { class: "upper" }, upper),
    lower && h("span", { class: "lower" }, lower),
  ];
  const rules = report.rules.map((rule) => rule.id);
  const columns = [
    {
      name: "rank",
      title: "Rank",
      width: "3.3rem",
      least: 50,
      key: () => (row) => row,
      show: (_, row) => number(row + 1),
    },
    {
      name: "when",
      title: "When (UTC)",
      width: "6.2rem",
      least: 93,
      key: () => (row) => findings.t[row],
      show: (_, row) => two(instant(findings.t[row]).slice(0, 10), instant(findings.t[row]).slice(11)),
    },
    {
      name: "who",
      title: "Aircraft",
      width: "minmax(8.4rem, 1.4fr)",
      least: 126,
      key: () => (row) => findings.callsign_a.at(row) || findings.icao24_a.at(row),
      show: (_, row) => two(who(report, row, "a"), who(report, row, "b")),
    },
    {
      name: "size",
      title: report.isEncounters ? "Horizontal" : "How much",
      width: "minmax(7.9rem, .9fr)",
      least: 118,
      key: () => (row) => findings.magnitude[row],
      group: (row) => UNITS.indexOf(findings.magnitude_unit.at(row)),
      show: (_, row) => {
        const unit = findings.magnitude_unit.at(row);
        return two(
          magnitude(findings.magnitude[row], unit),
          interval(findings.magnitude_low[row], findings.magnitude_high[row], unit, findings.magnitude[row]),
        );
      },
    },
    {
      name: "vertical",
      title: "Vertical",
      width: "4.6rem",
      least: 69,
      isWanted: has(findings.vertical_ft),
      key: () => (row) => findings.vertical_ft[row],
      show: (_, row) => altitude(findings.vertical_ft[row]),
    },
    {
      name: "retained",
      title: "Retained",
      width: "4.8rem",
      least: 72,
      isWanted: report.isEncounters && has(findings.retained),
      key: () => (row) => findings.retained[row],
      show: (_, row) => retained(findings.retained[row]),
    },
    {
      name: "rule",
      title: "Rule",
      width: "minmax(3.8rem, .4fr)",
      least: 57,
      isWanted: report.rules.length > 1,
      key: () => word("rule", rules),
      show: (_, row) => said(clipped(word("rule", rules)(row))),
    },
    {
      name: "verdict",
      title: has(findings.trust) ? "Verdict, trust" : "Verdict",
      width: "minmax(7.4rem, .8fr)",
      least: 111,
      isWanted: has(findings.verdict),
      key: () => (row) => `${word("verdict", report.verdicts)(row)} ${findings.trust[row]}`,
      show: (_, row) => verdict(report, row),
    },
    {
      name: "trust",
      title: "Trust",
      width: "6.4rem",
      least: 96,
      isWanted: has(findings.trust) && !has(findings.verdict),
      key: () => (row) => findings.trust[row],
      show: (_, row) => trust(report, row),
    },
    {
      name: "statements",
      title: "Said",
      width: "3.4rem",
      least: 51,
      isWanted: findings.statements.some((n) => n > 0),
      key: () => (row) => findings.statements[row],
      show: (_, row) => (findings.statements[row] ? number(findings.statements[row]) : ""),
    },
  ];
  return columns.filter((column) => column.isWanted !== false);
}

function verdict(report, row) {
  const word = report.verdicts[report.findings.verdict[row]];
  const trusted = trustInWords(report, row);
  const picture = symbol(report.trusts[report.findings.trust[row]], findingColour(report, row));
  return [
    h("span", { class: "upper" }, picture, word ? spaced(word) : "–"),
    trusted && h("span", { class: "lower" }, trusted),
  ];
}

function trust(report, row) {
  const picture = symbol(report.trusts[report.findings.trust[row]], findingColour(report, row));
  const [word, context] = trustInWords(report, row).split(" · ");
  return [
    h("span", { class: "upper" }, picture, word || "–"),
    context && h("span", { class: "lower" }, context),
  ];
}

function trustInWords(report, row) {
  const context = report.contexts[report.findings.context[row]];
  return [report.trusts[report.findings.trust[row]], context !== "none" && context]
    .filter(Boolean)
    .join(" · ");
}

function who(report, row, side) {
  const { findings } = report;
  const [callsign, icao24] = [findings[`callsign_${side}`].at(row), findings[`icao24_${side}`].at(row)];
  if (!callsign && !icao24)
    return side === "a" && findings.party_a[row] >= 0 ? said(partyName(report, findings.party_a[row])) : null;
  return said(clipped(aircraftName(callsign, icao24)));
}

const clipped = (text) => (text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL)}…` : text);
