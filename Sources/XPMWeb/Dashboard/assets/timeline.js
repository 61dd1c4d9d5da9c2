// Events, the newest first: of one service, or of everything.
import { address } from "./address.js";
import { call } from "./api.js";
import { h, icon, setHidden } from "./dom.js";
import { again, stateWord, STATES } from "./states.js";
import { serviceKey } from "./picture.js";
import { age } from "./time.js";
import { exitText } from "./why.js";
import { bytes, plain, span } from "./text.js";

const PAGE = 100;
const MOST = 2000;
const PAUSE = 700;

export class Timeline {
  #last = 0;
  #before = null;
  #closed = new AbortController();
  #timer = null;
  #count = 0;

  /** `service` is a reference, or nothing for the events of all; `limit` is for a short one. */
  constructor({ service, limit = PAGE, isShort = false } = {}) {
    Object.assign(this, { service, limit, isShort });
    this.items = h("ol", { class: "events" });
    this.message = h("p", { class: "problem", role: "status", hidden: true });
    this.more = h("button", { type: "button", text: "Older events", hidden: true, on: { click: () => this.#older() } });
    this.element = h("div", { class: "timeline" }, this.message, this.items, this.more);
    this.#read(() => this.#ask({ limit: this.limit }), (reply) => {
      this.#before = reply.before ?? null;
      this.#append(reply.events.toReversed());
      if (!this.#count) this.items.append(h("li", { class: "nothing", text: "No events yet." }));
    });
  }

  close() {
    clearTimeout(this.#timer);
    this.#closed.abort();
  }

  /** Something has happened: what is new is read, soon, and once for many changes. */
  nudge() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#read(() => this.#ask({ since: this.#last, limit: this.limit }), (reply) => this.#prepend(reply.events));
    }, PAUSE);
  }

  #ask(parameters) {
    return call("events.list", { ...(this.service ? { service: this.service } : {}), ...parameters }, { signal: this.#closed.signal });
  }

  async #read(ask, take) {
    try {
      const reply = await ask();
      this.#last = Math.max(this.#last, reply.last ?? 0);
      take(reply);
      setHidden(this.message, true);
      setHidden(this.more, this.isShort || !this.#before);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.message.textContent = plain(error.message, 600);
      this.message.hidden = false;
    }
  }

  #older() {
    this.#read(() => this.#ask({ before: this.#before, limit: this.limit }), (reply) => {
      this.#before = reply.before ?? null;
      this.#append(reply.events.toReversed());
    });
  }

  #append(events) {
    this.#count += events.length;
    this.items.append(...events.map((event) => this.#item(event)));
    // What nobody will scroll through is not kept in the page.
    if (this.#count > MOST) this.#before = null;
  }

  #prepend(events) {
    if (!events.length) return;
    this.items.querySelector(".nothing")?.remove();
    this.items.prepend(...events.toReversed().map((event) => this.#item(event)));
    const most = this.isShort ? this.limit : MOST;
    while (this.items.children.length > most) this.items.lastElementChild.remove();
  }

  #item(event) {
    const tone = STATES.includes(event.state) ? event.state.toLowerCase() : null;
    const who = this.service ? null : subject(event);
    const why = because(event);
    return h("li", { class: `event${tone ? ` tone-${tone}` : ""}` },
      icon(tone ?? "timeline", `icon shape ${tone ?? "stopped"}`),
      h("div", { class: "event-text" },
        h("p", {}, who ? h(event.id ? "a" : "span", { class: "foreign who", text: who, href: event.id ? address(serviceKey(event)) : null }) : null, who ? " " : null, h("span", { class: "what", text: what(event) })),
        why ? h("p", { class: "foreign remark", text: why }) : null),
      event.kind === "gap" ? null : age(event.at, { class: "since", data: { ago: "1" } }));
  }
}

const subject = (event) => (event.id ? plain(`${event.experiment}@${event.run}:${event.id}`, 300)
  : event.experiment ? plain(`${event.experiment}@${event.run}`, 300) : event.workspace ? plain(event.workspace, 300) : null);

const KINDS = {
  "service.added": "added", "service.removed": "removed", "experiment.opened": "opened", "experiment.closed": "closed",
  "experiment.gone": "gone from its workspace", "workspace.watched": "is watched", "workspace.unwatched": "is no longer watched",
  "daemon.started": "xpmd started", "daemon.stopped": "xpmd stopped",
};

export function what(event) {
  if (event.kind === "gap") return `events ${event.from} to ${event.to} are no longer kept`;
  if (event.kind !== "service.changed") return KINDS[event.kind] ?? plain(event.kind, 60);
  const state = stateWord(event.state);
  return event.previous && event.previous !== event.state ? `${stateWord(event.previous)} → ${state}` : state;
}

/** Why, and what came of it. */
export function because(event) {
  const { cause, error, exit, retry, health, usage, url } = event;
  const said = [cause, error === cause ? null : error].filter(Boolean).map((text) => plain(text, 600));
  if (exit && !said.some((text) => text.includes(exitText(exit)))) said.push(exitText(exit));
  if (retry) said.push(again(retry, Date.parse(event.at)));
  if (health?.failures > 0) said.push(plain(health.error ?? "", 300));
  if (usage) {
    const used = [usage.memory_bytes && `${bytes(usage.memory_bytes)} memory`, usage.cpu_s && `${span(usage.cpu_s * 1000)} CPU time`].filter(Boolean);
    if (used.length) said.push(`used ${used.join(" and ")}`);
  }
  if (url) said.push(plain(url, 300));
  return said.filter(Boolean).join("; ");
}
