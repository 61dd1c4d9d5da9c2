// From the picture to the rows of the list: experiments, their runs, services, parts. Pure.
import { runKey, serviceKey } from "./picture.js";
import { look, STATES } from "./states.js";

const byPlace = (one, other) => one.place - other.place;
const began = (run) => Date.parse(run?.opened_at ?? 0) || 0;

/** Experiments with their runs and services, the newest first. */
export function group(picture) {
  const runs = new Map();
  const node = (key, of) => {
    let found = runs.get(key);
    if (!found) runs.set(key, (found = { key, of, record: picture.runs.get(key), services: [], parts: new Map() }));
    return found;
  };
  for (const [key, run] of picture.runs) node(key, run);
  for (const service of picture.services.values()) {
    const run = node(runKey(service), service);
    const slash = service.id.indexOf("/");
    if (slash < 0) run.services.push(service);
    else {
      const parent = service.id.slice(0, slash);
      const parts = run.parts.get(parent);
      parts ? parts.push(service) : run.parts.set(parent, [service]);
    }
  }
  const experiments = new Map();
  for (const run of runs.values()) {
    const key = `${run.of.workspace}\0${run.of.experiment}`;
    const experiment = experiments.get(key) ?? { key, of: run.of, runs: [] };
    experiment.runs.push(run);
    experiments.set(key, experiment);
  }
  for (const run of runs.values()) for (const services of [run.services, ...run.parts.values()]) services.sort(byPlace);
  for (const { runs } of experiments.values()) {
    // One of which nothing but services is known has just begun.
    runs.sort((one, other) => (other.record?.place ?? Infinity) - (one.record?.place ?? Infinity) || (one.of.run < other.of.run ? 1 : -1));
  }
  return [...experiments.values()].sort((one, other) => began(other.runs[0].record) - began(one.runs[0].record)
    || (one.of.experiment < other.of.experiment ? -1 : 1));
}

const haystacks = new WeakMap();
function haystack(service) {
  let text = haystacks.get(service);
  if (text === undefined) {
    const { id, experiment, run, workspace, template, description, error, url } = service;
    text = [`${experiment}@${run}:${id}`, workspace, template, description, error, url, look(service).word]
      .filter(Boolean).join("\n").toLowerCase();
    haystacks.set(service, text);
  }
  return text;
}

/** Whether a service is looked for: all words are in it, and it is in the state. */
export function matcher(search, state) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length && !state) return null;
  return (service) => (!state || service.state === state) && words.every((word) => haystack(service).includes(word));
}

/**
 * The rows to show, and how many services there are in each state.
 * `folded` has what people have folded or unfolded by hand: keys with true or false.
 */
export function rows(experiments, { search = "", state = null, folded = new Map() }) {
  const match = matcher(search, state);
  const found = [];
  const counts = Object.fromEntries(STATES.map((state) => [state, 0]));
  const workspaces = new Set(experiments.map((experiment) => experiment.of.workspace));
  let services = 0;
  for (const experiment of experiments) {
    const runs = [];
    for (const run of experiment.runs) {
      const shown = inRun(run, match, folded, counts);
      services += shown.matched;
      if (!match || shown.matched) runs.push({ run, ...shown });
    }
    if (!runs.length) continue;
    const isMany = experiment.runs.length > 1;
    if (isMany) {
      const total = sum(runs.map((run) => run.counts));
      // Where nothing ever had a service there is nothing to unfold for.
      const isBare = runs.every(({ run, all }) => !all.length && run.record?.status !== "open");
      const isFolded = !match && (folded.get(experiment.key) ?? isBare);
      found.push({
        kind: "experiment", key: experiment.key, level: 1, of: experiment.of, counts: total, runs: experiment.runs.length,
        record: experiment.runs[0].record, isFolded, showsWorkspace: workspaces.size > 1,
        keys: () => runs.flatMap((run) => run.all.map(serviceKey)),
      });
      if (isFolded) continue;
    }
    runs.forEach(({ run, rows, all, counts, isActive }, place) => {
      // Of many runs only the newest one is open, and whatever is going on.
      const isFolded = !match && (folded.get(run.key) ?? (isMany && place > 0 && !isActive));
      const level = isMany ? 2 : 1;
      found.push({
        kind: "run", key: run.key, level, of: run.of, counts, record: run.record, isFolded, isAlone: !isMany,
        showsWorkspace: !isMany && workspaces.size > 1, keys: () => all.map(serviceKey),
      });
      if (!isFolded) for (const row of rows) found.push({ ...row, level: row.level + level });
    });
  }
  return { rows: found, counts, services };
}

function inRun(run, match, folded, total) {
  const rows = [];
  const all = [];
  const counts = {};
  let [matched, isActive] = [0, false];
  const count = (service) => {
    counts[service.state] = (counts[service.state] ?? 0) + 1;
    total[service.state] = (total[service.state] ?? 0) + 1;
    isActive ||= service.state === "RUNNING" || service.state === "STARTING" || service.state === "STOPPING";
  };
  const add = (service, parts) => {
    const key = serviceKey(service);
    const shownParts = match ? parts.filter(match) : parts;
    if (match && !shownParts.length && !match(service)) return;
    matched += shownParts.length + (!match || match(service) ? 1 : 0);
    all.push(service, ...shownParts);
    const isFolded = parts.length ? !match && (folded.get(key) ?? false) : null;
    rows.push({ kind: "service", key, level: 1, service, isFolded, parts: parts.length });
    if (!isFolded) for (const part of shownParts) rows.push({ kind: "service", key: serviceKey(part), level: 2, service: part, isFolded: null });
  };
  const parents = new Set(run.services.map((service) => service.id));
  for (const service of run.services) {
    const parts = run.parts.get(service.id) ?? [];
    count(service);
    parts.forEach(count);
    add(service, parts);
  }
  for (const [parent, parts] of run.parts) {
    if (parents.has(parent)) continue;
    for (const part of parts) {
      count(part);
      add(part, []);
    }
  }
  return { rows, all, counts, matched, isActive };
}

function sum(all) {
  const total = {};
  for (const counts of all) for (const [state, count] of Object.entries(counts)) total[state] = (total[state] ?? 0) + count;
  return total;
}
