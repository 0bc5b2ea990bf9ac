// Waiting with a limit: nothing in these tests waits for ever, and nothing waits for a time to pass.

/** How long anything may take that is not about time: many times what it takes, also on a busy machine. */
export const LIMIT = 30_000;

/** The promise, or an error that says what did not happen. */
export function within(promise, what, limit = LIMIT) {
  const { stack } = new Error();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`not within ${limit} ms: ${what}`);
      error.stack = `${error.message}\n${stack.split("\n").slice(2).join("\n")}`;
      reject(error);
    }, limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Looks again and again until something holds. `what` may be a function that says what was seen last. */
export async function until(holds, what, limit = LIMIT) {
  const end = performance.now() + limit;
  while (!(await holds())) {
    if (performance.now() > end) {
      throw new Error(`not within ${limit} ms: ${typeof what === "function" ? what() : what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A list that can be waited on: `push` adds, `next` takes the oldest, `find` takes the first that fits. */
export class Inbox {
  #items = [];
  #waiting = [];

  push(item) {
    const at = this.#waiting.findIndex(({ fits }) => fits(item));
    if (at < 0) {
      this.#items.push(item);
    } else {
      this.#waiting.splice(at, 1)[0].resolve(item);
    }
  }

  /** Takes the first item that fits, now or when it comes. */
  find(fits, what, limit = LIMIT) {
    const at = this.#items.findIndex(fits);
    if (at >= 0) {
      return Promise.resolve(this.#items.splice(at, 1)[0]);
    }
    const found = new Promise((resolve) => this.#waiting.push({ fits, resolve }));
    return within(found, what, limit);
  }

  /** Takes the oldest item. */
  next(what = "the next message", limit = LIMIT) {
    return this.find(() => true, what, limit);
  }

  /** Takes all there are now. */
  drain() {
    return this.#items.splice(0);
  }

  /** What is there now, left where it is. */
  get items() {
    return [...this.#items];
  }
}
