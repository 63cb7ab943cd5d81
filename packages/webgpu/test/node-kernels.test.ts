import {
  argsort,
  cumprod,
  cumsum,
  defaultDevice,
  type Device,
  indexAdd,
  indexSelect,
  manualSeed,
  rand,
  randint,
  randn,
  scatter,
  scatterAdd,
  setDefaultDevice,
  sort,
  type Tensor,
  topk,
  zeros,
} from "@downhill/core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { engineOf } from "./engine-of.js";
import { openSoftwareDevice } from "./open-device.js";

let webgpu: Device;

beforeAll(async () => {
  webgpu = await openSoftwareDevice();
});

afterEach(() => setDefaultDevice("cpu"));

/** What `make` gives on a device, and how many dispatches it took. */
async function run(
  on: Device | string,
  make: () => readonly Tensor[],
): Promise<{ data: number[][]; dispatches: number }> {
  setDefaultDevice(on);
  manualSeed(1);
  const { counts } = engineOf(webgpu);
  const before = counts.dispatches;
  const tensors = make();
  const data = await Promise.all(tensors.map(async (tensor) => Array.from(await tensor.data())));
  return { data, dispatches: counts.dispatches - before };
}

/** Makes sure that WebGPU gives what the CPU gives; returns the number of dispatches. */
async function same(make: () => readonly Tensor[], tolerance = 0): Promise<number> {
  const expected = await run("cpu", make);
  const actual = await run(webgpu, make);
  expected.data.forEach((elements, k) => {
    let largest = 0;
    for (const x of elements) if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
    expect(actual.data[k]).toHaveLength(elements.length);
    const wrong = elements.findIndex((x, i) => {
      const y = actual.data[k]![i]!;
      return !(Object.is(x, y) || x === y || Math.abs(x - y) <= tolerance * largest);
    });
    if (wrong >= 0)
      expect(`result ${k}, ${wrong}: ${actual.data[k]![wrong]}`).toBe(`result ${k}, ${wrong}: ${elements[wrong]}`);
  });
  return actual.dispatches;
}

/** Numbers with many ties, NaN and infinities. */
const ties = (...shape: number[]): Tensor => {
  const x = randint(-20, 20, shape).to("float32");
  return x.div(x.sub(3)).add(x.mul(0));
};

describe("sorting", { timeout: 60_000 }, () => {
  it.each([1, 31, 1024])("sorts lines of %i in one dispatch, equal elements in their old order", async (n) => {
    const dispatches = await same(() => [argsort(randint(-9, 9, [5, n]))]);
    expect(dispatches).toBe(1);
    await same(() => [...sort(ties(3, n), { descending: true }), argsort(randn([n, 4]), 0)]);
  });

  it("sorts a line of 100,000: parts of 1024, then 7 merges", async () => {
    const dispatches = await same(() => [argsort(randint(-1000, 1000, [100_000]))]);
    expect(dispatches).toBe(8);
    await same(() => [...sort(randn([100_000]), { descending: true }), argsort(ties(2, 5000, 3), 1)]);
  });

  it("takes a few of the best of a long line in three dispatches", async () => {
    const [values, places] = [0, 1].map((k) => () => [topk(randint(0, 5000, [2, 50_257]), 50)[k]!]);
    expect(await same(places!)).toBe(3);
    await same(values!);
    await same(() => topk(ties(9000, 2), 3, 0, { largest: false }));
  });

  it("sorts bytes and bools", async () => {
    await same(() => [
      argsort(randint(0, 255, [3000]).to("uint8")),
      argsort(randint(0, 2, [5000]).to("bool"), { descending: true }),
    ]);
  });
});

describe("running sums and products", { timeout: 60_000 }, () => {
  it.each([1, 9, 256, 5000])("runs through lines of %i in one dispatch", async (n) => {
    expect(await same(() => [cumsum(randint(-9, 9, [300, n]), 1)])).toBe(1);
    await same(() => [cumsum(randint(-9, 9, [n, 7]), 0), cumprod(randint(-9, 9, [2, n, 3]), 1)]);
  });

  it("shares out a line of 100,000 in three dispatches", async () => {
    expect(await same(() => [cumsum(randint(-1000, 1000, [100_000]), 0)])).toBe(3);
    await same(() => [cumprod(randint(-100, 100, [2, 30_001]).mul(2).add(1), 1)]);
    await same(() => [cumsum(rand([100_000]), 0)], 1e-6);
    await same(() => [cumsum(randn([20_000, 3]), 0)], 1e-6);
    await same(
      () => [
        cumprod(
          randint(-8, 8, [100_000])
            .mul(2 ** -20)
            .add(1),
          0,
        ),
      ],
      1e-5,
    );
  });
});

describe("reading and writing by index", { timeout: 60_000 }, () => {
  it("reads a million elements in one dispatch", async () => {
    expect(await same(() => [indexSelect(randn([1000, 8]), 0, randint(0, 1000, [125_000]))])).toBe(1);
    await same(() => [
      randint(0, 255, [70, 3])
        .to("uint8")
        .gather(0, randint(0, 70, [40_001, 3])),
    ]);
  });

  it("adds 50,000 rows of 64 to 1,000 in ten dispatches, the same in each run", async () => {
    const rows = randn([50_000, 64]).div(64);
    const add = (): Tensor[] => [indexAdd(zeros([1000, 64]), 0, randint(0, 1000, [50_000]), rows.to(defaultDevice()))];
    expect(await same(add, 1e-5)).toBe(10);
    const [first, second] = [await run(webgpu, add), await run(webgpu, add)];
    expect(first.data).toEqual(second.data);
  });

  it("adds rows that nearly all go to one place", async () => {
    await same(() => [indexAdd(zeros([10, 3]), 0, zeros([20_000], { dtype: "int32" }), rand([20_000, 3]))], 1e-5);
    await same(() => {
      const places = randint(0, 40, [3000, 2]).sub(30).maximum(0);
      return [scatterAdd(zeros([10, 3], { dtype: "int32" }), 0, places, randint(-9, 9, [3000, 2]))];
    });
  });

  it("adds an embedding's gradient in six dispatches", async () => {
    const places = randint(0, 500, [2000]);
    const step = (): Tensor[] => {
      const weight = randn([500, 16]);
      weight.requiresGrad = true;
      indexSelect(weight, 0, places.to(weight.device)).mul(2).sum().backward();
      return [weight.grad!];
    };
    expect(await same(step, 1e-6)).toBe(6);
  });

  it("adds and overwrites bytes, bools and ints as the CPU does", async () => {
    for (const n of [5, 700]) {
      for (const dtype of ["int32", "uint8", "bool"] as const) {
        await same(() => {
          const x = randint(0, 200, [40, 3]).to(dtype);
          const places = randint(0, 40, [n, 2]);
          const values = randint(0, 99, [n, 3]).sub(40).maximum(0).to(dtype);
          return [scatterAdd(x, 0, places, values), scatter(x, 0, places, values), scatter(x, 0, places, 7)];
        });
      }
    }
  });

  it("lets the last of 50,000 writes stay, in three dispatches", async () => {
    const write = (): Tensor[] => [scatter(zeros([1000]), 0, randint(0, 900, [50_000]), randn([50_000]))];
    expect(await same(write)).toBe(3);
  });
});
