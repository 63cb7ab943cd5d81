import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test, vi } from "vitest";
import * as core from "@downhill/core";
import * as nn from "@downhill/nn";
import * as optim from "@downhill/optim";

const modules: Readonly<Record<string, object>> = {
  "@downhill/core": core,
  "@downhill/nn": nn,
  "@downhill/optim": optim,
};

test("the README's example runs, and prints what it says", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const code = /```ts\n(.*?)```/s.exec(readme)![1]!;
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  try {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the example is ours
    const run = new Function("require", "exports", outputText) as (require: unknown, exports: object) => void;
    run((name: string) => modules[name], {});
    expect(log.mock.calls.map(([value]) => String(value))).toEqual([
      "Net(\n  (body): Sequential(\n    (0): Linear(inFeatures=2, outFeatures=8, bias=true)\n    (1): ReLU()\n  )\n  (head): Linear(inFeatures=8, outFeatures=2, bias=true)\n)",
      "tensor([0, 1, 1, 0])",
    ]);
  } finally {
    log.mockRestore();
  }
});
