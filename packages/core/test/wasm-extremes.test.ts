import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Device } from "@downhill/core/engine";
import type { Shape, Tensor } from "@downhill/core";
import { fromHost } from "../src/creation.js";
import { hostArray } from "../src/dtype.js";
import { sizeOf } from "../src/shape.js";
import { compare } from "../src/testing/compare.js";
import { Draws } from "../src/testing/draws.js";
import { WasmBackend } from "../src/wasm/backend.js";
import type { LoopKernel } from "../src/kernel/kernel.js";
import { planNest } from "../src/wasm/loops/nest.js";
import { kernelsOf } from "./compiled-kernels.js";

const flavours = {
  "relaxed SIMD": { simd: true, relaxed: true },
  "plain SIMD": { simd: true, relaxed: false },
  "no SIMD": { simd: false, relaxed: false },
};

/** Numbers below 1 in size, with now and then a NaN or an infinity among them. */
function drawn(on: Device, dtype: "float32" | "float64", shape: Shape, seed: number, odd: number): Tensor {
  const draws = new Draws(seed);
  const data = hostArray(dtype, sizeOf(shape)).map(() =>
    draws.real(0, 1) < odd ? [NaN, -NaN, Infinity, -Infinity][draws.below(4)]! : draws.real(-1, 1),
  );
  return fromHost("drawn", data, shape, dtype, { device: on });
}

for (const [name, features] of Object.entries(flavours)) {
  describe(`the greatest and the least with ${name}`, () => {
    const device = new Device(name, new WasmBackend({ name, features, tiering: false }));

    it.each(["float32", "float64"] as const)("are the interpreter's, NaN where there is one, %s", async (dtype) => {
      const size = fc.constantFrom(1, 2, 3, 4, 7, 10, 15, 16, 17, 33, 64);
      await fc.assert(
        fc.asyncProperty(size, size, fc.constantFrom(0, 0.01, 0.2, 1), fc.nat(), async (rows, columns, odd, seed) => {
          await compare(device, (on) => {
            const x = drawn(on, dtype, [rows, columns], seed, odd);
            return [0, 1, [0, 1]].flatMap((dims) => [x.amax(dims), x.amin(dims)]);
          });
        }),
        { numRuns: 60 },
      );
    });
  });
}

describe("vectors of a reduction", () => {
  const device = new Device("vectors", new WasmBackend({ name: "vectors", tiering: false }));
  const innermost = (columns: number): boolean => {
    const x = drawn(device, "float32", [50, columns], 1, 0);
    const kernels = kernelsOf(device, () => x.amax(1));
    const { loops, vector } = planNest(kernels[0] as LoopKernel, true);
    return loops[vector]!.reduces;
  };

  it("lie along its terms where there are many, else side by side in several", () => {
    expect(innermost(64)).toBe(true);
    expect(innermost(10)).toBe(false);
  });
});
