import { afterEach, describe, expect, it } from "vitest";
import {
  arange,
  defaultDevice,
  noGrad,
  rand,
  setDefaultDevice,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "@downhill/core";
import { assign, flush, registerBackend, ReferenceBackend, seamLimits, synchronize } from "@downhill/core/engine";

const programs = () => defaultDevice().programs;

/** How many Programs `fn` compiles. */
async function compiledBy(fn: () => unknown): Promise<number> {
  const before = programs().compiled;
  await fn();
  return programs().compiled - before;
}

/** A device of its own, so that nothing of another test is pending or cached. */
function freshDevice(): void {
  setDefaultDevice(registerBackend(new ReferenceBackend("fresh")));
}

afterEach(() => setDefaultDevice("cpu"));

describe("recording", () => {
  it("computes nothing until a value is read", async () => {
    freshDevice();
    const x = tensor([1, 2]).mul(3).add(1);
    expect(programs().compiled).toBe(0);
    expect(await x.tolist()).toEqual([4, 7]);
    expect(programs().compiled).toBe(1);
  });

  it("throws a shape error at the line that made it", () => {
    const a = zeros([2, 3]);
    const b = zeros([4, 3]);
    let caught: unknown;
    try {
      a.matmul(b); // this line
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ShapeError);
    expect((caught as Error).message).toBe(
      "matmul: inner sizes differ: [2, 3] x [4, 3] (3 and 4)\n  hint: did you mean a.matmul(b.transpose(-2, -1))?",
    );
    const frames = (caught as Error).stack!.split("\n").filter((line) => line.includes("record.test.ts"));
    expect(frames.length).toBeGreaterThan(0);
  });
});

describe("matching", () => {
  it("never compiles a new Program for another number", async () => {
    freshDevice();
    const x = rand([4, 3]);
    const run = async (i: number): Promise<void> => {
      const y = x
        .mul(i + 0.5)
        .add(i)
        .at(i % 4)
        .narrow(0, i % 2, 2)
        .clamp(-i, i)
        .pow(i + 0.1)
        .div(i + 1);
      await y.data();
    };
    expect(await compiledBy(() => run(0))).toBe(1);
    expect(
      await compiledBy(async () => {
        for (let i = 1; i < 20; i++) await run(i);
      }),
    ).toBe(0);
  });

  it("compiles one Program for an epoch over X.at(i)", async () => {
    freshDevice();
    const X = rand([100, 2]);
    const compiled = await compiledBy(async () => {
      for (let i = 0; i < 100; i++) await X.at(i).sum().item();
    });
    expect(compiled).toBe(1);
  });

  it("compiles one Program for 1,000 equal steps", () => {
    freshDevice();
    const w = tensor([1, 2], { requiresGrad: true });
    const x = tensor([3, 4]);
    const before = programs().compiled;
    for (let step = 0; step < 1000; step++) {
      w.grad = null;
      w.mul(x).sub(step).square().mean().backward();
      noGrad(() => assign(w, w.sub(w.grad!.mul(0.001))));
      flush(w);
    }
    expect(programs().compiled - before).toBe(1);
    expect(programs().reused).toBe(999);
  });

  it("compiles a second Program for a short last batch, and no third", () => {
    freshDevice();
    const w = tensor([[1], [2]], { requiresGrad: true });
    const X = rand([25, 2]);
    for (let epoch = 0; epoch < 4; epoch++) {
      for (let start = 0; start < 25; start += 10) {
        w.grad = null;
        X.narrow(0, start, Math.min(10, 25 - start))
          .matmul(w)
          .square()
          .mean()
          .backward();
        noGrad(() => assign(w, w.sub(w.grad!.mul(0.1))));
        flush(w);
      }
    }
    expect(programs().compiled).toBe(2);
  });

  it("tells apart shapes, dtypes, structure and what is returned", async () => {
    freshDevice();
    const x = tensor([1, 2]);
    const runs: (() => Tensor)[] = [
      () => x.exp().sum(),
      () => tensor([1, 2, 3]).exp().sum(),
      () => tensor([1, 2], { dtype: "float64" }).exp().sum(),
      () => x.sum().exp(),
      () => x.exp().sum(0, { keepdim: true }),
    ];
    expect(await compiledBy(() => Promise.all(runs.map((run) => run().data())))).toBe(runs.length);
    expect(await compiledBy(() => Promise.all(runs.map((run) => run().data())))).toBe(0);
  });

  it("makes the same Programs whatever the garbage collector does", async () => {
    const trace = async (hold: boolean): Promise<string> => {
      freshDevice();
      const held: Tensor[] = [];
      const w = tensor([1, 2], { requiresGrad: true });
      for (let step = 0; step < 50; step++) {
        w.grad = null;
        const hidden = w.mul(2).sin();
        const loss = hidden.square().sum();
        // One run keeps every value, the other drops them and makes garbage collection likely.
        if (hold) held.push(hidden, loss);
        else for (let i = 0; i < 200; i++) new Float32Array(4096);
        loss.backward();
        noGrad(() => assign(w, w.sub(w.grad!.mul(0.1))));
        flush(w);
        if (step % 7 === 0) await loss.item();
      }
      return JSON.stringify(programs().programs());
    };
    expect(await trace(true)).toBe(await trace(false));
  });

  it("drops the least recently used Program past the limit", async () => {
    freshDevice();
    programs().limit = 3;
    const run = (n: number): Promise<unknown> => arange(n).add(1).data();
    for (const n of [1, 2, 3]) await run(n);
    await run(1); // now 2 is the oldest
    await run(4);
    expect(programs().size).toBe(3);
    expect(await compiledBy(() => run(1))).toBe(0);
    expect(await compiledBy(() => run(3))).toBe(0);
    expect(await compiledBy(() => run(2))).toBe(1);
    expect(() => (programs().limit = 0)).toThrow("limit must be an integer of 1 or more, got 0");
  });
});

describe("seams", () => {
  it("computes a loop of plain arithmetic in pieces, with few Programs", async () => {
    freshDevice();
    let w = tensor([1, 2]);
    for (let i = 0; i < 20_000; i++) w = w.mul(0.9999).add(0.0001);
    expect(defaultDevice().pending.length).toBeLessThan(3000);
    expect(await w.sum().item()).toBeCloseTo(2.1353, 3);
    expect(programs().compiled).toBeLessThanOrEqual(4);
  });

  it("also where every op of the loop is a composite", async () => {
    freshDevice();
    let w = tensor([0, 1]);
    for (let i = 0; i < 20_000; i++) w = w.add(1);
    expect(defaultDevice().pending.length).toBeLessThan(3000);
    expect(await w.tolist()).toEqual([20_000, 20_001]);
    expect(programs().compiled).toBeLessThanOrEqual(4);
  });

  it("leaves pending, in a steady loop, what does not read what the step overwrites", async () => {
    freshDevice();
    const w = tensor([1]);
    const c = tensor([5]);
    flush(w, c);
    const step = (): Tensor => {
      const read = w.mul(2);
      assign(w, w.add(1));
      flush(w);
      return read;
    };
    step();
    const { compiled } = programs();
    step();
    const apart = c.mul(3);
    const read = step();
    expect(apart.node.buffer).toBeNull();
    expect(read.node.buffer).not.toBeNull();
    step();
    expect(apart.node.buffer).toBeNull();
    expect(programs().compiled).toBe(compiled);
    expect([await read.item(), await w.item(), await apart.item()]).toEqual([6, 5, 15]);
  });

  it("computes what is pending when it is much, at a seam", () => {
    freshDevice();
    const x = tensor([1, 2]);
    for (let i = 0; i < seamLimits.values; i++) x.add(i);
    expect(defaultDevice().pending.length).toBe(seamLimits.values);
    noGrad(() => x.add(1));
    expect(defaultDevice().pending.length).toBe(0);
  });

  it("synchronize computes everything pending", () => {
    freshDevice();
    tensor([1, 2]).add(1);
    synchronize(defaultDevice());
    expect(defaultDevice().pending.length).toBe(0);
    expect(programs().compiled).toBe(1);
  });
});
