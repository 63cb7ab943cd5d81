import type { Tensor } from "@downhill/core";
import { closedFormOf, sizeOf, withGrad } from "@downhill/core/engine";

const keep = { keepdim: true };

/** x at mean 0 and variance 1 over some dims, and what these were, with size 1 in the dims and without gradients. */
export interface Standardized {
  readonly normalized: Tensor;
  readonly mean: Tensor;
  /** The biased one: Σ (x - mean)² / count. */
  readonly variance: Tensor;
}

/** (x - mean) / √(variance + eps) over dims, in two passes: nothing cancels when the mean is large. */
export function standardize(x: Tensor, dims: readonly number[], eps: number): Standardized {
  const [mean, deviation, variance] = withGrad(false, () => {
    const mean = x.mean(dims, keep);
    const deviation = x.sub(mean);
    return [mean, deviation, deviation.mul(deviation).mean(dims, keep)] as const;
  });
  return { normalized: shrink({ x, deviation, square: variance, dims, eps, centered: true }), mean, variance };
}

/** x / √(mean of x² + eps) over dims. */
export function rootMeanSquare(x: Tensor, dims: readonly number[], eps: number): Tensor {
  const square = withGrad(false, () => x.mul(x).mean(dims, keep));
  return shrink({ x, deviation: x, square, dims, eps, centered: false });
}

interface Shrinking {
  readonly x: Tensor;
  /** x, less its mean if `centered`. */
  readonly deviation: Tensor;
  /** The mean of deviation². */
  readonly square: Tensor;
  readonly dims: readonly number[];
  readonly eps: number;
  readonly centered: boolean;
}

/**
 * deviation · scale, where scale = 1/√(square + eps). Its gradient is written out, which takes two sums in one pass:
 * scale · (grad - mean(grad) - out · mean(grad · out)). It holds the path through `scale`, too; as a value of its own,
 * `scale` has a gradient for those of gradients.
 */
function shrink({ x, deviation, square, dims, eps, centered }: Shrinking): Tensor {
  const count = sizeOf(dims.map((dim) => x.shape[dim]!));
  const scale = closedFormOf(
    [x],
    () => square.add(eps).sqrt().reciprocal(),
    (grad, out, x) => [(centered ? x.sub(x.mean(dims, keep)) : x).mul(grad.mul(out.pow(3)).mul(-1 / count))],
  );
  return closedFormOf(
    [x, scale],
    () => deviation.mul(scale),
    (grad, out, _, scale) => {
      const slope = grad.sub(out.mul(grad.mul(out).mean(dims, keep)));
      return [(centered ? slope.sub(grad.mean(dims, keep)) : slope).mul(scale), null];
    },
  );
}
