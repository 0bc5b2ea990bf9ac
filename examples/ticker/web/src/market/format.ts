// Numbers and times as people read them.
const money = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat("en");
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** Cents as a price. */
export const price = (cents: number): string => money.format(cents / 100);

export const count = (number: number): string => whole.format(number);

/** Seconds since 1970 as the time of the day. */
export const time = (at: number): string => clock.format(at * 1_000);

/** How far a price is from that of the morning, such as `+1.20 %`. */
export function change(open: number, now: number): string {
  const percent = (now / open - 1) * 100;
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(2)} %`;
}

/** Which way that is. */
export const trend = (open: number, now: number): "up" | "down" => (now < open ? "down" : "up");
