import { type Device, ShapeError, ValueError } from "@downhill/core";
import type { MatmulKernel } from "@downhill/core/compiler";
import { checkOptions, show, synchronize } from "@downhill/core/engine";
import { keyOf, tunedShape, type TunedShape } from "../device/tuning.js";
import { type Choice, choicesFor, isChoice } from "../kernels/matmul-variants.js";
import { backendOf } from "./backend-of.js";
import { timeProduct } from "./product-bench.js";

/** What `tune` has found out about one shape. `JSON.stringify` writes it, `applyTuning` takes it back. */
export interface TunedProduct extends TunedShape {
  /** The fastest way. */
  readonly choice: Choice;
  /** Milliseconds of it. */
  readonly milliseconds: number;
}

/** The options of `tune`. */
export interface TuneOptions {
  /** Default: the default device. */
  readonly device?: string | Device;
  /** The ways to try. Default: all of those that suit a shape. */
  readonly choices?: readonly Choice[];
}

/** The sizes of a matrix product: `[rows, depth] x [depth, columns]`. */
export type ProductSizes = readonly [rows: number, depth: number, columns: number];

const hint = "open one with requestDevice()";

/**
 * Measures the ways there are to compute matrix products on a GPU, and uses the fastest from now on. What it is to
 * measure is a step, whose products it listens for (those of convolutions are among them), or a list of sizes. Takes
 * about a tenth of a second for each way and product, besides compiling it. Keep what it returns for the next time:
 * `JSON.stringify` writes it, `applyTuning` uses it.
 *
 * @param work A function, which is run once, or `[rows, depth, columns]` of row-major matrices.
 * @throws DeviceError on a device that is no WebGPU device.
 */
export async function tune(
  work: (() => unknown) | readonly ProductSizes[],
  options: TuneOptions = {},
): Promise<TunedProduct[]> {
  checkOptions("tune", options, ["device", "choices"]);
  const { device, backend } = backendOf("tune", options.device, hint);
  options.choices?.forEach((choice) => checkChoice("tune", choice));
  const { engine } = backend;
  const kernels = typeof work === "function" ? await productsOf(device, work) : work.map(kernelOf);
  const results: TunedProduct[] = [];
  for (const kernel of new Map(kernels.map((kernel) => [keyOf(tunedShape(kernel)), kernel])).values()) {
    const shape = tunedShape(kernel);
    let best: TunedProduct | undefined;
    for (const choice of options.choices ?? choicesFor(shape)) {
      const milliseconds = await timeProduct(engine, kernel, choice);
      if (best === undefined || milliseconds < best.milliseconds) best = { ...shape, choice, milliseconds };
    }
    if (best !== undefined) results.push(best);
  }
  applyTuning(results, { device });
  return results;

  /** The products of a function: its Programs are compiled once more, and tell of them. */
  async function productsOf(device: Device, fn: () => unknown): Promise<MatmulKernel[]> {
    const found: MatmulKernel[] = [];
    synchronize(device);
    device.programs.clear();
    engine.tuning.heard = (kernel) => {
      if (kernel.dtype === "float32" || kernel.dtype === "int32") found.push(kernel);
    };
    try {
      await fn();
      synchronize(device);
    } finally {
      engine.tuning.heard = null;
    }
    return found;
  }
}

/**
 * Uses what `tune` has found out before, on the same device: in a page that is opened again, say.
 *
 * @throws ValueError where it is nothing that `tune` has returned.
 */
export function applyTuning(found: readonly TunedProduct[], options: Pick<TuneOptions, "device"> = {}): void {
  checkOptions("applyTuning", options, ["device"]);
  const { device, backend } = backendOf("applyTuning", options.device, hint);
  const given: unknown = found;
  if (!Array.isArray(given)) throw new ValueError(`applyTuning: takes what tune() returned, got ${show(found)}`);
  for (const product of found) {
    const { batch, rows, columns, depth, layout } = product;
    if (![batch, rows, columns, depth].every(Number.isInteger) || typeof layout !== "string")
      throw new ValueError(`applyTuning: takes what tune() returned, got ${show(product)}`);
    checkChoice("applyTuning", product.choice);
  }
  for (const product of found) backend.engine.tuning.remember(product, product.choice);
  // Programs that were compiled before would go on as they are.
  device.programs.clear();
}

function checkChoice(who: string, choice: unknown): void {
  if (!isChoice(choice)) throw new ValueError(`${who}: ${JSON.stringify(choice)} is no way to compute a product`);
}

/** The product of two row-major matrices. */
function kernelOf(sizes: ProductSizes): MatmulKernel {
  const [rows, depth, columns] = sizes;
  if (sizes.length !== 3 || ![rows, depth, columns].every((size) => Number.isInteger(size) && size > 0))
    throw new ShapeError(`tune: takes [rows, depth, columns], got ${show(sizes)}`);
  const at = (...strides: number[]): MatmulKernel["a"]["at"] => ({ offset: 0, strides, moving: [] });
  return {
    kind: "matmul",
    dtype: "float32",
    loops: [rows, columns, depth],
    batch: 0,
    rows: 1,
    columns: 1,
    depth: 1,
    a: { value: 0, at: at(depth, 0, 1) },
    b: { value: 1, at: at(0, 1, columns) },
    out: 2,
  };
}
