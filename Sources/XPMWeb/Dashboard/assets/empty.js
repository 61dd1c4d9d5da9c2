// What the list shows where it has no rows: what that means, and what to do.
import { $, h, setHidden } from "./dom.js";

let last = null;

/** `why` is `nothing`, `filtered`, `loading` or null. */
export function showEmpty(why, { clear, create }) {
  setHidden($("empty"), why === null);
  setHidden($("grid"), why === "nothing");
  if (why === last) return;
  last = why;
  $("empty").replaceChildren(...content(why, clear, create));
}

function content(why, clear, create) {
  switch (why) {
    case "loading": return [h("p", { text: "Reading …" })];
    case "filtered": return [
      h("h3", { text: "No service matches" }), h("p", { text: "Other words, or another state, may find it." }),
      h("button", { type: "button", text: "Show all services", on: { click: clear } }),
    ];
    case "nothing": return [
      h("h3", { text: "No services yet" }),
      h("p", { text: "Experiments add their services by themselves. To start one by hand, choose a template here, or in a terminal:" }),
      h("pre", { text: "xpmctl start tensorboard --logdir runs", tabIndex: 0, "aria-label": "Command" }),
      h("p", { text: "To see the services of past experiments, watch their workspace:" }),
      h("pre", { text: "xpmctl watch ~/my-workspace", tabIndex: 0, "aria-label": "Command" }),
      h("button", { type: "button", class: "primary", text: "New service", on: { click: create } }),
    ];
    default: return [];
  }
}
