// The room in the address bar: `#lobby`.
import { onScopeDispose, ref, watch, type Ref } from "vue";

function read(): string | null {
  try {
    return decodeURIComponent(location.hash.slice(1)) || null;
  } catch {
    return null;
  }
}

/** The room in the address bar, both ways: going back shows the room before. */
export function useRoomInAddress(): Ref<string | null> {
  const room = ref(read());
  const changed = () => (room.value = read());
  window.addEventListener("hashchange", changed);
  onScopeDispose(() => window.removeEventListener("hashchange", changed));
  watch(room, (name) => {
    if (name !== read()) location.hash = name === null ? "" : encodeURIComponent(name);
  });
  return room;
}
