import { describe, expect, it } from "vitest";
import { fillBernoulli } from "../../src/random/bernoulli.js";
import { fillExponential } from "../../src/random/exponential.js";
import { Generator } from "../../src/random/generator.js";
import { multinomial } from "../../src/random/multinomial.js";
import { fillNormal, fillNormalFrom } from "../../src/random/normal.js";
import { fillPermutation } from "../../src/random/permutation.js";
import { fillRandint } from "../../src/random/randint.js";
import { fillUniform } from "../../src/random/uniform.js";

// Arguments that PyTorch refuses. What it accepts is compared in torch-streams.test.ts.

const generator = new Generator(0);
const floats = new Float32Array(3);
const doubles = new Float64Array(3);

describe("uniform", () => {
  it.each([
    [2, 1, /uniform: from 2 is greater than to 1[^]*uniform\(1, 2\)/],
    [NaN, 1, /the bound NaN is no finite number/],
    [0, Infinity, /the bound Infinity/],
    [0, 1e39, /the bound 1e\+39 is no finite number of the dtype/],
    [-3e38, 3e38, /from -3e\+38 to 3e\+38 is wider/],
  ])("refuses from %d to %d", (from, to, message) => {
    expect(() => fillUniform(floats, generator, from, to)).toThrow(message);
  });

  it("takes in float64 what float32 does not hold, and a range of nothing", () => {
    fillUniform(doubles, generator, 0, 1e39);
    expect(Math.max(...doubles)).toBeGreaterThan(1e38);
    fillUniform(doubles, generator, 7, 7);
    expect([...doubles]).toEqual([7, 7, 7]);
  });
});

describe("normal", () => {
  it("refuses a negative or undefined deviation, before it draws", () => {
    const state = generator.getState();
    expect(() => fillNormal(floats, generator, 0, -1)).toThrow(/normal: std must be at least 0, got -1/);
    expect(() => fillNormal(floats, generator, 0, NaN)).toThrow(/got NaN/);
    expect(() => fillNormalFrom(floats, generator, 0, Float32Array.of(1, -2, 1))).toThrow(/each std .* got -2/);
    expect(generator.getState()).toEqual(state);
  });
});

describe("exponential", () => {
  it("refuses a negative rate", () => {
    expect(() => fillExponential(floats, generator, -1)).toThrow(/lambda must be at least 0, got -1/);
    expect(() => fillExponential(floats, generator, NaN)).toThrow(/got NaN/);
  });
});

describe("randint", () => {
  const ints = new Int32Array(3);
  it("refuses empty ranges, fractions, and ranges outside the dtype", () => {
    expect(() => fillRandint(ints, generator, "int32", 3, 3)).toThrow(
      /randint: low must be less than high, got low 3 and high 3/,
    );
    expect(() => fillRandint(ints, generator, "int32", 0.5, 3)).toThrow(/randint: low must be an integer, got 0\.5/);
    expect(() => fillRandint(ints, generator, "int32", 0, NaN)).toThrow(/high must be an integer, got NaN/);
    expect(() => fillRandint(ints, generator, "int32", 0, 2 ** 31 + 1)).toThrow(/\[0, 2147483649\) does not fit int32/);
    expect(() => fillRandint(new Uint8Array(1), generator, "uint8", 0, 257)).toThrow(
      /does not fit uint8, which goes from 0 to 255/,
    );
    expect(() => fillRandint(new Uint8Array(1), generator, "uint8", -1, 5)).toThrow(/\[-1, 5\)/);
    expect(() => fillRandint(new Uint8Array(1), generator, "bool", 0, 3)).toThrow(/does not fit bool/);
  });
});

describe("randperm", () => {
  it("refuses more numbers than the dtype counts to", () => {
    expect(() => fillPermutation(new Uint8Array(257), generator)).toThrow(/randperm: 257 numbers do not fit[^]*int32/);
    const all = new Uint8Array(256);
    fillPermutation(all, generator);
    expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: 256 }, (_, i) => i));
  });
});

describe("bernoulli", () => {
  it("refuses what is no probability", () => {
    expect(() => fillBernoulli(floats, generator, 2)).toThrow(/bernoulli: a probability lies in \[0, 1\], got 2/);
    expect(() => fillBernoulli(floats, generator, NaN)).toThrow(/got NaN/);
    expect(() => fillBernoulli(floats, generator, Float64Array.of(0.5, -0.25, 1))).toThrow(/got -0\.25/);
  });
});

describe("multinomial", () => {
  const draw = (weights: number[], samples: number, replacement: boolean, rows = 1): Int32Array =>
    multinomial(
      Float32Array.from(weights),
      { rows, categories: weights.length / rows, samples },
      replacement,
      generator,
    );

  it("refuses weights that are negative, infinite or NaN, and names the row", () => {
    for (const replacement of [false, true]) {
      expect(() => draw([0.5, -0.25], 1, replacement)).toThrow(/at least 0, got -0\.25 in row 0/);
      expect(() => draw([1, 1, 1, NaN], 1, replacement, 2)).toThrow(/got NaN in row 1/);
      expect(() => draw([1, Infinity], 1, replacement)).toThrow(/got Infinity/);
      expect(() => draw([1, 0, 0, 0], 1, replacement, 2)).toThrow(/the weights of row 1 sum to 0/);
    }
  });

  it("refuses numbers of samples that cannot be drawn", () => {
    expect(() => draw([1, 1], 0, true)).toThrow(/positive integer, got 0/);
    expect(() => draw([1, 1], 1.5, true)).toThrow(/got 1\.5/);
    expect(() => draw([1, 1], 3, false)).toThrow(/cannot draw 3 of 2 categories[^]*replacement: true/);
    expect(() => draw([1, 0, 1, 0], 3, false)).toThrow(/row 0 has 2 positive weights, too few to draw 3/);
  });

  it("draws nothing from no rows", () => {
    const shape = { rows: 0, categories: 3, samples: 2 };
    expect(multinomial(new Float32Array(0), shape, false, generator)).toEqual(new Int32Array(0));
  });
});
