import { DTypeError, ShapeError, type Tensor, where } from "@downhill/core";
import {
  checkOptions,
  checkTensor,
  closedFormOf,
  composite,
  readAlong,
  sameShape,
  show,
  text,
  ValueError,
} from "@downhill/core/engine";

/** The options of `functional.embedding`. */
export interface EmbeddingFunctionOptions {
  /** The row that is not learned: no gradient comes to it. Negative ones count from the end. Default null: none. */
  readonly paddingIdx?: number | null;
}

/** What PyTorch has and this has not. */
const missing: Readonly<Record<string, string>> = {
  maxNorm: "scale the rows yourself, after each step: noGrad(() => weight.copy_(…))",
  normType: "it goes with maxNorm, which is not supported",
  scaleGradByFreq: "scale the gradient in a hook: weight.registerHook((grad) => …)",
  sparse: "gradients are dense",
};

/** Checks the names of an embedding's options, and says of those that only PyTorch has what to do. */
export function checkEmbeddingOptions(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options ?? {})) {
    const hint = Object.hasOwn(missing, name) ? missing[name] : undefined;
    if (hint !== undefined) throw new ValueError(`${where}: ${name} is not supported`, hint);
  }
  checkOptions(where, options, known);
}

/** Checks the row that is not learned and gives it as 0..rows-1, or null. */
export function checkPaddingIdx(where: string, paddingIdx: unknown, rows: number): number | null {
  if (paddingIdx === undefined || paddingIdx === null) return null;
  const row = paddingIdx as number;
  if (!Number.isInteger(row) || row < -rows || row >= rows)
    throw new ValueError(
      `${where}: paddingIdx must be one of the ${rows} rows or null, got ${show(paddingIdx)}`,
      rows === 0 ? undefined : `rows run from ${-rows} to ${rows - 1}`,
    );
  return row < 0 ? row + rows : row;
}

/** Checks what selects rows. */
function checkIndices(indices: unknown): asserts indices is Tensor {
  checkTensor("embedding", indices);
  if (indices.dtype !== "int32" && indices.dtype !== "uint8")
    throw new DTypeError(
      `embedding: the indices must be int32, got ${indices.dtype}`,
      'convert them with indices.to("int32"), or make them with tensor(data, { dtype: "int32" }); the weight comes second',
    );
}

type EmbeddingFunction = (indices: Tensor, weight: Tensor, options?: EmbeddingFunctionOptions) => Tensor;

/**
 * Takes a row of the weight [rows, size] for each index: int32 indices of any shape give [...indices.shape, size].
 * Gradient: each row gets the sum of the gradients of its places. Same as torch.nn.functional.embedding.
 *
 * @throws ShapeError for a weight that is no matrix; DTypeError for indices that are no integers; IndexError, when the
 * result is computed, for an index outside 0..rows-1.
 *
 * @example
 * const weight = tensor([[0.1, 0.2], [0.3, 0.4]]);
 * functional.embedding(tensor([1, 0], { dtype: "int32" }), weight); // tensor([[0.3000, 0.4000], [0.1000, 0.2000]])
 */
export const embedding: EmbeddingFunction = /* @__PURE__ */ composite(
  (indices: Tensor, weight: Tensor, options: EmbeddingFunctionOptions = {}) => {
    checkEmbeddingOptions("embedding", options, ["paddingIdx"]);
    checkIndices(indices);
    checkTensor("embedding", weight);
    if (weight.ndim !== 2)
      throw new ShapeError(`embedding: the weight must be [rows, size], got shape ${text(weight.shape)}`);
    const [rows, size] = weight.shape as readonly [number, number];
    const padding = checkPaddingIdx("embedding", options.paddingIdx, rows);
    const places = indices.to("int32").reshape([indices.numel(), 1]);
    const flat = [indices.numel(), size];
    const taken = readAlong(weight, 0, places, flat, { caller: "embedding", named: -1 });
    const shape = [...indices.shape, size];
    if (padding === null || !weight.requiresGrad) return taken.reshape(shape);
    // The values are the same; only on the way back nothing passes at the padding.
    return closedFormOf(
      [taken, places],
      () => (sameShape(shape, flat) ? taken.clone() : taken.reshape(shape)),
      (grad, _out, _taken, places) => [where(places.eq(padding), 0, grad.reshape(flat)), null],
    );
  },
);
