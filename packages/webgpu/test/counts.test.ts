import { type Device, manualSeed, rand, randint, randn, setDefaultDevice, tensor, type Tensor } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import { CrossEntropyLoss, Linear, type Module, MSELoss, ReLU, Sequential } from "@downhill/nn";
import { Adam, SGD } from "@downhill/optim";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { engineOf } from "./engine-of.js";
import { openSoftwareDevice } from "./open-device.js";

let webgpu: Device;

beforeAll(async () => {
  webgpu = await openSoftwareDevice();
});

afterEach(() => setDefaultDevice("cpu"));

/** What a step asks the GPU for, and what it makes there. */
interface Asked {
  readonly dispatches: number;
  readonly submissions: number;
  readonly bindGroups: number;
  readonly pipelines: number;
  readonly buffers: number;
  /** Bytes that the host writes, in calls of writeBuffer. */
  readonly writes: number;
  readonly bytesWritten: number;
}

/** Counts over some steps, once pipelines and memory are there. */
async function inSteadyState(steps: number, step: (k: number) => Promise<Tensor> | Tensor): Promise<Asked> {
  const engine = engineOf(webgpu);
  const { queue } = engine.device;
  for (let k = 0; k < 5; k++) await (await step(k)).item();
  const found = (): number[] => [
    engine.counts.dispatches,
    engine.counts.submissions,
    engine.counts.bindGroups,
    engine.pipelines.created,
    engine.memory.heap.created + engine.memory.readings.created,
  ];
  const written: number[] = [];
  const own = queue.writeBuffer.bind(queue);
  queue.writeBuffer = (...args: Parameters<typeof own>) => {
    written.push(args[2].byteLength);
    own(...args);
  };
  try {
    const before = found();
    let last: Tensor | undefined;
    for (let k = 0; k < steps; k++) last = await step(k);
    const [dispatches, submissions, bindGroups, pipelines, buffers] = found().map((count, i) => count - before[i]!) as [
      number,
      number,
      number,
      number,
      number,
    ];
    await last!.item();
    return {
      dispatches: dispatches / steps,
      submissions: submissions / steps,
      bindGroups,
      pipelines,
      buffers,
      writes: written.length / steps,
      bytesWritten: written.reduce((sum, bytes) => sum + bytes, 0) / steps,
    };
  } finally {
    queue.writeBuffer = own;
  }
}

const nothingMade = { submissions: 1, bindGroups: 0, pipelines: 0, buffers: 0 };

describe("in steady state a step is one submission, and makes nothing", () => {
  it("for the lesson's program 2: one dispatch, of which little is sent", { timeout: 60_000 }, async () => {
    setDefaultDevice(webgpu);
    manualSeed(0);
    const X = rand([100, 1]);
    const y = X.mul(2).add(3);
    const model = new Linear(1, 1);
    const criterion = new MSELoss();
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const asked = await inSteadyState(20, (k) => {
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(X.at(k)), y.at(k));
      loss.backward();
      optimizer.step();
      return loss;
    });
    // Which sample, once for both its parts, and where the sample, the output and the loss go: gradients go where they were.
    expect(asked).toMatchObject({ ...nothingMade, dispatches: 1, writes: 1, bytesWritten: 4 + 16 });
  });

  it("for its program 3: a dispatch for each part of a batch more", { timeout: 60_000 }, async () => {
    setDefaultDevice(webgpu);
    manualSeed(0);
    const X = rand([100, 1]);
    const y = X.mul(2).add(3);
    const model = new Linear(1, 1);
    const criterion = new MSELoss();
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });
    let pass = loader[Symbol.asyncIterator]();
    const asked = await inSteadyState(20, async () => {
      let turn = await pass.next();
      if (turn.done === true) turn = await (pass = loader[Symbol.asyncIterator]()).next();
      const [batchX, batchY] = turn.value as [Tensor, Tensor];
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(batchX), batchY);
      loss.backward();
      optimizer.step();
      return loss;
    });
    // The order of the batch is written, where it lies, where the batch, the output and the loss go, and the runs' numbers.
    expect(asked).toMatchObject({ ...nothingMade, dispatches: 3, writes: 2, bytesWritten: 40 + 32 });
  });

  for (const [name, most, bytes, make] of [
    // Where the output and the loss go, and the number of the run; Adam's two corrections, which are the same for all.
    ["SGD", 19, 12, (model: Module) => new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 })],
    ["Adam", 19, 20, (model: Module) => new Adam(model.parameters())],
  ] as const) {
    it(`for an MLP with ${name}: at most ${most} dispatches, and ${bytes} bytes`, { timeout: 120_000 }, async () => {
      setDefaultDevice(webgpu);
      manualSeed(0);
      const X = randn([16, 20]);
      const y = randint(0, 10, [16]);
      const model = new Sequential(new Linear(20, 32), new ReLU(), new Linear(32, 16), new ReLU(), new Linear(16, 10));
      const criterion = new CrossEntropyLoss();
      const optimizer = make(model);
      const asked = await inSteadyState(10, () => {
        optimizer.zeroGrad();
        const loss = criterion.forward(model.forward(X), y);
        loss.backward();
        optimizer.step();
        return loss;
      });
      expect(asked).toMatchObject({ ...nothingMade, writes: 1, bytesWritten: bytes });
      expect(asked.dispatches).toBeLessThanOrEqual(most);
    });
  }
});

describe("a read", () => {
  it("copies its elements and one word: whether something has failed", async () => {
    setDefaultDevice(webgpu);
    const x = tensor([1, 2, 3]).at(tensor([2, 0], { dtype: "int32" }));
    const { device } = engineOf(webgpu);
    const sizes: number[] = [];
    const create = device.createCommandEncoder.bind(device);
    device.createCommandEncoder = (descriptor) => {
      const encoder = create(descriptor);
      const copy = encoder.copyBufferToBuffer.bind(encoder) as (...args: unknown[]) => undefined;
      encoder.copyBufferToBuffer = (...args: unknown[]): undefined => {
        sizes.push(args[4] as number);
        copy(...args);
      };
      return encoder;
    };
    try {
      expect(await x.tolist()).toEqual([3, 1]);
    } finally {
      device.createCommandEncoder = create;
    }
    expect(sizes).toEqual([8, 4]);
  });
});

describe("data from the host", () => {
  it("is one write, and no submission", async () => {
    setDefaultDevice(webgpu);
    const { queue } = engineOf(webgpu).device;
    const submit = queue.submit.bind(queue);
    let submissions = 0;
    queue.submit = (buffers) => {
      submissions++;
      submit(buffers);
    };
    try {
      const x = tensor([1, 2, 3]).to(webgpu);
      expect(submissions).toBe(0);
      expect(await x.tolist()).toEqual([1, 2, 3]);
      expect(submissions).toBe(1);
    } finally {
      queue.submit = submit;
    }
  });
});
