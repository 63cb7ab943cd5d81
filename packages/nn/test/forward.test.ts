import { describe, expect, test } from "vitest";
import { defaultDevice, keep, manualSeed, noGrad, ones, rand, tensor, Tensor, VersionError } from "@downhill/core";
import { isInside } from "@downhill/core/engine";
import { Linear, Module, MSELoss, ReLU, Sequential } from "@downhill/nn";
import { SGD } from "@downhill/optim";

/** Says after each call whether forward ran in a scope. */
let inScope: boolean[] = [];
const note = <T>(x: T): T => {
  inScope.push(isInside());
  return x;
};

class Double extends Module {
  override forward(x: Tensor): Tensor {
    return note(x.mul(2));
  }
}

/** Calls a module, and tells the scope and the hooks that it ran with, and its result. */
async function observe(
  module: Module,
  ...args: unknown[]
): Promise<{ scopes: boolean[]; hooks: string[]; result: unknown }> {
  inScope = [];
  const hooks: string[] = [];
  const removables = [
    module.registerForwardPreHook(() => void hooks.push("before")),
    module.registerForwardHook(() => void hooks.push("after")),
  ];
  const output = await (module.forward as (...args: unknown[]) => unknown)(...args);
  for (const removable of removables) removable.remove();
  expect(isInside()).toBe(false);
  return { scopes: inScope, hooks, result: output instanceof Tensor ? await output.tolist() : output };
}

const once = { scopes: [true], hooks: ["before", "after"] };

describe("forward runs in a scope and with hooks", () => {
  test("as a method", async () => {
    expect(await observe(new Double(), tensor([1]))).toEqual({ ...once, result: [2] });
  });

  test("of a subclass of a subclass that calls super.forward: hooks once", async () => {
    class Quadruple extends Double {
      override forward(x: Tensor): Tensor {
        return super.forward(super.forward(x));
      }
    }
    class Plus extends Quadruple {
      offset = 1;
      override forward(x: Tensor): Tensor {
        return super.forward(x).add(this.offset);
      }
    }
    expect(await observe(new Plus(), tensor([1]))).toEqual({
      scopes: [true, true],
      hooks: ["before", "after"],
      result: [5],
    });
  });

  test("as a class field, and when assigned later", async () => {
    class Field extends Module {
      factor = 3;
      override forward = (x: Tensor): Tensor => note(x.mul(this.factor));
    }
    expect(await observe(new Field(), tensor([1]))).toEqual({ ...once, result: [3] });
    const field = new Field();
    expect([...field.parameters()]).toEqual([]); // asking for its parts finds it, too
    inScope = [];
    field.forward(ones([1]));
    expect(inScope).toEqual([true]);
    const assigned = new Double();
    assigned.forward = (x) => note(x.mul(7));
    expect(await observe(assigned, tensor([1]))).toEqual({ ...once, result: [7] });
  });

  test("that takes and returns arrays and objects of tensors, which the caller may read after an update", async () => {
    class Many extends Module {
      weight = new Linear(1, 1);
      override forward(xs: readonly Tensor[]): { sum: Tensor; parts: Tensor[] } {
        const parts = xs.map((x) => this.weight.forward(x));
        return { sum: parts.reduce((a, b) => a.add(b)), parts };
      }
    }
    const many = new Many();
    noGrad(() => many.weight.weight.fill_(2));
    noGrad(() => many.weight.bias!.fill_(0));
    const { sum, parts } = many.forward([tensor([[1]]), tensor([[2]])]);
    sum.sum().backward();
    new SGD(many.parameters(), { lr: 1 }).step();
    expect([await sum.item(), await parts[0]!.item(), await parts[1]!.item()]).toEqual([6, 2, 4]);
  });

  test("that throws: the error arrives, and the scope is closed", () => {
    class Fails extends Module {
      override forward(): never {
        throw new Error("no");
      }
    }
    expect(() => new Sequential(new Double(), new Fails() as never).forward(ones([1]))).toThrow("no");
    expect(isInside()).toBe(false);
  });

  test("that is async: the scope ends at its first await, hooks get what it resolves to", async () => {
    class Later extends Module {
      override async forward(x: Tensor): Promise<Tensor> {
        const y = note(x.mul(2));
        await Promise.resolve();
        return note(y.add(1));
      }
    }
    const later = new Later();
    const promise = later.forward(tensor([1]));
    expect(isInside()).toBe(false);
    expect(await (await promise).tolist()).toEqual([3]);
    later.registerForwardHook((_, __, output) => (output as Tensor).mul(10));
    expect(await (await later.forward(tensor([1]))).tolist()).toEqual([30]);
    expect(inScope.slice(-2)).toEqual([true, false]);
  });

  test("that calls itself", async () => {
    class Power extends Module {
      override forward(x: Tensor, n: number): Tensor {
        return n === 0 ? x : this.forward(x.mul(2), n - 1);
      }
    }
    expect(await new Power().forward(tensor([1]), 5).tolist()).toEqual([32]);
  });
});

describe("forward hooks", () => {
  test("run in the order they were registered; prepend puts one first", () => {
    const calls: string[] = [];
    const module = new Double();
    module.registerForwardHook(() => void calls.push("a"));
    module.registerForwardHook(() => void calls.push("b"));
    module.registerForwardHook(() => void calls.push("c"), { prepend: true });
    module.registerForwardPreHook(() => void calls.push("1"));
    module.registerForwardPreHook(() => void calls.push("2"), { prepend: true });
    module.forward(ones([1]));
    expect(calls).toEqual(["2", "1", "c", "a", "b"]);
  });

  test("are removed one by one, also if one function was registered twice, and only once", () => {
    let calls = 0;
    const module = new Double();
    const hook = (): void => void calls++;
    const first = module.registerForwardHook(hook);
    module.registerForwardHook(hook);
    first.remove();
    first.remove();
    module.forward(ones([1]));
    expect(calls).toBe(1);
  });

  test("may remove themselves or add others during a call, which counts from the next", () => {
    const calls: string[] = [];
    const module = new Double();
    const own = module.registerForwardHook(() => {
      calls.push("self");
      own.remove();
      module.registerForwardHook(() => void calls.push("new"));
    });
    module.registerForwardHook(() => void calls.push("other"));
    module.forward(ones([1]));
    expect(calls).toEqual(["self", "other"]);
    module.forward(ones([1]));
    expect(calls).toEqual(["self", "other", "other", "new"]);
  });

  test("see module, arguments and result, and may replace both", async () => {
    const module = new Double();
    module.registerForwardPreHook((_, [x]) => [(x as Tensor).add(1)]);
    module.registerForwardPreHook((_, [x]) => (x as Tensor).add(10)); // the only argument, without an array
    module.registerForwardHook((m, [x], y) => {
      expect(m).toBe(module);
      return (y as Tensor).add(x as Tensor);
    });
    expect(await module.forward(tensor([1])).tolist()).toEqual([36]);
  });

  test("one that throws stops the call; the next call works", async () => {
    const module = new Double();
    const hook = module.registerForwardHook(() => {
      throw new Error("stop");
    });
    expect(() => new Sequential(module).forward(ones([1]))).toThrow("stop");
    expect(isInside()).toBe(false);
    hook.remove();
    expect(await module.forward(ones([1])).tolist()).toEqual([2]);
  });

  test("are the caller's code: what they keep or compute can be read after the step", async () => {
    const model = new Sequential(new Linear(2, 3), new ReLU(), new Linear(3, 1));
    const seen: Tensor[] = [];
    const insides: boolean[] = [];
    model.at(1).registerForwardHook((_, [x], y) => {
      insides.push(isInside());
      seen.push(x as Tensor, y as Tensor, (y as Tensor).mean());
    });
    const read: Promise<unknown>[] = [];
    model.at(2).registerForwardPreHook((_, [x]) => void read.push((x as Tensor).tolist()));
    model
      .forward(ones([1, 2]))
      .sum()
      .backward();
    new SGD(model.parameters(), { lr: 1 }).step();
    const [x, y, mean] = await Promise.all(seen.map((t) => t.tolist()));
    expect(insides).toEqual([false]);
    expect(y).toEqual([(x as number[][])[0]!.map((v) => Math.max(v, 0))]);
    expect(await read[0]).toEqual(y);
    expect(mean).toBeCloseTo((y as number[][])[0]!.reduce((a, b) => a + b) / 3, 6);
  });

  test("must be functions with known options", () => {
    expect(() => new Double().registerForwardHook(3 as never)).toThrow(
      "registerForwardHook: a hook must be a function, got 3",
    );
    expect(() => new Double().registerForwardPreHook(() => 1, { first: true } as object)).toThrow(
      'registerForwardPreHook: unknown option "first"',
    );
  });
});

describe("rules of modules", () => {
  const programs = defaultDevice().programs;

  class MLP extends Module {
    first = new Linear(4, 8);
    second = new Linear(8, 1);
    hidden: Tensor | null = null;
    constructor(readonly keeps = false) {
      super();
    }
    override forward(x: Tensor): Tensor {
      const hidden = this.first.forward(x).relu();
      this.hidden = this.keeps ? keep(hidden) : hidden;
      return this.second.forward(hidden);
    }
  }

  /** Trains for some steps over batches of 10, the last of which may be short. */
  function train(model: MLP, rows: number, steps: number): Tensor {
    const [X, y] = [rand([rows, 4]), rand([rows, 1])];
    const criterion = new MSELoss();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    let loss = tensor(0);
    for (let step = 0; step < steps; step++) {
      const start = (step * 10) % rows;
      const size = Math.min(10, rows - start);
      optimizer.zeroGrad();
      loss = criterion.forward(model.forward(X.narrow(0, start, size)), y.narrow(0, start, size));
      loss.backward();
      optimizer.step();
    }
    return loss;
  }

  test("1,000 equal steps are one Program, and two with a short last batch", () => {
    manualSeed(0);
    const model = new MLP();
    train(model, 30, 3);
    programs.clear();
    let before = programs.compiled;
    train(model, 30, 1000);
    expect(programs.compiled - before).toBe(1);
    programs.clear();
    before = programs.compiled;
    train(model, 25, 1000);
    expect(programs.compiled - before).toBe(2);
  });

  test("what forward records and does not return is internal; what the caller holds is not", () => {
    manualSeed(0);
    programs.clear();
    train(new MLP(), 10, 5);
    const program = programs.programs().at(-1)!;
    // The model's output, the loss, and four gradients; four updates in place.
    const outputs = program.outputs.map(({ node }) => program.nodes[node]!);
    expect(program.outputs.filter(({ overwrites }) => overwrites >= 0)).toHaveLength(4);
    expect(program.outputs.filter(({ overwrites }) => overwrites < 0)).toHaveLength(6);
    expect(outputs.filter(({ shape }) => shape.join() === "10,8")).toEqual([]);
  });

  test("an internal value read after the step says keep(); one that was kept is there", async () => {
    manualSeed(0);
    const plain = new MLP();
    train(plain, 10, 2);
    await expect(plain.hidden!.data()).rejects.toThrow(VersionError);
    await expect(plain.hidden!.data()).rejects.toThrow("keep(x)");
    const keeping = new MLP(true);
    train(keeping, 10, 2);
    expect((await keeping.hidden!.data()).length).toBe(80);
  });

  test("evaluation under noGrad repeats one Program, whatever forward returns", () => {
    class Both extends Module {
      model = new MLP();
      override forward(x: Tensor): { out: Tensor; both: Tensor[] } {
        const out = this.model.forward(x);
        return { out, both: [out.mul(2), out.add(1)] };
      }
    }
    const model = new Both();
    const x = rand([10, 4]);
    const evaluate = (turns: number): Tensor => {
      let total = tensor(0);
      for (let i = 0; i < turns; i++) noGrad(() => (total = total.add(model.forward(x).out.sum())));
      return total;
    };
    evaluate(200);
    programs.clear();
    const before = programs.compiled;
    evaluate(2000);
    expect(programs.compiled - before).toBeLessThanOrEqual(2);
    expect(defaultDevice().pending.length).toBeLessThan(100);
  });
});
