/** The report as the page reads it: every column there, unknown where the document has none. */
import { dayOf } from "./units.js";

const NUMBERS = [
  "t_in",
  "t_out",
  "t",
  "lon",
  "lat",
  "altitude_ft",
  "magnitude",
  "magnitude_low",
  "magnitude_high",
  "vertical_ft",
  "vertical_low_ft",
  "vertical_high_ft",
  "retained",
  "probability",
  "statements",
];
const CODES = ["rule", "verdict", "trust", "context", "party_a", "party_b"];
const TEXTS = [
  "id",
  "icao24_a",
  "icao24_b",
  "callsign_a",
  "callsign_b",
  "magnitude_unit",
  "sentence",
  "reasons",
  "why",
];
const DAY_MS = 86_400_000;

/** Read a packed document. */
export function readReport(packed) {
  const { manifest } = packed;
  if (manifest.format !== 1)
    throw new Error(`the data is of format ${manifest.format}; this page reads format 1`);
  const report = {
    ...manifest,
    isEncounters: manifest.kind === "encounters",
    findings: readFindings(packed, manifest.findings ?? { n: 0 }),
    rest: manifest.rest ? readRest(packed, manifest.rest) : null,
    tracks: manifest.tracks ? readTracks(packed, manifest) : null,
    coverage: manifest.coverage ? readCoverage(packed, manifest.coverage) : null,
    details: new Map((manifest.details ?? []).map((detail) => [detail.row, readDetail(packed, detail)])),
  };
  for (const list of [
    "answer",
    "rules",
    "parties",
    "places",
    "sides",
    "verdicts",
    "trusts",
    "contexts",
    "rates",
    "days",
    "rule_days",
    "sources",
    "cleaning",
    "notices",
    "left_out",
  ])
    report[list] ??= [];
  if (report.isEncounters) {
    // screened by minima, judged by nobody
    report.verdicts = [];
    report.findings.verdict = new Int32Array(report.findings.n).fill(-1);
    if (report.rest) report.rest.verdict = new Int32Array(report.rest.n).fill(-1);
  }
  report.span = spanOf(report);
  report.rowOf = new Map();
  for (let row = 0; row < report.findings.n; row++) report.rowOf.set(report.findings.id.at(row), row);
  return report;
}

function readFindings(packed, refs) {
  const findings = { n: refs.n ?? 0 };
  const unknown = new Float64Array(findings.n).fill(NaN);
  const nobody = new Int32Array(findings.n).fill(-1);
  for (const name of NUMBERS) findings[name] = packed.numbers(refs[name]) ?? unknown;
  for (const name of CODES) findings[name] = packed.codes(refs[name]) ?? nobody;
  for (const name of TEXTS) findings[name] = packed.texts(refs[name]);
  return findings;
}

function readRest(packed, refs) {
  const rest = { n: refs.n, cell_deg: refs.cell_deg };
  const unknown = new Float64Array(rest.n).fill(NaN);
  const nobody = new Int32Array(rest.n).fill(-1);
  for (const name of ["t", "lon", "lat", "magnitude", "vertical_ft"])
    rest[name] = packed.numbers(refs[name]) ?? unknown;
  for (const name of CODES) rest[name] = packed.codes(refs[name]) ?? nobody;
  rest.count = packed.numbers(refs.count) ?? new Float64Array(rest.n).fill(1);
  return rest;
}

function readTracks(packed, manifest) {
  const refs = manifest.tracks;
  const tracks = { n: refs.n, said: refs.said ?? "", tolerance_m: refs.tolerance_m };
  for (const name of ["lon", "lat", "altitude_ft", "has_altitude", "first_leg", "first_point"]) {
    tracks[name] = packed.numbers(refs[name]);
  }
  for (const name of ["icao24", "callsign"]) tracks[name] = packed.texts(refs[name]);
  tracks.party = packed.codes(refs.party) ?? new Int32Array(refs.n).fill(-1);
  const begin = manifest.recorded?.[0] ?? 0;
  tracks.t = packed.numbers(refs.t)?.map((ms) => begin + ms) ?? null;
  return tracks;
}

function readCoverage(packed, refs) {
  return { ...refs, samples: packed.numbers(refs.samples), aircraft: packed.numbers(refs.aircraft) };
}

function readDetail(packed, detail) {
  const numbers = [
    "t",
    "lat",
    "lon",
    "altitude_ft",
    "groundspeed_kt",
    "track_deg",
    "vertical_rate_fpm",
    "row",
  ];
  const aircraft = (detail.aircraft ?? []).map((each) => {
    const read = { ...each, party: each.party ?? -1 };
    for (const name of numbers) read[name] = packed.numbers(each[name]);
    read.n = read.t?.length ?? 0;
    for (const name of numbers) read[name] ??= new Float64Array(read.n).fill(NaN);
    read.leg = packed.codes(each.leg) ?? new Int32Array(read.n);
    read.nac_p = packed.codes(each.nac_p) ?? new Int32Array(read.n).fill(-1);
    for (const name of ["source", "file"]) read[name] = packed.texts(each[name]);
    return read;
  });
  return { ...detail, aircraft: aircraft.filter((each) => each.n > 0) };
}

/** First and last day of what the report is about, as days since 1970 (UTC). */
function spanOf(report) {
  let [low, high] = report.recorded ?? [Infinity, -Infinity];
  if (!report.recorded) {
    for (const t of report.findings.t) {
      if (t < low) low = t;
      if (t > high) high = t;
    }
  }
  if (!(low <= high)) return null;
  return { low, high, firstDay: Math.floor(low / DAY_MS), lastDay: Math.floor(high / DAY_MS) };
}

export const dayNumber = (ms) => Math.floor(ms / DAY_MS);
export const dayName = (day) => dayOf(day * DAY_MS);

/** The day that a name tells, NaN where it tells none: neither "soon" nor 2017-02-30 is a day. */
export function dayFromName(name) {
  const day = Math.floor(Date.parse(`${name}T00:00:00Z`) / DAY_MS);
  return Number.isFinite(day) && dayName(day) === name ? day : NaN;
}

/** The name of a party; where there are parties, of "nobody's" aircraft too. */
export function partyName(report, party) {
  if (party >= 0) return report.parties[party] ?? "?";
  return report.parties.length ? "of no party" : "";
}

/** "RFF7101 (150010)": how an aircraft is called. */
export function aircraftName(callsign, icao24) {
  if (!callsign) return icao24;
  return icao24 ? `${callsign} (${icao24})` : callsign;
}

/** Both aircraft of a finding, those that it has. */
export function aircraftOf(report, row) {
  const { findings } = report;
  return ["a", "b"]
    .map((side) => ({
      side,
      icao24: findings[`icao24_${side}`].at(row),
      callsign: findings[`callsign_${side}`].at(row),
      party: findings[`party_${side}`][row],
    }))
    .filter((each) => each.icao24 || each.callsign);
}

/** What a finding is counted under: the words of its verdict, or of its context where nothing was judged. */
export function kindsOf(report) {
  return report.isEncounters
    ? { column: "context", words: report.contexts, said: "context" }
    : { column: "verdict", words: report.verdicts, said: "verdict" };
}

/** What a kind is called in a legend. */
export const kindName = (kinds, word) =>
  kinds.column === "context" && word === "none" ? "no known context" : spaced(word);

export const spaced = (word) => word.replaceAll("_", " ");
