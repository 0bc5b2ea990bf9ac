import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

// `npm run dev` serves the page and passes the hub on to the Rust server, so that the browser sees one origin.
export default defineConfig(({ mode }) => {
  const server = loadEnv(mode, ".", "HUBS_").HUBS_TICKER_SERVER ?? "http://127.0.0.1:5090";
  return {
    plugins: [react()],
    server: { proxy: { "/ticker": { target: server, ws: true }, "/news": server, "/sign-in": server } },
  };
});
