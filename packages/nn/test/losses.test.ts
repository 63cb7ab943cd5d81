import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { ones, tensor, type Tensor, zeros } from "@downhill/core";
import { gradcheck, gradgradcheck } from "@downhill/core/testing";
import { CrossEntropyLoss, functional, L1Loss, MSELoss, NLLLoss } from "@downhill/nn";

const int = (data: number | number[] | number[][]): Tensor => tensor(data, { dtype: "int32" });
const double = (data: number[] | number[][] | number[][][], requiresGrad = true): Tensor =>
  tensor(data, { dtype: "float64", requiresGrad });

const logits = [
  [0.3, -1.2, 2.1, 0.4],
  [1.5, 0.2, -0.7, 0.9],
  [-0.3, 0.8, 0.1, -2.2],
];
const weight = tensor([0.5, 2, 1, 0.25], { dtype: "float64" });

describe("gradients are the slopes, to the second order", () => {
  const other = [
    [0.1, 0.4, -0.9, 1.1],
    [0.7, -0.2, 0.3, 0.2],
    [-1.3, 0.5, 0.6, -0.1],
  ];
  const even = [0.25, 0.25, 0.25, 0.25];
  const probabilities = [[0.7, 0.1, 0.1, 0.1], even, [0, 0, 1, 0]];
  const reductions = ["mean", "sum", "none"] as const;
  const losses = reductions.flatMap((reduction) => [
    [`mseLoss ${reduction}`, (x: Tensor, y: Tensor) => functional.mseLoss(x, y, { reduction }), double(other)] as const,
    [`l1Loss ${reduction}`, (x: Tensor, y: Tensor) => functional.l1Loss(x, y, { reduction }), double(other)] as const,
    [
      `nllLoss ${reduction}`,
      (x: Tensor) => functional.nllLoss(x.logSoftmax(1), int([2, 0, 3]), { reduction }),
      null,
    ] as const,
    [
      `nllLoss ${reduction}, weighted, ignoring`,
      (x: Tensor) => functional.nllLoss(x, int([2, 0, 3]), { reduction, weight, ignoreIndex: 0 }),
      null,
    ] as const,
    [
      `crossEntropy ${reduction}`,
      (x: Tensor) => functional.crossEntropy(x, int([2, 0, 3]), { reduction }),
      null,
    ] as const,
    [
      `crossEntropy ${reduction}, weighted, ignoring, smoothed`,
      (x: Tensor) =>
        functional.crossEntropy(x, int([2, 0, 3]), { reduction, weight, ignoreIndex: 2, labelSmoothing: 0.2 }),
      null,
    ] as const,
    [
      `crossEntropy ${reduction} of probabilities, weighted, smoothed`,
      (x: Tensor, y: Tensor) => functional.crossEntropy(x, y, { reduction, weight, labelSmoothing: 0.2 }),
      double(probabilities),
    ] as const,
  ]);
  test.each(losses)("%s", async (_, loss, target) => {
    const inputs = target === null ? [double(logits)] : [double(logits), target];
    const fn = (x: Tensor, y?: Tensor): Tensor => loss(x, y!);
    await gradcheck(fn, inputs);
    await gradgradcheck(fn, inputs);
  });

  test("crossEntropy of images [N, C, H]", async () => {
    const x = double([
      [
        [0.1, 0.2],
        [0.5, -0.4],
        [1.1, 0.3],
      ],
    ]);
    await gradcheck((x: Tensor) => functional.crossEntropy(x, int([[2, 0]])), [x]);
  });
});

describe("crossEntropy", () => {
  test("is exact for logits of ±10,000, in value and gradient", async () => {
    const x = tensor([[1e4, -1e4]], { requiresGrad: true });
    const right = functional.crossEntropy(x, int([0]));
    const wrong = functional.crossEntropy(x, int([1]));
    expect([await right.item(), await wrong.item()]).toEqual([0, 2e4]);
    wrong.backward();
    expect(await x.grad!.tolist()).toEqual([[1, -1]]);
  });

  test("of nothing but ignored targets is NaN, with a gradient of zeros, as in PyTorch", async () => {
    const x = tensor([[1, 2]], { requiresGrad: true });
    const loss = functional.crossEntropy(x, int([-100]));
    expect(await loss.item()).toBeNaN();
    loss.backward();
    expect(await x.grad!.tolist()).toEqual([[0, 0]]);
  });

  test("takes uint8 classes", async () => {
    const target = tensor([1], { dtype: "uint8" });
    expect(await functional.crossEntropy(tensor([[1, 1]]), target).item()).toBeCloseTo(Math.LN2, 6);
  });

  test("says which class is out of range, when the loss is computed", async () => {
    const x = zeros([2, 3]);
    await expect(functional.crossEntropy(x, int([0, 3])).item()).rejects.toThrow(
      /crossEntropy: index 3 is out of range of size 3\n.*0 to 2/,
    );
    await expect(functional.crossEntropy(x, int([-1, 0])).item()).rejects.toThrow(
      "crossEntropy: index -1 is out of range of size 3",
    );
    await expect(functional.nllLoss(x, int([0, 5]), { weight: ones([3]) }).item()).rejects.toThrow("nllLoss: index 5");
  });

  test("says how to convert class indices that are floats or bools", () => {
    const x = zeros([2, 3]);
    expect(() => functional.crossEntropy(x, tensor([0, 1]))).toThrow(
      /crossEntropy: classes must be int32, got float32\n.*target\.to\("int32"\); class probabilities need the input's shape \[2, 3\]/,
    );
    expect(() => functional.nllLoss(x, tensor([true, false]))).toThrow(
      /nllLoss: classes must be int32, got bool\n.*to\("int32"\)/,
    );
    expect(() => functional.crossEntropy(x, zeros([2, 3], { dtype: "int32" }))).toThrow(
      /crossEntropy: needs a float tensor, got int32/,
    );
  });

  test("names both shapes when they do not fit", () => {
    expect(() => functional.crossEntropy(zeros([3, 4]), int([0, 1]))).toThrow(
      "crossEntropy: for input [3, 4] the classes must have shape [3], got [2]",
    );
    expect(() => functional.crossEntropy(zeros([2, 4]), int([[0], [1]]))).toThrow(
      /must have shape \[2\], got \[2, 1\]\n.*squeeze/,
    );
    expect(() => functional.crossEntropy(zeros([2, 4, 5]), int([0, 1]))).toThrow(
      "the classes must have shape [2, 5], got [2]",
    );
    expect(() => functional.crossEntropy(zeros([]), int(0))).toThrow(
      "the input must be [C], [N, C] or [N, C, d1, …], got a 0-d tensor",
    );
  });

  test("refuses ints as logits, and weights that do not fit", () => {
    const x = zeros([2, 3]);
    const y = int([0, 1]);
    expect(() => functional.crossEntropy(zeros([2, 3], { dtype: "int32" }), y)).toThrow(
      "crossEntropy: needs a float tensor, got int32",
    );
    expect(() => functional.crossEntropy(x, y, { weight: ones([2]) })).toThrow(
      "crossEntropy: the weight must have one number per class, [3], got shape [2]",
    );
    expect(() => functional.crossEntropy(x, y, { weight: ones([3], { dtype: "float64" }) })).toThrow(
      /the input is float32, the weight float64\n.*weight\.to\("float32"\)/,
    );
    expect(() => functional.crossEntropy(x, y, { weight: [1, 1, 1] as never })).toThrow(
      "crossEntropy: weight must be a tensor, got [1, 1, 1]",
    );
    expect(() => functional.crossEntropy(x, ones([2, 3]), { ignoreIndex: 1 })).toThrow(
      "crossEntropy: ignoreIndex 1 is for classes; the target holds probabilities",
    );
  });

  test("another class to ignore, or another smoothing, compiles nothing new", async () => {
    const x = zeros([2, 3]);
    const run = (ignoreIndex: number, labelSmoothing: number): Promise<number> =>
      functional.crossEntropy(x, int([0, 1]), { ignoreIndex, labelSmoothing }).item();
    await run(0, 0.1);
    const { programs } = x.device;
    const { compiled } = programs;
    await run(1, 0.2);
    await run(-100, 0.7);
    expect(programs.compiled).toBe(compiled);
  });
});

describe("losses refuse what makes no sense", () => {
  const classes = { MSELoss, L1Loss, NLLLoss, CrossEntropyLoss };
  test.each(Object.entries(classes))("%s: unknown options and reductions", (name, create) => {
    expect(() => new create({ reduce: true } as object)).toThrow(`${name}: unknown option "reduce"`);
    expect(() => new create({ reduction: "average" as "mean" })).toThrow(
      `${name}: reduction must be "mean", "sum" or "none", got "average"`,
    );
  });

  test("functional forms as well", () => {
    const [x, y] = [zeros([2]), zeros([2])];
    expect(() => functional.mseLoss(x, y, { size: 1 } as object)).toThrow('mseLoss: unknown option "size"');
    expect(() => functional.l1Loss(x, y, { reduction: "avg" as "mean" })).toThrow(
      'l1Loss: reduction must be "mean", "sum" or "none", got "avg"',
    );
    expect(() => functional.nllLoss(zeros([2, 2]), int([0, 0]), { labelSmoothing: 1 } as object)).toThrow(
      'nllLoss: unknown option "labelSmoothing"',
    );
  });

  test("CrossEntropyLoss: smoothing outside 0 to 1, a fractional class to ignore, a weight that is no tensor", () => {
    for (const labelSmoothing of [-0.1, 1.1, NaN, "0.1" as unknown as number]) {
      expect(() => new CrossEntropyLoss({ labelSmoothing })).toThrow(
        "labelSmoothing must be a number from 0 to 1, got",
      );
    }
    expect(() => new CrossEntropyLoss({ ignoreIndex: 0.5 })).toThrow(
      "CrossEntropyLoss: ignoreIndex must be an integer, got 0.5",
    );
    expect(() => new NLLLoss({ weight: [1] as never })).toThrow("NLLLoss: weight must be a tensor, got [1]");
  });

  test("shapes that do not broadcast, dtypes that make no loss", () => {
    expect(() => functional.mseLoss(zeros([2]), zeros([3]))).toThrow("mseLoss: shapes [2] and [3] do not broadcast");
    expect(() => functional.l1Loss(int([1]), zeros([1]))).toThrow("l1Loss: needs a float tensor, got int32");
    expect(() => functional.mseLoss(zeros([1]), tensor([true]))).toThrow("mseLoss: the target is bool");
    expect(() => functional.mseLoss(zeros([1]), 3 as unknown as Tensor)).toThrow("mseLoss: expects a tensor, got 3");
  });
});

describe("a loss of shapes that broadcast", () => {
  let warn: MockInstance<typeof console.warn>;
  beforeEach(() => {
    warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  });
  afterEach(() => {
    warn.mockRestore();
  });

  test("warns once per pair of shapes, naming both", async () => {
    for (let i = 0; i < 3; i++) new MSELoss().forward(zeros([7]), zeros([7, 1]));
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toContain("mseLoss: the input has shape [7], the target [7, 1]");
    new L1Loss().forward(zeros([7]), zeros([7, 1]));
    expect(warn).toHaveBeenCalledTimes(2);
    new MSELoss().forward(zeros([7, 1]), zeros([7, 1]));
    expect(warn).toHaveBeenCalledTimes(2);
  });
});

describe("a loss module", () => {
  test("holds its weights as a buffer that is saved and converted", () => {
    const loss = new CrossEntropyLoss({ weight: ones([3]) });
    expect(Object.keys(loss.stateDict())).toEqual(["weight"]);
    expect(loss.to("float64").weight!.dtype).toBe("float64");
    expect([...loss.parameters()]).toEqual([]);
    expect(Object.keys(new CrossEntropyLoss().stateDict())).toEqual([]);
  });

  test("takes an int target, as a regression on counts has", async () => {
    expect(await new MSELoss().forward(tensor([1, 2]), int([1, 4])).item()).toBe(2);
  });
});
