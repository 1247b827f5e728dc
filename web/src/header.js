/** The head of the page: what this is, of when, and how it is shown. */
import { h, said } from "./dom.js";
import { instant, longDay } from "./units.js";

export function header(state) {
  const { report } = state;
  return h(
    "header",
    { class: "head-of-page" },
    h(
      "div",
      { class: "head-text" },
      h("p", { class: "wordmark" }, "wideberth report"),
      h("h1", {}, said(report.title ?? "Report")),
      period(report),
    ),
    h(
      "div",
      { class: "head-tools", role: "group", "aria-label": "View" },
      unitsButton(state),
      themeButton(state),
      shareButton(state),
      printButton(),
    ),
  );
}

function period({ span, recorded, made }) {
  const parts = [];
  if (recorded) {
    const [first, last] = recorded.map(longDay);
    parts.push(first === last ? `Recorded on ${first}` : `Recorded ${first} to ${last}`);
  } else if (span) parts.push(`${longDay(span.low)} to ${longDay(span.high)}`);
  parts.push("all times UTC");
  if (made?.at) parts.push(`made ${instant(Date.parse(made.at))}${made.by ? ` by ${made.by}` : ""}`);
  return h("p", { class: "period" }, said(parts.join(" · ")));
}

function unitsButton(state) {
  const button = h("button", {
    type: "button",
    class: "tool units",
    onclick: () => {
      state.isMetric = !state.isMetric;
      state.changed({ units: true });
    },
  });
  const label = () => {
    button.textContent = state.isMetric ? "Units: m, km, km/h" : "Units: ft, NM, kt";
    button.setAttribute(
      "aria-label",
      `${button.textContent}. Change to ${state.isMetric ? "ft, NM, kt" : "m, km, km/h"}`,
    );
  };
  label();
  state.watch((change) => change.units && label());
  return button;
}

function themeButton(state) {
  const button = h("button", {
    type: "button",
    class: "tool theme",
    onclick: () => {
      state.theme = isDark() ? "light" : "dark";
      state.changed({ theme: true });
    },
  });
  const isDark = () => document.documentElement.dataset.theme === "dark";
  const label = () => (button.textContent = isDark() ? "Light" : "Dark");
  label();
  state.watch((change) => change.theme && label());
  return button;
}

function shareButton(state) {
  const field = h("input", {
    type: "text",
    readonly: true,
    "aria-label": "Link to this view",
    onfocus: () => field.select(),
  });
  const note = h("p", {});
  const box = h("div", { class: "share-box", hidden: true }, note, field);
  const button = h(
    "button",
    {
      type: "button",
      class: "tool share",
      "aria-expanded": "false",
      onclick: async () => {
        state.writeAddress();
        field.value = linkOf(location);
        box.hidden = !box.hidden;
        button.setAttribute("aria-expanded", !box.hidden);
        if (box.hidden) return;
        const isFile = location.protocol === "file:";
        const told = isFile
          ? "Send the file along: whoever has it opens it and puts what begins with # behind its address."
          : "The link opens this view in the same file.";
        note.textContent = (await isCopied(field.value)) ? `Copied. ${told}` : told;
        field.focus();
      },
    },
    "Link to this view",
  );
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    box.hidden = true;
    button.setAttribute("aria-expanded", "false");
    button.focus();
  });
  return h("span", { class: "share-place" }, button, box);
}

/** The link to what is shown; of a file on a disk its name alone: where it lies is nobody else's matter. */
function linkOf({ protocol, pathname, hash, href }) {
  return protocol === "file:" ? decodeURIComponent(pathname.split("/").at(-1)) + hash : href;
}

async function isCopied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // not allowed here; the field shows the link
  }
}

const printButton = () =>
  h("button", { type: "button", class: "tool print", onclick: () => print() }, "Print");
