// Requests to the gateway.

/** Where the dashboard is: below a prefix, where something before the gateway has one. */
export const BASE = new URL("../", import.meta.url);
/** The address of a path of the gateway, `api/v1/live`. */
export const at = (path) => new URL(path, BASE).href;

/** A refusal, in the words of whoever refused. */
export class Refusal extends Error {
  constructor(message, code, data = {}) {
    super(message);
    Object.assign(this, { code, data });
  }
}

/** Calls a method of the protocol. Throws a Refusal; an abort throws what fetch does. */
export async function call(method, params = {}, { signal } = {}) {
  return (await post(`api/v1/${method}`, params, signal)).json();
}

export async function session() {
  const response = await fetch(at("api/v1/session"), { cache: "no-store" });
  return response.ok ? response.json() : null;
}

export async function signOut() {
  await post("api/sign-out", {});
  location.replace(BASE);
}

async function post(path, body, signal) {
  let response;
  try {
    response = await fetch(at(path), {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-XPM-Request": "1" },
      body: JSON.stringify(body),
      signal,
      cache: "no-store",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("cannot reach xpm-web: it may be restarting", "unreachable");
  }
  if (response.ok) return response;
  if (response.status === 401) throw new Refusal("you are signed out: run `xpmctl web` and open its link", "signed_out");
  const error = await response.json().then((answer) => answer.error, () => null);
  throw new Refusal(error?.message ?? `cannot do that: the answer is ${response.status}`, error?.code ?? "unknown", error?.data);
}
