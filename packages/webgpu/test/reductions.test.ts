import { type Device, manualSeed, randn, setDefaultDevice, type Tensor } from "@downhill/core";
import type { Program } from "@downhill/core/engine";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Tuning } from "../src/device/tuning.js";
import { planProgram } from "../src/program/program-plan.js";
import { engineOf } from "./engine-of.js";
import { openSoftwareDevice } from "./open-device.js";

let withSubgroups: Device;
let without: Device;

beforeAll(async () => {
  withSubgroups = await openSoftwareDevice({ name: "with subgroups" });
  without = await openSoftwareDevice({ name: "without subgroups", features: [] });
});

afterEach(() => setDefaultDevice("cpu"));

const reductions: Record<string, (x: Tensor) => Tensor> = {
  "sums of rows": (x) => x.sum(1),
  "sums of columns": (x) => x.sum(0),
  "the sum of all": (x) => x.sum(),
  "products of short rows": (x) => x.narrow(1, 0, 20).abs().prod(1),
  "where rows are largest": (x) => x.argmax(1),
  "where columns are least": (x) => x.argmin(0),
  "whether any of a row is above 3": (x) => x.gt(3).any(1),
  "a softmax": (x) => x.softmax(1),
};

describe("reductions", () => {
  for (const [name, reduce] of Object.entries(reductions)) {
    it(`give ${name} as the cpu does, with subgroups and without`, { timeout: 60_000 }, async () => {
      const run = async (device: Device | "cpu"): Promise<number[]> => {
        setDefaultDevice(device);
        manualSeed(5);
        return Array.from(await reduce(randn([70, 130])).data());
      };
      const expected = await run("cpu");
      for (const device of [withSubgroups, without]) {
        const actual = await run(device);
        expect(actual.length).toBe(expected.length);
        actual.forEach((value, i) => expect(value, `${device.name}, element ${i}`).toBeCloseTo(expected[i]!, 4));
      }
    });
  }

  describe("in WGSL", () => {
    /** The shaders of the sum of rows of 256, for a device whose smallest subgroup has so many threads. */
    async function shaders(columns: number, subgroupMinSize: number): Promise<string> {
      const compile = vi.spyOn(without.backend, "compile");
      try {
        without.programs.clear();
        await randn([64, columns], { device: without }).sum(1).data();
        const program: Program = compile.mock.calls[0]![0];
        const { limits } = engineOf(without).device;
        const features = new Set(subgroupMinSize > 0 ? ["subgroups"] : []);
        const device = { limits, features, adapterInfo: { subgroupMinSize } } as unknown as GPUDevice;
        const { list } = planProgram({ device, tuning: new Tuning(false) }, program).dispatches;
        return list.map(({ code }) => code).join("\n");
      } finally {
        compile.mockRestore();
      }
    }

    it("meet in workgroup memory alone where there are no subgroups", async () => {
      const text = await shaders(256, 0);
      expect(text).toContain("var<workgroup>");
      expect(text).not.toContain("subgroup");
    });

    it("need no barrier where a subgroup holds all threads of a result", async () => {
      const text = await shaders(256, 32);
      expect(text.startsWith("enable subgroups;")).toBe(true);
      expect(text).toContain("subgroupShuffleXor");
      expect(text).not.toContain("workgroupBarrier");
    });

    it("exchange what they can, and leave the rest to workgroup memory", async () => {
      const text = await shaders(4096, 32);
      expect(text).toContain("for (var h");
      expect(text).toContain("array<f32, 8>"); // 256 threads in subgroups of 32
    });

    it("are the same text every time", async () => {
      expect(await shaders(256, 16)).toBe(await shaders(256, 16));
    });
  });
});
