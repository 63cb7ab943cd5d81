import { describe, expect, it } from "vitest";
import { cos, log, sin } from "../../src/random/accurate.js";
import { fma32, fma64 } from "../../src/random/exact-arithmetic.js";
import { readFixture } from "./stream-fixture.js";

const rows = readFixture("accurate") as readonly (readonly [
  x: number,
  log: number,
  t: number,
  sin: number,
  cos: number,
])[];

describe("log, sin and cos", () => {
  it("equal the correctly rounded values", () => {
    for (const [x, logarithm, t, sine, cosine] of rows) {
      expect(log(x), `log ${String(x)}`).toBe(logarithm);
      expect(sin(t), `sin ${String(t)}`).toBe(sine);
      expect(cos(t), `cos ${String(t)}`).toBe(cosine);
    }
  });
});

describe("fused multiply-add", () => {
  it("rounds float32 once where the float64 sum falls midway between two float32", () => {
    // x (2⁻²⁴ - 2⁻⁴⁷) + x with x = 1 + 2⁻²³ lies 2⁻⁷⁰ below the middle of two float32, which float64 does not see.
    const x = 1 + 2 ** -23;
    const y = 2 ** -24 - 2 ** -47;
    expect(Math.fround(x * y + x)).toBe(1 + 2 ** -22);
    expect(fma32(x, y, x)).toBe(x);
    expect(fma32(-x, y, -x)).toBe(-x);
    expect(fma32(1, 2 ** -24, x)).toBe(1 + 2 ** -22); // exactly midway: to even
    expect(fma32(1 + 2 ** -12, 2 ** -12, -(2 ** -12))).toBe(2 ** -24);
  });

  it("keeps what float64 loses in the product", () => {
    const x = 1 + 2 ** -30;
    expect(fma64(x, x, -1 - 2 ** -29)).toBe(2 ** -60);
    expect(x * x - 1 - 2 ** -29).toBe(0);
    expect(fma64(2 ** 1000, 2 ** 10, 1)).toBe(2 ** 1010);
    expect(fma64(2 ** 1000, 2 ** 1000, 1)).toBe(Infinity);
  });
});
