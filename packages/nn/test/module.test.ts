import { describe, expect, test } from "vitest";
import { noGrad, ones, tensor, type Tensor, zeros } from "@downhill/core";
import { Identity, Linear, Module, Parameter, ReLU, Sequential } from "@downhill/nn";
import { SGD } from "@downhill/optim";

class Net extends Module {
  first = new Linear(2, 3);
  scale = new Parameter(ones([1]));
  rest = new Sequential({ act: new ReLU(), last: new Linear(3, 1, { bias: false }) });
  offset: Parameter | null = null;
  constant = ones([2]);
  constructor() {
    super();
    this.registerBuffer("mean", zeros([3]));
    this.registerBuffer("mask", ones([1]), { persistent: false });
    this.registerBuffer("nothing", null);
  }
  override forward(x: Tensor): Tensor {
    return this.rest.forward(this.first.forward(x)).mul(this.scale);
  }
}

const names = (entries: Iterable<readonly [string, unknown]>): string[] => Array.from(entries, ([name]) => name);

describe("the parts of a module", () => {
  test("parameters: its own first, then those of children, in the order they were made", () => {
    expect(names(new Net().namedParameters())).toEqual(["scale", "first.weight", "first.bias", "rest.last.weight"]);
    expect(names(new Net().namedParameters("net"))).toEqual([
      "net.scale",
      "net.first.weight",
      "net.first.bias",
      "net.rest.last.weight",
    ]);
    expect(names(new Net().namedParameters("", false))).toEqual(["scale"]);
    expect([...new Net().parameters()]).toHaveLength(4);
  });

  test("buffers, children and modules", () => {
    const net = new Net();
    expect(names(net.namedBuffers())).toEqual(["mean", "mask"]);
    expect([...new Sequential(net as never).buffers()]).toHaveLength(2);
    expect([...net.buffers(false)]).toHaveLength(2);
    expect(names(net.namedChildren())).toEqual(["first", "rest"]);
    expect([...net.children()]).toEqual([net.first, net.rest]);
    expect(names(net.namedModules())).toEqual(["", "first", "rest", "rest.act", "rest.last"]);
    expect([...net.modules()][0]).toBe(net);
  });

  test("what is shared comes once, under its first name", () => {
    const layer = new Linear(2, 2);
    const net = new Sequential(layer, layer);
    const other = new Linear(2, 2);
    other.weight = layer.weight;
    net.append(other);
    expect(names(net.namedParameters())).toEqual(["0.weight", "0.bias", "2.bias"]);
    expect(names(net.namedModules())).toEqual(["", "0", "2"]);
    expect(names(net.namedChildren())).toEqual(["0", "2"]);
    const cycle = new Net() as Net & { self?: Module };
    cycle.self = cycle;
    expect([...cycle.parameters()]).toHaveLength(4);
  });

  test("a plain tensor as property is neither parameter nor buffer", () => {
    const net = new Net();
    expect(names(net.namedParameters())).not.toContain("constant");
    expect(Object.keys(net.stateDict())).not.toContain("constant");
  });

  test("a parameter property that is replaced, or set to null, is what counts", () => {
    const layer = new Linear(2, 2);
    const weight = new Parameter(ones([2, 2]));
    layer.weight = weight;
    layer.bias = null;
    expect([...layer.parameters()]).toEqual([weight]);
    expect(Object.keys(layer.stateDict())).toEqual(["weight"]);
    expect(layer.toString()).toBe("Linear(inFeatures=2, outFeatures=2, bias=false)");
  });

  test("are found by dotted names", () => {
    const net = new Net();
    expect(net.getSubmodule("")).toBe(net);
    expect(net.getSubmodule("rest.act")).toBeInstanceOf(ReLU);
    expect(net.getParameter("first.weight")).toBe(net.first.weight);
    expect(net.getParameter("scale")).toBe(net.scale);
    expect(net.getBuffer("mask").shape).toEqual([1]);
  });

  test("a dotted name that leads nowhere: where it ends, and what is there", () => {
    const net = new Net();
    expect(() => net.getSubmodule("rest.middle")).toThrow(
      /getSubmodule: "rest.middle": Sequential at "rest" has no module "middle"\n.*"act", "last"/,
    );
    expect(() => net.getParameter("rest.last.bias")).toThrow(
      /getParameter: "rest.last.bias": Linear at "rest.last" has no parameter "bias"\n.*"weight"/,
    );
    expect(() => net.getParameter("middle.weight")).toThrow(
      'getParameter: "middle.weight": Net has no module "middle"',
    );
    expect(() => net.getBuffer("first.weight")).toThrow('Linear at "first" has no buffer "weight"');
  });
});

describe("registering parts by name", () => {
  test("buffers, parameters and modules become properties", () => {
    const net = new Identity() as Identity & Record<string, unknown>;
    const weight = new Parameter(ones([2]));
    net.registerParameter("weight", weight);
    net.registerModule("layer", new ReLU());
    net.registerBuffer("mean", ones([1]));
    net.registerParameter("bias", null);
    expect(net.weight).toBe(weight);
    expect(net.bias).toBe(null);
    expect(names(net.namedChildren())).toEqual(["layer"]);
    expect(Object.keys(net.stateDict())).toEqual(["weight", "mean"]);
  });

  test("a buffer may be registered again, and replaced by assignment", async () => {
    const net = new Net() as Net & { mean: Tensor };
    net.registerBuffer("mean", ones([3]), { persistent: false });
    expect(Object.keys(net.stateDict())).not.toContain("mean");
    net.mean = ones([2]);
    expect(await net.getBuffer("mean").tolist()).toEqual([1, 1]);
  });

  test("a declared field may become a buffer", () => {
    class Declared extends Identity {
      mean: Tensor | undefined;
      constructor() {
        super();
        this.registerBuffer("mean", ones([1]));
      }
    }
    expect(Object.keys(new Declared().stateDict())).toEqual(["mean"]);
  });

  test("names that are taken, empty or dotted are refused", () => {
    const net = new Net();
    expect(() => net.registerBuffer("first", ones([1]))).toThrow(
      'registerBuffer: the module already has a property "first"',
    );
    expect(() => net.registerBuffer("forward", ones([1]))).toThrow('already has a property "forward"');
    expect(() => net.registerParameter("scale", null)).toThrow('already has a property "scale"');
    expect(() => net.registerModule("", new ReLU())).toThrow(
      'a name must be a string of at least one character, without ".", got ""',
    );
    expect(() => net.registerModule("a.b", new ReLU())).toThrow('got "a.b"');
  });

  test("things of the wrong kind are refused", () => {
    const net = new Net();
    expect(() => net.registerBuffer("a", 3 as unknown as Tensor)).toThrow(
      'registerBuffer: "a" must be a plain tensor or null, got 3',
    );
    expect(() => net.registerBuffer("a", new Parameter(ones([1])))).toThrow(
      "must be a plain tensor or null, got Parameter([1])",
    );
    expect(() => net.registerBuffer("a", ones([1]), { persist: true } as object)).toThrow(
      'registerBuffer: unknown option "persist"',
    );
    expect(() => net.registerParameter("a", ones([1]) as never)).toThrow(
      /must be a Parameter or null, got Tensor\(\[1\]\)\n.*new Parameter/,
    );
    expect(() => net.registerModule("a", ReLU as unknown as Module)).toThrow(
      "must be a Module or null, got function ReLU",
    );
  });
});

describe("a module as a whole", () => {
  test("train and eval reach all modules", () => {
    const net = new Net();
    expect([...net.modules()].every((m) => m.training)).toBe(true);
    expect(net.eval()).toBe(net);
    expect([...net.modules()].some((m) => m.training)).toBe(false);
    net.train();
    expect(net.rest.at(-1).training).toBe(true);
    expect(() => net.train("yes" as unknown as boolean)).toThrow('train: the mode must be true or false, got "yes"');
  });

  test("apply visits children before their parent", () => {
    const seen: string[] = [];
    const net = new Net();
    expect(net.apply((m) => seen.push(m.constructor.name))).toBe(net);
    expect(seen).toEqual(["Linear", "ReLU", "Linear", "Sequential", "Net"]);
  });

  test("requiresGrad_(false) freezes: no gradient comes", () => {
    const net = new Net();
    net.first.requiresGrad_(false);
    net
      .forward(ones([1, 2]))
      .sum()
      .backward();
    expect(net.first.weight.grad).toBe(null);
    expect(net.scale.grad).not.toBe(null);
  });

  test("zeroGrad sets gradients to null, or to zeros", async () => {
    const net = new Net();
    net
      .forward(ones([1, 2]))
      .sum()
      .backward();
    net.zeroGrad({ setToNone: false });
    expect(await net.scale.grad!.tolist()).toEqual([0]);
    net.zeroGrad();
    expect([...net.parameters()].every((p) => p.grad === null)).toBe(true);
    expect(() => net.zeroGrad({ setToNull: true } as object)).toThrow('zeroGrad: unknown option "setToNull"');
  });
});

describe("to", () => {
  test("converts parameters, gradients and float buffers; the optimizer goes on with the same tensors", async () => {
    const net = new Net();
    net.registerBuffer("count", zeros([], { dtype: "int32" }));
    const weight = net.first.weight;
    const optimizer = new SGD(net.parameters(), { lr: 0.5 });
    net
      .forward(ones([1, 2]))
      .sum()
      .backward();
    net.to("float64");
    expect(net.first.weight).toBe(weight);
    expect([...net.parameters(), net.getBuffer("mean"), net.scale.grad!].every((t) => t.dtype === "float64")).toBe(
      true,
    );
    expect(net.getBuffer("count").dtype).toBe("int32");
    optimizer.zeroGrad();
    const before = (await net.scale.tolist()) as number[];
    const out = net.forward(ones([1, 2], { dtype: "float64" }));
    out.sum().backward();
    const slope = (await net.scale.grad!.tolist()) as number[];
    optimizer.step();
    expect(await net.scale.tolist()).toEqual([before[0]! - 0.5 * slope[0]!]);
    expect(net.scale.dtype).toBe("float64");
    expect(net.float().scale.dtype).toBe("float32");
    expect(net.double().scale.dtype).toBe("float64");
  });

  test("an optimizer with momentum goes on after a conversion", async () => {
    const net = new Linear(1, 1, { bias: false });
    noGrad(() => net.weight.fill_(0));
    const optimizer = new SGD(net.parameters(), { lr: 1, momentum: 0.5 });
    const step = (): void => {
      optimizer.zeroGrad();
      net
        .forward(ones([1, 1], { dtype: net.weight.dtype }))
        .sum()
        .backward();
      optimizer.step();
    };
    step();
    net.to("float64");
    step();
    expect(await net.weight.tolist()).toEqual([[-2.5]]);
  });

  test("leaves frozen parameters frozen, and a tensor passed as a buffer as it was", () => {
    const mean = zeros([2]);
    const layer = new Linear(2, 2).requiresGrad_(false);
    layer.registerBuffer("mean", mean);
    layer.to("float64");
    expect(layer.weight.requiresGrad).toBe(false);
    expect(mean.dtype).toBe("float32");
    expect(layer.getBuffer("mean").dtype).toBe("float64");
  });

  test("takes float dtypes and known devices only", () => {
    const layer = new Linear(1, 1);
    expect(() => layer.to("int32")).toThrow(/Module.to: a module takes a float dtype, got "int32"/);
    expect(layer.to("cpu")).toBe(layer);
    expect(() => layer.to("gpu" as "cpu")).toThrow('to: takes a dtype or a device, got "gpu"');
    expect(layer.weight.dtype).toBe("float32");
  });
});

describe("Parameter", () => {
  test("copies: neither the tensor nor the parameter sees the other change", async () => {
    const data = tensor([1, 2]);
    const parameter = new Parameter(data);
    noGrad(() => parameter.mul_(10));
    expect(await data.tolist()).toEqual([1, 2]);
    data.add_(5);
    expect(await parameter.tolist()).toEqual([10, 20]);
  });

  test("of a value that is not computed yet, and has a graph, is a leaf", async () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const parameter = new Parameter(x.mul(3).add(1));
    expect(parameter.isLeaf).toBe(true);
    parameter.sum().backward();
    expect(x.grad).toBe(null);
    expect(await parameter.tolist()).toEqual([4, 7]);
    expect(await parameter.grad!.tolist()).toEqual([1, 1]);
  });

  test("may do without gradients, and must for ints", () => {
    expect(new Parameter(ones([1]), { requiresGrad: false }).requiresGrad).toBe(false);
    const counts = tensor([1], { dtype: "int32" });
    expect(new Parameter(counts, { requiresGrad: false }).dtype).toBe("int32");
    expect(() => new Parameter(counts)).toThrow("only float tensors can require gradients");
  });

  test("takes a tensor and known options", () => {
    expect(() => new Parameter([1, 2] as unknown as Tensor)).toThrow("Parameter: expects a tensor, got [1, 2]");
    expect(() => new Parameter(ones([1]), { grad: true } as object)).toThrow('Parameter: unknown option "grad"');
  });
});

describe("Sequential", () => {
  test("takes layers by position or by name, and appends", () => {
    const [a, b, c] = [new Linear(1, 2), new ReLU(), new Linear(2, 1)];
    const model = new Sequential(a, b);
    expect(model.append(c)).toBe(model);
    expect(model.length).toBe(3);
    expect([...model]).toEqual([a, b, c]);
    expect([model.at(0), model.at(-1), model.at(1)]).toEqual([a, c, b]);
    expect(Object.keys(new Sequential({ hidden: a, out: c }).stateDict())).toEqual([
      "hidden.weight",
      "hidden.bias",
      "out.weight",
      "out.bias",
    ]);
    expect(Object.keys(model.stateDict())).toEqual(["0.weight", "0.bias", "2.weight", "2.bias"]);
  });

  test("empty, it returns its input", () => {
    const x = ones([2]);
    expect(new Sequential().forward(x)).toBe(x);
  });

  test("a subclass's own modules and parameters count too", () => {
    class Wide extends Sequential {
      gain = new Parameter(ones([1]));
      extra = new Linear(1, 1, { bias: false });
    }
    expect(names(new Wide(new Linear(1, 1)).namedParameters())).toEqual(["gain", "0.weight", "0.bias", "extra.weight"]);
  });

  test("refuses what is no layer, and says how to write it", () => {
    expect(() => new Sequential([new ReLU()] as never)).toThrow(
      /layer "0" must be a Module, got \[ReLU\]\n.*not in an array/,
    );
    expect(() => new Sequential(ReLU as never)).toThrow(/must be a Module, got function ReLU\n.*new/);
    expect(() => new Sequential(new ReLU(), null as never)).toThrow('layer "1" must be a Module, got null');
    expect(() => new Sequential({ "a.b": new ReLU() })).toThrow('without ".", got "a.b"');
    expect(() => new Sequential({ 1: new ReLU() }).append(new ReLU())).toThrow(
      'Sequential.append: there is already a layer "1"',
    );
    expect(() => new Sequential().append(3 as never)).toThrow('Sequential.append: layer "0" must be a Module, got 3');
    expect(() => new Sequential(new ReLU()).at(1)).toThrow("Sequential.at: index 1 is out of range for 1 layers");
    expect(() => new Sequential(new ReLU()).at(0.5)).toThrow("index 0.5");
  });
});
