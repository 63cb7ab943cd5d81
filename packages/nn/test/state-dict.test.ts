import { describe, expect, test } from "vitest";
import { defaultDevice, noGrad, ones, tensor, type Tensor, zeros } from "@downhill/core";
import { BatchCounter, Pair } from "./small-modules.js";
import { Linear, Sequential, ReLU } from "@downhill/nn";
import { SGD } from "@downhill/optim";

const model = (): Sequential => new Sequential(new Linear(2, 3), new ReLU(), new Linear(3, 1));

async function values(state: Readonly<Record<string, Tensor>>): Promise<unknown[]> {
  return Promise.all(Object.values(state).map((value) => value.tolist()));
}

describe("stateDict", () => {
  test("has PyTorch's names, and what is shared under each of its names", () => {
    expect(Object.keys(model().stateDict())).toEqual(["0.weight", "0.bias", "2.weight", "2.bias"]);
    expect(Object.keys(model().stateDict("net"))).toEqual(["net.0.weight", "net.0.bias", "net.2.weight", "net.2.bias"]);
    const layer = new Linear(1, 1, { bias: false });
    expect(Object.keys(new Sequential(layer, layer).stateDict())).toEqual(["0.weight", "1.weight"]);
    expect(Object.keys(new BatchCounter().stateDict())).toEqual(["scale", "count"]);
  });

  test("is the value at that moment: a later step does not change it", async () => {
    const net = new Linear(1, 1);
    noGrad(() => net.weight.fill_(2));
    const state = net.stateDict();
    const optimizer = new SGD(net.parameters(), { lr: 1 });
    net
      .forward(ones([1, 1]))
      .sum()
      .backward();
    optimizer.step();
    expect(await state.weight!.tolist()).toEqual([[2]]);
    expect(await net.weight.tolist()).toEqual([[1]]);
    expect(state.weight!.requiresGrad).toBe(false);
  });

  test("a save between steps leaves the step's Program as it was", () => {
    const net = model();
    const optimizer = new SGD(net.parameters(), { lr: 0.1 });
    const step = (): void => {
      optimizer.zeroGrad();
      net
        .forward(ones([4, 2]))
        .sum()
        .backward();
      optimizer.step();
    };
    step();
    step();
    net.stateDict();
    step();
    const { compiled } = defaultDevice().programs;
    net.stateDict();
    step();
    expect(defaultDevice().programs.compiled).toBe(compiled);
  });
});

describe("loadStateDict", () => {
  test("makes another model equal", async () => {
    const [from, to] = [model(), model()];
    const report = to.loadStateDict(from.stateDict());
    expect(report).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(await values(to.stateDict())).toEqual(await values(from.stateDict()));
    expect([...to.parameters()].every((p) => p.requiresGrad && p.isLeaf)).toBe(true);
  });

  test("writes into the same parameters, which an optimizer goes on to update", async () => {
    const net = new Linear(1, 1, { bias: false });
    const optimizer = new SGD(net.parameters(), { lr: 1 });
    net.loadStateDict({ weight: tensor([[5]]) });
    net
      .forward(ones([1, 1]))
      .sum()
      .backward();
    optimizer.step();
    expect(await net.weight.tolist()).toEqual([[4]]);
  });

  test("reports all that does not fit in one readable error, and changes nothing", async () => {
    const net = model();
    const before = await values(net.stateDict());
    const { "0.bias": _, ...rest } = model().stateDict();
    const state = { ...rest, "0.weight": zeros([3, 3]), "2.bias": [1] as unknown as Tensor, "3.weight": ones([1]) };
    expect(() => net.loadStateDict(state)).toThrow(
      [
        "loadStateDict: the state dict does not fit Sequential",
        '    missing: "0.bias"',
        '    unexpected: "3.weight"',
        '    "0.weight": shape [3, 3] in the state dict, [3, 2] in the module',
        '    "2.bias": [1] in the state dict, which is no tensor',
      ].join("\n"),
    );
    expect(await values(net.stateDict())).toEqual(before);
  });

  test("not strict, missing and unexpected names are reported; shapes still must fit", async () => {
    const net = model();
    const report = net.loadStateDict({ "0.bias": ones([3]), other: ones([1]) }, { strict: false });
    expect(report).toEqual({ missingKeys: ["0.weight", "2.weight", "2.bias"], unexpectedKeys: ["other"] });
    expect(await net.getParameter("0.bias").tolist()).toEqual([1, 1, 1]);
    expect(() => net.loadStateDict({ "0.bias": ones([4]) }, { strict: false })).toThrow(
      '"0.bias": shape [4] in the state dict, [3] in the module',
    );
  });

  test("may get the module's own tensors, even crosswise", async () => {
    const pair = new Pair();
    pair.loadStateDict({ a: pair.b, b: pair.a });
    expect(await pair.a.tolist()).toEqual([2, 2]);
    expect(await pair.b.tolist()).toEqual([1, 1]);
    pair.loadStateDict({ a: pair.a, b: pair.b });
    expect(await pair.a.tolist()).toEqual([2, 2]);
  });

  test("converts dtypes, and takes buffers", async () => {
    const counter = new BatchCounter();
    counter.loadStateDict({ scale: tensor([0.5], { dtype: "float64" }), count: tensor(7, { dtype: "int32" }) });
    expect(counter.scale.dtype).toBe("float32");
    expect(await counter.scale.tolist()).toEqual([0.5]);
    expect(await counter.count.item()).toBe(7);
  });

  test("does not touch the tensors that it took the values from", async () => {
    const net = new Linear(1, 1, { bias: false });
    const weight = tensor([[3]]);
    net.loadStateDict({ weight });
    noGrad(() => net.weight.mul_(2));
    expect(await weight.tolist()).toEqual([[3]]);
  });

  test("names that objects inherit are not mistaken for entries", () => {
    expect(() => new Pair().loadStateDict({})).toThrow('missing: "a", "b"');
    expect(() => new Pair().loadStateDict(null as never)).toThrow(/expects an object of tensors, got null/);
    expect(() => new Pair().loadStateDict(ones([1]) as never)).toThrow("expects an object of tensors, got Tensor([1])");
    expect(() => new Pair().loadStateDict({}, { strickt: false } as object)).toThrow(
      'loadStateDict: unknown option "strickt"',
    );
  });

  test("shared parameters load from each of their names", async () => {
    const layer = new Linear(1, 1, { bias: false });
    const net = new Sequential(layer, layer);
    net.loadStateDict({ "0.weight": tensor([[1]]), "1.weight": tensor([[2]]) });
    expect(await layer.weight.tolist()).toEqual([[2]]); // as PyTorch: the last one stays
    expect(() => net.loadStateDict({ "0.weight": tensor([[1]]) })).toThrow('missing: "1.weight"');
  });

  test("a loss recorded before the load has the old weights", async () => {
    const net = new Linear(1, 1, { bias: false });
    noGrad(() => net.weight.fill_(2));
    const out = net.forward(ones([1, 1]));
    net.loadStateDict({ weight: tensor([[9]]) });
    expect(await out.item()).toBe(2);
  });
});
