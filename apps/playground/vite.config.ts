import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";
import { declarations } from "./vite-declarations.ts";

const config: UserConfig = defineConfig({
  base: "./", // served from wherever it lies
  plugins: [react()],
  worker: { format: "es", plugins: () => [declarations()] },
  // In a folder of its own, so that the site can have dist among its static files: it is then at /playground/.
  build: { outDir: "dist/playground", target: "es2022", chunkSizeWarningLimit: 5000 },
});
export default config;
