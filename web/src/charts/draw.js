/** What the charts share: a figure that is drawn anew at its own width, scales, and bars. */
import { h, replace, s } from "../dom.js";

/** A figure with a heading, drawn by `draw(width)` whenever its width or what it shows changes. */
export function figure(title, draw, { note, className } = {}) {
  const place = h("div", { class: "chart-place" });
  const noteElement = h("p", { class: "quiet" });
  const element = h(
    "figure",
    { class: `chart ${className ?? ""}` },
    h("figcaption", {}, h("h3", {}, title), noteElement),
    place,
  );
  let width = 0;
  const redraw = () => {
    width = Math.floor(place.clientWidth);
    const drawn = width > 40 ? draw(width) : null;
    if (drawn) replace(place, drawn);
    noteElement.textContent = note?.() ?? "";
    noteElement.hidden = !noteElement.textContent;
  };
  new ResizeObserver(() => {
    if (Math.floor(place.clientWidth) !== width) redraw();
  }).observe(place);
  return { element, redraw };
}

/** A picture whose content is told by `label`. */
export const picture = (width, height, label, ...children) =>
  s("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, children);

export const text = (x, y, content, properties) => s("text", { x, y, ...properties }, content);

/** A round step so that at most `most` of them reach `top`. */
export function roundStep(top, most = 4) {
  if (!(top > 0)) return 1;
  const rough = top / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10);
}

/** Horizontal lines with their values, for counts from 0 to `top`. */
export function levels(top, y, left, right, most = 3) {
  const step = Math.max(1, roundStep(top, most));
  const lines = [];
  for (let value = 0; value <= top * 1.0001; value += step) {
    lines.push(
      s("line", { class: value === 0 ? "axis" : "level", x1: left, x2: right, y1: y(value), y2: y(value) }),
    );
    lines.push(
      text(left - 5, y(value) + 3.5, value.toLocaleString("en"), { class: "tick", "text-anchor": "end" }),
    );
  }
  return lines;
}
