import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { camelCase } from "../parity/camel-case.ts";
import { compare } from "../parity/compare.ts";
import { manifest, pageFile, parity, parityPage } from "../parity/parity.ts";

describe("the names of PyTorch", () => {
  test("are written in camelCase, and stay in place", () => {
    const names = ["cross_entropy", "add_", "xavier_uniform_", "atleast_1d", "log_", "ReLU6", "conv_transpose2d"];
    expect(names.map(camelCase)).toEqual([
      "crossEntropy",
      "add_",
      "xavierUniform_",
      "atleast1d",
      "log_",
      "ReLU6",
      "convTranspose2d",
    ]);
  });

  test("are all here, or said otherwise, or missing for a reason", () => {
    const unexplained = parity().modules.flatMap(({ module, unexplained }) =>
      unexplained.map((name) => `${module}.${name}`),
    );
    expect(unexplained).toEqual([]);
  });

  test("are explained only where they are missing", () => {
    expect(parity().stale).toEqual([]);
  });

  test("stand on the page as they are now (npm run parity writes it)", () => {
    const file = join(import.meta.dirname, "../..", pageFile);
    expect(existsSync(file) ? readFileSync(file, "utf8") : "").toBe(parityPage());
  });

  test("are counted one by one: each stands in one place", () => {
    const found = parity().modules.map(
      ({ here, otherwise, missing }) => here.length + otherwise.length + missing.flatMap(([, names]) => names).length,
    );
    expect(found).toEqual(Object.values(manifest()).map((names) => names.length));
  });
});

describe("compare", () => {
  const doors = { core: { prefix: "", names: new Set(["matmul"]) } };
  const places = { torch: ["core"] };

  test("says which names nobody has explained", () => {
    const { modules } = compare({ torch: ["matmul", "fft"] }, doors, places, {}, []);
    expect(modules[0]).toMatchObject({ here: [["matmul", "matmul"]], unexplained: ["fft"] });
  });

  test("says which explanations are of what is here, or of nothing", () => {
    const reasons = [{ why: "not yet", names: { torch: ["matmul", "foo"] } }];
    expect(compare({ torch: ["matmul"] }, doors, places, {}, reasons).stale).toEqual([
      "torch matmul",
      "torch foo",
      "not yet",
    ]);
  });
});
