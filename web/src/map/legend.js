/** What colours, lines and shapes on the map mean, in words. */
import { h, replace, said } from "../dom.js";
import { contextColour, partyColour, verdictColour } from "../palette.js";
import { kindName, kindsOf } from "../report.js";
import { drawSymbol } from "./findings.js";

const SIZE_PX = 16;

export function legend(state) {
  const element = h("div", { class: "legend", "aria-label": "Legend", role: "group" });
  const draw = () => replace(element, ...entries(state.report));
  draw();
  state.watch((change) => change.theme && draw());
  return element;
}

function entries(report) {
  const kinds = kindsOf(report);
  const colourOf = kinds.column === "verdict" ? verdictColour : contextColour;
  const used = new Set(report.findings[kinds.column]);
  const trusts = new Set(report.findings.trust);
  const verdicts = kinds.words.map(
    (word, i) => used.has(i) && entry(symbol("credible", colourOf(word)), kindName(kinds, word)),
  );
  const shapes = report.trusts.map(
    (word, i) => trusts.has(i) && word !== "credible" && entry(symbol(word, colourOf(kinds.words[0])), word),
  );
  const parties = report.tracks
    ? report.parties.map((party, i) => entry(lineOf(partyColour(i)), said(`tracks of ${party}`)))
    : [];
  if (report.tracks?.party.includes(-1))
    parties.push(entry(lineOf(partyColour(-1)), report.parties.length ? "tracks of no party" : "tracks"));
  return [...verdicts, ...shapes, ...parties].filter(Boolean);
}

const entry = (picture, text) => h("span", { class: "legend-entry" }, picture, text);

/** The symbol of a finding, as a small picture. */
export function symbol(trust, colour, size = SIZE_PX) {
  const canvas = h("canvas", { width: 2 * size, height: 2 * size, class: "symbol", "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  drawSymbol(context, size / 2, size / 2, trust, colour, size / 3);
  return canvas;
}

const lineOf = (colour) =>
  h("span", { class: "legend-line", style: { background: colour }, "aria-hidden": "true" });
