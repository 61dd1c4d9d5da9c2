// One row of the list: made once, then brought up to date.
import { h, icon, redraw, setAttribute, setClass, setHidden, setText } from "./dom.js";
import { canStop, isDown, look, pageOf, remark, stateWord, STATES } from "./states.js";
import { plot, sparkline } from "./spark.js";
import { setAge } from "./time.js";
import { bytes, count, percent, plain } from "./text.js";

const cell = (className, ...children) => h("div", { class: `cell ${className}`, role: "gridcell" }, ...children);

export function makeRow(kind) {
  const parts = { kind };
  parts.check = h("input", { type: "checkbox", tabIndex: -1, data: { act: "select" } });
  parts.fold = h("button", { type: "button", class: "fold", tabIndex: -1, data: { act: "fold" } }, icon("fold"));
  const row = h("div", { class: `row ${kind}`, role: "row", tabIndex: -1 }, cell("c-check", parts.check));
  Object.assign(parts, { row });
  kind === "service" ? serviceCells(parts) : groupCells(parts);
  return parts;
}

function serviceCells(parts) {
  parts.shape = icon("stopped");
  parts.name = h("span", { class: "name foreign" });
  parts.remark = h("span", { class: "remark foreign" });
  parts.word = h("span", { class: "word" });
  parts.since = h("time", { class: "since" });
  parts.memory = cell("c-memory number");
  parts.cpu = h("span", { class: "number" });
  parts.spark = sparkline();
  parts.open = h("a", { class: "icon-button", target: "_blank", rel: "noopener", tabIndex: -1, }, icon("open"));
  parts.toggleIcon = icon("start");
  parts.toggle = h("button", { type: "button", class: "icon-button", tabIndex: -1 }, parts.toggleIcon);
  parts.row.append(
    cell("c-name", parts.fold, parts.shape, h("div", { class: "names" }, parts.name, parts.remark)),
    cell("c-state", parts.word, " ", parts.since), parts.memory, cell("c-cpu", parts.cpu, parts.spark),
    cell("c-act", parts.open, parts.toggle));
}

function groupCells(parts) {
  parts.name = h("span", { class: "name foreign" });
  parts.run = h("span", { class: "run foreign" });
  parts.place = h("span", { class: "place foreign" });
  parts.status = h("span", { class: "status" });
  parts.since = h("time", { class: "since", data: { ago: "1" } });
  parts.counts = h("span", { class: "counts" });
  parts.row.append(
    h("div", { class: "cell c-group", role: "gridcell", "aria-colspan": 5 },
      parts.fold, parts.name, parts.run, parts.status, parts.since, parts.place, parts.counts));
}

/** Shows a row of the tree; `context` has what is not in it: usage, errors, pending, lines, selection. */
export function showRow(parts, row, context) {
  setAttribute(parts.row, "aria-level", row.level);
  setAttribute(parts.row, "aria-expanded", row.isFolded === null ? null : String(!row.isFolded));
  setHidden(parts.fold, row.isFolded === null);
  row.kind === "service" ? showService(parts, row, context) : showGroup(parts, row, context);
}

function showService(parts, { key, service, parts: own }, context) {
  const isSelected = context.selected.has(key);
  const error = context.errors.get(key);
  const isPending = context.pending.has(key);
  const { word, shape, tone } = look(service);
  const name = plain(service.id.slice(service.id.indexOf("/") + 1), 200);
  setClass(parts.row, `row service tone-${tone}${context.detail === key ? " shown" : ""}${error ? " failed" : ""}`);
  setAttribute(parts.row, "aria-selected", String(isSelected));
  setAttribute(parts.row, "aria-busy", isPending ? "true" : null);
  parts.check.checked = isSelected;
  setAttribute(parts.check, "aria-label", `Select ${name}`);
  setAttribute(parts.fold, "aria-label", `Parts of ${name}`);
  redraw(parts.shape, shape);
  setClass(parts.shape, `icon shape ${tone}`);
  setText(parts.name, name);
  const said = error ?? (remark(service) || context.line(key, service) || (own ? count(own, "part") : ""));
  setText(parts.remark, said);
  setAttribute(parts.remark, "title", said || null);
  setText(parts.word, isPending ? `${word} …` : word);
  setAge(parts.since, service.since);
  const usage = context.usage.get(key);
  setText(parts.memory, usage?.memory ? bytes(usage.memory) : "");
  setText(parts.cpu, usage && typeof usage.cpu === "number" ? percent(usage.cpu) : "");
  setHidden(parts.spark, !usage);
  if (usage) plot(parts.spark, usage.cpus);
  const page = pageOf(service);
  setHidden(parts.open, !page);
  if (page) setAttribute(parts.open, "href", safeAddress(page));
  setAttribute(parts.open, "title", service.asleep ? "Open its page, which wakes it" : isDown(service) ? "Open its page, where it can be started" : "Open its page");
  setAttribute(parts.open, "aria-label", `Open the page of ${name}`);
  const stops = canStop(service);
  redraw(parts.toggleIcon, stops ? "stop" : "start");
  parts.toggle.dataset.act = stops ? "stop" : "start";
  parts.toggle.title = stops ? "Stop" : "Start";
  setAttribute(parts.toggle, "aria-label", `${stops ? "Stop" : "Start"} ${name}`);
  parts.toggle.disabled = isPending;
}

/** Only what a browser opens as a page: a service may say anything of its address. */
export function safeAddress(text) {
  try {
    const address = new URL(text, location.href);
    return address.protocol === "http:" || address.protocol === "https:" ? address.href : null;
  } catch {
    return null;
  }
}

function showGroup(parts, row, context) {
  const keys = row.keys();
  const selected = keys.reduce((sum, key) => sum + context.selected.has(key), 0);
  parts.check.checked = selected > 0 && selected === keys.length;
  parts.check.indeterminate = selected > 0 && selected < keys.length;
  parts.check.disabled = !keys.length;
  const isRun = row.kind === "run";
  const experiment = plain(row.of.experiment, 200);
  const run = plain(row.of.run, 200);
  const title = isRun && !row.isAlone ? run : experiment;
  setAttribute(parts.check, "aria-label", `Select all of ${title}`);
  setAttribute(parts.fold, "aria-label", `Services of ${title}`);
  setText(parts.name, title);
  setText(parts.run, row.isAlone ? run : row.runs ? count(row.runs, "run") : "");
  const status = row.record?.status;
  setText(parts.status, !isRun ? "" : row.record?.gone ? "gone" : (plain(status ?? "", 20)));
  setClass(parts.status, `status ${row.record?.gone ? "gone" : ["open", "done", "failed"].includes(status) ? status : ""}`);
  setHidden(parts.status, !isRun || !parts.status.textContent);
  setAge(parts.since, row.record?.opened_at);
  // Its end is what tells folders apart, so it is cut at its beginning, by the other direction; the mark keeps its slashes in place.
  setText(parts.place, row.showsWorkspace ? `\u200e${plain(row.of.workspace, 300)}` : "");
  setAttribute(parts.place, "title", plain(row.of.workspace, 1000));
  showCounts(parts.counts, row.counts);
}

/** `2 running, 1 error`, each with its shape. */
function showCounts(element, counts) {
  const shown = STATES.filter((state) => counts[state]);
  const text = shown.map((state) => `${counts[state]} ${stateWord(state).toLowerCase()}`).join(", ");
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  element.replaceChildren(...shown.map((state) => {
    const tone = state.toLowerCase();
    return h("span", { class: `count ${tone}`, title: `${counts[state]} ${stateWord(state).toLowerCase()}` },
      icon(tone, `icon shape ${tone}`), h("span", { text: String(counts[state]) }),
      h("span", { class: "unseen", text: ` ${stateWord(state).toLowerCase()}` }));
  }));
  if (!shown.length) element.replaceChildren(h("span", { class: "count none", text: "no services" }));
}
