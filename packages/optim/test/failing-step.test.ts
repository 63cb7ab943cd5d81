import { type Tensor, tensor } from "@downhill/core";
import { type Device, type Executable, type Program, ReferenceBackend } from "@downhill/core/engine";
import { describe, expect, test } from "vitest";
import { Optimizer, type ParamState, SGD } from "../src/index.js";
import { optimizers, type OptimizerRow } from "./battery.js";
import { begin, descend, flattened, freshDevice, setGradients, valuesOf } from "./problem.js";

// A step happens as a whole or not at all.

let backends = 0;

/** A backend that can be told to fail: when a Program is compiled, or in the middle of its run. */
class Failing extends ReferenceBackend {
  fails: "compile" | "run" | null = null;

  constructor() {
    super(`optim-failing-${backends++}`);
  }

  override compile(program: Program): Executable {
    if (this.fails === "compile") throw new Error("out of shaders");
    const executable = super.compile(program);
    return {
      run: (inputs, scalars) => {
        if (this.fails === "run") throw new Error("out of memory");
        return executable.run(inputs, scalars);
      },
    };
  }
}

interface Subject {
  readonly backend: Failing;
  readonly params: Tensor[];
  readonly optimizer: Optimizer<{ lr: number }>;
}

function subject(row: OptimizerRow): Subject {
  const backend = new Failing();
  const params = begin({ device: freshDevice(backend) }, row);
  return { backend, params, optimizer: row.make(params, row.variants.at(-1)) };
}

const everything = async ({ params, optimizer }: Subject): Promise<unknown> => ({
  values: await valuesOf(params),
  dict: await flattened(optimizer.stateDict()),
  steps: optimizer.stepCount,
});

for (const [name, row] of Object.entries(optimizers)) {
  describe(`${name}, when a step fails`, () => {
    test.each(["compile", "run"] as const)("keeps all as it was in the first step, and goes on (%s)", async (way) => {
      const [troubled, spared] = [subject(row), subject(row)];
      const before = await everything(troubled);
      setGradients(troubled.params, 1);
      troubled.backend.fails = way;
      expect(() => troubled.optimizer.step()).toThrow("out of");
      troubled.backend.fails = null;
      expect(await everything(troubled)).toEqual(before);
      expect(troubled.optimizer.state.size).toBe(0);
      troubled.optimizer.step();
      descend(spared.optimizer, spared.params, 1, 1);
      expect(await everything(troubled)).toEqual(await everything(spared));
    });

    test("keeps all as it was in a later step, and goes on", async () => {
      const [troubled, spared] = [subject(row), subject(row)];
      descend(troubled.optimizer, troubled.params, 1, 3);
      const before = await everything(troubled);
      setGradients(troubled.params, 4);
      troubled.backend.fails = "run";
      expect(() => troubled.optimizer.step()).toThrow("out of memory");
      expect(() => troubled.optimizer.step()).toThrow("out of memory");
      troubled.backend.fails = null;
      expect(await everything(troubled)).toEqual(before);
      descend(troubled.optimizer, troubled.params, 4, 6);
      descend(spared.optimizer, spared.params, 1, 6);
      expect(await everything(troubled)).toEqual(await everything(spared));
    });
  });
}

describe("a step that cannot be done changes nothing", () => {
  const prepare = (): Subject & { readonly device: Device } => {
    const made = subject(optimizers.SGD);
    descend(made.optimizer, made.params, 1, 2);
    setGradients(made.params, 3);
    return { ...made, device: made.params[0]!.device };
  };

  test.each([
    [
      "a closure that throws",
      ({ optimizer }: Subject) =>
        optimizer.step(() => {
          throw new Error("no loss");
        }),
      "no loss",
    ],
    [
      "a gradient of another shape",
      ({ optimizer, params }: Subject) => {
        params[1]!.grad = tensor([1], { device: params[1]!.device });
        optimizer.step();
      },
      "SGD.step: .grad has shape [1], its tensor [2]",
    ],
    [
      "a gradient of another dtype",
      ({ optimizer, params }: Subject) => {
        params[1]!.grad = tensor([1, 2], { dtype: "float64", device: params[1]!.device });
        optimizer.step();
      },
      "SGD.step: .grad is float64, its tensor float32\n  hint: convert it: w.grad = w.grad.to(w.dtype)",
    ],
    [
      "a rate that has become NaN",
      ({ optimizer }: Subject) => {
        optimizer.paramGroups[0]!.lr = NaN;
        optimizer.step();
      },
      "SGD: lr must be a number of 0 or more, got NaN",
    ],
  ])("%s", async (_, step, message) => {
    // prettier-ignore
    const made = prepare();
    const before = await everything(made);
    expect(() => step(made)).toThrow(message);
    if (Number.isNaN(made.optimizer.paramGroups[0]!.lr)) made.optimizer.paramGroups[0]!.lr = 0.1;
    expect(await everything(made)).toEqual(before);
  });

  test("an asynchronous closure that fails", async () => {
    const made = prepare();
    const before = await everything(made);
    await expect(made.optimizer.step(() => Promise.reject(new Error("no data")))).rejects.toThrow("no data");
    expect(await everything(made)).toEqual(before);
  });

  test("an update that throws on the way: the tensors before it are not updated either", async () => {
    class Fragile extends Optimizer<{ lr: number }, { step?: number } & ParamState> {
      protected override readonly stateKinds = { step: "number" } as const;
      constructor(params: Iterable<Tensor>) {
        super(params, { lr: 1 });
      }
      protected override check(): void {
        // Every rate will do.
      }
      protected override update(param: Tensor, grad: Tensor, state: { step?: number }): Tensor {
        state.step = (state.step ?? 0) + 1;
        if (param.ndim === 1 && state.step === 2) throw new Error("not twice");
        return param.sub(grad);
      }
    }
    const params = begin();
    const optimizer = new Fragile(params);
    descend(optimizer, params, 1, 1);
    const before = await valuesOf(params);
    expect(() => descend(optimizer, params, 2, 2)).toThrow("not twice");
    expect(await valuesOf(params)).toEqual(before);
    expect(params.map((param) => optimizer.state.get(param))).toEqual([{ step: 1 }, { step: 1 }]);
    expect(params[0].device.pending).toEqual([]);
  });

  test("on several devices, each has its update as a whole or not at all", async () => {
    const [sound, failing] = [new Failing(), new Failing()];
    const [a] = begin({ device: freshDevice(sound) });
    const [, b] = begin({ device: freshDevice(failing) });
    const optimizer = new SGD([a, b], { momentum: 0.9 });
    setGradients([a, b], 1);
    failing.fails = "run";
    const before = await valuesOf([a, b]);
    expect(() => optimizer.step()).toThrow("out of memory");
    const after = await valuesOf([a, b]);
    expect(after.slice(0, 6)).not.toEqual(before.slice(0, 6));
    expect(after.slice(6)).toEqual(before.slice(6));
    expect([...optimizer.state.keys()]).toEqual([a]);
  });
});
