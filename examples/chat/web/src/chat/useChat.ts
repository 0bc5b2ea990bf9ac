// The chat: one connection, the rooms this page is in, and everything the page can do.
import { HubConnectionState, LogLevel } from "@microsoft/signalr";
import { computed, onScopeDispose, reactive, ref, shallowRef, watch } from "vue";
import { HubCallError } from "../hubs/index.js";
import type { ChatMessage, Disposable, HubGap, HubRecovered, Notice, RoomSummary } from "../hubs/index.js";
import { useChat as useChatHub } from "../hubs/vue.js";
import { signIn, signOut, type Account } from "./account.js";
import { useRoomInAddress } from "./address.js";
import { recall, remember } from "./memory.js";
import { countdown } from "./countdown.js";
import { createOutbox } from "./outbox.js";
import { followPeople } from "./people.js";
import { addLine, addMessage, addOlder, emptyRoom, firstId, forgetMessages, showSnapshot, type RoomView } from "./roomView.js";
import { showTyping, typingTeller } from "./typing.js";

/** Something the server asked, and how to answer it. */
export interface Question {
  readonly id: number;
  readonly text: string;
  answer(yes: boolean): void;
}

/** As many older messages come at once, unless there are no more. */
const PAGE = 50;
/** Where everybody starts. */
const FIRST_ROOM = "lobby";

export function useChat(url = "/chat") {
  const before = recall();
  const me = ref(before.name);
  const account = ref(before.account);
  /** The rooms we mean to be in; after a reconnect the server has forgotten them. */
  const wanted = new Set(before.rooms);
  const rooms = shallowRef<readonly RoomSummary[]>([]);
  const joined = reactive(new Map<string, RoomView>());
  /** What follows who is in them. */
  const people = new Map<string, Disposable>();
  const current = useRoomInAddress();
  current.value ??= before.rooms[0] ?? null;
  const room = computed(() => (current.value === null ? null : (joined.get(current.value) ?? null)));
  const questions = shallowRef<readonly Question[]>([]);
  let asked = 0;
  const error = ref<string | null>(null);
  /** Whether a room is being entered, so that it is not entered twice. */
  const entering = ref(before.rooms.length > 0);
  /** Messages that came while a snapshot was on its way, one list for each. */
  const arriving = new Set<ChatMessage[]>();

  const nextTry = countdown();
  const { hub, state, link } = useChatHub(
    url,
    {
      receiveMessage,
      receiveNotice,
      typingChanged(name, user, typing) {
        const view = joined.get(name);
        if (view !== undefined) showTyping(view, user, typing);
      },
      roomsChanged: (list) => void (rooms.value = list),
      confirm: ask,
    },
    {
      http: { accessTokenFactory: () => signIn(me.value, account.value) },
      onConnected: comeBack,
      onRecovered: recovered,
      onGap: missed,
      retry: nextTry.retry,
      configure: (builder) => builder.configureLogging(LogLevel.Warning),
    },
  );
  const isUp = () => link.connection.state === HubConnectionState.Connected;
  const outbox = createOutbox(({ room, text, key }) => hub.sendMessage(room, text, key), receiveMessage);
  const typing = typingTeller((name, isTyping) => {
    if (isUp()) hub.send.setTyping(name, isTyping).catch(() => {});
  });

  // What the server calls ---------------------------------------------------------------------------------------

  function receiveMessage(message: ChatMessage): void {
    outbox.remove(message.key);
    for (const list of arriving) list.push(message);
    const view = joined.get(message.room);
    if (view === undefined || !addMessage(view, message)) return;
    showTyping(view, message.user, false);
    if (message.room !== current.value || document.hidden) view.unread += 1;
  }

  function receiveNotice(notice: Notice): void {
    const views = notice.room === null ? [...joined.values()] : [joined.get(notice.room)];
    for (const view of views) {
      if (view === undefined) continue;
      if (notice.kind === "system") {
        forgetMessages(view);
        void attempt(() => enter(view.name));
      }
      addLine(view, notice);
    }
  }

  /** What was said while this page was away has come, and stands in its place. */
  function recovered({ group, messages }: HubRecovered): void {
    // The snapshot is newer than all of them: what was removed in the meantime must not come back.
    for (const list of arriving) list.splice(0, list.length, ...list.filter(({ room }) => room !== group));
    const came = messages === 0 ? "no message was missed" : messages === 1 ? "1 missed message recovered" : `${messages} missed messages recovered`;
    tellAboutAbsence(group, `Connected again: ${came}`);
  }

  /** More was said than the server keeps for pages that come back; `enter` fetches the last messages anyway. */
  function missed({ group }: HubGap): void {
    tellAboutAbsence(group, "Connected again: the latest messages are shown, some before them may be missing here");
  }

  function tellAboutAbsence(group: string | undefined, text: string): void {
    const view = group === undefined ? undefined : joined.get(group);
    if (view !== undefined) addLine(view, { kind: "system", text, sentAt: new Date().toISOString() });
  }

  function ask(text: string): Promise<boolean> {
    return new Promise((resolve) => {
      const id = ++asked;
      const answer = (yes: boolean) => {
        questions.value = questions.value.filter((question) => question.id !== id);
        resolve(yes);
      };
      questions.value = [...questions.value, { id, text, answer }];
    });
  }

  function dropQuestions(): void {
    for (const question of questions.value) question.answer(false);
  }

  // What this page calls ----------------------------------------------------------------------------------------

  /** Enters a room and shows it. Also how a room is taken up again after a reconnect. */
  async function enter(name: string): Promise<string> {
    const meanwhile: ChatMessage[] = [];
    arriving.add(meanwhile);
    try {
      const snapshot = await hub.joinRoom(name, me.value);
      const view = joined.get(snapshot.room) ?? open(snapshot.room);
      showSnapshot(view, snapshot, meanwhile);
      for (const { key } of snapshot.history) outbox.remove(key);
      wanted.add(snapshot.room);
      save();
      return snapshot.room;
    } finally {
      arriving.delete(meanwhile);
    }
  }

  /** Shows a room, and who is in it. */
  function open(name: string): RoomView {
    const view = reactive(emptyRoom(name));
    joined.set(name, view);
    people.set(name, followPeople(view, link.presence(name)));
    return view;
  }

  function close(name: string): void {
    joined.delete(name);
    people.get(name)?.dispose();
    people.delete(name);
  }

  /** After each connect: the list of rooms, and all rooms we were in. */
  async function comeBack(): Promise<void> {
    rooms.value = await hub.rooms();
    for (const name of [...wanted]) {
      try {
        const spelled = await enter(name);
        if (spelled !== name) wanted.delete(name);
        if (current.value === name) current.value = spelled;
      } catch (cause) {
        if (!isUp()) throw cause;
        wanted.delete(name);
        close(name);
        show(cause);
      }
    }
    entering.value = false;
    save();
    void outbox.flush();
  }

  /** Takes a name, signs in if that is wanted, and enters the room in the address, or the first one. */
  async function setName(name: string, as: Account): Promise<void> {
    me.value = name.trim();
    account.value = as;
    if (as !== "guest") await connectAgain();
    await join(current.value ?? FIRST_ROOM);
  }

  /** A connection belongs to the user who opened it, so that another user needs another one. */
  async function connectAgain(): Promise<void> {
    save();
    await link.stop();
    link.start().catch(() => {}); // the banner says how it goes
  }

  async function leaveAccount(): Promise<void> {
    account.value = "guest";
    await attempt(signOut);
    await connectAgain();
  }

  async function join(name: string): Promise<boolean> {
    if (state.value === "connected") {
      entering.value = true;
      return attempt(async () => void (current.value = await enter(name))).finally(() => (entering.value = false));
    }
    wanted.add(name); // entered as soon as the connection is there
    current.value = name;
    save();
    return (entering.value = true);
  }

  async function leave(name: string): Promise<void> {
    typing.stopped();
    wanted.delete(name);
    close(name);
    save();
    if (isUp()) await attempt(() => hub.leaveRoom(name));
  }

  /** Says something: shown at once, and sent as soon as there is a connection. */
  function say(name: string, text: string): void {
    typing.stopped();
    outbox.add(name, text);
  }

  /** Reads messages before the first one that is shown. */
  async function older(view: RoomView): Promise<void> {
    const before = firstId(view);
    if (!view.more || view.loading || before === undefined || !isUp()) return;
    view.loading = true;
    try {
      const messages = await hub.olderMessages(view.name, before);
      // The room may have been cleared in the meantime.
      if (firstId(view) !== before) return;
      addOlder(view, messages);
      view.more = messages.length >= PAGE;
    } catch (cause) {
      show(cause);
    } finally {
      view.loading = false;
    }
  }

  /** The server asks the caller, see `ask`. After the call, no answer is expected any more. */
  const clearHistory = (name: string): Promise<boolean> =>
    attempt(() => hub.clearHistory(name)).finally(dropQuestions);

  const remove = (name: string, id: number): Promise<boolean> => attempt(() => hub.deleteMessage(name, id));

  /** Runs a call; a failure is shown to the person, and `false`. */
  async function attempt(call: () => Promise<unknown>): Promise<boolean> {
    try {
      await call();
      error.value = null;
      return true;
    } catch (cause) {
      show(cause);
      return false;
    }
  }

  function show(cause: unknown): void {
    if (!isUp()) return; // the banner says what is wrong
    const refused = cause instanceof HubCallError && cause.reason === "unauthorized";
    if (refused) error.value = "Only moderators may do this.";
    else error.value = cause instanceof HubCallError ? cause.text : String(cause);
  }

  const save = () => remember({ name: me.value, account: account.value, rooms: [...wanted] });

  const seen = () => {
    if (room.value !== null && !document.hidden) room.value.unread = 0;
  };
  watch(current, () => {
    typing.stopped();
    seen();
  });
  watch(state, (now) => {
    if (now === "connected") nextTry.stop();
    if (now === "connected") return;
    dropQuestions();
    for (const view of joined.values()) for (const user of [...view.typing.keys()]) showTyping(view, user, false);
  });
  document.addEventListener("visibilitychange", seen);
  onScopeDispose(() => {
    document.removeEventListener("visibilitychange", seen);
    for (const name of [...people.keys()]) close(name);
  });

  /** Whether the next try is far away, or there would be none. */
  function tryNow(): void {
    link.retryNow();
    link.start().catch(() => {}); // the banner says how it goes
  }

  return {
    me,
    account,
    rooms,
    joined,
    current,
    room,
    error,
    entering,
    question: computed(() => questions.value[0] ?? null),
    state,
    nextTry: nextTry.seconds,
    waiting: outbox.waiting,
    discard: outbox.remove,
    older,
    tryNow,
    setName,
    join,
    leave,
    say,
    clearHistory,
    remove,
    leaveAccount,
    typed: typing.typed,
  };
}

export type Chat = ReturnType<typeof useChat>;
