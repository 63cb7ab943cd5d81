import { type Device, manualSeed, randint, randn, range, setDefaultDevice, type Tensor } from "@downhill/core";
import { functional } from "@downhill/nn";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Choice, tiles } from "../src/kernels/matmul-variants.js";
import { engineOf, openSoftwareDevice } from "./open-device.js";

let webgpu: Device;

beforeAll(async () => {
  webgpu = await openSoftwareDevice();
});

afterEach(() => setDefaultDevice("cpu"));

/** Three of the ways there are: a software driver takes a second to compile a tiled product, so each work tries others. */
const choicesFor = (work: number): readonly Choice[] => [
  "direct",
  { tile: tiles[work % tiles.length]!, parts: 1 },
  { tile: tiles[(work + 2) % tiles.length]!, parts: 3 },
];

const nameOf = (choice: Choice): string =>
  choice === "direct" ? choice : `${choice.tile.rows} x ${choice.tile.columns} tiles, ${choice.parts} parts`;

/** Products of all kinds of operands and tails. */
const works: Record<string, () => Tensor> = {
  "whole tiles": () => randn([128, 64]).matmul(randn([64, 128])),
  "shapes that fit no tile": () => randn([37, 70]).matmul(randn([70, 53])),
  "transposed operands": () =>
    randn([70, 37])
      .transpose(0, 1)
      .matmul(randn([53, 70]).transpose(0, 1)),
  "batches, one of them broadcast": () => randn([3, 2, 9, 21]).matmul(randn([2, 21, 11])),
  "every second column, backwards": () =>
    randn([20, 64])
      .flip(1)
      .matmul(randn([64, 40]).at("...", range(0, 40, 2))),
  "a bias and an activation behind it": () =>
    randn([33, 40])
      .matmul(randn([40, 17]))
      .add(randn([17]))
      .relu(),
  "a product that is read twice": () => {
    const product = randn([33, 40]).matmul(randn([40, 17]));
    return product.tanh().matmul(product.transpose(0, 1));
  },
  "int32, which wraps": () =>
    randint(-50000, 50000, [10, 300])
      .to("int32")
      .matmul(randint(-50000, 50000, [300, 9]).to("int32")),
  "the windows of a convolution": () =>
    functional.conv2d(randn([2, 3, 9, 8]), randn([5, 3, 3, 3]), randn([5]), { stride: 2, padding: 1 }),
};

describe("matrix products", () => {
  for (const [number, [work, make]] of Object.entries(works).entries()) {
    it(`are those of the cpu, whatever computes them: ${work}`, { timeout: 60_000 }, async () => {
      const { tuning } = engineOf(webgpu);
      const run = async (device: Device | "cpu"): Promise<ArrayLike<number>> => {
        setDefaultDevice(device);
        manualSeed(3);
        return make().data();
      };
      const expected = await run("cpu");
      try {
        for (const choice of choicesFor(number)) {
          tuning.forced = choice;
          webgpu.programs.clear();
          const actual = await run(webgpu);
          expect(actual.length).toBe(expected.length);
          for (let i = 0; i < expected.length; i++)
            expect(Math.abs(actual[i]! - expected[i]!), `${nameOf(choice)}, element ${i}`).toBeLessThan(
              2e-5 * Math.max(1, Math.abs(expected[i]!)),
            );
        }
      } finally {
        tuning.forced = null;
        webgpu.programs.clear();
      }
    });
  }
});
