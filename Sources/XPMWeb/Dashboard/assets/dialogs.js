// Questions and help, in the browser's own dialogs: they keep the focus, and Escape closes them.
import { h, iconButton } from "./dom.js";
import { count } from "./text.js";

/** Opens a dialog; it goes from the page when it is closed. */
export function openDialog(title, content, { form } = {}) {
  const heading = h("h2", { id: "dialog-title", text: title });
  const inside = form ?? h("div", { class: "inside" });
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, inside);
  inside.append(h("header", {}, heading, iconButton("close", "Close", () => dialog.close())), ...content);
  dialog.addEventListener("close", () => dialog.remove());
  // A click beside it.
  dialog.addEventListener("mousedown", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks before services are removed. Calls `done` with the parameters of `service.remove`. */
export function askRemoval(names, done) {
  const logs = h("input", { type: "checkbox", id: "remove-logs" });
  const what = names.length === 1 ? `'${names[0]}'` : count(names.length, "service");
  const form = h("form", { method: "dialog" });
  const dialog = openDialog(`Remove ${what}?`, [
    h("p", { class: "why", text: "xpmd forgets what it is and how to start it. Files that it wrote stay." }),
    h("div", { class: "field check" }, logs, h("label", { htmlFor: "remove-logs", text: "Delete its logs, too" })),
    h("footer", {}, h("button", { type: "button", text: "Cancel", on: { click: () => dialog.close() } }),
      h("button", { type: "submit", class: "danger", text: "Remove" })),
  ], { form });
  form.addEventListener("submit", () => done(logs.checked ? { logs: true } : {}));
}

const KEYS = [
  ["/", "Search"], ["j  k", "Next, previous row (also ↓ ↑, Page Down, Home, End)"], ["→  ←", "Unfold and fold; between what is in a row"],
  ["Enter", "Details of the service"], ["Space", "Select"], ["s  x  r", "Start, stop, restart it, or all selected ones"],
  ["Delete", "Remove"], ["o", "Open its page"], ["l", "Its log"], ["w", "Why it is in its state"], ["t", "Timeline of everything"],
  ["n", "New service"], ["Esc", "Close details, then the selection"], ["?", "This help"],
];

export function openHelp(session) {
  const about = session ? `Signed in as ${session.user}. xpmd ${session.version}, port ${session.port}.` : "";
  openDialog("Keyboard and help", [
    h("dl", { class: "keys" }, ...KEYS.flatMap(([keys, what]) => [h("dt", {}, ...keys.split("  ").flatMap((key, place) => [place ? " " : "", h("kbd", { text: key })])), h("dd", { text: what })])),
    session?.path_mode ? h("p", { class: "notice", text: "Path mode: services share this page's address, so that the page of a service can do here whatever you can. Open only services that you trust." }) : null,
    h("p", { class: "about", text: `${about} In a terminal, xpmctl does the same: see xpmctl --help.`.trim() }),
  ].filter(Boolean));
}
