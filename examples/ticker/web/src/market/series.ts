// The points of one chart: at most one for each second, and no more than fit.
import type { Point } from "../hubs/index.js";

/** Seconds that a chart shows, which is what the server keeps. */
const SPAN = 15 * 60;

export class Series {
  readonly times: number[] = [];
  readonly prices: number[] = [];
  /** How many of the first points came as the past. */
  #past = 0;

  /** Takes a price; of one second, the last one counts. */
  add(at: number, cents: number): void {
    const last = this.times.at(-1) ?? 0;
    if (at < last) return;
    if (at === last) {
      this.prices[this.prices.length - 1] = cents / 100;
      return;
    }
    this.times.push(at);
    this.prices.push(cents / 100);
    while (this.times[0]! < at - SPAN) {
      this.times.shift();
      this.prices.shift();
      this.#past = Math.max(0, this.#past - 1);
    }
  }

  /** Takes the next chunk of the past, which lies before what has come meanwhile. */
  addPast(points: readonly Point[]): void {
    const live = this.times.length - this.#past;
    const first = live > 0 ? this.times[this.#past]! : Infinity;
    const past = points.filter(({ at }) => at < first);
    this.times.splice(this.#past, 0, ...past.map(({ at }) => at));
    this.prices.splice(this.#past, 0, ...past.map(({ price }) => price / 100));
    this.#past += past.length;
  }
}
