import { describe, expect, test } from "vitest";
import { ones, randn, tensor, type Tensor } from "@downhill/core";
import {
  BatchNorm1d,
  ConvTranspose2d,
  Dropout,
  Linear,
  MaxPool2d,
  Module,
  ModuleDict,
  ModuleList,
  MultiheadAttention,
  Parameter,
  ParameterList,
  Sequential,
} from "@downhill/nn";
import { SGD } from "@downhill/optim";
import { BatchCounter } from "./small-modules.js";

class Tied extends Module {
  first: Linear = new Linear(3, 3);
  second: Linear;
  free: Parameter | null = null;
  sizes: number[] = [3, 3];
  settings: Record<string, unknown> = { by: new Map([["first", this.first]]), all: new Set([1]) };
  constructor() {
    super();
    this.second = this.first;
  }
  override forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x));
  }
}

describe("a clone", () => {
  test("gives the same, and then goes its own way", async () => {
    const model = new Sequential(new Linear(4, 8), new BatchNorm1d(8), new Linear(8, 1));
    const x = randn([6, 4]);
    model.forward(x);
    const target = model.clone();
    expect(target).toBeInstanceOf(Sequential);
    expect(target.toString()).toBe(model.toString());
    const [mine, theirs] = [model.stateDict(), target.stateDict()];
    expect(Object.keys(theirs)).toEqual(Object.keys(mine));
    for (const [name, value] of Object.entries(mine))
      expect(await theirs[name]!.tolist()).toEqual(await value.tolist());
    const before = await target.eval().forward(x).tolist();
    model.forward(x).square().sum().backward();
    new SGD(model.parameters(), { lr: 0.1 }).step();
    expect([...target.parameters()].every(({ grad }) => grad === null)).toBe(true);
    expect(await target.forward(x).tolist()).toEqual(before);
    target.train().forward(x).square().sum().backward();
    const optimizer = new SGD(target.parameters(), { lr: 0.1 });
    const weights = (): Promise<unknown[]> =>
      Promise.all([model, target].map((module) => module.stateDict()["0.weight"]!.tolist()));
    const [ofModel, ofTarget] = await weights();
    optimizer.step();
    const after = await weights();
    expect(after[0]).toEqual(ofModel);
    expect(after[1]).not.toEqual(ofTarget);
  });

  test("shares in itself what is shared, and nothing with its original", () => {
    const tied = new Tied();
    const copy = tied.clone();
    expect(copy.second).toBe(copy.first);
    expect(copy.first).not.toBe(tied.first);
    expect([...copy.parameters()]).toHaveLength(2);
    expect((copy.settings.by as Map<string, Linear>).get("first")).toBe(copy.first);
    copy.sizes.push(1);
    expect([tied.sizes, copy.free, copy.settings.all]).toEqual([[3, 3], null, new Set([1])]);
  });

  test("has the mode, the buffers with what is saved of them, and what asks for gradients", async () => {
    const counter = new BatchCounter();
    counter.scale.requiresGrad_(false);
    const copy = counter.eval().clone();
    expect([copy.training, copy.scale.requiresGrad]).toEqual([false, false]);
    expect(Object.keys(copy.stateDict())).toEqual(["scale", "count"]);
    expect([...copy.namedBuffers()].map(([name]) => name)).toEqual(["count", "mask"]);
    await copy.count.add(1).item();
    const mixed = new Sequential(new Dropout().eval(), new Dropout());
    expect([...mixed.clone()].map(({ training }) => training)).toEqual([false, true]);
  });

  test("has the hooks, which see the clone; removing one leaves the other's", () => {
    const layer = new Linear(1, 1);
    const seen: Module[] = [];
    const hook = layer.registerForwardHook((module) => void seen.push(module));
    const copy = layer.clone();
    hook.remove();
    copy.forward(ones([1]));
    layer.forward(ones([1]));
    expect(seen).toEqual([copy]);
  });

  test("works for layers and containers of every make", async () => {
    const modules: Record<string, [Module, (module: never) => unknown]> = {
      pool: [new MaxPool2d(2), (m: MaxPool2d) => m.forward(ones([1, 1, 4, 4]))],
      grown: [
        new ConvTranspose2d(1, 1, 2, { stride: 2 }),
        (m: ConvTranspose2d) => m.forward(ones([1, 1, 2, 2]), [4, 4]),
      ],
      heads: [
        new MultiheadAttention(4, 2),
        (m: MultiheadAttention) => m.forward(ones([2, 4]), ones([2, 4]), ones([2, 4]))[0],
      ],
      list: [new ModuleList([new Linear(1, 2)]), (m: ModuleList<Linear>) => m.at(0).forward(ones([1]))],
      dict: [new ModuleDict({ a: new Linear(1, 2) }), (m: ModuleDict<Linear>) => m.get("a").forward(ones([1]))],
      parameters: [new ParameterList([new Parameter(ones([2]))]), (m: ParameterList) => m.at(0)],
    };
    for (const [name, [module, run]] of Object.entries(modules)) {
      const results = [module, module.clone()].map((m) => run(m as never) as Tensor);
      expect([name, await results[1]!.tolist()]).toEqual([name, await results[0]!.tolist()]);
    }
  });

  test("is refused where it would not stand on its own", () => {
    class Field extends Module {
      override forward = (x: Tensor): Tensor => x;
    }
    expect(() => new Field().clone()).toThrow("Field: cannot clone: forward is a class field");
    const layer = Object.assign(new Linear(1, 1), { last: tensor([1], { requiresGrad: true }).mul(2) });
    expect(() => layer.clone()).toThrow("clone: a property is a computed tensor with gradients");
  });
});
