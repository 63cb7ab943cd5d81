import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the landing page's program prints what stands under it", () => {
  const folder = join(import.meta.dirname, "../src/landing");
  const { stdout } = spawnSync(process.execPath, ["--no-warnings", join(folder, "program.ts")], { encoding: "utf8" });
  expect(stdout).toBe(readFileSync(join(folder, "program.txt"), "utf8"));
});
