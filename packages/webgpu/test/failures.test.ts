import { type Device, indexSelect, IndexError, setDefaultDevice, type Tensor, tensor } from "@downhill/core";
import { assign, flush } from "@downhill/core/engine";
import { CrossEntropyLoss, Embedding, Linear } from "@downhill/nn";
import { Adam, SGD } from "@downhill/optim";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineOf } from "./engine-of.js";
import { openSoftwareDevice } from "./open-device.js";

let webgpu: Device;

beforeAll(async () => {
  setDefaultDevice((webgpu = await openSoftwareDevice()));
});

afterAll(() => setDefaultDevice("cpu"));

const ints = (data: number[]): Tensor => tensor(data, { dtype: "int32" });

const list = async (x: Tensor): Promise<number[]> => Array.from(await x.data());

/** The error that `make` throws on the CPU, at once. */
function onCpu(make: () => Tensor): Error {
  setDefaultDevice("cpu");
  try {
    const x = make();
    flush(x);
  } catch (error) {
    return error as Error;
  } finally {
    setDefaultDevice(webgpu);
  }
  throw new Error("nothing failed");
}

describe("what cannot be computed on the GPU", () => {
  const cases: Record<string, () => Tensor> = {
    "an index beyond the end": () => indexSelect(tensor([1, 2, 3]), 0, ints([0, 7, 2, 9])),
    "an index below 0": () => tensor([[1, 2, 3]]).gather(1, ints([2, -4]).reshape([1, 2])),
    "an index that counts from the end": () => tensor([1, 2, 3]).at(ints([-3, -4])),
    "an index to write to": () => tensor([1, 2, 3]).scatterAdd(0, ints([0, 3]), tensor([1, 1])),
    "one of many indices to write to": () =>
      tensor([1, 2, 3]).scatterAdd(
        0,
        ints(Array.from({ length: 400 }, (_, i) => (i === 300 ? -1 : i % 3))),
        tensor([1]).expand(400),
      ),
    "a division by 0": () => ints([1, 5, -7]).div(ints([1, 0, 0]), { roundingMode: "floor" }),
    "a remainder by 0": () => ints([4, 5]).remainder(ints([2, 0])),
  };
  it.each(Object.entries(cases))("is told of by the read, as on the CPU: %s", async (_, make) => {
    const expected = onCpu(make);
    const x = make();
    const error = await x.data().catch((reason: unknown) => reason);
    expect((error as Error).message).toBe(expected.message);
    expect(error).toBeInstanceOf(expected.constructor);
    // And again, each time it is read; what is computed from now on is right.
    await expect(x.data()).rejects.toThrow(expected.message);
    expect(await list(tensor([1, 2, 3]).mul(2))).toEqual([2, 4, 6]);
  });

  it("spoils what was computed of it, but not what stood before", async () => {
    const before = tensor([1, 2]).mul(2);
    flush(before);
    const bad = indexSelect(before, 0, ints([5]));
    flush(bad);
    const after = bad.add(1);
    flush(after);
    expect(await list(before)).toEqual([2, 4]);
    await expect(after.data()).rejects.toThrow(IndexError);
    await expect(bad.data()).rejects.toThrow(IndexError);
    expect(() => flush(bad.mul(3))).toThrow(IndexError);
    expect(await list(before.add(1))).toEqual([3, 5]);
  });

  it("leaves every variable as it was, until it has been told of", async () => {
    const [x, y] = [tensor([1, 2]), tensor([3, 4])];
    await Promise.all([x.data(), y.data()]);
    assign(x, x.add(indexSelect(y, 0, ints([0, 2]))));
    flush(x);
    // A Program of its own, which cannot fail: it would not have run.
    assign(y, y.mul(10));
    flush(y);
    assign(y, y.flip(0).add(1));
    flush(y);
    await expect(y.data()).rejects.toThrow(IndexError);
    expect([await list(x), await list(y)]).toEqual([
      [1, 2],
      [3, 4],
    ]);
    assign(y, y.mul(10));
    flush(y);
    expect(await list(y)).toEqual([30, 40]);
  });

  it("tells of the first index in order, however many are wrong", async () => {
    for (let turn = 0; turn < 3; turn++) {
      const index = Array.from({ length: 20_000 }, (_, i) => (i < 5000 ? 0 : 10 + i));
      await expect(indexSelect(tensor([1, 2, 3]), 0, ints(index)).data()).rejects.toThrow("index 5010 is out of range");
    }
  });

  it("reads and writes nowhere but in its own memory", async () => {
    const data = Array.from({ length: 1000 }, (_, i) => i);
    const neighbours = [tensor(data), tensor(data)];
    await Promise.all(neighbours.map(list));
    const places = ints([2 ** 31 - 1, -(2 ** 31), 1_000_000, 3]);
    for (const adds of [false, true]) {
      const x = tensor([1, 2, 3]);
      const written = adds
        ? x.scatterAdd(0, places, tensor([9, 9, 9, 9]))
        : x.scatter(0, places.reshape([4, 1]).expand(4, 400).reshape([1600]), tensor(9).expand(1600));
      await expect(written.data()).rejects.toThrow(IndexError);
    }
    for (const neighbour of neighbours) expect(await list(neighbour)).toEqual(data);
  });
});

describe("a training loop that meets a wrong index", () => {
  it.each(["SGD", "Adam"])("goes on with %s from the parameters before", async (name) => {
    const [embedding, head] = [new Embedding(10, 4), new Linear(4, 3)];
    const params = [...embedding.parameters(), ...head.parameters()];
    const optimizer = name === "SGD" ? new SGD(params, { lr: 0.1 }) : new Adam(params);
    const criterion = new CrossEntropyLoss();
    const step = (tokens: number[], labels: number[]): Tensor => {
      optimizer.zeroGrad();
      const loss = criterion.forward(head.forward(embedding.forward(ints(tokens))), ints(labels));
      loss.backward();
      optimizer.step();
      return loss;
    };
    const values = (): Promise<number[][]> => Promise.all(params.map(list));
    const first = await values();
    // The very first step, and two that are under way before anybody reads.
    const failed = [step([1, 2, 3], [0, 1, 7]), step([1, 2, 3], [0, 1, 2]), step([11, 2, 3], [0, 1, 2])];
    for (const loss of failed) await expect(loss.item()).rejects.toThrow(/index 7 is out of range/);
    expect(await values()).toEqual(first);

    const before = await step([1, 2, 3], [0, 1, 2]).item();
    for (let i = 0; i < 20; i++) step([1, 2, 3], [0, 1, 2]);
    expect(await step([1, 2, 3], [0, 1, 2]).item()).toBeLessThan(before);
    expect(await values()).not.toEqual(first);

    const last = await values();
    await expect(step([1, 2, 30], [0, 1, 2]).item()).rejects.toThrow(/index 30 is out of range/);
    expect(await values()).toEqual(last);
  });
});

describe("what cannot fail", () => {
  it("costs neither a submission nor a longer read", async () => {
    const engine = engineOf(webgpu);
    const x = tensor([1, 2, 3]);
    await x.data();
    expect(engine.failures.open).toBeNull();
    const { submissions } = engine.counts;
    const y = x.mul(2);
    flush(y);
    expect(engine.counts.submissions).toBe(submissions + 1);
    expect(engine.failures.open).toBeNull();
    const z = indexSelect(y, 0, ints([1]));
    flush(z);
    expect(engine.failures.open).not.toBeNull();
    expect(await list(z)).toEqual([4]);
    expect(engine.failures.open).toBeNull();
  });
});
