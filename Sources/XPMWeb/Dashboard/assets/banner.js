// Whether the picture is live, and what to do where it is not.
import { $, h, setHidden, setText } from "./dom.js";
import { clock, plain, span } from "./text.js";

/** How long a line may be lost before the page says so: a restart of xpm-web takes less. */
const PATIENCE = 1500;
let last = "";

/**
 * `status` is the hub's; `isKnown`, whether there is a picture. Returns whether
 * it is to be called again soon: a lost line has a clock.
 */
export function showStatus(status, isKnown, retry, now = Date.now()) {
  const gateway = status.phase;
  const isLive = gateway === "open" && (status.daemon === null || status.daemon === "connected");
  const lost = now - status.since;
  const isStale = !isLive && (gateway !== "open" || lost > PATIENCE) && (isKnown ? lost > PATIENCE : true);
  document.body.classList.toggle("is-stale", isStale && isKnown);
  $("line").className = `line ${isLive && isKnown ? "live" : isStale && lost > PATIENCE ? "bad" : ""}`;
  setText($("line-text"), isLive && isKnown ? "Live" : isStale && lost > PATIENCE ? "Not live" : "Connecting …");
  const banner = $("banner");
  setHidden(banner, !(isStale && lost > PATIENCE) && gateway !== "signed-out");
  if (banner.hidden) {
    last = "";
    return !isLive || !isKnown;
  }
  const [title, text, button] = words(status, isKnown);
  const wait = status.phase === "waiting" ? Math.max(0, status.retryAt - now) : null;
  if (last !== title + text) {
    last = title + text;
    banner.className = `banner ${gateway === "signed-out" ? "bad" : ""}`;
    banner.replaceChildren(h("span", {}, h("strong", { text: title }), ` ${text} `),
      h("span", { class: "countdown", "aria-hidden": "true" }), button ? h("button", { type: "button", text: "Try now", on: { click: retry } }) : "");
  }
  setText(banner.querySelector(".countdown"), wait === null ? "" : wait > 500 ? `Next try in ${span(wait)}.` : "Trying …");
  return true;
}

function words(status, isKnown) {
  if (status.phase === "signed-out") {
    return ["You are signed out.", "In a terminal, run xpmctl web and open the link that it prints.", true];
  }
  const age = isKnown ? `What you see is as of ${clock(status.since)}.` : "";
  if (status.phase === "open") {
    return ["xpmd does not answer.", `${status.reason ? `${plain(status.reason, 300)}. ` : ""}Services keep running without it. ${age}`, false];
  }
  return ["Not connected to xpm-web.", `Services keep running. ${age}`, true];
}
