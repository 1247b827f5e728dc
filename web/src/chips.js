/** The filter: a row of chips for each group, a range of days, a search.  What is chosen holds for map, charts and table. */
import { h, said } from "./dom.js";
import { symbol } from "./map/legend.js";
import { partyColour, verdictColour } from "./palette.js";
import { dayName, spaced } from "./report.js";
import { GROUPS } from "./state.js";
import { number } from "./units.js";

const LONGEST_CHIP = 40;
const MOST_CHIPS = 40; // of a group; a longer list is cut by how often each occurs

export function filterBar(state) {
  const { report } = state;
  const groups = GROUPS.map((group) => chipGroup(state, group)).filter(Boolean);
  const clear = h(
    "button",
    { type: "button", class: "tool clear", onclick: () => state.clear() },
    "Clear the filter",
  );
  const element = h(
    "form",
    { class: "filters", "aria-label": "Filter the findings", onsubmit: (event) => event.preventDefault() },
    groups.map((group) => group.element),
    report.span && report.span.lastDay > report.span.firstDay && dayRange(state),
    clear,
  );
  const update = () => {
    for (const group of groups) group.update();
    clear.hidden = !state.isFiltered;
  };
  update();
  state.watch((change) => (change.filter || change.theme) && update());
  return element;
}

function chipGroup(state, group) {
  const words = group.words(state.report);
  const totals = totalsOf(state.report, group, words.length);
  const present = words
    .map((_, i) => i)
    .filter((i) => totals[i] > 0)
    .sort((i, k) => (words.length > MOST_CHIPS ? totals[k] - totals[i] : i - k))
    .slice(0, MOST_CHIPS);
  if (present.length < 2) return null;
  const chips = present.map((index) => {
    const count = h("span", { class: "chip-count" });
    const picture = h("span", { class: "chip-picture" });
    const word = words[index];
    const name = word.length > LONGEST_CHIP ? `${word.slice(0, LONGEST_CHIP)}…` : word;
    const button = h(
      "button",
      {
        type: "button",
        class: "chip",
        onclick: () => state.toggle(group.name, index),
        [`data-${group.name}`]: word.slice(0, LONGEST_CHIP),
      },
      picture,
      said(spaced(name)),
      count,
    );
    return { index, word, button, count, picture };
  });
  const id = `filter-${group.name}`;
  return {
    element: h(
      "div",
      { class: "chip-group", role: "group", "aria-labelledby": id },
      h("span", { class: "chip-title", id }, group.title),
      chips.map((chip) => chip.button),
    ),
    update() {
      for (const chip of chips) {
        chip.button.setAttribute("aria-pressed", state.chosen[group.name].has(chip.index));
        chip.count.textContent = number(state.counts[group.name][chip.index]);
        chip.picture.replaceChildren(...pictureOf(group.name, chip.index, chip.word));
      }
    },
  };
}

function pictureOf(group, index, word) {
  if (group === "party") return [h("span", { class: "dot", style: { background: partyColour(index) } })];
  if (group === "verdict") return [symbol("credible", verdictColour(word))];
  if (group === "trust") return [symbol(word, partyColour(-1))];
  return [];
}

function totalsOf(report, group, n) {
  const totals = new Float64Array(n);
  for (const table of [report.findings, report.rest]) {
    if (!table) continue;
    for (const column of group.columns) {
      const codes = table[column];
      if (codes)
        for (let row = 0; row < table.n; row++)
          if (codes[row] >= 0) totals[codes[row]] += table.count?.[row] ?? 1;
    }
  }
  return totals;
}

function dayRange(state) {
  // Not of type "date": a browser would show that in the order of its own language.
  const input = (name, title) =>
    h("input", {
      type: "text",
      class: "day",
      "aria-label": `${title} day, UTC: year-month-day`,
      placeholder: "YYYY-MM-DD",
      size: 10,
      value: dayName(state[name]),
      "data-day": name,
      inputmode: "numeric",
      autocomplete: "off",
      onchange: (event) => state.setDay(name, event.target.value.trim()),
    });
  const [first, last] = [input("firstDay", "First"), input("lastDay", "Last")];
  state.watch((change) => {
    if (!change.filter) return;
    first.value = dayName(state.firstDay);
    last.value = dayName(state.lastDay);
  });
  return h(
    "span",
    { class: "day-range" },
    h("span", { class: "chip-title" }, "Days (UTC)"),
    first,
    h("span", {}, "to"),
    last,
  );
}

/** A field for callsign, address or id: what is typed filters everything. */
export function search(state) {
  const input = h("input", {
    type: "search",
    class: "search",
    placeholder: "Callsign, address or id",
    "aria-label": "Search callsign, address or id",
    value: state.text,
    oninput: () => {
      state.text = input.value;
      state.changed({ filter: true });
    },
  });
  state.watch((change) => {
    if (change.filter && input.value !== state.text) input.value = state.text;
  });
  return input;
}
