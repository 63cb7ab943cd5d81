/** Biases, activations and updates that run on a matrix product block by block, in every flavour. */
import { composite, manualSeed, randn, setDefaultDevice, tensor, type Tensor } from "@downhill/core";
import { assign, Device, flush, ReferenceBackend } from "@downhill/core/engine";
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

describe("blocks of a product and its tail", () => {
  const device = new Device("tails", new WasmBackend({ tiering: false }));

  test("leave what the product reads alone until it is done: layers whose inputs die as they go", async () => {
    const run = async (on: Device | string): Promise<Float32Array> => {
      setDefaultDevice(on);
      manualSeed(3);
      const x = randn([1024, 128]);
      const weights = [1, 2, 3, 4].map(() => randn([128, 128]).mul(0.1));
      await Promise.all([x, ...weights].map((w) => w.data()));
      const layers = composite((first: Tensor) => weights.reduce((h, w) => h.matmul(w).add(0.1).relu(), first));
      return (await layers(x).data()) as Float32Array;
    };
    const expected = await run(new Device("oracle", new ReferenceBackend("oracle")));
    const actual = await run(device);
    for (let i = 0; i < expected.length; i += 7) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-4);
  });

  test("do not take the place of an operand that each of them reads as a whole", async () => {
    const run = async (on: Device | string): Promise<Float32Array> => {
      setDefaultDevice(on);
      manualSeed(5);
      const x = randn([512, 128]);
      const weights = [1, 2, 3].map(() => randn([512, 512]).mul(0.05));
      await Promise.all([x, ...weights].map((w) => w.data()));
      // The layers' values are of one size and follow each other in the arena.
      const layers = composite((first: Tensor) => weights.reduce((h, w) => w.matmul(h).add(0.1).relu(), first));
      return (await layers(x).data()) as Float32Array;
    };
    const expected = await run(new Device("oracle", new ReferenceBackend("oracle")));
    const actual = await run(device);
    const [program] = device.programs.programs().slice(-1);
    expect(program!.nodes.filter(({ op }) => op === "matmul").length).toBe(3);
    for (let i = 0; i < expected.length; i += 7) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-4);
  });

  test("do not update a matrix that the product still reads", async () => {
    const run = async (on: Device | string): Promise<Float32Array> => {
      setDefaultDevice(on);
      manualSeed(4);
      const w = randn([512, 512]);
      const a = randn([512, 512]);
      await Promise.all([w.data(), a.data()]);
      assign(w, w.sub(a.matmul(w).mul(0.01)));
      flush(w);
      return (await w.data()) as Float32Array;
    };
    const expected = await run(new Device("oracle", new ReferenceBackend("oracle")));
    const actual = await run(device);
    for (let i = 0; i < expected.length; i += 7) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-4);
  });
});
