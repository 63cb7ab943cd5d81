import { getDevice, normal, randperm, ShapeError, type Tensor, uniform } from "@downhill/core";
import { fromHost, show, text, ValueError } from "@downhill/core/engine";
import { checkNumber, needNumber } from "../option-checks.js";
import { erfinv, normalDistribution } from "./erfinv.js";
import { checkFill, fans, fillWith, hostValues, type InitOptions } from "./fill.js";
import { calculateGain, type Nonlinearity } from "./gain.js";
import { orthogonalize } from "./orthogonalize.js";

/** The options of `xavierUniform_` and `xavierNormal_`. */
export interface XavierOptions extends InitOptions {
  /** Multiplies the standard deviation; see `calculateGain`. Default 1. */
  readonly gain?: number;
}

/** The options of `kaimingUniform_` and `kaimingNormal_`. */
export interface KaimingOptions extends InitOptions {
  /** The negative slope of the "leakyRelu" that follows. Default 0. */
  readonly a?: number;
  /** What to keep the variance of: "fanIn" in the forward pass, "fanOut" in the backward. Default "fanIn". */
  readonly mode?: "fanIn" | "fanOut";
  /** The activation that follows. Default "leakyRelu". */
  readonly nonlinearity?: Nonlinearity;
}

/** The options of `truncNormal_`. */
export interface TruncNormalOptions extends InitOptions {
  /** Default 0. */
  readonly mean?: number;
  /** Default 1. */
  readonly std?: number;
  /** The least number. Default -2. */
  readonly a?: number;
  /** The greatest number. Default 2. */
  readonly b?: number;
}

/** The options of `orthogonal_`. */
export interface OrthogonalOptions extends InitOptions {
  /** Multiplies the matrix. Default 1. */
  readonly gain?: number;
}

/** The options of `sparse_`. */
export interface SparseOptions extends InitOptions {
  /** The standard deviation of what is not 0. Default 0.01. */
  readonly std?: number;
}

/** Fills a tensor from U(a, b), and returns it. With the same seed, the numbers of torch.nn.init.uniform_. */
export function uniform_(x: Tensor, a: number = 0, b: number = 1, options: InitOptions = {}): Tensor {
  return fillWith(x, uniform(a, b, x.shape, checkFill("uniform_", x, options)));
}

/** Fills a tensor from N(mean, std²), and returns it. With the same seed, the numbers of torch.nn.init.normal_. */
export function normal_(x: Tensor, mean: number = 0, std: number = 1, options: InitOptions = {}): Tensor {
  return fillWith(x, normal(mean, std, x.shape, checkFill("normal_", x, options)));
}

const xavier = (where: string, x: Tensor, options: XavierOptions): number => {
  const { fanIn, fanOut } = fans(where, x);
  return checkNumber(where, "gain", options.gain, 1) * Math.sqrt(2 / (fanIn + fanOut));
};

/**
 * Fills a weight from U(-a, a) with a = gain · √(6 / (fanIn + fanOut)), and returns it. With the same seed, the numbers of
 * torch.nn.init.xavier_uniform_. Glorot and Bengio, 2010.
 *
 * @throws ShapeError for fewer than 2 dims.
 */
export function xavierUniform_(x: Tensor, options: XavierOptions = {}): Tensor {
  const placed = checkFill("xavierUniform_", x, options, ["gain"]);
  const bound = Math.sqrt(3) * xavier("xavierUniform_", x, options);
  return fillWith(x, uniform(-bound, bound, x.shape, placed));
}

/**
 * Fills a weight from N(0, gain² · 2 / (fanIn + fanOut)), and returns it. With the same seed, the numbers of
 * torch.nn.init.xavier_normal_. Glorot and Bengio, 2010.
 *
 * @throws ShapeError for fewer than 2 dims.
 */
export function xavierNormal_(x: Tensor, options: XavierOptions = {}): Tensor {
  const placed = checkFill("xavierNormal_", x, options, ["gain"]);
  return fillWith(x, normal(0, xavier("xavierNormal_", x, options), x.shape, placed));
}

function kaiming(where: string, x: Tensor, options: KaimingOptions): number {
  const { mode = "fanIn", nonlinearity = "leakyRelu" } = options;
  if (mode !== "fanIn" && mode !== "fanOut")
    throw new ValueError(`${where}: mode must be "fanIn" or "fanOut", got ${show(mode)}`);
  return calculateGain(nonlinearity, checkNumber(where, "a", options.a, 0)) / Math.sqrt(fans(where, x)[mode]);
}

/**
 * Fills a weight from U(-b, b) with b = gain · √(3 / fan), and returns it. With the same seed, the numbers of
 * torch.nn.init.kaiming_uniform_. He et al., 2015.
 *
 * @throws ShapeError for fewer than 2 dims.
 *
 * @example
 * init.kaimingUniform_(new Linear(2, 8).weight, { nonlinearity: "relu" });
 */
export function kaimingUniform_(x: Tensor, options: KaimingOptions = {}): Tensor {
  const placed = checkFill("kaimingUniform_", x, options, ["a", "mode", "nonlinearity"]);
  if (x.numel() === 0) return x;
  const bound = Math.sqrt(3) * kaiming("kaimingUniform_", x, options);
  return fillWith(x, uniform(-bound, bound, x.shape, placed));
}

/**
 * Fills a weight from N(0, gain² / fan), and returns it. With the same seed, the numbers of torch.nn.init.kaiming_normal_.
 * He et al., 2015.
 *
 * @throws ShapeError for fewer than 2 dims.
 */
export function kaimingNormal_(x: Tensor, options: KaimingOptions = {}): Tensor {
  const placed = checkFill("kaimingNormal_", x, options, ["a", "mode", "nonlinearity"]);
  if (x.numel() === 0) return x;
  return fillWith(x, normal(0, kaiming("kaimingNormal_", x, options), x.shape, placed));
}

/**
 * Fills a tensor from N(mean, std²) limited to [a, b], and returns it. It draws what torch.nn.init.trunc_normal_ draws; the
 * numbers are the same to the last digits.
 */
export function truncNormal_(x: Tensor, options: TruncNormalOptions = {}): Tensor {
  const placed = checkFill("truncNormal_", x, options, ["mean", "std", "a", "b"]);
  const [mean, std, a, b] = (["mean", "std", "a", "b"] as const).map((name, i) =>
    checkNumber("truncNormal_", name, options[name], [0, 1, -2, 2][i]!),
  ) as [number, number, number, number];
  const [low, high] = [normalDistribution((a - mean) / std), normalDistribution((b - mean) / std)];
  const drawn = uniform(2 * low - 1, 2 * high - 1, x.shape, { ...placed, device: getDevice("cpu") });
  const data = hostValues("truncNormal_", drawn).map((u) =>
    Math.min(Math.max(erfinv(u) * std * Math.SQRT2 + mean, a), b),
  );
  return fillWith(x, fromHost("truncNormal_", data, x.shape, x.dtype, { device: x.device }));
}

/**
 * Makes a weight's rows [out, in · kernel] orthonormal, or its columns where there are more rows, and returns it. It draws
 * what torch.nn.init.orthogonal_ draws; the numbers are the same to the last digits. Saxe et al., 2013.
 *
 * @throws ShapeError for fewer than 2 dims.
 */
export function orthogonal_(x: Tensor, options: OrthogonalOptions = {}): Tensor {
  const placed = checkFill("orthogonal_", x, options, ["gain"]);
  const gain = checkNumber("orthogonal_", "gain", options.gain, 1);
  if (x.ndim < 2) throw new ShapeError(`orthogonal_: needs 2 dims or more, got shape ${text(x.shape)}`);
  if (x.numel() === 0) return x;
  const rows = x.shape[0]!;
  const drawn = normal(0, 1, x.shape, { ...placed, device: getDevice("cpu") });
  const data = hostValues("orthogonal_", drawn);
  const made = orthogonalize(data, rows, data.length / rows);
  const values = data.map((_, i) => made[i]! * gain);
  return fillWith(x, fromHost("orthogonal_", values, x.shape, x.dtype, { device: x.device }));
}

/**
 * Fills a matrix from N(0, std²), sets a fraction of each column to 0, and returns it. With the same seed, the numbers of
 * torch.nn.init.sparse_. Martens, 2010.
 *
 * @throws ShapeError for other than 2 dims.
 */
export function sparse_(x: Tensor, sparsity: number, options: SparseOptions = {}): Tensor {
  const placed = { ...checkFill("sparse_", x, options, ["std"]), device: getDevice("cpu") };
  needNumber("sparse_", "sparsity", sparsity);
  if (!(sparsity >= 0 && sparsity <= 1))
    throw new ValueError(`sparse_: sparsity must be from 0 to 1, got ${show(sparsity)}`);
  if (x.ndim !== 2) throw new ShapeError(`sparse_: needs 2 dims, got shape ${text(x.shape)}`);
  const [rows, columns] = x.shape as readonly [number, number];
  const std = checkNumber("sparse_", "std", options.std, 0.01);
  const data = hostValues("sparse_", normal(0, std, x.shape, placed)).slice();
  const { dtype: _, ...order } = placed;
  for (let column = 0; column < columns; column++) {
    const places = hostValues("sparse_", randperm(rows, order));
    for (let i = 0; i < Math.ceil(sparsity * rows); i++) data[places[i]! * columns + column] = 0;
  }
  return fillWith(x, fromHost("sparse_", data, x.shape, x.dtype, { device: x.device }));
}
