/** What is filtered, as a CSV file (RFC 4180), with units in the names of the columns. */
import { exactTime } from "./units.js";

const LONGEST_NAME = 60;
const FORMULA = /^[=+\-@\t\r]/; // spreadsheets would run a text that begins so

/** Return the whole file as a text. */
export function csvOf(report, rows) {
  const { findings } = report;
  const text = (name) => [name, (row) => guarded(findings[name].at(row))];
  const word = (name, words) => [name, (row) => guarded(words[findings[name][row]] ?? "")];
  const value = (name, column = name) => [name, (row) => plain(findings[column][row])];
  const time = (name) => [`${name}_utc`, (row) => exactTime(findings[name][row])];
  const columns = [
    ["rank", (row) => String(row + 1)],
    text("id"),
    word(
      "rule",
      report.rules.map((rule) => rule.id),
    ),
    word("verdict", report.verdicts),
    word("trust", report.trusts),
    word("context", report.contexts),
    word("party_a", report.parties),
    word("party_b", report.parties),
    text("icao24_a"),
    text("callsign_a"),
    text("icao24_b"),
    text("callsign_b"),
    time("t_in"),
    time("t_out"),
    time("t"),
    value("lat_deg", "lat"),
    value("lon_deg", "lon"),
    value("altitude_ft"),
    value("magnitude"),
    value("magnitude_low"),
    value("magnitude_high"),
    text("magnitude_unit"),
    value("vertical_ft"),
    value("vertical_low_ft"),
    value("vertical_high_ft"),
    value("retained"),
    value("probability"),
    value("statements"),
    text("sentence"),
    text("reasons"),
    text("why"),
  ];
  const lines = [columns.map(([name]) => name).join(",")];
  for (const row of rows) lines.push(columns.map(([, cell]) => quoted(cell(row))).join(","));
  return lines.join("\r\n") + "\r\n";
}

const plain = (value) =>
  Number.isFinite(value) ? String(Math.fround(value) === value ? +value.toPrecision(8) : value) : "";
const guarded = (text) => (FORMULA.test(text) ? `'${text}` : text);
const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A name for a file made of the report's title; letters of any script stay. */
export function fileName(title, what) {
  const words = (title ?? "").normalize("NFC").match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  let name = "";
  for (const word of words) {
    if (name.length + word.length > LONGEST_NAME) break;
    name += `${word.toLowerCase()}-`;
  }
  return name + what;
}

/** Have the browser save a text as a file. */
export function download(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
