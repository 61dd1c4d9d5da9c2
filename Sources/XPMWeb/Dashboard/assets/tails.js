// The last line of each service in sight. It is read once the list stands still, and again only after a change of the service.
import { call } from "./api.js";
import { parseLine } from "./ansi.js";
import { reference } from "./picture.js";

const SETTLED = 500;
const AT_ONCE = 2;
const MOST = 500;
const WIDTH = 300;

export class Tails {
  #known = new Map();
  #timer = null;
  #reading = 0;

  /** `inSight()` has the rows in sight; `changed()` is called when there is something new to show. */
  constructor(inSight, changed) {
    Object.assign(this, { inSight, changed });
  }

  line(key, service) {
    const known = this.#known.get(key);
    if (known?.revision !== service.revision) this.#timer ??= setTimeout(() => this.#read(), SETTLED);
    return known?.text ?? "";
  }

  /** The list moves: nothing is read before it stands still. */
  settle() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#read(), SETTLED);
  }

  #read() {
    this.#timer = null;
    if (document.visibilityState !== "visible") return;
    const wanted = this.inSight().filter(({ kind, key, service }) => kind === "service" && (service.stdout || service.stderr)
      && this.#known.get(key)?.revision !== service.revision && !this.#known.get(key)?.isAsked);
    for (const { key, service } of wanted.slice(0, AT_ONCE - this.#reading)) this.#ask(key, service);
  }

  async #ask(key, service) {
    const known = this.#known.get(key) ?? { text: "" };
    this.#known.delete(key);
    this.#known.set(key, { ...known, isAsked: true });
    while (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value);
    this.#reading += 1;
    let text = known.text;
    try {
      const { entries } = await call("service.logs", { service: reference(service), streams: ["stdout", "stderr"], lines: 1 });
      text = parseLine((entries.at(-1)?.text ?? "").slice(0, 4000)).segments.map((segment) => segment.text).join("").trim().slice(0, WIDTH);
    } catch {
      // A log that cannot be read, or is elsewhere, says so in the details.
    }
    this.#reading -= 1;
    // What has changed meanwhile is read again, once the list is shown.
    this.#known.set(key, { revision: service.revision, text });
    if (text !== known.text) this.changed();
    this.#read();
  }
}
