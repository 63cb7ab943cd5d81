import {
  cat,
  type Device,
  manualSeed,
  randint,
  randn,
  setDefaultDevice,
  tensor,
  type Tensor,
  where,
} from "@downhill/core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { openSoftwareDevice } from "./open-device.js";

// SwiftShader has no shader-f16: here the shaders round by bits, as on every device without it.

let webgpu: Device;

beforeAll(async () => {
  webgpu = await openSoftwareDevice();
});

afterEach(() => setDefaultDevice("cpu"));

const half = (shape: number[]): Tensor => randn(shape).half();

const works: Record<string, () => Tensor[]> = {
  "many elements, eight to a thread": () => [
    half([64, 512])
      .mul(half([64, 512]))
      .add(0.1),
  ],
  "many beside float32 and bools": () => {
    const x = half([64, 512]);
    return [x.add(randn([64, 512])), x.gt(0), where(x.gt(0), x, x.neg())];
  },
  "an odd number of elements": () => [half([7, 3]).sub(half([3])), half([5]).exp()],
  "bytes and halves of one nest, of a length that no unit divides": () => {
    const x = half([33]);
    return [x.gt(0), x.mul(2)];
  },
  "what lies elsewhere": () => [
    half([6, 10]).transpose(0, 1).contiguous(),
    half([4, 6]).narrow(1, 1, 3).flip(0).mul(1),
    cat([half([3, 3]), half([2, 3])]),
    half([9, 4]).indexSelect(0, randint(0, 9, [5])),
  ],
  "sums, means and extremes": () => {
    const x = half([20, 300]).mul(20);
    return [x.sum(), x.mean(0), x.amax(1), x.softmax(1), x.argmax(1), x.cumsum(1)];
  },
  "matrix products, small, tiled and with a bias": () => [
    half([3, 5]).matmul(half([5, 4])),
    half([70, 90])
      .matmul(half([90, 65]))
      .add(half([65])),
    half([2, 33, 40])
      .matmul(half([2, 40, 30]))
      .relu(),
  ],
  "sorted places, and sums at places": () => {
    const x = half([40]);
    return [x.sort()[0], half([10, 4]).indexAdd(0, randint(0, 10, [30]), half([30, 4]))];
  },
  "numbers that are none, or too large": () => {
    const x = tensor([1, NaN, Infinity, -Infinity, -0, 6e-8, 65504, 60000], { dtype: "float16" });
    return [x.mul(2), x.add(x), x.abs(), x.neg(), tensor([65519, 65520, 1e-8, 3e-8, -1e5]).half()];
  },
};

async function computed(device: Device | "cpu", work: () => Tensor[]): Promise<{ dtype: string; data: number[] }[]> {
  manualSeed(0);
  setDefaultDevice(device);
  const tensors = work();
  return Promise.all(tensors.map(async (x) => ({ dtype: x.dtype, data: [...(await x.data())] })));
}

/** How far two numbers may be apart: a unit of float16. */
const near = (a: number, b: number): boolean =>
  Object.is(a, b) ||
  a === b ||
  Math.abs(a - b) <= 2 ** (Math.max(Math.floor(Math.log2(Math.abs(b) || 1e-9)), -14) - 10);

describe("float16 on WebGPU gives what the cpu device gives:", () => {
  it.each(Object.keys(works))("%s", async (name) => {
    const expected = await computed("cpu", works[name]!);
    const actual = await computed(webgpu, works[name]!);
    actual.forEach(({ dtype, data }, k) => {
      expect(dtype).toBe(expected[k]!.dtype);
      const wrong = data.findIndex((x, i) => !near(x, expected[k]!.data[i]!));
      expect(wrong < 0 ? null : `${k}: ${data[wrong]} instead of ${expected[k]!.data[wrong]} at ${wrong}`).toBeNull();
    });
  });
});
