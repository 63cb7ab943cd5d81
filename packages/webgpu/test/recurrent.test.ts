import { type Device, manualSeed, randn, setDefaultDevice, type TypedArray } from "@downhill/core";
import { flush } from "@downhill/core/engine";
import { LSTM, packPaddedSequence } from "@downhill/nn";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { engineOf } from "./engine-of.js";
import { openSoftwareDevice } from "./open-device.js";

// What layers compute and learn is in layers.test.ts; here, sequences of several lengths, and what a longer one costs.
let webgpu: Device;

beforeAll(async () => {
  webgpu = await openSoftwareDevice();
});

afterEach(() => setDefaultDevice("cpu"));

/** Output, last states and gradients for sequences of the lengths 4, 3 and 1. */
async function train(device: Device | "cpu"): Promise<TypedArray[]> {
  setDefaultDevice(device);
  manualSeed(7);
  const layer = new LSTM(5, 7);
  const x = randn([4, 3, 5]).detach().requiresGrad_();
  const [output, last] = layer.forward(packPaddedSequence(x, [4, 3, 1]));
  const results = [output.data, ...last];
  results
    .map((result) => result.square().sum())
    .reduce((a, b) => a.add(b))
    .backward();
  const found = [...results, x.grad!, ...[...layer.parameters()].map((parameter) => parameter.grad!)];
  flush(...found);
  return Promise.all(found.map((value) => value.data()));
}

describe("an LSTM on the GPU", () => {
  it("computes and learns from packed sequences what it does on the CPU", { timeout: 120_000 }, async () => {
    const expected = await train("cpu");
    const actual = await train(webgpu);
    expect(actual).toHaveLength(expected.length);
    actual.forEach((data, k) => data.forEach((value, i) => expect(value).toBeCloseTo(expected[k]![i]!, 4)));
  });

  it("needs no more shaders for a longer sequence, and one submission for all turns", async () => {
    const { pipelines, counts } = engineOf(webgpu);
    const run = async (steps: number): Promise<{ pipelines: number; submissions: number; dispatches: number }> => {
      const before = { pipelines: pipelines.created, ...counts };
      setDefaultDevice(webgpu);
      manualSeed(8);
      const layer = new LSTM(4, 6);
      const x = randn([4, steps, 4]).transpose(0, 1).contiguous();
      const [output] = layer.forward(x);
      await output.data();
      return {
        pipelines: pipelines.created - before.pipelines,
        submissions: counts.submissions - before.submissions,
        dispatches: counts.dispatches - before.dispatches,
      };
    };
    await run(3);
    const [five, ten] = [await run(5), await run(10)];
    expect(five.submissions).toBe(ten.submissions);
    // Only what works on all turns at once knows how many there are; the turn is the same.
    expect(ten.pipelines).toBeLessThanOrEqual(five.pipelines);
    const perTurn = (ten.dispatches - five.dispatches) / 5;
    expect(perTurn).toBeGreaterThan(0);
    expect(perTurn).toBeLessThanOrEqual(3);
  });
});
