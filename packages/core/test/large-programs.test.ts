/** Programs whose intermediates are too large to be kept between runs: the interpreter makes them anew. */
import { describe, expect, it } from "vitest";
import { arange, full, grad, hessian, noGrad, ones, rand, tensor, zeros } from "@downhill/core";

describe("Programs with intermediates beyond what is kept", () => {
  it("have their run-time numbers, in forward and backward", async () => {
    expect((await full([600, 600], 1).gelu().data())[0]).toBeCloseTo(0.841345, 5);
    expect((await full([300_000], 1).softplus({ beta: 2 }).data())[0]).toBeCloseTo(1.063464, 5);
    expect(await arange(300_000).to("float32").mul(1e-5).var().item()).toBeCloseTo(0.75, 4);
    const w = ones([300_000], { requiresGrad: true });
    w.sigmoid().mul(3).sin().mean().mul(300_000).backward();
    const s = 1 / (1 + Math.exp(-1));
    expect((await w.grad!.data())[7]).toBeCloseTo(3 * s * (1 - s) * Math.cos(3 * s), 5);
  });

  it("give the same in parts and in one piece, run after run", async () => {
    const x = rand([400_000]);
    const run = (scale: number) =>
      x
        .mul(scale)
        .add(0.5)
        .exp()
        .sub(scale)
        .clamp(0, 3)
        .add(1 / scale);
    for (const scale of [2, 0.25, 7]) {
      const whole = await run(scale).data();
      const part = await x.narrow(0, 399_990, 10).clone().data();
      part.forEach((value, i) => {
        const f = Math.fround;
        const expected = Math.min(Math.max(Math.exp(f(f(value * scale) + 0.5)) - scale, 0), 3) + 1 / scale;
        expect(Math.abs(whole[399_990 + i]! - expected)).toBeLessThan(2e-5 * Math.max(1, Math.exp(scale)));
      });
    }
  });

  it("descend by hand on 150,000 samples to the truth", async () => {
    const x = rand([150_000]);
    const y = x.mul(2).add(3);
    const w = zeros([1], { requiresGrad: true });
    const b = zeros([1], { requiresGrad: true });
    for (let step = 0; step < 80; step++) {
      [w.grad, b.grad] = [null, null];
      x.mul(w).add(b).sub(y).square().mean().backward();
      noGrad(() => [w.sub_(w.grad!.mul(0.7)), b.sub_(b.grad!.mul(0.7))]);
    }
    expect(await w.item()).toBeCloseTo(2, 1);
    expect(await b.item()).toBeCloseTo(3, 1);
  });
});

describe("loops of in-place methods", () => {
  it("are cut as they go, whatever the method, and lose nothing", async () => {
    const total = zeros([4]);
    const slots = zeros([100]);
    for (let i = 0; i < 12_000; i++) {
      total.add_(1);
      slots.indexPut_([i % 100], i);
    }
    expect(total.device.pending.length).toBeLessThan(3000);
    expect(await total.tolist()).toEqual([12_000, 12_000, 12_000, 12_000]);
    expect(await slots.at(99).item()).toBe(11_999);
    expect(await slots.at(0).item()).toBe(11_900);
  });
});

describe("functions that are smooth at 0", () => {
  it("have their second derivatives there", async () => {
    const diagonal = async (values: Promise<unknown>): Promise<number[]> =>
      ((await values) as number[][]).map((row, i) => row[i]!);
    const x = tensor([0, 1], { dtype: "float64" });
    const second = Math.exp(-1) / (1 + Math.exp(-1)) ** 2;
    for (const [f, at0, at1] of [
      [(t: typeof x) => t.softplus().sum(), 0.25, second],
      [(t: typeof x) => t.logsigmoid().sum(), -0.25, -second],
      [(t: typeof x) => t.silu().sum(), 0.5, Number.NaN],
    ] as const) {
      const [zero, one] = await diagonal(hessian(f, x).tolist());
      expect(zero).toBeCloseTo(at0, 12);
      if (!Number.isNaN(at1)) expect(one).toBeCloseTo(at1, 12);
    }
    const w = tensor(0, { requiresGrad: true });
    const [first] = grad(w.softplus({ beta: 2 }), w, { createGraph: true });
    expect(await grad(first!, w)[0]!.item()).toBeCloseTo(0.5, 6);
  });
});
