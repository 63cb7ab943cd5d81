import { checkFlag, checkOptions, DTypeError, GradientError, show } from "./errors.js";
import { cast } from "./ops/cast.js";
import { type Casting, setCasting } from "./precision.js";
import { Tensor } from "./tensor.js";

/** What `autocast` takes. */
export interface AutocastOptions {
  /** What matrix products and convolutions compute in. Default, and the only one so far: float16. */
  readonly dtype?: "float16";
  /** Off, `fn` runs as if there were no autocast around it. Default true. */
  readonly enabled?: boolean;
}

// torch.amp's lists, "Autocast Op Reference": what gains from float16, and what would lose by it.
const narrow: ReadonlySet<string> = new Set(
  (
    "matmul mm bmm mv dot addmm baddbmm einsum linear bilinear conv1d conv2d convTranspose1d convTranspose2d prelu " +
    "scaledDotProductAttention"
  ).split(" "),
);
const wide: ReadonlySet<string> = new Set(
  (
    "pow acos asin cosh sinh tan exp expm1 log log10 log2 log1p reciprocal rsqrt sum prod cumsum cumprod norm softmax " +
    "logSoftmax softmin softplus layerNorm groupNorm normalize cosineSimilarity pairwiseDistance mseLoss l1Loss smoothL1Loss " +
    "huberLoss crossEntropy nllLoss binaryCrossEntropyWithLogits klDiv gaussianNllLoss poissonNllLoss hingeEmbeddingLoss " +
    "marginRankingLoss cosineEmbeddingLoss tripletMarginLoss multiMarginLoss softMarginLoss"
  ).split(" "),
);

const casting: Casting = (op, args) => {
  if (op === "binaryCrossEntropy")
    throw new DTypeError(
      "binaryCrossEntropy: under autocast a probability next to 1 is 1",
      "pass logits to binaryCrossEntropyWithLogits, or call it outside of autocast",
    );
  const [from, to] = narrow.has(op) ? (["float32", "float16"] as const) : (["float16", "float32"] as const);
  const asked = narrow.has(op) || wide.has(op);
  return args.map((arg) => (asked && arg instanceof Tensor && arg.dtype === from ? cast(arg, to) : arg));
};

/**
 * Runs `fn`, in which matrix products and convolutions compute in float16, what float16 would spoil (exponentials, sums,
 * norms, losses) in float32, and everything else in what it is given. Parameters stay float32. `fn` must be synchronous;
 * call backward after it. Same as torch.autocast, with its lists of ops, for float16.
 *
 * An op that is made of others counts as one: what `composite` wraps is not looked into.
 *
 * @example
 * autocast(() => randn([3, 4]).matmul(randn([4, 2]))).dtype; // "float16"
 * autocast(() => ones([2], { dtype: "float16" }).exp()).dtype; // "float32"
 */
export function autocast<T>(fn: () => T, options: AutocastOptions = {}): T {
  if (typeof fn !== "function")
    throw new GradientError(`autocast: takes a function, got ${show(fn)}`, "write autocast(() => model.forward(x))");
  checkOptions("autocast", options, ["dtype", "enabled"]);
  const { dtype = "float16", enabled = true } = options;
  checkFlag("autocast: enabled", enabled);
  if (dtype !== "float16") throw new DTypeError(`autocast: dtype must be "float16", got ${show(dtype)}`);
  const outer = setCasting(enabled ? casting : null);
  let result: T;
  try {
    result = fn();
  } finally {
    setCasting(outer);
  }
  if (typeof (result as { then?: unknown } | null | undefined)?.then === "function")
    throw new GradientError(
      "autocast: the function returned a Promise, and what it does after its first await would run without it",
      "compute inside autocast and await the result outside",
    );
  return result;
}
