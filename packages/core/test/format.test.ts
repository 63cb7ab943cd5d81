import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { type DType, hostArray } from "../src/dtype.js";
import { exponential, fixed } from "../src/decimals.js";
import { type FormatOptions, formatTensor } from "../src/format.js";
import { type PrintOptions, printOptions, setPrintOptions } from "../src/print-options.js";

type Written = number | "NaN" | "Infinity" | "-Infinity";

interface Case {
  readonly shape: number[];
  readonly dtype: DType;
  readonly data?: Written[] | null;
  readonly ramp?: [length: number, modulus: number, scale: number, shift: number];
  readonly options: Omit<FormatOptions, "threshold"> & { threshold?: Written };
  readonly text: string;
}

const file = new URL("fixtures/format.json", import.meta.url);
const cases = JSON.parse(readFileSync(file, "utf8")) as Case[];

function values({ data, ramp, dtype }: Case): ArrayLike<number> | null {
  if (data === null) return null;
  if (ramp !== undefined) {
    const [length, modulus, scale, shift] = ramp;
    return hostArray(dtype, length).map((_, i) => (i % modulus) * scale + shift);
  }
  const array = hostArray(dtype, data?.length ?? 0);
  array.set((data ?? []).map(Number));
  return array;
}

function options({ options }: Case): FormatOptions {
  const { threshold, ...rest } = options;
  return threshold === undefined ? rest : { ...rest, threshold: Number(threshold) };
}

afterEach(() => setPrintOptions({ profile: "default" }));

describe("formatTensor writes what PyTorch 1.13 prints, in our words", () => {
  test.each(cases.map((row, i) => ({ name: `${i}: ${row.dtype} [${row.shape.join(", ")}]`, row })))(
    "$name",
    ({ row }) => {
      expect(formatTensor(values(row), row.shape, row.dtype, options(row))).toBe(row.text);
    },
  );

  test("the same options set for all tensors give the same texts", () => {
    for (const row of cases) {
      const { requiresGrad = false, gradFn, device = "cpu", ...print } = options(row);
      setPrintOptions(print);
      const text = formatTensor(values(row), row.shape, row.dtype, { requiresGrad, device, ...(gradFn && { gradFn }) });
      setPrintOptions({ profile: "default" });
      expect(text).toBe(row.text);
    }
  });
});

describe("formatTensor", () => {
  test("reads only the printed elements of a summarised tensor", () => {
    const reads = new Set<string>();
    const data = new Proxy<ArrayLike<number>>(
      { length: 1e6 },
      {
        get: (_, key) => (reads.add(String(key)), 0.5),
      },
    );
    formatTensor(data, [1000, 1000], "float32");
    const ends = [0, 1, 2, 997, 998, 999];
    expect(reads).toEqual(new Set(ends.flatMap((row) => ends.map((column) => String(1000 * row + column)))));
  });

  test("does not count what is hidden towards the width", () => {
    const data = Array.from({ length: 2000 }, (_, i) => (i === 1000 ? 123456 : 1));
    expect(formatTensor(data, [2000], "int32")).toBe("tensor([1, 1, 1,  ..., 1, 1, 1])");
  });

  test("names the device unless it is the cpu", () => {
    expect(formatTensor([1], [1], "int32", { device: "cpu" })).toBe("tensor([1])");
    expect(formatTensor([1], [1], "int32", { device: "webgpu", requiresGrad: true })).toBe(
      "tensor([1], device='webgpu', requiresGrad=true)",
    );
    expect(formatTensor(null, [2, 3], "float32", { device: "webgpu" })).toBe(
      "tensor(..., device='webgpu', size=[2, 3])",
    );
  });

  test("prints a million elements when asked to, on one line", () => {
    const text = formatTensor(new Float32Array(1e6), [1e6], "float32", { profile: "full", linewidth: Infinity });
    expect(text).toBe(`tensor([${"0., ".repeat(1e6 - 1)}0.])`);
  });

  test("options of one text leave the settings alone", () => {
    expect(formatTensor([1.23456], [1], "float64", { precision: 1 })).toBe("tensor([1.2], dtype=float64)");
    expect(formatTensor([1.23456], [1], "float64")).toBe("tensor([1.2346], dtype=float64)");
  });

  test("throws for a print option out of range", () => {
    expect(() => formatTensor([1], [1], "float32", { precision: -1 })).toThrow(/^formatTensor: precision .*-1/);
  });
});

describe("setPrintOptions", () => {
  test("keeps what is not named, but lets the values decide on scientific notation again, as PyTorch does", () => {
    setPrintOptions({ precision: 2, sciMode: true });
    expect(printOptions()).toEqual({ precision: 2, threshold: 1000, edgeitems: 3, linewidth: 80, sciMode: true });
    setPrintOptions({ linewidth: 100 });
    expect(printOptions()).toEqual({ precision: 2, threshold: 1000, edgeitems: 3, linewidth: 100, sciMode: null });
  });

  test("takes a profile, which the other options override", () => {
    setPrintOptions({ profile: "short", edgeitems: 4 });
    expect(printOptions()).toEqual({ precision: 2, threshold: 1000, edgeitems: 4, linewidth: 80, sciMode: null });
    setPrintOptions({ profile: "full" });
    expect(printOptions()).toEqual({ precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80, sciMode: null });
  });

  test("returns settings whose change changes nothing", () => {
    Object.assign(printOptions(), { precision: 9 });
    expect(printOptions().precision).toBe(4);
  });

  test.each<[string, unknown, RegExp]>([
    ["a negative precision", { precision: -1 }, /precision must be an integer from 0 to 99, got -1/],
    ["a fractional precision", { precision: 2.5 }, /precision .* got 2.5/],
    ["a precision past 99", { precision: 100 }, /precision .* got 100/],
    ["an infinite precision", { precision: Infinity }, /precision .* got Infinity/],
    ["a NaN threshold", { threshold: NaN }, /threshold must be an integer of 0 or more, or Infinity, got NaN/],
    ["a negative threshold", { threshold: -5 }, /threshold .* got -5/],
    ["no edge items", { edgeitems: 0 }, /edgeitems .* got 0/],
    ["a line of no width", { linewidth: 0 }, /linewidth .* got 0/],
    ["a width in words", { linewidth: "80" }, /linewidth .* got "80"/],
    ["an unknown profile", { profile: "long" }, /unknown profile "long"\n {2}hint: one of default, short, full/],
    ["a profile named like an object's own member", { profile: "toString" }, /unknown profile "toString"/],
    ["a sciMode that is no boolean", { sciMode: 1 }, /sciMode must be true, false or null, got 1/],
    ["PyTorch's spelling", { sci_mode: true }, /unknown option "sci_mode"\n {2}hint: it takes .*sciMode/],
  ])("throws for %s and changes nothing", (_, bad, message) => {
    const before = printOptions();
    expect(() => setPrintOptions(bad as PrintOptions)).toThrow(message);
    expect(printOptions()).toEqual(before);
  });
});

describe("decimals round exact ties to the even digit, and only those", () => {
  /** Digits of m / 2^k by whole-number arithmetic, rounded half to even. */
  function byBigInt(m: bigint, k: bigint, digits: number): string {
    const top = m * 10n ** BigInt(digits);
    let quotient = top >> k;
    const twice = 2n * (top - (quotient << k));
    const one = 1n << k;
    if (twice > one || (twice === one && quotient % 2n === 1n)) quotient++;
    const text = String(quotient).padStart(digits + 1, "0");
    return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  }

  test("fixed equals whole-number arithmetic", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 12 }),
        (m, k, digits) => {
          expect(fixed(m / 2 ** k, digits)).toBe(byBigInt(BigInt(m), BigInt(k), digits));
          expect(fixed(-m / 2 ** k, digits)).toBe(`-${byBigInt(BigInt(m), BigInt(k), digits)}`);
        },
      ),
    );
  });

  test("exponential has the digits of fixed where the number is its own mantissa", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2 ** 20, max: 2 ** 23 - 1 }), fc.integer({ min: 0, max: 12 }), (m, digits) => {
        const value = m / 2 ** 20; // from 1 to just below 8
        expect(exponential(value, digits)).toBe(`${fixed(value, digits)}e+00`);
      }),
    );
  });

  test.each([
    [100005, 4, "1.0000e+05"],
    [100015, 4, "1.0002e+05"],
    [1.00005e18, 4, "1.0000e+18"],
    [1.00005e22, 4, "1.0001e+22"],
    [1.00015e12, 4, "1.0002e+12"],
    [9.5, 0, "1e+01"],
    [8.5, 0, "8e+00"],
    [5e-324, 2, "4.94e-324"],
    [2 ** -20, 1, "9.5e-07"],
    [-0, 1, "-0.0e+00"],
  ])("exponential(%d, %d) is %s", (value, digits, text) => {
    expect(exponential(value, digits)).toBe(text);
  });
});
