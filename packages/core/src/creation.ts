import { defaultDevice, type Device, getDevice } from "./backend/device.js";
import { checkDType, type DType, hostArray, type TypedArray } from "./dtype.js";
import { checkOptions, DTypeError, show, ValueError } from "./errors.js";
import { roundToHalf } from "./half.js";
import { converter, describe, flatten, type TensorData } from "./nested-data.js";
import { bufferNode } from "./program/node.js";
import { checkCount, checkShape, type Shape, sizeOf } from "./shape.js";
import { Tensor } from "./tensor.js";

export type { TensorData };

/** What every function that makes a tensor takes. */
export interface TensorOptions {
  /** Default: float32, or what the data or the function implies. */
  readonly dtype?: DType;
  readonly device?: string | Device;
  /** Record gradients for this tensor. */
  readonly requiresGrad?: boolean;
}

const known = ["dtype", "device", "requiresGrad"];

/** @internal Makes a tensor that owns `data`, on the device asked for. */
export function fromHost(
  where: string,
  data: TypedArray,
  shape: Shape,
  dtype: DType,
  options: TensorOptions = {},
): Tensor {
  checkOptions(where, options, known);
  const device = options.device === undefined ? defaultDevice() : getDevice(options.device);
  const { backend } = device;
  if (!backend.dtypes.has(dtype)) {
    throw new DTypeError(`${where}: ${device.name} has no ${dtype}`, `it has ${[...backend.dtypes].join(", ")}`);
  }
  if (dtype === "float16") roundToHalf(data as Float32Array);
  const buffer = backend.allocate(dtype, data.length);
  backend.write(buffer, data);
  return withOptions(new Tensor(bufferNode(buffer, shape, dtype, device)), options);
}

/** @internal `fromHost` of data that nobody else holds: a device in the host's memory takes it over. */
export function fromOwned(
  where: string,
  data: TypedArray,
  shape: Shape,
  dtype: DType,
  options: TensorOptions = {},
): Tensor {
  checkOptions(where, options, known);
  const device = options.device === undefined ? defaultDevice() : getDevice(options.device);
  if (device.backend.adopt === undefined) return fromHost(where, data, shape, dtype, options);
  return withOptions(new Tensor(bufferNode(device.backend.adopt(dtype, data), shape, dtype, device)), options);
}

function withOptions(tensor: Tensor, options: TensorOptions): Tensor {
  return options.requiresGrad === true ? tensor.requiresGrad_() : tensor;
}

/** Makes an array of `size` elements and fills it. */
function filled(
  where: string,
  shape: Shape,
  dtype: DType,
  fill: (data: TypedArray) => unknown,
  options?: TensorOptions,
): Tensor {
  const data = hostArray(dtype, sizeOf(shape));
  fill(data);
  return fromHost(where, data, shape, dtype, options);
}

function pickDType(where: string, options: TensorOptions | undefined, implied: DType): DType {
  return options?.dtype === undefined ? implied : checkDType(where, options.dtype);
}

/**
 * Makes a tensor of numbers, booleans, nested arrays or typed arrays; the data is copied.
 *
 * The dtype is float32 for numbers (JavaScript cannot tell 1 from 1.0), bool for booleans, and a typed array's own.
 * Same as torch.tensor, but for whole numbers: write `{ dtype: "int32" }` for indices and labels.
 *
 * @throws ShapeError for ragged arrays; DTypeError for elements that are no numbers; ValueError for numbers that do not fit the dtype.
 *
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * const labels = tensor([0, 2, 1], { dtype: "int32" });
 */
export function tensor(data: TensorData | Tensor, options: TensorOptions = {}): Tensor {
  if (data instanceof Tensor) {
    checkOptions("tensor", options, known);
    const copy = data.detach().to(options.dtype ?? data.dtype);
    return withOptions(options.device === undefined ? copy : copy.to(getDevice(options.device)), options);
  }
  const { shape, dtype: implied } = describe(data);
  const dtype = pickDType("tensor", options, implied);
  return filled(
    "tensor",
    shape,
    dtype,
    (out) => {
      flatten(data, shape, out, dtype);
    },
    options,
  );
}

type Make = (shape: Shape, options?: TensorOptions) => Tensor;

/* @__NO_SIDE_EFFECTS__ */
const constant =
  (name: string, value: number): Make =>
  (shape, options = {}) =>
    filled(name, checkShape(name, shape), pickDType(name, options, "float32"), (data) => data.fill(value), options);

/** Makes a tensor of zeros. Same as torch.zeros. */
export const zeros: Make = constant("zeros", 0);
/** Makes a tensor of ones. Same as torch.ones. */
export const ones: Make = constant("ones", 1);
/** Makes a tensor whose elements mean nothing (they are zeros here). Same as torch.empty. */
export const empty: Make = constant("empty", 0);

/** Makes a tensor of one number; a boolean gives bool, a number float32. Same as torch.full. */
export function full(shape: Shape, value: number | boolean, options: TensorOptions = {}): Tensor {
  if (typeof value !== "number" && typeof value !== "boolean")
    throw new DTypeError(`full: the value must be a number, got ${show(value)}`);
  const dtype = pickDType("full", options, typeof value === "boolean" ? "bool" : "float32");
  const stored = converter("full", dtype)(Number(value));
  return filled("full", checkShape("full", shape), dtype, (data) => data.fill(stored), options);
}

/** Makes the identity matrix [n, m], m = n by default. Same as torch.eye. */
export function eye(n: number, m?: number | TensorOptions, options: TensorOptions = {}): Tensor {
  const given = typeof m === "object" ? m : options;
  const columns = typeof m === "number" ? m : n;
  checkCount("eye", "n", n);
  checkCount("eye", "m", columns);
  return filled(
    "eye",
    [n, columns],
    pickDType("eye", given, "float32"),
    (data) => {
      for (let i = 0; i < Math.min(n, columns); i++) data[i * columns + i] = 1;
    },
    given,
  );
}

/**
 * Makes the numbers start, start + step, … before stop. int32 when all three are integers, else float32.
 * Same as torch.arange.
 *
 * @example
 * arange(4); // tensor([0, 1, 2, 3])
 * arange(1, 2, 0.5); // tensor([1.0000, 1.5000])
 */
export function arange(stop: number, options?: TensorOptions): Tensor;
export function arange(start: number, stop: number, options?: TensorOptions): Tensor;
export function arange(start: number, stop: number, step: number, options?: TensorOptions): Tensor;
export function arange(...args: (number | TensorOptions | undefined)[]): Tensor {
  const numbers = args.filter((arg): arg is number => typeof arg === "number");
  const options = args.find((arg): arg is TensorOptions => typeof arg === "object");
  const [start, stop, step] = numbers.length === 1 ? [0, numbers[0]!, 1] : [numbers[0], numbers[1], numbers[2] ?? 1];
  if (start === undefined || stop === undefined || ![start, stop, step].every(Number.isFinite)) {
    throw new ValueError(`arange: start, stop and step must be finite numbers, got ${show(args)}`);
  }
  if (step === 0 || (stop - start) * step < 0) {
    throw new ValueError(
      `arange: a step of ${step} does not lead from ${start} to ${stop}`,
      "the step must be nonzero and have the sign of stop - start",
    );
  }
  const dtype = pickDType("arange", options, [start, stop, step].every(Number.isInteger) ? "int32" : "float32");
  return filled(
    "arange",
    [Math.ceil((stop - start) / step)],
    dtype,
    (data) => {
      const convert = converter("arange", dtype);
      for (let i = 0; i < data.length; i++) data[i] = convert(start + i * step);
    },
    options,
  );
}

/** Makes `steps` numbers evenly spaced from start to end, both included. Same as torch.linspace. */
export function linspace(start: number, end: number, steps: number, options: TensorOptions = {}): Tensor {
  checkCount("linspace", "steps", steps);
  const dtype = pickDType("linspace", options, "float32");
  const round = dtype === "float32" ? Math.fround : (x: number): number => x;
  const step = steps > 1 ? round((round(end) - round(start)) / (steps - 1)) : 0;
  return filled(
    "linspace",
    [steps],
    dtype,
    (data) => {
      // From both ends to the middle, as PyTorch does, so that the last is exactly `end`.
      for (let i = 0; i < steps; i++) data[i] = i < steps / 2 ? start + step * i : end - step * (steps - 1 - i);
    },
    options,
  );
}

/**
 * Makes `steps` numbers from base^start to base^end, whose exponents are evenly spaced. Same as torch.logspace.
 *
 * @example
 * logspace(0, 2, 3); // tensor([  1.,  10., 100.])
 */
export function logspace(
  start: number,
  end: number,
  steps: number,
  options: TensorOptions & { readonly base?: number } = {},
): Tensor {
  const { base = 10, ...rest } = options;
  if (typeof base !== "number") throw new ValueError(`logspace: base must be a number, got ${show(base)}`);
  checkCount("logspace", "steps", steps);
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  return filled(
    "logspace",
    [steps],
    pickDType("logspace", rest, "float32"),
    (data) => {
      for (let i = 0; i < steps; i++)
        data[i] = base ** (i < steps / 2 ? start + step * i : end - step * (steps - 1 - i));
    },
    rest,
  );
}

/** A tensor's dtype and device, where the options name no other. */
function likeOptions(where: string, x: unknown, options: TensorOptions): TensorOptions {
  if (!(x instanceof Tensor)) throw new DTypeError(`${where}: expects a tensor, got ${show(x)}`);
  checkOptions(where, options, known);
  return { ...options, dtype: options.dtype ?? x.dtype, device: options.device ?? x.device };
}

/* @__NO_SIDE_EFFECTS__ */
const like =
  (name: string, make: Make): ((x: Tensor, options?: TensorOptions) => Tensor) =>
  (x, options = {}) => {
    const given = likeOptions(name, x, options);
    return make(x.shape, given);
  };

/** Makes zeros of a tensor's shape, dtype and device. Same as torch.zeros_like. */
export const zerosLike: (x: Tensor, options?: TensorOptions) => Tensor = like("zerosLike", zeros);
/** Makes ones of a tensor's shape, dtype and device. Same as torch.ones_like. */
export const onesLike: (x: Tensor, options?: TensorOptions) => Tensor = like("onesLike", ones);
/** Makes a tensor of a tensor's shape, dtype and device whose elements mean nothing. Same as torch.empty_like. */
export const emptyLike: (x: Tensor, options?: TensorOptions) => Tensor = like("emptyLike", empty);

/** Makes a tensor of one number in a tensor's shape, dtype and device. Same as torch.full_like. */
export function fullLike(x: Tensor, value: number | boolean, options: TensorOptions = {}): Tensor {
  const given = likeOptions("fullLike", x, options);
  return full(x.shape, value, given);
}
