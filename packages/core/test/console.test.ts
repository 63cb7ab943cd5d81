import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { noGrad, rand, tensor, zeros } from "@downhill/core";
import { assign, flush } from "@downhill/core/engine";
import { type ConsoleFormatter, installConsoleFormatter } from "../src/console-formatter.js";

describe("console.log in Node", () => {
  it("shows a tensor as PyTorch prints it, also inside arrays and objects", () => {
    expect(inspect(tensor([1.5, 2]))).toBe("tensor([1.5000, 2.0000])");
    expect(inspect({ w: [tensor([[1, 2]], { requiresGrad: true })] })).toBe(
      "{ w: [ tensor([[1., 2.]], requiresGrad=true) ] }",
    );
    expect(inspect(rand([1001]))).toContain("...");
    expect(inspect(tensor([1, 2], { requiresGrad: true }).mul(2))).toBe("tensor([2., 4.], gradFn=<Mul>)");
  });
});

describe("the custom formatter of browser consoles", () => {
  const install = (): ConsoleFormatter => {
    const page: { document: object; devtoolsFormatters?: ConsoleFormatter[] } = { document: {} };
    installConsoleFormatter(page);
    installConsoleFormatter(page);
    expect(page.devtoolsFormatters).toHaveLength(1);
    return page.devtoolsFormatters![0]!;
  };

  it("is installed once, and only where there is a page", () => {
    install();
    const worker: { devtoolsFormatters?: unknown } = {};
    installConsoleFormatter(worker);
    expect(worker.devtoolsFormatters).toBeUndefined();
  });

  it("shows tensors and leaves all else to the console", () => {
    const formatter = install();
    expect(formatter.header(tensor([[1, 2]]))).toEqual(["div", expect.anything(), "tensor([[1., 2.]])"]);
    expect(formatter.header({ shape: [1] })).toBeNull();
    expect(formatter.hasBody(5)).toBe(false);
    const w = tensor([2, 3], { requiresGrad: true });
    w.sum().backward();
    expect(formatter.body(w)![2]).toBe("shape [2]\nfloat32\ncpu\ngrad tensor([1., 1.])");
  });

  it("says why a value cannot be shown instead of throwing", () => {
    const formatter = install();
    const w = tensor([1, 2], { requiresGrad: true });
    const old = w.node;
    const stale = Object.create(w) as typeof w;
    stale.node = old;
    noGrad(() => assign(w, zeros([2]).add(1)));
    flush(w);
    expect(formatter.header(stale)![2]).toContain("overwritten by");
  });
});
