/**
 * What is chosen, and who wants to know: one filter for map, charts and table, the selected finding, units and theme.
 * A view is a function of a change: `{filter, selection, units, theme, activeRow}` say what is new.
 */
import { dayFromName, dayName, dayNumber } from "./report.js";
import { useTheme } from "./palette.js";
import { useMetric } from "./units.js";

/** The groups of chips: name in the address, list of words in the report, columns of the findings. */
export const GROUPS = [
  { name: "rule", title: "Rule", columns: ["rule"], words: (report) => report.rules.map((rule) => rule.id) },
  { name: "party", title: "Party", columns: ["party_a", "party_b"], words: (report) => report.parties },
  { name: "verdict", title: "Verdict", columns: ["verdict"], words: (report) => report.verdicts },
  { name: "trust", title: "Trust", columns: ["trust"], words: (report) => report.trusts },
  { name: "context", title: "Context", columns: ["context"], words: (report) => report.contexts },
];

/** What is no finding, but tells that a rule was kept or nearly so: shown once its chip is pressed. */
const NO_FINDING = ["kept", "inside_buffer"];

export const isNoFinding = (verdict) => NO_FINDING.includes(verdict);

export class State {
  constructor(report) {
    this.report = report;
    this.chosen = Object.fromEntries(GROUPS.map((group) => [group.name, new Set()])); // empty: all
    this.text = "";
    this.firstDay = report.span?.firstDay ?? 0;
    this.lastDay = report.span?.lastDay ?? 0;
    this.selected = -1;
    this.activeRow = -1;
    this.isMetric = false;
    this.theme = null; // as the system has it
    this.views = [];
    this.messages = []; // what the reader asked for and cannot have
    const noFinding = new Set(report.verdicts.flatMap((word, i) => (isNoFinding(word) ? [i] : [])));
    const pledges = new Set(report.rules.flatMap((rule, i) => (rule.kind === "pledges" ? [i] : [])));
    this.isFinding = (table, row) => !noFinding.has(table.verdict?.[row]) || pledges.has(table.rule?.[row]);
    this.passing = null;
    this.readAddress();
    this.applyTheme();
    useMetric(this.isMetric);
    this.filter();
  }

  watch(view) {
    this.views.push(view);
  }

  tell(change) {
    for (const view of this.views) view(change);
  }

  changed(change) {
    if (change.theme) this.applyTheme();
    if (change.units) useMetric(this.isMetric);
    if (change.filter) this.filter();
    this.writeAddress();
    this.tell(change);
  }

  toggle(groupName, index) {
    const chosen = this.chosen[groupName];
    if (!chosen.delete(index)) chosen.add(index);
    this.changed({ filter: true });
  }

  /** Set the first or the last day to a day by its name; one that cannot be meant changes nothing, and is said. */
  setDay(which, name) {
    const { span } = this.report;
    const day = name ? dayFromName(name) : span[which];
    const fault = this.faultOf(which, name, day);
    if (fault) this.say(`${fault} The filter stays at ${dayName(this[which])}.`);
    else this[which] = day;
    this.changed({ filter: true });
  }

  faultOf(which, name, day) {
    const { span } = this.report;
    if (!Number.isFinite(day)) return `“${name.slice(0, 40)}” is no day: year-month-day is wanted.`;
    if (day < span.firstDay || day > span.lastDay)
      return `${dayName(day)} is outside of what is in this file, ${dayName(span.firstDay)} to ${dayName(span.lastDay)}.`;
    if (which === "firstDay" && day > this.lastDay) return `${dayName(day)} is after the last day.`;
    if (which === "lastDay" && day < this.firstDay) return `${dayName(day)} is before the first day.`;
    return null;
  }

  /** Tell the reader something that stays until it is dismissed. */
  say(message) {
    this.messages.push(message);
    this.tell({ message: true });
  }

  clear() {
    for (const chosen of Object.values(this.chosen)) chosen.clear();
    this.text = "";
    this.firstDay = this.report.span?.firstDay ?? 0;
    this.lastDay = this.report.span?.lastDay ?? 0;
    this.changed({ filter: true });
  }

  get hasAllDays() {
    const { span } = this.report;
    return !span || (this.firstDay <= span.firstDay && this.lastDay >= span.lastDay);
  }

  get isFiltered() {
    return this.text !== "" || !this.hasAllDays || Object.values(this.chosen).some((chosen) => chosen.size);
  }

  select(row) {
    if (row === this.selected) return;
    this.selected = row;
    if (row >= 0) this.activeRow = row;
    this.changed({ selection: true, activeRow: row >= 0 });
  }

  activate(row) {
    this.activeRow = row;
    this.tell({ activeRow: true });
  }

  /** One pass over the findings: which pass, and how many each chip would show. */
  filter() {
    const { report } = this;
    const tests = this.tests();
    const passing = new Uint8Array(report.findings.n);
    const counts = Object.fromEntries(
      GROUPS.map((group) => [group.name, new Float64Array(group.words(report).length)]),
    );
    const found = this.textTest();
    let n = 0;
    for (let row = 0; row < report.findings.n; row++) {
      if (!this.isInDays(report.findings.t[row]) || !found(row)) continue;
      if (count(tests, report.findings, row, 1, counts)) {
        passing[row] = 1;
        n += 1;
      }
    }
    this.passing = passing;
    this.nPassing = n;
    this.nOff = this.chosen.verdict.size ? 0 : this.countOff(counts);
    this.counts = counts;
    this.filterRest(counts);
  }

  /** How many rows would pass, but are no findings and so are off until asked for. */
  countOff(counts) {
    const { findings, verdicts } = this.report;
    let n = 0;
    verdicts.forEach((word, i) => (n += isNoFinding(word) ? counts.verdict[i] : 0));
    for (let row = 0; row < findings.n; row++)
      if (this.passing[row] && isNoFinding(verdicts[findings.verdict[row]])) n -= 1; // a pledge kept
    return n;
  }

  filterRest(counts) {
    const { rest } = this.report;
    this.restPassing = null;
    this.nRestPassing = 0;
    if (!rest) return;
    this.restPassing = new Uint8Array(rest.n);
    if (this.text) return; // cells have no callsigns
    const tests = this.tests();
    for (let row = 0; row < rest.n; row++) {
      if (!this.isInDays(rest.t[row]) || !count(tests, rest, row, rest.count[row], counts)) continue;
      this.restPassing[row] = 1;
      this.nRestPassing += rest.count[row];
    }
  }

  tests() {
    return GROUPS.map((group) => {
      const chosen = this.chosen[group.name];
      if (chosen.size) {
        const isChosen = (table, row) => group.columns.some((column) => chosen.has(table[column]?.[row]));
        return { ...group, isPassed: isChosen };
      }
      return { ...group, isPassed: group.name === "verdict" ? this.isFinding : () => true };
    });
  }

  isInDays(t) {
    if (!Number.isFinite(t) || this.hasAllDays) return true;
    const day = dayNumber(t);
    return day >= this.firstDay && day <= this.lastDay;
  }

  /** Whether callsign, address or id of a row contain what was typed: looked up once per word, not per row. */
  textTest() {
    const wanted = this.text.trim().toLowerCase();
    if (!wanted) return () => true;
    const { findings } = this.report;
    const columns = ["icao24_a", "icao24_b", "callsign_a", "callsign_b", "id"].map((name) => {
      const { words, codes } = findings[name];
      const isHit = Uint8Array.from(words, (word) => ((word ?? "").toLowerCase().includes(wanted) ? 1 : 0));
      return (row) => isHit[codes ? codes[row] : row] === 1;
    });
    return (row) => columns.some((isHit) => isHit(row));
  }

  // Address ---------------------------------------------------------------------------------------------------------

  readAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const group of GROUPS) {
      const words = group.words(this.report);
      this.chosen[group.name].clear();
      for (const word of asked.getAll(group.name)) {
        const index = words.indexOf(word);
        if (index >= 0) this.chosen[group.name].add(index);
      }
    }
    this.text = asked.get("find") ?? "";
    this.readDays(asked.get("from"), asked.get("until"));
    this.isMetric = asked.get("units") === "metric";
    if (["light", "dark"].includes(asked.get("theme"))) this.theme = asked.get("theme");
    const id = asked.get("incident");
    this.selected = id === null ? -1 : (this.report.rowOf.get(id) ?? -1);
    if (id !== null && this.selected < 0)
      this.say(`No finding with the id ${id.slice(0, 80)} is in this file.`);
    if (this.selected >= 0) this.activeRow = this.selected;
  }

  readDays(from, until) {
    const { span } = this.report;
    [this.firstDay, this.lastDay] = [span?.firstDay ?? 0, span?.lastDay ?? 0];
    if (!span) return;
    for (const [which, name] of [
      ["firstDay", from],
      ["lastDay", until],
    ]) {
      if (!name) continue;
      const fault = this.faultOf(which, name, dayFromName(name));
      if (fault) this.say(`${fault} The filter stays at ${dayName(this[which])}.`);
      else this[which] = dayFromName(name);
    }
  }

  get address() {
    const asked = new URLSearchParams();
    if (this.selected >= 0) asked.set("incident", this.report.findings.id.at(this.selected));
    for (const group of GROUPS) {
      for (const index of this.chosen[group.name]) asked.append(group.name, group.words(this.report)[index]);
    }
    if (this.text) asked.set("find", this.text);
    if (!this.hasAllDays) {
      asked.set("from", dayName(this.firstDay));
      asked.set("until", dayName(this.lastDay));
    }
    if (this.isMetric) asked.set("units", "metric");
    if (this.theme) asked.set("theme", this.theme);
    return asked.toString();
  }

  writeAddress() {
    this.written = this.address;
    try {
      history.replaceState(null, "", `#${this.written}`);
    } catch {
      // an iframe of a notebook may not have an address of its own
    }
  }

  /** Follow an address that the reader typed or came back to. */
  followAddress() {
    if (location.hash.slice(1) === this.written) return;
    this.readAddress();
    this.applyTheme();
    useMetric(this.isMetric);
    this.filter();
    this.tell({ filter: true, selection: true, units: true, theme: true, activeRow: true });
  }

  applyTheme() {
    useTheme(this.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  }
}

/** Add a row to what each chip would show, the other groups being as they are; return whether it passes them all. */
function count(tests, table, row, weight, counts) {
  let failing = null;
  let fails = 0;
  for (const test of tests) {
    if (test.isPassed(table, row)) continue;
    failing = test;
    fails += 1;
    if (fails > 1) return false;
  }
  for (const test of fails ? [failing] : tests) {
    const [first, second] = test.columns;
    const index = table[first]?.[row] ?? -1;
    if (index >= 0 && index < counts[test.name].length) counts[test.name][index] += weight;
    const other = second ? (table[second]?.[row] ?? -1) : -1;
    if (other >= 0 && other !== index && other < counts[test.name].length) counts[test.name][other] += weight;
  }
  return fails === 0;
}
