import { HubConnectionState } from "@microsoft/signalr";

import type { HubLink } from "./connection.js";
import type { Disposable } from "./runtime.js";

/** A member of a group. */
export interface HubMember<M> {
  /** Who it is: the id of a user or of a connection, or what the application chose. */
  readonly key: string;

  /** What it shows of itself. */
  readonly meta: M;

  /** How many connections it has in the group. */
  readonly connections: number;
}

/** Who is in a group. It never changes: another state is another object. */
export interface HubPresence<M> {
  /** The members in the order in which they joined; empty where the group is only counted. */
  readonly members: readonly HubMember<M>[];

  /** How many members there are. */
  readonly count: number;

  /** Whether the group is too big for a list: `count` is known, and `members` is empty. */
  readonly isCounted: boolean;

  /**
   * Whether the state came over the current connection. `false` before the first list, and from the
   * loss of a connection until the next one has brought the list: the old members stay meanwhile.
   */
  readonly isCurrent: boolean;
}

/**
 * What is called when members come and go. The first list is the state and no event; of a list that
 * comes after a reconnect, each difference is one.
 */
export interface HubPresenceEvents<M> {
  /** Called for each member that has joined. */
  onJoin?: (member: HubMember<M>) => void;

  /** Called for each member that has left, with what it showed last. */
  onLeave?: (member: HubMember<M>) => void;
}

/** A group whose members can be read and watched. */
export interface HubPresenceGroup<M> {
  /** Who is there now: the same object until that changes. */
  readonly current: HubPresence<M>;

  /** Calls `listener` on every change, after `events` for each member that came or went. */
  subscribe(
    listener: (presence: HubPresence<M>) => void,
    events?: HubPresenceEvents<M>,
  ): Disposable;
}

/** What the server says of a group; `null` if the connection does not see the group any more. */
export type HubPresenceChange<M> = null | {
  readonly members?: readonly HubMember<M>[];
  readonly joined?: readonly HubMember<M>[];
  readonly changed?: readonly HubMember<M>[];
  readonly left?: readonly string[];
  readonly count: number;
};

/** The target of the calls that say it. */
const TARGET = "hubs:presence";

/** What is known of a group that the server has said nothing of. */
const UNKNOWN: HubPresence<never> = {
  members: [],
  count: 0,
  isCounted: false,
  isCurrent: false,
};

/** A group after a change; the same object if the change says nothing new, or cannot be taken. */
export function apply<M>(
  before: HubPresence<M> | undefined,
  change: HubPresenceChange<M>,
): HubPresence<M> | undefined {
  if (change === null) {
    return undefined;
  }
  const { members, joined, changed, left, count } = change;
  const isCurrent = before?.isCurrent === true;
  if (members !== undefined) {
    return { members, count, isCounted: false, isCurrent: true };
  }
  if ((joined ?? changed ?? left) === undefined) {
    const isSame = isCurrent && before.isCounted && before.count === count;
    return isSame
      ? before
      : { members: [], count, isCounted: true, isCurrent: true };
  }
  // A difference to a list that this connection has not sent.
  if (!isCurrent) {
    return before;
  }
  if (before.isCounted) {
    return before.count === count ? before : { ...before, count };
  }
  const byKey = new Map(before.members.map((member) => [member.key, member]));
  for (const key of left ?? []) {
    byKey.delete(key);
  }
  // A member that is known keeps its place.
  for (const member of [...(changed ?? []), ...(joined ?? [])]) {
    byKey.set(member.key, member);
  }
  return { ...before, members: [...byKey.values()], count };
}

/** The members of `these` that are not among `others`. */
function without<M>(
  these: readonly HubMember<M>[],
  others: readonly HubMember<M>[],
): HubMember<M>[] {
  const keys = new Set(others.map(({ key }) => key));
  return these.filter(({ key }) => !keys.has(key));
}

/** A listener; a call that comes after its end is not made. */
interface Subscription<M> {
  isOpen: boolean;
  readonly listener: (presence: HubPresence<M>) => void;
  readonly events: HubPresenceEvents<M>;
}

/** The groups that a connection sees, over all of its reconnects. */
class Presences<M> {
  readonly #groups = new Map<string, HubPresence<M>>();
  readonly #subscriptions = new Map<string, Set<Subscription<M>>>();

  constructor({ connection }: HubLink) {
    connection.on(TARGET, (group: string, change: HubPresenceChange<M>) => {
      const { state } = connection;
      // A connection that is being closed may still bring what the next one will say anew.
      const isClosing =
        state === HubConnectionState.Disconnecting ||
        state === HubConnectionState.Disconnected;
      if (!isClosing) {
        this.#set(group, apply(this.#groups.get(group), change));
      }
    });
  }

  current(group: string): HubPresence<M> {
    return this.#groups.get(group) ?? UNKNOWN;
  }

  subscribe(group: string, subscription: Subscription<M>): Disposable {
    const all = this.#subscriptions.get(group) ?? new Set();
    this.#subscriptions.set(group, all.add(subscription));
    return {
      dispose: () => {
        subscription.isOpen = false;
        all.delete(subscription);
        if (all.size === 0 && this.#subscriptions.get(group) === all) {
          this.#subscriptions.delete(group);
        }
      },
    };
  }

  /** The connection is lost: the lists stay until they come anew. */
  lost(): void {
    for (const [group, known] of [...this.#groups]) {
      this.#set(
        group,
        known.isCurrent ? { ...known, isCurrent: false } : known,
      );
    }
  }

  /** The connection has ended. */
  ended(): void {
    for (const group of [...this.#groups.keys()]) {
      this.#set(group, undefined);
    }
  }

  #set(group: string, after: HubPresence<M> | undefined): void {
    const before = this.#groups.get(group);
    if (after === before) {
      return;
    }
    if (after === undefined) {
      this.#groups.delete(group);
    } else {
      this.#groups.set(group, after);
    }
    this.#tell(group, before, after);
  }

  #tell(
    group: string,
    before: HubPresence<M> | undefined,
    after: HubPresence<M> | undefined,
  ): void {
    const [old, now] = [listed(before), listed(after)];
    const areKnown = old !== undefined && now !== undefined;
    const left = areKnown ? without(old, now) : [];
    const joined = areKnown ? without(now, old) : [];
    for (const one of [...(this.#subscriptions.get(group) ?? [])]) {
      const { listener, events } = one;
      left.forEach((member) => one.isOpen && events.onLeave?.(member));
      joined.forEach((member) => one.isOpen && events.onJoin?.(member));
      if (one.isOpen) {
        // A listener before this one may have changed the state.
        listener(this.current(group));
      }
    }
  }
}

/** The members, unless they are not known. */
function listed<M>(
  presence: HubPresence<M> | undefined,
): readonly HubMember<M>[] | undefined {
  return presence?.isCounted === false ? presence.members : undefined;
}

/** Keeps the groups of a connection that is not started yet; gives each of them by its name. */
export function presenceOf<M>(
  link: HubLink,
): (group: string) => HubPresenceGroup<M> {
  const presences = new Presences<M>(link);
  link.subscribe(({ state }) => {
    if (state === "reconnecting") {
      presences.lost();
    } else if (state === "disconnected") {
      presences.ended();
    }
  });
  return (group) => ({
    get current(): HubPresence<M> {
      return presences.current(group);
    },
    subscribe: (listener, events = {}) =>
      presences.subscribe(group, { isOpen: true, listener, events }),
  });
}
