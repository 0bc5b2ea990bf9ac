// A thin hub written by hand on ws: SignalR's JSON protocol as far as the bench speaks it. PORT says where.
import { createServer } from "node:http";
import { WebSocket, WebSocketServer } from "ws";

const end = "\x1e";
const connected = new Set();
let nextId = 1;

const encode = (message) => JSON.stringify(message) + end;

function answer(socket, { type, target, invocationId, arguments: values }) {
  if (type !== 1) return;
  if (target === "Broadcast") {
    const message = encode({ type: 1, target: "Receive", arguments: values });
    for (const other of connected) if (other.readyState === WebSocket.OPEN) other.send(message);
    socket.send(encode({ type: 3, invocationId }));
  } else if (target === "Echo") {
    socket.send(encode({ type: 3, invocationId, result: values[0] }));
  } else {
    socket.send(encode({ type: 3, invocationId, error: "unknown method" }));
  }
}

const server = createServer((request, response) => {
  request.resume();
  const id = String(nextId++);
  const availableTransports = [{ transport: "WebSockets", transferFormats: ["Text"] }];
  const body = JSON.stringify({ negotiateVersion: 1, connectionId: id, connectionToken: id, availableTransports });
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
});
server.on("connection", (socket) => socket.setNoDelay(true));

new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false }).on("connection", (socket) => {
  let shaken = false;
  socket.on("message", (data) => {
    for (const record of data.toString().split(end)) {
      if (!record) continue;
      if (shaken) answer(socket, JSON.parse(record));
      else {
        shaken = true;
        connected.add(socket);
        socket.send("{}" + end);
      }
    }
  });
  socket.on("close", () => connected.delete(socket));
  socket.on("error", () => connected.delete(socket));
});
server.listen({ host: "127.0.0.1", port: Number(process.env.PORT ?? 5006), backlog: 4096 });
