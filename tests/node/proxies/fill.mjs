// Fills the table of the matrix through the proxy at the URL that is given, and prints the cells. In a process of its own:
// over requests the official client rejects promises that no caller can reach when it is stopped while one is under way,
// which a slower network makes likely; some with an error, some with a text.

import * as signalR from "@microsoft/signalr";
import * as messagePack from "@microsoft/signalr-protocol-msgpack";

import { fill } from "../matrix/run.mjs";

const STOPPED = ["Connection stopped.", "Cannot send until the transport is connected"];

process.on("unhandledRejection", (error) => {
  if (!STOPPED.includes(error?.message ?? error)) {
    throw error;
  }
});
const cells = await fill({ signalR, messagePack }, process.argv[2]);
process.stdout.write(JSON.stringify(cells), () => process.exit());
