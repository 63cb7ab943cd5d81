import type { Device } from "../backend/device.js";
import { grad } from "../autograd/grad.js";
import { fromHost, tensor } from "../creation.js";
import { type DType, dtypes, hostArray, isFloat, type TypedArray } from "../dtype.js";
import { assign, flush } from "../engine.js";
import { cat } from "../ops/joining.js";
import { defaultGenerator, manualSeed } from "../random/generator.js";
import { uniformNoise } from "../random/counter.js";
import type { Body } from "../recur/body.js";
import { recur } from "../recur/recur.js";
import { sizeOf } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { compare, ConformanceError } from "./compare.js";
import { Draws } from "./draws.js";
import { drawSteps, runSteps } from "./random-graph.js";

/** A check before it knows its device. */
export interface Spec {
  readonly name: string;
  readonly run: (device: Device) => Promise<void>;
}

function same(what: string, actual: ArrayLike<number>, expected: readonly number[]): void {
  if (actual.length === expected.length && expected.every((x, i) => Object.is(x, actual[i]))) return;
  throw new ConformanceError(`${what}: [${Array.from(actual).join(", ")}] instead of [${expected.join(", ")}]`);
}

const float = (device: Device, data: number[]): Tensor => tensor(data, { device });

/** Numbers from -1 to 1 in a shape. */
function ramp(device: Device, shape: readonly number[], dtype: DType = "float32"): Tensor {
  const size = sizeOf(shape);
  const data = hostArray(dtype, size).map((_, i) => (isFloat(dtype) ? (2 * i) / size - 1 : i % 7));
  return fromHost("ramp", data, shape, dtype, { device });
}

const draw = composite((device: Device, shape: readonly number[]) => uniformNoise(shape, "float32", device));

/** A long short-term memory. */
const gated: Body = ([h, c], [x], [w]) => {
  const gates = x!.add(h!.matmul(w!.transpose(0, 1)));
  const [i, f, g, o] = [0, 1, 2, 3].map((k) => gates.narrow(1, 20 * k, 20)) as [Tensor, Tensor, Tensor, Tensor];
  const next = f.sigmoid().mul(c!).add(i.sigmoid().mul(g.tanh()));
  const out = o.sigmoid().mul(next.tanh());
  return { carry: [out, next], out: [out] };
};

const memory: Spec[] = dtypes.flatMap((dtype): Spec[] => {
  const patterns: Record<DType, number[]> = {
    float16: [1, -0, NaN, Infinity, -Infinity, 2 ** -24, 65504],
    float32: [1, -0, NaN, Infinity, -Infinity, 2 ** -149, 3.4028234663852886e38],
    float64: [1, -0, NaN, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE],
    int32: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)],
    uint8: [0, 1, 255],
    bool: [1, 0, 1, 1],
  };
  return [
    {
      name: `memory: ${dtype} starts as zeros, and gives back what was written`,
      async run({ backend }) {
        if (!backend.dtypes.has(dtype)) throw new ConformanceError(`it has no ${dtype}`);
        for (const length of [0, 1, 5, 1025]) {
          const buffer = backend.allocate(dtype, length);
          same("zeros", await backend.read(buffer, dtype, length), new Array<number>(length).fill(0));
          const data: TypedArray = hostArray(dtype, length).map((_, i) => patterns[dtype][i % patterns[dtype].length]!);
          backend.write(buffer, data);
          data.fill(0);
          const expected = Array.from({ length }, (_, i) => patterns[dtype][i % patterns[dtype].length]!);
          same("what was written", await backend.read(buffer, dtype, length), expected);
          backend.release(buffer);
        }
      },
    },
  ];
});

const programs: Spec[] = [
  {
    name: "memory: a read gives the elements as of its call",
    async run({ backend }) {
      const buffer = backend.allocate("float32", 2);
      backend.write(buffer, Float32Array.of(1, 2));
      const before = backend.read(buffer, "float32", 2);
      backend.write(buffer, Float32Array.of(3, 4));
      same("the first read", await before, [1, 2]);
      same("the second read", await backend.read(buffer, "float32", 2), [3, 4]);
    },
  },
  {
    name: "programs: an update is written into the variable's own memory",
    async run(device) {
      const variable = float(device, [1, 2]);
      const { buffer } = variable.node;
      const before = variable.data();
      for (let i = 0; i < 3; i++) {
        assign(variable, variable.mul(2));
        flush(variable);
      }
      if (variable.node.buffer !== buffer) throw new ConformanceError("the update went into another Buffer");
      same("the variable", await variable.data(), [8, 16]);
      same("the read before", await before, [1, 2]);
    },
  },
  {
    name: "programs: what was recorded before an update reads the old value",
    async run(device) {
      const variable = float(device, [1, 2]);
      const reader = variable.mul(10);
      assign(variable, variable.add(1));
      flush(variable);
      same("the variable", await variable.data(), [2, 3]);
      same("the reader", await reader.data(), [10, 20]);
    },
  },
  {
    name: "programs: two variables are updated from each other",
    async run(device) {
      const [a, b] = [float(device, [1, 2]), float(device, [3, 4])];
      const [nextA, nextB] = [b.mul(2), a.mul(3)];
      assign(a, nextA);
      assign(b, nextB);
      flush(a, b);
      same("a", await a.data(), [6, 8]);
      same("b", await b.data(), [3, 6]);
    },
  },
  {
    name: "programs: an update that moves elements reads them before it writes",
    async run(device) {
      const variable = float(device, [1, 2, 3, 4]);
      assign(variable, variable.flip(0).add(variable));
      flush(variable);
      same("the variable", await variable.data(), [5, 5, 5, 5]);
      const square = ramp(device, [64, 64]);
      const before = Array.from(await square.data());
      assign(square, square.transpose(0, 1).mul(1));
      flush(square);
      same(
        "the transpose",
        await square.data(),
        before.map((_, i) => before[(i % 64) * 64 + Math.floor(i / 64)]!),
      );
    },
  },
  {
    name: "programs: another number runs the same Program",
    async run(device) {
      const x = float(device, [1, 2, 3]);
      const results: Tensor[] = [];
      let compiled = 0;
      for (const [number, start] of [
        [2, 0],
        [0.5, 1],
        [-3, 1],
      ] as const) {
        const y = x.narrow(0, start, 2).mul(number);
        flush(y);
        results.push(y);
        if (number === 2) flush(x.narrow(0, 1, 2).mul(7));
        if (compiled > 0 && device.programs.compiled !== compiled)
          throw new ConformanceError("a number compiled another Program");
        ({ compiled } = device.programs);
      }
      same("times 2", await results[0]!.data(), [2, 4]);
      same("times 0.5", await results[1]!.data(), [1, 1.5]);
      same("times -3", await results[2]!.data(), [-6, -9]);
    },
  },
  {
    name: "programs: results of two runs keep apart, and feed the next",
    async run(device) {
      const results = [float(device, [1, 2])];
      for (let i = 0; i < 4; i++) {
        const next = results[i]!.mul(2);
        flush(next);
        results.push(next);
      }
      for (const [i, result] of results.entries()) same(`result ${i}`, await result.data(), [2 ** i, 2 ** (i + 1)]);
    },
  },
  {
    name: "programs: a value is returned and used further, and returned twice",
    async run(device) {
      const x = float(device, [1, 2]);
      const y = x.add(1);
      const z = y.mul(y);
      const copy = x.clone();
      flush(y, z, copy);
      same("y", await y.data(), [2, 3]);
      same("z", await z.data(), [4, 9]);
      same("the copy", await copy.data(), [1, 2]);
    },
  },
  {
    name: "programs: 100 inputs",
    run: (device) => compare(device, (on) => [cat(Array.from({ length: 100 }, (_, i) => float(on, [i]).mul(2)))]),
  },
  {
    name: "programs: 100 outputs",
    run: (device) =>
      compare(device, (on) => {
        const x = ramp(on, [3]);
        return Array.from({ length: 100 }, (_, i) => x.mul(i));
      }),
  },
  {
    name: "programs: a chain of 2,000 ops",
    run: (device) =>
      compare(device, (on) => {
        let x = ramp(on, [2]);
        for (let i = 0; i < 1000; i++) x = x.mul(0.5).add(1);
        return [x];
      }),
  },
  ...[1, 7, 1024, 1025, 70_000].map((size): Spec => ({
    name: `programs: ${size} elements`,
    run: (device) =>
      compare(device, (on) => {
        const x = ramp(on, [size]);
        return [
          x.mul(2).add(x),
          x.sum(),
          x
            .reshape(1, -1)
            .add(x.narrow(0, 0, 1).reshape(1, 1))
            .sum(0),
          x.flip(0),
        ];
      }),
  })),
  {
    name: "programs: no elements",
    run: (device) =>
      compare(device, (on) => {
        const x = ramp(on, [0, 3]);
        return [x.add(1), x.sum(0), x.sum(), x.transpose(0, 1).matmul(x), cat([x, ramp(on, [2, 3])])];
      }),
  },
  {
    name: "programs: noise has the bits of Philox4x32-10, by seed and by draw",
    async run(device) {
      const state = defaultGenerator.getState();
      try {
        manualSeed(-3);
        const [first, second] = [draw(device, [5]), draw(device, [2, 1])];
        same(
          "the first draw",
          await first.data(),
          [6142917, 14363087, 3977438, 4024061, 9014794].map((x) => x / 2 ** 24),
        );
        same(
          "the second draw",
          await second.data(),
          [6852685, 2073580].map((x) => x / 2 ** 24),
        );
        await compare(device, (on) => {
          manualSeed(5);
          return [1, 3, 4, 1025, 70_001].map((size) => draw(on, [size]));
        });
      } finally {
        defaultGenerator.setState(state);
      }
    },
  },
  ...[1, 5, 40].map((steps): Spec => ({
    name: `programs: a recurrence of ${steps} steps, forwards and back, and its gradients`,
    run: (device) =>
      compare(device, (on) => {
        // A weight so small that rounding errors fade from turn to turn.
        const parts = [ramp(on, [6, 20]), ramp(on, [steps, 6, 80]), ramp(on, [80, 20]).mul(0.2)];
        return [false, true].flatMap((reverse) => {
          const inputs = parts.map((part) => part.detach().requiresGrad_());
          const [h, x, w] = inputs as [Tensor, Tensor, Tensor];
          const { carry, out } = recur(gated, { carry: [h, h.mul(0.5)], x: [x], constants: [w], reverse });
          const gradOutputs = [...carry, ...out].map(({ shape }) => ramp(on, shape));
          return [...carry, ...out, ...grad([...carry, ...out], inputs, { gradOutputs })];
        });
      }),
  })),
  {
    name: "programs: int32 wraps around",
    run: (device) =>
      compare(device, (on) => {
        const x = tensor([2 ** 31 - 1, -(2 ** 31), 65_537, -65_537], { dtype: "int32", device: on });
        return [x.add(x), x.mul(x), x.neg(), x.sum(), x.sub(1)];
      }),
  },
  ...Array.from({ length: 24 }, (_, seed): Spec => ({
    name: `programs: random graph ${seed + 1}`,
    run: (device) =>
      compare(device, (on) => {
        const steps = drawSteps(30, new Draws(seed));
        return runSteps(steps, [ramp(on, [2, 3]), ramp(on, [3]), ramp(on, [2, 1, 4])]);
      }),
  })),
];

/** What every Backend must do besides computing single ops: keep memory, and run Programs of any form. */
export const backendChecks: readonly Spec[] = [...memory, ...programs];
