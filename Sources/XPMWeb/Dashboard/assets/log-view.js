// The log of a service: what to show of it, and the lines.
import { parseLine } from "./ansi.js";
import { announce } from "./announce.js";
import { LogLines } from "./log-lines.js";
import { LogWindow } from "./log-window.js";
import { h, setHidden, setText } from "./dom.js";
import { pause, seated, seen } from "./seats.js";
import { count, plain } from "./text.js";

const DEBOUNCE = 350;
const BREATH = 200;
/** Lines of a log that is only looked at. */
const LINES = 10;
/** A pattern that means itself, and can be marked without matching it here. */
const LITERAL = /^[^\\^$.|?*+()[\]{}]+$/;

export class LogView {
  #window = null;
  #follows = true;
  #closed = new AbortController();
  #timer = null;

  /** With `isBare` it has the last lines only, and nothing to change. */
  constructor(service, { isBare = false } = {}) {
    Object.assign(this, { service, isBare });
    this.scroller = h("div", { class: "log", tabIndex: 0, role: "region", "aria-label": isBare ? "Last lines" : "Log lines" });
    this.message = h("p", { class: "log-message", role: "status" });
    this.element = h("div", { class: `log-view${isBare ? " bare" : ""}` }, isBare ? null : this.#toolbar(), this.message, this.scroller);
    this.lines = new LogLines(this.scroller, { top: () => this.#older(), bottom: () => this.#newer() }, isBare ? LINES : null);
    this.scroller.addEventListener("keydown", (event) => this.#key(event));
    this.#open();
  }

  close() {
    clearTimeout(this.#timer);
    this.#closed.abort();
    this.#window?.close();
    this.lines.close();
  }

  #toolbar() {
    const search = h("input", {
      type: "search", placeholder: "Search, as a regular expression", "aria-label": "Show only lines that match a regular expression",
      spellcheck: false, autocomplete: "off", maxLength: 1000, class: "log-search",
    });
    search.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#open(), DEBOUNCE);
    });
    const stream = h("select", { "aria-label": "Streams", on: { change: () => this.#open() } },
      ...[["both", "Both streams"], ["stdout", "stdout"], ["stderr", "stderr"]].map(([value, text]) => h("option", { value, text })));
    const time = (label) => h("input", { type: "datetime-local", step: "1", "aria-label": label, on: { change: () => this.#open() } });
    const [from, to] = [time("From"), time("Until")];
    const range = h("div", { class: "log-range", hidden: true }, h("label", {}, "From ", from), h("label", {}, "Until ", to),
      h("button", { type: "button", text: "All times", on: { click: () => { from.value = to.value = ""; this.#open(); } } }));
    Object.assign(this, { search, stream, from, to });
    this.follow = this.#toggle("Follow", true, (on) => {
      this.#follows = on;
      if (on) this.#end();
    });
    return h("div", { class: "log-tools" },
      h("div", { class: "log-tools-row" }, search, stream),
      h("div", { class: "log-tools-row" },
        this.follow,
        this.#toggle("Wrap", false, (on) => {
          this.lines.wraps = on;
          if (this.#window) this.lines.show(this.#window.entries);
        }),
        this.#toggle("Time range", false, (on) => setHidden(range, !on)),
        h("span", { class: "space" }),
        h("button", { type: "button", text: "Copy", title: "Copy the lines that are here", on: { click: () => this.#copy() } }),
        h("button", { type: "button", text: "Oldest", on: { click: () => this.#start() } }),
        h("button", { type: "button", text: "Newest", on: { click: () => this.#end() } })),
      range);
  }

  /** All lines in memory, as they are shown. */
  async #copy() {
    const lines = (this.#window?.entries ?? []).map((entry) => (entry.parsed ??= parseLine(entry.text)).segments.map((segment) => segment.text).join(""));
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
      announce(`${count(lines.length, "line")} copied`);
    } catch {
      this.#say("cannot copy: the browser does not allow it", true);
    }
  }

  #toggle(text, on, changed) {
    const button = h("button", { type: "button", class: "toggle", text, "aria-pressed": String(on) });
    button.addEventListener("click", () => {
      const next = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(next));
      changed(next);
    });
    return button;
  }

  get #conditions() {
    const time = (input) => (input?.value ? new Date(input.value).toISOString() : undefined);
    const stream = this.stream?.value ?? "both";
    return {
      streams: stream === "both" ? ["stdout", "stderr"] : [stream],
      grep: this.search?.value || undefined, since: time(this.from), until: time(this.to),
    };
  }

  /** Reads anew, by other conditions. */
  async #open(atStart = false) {
    this.#window?.close();
    const conditions = this.#conditions;
    const grep = conditions.grep ?? "";
    this.lines.mark = LITERAL.test(grep) ? grep.toLowerCase() : "";
    const window = new LogWindow(this.service, conditions, (change) => this.#changed(window, change));
    this.#window = window;
    this.lines.show([]);
    this.#say("Reading …");
    try {
      await (atStart ? window.openAtStart() : window.openAtEnd());
      if (window.isClosed) return;
      this.#say("");
      atStart || conditions.since ? this.lines.toStart() : this.lines.toEnd();
      this.#fill(window);
      this.#keepUp(window);
    } catch (error) {
      if (!window.isClosed) this.#refused(error);
    }
  }

  #start() {
    if (this.follow) this.#setFollow(false);
    this.#open(true);
  }

  #end() {
    this.#setFollow(true);
    if (!this.#window?.isAtEnd) return this.#open();
    this.lines.toEnd();
    this.#keepUp(this.#window);
  }

  #setFollow(on) {
    this.#follows = on;
    this.follow?.setAttribute("aria-pressed", String(on));
  }

  #changed(window, change) {
    if (window !== this.#window || window.isClosed) return;
    if (change.progress) return this.#say(`Searching … ${change.progress} pages without a match`);
    this.lines.show(window.entries, change);
    this.#say("");
    if (window.isAtEnd && !window.isFollowed) queueMicrotask(() => this.#keepUp(window));
  }

  /** Where there are too few lines to scroll, older ones are fetched without it. */
  #fill(window) {
    if (!window.isClosed && this.scroller.scrollHeight <= this.scroller.clientHeight + 600) this.#older();
  }

  #older() {
    this.#attempt((window) => window.older());
  }

  #newer() {
    this.#attempt((window) => window.newer());
  }

  #reading = false;
  async #attempt(work) {
    const window = this.#window;
    const request = !this.#reading && window?.entries.length ? work(window) : null;
    if (!request) return;
    this.#reading = true;
    try {
      await request;
    } catch (error) {
      if (window === this.#window) this.#say(plain(error.message, 600), true);
    } finally {
      this.#reading = false;
    }
  }

  /** Follows the end for as long as somebody looks and wants it. */
  async #keepUp(window) {
    const { signal } = this.#closed;
    if (window.isFollowed) return;
    window.isFollowed = true;
    for (let failures = 0; ; ) {
      await seen(signal);
      if (window.isClosed || !this.#follows || !window.isAtEnd || window.conditions.until) break;
      try {
        await seated((how) => window.newer(how), signal);
        // Who writes without a pause is read some times a second, not line by line.
        await pause(BREATH, signal);
        if (failures && !window.isClosed) this.#say("");
        failures = 0;
      } catch (error) {
        if (window.isClosed) return;
        this.#say(`${plain(error.message, 300)}; trying again`, true);
        await pause(Math.min(15_000, 1000 * 2 ** failures++), signal);
      }
    }
    window.isFollowed = false;
  }

  #say(text, isBad = false) {
    const window = this.#window;
    const nothing = this.search?.value || this.from?.value || this.to?.value ? "No line matches." : "It has not written anything yet.";
    const fault = window?.faults.length ? plain(window.faults.at(-1), 300) : "";
    const shown = text || fault || (window?.entries.length || !window ? "" : nothing);
    setText(this.message, shown);
    if (this.isBare) setHidden(this.scroller, !window?.entries.length);
    this.message.classList.toggle("problem", isBad);
    setHidden(this.message, !shown);
  }

  #refused(error) {
    this.#say(plain(error.message, 600), true);
    if (error.data?.command) this.message.append(h("code", { class: "block", text: plain(error.data.command, 2000) }));
  }

  #key(event) {
    const { scroller } = this;
    const moves = { j: 20, k: -20, ArrowDown: 20, ArrowUp: -20 };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) scroller.scrollTop += moves[event.key];
    else if (event.key === "End" || event.key === "G") this.#end();
    else if (event.key === "Home" || event.key === "g") this.#start();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
