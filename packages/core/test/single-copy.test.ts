import { cp, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";

it("two copies of core in one program are an error that names both", async () => {
  const folder = await mkdtemp(join(import.meta.dirname, ".copy-"));
  try {
    await import("@downhill/core");
    const source = join(import.meta.dirname, "../src");
    await cp(join(source, "single-copy.ts"), join(folder, "single-copy.ts"));
    await cp(join(source, "errors.ts"), join(folder, "errors.ts"));
    const copy = pathToFileURL(join(folder, "single-copy.ts")).href;
    const first = pathToFileURL(join(source, "single-copy.ts")).href;
    await expect(import(/* @vite-ignore */ copy)).rejects.toThrow(
      `@downhill/core is loaded twice: from ${first} and from ${copy}`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
