// How a page uses the generated files: what must compile does, and each mistake is refused.
import { HubConnectionBuilder, LogLevel } from "@microsoft/signalr";

import {
  HubCallError,
  connectBoard,
  connectClock,
  createBoardHub,
  registerBoardClient,
} from "./hubs/index.js";
import type { BoardClient, BoardHub, Disposable, Event, Note, Page } from "./hubs/index.js";

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

  const { confirm, ...without } = handlers;
  // @ts-expect-error a handler is missing
  const incomplete: BoardClient = without;
  // @ts-expect-error a handler answers with another type
  const wrong: BoardClient = { ...without, confirm: () => "hectic" };
  // @ts-expect-error a handler that must answer does not
  const silent: BoardClient = { ...handlers, mayRemove: () => {} };
  console.log(confirm, incomplete, wrong, silent);
}
