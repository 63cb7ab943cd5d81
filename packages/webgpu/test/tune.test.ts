import { type Device, randn, setDefaultDevice } from "@downhill/core";
import { Linear } from "@downhill/nn";
import { applyTuning, tune, type TunedProduct } from "@downhill/webgpu";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { choicesFor, chooseTile, isChoice, tiles } from "../src/kernels/matmul-variants.js";
import { engineOf } from "./engine-of.js";
import { openSoftwareDevice } from "./open-device.js";

let webgpu: Device;

beforeAll(async () => {
  webgpu = await openSoftwareDevice();
});

beforeEach(() => setDefaultDevice(webgpu));
afterEach(() => setDefaultDevice("cpu"));

const small = tiles.at(-1)!;
const choices = ["direct", { tile: small, parts: 1 }] as const;

describe("tune", () => {
  it(
    "measures the products of a step and uses the fastest way for each from then on",
    { timeout: 60_000 },
    async () => {
      const layer = new Linear(20, 8);
      const x = randn([12, 20]);
      const step = (): Promise<unknown> => layer.forward(x).sum().item();
      const forced = { tile: small, parts: 1 };
      const found = await tune(step, { choices: [forced] });
      expect(found).toEqual([
        {
          batch: 1,
          rows: 12,
          columns: 8,
          depth: 20,
          layout: "tt",
          choice: forced,
          milliseconds: expect.any(Number) as unknown,
        },
      ]);
      const { counts } = engineOf(webgpu);
      const before = counts.dispatches;
      const expected = await step();
      expect(counts.dispatches).toBeGreaterThan(before);
      // What was learnt is used: another way, learnt by hand, makes another pipeline.
      const { pipelines } = engineOf(webgpu);
      const made = pipelines.created;
      applyTuning([{ ...found[0]!, choice: { tile: tiles[1]!, parts: 1 } }]);
      expect(await step()).toBeCloseTo(expected as number, 4);
      expect(pipelines.created).toBe(made + 1);
    },
  );

  it("chooses the fastest of what it has tried, and is kept as JSON", { timeout: 60_000 }, async () => {
    const found = await tune([[16, 24, 40]], { choices });
    expect(found).toHaveLength(1);
    expect(choices).toContainEqual(found[0]!.choice);
    expect(found[0]).toMatchObject({ batch: 1, rows: 16, depth: 24, columns: 40, layout: "tn" });
    expect(found[0]!.milliseconds).toBeGreaterThan(0);
    applyTuning(JSON.parse(JSON.stringify(found)) as TunedProduct[]);
  });

  it("tries nothing twice, and every way is one that can be kept", () => {
    for (const shape of [
      { batch: 1, rows: 64, columns: 256, depth: 784 },
      { batch: 32, rows: 64, columns: 64, depth: 32 },
      { batch: 1, rows: 4096, columns: 4096, depth: 4096 },
    ]) {
      const ways = choicesFor(shape);
      expect(new Set(ways.map((way) => JSON.stringify(way))).size).toBe(ways.length);
      expect(ways).toContainEqual(chooseTile(shape));
      expect(ways.every((way) => isChoice(JSON.parse(JSON.stringify(way))))).toBe(true);
    }
  });

  it("refuses what it has not returned", async () => {
    expect(() => applyTuning([{ rows: 1 }] as unknown as TunedProduct[])).toThrow("takes what tune() returned");
    const product = { batch: 1, rows: 1, columns: 1, depth: 1, layout: "tt", milliseconds: 1 };
    const choice = { tile: { ...small, rows: 7 }, parts: 1 };
    expect(() => applyTuning([{ ...product, choice }])).toThrow("is no way to compute a product");
    await expect(tune([[1, 2]] as never)).rejects.toThrow("tune: takes [rows, depth, columns], got [1, 2]");
    await expect(tune([[1, 2, 3]], { device: "cpu" })).rejects.toThrow("tune: cpu is no WebGPU device");
  });
});
