// What is known of all experiments, runs and services: a value that snapshots, changes and measurements are applied to.

/** Measurements of a service that are kept: two minutes of them. */
const SAMPLES = 60;

/** The four texts that identify a service, in one; names have no NUL. */
export const serviceKey = (of) => `${of.workspace}\0${of.experiment}\0${of.run}\0${of.id}`;
export const runKey = (of) => `${of.workspace}\0${of.experiment}\0${of.run}`;
/** The reference to exactly this service. */
export const reference = ({ workspace, experiment, run, id }) => ({ workspace, experiment, run, id });

export class Picture {
  /** Records by key, in no order: each has its `place`. */
  services = new Map();
  runs = new Map();
  /** By key: `{memory, cpu}`, the last values, and `cpus`, the older ones. */
  usage = new Map();
  #places = new Map();

  /** Takes the place of everything; what was measured stays. */
  replace(services, runs) {
    this.services = new Map(services.map((service) => [serviceKey(service), service]));
    this.runs = new Map(runs.map((run) => [runKey(run), run]));
    this.#places = new Map(services.map((service) => [service.place, serviceKey(service)]));
    for (const key of this.usage.keys()) if (!this.services.has(key)) this.usage.delete(key);
  }

  /**
   * Applies a change. Returns `{structure, states, keys}`: whether rows come or go, what went from one
   * state to another, and which services it is about.
   */
  apply({ services = [], removed = [], runs = [], removed_runs = [] }) {
    let structure = removed.length > 0 || removed_runs.length > 0;
    const states = [];
    const keys = new Set();
    for (const service of services) {
      const key = serviceKey(service);
      keys.add(key);
      const before = this.services.get(key);
      structure ||= !before;
      if (before?.state !== service.state) states.push({ key, previous: before?.state, service });
      this.services.set(key, service);
      this.#places.set(service.place, key);
      if (service.state !== "RUNNING" && service.state !== "STOPPING") this.usage.delete(key);
    }
    for (const service of removed) {
      const key = serviceKey(service);
      keys.add(key);
      this.#places.delete(this.services.get(key)?.place);
      this.services.delete(key);
      this.usage.delete(key);
    }
    for (const run of runs) {
      const before = this.runs.get(runKey(run));
      structure ||= !before || before.status !== run.status;
      this.runs.set(runKey(run), run);
    }
    for (const run of removed_runs) this.runs.delete(runKey(run));
    return { structure, states, keys };
  }

  /** Takes in `[place, memory_bytes, cpu_percent]`; what could not be measured is null. */
  measure(measurements) {
    for (const [place, memory, cpu] of measurements) {
      const key = this.#places.get(place);
      if (!this.services.has(key)) continue;
      const cpus = this.usage.get(key)?.cpus ?? [];
      if (typeof cpu === "number") cpus.push(cpu);
      if (cpus.length > SAMPLES) cpus.shift();
      this.usage.set(key, { memory, cpu, cpus });
    }
  }
}
