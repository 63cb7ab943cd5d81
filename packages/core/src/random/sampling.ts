import { hostArray, isFloat, type DType, type TypedArray } from "../dtype.js";
import { checkDType } from "../dtype.js";
import { checkOptions, DeviceError, DTypeError, ShapeError, show, ValueError } from "../errors.js";
import { fromHost, type TensorOptions } from "../creation.js";
import { roundToHalf } from "../half.js";
import { trace } from "../program/trace.js";
import { checkCount, checkShape, type Shape, sameShape, sizeOf, text } from "../shape.js";
import { Tensor } from "../tensor.js";
import { fillBernoulli } from "./bernoulli.js";
import { defaultGenerator, Generator, saveStream } from "./generator.js";
import { multinomial as drawCategories } from "./multinomial.js";
import { fillNormal, fillNormalFrom } from "./normal.js";
import { fillPermutation } from "./permutation.js";
import { fillRandint } from "./randint.js";
import { fillUniform, type FloatArray } from "./uniform.js";

/** What random functions take beside a tensor's options. */
export interface RandomOptions extends TensorOptions {
  /** Where the numbers come from; the default generator, which `manualSeed` restarts, if left out. */
  readonly generator?: Generator;
}

const known = ["dtype", "device", "requiresGrad", "generator"];

interface Draw {
  readonly generator: Generator;
  readonly dtype: DType;
  readonly options: TensorOptions;
}

/** Checks the options of a random function and fills in their defaults. */
function drawing(where: string, options: RandomOptions, implied: DType, float: boolean): Draw {
  checkOptions(where, options, known);
  const { generator = defaultGenerator, ...rest } = options;
  if (!(generator instanceof Generator))
    throw new ValueError(`${where}: generator must be a Generator, got ${show(generator)}`);
  const dtype = rest.dtype === undefined ? implied : checkDType(where, rest.dtype);
  if (float && !isFloat(dtype))
    throw new DTypeError(`${where}: draws floats, dtype ${dtype} is none`, "convert the result with x.to(dtype)");
  return { generator, dtype, options: rest };
}

function floats(
  where: string,
  shape: Shape,
  options: RandomOptions,
  fill: (data: FloatArray, generator: Generator) => void,
): Tensor {
  const size = checkShape(where, shape);
  const draw = drawing(where, options, "float32", true);
  const data = hostArray(draw.dtype, sizeOf(size)) as FloatArray;
  return drawn(where, draw, data, size, () => {
    fill(data, draw.generator);
  });
}

/** Fills `data` and makes a tensor of it; in a compiled function, anew at each replay. */
function drawn(where: string, draw: Draw, data: TypedArray, shape: Shape, fill: () => void): Tensor {
  const { generator } = draw;
  trace?.watch(generator, () => saveStream(generator));
  const fillAll = draw.dtype !== "float16" ? fill : () => (fill(), roundToHalf(data as Float32Array));
  fillAll();
  const tensor = fromHost(where, data, shape, draw.dtype, draw.options);
  trace?.steps.push({ kind: "draw", node: tensor.node, data, fill: fillAll });
  return tensor;
}

/** The values of a tensor of parameters (means, probabilities), which drawing on the host needs at once. */
function hostFloats(where: string, x: Tensor): FloatArray {
  if (!(x instanceof Tensor))
    throw new DTypeError(`${where}: expects a tensor, got ${show(x)}`, "make one with tensor([…])");
  if (!isFloat(x.dtype))
    throw new DTypeError(`${where}: needs a float tensor, got ${x.dtype}`, 'convert it with x.to("float32")');
  const data = x.read(where);
  if (data instanceof Promise)
    throw new DeviceError(
      `${where}: numbers are drawn on the host, and ${x.device.name} is read later`,
      'pass a tensor of the "cpu" device',
    );
  return data as FloatArray;
}

/**
 * Draws uniform numbers from [0, 1). With the same seed, the numbers of torch.rand.
 *
 * @example
 * manualSeed(0);
 * console.log(rand([2])); // tensor([0.4963, 0.7682])
 */
export function rand(shape: Shape, options: RandomOptions = {}): Tensor {
  return floats("rand", shape, options, (data, generator) => {
    fillUniform(data, generator);
    // float16 takes the last 11 bits of a draw, as PyTorch has it: rounding all of them might give 1.
    if (options.dtype === "float16") for (let i = 0; i < data.length; i++) data[i] = (data[i]! * 8192) % 1;
  });
}

/** Draws standard normal numbers. With the same seed, the numbers of torch.randn. */
export function randn(shape: Shape, options: RandomOptions = {}): Tensor {
  return floats("randn", shape, options, (data, generator) => fillNormal(data, generator));
}

/** Draws uniform numbers from [from, to): those of torch.empty(shape).uniform_(from, to). */
export function uniform(from: number, to: number, shape: Shape, options: RandomOptions = {}): Tensor {
  return floats("uniform", shape, options, (data, generator) => fillUniform(data, generator, from, to));
}

/**
 * Draws normal numbers with a mean and a standard deviation, either of which may be a tensor of one per element.
 * `shape` is needed, and allowed, only if both are numbers. With the same seed, the numbers of torch.normal.
 */
export function normal(
  mean: number | Tensor,
  std: number | Tensor,
  shape?: Shape,
  options: RandomOptions = {},
): Tensor {
  const tensors = [mean, std].filter((value) => value instanceof Tensor);
  const [first, second] = tensors;
  if (first === undefined) {
    if (shape === undefined)
      throw new ShapeError("normal: needs a shape where mean and std are numbers", "normal(0, 1, [2, 3])");
    return floats("normal", shape, options, (data, generator) =>
      fillNormal(data, generator, mean as number, std as number),
    );
  }
  if (second !== undefined && !sameShape(first.shape, second.shape)) {
    throw new ShapeError(`normal: mean has shape ${text(first.shape)}, std ${text(second.shape)}`);
  }
  if (shape !== undefined && !sameShape(shape, first.shape)) {
    throw new ShapeError(
      `normal: the shape ${text(shape)} differs from that of the tensor given, ${text(first.shape)}`,
      "leave it out",
    );
  }
  const values = (value: number | Tensor): number | FloatArray =>
    value instanceof Tensor ? hostFloats("normal", value) : value;
  return floats("normal", first.shape, { dtype: first.dtype, ...options }, (data, generator) =>
    fillNormalFrom(data, generator, values(mean), values(std)),
  );
}

/**
 * Draws integers from [low, high), low 0 if left out, as int32 unless another dtype is asked for. With the same seed,
 * the numbers of torch.randint.
 *
 * @example
 * randint(0, 10, [9]);
 * randint(10, [9]); // the same range
 */
export function randint(high: number, shape: Shape, options?: RandomOptions): Tensor;
export function randint(low: number, high: number, shape: Shape, options?: RandomOptions): Tensor;
export function randint(a: number, b: number | Shape, c?: Shape | RandomOptions, d?: RandomOptions): Tensor {
  const [low, high, shape, options] =
    typeof b === "number" ? [a, b, c as Shape, d ?? {}] : [0, a, b, (c ?? {}) as RandomOptions];
  const size = checkShape("randint", shape);
  const draw = drawing("randint", options, "int32", false);
  const data = hostArray(draw.dtype, sizeOf(size));
  return drawn("randint", draw, data, size, () => {
    fillRandint(data, draw.generator, draw.dtype, low, high);
  });
}

/** Draws an order of 0 … n - 1, as int32. With the same seed, that of torch.randperm. */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  checkCount("randperm", "n", n);
  const draw = drawing("randperm", options, "int32", false);
  const data = hostArray(draw.dtype, n);
  return drawn("randperm", draw, data, [n], () => {
    fillPermutation(data, draw.generator);
  });
}

/** Draws 1 with the probability that each element of `p` gives, else 0, in p's dtype. Same as torch.bernoulli. */
export function bernoulli(p: Tensor, options: { generator?: Generator } = {}): Tensor {
  checkOptions("bernoulli", options, ["generator"]);
  const probabilities = hostFloats("bernoulli", p);
  const data: TypedArray = hostArray(p.dtype, probabilities.length);
  fillBernoulli(data, options.generator ?? defaultGenerator, probabilities);
  return fromHost("bernoulli", data, p.shape, p.dtype, { device: p.device });
}

/**
 * Draws `numSamples` category indices (int32) per row, with probabilities in proportion to the weights: [n] gives
 * [numSamples], [rows, n] gives [rows, numSamples]. Same as torch.multinomial.
 */
export function multinomial(
  weights: Tensor,
  numSamples: number,
  options: { replacement?: boolean; generator?: Generator } = {},
): Tensor {
  checkOptions("multinomial", options, ["replacement", "generator"]);
  if (weights.ndim < 1 || weights.ndim > 2)
    throw new ShapeError(`multinomial: weights must have 1 or 2 dims, got ${text(weights.shape)}`);
  const rows = weights.ndim === 2 ? weights.shape[0]! : 1;
  const shape = { rows, categories: weights.shape[weights.ndim - 1]!, samples: numSamples };
  const drawn = drawCategories(
    hostFloats("multinomial", weights),
    shape,
    options.replacement ?? false,
    options.generator ?? defaultGenerator,
  );
  return fromHost("multinomial", drawn, weights.ndim === 2 ? [rows, numSamples] : [numSamples], "int32", {
    device: weights.device,
  });
}

/** Draws uniform numbers from [0, 1) in a tensor's shape, dtype and device. Same as torch.rand_like. */
export function randLike(x: Tensor, options: RandomOptions = {}): Tensor {
  return rand(x.shape, { dtype: x.dtype, device: x.device, ...options });
}

/** Draws standard normal numbers in a tensor's shape, dtype and device. Same as torch.randn_like. */
export function randnLike(x: Tensor, options: RandomOptions = {}): Tensor {
  return randn(x.shape, { dtype: x.dtype, device: x.device, ...options });
}
