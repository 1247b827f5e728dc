/** The reports of a finding as they were read: what every figure above rests on. */
import { h, replace, said, sideways } from "../dom.js";
import { aircraftName } from "../report.js";
import { clock, dayOf, number, altitude, speed, verticalRate } from "../units.js";

const SHOWN_FIRST = 200;
const PRINTED = 40; // the others are hidden in print.css
const LONGEST_CELL = 60;

/** `best_ms` is the instant that matters, `called` what it is: the reports around it are marked, and scrolled to. */
export function reportTable(detail, best_ms, called) {
  const rows = detail.aircraft.flatMap((aircraft) => Array.from(aircraft.t, (t, i) => ({ t, i, aircraft })));
  rows.sort((a, b) => a.t - b.t);
  const [around, printed] = [aroundInstant(detail, best_ms), nearestTo(rows, best_ms, PRINTED)];
  const body = h("tbody", {});
  const more = h(
    "button",
    { type: "button", class: "tool", onclick: () => fill(rows.length) },
    `Show all ${number(rows.length)}`,
  );
  const fill = (n) => {
    const shown = nearestTo(rows, best_ms, n);
    const each = rows.filter((row) => shown.has(row));
    replace(
      body,
      each.map((row) => reportRow(row, classesOf(row, around, printed))),
    );
    more.hidden = n >= rows.length;
  };
  fill(SHOWN_FIRST);
  const titles = [
    "Time (UTC)",
    "Aircraft",
    "Latitude",
    "Longitude",
    "Altitude",
    "Speed",
    "Track",
    "Climb",
    "NACp",
    "Source",
    "File",
    "Row",
  ];
  return h(
    "div",
    { class: "reports" },
    h("h3", {}, "The reports themselves"),
    h(
      "p",
      { class: "quiet" },
      `${number(rows.length)} reports from ${dayOf(detail.from_ms ?? rows[0]?.t)} ${clock(detail.from_ms ?? rows[0]?.t)} to ${clock(detail.until_ms ?? rows.at(-1)?.t)}`,
      detail.cut ? ", the nearest of more; " : ", all that there are in that time; ",
      "file and row say where each was read. ",
      around.size > 0 && `Marked are those just before and after the ${called}, ${clock(best_ms, 1)}.`,
    ),
    rows.length > PRINTED &&
      h(
        "p",
        { class: "quiet on-paper" },
        `${PRINTED} of ${number(rows.length)}, those nearest to ${clock(best_ms, 1)}; all of them are in the file.`,
      ),
    sideways("altitude, speed, source, file and row"),
    scrollsToMarked(
      h(
        "table",
        { class: "plain" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            titles.map((title) => h("th", { scope: "col" }, title)),
          ),
        ),
        body,
      ),
    ),
    more,
  );
}

/** Of each aircraft the last report before an instant, and the first after it. */
function aroundInstant(detail, best_ms) {
  const around = new Set();
  for (const { icao24, label, t } of detail.aircraft) {
    const after = t.findIndex((each) => each > best_ms);
    const last = after < 0 ? t.length - 1 : after;
    for (const i of [last - 1, last]) if (i >= 0 && i < t.length) around.add(`${label ?? icao24} ${i}`);
  }
  return around;
}

/** As many rows as are asked for, those nearest in time to an instant. */
function nearestTo(rows, best_ms, n) {
  if (rows.length <= n) return new Set(rows);
  const middle = Number.isFinite(best_ms) ? best_ms : rows[0].t;
  return new Set([...rows].sort((a, b) => Math.abs(a.t - middle) - Math.abs(b.t - middle)).slice(0, n));
}

const classesOf = (row, around, printed) =>
  [
    around.has(`${row.aircraft.label ?? row.aircraft.icao24} ${row.i}`) && "is-around",
    !printed.has(row) && "is-far",
  ]
    .filter(Boolean)
    .join(" ") || null;

/** A table that scrolls; the marked reports stand in the middle once it has a height. */
function scrollsToMarked(table) {
  const label = "Reports, as they were read";
  const scroll = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
  const observer = new ResizeObserver(() => {
    const marked = scroll.querySelectorAll(".is-around");
    if (!scroll.clientHeight) return;
    observer.disconnect();
    if (!marked.length) return;
    const middle = (marked[0].offsetTop + marked[marked.length - 1].offsetTop) / 2;
    scroll.scrollTop = middle - scroll.clientHeight / 2;
  });
  observer.observe(scroll);
  return scroll;
}

function reportRow({ t, i, aircraft }, className) {
  const cells = [
    clock(t, 1),
    said(aircraftName(aircraft.callsign, aircraft.icao24).slice(0, LONGEST_CELL)),
    degrees(aircraft.lat[i]),
    degrees(aircraft.lon[i]),
    altitude(aircraft.altitude_ft[i]),
    speed(aircraft.groundspeed_kt[i]),
    Number.isFinite(aircraft.track_deg[i]) ? `${number(aircraft.track_deg[i])}°` : "–",
    verticalRate(aircraft.vertical_rate_fpm[i]),
    aircraft.nac_p[i] >= 0 ? number(aircraft.nac_p[i]) : "–",
    said(aircraft.source.at(i)),
    said(aircraft.file.at(i)),
    Number.isFinite(aircraft.row[i]) ? number(aircraft.row[i]) : "–",
  ];
  return h(
    "tr",
    { class: className },
    cells.map((cell, k) => h("td", { class: (k >= 2 && k <= 8) || k === 11 ? "n" : null }, cell)),
  );
}

const degrees = (value) => (Number.isFinite(value) ? value.toFixed(5) : "–");
