// What is done to services. Its errors are kept with the service that they are about, until the next action or a change of its state.
import { call } from "./api.js";
import { announce } from "./announce.js";
import { reference } from "./picture.js";
import { canStart, canStop, isDown } from "./states.js";
import { count, plain } from "./text.js";

/** How many requests are on their way at once. */
const AT_ONCE = 4;

export const VERBS = {
  start: { word: "Start", method: "service.start", fits: canStart },
  stop: { word: "Stop", method: "service.stop", fits: canStop },
  restart: { word: "Restart", method: "service.restart", fits: (service) => !isDown(service) },
  remove: { word: "Remove", method: "service.remove", fits: isDown },
};

export class Actions {
  /** Sentences by the services' keys. */
  errors = new Map();
  /** Keys of services with a request on its way. */
  pending = new Set();

  /** `changed(keys)` is called when something of these is to be shown anew; `services()` has the records. */
  constructor(picture, changed) {
    Object.assign(this, { picture, changed });
  }

  /** Does it to each of them that it fits; returns how many failed. `added` has records that the picture may not have yet. */
  async run(verb, keys, parameters = {}, added = new Map()) {
    const { method, fits, word } = VERBS[verb];
    const record = (key) => this.picture().services.get(key) ?? added.get(key);
    const wanted = keys.filter((key) => {
      const service = record(key);
      return service && !this.pending.has(key) && (keys.length === 1 || fits(service));
    });
    for (const key of wanted) {
      this.errors.delete(key);
      this.pending.add(key);
    }
    this.changed(wanted);
    let failed = 0;
    const queue = [...wanted];
    const work = async () => {
      for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
        const service = record(key);
        try {
          // A part, or another one of the selection, may have gone with its service.
          if (service) await call(method, { service: reference(service), ...parameters });
        } catch (error) {
          failed += 1;
          this.errors.set(key, plain(error.message, 600));
          if (wanted.length === 1) announce(plain(error.message, 300));
        }
        this.pending.delete(key);
        this.changed([key]);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, work));
    if (wanted.length > 1) announce(failed ? `${word}: ${count(failed, "service")} failed` : `${word}: done for ${count(wanted.length, "service")}`);
    return failed;
  }

  /** The state has changed, so what was said of the last action is over. */
  forget(states) {
    for (const { key } of states) this.errors.delete(key);
  }
}
