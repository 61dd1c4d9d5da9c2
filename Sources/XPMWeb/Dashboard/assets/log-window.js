// The part of a log that is in memory: lines in one order, with more fetched at either end and as much let go at the other.
import { call } from "./api.js";

const PAGE = 500;
/** Bounds of what is kept; the largest page fits into them twice. */
export const MOST_LINES = 40_000;
const MOST_CHARACTERS = 4_000_000;
const LONGEST_LINE = 1_100_000;
const WAIT = 25;
/** Pages without a line in a row, as while a rare word is searched for, before somebody must ask again. */
const EMPTY_PAGES = 400;

const at = (entry) => new Date(Math.floor(entry.at_us / 1000)).toISOString();
const after = (entry) => new Date(Math.floor(entry.at_us / 1000) + 1).toISOString();
const same = (one, other) => one.at_us === other.at_us && one.stream === other.stream && one.attempt === other.attempt
  && one.original === other.original;

export class LogWindow {
  entries = [];
  isAtStart = false;
  isAtEnd = false;
  /** Sentences about what is missing. */
  faults = [];
  #characters = 0;
  #cursor = null;
  #abort = new AbortController();
  #busy = null;
  #waiting = null;

  /** `service` is a reference, `conditions` may have `streams`, `grep`, `since`, `until` and `attempt`; `changed(what)` is told of
   * `{before}` or `{after}` (numbers of lines that came), `{cut}` lines that went from the beginning, or `{progress}`. */
  constructor(service, conditions, changed) {
    const { streams = ["stdout", "stderr"], ...rest } = conditions;
    Object.assign(this, { service, changed, conditions: { service, streams, ...rest } });
  }

  /** Lines that are not finished are shown, but not searched. */
  get #partial() {
    return this.conditions.grep ? undefined : true;
  }

  close() {
    this.#abort.abort();
  }

  get isClosed() {
    return this.#abort.signal.aborted;
  }

  /** The newest lines, or where `since` is a condition those from there on. */
  async openAtEnd() {
    this.isAtStart = Boolean(this.conditions.since);
    const first = this.isAtStart ? {} : { lines: PAGE };
    await this.#once(async () => {
      await this.#append({ ...first, partial: this.#partial });
      // A reply has only so much text; the last lines may have more.
      while (first.lines && !this.isAtEnd && !this.isClosed) await this.#append({ cursor: this.#cursor, partial: this.#partial });
    });
    if (!this.isAtStart && this.entries.length < PAGE && this.isAtEnd) this.isAtStart = true;
  }

  /** The oldest lines that are kept. */
  async openAtStart() {
    this.isAtStart = true;
    await this.#once(() => this.#append({ since: this.conditions.since ?? "1970-01-01T00:00:00Z" }));
  }

  /** Lines behind the last one. At the end nothing is asked for, unless to `look` whether there are any now, or to `wait` for some. */
  newer(how = "read") {
    if (this.isAtEnd && how === "read") return null;
    return this.#once(async () => {
      if (this.#cursor === null) return this.#rejoin();
      const more = { cursor: this.#cursor, partial: this.#partial };
      if (how !== "wait") return this.#append(more);
      this.#waiting = new AbortController();
      try {
        await this.#append({ ...more, wait_s: WAIT });
      } finally {
        this.#waiting = null;
      }
    });
  }

  /** Lines before the first one. */
  older() {
    if (this.isAtStart || !this.entries.length) return null;
    return this.#once(() => this.#prepend());
  }

  /** One request at a time: two at one end would both bring the same lines. One that waits gives way to any other. */
  async #once(work) {
    this.#waiting?.abort();
    while (this.#busy) await this.#busy.catch(() => {});
    if (this.isClosed) return;
    this.#busy = work();
    try {
      await this.#busy;
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    } finally {
      this.#busy = null;
    }
  }

  #ask(parameters) {
    const signals = [this.#abort.signal, this.#waiting?.signal].filter(Boolean);
    return call("service.logs", { ...this.conditions, ...parameters }, { signal: AbortSignal.any(signals) });
  }

  async #append(parameters) {
    let reply = await this.#ask(parameters);
    for (let page = 0; !reply.entries.length && reply.more && page < EMPTY_PAGES; page++) {
      this.changed({ progress: page + 1 });
      reply = await this.#ask({ cursor: reply.cursor });
    }
    this.#cursor = reply.cursor;
    this.isAtEnd = !reply.more;
    this.#tell(reply);
    this.#add(reply.entries);
  }

  #add(entries) {
    let added = 0;
    for (const entry of entries) {
      if (entry.continues && this.#continue(entry)) continue;
      this.entries.push(own(entry));
      this.#characters += entry.text.length;
      added += 1;
    }
    const cut = this.#trimBefore();
    this.changed({ after: added, cut });
  }

  /** The rest of a line that is here already. */
  #continue(entry) {
    for (let place = this.entries.length - 1; place >= 0; place--) {
      const open = this.entries[place];
      if (open.stream !== entry.stream) continue;
      if (!open.open) return false;
      const room = Math.max(0, LONGEST_LINE - open.text.length);
      open.text += entry.text.slice(0, room);
      open.more = (open.more ?? 0) + Math.max(0, entry.text.length - room);
      open.open = entry.open;
      open.parsed = null;
      this.#characters += entry.text.length;
      return true;
    }
    return false;
  }

  #trimBefore() {
    let count = Math.max(0, this.entries.length - MOST_LINES);
    let characters = this.#characters;
    for (let place = 0; place < this.entries.length - 1 && (place < count || characters > MOST_CHARACTERS); place++) {
      characters -= this.entries[place].text.length;
      count = Math.max(count, place + 1);
    }
    if (!count) return 0;
    this.entries.splice(0, count);
    this.#characters = characters;
    this.isAtStart = false;
    return count;
  }

  async #prepend() {
    const first = this.entries[0];
    for (let lines = PAGE; ; lines *= 4) {
      const page = await this.#ask({ lines: Math.min(lines, 16_000), until: after(first) });
      const entries = page.entries.map(own);
      // A reply has only so much text: what is between its end and the window is fetched, too.
      let more = page;
      while (more.more && !holds(entries, this.entries) && entries.length < MOST_LINES) {
        more = await this.#ask({ cursor: more.cursor, until: after(first) });
        entries.push(...more.entries.map(own));
      }
      const end = overlap(entries, this.entries);
      const fresh = end < 0 ? entries.filter((entry) => entry.at_us < first.at_us) : entries.slice(0, end);
      const isAll = page.entries.length < lines;
      if (!fresh.length && !isAll && lines < 16_000) continue;
      this.isAtStart = isAll;
      this.entries.unshift(...fresh);
      for (const entry of fresh) this.#characters += entry.text.length;
      this.#trimAfter();
      this.changed({ before: fresh.length });
      return;
    }
  }

  #trimAfter() {
    const before = this.entries.length;
    while (this.entries.length > MOST_LINES || (this.#characters > MOST_CHARACTERS && this.entries.length > 1)) {
      this.#characters -= this.entries.pop().text.length;
    }
    if (this.entries.length === before) return;
    this.#cursor = null;
    this.isAtEnd = false;
  }

  /** The end of the window was let go, and its cursor with it: on from the time of its last line. */
  async #rejoin() {
    const last = this.entries.at(-1);
    let reply = await this.#ask({ since: at(last) });
    let entries = reply.entries.map(own);
    for (;;) {
      const known = entries.findIndex((entry) => same(entry, last));
      if (known >= 0 || !reply.more) {
        entries = entries.slice(known + 1);
        break;
      }
      reply = await this.#ask({ cursor: reply.cursor });
      entries = [...entries.slice(-MOST_LINES), ...reply.entries.map(own)];
    }
    this.#cursor = reply.cursor;
    this.isAtEnd = !reply.more;
    this.#tell(reply);
    this.#add(entries);
  }

  #tell({ lost = [], faults = [] }) {
    for (const { stream, bytes } of lost) {
      faults = [...faults, `${bytes ? `${bytes} bytes of ` : "some of "}${stream} are no longer kept`];
    }
    this.faults = [...this.faults, ...faults].slice(-3);
  }
}

/** What is kept of an entry; `original` is its text as it came first, by which it is known again. */
function own(entry) {
  const text = entry.text.length > LONGEST_LINE ? entry.text.slice(0, LONGEST_LINE) : entry.text;
  return { ...entry, text, original: entry.original ?? entry.text.slice(0, 1000), more: entry.text.length - text.length, parsed: null };
}

const holds = (page, window) => overlap(page, window) >= 0;

/** Where in the page the window begins, or -1. */
function overlap(page, window) {
  for (let place = page.length - 1; place >= 0; place--) {
    if (!same(page[place], window[0])) continue;
    let length = 1;
    while (length < 20 && place + length < page.length && length < window.length && same(page[place + length], window[length])) length++;
    if (length === 20 || place + length === page.length || length === window.length) return place;
  }
  return -1;
}
