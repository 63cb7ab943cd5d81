import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataLoader, TensorDataset } from "@downhill/data";
import { BatchNorm1d, Dropout, Linear, MSELoss, ReLU, Sequential } from "@downhill/nn";
import { Adam, AdamW, SGD, StepLR } from "@downhill/optim";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  encodeCheckpoint,
  encodeSafetensors,
  loadCheckpoint,
  loadSafetensors,
  openSafetensors,
  saveCheckpoint,
} from "../../src/files/index.js";
import { defaultGenerator, Generator, manualSeed, ones, rand, randn, tensor, type Tensor } from "../../src/index.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "downhill-checkpoint-"));
});
afterAll(() => rm(folder, { recursive: true }));

const [X, y] = [randn([50, 4]), randn([50, 1])];

/** All that a run is made of, as a program makes it when it starts. */
class Run {
  model = new Sequential(new Linear(4, 16), new BatchNorm1d(16), new ReLU(), new Dropout(0.3), new Linear(16, 1));
  criterion = new MSELoss();
  loader = new DataLoader(new TensorDataset(X, y), { batchSize: 8, shuffle: true });
  optimizer: SGD | Adam;
  scheduler: StepLR;
  epoch = 0;
  losses: number[] = [];

  constructor(make: (run: Run) => SGD | Adam) {
    this.optimizer = make(this);
    this.scheduler = new StepLR(this.optimizer, { stepSize: 2, gamma: 0.7 });
  }

  /** Trains on, wherever it stands; calls `after` after each step. */
  async train(steps: number, after: () => void = () => undefined): Promise<void> {
    for (let done = 0; ; this.epoch++) {
      for await (const [batchX, batchY] of this.loader) {
        this.optimizer.zeroGrad();
        const noisy = batchX.add(randn(batchX.shape).mul(0.01)); // draws of the program's own
        const loss = this.criterion.forward(this.model.forward(noisy), batchY);
        loss.backward();
        this.optimizer.step();
        this.losses.push(await loss.item());
        after();
        if (++done === steps) return;
      }
      this.scheduler.step();
    }
  }

  parts(): Record<string, unknown> {
    const { model, optimizer, scheduler, loader, epoch } = this;
    return { model, optimizer, scheduler, loader, epoch };
  }
}

describe("a run that goes on from a checkpoint has the next 100 losses, bit for bit", () => {
  it.each<[string, (run: Run) => SGD | Adam]>([
    ["SGD with momentum", ({ model }) => new SGD(model.parameters(), { lr: 0.05, momentum: 0.9, nesterov: true })],
    ["Adam", ({ model }) => new Adam(model.parameters(), { lr: 0.01 })],
    ["AdamW with amsgrad", ({ model }) => new AdamW(model.parameters(), { lr: 0.01, amsgrad: true })],
  ])("%s", async (name, make) => {
    // After some steps: the first, the last of a pass of 7, and in the midst of one.
    for (const before of [1, 28, 31]) {
      const path = join(folder, `${name}-${before}.safetensors`);
      manualSeed(before);
      const whole = new Run(make);
      let saving: Promise<void> | undefined;
      await whole.train(before + 100, () => {
        // Training goes on while the file is written.
        if (whole.losses.length === before) saving = saveCheckpoint(path, whole.parts());
      });
      await saving;

      manualSeed(1234); // another process
      const resumed = new Run(make);
      await resumed.train(3);
      resumed.losses.length = 0;
      const { epoch } = await loadCheckpoint(path, resumed.parts());
      resumed.epoch = epoch as number;
      await resumed.train(100);
      expect(resumed.losses).toEqual(whole.losses.slice(before));
      expect(resumed.epoch).toBe(whole.epoch);
    }
  });
});

it("keeps values of every kind, and gives them back", async () => {
  const values = {
    numbers: [0, -0, 1.5, NaN, Infinity, -Infinity, 2 ** 60],
    texts: ["", 'naïve \u0000 "', "$tensor"],
    flags: [true, false, null, undefined],
    big: [-(2n ** 100n)],
    dollars: { $tensor: "x", $$: 1, $undefined: { $: [] } },
    nested: { a: { "b.c": [{ d: {} }] }, "": 1, "a.b": 2 },
    bytes: new Uint8Array([1, 2]),
    floats: new Float64Array([Math.PI]),
    empty: { list: [], object: {} },
    constructor: { toString: "text" },
  };
  const read = await loadCheckpoint(await encodeCheckpoint(values));
  expect(read).toEqual(values);
  expect(Object.is((read.numbers as number[])[1], -0)).toBe(true);
});

it("keeps tensors of every dtype, under names that other readers see", async () => {
  const x = {
    float: tensor([1.5, NaN]),
    double: tensor(1 / 3, { dtype: "float64" }),
    list: [tensor([3], { dtype: "int32" }), ones([0, 2], { dtype: "bool" })],
    "list.0": tensor([7], { dtype: "uint8" }),
  };
  const bytes = await encodeCheckpoint({ x, model: new Linear(2, 1) });
  const { x: read } = (await loadCheckpoint(bytes)) as { x: typeof x };
  for (const [a, b] of [
    [read.float, x.float],
    [read.double, x.double],
    [read.list[0], x.list[0]],
    [read.list[1], x.list[1]],
    [read["list.0"], x["list.0"]],
  ] as [Tensor, Tensor][]) {
    expect([a.dtype, a.shape]).toEqual([b.dtype, b.shape]);
    expect(await a.data()).toEqual(await b.data());
  }
  const names = Object.keys(await loadSafetensors(bytes)).sort();
  expect(names).toEqual([
    "model.bias",
    "model.weight",
    "random",
    "x.double",
    "x.float",
    "x.list.0",
    "x.list.0#2",
    "x.list.1",
  ]);
});

it("takes generators, and gives the default one its place", async () => {
  const own = new Generator(5);
  own.random32();
  manualSeed(3);
  rand([3]);
  const bytes = await encodeCheckpoint({ own });
  const next = [own.random32(), defaultGenerator.random32(), defaultGenerator.initialSeed()];
  manualSeed(8);
  const other = new Generator(9);
  await loadCheckpoint(bytes, { own: other });
  expect([other.random32(), defaultGenerator.random32(), defaultGenerator.initialSeed()]).toEqual(next);
});

it("returns the state of parts that are not asked for, and leaves given values alone", async () => {
  const model = new Linear(2, 1);
  const bytes = await encodeCheckpoint({ model, epoch: 3, best: { loss: 0.5 } });
  const read = await loadCheckpoint(bytes, { epoch: 100 });
  expect(read).toMatchObject({ epoch: 3, best: { loss: 0.5 } });
  const state = read.model as Record<string, Tensor>;
  expect(await state.weight!.data()).toEqual(await model.weight.data());
});

it("gives all parts their state or none: what fails puts back what came before it", async () => {
  const [model, other] = [new Linear(2, 1), new Linear(2, 1)];
  const bytes = await encodeCheckpoint({ model, optimizer: new SGD(model.parameters(), { lr: 0.1 }) });
  const before = [...(await other.weight.data())];
  manualSeed(4);
  const wrong = new Adam(other.parameters());
  await expect(loadCheckpoint(bytes, { model: other, optimizer: wrong })).rejects.toThrow("Adam.loadStateDict");
  expect([...(await other.weight.data())]).toEqual(before);
  expect(defaultGenerator.random32()).toBe(manualSeed(4).random32());
});

describe("misuse is an error that says what to do", () => {
  it("on saving", async () => {
    const circular: unknown[] = [];
    circular.push(circular);
    const cases: [Record<string, unknown>, string][] = [
      [{ model: new Map() }, "encodeCheckpoint: model is Map, which no checkpoint holds"],
      [{ state: { now: [new Date(0)] } }, "state.now.0 is Date"],
      [{ f: () => 1 }, "f is function f"],
      [{ circular }, "nested too deep, or circular"],
      [{ words: new BigInt64Array(1) }, "words is a BigInt64Array"],
      [{ a: JSON.parse('{"__proto__":1}') as object }, 'a has a key "__proto__"'],
      [new Linear(1, 1) as never, "expects an object of parts, got Linear\n  hint: name them: { model, optimizer }"],
    ];
    for (const [parts, says] of cases) await expect(encodeCheckpoint(parts)).rejects.toThrow(says);
    await expect(saveCheckpoint(join(folder, "never.safetensors"), { f: () => 1 })).rejects.toThrow("f is function");
    expect(await readdir(folder)).not.toContain("never.safetensors");
  });

  it("on loading", async () => {
    const bytes = await encodeCheckpoint({ epoch: 1 });
    await expect(loadCheckpoint(bytes, { model: new Linear(1, 1) })).rejects.toThrow(
      'the bytes given: the checkpoint has no "model"\n  hint: it has "epoch"',
    );
    await expect(loadCheckpoint(await encodeSafetensors({ x: ones([1]) }))).rejects.toThrow(
      "it is no checkpoint\n  hint: loadSafetensors reads its tensors",
    );
    await expect(loadCheckpoint(bytes, {}, { devise: "cpu" } as never)).rejects.toThrow('unknown option "devise"');
  });

  it("for content that is none", async () => {
    const content = (text: string): Promise<Uint8Array<ArrayBuffer>> =>
      encodeSafetensors({ x: ones([1]) }, { metadata: { "downhill.checkpoint": text } });
    const parts = (json: string): string => `{"version":1,"parts":{"a":${json}},"random":null}`;
    const cases: [string, string][] = [
      ["null", "its version is undefined, this reads 1"],
      ['{"version":2}', "its version is 2, this reads 1"],
      ['{"version":1,"parts":[]}', "it has no parts"],
      ["{", "its JSON is broken"],
      [parts('{"$tensor":"y"}'), 'there is no tensor "y"'],
      [parts('[{"$tensor":"x"},{"$tensor":"x"}]'), 'tensor "x" stands in it twice'],
      [parts('{"$array":"x","type":"Uint8Array"}'), "which no checkpoint holds"],
      [parts('{"$array":"x","type":"constructor"}'), "which no checkpoint holds"],
      [parts('{"$number":"toString"}'), "a is {$number}, which no checkpoint holds"],
      [parts('{"$bigint":"0x"}'), "which no checkpoint holds"],
      [parts('{"$what":1}'), "which no checkpoint holds"],
      [parts('{"b":1,"b":2}'), 'the name "b" stands twice'],
      [parts('{"__proto__":{"polluted":true}}'), '"__proto__"'],
      [parts('{"$$__proto__":1}'), "FINE"],
      [parts("[".repeat(5000)), "nested more than"],
    ];
    for (const [text, says] of cases) {
      const loading = loadCheckpoint(await content(text));
      if (says === "FINE") await expect(loading).rejects.toThrow("setState");
      else await expect(loading).rejects.toThrow(says);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((await openSafetensors(await content("null"))).names).toEqual(["x"]);
  });
});
