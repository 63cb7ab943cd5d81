import type { DType } from "./dtype.js";
import { DTypeError, GradientError, ShapeError, show, ValueError } from "./errors.js";
import { type Shape, text } from "./shape.js";

export const madeError = (given: unknown): DTypeError =>
  new DTypeError(
    `Tensor: is not made with new, got ${show(given)}`,
    "write tensor([1, 2]), zeros([2, 3]), rand([2]) …",
  );

export const noFloatError = (dtype: DType): DTypeError =>
  new DTypeError(
    `requiresGrad: only float tensors can require gradients, this one is ${dtype}`,
    'convert it with x.to("float32")',
  );

export const noLeafError = (): GradientError =>
  new GradientError(
    "requiresGrad: only a leaf can stop requiring gradients",
    "use x.detach() for a value without gradients",
  );

export const itemError = (shape: Shape, count: number): ShapeError =>
  new ShapeError(
    `item: needs exactly one element, ${text(shape)} has ${count}`,
    "reduce it first (x.mean()), or read all with x.tolist()",
  );

export const jsonError = (shape: Shape): ValueError =>
  new ValueError(
    `toJSON: the values of a tensor (shape ${text(shape)}) are read asynchronously, and JSON.stringify does not wait`,
    "JSON.stringify(await x.tolist())",
  );
