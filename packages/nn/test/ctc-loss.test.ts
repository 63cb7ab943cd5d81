import { describe, expect, test } from "vitest";
import { gradcheck, manualSeed, ones, randn, tensor, type Tensor, zeros } from "@downhill/core";
import { CTCLoss, functional } from "@downhill/nn";
import { difference, readFixture, toTensor, type Values } from "./fixture.js";

const { ctcLoss } = functional;
const int = (data: number | number[] | number[][]): Tensor => tensor(data, { dtype: "int32" });

interface Row {
  readonly logits: Values;
  readonly targets: Values;
  readonly inputLengths: readonly number[] | number;
  readonly targetLengths: readonly number[] | number;
  readonly options: object;
  readonly loss: Values;
  readonly gradLoss: Values;
  readonly grad: Values | null;
}

const rows = readFixture("ctc") as Row[];
const label = (row: Row, i: number): string =>
  `${i}: [${row.logits.shape.join()}], targets [${row.targets.shape.join()}], ${JSON.stringify([row.inputLengths, row.targetLengths, row.options])}`;

describe("ctcLoss gives PyTorch's losses, and gradients of the logits", () => {
  test.each(rows.map((row, i) => [label(row, i), row] as const))("%s", async (_, row) => {
    const logits = toTensor(row.logits).requiresGrad_();
    const { inputLengths, targetLengths } = row;
    const loss = new CTCLoss(row.options).forward(
      logits.logSoftmax(-1),
      toTensor(row.targets),
      inputLengths,
      targetLengths,
    );
    expect(await difference(loss, row.loss)).toBe("");
    loss.backward(toTensor(row.gradLoss));
    // Where a target does not fit, PyTorch's gradients are NaN, ours 0.
    if (row.grad !== null) expect(await difference(logits.grad, row.grad), "gradient").toBe("");
    else expect((await logits.grad!.data()).every(Number.isFinite)).toBe(true);
  });
});

describe("ctcLoss", () => {
  test("gradients are the slopes", async () => {
    manualSeed(0);
    const logits = randn([5, 2, 4], { dtype: "float64", requiresGrad: true });
    await gradcheck((x) => ctcLoss(x.logSoftmax(2), int([[1, 1], [3, 2]]), [5, 4], [2, 2]), [logits]); // prettier-ignore
    await gradcheck((x) => ctcLoss(x, int([[1, 1], [3, 2]]), [5, 4], [2, 1], { reduction: "none" }), [logits]); // prettier-ignore
  });

  test("lengths may be tensors, with targets in rows or in one row", async () => {
    manualSeed(1);
    const logProbs = randn([6, 2, 4]).logSoftmax(2);
    const expected = await ctcLoss(logProbs, int([[1, 2, 3], [3, 1, 0]]), [6, 5], [3, 2]).item(); // prettier-ignore
    const lengths = [int([6, 5]), int([3, 2])] as const;
    expect(await ctcLoss(logProbs, int([[1, 2, 3], [3, 1, 9]]), ...lengths).item()).toBe(expected); // prettier-ignore
    expect(await ctcLoss(logProbs, int([1, 2, 3, 3, 1]), ...lengths).item()).toBeCloseTo(expected, 6);
  });

  test("log-probabilities of -∞ give finite gradients", async () => {
    const logProbs = tensor([[0, -Infinity], [-Infinity, 0]], { requiresGrad: true }); // prettier-ignore
    const loss = ctcLoss(logProbs, int([1]), [2], [1]);
    loss.backward();
    expect(await loss.item()).toBe(0);
    expect((await logProbs.grad!.data()).every(Number.isFinite)).toBe(true);
  });

  test("logits of ±100 give finite losses and gradients, in float32", async () => {
    const logits = tensor([[100, -100, 100], [-100, 100, -100], [100, 100, -100], [-100, -100, 100]], { requiresGrad: true }); // prettier-ignore
    const loss = ctcLoss(logits.logSoftmax(1), int([1, 2]), [4], [2]);
    loss.backward();
    expect([await loss.item(), ...(await logits.grad!.data())].every(Number.isFinite)).toBe(true);
  });

  test("other lengths compile nothing new", async () => {
    const run = (length: number): Promise<number> =>
      ctcLoss(zeros([4, 1, 3]), int([[1, 2]]), [length], [1]).item(); // prettier-ignore
    await run(4);
    const { programs } = ones([1]).device;
    const { compiled } = programs;
    await run(2);
    expect(programs.compiled).toBe(compiled);
  });

  const logProbs = zeros([4, 2, 3]);
  test.each<[string, () => unknown, string]>([
    ["dims", () => ctcLoss(zeros([3]), int([1]), [1], [1]), "ctcLoss: logProbs must be [T, N, C] or [T, C], got shape [3]"],
    ["no steps", () => ctcLoss(zeros([0, 2, 3]), int([[1], [1]]), [0, 0], [1, 1]), "ctcLoss: logProbs has no steps"],
    ["the blank", () => ctcLoss(logProbs, int([[1], [1]]), [4, 4], [1, 1], { blank: 3 }), "ctcLoss: the blank, 3, is none of the 3 classes"],
    ["floats", () => ctcLoss(logProbs, ones([2, 1]), [4, 4], [1, 1]), 'ctcLoss: targets must be int32, got float32\n  hint: convert them with .to("int32")'],
    ["rows", () => ctcLoss(logProbs, int([[1]]), [4, 4], [1, 1]), "ctcLoss: targets must be [2, S], or all in one dim, got shape [1, 1]"],
    ["one length", () => ctcLoss(logProbs, int([[1], [1]]), [4], [1, 1]), "ctcLoss: inputLengths must be 2 numbers, one per sample, got [4]"],
    ["long inputs", () => ctcLoss(logProbs, int([[1], [1]]), [4, 5], [1, 1]), "ctcLoss: inputLengths must be 4 at most, got 5"],
    ["long targets", () => ctcLoss(logProbs, int([[1], [1]]), [4, 4], [1, 2]), "ctcLoss: targetLengths must be 1 at most, got 2"],
    ["a tensor of lengths", () => ctcLoss(logProbs, int([[1], [1]]), int([4]), [1, 1]), "ctcLoss: inputLengths must have shape [2], got [1]"],
    ["float lengths", () => ctcLoss(logProbs, int([[1], [1]]), ones([2]), [1, 1]), "ctcLoss: inputLengths must be int32, got float32"],
    ["an option", () => new CTCLoss({ zeroInfinity: 1 as never }), "CTCLoss: zeroInfinity must be true or false, got 1"],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(message);
  }); // prettier-ignore
});
