// Clients that see who is in groups, and a strict account of what they are told.

import assert from "node:assert/strict";

import * as signalR from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

import { connect } from "./load.mjs";
import { until, within } from "../support/time.mjs";

/** Above so many members a group is told as a number; it is told as a list again below seven eighths of that. */
const LISTED = 200;
const COUNTED = LISTED - LISTED / 8;

const PROTOCOLS = [() => new signalR.JsonHubProtocol(), () => new MessagePackHubProtocol()];
let clients = 0;

/** What a member with this key shows of itself. */
const shows = (key) => ({ name: `name of ${key}` });

/** Who is in one group, by what one connection was told. Each change has to fit what was told before. */
class Store {
  /** By key; nothing where only the number is told. */
  members = undefined;
  /** Nothing before the first message. */
  count = undefined;

  /** Takes a change, and gives the keys of those who have left. It throws where the change does not fit. */
  take(change) {
    if (change === null) {
      assert.notEqual(this.count, undefined, "who is told that it sees the group no more has seen it");
      this.members = this.count = undefined;
      return [];
    }
    const { members, joined = [], changed = [], left = [], count, ...more } = change;
    assert.deepEqual(more, {}, "nothing else is told");
    this.count = count;
    if (Object.keys(change).length === 1) {
      assert.ok(count > COUNTED, `a group of ${count} is told as a list`);
      this.members = undefined;
      return [];
    }
    if (members === undefined) {
      assert.ok(this.members, "a change comes after the list that it changes");
    } else {
      this.members = new Map();
    }
    for (const { key, ...member } of members ?? joined) {
      assert.ok(!this.members.has(key), `${key} joins and was there`);
      this.members.set(key, member);
    }
    for (const { key, ...member } of changed) {
      assert.ok(this.members.has(key), `${key} changes and is not there`);
      this.members.set(key, member);
    }
    for (const key of left) {
      assert.ok(this.members.delete(key), `${key} leaves and was not there`);
    }
    assert.equal(this.members.size, count, "the number of members");
    assert.ok(count <= LISTED, `a group of ${count} is told as a number`);
    return left;
  }
}

/** A connection that is shown in groups, or watches them. It comes back, and enters them again, until it is stopped. */
export class Client {
  /** What it was told, by group. */
  stores = new Map();
  /** Whom it saw leave: `{ group, key, at }`. */
  left = [];
  /** What it was told and does not fit. */
  complaints = [];
  lost = 0;
  /** Whether it stays away when its connection is lost. */
  isQuitting = false;
  isAway = false;
  isClosed = false;
  /** When it was in its groups again the last time. */
  backAt = 0;

  /** `shown` are groups with the key that it has in each; `watched` are groups that it only watches. */
  static async start(url, { shown = {}, watched = [] } = {}) {
    const client = new Client();
    Object.assign(client, { shown, watched });
    const on = { "hubs:presence": (group, change) => client.#take(group, change) };
    client.connection = await connect(url, { hub: "presence", protocol: PROTOCOLS[clients++ % PROTOCOLS.length](), on });
    client.connection.onreconnecting(() => client.#lose());
    client.connection.onreconnected(() => client.#enter());
    client.connection.onclose(() => (client.isClosed = true));
    await client.#enter();
    return client;
  }

  #take(group, change) {
    const store = this.stores.get(group) ?? new Store();
    this.stores.set(group, store);
    try {
      store.take(change).forEach((key) => this.left.push({ group, key, at: performance.now() }));
    } catch (error) {
      this.complaints.push(`${group}: ${error.message}: ${JSON.stringify(change).slice(0, 500)}`);
    }
  }

  #lose() {
    this.lost += 1;
    this.isAway = true;
    // A new connection is told all anew.
    this.stores.clear();
    if (this.isQuitting) {
      // The official client does not call `onclose` here.
      this.isClosed = true;
      this.connection.stop();
    }
  }

  async #enter() {
    try {
      await Promise.all([
        ...Object.entries(this.shown).map(([group, key]) => this.join(group, key)),
        ...this.watched.map((group) => this.invoke("Watch", group)),
      ]);
    } catch (error) {
      // It was lost again meanwhile, and enters when it is back.
      assert.notEqual(this.connection.state, signalR.HubConnectionState.Connected, error.message);
      return;
    }
    this.isAway = false;
    this.backAt = performance.now();
  }

  invoke(method, ...args) {
    return within(this.connection.invoke(method, ...args), `${method}(${args}) is answered`);
  }

  /** Ends its connection, and connects anew. */
  async renew() {
    await this.stop();
    this.stores.clear();
    await within(this.connection.start(), "a client connects again");
    await this.#enter();
  }

  join(group, key) {
    return this.invoke("JoinAs", group, key, shows(key).name);
  }

  /** Whom it sees in a group, in the order of keys; a number where the group is told as one. */
  seen(group) {
    const { members, count } = this.stores.get(group) ?? {};
    return members === undefined ? count : [...members.entries()].sort(([one], [other]) => (one < other ? -1 : 1));
  }

  stop() {
    return within(this.connection.stop(), "a client stops");
  }
}

/** What a watcher sees of these members, each with one connection. */
const expected = (keys) => (keys.length > LISTED ? keys.length : keys.map((key) => [key, { meta: shows(key), connections: 1 }]));

/** How two numbers or lists differ, or nothing. */
function unequal(is, should) {
  const [one, other] = [is, should].map((value) => JSON.stringify(value));
  if (one === other) {
    return undefined;
  }
  if (!Array.isArray(is) || !Array.isArray(should)) {
    return `${is?.length ?? is} instead of ${should.length ?? should}`;
  }
  const [here, wanted] = [is, should].map((list) => new Set(list.map((item) => JSON.stringify(item))));
  const without = (list, others) => [...list].filter((item) => !others.has(item)).slice(0, 5).join(", ");
  return `${is.length} instead of ${should.length}; missing: ${without(wanted, here)}; too many: ${without(here, wanted)}`;
}

/**
 * The first thing that is not as it should be. `truth` gives the sorted keys of each group. Observers list the members on
 * their node, and what they were told of the groups that they watch has to fit.
 */
async function difference(truth, observers) {
  const groups = [...truth.keys()];
  for (const [at, observer] of observers.entries()) {
    const wrong = (what, is, should) => {
      const how = unequal(is, should);
      return how === undefined ? undefined : `observer ${at} of ${observers.length}, ${what}: ${how}`;
    };
    assert.deepEqual(observer.complaints, [], `observer ${at}`);
    for (const group of observer.watched.filter((group) => truth.has(group))) {
      const told = wrong(`told of ${group}`, observer.seen(group), expected(truth.get(group)));
      if (told !== undefined) {
        return told;
      }
    }
    const ask = (method) => Promise.all(groups.map((group) => observer.invoke(method, group)));
    const [counts, lists] = [await ask("Count"), await ask("List")];
    for (const [number, group] of groups.entries()) {
      const keys = truth.get(group);
      const asked = wrong(`count of ${group}`, counts[number], keys.length) ?? wrong(`list of ${group}`, lists[number], keys);
      if (asked !== undefined) {
        return asked;
      }
    }
  }
  return undefined;
}

/** Waits until all is right, and gives how long that took since `began`, in seconds. `truth` is asked for each time. */
export async function right(truth, observers, what, { began = performance.now(), limit = 15_000 } = {}) {
  let wrong;
  const isRight = async () => (wrong = await difference(truth(), observers)) === undefined;
  await until(isRight, () => `${what}: ${wrong}`, Math.max(0, limit - (performance.now() - began)));
  return Math.round((performance.now() - began) / 100) / 10;
}

/** Who is in each of these groups, by what the clients are shown as. */
export function truthOf(clients, groups) {
  const truth = new Map(groups.map((group) => [group, []]));
  for (const [group, key] of clients.flatMap(({ shown }) => Object.entries(shown))) {
    truth.get(group).push(key);
  }
  truth.forEach((keys) => keys.sort());
  return truth;
}
