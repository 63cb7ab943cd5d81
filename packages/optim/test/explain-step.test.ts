import { compile, type Tensor, tensor, ValueError } from "@downhill/core";
import { ReferenceBackend } from "@downhill/core/engine";
import { describe, expect, test } from "vitest";
import {
  Adam,
  AdamW,
  explainStep,
  LBFGS,
  Lion,
  Optimizer,
  type Params,
  type ParamState,
  SGD,
  type StepExplanation,
} from "../src/index.js";
import { optimizers } from "./battery.js";
import { begin, descend, flattened, freshDevice, setGradients, valuesOf } from "./problem.js";

/** A tensor of one element whose gradient is given. */
function leaf(value: number, grad: number): Tensor {
  const w = tensor(value, { requiresGrad: true, dtype: "float64" });
  w.grad = tensor(grad, { dtype: "float64" });
  return w;
}

const line = ({ terms }: StepExplanation, name: string) => terms.find((term) => term.name === name)!;

for (const [name, row] of Object.entries(optimizers)) {
  describe(name, () => {
    test.each(row.variants)("is explained as it steps, and goes on as if nobody had asked: %j", async (options) => {
      const [asked, alone] = [begin({}, row), begin({}, row)];
      const [explaining, stepping] = [row.make(asked, options), row.make(alone, options)];
      for (let step = 1; step <= 3; step++) {
        setGradients(asked, step);
        setGradients(alone, step);
        const [first, second] = asked;
        const explained = [
          await explainStep(explaining, first, { element: [2, 1] }),
          await explainStep(explaining, second),
        ].map((explanation) => line(explanation, "param"));
        const before = await Promise.all([first.data(), second.data()]);
        explaining.step();
        stepping.step();
        const after = await Promise.all([first.data(), second.data()]);
        // The same arithmetic; how it is cut into kernels may differ in the last bit.
        expect(explained.map((param) => param.before)).toEqual([before[0][5], before[1][0]]);
        expect(explained[0]!.value).toBeCloseTo(after[0][5]!, 6);
        expect(explained[1]!.value).toBeCloseTo(after[1][0]!, 6);
      }
      expect(await valuesOf(asked)).toEqual(await valuesOf(alone));
      expect(await flattened(explaining.stateDict())).toEqual(await flattened(stepping.stateDict()));
    });

    test("names every number that it puts in", async () => {
      const params = begin({}, row);
      const optimizer = row.make(params, row.variants.at(-1));
      descend(optimizer, params, 1, 2);
      setGradients(params, 3);
      const { terms, optimizer: said } = await explainStep(optimizer, params[0]);
      expect(said).toBe(name);
      for (const { formula, numbers, value } of terms) {
        expect(formula).not.toMatch(/undefined|NaN|\bbuffer\b/);
        expect(numbers).not.toMatch(/undefined|NaN|null/);
        expect(value).not.toBeNaN();
      }
    });
  });
}

test("SGD with momentum: the buffer, the change, the value, with their numbers", async () => {
  const w = leaf(2, 4);
  const optimizer = new SGD([w], { lr: 0.25, momentum: 0.5, dampening: 0.2 });
  expect(String(await explainStep(optimizer, w))).toBe(
    [
      "SGD with momentum = 0.5, lr = 0.25",
      "grad = 4",
      "momentumBuffer ← momentumBuffer · momentum + grad · 1",
      "               = 0 · 0.5 + 4 · 1 = 4",
      "change = momentumBuffer · lr",
      "       = 4 · 0.25 = 1",
      "param ← param - change",
      "      = 2 - 1 = 1",
    ].join("\n"),
  );
  optimizer.step();
  w.grad = tensor(-2, { dtype: "float64" });
  const { terms, settings } = await explainStep(optimizer, w);
  expect(settings).toEqual({ momentum: 0.5, dampening: 0.2, lr: 0.25 });
  expect(terms[1]).toEqual({
    name: "momentumBuffer",
    formula: "momentumBuffer · momentum + grad · (1 - dampening)",
    numbers: "4 · 0.5 + (-2) · 0.8",
    before: 4,
    value: 0.3999999999999999,
  });
});

test("a device that is read later, as a GPU, has the same explanation", async () => {
  class Late extends ReferenceBackend {
    override read(...args: Parameters<ReferenceBackend["read"]>): never {
      return Promise.resolve(super.read(...args)) as never;
    }
  }
  const explanations: string[] = [];
  for (const device of [freshDevice(), freshDevice(new Late("late"))]) {
    const params = begin({ device });
    const optimizer = new AdamW(params, { weightDecay: 0.1 });
    descend(optimizer, params, 1, 2);
    setGradients(params, 3);
    explanations.push(String(await explainStep(optimizer, params[0])));
  }
  expect(explanations[1]).toBe(explanations[0]);
  expect(explanations[1]).toContain("decayed = param · (1 - lr · weightDecay)");
});

test("a momentum of one half is told from one less it", async () => {
  const w = leaf(2, 4);
  const { terms } = await explainStep(new Adam([w], { betas: [0.5, 0.5] }), w);
  expect(terms[1]!.formula).toBe("expAvg · betas[0] + grad · (1 - betas[0])");
});

test("Adam and AdamW: moments, corrections, decay, as in the papers", async () => {
  const [w, v] = [leaf(2, -4), leaf(2, -4)];
  const adam = await explainStep(new Adam([w], { lr: 0.1, weightDecay: 0.5 }), w);
  expect(line(adam, "t1")).toMatchObject({ formula: "grad + param · weightDecay", numbers: "-4 + 2 · 0.5", value: -3 });
  expect(line(adam, "expAvgSq").formula).toBe("expAvgSq · betas[1] + t1 · (1 - betas[1]) · t1");
  expect(line(adam, "change").formula).toBe(
    "expAvg · lr / (1 - betas[0] ^ step) / (√expAvgSq / √(1 - betas[1] ^ step) + eps)",
  );
  expect(adam.numbers.map(({ formula }) => formula)).toEqual([
    "1 - betas[0]",
    "1 - betas[1]",
    "lr / (1 - betas[0] ^ step)",
    "√(1 - betas[1] ^ step)",
  ]);
  expect(adam.numbers[2]!.value).toBeCloseTo(1, 12); // 0.1 / (1 - 0.9)
  expect(adam.settings).toMatchObject({ lr: 0.1, step: 1, "betas[1]": 0.999 });

  const adamw = await explainStep(new AdamW([v], { lr: 0.1, weightDecay: 0.5 }), v);
  expect(line(adamw, "decayed")).toMatchObject({ formula: "param · (1 - lr · weightDecay)", numbers: "2 · 0.95" });
  expect(line(adamw, "param").formula).toBe("decayed - change");
  expect(line(adamw, "param").value).toBeCloseTo(2.0, 6); // 1.9 + 0.1 · 4 / 4
});

test("what a variable was before goes by another name where both are in use", async () => {
  const w = leaf(2, 4);
  const explanation = await explainStep(new Lion([w]), w);
  expect(line(explanation, "expAvg").formula).toBe("expAvg · betas[1] + grad · (1 - betas[1])");
  expect(line(explanation, "change").formula).toBe("sign(old expAvg · betas[0] + grad · (1 - betas[0])) · lr");
});

interface OddGroup {
  lr: number;
  power: number;
}

class Odd extends Optimizer<OddGroup> {
  protected override readonly stateKinds = {};
  constructor(params: Params<OddGroup>) {
    super(params, { lr: 0.5, power: 2 });
  }
  protected override check({ lr }: OddGroup): void {
    if (!(lr >= 0)) throw new ValueError("Odd: lr");
  }
  protected override update(param: Tensor, grad: Tensor, _: ParamState, group: OddGroup): Tensor {
    const rates = [group.lr ** group.power, group.lr].map((rate) => grad.mul(rate));
    return param.sub(rates[0]!).add(rates[1]!.mul(0.125).sum());
  }
}

test("an optimizer of one's own is explained without a word about it; what it does not hand in live is a number", async () => {
  const w = leaf(2, 4);
  const explanation = await explainStep(new Odd([w]), w);
  expect(line(explanation, "param")).toMatchObject({
    formula: "param - grad · 0.25 + sum(grad · 0.5 · 0.125)",
    numbers: "2 - 4 · 0.25 + sum(4 · 0.5 · 0.125)",
    value: 1.25,
  });
});

test("compiles nothing of the optimizer's anew, on any device", async () => {
  const params = begin({ device: freshDevice() });
  const optimizer = new AdamW(params);
  descend(optimizer, params, 1, 3);
  const { programs } = params[0].device;
  setGradients(params, 4);
  await explainStep(optimizer, params[0]);
  const warm = programs.compiled;
  descend(optimizer, params, 4, 6);
  expect(programs.compiled).toBe(warm);
});

describe("refuses", () => {
  const w = leaf(1, 1);
  const sgd = new SGD([w]);
  const refused = async (call: Promise<unknown>, message: RegExp): Promise<void> => {
    await expect(call).rejects.toThrow(ValueError);
    await expect(call).rejects.toThrow(message);
  };

  test("a tensor that is not the optimizer's", () =>
    refused(explainStep(sgd, leaf(1, 1)), /no tensor of the optimizer/));
  test("a tensor without a gradient", () => {
    const fresh = tensor(1, { requiresGrad: true });
    return refused(explainStep(new SGD([fresh]), fresh), /no gradient\n.*between loss.backward\(\) and step\(\)/);
  });
  test("an element that there is not", async () => {
    await refused(explainStep(sgd, w, { element: [0] }), /for each dim of shape \[\]/);
    const row = tensor([1, 2], { requiresGrad: true });
    row.grad = tensor([1, 1]);
    await refused(explainStep(new SGD([row]), row, { element: [2] }), /got \[2\]/);
  });
  test("options that it does not have", () => refused(explainStep(sgd, w, { at: 1 } as never), /at/));
  test("an optimizer that has no update of one tensor", () =>
    refused(explainStep(new LBFGS([leaf(1, 1)]) as never, w), /updates each tensor by itself, got/));
  test("to work inside a compiled function", async () => {
    let inside: Promise<unknown> | undefined;
    compile(() => {
      inside = explainStep(sgd, w);
      inside.catch(() => undefined);
    })();
    await expect(inside).rejects.toThrow(/compiled function/);
  });
});
