// States in words and shapes. A shape of its own for each: colour is never all that tells them apart.
import { plain, span } from "./text.js";

/** In the order in which they matter. */
export const STATES = ["ERROR", "STARTING", "STOPPING", "RUNNING", "STOPPED"];

const WORDS = { ERROR: "Error", STARTING: "Starting", STOPPING: "Stopping", RUNNING: "Running", STOPPED: "Stopped" };

export const stateWord = (state) => WORDS[state] ?? plain(state, 40);

/** `{word, shape, tone}` of a service, with what its state alone does not say. */
export function look(service) {
  const { state } = service;
  const tone = WORDS[state] ? state.toLowerCase() : "stopped";
  if (state === "STOPPED" && service.asleep) return { word: "Asleep", shape: "asleep", tone };
  if (service.suspended) return { word: "Suspended", shape: "suspended", tone: "stopping" };
  if (state === "RUNNING" && service.health?.failures > 0) return { word: "Unhealthy", shape: "unhealthy", tone: "stopping" };
  return { word: stateWord(state), shape: tone, tone };
}

/** What there is to say of a service in one line, beside its state: the most urgent first. */
export function remark(service, now = Date.now()) {
  if (service.retry) return `${again(service.retry, now)}${service.error ? `: ${plain(service.error, 300)}` : ""}`;
  if (service.state === "ERROR" && service.error) return plain(service.error, 300);
  if (service.suspended) return "its process is suspended; SIGCONT continues it";
  if (service.health?.failures > 0) return `health check failed: ${plain(service.health.error ?? "", 300)}`;
  if (service.waiting_for) return `waiting for ${plain(service.waiting_for, 300)}`;
  if (service.status && service.pid) return plain(service.status, 300);
  return "";
}

export function again(retry, now = Date.now()) {
  const left = Date.parse(retry.at) - now;
  const which = retry.limit ? ` ${retry.number} of ${retry.limit}` : ` ${retry.number}`;
  return `restart${which} ${left > 999 ? `in ${span(left)}` : "now"}`;
}

export const isDown = (service) => service.state === "STOPPED" || service.state === "ERROR";
/** Whether it can be started: it is down, or about to be. */
export const canStart = (service) => isDown(service) || service.state === "STOPPING";
export const canStop = (service) => !["STOPPED", "STOPPING"].includes(service.state) && (service.state !== "ERROR" || Boolean(service.retry) || Boolean(service.pid));
/** Whether there is a page to open: one that runs, or one that a visit wakes. */
export const pageOf = (service) => service.web ?? (service.state === "RUNNING" ? service.url : null);

export const countStates = (services) => {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0]));
  for (const service of services) counts[service.state] = (counts[service.state] ?? 0) + 1;
  return counts;
};
