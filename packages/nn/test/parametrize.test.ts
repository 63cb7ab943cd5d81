import { describe, expect, test } from "vitest";
import { manualSeed, noGrad, ones, randn, tensor, Tensor } from "@downhill/core";
import { BatchNorm1d, ConvTranspose1d, Conv1d, Linear, Module, Parameter, Sequential, utils } from "@downhill/nn";
import { SGD } from "@downhill/optim";
import { difference, readFixture, toTensor, type Values } from "./fixture.js";

const { parametrize, parametrizations } = utils;

interface Row {
  readonly kind: "weightNorm" | "spectralNorm";
  readonly module: string;
  readonly create: readonly unknown[];
  readonly args: readonly unknown[];
  readonly before: Readonly<Record<string, Values>>;
  readonly state: Readonly<Record<string, Values>>;
  readonly calls: readonly {
    readonly args: readonly [Values];
    readonly outputs: readonly [Values];
    readonly gradOutputs: readonly [Values];
    readonly grads: readonly [Values];
    readonly paramGrads: Readonly<Record<string, Values>>;
    readonly after: Readonly<Record<string, Values>>;
    readonly training: boolean;
  }[];
  readonly removed: Readonly<Record<string, Values>>;
}

const classes: Readonly<Record<string, new (...args: never[]) => Module & { forward(x: Tensor): Tensor }>> = {
  Linear,
  Conv1d,
  ConvTranspose1d,
};

async function expectState(module: Module, expected: Readonly<Record<string, Values>>): Promise<void> {
  const state = module.stateDict();
  expect(Object.keys(state).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) expect(await difference(state[name], values), name).toBe("");
}

describe("weights that are computed give PyTorch's results, gradients and states", () => {
  const rows = readFixture("parametrizations") as Row[];
  test.each(rows.map((row, i) => [`${i}: ${row.kind} of ${row.module} ${JSON.stringify(row.args)}`, row] as const))(
    "%s",
    async (_, row) => {
      const module = new classes[row.module]!(...(row.create as never[]));
      module.loadStateDict(Object.fromEntries(Object.entries(row.before).map(([name, v]) => [name, toTensor(v)])));
      manualSeed(12);
      const [first] = row.args;
      if (row.kind === "weightNorm") parametrizations.weightNorm(module, "weight", first as number | null);
      else parametrizations.spectralNorm(module, "weight", first as object);
      await expectState(module, row.state);
      for (const call of row.calls) {
        module.train(call.training);
        module.zeroGrad();
        const x = toTensor(call.args[0]);
        const y = module.forward(x);
        expect(await difference(y, call.outputs[0]), "output").toBe("");
        y.backward(toTensor(call.gradOutputs[0]));
        expect(await difference(x.grad, call.grads[0]), "gradient of the input").toBe("");
        for (const [name, parameter] of module.namedParameters())
          expect(await difference(parameter.grad, call.paramGrads[name]!), `gradient of ${name}`).toBe("");
        for (const [name, buffer] of module.namedBuffers())
          expect(await difference(buffer, call.after[name]!), name).toBe("");
      }
      await expectState(parametrize.removeParametrizations(module, "weight"), row.removed);
    },
  );
});

class Symmetric extends Module {
  override forward(x: Tensor): Tensor {
    return x.triu().add(x.triu(1).transpose(-2, -1));
  }
  rightInverse(value: Tensor): Tensor {
    return value.triu();
  }
}

class Doubled extends Module {
  override forward(x: Tensor): Tensor {
    return x.mul(2);
  }
}

describe("parametrize", () => {
  test("has a parameter computed from what is learned, trains that, and gives both names to nobody", async () => {
    manualSeed(0);
    const layer = parametrize.registerParametrization(new Linear(3, 3), "weight", new Symmetric());
    expect([...layer.namedParameters()].map(([name]) => name)).toEqual(["bias", "parametrizations.weight.original"]);
    expect([parametrize.isParametrized(layer), parametrize.isParametrized(layer, "weight"), parametrize.isParametrized(layer, "bias")]).toEqual([true, true, false]); // prettier-ignore
    expect(layer.toString()).toBe(
      "ParametrizedLinear(\n  inFeatures=3, outFeatures=3, bias=true\n  (parametrizations): ModuleDict(\n    (weight): ParametrizationList(\n      (0): Symmetric()\n    )\n  )\n)",
    );
    const optimizer = new SGD(layer.parameters(), { lr: 0.1 });
    for (let i = 0; i < 3; i++) {
      optimizer.zeroGrad();
      layer
        .forward(randn([4, 3]))
        .square()
        .sum()
        .backward();
      optimizer.step();
    }
    const weight = (await layer.weight.tolist()) as number[][];
    expect(weight.map((_, i) => weight.map((row) => row[i]))).toEqual(weight);
    expect(layer).toBeInstanceOf(Linear);
  });

  test("applies several one after another, and assigning goes back through all", async () => {
    const layer = parametrize.registerParametrization(new Linear(2, 2), "weight", new Symmetric());
    class Halved extends Doubled {
      rightInverse(value: Tensor): Tensor {
        return value.div(2);
      }
    }
    parametrize.registerParametrization(layer, "weight", new Halved());
    Object.assign(layer, { weight: tensor([[2, 4], [4, 6]]) }); // prettier-ignore
    expect(await layer.weight.tolist()).toEqual([[2, 4], [4, 6]]); // prettier-ignore
    expect(await layer.getParameter("parametrizations.weight.original").tolist()).toEqual([[1, 2], [0, 3]]); // prettier-ignore
  });

  test("removes: the computed value stays, in the parameter that optimizers know, or the learned one", async () => {
    const make = (): Linear => parametrize.registerParametrization(new Linear(2, 1), "weight", new Doubled());
    const layer = make();
    const learned = layer.getParameter("parametrizations.weight.original");
    const value = await layer.weight.tolist();
    parametrize.removeParametrizations(layer, "weight");
    expect([layer.weight === learned, await layer.weight.tolist()]).toEqual([true, value]);
    expect([layer.constructor, parametrize.isParametrized(layer)]).toEqual([Linear, false]);
    expect(Object.keys(layer.stateDict())).toEqual(["bias", "weight"]);
    const other = make();
    const original = await other.getParameter("parametrizations.weight.original").tolist();
    parametrize.removeParametrizations(other, "weight", { leaveParametrized: false });
    expect(await other.weight.tolist()).toEqual(original);
  });

  test("takes buffers, and tensors of other shapes where it is told to", async () => {
    const norm = parametrize.registerParametrization(new BatchNorm1d(2).eval(), "runningVar", new Doubled());
    expect(await norm.runningVar!.tolist()).toEqual([2, 2]);
    expect(Object.keys(norm.stateDict())).toContain("parametrizations.runningVar.original");
    expect(Object.keys(norm.stateDict())).not.toContain("runningVar");
    class Repeated extends Module {
      override forward(x: Tensor): Tensor {
        return x.repeat(2, 1);
      }
    }
    const layer = new Linear(2, 1, { bias: false });
    expect(() => parametrize.registerParametrization(layer, "weight", new Repeated())).toThrow(
      'registerParametrization: "weight" is float32 [1, 2], and would become float32 [2, 2]\n  hint: pass { unsafe: true }',
    );
    expect(parametrize.isParametrized(layer)).toBe(false);
    parametrize.registerParametrization(layer, "weight", new Repeated(), { unsafe: true });
    expect(layer.forward(ones([3, 2])).shape).toEqual([3, 2]);
  });

  test("computes once in cached, and anew outside", () => {
    let times = 0;
    class Counted extends Doubled {
      override forward(x: Tensor): Tensor {
        times++;
        return super.forward(x);
      }
    }
    const layer = parametrize.registerParametrization(new Linear(1, 1), "weight", new Counted());
    times = 0;
    parametrize.cached(() => layer.forward(layer.forward(ones([1]))));
    expect(times).toBe(1);
    layer.forward(ones([1]));
    expect(times).toBe(2);
  });

  test("a clone computes from what itself learns", async () => {
    const layer = parametrizations.weightNorm(new Linear(2, 2));
    const copy = layer.clone();
    noGrad(() => layer.getParameter("parametrizations.weight.original0").zero_());
    expect(await layer.weight.abs().sum().item()).toBe(0);
    expect(await copy.weight.abs().sum().item()).toBeGreaterThan(0);
    parametrize.removeParametrizations(layer, "weight");
    expect([layer.weight, copy.weight].map((weight) => weight instanceof Parameter)).toEqual([true, false]);
  });

  test("spectralNorm brings the largest singular value to 1, and trains in one Program", async () => {
    manualSeed(3);
    const layer = parametrizations.spectralNorm(new Linear(4, 3), "weight", { nPowerIterations: 5 });
    const model = new Sequential(layer);
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const { programs } = ones([1]).device;
    let compiled = 0;
    for (let i = 0; i < 6; i++) {
      optimizer.zeroGrad();
      model
        .forward(randn([2, 4]))
        .sum()
        .backward();
      optimizer.step();
      if (i === 2) ({ compiled } = programs);
    }
    expect(programs.compiled).toBe(compiled);
    const weight = layer.eval().weight;
    const grown = weight.matmul(weight.t());
    let v = randn([3]);
    for (let i = 0; i < 200; i++) v = grown.matmul(v).div(grown.matmul(v).square().sum().sqrt());
    expect(await grown.matmul(v).square().sum().sqrt().item()).toBeCloseTo(1, 2);
  });

  const loose = (value: unknown): never => value as never;
  test.each<[string, () => unknown, string]>([
    ["a name", () => parametrizations.weightNorm(new Linear(1, 1), "heft"), 'weightNorm: Linear has no tensor "heft"'],
    ["a dim", () => parametrizations.weightNorm(new Linear(1, 1), "weight", 2), 'weightNorm: dim must be one of the 2 dims of "weight" or null, got 2'],
    ["a dim of spectralNorm", () => parametrizations.spectralNorm(new Linear(1, 1), "weight", { dim: 2 }), "spectralNorm: dim 2 is none of [1, 1]"],
    ["no parameter", () => parametrize.registerParametrization(new Linear(1, 1), "inFeatures", new Doubled()), 'Linear has no parameter or buffer "inFeatures"'],
    ["no module", () => parametrize.registerParametrization(new Linear(1, 1), "weight", loose(3)), "a parametrization must be a module, got 3"],
    ["nothing to remove", () => parametrize.removeParametrizations(new Linear(1, 1), "weight"), 'removeParametrizations: Linear has no parametrization of "weight"'],
    ["several to leave", () => parametrize.removeParametrizations(parametrizations.weightNorm(new Linear(1, 1)), "weight", { leaveParametrized: false }), "2 tensors were learned: none of them can be left"],
    ["assigning without a way back", () => Object.assign(parametrize.registerParametrization(new Linear(1, 1), "weight", new Doubled()), { weight: ones([1, 1]) }), "Doubled: cannot assign to a parametrized tensor: it has no rightInverse"],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(message);
  }); // prettier-ignore
});

describe("vectors of parameters", () => {
  test("go and come back", async () => {
    const layer = new Linear(3, 2);
    const vector = utils.parametersToVector(layer.parameters());
    expect(vector.shape).toEqual([8]);
    const other = new Linear(3, 2);
    utils.vectorToParameters(vector, other.parameters());
    expect(await other.weight.tolist()).toEqual(await layer.weight.tolist());
    expect([other.weight.requiresGrad, other.weight.isLeaf]).toEqual([true, true]);
    expect(() => utils.vectorToParameters(ones([7]), layer.parameters())).toThrow(
      "vectorToParameters: the parameters have 8 elements, got a vector of shape [7]",
    );
    expect(utils.parametersToVector(layer.parameters())).toBeInstanceOf(Tensor);
  });
});
