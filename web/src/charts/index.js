/** The charts, under the same filter as map and table. */
import { h } from "../dom.js";
import { countFindings } from "./count.js";
import { daysChart } from "./days.js";
import { activityChart, hoursChart, sizeChart, trustChart } from "./others.js";

export function charts(state) {
  let counts = null;
  const counted = () => (counts ??= countFindings(state));
  if (!counted().total && !state.report.days.length) return null;
  const { nSlots, isHourly } = counted();
  const all = [
    nSlots > 0 && counted().total > 0 && daysChart(state, counted),
    ...["miss", "vertical", "depth", "time"]
      .filter((what) => counted().sizes.has(what))
      .map((what) => sizeChart(counted, what)),
    !isHourly && counted().total > 0 && hoursChart(counted),
    activityChart(state),
    state.report.trusts.length > 0 && counted().total > 0 && trustChart(state, counted),
  ].filter(Boolean);
  state.watch((change) => {
    if (change.filter) counts = null;
    if (change.filter || change.theme || change.units) for (const chart of all) chart.redraw();
  });
  return h(
    "section",
    { class: "charts", "aria-labelledby": "charts-title" },
    h("h2", { id: "charts-title" }, "When, how often, how much"),
    h(
      "div",
      { class: "chart-grid" },
      all.map((chart) => chart.element),
    ),
  );
}
