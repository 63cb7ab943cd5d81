import { type Device, manualSeed, randint, randn, setDefaultDevice, type Tensor } from "@downhill/core";
import { Parameter } from "@downhill/nn";
import { Adam } from "@downhill/optim";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { engineOf } from "./engine-of.js";
import { openSoftwareDevice } from "./open-device.js";

let webgpu: Device;

beforeAll(async () => {
  webgpu = await openSoftwareDevice();
});

afterEach(() => setDefaultDevice("cpu"));

/** As many as are worked on four at a time, and as many that are not. */
const sizes = [
  [128, 160],
  [127, 161],
];

const works: Record<string, (shape: number[]) => Promise<Tensor[]> | Tensor[]> = {
  "a sum and a bias": (shape) => [
    randn(shape)
      .add(randn(shape))
      .mul(randn([shape[1]!])),
  ],
  "bools beside floats": (shape) => {
    const x = randn(shape);
    return [x.where(x.gt(0), x.neg()), randint(-9, 9, shape).to("int32").mul(3)];
  },
  "two results of one nest": (shape) => {
    const x = randn(shape);
    return [x.mul(2), x.sub(1)];
  },
  "what lies elsewhere: transposed, or turned round": (shape) => {
    const x = randn([shape[1]!, shape[0]!]);
    return [x.transpose(0, 1).add(randn(shape).flip(1))];
  },
  positions: (shape) => [randn(shape).cumsum(1).triu()],
  "an update in place": (shape) => {
    const weight = new Parameter(randn(shape));
    const optimizer = new Adam([weight], { lr: 0.1 });
    for (let k = 0; k < 3; k++) {
      optimizer.zeroGrad();
      weight.mul(weight).sum().backward();
      optimizer.step();
    }
    return [weight.detach()];
  },
};

describe("elementwise kernels", () => {
  for (const [name, work] of Object.entries(works)) {
    it(`compute ${name} as the cpu does, one element at a time or four`, { timeout: 60_000 }, async () => {
      for (const shape of sizes) {
        const run = async (device: Device | "cpu"): Promise<number[][]> => {
          setDefaultDevice(device);
          manualSeed(2);
          return Promise.all((await work(shape)).map(async (result) => Array.from(await result.data(), Number)));
        };
        const expected = await run("cpu");
        const actual = await run(webgpu);
        actual.forEach((values, k) => {
          expect(values.length).toBe(expected[k]!.length);
          values.forEach((value, i) => {
            const wanted = expected[k]![i]!;
            expect(Math.abs(value - wanted), `result ${k}, element ${i}`).toBeLessThanOrEqual(
              1e-5 * (1 + Math.abs(wanted)),
            );
          });
        });
      }
    });
  }

  it("read and write four words at a time where they lie in order", async () => {
    const codes: string[] = [];
    const { pipelines } = engineOf(webgpu);
    const get = pipelines.get.bind(pipelines);
    pipelines.get = (code, label) => {
      codes.push(code);
      return get(code, label);
    };
    try {
      await randn([128, 320], { device: webgpu }).mul(2).data();
      expect(codes).toHaveLength(1);
      expect(codes[0]).toContain("m: array<vec4<u32>>");
      expect(codes[0]).toContain("fn compute(turn: u32, x0: u32) -> u32 {");
      expect(codes[0]).not.toContain("word(");
      codes.length = 0;
      await randn([3, 5], { device: webgpu }).mul(2).add(1).data();
      expect(codes[0]).toContain("m: array<u32>");
    } finally {
      pipelines.get = get;
    }
  });
});
