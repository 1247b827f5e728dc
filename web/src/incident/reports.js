/** The reports of a finding as they were read: what every figure above rests on. */
import { h, replace, said } from "../dom.js";
import { aircraftName } from "../report.js";
import { clock, dayOf, number, altitude, speed, verticalRate } from "../units.js";

const SHOWN_FIRST = 200;
const LONGEST_CELL = 60;

export function reportTable(detail) {
  const rows = detail.aircraft.flatMap((aircraft) => Array.from(aircraft.t, (t, i) => ({ t, i, aircraft })));
  rows.sort((a, b) => a.t - b.t);
  const body = h("tbody", {});
  const more = h(
    "button",
    { type: "button", class: "tool", onclick: () => fill(rows.length) },
    `Show all ${number(rows.length)}`,
  );
  const fill = (n) => {
    replace(body, rows.slice(0, n).map(reportRow));
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
      "file and row say where each was read.",
    ),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Reports, as they were read" },
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

function reportRow({ t, i, aircraft }) {
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
    {},
    cells.map((cell, k) => h("td", { class: (k >= 2 && k <= 8) || k === 11 ? "n" : null }, cell)),
  );
}

const degrees = (value) => (Number.isFinite(value) ? value.toFixed(5) : "–");
