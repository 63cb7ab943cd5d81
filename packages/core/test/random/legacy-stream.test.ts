import { describe, expect, it } from "vitest";
import type { TypedArray } from "../../src/dtype.js";
import { choice } from "../../src/random/choice.js";
import { LegacyStream, type LegacySeed } from "../../src/random/legacy-stream.js";
import { checksum, expectDrawn, expectNear, readFixture, type Step } from "./stream-fixture.js";

interface NumpyFixture {
  readonly cases: readonly { seed: number | number[]; words: number; steps: readonly Step[] }[];
}

function draw(stream: LegacyStream, { op, args, count }: Step): TypedArray | BigInt64Array {
  const floats = new Float64Array(count);
  const [a, b] = args as [number, number];
  switch (op) {
    case "rand":
    case "uniform":
      stream.fillUniform(floats, a, b);
      return floats;
    case "randn":
    case "normal":
      stream.fillNormal(floats, a, b);
      return floats;
    case "randint": {
      const out = new Int32Array(count);
      stream.fillRandint(out, a, b);
      return out;
    }
    case "randint64": {
      const out = new BigInt64Array(count);
      const [low, high] = args as [string, string];
      stream.fillRandint(out, BigInt(low), BigInt(high));
      return out;
    }
    case "permutation":
      return stream.permutation(count);
    case "shuffle":
      floats.forEach((_, i) => (floats[i] = i * 1.5));
      stream.shuffle(floats);
      return floats;
    case "choice": {
      const [population, replace, p] = args as [number, boolean, number[] | null];
      return choice(stream, population, count, p === null ? { replace } : { replace, p });
    }
    default:
      throw new Error(`the fixture draws ${op}, which this test does not know`);
  }
}

const { cases } = readFixture("numpy") as NumpyFixture;

for (const { seed, words, steps } of cases) {
  const name = Array.isArray(seed) ? `an array of ${String(seed.length)}` : String(seed);
  it(`gives NumPy's values and stands where NumPy stands, seeded with ${name}`, () => {
    const stream = new LegacyStream(seed);
    for (const step of steps) {
      const { op, args } = step;
      const scale = op === "randn" ? 4 : op === "normal" ? (args[0] as number) + 4 * (args[1] as number) : undefined;
      expectDrawn(draw(stream, step), step, scale);
      const { pos, gauss } = stream.getState();
      expect(pos).toBe(step.next);
      expect(gauss === undefined).toBe(step.waiting === null);
      if (gauss !== undefined && step.waiting !== null) expectNear(gauss, step.waiting, 4);
    }
    expect(checksum(stream.getState().key)).toBe(words);
  });
}

describe("seeds", () => {
  it("takes bigints, and differs from stream to stream without a seed", () => {
    expect(new LegacyStream(42n).random32()).toBe(1608637542);
    expect(new LegacyStream().random64()).not.toBe(new LegacyStream().random64());
    expect(new LegacyStream(null).random64()).not.toBe(new LegacyStream(null).random64());
  });

  it("refuses what NumPy refuses, and names it", () => {
    const bad: [LegacySeed, RegExp][] = [
      [-1, /RandomState: the seed -1 is out of range[^]*2\^32 - 1/],
      [2 ** 32, /4294967296 is out of range/],
      [2n ** 64n, /18446744073709551616n is out of range/],
      [0.5, /0\.5 is not an integer/],
      [NaN, /NaN is not an integer/],
      ["7" as unknown as number, /"7" is not an integer/],
      [[], /\[\] holds no numbers/],
      [[1, -2], /-2 is out of range/],
    ];
    for (const [seed, message] of bad) expect(() => new LegacyStream(seed)).toThrow(message);
  });
});

describe("state", () => {
  it("comes back exactly, with the normal that waits", () => {
    const stream = new LegacyStream(3);
    for (let i = 0; i < 401; i++) stream.gauss();
    const state = stream.getState();
    expect(state.gauss).toBeDefined();
    const next = Array.from({ length: 500 }, () => stream.gauss());
    const other = new LegacyStream(0);
    other.setState(state);
    expect(Array.from({ length: 500 }, () => other.gauss())).toEqual(next);
  });

  it("refuses what is no state", () => {
    const stream = new LegacyStream(3);
    const state = stream.getState();
    expect(() => {
      stream.setState({ ...state, key: new Uint32Array(3) });
    }).toThrow(/624 words/);
    expect(() => {
      stream.setState({ ...state, pos: 625 });
    }).toThrow(/pos must be an integer from 0 to 624, got 625/);
    expect(() => {
      stream.setState({ ...state, gauss: "1" as unknown as number });
    }).toThrow(/gauss .* got "1"/);
    expect(stream.getState()).toEqual(state);
  });
});

describe("draws", () => {
  it("fills float64 arrays with integers beyond 32 bits", () => {
    const [big, exact] = [new Float64Array(9), new BigInt64Array(9)];
    new LegacyStream(1).fillRandint(big, -(2 ** 40), 2 ** 45);
    new LegacyStream(1).fillRandint(exact, -(2 ** 40), 2 ** 45);
    expect([...big]).toEqual(Array.from(exact, Number));
  });

  it("shuffles ordinary arrays as it permutes numbers", () => {
    const letters = Array.from("abcdefghij");
    new LegacyStream(8).shuffle(letters);
    expect(letters.join("")).toBe(Array.from(new LegacyStream(8).permutation(10), (i) => "abcdefghij"[i]).join(""));
  });

  it("refuses empty and unfitting ranges, and names them", () => {
    const stream = new LegacyStream(1);
    const ints = new Int32Array(2);
    expect(() => {
      stream.fillRandint(ints, 5, 5);
    }).toThrow(/randint: low must be less than high, got low 5 and high 5/);
    expect(() => {
      stream.fillRandint(ints, 0, 2 ** 32);
    }).toThrow(/\[0, 4294967296\) does not fit/);
    expect(() => {
      stream.fillRandint(ints, 0.5, 2);
    }).toThrow(/low must be an integer, got 0\.5/);
    expect(() => {
      stream.fillRandint(new BigInt64Array(1), 0, 2n ** 63n + 1n);
    }).toThrow(/does not fit/);
    expect(() => {
      stream.fillUniform(new Float64Array(1), -1e308, 1e308);
    }).toThrow(/not a finite number/);
    expect(() => {
      stream.fillNormal(new Float64Array(1), 0, -1);
    }).toThrow(/normal: scale must be at least 0, got -1/);
    expect(() => {
      stream.fillNormal(new Float64Array(1), 0, NaN);
    }).toThrow(/got NaN/);
    expect(() => stream.permutation(-1)).toThrow(/from 0 to 2\^31, got -1/);
    expect(() => stream.permutation(2.5)).toThrow(/got 2\.5/);
  });

  it("refuses choices that cannot be made, and says why", () => {
    const stream = new LegacyStream(1);
    expect(() => choice(stream, 0, 1)).toThrow(/something to choose from, got 0/);
    expect(choice(stream, 0, 0)).toEqual(new Int32Array(0));
    expect(() => choice(stream, 3, -1)).toThrow(/got -1/);
    expect(() => choice(stream, 3, 4, { replace: false })).toThrow(/cannot draw 4 of 3 without replacement/);
    expect(() => choice(stream, 3, 1, { p: [0.5, 0.5] })).toThrow(/p has 2 probabilities for 3/);
    expect(() => choice(stream, 2, 1, { p: [0.5, 0.6] })).toThrow(/sum to 1\.1/);
    expect(() => choice(stream, 2, 1, { p: [1.5, -0.5] })).toThrow(/at least 0, got -0\.5 at 1/);
    expect(() => choice(stream, 2, 1, { p: [NaN, 1] })).toThrow(/got NaN at 0/);
    expect(() => choice(stream, 3, 2, { replace: false, p: [1, 0, 0] })).toThrow(
      /1 probabilities are positive, too few to draw 2/,
    );
  });
});
