import { DTypeError, ShapeError, type Tensor, where } from "@downhill/core";
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
  sizeOf,
  text,
  ValueError,
} from "@downhill/core/engine";

/** The options of `functional.gridSample`. */
export interface GridSampleOptions {
  /** How a value between elements is made. "bicubic" is for images only. Default "bilinear". */
  readonly mode?: "bilinear" | "nearest" | "bicubic";
  /** What is outside: zeros, the nearest element, or the picture mirrored. Default "zeros". */
  readonly paddingMode?: "zeros" | "border" | "reflection";
  /** -1 and 1 are the centres of the outermost elements, not their outer edges. Default false. */
  readonly alignCorners?: boolean;
}

/** The options of `functional.affineGrid`. */
export type AffineGridOptions = Pick<GridSampleOptions, "alignCorners">;

const modes: readonly unknown[] = ["bilinear", "nearest", "bicubic"];
const paddings: readonly unknown[] = ["zeros", "border", "reflection"];

/** Mirrors coordinates at `low` and `low + span` until they lie between them. */
function mirrored(x: Tensor, low: number, span: number): Tensor {
  if (span === 0) return x.mul(0);
  const far = x.sub(low).abs();
  const rest = far.fmod(span);
  const turns = far.div(span).floor();
  return where(turns.fmod(2).eq(0), rest, rest.neg().add(span)).add(low);
}

/** Brings coordinates of a dim of `size` elements inside, unless what is outside is zeros. */
function inside(x: Tensor, size: number, { paddingMode, alignCorners }: Required<GridSampleOptions>): Tensor {
  if (paddingMode === "zeros") return x;
  if (paddingMode === "border") return x.clamp(0, size - 1);
  return (alignCorners ? mirrored(x, 0, size - 1) : mirrored(x, -0.5, size)).clamp(0, size - 1);
}

/** An element that a value is made of, along one dim: where it stands, and its weight (null for 1). */
interface Tap {
  readonly place: Tensor;
  readonly weight: Tensor | null;
}

/** Keys' cubic convolution with a = -0.75, as in PyTorch: the weights of the elements at -1, 0, 1 and 2 of a place t in [0, 1). */
function cubicWeights(t: Tensor): Tensor[] {
  const a = -0.75;
  const near = (x: Tensor): Tensor => x.mul(a + 2).sub(a + 3).mul(x).mul(x).add(1); // prettier-ignore
  const far = (x: Tensor): Tensor => x.mul(a).sub(5 * a).mul(x).add(8 * a).mul(x).sub(4 * a); // prettier-ignore
  const back = t.neg().add(1);
  return [far(t.add(1)), near(t), near(back), far(back.add(1))];
}

/** The elements that values at these coordinates of one dim are made of. */
function tapsAt(g: Tensor, size: number, options: Required<GridSampleOptions>): Tap[] {
  const { mode, alignCorners } = options;
  const x = alignCorners ? g.add(1).mul((size - 1) / 2) : g.add(1).mul(size).sub(1).mul(0.5); // prettier-ignore
  if (mode === "nearest") return [{ place: inside(x, size, options).round(), weight: null }];
  if (mode === "bicubic") {
    const first = x.floor();
    return cubicWeights(x.sub(first)).map((weight, i) => ({ place: inside(first.add(i - 1), size, options), weight }));
  }
  const kept = inside(x, size, options);
  const first = kept.floor();
  const part = kept.sub(first);
  return [
    { place: first, weight: part.neg().add(1) },
    { place: first.add(1), weight: part },
  ];
}

function checkSample(input: Tensor, grid: Tensor, given: GridSampleOptions): Required<GridSampleOptions> {
  const whereAt = "gridSample";
  checkOptions(whereAt, given, ["mode", "paddingMode", "alignCorners"]);
  const { mode = "bilinear", paddingMode = "zeros", alignCorners = false } = given;
  if (!modes.includes(mode)) throw new ValueError(`${whereAt}: mode must be one of ${show(modes)}, got ${show(mode)}`);
  if (!paddings.includes(paddingMode))
    throw new ValueError(`${whereAt}: paddingMode must be one of ${show(paddings)}, got ${show(paddingMode)}`);
  checkFlag(`${whereAt}: alignCorners`, alignCorners);
  checkFloat(whereAt, input);
  checkFloat(whereAt, grid);
  if (input.dtype !== grid.dtype)
    throw new DTypeError(`${whereAt}: the input is ${input.dtype}, the grid ${grid.dtype}`, "convert one of them");
  const dims = input.ndim - 2;
  if (
    (dims !== 2 && dims !== 3) ||
    grid.ndim !== input.ndim ||
    grid.shape.at(-1) !== dims ||
    grid.shape[0] !== input.shape[0]
  )
    // prettier-ignore
    throw new ShapeError(
      `${whereAt}: an input of shape ${text(input.shape)} with a grid of shape ${text(grid.shape)}`,
      "they are [N, C, H, W] and [N, H', W', 2], or [N, C, D, H, W] and [N, D', H', W', 3]",
    );
  if (input.shape.slice(2).includes(0))
    throw new ShapeError(`${whereAt}: the input ${text(input.shape)} has no elements`);
  if (mode === "bicubic" && dims === 3) throw new ShapeError(`${whereAt}: the mode "bicubic" takes [N, C, H, W]`);
  return { mode, paddingMode, alignCorners };
}

type GridSample = (input: Tensor, grid: Tensor, options?: GridSampleOptions) => Tensor;

/**
 * Reads pictures [N, C, H, W] at the places of a grid [N, H', W', 2]: each holds x and y, from -1 (left, top) to 1 (right,
 * bottom). Volumes [N, C, D, H, W] are read at x, y and z of [N, D', H', W', 3]. Same as torch.nn.functional.grid_sample.
 * Jaderberg et al., 2015, arXiv:1506.02025.
 *
 * @throws ShapeError for shapes that do not go together; DTypeError for integers or two dtypes; ValueError for unknown modes.
 *
 * @example
 * const picture = tensor([[[[1, 2], [3, 4]]]]);
 * functional.gridSample(picture, tensor([[[[0, 0], [1, 1]]]]), { alignCorners: true }); // tensor([[[[2.5000, 4.0000]]]])
 */
export const gridSample: GridSample = /* @__PURE__ */ composite(
  (input: Tensor, grid: Tensor, given: GridSampleOptions = {}) => {
    const options = checkSample(input, grid, given);
    const [batch, channels, ...sizes] = input.shape as [number, number, ...number[]];
    const places = grid.shape.slice(1, -1);
    const count = sizeOf(places);
    const flat = input.reshape([batch, channels, sizeOf(sizes)]);
    // The grid's last dim names the dims from the last one on.
    const taps = sizes.map((size, i) => tapsAt(grid.narrow(-1, sizes.length - 1 - i, 1).reshape([batch, 1, count]), size, options)); // prettier-ignore
    const corners = taps.reduce<Tap[][]>((all, list) => all.flatMap((some) => list.map((tap) => [...some, tap])), [[]]);
    const parts = corners.map((corner) => {
      const exists = corner
        .map(({ place }, i) => place.ge(0).logicalAnd(place.le(sizes[i]! - 1)))
        .reduce((a, b) => a.logicalAnd(b));
      const at = corner.reduce<Tensor | null>((sum, { place }, i) => (sum === null ? place : sum.mul(sizes[i]!).add(place)), null); // prettier-ignore
      const index = where(exists, at!.detach(), 0).to("int32");
      const read = readAlong(flat, 2, index, [batch, channels, count], { caller: "gather" });
      const weight = corner.flatMap((tap) => tap.weight ?? []).reduce<Tensor | null>((a, b) => (a === null ? b : a.mul(b)), null); // prettier-ignore
      return where(exists, weight === null ? read : read.mul(weight), 0);
    });
    return parts.reduce((a, b) => a.add(b)).reshape([batch, channels, ...places]);
  },
);

type AffineGrid = (theta: Tensor, size: readonly number[], options?: AffineGridOptions) => Tensor;

/** From -1 to 1 at the centres of `size` elements, or at the outermost centres. */
const across = (size: number, alignCorners: boolean): ((i: number) => number) =>
  size === 1 ? () => 0 : (i) => ((2 * i) / (size - 1) - 1) * (alignCorners ? 1 : (size - 1) / size);

/**
 * Makes the grid for `gridSample` that shows pictures moved by affine maps: theta [N, 2, 3] and the size [N, C, H, W] give
 * [N, H, W, 2]; for volumes theta [N, 3, 4] and [N, C, D, H, W] give [N, D, H, W, 3]. Same as
 * torch.nn.functional.affine_grid.
 *
 * @throws ShapeError for shapes that do not go together; DTypeError for integers.
 *
 * @example
 * const turn = tensor([[[0, 1, 0], [-1, 0, 0]]]);
 * functional.affineGrid(turn, [1, 1, 1, 2], { alignCorners: true }); // tensor([[[[ 0.,  1.], [ 0., -1.]]]])
 */
export const affineGrid: AffineGrid = /* @__PURE__ */ composite(
  (theta: Tensor, size: readonly number[], options: AffineGridOptions = {}) => {
    const whereAt = "affineGrid";
    checkOptions(whereAt, options, ["alignCorners"]);
    checkFlag(`${whereAt}: alignCorners`, options.alignCorners);
    checkFloat(whereAt, theta);
    const dims = Array.isArray(size) ? size.length - 2 : 0;
    const fits =
      theta.ndim === 3 && theta.shape[1] === dims && theta.shape[2] === dims + 1 && theta.shape[0] === size[0];
    if ((dims !== 2 && dims !== 3) || !fits)
      throw new ShapeError(
        `${whereAt}: theta of shape ${text(theta.shape)} for the size ${show(size)}`,
        "they are [N, 2, 3] and [N, C, H, W], or [N, 3, 4] and [N, C, D, H, W]",
      );
    const places = size.slice(2).map((n) => checkCount(whereAt, "a size", n, 1));
    const at = places.map((n) => across(n, options.alignCorners ?? false));
    const data = hostArray(theta.dtype, sizeOf(places) * (dims + 1));
    for (let i = 0; i < sizeOf(places); i++) {
      let rest = i;
      for (let d = dims - 1; d >= 0; d--) {
        data[i * (dims + 1) + (dims - 1 - d)] = at[d]!(rest % places[d]!);
        rest = Math.floor(rest / places[d]!);
      }
      data[i * (dims + 1) + dims] = 1;
    }
    const base = fromHost(whereAt, data, [sizeOf(places), dims + 1], theta.dtype, { device: theta.device });
    return base.matmul(theta.transpose(1, 2)).reshape([size[0]!, ...places, dims]);
  },
);
