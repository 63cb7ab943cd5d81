// What a training step takes of the memory, and how many samples it learns from in a second, batch by batch
import {
  type Device,
  estimateMemory,
  getDevice,
  largestBatch,
  manualSeed,
  type MemoryEstimate,
  memoryStats,
  randint,
  randn,
  resetPeakMemoryStats,
  setDefaultDevice,
  type Tensor,
} from "@downhill/core";
import { CrossEntropyLoss, Linear, ReLU, Sequential } from "@downhill/nn";
import { Adam } from "@downhill/optim";
import { isAvailable, requestDevice } from "@downhill/webgpu";

export interface Settings {
  readonly seed: number;
  /** How many numbers the hidden layer has. */
  readonly width: number;
  /** What the step may take, in MB. */
  readonly budget: number;
  /** Whether the same is measured on WebGPU. */
  readonly gpu: boolean;
}

export interface Bench {
  /** What the step's plan says that it takes, in bytes: nothing has to run for that. */
  readonly planned: MemoryEstimate;
  /** The largest batch that stays within the budget. */
  readonly largest: number;
  /** What was in use while it ran, in bytes. Measured on this machine, like the next one. */
  readonly inUse: number;
  readonly perSecond: number;
}

export interface State {
  /** How many samples are in the batch. */
  readonly size: number;
  readonly cpu: Bench;
  /** Null where nobody asked, or where there is no WebGPU. */
  readonly webgpu: Bench | null;
  readonly noGpu: boolean;
}

type Step = (images: Tensor, labels: Tensor) => Tensor;

let gpu: Promise<Device> | null = null;

export async function* experiment({ seed, width, budget, gpu: wanted }: Settings): AsyncGenerator<State> {
  const noGpu = wanted && !(await isAvailable());
  const onCpu = benchOn(getDevice("cpu"));
  const onGpu = wanted && !noGpu ? benchOn(await (gpu ??= requestDevice())) : null;
  for (let size = 1; size <= 4096; size *= 2)
    yield { size, cpu: await onCpu(size), webgpu: (await onGpu?.(size)) ?? null, noGpu };

  function benchOn(device: Device): (size: number) => Promise<Bench> {
    setDefaultDevice(device);
    manualSeed(seed);
    const before = memoryStats(device).live;
    const model = new Sequential(new Linear(784, width), new ReLU(), new Linear(width, 10));
    const criterion = new CrossEntropyLoss();
    const optimizer = new Adam(model.parameters());
    setDefaultDevice("cpu");
    const step: Step = (images, labels) => {
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(images), labels);
      loss.backward();
      optimizer.step();
      return loss;
    };
    return async (size) => {
      const images = randn([size, 784], { device });
      const labels = randint(0, 10, [size], { device });
      await step(images, labels).item(); // the first one compiles
      resetPeakMemoryStats(device);
      const perSecond = (await stepsPerSecond(step, images, labels)) * size;
      const inUse = memoryStats(device).peak - before;
      images.dispose();
      labels.dispose();
      const planned = estimateMemory(step, [[size, 784], { shape: [size], dtype: "int32" }], { device });
      const sample = [[784], { shape: [], dtype: "int32" as const }];
      const largest = largestBatch(step, sample, { device, budget: budget * 2 ** 20 });
      return { planned, largest, inUse, perSecond };
    };
  }
}

/** The best of three: whatever else the machine does makes it slower. */
async function stepsPerSecond(step: Step, images: Tensor, labels: Tensor): Promise<number> {
  let best = 0;
  for (let i = 0; i < 3; i++) best = Math.max(best, await once(step, images, labels));
  return best;
}

/** Takes twice as many steps each time, until they last long enough for the clock. */
async function once(step: Step, images: Tensor, labels: Tensor): Promise<number> {
  for (let steps = 1; ; steps *= 2) {
    const began = performance.now();
    let loss = step(images, labels);
    for (let i = 1; i < steps; i++) loss = step(images, labels);
    await loss.item(); // waits for the device
    const seconds = (performance.now() - began) / 1000;
    if (seconds > 0.03) return steps / seconds;
  }
}
