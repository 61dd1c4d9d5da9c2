// Keeps the one stream of all tabs, and tells each tab what comes of it. It lives in a SharedWorker, or in the tab where there is none.
import { at } from "./api.js";
import { Picture } from "./picture.js";
import { ResumingStream } from "./stream.js";

const LIVE = at("api/v1/live");
/** How long nobody must look before nothing is measured any more. */
const LINGER = 10_000;

export class Hub {
  #tabs = new Map();
  #picture = new Picture();
  #slices = null;
  #hasPicture = false;
  #measures = false;
  #ending = null;
  #status = { phase: "connecting", daemon: null, reason: "", since: Date.now() };
  #stream = new ResumingStream(LIVE, { event: (event) => this.#take(event), status: (status) => this.#line(status) });

  /** `post` sends a message to a tab. Returns what takes the tab's own: `{visible}`, `{retry}`, `{bye}`. */
  attach(post) {
    const tab = {};
    this.#tabs.set(tab, { post, visible: false });
    post({ status: this.#status });
    if (this.#hasPicture) post(this.#whole());
    return (message) => {
      if (message.bye) this.#tabs.delete(tab);
      else if ("visible" in message) this.#tabs.set(tab, { post, visible: message.visible });
      if (message.retry) this.#status.phase === "signed-out" ? this.#stream.open() : this.#stream.retry();
      this.#look();
    };
  }

  /** Services are measured only while somebody looks. */
  #look() {
    const wanted = [...this.#tabs.values()].some((tab) => tab.visible);
    clearTimeout(this.#ending);
    if (wanted && !this.#measures) this.#measure(true);
    else if (!wanted && this.#measures) this.#ending = setTimeout(() => this.#measure(false), LINGER);
  }

  #measure(measures) {
    this.#measures = measures;
    this.#stream.open(measures ? `${LIVE}?usage=1` : LIVE);
  }

  #take({ type, data }) {
    const message = JSON.parse(data);
    if (type === "snapshot") this.#snapshot(message);
    else if (type === "change") {
      this.#daemon(message);
      this.#picture.apply(message);
      this.#tell({ change: message });
    } else if (type === "usage") {
      this.#picture.measure(message.services);
      this.#tell({ usage: message.services });
    }
  }

  /** A snapshot comes in slices, and counts once it is whole. */
  #snapshot(message) {
    const { services = [], runs = [], first, more } = message;
    if (first || !this.#slices) this.#slices = { services: [], runs: [] };
    this.#slices.services.push(...services);
    this.#slices.runs.push(...runs);
    if (more) return;
    this.#picture.replace(this.#slices.services, this.#slices.runs);
    this.#slices = null;
    this.#hasPicture = true;
    this.#daemon(message);
    this.#tell(this.#whole());
  }

  #whole() {
    const { services, runs, usage } = this.#picture;
    return { picture: { services: [...services.values()], runs: [...runs.values()], usage: [...usage] } };
  }

  #line(status) {
    if (status.phase === "connecting") this.#slices = null;
    const since = status.phase === "open" || this.#status.phase !== "open" ? this.#status.since : Date.now();
    this.#update({ ...status, daemon: this.#status.daemon, reason: this.#status.reason, since: status.phase === "open" ? Date.now() : since });
  }

  /** How xpm-web and xpmd are connected, and why they are not. */
  #daemon({ connection, connection_reason: reason = "" }) {
    if (!connection || (connection === this.#status.daemon && reason === this.#status.reason)) return;
    const since = connection === this.#status.daemon ? this.#status.since : Date.now();
    this.#update({ ...this.#status, daemon: connection, reason, since });
  }

  #update(status) {
    this.#status = status;
    this.#tell({ status });
  }

  #tell(message) {
    for (const { post } of this.#tabs.values()) post(message);
  }
}
