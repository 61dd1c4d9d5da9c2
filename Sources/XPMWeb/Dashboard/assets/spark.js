// A small curve of the last measurements.
import { setAttribute } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

export function sparkline(className = "spark") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("viewBox", "0 0 60 20");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const area = document.createElementNS(SVG, "polygon");
  const line = document.createElementNS(SVG, "polyline");
  svg.append(area, line);
  return svg;
}

/** The newest value is at the right; the top is the largest value, but never less than `least`. */
export function plot(svg, values, least = 100) {
  const top = Math.max(least, ...values);
  // A few values take a third of the width, so that there is something to see from the beginning.
  const step = 60 / Math.max(20, values.length - 1);
  const shift = 60 - step * (values.length - 1);
  const points = values.map((value, place) => `${(shift + step * place).toFixed(1)},${(19 - (18 * value) / top).toFixed(1)}`).join(" ");
  setAttribute(svg.lastChild, "points", points);
  setAttribute(svg.firstChild, "points", values.length ? `${shift.toFixed(1)},20 ${points} 60,20` : "");
}
