import { describe, expect, it } from "vitest";
import { hostArray, type DType } from "../../src/dtype.js";
import { fillBernoulli } from "../../src/random/bernoulli.js";
import { fillExponential } from "../../src/random/exponential.js";
import { Generator } from "../../src/random/generator.js";
import { multinomial } from "../../src/random/multinomial.js";
import { fillNormal, fillNormalFrom } from "../../src/random/normal.js";
import { fillPermutation } from "../../src/random/permutation.js";
import { fillRandint } from "../../src/random/randint.js";
import { fillUniform, type FloatArray } from "../../src/random/uniform.js";
import { checksum, expectDrawn, expectNear, readFixture, type Step } from "./stream-fixture.js";

interface TorchStep extends Step {
  readonly dtype: DType;
}

interface TorchFixture {
  readonly float64Normals: readonly number[];
  readonly permutation100000: number;
  readonly normals1000000: number;
  readonly cases: readonly { name: string; seed: string; words: number; steps: readonly TorchStep[] }[];
}

const fixture = readFixture("torch") as TorchFixture;

function draw(
  generator: Generator,
  { op, dtype, args, count }: TorchStep,
): ReturnType<typeof hostArray> | BigInt64Array {
  const out = hostArray(dtype, count);
  const [a, b] = args as [number, number];
  const floats = (value: unknown, as: DType = dtype): number | FloatArray => {
    if (!Array.isArray(value)) return value as number;
    const array = hostArray(as, value.length) as FloatArray;
    array.set(value as number[]);
    return array;
  };
  switch (op) {
    case "uniform":
      fillUniform(out as FloatArray, generator, a, b);
      return out;
    case "normal":
      fillNormal(out as FloatArray, generator, a, b);
      return out;
    case "normalFrom":
      fillNormalFrom(out as FloatArray, generator, floats(args[0]), floats(args[1]));
      return out;
    case "exponential":
      fillExponential(out as FloatArray, generator, a);
      return out;
    case "randint":
      fillRandint(out, generator, dtype, a, b);
      return out;
    case "randperm":
      fillPermutation(out, generator);
      return out;
    case "bernoulli":
      fillBernoulli(out, generator, floats(args[0], args[1] as DType));
      return out;
    case "multinomial": {
      const [weights, rows, samples, replacement] = args as [number[], number, number, boolean];
      const shape = { rows, categories: weights.length / rows, samples };
      return multinomial(floats(weights) as FloatArray, shape, replacement, generator);
    }
    case "random63":
      return BigInt64Array.from({ length: count }, () => generator.random63());
    default:
      throw new Error(`the fixture draws ${op}, which this test does not know`);
  }
}

/** The size of float64 results that end in a logarithm or a sine; undefined for results that are exact. */
function scaleOf({ op, dtype, args }: TorchStep): number | undefined {
  if (dtype !== "float64") return undefined;
  if (op === "exponential") return 40 / (args[0] as number);
  if (op !== "normal" && op !== "normalFrom") return undefined;
  const [mean, std] = args.map((arg) => (Array.isArray(arg) ? 1 : (arg as number))) as [number, number];
  return mean + 4 * std;
}

interface Place {
  readonly next: number;
  readonly waiting: number | undefined;
}

/** Where a generator stands, read from its state bytes. */
function placeOf(generator: Generator): Place {
  const view = new DataView(generator.getState().buffer);
  return {
    next: view.getUint32(16, true),
    waiting: view.getInt32(5040, true) === 0 ? undefined : view.getFloat64(5024, true),
  };
}

for (const { name, seed, words, steps } of fixture.cases) {
  describe(`seed ${seed}: ${name}`, () => {
    it("gives PyTorch's values and leaves the stream where PyTorch leaves it", () => {
      const generator = new Generator(BigInt(seed));
      for (const step of steps) {
        expectDrawn(draw(generator, step), step, scaleOf(step));
        const { next, waiting } = placeOf(generator);
        expect(next).toBe(step.next);
        expect(waiting === undefined).toBe(step.waiting === null);
        if (waiting !== undefined && step.waiting !== null) expectNear(waiting, step.waiting, 4);
      }
      const key = Uint32Array.from({ length: 624 }, (_, i) =>
        new DataView(generator.getState().buffer).getUint32(24 + 8 * i, true),
      );
      expect(checksum(key)).toBe(words);
    });
  });
}

describe("long draws", () => {
  it("gives each of a million float32 normals PyTorch's bits", () => {
    const out = new Float32Array(1_000_000);
    fillNormal(out, new Generator(3));
    expect(checksum(out)).toBe(fixture.normals1000000);
  });

  it("gives PyTorch's order of 100,000", () => {
    const out = new Int32Array(100_000);
    fillPermutation(out, new Generator(3));
    expect(checksum(out)).toBe(fixture.permutation100000);
  });

  it("gives 99 % of float64 normals PyTorch's bits, and the rest to two units in the last place", () => {
    const out = new Float64Array(1000);
    fillNormal(out, new Generator(3));
    let equal = 0;
    fixture.float64Normals.forEach((expected, i) => {
      if (out[i] === expected) equal++;
      expect(Math.abs(out[i]! - expected)).toBeLessThanOrEqual(2 ** -51 * Math.abs(expected));
    });
    expect(equal).toBeGreaterThanOrEqual(990);
  });
});
