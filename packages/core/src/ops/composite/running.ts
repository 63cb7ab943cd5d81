import { checkOptions, ShapeError, ValueError, show } from "../../errors.js";
import { checkCount, checkDim, text } from "../../shape.js";
import { composite, Tensor } from "../../tensor.js";
import { toFloat } from "../cast.js";
import { checkTensor } from "../define.js";
import { iota } from "../index-access.js";
import { cat } from "../joining.js";
import { toExpanded, toShape } from "../view.js";
import { where } from "../where.js";
import { logaddexp } from "./pairs.js";

// Running combinations by doubling (Hillis and Steele 1986): after the step with distance s, each element stands for the
// 2s elements up to its own.

/** Combines each element with the one `distance` before it; the first ones have none and stay. */
function combined(
  parts: readonly Tensor[],
  dim: number,
  distance: number,
  combine: (earlier: readonly Tensor[], later: readonly Tensor[]) => readonly Tensor[],
): Tensor[] {
  const rest = parts[0]!.shape[dim]! - distance;
  const together = combine(
    parts.map((x) => x.narrow(dim, 0, rest)),
    parts.map((x) => x.narrow(dim, distance, rest)),
  );
  return parts.map((x, i) => cat([x.narrow(dim, 0, distance), together[i]!], dim));
}

type Extreme = (x: Tensor, dim: number) => [values: Tensor, indices: Tensor];

/* @__NO_SIDE_EFFECTS__ */
const runningExtreme = (name: string, wins: (later: Tensor, earlier: Tensor) => Tensor): Extreme =>
  composite((x: Tensor, dim: number): [Tensor, Tensor] => {
    checkTensor(name, x);
    const d = checkDim(name, dim, x.ndim);
    const row = x.ndim === 0 ? toShape(x, [1]) : x;
    const size = row.shape[d]!;
    const line = row.shape.map((_, i) => (i === d ? size : 1));
    let parts: Tensor[] = [row.detach(), toExpanded(toShape(iota(size, x.device), line), row.shape)];
    for (let distance = 1; distance < size; distance *= 2) {
      parts = combined(parts, d, distance, ([a, i], [b, j]) => {
        const taken = wins(b!, a!).logicalOr(b!.ne(b!)); // NaN wins, and stays
        return [where(taken, b!, a!), where(taken, j!, i!)];
      });
    }
    const indices = parts[1]!;
    return [toShape(row.gather(d, indices), x.shape), toShape(indices, x.shape)];
  });

/**
 * Takes the greatest element along `dim` so far: [values, indices], with the last place of equals. NaN wins. Gradient:
 * grad to the element that was taken. Same as torch.cummax.
 *
 * @example
 * const [values, indices] = cummax(tensor([1, 3, 2, 3]), 0); // tensor([1., 3., 3., 3.]), tensor([0, 1, 1, 3])
 */
export const cummax: Extreme = runningExtreme("cummax", (later, earlier) => later.ge(earlier));

/**
 * Takes the least element along `dim` so far: [values, indices]; see `cummax`. Gradient: grad to the element that was
 * taken. Same as torch.cummin.
 */
export const cummin: Extreme = runningExtreme("cummin", (later, earlier) => later.le(earlier));

/**
 * log Σ eˣ of the elements along `dim` so far. Gradient: Σ grad · exp(x - out) over the elements from here on. Same as
 * torch.logcumsumexp.
 */
export const logcumsumexp: (x: Tensor, dim: number) => Tensor = composite((x: Tensor, dim: number) => {
  checkTensor("logcumsumexp", x);
  const d = checkDim("logcumsumexp", dim, x.ndim);
  const input = toFloat(x);
  if (x.ndim === 0) return input.clone();
  let sums = input;
  for (let distance = 1; distance < x.shape[d]!; distance *= 2) {
    [sums] = combined([sums], d, distance, ([a], [b]) => [logaddexp(a!, b!)]) as [Tensor];
  }
  return sums;
});

/** The options of `diff`. */
export interface DiffOptions {
  /** How many times. Default 1. */
  readonly n?: number;
  /** Default the last. */
  readonly dim?: number;
  /** Comes before x along the dim. */
  readonly prepend?: Tensor;
  /** Comes after x along the dim. */
  readonly append?: Tensor;
}

/**
 * Takes differences of neighbours along a dim. Gradient: grad of the difference before an element, less that of the one
 * after. Same as torch.diff.
 *
 * @example
 * diff(tensor([1, 4, 9])); // tensor([3., 5.])
 */
export const diff: (x: Tensor, options?: DiffOptions) => Tensor = composite((x: Tensor, options: DiffOptions = {}) => {
  checkTensor("diff", x);
  checkOptions("diff", options, ["n", "dim", "prepend", "append"]);
  const { n = 1, dim = -1, prepend, append } = options;
  if (x.ndim === 0) throw new ShapeError("diff: a 0-d tensor has no neighbours");
  const d = checkDim("diff", dim, x.ndim);
  checkCount("diff", "n", n);
  let row =
    prepend === undefined && append === undefined
      ? x
      : cat(
          [prepend, x, append].filter((part) => part !== undefined),
          d,
        );
  for (let i = 0; i < n && row.shape[d]! > 0; i++) {
    const rest = row.shape[d]! - 1;
    const [later, earlier] = [row.narrow(d, 1, rest), row.narrow(d, 0, rest)];
    row = row.dtype === "bool" ? later.ne(earlier) : later.sub(earlier);
  }
  return row;
});

/** The options of `trapezoid`. */
export interface TrapezoidOptions {
  /** The distance of neighbours, where x does not say. Default 1. */
  readonly dx?: number;
  /** Default the last. */
  readonly dim?: number;
}

type Trapezoid = (y: Tensor, x?: Tensor | TrapezoidOptions, options?: TrapezoidOptions) => Tensor;

/** The areas between neighbours along the dim. */
function areas(
  name: string,
  y: Tensor,
  x: Tensor | TrapezoidOptions | undefined,
  more: TrapezoidOptions,
): { of: Tensor; dim: number } {
  checkTensor(name, y);
  const options = x instanceof Tensor || x === undefined ? more : x;
  checkOptions(name, options, ["dx", "dim"]);
  const { dx = 1, dim = -1 } = options;
  if (y.ndim === 0) throw new ShapeError(`${name}: a 0-d tensor has no neighbours`);
  const d = checkDim(name, dim, y.ndim);
  if (typeof dx !== "number") throw new ValueError(`${name}: dx must be a number, got ${show(dx)}`);
  const rest = Math.max(0, y.shape[d]! - 1);
  const pairs = y.narrow(d, y.shape[d]! - rest, rest).add(y.narrow(d, 0, rest));
  if (!(x instanceof Tensor)) return { of: toFloat(pairs).mul(dx / 2), dim: d };
  const vector = x.ndim === 1 && y.ndim > 1;
  if (x.shape.at(vector ? 0 : d) !== y.shape[d])
    throw new ShapeError(`${name}: y has ${y.shape[d]!} places along dim ${dim}, x of ${text(x.shape)} has not`);
  const steps = diff(x, { dim: vector ? 0 : d });
  const along = vector
    ? toShape(
        steps,
        y.shape.map((_, i) => (i === d ? rest : 1)),
      )
    : steps;
  return { of: toFloat(pairs).mul(along).div(2), dim: d };
}

/**
 * Integrates y over x, or over steps of `dx`, along a dim by the trapezoid rule. Gradients: each element's part in the
 * trapezoids beside it. Same as torch.trapezoid.
 *
 * @example
 * trapezoid(tensor([1, 2, 3])); // tensor(4.)
 */
export const trapezoid: Trapezoid = composite(
  (y: Tensor, x?: Tensor | TrapezoidOptions, options: TrapezoidOptions = {}) => {
    const { of, dim } = areas("trapezoid", y, x, options);
    return of.sum(dim);
  },
);

/**
 * Integrates y along a dim so far, by the trapezoid rule; see `trapezoid`. Gradients: as of `trapezoid`. Same as
 * torch.cumulative_trapezoid.
 */
export const cumulativeTrapezoid: Trapezoid = composite(
  (y: Tensor, x?: Tensor | TrapezoidOptions, options: TrapezoidOptions = {}) => {
    const { of, dim } = areas("cumulativeTrapezoid", y, x, options);
    return of.cumsum(dim);
  },
);
