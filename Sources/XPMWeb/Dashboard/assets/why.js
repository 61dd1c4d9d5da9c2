// Why a service is in its state: the record, its history and advice, as `xpmctl why` puts it. Pure.
import { again, look } from "./states.js";
import { bytes, clock, count, plain, shellWord, span } from "./text.js";

const BY = {
  stop: "xpmd was asked to stop it", restart: "xpmd was asked to restart it", run_end: "xpmd stopped it because its run ended",
  shutdown: "xpmd stopped it because xpmd itself was stopped", dependency: "xpmd stopped it before a service that it depends on",
  readiness: "xpmd stopped it because it was not ready in time", watchdog: "xpmd stopped it because no WATCHDOG=1 came in time",
  health: "xpmd stopped it because its health checks failed", grace: "xpmd killed it because it did not stop within its grace period",
  force: "xpmd was asked to kill it at once", signal: "xpmd was asked to send it this signal",
};

const SIGNALS = {
  SIGKILL: "xpmd did not send it: the kernel ran out of memory, or someone killed it",
  SIGTERM: "xpmd did not send it: someone else ended it", SIGINT: "interrupted, as by Ctrl-C",
  SIGHUP: "its terminal or session was closed", SIGSEGV: "it crashed: invalid memory access", SIGBUS: "it crashed: invalid memory access",
  SIGILL: "it crashed: illegal instruction, such as a failed check or a binary for another processor",
  SIGABRT: "it aborted: a failed assertion, or corrupt memory", SIGFPE: "it crashed: arithmetic error, such as a division by zero",
  SIGPIPE: "it wrote to a pipe or socket that was closed", SIGXCPU: "it reached its CPU time limit",
  SIGXFSZ: "it exceeded its file size limit", SIGSYS: "it made a system call that a sandbox forbids",
};

const CODES = {
  0: "it finished successfully", 1: "a general error: see its log", 2: "often a command line that is not valid",
  126: "a shell could not execute the command", 127: "a shell did not find the command", 255: "often an unspecified error",
};

/** `exit code 1` or `killed by SIGKILL`. */
export function exitText(exit) {
  if (exit.out_of_memory) return "killed: it reached its memory limit";
  if (exit.signal) return `killed by ${plain(exit.signal, 20)}`;
  return typeof exit.code === "number" ? `exit code ${exit.code}` : "exit status unknown";
}

export function exitMeaning(exit) {
  if (exit.out_of_memory || exit.hosted) return "";
  if (exit.by) return BY[exit.by] ?? "xpmd ended it";
  if (exit.signal) return SIGNALS[exit.signal] ?? "";
  if (typeof exit.code !== "number") return "xpmd was not running when it ended; its log may show why";
  return CODES[exit.code] ?? "";
}

/** What there is to say of its state, a sentence each. */
export function reasons(service, now = Date.now()) {
  const said = [];
  if (service.error) said.push(plain(service.error, 4000));
  if (service.suspended) said.push("Its process is suspended (state T); SIGCONT continues it.");
  if (service.retry) said.push(`Next: ${again(service.retry, now)}.`);
  if (service.waiting_for) said.push(`Waiting for ${plain(service.waiting_for)}.`);
  if (service.status && service.pid) said.push(`It says: ${plain(service.status)}`);
  const { health, idle } = service;
  if (health?.failures > 0) said.push(`Health checks: ${count(health.failures, "failure")} in a row: ${plain(health.error ?? "")}`);
  else if (health?.not_checked) said.push(`Its health could not be checked: ${plain(health.not_checked)}`);
  if (service.asleep) said.push("It sleeps: nobody used it. Opening its page wakes it.");
  else if (idle?.sleeps_at ?? service.sleeps_at) {
    const left = Date.parse(idle?.sleeps_at ?? service.sleeps_at) - now;
    said.push(left > 0 ? `It will sleep in ${span(left)}, unless it is used.` : "It is about to sleep, unless it is used.");
  }
  return said;
}

/** What to do next, in words for this page. */
export function advice(service, run) {
  if (service.state === "ERROR" && service.exit?.out_of_memory) return "It reached its memory limit: give it a higher one.";
  if (service.retry) return "Start starts it now; Stop cancels the restart.";
  if (run?.kind === "hosted" && service.state !== "RUNNING") return "It lives in the process that added it, which must be running.";
  switch (service.state) {
    case "RUNNING": return service.health?.failures > 0 ? "Its log may show why." : "";
    case "STARTING": return "Its log shows how far it is; Stop stops it.";
    case "STOPPING": return "It ends by itself, at the latest after its grace period.";
    case "ERROR":
      if (service.error?.includes(" is in use by ")) return "Stop the process that has the port, or give it another port.";
      if (service.exit?.code === 0) return "If its command goes to the background, run it in the foreground.";
      return service.exit || service.pid ? "Its log shows its last lines; Start tries again." : "Start tries again.";
    default: return "";
  }
}

/** `[label, text]` pairs; texts that others wrote are made fit to be shown. */
export function facts(service, definition, now = Date.now()) {
  const found = [];
  const { exit, last_failure: failure } = service;
  if (service.description) found.push(["About", plain(service.description, 4000)]);
  if (exit) {
    const meaning = exitMeaning(exit);
    found.push(["Last exit", `${exitText(exit)}, ${span(now - Date.parse(exit.at))} ago${meaning ? ` (${meaning})` : ""}`]);
  }
  if (service.restarts) found.push(["Restarts", `${service.restarts} automatic since it was last started`]);
  if (failure && service.state !== "ERROR") found.push(["Last failure", `${plain(failure.error)}, ${span(now - Date.parse(failure.at))} ago`]);
  if (definition?.limits?.memory_bytes) found.push(["Memory limit", bytes(definition.limits.memory_bytes)]);
  const { idle } = service;
  if (idle?.after_s) found.push(["Sleeps", `after ${span(idle.after_s * 1000)} without use${idle.last_activity ? `; last used at ${clock(idle.last_activity)}` : ""}`]);
  if (definition) found.push(["Runs", command(definition.run, service)]);
  for (const [label, value] of [
    ["Folder", definition?.folder], ["Address", service.url], ["Port", service.port], ["Process", service.pid],
    ["Depends on", definition?.requires?.join(", ")], ["Dependents", service.dependents?.join(", ")],
    ["stdout", service.stdout], ["stderr", service.stderr],
  ]) if (value) found.push([label, plain(value, 4000)]);
  for (const note of service.notes ?? []) found.push(["Note", plain(note)]);
  return found;
}

function command(run, service) {
  const words = (list) => plain((list ?? []).map(shellWord).join(" "), 4000);
  switch (run?.kind) {
    case "command": return words(run.arguments);
    case "template": {
      const given = Object.entries(run.parameters ?? {}).map(([name, value]) => `${name}=${value}`).join(" ");
      return plain(`template ${run.template}${given ? ` with ${given}` : ""}`, 4000) + (run.arguments?.length ? ` -- ${words(run.arguments)}` : "");
    }
    case "recreate": return `a class that an experiment added${run.python ? `, in ${plain(run.python, 1000)}` : ""}`;
    case "hosted": return service.pid ? `in process ${service.pid}` : "in the process that added it";
    case "composite": return "no command of its own, only its parts";
    default: return "";
  }
}

/** Why it is so, as a heading. */
export const question = (service) => `Why is it ${look(service).word.toLowerCase().replace("error", "in error")}?`;
