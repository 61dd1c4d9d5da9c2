// A tab's end of the live picture.
import { Hub } from "./hub.js";
import { Picture } from "./picture.js";

export class Live {
  picture = new Picture();
  status = { phase: "connecting", daemon: null, reason: "", since: Date.now() };
  /** Whether there is a picture at all. */
  isKnown = false;
  #send = () => {};

  /** `to` has `replaced()`, `changed({structure, states})`, `measured()` and `status()`. */
  constructor(to) {
    this.to = to;
  }

  connect() {
    this.#send = this.#shared() ?? this.#own();
    const look = () => this.#send({ visible: document.visibilityState === "visible" });
    document.addEventListener("visibilitychange", look);
    // A page that was left may be shown again as it was.
    addEventListener("pageshow", look);
    addEventListener("pagehide", () => this.#send({ visible: false }));
    look();
  }

  /** Tries now, where it waits. */
  retry() {
    this.#send({ retry: true });
  }

  #shared() {
    if (!globalThis.SharedWorker) return null;
    try {
      const worker = new SharedWorker(new URL("./live-worker.js", import.meta.url), { type: "module", name: "xpm-live-1" });
      worker.port.onmessage = ({ data }) => this.#take(data);
      worker.onerror = () => {
        if (this.isKnown) return;
        this.#send = this.#own();
        this.#send({ visible: document.visibilityState === "visible" });
      };
      return (message) => worker.port.postMessage(message);
    } catch {
      return null;
    }
  }

  #own() {
    return new Hub().attach((message) => queueMicrotask(() => this.#take(message)));
  }

  #take({ status, picture, change, usage }) {
    if (status) {
      this.status = status;
      this.to.status();
    } else if (picture) {
      const before = this.picture.services;
      this.picture.replace(picture.services, picture.runs);
      this.picture.usage = new Map(picture.usage);
      const states = this.isKnown ? differences(before, this.picture.services) : [];
      this.isKnown = true;
      this.to.replaced(states);
    } else if (change) {
      this.to.changed(this.picture.apply(change));
    } else if (usage) {
      this.picture.measure(usage);
      this.to.measured();
    }
  }
}

/** What has another state after a time without a stream. */
function differences(before, after) {
  const states = [];
  for (const [key, service] of after) {
    const previous = before.get(key)?.state;
    if (previous && previous !== service.state) states.push({ key, previous, service });
  }
  return states;
}
