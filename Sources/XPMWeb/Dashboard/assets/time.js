// Times that age while they are shown.
import { h, setText } from "./dom.js";
import { exact, span } from "./text.js";

/** An element for `4 min`, with the exact time on hover. */
export const age = (time, properties = {}) => setAge(h("time", properties), time);

export function setAge(element, time) {
  if (!time) {
    setText(element, "");
    return element;
  }
  if (element.dateTime !== time) {
    element.dateTime = time;
    element.title = exact(time);
  }
  setText(element, span(Date.now() - Date.parse(time)) + (element.dataset.ago ? " ago" : ""));
  return element;
}

let timer = null;
/** Keeps what is on the page true, every second while something is younger than a minute. */
export function keepAging() {
  const tick = () => {
    let youngest = Infinity;
    for (const element of document.querySelectorAll("time[datetime]")) {
      setAge(element, element.dateTime);
      youngest = Math.min(youngest, Date.now() - Date.parse(element.dateTime));
    }
    timer = setTimeout(tick, youngest < 60_000 ? 1000 : 15_000);
  };
  const begin = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") tick();
  };
  document.addEventListener("visibilitychange", begin);
  begin();
}
