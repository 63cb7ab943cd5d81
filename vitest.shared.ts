import { fileURLToPath } from "node:url";
import { defineProject, type UserWorkspaceConfig } from "vitest/config";

export type Project = UserWorkspaceConfig;

const source = (path: string): string => fileURLToPath(new URL(`./packages/${path}`, import.meta.url));

/** One Vitest project. Tests read the packages' sources, so that they need no build. */
export function project(name: string): Project {
  return defineProject({
    resolve: {
      alias: [
        { find: /^@downhill\/core$/, replacement: source("core/src/index.ts") },
        { find: /^@downhill\/core\/engine$/, replacement: source("core/src/engine.ts") },
        { find: /^@downhill\/core\/compiler$/, replacement: source("core/src/compiler.ts") },
        { find: /^@downhill\/core\/files$/, replacement: source("core/src/files/index.ts") },
        { find: /^@downhill\/core\/testing$/, replacement: source("core/src/testing/index.ts") },
        { find: /^@downhill\/nn\/onnx$/, replacement: source("nn/src/onnx/index.ts") },
        { find: /^@downhill\/([a-z]+)$/, replacement: source("$1/src/index.ts") },
      ],
    },
    test: {
      name,
      include: ["test/**/*.test.ts"],
      environment: "node",
      // For what hangs. Suites run beside each other, and what takes 2 s alone takes 6 then.
      testTimeout: 30_000,
      hookTimeout: 60_000,
    },
  });
}
