// The page: brings together the live picture, the list, the details and what people do.
import { Actions, VERBS } from "./actions.js";
import { address, parseAddress, TIMELINE } from "./address.js";
import { announceStates } from "./announce.js";
import * as api from "./api.js";
import { showStatus } from "./banner.js";
import { openCreate } from "./create.js";
import { Detail } from "./detail.js";
import { askRemoval, openHelp } from "./dialogs.js";
import { $, h, icon, iconButton, setAttribute, setHidden, setText } from "./dom.js";
import { showEmpty } from "./empty.js";
import { handleKeys } from "./keys.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { serviceKey } from "./picture.js";
import { countStates, pageOf, stateWord, STATES } from "./states.js";
import { Tails } from "./tails.js";
import { setUpTheme } from "./theme.js";
import { keepAging } from "./time.js";
import { group, rows } from "./tree.js";
import { safeAddress } from "./row.js";
import { count, plain } from "./text.js";

/** While a lot changes, the structure is worked out only so often; rows in sight are brought up to date with each frame. */
const STRUCTURE_PAUSE = 200;

const view = { search: "", state: null, folded: new Map() };
const selected = new Set();
let session = null;
let shown = { rows: [], counts: {}, services: 0 };

const live = new Live({
  replaced: (states) => { $("create").disabled = false; restructure(true); told(states); detail.replaced(); showLine(); },
  changed: ({ structure, states, keys }) => { told(states); restructure(structure); detail.changed(keys); },
  measured: () => { list.refresh(); detail.update(); },
  status: showLine,
});
const actions = new Actions(() => live.picture, (keys) => { list.refresh(); if (keys.includes(detail.key)) detail.update(); });
const context = {
  selected, errors: actions.errors, pending: actions.pending, picture: () => live.picture,
  get usage() { return live.picture.usage; },
  get detail() { return detail.isOpen ? detail.key : null; },
  line: (key, service) => tails.line(key, service),
};
const list = new List($("scroller"), $("canvas"), context, { act, open: openRow });
const tails = new Tails(() => list.inSight, () => list.refresh());
const detail = new Detail($("detail"), context, { act: (verb, key) => perform(verb, [key]), close: () => go(""), tab: (tab) => go(address(detail.key, tab)) });

function told(states) {
  actions.forget(states);
  announceStates(states);
}

let waiting = null;
function restructure(isUrgent) {
  if (isUrgent) work();
  else {
    list.refresh();
    waiting ??= setTimeout(work, STRUCTURE_PAUSE);
  }
  function work() {
    clearTimeout(waiting);
    waiting = null;
    rebuild();
  }
}

function rebuild() {
  shown = rows(group(live.picture), view);
  for (const key of selected) if (!live.picture.services.has(key)) selected.delete(key);
  list.setRows(shown.rows);
  showFilters();
  showBulk();
  const isFiltered = Boolean(view.search || view.state);
  showEmpty(!live.isKnown ? "loading" : shown.rows.length ? null : isFiltered ? "filtered" : "nothing",
    { clear: () => { $("search").value = ""; filter({ search: "", state: null }); }, create });
  const failed = shown.counts.ERROR ?? 0;
  document.title = failed ? `${failed} failed · xpmd` : "xpmd";
  setAttribute($("favicon"), "href", failed ? "assets/icon-error.svg" : "assets/icon.svg");
}

function filter(change) {
  Object.assign(view, change);
  $("scroller").scrollTop = 0;
  rebuild();
}

/** `All 12`, and each state with its shape and how many there are. */
function showFilters() {
  const all = countStates(live.picture.services.values());
  const chips = [[null, "All", live.picture.services.size], ...STATES.map((state) => [state, stateWord(state), all[state]])];
  if (!$("filters").children.length) {
    $("filters").append(...chips.map(([state, word]) => h("button", { type: "button", data: { state: state ?? "" }, on: { click: () => filter({ state: view.state === state ? null : state }) } },
      state ? icon(state.toLowerCase(), `icon shape ${state.toLowerCase()}`) : null, h("span", { text: word }), h("span", { class: "number" }))));
  }
  chips.forEach(([state, , number], place) => {
    const chip = $("filters").children[place];
    setText(chip.lastChild, number.toLocaleString("en"));
    setAttribute(chip, "aria-pressed", String(view.state === state));
    setAttribute(chip, "class", number ? null : "none");
  });
}

function act(name, row, event) {
  if (name === "fold") {
    view.folded.set(row.key, !row.isFolded);
    rebuild();
  } else if (name === "select") select(row, event);
  else perform(name, [row.key]);
}

let anchor = null;
function select(row, event) {
  const keys = row.kind === "service" ? [row.key] : row.keys();
  const on = !keys.every((key) => selected.has(key));
  let all = keys;
  // With Shift, everything from the last one on.
  const [from, to] = [anchor, row.key].map((key) => shown.rows.findIndex((one) => one.key === key));
  if (event.shiftKey && from >= 0 && to >= 0) {
    all = shown.rows.slice(Math.min(from, to), Math.max(from, to) + 1).filter((one) => one.kind === "service").map((one) => one.key);
  }
  for (const key of all) on ? selected.add(key) : selected.delete(key);
  anchor = row.key;
  list.refresh();
  showBulk();
}

function clearSelection() {
  selected.clear();
  list.refresh();
  showBulk();
}

function showBulk() {
  const services = [...selected].map((key) => live.picture.services.get(key)).filter(Boolean);
  const all = shown.rows.filter((row) => row.kind === "service");
  $("select-all").checked = all.length > 0 && all.every((row) => selected.has(row.key));
  $("select-all").indeterminate = selected.size > 0 && !$("select-all").checked;
  setHidden($("bulk"), !services.length);
  if (!services.length) return;
  if (!$("bulk").children.length) {
    $("bulk").append(h("span", { class: "what" }), ...Object.entries(VERBS).map(([verb, { word }]) =>
      h("button", { type: "button", data: { verb }, on: { click: () => perform(verb, [...selected]) } }, icon(verb), h("span", { text: word }))),
      iconButton("close", "Clear the selection", clearSelection, { class: "icon-button close" }));
  }
  setText($("bulk").firstChild, `${count(services.length, "service")} selected`);
  for (const button of $("bulk").querySelectorAll("[data-verb]")) button.disabled = !services.some(VERBS[button.dataset.verb].fits);
}

/** Does it, and asks first where it cannot be undone. */
async function perform(verb, keys) {
  if (verb === "remove") {
    const services = keys.map((key) => live.picture.services.get(key)).filter((service) => service && VERBS.remove.fits(service));
    if (!services.length) return;
    // Parts go with their service.
    const ids = new Set(services.map(serviceKey));
    const whole = services.filter((service) => !service.id.includes("/") || !ids.has(serviceKey({ ...service, id: service.id.split("/")[0] })));
    return askRemoval(whole.map((service) => plain(service.id, 100)), (parameters) => actions.run("remove", whole.map(serviceKey), parameters));
  }
  await actions.run(verb, keys);
}

/** What keys do: to all selected ones, else to that in the details or under the cursor. */
function targets() {
  if (selected.size) return [...selected];
  if (detail.isOpen && detail.key && $("detail").contains(document.activeElement)) return [detail.key];
  const row = list.row(list.active);
  return row?.kind === "service" ? [row.key] : [];
}

function openRow(row) {
  if (row.kind === "service") go(address(row.key, detail.key && !$("detail").hidden ? currentTab() : "overview"));
  else act("fold", row);
}

const currentTab = () => parseAddress(location.hash)?.tab ?? "overview";

function go(hash) {
  if (location.hash === hash || (!hash && !location.hash)) return;
  history.pushState(null, "", hash || location.pathname);
  route();
}

function route() {
  const place = parseAddress(location.hash);
  const wasOpen = detail.isOpen;
  const key = detail.key;
  if (place) detail.show(place.key, place.tab);
  else if (wasOpen) {
    const hadFocus = $("detail").contains(document.activeElement) || document.activeElement === document.body;
    detail.close();
    if (hadFocus) list.row(key) ? list.focus(key) : list.focus(list.active);
  }
  list.refresh();
}

function create() {
  // Which runs there are must be known.
  if (!live.isKnown) return;
  openCreate(live.picture, (key, service) => {
    go(address(key, "overview"));
    actions.run("start", [key], {}, new Map([[key, service]]));
  });
}

let lineTimer = null;
function showLine() {
  clearTimeout(lineTimer);
  if (showStatus(live.status, live.isKnown, () => live.retry())) lineTimer = setTimeout(showLine, 1000);
}

$("search").addEventListener("input", ({ target }) => filter({ search: target.value }));
$("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === "ArrowDown") {
    event.preventDefault();
    const first = shown.rows.find((row) => row.kind === "service");
    if (first) list.focus(first.key);
  } else if (event.key === "Escape" && !event.target.value) event.target.blur();
});
$("scroller").addEventListener("scroll", () => tails.settle(), { passive: true });
$("select-all").addEventListener("change", ({ target }) => {
  for (const row of shown.rows) if (row.kind === "service") target.checked ? selected.add(row.key) : selected.delete(row.key);
  if (!target.checked) selected.clear();
  list.refresh();
  showBulk();
});
$("skip").addEventListener("click", (event) => {
  event.preventDefault();
  list.focus(list.active);
});
$("create").addEventListener("click", create);
$("timeline").addEventListener("click", () => go(location.hash === TIMELINE ? "" : TIMELINE));
$("path-mode").addEventListener("click", () => openHelp(session));
$("help").addEventListener("click", () => openHelp(session));
$("sign-out").addEventListener("click", () => api.signOut().catch((error) => alertLine(error)));
setUpTheme($("theme"));
addEventListener("popstate", route);

function alertLine(error) {
  setText($("announcements"), plain(error.message, 300));
  $("sign-out").title = plain(error.message, 300);
}

handleKeys({
  search: () => { $("search").focus(); $("search").select(); },
  move: (by) => list.move(by),
  perform: (verb) => perform(verb, targets()),
  open: () => {
    const page = pageOf(live.picture.services.get(targets()[0]) ?? {});
    if (page && safeAddress(page)) window.open(safeAddress(page), "_blank", "noopener");
  },
  tab: (tab) => targets()[0] && go(address(targets()[0], tab)),
  timeline: () => go(TIMELINE),
  create, help: () => openHelp(session),
  escape: () => (detail.isOpen ? go("") : clearSelection()),
});

showEmpty("loading", {});
live.connect();
keepAging();
route();
api.session().then((found) => {
  session = found;
  // What one address for all gives up should be seen, not looked for.
  setHidden($("path-mode"), !found?.path_mode);
}, () => {});
