import { compile, rand, type Tensor } from "@downhill/core";
import { flush } from "@downhill/core/engine";
import type { Open, Runner } from "../runner.ts";
import { works } from "../peers/downhill-webgpu/works.ts";

/** One line of the table. */
export interface PackRow {
  readonly name: string;
  readonly open: Open;
  /** Bytes that a step has to read and write, and operations that it has to do, where that is known. */
  readonly bytes?: number;
  readonly operations?: number;
  /** Left out by --quick. */
  readonly large?: true;
}

/** Computes `fn` again and again; the result stays where it is until the next one. */
function repeated(fn: (...args: Tensor[]) => Tensor, ...shapes: number[][]): Open {
  return async (): Promise<Runner> => {
    const args = shapes.map((shape) => rand(shape));
    const compiled = compile(fn);
    const compute = (): Tensor => {
      const result = compiled(...args);
      flush(result);
      return result;
    };
    return {
      run(steps) {
        for (let k = 0; k < steps; k++) compute().dispose();
      },
      check: async () => [await compute().sum().item()],
    };
  };
}

const matmul = (size: number): PackRow => ({
  name: `matmul ${size}`,
  open: repeated((a, b) => a.matmul(b), [size, size], [size, size]),
  bytes: 3 * 4 * size ** 2,
  operations: 2 * size ** 3,
  ...(size > 512 ? { large: true } : {}),
});

/** 64 MiB of float32 on a GPU; 4 MiB are a look. */
const many = 2 ** 24;
const few = 2 ** 20;

const elementwise = (count: number): PackRow[] => {
  const size = count === many ? ({ large: true } as const) : {};
  const millions = `${count / few}M`;
  return [
    { name: `add ${millions}`, open: repeated((a, b) => a.add(b), [count], [count]), bytes: 12 * count, ...size },
    { name: `gelu ${millions}`, open: repeated((a) => a.gelu(), [count]), bytes: 8 * count, ...size },
    { name: `sum ${millions}`, open: repeated((a) => a.sum(), [count]), bytes: 4 * count, ...size },
    {
      name: `sum of rows ${millions}`,
      open: repeated((a) => a.sum(1), [count / 1024, 1024]),
      bytes: 4 * count,
      ...size,
    },
    {
      name: `sum of columns ${millions}`,
      open: repeated((a) => a.sum(0), [count / 1024, 1024]),
      bytes: 4 * count,
      ...size,
    },
    {
      name: `softmax of rows ${millions}`,
      open: repeated((a) => a.softmax(-1), [count / 1024, 1024]),
      bytes: 8 * count,
      ...size,
    },
  ];
};

const network = (name: string, work: "mlp-64-sgd" | "mlp-64-adam" | "mlp-512-sgd" | "cnn" | "block"): PackRow => ({
  name,
  open: works[work] as Open,
});

export const rows: readonly PackRow[] = [
  ...[512, 2048, 4096].map(matmul),
  ...elementwise(few),
  ...elementwise(many),
  network("MLP, batch 64, SGD", "mlp-64-sgd"),
  network("MLP, batch 64, Adam", "mlp-64-adam"),
  network("MLP, batch 512, SGD", "mlp-512-sgd"),
  network("CNN, batch 64", "cnn"),
  network("transformer block", "block"),
];
