import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";
import { declarations } from "./vite-declarations.ts";

const config: UserConfig = defineConfig({
  base: "./", // served from wherever it lies
  plugins: [react()],
  worker: { format: "es", plugins: () => [declarations()] },
  build: { target: "es2022", chunkSizeWarningLimit: 5000 },
});
export default config;
