// The panel beside the list: one service, or the timeline of everything.
import { h, icon, iconButton, redraw, setAttribute, setClass, setHidden, setText } from "./dom.js";
import { LogView } from "./log-view.js";
import { Overview } from "./overview.js";
import { reference } from "./picture.js";
import { safeAddress } from "./row.js";
import { canStart, canStop, isDown, look, pageOf } from "./states.js";
import { age, setAge } from "./time.js";
import { Timeline } from "./timeline.js";
import { plain } from "./text.js";

const TABS = [["overview", "Overview"], ["logs", "Logs"], ["events", "Timeline"]];

export class Detail {
  key = null;
  #view = null;
  #tab = "overview";
  #isThere = false;

  /** `to` has `act(verb, key)`, `close()` and `tab(name)`; `context` is that of the list. */
  constructor(element, context, to) {
    Object.assign(this, { element, context, to });
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Shows a service, or with no key the events of all. */
  show(key, tab = "overview") {
    const isNew = key !== this.key || this.element.hidden;
    this.key = key;
    this.#tab = key ? tab : "events";
    if (isNew) this.#build();
    this.#select(this.#tab);
    this.element.hidden = false;
    if (isNew) this.title.focus({ preventScroll: true });
  }

  close() {
    this.#view?.close();
    this.#view = null;
    this.key = null;
    this.element.hidden = true;
    this.element.classList.remove("wide");
    this.element.replaceChildren();
  }

  get isOpen() {
    return !this.element.hidden;
  }

  #build() {
    this.title = h("h2", { class: "foreign", tabIndex: -1 });
    const wide = iconButton("wide", "Wider", () => {
      const on = this.element.classList.toggle("wide");
      wide.setAttribute("aria-pressed", String(on));
    }, { class: "icon-button widen", "aria-pressed": "false" });
    this.body = h("div", { class: "detail-body" });
    const top = [iconButton("back", "Back to the list", () => this.to.close(), { class: "icon-button back" }), this.title,
      h("div", { class: "detail-tools" }, wide, iconButton("close", "Close", () => this.to.close(), { class: "icon-button close" }))];
    if (!this.key) {
      setText(this.title, "Timeline");
      this.element.replaceChildren(h("header", { class: "detail-top" }, ...top), this.body);
      return;
    }
    this.shape = icon("stopped");
    this.word = h("span", { class: "word" });
    this.since = age(null, { class: "since" });
    this.where = h("p", { class: "where foreign" });
    this.failure = h("p", { class: "notice bad", role: "alert", hidden: true });
    const button = (verb, text, className = "") => h("button", { type: "button", class: className, on: { click: () => this.to.act(verb, this.key) } }, icon(verb), h("span", { text }));
    this.buttons = { start: button("start", "Start"), stop: button("stop", "Stop"), restart: button("restart", "Restart"), remove: button("remove", "Remove", "danger") };
    this.open = h("a", { class: "button open", target: "_blank", rel: "noopener" }, icon("open"), h("span", { text: "Open page" }));
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Views of the service" }, ...TABS.map(([name, text]) => h("button", {
      type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "tab-panel", text, data: { tab: name }, on: { click: () => this.to.tab(name) },
    })));
    this.tabs.addEventListener("keydown", (event) => this.#tabKey(event));
    Object.assign(this.body, { id: "tab-panel" });
    this.body.setAttribute("role", "tabpanel");
    this.element.replaceChildren(
      h("header", { class: "detail-top" }, ...top),
      h("div", { class: "detail-head" }, this.where,
        h("p", { class: "now" }, this.shape, this.word, h("span", { class: "for" }, "for ", this.since)),
        h("div", { class: "detail-acts" }, this.open, ...Object.values(this.buttons)), this.failure),
      this.tabs, this.body);
    this.update();
  }

  #select(tab) {
    this.#view?.close();
    const service = this.key && this.service;
    this.#isThere = Boolean(service);
    for (const button of this.tabs?.children ?? []) {
      const on = button.dataset.tab === tab;
      button.setAttribute("aria-selected", String(on));
      button.tabIndex = on ? 0 : -1;
    }
    if (this.key) this.body.setAttribute("aria-labelledby", `tab-${tab}`);
    setClass(this.body, `detail-body ${tab}`);
    if (this.key && !service) this.#view = gone();
    else if (!this.key) this.#view = new Timeline();
    else if (tab === "logs") this.#view = new LogView(reference(service));
    else if (tab === "events") this.#view = new Timeline({ service: reference(service) });
    else this.#view = new Overview(service, this.context);
    this.body.replaceChildren(this.#view.element);
  }

  get service() {
    return this.context.picture().services.get(this.key);
  }

  /** The record, its measurements or its last error may differ. */
  update() {
    if (!this.isOpen && !this.title) return;
    if (!this.key) return;
    const service = this.service;
    const [, experiment, run, id] = this.key.split("\0");
    setText(this.title, plain(id, 200));
    setText(this.where, plain(`${experiment} / ${run}`, 300));
    setAttribute(this.where, "title", plain(this.key.split("\0")[0], 1000));
    for (const button of Object.values(this.buttons)) button.disabled = !service || this.context.pending.has(this.key);
    setHidden(this.open, !service || !pageOf(service));
    if (!service) {
      setText(this.word, "Removed");
      redraw(this.shape, "stopped");
      return;
    }
    const { word, shape, tone } = look(service);
    setClass(this.element, `${this.element.className.replace(/ ?tone-\w+/, "")} tone-${tone}`);
    redraw(this.shape, shape);
    setClass(this.shape, `icon shape ${tone}`);
    setText(this.word, word);
    setAge(this.since, service.since);
    setHidden(this.buttons.start, !canStart(service));
    setHidden(this.buttons.stop, !canStop(service));
    setHidden(this.buttons.restart, isDown(service));
    setHidden(this.buttons.remove, !isDown(service));
    if (pageOf(service)) setAttribute(this.open, "href", safeAddress(pageOf(service)));
    // The page of what is down offers to start it.
    setClass(this.open, `button open${isDown(service) && !service.asleep ? " wakes" : ""}`);
    setAttribute(this.open, "title", service.asleep ? "This wakes it" : isDown(service) ? "It can be started there" : null);
    const failure = this.context.errors.get(this.key);
    if (failure !== undefined) setText(this.failure, failure);
    setHidden(this.failure, failure === undefined);
    this.#view?.update?.(service);
  }

  /** The whole picture is another one: it has what is shown only now, or no longer, or may lack what happened meanwhile. */
  replaced() {
    if (!this.isOpen) return;
    if (this.key && Boolean(this.service) !== this.#isThere) this.#select(this.#tab);
    this.update();
    this.#view?.nudge?.();
  }

  /** Services have changed; `all` are shown by the timeline of everything. */
  changed(keys) {
    if (!this.isOpen) return;
    if (!this.key) this.#view?.nudge?.();
    else if (keys.has(this.key)) {
      if (Boolean(this.service) !== this.#isThere) this.#select(this.#tab);
      this.update();
      this.#view?.nudge?.();
    }
  }

  #tabKey(event) {
    const names = TABS.map(([name]) => name);
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = names[(names.indexOf(this.#tab) + by + names.length) % names.length];
    this.to.tab(next);
    this.tabs.querySelector(`[data-tab="${next}"]`).focus();
  }

  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    // The first one empties a field, as everywhere.
    if (event.target.type === "search" && event.target.value) return;
    event.preventDefault();
    this.to.close();
  }
}

const gone = () => ({ element: h("p", { class: "nothing", text: "This service is not there any more." }), close() {} });
