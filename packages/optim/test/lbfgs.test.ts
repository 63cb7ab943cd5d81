import {
  cat,
  type DType,
  manualSeed,
  rand,
  range,
  setDefaultDevice,
  type Tensor,
  tensor,
  ValueError,
} from "@downhill/core";
import { CrossEntropyLoss, Linear, Parameter, Sequential, Tanh } from "@downhill/nn";
import { afterEach, describe, expect, test } from "vitest";
import { LBFGS, type LBFGSOptions, StepLR } from "../src/index.js";
import { begin, flattened, freshDevice, readFixture, valuesOf } from "./problem.js";

afterEach(() => setDefaultDevice("cpu"));

interface Case {
  readonly name: string;
  readonly dtype: DType;
  readonly options: LBFGSOptions;
  readonly steps: readonly { readonly loss: number; readonly values: number[]; readonly evaluations: number }[];
}

/** Rosenbrock's valley in eight dimensions. */
function rosenbrock(tensors: readonly Tensor[]): Tensor {
  const x = cat(tensors.map((each) => each.reshape(-1)));
  const [now, next] = [x.at(range(0, 7)), x.at(range(1, 8))];
  const rise = next.sub(now.mul(now)).square().mul(100);
  return rise.add(now.neg().add(1).square()).sum();
}

/** The closure that every script writes. */
const closureOf = (optimizer: LBFGS, tensors: readonly Tensor[]) => (): Tensor => {
  optimizer.zeroGrad();
  const loss = rosenbrock(tensors);
  loss.backward();
  return loss;
};

const wolfe = { lineSearchFn: "strongWolfe" } as const;

describe("LBFGS takes PyTorch's steps", () => {
  const cases = readFixture("lbfgs") as Case[];
  test.each(cases.map((row) => [row.dtype, row.name, row] as const))("%s: %s", async (dtype, _, row) => {
    const params = begin({ dtype });
    const optimizer = new LBFGS(params, row.options);
    // In float32, which of two losses that nearly agree is the less soon differs with the order of a sum.
    const compared = dtype === "float64" ? row.steps : row.steps.slice(0, 1);
    for (const [i, expected] of compared.entries()) {
      const loss = await (await optimizer.step(closureOf(optimizer, params))).item();
      // Sums are added up in another order, and each step follows the one before.
      const near = dtype === "float64" ? 1e-9 * 4 ** i : 1e-4;
      expect(Math.abs(loss - expected.loss) / (1 + expected.loss), `loss ${i}`).toBeLessThan(near);
      (await valuesOf(params)).forEach((value, at) => {
        expect(Math.abs(value - expected.values[at]!), `step ${i}, value ${at}`).toBeLessThan(near);
      });
      expect(optimizer.state.get(params[0])!.funcEvals).toBe(expected.evaluations);
    }
  });
});

describe("LBFGS", () => {
  test.each([
    [{ lr: -1 }, "LBFGS: lr must be a number of 0 or more, got -1"],
    [{ maxIter: 0 }, "LBFGS: maxIter must be an integer of 1 or more, got 0"],
    [{ maxEval: 2.5 }, "LBFGS: maxEval must be an integer of 1 or more, got 2.5"],
    [{ historySize: -1 }, "LBFGS: historySize must be an integer of 1 or more, got -1"],
    [{ toleranceGrad: NaN }, "LBFGS: toleranceGrad must be a number of 0 or more, got NaN"],
    [{ lineSearchFn: "strong_wolfe" }, 'LBFGS: lineSearchFn must be one of null, "strongWolfe", got "strong_wolfe"'],
    [
      { momentum: 0.9 },
      'LBFGS: unknown option "momentum"\n  hint: it takes lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn',
    ],
  ])("refuses %j", (options, message) => {
    expect(() => new LBFGS(begin(), options as LBFGSOptions)).toThrow(new ValueError(message));
  });

  test("takes one group, of one dtype", () => {
    const [a, b] = begin();
    const message = "LBFGS: takes one group of tensors\n  hint: pass them as one list";
    expect(() => new LBFGS([{ params: [a] }, { params: [b] }])).toThrow(message);
    expect(() => new LBFGS([a, ...begin({ dtype: "float64" })])).toThrow(
      "LBFGS: takes tensors of one dtype on one device, got float32 on cpu and float64 on cpu",
    );
    expect(new LBFGS([a, b], { maxIter: 8 }).paramGroups[0]!.maxEval).toBe(10);
  });

  test("needs a closure that returns the loss", async () => {
    const optimizer = new LBFGS(begin());
    await expect(optimizer.step()).rejects.toThrow("LBFGS.step: needs a closure that computes the loss, got undefined");
    await expect(optimizer.step((() => undefined) as never)).rejects.toThrow(
      "LBFGS.step: the closure must return the loss, got undefined",
    );
  });

  test("waits for asynchronous closures, and takes a loss that is a number", async () => {
    const [params, others] = [begin(), begin()];
    const [first, second] = [new LBFGS(params, wolfe), new LBFGS(others, wolfe)];
    const loss = await first.step(closureOf(first, params));
    const found = await second.step(async () => closureOf(second, others)().item());
    expect(found).toBe(await loss.item());
    expect(await valuesOf(others)).toEqual(await valuesOf(params));
  });

  test.each([{}, { historySize: 2 }])("goes on from its state dict bit for bit: %j", async (options) => {
    const params = begin();
    const optimizer = new LBFGS(params, { ...wolfe, maxIter: 3, ...options });
    for (let i = 0; i < 5; i++) await optimizer.step(closureOf(optimizer, params));
    const copies = params.map((param) => new Parameter(param));
    const other = new LBFGS(copies);
    other.loadStateDict(optimizer.stateDict());
    for (let i = 0; i < 10; i++) {
      await optimizer.step(closureOf(optimizer, params));
      await other.step(closureOf(other, copies));
    }
    expect(await valuesOf(copies)).toEqual(await valuesOf(params));
    expect(await flattened(other.stateDict())).toEqual(await flattened(optimizer.stateDict()));
    expect(() => new LBFGS(begin().slice(1)).loadStateDict(optimizer.stateDict())).toThrow("the groups differ");
    expect(() => new LBFGS(begin().reverse()).loadStateDict(optimizer.stateDict())).not.toThrow();
  });

  test("changes nothing in a step whose closure throws", async () => {
    const params = begin();
    const optimizer = new LBFGS(params, { ...wolfe, historySize: 2 });
    for (let steps = 0; steps < 3; steps++) {
      const before = [await valuesOf(params), await flattened(optimizer.stateDict()), optimizer.stepCount];
      let calls = 0;
      const closure = closureOf(optimizer, params);
      const failing = (): Tensor => {
        if (++calls === 5) throw new Error("no loss");
        return closure();
      };
      await expect(optimizer.step(failing)).rejects.toThrow("no loss");
      expect([await valuesOf(params), await flattened(optimizer.stateDict()), optimizer.stepCount]).toEqual(before);
      await optimizer.step(closure);
    }
  });

  test("compiles nothing for a longer history, another rate or a step more", async () => {
    const device = freshDevice();
    const params = begin({ device });
    const optimizer = new LBFGS(params, { ...wolfe, maxIter: 2, historySize: 20 });
    const scheduler = new StepLR(optimizer, { stepSize: 1, gamma: 0.9 });
    let compiled = 0;
    for (let i = 0; i < 12; i++) {
      await optimizer.step(closureOf(optimizer, params));
      scheduler.step();
      if (i === 2) compiled = device.programs.compiled;
    }
    expect(device.programs.compiled).toBe(compiled);
  });

  test("calls hooks, and counts its steps", async () => {
    const params = begin();
    const optimizer = new LBFGS(params, wolfe);
    const calls: string[] = [];
    optimizer.registerStepPreHook(() => calls.push("before"));
    optimizer.registerStepPostHook(() => calls.push("after"));
    await optimizer.step(closureOf(optimizer, params));
    expect([calls, optimizer.stepCount]).toEqual([["before", "after"], 1]);
  });

  test("leaves alone what has no gradient, and stops where the gradient is small", async () => {
    const [x, unused] = [tensor([3, -2], { requiresGrad: true }), tensor([7], { requiresGrad: true })];
    const optimizer = new LBFGS([x, unused], wolfe);
    const closure = (): Tensor => {
      optimizer.zeroGrad();
      const loss = x
        .sub(tensor([1, 5]))
        .square()
        .sum();
      loss.backward();
      return loss;
    };
    for (let i = 0; i < 3; i++) await optimizer.step(closure);
    (await valuesOf([x, unused])).forEach((value, i) => expect(value).toBeCloseTo([1, 5, 7][i]!, 5));
    expect(optimizer.state.get(x)!.nIter).toBeLessThan(10);
  });

  test("fits a small network in a few steps", async () => {
    manualSeed(0);
    const X = rand([32, 2]).mul(2).sub(1);
    const labels = X.narrow(1, 0, 1)
      .mul(X.narrow(1, 1, 1))
      .reshape(-1)
      .gt(0)
      .to("int32");
    const model = new Sequential(new Linear(2, 16), new Tanh(), new Linear(16, 2));
    const criterion = new CrossEntropyLoss();
    const optimizer = new LBFGS(model.parameters(), { ...wolfe, maxIter: 10 });
    let loss = Infinity;
    for (let i = 0; i < 15; i++) {
      const first = await optimizer.step(() => {
        optimizer.zeroGrad();
        const each = criterion.forward(model.forward(X), labels);
        each.backward();
        return each;
      });
      loss = await first.item();
    }
    expect(loss).toBeLessThan(0.05);
  });
});
