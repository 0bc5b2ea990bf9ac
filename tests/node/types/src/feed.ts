// A feed in the place of a connection: it is compiled, and not run.

import { answers } from "./ask.js";
import { openFeed, registerAskClient } from "./hubs/index.js";
import type { Disposable, HubFeed, HubFeedOptions } from "./hubs/index.js";

const options: HubFeedOptions = {
  onMissed: (reason: "expired" | "restarted") => console.log(reason),
};

export function read(url: string): [HubFeed, Disposable] {
  const feed = openFeed(url, options);
  return [feed, registerAskClient(feed, answers)];
}
