import { afterEach, describe, expect, it } from "vitest";
import { defaultDevice, manualSeed, setDefaultDevice, type Shape, type Tensor } from "@downhill/core";
import { composite, Device, flush, ReferenceBackend, uniformNoise } from "@downhill/core/engine";
import { WasmBackend } from "../src/wasm/backend.js";
import { kernelsOf } from "./compiled-kernels.js";

const flavours = {
  "relaxed SIMD": { simd: true, relaxed: true },
  "plain SIMD": { simd: true, relaxed: false },
  "no SIMD": { simd: false, relaxed: false },
};

afterEach(() => setDefaultDevice("cpu"));

const noise = composite((shape: Shape) => uniformNoise(shape, "float32", defaultDevice()));

/** Draws in the order of memory and in others: whole blocks, parts of them, transposed, in steps, beside float64. */
const draws: Readonly<Record<string, () => Tensor>> = {
  "whole blocks": () => noise([64]),
  "an odd number": () => noise([37]),
  "one element": () => noise([]),
  "rows of an odd number": () => noise([5, 7]).add(noise([7])),
  "rows of whole blocks": composite(() => noise([3, 16]).narrow(1, 4, 8).mul(2)),
  "a part that begins inside of a block": composite(() => noise([40]).narrow(0, 3, 33).mul(2)),
  "a transposed one": composite(() => noise([12, 8]).transpose(0, 1).mul(2)),
  "every third": composite(() => noise([60]).reshape([20, 3]).narrow(1, 2, 1).mul(2)),
  "in reverse": composite(() => noise([24]).flip([0]).mul(2)),
  "each row again": composite(() =>
    noise([6, 1])
      .expand([6, 9])
      .add(noise([6, 9])),
  ),
  "a sum": composite(() => noise([9, 33]).sum(1)),
  float64: composite(() => noise([18]).to("float64").mul(3)),
};

for (const [name, features] of Object.entries(flavours)) {
  describe(`draws inside of loops with ${name}`, () => {
    for (const [title, make] of Object.entries(draws)) {
      it(`have the interpreter's bits: ${title}`, async () => {
        const read = async (device: Device, seed: number): Promise<number[]> => {
          setDefaultDevice(device);
          manualSeed(seed);
          return Array.from(await make().data());
        };
        const device = new Device(name, new WasmBackend({ name, features, tiering: false }));
        for (const seed of [0, 1, 0xffffffff]) {
          const expected = await read(new Device("reference", new ReferenceBackend()), seed);
          const actual = await read(device, seed);
          expect(actual).toEqual(expected);
        }
        expect(device.programs.compiled).toBe(1);
      });
    }
  });
}

it("dropout's mask is one loop with what it masks", () => {
  const device = new Device("fused", new WasmBackend({ name: "fused", tiering: false }));
  setDefaultDevice(device);
  const x = noise([100]);
  flush(x);
  const masked = composite(() => x.mul(uniformNoise([100], "float32", device).lt(0.5)).mul(2));
  expect(kernelsOf(device, masked)).toHaveLength(1);
});
