import { describe, expect, it } from "vitest";
import { difference } from "./close.js";

const loose = { signOfZero: false };
const strict = { signOfZero: true };

describe("difference", () => {
  it("allows float32 four units in the last place, and no more", () => {
    const unit = 2 ** -23;
    expect(difference([1 + 4 * unit], [1], "float32", loose)).toBeUndefined();
    expect(difference([1 + 5 * unit], [1], "float32", loose)).toMatch(/^at 0: .*5 units/);
    expect(difference([8 + 32 * unit], [8], "float32", loose)).toBeUndefined();
    expect(difference([5 * 2 ** -149], [0], "float32", loose)).toBeDefined();
  });

  it("allows float64 a relative error of 1e-12", () => {
    expect(difference([1e6 + 9e-7], [1e6], "float64", loose)).toBeUndefined();
    expect(difference([1e6 + 2e-6], [1e6], "float64", loose)).toBeDefined();
  });

  it("adds what a row allows", () => {
    expect(difference([1e-7], [0], "float32", { tol: { atol: 1e-7 }, ...loose })).toBeUndefined();
    expect(difference([2e-7], [0], "float32", { tol: { atol: 1e-7 }, ...loose })).toBeDefined();
  });

  it("allows integers nothing", () => {
    expect(difference([3], [3], "int32", loose)).toBeUndefined();
    expect(difference([3], [4], "int32", { tol: {}, ...loose })).toBeDefined();
  });

  it("holds NaN equal to NaN and to nothing else", () => {
    expect(difference([NaN], ["NaN"], "float32", loose)).toBeUndefined();
    expect(difference([1], ["NaN"], "float32", loose)).toBeDefined();
    expect(difference([NaN], [1], "float32", loose)).toBeDefined();
  });

  it("tells infinities from each other and from large numbers", () => {
    expect(difference([-Infinity], ["-Infinity"], "float32", loose)).toBeUndefined();
    expect(difference([-Infinity], ["Infinity"], "float32", loose)).toBeDefined();
    expect(difference([3.4e38], ["Infinity"], "float32", loose)).toBeDefined();
    expect(difference([Infinity], [3.4e38], "float32", loose)).toBeDefined();
  });

  it("compares the sign of zero where asked", () => {
    expect(difference([0], [-0], "float32", loose)).toBeUndefined();
    expect(difference([0], [-0], "float32", strict)).toMatch("0 instead of -0");
  });

  it("compares the number of values", () => {
    expect(difference([1], [1, 2], "float32", loose)).toBe("1 values instead of 2");
  });
});
