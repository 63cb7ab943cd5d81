import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const script = `
  import { getNumThreads, rand, setNumThreads } from "./index.js";
  await setNumThreads(3);
  const x = rand([500, 500]);
  for (let k = 0; k < 3; k++) {
    console.log((await x.matmul(x).mean().item()) > 0);
    if (process.argv[2] === "asleep") await new Promise((resolve) => setTimeout(resolve, 20));
  }
  console.log(getNumThreads());
  if (process.argv[2] === "exit") process.exit(0);
`;

describe("a bundled process with threads", () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "downhill-"));
    file = join(folder, "main.mjs");
    const resolveDir = join(import.meta.dirname, "../../packages/core/src");
    await build({
      stdin: { contents: script, resolveDir, loader: "ts" },
      bundle: true,
      minify: true,
      ignoreAnnotations: true, // the list of side effects in package.json names the built files
      format: "esm",
      outfile: file,
      logLevel: "error",
    });
  });
  afterAll(() => rm(folder, { recursive: true }));

  for (const way of ["awake", "asleep", "exit"]) {
    it(`ends by itself: ${way}`, async () => {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [file, way], { timeout: 30_000 });
      expect({ stdout, stderr }).toEqual({ stdout: "true\ntrue\ntrue\n3\n", stderr: "" });
    });
  }
});
