import { autocast, manualSeed, randn, type Tensor } from "@downhill/core";
import { Conv2d, CrossEntropyLoss, functional, GELU, LayerNorm, Linear, ReLU, Sequential } from "@downhill/nn";
import { Adam, GradScaler } from "@downhill/optim";
import { describe, expect, test } from "vitest";

const dtypeOf = (fn: () => Tensor): string => autocast(fn).dtype;
const x = (): Tensor => randn([4, 8]);
const h = (): Tensor => randn([4, 8]).half();

describe("under autocast", () => {
  test.each<[string, () => Tensor, string]>([
    ["matmul", () => x().matmul(randn([8, 2])), "float16"],
    ["linear", () => new Linear(8, 2).forward(x()), "float16"],
    ["conv2d", () => new Conv2d(1, 2, 3).forward(randn([1, 1, 5, 5])), "float16"],
    ["attention", () => functional.scaledDotProductAttention(x(), x(), x()), "float16"],
    ["softmax", () => h().softmax(1), "float32"],
    ["exp", () => h().exp(), "float32"],
    ["pow", () => h().abs().pow(1.5), "float32"],
    ["sum", () => h().sum(), "float32"],
    ["norm", () => h().norm(), "float32"],
    ["layerNorm", () => new LayerNorm(8).forward(h()), "float32"],
    ["mseLoss", () => functional.mseLoss(h(), x()), "float32"],
    ["relu", () => h().relu(), "float16"],
    ["gelu, made of exponentials,", () => new GELU().forward(h()), "float16"],
    ["sigmoid", () => h().sigmoid(), "float16"],
    ["a sum of both precisions", () => h().add(x()), "float32"],
    ["mean", () => h().mean(), "float16"],
  ])("%s gives what PyTorch's lists say", (_, fn, dtype) => {
    expect(dtypeOf(fn)).toBe(dtype);
  });

  test("float64 stays as it is", () => {
    expect(dtypeOf(() => randn([2, 2], { dtype: "float64" }).matmul(randn([2, 2], { dtype: "float64" })))).toBe(
      "float64",
    );
  });

  test("a probability's cross entropy is refused", () => {
    expect(() => autocast(() => functional.binaryCrossEntropy(x().sigmoid(), x().gt(0).float()))).toThrow(/WithLogits/);
  });
});

test("outside, inside a part that is off, and after an error nothing is cast", () => {
  const work = (): Tensor => x().matmul(randn([8, 2]));
  expect(work().dtype).toBe("float32");
  expect(autocast(() => autocast(work, { enabled: false })).dtype).toBe("float32");
  expect(() =>
    autocast(() => {
      throw new Error("mine");
    }),
  ).toThrow("mine");
  expect(work().dtype).toBe("float32");
  expect(() => autocast(async () => Promise.resolve())).toThrow(/returned a Promise/);
});

test("a model trains in mixed precision as it does in float32", async () => {
  const losses = async (mixed: boolean): Promise<number[]> => {
    manualSeed(0);
    const model = new Sequential(new Linear(8, 16), new ReLU(), new Linear(16, 3));
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    const criterion = new CrossEntropyLoss();
    const scaler = new GradScaler({ enabled: mixed });
    const inputs = randn([32, 8]);
    const labels = inputs.narrow(1, 0, 3).argmax(1);
    const all: number[] = [];
    for (let step = 0; step < 40; step++) {
      optimizer.zeroGrad();
      const loss = autocast(() => criterion.forward(model.forward(inputs), labels), { enabled: mixed });
      scaler.scale(loss).backward();
      scaler.step(optimizer);
      scaler.update();
      all.push(await loss.item());
    }
    for (const parameter of model.parameters()) expect(parameter.dtype).toBe("float32");
    return all;
  };
  const [plain, mixed] = [await losses(false), await losses(true)];
  expect(plain.at(-1)!).toBeLessThan(plain[0]! / 2);
  mixed.forEach((loss, step) => expect(Math.abs(loss - plain[step]!)).toBeLessThan(0.01));
});
