import { memoryStats, randn, type Tensor, VersionError } from "@downhill/core";
import { assign, ownTensor } from "@downhill/core/engine";
import { describe, expect, it } from "vitest";
import { Optimizer, type ParamGroup, type ParamState, SGD } from "../src/index.js";

const parameter = (): Tensor => ownTensor(randn([100, 100])).requiresGrad_();

function step(w: Tensor, optimizer: { zeroGrad(): void; step(): unknown }): void {
  optimizer.zeroGrad();
  w.var().backward();
  void optimizer.step();
}

describe("the memory of a gradient", () => {
  it("is used again by the next step: none is added", () => {
    const w = parameter();
    const optimizer = new SGD([w], { lr: 0.01 });
    for (let i = 0; i < 3; i++) step(w, optimizer);
    const { live } = memoryStats();
    for (let i = 0; i < 500; i++) step(w, optimizer);
    expect(memoryStats().live).toBe(live);
  });

  it("stays as long as somebody may hold it who has read .grad", async () => {
    const w = parameter();
    const optimizer = new SGD([w], { lr: 0.01 });
    const kept: Tensor[] = [];
    const expected: number[][] = [];
    for (let i = 0; i < 5; i++) {
      step(w, optimizer);
      kept.push(w.grad!);
      expected.push([...(await w.grad!.data())]);
    }
    for (const [i, grad] of kept.entries()) expect([...(await grad.data())]).toEqual(expected[i]);
  });

  it("stays while something that reads it is still to be computed", async () => {
    const w = parameter();
    const optimizer = new SGD([w], { lr: 0.01 });
    step(w, optimizer);
    const pending = randn([3]).add(1);
    optimizer.zeroGrad();
    expect(await pending.data()).toHaveLength(3);
    expect(w.grad).toBe(null);
  });

  it("is gone for an optimizer that keeps what it was given, and says so", async () => {
    class Keeping extends Optimizer<object> {
      protected override readonly stateKinds = {};
      last: Tensor | null = null;
      constructor(params: Iterable<Tensor>) {
        super(params, {});
      }
      protected override check(): void {
        // It has no settings.
      }
      protected override update(param: Tensor, grad: Tensor, _: ParamState, __: ParamGroup<object>): Tensor {
        this.last = grad;
        return param.sub(grad);
      }
    }
    const w = parameter();
    const optimizer = new Keeping([w]);
    step(w, optimizer);
    await optimizer.last!.data();
    optimizer.zeroGrad();
    expect(() => optimizer.last!.add(1)).toThrow(VersionError);
    expect(() => optimizer.last!.add(1)).toThrow(/overwritten by zeroGrad\(\)[^]*keep a copy with clone\(\)/);
  });

  it("stays if it was set by hand, or is another tensor's", async () => {
    const w = parameter();
    const mine = randn([100, 100]);
    await mine.data();
    w.grad = mine;
    w.zeroGrad();
    expect(await mine.data()).toHaveLength(10_000);
    const twin = parameter();
    w.mul(twin).sum().backward();
    twin.grad = w.grad;
    assign(w, w.sub(1));
    await w.data();
    w.zeroGrad();
    expect(await twin.grad.data()).toHaveLength(10_000);
  });
});
