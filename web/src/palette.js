/**
 * The colours, for style sheets and canvases alike: Okabe and Ito's set, which colour-blind readers can tell apart
 * (jfly.uni-koeln.de/color), made lighter where the ground is dark.  Parties and verdicts share none of the first three.
 */
import { setStyle } from "./dom.js";

const PARTIES = {
  light: ["#0072b2", "#009e73", "#a8518a", "#8a6d00", "#3d7f9f", "#7a5230"],
  dark: ["#5cb0ee", "#3cc79c", "#e39ac6", "#d8c04a", "#8fcbe8", "#c79b73"],
};
const NOBODY = { light: "#7a838b", dark: "#8d98a2" };
const VERDICTS = {
  light: {
    broken: "#d55e00",
    unknown: "#e69f00",
    excused: "#56b4e9",
    kept: "#9aa4ac",
    inside_buffer: "#c3cad0",
  },
  dark: {
    broken: "#ff8a3d",
    unknown: "#f0b93a",
    excused: "#6cc3f2",
    kept: "#7f8b95",
    inside_buffer: "#5a6671",
  },
};
const CONTEXTS = {
  light: { none: "#d55e00", circuit: "#56b4e9", company: "#a8518a", "level spacing": "#e69f00" },
  dark: { none: "#ff8a3d", circuit: "#6cc3f2", company: "#e39ac6", "level spacing": "#f0b93a" },
};
const GROUNDS = {
  light: {
    sea: "#dfe8ee",
    land: "#f7f5f0",
    border: "#c4bfb4",
    coast: "#b9c6cf",
    water: "#b4cedd",
    grid: "rgba(60,80,95,.13)",
    gridText: "#5f6d78",
    ink: "#1b2127",
    halo: "rgba(255,255,255,.9)",
    place: "#3a3f45",
    placeFill: "rgba(58,63,69,.07)",
    line: "#1b2127",
  },
  dark: {
    sea: "#121a21",
    land: "#1e262d",
    border: "#465059",
    coast: "#33404a",
    water: "#2b4252",
    grid: "rgba(180,200,215,.10)",
    gridText: "#93a1ad",
    ink: "#e9edf0",
    halo: "rgba(18,24,30,.9)",
    place: "#cfd6dc",
    placeFill: "rgba(207,214,220,.08)",
    line: "#e9edf0",
  },
};

let theme = "light";

export function useTheme(name) {
  theme = name;
  document.documentElement.dataset.theme = name;
  const variables = {};
  PARTIES[theme].forEach((colour, i) => (variables[`--party-${i}`] = colour));
  for (const [verdict, colour] of Object.entries(VERDICTS[theme])) variables[`--verdict-${verdict}`] = colour;
  setStyle(document.documentElement, variables);
}

export const isDark = () => theme === "dark";
export const ground = () => GROUNDS[theme];
export const partyColour = (party) =>
  party >= 0 ? PARTIES[theme][party % PARTIES[theme].length] : NOBODY[theme];

/** The colours of the aircraft of one finding: by party, and told apart where neither has one. */
export function aircraftColours(aircraft) {
  const isNobodys = aircraft.length > 1 && aircraft.every((each) => each.party < 0);
  return aircraft.map((each, i) => () => partyColour(isNobodys ? i : each.party));
}

/** The colour of a finding: by verdict; by context where nothing was judged. */
export function findingColour(report, row) {
  const verdict = report.findings.verdict[row];
  if (verdict >= 0) return verdictColour(report.verdicts[verdict]);
  return CONTEXTS[theme][report.contexts[report.findings.context[row]]] ?? CONTEXTS[theme].none;
}

export const verdictColour = (name) => VERDICTS[theme][name] ?? NOBODY[theme];
export const contextColour = (name) => CONTEXTS[theme][name] ?? NOBODY[theme];

/** The type of labels on canvases, as in the style sheet. */
export const FONT =
  "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif";
