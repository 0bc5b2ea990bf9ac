// How a page uses the generated files: what must compile does, and each mistake is refused.
import { HubConnectionBuilder, LogLevel, Subject } from "@microsoft/signalr";

import {
  HubCallError,
  connectBoard,
  connectClock,
  createBoardConnection,
  createBoardHub,
  registerBoardClient,
  registerBoardClientPartially,
  retryDelay,
} from "./hubs/index.js";
import type { HubConnection, IStreamResult } from "@microsoft/signalr";
import type {
  Author,
  BoardClient,
  BoardClientPart,
  BoardConnection,
  BoardHub,
  Disposable,
  Event,
  HubPresenceEvents,
  HubPresenceGroup,
  HubStream,
  Note,
  Page,
} from "./hubs/index.js";

const handlers: BoardClient = {
  onEvent(board: string, event: Event): void {
    if (event === "opened") {
      return;
    }
    if ("moved" in event) {
      const by: string | undefined = event.moved.by?.name;
      console.log(board, event.moved.from[0], by);
    }
  },
  moodChanged: async (mood: "calm" | "veryBusy") => {
    console.log(mood);
  },
  mayRemove: async (note, reason) => note.text === "" && reason !== null,
  confirm: () => "calm",
};

export async function talk(url: string): Promise<Page<Note>> {
  const board = await connectBoard(url, {
    client: handlers,
    configure: (builder) => builder.configureLogging(LogLevel.None),
  });
  const note: Note = await board.hub.pinNote("lobby", "hello", [1, 2]);
  const reply: number | null | undefined = note.replyTo;
  console.log(reply);
  const sent: void = await board.hub.send.pinNote("lobby", "hello", [1, 2]);
  void sent;
  const counts = await board.hub.counts(["lobby"]);
  const count: number | undefined = counts["lobby"];
  console.log(count);
  const page = await board.hub.notes("lobby", null);
  await board.stop();
  return page;
}

export function present(board: BoardConnection): Disposable {
  const lobby: HubPresenceGroup<Author> = board.presence("lobby");
  const [first] = lobby.current.members;
  const name: string | undefined = first?.meta.name;
  console.log(name, lobby.current.count);
  lobby.subscribe(() => {}).dispose();
  // @ts-expect-error who is there is not the page's to change
  lobby.current.members.pop();
  // @ts-expect-error a member shows an author
  lobby.subscribe(({ members }) => console.log(members[0]?.meta.colours));
  const events: HubPresenceEvents<Author> = { onJoin: ({ meta }) => console.log(meta.name) };
  return lobby.subscribe(({ members, count, isCounted }) => console.log(isCounted ? count : members.length), events);
}

/** A test of a page has a connection of its own. */
export const fake: Pick<BoardConnection, "presence"> = {
  presence: () => ({
    current: { members: [], count: 0, isCounted: false, isCurrent: true },
    subscribe: () => ({ dispose() {} }),
  }),
};

export async function byHand(url: string): Promise<string> {
  const connection = new HubConnectionBuilder().withUrl(url).build();
  const registered: Disposable = registerBoardClient(connection, handlers);
  const hub: BoardHub = createBoardHub(connection);
  try {
    await hub.delete("lobby", 7);
  } catch (error) {
    if (error instanceof HubCallError) {
      return `${error.method}: ${error.text}`;
    }
  } finally {
    registered.dispose();
  }
  const clock = await connectClock(url);
  return clock.hub.now();
}

async function* texts(): AsyncGenerator<string> {
  yield "one";
}

export async function streams(hub: BoardHub): Promise<number> {
  const events: HubStream<Event> = hub.events("lobby");
  const same: IStreamResult<Event> = events;
  same.subscribe({ next: (event: Event) => console.log(event), error: console.error, complete() {} }).dispose();
  for await (const event of hub.events("lobby")) {
    const seen: Event = event;
    console.log(seen);
    break;
  }
  const authors = new Subject<Author>();
  for await (const [text, author] of hub.zip(3, texts(), authors)) {
    console.log(text.length, author.name);
  }
  await hub.send.import("lobby", texts());
  return hub.import("lobby", texts());
}

export async function reconnecting(url: string): Promise<void> {
  const own = await connectBoard(url, {
    client: handlers,
    configure: (builder) => builder.withAutomaticReconnect([0, 1000]),
    retry: false,
  });
  await own.stop();
  const often = createBoardConnection(url, {
    client: handlers,
    http: { accessTokenFactory: async () => "secret" },
    retry: (retry) => (retry.previousRetryCount > 9 ? null : retryDelay(retry)),
    onConnected: async (hub) => void (await hub.notes("lobby", null)),
  });
  const seen: Disposable = often.subscribe(({ state, error }) => console.log(state, error?.message));
  await often.start();
  const state: "connecting" | "connected" | "resuming" | "reconnecting" | "disconnected" = often.status.state;
  console.log(state, often.connection.connectionId);
  often.retryNow();
  seen.dispose();
  await often.stop();
}

export function partly(connection: HubConnection): Disposable {
  const events: BoardClientPart = { moodChanged: () => {}, confirm: undefined, mayRemove: undefined };
  registerBoardClientPartially(connection, events).dispose();
  const bare = createBoardConnection("/board", { client: null });
  registerBoardClientPartially(bare.connection, events);
  // @ts-expect-error no handlers are given
  createBoardConnection("/board", {});
  // @ts-expect-error a question is forgotten
  registerBoardClientPartially(connection, { moodChanged: () => {}, confirm: () => "calm" });
  // @ts-expect-error a handler of another type
  registerBoardClientPartially(connection, { ...events, moodChanged: (mood: number) => console.log(mood) });
  // @ts-expect-error a handler of nothing
  registerBoardClientPartially(connection, { ...events, moodChange: () => {} });
  return registerBoardClientPartially(connection, handlers);
}

export async function mistakes(hub: BoardHub): Promise<void> {
  // @ts-expect-error a method that the hub does not have
  await hub.pinNotes("lobby", "hello", [1, 2]);
  // @ts-expect-error an argument of another type
  await hub.delete("lobby", "7");
  // @ts-expect-error an argument too few
  await hub.delete("lobby");
  // @ts-expect-error a field that may be null
  (await hub.pinNote("lobby", "hello", [1, 2])).author.name;
  // @ts-expect-error nothing comes back from a send
  (await hub.send.pinNote("lobby", "hello", [1, 2])).id;
  // @ts-expect-error items of another type
  await hub.import("lobby", new Subject<number>());
  // @ts-expect-error a list is not a stream
  await hub.import("lobby", ["one"]);
  // @ts-expect-error a stream is not a promise
  await hub.events("lobby").then();
  // @ts-expect-error the stream has no reader
  await hub.send.events("lobby");

  const { confirm, ...without } = handlers;
  // @ts-expect-error a handler is missing
  const incomplete: BoardClient = without;
  // @ts-expect-error a handler answers with another type
  const wrong: BoardClient = { ...without, confirm: () => "hectic" };
  // @ts-expect-error a handler that must answer does not
  const silent: BoardClient = { ...handlers, mayRemove: () => {} };
  console.log(confirm, incomplete, wrong, silent);
}
