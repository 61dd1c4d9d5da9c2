// Elements without HTML: whatever comes from the server becomes text, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. `text` is its text, `on` its listeners, `data` its data attributes; all else are attributes, or properties of that name. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name === "text") element.textContent = value;
    else if (name === "class") element.className = value;
    else if (name === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name in element && !name.startsWith("aria") && name !== "role" && name !== "list" && name !== "form") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** One of the page's drawings; it says nothing to a screen reader. */
export function icon(name, className = "icon") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Shows another drawing in the same place. */
export const redraw = (svg, name) => setAttribute(svg.firstChild, "href", `#i-${name}`);

/** These touch the page only where something differs, so that nothing is laid out anew for nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
export function setAttribute(element, name, value) {
  if (value === null || value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}
export function setClass(element, className) {
  if (element.getAttribute("class") !== className) element.setAttribute("class", className);
}
export function setHidden(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

export const $ = (id) => document.getElementById(id);

/** A button that shows a drawing and has a name. */
export function iconButton(name, label, click, properties = {}) {
  return h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, on: { click }, ...properties }, icon(name));
}
