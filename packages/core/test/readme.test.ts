import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { maxUlps } from "../src/wasm/maths/bounds.js";

it("the README states the bound of every float32 function", () => {
  const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
  const rows = [...readme.matchAll(/^ *\| (\d) +\| ([a-z\d, ]+?) *\|$/gm)];
  const stated = rows.flatMap(([, ulps, names]) =>
    names!.split(", ").map((name): [string, number] => [name, Number(ulps)]),
  );
  expect(Object.fromEntries(stated)).toEqual(maxUlps);
});
