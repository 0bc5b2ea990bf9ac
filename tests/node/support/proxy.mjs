// A reverse proxy before a server, as clients meet them: it keeps a list of what it saw, and can refuse, answer itself and
// add headers.

import http from "node:http";
import net from "node:net";
import { once } from "node:events";

/** Ways of asking. */
export const isUpgrade = (request) => request.headers.upgrade === "websocket";
export const isEvents = (request) => request.headers.accept === "text/event-stream";
export const isNegotiate = (request) => new URL(request.url, "http://proxy").pathname.endsWith("/negotiate");

/** Ends with the test `context`. `answer` may answer a request itself: with a status, a body and headers. */
export async function proxy(context, target, answer = () => undefined) {
  const { hostname, port } = new URL(target);
  const sockets = new Set();
  const seen = [];
  const server = http.createServer((request, response) => {
    seen.push(request);
    const own = answer(request);
    if (own?.status !== undefined) {
      response.writeHead(own.status, own.headers).end(own.body);
      return;
    }
    const { method, url: path, headers } = request;
    const onward = http.request({ hostname, port, method, path, headers }, (answered) => {
      response.writeHead(answered.statusCode, { ...answered.headers, ...own?.headers });
      answered.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  server.on("upgrade", (request, socket, head) => {
    seen.push(request);
    if (answer(request)?.status !== undefined) {
      socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
      return;
    }
    const onward = net.connect(port, hostname, () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let at = 0; at < request.rawHeaders.length; at += 2) {
        lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
      }
      onward.write(`${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
    sockets.add(onward);
  });
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, seen };
}
