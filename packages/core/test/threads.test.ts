import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  DeviceError,
  getNumThreads,
  IndexError,
  manualSeed,
  rand,
  randint,
  randn,
  setNumThreads,
  tensor,
  type Tensor,
  ValueError,
} from "@downhill/core";
import { flush } from "@downhill/core/engine";

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await setNumThreads(1);
});

/** Lets the workers get their messages. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** Stands for every bit of a tensor. */
async function digest(x: Tensor): Promise<string> {
  return createHash("sha256")
    .update(await x.data())
    .digest("hex");
}

/** What a function gives, a few times over: workers take their part once they have the Program. */
async function digests(make: () => Tensor): Promise<string> {
  const found = new Set<string>();
  for (let k = 0; k < 4; k++) {
    found.add(await digest(make()));
    await turn();
  }
  return [...found].join();
}

const functions: Record<string, () => () => Tensor> = {
  "a product of 300 x 301 and 301 x 302": () => {
    const [a, b] = [randn([300, 301]), randn([301, 302])];
    return () => a.matmul(b);
  },
  "a product of transposed matrices": () => {
    const [a, b] = [randn([301, 260]), randn([302, 301])];
    return () => a.t().matmul(b.t());
  },
  "products in a batch": () => {
    const [a, b] = [randn([7, 150, 90]), randn([7, 90, 130])];
    return () => a.matmul(b);
  },
  "a product with few columns": () => {
    const [a, b] = [randn([4000, 501]), randn([501, 3])];
    return () => a.matmul(b);
  },
  "a product in float64": () => {
    const [a, b] = [randn([200, 201], { dtype: "float64" }), randn([201, 202], { dtype: "float64" })];
    return () => a.matmul(b);
  },
  "a product in int32": () => {
    const [a, b] = [randint(-9, 9, [200, 201]), randint(-9, 9, [201, 202])];
    return () => a.matmul(b);
  },
  "elements, with a rest at the end": () => {
    const x = randn([300_007]);
    return () => x.mul(2).add(1).exp().sin().tanh();
  },
  "elements of float64, with functions of Math": () => {
    const x = randn([100_003], { dtype: "float64" });
    return () => x.exp().sin().add(x.tanh());
  },
  "elements of float64, with functions that only the main thread has": () => {
    const x = randn([100_003], { dtype: "float64" });
    return () => x.erf().add(1);
  },
  "sums along rows and columns": () => {
    const x = randn([701, 1003]);
    return () => x.sum(1).mul(x.sum(0).sum());
  },
  "the softmax of rows": () => {
    const x = randn([500, 700]);
    return () => x.softmax(1);
  },
  "a transposed sum, into a padded place": () => {
    const x = randn([600, 500]);
    return () =>
      x
        .t()
        .add(randn([500, 600]).mul(0))
        .narrow(0, 3, 400)
        .mul(3);
  },
  "places of the greatest": () => {
    const x = randn([500, 700]);
    return () => x.argmax(1);
  },
};

describe("setNumThreads", () => {
  for (const [name, make] of Object.entries(functions)) {
    it(`changes no bit of ${name}`, async () => {
      manualSeed(3);
      const run = make();
      const one = await digests(run);
      await setNumThreads(2);
      expect(await digests(run)).toBe(one);
      await setNumThreads(3);
      expect(await digests(run)).toBe(one);
      await setNumThreads(1);
      expect(await digests(run)).toBe(one);
    });
  }

  it("sets what getNumThreads returns, once the workers run", async () => {
    expect(getNumThreads()).toBe(1);
    const set = setNumThreads(2);
    expect(getNumThreads()).toBe(1);
    await set;
    expect(getNumThreads()).toBe(2);
    await setNumThreads(2);
    expect(getNumThreads()).toBe(2);
  });

  it("does one call after the other", async () => {
    await Promise.all([setNumThreads(2), setNumThreads(1), setNumThreads(3)]);
    expect(getNumThreads()).toBe(3);
  });

  it("keeps what was computed before: resident values, and pending ones", async () => {
    const w = randn([300, 300]);
    flush(w);
    const before = await digest(w);
    const pending = w.add(1);
    await setNumThreads(2);
    expect(await digest(w)).toBe(before);
    expect(await pending.sub(w).mean().item()).toBeCloseTo(1, 5);
    expect(await digest(w)).toBe(before);
  });

  it("serves many Programs, those that left the cache too", async () => {
    await setNumThreads(2);
    const x = rand([200_000]);
    for (let n = 1; n <= 300; n++) {
      const y = x
        .narrow(0, 0, 200_000 - n)
        .add(1)
        .sub(x.narrow(0, 0, 200_000 - n));
      expect(await y.mean().item()).toBeCloseTo(1, 5);
    }
  });

  it("goes on after an error inside of a run", async () => {
    await setNumThreads(2);
    const x = randn([400, 400]);
    const one = await digest(x.matmul(x));
    const places = tensor([0, 400], { dtype: "int32" });
    for (let k = 0; k < 3; k++) {
      await expect((async () => x.matmul(x).indexSelect(0, places).matmul(x).data())()).rejects.toThrow(IndexError);
      expect(await digest(x.matmul(x))).toBe(one);
      await turn();
    }
  });

  it("refuses what is no number of threads", () => {
    for (const wrong of [0, -1, 1.5, 65, NaN, "2" as unknown as number]) {
      expect(() => setNumThreads(wrong)).toThrow(ValueError);
    }
    expect(() => setNumThreads(0)).toThrow("setNumThreads: the number must be a whole one from 1 to 64, not 0");
  });
});

describe("where there are no threads", () => {
  const product = async (): Promise<number> =>
    rand([300, 300])
      .matmul(rand([300, 300]))
      .sum()
      .item();

  it("says which headers a page lacks", async () => {
    vi.stubGlobal("crossOriginIsolated", false);
    await expect(setNumThreads(2)).rejects.toThrow(DeviceError);
    await expect(setNumThreads(2)).rejects.toThrow("Cross-Origin-Opener-Policy: same-origin");
    expect(getNumThreads()).toBe(1);
    expect(await product()).toBeGreaterThan(0);
  });

  it("says why a worker does not start, and leaves one thread at work", async () => {
    class Failing {
      private readonly listeners: ((error: Error) => void)[] = [];
      constructor() {
        setTimeout(() => {
          for (const listener of this.listeners) listener(new Error("no more memory"));
        }, 5);
      }
      on(event: string, listener: (error: Error) => void): void {
        if (event === "error") this.listeners.push(listener);
      }
      postMessage = (): undefined => undefined;
      unref = (): undefined => undefined;
      terminate(): Promise<void> {
        return Promise.resolve();
      }
    }
    vi.spyOn(process, "getBuiltinModule").mockImplementation(() => ({ Worker: Failing }));
    await expect(setNumThreads(3)).rejects.toThrow("setNumThreads: a worker does not start: Error: no more memory");
    expect(getNumThreads()).toBe(1);
    expect(await product()).toBeGreaterThan(0);
    vi.restoreAllMocks();
    await setNumThreads(2);
    expect(await product()).toBeGreaterThan(0);
  });

  it("says so where there are no workers at all, or the page's policy forbids them", async () => {
    vi.spyOn(process, "getBuiltinModule").mockImplementation(() => undefined);
    vi.stubGlobal("Worker", undefined);
    await expect(setNumThreads(2)).rejects.toThrow("there are no workers here");
    class Forbidden {
      onerror: ((event: object) => void) | null = null;
      constructor() {
        setTimeout(() => this.onerror?.({ preventDefault: () => undefined }), 5);
      }
      postMessage = (): undefined => undefined;
      terminate = (): undefined => undefined;
    }
    vi.stubGlobal("Worker", Forbidden);
    await expect(setNumThreads(2)).rejects.toThrow("allow worker-src blob:");
    expect(getNumThreads()).toBe(1);
  });
});

describe("in a page", () => {
  // A worker of Node that looks like a page's to the script: without Node's modules, with `self`.
  const likePage = `
    const { parentPort } = require("node:worker_threads");
    process.getBuiltinModule = undefined;
    globalThis.self = { set onmessage(receive) { parentPort.on("message", (data) => receive({ data })); } };
    self.postMessage = (answer) => parentPort.postMessage(answer);
  `;

  it("starts workers from a Blob", async () => {
    const x = randn([300, 300]);
    const one = await digest(x.matmul(x));
    const started: Worker[] = [];
    class PageWorker {
      onmessage: ((event: { data: unknown }) => void) | null = null;
      onerror: ((event: object) => void) | null = null;
      private readonly queued: unknown[] = [];
      private worker: Worker | null = null;
      constructor(url: string) {
        void this.start(url);
      }
      private async start(url: string): Promise<void> {
        const script = await (await fetch(url)).text();
        this.worker = new Worker(likePage + script, { eval: true });
        started.push(this.worker);
        this.worker.on("message", (data) => this.onmessage?.({ data }));
        for (const message of this.queued) this.worker.postMessage(message);
      }
      postMessage(message: unknown): void {
        if (this.worker === null) this.queued.push(message);
        else this.worker.postMessage(message);
      }
      terminate(): void {
        void this.worker?.terminate();
      }
    }
    vi.spyOn(process, "getBuiltinModule").mockImplementation(() => undefined);
    vi.stubGlobal("Worker", PageWorker);
    await setNumThreads(2);
    expect(started).toHaveLength(1);
    for (let k = 0; k < 3; k++) {
      expect(await digest(x.matmul(x))).toBe(one);
      await turn();
    }
    await setNumThreads(1);
  });
});
