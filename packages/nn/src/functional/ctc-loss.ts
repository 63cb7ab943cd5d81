import { cat, DTypeError, ShapeError, stack, tensor, Tensor, where } from "@downhill/core";
import {
  checkCount,
  checkFlag,
  checkFloat,
  checkOptions,
  checkTensor,
  composite,
  iota,
  readAlong,
  show,
  text,
  ValueError,
} from "@downhill/core/engine";
import { checkReduction, type LossOptions } from "./loss.js";

export interface CTCLossOptions extends LossOptions {
  /** The class that stands for "nothing new". Default 0. */
  readonly blank?: number;
  /** Let samples whose target does not fit into their input count 0, in place of infinity. Default false. */
  readonly zeroInfinity?: boolean;
}

/** How long each sample is: numbers, or an int32 tensor [N] (or [] for a single sample). */
export type Lengths = Tensor | readonly number[] | number;

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkCTCLoss(where: string, options: CTCLossOptions = {}): Required<CTCLossOptions> {
  checkOptions(where, options, ["blank", "reduction", "zeroInfinity"]);
  const { blank = 0, zeroInfinity = false } = options;
  checkFlag(`${where}: zeroInfinity`, zeroInfinity);
  return {
    blank: checkCount(where, "blank", blank),
    zeroInfinity,
    reduction: checkReduction(where, options.reduction),
  };
}

const name = "ctcLoss";

/** The logarithm of what cannot be: so low that it weighs nothing, and finite, so that its slope is a number. */
const never = -1e30;

/** Lengths as an int32 tensor [N], checked against the most as far as they are known. */
function lengthsOf(what: string, given: unknown, samples: number, most: number, like: Tensor): Tensor {
  if (given instanceof Tensor) {
    if (given.dtype !== "int32" && given.dtype !== "uint8")
      throw new DTypeError(`${name}: ${what} must be int32, got ${given.dtype}`, 'convert them with .to("int32")');
    if (given.numel() !== samples || given.ndim > 1)
      throw new ShapeError(`${name}: ${what} must have shape [${samples}], got ${text(given.shape)}`);
    return given.to("int32").reshape([samples]);
  }
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length !== samples)
    throw new ShapeError(`${name}: ${what} must be ${samples} numbers, one per sample, got ${show(given)}`);
  const numbers = list.map((length) => checkCount(name, what, length));
  const longest = Math.max(0, ...numbers);
  if (longest > most) throw new ValueError(`${name}: ${what} must be ${most} at most, got ${longest}`);
  return tensor(numbers, { dtype: "int32", device: like.device });
}

/** Targets as rows [N, S]: as given, or cut from one long row. */
function rowsOf(targets: Tensor, lengths: Tensor, given: unknown, samples: number): Tensor {
  if (targets.ndim === 2) return targets;
  const total = targets.shape[0]!;
  // Lengths in a tensor are not known yet: then a row may be as long as all of them.
  const width = given instanceof Tensor ? total : Math.max(0, ...[given as number | readonly number[]].flat());
  if (width === 0) return targets.narrow(0, 0, 0).reshape([1, 0]).expand([samples, 0]);
  const starts = lengths.cumsum(0).sub(lengths).reshape([samples, 1]);
  const places = starts.add(iota(width, targets.device)).clampMax(total - 1); // prettier-ignore
  return readAlong(targets, 0, places.reshape([samples * width]), [samples * width], { caller: "gather" }).reshape([
    samples,
    width,
  ]);
}

/** States along `dim` 1, moved `by` places on, with `never` where none come from. */
const moved = (x: Tensor, by: number): Tensor => x.pad([by, -by], { value: never });

/** log(Σ exp) of three, the first of which may be all that is. */
function logSum(a: Tensor, b: Tensor, c: Tensor): Tensor {
  const top = a.maximum(b).maximum(c).detach();
  return a.sub(top).exp().add(b.sub(top).exp()).add(c.sub(top).exp()).log().add(top);
}

/**
 * -log of the sum over all alignments: alpha_t(s) is the log-probability of all ways to have read the first s of the
 * states ␣ y₁ ␣ y₂ … ␣ after t steps. Graves et al., 2006.
 */
function likelihood(
  logProbs: Tensor,
  rows: Tensor,
  inputLengths: Tensor,
  targetLengths: Tensor,
  blank: number,
): Tensor {
  const [steps, samples] = logProbs.shape as [number, number];
  const width = rows.shape[1]!;
  const states = 2 * width + 1;
  const last = targetLengths.reshape([samples, 1]).mul(2);
  // Behind a target there may be anything: read the blank there.
  const known = iota(width, rows.device).lt(targetLengths.reshape([samples, 1]));
  const letters = where(known, rows, blank);
  const blanks = letters.mul(0).add(blank);
  const between = width === 0 ? blanks : stack([blanks, letters], 2).reshape([samples, 2 * width]);
  const final = tensor(blank, { dtype: "int32", device: rows.device }).expand([samples, 1]);
  const labels = cat([between, final], 1);
  const read = readAlong(logProbs, 2, labels.reshape([1, samples, states]), [steps, samples, states], {
    caller: "gather",
  }).clampMin(never);
  // A letter may follow another without a blank between them, unless they are the same.
  const before = labels.pad([2, -2], { value: blank });
  const leaps = labels.ne(before).logicalAnd(labels.ne(blank)).logicalAnd(iota(states, rows.device).gt(1));
  const start = iota(states, rows.device).lt(2);
  const at = (t: number): Tensor => read.narrow(0, t, 1).reshape([samples, states]);
  let alpha = where(start, at(0), never);
  for (let t = 1; t < steps; t++) {
    const next = logSum(alpha, moved(alpha, 1), where(leaps, moved(alpha, 2), never)).add(at(t));
    alpha = where(inputLengths.gt(t).reshape([samples, 1]), next, alpha);
  }
  const ends = alpha.gather(1, cat([last, last.sub(1).clampMin(0)], 1));
  const blankEnd = ends.narrow(1, 0, 1).reshape([samples]);
  const letterEnd = where(targetLengths.eq(0), never, ends.narrow(1, 1, 1).reshape([samples]));
  const top = blankEnd.maximum(letterEnd).detach();
  const all = blankEnd.sub(top).exp().add(letterEnd.sub(top).exp()).log().add(top);
  // Of no steps there is one reading, and it is empty.
  const empty = targetLengths.eq(0).to(all.dtype).sub(1).mul(-never);
  return where(inputLengths.eq(0), empty, all).neg();
}

type CTCLossFunction = (
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options?: CTCLossOptions,
) => Tensor;

/**
 * Averages -log of the probability that a sequence reads as its target, whatever the alignment: log-probabilities
 * [T, N, C] (or [T, C] for one sample), int32 targets [N, S], or one behind the other in one dim, and how long inputs and
 * targets are. The mean is taken over samples, each divided by the length of its target. Same as
 * torch.nn.functional.ctc_loss, but for the gradient of `logProbs` itself, which is the slope here; through a logSoftmax
 * both come to the same. Graves et al., 2006.
 *
 * @throws ShapeError and ValueError for targets and lengths that do not fit; DTypeError for targets that are no int32.
 *
 * @example
 * const logProbs = randn([50, 2, 20]).logSoftmax(2);
 * const targets = randint(1, 20, [2, 10]);
 * functional.ctcLoss(logProbs, targets, [50, 40], [10, 7]).shape; // []
 */
export const ctcLoss: CTCLossFunction = /* @__PURE__ */ composite(
  (logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths, options?: CTCLossOptions) => {
    const { blank, reduction, zeroInfinity } = checkCTCLoss(name, options);
    checkFloat(name, logProbs);
    checkTensor(name, targets);
    if (logProbs.ndim !== 2 && logProbs.ndim !== 3)
      throw new ShapeError(`${name}: logProbs must be [T, N, C] or [T, C], got shape ${text(logProbs.shape)}`);
    const single = logProbs.ndim === 2;
    const batch = single ? logProbs.unsqueeze(1) : logProbs;
    const [steps, samples, classes] = batch.shape as [number, number, number];
    if (steps === 0) throw new ShapeError(`${name}: logProbs has no steps, shape ${text(logProbs.shape)}`);
    if (blank >= classes)
      throw new ValueError(`${name}: the blank, ${blank}, is none of the ${classes} classes`, `0 to ${classes - 1}`);
    if (targets.dtype !== "int32" && targets.dtype !== "uint8")
      throw new DTypeError(`${name}: targets must be int32, got ${targets.dtype}`, 'convert them with .to("int32")');
    if (targets.ndim !== 1 && (targets.ndim !== 2 || targets.shape[0] !== samples))
      throw new ShapeError(
        `${name}: targets must be [${samples}, S], or all in one dim, got shape ${text(targets.shape)}`,
      );
    const ints = targets.to("int32");
    const own = lengthsOf("inputLengths", inputLengths, samples, steps, logProbs);
    const lengths = lengthsOf("targetLengths", targetLengths, samples, targets.shape.at(-1)!, logProbs);
    const losses = likelihood(batch, rowsOf(ints, lengths, targetLengths, samples), own, lengths, blank);
    // Beyond this no alignment is possible. Its slope is 0, PyTorch's NaN.
    const loss = where(losses.gt(-never / 2), zeroInfinity ? 0 : Infinity, losses);
    if (reduction === "sum") return loss.sum();
    if (reduction === "none") return single ? loss.reshape([]) : loss;
    return loss.div(lengths.clampMin(1).to(loss.dtype)).mean(); // prettier-ignore
  },
);
