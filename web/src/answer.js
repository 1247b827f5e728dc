/** The answer, in sentences, before anything else; beside it the rules with their counts and rates. */
import { h, said } from "./dom.js";
import { verdictColour } from "./palette.js";
import { spaced } from "./report.js";
import { symbol } from "./map/legend.js";
import { number, rounded } from "./units.js";

export function answer(state) {
  const { report } = state;
  const [headline, ...more] = report.answer;
  return h(
    "section",
    { class: "answer", "aria-labelledby": "answer-title" },
    h("div", { class: "answer-text" },
      h("h2", { id: "answer-title", class: "overline" }, "The answer"),
      headline && h("p", { class: "headline" }, said(headline)),
      more.map((sentence) => h("p", { class: "further" }, said(sentence))),
      notices(report),
    ),
    report.rules.length > 0 && ruleTable(state),
  ); // prettier-ignore
}

function notices({ notices: sentences }) {
  if (!sentences.length) return null;
  return h("aside", { class: "notices", "aria-label": "To be read with it" }, sentences.map((sentence) => h("p", {}, said(sentence))));
}

function ruleTable(state) {
  const { report } = state;
  const used = report.verdicts.filter((verdict) => report.rules.some((rule) => rule.verdicts?.[verdict]));
  const hasRates = report.rules.some((rule) => rateOf(report, rule));
  const draw = () =>
    h("table", {},
      h("caption", { class: "overline" }, report.isEncounters ? "What was looked for" : "The rules"),
      h("thead", {}, h("tr", {},
        h("th", { scope: "col" }, "Rule"),
        used.map((verdict) => h("th", { scope: "col", class: "n" }, symbol("credible", verdictColour(verdict)), spaced(verdict))),
        hasRates && h("th", { scope: "col", class: "n" }, "a day (95 %)"),
      )),
      h("tbody", {}, report.rules.map((rule) => ruleRow(report, rule, used, hasRates))),
    ); // prettier-ignore
  const element = h("div", { class: "rules", tabindex: 0, role: "region", "aria-label": "The rules with counts" }, draw());
  state.watch((change) => change.theme && element.replaceChildren(draw()));
  return element;
}

function ruleRow(report, rule, used, hasRates) {
  const rate = rateOf(report, rule);
  return h("tr", {},
    h("th", { scope: "row" }, h("strong", {}, said(rule.id)), h("span", { class: "quiet" }, said(rule.sentence ?? ""))),
    used.map((verdict) => h("td", { class: "n" }, rule.verdicts?.[verdict] ? number(rule.verdicts[verdict]) : "·")),
    hasRates && h("td", { class: "n" }, rate
      ? [h("strong", {}, rounded(rate.per_day)), h("span", { class: "quiet" }, ` ${rounded(rate.per_day_low)} to ${rounded(rate.per_day_high)}`)]
      : "·"),
  ); // prettier-ignore
}

/** The rate that is the rule's own: of all that it binds, and of findings rather than crossings. */
export function rateOf(report, rule) {
  const rates = report.rates.filter((rate) => rate.rule === rule.id && Number.isFinite(rate.per_day));
  const own = rates.filter((rate) => rate.counted !== "crossings");
  return (own.length ? own : rates).find((rate) => rate.party === "all") ?? (own.length ? own : rates)[0] ?? null;
}
