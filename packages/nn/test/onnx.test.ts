import type { Tensor } from "@downhill/core";
import { arange, randn, manualSeed, stack, tensor, zeros } from "@downhill/core";
import * as nn from "@downhill/nn";
import { exportOnnx, type ExportOnnxOptions } from "@downhill/nn/onnx";
import fc from "fast-check";
import * as ort from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { difference, feed, image, row, steps } from "./onnx-runtime.js";

describe("a model of one's own", () => {
  /** Made of ops and functions, with constants of the batch's size, and a part of no layer. */
  class Own extends nn.Module {
    scale = new nn.Parameter(randn([6]));
    override forward(x: Tensor): { mean: Tensor; top: Tensor; codes: Tensor } {
      const [n, t] = x.shape as [number, number];
      const rows = nn.functional.layerNorm(x.mul(this.scale).cumsum(1), [6]);
      const padded = nn.functional.pad(rows, [1, 2]).add(zeros([n, t, 9]));
      const [values] = padded.sort(-1, { descending: true });
      const codes = x
        .argmax(-1)
        .add(tensor([3], { dtype: "int32" }))
        .remainder(4);
      return { mean: values.mean([0, 1]), top: values.narrow(2, 0, 2).reshape([n * t, 2]), codes };
    }
  }

  test("is exported by what it does, its batch and its time of any size", async () => {
    manualSeed(1);
    const model = new Own();
    const axes = { dynamicAxes: { input: { 0: "batch", 1: "time" } } };
    for (const [n, t] of [
      [1, 5],
      [4, 3],
      [13, 11],
    ] as const)
      // prettier-ignore
      expect(await difference(model, [randn([2, 4, 6])], [randn([n, t, 6])], axes)).toBeLessThan(1e-4);
  });

  test("may use convolutions and pools as functions", async () => {
    class Net extends nn.Module {
      weight = new nn.Parameter(randn([3, 4, 3, 3]));
      override forward(x: Tensor): Tensor {
        return nn.functional.maxPool2d(nn.functional.conv2d(x, this.weight, null, { padding: 1 }), 2).flatten(1);
      }
    }
    expect(await difference(new Net(), [image(1)], [image(3)])).toBeLessThan(1e-4);
  });

  test("may make positions of the sequence's length, and masks of them", async () => {
    class Positions extends nn.Module {
      table = new nn.Embedding(16, 4);
      layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 8, batchFirst: true });
      override forward(x: Tensor): Tensor {
        const t = x.shape[1]!;
        const places = arange(t, { dtype: "int32" });
        const hidden = places.unsqueeze(0).gt(places.unsqueeze(1));
        return this.layer.forward(x.add(this.table.forward(places)), { srcMask: hidden });
      }
    }
    const axes = { dynamicAxes: { input: { 0: "batch", 1: "time" } } };
    for (const [n, t] of [
      [1, 3],
      [2, 7],
    ] as const)
      // prettier-ignore
      expect(await difference(new Positions(), [randn([1, 3, 4])], [randn([n, t, 4])], axes)).toBeLessThan(1e-4);
  });

  test("takes states of recurrent layers as inputs", async () => {
    class Net extends nn.Module {
      lstm = new nn.LSTM(4, 3, 2, { bidirectional: true });
      gru = new nn.GRU(6, 3);
      override forward(x: Tensor, h: Tensor, c: Tensor): unknown {
        const [y, last] = this.lstm.forward(x, [h, c]);
        return [this.gru.forward(y), last];
      }
    }
    const inputs = (n: number): Tensor[] => [steps(n), randn([4, n, 3]), randn([4, n, 3])];
    const dims = { 1: "batch" };
    const dynamicAxes = { input1: dims, input2: dims, input3: dims };
    expect(await difference(new Net(), inputs(1), inputs(3), { dynamicAxes })).toBeLessThan(1e-4);
  });

  test("that extends a layer is exported by its own forward, and a computed weight by its value", async () => {
    class Scaled extends nn.Linear {
      override forward(x: Tensor): Tensor {
        return super.forward(x).mul(2);
      }
    }
    class Halved extends nn.Conv2d {
      override forward(x: Tensor): Tensor {
        return super.forward(x.mul(0.5));
      }
    }
    const normed = nn.utils.parametrizations.weightNorm(new nn.Conv2d(4, 2, 3));
    expect(await difference(new Scaled(4, 2), [row(1)], [row(3)])).toBeLessThan(1e-4);
    expect(await difference(new Halved(4, 2, 3), [image(1)], [image(3)])).toBeLessThan(1e-4);
    expect(await difference(normed, [image(1)], [image(3)])).toBeLessThan(1e-4);
  });

  test("has what its hooks make of a layer's result", async () => {
    const model = new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU());
    [...model.children()][1]!.registerForwardHook((_, __, output) => (output as Tensor).add(1));
    expect(await difference(model, [row(1)], [row(3)])).toBeLessThan(1e-4);
  });
});

describe("the file", () => {
  const model = (): nn.Sequential => new nn.Sequential(new nn.Conv2d(4, 2, 3), new nn.BatchNorm2d(2), new nn.Flatten());

  test("has the names that were asked for, and weights by their names in stateDict", async () => {
    const net = model();
    const bytes = await exportOnnx(net, image(1), { inputNames: ["pixels"], outputNames: ["scores"], name: "Net" });
    const session = await ort.InferenceSession.create(bytes);
    expect([session.inputNames, session.outputNames]).toEqual([["pixels"], ["scores"]]);
    const content = new TextDecoder("latin1").decode(bytes);
    for (const name of Object.keys(net.stateDict()).filter((name) => !name.endsWith("numBatchesTracked")))
      expect(content).toContain(name);
    expect(content).toContain("batch");
  });

  test("is of fixed sizes with no dynamic axes", async () => {
    const session = await ort.InferenceSession.create(await exportOnnx(model(), image(2), { dynamicAxes: {} }));
    await expect(session.run({ input: await feed(image(3)) })).rejects.toThrow("Expected: 2");
  });

  test("is that of the model as it is: nothing is computed, no mode, buffer or hook changes", async () => {
    const net = model();
    const before = await net.getBuffer("1.runningMean").tolist();
    await exportOnnx(net, image(2));
    expect(net.training).toBe(true);
    expect(await net.getBuffer("1.runningMean").tolist()).toEqual(before);
    expect(net.getParameter("0.weight").device.pending).toHaveLength(0);
    expect(await exportOnnx(net, image(2))).toEqual(await exportOnnx(net, image(5)));
  });
});

describe("what cannot be exported says so, and where", () => {
  const failing = async (forward: (x: Tensor) => unknown, options: ExportOnnxOptions = {}): Promise<string> => {
    class Inner extends nn.Module {
      override forward(x: Tensor): unknown {
        return forward(x);
      }
    }
    class Outer extends nn.Module {
      part = new Inner();
      override forward(x: Tensor): unknown {
        return this.part.forward(x);
      }
    }
    return exportOnnx(new Outer(), row(3), options).then(
      () => "",
      (error: unknown) => String(error),
    );
  };

  test("an op that ONNX lacks", async () => {
    expect(await failing((x) => x.cumprod(1).add(1))).toContain(
      'exportOnnx: no counterpart for cumprod of Inner "part", which gives [11, 4]: ONNX has none',
    );
    expect(await failing((x) => nn.functional.dropout(x, 0.5))).toContain('no counterpart for uniform of Inner "part"');
  });

  test("a recurrence of a kind that ONNX lacks", async () => {
    await expect(exportOnnx(new nn.LSTM(4, 3, { projSize: 2 }), steps(1))).rejects.toThrow(
      "no counterpart for recur of LSTM",
    );
  });

  test("a structure that depends on the batch", async () => {
    expect(await failing((x) => stack(Array.from({ length: x.shape[0]! }, (_, i) => x.at(i))))).toContain(
      'what the model does depends on the size of "batch"\n  hint: leave that dim out of dynamicAxes',
    );
    expect(await failing((x) => x.add(tensor(Array.from({ length: x.shape[0]! }, (_, i) => [i * i]))))).toContain(
      "is made on the host for the input's size",
    );
  });

  test("results and arguments of other kinds", async () => {
    expect(await failing(() => 3)).toContain("forward gives 3");
    expect(await failing(() => [])).toContain("forward gives no tensor");
    expect(await failing((x) => Promise.resolve(x))).toContain("forward gives");
    expect(await failing((x) => x, { inputNames: ["a", "b"] })).toContain("inputNames must be 1 different texts");
    expect(await failing((x) => x, { dynamicAxes: { x: { 0: "n" } } })).toContain(
      'speaks of "x", but inputs are "input"',
    );
    expect(await failing((x) => x, { dynamicAxes: { input: { 2: "n" } } })).toContain('cannot have "n" as dim 2');
    expect(await failing((x) => x, { opset: 17 } as never)).toContain("opset");
    await expect(exportOnnx(new nn.ReLU(), [] as never)).rejects.toThrow("needs an example of the input");
    await expect(exportOnnx({} as never, row(1))).rejects.toThrow("takes a module");
  });
});

const sizes = {
  n: fc.integer({ min: 1, max: 4 }),
  channels: fc.integer({ min: 1, max: 3 }),
  size: fc.integer({ min: 5, max: 9 }),
};

test("nets of random sizes and steps give the same", async () => {
  const options = { ...sizes, kernel: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 3 }), padding: fc.integer({ min: 0, max: 1 }), wide: fc.integer({ min: 1, max: 5 }) }; // prettier-ignore
  await fc.assert(
    fc.asyncProperty(fc.record(options), async ({ n, channels, size, kernel, stride, padding, wide }) => {
      const net = new nn.Sequential(
        new nn.Conv2d(channels, wide, kernel, { stride, padding }),
        new nn.BatchNorm2d(wide),
        new nn.ReLU(),
        new nn.ConvTranspose2d(wide, 4, kernel, { stride, padding: kernel > 1 ? padding : 0 }),
        new nn.GroupNorm(2, 4),
        new nn.AdaptiveAvgPool2d([2, 1]),
        new nn.Flatten(),
        new nn.Linear(8, wide),
        new nn.Softmax(-1),
      );
      const input = (batch: number): Tensor => randn([batch, channels, size, size + 1]);
      expect(await difference(net, [input(1)], [input(n)])).toBeLessThan(1e-4);
    }),
    { numRuns: 12 },
  );
});
