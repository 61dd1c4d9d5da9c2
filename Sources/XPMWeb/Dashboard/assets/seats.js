// Requests that wait hold a connection each, and a browser has six for all tabs of an origin. So only a few tabs wait at once; the others
// look from time to time.

const SEATS = 2;
const PAUSE = 2500;

/** Calls `work("wait")` with a seat, or else `work("look")` and then pauses. */
export async function seated(work, signal) {
  if (!navigator.locks) return work("wait");
  for (let seat = 0; seat < SEATS; seat++) {
    let taken = false;
    await navigator.locks.request(`xpm-wait-${seat}`, { ifAvailable: true }, async (lock) => {
      taken = Boolean(lock);
      if (taken) await work("wait");
    });
    if (taken) return;
  }
  await work("look");
  await pause(PAUSE, signal);
}

/** Ends early, without an error, when it is called off. */
export function pause(time, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, time);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

/** Waits until somebody can see the page. */
export function seen(signal) {
  if (document.visibilityState === "visible") return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => document.visibilityState === "visible" && done();
    const done = () => {
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal?.addEventListener("abort", done, { once: true });
  });
}
