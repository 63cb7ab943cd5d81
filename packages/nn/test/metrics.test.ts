import { compile, manualSeed, noGrad, randint, randn, Tensor, tensor, zeros } from "@downhill/core";
import { ProgramWatch } from "@downhill/core/engine";
import { loadCheckpoint, encodeCheckpoint } from "@downhill/core/files";
import * as nn from "@downhill/nn";
import { SGD } from "@downhill/optim";
import { describe, expect, test } from "vitest";
import { difference, readFixture, toTensor, type Values } from "./fixture.js";

interface Row {
  readonly metric: keyof typeof metrics;
  readonly input: Values;
  readonly target: Values;
  readonly options: Readonly<Record<string, unknown>>;
  readonly expected: readonly Values[];
}

type AnyMetric = nn.Metric<[Tensor, Tensor], unknown>;

/** What a metric gives as a function of a batch, and the class that takes many. */
const metrics = {
  accuracy: [nn.accuracy, nn.Accuracy, 112],
  topKAccuracy: [nn.topKAccuracy, nn.TopKAccuracy, 36],
  confusionMatrix: [nn.confusionMatrix, nn.ConfusionMatrix, 112],
  precisionRecallF1: [nn.precisionRecallF1, nn.PrecisionRecallF1, 168],
  meanMetric: [nn.meanMetric, nn.MeanMetric, 3],
  r2Score: [nn.r2Score, nn.R2Score, 40],
} as const;
const call = (row: Row): unknown =>
  (metrics[row.metric][0] as (...args: unknown[]) => unknown)(
    toTensor(row.input),
    toTensor(row.target),
    ...(row.metric === "meanMetric" ? [] : [row.options]),
  );
const make = ({ metric, options }: Row): AnyMetric =>
  new (metrics[metric][1] as unknown as new (options: unknown) => AnyMetric)(options);

/** Calls with the batch that they are about. */
const rows = (
  readFixture("metrics") as readonly {
    readonly batch: Pick<Row, "input" | "target">;
    readonly calls: readonly Omit<Row, "input" | "target">[];
  }[]
).flatMap(({ batch, calls }) => calls.map((one): Row => ({ ...batch, ...one })));
const listed = (result: unknown): Tensor[] =>
  result instanceof Tensor ? [result] : Object.values(result as Record<string, Tensor>);

async function differences(result: unknown, { expected, metric }: Row): Promise<string> {
  // R² of targets near 4096 in float32 inputs is exact in float64, where it is computed here.
  const lost = metric === "r2Score" ? 2e-6 : 0;
  const found = await Promise.all(listed(result).map((x, i) => difference(x, expected[i]!, lost)));
  return found.join("");
}

test.each(Object.entries(metrics))("%s has rows for its options", (name, [, , least]) => {
  expect(rows.filter(({ metric }) => metric === name).length).toBeGreaterThanOrEqual(least);
});

test("functions of a batch give what scikit-learn's definitions give", async () => {
  for (const row of rows) {
    const found = await differences(call(row), row);
    expect(found, `${row.metric} ${JSON.stringify(row.options)} ${row.input.shape.join("x")}`).toBe("");
  }
});

test("what has been seen in batches of any size comes to what it does at once", async () => {
  manualSeed(1);
  for (const row of rows) {
    const [input, target] = [toTensor(row.input), toTensor(row.target)];
    const count = input.ndim === 0 ? 0 : input.shape[0]!;
    const metric = make(row);
    if (count < 3 || target.shape[0] !== count) metric.update(input, target);
    else {
      const cut = 1 + ((row.input.data.length * 7) % (count - 1));
      for (const [from, length] of [
        [0, 1],
        [1, cut - 1],
        [cut, count - cut],
      ] as const)
        // prettier-ignore
        if (length > 0) metric.update(input.narrow(0, from, length), target.narrow(0, from, length));
    }
    const found = await differences(metric.compute(), row);
    expect(found, `${row.metric} ${JSON.stringify(row.options)} ${row.input.shape.join("x")}`).toBe("");
  }
});

describe("an accumulator in a training loop", () => {
  const model = (): nn.Linear => {
    manualSeed(3);
    return new nn.Linear(4, 3);
  };
  const batches = Array.from({ length: 6 }, () => [randn([8, 4]), randint(0, 3, [8])] as const);

  /** Programs run, and compiled, in the last of the steps. */
  function steps(update: "none" | "before backward" | "after step"): { ran: number; compiled: number } {
    const [net, criterion, metric] = [model(), new nn.CrossEntropyLoss(), new nn.Accuracy()];
    const optimizer = new SGD(net.parameters(), { lr: 0.1 });
    let counts = { ran: 0, compiled: 0 };
    for (const [x, y] of batches) {
      const watch = new ProgramWatch();
      optimizer.zeroGrad();
      const scores = net.forward(x);
      if (update === "before backward") metric.update(scores, y);
      criterion.forward(scores, y).backward();
      optimizer.step();
      if (update === "after step") metric.update(scores, y);
      watch.end();
      const programs = watch.programs();
      counts = { ran: programs.length, compiled: programs.filter(({ isNew }) => isNew).length };
    }
    return counts;
  }

  test("joins the step's one Program if it stands before backward, and is one of its own after the step", () => {
    expect(steps("none")).toEqual({ ran: 1, compiled: 0 });
    expect(steps("before backward")).toEqual({ ran: 1, compiled: 0 });
    expect(steps("after step")).toEqual({ ran: 2, compiled: 0 });
  });

  test("gives the same in a compiled step, after reset, too", async () => {
    const [net, metric] = [model(), new nn.MeanMetric()];
    const optimizer = new SGD(net.parameters(), { lr: 0 });
    const criterion = new nn.CrossEntropyLoss();
    const step = compile((x: Tensor, y: Tensor) => {
      optimizer.zeroGrad();
      const loss = criterion.forward(net.forward(x), y);
      loss.backward();
      optimizer.step();
      metric.update(loss, 8);
      return loss;
    });
    for (const from of [0, 2]) {
      let sum = 0;
      for (const [x, y] of batches.slice(from)) sum += await step(x, y).item();
      expect(await metric.compute().item()).toBeCloseTo(sum / (batches.length - from), 5);
      metric.reset();
    }
  });

  test("keeps no more waiting with ten thousand updates than with a hundred", async () => {
    const metric = new nn.Accuracy();
    const [scores, y] = [randn([4, 3]), randint(0, 3, [4])];
    const { device } = scores;
    for (let i = 0; i < 1000; i++) {
      metric.update(scores.mul(1), y);
      expect(device.pending.length).toBeLessThan(64);
    }
    const grown = new nn.MeanMetric();
    const w = randn([3], { requiresGrad: true });
    for (let i = 0; i < 1000; i++) {
      grown.update(w.mul(2));
      expect(device.pending.length).toBeLessThan(64);
    }
    expect(await metric.compute().item()).toBe(await nn.accuracy(scores, y).item());
    expect(await grown.compute().item()).toBeCloseTo(2 * (await w.mean().item()), 6);
  });
});

describe("state", () => {
  const scores = tensor([[2, 1, 0], [0, 1, 2], [3, 1, 2], [0, 1, 0]]); // prettier-ignore
  const y = tensor([0, 1, 2, 1], { dtype: "int32" });

  test("goes through a checkpoint in mid-epoch, into a new accumulator and one that has seen others", async () => {
    const metric = new nn.PrecisionRecallF1().update(scores, y);
    const r2 = new nn.R2Score().update(tensor([1, 2]), tensor([1, 3]));
    const bytes = await encodeCheckpoint({ metric, r2 });
    for (const seen of [false, true]) {
      const other = { metric: new nn.PrecisionRecallF1(), r2: new nn.R2Score() };
      if (seen) other.metric.update(scores, y.mul(0));
      await loadCheckpoint(bytes, other);
      other.metric.update(scores, y);
      const twice = new nn.PrecisionRecallF1().update(scores, y).update(scores, y);
      expect(await other.metric.compute().f1.item()).toBe(await twice.compute().f1.item());
      expect(await other.metric.compute().support.tolist()).toEqual([2, 4, 2]);
      expect(await other.r2.compute().item()).toBe(await r2.compute().item());
    }
  });

  test("is a value: later updates do not change what stateDict or compute gave", async () => {
    const metric = new nn.ConfusionMatrix().update(scores, y);
    const [state, matrix] = [metric.stateDict(), metric.compute()];
    metric.update(scores, y);
    expect(await matrix.sum().item()).toBe(4);
    expect(await state.matrix!.sum().item()).toBe(4);
    expect(await metric.compute().sum().item()).toBe(8);
  });

  test("of nothing yet is empty, and loading it forgets what was seen", async () => {
    expect(new nn.Accuracy().stateDict()).toEqual({});
    const metric = new nn.Accuracy().update(scores, y);
    metric.loadStateDict({});
    expect(await metric.compute().item()).toBeNaN();
  });

  test("of another metric is refused, and nothing has changed", async () => {
    const metric = new nn.Accuracy().update(scores, y);
    expect(() => metric.loadStateDict(new nn.R2Score().update(tensor([1]), tensor([1])).stateDict())).toThrow(
      'Accuracy.loadStateDict: expects tensors "hits", "actual", got "count", "mean", "spread", "residual"',
    );
    expect(() => metric.loadStateDict(null as never)).toThrow("got null");
    expect(await metric.compute().item()).toBe(0.5);
  });

  test("asks for nothing of the graph: its batches are free", () => {
    const w = randn([3], { requiresGrad: true });
    const metric = new nn.MeanMetric().update(w.mul(2));
    expect(metric.compute().requiresGrad).toBe(false);
    expect(nn.meanMetric(w).requiresGrad).toBe(false);
  });
});

describe("edges", () => {
  test("a score that is NaN is no hit", async () => {
    const scores = tensor([[NaN, 1, 2], [0, NaN, 2]]); // prettier-ignore
    const y = tensor([0, 2], { dtype: "int32" });
    expect(await nn.topKAccuracy(scores, y, { k: 1 }).item()).toBe(0);
    expect(await nn.accuracy(tensor([NaN]), tensor([1])).item()).toBe(0);
  });

  test("a model that gives all classes the same score finds only the first", async () => {
    const y = tensor([0, 1, 2], { dtype: "int32" });
    expect(await nn.topKAccuracy(zeros([3, 3]), y, { k: 1 }).item()).toBeCloseTo(1 / 3);
    expect(await nn.topKAccuracy(zeros([3, 3]), y, { k: 3 }).item()).toBe(1);
  });

  test("targets of a binary loss, float and of shape [N, 1], will do", async () => {
    expect(await nn.accuracy(tensor([[0.9], [0.2]]), tensor([[1], [1]])).item()).toBe(0.5);
  });

  test("a batch in which no target counts is NaN, and changes nothing in an accumulator", async () => {
    const none = tensor([-100, -100], { dtype: "int32" });
    expect(await nn.accuracy(randn([2, 3]), none).item()).toBeNaN();
    const metric = new nn.Accuracy().update(tensor([[1, 0]]), tensor([0], { dtype: "int32" }));
    expect(
      await metric
        .update(randn([2, 2]), none)
        .compute()
        .item(),
    ).toBe(1);
  });

  test("a mean of many equal numbers is that number", async () => {
    const metric = new nn.MeanMetric();
    for (let i = 0; i < 3000; i++) metric.update(0.1, 1000);
    expect(await metric.compute().item()).toBe(Math.fround(0.1));
  });

  test("R² in batches keeps its digits far from 0", async () => {
    const [y, noise] = [randn([64]).add(1e6), randn([64])];
    const metric = new nn.R2Score();
    for (let i = 0; i < 64; i += 8) metric.update(y.narrow(0, i, 8).add(noise.narrow(0, i, 8)), y.narrow(0, i, 8));
    const [p, t] = [Array.from(await y.add(noise).data(), Number), Array.from(await y.data(), Number)];
    const mean = t.reduce((sum, v) => sum + v, 0) / 64;
    const r2 = 1 - t.reduce((sum, v, i) => sum + (v - p[i]!) ** 2, 0) / t.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    expect(await metric.compute().item()).toBeCloseTo(r2, 5);
  });

  test("what does not go together is refused, with the way out", async () => {
    const y = tensor([0, 1], { dtype: "int32" });
    expect(() => nn.accuracy(randn([3, 2]), y)).toThrow(
      "accuracy: predictions of shape [3, 2] for targets of shape [2]\n  hint: scores are [N, C, …]",
    );
    expect(() => nn.accuracy(y, y, { average: "macro" })).toThrow("pass { numClasses }");
    expect(() => nn.accuracy(randn([2, 3]), y, { numClasses: 4 })).toThrow("numClasses is 4, but the scores [2, 3] are of 3"); // prettier-ignore
    expect(() => nn.accuracy(randn([2, 3]), randn([2]))).toThrow("targets are classes, got float32");
    expect(() => nn.confusionMatrix(randn([2]), y, { numClasses: 3 })).toThrow("binary scores, but numClasses is 3");
    expect(() => nn.topKAccuracy(y, y)).toThrow("topKAccuracy: predictions of shape [2]");
    expect(() => nn.accuracy(randn([2, 3]), y, { average: "mean" as never })).toThrow('average must be "micro"');
    expect(() => new nn.ConfusionMatrix({ normalise: "true" } as never)).toThrow("normalise");
    expect(() => nn.r2Score(randn([2, 3]), randn([3]))).toThrow("r2Score: predictions of shape [2, 3]");
    expect(() => nn.meanMetric("1" as never)).toThrow("the value must be a tensor or a number");
    expect(() => new nn.Accuracy().compute()).toThrow("Accuracy.compute: nothing has been seen");
    expect(() => new nn.ConfusionMatrix().update(randn([2, 3]), y).update(randn([2, 4]), y)).toThrow(
      "a batch of other sizes than before: matrix is [4, 4], and was [3, 3]",
    );
    const beyond = tensor([0, 3], { dtype: "int32" });
    await expect(async () => nn.confusionMatrix(randn([2, 3]), beyond).data()).rejects.toThrow("3");
    await expect(async () => nn.accuracy(randn([2, 3]), beyond, { average: "macro" }).data()).rejects.toThrow("3");
    await expect(async () => nn.topKAccuracy(randn([2, 3]), beyond).data()).rejects.toThrow("3");
    const labels = tensor([0, -1], { dtype: "int32" });
    await expect(async () => nn.confusionMatrix(labels, y, { numClasses: 2 }).data()).rejects.toThrow("-1");
  });

  test("an update that fails leaves what was seen before", async () => {
    const y = tensor([0, 1], { dtype: "int32" });
    const metric = new nn.ConfusionMatrix().update(randn([2, 3]), y);
    expect(() => noGrad(() => metric.update(randn([2, 3]), y.add(5)))).toThrow("out of range");
    expect(await metric.compute().sum().item()).toBe(2);
  });
});
