import { describe, expect, it } from "vitest";
import { Device } from "@downhill/core/engine";
import { fromHost } from "../src/creation.js";
import { unary } from "../src/reference/numbers.js";
import { Draws } from "../src/testing/draws.js";
import { WasmBackend } from "../src/wasm/backend.js";

const flavours = {
  "relaxed SIMD": { simd: true, relaxed: true },
  "plain SIMD": { simd: true, relaxed: false },
  "no SIMD": { simd: false, relaxed: false },
};
const devices = Object.entries(flavours).map(
  ([name, features]) => new Device(name, new WasmBackend({ name, features, tiering: false })),
);

/** Units in the last place from Math's result, which is itself within one of the exact. */
const bounds = { exp: 1, expm1: 2, log: 1, log1p: 2, sin: 2, cos: 2, tanh: 3 } as const;

const bits = new DataView(new ArrayBuffer(8));
/** Neighbours differ by 1; both zeros are 0. */
function placeOf(x: number): bigint {
  bits.setFloat64(0, x);
  const pattern = bits.getBigInt64(0);
  return pattern < 0n ? -(pattern & 0x7fffffffffffffffn) : pattern;
}
function neighbour(x: number, steps: number): number {
  bits.setFloat64(0, x);
  bits.setBigInt64(0, bits.getBigInt64(0) + BigInt(steps));
  return bits.getFloat64(0);
}

/** Every power of two and other places where formulas change, with their neighbours; numbers of all sizes; usual ones. */
function arguments1(): Float64Array {
  const draws = new Draws(7);
  const values: number[] = [0, -0, NaN, Infinity, -Infinity, Number.MIN_VALUE, -Number.MIN_VALUE, Number.MAX_VALUE];
  const places = [
    0.3466,
    0.5,
    Math.SQRT1_2,
    Math.SQRT2,
    0.9999,
    1,
    1.5,
    2,
    22,
    37,
    40,
    44,
    708.4,
    709.78,
    709.79,
    745.1,
    745.2,
    746,
  ];
  for (let e = -1074; e < 1024; e++) places.push(2 ** e);
  for (let n = 1; n < 3000; n++) places.push((n * Math.PI) / 4);
  for (const place of [2 ** 20, 2 ** 30, 1e22]) places.push(place, place - 1);
  for (const place of places)
    for (const step of [-1, 0, 1]) values.push(neighbour(place, step), -neighbour(place, step));
  for (let i = 0; i < 40_000; i++) {
    values.push(draws.real(-4, 4), draws.real(-50, 50), draws.real(0.5, 2) - 1, draws.real(-760, 760));
    values.push(draws.real(-1, 1) * 2 ** draws.real(-1070, 1020), draws.real(-1, 1) * 2 ** draws.real(-60, 20));
  }
  return Float64Array.from(values);
}
const values = arguments1();

const computed = async (name: keyof typeof bounds, device: Device): Promise<Float64Array> => {
  const x = fromHost("x", values, [values.length], "float64", { device });
  return (await x[name]().data()) as Float64Array;
};

describe("functions of float64", () => {
  it.each(Object.entries(bounds))(
    "%s stays within %i units of Math's, in every flavour the same",
    async (key, bound) => {
      const name = key as keyof typeof bounds;
      const results = await Promise.all(devices.map((device) => computed(name, device)));
      let [worst, at] = [0, 0];
      results[0]!.forEach((value, i) => {
        const exact = unary[name](values[i]!);
        if (Object.is(value, exact)) return;
        const sameKind =
          Number.isFinite(value) === Number.isFinite(exact) &&
          Number.isNaN(value) === Number.isNaN(exact) &&
          (value !== 0 || exact !== 0);
        const off = sameKind ? Number(placeOf(value) - placeOf(exact)) : Infinity;
        if (Math.abs(off) > worst) [worst, at] = [Math.abs(off), i];
      });
      expect(
        worst,
        `${name}(${values[at]!}) is ${results[0]![at]!} instead of ${unary[name](values[at]!)}`,
      ).toBeLessThanOrEqual(bound);
      const bytes = results.map(({ buffer }) => Buffer.from(buffer));
      expect(bytes.every((one) => one.equals(bytes[0]!))).toBe(true);
    },
  );

  it("have the same bits wherever a value stands in a vector or behind the last one", async () => {
    for (const name of Object.keys(bounds) as (keyof typeof bounds)[]) {
      for (const length of [1, 2, 3, 7, 9]) {
        const x = fromHost("x", new Float64Array(length).fill(0.7), [length], "float64", { device: devices[0]! });
        expect(new Set(await x[name]().data()).size, name).toBe(1);
      }
    }
  });
});
