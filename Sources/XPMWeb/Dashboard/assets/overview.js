// What matters of a service: why it is in its state, what it uses, its last lines, its facts.
import { call } from "./api.js";
import { h, setHidden, setText } from "./dom.js";
import { LogView } from "./log-view.js";
import { reference, serviceKey } from "./picture.js";
import { plot, sparkline } from "./spark.js";
import { bytes, percent, plain } from "./text.js";
import { Timeline } from "./timeline.js";
import { advice, facts, question, reasons } from "./why.js";

const HISTORY = 6;

export class Overview {
  #definition = null;
  #closed = new AbortController();

  constructor(service, context) {
    this.context = context;
    this.key = serviceKey(service);
    this.why = h("h3");
    this.said = h("div", { class: "said" });
    this.next = h("p", { class: "next" });
    this.memory = h("dd", { class: "number" });
    this.cpu = h("dd", { class: "number" });
    this.spark = sparkline("spark large");
    this.use = h("dl", { class: "use" }, h("div", {}, h("dt", { text: "Memory" }), this.memory), h("div", {}, h("dt", { text: "CPU" }), this.cpu),
      h("div", { class: "curve" }, h("dt", { text: "Last two minutes" }), h("dd", {}, this.spark)));
    this.lines = new LogView(reference(service), { isBare: true });
    this.history = new Timeline({ service: reference(service), limit: HISTORY, isShort: true });
    this.facts = h("dl", { class: "facts" });
    this.element = h("div", { class: "overview" },
      h("section", {}, this.why, this.said, this.history.element, this.next), this.use,
      h("section", {}, h("h3", { text: "Last lines" }), this.lines.element),
      h("section", {}, h("h3", { text: "Facts" }), this.facts));
    this.update(service);
    this.#read(service);
  }

  close() {
    this.#closed.abort();
    this.lines.close();
    this.history.close();
  }

  nudge() {
    this.history.nudge();
  }

  async #read(service) {
    try {
      const { definition } = await call("service.get", { service: reference(service) }, { signal: this.#closed.signal });
      this.#definition = definition;
      const now = this.context.picture().services.get(this.key);
      if (now) this.update(now);
    } catch (error) {
      // Who may only look gets no definition; the rest is here.
      if (error.name !== "AbortError") setText(this.next, plain(error.message, 300));
    }
  }

  update(service) {
    setText(this.why, service.state === "RUNNING" && !service.health?.failures ? "How it got here" : question(service));
    const said = reasons(service);
    const text = said.join("\n");
    if (this.said.dataset.text !== text) {
      this.said.dataset.text = text;
      this.said.replaceChildren(...said.map((sentence) => h("p", { class: "foreign", text: sentence })));
    }
    const next = advice(service, this.#definition?.run);
    setText(this.next, next);
    setHidden(this.next, !next);
    const usage = this.context.usage.get(this.key);
    setHidden(this.use, !usage);
    if (usage) {
      setText(this.memory, usage.memory ? bytes(usage.memory) : "–");
      setText(this.cpu, typeof usage.cpu === "number" ? percent(usage.cpu) : "–");
      plot(this.spark, usage.cpus);
    }
    this.#showFacts(facts(service, this.#definition));
  }

  #showFacts(found) {
    const text = JSON.stringify(found);
    if (this.facts.dataset.text === text) return;
    this.facts.dataset.text = text;
    this.facts.replaceChildren(...found.map(([label, value]) => h("div", {}, h("dt", { text: label }), h("dd", { class: "foreign", text: value }))));
  }
}
