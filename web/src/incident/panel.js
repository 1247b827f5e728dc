/** One finding, everything about it: replay, plots, words, statements, the reports themselves. */
import { h, isStill, replace, said } from "../dom.js";
import { closest, Path } from "../motion.js";
import { aircraftOf, spaced } from "../report.js";
import { instant, number } from "../units.js";
import { factsOf } from "./facts.js";
import { plotsOf } from "./plots.js";
import { Replay } from "./replay.js";
import { reportTable } from "./reports.js";

const LEAST_ROOM_MS = 5000;

export class IncidentPanel {
  constructor(state, basemap, table, overview) {
    Object.assign(this, { state, basemap, table, overview });
    this.plots = [];
    this.replay = null;
    this.element = h("section", {
      class: "incident",
      id: "incident",
      "aria-label": "The chosen finding",
      tabindex: -1,
      hidden: true,
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    state.watch((change) => this.update(change));
  }

  get map() {
    return this.replay?.map;
  }

  /** Open a finding and go to it. */
  open(row) {
    if (row < 0) return;
    this.state.select(row);
    this.show();
    this.element.scrollIntoView({ behavior: isStill() ? "auto" : "smooth", block: "start" });
    this.element.focus({ preventScroll: true });
  }

  /** Open what the address names, if it names something. */
  follow() {
    const { state } = this;
    if (state.selected >= 0) {
      this.show();
      requestAnimationFrame(() => this.element.scrollIntoView({ block: "start" }));
    } else this.hide();
  }

  goTo(selector) {
    const part = this.element.querySelector(selector);
    part.scrollIntoView({ behavior: isStill() ? "auto" : "smooth", block: "start" });
    part.querySelector("[tabindex]")?.focus({ preventScroll: true });
  }

  close() {
    this.hide();
    this.state.select(-1);
    this.table.grid.focus({ preventScroll: true });
    document
      .getElementById("findings")
      .scrollIntoView({ behavior: isStill() ? "auto" : "smooth", block: "start" });
  }

  hide() {
    this.clean();
    this.element.hidden = true;
    this.shown = -1;
    replace(this.element);
  }

  clean() {
    this.replay?.destroy();
    for (const plot of this.plots) plot.destroy();
    [this.replay, this.plots] = [null, []];
  }

  update(change) {
    if (this.element.hidden || this.state.selected < 0) return;
    if (change.units) this.show(true);
    else if (change.theme) {
      this.replay?.redraw();
      for (const plot of this.plots) plot.redraw();
      this.drawFacts();
    }
  }

  show(again = false) {
    const { state } = this;
    const row = state.selected;
    if (row < 0 || (row === this.shown && !again)) return;
    const time_ms = again ? this.replay?.time_ms : undefined;
    this.clean();
    this.shown = row;
    this.row = row;
    this.element.hidden = false;
    const detail = state.report.details.get(row);
    this.facts = h("div", { class: "facts" });
    replace(
      this.element,
      this.head(row),
      ...(detail?.aircraft.length ? this.withReports(row, detail) : this.withoutReports(row, detail)),
    );
    this.drawFacts();
    if (time_ms !== undefined) this.replay?.setTime(time_ms);
  }

  head(row) {
    const { report } = this.state;
    const step = (by, text) => {
      const other = this.table.beside(row, by);
      return h(
        "button",
        {
          type: "button",
          class: "tool",
          "data-step": by,
          disabled: other < 0,
          onclick: () => this.open(other),
        },
        text,
      );
    };
    return h(
      "div",
      { class: "incident-head" },
      h(
        "div",
        { class: "incident-bar" },
        h("button", { type: "button", class: "tool back", onclick: () => this.close() }, "Back to all"),
        step(-1, "Previous"),
        step(1, "Next"),
        report.details.get(row)?.aircraft.length > 0 &&
          h(
            "button",
            { type: "button", class: "tool to-reports", onclick: () => this.goTo(".reports") },
            "To the reports themselves",
          ),
        h(
          "span",
          { class: "quiet" },
          `Rank ${number(row + 1)} of ${number(report.findings.n)} · `,
          h("code", {}, said(report.findings.id.at(row))),
        ),
      ),
      h("h2", {}, said(sentenceCase(report.findings.sentence.at(row) || "Finding"))),
    );
  }

  withReports(row, detail) {
    const { state } = this;
    const { findings } = state.report;
    const paths = detail.aircraft.map((each) => new Path(each));
    const isPair = paths.length === 2;
    this.best = isPair ? closest(paths[0], paths[1], findings.t_in[row], findings.t_out[row]) : null;
    const onTime = (t) => this.plots.forEach((plot) => plot.setTime(t));
    const best_ms = this.best?.t ?? findings.t[row];
    const window_ms = windowOf(detail, findings.t_in[row], findings.t_out[row]);
    this.plots = plotsOf({
      state,
      detail,
      paths,
      best_ms,
      window_ms,
      onTime: (t) => this.replay.setTime(t),
    });
    this.replay = new Replay({
      report: state.report,
      basemap: this.basemap,
      detail,
      paths,
      best_ms,
      window_ms,
      span_ms: [findings.t_in[row], findings.t_out[row]],
      onTime,
    });
    return [
      h("div", { class: "incident-top" }, this.replay.element, this.facts),
      h(
        "div",
        { class: "plots" },
        this.plots.map((plot) => plot.element),
      ),
      h(
        "p",
        { class: "quiet plot-note" },
        isPair
          ? "Times are UTC. Dots are reports, lines the straight motion between them; shaded is where both minima are broken; the bar at the closest point is its 95 % interval."
          : "Times are UTC. Dots are reports, lines the straight motion between them. How far it was past the limit was measured when the file was made, and is told in words.",
      ),
      words(detail),
      statements(detail),
      guidance(detail),
      reportTable(detail, best_ms, isPair ? "closest point" : "worst instant"),
    ];
  }

  withoutReports(row, detail) {
    const id = this.state.report.findings.id.at(row);
    const hasAircraft = aircraftOf(this.state.report, row).length > 0;
    return [
      h("div", { class: "incident-top is-short" }, this.facts),
      hasAircraft &&
        h(
          "p",
          { class: "without-reports" },
          "The reports of this finding are not in this file, which holds those of the first in rank. ",
          "They are had with ",
          h("code", {}, `wideberth explain ${/^[\w-]{1,64}$/.test(id) ? id : "ID"} FOLDER --tracks FILE`),
          ".",
        ),
      words(detail),
      statements(detail),
      guidance(detail),
    ];
  }

  drawFacts() {
    const { report } = this.state;
    replace(
      this.facts,
      h(
        "dl",
        {},
        factsOf(report, this.row, this.best && report.details.get(this.row) ? this.best : null).map(
          ([name, ...texts]) => [h("dt", {}, name), h("dd", {}, texts)],
        ),
      ),
    );
    if (this.best) this.element.dataset.hmdM = this.best.horizontal_m.toFixed(3);
    else delete this.element.dataset.hmdM;
  }
}

/** From when until when a finding is shown: as the file says, not beyond the reports, and all that it lasted. */
function windowOf(detail, t_in, t_out) {
  const ends = detail.aircraft.flatMap((each) => [each.t[0], each.t[each.n - 1]]);
  const lasting = [t_in, t_out].filter(Number.isFinite);
  const from = Math.min(Math.max(detail.from_ms ?? -Infinity, Math.min(...ends)), ...lasting);
  const until = Math.max(Math.min(detail.until_ms ?? Infinity, Math.max(...ends)), ...lasting);
  return until > from ? [from, until] : [from - LEAST_ROOM_MS, from + LEAST_ROOM_MS];
}

const sentenceCase = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function words(detail) {
  if (!detail?.told?.length) return null;
  return h(
    "details",
    { class: "words", open: true },
    h("summary", {}, h("h3", {}, "In words")),
    h(
      "dl",
      { class: "told" },
      detail.told.map(([title, sentences]) => [
        h("dt", {}, said(title)),
        h(
          "dd",
          {},
          sentences.map((sentence) => h("p", {}, said(sentence))),
        ),
      ]),
    ),
  );
}

function statements(detail) {
  if (!detail?.statements?.length) return null;
  return h(
    "div",
    { class: "statements" },
    h("h3", {}, "Statements in the ledger"),
    h(
      "ol",
      {},
      detail.statements.map(({ at, by, kind, text }) =>
        h(
          "li",
          {},
          h(
            "p",
            {},
            h("strong", {}, said(by ?? "")),
            ` ${spaced(kind ?? "")} · `,
            h("span", { class: "quiet" }, said(String(at ?? ""))),
          ),
          text && h("p", {}, said(text)),
        ),
      ),
    ),
  );
}

/** Guidance, when there: a list of sentences, or of titles with sentences. */
function guidance(detail) {
  const given = detail?.guidance;
  if (!given) return null;
  const told = Array.isArray(given) ? given : (given.told ?? given.sentences ?? []);
  return h(
    "div",
    { class: "guidance" },
    h("h3", {}, "What would have kept them apart"),
    told.map((each) =>
      Array.isArray(each)
        ? [h("h4", {}, said(each[0])), [each[1]].flat().map((text) => h("p", {}, said(text)))]
        : h("p", {}, said(String(each))),
    ),
    h("div", { class: "guidance-pictures" }, (given.lines ?? []).map(guidancePicture)),
  );
}

/** The compass and the tapes at the instant that counts; what is in it stands in words above. */
function guidancePicture({ ownship, picture, picture_ms }) {
  const title = `Guidance for ${ownship} at ${instant(picture_ms)}`;
  return h(
    "figure",
    {},
    h("img", { src: picture, alt: `${title}: bands of track, speed, vertical speed and altitude` }),
    h("figcaption", {}, said(title)),
  );
}
