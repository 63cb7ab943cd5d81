import fc from "fast-check";
import {
  checkpoint,
  composite,
  grad,
  gradcheck,
  jvp,
  setDefaultDevice,
  type Shape,
  tensor,
  type Tensor,
  vjp,
} from "@downhill/core";
import { flush, registerBackend } from "@downhill/core/engine";
import { Draws, runSteps, type Step } from "@downhill/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ReferenceBackend } from "../src/reference/interpreter.js";

// Graphs of ops on random shapes: views of views, broadcasts, reductions, shared values. Always the same ones.
fc.configureGlobal({ seed: 20, numRuns: 120 });

const shape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
const shapes = fc.array(shape, { minLength: 1, maxLength: 3 });
const numbers = fc.nat();
const stepsOf = (maxLength: number): fc.Arbitrary<Step[]> =>
  fc.array(fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(11)), { minLength: 1, maxLength });

const sizeOf = (shape: Shape): number => shape.reduce((size, n) => size * n, 1);

function filled(shape: Shape, draws: Draws, requiresGrad = true): Tensor {
  const data = Float64Array.from({ length: sizeOf(shape) }, () => draws.real(-1.5, 1.5));
  return tensor(data)
    .reshape([...shape])
    .detach()
    .requiresGrad_(requiresGrad);
}

const leaves = (list: readonly Shape[], seed: number): Tensor[] => {
  const draws = new Draws(seed);
  return list.map((shape) => filled(shape, draws));
};

const bits = async (tensors: readonly (Tensor | null)[]): Promise<(number[] | null)[]> =>
  Promise.all(tensors.map(async (x) => x && Array.from(await x.data())));

/** Gradients of the values that the steps end with, weighted. */
function slopes(values: readonly Tensor[], inputs: readonly Tensor[]): (Tensor | null)[] {
  const outputs = values.slice(-2).filter((value) => value.requiresGrad);
  const draws = new Draws(1);
  if (outputs.length === 0) return [];
  return grad(outputs, inputs, {
    gradOutputs: outputs.map(({ shape }) => filled(shape, draws, false)),
    allowUnused: true,
  });
}

/** Values of one graph, and what its rounding may change in another form of it. */
type Results = (number[] | null)[];

function expectClose(actual: Results, expected: Results, tolerance: number): void {
  expect(actual.map((values) => values?.length)).toEqual(expected.map((values) => values?.length));
  for (const [i, values] of expected.entries()) {
    const largest = Math.max(1, ...(values ?? []).map(Math.abs));
    values?.forEach((value, k) => {
      const difference = Math.abs(actual[i]![k]! - value);
      if (!(difference <= tolerance * largest)) expect(actual[i]).toEqual(values);
    });
  }
}

// The interpreter computes op by op whatever the Program, so nothing may differ by a bit. Compiled sums add in another
// order in another Program: some 2⁻⁵² more or less, which up to 30 ops of slopes near 1, sums of up to 96 elements
// among them, make no larger than 10⁻¹⁰. Jumps (floor, sorting) would magnify that, so compiled graphs have none.
describe.each([
  { device: "interpreted", roughly: true, tolerance: 0 },
  { device: "cpu", roughly: false, tolerance: 1e-10 },
])("a graph computed whole, $device,", ({ device, roughly, tolerance }) => {
  beforeEach(() => {
    if (device === "interpreted") registerBackend(new ReferenceBackend(device));
    setDefaultDevice(device);
  });
  afterEach(() => {
    setDefaultDevice("cpu");
  });

  test("gives what it gives op by op, internal or not, in values and gradients", async () => {
    await fc.assert(
      fc.asyncProperty(stepsOf(30), shapes, numbers, async (steps, list, seed) => {
        const run = async (how: "whole" | "each" | "inside"): Promise<Results> => {
          const inputs = leaves(list, seed);
          const values = [...inputs];
          if (how === "each") {
            for (const [i, step] of steps.entries()) {
              // One step on all values so far, read at once.
              values.push(runSteps([step], values, roughly)[inputs.length + i]!);
              await values.at(-1)!.data();
            }
          } else if (how === "inside") {
            values.push(...composite(() => runSteps(steps, inputs, roughly).slice(-2))());
          } else values.push(...runSteps(steps, inputs, roughly).slice(inputs.length));
          const last = values.slice(-2);
          const gradients = slopes(values, inputs);
          return bits([...last, ...gradients]);
        };
        const whole = await run("whole");
        expectClose(await run("each"), whole, tolerance);
        expectClose(await run("inside"), whole, tolerance);
      }),
    );
  });

  test("does not depend on which of its values are asked for, or on the order", async () => {
    await fc.assert(
      fc.asyncProperty(
        stepsOf(20),
        shapes,
        numbers,
        fc.array(fc.nat(), { maxLength: 6 }),
        async (steps, list, seed, picks) => {
          const whole = await bits(runSteps(steps, leaves(list, seed), roughly));
          const values = runSteps(steps, leaves(list, seed), roughly);
          for (const pick of picks) flush(values[pick % values.length]!);
          expectClose(await bits(values), whole, tolerance);
        },
      ),
    );
  });

  test("has the same gradients when parts of it are checkpoints, one in another", async () => {
    await fc.assert(
      fc.asyncProperty(
        stepsOf(8),
        stepsOf(8),
        stepsOf(8),
        shapes,
        numbers,
        async (before, within, after, list, seed) => {
          const run = async (around: typeof checkpoint): Promise<Results> => {
            const inputs = leaves(list, seed);
            const first = runSteps(before, inputs);
            const middle = around(
              (...values) => {
                const inner = around((...values) => runSteps(within, values), ...values);
                return runSteps(within, inner);
              },
              ...first,
            );
            const values = runSteps(after, middle);
            return bits([...values.slice(-2), ...slopes(values, inputs)]);
          };
          expectClose(await run(checkpoint), await run((fn, ...inputs) => fn(...inputs)), tolerance);
        },
      ),
    );
  });
});

describe("gradients of a graph", () => {
  test("are its slopes", async () => {
    await fc.assert(
      fc.asyncProperty(stepsOf(12), shapes, numbers, async (steps, list, seed) => {
        const inputs = leaves(list, seed);
        await gradcheck((...inputs) => runSteps(steps, inputs).slice(-2), inputs);
      }),
      { numRuns: 80 },
    );
  });

  test("of a sum are the sum of the gradients, and scale with the gradients of the outputs", async () => {
    await fc.assert(
      fc.asyncProperty(stepsOf(15), shapes, numbers, async (steps, list, seed) => {
        const inputs = leaves(list, seed);
        const [y, z] = runSteps(steps, inputs)
          .slice(-2)
          .map((value) => value.sum()) as [Tensor, Tensor];
        const options = { retainGraph: true, materializeGrads: true };
        const of = (root: Tensor): Tensor[] =>
          root.requiresGrad ? grad(root, inputs, options) : inputs.map((x) => x.mul(0));
        const [whole, first, second] = [of(y.mul(2).add(z.mul(-3))), of(y), of(z)];
        for (const [i, g] of whole.entries()) {
          const [a, b] = await bits([g, first[i]!.mul(2).add(second[i]!.mul(-3))]);
          a!.forEach((value, k) => expect(value).toBeCloseTo(b![k]!, 10));
        }
      }),
    );
  });

  test("agree forwards and backwards: v · Ju = vJ · u", async () => {
    await fc.assert(
      fc.asyncProperty(stepsOf(12), shapes, numbers, async (steps, list, seed) => {
        const inputs = leaves(list, seed);
        const fn = (...xs: Tensor[]): Tensor => runSteps(steps, xs).at(-1)!.sin();
        const draws = new Draws(seed + 1);
        const u = list.map((shape) => filled(shape, draws, false));
        const [y, Ju] = jvp(fn, inputs, u) as unknown as [Tensor, Tensor];
        const v = filled(y.shape, draws, false);
        const [, vJ] = vjp(fn, inputs, v);
        const left = await v.mul(Ju).sum().item();
        const right = await vJ
          .map((g, i) => g.mul(u[i]!).sum())
          .reduce((sum, x) => sum.add(x))
          .item();
        expect(left).toBeCloseTo(right, 9);
      }),
    );
  });
});

describe("broadcasting", () => {
  /** A shape, and two that broadcast to it: sizes made 1, dims in front left out. */
  const pair = fc.tuple(shape, fc.nat(), fc.nat()).map(([shape, a, b]): [Shape, Shape, Shape] => {
    const shrunk = (bits: number): Shape =>
      shape.map((n, i) => ((bits >> i) & 1 ? 1 : n)).slice((bits >> 4) % (shape.length + 1));
    const [left, right] = [shrunk(a), shrunk(b)];
    return [shape, left, right];
  });

  const ops: ((x: Tensor, y: Tensor) => Tensor)[] = [
    (x, y) => x.add(y),
    (x, y) => x.sub(y),
    (x, y) => x.mul(y),
    (x, y) => x.div(y.mul(y).add(1)),
    (x, y) => x.maximum(y),
    (x, y) => x.atan2(y),
    (x, y) => x.exp().pow(y),
  ];

  test("equals expanding first, in values and gradients", async () => {
    await fc.assert(
      fc.asyncProperty(pair, numbers, fc.nat(ops.length - 1), async ([shape, left, right], seed, which) => {
        const op = ops[which]!;
        const run = async (expand: boolean): Promise<[number[], number[][]]> => {
          const [x, y] = leaves([left, right], seed) as [Tensor, Tensor];
          const all = leaves([shape], seed + 1)[0]!.detach();
          // Both ways meet in the whole shape.
          const z = expand ? op(x.expand([...shape]), y.expand([...shape])).add(all) : op(x, y).add(all);
          expect(z.shape).toEqual(shape);
          const gradients = grad(z.mul(all).sum(), [x, y]);
          expect(gradients.map((g) => g.shape)).toEqual([left, right]);
          return [(await bits([z]))[0]!, (await bits(gradients)) as number[][]];
        };
        const [[z, grads], [expanded, expandedGrads]] = [await run(false), await run(true)];
        expect(z).toEqual(expanded);
        grads.forEach((g, i) => g.forEach((value, k) => expect(value).toBeCloseTo(expandedGrads[i]![k]!, 10)));
      }),
      { numRuns: 150 },
    );
  });
});

describe("views", () => {
  /** Ops that only move elements, for a tensor of any shape. */
  const moves: ((x: Tensor, n: number) => Tensor)[] = [
    (x) => x.reshape(-1),
    (x) => (x.ndim < 2 ? x.unsqueeze(0) : x.transpose(0, -1)),
    (x, n) => (x.ndim === 0 ? x.unsqueeze(0) : x.flip(n % x.ndim)),
    (x, n) =>
      x.ndim === 0 || x.shape[n % x.ndim]! < 2 ? x.unsqueeze(-1) : x.narrow(n % x.ndim, 1, x.shape[n % x.ndim]! - 1),
    (x) => (x.numel() > 64 ? x.squeeze() : x.unsqueeze(0).expand(2, ...x.shape)),
    (x, n) => (x.ndim === 0 ? x : x.permute(x.shape.map((_, i) => (i + n) % x.ndim))),
    (x, n) => (x.ndim === 0 ? x : x.roll(n, n % x.ndim)),
    (x, n) => (x.ndim === 0 ? x : x.at(n % x.shape[0]!)),
  ];

  test("of views have the gradient that puts each element back where it came from", async () => {
    await fc.assert(
      fc.asyncProperty(
        shape,
        fc.array(fc.tuple(fc.nat(99), fc.nat(11)), { minLength: 1, maxLength: 10 }),
        async (shape, chain) => {
          const size = sizeOf(shape);
          const x = tensor(Float64Array.from({ length: size }, (_, i) => i))
            .reshape(shape)
            .detach()
            .requiresGrad_();
          const view = chain.reduce((x, [op, n]) => moves[op % moves.length]!(x, n), x);
          // The elements of x are their own places, so the view says where each came from.
          const places = Array.from(await view.data());
          const weights = places.map((_, i) => i + 1);
          view.backward(tensor(Float64Array.from(weights)).reshape([...view.shape]));
          const expected = new Array<number>(size).fill(0);
          places.forEach((place, i) => (expected[place]! += weights[i]!));
          expect(Array.from(await x.grad!.data())).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });
});
