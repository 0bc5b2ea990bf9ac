// The bench's methods on Socket.IO with its own engine, over WebSockets alone. PORT says where.
import { createServer } from "node:http";
import { Server } from "socket.io";

const server = createServer();
const io = new Server(server, { transports: ["websocket"], serveClient: false });
io.on("connection", (socket) => {
  socket.on("echo", (text, answer) => answer(text));
  socket.on("broadcast", (text, answer) => {
    io.emit("receive", text);
    answer();
  });
});
server.on("connection", (socket) => socket.setNoDelay(true));
server.listen({ host: "127.0.0.1", port: Number(process.env.PORT ?? 5007), backlog: 4096 });
