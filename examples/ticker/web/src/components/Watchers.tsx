// Who watches now: how many people the board has, and who of them has the company of the chart open.
import { memo } from "react";
import type { TickerConnection } from "../hubs/index.js";
import { useTickerPresence } from "../hubs/react.js";
import { keyOf, type Account } from "../market/account.js";
import { count } from "../market/format.js";

/** The group in which the server tracks all who watch. */
const WATCHERS = "watchers";
/** Most people who are shown by name. */
const NAMED = 3;

const sentence = new Intl.ListFormat("en-GB");

/** How many people watch the board. */
export function Watching({ link }: { readonly link: TickerConnection }) {
  const { count: people, isCurrent } = useTickerPresence(link, WATCHERS);
  if (people === 0) return null;
  return (
    <span className="watching" data-current={isCurrent} data-testid="watching">
      {count(people)} watching
    </span>
  );
}

interface WatchersProps {
  readonly link: TickerConnection;
  readonly symbol: string;
  readonly me: Account;
}

/** Who has this company open. Of a board with very many people only their number is known, and nothing is shown here. */
export const Watchers = memo(function Watchers({ link, symbol, me }: WatchersProps) {
  const { members, isCurrent } = useTickerPresence(link, WATCHERS);
  const here = members.filter(({ meta }) => meta.symbol === symbol);
  if (here.length === 0) return null;
  const others = here.filter(({ key }) => key !== keyOf(me));
  const isHere = others.length < here.length;
  const names = others.flatMap(({ meta: { name } }) => name ?? []);
  const circles = [...(isHere && me.name !== "" ? [me.name] : []), ...names].slice(0, NAMED);
  // Who has neither a circle nor this page.
  const uncircled = here.length - circles.length - (isHere && me.name === "" ? 1 : 0);
  const text = words(isHere, names, others.length - names.length);
  return (
    <div className="watchers" title={text} data-current={isCurrent} data-testid="watchers">
      <span className="circles" aria-hidden="true">
        {circles.map((name) => (
          <span key={name} data-me={name === me.name}>
            {initials(name)}
          </span>
        ))}
        {uncircled > 0 && <span className="uncircled">+{uncircled}</span>}
      </span>
      <span className="who">{text}</span>
    </div>
  );
});

/** Such as `You, Ada and 2 guests are watching`. */
function words(isHere: boolean, names: readonly string[], guests: number): string {
  const shown = isHere ? ["You", ...names.slice(0, NAMED - 1)] : names.slice(0, NAMED);
  const more = names.length + (isHere ? 1 : 0) - shown.length;
  const all = [...shown];
  if (more > 0) all.push(`${more} more`);
  if (guests > 0) all.push(guests === 1 ? "1 guest" : `${guests} guests`);
  if (isHere && all.length === 1) return "Only you are watching";
  const verb = !isHere && names.length + guests === 1 ? "is" : "are";
  return `${sentence.format(all)} ${verb} watching`;
}

/** The first letters of the first two words. */
function initials(name: string): string {
  const words = name.split(/\s+/).slice(0, 2);
  return words.map(([letter]) => letter?.toUpperCase()).join("");
}
