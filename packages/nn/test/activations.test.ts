import { describe, expect, test } from "vitest";
import { tensor } from "@downhill/core";
import { ELU, GELU, Hardtanh, LeakyReLU, LogSoftmax, ReLU, ReLU6, SiLU, Softmax, Softplus } from "@downhill/nn";

describe("activation layers refuse what makes no sense", () => {
  test.each(Object.entries({ ReLU, ReLU6, SiLU, ELU, Hardtanh, Softplus, GELU }))(
    "%s: an unknown option, by name",
    (name, create) => {
      expect(() => new create({ slope: 1 } as object)).toThrow(`${name}: unknown option "slope"`);
    },
  );

  test("options that are no numbers", () => {
    expect(() => new ELU({ alpha: "1" as never })).toThrow('ELU: alpha must be a number, got "1"');
    expect(() => new LeakyReLU({ negativeSlope: 1 } as never)).toThrow(
      "LeakyReLU: negativeSlope must be a number, got {negativeSlope}",
    );
    expect(() => new LeakyReLU(0.1, { slope: 1 } as object)).toThrow('LeakyReLU: unknown option "slope"');
    expect(() => new Softplus({ beta: null as never })).toThrow("Softplus: beta must be a number, got null");
  });

  test("values that make no sense", () => {
    expect(() => new Hardtanh({ minVal: 1, maxVal: 1 })).toThrow("Hardtanh: minVal 1 must be below maxVal 1");
    expect(() => new GELU({ approximate: "erf" as "none" })).toThrow(
      /GELU: unknown approximate "erf"\n.*"none" or "tanh"/,
    );
    expect(() => new Softmax({ dim: 1 } as never)).toThrow(
      /Softmax: dim must be an integer, got {dim}\n.*new Softmax\(1\)/,
    );
    expect(() => new LogSoftmax(0.5)).toThrow("LogSoftmax: dim must be an integer, got 0.5");
    expect(() => new Softmax(2).forward(tensor([[1]]))).toThrow("softmax: dim 2 is out of range for 2 dims");
  });
});

test("an activation in place gives its result, and leaves its input", async () => {
  const x = tensor([-1, 2]);
  expect(await new ReLU({ inplace: true }).forward(x).tolist()).toEqual([0, 2]);
  expect(await x.tolist()).toEqual([-1, 2]);
});
