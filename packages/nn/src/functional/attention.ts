import { DTypeError, ShapeError, Tensor } from "@downhill/core";
import {
  broadcast,
  checkFlag,
  checkFloat,
  checkOptions,
  closedFormOf,
  composite,
  iota,
  sameShape,
  show,
  text,
  throughFloat32,
  ValueError,
} from "@downhill/core/engine";
import { checkProbability, drop } from "./dropout.js";

/** The options of `functional.scaledDotProductAttention`. */
export interface AttentionOptions {
  /**
   * What broadcasts to the scores [..., L, S]: bool, true where a query may look at a key, or floats that are added to
   * the scores. A query that may look at nothing gets zeros. Default null.
   */
  readonly attnMask?: Tensor | null;
  /** Probability of dropping a weight, always: pass 0 in evaluation. Default 0. */
  readonly dropoutP?: number;
  /** Query i looks at keys 0 to i only. Not together with `attnMask`. Default false. */
  readonly isCausal?: boolean;
  /** Factor of the products. Default null: 1/√E. */
  readonly scale?: number | null;
}

/** What keeps queries from looking at keys. */
export interface Masks {
  /** True where a query may not look. */
  readonly hidden: readonly Tensor[];
  /** Added to the scores. */
  readonly added: readonly Tensor[];
  readonly causal: boolean;
}

/** What attention has found, and how much each query looked at each key. */
export interface Attended {
  readonly output: Tensor;
  readonly weights: Tensor;
}

const lowest = { float32: -3.4028234663852886e38, float64: -Number.MAX_VALUE } as const;

/**
 * The softmax of scores [..., L, S] along S under masks. Rows in which all is hidden are zeros, not NaN, as in PyTorch
 * since 2.5. The masks need no part in the gradient of the scores: where a weight is 0, so is its slope.
 */
function maskedSoftmax(scores: Tensor, { hidden, added, causal }: Masks): Tensor {
  const [rows, columns] = scores.shape.slice(-2) as [number, number];
  if (columns === 0) return scores;
  const mask = (): Tensor => {
    let masked = scores;
    for (const bias of added) masked = masked.add(bias);
    for (const places of hidden) masked = masked.maskedFill(places, -Infinity);
    if (!causal) return masked;
    const later = iota(columns, scores.device).gt(iota(rows, scores.device).reshape([rows, 1]));
    return masked.maskedFill(later, -Infinity);
  };
  // With nothing but a causal mask every query has a key.
  const safe = hidden.length > 0 || added.length > 0;
  return closedFormOf(
    [scores, ...added],
    () => {
      const masked = mask();
      const top = masked.amax(-1, { keepdim: true });
      // A row of -Infinity has no top: this shift keeps it, and its sum is 0. Others sum to 1 or more.
      const shift = safe ? top.maximum(lowest[scores.dtype as keyof typeof lowest]) : top;
      const e = masked.sub(shift).exp();
      const sum = e.sum(-1, { keepdim: true });
      return e.div(safe ? sum.maximum(1) : sum);
    },
    (grad, out) => {
      const slope = grad.sub(grad.mul(out).sum(-1, { keepdim: true })).mul(out);
      return [slope, ...added.map(() => slope)];
    },
  );
}

/** Lets queries [..., L, E] look at keys [..., S, E] and take of values [..., S, Ev]. All have been checked. */
export function attend(
  [query, key, value]: readonly [Tensor, Tensor, Tensor],
  masks: Masks,
  scale: number,
  dropoutP: number,
): Attended {
  const scores = query.matmul(key.transpose(-2, -1)).mul(scale);
  const weights = drop(
    throughFloat32(scores, (wide) => maskedSoftmax(wide, masks)),
    dropoutP,
  );
  return { output: weights.matmul(value), weights };
}

/** Checks a mask: bool, or floats of the queries' dtype, that broadcasts to the scores. */
export function checkMask(where: string, name: string, mask: unknown, scores: readonly number[], query: Tensor): void {
  if (!(mask instanceof Tensor))
    throw new DTypeError(`${where}: ${name} must be a tensor or null, got ${show(mask)}`, "make one: tensor([[…]])");
  if (mask.dtype !== "bool" && mask.dtype !== query.dtype)
    throw new DTypeError(
      `${where}: ${name} must be bool or ${query.dtype}, as the query is, got ${mask.dtype}`,
      `convert it with mask.to("bool") or mask.to("${query.dtype}")`,
    );
  if (!sameShape(broadcast(`${where}: ${name} and scores`, mask.shape, scores), scores))
    throw new ShapeError(`${where}: ${name} of shape ${text(mask.shape)} does not broadcast to scores ${text(scores)}`);
}

function checkInputs(query: Tensor, key: Tensor, value: Tensor): readonly number[] {
  const where = "scaledDotProductAttention";
  for (const [name, x] of Object.entries({ query, key, value })) {
    checkFloat(where, x);
    if (x.ndim < 2)
      throw new ShapeError(`${where}: the ${name} must be [..., length, size], got shape ${text(x.shape)}`);
    if (x.dtype !== query.dtype)
      throw new DTypeError(
        `${where}: the query is ${query.dtype}, the ${name} ${x.dtype}`,
        `convert one: x.to("${query.dtype}")`,
      );
  }
  if (query.shape.at(-1) !== key.shape.at(-1))
    throw new ShapeError(
      `${where}: query and key must have the same last size, got shapes ${text(query.shape)} and ${text(key.shape)}`,
    );
  if (key.shape.at(-2) !== value.shape.at(-2))
    throw new ShapeError(
      `${where}: there must be a value for each key, got shapes ${text(key.shape)} and ${text(value.shape)}`,
    );
  const batch = broadcast(where, query.shape.slice(0, -2), key.shape.slice(0, -2));
  broadcast(where, batch, value.shape.slice(0, -2));
  return [...batch, query.shape.at(-2)!, key.shape.at(-2)!];
}

const factor = (scale: unknown, size: number): number => {
  if (scale === undefined || scale === null) return 1 / Math.sqrt(size);
  if (typeof scale === "number") return scale;
  throw new ValueError(`scaledDotProductAttention: scale must be a number or null, got ${show(scale)}`);
};

type AttentionFunction = (query: Tensor, key: Tensor, value: Tensor, options?: AttentionOptions) => Tensor;

/**
 * Lets each of L queries take the mean of S values, weighted by how well it fits their keys: softmax(scale · q kᵀ + mask)
 * v. Queries are [..., L, E], keys [..., S, E], values [..., S, Ev], the result [..., L, Ev]; dims in front broadcast.
 * Same as torch.nn.functional.scaled_dot_product_attention. Vaswani et al., 2017, arXiv:1706.03762.
 *
 * @throws ShapeError when sizes do not fit; DTypeError for dtypes that are no floats or differ; ValueError for a mask
 * together with `isCausal`.
 *
 * @example
 * const x = tensor([[1, 0], [0, 1]]);
 * functional.scaledDotProductAttention(x, x, x, { isCausal: true }); // tensor([[1.0000, 0.0000], [0.3302, 0.6698]])
 */
export const scaledDotProductAttention: AttentionFunction = /* @__PURE__ */ composite(
  (query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions = {}) => {
    const where = "scaledDotProductAttention";
    checkOptions(where, options, ["attnMask", "dropoutP", "isCausal", "scale"]);
    const { attnMask = null, dropoutP = 0, isCausal = false } = options;
    checkProbability(where, "dropoutP", dropoutP);
    checkFlag(`${where}: isCausal`, isCausal);
    const scores = checkInputs(query, key, value);
    const scale = factor(options.scale, query.shape.at(-1)!);
    if (attnMask !== null) {
      checkMask(where, "attnMask", attnMask, scores, query);
      if (isCausal)
        throw new ValueError(`${where}: takes attnMask or isCausal, not both`, "put the causal part into the mask");
    }
    const masks: Masks = {
      hidden: attnMask?.dtype === "bool" ? [attnMask.logicalNot()] : [],
      added: attnMask !== null && attnMask.dtype !== "bool" ? [attnMask] : [],
      causal: isCausal,
    };
    return attend([query, key, value], masks, scale, dropoutP).output;
  },
  "scaledDotProductAttention",
);
