/** Evaluation, without a worker: what a module gives, and where it says an error is. */
import { describe, expect, it } from "vitest";
import { doors } from "../src/runtime/doors.js";
import { Evaluator } from "../src/runtime/evaluate.js";
import type { Fault, ProgramError } from "../src/runtime/fault.js";

const evaluator = (scope: Record<string, unknown> = {}): Evaluator => new Evaluator({ doors, scope });
const faultIn = (text: string): Promise<Fault> =>
  evaluator()
    .run(text)
    .then(
      () => Promise.reject(new Error("it ran")),
      (error: unknown) => (error as ProgramError).fault,
    );

describe("a module", () => {
  it("imports the packages by any of their doors, awaits at its top, and exports", async () => {
    const exports = await evaluator().run(`
      import { tensor, type Tensor } from "@downhill/core";
      import * as optim from "@downhill/optim";
      const x: Tensor = tensor([1, 2, 3]);
      export const sum: number = await x.sum().item();
      export const isClass = typeof optim.SGD === "function";
      const { Linear } = await import("@downhill/nn");
      export default new Linear(2, 1).weight.shape;
    `);
    expect(exports).toEqual({ sum: 6, isClass: true, default: [1, 2] });
  });

  it("has the names of the scope, and may have its own of the same name", async () => {
    const said: unknown[] = [];
    const scope = { say: (value: unknown) => said.push(value), progress: 1 };
    await evaluator(scope).run("say(progress);");
    await evaluator(scope).run("const progress = 2;\nsay(progress);");
    expect(said).toEqual([1, 2]);
  });

  it("is strict", async () => {
    expect(await faultIn("undeclared = 1;")).toMatchObject({ name: "ReferenceError", line: 1 });
  });
});

describe("an error's place", () => {
  it("is the innermost of the user's lines, whatever threw", async () => {
    expect(
      await faultIn(
        `import { ones } from "@downhill/core";\n\nconst f = () =>\n    ones([2]).matmul(ones([3]));\nf();`,
      ),
    ).toMatchObject({ line: 4, column: 15 });
  });

  it("is counted in what the user typed, types included, on the first line too", async () => {
    expect(await faultIn(`const f = (x: number | null | undefined): number => x!.y.z; f(1);`)).toMatchObject({
      line: 1,
      column: 58,
    });
  });

  it("is found for syntax errors, with the message without the place", async () => {
    const fault = await faultIn("const a = 1;\nconst b = ;\n");
    expect(fault).toMatchObject({ name: "SyntaxError", line: 2, column: 11 });
    expect(fault.message).not.toMatch(/\(\d/);
  });

  it("is found for what an exported function throws later", async () => {
    const own = evaluator();
    const { later } = await own.run("export function later(): void {\n  throw new RangeError('late');\n}");
    try {
      (later as () => void)();
    } catch (error) {
      expect(own.fault(error)).toMatchObject({ name: "RangeError", message: "late", line: 2, column: 9 });
    }
  });

  it("is that of an import of what there is not", async () => {
    expect(await faultIn('// first\nimport { a } from "lodash";\nconsole.log(a);')).toMatchObject({
      name: "ImportError",
      line: 2,
      message: expect.stringContaining("@downhill/core") as string,
    });
  });
});
