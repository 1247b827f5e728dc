/** The agreement, in plain sentences. */
import { h, said } from "./dom.js";

export function agreement({ report }) {
  if (!report.agreement) return null;
  const { name, digest, sentences } = report.agreement;
  const groups = new Map();
  for (const [about, text] of sentences ?? []) groups.set(about, [...(groups.get(about) ?? []), text]);
  return h(
    "section",
    { class: "agreement", "aria-labelledby": "agreement-title" },
    h("h2", { id: "agreement-title" }, "The agreement"),
    h("p", { class: "lead" }, said(name ?? "")),
    (groups.get("") ?? []).filter((text) => text !== name).map((text) => h("p", {}, said(text))),
    h(
      "dl",
      { class: "told" },
      [...groups]
        .filter(([about]) => about)
        .map(([about, texts]) => [
          h("dt", {}, said(about)),
          h(
            "dd",
            {},
            texts.map((text) => h("p", {}, said(text))),
          ),
        ]),
    ),
    digest && h("p", { class: "digest" }, "SHA-256 of the file: ", h("code", {}, digest)),
  );
}
