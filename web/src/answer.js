/** The answer, in sentences, before anything else; beside it the rules with their counts and rates. */
import { h, said, sideways } from "./dom.js";
import { verdictColour } from "./palette.js";
import { spaced } from "./report.js";
import { symbol } from "./map/legend.js";
import { number, rounded } from "./units.js";

const MOST_AT_FIRST = 3; // sentences below the headline
const IN_COLUMNS = ["broken", "excused", "unknown"]; // other verdicts are told below the rule's sentence

export function answer(state) {
  const { report } = state;
  const [headline, ...more] = report.answer;
  const rest = more.length > MOST_AT_FIRST + 1 ? more.splice(MOST_AT_FIRST) : [];
  const further = (sentence) => h("p", { class: "further" }, said(sentence));
  return h(
    "section",
    { class: "answer", "aria-labelledby": "answer-title" },
    h(
      "div",
      { class: "answer-text" },
      h("h2", { id: "answer-title", class: "overline" }, "The answer"),
      headline && h("p", { class: "headline" }, said(headline)),
      more.map(further),
      rest.length > 0 &&
        h(
          "details",
          { class: "rest-of-answer" },
          h("summary", {}, `${number(rest.length)} more sentences`),
          rest.map(further),
        ),
      report.isEncounters &&
        report.rules[0]?.sentence &&
        h("p", { class: "looked-for quiet" }, "Looked for: ", said(report.rules[0].sentence)),
      notices(report),
    ),
    report.rules.length > 0 && !report.isEncounters && h("div", {}, sideways("the counts"), ruleTable(state)),
  );
}

function notices({ notices: sentences }) {
  if (!sentences.length) return null;
  return h(
    "aside",
    { class: "notices", "aria-label": "To be read with it" },
    sentences.map((sentence) => h("p", {}, said(sentence))),
  );
}

function ruleTable(state) {
  const { report } = state;
  const used = report.verdicts.filter(
    (verdict) => IN_COLUMNS.includes(verdict) && report.rules.some((rule) => rule.verdicts?.[verdict]),
  );
  const hasRates = report.rules.some((rule) => rateOf(report, rule));
  const draw = () =>
    h(
      "table",
      {},
      h("caption", { class: "overline" }, "The rules"),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "Rule"),
          used.map((verdict) =>
            h(
              "th",
              { scope: "col", class: "n" },
              symbol("credible", verdictColour(verdict)),
              spaced(verdict),
            ),
          ),
          hasRates && h("th", { scope: "col", class: "n" }, "a day (95 %)"),
        ),
      ),
      h(
        "tbody",
        {},
        report.rules.map((rule) => ruleRow(report, rule, used, hasRates)),
      ),
    );
  const element = h(
    "div",
    {
      class: "rules",
      tabindex: 0, // it scrolls sideways where it is narrow
      role: "region",
      "aria-label": "The rules with counts",
    },
    draw(),
  );
  state.watch((change) => change.theme && element.replaceChildren(draw()));
  return element;
}

function ruleRow(report, rule, used, hasRates) {
  const rate = rateOf(report, rule);
  const [button, sentence] = foldedSentence(rule);
  const others = report.verdicts
    .filter((verdict) => !IN_COLUMNS.includes(verdict) && rule.verdicts?.[verdict])
    .map((verdict) => `${number(rule.verdicts[verdict])} ${spaced(verdict)}`);
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row" },
      h("strong", {}, said(rule.id)),
      others.length > 0 && h("span", { class: "others" }, ` and ${others.join(", ")}`),
      button,
      sentence,
    ),
    used.map((verdict) =>
      h("td", { class: "n" }, rule.verdicts?.[verdict] ? number(rule.verdicts[verdict]) : "·"),
    ),
    hasRates &&
      h(
        "td",
        { class: "n" },
        rate
          ? [
              h("strong", {}, rounded(rate.per_day)),
              h("span", { class: "quiet" }, ` ${rounded(rate.per_day_low)} to ${rounded(rate.per_day_high)}`),
            ]
          : "·",
      ),
  );
}

/** The rule's words, two lines of them, and the button that shows the others. */
function foldedSentence({ id, sentence }) {
  const text = sentence ?? "";
  const element = h("span", { class: "quiet sentence" }, said(text));
  const button = h(
    "button",
    {
      type: "button",
      class: "unfold",
      "aria-expanded": "false",
      "aria-label": `All that the rule ${id} says`,
      onclick: () => {
        const isOpen = element.classList.toggle("is-unfolded");
        button.textContent = isOpen ? "less" : "more";
        button.setAttribute("aria-expanded", isOpen);
      },
    },
    "more",
  );
  const isFolded = () => button.getAttribute("aria-expanded") === "false";
  new ResizeObserver(() => {
    if (isFolded()) button.hidden = element.scrollHeight <= element.clientHeight + 1;
  }).observe(element);
  return [button, element];
}

/** The rate that is the rule's own: of all that it binds, and of findings rather than crossings. */
export function rateOf(report, rule) {
  const rates = report.rates.filter((rate) => rate.rule === rule.id && Number.isFinite(rate.per_day));
  const own = rates.filter((rate) => rate.counted !== "crossings");
  return (
    (own.length ? own : rates).find((rate) => rate.party === "all") ?? (own.length ? own : rates)[0] ?? null
  );
}
