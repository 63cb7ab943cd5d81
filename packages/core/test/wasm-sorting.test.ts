import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DType, type Shape, type Tensor, ValueError } from "@downhill/core";
import { composite, Device } from "@downhill/core/engine";
import { fromHost } from "../src/creation.js";
import { hostArray, isFloat } from "../src/dtype.js";
import { sizeOf } from "../src/shape.js";
import { compare } from "../src/testing/compare.js";
import { Draws } from "../src/testing/draws.js";
import { WasmBackend } from "../src/wasm/backend.js";
import { kernelsOf } from "./compiled-kernels.js";

const flavours = {
  "relaxed SIMD": { simd: true, relaxed: true },
  "plain SIMD": { simd: true, relaxed: false },
  "no SIMD": { simd: false, relaxed: false },
};
const dtypes: readonly DType[] = ["float32", "float64", "int32", "uint8", "bool"];
const special = [NaN, -NaN, Infinity, -Infinity, 0, -0, 2 ** -149, -(2 ** -149)];

/** Numbers with many equal ones among them, or hardly any; floats with the special ones; ints over all their range. */
function drawn(on: Device, dtype: DType, shape: Shape, seed: number, few: boolean): Tensor {
  const draws = new Draws(seed);
  const data = hostArray(dtype, sizeOf(shape)).map(() => {
    if (dtype === "bool") return draws.below(2);
    if (dtype === "uint8") return draws.below(few ? 4 : 256);
    if (few) return draws.below(5) - 2;
    if (dtype === "int32") return draws.below(2 ** 32) - 2 ** 31;
    return draws.below(9) === 0 ? special[draws.below(special.length)]! : draws.real(-1, 1) * 10 ** draws.real(-9, 9);
  });
  return fromHost("drawn", data, shape, dtype, { device: on });
}

/** Lines on both sides of what changes the way they are sorted. */
const length = fc.constantFrom(1, 2, 3, 7, 16, 17, 63, 64, 65, 66, 130, 400);
const layout = fc.record({ before: fc.integer({ min: 1, max: 3 }), length, after: fc.integer({ min: 1, max: 4 }) });

for (const [name, features] of Object.entries(flavours)) {
  const device = new Device(name, new WasmBackend({ name, features, tiering: false }));

  describe(`sorting with ${name}`, () => {
    it.each(dtypes)("gives the interpreter's places, %s", async (dtype) => {
      await fc.assert(
        fc.asyncProperty(
          layout,
          fc.boolean(),
          fc.boolean(),
          fc.nat(),
          fc.nat(),
          async (at, descending, few, k, seed) => {
            const shape = [at.before, at.length, at.after];
            const count = [0, 1, 5, 16, 17, at.length - 1, at.length][k % 7]!;
            await compare(device, (on) => {
              const x = drawn(on, dtype, shape, seed, few);
              const all = [x.argsort(1, { descending })];
              if (dtype !== "bool") all.push(...x.topk(Math.min(count, at.length), 1, { largest: descending }));
              return all;
            });
          },
        ),
        { numRuns: 60 },
      );
    });

    it("finds the best of long lines, in whatever order they come", async () => {
      const size = 3000;
      const rising = Float32Array.from({ length: size }, (_, i) => i);
      await compare(device, (on) =>
        [rising, rising.toReversed(), rising.map((i) => i % 7)].flatMap((data) => {
          const x = fromHost("x", data, [size], "float32", { device: on });
          return [x.argsort(), ...x.topk(5), ...x.topk(5, { largest: false }), ...x.topk(100)];
        }),
      );
    });
  });

  describe(`dividing integers with ${name}`, () => {
    const edges = [1, -1, 2, -2, 3, -3, 7, 255, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 2, 1 - 2 ** 31, 0x1000000, 46341];
    const numbers = (dtype: DType, values: readonly number[]): number[] =>
      dtype === "int32" ? [...values] : [...new Set(values.map((x) => (Math.abs(x) % 255) + 1))];

    it.each(["int32", "uint8"] as const)("gives the interpreter's quotients and rests, %s", async (dtype) => {
      const draws = new Draws(3);
      const some = Array.from({ length: 60 }, () => Math.trunc(draws.real(-1, 1) * 2 ** draws.real(1, 31)) || 5);
      const divisors = numbers(dtype, [...edges, ...some]);
      const dividends = [0, ...divisors];
      await compare(device, (on) => {
        const x = fromHost("x", hostArray(dtype, dividends.length).map((_, i) => dividends[i]!), [dividends.length, 1], dtype, { device: on }); // prettier-ignore
        const y = fromHost("y", hostArray(dtype, divisors.length).map((_, i) => divisors[i]!), [divisors.length], dtype, { device: on }); // prettier-ignore
        return [x.floorDivide(y), x.remainder(y), x.fmod(y), x.floorDivide(7), x.squeeze(1).remainder(3), x.fmod(2)];
      });
    });

    it("refuses 0 wherever it stands, naming what was divided", async () => {
      for (const [size, at] of [
        [1, 0],
        [4, 2],
        [5, 4],
        [37, 30],
      ] as const) {
        const make = (): Tensor => {
          const x = fromHost("x", Int32Array.from({ length: size }, (_, i) => i + 10), [size], "int32", { device });
          const y = fromHost("y", Int32Array.from({ length: size }, (_, i) => (i === at ? 0 : 3)), [size], "int32", { device });
          return x.floorDivide(y);
        }; // prettier-ignore
        await expect(make().data()).rejects.toThrow(ValueError);
        await expect(make().data()).rejects.toThrow(`floorDivide: integer division of ${at + 10} by 0`);
      }
    });

    it("takes what it divides along in its loop", () => {
      const x = fromHost("x", Int32Array.of(1, 2, 3), [3], "int32", { device });
      const divide = composite(() => x.mul(2).add(1).remainder(x.abs().add(1)));
      expect(kernelsOf(device, divide).length).toBe(1);
    });
  });
}

describe("float remainders", () => {
  it.each(dtypes.filter(isFloat))("are the interpreter's, %s", async (dtype) => {
    const draws = new Draws(5);
    for (const [name, features] of Object.entries(flavours)) {
      const device = new Device(name, new WasmBackend({ name, features, tiering: false }));
      const values = [...special, ...Array.from({ length: 91 }, () => draws.real(-1, 1) * 10 ** draws.real(-12, 12))];
      await compare(device, (on) => {
        const data = hostArray(dtype, values.length).map((_, i) => values[i]!);
        const x = fromHost("x", data, [values.length, 1], dtype, { device: on });
        const y = fromHost("y", data, [values.length], dtype, { device: on });
        return [x.remainder(y), x.fmod(y), x.floorDivide(y), x.remainder(0.1), x.fmod(-2)];
      });
    }
  });
});
