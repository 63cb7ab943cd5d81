import { ShapeError, type Tensor } from "@downhill/core";
import {
  checkCount,
  checkFlag,
  checkFloat,
  checkOptions,
  composite,
  fromHost,
  hostArray,
  readAlong,
  show,
  text,
  ValueError,
} from "@downhill/core/engine";
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from "./adaptive-pooling.js";
import type { Extent } from "./extent.js";
import { cubicTaps, linearTaps, nearestTaps, smoothTaps, type Stretch, type Taps } from "./taps.js";

/** How the elements between those of the input are made. */
export type InterpolateMode = "nearest" | "nearest-exact" | "linear" | "bilinear" | "trilinear" | "bicubic" | "area";

/** The options of `functional.interpolate`. */
export interface InterpolateOptions {
  /** The sizes of the result's spatial dims, one for all or one for each. Either this or `scaleFactor`. */
  readonly size?: Extent | null;
  /** How many times larger the result is, one number for all spatial dims or one for each. */
  readonly scaleFactor?: number | readonly number[] | null;
  /**
   * "nearest" copies (with the places that OpenCV has; "nearest-exact" with Pillow's), "linear", "bilinear" and
   * "trilinear" weight the elements beside for one, two and three spatial dims, "bicubic" the 16 around for two, "area"
   * averages. Default "nearest".
   */
  readonly mode?: InterpolateMode;
  /** Whether the outermost elements keep their places; for the linear and the cubic modes. Default false. */
  readonly alignCorners?: boolean | null;
  /** Take the factor anew from the sizes, which are whole numbers. Default false. */
  readonly recomputeScaleFactor?: boolean | null;
  /** Let all elements count where the result is smaller; for "bilinear" and "bicubic". Default false. */
  readonly antialias?: boolean;
}

/** How many spatial dims each mode works on. */
const modes: Readonly<Record<InterpolateMode, readonly number[]>> = {
  nearest: [1, 2, 3],
  "nearest-exact": [1, 2, 3],
  area: [1, 2, 3],
  linear: [1],
  bilinear: [2],
  bicubic: [2],
  trilinear: [3],
};

const averages = [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d] as const;

/** Checks what needs no input, and fills in the defaults. */
export function checkInterpolate(where: string, options: InterpolateOptions): Required<InterpolateOptions> {
  checkOptions(where, options, ["size", "scaleFactor", "mode", "alignCorners", "recomputeScaleFactor", "antialias"]);
  const { size = null, scaleFactor = null, mode = "nearest", antialias = false } = options;
  const { alignCorners = null, recomputeScaleFactor = null } = options;
  if (!Object.hasOwn(modes, mode))
    throw new ValueError(`${where}: unknown mode ${show(mode)}`, `one of ${Object.keys(modes).map(show).join(", ")}`);
  if ((size === null) === (scaleFactor === null))
    throw new ValueError(
      `${where}: needs either size or scaleFactor, got ${size === null ? "none" : "both"}`,
      "{ size: [8, 8] } or { scaleFactor: 2 }",
    );
  for (const [name, flag] of Object.entries({ alignCorners, recomputeScaleFactor }))
    if (flag !== null) checkFlag(`${where}: ${name}`, flag);
  checkFlag(`${where}: antialias`, antialias);
  if (alignCorners !== null && (mode.startsWith("nearest") || mode === "area"))
    throw new ValueError(`${where}: alignCorners means nothing in the mode ${show(mode)}`, "leave it out");
  if (antialias && mode !== "bilinear" && mode !== "bicubic")
    throw new ValueError(`${where}: antialias goes with "bilinear" and "bicubic", got ${show(mode)}`);
  if (recomputeScaleFactor === true && size !== null)
    throw new ValueError(`${where}: recomputeScaleFactor goes with scaleFactor, got a size`);
  return { size, scaleFactor, mode, alignCorners, recomputeScaleFactor, antialias };
}

/** One number per spatial dim. */
function perDim(where: string, name: string, given: number | readonly number[], dims: number): number[] {
  const list = Array.isArray(given) ? (given as readonly number[]) : new Array<number>(dims).fill(given as number);
  if (list.length !== dims)
    throw new ValueError(`${where}: ${name} must be a number or ${dims} of them, got ${show(given)}`);
  return list.slice();
}

/** What becomes of each spatial dim. */
function stretches(where: string, x: Tensor, options: Required<InterpolateOptions>): Stretch[] {
  const { size, scaleFactor, recomputeScaleFactor } = options;
  const from = x.shape.slice(2);
  const factors = scaleFactor === null ? null : perDim(where, "scaleFactor", scaleFactor, from.length);
  if (factors?.some((factor) => typeof factor !== "number" || !(factor > 0) || !Number.isFinite(factor)) === true)
    throw new ValueError(`${where}: scaleFactor must be above 0, got ${show(scaleFactor)}`);
  const to =
    factors === null
      ? perDim(where, "size", size!, from.length).map((n) => checkCount(where, "size", n, 1))
      : from.map((n, i) => Math.floor(n * factors[i]!));
  if (from.includes(0) || to.includes(0))
    throw new ShapeError(
      `${where}: input and result must have elements, got shape ${text(x.shape)}, sizes ${text(to)}`,
    );
  const alignCorners = options.alignCorners === true;
  return from.map((n, i) => {
    const m = to[i]!;
    const given = factors !== null && recomputeScaleFactor !== true ? 1 / factors[i]! : n / m;
    const step = alignCorners ? (m > 1 ? (n - 1) / (m - 1) : 0) : given;
    return { from: n, to: m, step, alignCorners };
  });
}

function tapsOf(stretch: Stretch, { mode, antialias }: Required<InterpolateOptions>): Taps {
  if (mode === "nearest") return nearestTaps(stretch, 0);
  if (mode === "nearest-exact") return nearestTaps(stretch, 0.5);
  const kernel = mode === "bicubic" ? "cubic" : "linear";
  if (antialias) return smoothTaps(stretch, kernel);
  return kernel === "cubic" ? cubicTaps(stretch) : linearTaps(stretch);
}

/** Makes the elements of one dim from those that `taps` names. */
function resampled(x: Tensor, dim: number, { from, to }: Stretch, { count, places, weights }: Taps): Tensor {
  const { shape, device, dtype } = x;
  const times = to / from;
  if (weights === null && Number.isInteger(times) && places.every((place, i) => place === Math.floor(i / times))) {
    // The same number of copies of each: a view, whose gradient is a sum.
    if (times === 1) return x;
    return x
      .unsqueeze(dim + 1)
      .expand(shape.toSpliced(dim + 1, 0, times))
      .reshape(shape.with(dim, to));
  }
  const where = "interpolate";
  const along = shape.map((_, d) => (d === dim ? places.length : 1));
  const index = fromHost(where, places, along, "int32", { device });
  const read = readAlong(x, dim, index, shape.with(dim, places.length), { caller: "indexSelect" });
  if (weights === null) return read;
  const rest = shape.slice(dim + 1).map(() => 1);
  const host = hostArray(dtype, weights.length);
  host.set(weights);
  const factors = fromHost(where, host, [to, count, ...rest], dtype, { device });
  return read
    .reshape(shape.toSpliced(dim, 1, to, count))
    .mul(factors)
    .sum(dim + 1);
}

/**
 * Resizes the spatial dims of [N, C, L], [N, C, H, W] or [N, C, D, H, W], to `size` or by `scaleFactor`. Same as
 * torch.nn.functional.interpolate.
 *
 * @throws ValueError unless there is either a size or a factor, and for options that the mode does not know; ShapeError
 * for input of other dims than the mode is for.
 *
 * @example
 * functional.interpolate(tensor([[[1, 2]]]), { scaleFactor: 2 }); // tensor([[[1., 1., 2., 2.]]])
 * functional.interpolate(tensor([[[1, 2]]]), { size: 3, mode: "linear" }); // tensor([[[1.0000, 1.5000, 2.0000]]])
 */
export const interpolate: (x: Tensor, options: InterpolateOptions) => Tensor = /* @__PURE__ */ composite(
  (x: Tensor, given: InterpolateOptions) => {
    const where = "interpolate";
    const options = checkInterpolate(where, given);
    checkFloat(where, x);
    const dims = x.ndim - 2;
    if (!modes[options.mode].includes(dims)) {
      const shapes = { 1: "[N, C, L]", 2: "[N, C, H, W]", 3: "[N, C, D, H, W]" } as Record<number, string>;
      throw new ShapeError(
        `${where}: the mode ${show(options.mode)} takes ${modes[options.mode].map((n) => shapes[n]).join(" or ")}, got shape ${text(x.shape)}`,
      );
    }
    const all = stretches(where, x, options);
    if (options.mode === "area") {
      const pool = averages[dims - 1]!;
      return pool(
        x,
        all.map(({ to }) => to),
      );
    }
    return all.reduce((y, stretch, i) => resampled(y, 2 + i, stretch, tapsOf(stretch, options)), x);
  },
);
