import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  compile,
  Generator,
  manualSeed,
  normal,
  rand,
  randint,
  randn,
  RandomState,
  randperm,
  setDefaultDevice,
  tensor,
  type Tensor,
  uniform,
} from "../../src/index.js";
import { composite, ReferenceBackend, registerBackend } from "../../src/engine.js";
import { uniformNoise } from "../../src/random/counter.js";

let devices = 0;

beforeEach(() => setDefaultDevice(registerBackend(new ReferenceBackend(`compile-random-${devices++}`))));
afterEach(() => setDefaultDevice("cpu"));

const noise = composite((x: Tensor) => uniformNoise(x.shape, x.dtype, x.device));

describe("random functions in a compiled function draw anew at each call, as they do outside", () => {
  const own = new Generator(3);
  test.each<[string, (x: Tensor) => Tensor, traces?: number]>([
    ["rand", (x) => x.add(rand([3]))],
    ["rand, returned as it is", () => rand([3])],
    [
      "randn and rand, in turn",
      (x) =>
        x
          .mul(randn([3]))
          .add(rand([3]))
          .sub(randn([20]).sum()),
    ],
    ["uniform, normal", (x) => x.mul(uniform(-1, 1, [3])).add(normal(2, 3, [3]))],
    ["randint, randperm", (x) => x.add(randint(0, 10, [3])).mul(randperm(3))],
    ["rand that nothing needs", (x) => (rand([5]), x.add(rand([3])))],
    ["a generator of one's own", (x) => x.add(rand([3], { generator: own }))],
    ["noise drawn by the Program", (x) => noise(x).add(noise(x).mul(2))],
    ["noise that nothing needs", (x) => (noise(x), noise(x))],
    ["a seed that the function sets", (x) => (manualSeed(5), x.add(rand([3])).add(noise(x))), 6],
  ])("%s", async (_, fn, traces = 1) => {
    const run = async (step: (x: Tensor) => Tensor): Promise<number[][]> => {
      manualSeed(11);
      own.manualSeed(2);
      const drawn: number[][] = [];
      for (let i = 0; i < 6; i++) {
        if (i === 4) manualSeed(1);
        drawn.push(Array.from(await step(tensor([1, 2, i])).data()));
      }
      drawn.push(Array.from(await rand([2]).data()), Array.from(own.getState()));
      return drawn;
    };
    const compiled = compile(fn);
    expect(await run(compiled)).toEqual(await run(fn));
    expect(compiled.traces).toBe(traces);
  });

  test("NumPy's streams too, traced at each call", async () => {
    const run = async (wrap: (fn: (x: Tensor) => Tensor) => (x: Tensor) => Tensor): Promise<number[][]> => {
      const random = new RandomState(4);
      const step = wrap((x) => x.double().mul(random.rand()).add(random.randn(2)));
      const drawn: number[][] = [];
      for (let i = 0; i < 3; i++) drawn.push(Array.from(await step(tensor([1, i])).data()));
      return drawn;
    };
    expect(await run((fn) => compile(fn))).toEqual(await run((fn) => fn));
  });
});
