// The one place that waits. A condition is asked again until it holds; there is no other pause in
// these tests, so a slow machine makes them slower and never wrong.

import { setTimeout as pause } from "node:timers/promises";

/** Asks until the answer is truthy, and returns it. Fails with `what` after `limit` milliseconds. */
export async function until(what, ask, { limit = 15_000, every = 25 } = {}) {
  const deadline = performance.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${limit} ms in vain: ${what}`);
    await pause(every);
  }
}

/** The promise's value, or a failure that says what was awaited. For events that come by themselves. */
export async function within(what, promise, limit = 15_000) {
  const alarm = new AbortController();
  const late = pause(limit, undefined, { signal: alarm.signal }).then(
    () => {
      throw new Error(`waited ${limit} ms in vain: ${what}`);
    },
    () => undefined,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    alarm.abort();
  }
}
