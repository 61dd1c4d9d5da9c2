// Tells screen readers what changed by itself: few words, and never a flood.
import { $ } from "./dom.js";
import { count, plain } from "./text.js";
import { look } from "./states.js";

const PAUSE = 1200;
const MOST = 3;
let waiting = [];
let timer = null;

export function announceStates(states) {
  for (const { previous, service } of states) {
    if (!previous) continue;
    waiting = waiting.filter(({ key }) => key !== service.name);
    waiting.push({ key: service.name, text: `${plain(service.id, 80)}: ${look(service).word}`, isError: service.state === "ERROR" });
  }
  if (waiting.length && !timer) timer = setTimeout(flush, PAUSE);
}

export function announce(text) {
  waiting.push({ key: text, text });
  if (!timer) timer = setTimeout(flush, 50);
}

function flush() {
  timer = null;
  const errors = waiting.filter((one) => one.isError);
  const all = [...errors, ...waiting.filter((one) => !one.isError)];
  const rest = all.length - MOST;
  $("announcements").textContent = all.slice(0, MOST).map((one) => one.text).join(". ")
    + (rest > 0 ? `. ${count(rest, "more change")}` : "");
  waiting = [];
}
