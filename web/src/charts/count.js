/** One pass over the findings that pass the filter, and over the cells that stand for the rest: what the charts show. */
import { kindsOf } from "../report.js";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const HOURS = 24;
const WEEKDAYS = 7;
const THURSDAY = 3; // 1 January 1970 was one; Monday is 0

const MOST_HOURLY_DAYS = 2;

/** Return what the charts show of a state: `slots` (days, or hours of a short recording), `hours`, `sizes`, `trusts`, `total`. */
export function countFindings(state) {
  const { report } = state;
  const kinds = kindsOf(report);
  const nKinds = kinds.words.length + 1; // the last is unknown
  const nRules = Math.max(1, report.rules.length);
  const span = report.span;
  const nDays = span ? span.lastDay - span.firstDay + 1 : 0;
  const isHourly = nDays <= MOST_HOURLY_DAYS;
  const slot_ms = isHourly ? HOUR_MS : DAY_MS;
  const firstSlot = span ? (isHourly ? Math.floor(span.low / HOUR_MS) : span.firstDay) : 0;
  const nSlots = span ? (isHourly ? Math.floor(span.high / HOUR_MS) - firstSlot + 1 : nDays) : 0;
  const counted = {
    kinds,
    nKinds,
    nDays,
    nSlots,
    isHourly,
    firstSlot,
    slots: Array.from({ length: nRules }, () => new Float64Array(nSlots * nKinds)), // of each rule: by slot, then kind
    hours: new Float64Array(WEEKDAYS * HOURS),
    trusts: new Float64Array((report.trusts.length + 1) * nKinds),
    sizes: new Map(),
    total: 0,
  };
  const pairRules = new Set(report.rules.map((rule, i) => (rule.kind === "apart" ? i : -1)));
  const addSize = (what, value, weight) => {
    if (!Number.isFinite(value)) return;
    if (!counted.sizes.has(what)) counted.sizes.set(what, { values: [], weights: [] });
    counted.sizes.get(what).values.push(value);
    counted.sizes.get(what).weights.push(weight);
  };
  const kept = report.verdicts.indexOf("kept");
  const add = (table, row, weight, unit) => {
    counted.total += weight;
    if (report.rules[table.rule[row]]?.kind === "pledges") return; // of the whole time, not of a day
    const kind = table[kinds.column][row] >= 0 ? table[kinds.column][row] : nKinds - 1;
    const rule = Math.min(nRules - 1, Math.max(0, table.rule[row]));
    const at = span ? Math.floor(table.t[row] / slot_ms) - firstSlot : -1;
    if (at >= 0 && at < nSlots) counted.slots[rule][at * nKinds + kind] += weight;
    if (Number.isFinite(table.t[row])) {
      const weekday = (Math.floor(table.t[row] / DAY_MS) + THURSDAY) % WEEKDAYS;
      const hour = Math.floor((table.t[row] % DAY_MS) / HOUR_MS);
      counted.hours[weekday * HOURS + hour] += weight;
    }
    const trust = table.trust[row] >= 0 ? table.trust[row] : report.trusts.length;
    counted.trusts[trust * nKinds + kind] += weight;
    if (kept >= 0 && table.verdict[row] === kept) return; // its magnitude is by how much a place was missed
    const isPair = pairRules.has(table.rule[row]) || report.isEncounters;
    if (unit) addSize(unit === "s" ? "time" : isPair ? "miss" : "depth", table.magnitude[row], weight);
    if (isPair) addSize("vertical", table.vertical_ft[row], weight);
  };
  const { findings, rest } = report;
  for (let row = 0; row < findings.n; row++)
    if (state.passing[row]) add(findings, row, 1, findings.magnitude_unit.at(row));
  if (rest)
    for (let row = 0; row < rest.n; row++)
      if (state.restPassing[row]) add(rest, row, rest.count[row], restUnit(report, rest.rule[row]));
  return counted;
}

/** Cells keep no unit: their rule's kind tells it. */
const restUnit = (report, rule) =>
  report.rules[rule]?.kind === "inside" ? "s" : report.rules[rule]?.kind === "pledges" ? "" : "m";
