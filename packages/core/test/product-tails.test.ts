/** Biases, activations and updates that run on a matrix product block by block, in every flavour. */
import { manualSeed, randn, setDefaultDevice, tensor, type Tensor } from "@downhill/core";
import { Device } from "@downhill/core/engine";
import { afterEach, describe, expect, test } from "vitest";
import { WasmBackend } from "../src/wasm/backend.js";

afterEach(() => {
  setDefaultDevice("cpu");
});

const flavours = [
  { simd: true, relaxed: true },
  { simd: true, relaxed: false },
  { simd: false, relaxed: false },
];

describe("the tail of a large product", () => {
  for (const features of flavours) {
    for (const [rows, columns] of [
      [1000, 96],
      [768, 130],
      [2051, 33],
      [512, 512],
    ] as const) {
      test(`is that of a small one: [${rows}, ${columns}], ${JSON.stringify(features)}`, async () => {
        setDefaultDevice(new Device("tails", new WasmBackend({ features, tiering: false })));
        manualSeed(1);
        const [x, w, b] = [randn([rows, 24]), randn([columns, 24]), randn([columns])];
        const f = (part: Tensor): Tensor => part.matmul(w.t()).add(b).relu();
        const whole = await f(x).data();
        for (const start of [0, 255, 256, rows - 40]) {
          const piece = await f(tensor(await x.narrow(0, start, 40).tolist())).data();
          for (let i = 0; i < piece.length; i++)
            expect(Math.abs(whole[start * columns + i]! - piece[i]!)).toBeLessThan(1e-4);
        }
        expect(whole.some((value) => value === 0) && whole.some((value) => value > 1)).toBe(true);
      });
    }
  }
});
