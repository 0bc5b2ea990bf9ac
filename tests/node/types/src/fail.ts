// A page that switches on the errors of a method; tsc checks that all of them are handled.

import { isJoinError } from "./hubs/index.js";
import type { FailHub, JoinError } from "./hubs/index.js";

function words(error: JoinError): string {
  switch (error.kind) {
    case "full":
      return `full for ${error.limit}, ${error.waiting.join()} waits`;
    case "closed":
      return "closed";
  }
}

export async function join(hub: FailHub, room: string): Promise<string> {
  try {
    return `in ${await hub.join(room)}`;
  } catch (error) {
    if (isJoinError(error)) {
      return words(error.data);
    }
    throw error;
  }
}
