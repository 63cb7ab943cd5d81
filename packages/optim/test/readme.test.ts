import { readFileSync } from "node:fs";
import * as core from "@downhill/core";
import ts from "typescript";
import { expect, test, vi } from "vitest";
import * as optim from "../src/index.js";

const modules: Readonly<Record<string, object>> = { "@downhill/core": core, "@downhill/optim": optim };

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);

test("the README has two examples", () => {
  expect(examples.length).toBe(2);
});

test.each(examples.map((code, i) => [i + 1, code] as const))(
  "example %i of the README runs, and prints what it says",
  (_, code) => {
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS };
    const { outputText } = ts.transpileModule(code, { compilerOptions });
    const log = vi.spyOn(console, "log").mockReturnValue(undefined);
    try {
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the example is ours
      const run = new Function("require", "exports", outputText) as (require: unknown, exports: object) => void;
      run((name: string) => modules[name], {});
      const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, text]) => text);
      expect(said.length).toBeGreaterThan(0);
      expect(log.mock.calls.map(([value]) => String(value))).toEqual(said);
    } finally {
      log.mockRestore();
    }
  },
);
