// Who is in the rooms: the server's presence, shown in each room, and a line for people who come and go.
import type { Disposable, HubMember, HubPresenceEvents, HubPresenceGroup, Member } from "../hubs/index.js";
import { addLine, type RoomView } from "./roomView.js";
import { showTyping } from "./typing.js";

/** People who are back by then had only lost their connection, or their server was started again. */
const BACK_WITHIN = 3_000;

/** Follows who is in a room, until it is disposed. */
export function followPeople(view: RoomView, presence: HubPresenceGroup<Member>): Disposable {
  const leaving = new Map<string, ReturnType<typeof setTimeout>>();
  const line = (text: string) => addLine(view, { kind: "people", text, sentAt: new Date().toISOString() });
  const comesBack = (key: string) => {
    clearTimeout(leaving.get(key));
    return leaving.delete(key);
  };
  const events: HubPresenceEvents<Member> = {
    onJoin: ({ key, meta }) => void (comesBack(key) || line(`${meta.user} joined`)),
    onLeave({ key, meta }) {
      showTyping(view, meta.user, false);
      const tell = () => leaving.delete(key) && line(`${meta.user} left`);
      leaving.set(key, setTimeout(tell, BACK_WITHIN));
    },
  };
  const show = ({ members }: { members: readonly HubMember<Member>[] }) => void (view.members = members);
  show(presence.current);
  const subscription = presence.subscribe(show, events);
  return {
    dispose() {
      for (const key of [...leaving.keys()]) comesBack(key);
      subscription.dispose();
    },
  };
}
