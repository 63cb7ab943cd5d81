import type { GradientRule } from "../autograd/rule.js";
import type { Device } from "../backend/device.js";
import { DTypeError, IndexError, show } from "../errors.js";
import { callerCode, type IndexCaller } from "../program/index-caller.js";
import { defineOp, type Op, recordSource } from "../program/node.js";
import { broadcast, type Shape } from "../shape.js";
import { apply, scalar, Tensor } from "../tensor.js";
import { toExpanded } from "./view.js";

// The primitives that read and write by index tensors, for ops that have checked what they pass.

/** Where an index tensor points, and who asks. */
export interface Access {
  /** The op that an error names. */
  readonly caller: IndexCaller;
  /** The dim that an error names; default `dim`, -1 for none. */
  readonly named?: number;
  /** Whether negative indices count from the end. */
  readonly wrap?: boolean;
}

/** The first four attrs of both primitives: [dim, wrap, caller, named]. */
const facts = (dim: number, { caller, named = dim, wrap = false }: Access): number[] => [
  dim,
  wrap ? 1 : 0,
  callerCode(caller),
  named,
];

// attrs [...facts, ...shape]: out[i, j] = x[index[i, j], j] for dim 0. `index` broadcasts to the result; `x` may be
// longer than the result in the other dims.
const GATHER: Op<GradientRule> = defineOp<GradientRule>("gather", [
  ({ grad, y, attrs, shape }) => write(scalar(0, grad.dtype, grad.device), shape, y, grad, true, attrs.slice(0, 4)),
  null,
]);

function read(x: Tensor, shape: Shape, index: Tensor, known: readonly number[]): Tensor {
  return apply(GATHER, [x, index], [...known, ...shape], shape, x.dtype);
}

// attrs [...facts, adds, ...shape]: a copy of x, with out[index[i, j], j] = or += src[i, j] for dim 0. `x` broadcasts to
// the result; `index` and `src` broadcast to each other. Of several writes to one place the last stays.
const SCATTER: Op<GradientRule> = defineOp<GradientRule>("scatter", [
  ({ grad, y, z, attrs }) => {
    if (attrs[4] === 1) return grad;
    const hidden = toExpanded(scalar(0, grad.dtype, grad.device), broadcast("scatter", y.shape, z.shape));
    return write(grad, grad.shape, y, hidden, false, attrs.slice(0, 4));
  },
  null,
  // As PyTorch: where one place was written twice, both writers get its gradient.
  ({ grad, y, shape, attrs }) => read(grad, broadcast("scatter", y.shape, shape), y, attrs.slice(0, 4)),
]);

function write(x: Tensor, shape: Shape, index: Tensor, src: Tensor, adds: boolean, known: readonly number[]): Tensor {
  return apply(SCATTER, [x, index, src], [...known, adds ? 1 : 0, ...shape], shape, src.dtype);
}

const IOTA: Op<GradientRule> = defineOp<GradientRule>("iota", null);

/** @internal Reads x along `dim` at the places in `index`, which broadcasts to `shape`, the result's. x is not 0-d. */
export function readAlong(x: Tensor, dim: number, index: Tensor, shape: Shape, access: Access): Tensor {
  return read(x, shape, index, facts(dim, access));
}

/** @internal A copy of x with `src` written, or added, along `dim` at the places in `index`. x is not 0-d. */
export function writeAlong(x: Tensor, dim: number, index: Tensor, src: Tensor, adds: boolean, access: Access): Tensor {
  return write(x, x.shape, index, src, adds, facts(dim, access));
}

/** @internal The numbers 0, 1, …, n - 1 as int32, made where they are used. */
export function iota(n: number, device: Device): Tensor {
  return new Tensor(recordSource(IOTA, [n], [n], "int32", device));
}

/** @internal Checks that an argument can be an index tensor. */
export function checkIndex(where: string, index: unknown): asserts index is Tensor {
  if (!(index instanceof Tensor)) {
    throw new IndexError(
      `${where}: the index must be an int32 tensor, got ${show(index)}`,
      'make one with tensor([0, 2], { dtype: "int32" })',
    );
  }
  if (index.dtype !== "int32") {
    throw new DTypeError(
      `${where}: the index must be int32, got ${index.dtype}`,
      index.dtype === "bool"
        ? "a mask goes to at, maskedSelect or where"
        : 'convert it with index.to("int32"), or make it with tensor(data, { dtype: "int32" })',
    );
  }
}
