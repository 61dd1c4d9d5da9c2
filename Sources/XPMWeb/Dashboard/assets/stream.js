// One event stream that is kept open: it resumes by the last id, waits longer after each failure, and notices a silent line.
import { EventParser } from "./sse.js";

/** The gateway sends a comment every 15 s. */
const SILENCE = 40_000;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;

export class ResumingStream {
  #path;
  #parser = new EventParser();
  #lastId = "";
  #abort = null;
  #timer = null;
  #failures = 0;
  #running = false;

  /**
   * @param {object} to `event({type, data, id})` takes each event in order, `status({phase, retryAt?})` each change of the line:
   *   `connecting`, `open`, `waiting` (until retryAt, in ms) or `signed-out`.
   */
  constructor(path, to) {
    this.#path = path;
    this.to = to;
  }

  /** Opens it, or opens it anew at another path, which resumes where the old one was. */
  open(path = this.#path) {
    this.close();
    this.#path = path;
    this.#running = true;
    this.#connect();
  }

  close() {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  /** Does not wait any longer. */
  retry() {
    if (!this.#abort) this.open();
  }

  async #connect() {
    const abort = new AbortController();
    this.#abort = abort;
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE);
    };
    this.to.status({ phase: "connecting" });
    heard();
    try {
      const headers = { Accept: "text/event-stream" };
      if (this.#lastId) headers["Last-Event-ID"] = this.#lastId;
      const response = await fetch(this.#path, { headers, signal: abort.signal, cache: "no-store" });
      if (response.status === 401) {
        this.#running = false;
        this.to.status({ phase: "signed-out" });
        return;
      }
      if (!response.ok) throw new Error(`the answer is ${response.status}`);
      this.#parser = new EventParser();
      this.#parser.lastId = this.#lastId;
      this.to.status({ phase: "open" });
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        heard();
        for (const event of this.#parser.push(value)) {
          if (this.#abort !== abort) return;
          this.#failures = 0;
          this.to.event(event);
          this.#lastId = event.id;
        }
      }
    } catch {
      // Whatever it was, it is tried again.
    } finally {
      clearTimeout(silence);
      abort.abort();
      if (this.#abort === abort) {
        this.#abort = null;
        if (this.#running) this.#wait();
      }
    }
  }

  #wait() {
    const most = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#failures++);
    // Many tabs and browsers that lost the same gateway should not come back in one moment.
    const delay = most * (0.6 + 0.4 * Math.random());
    this.to.status({ phase: "waiting", retryAt: Date.now() + delay });
    this.#timer = setTimeout(() => this.#connect(), delay);
  }
}
