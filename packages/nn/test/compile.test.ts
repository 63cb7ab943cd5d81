import { compile, IndexError, manualSeed, rand, randint, setDefaultDevice, tensor, type Tensor } from "@downhill/core";
import { ReferenceBackend, registerBackend } from "@downhill/core/engine";
import { Adam } from "@downhill/optim";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BatchNorm1d, CrossEntropyLoss, Dropout, Linear, ReLU, Sequential } from "../src/index.js";

let devices = 0;

beforeEach(() => setDefaultDevice(registerBackend(new ReferenceBackend(`nn-compile-${devices++}`))));
afterEach(() => setDefaultDevice("cpu"));

const valuesOf = async (tensors: Iterable<Tensor>): Promise<number[][]> =>
  Promise.all(Array.from(tensors, async (x) => Array.from(await x.data())));

/** A classifier with dropout and running statistics, its training step and its evaluation. */
function classifier(wrap: <A extends readonly unknown[], R>(fn: (...args: A) => R) => (...args: A) => R): {
  model: Sequential;
  optimizer: Adam;
  step: (x: Tensor, labels: Tensor) => Tensor;
  predict: (x: Tensor) => Tensor;
} {
  manualSeed(0);
  const model = new Sequential(new Linear(4, 8), new BatchNorm1d(8), new ReLU(), new Dropout(0.4), new Linear(8, 3));
  const criterion = new CrossEntropyLoss();
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  return {
    model,
    optimizer,
    step: wrap((x: Tensor, labels: Tensor) => {
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(x), labels);
      loss.backward();
      optimizer.step();
      return loss;
    }),
    predict: wrap((x: Tensor) => model.forward(x)),
  };
}

const plain = <F>(fn: F): F => fn;

describe("a model in compiled functions", () => {
  test("trains, drops and keeps statistics as it does outside, and evaluates by its mode", async () => {
    const run = async (wrap: typeof compile | typeof plain): Promise<unknown> => {
      const { model, step, predict } = classifier(wrap);
      manualSeed(5);
      const seen: Tensor[] = [];
      for (let turn = 0; turn < 12; turn++) {
        const rows = turn % 4 === 3 ? 3 : 6;
        seen.push(step(rand([rows, 4]), randint(0, 3, [rows])));
        if (turn % 5 === 4) {
          model.eval();
          seen.push(predict(rand([2, 4])));
          model.train();
          seen.push(predict(rand([2, 4])));
        }
      }
      return [await valuesOf(seen), await valuesOf(model.parameters()), await valuesOf(model.buffers())];
    };
    expect(await run(compile)).toEqual(await run(plain));
  });

  test("is traced once for each mode, and for each change of its hooks", () => {
    const { model, predict } = classifier(compile);
    const { traces } = predict as unknown as { traces: number };
    expect(traces).toBe(0);
    const f = compile((x: Tensor) => model.forward(x));
    const x = rand([3, 4]);
    for (let turn = 0; turn < 4; turn++) {
      model.eval();
      f(x);
      model.train();
      f(x);
    }
    expect(f.traces).toBe(2);
    const hook = model.registerForwardHook((_, __, output) => (output as Tensor).mul(0));
    expect(String(f(x).abs().sum())).toContain("tensor(0.");
    f(x);
    expect(f.traces).toBe(3);
    hook.remove();
    f(x);
    expect(f.traces).toBe(4);
  });

  test("is traced again when it is converted, and follows a loaded state dict without that", async () => {
    const model = new Linear(2, 1);
    const f = compile((x: Tensor) => model.forward(x.to(model.weight.dtype)));
    const x = tensor([[1, 2]]);
    f(x);
    model.loadStateDict({ weight: tensor([[3, 4]]), bias: tensor([5]) });
    expect(await valuesOf([f(x)])).toEqual([[16]]);
    expect(f.traces).toBe(1);
    model.double();
    expect(f(x).dtype).toBe("float64");
    expect(f.traces).toBe(2);
  });

  test("takes a module as an argument by its identity", async () => {
    const [a, b] = [new Linear(2, 1), new Linear(2, 1)];
    const f = compile((model: Linear, x: Tensor) => model.forward(x));
    const x = rand([3, 2]);
    for (const model of [a, b, a, b]) expect(await valuesOf([f(model, x)])).toEqual(await valuesOf([model.forward(x)]));
    expect(f.traces).toBe(2);
  });

  test("keeps parameters, statistics, step counts and counters when a label is out of range", async () => {
    const { model, optimizer, step } = classifier(compile);
    const x = rand([4, 4]);
    const good = tensor([0, 1, 2, 0], { dtype: "int32" });
    const facts = async (): Promise<unknown> => [
      await valuesOf(model.parameters()),
      await valuesOf(model.buffers()),
      [...optimizer.state.values()].map((state) => state.step),
      optimizer.stepCount,
    ];
    for (let turn = 0; turn < 4; turn++) {
      const before = await facts();
      expect(() => step(x, tensor([0, 1, 3, 0], { dtype: "int32" }))).toThrow(IndexError);
      expect(await facts()).toEqual(before);
      step(x, good);
    }
    // The draws of the failed calls were given back: the losses are those of a run without them.
    const twin = classifier(compile);
    for (let turn = 0; turn < 4; turn++) twin.step(x, good);
    expect(await valuesOf(model.parameters())).toEqual(await valuesOf(twin.model.parameters()));
  });
});
