import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ones, type Tensor } from "@downhill/core";
import { loadCheckpoint, saveCheckpoint } from "@downhill/core/files";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";

// Saves a checkpoint, and kills itself at the call of the file system with the given number, a write in its midst.
const script = `
  import { ones } from "./index.js";
  import { saveCheckpoint } from "./files/index.js";
  const [path, last] = [process.argv[2], Number(process.argv[3])];
  const fs = process.getBuiltinModule("node:fs/promises");
  let calls = 0;
  const deadly = (target, names) => new Proxy(target, {
    get: (_, name) => typeof target[name] !== "function" ? target[name] : async (...args) => {
      if (names.includes(name) && ++calls === last) {
        if (name === "write") await target.write(args[0], args[1], Math.ceil(args[2] / 2));
        process.kill(process.pid, "SIGKILL");
        await new Promise(() => setInterval(() => undefined, 1000));
      }
      const result = await target[name](...args);
      return name === "open" ? deadly(result, ["write", "sync", "close"]) : result;
    },
  });
  const original = process.getBuiltinModule.bind(process);
  const watched = deadly(fs, ["open", "rename"]);
  process.getBuiltinModule = (name) => name === "node:fs/promises" ? watched : original(name);
  await saveCheckpoint(path, { version: 2, weight: ones([5000]).mul(2), more: ones([3]) });
`;

let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "downhill-killed-"));
  program = join(folder, "writer.mjs");
  await build({
    stdin: { contents: script, resolveDir: join(import.meta.dirname, "../../packages/core/src"), loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile: program,
    logLevel: "error",
  });
});
afterAll(() => rm(folder, { recursive: true }));

/** Whether the writer came to its end. */
const finishes = (path: string, last: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, [program, path, String(last)], (error, _, stderr) => {
      if (error === null) resolve(true);
      else if (error.signal === "SIGKILL" || process.platform === "win32") resolve(false);
      else reject(new Error(stderr, { cause: error }));
    });
  });

it(
  "a checkpoint whose writer is killed at any point is the old one or the new one, whole",
  { timeout: 60_000 },
  async () => {
    const first = join(folder, "first");
    await saveCheckpoint(first, { version: 1, weight: ones([5000]), more: ones([3]) });
    const versions: unknown[] = [];
    // Four writers at a time: they die at opening, in each of four writes, at syncing, closing, renaming, and in what follows.
    for (let last = 1, finished = false; !finished; last += 4) {
      const killed = await Promise.all(
        [0, 1, 2, 3].map(async (more) => {
          const path = join(folder, `run-${last + more}`);
          await copyFile(first, path);
          const whole = await finishes(path, last + more);
          const { version, weight } = (await loadCheckpoint(path)) as { version: number; weight: Tensor };
          expect(await weight.data()).toEqual(new Float32Array(5000).fill(version));
          return { whole, version };
        }),
      );
      versions.push(...killed.filter(({ whole }) => !whole).map(({ version }) => version));
      finished = killed.some(({ whole }) => whole);
    }
    expect(versions.slice(0, 8)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]); // up to the renaming
    expect(new Set(versions.slice(8))).toEqual(new Set([2]));
  },
);
