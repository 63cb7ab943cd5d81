import { describe, expect, test } from "vitest";
import { ones, type Tensor, zeros } from "@downhill/core";
import {
  Linear,
  Module,
  ModuleDict,
  ModuleList,
  Parameter,
  ParameterDict,
  ParameterList,
  ReLU,
  Sequential,
  Tanh,
} from "@downhill/nn";

class Net extends Module {
  layers = new ModuleList([new Linear(2, 2), new Linear(2, 2)]);
  acts = new ModuleDict<Module>({ relu: new ReLU(), tanh: new Tanh() });
  scales = new ParameterList([new Parameter(ones([2])), new Parameter(ones([1, 2]))]);
  named = new ParameterDict({ shift: new Parameter(zeros([2])) });
  override forward(x: Tensor): Tensor {
    for (const [i, layer] of [...this.layers].entries()) x = layer.forward(x).mul(this.scales.at(i));
    return x.add(this.named.get("shift"));
  }
}

describe("what a container holds is the module's", () => {
  test("parameters, state and submodules, by name", async () => {
    const net = new Net();
    expect(Object.keys(net.stateDict())).toEqual([
      "layers.0.weight",
      "layers.0.bias",
      "layers.1.weight",
      "layers.1.bias",
      "scales.0",
      "scales.1",
      "named.shift",
    ]);
    expect(net.getSubmodule("acts.tanh")).toBe(net.acts.get("tanh"));
    expect(net.getParameter("scales.1")).toBe(net.scales.at(-1));
    net
      .forward(ones([1, 2]))
      .sum()
      .backward();
    expect([...net.parameters()].every((parameter) => parameter.grad !== null)).toBe(true);
    const other = new Net();
    other.loadStateDict(net.stateDict());
    expect(await other.layers.at(1).weight.tolist()).toEqual(await net.layers.at(1).weight.tolist());
    net.eval();
    expect(net.acts.get("relu").training).toBe(false);
    net.to("float64");
    expect(net.scales.at(0).dtype).toBe("float64");
  });

  test("a shared parameter is there once", () => {
    const shared = new Parameter(ones([2]));
    expect([...new ParameterList([shared, shared]).parameters()]).toHaveLength(1);
    expect(Object.keys(new ParameterList([shared, shared]).stateDict())).toEqual(["0", "1"]);
  });
});

describe("containers change as arrays and maps do", () => {
  test("ModuleList", () => {
    const [a, b, c, d] = [new ReLU(), new Tanh(), new ReLU(), new Tanh()];
    const list = new ModuleList<Module>([a]);
    list.append(c).insert(1, b).insert(3, d).extend([a]);
    expect([...list]).toEqual([a, b, c, d, a]);
    expect(list.pop()).toBe(a);
    expect(list.pop(0)).toBe(a);
    list.set(-1, a);
    expect([...list.children()]).toEqual([b, c, a]);
    expect(list).toHaveLength(3);
  });

  test("ModuleDict", () => {
    const [a, b] = [new ReLU(), new Tanh()];
    const dict = new ModuleDict<Module>([["a", a]]).set("b", b).set("a", b);
    expect([...dict]).toEqual([["a", b], ["b", b]]); // prettier-ignore
    expect([...dict.keys()]).toEqual(["a", "b"]);
    expect(dict.pop("a")).toBe(b);
    expect([dict.has("a"), dict.size, [...dict.values()]]).toEqual([false, 1, [b]]);
    dict.clear();
    expect([...dict.entries()]).toEqual([]);
  });

  test("ParameterList and ParameterDict", () => {
    const [a, b] = [new Parameter(ones([1])), new Parameter(ones([1]))];
    const list = new ParameterList([a]).append(b).set(0, b);
    expect([list.length, list.at(0) === b]).toEqual([2, true]);
    const dict = new ParameterDict([["a", a]]).update({ b });
    expect([...dict.values()].indexOf(b)).toBe(1);
    expect([dict.pop("a") === a, dict.size, dict.has("b"), [...dict.keys()]]).toEqual([true, 1, true, ["b"]]);
  });

  test("Sequential takes several at once", () => {
    expect(new Sequential(new ReLU()).extend([new Tanh(), new ReLU()])).toHaveLength(3);
  });
});

describe("containers print as those of PyTorch 2", () => {
  test.each<[string, Module, string]>([
    ["an empty list", new ModuleList(), "ModuleList()"],
    [
      "what is alike in a row is one",
      new ModuleList<Module>([
        new ReLU(),
        new ReLU(),
        new Tanh(),
        new Sequential(new ReLU()),
        new Sequential(new ReLU()),
      ]),
      "ModuleList(\n  (0-1): 2 x ReLU()\n  (2): Tanh()\n  (3-4): 2 x Sequential(\n    (0): ReLU()\n  )\n)",
    ],
    [
      "a dict",
      new ModuleDict<Module>({ a: new ReLU(), b: new Tanh() }),
      "ModuleDict(\n  (a): ReLU()\n  (b): Tanh()\n)",
    ],
    [
      "parameters",
      new ParameterList([new Parameter(ones([2, 3])), new Parameter(ones([1]))]),
      "ParameterList(\n    (0): Parameter containing: [float32 of size 2x3]\n    (1): Parameter containing: [float32 of size 1]\n)",
    ],
    [
      "one parameter by name",
      new ParameterDict({ shift: new Parameter(zeros([2])) }),
      "ParameterDict(  (shift): Parameter containing: [float32 of size 2])",
    ],
  ])("%s", (_, module, text) => {
    expect(module.toString()).toBe(text);
  });
});

describe("containers refuse what makes no sense", () => {
  const loose = (value: unknown): never => value as never;
  test.each<[string, () => unknown, string]>([
    ["a function", () => new ModuleList([loose(ReLU)]), "ModuleList: expects a Module, got"],
    ["an index", () => new ModuleList().at(0), "ModuleList.at: index 0 is out of range for 0 modules"],
    ["a gap", () => new ModuleList().insert(1, new ReLU()), "ModuleList.insert: index 1 is out of range"],
    ["a call", () => new ModuleList().forward(), "ModuleList: a container has no forward"],
    ["a name", () => new ModuleDict({ a: new ReLU() }).get("b"), 'ModuleDict.get: there is no module "b"\n  hint: it has "a"'],
    ["a path", () => new ModuleDict({ "a.b": new ReLU() }), 'ModuleDict: a name must be a string of at least one character, without ".", got "a.b"'],
    ["a tensor", () => new ParameterList([loose(ones([1]))]), 'ParameterList: "0" must be a Parameter, got'],
    ["a missing place", () => new ParameterList().at(0), "ParameterList.at: index 0 is out of range for 0 parameters"],
    ["a missing name", () => new ParameterDict().get("a"), 'ParameterDict.get: there is no parameter "a"\n  hint: it is empty'],
    ["no module", () => new ModuleDict({ a: loose(3) }), 'ModuleDict: "a" must be a Module, got 3'],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(message);
  }); // prettier-ignore
});
