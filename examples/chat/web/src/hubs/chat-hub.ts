import { HubConnectionBuilder, type HubConnection } from "@microsoft/signalr";
import { HubCallError, type Disposable } from "./runtime.js";
import type { ChatMessage, Member, Notice, RoomSnapshot, RoomSummary } from "./types.js";

/** What a page may call on the server. */
export interface ChatHub {
  /** All rooms, by name. */
  rooms(): Promise<Array<RoomSummary>>;
  /** Enters a room under a name, makes the room where there is none. */
  joinRoom(room: string, user: string): Promise<RoomSnapshot>;
  /** Leaves a room. Leaving a room one is not in does nothing. */
  leaveRoom(room: string): Promise<void>;
  /** Says something to everybody in a room, the caller included. */
  sendMessage(room: string, text: string): Promise<void>;
  /** Tells the others in a room that the caller started or stopped typing. */
  setTyping(room: string, typing: boolean): Promise<void>;
  /** Forgets all messages of a room. */
  clearHistory(room: string): Promise<boolean>;
  /** The same methods, without waiting for the server. */
  readonly send: ChatHubSend;
}

/** The methods of `ChatHub` as sends. */
export interface ChatHubSend {
  rooms(): Promise<void>;
  joinRoom(room: string, user: string): Promise<void>;
  leaveRoom(room: string): Promise<void>;
  sendMessage(room: string, text: string): Promise<void>;
  setTyping(room: string, typing: boolean): Promise<void>;
  clearHistory(room: string): Promise<void>;
}

/** Calls `ChatHub` over a connection. */
export function createChatHub(connection: HubConnection): ChatHub {
  const call = async <T>(method: string, ...args: unknown[]): Promise<T> => {
    try {
      return await connection.invoke<T>(method, ...args);
    } catch (error) {
      throw new HubCallError(method, error);
    }
  };
  return {
    rooms: () => call("Rooms"),
    joinRoom: (room, user) => call("JoinRoom", room, user),
    leaveRoom: (room) => call("LeaveRoom", room),
    sendMessage: (room, text) => call("SendMessage", room, text),
    setTyping: (room, typing) => call("SetTyping", room, typing),
    clearHistory: (room) => call("ClearHistory", room),
    send: {
      rooms: () => connection.send("Rooms"),
      joinRoom: (room, user) => connection.send("JoinRoom", room, user),
      leaveRoom: (room) => connection.send("LeaveRoom", room),
      sendMessage: (room, text) => connection.send("SendMessage", room, text),
      setTyping: (room, typing) => connection.send("SetTyping", room, typing),
      clearHistory: (room) => connection.send("ClearHistory", room),
    },
  };
}

/** What the server may call on a page. */
export interface ChatClient {
  /** A line was said in a room this client is in. */
  receiveMessage(message: ChatMessage): void | Promise<void>;
  /** The server has something to say. */
  receiveNotice(notice: Notice): void | Promise<void>;
  /** Somebody came to, or left, a room this client is in. */
  membersChanged(room: string, members: Array<Member>): void | Promise<void>;
  /** Somebody else in the room started or stopped typing. */
  typingChanged(room: string, user: string, typing: boolean): void | Promise<void>;
  /** A room was made or is gone, or the number of people in one changed. */
  roomsChanged(rooms: Array<RoomSummary>): void | Promise<void>;
  /** Asks the person a question and waits for yes (`true`) or no. */
  confirm(question: string): boolean | Promise<boolean>;
}

/** Answers the server's calls with `handlers`, until disposed. */
export function registerChatClient(connection: HubConnection, handlers: ChatClient): Disposable {
  const receiveMessage = (message: ChatMessage) => handlers.receiveMessage(message);
  const receiveNotice = (notice: Notice) => handlers.receiveNotice(notice);
  const membersChanged = (room: string, members: Array<Member>) => handlers.membersChanged(room, members);
  const typingChanged = (room: string, user: string, typing: boolean) => handlers.typingChanged(room, user, typing);
  const roomsChanged = (rooms: Array<RoomSummary>) => handlers.roomsChanged(rooms);
  const confirm = (question: string) => handlers.confirm(question);
  connection.on("ReceiveMessage", receiveMessage);
  connection.on("ReceiveNotice", receiveNotice);
  connection.on("MembersChanged", membersChanged);
  connection.on("TypingChanged", typingChanged);
  connection.on("RoomsChanged", roomsChanged);
  connection.on("Confirm", confirm);
  return {
    dispose() {
      connection.off("ReceiveMessage", receiveMessage);
      connection.off("ReceiveNotice", receiveNotice);
      connection.off("MembersChanged", membersChanged);
      connection.off("TypingChanged", typingChanged);
      connection.off("RoomsChanged", roomsChanged);
      connection.off("Confirm", confirm);
    },
  };
}

/** How to connect. */
export interface ConnectChatOptions {
  /** Answers the server's calls. */
  client: ChatClient;
  /** Changes the connection before it is built. */
  configure?: (builder: HubConnectionBuilder) => HubConnectionBuilder;
}

/** A connection that has started. */
export interface ChatConnection {
  readonly connection: HubConnection;
  readonly hub: ChatHub;
  stop(): Promise<void>;
}

/** Connects, with automatic reconnect, and registers `options.client` before the first message can come. */
export async function connectChat(url: string, options: ConnectChatOptions): Promise<ChatConnection> {
  const builder = new HubConnectionBuilder().withUrl(url);
  const connection = (options.configure?.(builder) ?? builder.withAutomaticReconnect()).build();
  const client = registerChatClient(connection, options.client);
  try {
    await connection.start();
  } catch (error) {
    client.dispose();
    throw error;
  }
  return { connection, hub: createChatHub(connection), stop: () => connection.stop() };
}
