// Fills the table of the matrix through the proxy at the URL that is given, and prints the cells. In a process of its own:
// over requests the official client rejects a promise that no caller can reach when it is stopped while one is under way,
// which a slower network makes likely.

import * as signalR from "@microsoft/signalr";
import * as messagePack from "@microsoft/signalr-protocol-msgpack";

import { fill } from "../matrix/run.mjs";

process.on("unhandledRejection", (error) => {
  if (error?.message !== "Connection stopped.") {
    throw error;
  }
});
const cells = await fill({ signalR, messagePack }, process.argv[2]);
process.stdout.write(JSON.stringify(cells), () => process.exit());
