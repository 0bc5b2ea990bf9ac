import vue from "@vitejs/plugin-vue";
import { defineConfig, loadEnv } from "vite";

// `npm run dev` serves the page and passes the hub on to the Rust server, so that the browser sees one origin.
export default defineConfig(({ mode }) => {
  const server = loadEnv(mode, ".", "HUBS_").HUBS_CHAT_SERVER ?? "http://127.0.0.1:5080";
  return {
    plugins: [vue()],
    server: { proxy: { "/chat": { target: server, ws: true }, "/contract.rs": server, "/rooms": server, "/sign-in": server, "/sign-out": server } },
  };
});
