// The official JavaScript client under measurement: what examples/bench/client does, with the same options and figures.
import { parseArgs } from "node:util";
import { HubConnectionBuilder, LogLevel } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

const text = { type: "string" };
const { values: options } = parseArgs({
  options: {
    url: text,
    connections: { ...text, default: "64" },
    window: { ...text, default: "1" },
    bytes: { ...text, default: "64" },
    warmup: { ...text, default: "2" },
    seconds: { ...text, default: "5" },
    messagepack: { type: "boolean" },
  },
});

async function open() {
  const builder = new HubConnectionBuilder().withUrl(options.url).configureLogging(LogLevel.Warning);
  if (options.messagepack) builder.withHubProtocol(new MessagePackHubProtocol());
  const connection = builder.build();
  await connection.start();
  return connection;
}

let answers = 0;
let stop = false;

async function calls(connection, caller) {
  for (let number = BigInt(caller) << 32n; !stop; number++) {
    const text = String(number).padStart(Number(options.bytes), "0");
    const answer = await connection.invoke("Echo", text);
    if (answer !== text) throw new Error(`call ${number} got ${answer}`);
    answers++;
  }
}

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const cpu = (since) => {
  const { user, system } = process.cpuUsage(since);
  return user + system;
};

const connections = await Promise.all(Array.from({ length: Number(options.connections) }, open));
const window = Number(options.window);
const callers = connections.flatMap((connection, at) =>
  Array.from({ length: window }, (_, place) => calls(connection, at * window + place)),
);
await sleep(options.warmup);
const [first, since] = [answers, process.cpuUsage()];
await sleep(options.seconds);
const [units, used] = [answers - first, cpu(since)];
stop = true;
await Promise.all(callers);
if (units === 0) throw new Error("no call was answered");
console.log(JSON.stringify({ ok: true, units, cpu_s_per_1m: used / units }));
process.exit(0);
