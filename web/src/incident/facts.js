/** What is known of one finding, as names with what stands beside them: who, when, how much, where, how sure. */
import { h, said } from "../dom.js";
import { symbol } from "../map/legend.js";
import { findingColour } from "../palette.js";
import { aircraftName, aircraftOf, partyName, spaced } from "../report.js";
import {
  altitude,
  clock,
  distance,
  duration,
  instant,
  interval,
  magnitude,
  number,
  position,
  retained,
} from "../units.js";

const SAME_INSTANT_MS = 500;
const DAY_MS = 86_400_000;

/**
 * Return a list of [name, ...children]; what is unknown is left out.  `best` is the closest approach as computed from the
 * reports, null where there are none or only one aircraft.
 */
export function factsOf(report, row, best) {
  const value = (name) => report.findings[name][row];
  const isPair = aircraftOf(report, row).length === 2;
  return [
    ...whose(report, row),
    ...when(report, value, isPair, best),
    ...howMuch(value, isPair, report.findings.magnitude_unit.at(row)),
    ...whereAndHowSure(report, row, value),
    ...byWhichRule(report, row, value),
  ].filter(Boolean);
}

const quiet = (text) => h("span", { class: "quiet" }, ` ${text}`);
const strong = (text) => h("strong", {}, text);

function whose(report, row) {
  const aircraft = aircraftOf(report, row);
  const verdict = report.verdicts[report.findings.verdict[row]];
  const trust = report.trusts[report.findings.trust[row]];
  const names = aircraft.map((each) =>
    h(
      "p",
      {},
      strong(said(aircraftName(each.callsign, each.icao24))),
      " ",
      h("span", { class: "quiet" }, said(partyName(report, each.party))),
    ),
  );
  return [
    names.length > 0 && ["Aircraft", names],
    verdict && ["Verdict", symbol(trust, findingColour(report, row)), ` ${spaced(verdict)}`],
  ];
}

function when(report, value, isPair, best) {
  const [begin, end] = [value("t_in"), value("t_out")];
  const isOneDay = Math.floor(begin / DAY_MS) === Math.floor(end / DAY_MS);
  const isElsewhen = !best || Math.abs(best.t - value("t")) > SAME_INSTANT_MS;
  return [
    [
      "When",
      `${instant(begin)} to ${isOneDay ? clock(end) : instant(end)}`,
      quiet(duration((end - begin) / 1000)),
    ],
    best && [
      "Closest",
      `${clock(best.t, 1)}: ${distance(best.horizontal_m)}`,
      quiet("computed here, from the reports below"),
    ],
    isElsewhen && [
      report.isEncounters ? "Closest, as screened" : "At its worst",
      best ? clock(value("t"), 1) : instant(value("t")),
      isPair &&
        !report.isEncounters &&
        quiet("where the least of the minima was left; the distance below is at the closest point"),
    ],
  ];
}

function howMuch(value, isPair, unit) {
  const size = interval(value("magnitude_low"), value("magnitude_high"), unit, value("magnitude"));
  const verticalSize = interval(value("vertical_low_ft"), value("vertical_high_ft"), "ft");
  return [
    Number.isFinite(value("magnitude")) && [
      isPair ? "Horizontal distance, at the closest point" : unit === "" ? "Ratio" : "How much",
      strong(magnitude(value("magnitude"), unit)),
      size && quiet(`95 %: ${size}`),
    ],
    Number.isFinite(value("vertical_ft")) && [
      isPair ? "Vertical distance there" : "From the level",
      strong(altitude(value("vertical_ft"))),
      verticalSize && quiet(`95 %: ${verticalSize}`),
    ],
    Number.isFinite(value("retained")) && [
      "Retained at its worst",
      retained(value("retained")),
      quiet("0 is a collision, 1 the minima kept"),
    ],
    Number.isFinite(value("probability")) && [
      "Probability",
      percent(value("probability")),
      quiet("that the limit was truly passed"),
    ],
  ];
}

function whereAndHowSure(report, row, value) {
  const { findings } = report;
  const trust = report.trusts[findings.trust[row]];
  const context = report.contexts[findings.context[row]];
  return [
    Number.isFinite(value("lat")) && [
      "Where",
      position(value("lat"), value("lon")),
      Number.isFinite(value("altitude_ft")) && quiet(altitude(value("altitude_ft"))),
    ],
    trust && [
      "Trust",
      strong(trust),
      context && context !== "none" ? ` · ${context}` : "",
      findings.why.at(row) && h("p", {}, said(findings.why.at(row))),
    ],
    findings.reasons.at(row) && ["Reasons", said(findings.reasons.at(row))],
  ];
}

function byWhichRule(report, row, value) {
  const rule = report.rules[report.findings.rule[row]];
  return [
    rule?.sentence && ["Rule", strong(said(rule.id)), h("p", {}, said(rule.sentence))],
    value("statements") > 0 && ["Statements", `${number(value("statements"))} in the ledger`],
  ];
}

function percent(share) {
  if (share > 0.9995) return "> 99.9 %";
  if (share < 0.0005) return "< 0.1 %";
  return `${number(100 * share, share > 0.99 || share < 0.01 ? 1 : 0)} %`;
}
