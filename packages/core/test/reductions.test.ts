import { describe, expect, it } from "vitest";
import {
  arange,
  cumprod,
  full,
  norm,
  ones,
  prod,
  rand,
  std,
  type Tensor,
  tensor,
  var as variance,
  zeros,
} from "@downhill/core";
import { gradcheck, gradgradcheck } from "../src/testing/gradcheck.js";

const leaf = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });

/** The gradient of the sum of what `f` gives at `x`. */
async function slope(f: (x: Tensor) => Tensor, x: Tensor): Promise<unknown> {
  f(x).sum().backward();
  return x.grad!.tolist();
}

describe("gradients that divide by no element", () => {
  const points = {
    "no zero": [1.5, -2, 0.5, 3],
    "one zero": [1.5, 0, 0.5, 3],
    "two zeros": [0, -2, 0, 3],
    "all zeros": [0, 0, 0, 0],
    "zeros at the ends": [0, 2, 3, 0],
  };
  it.each(Object.entries(points))(
    "prod and cumprod have the right first and second derivatives: %s",
    async (_, values) => {
      for (const f of [
        (x: Tensor) => prod(x),
        (x: Tensor) => prod(x, 0, { keepdim: true }),
        (x: Tensor) => cumprod(x, 0),
      ]) {
        expect(await gradcheck(f, [leaf(values)])).toBe(true);
        expect(await gradgradcheck(f, [leaf(values)])).toBe(true);
      }
    },
  );

  it("hold for every length, since running sums double", async () => {
    for (let size = 1; size <= 9; size++) {
      const x = rand([size], { dtype: "float64" }).add(0.5).detach().requiresGrad_();
      expect(await gradcheck((y) => cumprod(y, 0), [x])).toBe(true);
    }
  });

  it("stay finite where a product is too small to divide", async () => {
    const x = leaf([1e-200, 1e-200, 2]);
    expect(await slope((y) => cumprod(y, 0).narrow(0, 1, 1), x)).toEqual([1e-200, 1e-200, 0]);
  });
});

describe("gradients at kinks are PyTorch's", () => {
  it("std of equal elements has none", async () => {
    expect(await slope((x) => std(x, 1), leaf([[2, 2, 2]]))).toEqual([[0, 0, 0]]);
  });

  it.each([0.5, 1, 1.5, 2, 3, Infinity, -Infinity])("norm %s at zero has none", async (p) => {
    expect(await slope((x) => norm(x, p), leaf([0, 0]))).toEqual([0, 0]);
  });

  it("norm 0.5 has none for the elements that are zero", async () => {
    expect(await slope((x) => norm(x, 0.5), leaf([0, 4, 0]))).toEqual([0, 1, 0]);
  });

  it("max shares ties over all elements, and gives all to the first along a dim", async () => {
    expect(await slope((x) => x.max(), leaf([1, 3, 3]))).toEqual([0, 0.5, 0.5]);
    expect(await slope((x) => x.max(0)[0], leaf([1, 3, 3]))).toEqual([0, 1, 0]);
    expect(await slope((x) => x.min(x.detach()), leaf([1, 3, 3]))).toEqual([0.5, 0.5, 0.5]);
  });

  it("an infinite gradient of max(dim) reaches the winner alone", async () => {
    const x = leaf([[1, 3, 2]]);
    x.max(1)[0].backward(tensor([Infinity], { dtype: "float64" }));
    expect(await x.grad!.tolist()).toEqual([[0, Infinity, 0]]);
  });
});

describe("sums", () => {
  it("of a million float32 numbers keep every digit", async () => {
    const sum = await full([1_000_000], 0.1).sum().item();
    expect(sum).toBe(Math.fround(Math.fround(0.1) * 1_000_000));
  });

  it("of integers wrap at 32 bits", async () => {
    const most = full([2], 2 ** 31 - 1, { dtype: "int32" });
    expect(await most.sum().item()).toBe(-2);
    expect(await most.cumsum(0).tolist()).toEqual([2 ** 31 - 1, -2]);
    const factors = full([3], 65537, { dtype: "int32" });
    expect(await factors.prod().item()).toBe(196609);
    expect(await factors.cumprod(0).tolist()).toEqual([65537, 131073, 196609]);
  });

  it("of nothing are 0, products 1, means and variances NaN", async () => {
    const nothing = zeros([2, 0]);
    expect(await nothing.sum(1).tolist()).toEqual([0, 0]);
    expect(await nothing.prod(1).tolist()).toEqual([1, 1]);
    expect(await nothing.mean(1).tolist()).toEqual([NaN, NaN]);
    expect(await nothing.var().item()).toBeNaN();
    expect(await nothing.all().item()).toBe(true);
    expect(await nothing.any(1).tolist()).toEqual([false, false]);
  });
});

describe("var", () => {
  it("does not cancel far from zero", async () => {
    const x = tensor([100_000, 100_001, 100_002, 100_003]);
    expect(await variance(x, 0, { correction: 0 }).item()).toBe(1.25);
  });

  it("takes a correction that is a run-time number", async () => {
    const x = ones([4]);
    const { programs } = x.device;
    await x.var(0, { correction: 0 }).item();
    const before = programs.compiled;
    await x.var(0, { correction: 2 }).item();
    await x.var(0, { unbiased: true }).item();
    expect(programs.compiled).toBe(before);
  });
});

describe("argmax", () => {
  it("without a dim counts through all elements, and keepdim keeps all dims", async () => {
    const x = arange(6).reshape(2, 3);
    expect(await x.argmax().item()).toBe(5);
    expect(await x.argmin(null, { keepdim: true }).tolist()).toEqual([[0]]);
    expect(x.argmax(1).dtype).toBe("int32");
  });
});
