import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// In development the page comes from Vite, which passes the hub's traffic on to the Rust server.
const target = `http://${process.env.ADDRESS ?? "127.0.0.1:3000"}`;

export default defineConfig({ plugins: [react()], server: { proxy: { "/chat": { target, ws: true } } } });
