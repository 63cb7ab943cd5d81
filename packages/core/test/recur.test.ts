import {
  checkpoint,
  compile,
  detectAnomaly,
  estimateMemory,
  explain,
  type Explanation,
  grad,
  manualSeed,
  rand,
  setNumThreads,
  stack,
  tensor,
  type Tensor,
  zeros,
} from "@downhill/core";
import { type Body, composite, flush, recur, type Recurred } from "@downhill/core/engine";
import { describe, expect, test } from "vitest";

/** A gated net with a state of its own: what is kept is the state, and a product with the one before. */
const gated: Body = ([h], [x], [w]) => {
  const gate = x!.add(h!.matmul(w!.t())).sigmoid();
  const next = gate.mul(x!.tanh()).add(h!.mul(0.5));
  return { carry: [next], out: [next, next.mul(h!)] };
};

/** The same turn by turn, each recorded by itself. */
function unrolled(body: Body, h: Tensor, x: Tensor, w: Tensor, reverse: boolean): Recurred {
  const outs: (readonly Tensor[])[] = [];
  const steps = x.shape[0]!;
  let carry: readonly Tensor[] = [h];
  for (let turn = 0; turn < steps; turn++) {
    const made = body(carry, [x.at(reverse ? steps - 1 - turn : turn)], [w]);
    carry = made.carry;
    outs.push(made.out);
  }
  if (reverse) outs.reverse();
  return { carry, out: outs[0]!.map((_, k) => stack(outs.map((row) => row[k]!))) };
}

interface Inputs {
  readonly h: Tensor;
  readonly x: Tensor;
  readonly w: Tensor;
}

function inputs(steps: number, rows = 3, width = 4, requiresGrad = true): Inputs {
  manualSeed(steps);
  const make = (...shape: number[]): Tensor => rand(shape).sub(0.5).detach().requiresGrad_(requiresGrad);
  return { h: make(rows, width), x: make(steps, rows, width), w: make(width, width) };
}

const lossOf = ({ carry, out }: Recurred): Tensor => carry[0]!.mul(3).sum().add(out[0]!.mul(out[1]!).sum());

async function expectClose(actual: readonly Tensor[], expected: readonly Tensor[], digits = 5): Promise<void> {
  expect(actual.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  for (const [k, x] of actual.entries()) {
    const [a, b] = [await x.data(), await expected[k]!.data()];
    a.forEach((value, i) => expect(value).toBeCloseTo(b[i]!, digits));
  }
}

describe("a recurrence computes what its turns do one by one", () => {
  test.each([
    [1, false],
    [6, false],
    [6, true],
  ])("%d turns, reverse %s", async (steps, reverse) => {
    const { h, x, w } = inputs(steps);
    const results = (made: Recurred): Tensor[] => [...made.out, ...made.carry, ...grad(lossOf(made), [h, x, w])];
    const whole = results(recur(gated, { carry: [h], x: [x], constants: [w], reverse }));
    await expectClose(whole, results(unrolled(gated, h, x, w, reverse)));
  });

  test("where only the last state, or only what was kept, is looked at", async () => {
    const { h, x, w } = inputs(5);
    const looks = [({ carry }: Recurred) => carry[0]!.sum(), ({ out }: Recurred) => out[1]!.narrow(0, 2, 1).sum()];
    for (const look of looks) {
      const whole = grad(look(recur(gated, { carry: [h], x: [x], constants: [w] })), [h, x, w]);
      await expectClose(whole, grad(look(unrolled(gated, h, x, w, false)), [h, x, w]));
    }
  });

  test("where the loss was read before backward, and the forward pass is computed again", async () => {
    const { h, x, w } = inputs(5);
    const loss = lossOf(recur(gated, { carry: [h], x: [x], constants: [w] }));
    await loss.item();
    await expectClose(grad(loss, [h, x, w]), grad(lossOf(unrolled(gated, h, x, w, false)), [h, x, w]));
  });

  test("inside a checkpoint, which makes its values a second time", async () => {
    const { h, x, w } = inputs(5);
    const plain = grad(lossOf(recur(gated, { carry: [h], x: [x], constants: [w] })), [h, x, w]);
    const loss = checkpoint((h, x, w) => lossOf(recur(gated, { carry: [h], x: [x], constants: [w] })), h, x, w);
    await expectClose(grad(loss, [h, x, w]), plain);
  });

  test("second derivatives", async () => {
    const { h, x, w } = inputs(4, 2, 3);
    const curve = (made: Recurred): Tensor[] => {
      const slopes = grad(lossOf(made), [h, x, w], { createGraph: true });
      const sum = slopes.map((slope) => slope.mul(slope).sum()).reduce((a, b) => a.add(b));
      return grad(sum, [h, x, w]);
    };
    const whole = curve(recur(gated, { carry: [h], x: [x], constants: [w] }));
    await expectClose(whole, curve(unrolled(gated, h, x, w, false)), 4);
  });

  test("in a compiled function, which reads new values at each call", async () => {
    const { x, w, h } = inputs(5);
    const step = (x: Tensor): Tensor[] => {
      const made = recur(gated, { carry: [h], x: [x], constants: [w] });
      return [made.out[0]!, ...grad(lossOf(made), [h, w])];
    };
    const compiled = compile(step);
    for (const factor of [1, 2, 3]) {
      const scaled = x.detach().mul(factor);
      await expectClose(compiled(scaled), step(scaled));
    }
  });

  test("with threads that share the work, and without them again", async () => {
    const { h, x, w } = inputs(4, 64, 128);
    const results = (): Tensor[] => {
      const made = recur(gated, { carry: [h], x: [x], constants: [w] });
      return [...made.out, ...grad(lossOf(made), [h, x, w])];
    };
    const one = await Promise.all(results().map((result) => result.data()));
    await setNumThreads(2);
    try {
      const two = await Promise.all(results().map((result) => result.data()));
      expect(two).toEqual(one);
    } finally {
      await setNumThreads(1);
    }
    expect(await Promise.all(results().map((result) => result.data()))).toEqual(one);
  });
});

describe("what a recurrence costs", () => {
  const step = ({ h, x, w }: Inputs): (() => void) => {
    const slopes = composite(() => grad(lossOf(recur(gated, { carry: [h], x: [x], constants: [w] })), [h, w]));
    return () => flush(...slopes());
  };
  /** Of a step that has run before. */
  const explained = (steps: number): Explanation => {
    const run = step(inputs(steps, 8, 16));
    run();
    run();
    return explain(run, { print: false });
  };

  test("as many kernels for 5, 50 and 500 turns, outside and inside of the recurrences", () => {
    const counts = [5, 50, 500].map((steps) => {
      const { programs } = explained(steps);
      expect(programs).toHaveLength(1);
      const recurrences = programs[0]!.kernels.filter(({ kind }) => kind === "recurrence");
      expect(recurrences.map(({ turns }) => turns)).toEqual([steps, steps]);
      return {
        nodes: programs[0]!.nodes,
        kernels: programs[0]!.kernels.length,
        inside: recurrences.map(({ inside }) => inside!.length),
      };
    });
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[2]).toEqual(counts[0]);
    expect(counts[0]!.inside).toEqual([2, 3]);
    expect(counts[0]!.kernels).toBeLessThanOrEqual(8);
  });

  test("explain shows it with its kernels inside", () => {
    const text = explained(5).toString();
    expect(text).toMatch(/^ *\d+ +recurrence +5 turns /m);
    expect(text).toMatch(/^ *\d+\.1 +matmul +8 × 16 over 16 /m);
    expect(text).toMatch(/^ *\d+\.2 +(tail|loop) +8 × 16 /m);
  });

  test("one product gives the gradient of a weight, of all turns at once", () => {
    const { kernels } = explained(50).programs[0]!;
    const products = kernels.filter(({ kind }) => kind === "matmul");
    expect(products.map(({ loops }) => loops.map(({ size }) => size))).toEqual([[16, 16, 50, 8]]);
  });

  test("memory that estimateMemory tells", () => {
    const { h, w } = inputs(1, 8, 16);
    const bytes = (steps: number): number =>
      estimateMemory((x: Tensor) => lossOf(recur(gated, { carry: [h], x: [x], constants: [w] })), [steps, 8, 16]).arena;
    expect(bytes(100)).toBeGreaterThan(bytes(10) + 90 * 8 * 16 * 4);
  });
});

describe("anomaly mode", () => {
  test("names the recurrence in which a gradient turns NaN", () => {
    const root: Body = ([h], [x]) => {
      const next = h!.add(x!.sqrt().mul(x!.sqrt()));
      return { carry: [next], out: [] };
    };
    const x = tensor([[1], [0]], { requiresGrad: true });
    const run = (): void => {
      detectAnomaly(() =>
        recur(root, { carry: [zeros([1])], x: [x], name: "roots" })
          .carry[0]!.mul(0)
          .sum()
          .backward(),
      );
    };
    expect(run).toThrow(/gradient of roots is NaN/);
  });
});

describe("a body that cannot be repeated is refused", () => {
  const x = rand([3, 2]);
  test.each<[string, Body, RegExp]>([
    [
      "reading by index",
      (_, [x]) => ({ carry: [], out: [x!.indexSelect(0, tensor([0], { dtype: "int32" }))] }),
      /reads by index/,
    ],
    ["a tensor from outside", (_, [x]) => ({ carry: [], out: [x!.add(rand([2]))] }), /none of its arguments/],
    ["two dtypes", (_, [x]) => ({ carry: [], out: [x!, x!.double()] }), /several dtypes/],
    ["another state", ([h]) => ({ carry: [h!.sum()], out: [] }), /state 0 is .* \[2\] before .* \[\] after/],
  ])("%s", (_, body, message) => {
    expect(() =>
      recur(body, { carry: [zeros([2])].slice(0, message.source.startsWith("state") ? 1 : 0), x: [x] }),
    ).toThrow(message);
  });

  test("sequences of different lengths, or of none", () => {
    const add: Body = (_, [x, y]) => ({ carry: [], out: [x!.add(y!)] });
    expect(() => recur(add, { carry: [], x: [rand([3, 2]), rand([4, 2])] })).toThrow(/3 and 4 steps/);
    expect(() => recur(add, { carry: [], x: [rand([0, 2]), rand([0, 2])] })).toThrow(/at least one step/);
  });
});
