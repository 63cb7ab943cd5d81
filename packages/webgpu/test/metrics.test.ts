import { type Device, manualSeed, randint, randn, setDefaultDevice, Tensor, tensor } from "@downhill/core";
import * as nn from "@downhill/nn";
import { afterEach, beforeAll, expect, it } from "vitest";
import { openSoftwareDevice } from "./open-device.js";

type MetricName = {
  [Name in keyof typeof nn]: (typeof nn)[Name] extends abstract new (...args: never[]) => nn.Metric<never, unknown>
    ? Name
    : never;
}[keyof typeof nn];
type Batch = [Tensor, Tensor];

const scores = (): Batch => [randn([9, 4, 2]), randint(0, 4, [9, 2])];
const binary = (): Batch => [randn([9, 4]), randint(0, 2, [9, 4])];
const ignoring = (): Batch => [randn([6, 3]), tensor([0, -100, 2, 1, -100, 2], { dtype: "int32" })];

/** A metric that is forgotten here does not compile. */
const cases: Record<Exclude<MetricName, "Metric">, (() => [nn.Metric<Batch, unknown>, () => Batch])[]> = {
  Accuracy: [
    () => [new nn.Accuracy(), scores],
    () => [new nn.Accuracy({ average: "none" }), ignoring],
    () => [new nn.Accuracy({ threshold: 0 }), binary],
  ],
  TopKAccuracy: [() => [new nn.TopKAccuracy({ k: 2 }), scores], () => [new nn.TopKAccuracy({ k: 1 }), ignoring]],
  ConfusionMatrix: [
    () => [new nn.ConfusionMatrix(), scores],
    () => [new nn.ConfusionMatrix({ normalize: "true" }), ignoring],
    () => [new nn.ConfusionMatrix({ numClasses: 2 }), () => [randint(0, 2, [9]), randint(0, 2, [9])]],
  ],
  PrecisionRecallF1: [
    () => [new nn.PrecisionRecallF1(), scores],
    () => [new nn.PrecisionRecallF1({ threshold: 0 }), binary],
    () => [new nn.PrecisionRecallF1({ average: "weighted" }), ignoring],
  ],
  MeanMetric: [() => [new nn.MeanMetric(), () => [randn([5]), randn([5]).abs()]]],
  R2Score: [() => [new nn.R2Score(), () => [randn([7, 2]), randn([7, 2])]]],
};

/** What two batches come to, one of them before a checkpoint. */
async function run(make: () => [nn.Metric<Batch, unknown>, () => Batch]): Promise<number[]> {
  manualSeed(3);
  const [metric, batch] = make();
  const [other] = make();
  metric.update(...batch());
  other.loadStateDict(metric.stateDict());
  const result = other.update(...batch()).compute() as Tensor | Record<string, Tensor>;
  const all = result instanceof Tensor ? [result] : Object.values(result);
  return (await Promise.all(all.map(async (x) => Array.from(await x.data(), Number)))).flat();
}

let webgpu: Device;
beforeAll(async () => {
  webgpu = await openSoftwareDevice();
});
afterEach(() => setDefaultDevice("cpu"));

it.each(Object.entries(cases))("%s gives on the GPU what it gives on the CPU", async (_, makers) => {
  for (const make of makers) {
    const expected = await run(make);
    setDefaultDevice(webgpu);
    const found = await run(make);
    setDefaultDevice("cpu");
    expect(expected.length).toBeGreaterThan(0);
    expect(found).toHaveLength(expected.length);
    for (const [i, number] of expected.entries())
      expect(Math.abs(found[i]! - number)).toBeLessThan(2e-6 * Math.max(1, Math.abs(number)));
  }
});
