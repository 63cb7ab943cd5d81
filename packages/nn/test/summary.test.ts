import { describe, expect, test } from "vitest";
import { manualSeed, ones, rand, type Tensor } from "@downhill/core";
import {
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Embedding,
  Flatten,
  Linear,
  MaxPool2d,
  Module,
  MultiheadAttention,
  ReLU,
  Sequential,
  summary,
  updateBatchNorm,
} from "@downhill/nn";

class Net extends Module {
  features: Sequential = new Sequential(new Conv2d(1, 10, 5), new ReLU(), new MaxPool2d(2), new BatchNorm2d(10));
  head: Sequential = new Sequential(new Flatten(), new Dropout(), new Linear(1440, 10));
  override forward(x: Tensor): Tensor {
    return this.head.forward(this.features.forward(x));
  }
}

type Norm = Pick<BatchNorm1d, "momentum" | "numBatchesTracked" | "runningMean">;

describe("summary", () => {
  test("counts shapes, parameters and multiply-adds as torchinfo does", () => {
    const report = summary(new Net(), [2, 1, 28, 28]);
    expect(report.rows.map(({ depth, type, outputShapes }) => [depth, type, outputShapes])).toEqual([
      [0, "Net", [[2, 10]]],
      [1, "Sequential", [[2, 10, 12, 12]]],
      [2, "Conv2d", [[2, 10, 24, 24]]],
      [2, "ReLU", [[2, 10, 24, 24]]],
      [2, "MaxPool2d", [[2, 10, 12, 12]]],
      [2, "BatchNorm2d", [[2, 10, 12, 12]]],
      [1, "Sequential", [[2, 10]]],
      [2, "Flatten", [[2, 1440]]],
      [2, "Dropout", [[2, 1440]]],
      [2, "Linear", [[2, 10]]],
    ]);
    expect(report.parameters).toBe(260 + 20 + 14410);
    expect(report.trainableParameters).toBe(report.parameters);
    expect(report.multiplyAdds).toBe(260 * 2 * 24 * 24 + 20 * 2 + 14410 * 2);
    expect([report.inputBytes, report.parameterBytes]).toEqual([2 * 784 * 4, report.parameters * 4]);
    expect(report.passBytes).toBe(2 * 4 * 2 * (5760 + 5760 + 1440 + 1440 + 1440 + 1440 + 10));
  });

  test("prints a table", () => {
    const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2));
    model.at(0).requiresGrad_(false);
    expect(String(summary(model, [16, 4]))).toBe(
      `==================================================================
Layer (type (name): depth-idx)  Output Shape  Param #  Mult-Adds
==================================================================
Sequential                      [16, 2]       --       --
├─Linear (0): 1-1               [16, 8]       (40)     640
├─ReLU (1): 1-2                 [16, 8]       --       --
└─Linear (2): 1-3               [16, 2]       18       288
==================================================================
Total params: 58
Trainable params: 18
Non-trainable params: 40
Total mult-adds: 928
==================================================================
Input size (MB): 0.00
Forward/backward pass size (MB): 0.00
Params size (MB): 0.00
Estimated Total Size (MB): 0.00
==================================================================`,
    );
  });

  test("shows what is called twice as such, and sums what lies below its depth", () => {
    const shared = new Linear(3, 3);
    const model = new Sequential(shared, new Sequential(shared, new Linear(3, 1)));
    const report = summary(model, [1, 3]);
    expect(report.rows.map(({ repeated }) => repeated)).toEqual([false, false, false, true, false]);
    expect(String(report)).toContain("(recursive)");
    const flat = summary(model, [1, 3], { depth: 1 });
    expect(flat.rows).toHaveLength(3);
    expect([flat.rows[2]!.multiplyAdds, flat.multiplyAdds]).toEqual([12 + 4, report.multiplyAdds]);
    expect(String(flat)).toContain("└─Sequential (1): 1-2           [1, 1]        16       16");
  });

  test("takes tensors, several inputs and other dtypes; heads and rows count what they multiply", () => {
    expect(summary(new Embedding(10, 4), [2, 5], { dtypes: ["int32"] }).multiplyAdds).toBe(0);
    expect(summary(new Linear(3, 2), ones([5, 3])).multiplyAdds).toBe(5 * 8);
    const heads = summary(new MultiheadAttention(4, 2), [[3, 1, 4], [5, 1, 4], [5, 1, 4]]); // prettier-ignore
    expect(heads.rows[0]!.outputShapes).toEqual([[3, 1, 4], [1, 3, 5]]); // prettier-ignore
    expect(heads.rows[1]!.multiplyAdds).toBe(3 * 20);
  });

  test("changes nothing: neither modes, hooks, statistics nor the stream of random numbers", async () => {
    const model = new Sequential(new Linear(2, 2), new BatchNorm1d(2), new Dropout()).train();
    model.at(2).eval();
    manualSeed(1);
    const expected = await rand([2]).tolist();
    manualSeed(1);
    summary(model, [4, 2]);
    expect(await rand([2]).tolist()).toEqual(expected);
    expect([...model.modules()].map(({ training }) => training)).toEqual([true, true, true, false]);
    expect(await (model.at(1) as unknown as Norm).numBatchesTracked!.item()).toBe(0);
    class Odd extends Module {
      override async forward(x: Tensor): Promise<Tensor> {
        return Promise.resolve(x);
      }
    }
    expect(() => summary(new Odd(), [1])).toThrow("summary: takes a model whose forward is not async");
    expect(() => summary(model, [3, 7])).toThrow("linear: the input's last size must be 2");
    expect(() => summary(model, ["x"] as never)).toThrow('summary: an input must be a shape or a tensor, got "x"');
  });
});

describe("updateBatchNorm", () => {
  test("has the statistics of all batches alike, and leaves modes and shares as they were", async () => {
    const norm = new BatchNorm1d(2, { momentum: 0.3 });
    const model = new Sequential(norm).eval();
    const batches = [ones([3, 2]).mul(4), [rand([4, 2]), "label"], rand([2, 2])] as const;
    await updateBatchNorm(batches, model);
    const means = [batches[0], batches[1][0], batches[2]].map((batch) => batch.mean(0));
    const mean = means.reduce((sum, x) => sum.add(x)).div(3);
    expect(await norm.runningMean!.sub(mean).abs().amax().item()).toBeLessThan(1e-6);
    const variances = [batches[0], batches[1][0], batches[2]].map((batch) => batch.var(0));
    const variance = variances.reduce((sum, x) => sum.add(x)).div(3);
    expect(await norm.runningVar!.sub(variance).abs().amax().item()).toBeLessThan(1e-6);
    expect([norm.momentum, norm.training, await norm.numBatchesTracked!.item()]).toEqual([0.3, false, 3]);
  });

  test("takes an async loader, and refuses batches that hold no tensor", async () => {
    const model = new Sequential(new BatchNorm1d(2));
    async function* loader(): AsyncGenerator<Tensor> {
      yield await Promise.resolve(ones([2, 2]));
    }
    await updateBatchNorm(loader(), model);
    expect(await (model.at(0) as unknown as Norm).runningMean!.tolist()).toEqual([1, 1]);
    await expect(updateBatchNorm([3], model)).rejects.toThrow("updateBatchNorm: a batch must be a tensor");
    expect((model.at(0) as unknown as Norm).momentum).toBe(0.1);
    await updateBatchNorm([3], new Sequential(new Linear(1, 1))); // no norms: nothing to do
  });
});
