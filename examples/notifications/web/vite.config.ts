import { defineConfig, loadEnv } from "vite";

// `npm run dev` serves the page and passes the rest on to the Rust server, so that the browser sees one origin.
export default defineConfig(({ mode }) => {
  const server = loadEnv(mode, ".", "HUBS_").HUBS_NOTIFICATIONS_SERVER ?? "http://127.0.0.1:5082";
  return { server: { proxy: { "/notifications": server, "/notify": server, "/sign-in": server, "/sign-out": server } } };
});
