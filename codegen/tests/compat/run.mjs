// Old pages and the new server: for each pair, the client generated from the old contract calls every method that it
// knows and handles every call, through the official client, under each protocol. Writes down what happened as lines of JSON; judges
// nothing but values, by the schemas of the old contract.
import { readFileSync } from "node:fs";

import {
  HttpTransportType,
  HubConnectionBuilder,
  JsonHubProtocol,
  LogLevel,
  MessageType,
  NullLogger,
} from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import Ajv2020 from "ajv/dist/2020.js";
import WebSocket from "ws";

const LIMIT = 10_000;
const [, , server] = process.argv;

/** The promise, or an error that says what did not happen. */
function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${LIMIT} ms: ${what}`)), LIMIT);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Says more than TypeScript's types do: ranges, formats, which texts there are. */
const FINER = new Set(["minimum", "maximum", "format", "uniqueItems"]);

/** The schema with no more in it than TypeScript's types say. */
function coarse(schema, names = false) {
  if (Array.isArray(schema)) {
    return schema.map((part) => coarse(part));
  }
  if (typeof schema !== "object" || schema === null) {
    return schema;
  }
  const coarser = {};
  for (const [key, value] of Object.entries(schema)) {
    if (names) {
      coarser[key] = coarse(value);
    } else if (key === "enum" || key === "const") {
      coarser.type = [...new Set([value].flat().map((one) => (one === null ? "null" : typeof one)))];
    } else if (key === "type") {
      coarser.type ??= [value].flat().map((type) => (type === "integer" ? "number" : type));
    } else if (!FINER.has(key)) {
      coarser[key === "oneOf" ? "anyOf" : key] = coarse(value, key === "properties" || key === "$defs");
    }
  }
  return coarser;
}

/** What tells an object of one variant from those of others; nothing if the branches are no variants. */
function tags(branches) {
  const found = branches.map(({ properties = {}, required = [] }) => {
    const constant = Object.entries(properties).find(([, property]) => property.const !== undefined);
    if (constant !== undefined) {
      return { required: [constant[0]], properties: { [constant[0]]: { const: constant[1].const } } };
    }
    return required.length === 1 && Object.keys(properties).length === 1 ? { required } : undefined;
  });
  return found.filter((tag) => tag !== undefined);
}

/** The schema with room for variants that it does not know. */
function withOthers(schema) {
  if (typeof schema !== "object" || schema === null) {
    return schema;
  }
  const copy = Array.isArray(schema) ? [] : {};
  for (const [key, value] of Object.entries(schema)) {
    copy[key] = withOthers(value);
  }
  const known = Array.isArray(schema.oneOf) ? tags(schema.oneOf) : [];
  if (known.length > 0) {
    copy.anyOf = [...copy.oneOf, { type: "object", not: { anyOf: known } }];
    delete copy.oneOf;
  }
  return copy;
}

/** Tells what an old page thinks of a value. */
class Judge {
  constructor(schema) {
    // Of the forms of texts, those that the corpus has; numbers are held by their limits.
    const formats = { uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ };
    const options = { strict: false, logger: false, formats };
    this.exact = new Ajv2020(options).addSchema(schema, "old");
    this.coarse = new Ajv2020(options).addSchema(coarse(schema), "old");
    this.others = new Ajv2020(options).addSchema(withOthers(schema), "old");
    this.names = new Set(Object.keys(schema.$defs));
  }

  /** Nothing, if the old contract allows the value. */
  of(name, value) {
    const $ref = `old#/$defs/${name}`;
    if (!this.names.has(name) || this.exact.validate({ $ref }, value)) {
      return [];
    }
    const kind = this.coarse.validate({ $ref }, value) || this.#isMore($ref, value) ? "unusual" : "unfit";
    return [{ kind, what: name, text: `${JSON.stringify(value)}: ${this.exact.errorsText()}` }];
  }

  /** Whether a list holds values that are known, and variants that are not. */
  #isMore($ref, value) {
    const known = () => value.some((item) => this.exact.validate({ $ref: `${$ref}/items` }, item));
    return Array.isArray(value) && this.others.validate({ $ref }, value) && known();
  }
}

/** A value that tells by itself which name it was made for. */
const sample = (name) => name.charCodeAt(0);

async function* one(item) {
  yield item;
}

/** Calls a method of the hub; gives what happened. */
async function call(pair, judge, hub, method) {
  const name = `H.${method.name}`;
  const values = {};
  const args = method.params.map((param) => {
    const value = pair.sample === null ? sample(param.name) : JSON.parse(pair.sample);
    values[param.name] = param.flow === "stream" ? [value] : value;
    return param.flow === "stream" ? one(value) : value;
  });
  const facts = [];
  try {
    const answer = hub[method.rust_name](...args);
    if (method.output.flow === "stream") {
      const all = async () => {
        for await (const item of answer) {
          facts.push(...judge.of(`${name}.item`, item));
        }
      };
      await within(all(), `${name} ends`);
    } else {
      facts.push(...judge.of(`${name}.result`, await within(answer, `${name} is answered`)));
    }
    facts.push({ kind: "sent", what: name, values });
  } catch (error) {
    facts.push({ kind: "failed", what: name, text: error.message });
  }
  return facts;
}

/** A connection on which messages are written and read with their headers, which the official client cannot. */
async function open(pair, protocol) {
  const socket = new WebSocket(`${server.replace("http", "ws")}/${pair.name}?${protocol.name}`);
  socket.binaryType = "arraybuffer";
  const arrived = [];
  let wake = () => {};
  const tell = (data) => {
    arrived.push(data);
    wake();
  };
  socket.onmessage = ({ data }) => tell(data);
  socket.onclose = () => tell(undefined);
  const frame = async () => {
    while (arrived.length === 0) {
      await new Promise((resolve) => (wake = resolve));
    }
    const data = arrived.shift();
    if (data === undefined) {
      throw new Error("the server closed the connection");
    }
    return data;
  };
  await new Promise((resolve) => (socket.onopen = resolve));
  const handshake = JSON.stringify({ protocol: protocol.name, version: 1 }) + "\u001e";
  socket.send(protocol.name === "json" ? handshake : new TextEncoder().encode(handshake));
  await frame();
  const messages = [];
  return {
    send: (message) => socket.send(protocol.writeMessage(message)),
    /** The next item or completion. */
    async next() {
      for (;;) {
        const found = messages.shift();
        if (found === undefined) {
          messages.push(...protocol.parseMessages(await frame(), NullLogger.instance));
        } else if (found.type === MessageType.StreamItem || found.type === MessageType.Completion) {
          return found;
        }
      }
    },
    close: () => socket.close(),
  };
}

/** Reads one item of a stream, loses the connection, and reads on over another one; gives what went wrong. */
async function comeBack(pair, protocol, method) {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const read = async (from) => {
    const connection = await open(pair, protocol);
    connection.send({
      type: MessageType.StreamInvocation,
      headers: { "resume-stream": id, "resume-from": String(from) },
      invocationId: "1",
      target: method.name,
      arguments: method.params.map((param) => sample(param.name)),
      streamIds: [],
    });
    const first = await connection.next();
    connection.close();
    return first;
  };
  const what = `H.${method.name}`;
  const item = await within(read(0), `${what} gives an item`);
  const rest = await within(read(1), `${what} is read on`);
  if (item.type !== MessageType.StreamItem || rest.error !== undefined) {
    return [{ kind: "failed", what, text: rest.error ?? item.error ?? "no item" }];
  }
  return [];
}

/** Handles every call of the server, and gives how that went once it is over. */
function listen(pair, judge, api, connection) {
  const client = pair.old.client ?? { methods: [] };
  const calls = new Map(client.methods.map((method) => [method.name, []]));
  const handlers = client.methods.map((method) => [
    method.rust_name,
    (...args) => {
      calls.get(method.name).push(args);
      return method.output.flow === "value" ? true : undefined;
    },
  ]);
  api[`register${client.name}`]?.(connection, Object.fromEntries(handlers));
  return () =>
    client.methods.flatMap((method) => {
      const name = `${client.name}.${method.name}`;
      const now = pair.new.client?.methods.find((other) => other.name === method.name);
      const came = calls.get(method.name);
      const facts = came.flatMap((args) => [
        ...judge.of(`${name}.arguments`, args),
        ...method.params
          .filter((param, index) => now?.params.some(({ name }) => name === param.name) && args[index] !== sample(param.name))
          .map((param) => ({ kind: "taken", what: name, text: `\`${param.name}\` is what was sent as another` })),
      ]);
      return came.length === 0 ? [{ kind: "uncalled", what: name, text: "the handler is never called" }] : facts;
    });
}

async function run(pair, protocol) {
  const api = await import(`./out/${pair.name}/old/index.js`);
  const judge = new Judge(JSON.parse(pair.schema));
  const options = { transport: HttpTransportType.WebSockets, skipNegotiation: true };
  const connection = new HubConnectionBuilder()
    .withUrl(`${server}/${pair.name}?${protocol.name}`, options)
    .withHubProtocol(protocol)
    .configureLogging(LogLevel.None)
    .build();
  const heard = listen(pair, judge, api, connection);
  const facts = [];
  try {
    await within(connection.start(), `${pair.name}: the connection starts`);
  } catch (error) {
    facts.push({ kind: "failed", what: "H", text: error.message });
  }
  for (const method of pair.old.methods) {
    facts.push(...(await call(pair, judge, api.createH(connection), method)));
    if (method.resumable === true) {
      facts.push(...(await comeBack(pair, protocol, method)));
    }
  }
  await within(connection.stop(), `${pair.name}: the connection stops`);
  return { pair: pair.name, protocol: protocol.name, facts: [...facts, ...heard()] };
}

for (const protocol of [new JsonHubProtocol(), new MessagePackHubProtocol()]) {
  for (const pair of JSON.parse(readFileSync("pairs.json", "utf8"))) {
    console.log(JSON.stringify(await run(pair, protocol)));
  }
}
