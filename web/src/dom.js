/** Makes elements.  Every text becomes a text node: nothing of the data is ever read as HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element: `h("p", {class: "lead", onclick}, "text", child)`.  A property that begins with `on` is a listener, `style`
 * is an object of CSS properties; null, false and undefined leave an attribute or a child out.
 */
export function h(name, properties, ...children) {
  return fill(document.createElement(name), properties, children);
}

/** Make an SVG element, likewise. */
export function s(name, properties, ...children) {
  return fill(document.createElementNS(SVG, name), properties, children);
}

function fill(element, properties, children) {
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style") setStyle(element, value);
    else if (key === "value" || key === "checked") element[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** Set CSS properties, custom ones too.  (A style attribute would be refused by the page's own policy.) */
export function setStyle(element, style) {
  for (const [key, value] of Object.entries(style)) element.style.setProperty(key, value);
}

export function replace(element, ...children) {
  element.replaceChildren(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
}

/** A text from the input: isolated, so that Arabic or Hebrew in it does not turn around what stands beside it. */
export function said(text, name = "bdi") {
  return h(name, { dir: "auto" }, text);
}

/** Call at most once a frame, with the newest arguments. */
export function oncePerFrame(callback) {
  let waiting = null;
  return (...newest) => {
    if (waiting === null) {
      requestAnimationFrame(() => {
        const given = waiting;
        waiting = null;
        callback(...given);
      });
    }
    waiting = newest;
  };
}

export function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** On a narrow screen: that what follows scrolls sideways, and what is there. */
export const sideways = (what) =>
  h("p", { class: "sideways quiet", "aria-hidden": "true" }, `Scroll sideways for ${what} →`);
