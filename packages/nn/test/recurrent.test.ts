import { afterEach, describe, expect, test } from "vitest";
import {
  cat,
  compile,
  defaultDevice,
  type DType,
  explain,
  manualSeed,
  rand,
  randn,
  tensor,
  type Tensor,
  zeros,
} from "@downhill/core";
import { gradcheck, gradgradcheck } from "@downhill/core/testing";
import {
  Embedding,
  GRU,
  GRUCell,
  Linear,
  LSTM,
  LSTMCell,
  Module,
  packPaddedSequence,
  packSequence,
  PackedSequence,
  padPackedSequence,
  padSequence,
  type Parameter,
  type RecurrentOptions,
  RNN,
  RNNCell,
  unpackSequence,
  unpadSequence,
} from "@downhill/nn";
import { Adam } from "@downhill/optim";
import { difference, readFixture, toTensor, type Values } from "./fixture.js";

/** The layers by name, with the options that they all have. */
const kinds: Readonly<
  Record<"RNN" | "LSTM" | "GRU", new (inputs: number, states: number, options: RecurrentOptions) => RNN | LSTM | GRU>
> = { RNN, LSTM, GRU };

interface PackedRow {
  readonly name: keyof typeof kinds;
  readonly options: Readonly<Record<string, unknown>>;
  readonly lengths: readonly number[];
  readonly enforceSorted: boolean;
  readonly x: Values;
  readonly hx: readonly Values[];
  readonly batchSizes: readonly number[];
  readonly sortedIndices: readonly number[] | null;
  readonly parameters: readonly Values[];
  readonly data: Values;
  readonly results: readonly Values[];
  readonly gradOutputs: readonly Values[];
  readonly grads: readonly Values[];
}

type AnyForward = (input: PackedSequence, state: unknown) => [PackedSequence, Tensor | readonly Tensor[]];

describe("sequences of several lengths in one batch are what PyTorch makes of them", () => {
  test.each(
    (readFixture("packed") as PackedRow[]).map(
      (row) => [row.name, JSON.stringify([row.options, row.lengths]), row] as const,
    ),
  )("%s %s", async (name, _, row) => {
    const layer = new kinds[name](2, 2, row.options);
    const named = [...layer.namedParameters()];
    layer.loadStateDict(Object.fromEntries(named.map(([name], k) => [name, toTensor(row.parameters[k]!)])));
    const parameters = named.map(([, parameter]) => parameter);
    const { batchFirst = false } = row.options as { batchFirst?: boolean };
    const leaf = (values: Values): Tensor => toTensor({ ...values, requiresGrad: true });
    const x = leaf(row.x);
    const hx = row.hx.map(leaf);
    const packed = packPaddedSequence(x, row.lengths, { batchFirst, enforceSorted: row.enforceSorted });
    expect(packed.batchSizes).toEqual(row.batchSizes);
    expect(packed.sortedIndices).toEqual(row.sortedIndices);
    expect(await difference(packed.data, row.data)).toBe("");
    const forward = layer.forward.bind(layer) as unknown as AnyForward;
    const [output, last] = forward(packed, hx.length === 2 ? hx : (hx[0] ?? null));
    const [padded, lengths] = padPackedSequence(output, { batchFirst, paddingValue: -7, totalLength: 4 });
    expect(lengths).toEqual(row.lengths);
    const results = [output.data, padded, ...[last].flat()];
    for (const [k, expected] of row.results.entries())
      expect(await difference(results[k], expected), `result ${k}`).toBe("");
    row.gradOutputs.forEach((seed, k) => results[k]!.backward(toTensor(seed), { retainGraph: k < results.length - 1 }));
    for (const [k, input] of [x, ...hx, ...parameters].entries())
      expect(await difference(input.grad, row.grads[k]!), `gradient ${k}`).toBe("");
  });
});

describe("gradients are the slopes, to the second order", () => {
  const wide = { dtype: "float64" } as const;
  const draw = (...shape: number[]): Tensor => randn(shape, wide).detach().requiresGrad_();
  /** A function of the input, the states and all parameters. */
  const check = async (layer: Module, ...inputs: Tensor[]): Promise<void> => {
    const fn = (...args: Tensor[]): Tensor[] => {
      const [x, h, c] = args.slice(0, inputs.length);
      const made = (layer.forward as (...given: unknown[]) => unknown)(x, c === undefined ? h : [h, c]);
      return [made].flat(3) as Tensor[];
    };
    await gradcheck(fn, [...inputs, ...layer.parameters()]);
    await gradgradcheck(fn, [...inputs, ...layer.parameters()]);
  };
  manualSeed(2);
  test("RNN", () => check(new RNN(2, 2, { bidirectional: true, ...wide }), draw(3, 1, 2), draw(2, 1, 2)));
  test("LSTM", () => check(new LSTM(2, 2, { projSize: 1, ...wide }), draw(3, 1, 2), draw(1, 1, 1), draw(1, 1, 2)));
  test("GRU", () => check(new GRU(2, 2, { bias: false, ...wide }), draw(3, 1, 2), draw(1, 1, 2)));
  test("GRUCell", () => check(new GRUCell(2, 2, wide), draw(2, 2), draw(2, 2)));
  test("LSTMCell", () => check(new LSTMCell(2, 2, wide), draw(2, 2), draw(2, 2), draw(2, 2)));
  test("RNNCell", () => check(new RNNCell(2, 2, wide), draw(2, 2), draw(2, 2)));
});

describe("kernels per step", () => {
  const count = (name: keyof typeof kinds, steps: number): unknown => {
    manualSeed(1);
    const layer = new kinds[name](8, 16, { numLayers: 2, bidirectional: true });
    const optimizer = new Adam(layer.parameters());
    const x = rand([steps, 4, 8]);
    const step = (): void => {
      optimizer.zeroGrad();
      const [output] = layer.forward(x) as unknown as [Tensor];
      output.square().mean().backward();
      optimizer.step();
    };
    for (let k = 0; k < 3; k++) step();
    const { compiled } = defaultDevice().programs;
    const { programs } = explain(step, { print: false });
    expect(defaultDevice().programs.compiled).toBe(compiled);
    return programs.map(({ nodes, kernels }) => ({
      nodes,
      kernels: kernels.length,
      recurrences: kernels.flatMap(({ inside }) => (inside === undefined ? [] : [inside.length])),
    }));
  };

  test.each(["RNN", "LSTM", "GRU"] as const)("of an %s do not grow with the length of the sequence", (name) => {
    const few = count(name, 5);
    expect(few).toMatchObject([{ recurrences: { length: 8 } }]);
    expect(count(name, 50)).toEqual(few);
    expect(count(name, 500)).toEqual(few);
  });
});

describe("a recurrent layer", () => {
  test("is what its cell does turn by turn", async () => {
    manualSeed(3);
    const layer = new GRU(3, 4);
    const cell = new GRUCell(3, 4);
    cell.loadStateDict(
      Object.fromEntries(Object.entries(layer.stateDict()).map(([name, value]) => [name.replace("L0", ""), value])),
    );
    const x = randn([6, 2, 3]);
    let state: Tensor = zeros([2, 4]);
    for (const row of x.unbind(0)) state = cell.forward(row, state);
    const [, last] = layer.forward(x);
    const [a, b] = [await last.at(0).data(), await state.data()];
    a.forEach((value, i) => expect(value).toBeCloseTo(b[i]!, 6));
  });

  test("drops outputs of all layers but the last in training, and none in evaluation", async () => {
    manualSeed(4);
    const layer = new LSTM(2, 3, 2, { dropout: 0.5 });
    const x = randn([4, 2, 2]);
    const run = async (): Promise<unknown> => layer.forward(x)[0].tolist();
    expect(await run()).not.toEqual(await run());
    layer.eval();
    expect(await run()).toEqual(await run());
  });

  test("goes with compile: the same numbers, replayed", async () => {
    manualSeed(5);
    const layer = new LSTM(2, 3);
    const fn = (x: Tensor): Tensor => layer.forward(x)[0].sum();
    const compiled = compile(fn);
    for (let k = 0; k < 3; k++) {
      const x = randn([4, 2, 2]);
      expect(await compiled(x).item()).toBeCloseTo(await fn(x).item(), 5);
    }
  });

  test("has PyTorch's lists of weights", () => {
    const layer = new LSTM(2, 3, 2, { bidirectional: true, projSize: 1 });
    expect(layer.allWeights.map((list) => list.length)).toEqual([5, 5, 5, 5]);
    expect(layer.allWeights.flat()).toEqual([...layer.parameters()]);
    expect(layer.allWeights[1]![0]).toBe((layer as unknown as Record<string, Parameter>).weightIhL0Reverse);
    layer.flattenParameters();
  });

  test("learns to give back what it was shown: an LSTM on a copy task", async () => {
    manualSeed(6);
    const [steps, batch, letters] = [4, 32, 4];
    class Copier extends Module {
      embedding = new Embedding(letters + 1, 8);
      lstm = new LSTM(8, 32);
      readout = new Linear(32, letters);
      override forward(x: Tensor): Tensor {
        return this.readout.forward(this.lstm.forward(this.embedding.forward(x))[0]);
      }
    }
    const model = new Copier();
    const optimizer = new Adam(model.parameters(), { lr: 0.02 });
    const blank = tensor(
      Array.from({ length: steps }, () => new Array<number>(batch).fill(letters)),
      { dtype: "int32" },
    );
    let right = 0;
    for (let k = 0; k < 300; k++) {
      const shown = rand([steps, batch]).mul(letters).int();
      const logits = model.forward(cat([shown, blank])).narrow(0, steps, steps);
      const loss = logits.logSoftmax(2).gather(2, shown.unsqueeze(2)).mean().neg();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      if (k === 299) right = await logits.argmax(2).eq(shown).float().mean().item();
    }
    expect(right).toBeGreaterThan(0.97);
  }, 60_000);
});

describe("packing", () => {
  const sequences = [tensor([1, 2]), tensor([3]), tensor([4, 5, 6])];

  test("undoes itself", async () => {
    const packed = packSequence(sequences, { enforceSorted: false });
    expect(packed.batchSizes).toEqual([3, 2, 1]);
    expect(packed.sortedIndices).toEqual([2, 0, 1]);
    expect(packed.unsortedIndices).toEqual([1, 2, 0]);
    const back = await Promise.all(unpackSequence(packed).map((x) => x.tolist()));
    expect(back).toEqual([[1, 2], [3], [4, 5, 6]]);
  });

  test("pads and cuts", async () => {
    const padded = padSequence(sequences, { paddingValue: 9 });
    expect(await padded.tolist()).toEqual([[1, 3, 4], [2, 9, 5], [9, 9, 6]]); // prettier-ignore
    const cut = await Promise.all(unpadSequence(padded, [2, 1, 3]).map((x) => x.tolist()));
    expect(cut).toEqual([[1, 2], [3], [4, 5, 6]]);
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      "lengths that grow",
      () => packPaddedSequence(zeros([3, 2]), [1, 3]),
      /must not grow, got \[1, 3\]\n {2}hint: pass \{ enforceSorted: false \}/,
    ],
    ["a length of 0", () => packPaddedSequence(zeros([3, 2]), [3, 0]), /integer from 1 to 3, got 0/],
    ["too few lengths", () => packPaddedSequence(zeros([3, 2]), [3]), /lengths of 2 sequences/],
    [
      "a short totalLength",
      () => padPackedSequence(packSequence(sequences.slice(2)), { totalLength: 2 }),
      /at least 3/,
    ],
    ["no sequences", () => packSequence([]), /at least one tensor/],
    ["different rows", () => padSequence([zeros([2, 3]), zeros([2, 4])]), /\[2, 3\] and \[2, 4\]/],
    ["sizes that do not add up", () => new PackedSequence(zeros([3]), [2]), /add up to 2 rows, the data is \[3\]/],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});

describe("errors name what is wrong", () => {
  const layer = new LSTM(3, 4);
  test.each<[string, () => unknown, RegExp]>([
    [
      "an input of another size",
      () => layer.forward(zeros([5, 2, 7])),
      /LSTM: the input's last size must be 3 \(inputSize\), got shape \[5, 2, 7\]/,
    ],
    [
      "an input of 4 dims",
      () => layer.forward(zeros([1, 5, 2, 3])),
      /\[L, N, 3\], or \[L, 3\] without a batch, got \[1, 5, 2, 3\]/,
    ],
    ["no steps", () => layer.forward(zeros([0, 2, 3])), /at least one step/],
    [
      "another dtype",
      () => layer.forward(zeros([5, 2, 3], { dtype: "float64" })),
      /the input is float64, the weights float32/,
    ],
    [
      "a state that does not fit",
      () => layer.forward(zeros([5, 2, 3]), [zeros([1, 2, 4]), zeros([1, 3, 4])]),
      /the cell state must be \[1, 2, 4\], got \[1, 3, 4\]/,
    ],
    [
      "one state of two",
      () => layer.forward(zeros([5, 2, 3]), zeros([1, 2, 4]) as never),
      /must be \[hidden, cell\] or null/,
    ],
    ["projSize", () => new LSTM(3, 4, { projSize: 4 }), /projSize must be smaller than hiddenSize 4, got 4/],
    ["projSize of a GRU", () => new GRU(3, 4, { projSize: 2 } as never), /projSize/],
    ["nonlinearity", () => new RNN(3, 4, { nonlinearity: "sin" as never }), /"tanh" or "relu", got "sin"/],
    ["dropout", () => new GRU(3, 4, { dropout: 2 }), /dropout must be a probability/],
    ["hiddenSize", () => new GRU(3, 0), /hiddenSize/],
    ["dtype", () => new GRU(3, 4, { dtype: "int32" as DType }), /dtype must be/],
    ["a cell's input", () => new RNNCell(3, 4).forward(zeros([2, 2])), /RNNCell: the input must be \[N, 3\], or \[3\]/],
    [
      "a cell's state",
      () => new RNNCell(3, 4).forward(zeros([2, 3]), zeros([1, 4])),
      /the state must be \[2, 4\], got \[1, 4\]/,
    ],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});

afterEach(() => manualSeed(0));
