import { DTypeError, GradientError, show, ShapeError } from "../errors.js";
import { isGradEnabled } from "../autograd/mode.js";
import { ValueChange } from "../program/change.js";
import { conceal, expose } from "../program/node.js";
import { relieve } from "../program/relieve.js";
import { enter, isInside, leave } from "../program/scope.js";
import { trace } from "../program/trace.js";
import { isView } from "../program/views.js";
import { broadcast, sameShape, text } from "../shape.js";
import { apply, COPY, type Tensor } from "../tensor.js";
import { toExpanded } from "./view.js";
import { checkValue, toOperand, type Value } from "./operand.js";

/** @internal Throws where PyTorch does not allow, or Downhill cannot do, an in-place change of `x`. */
export function checkInPlace(where: string, x: Tensor): void {
  if (x.isLeaf && x.requiresGrad && isGradEnabled()) {
    throw new GradientError(
      `${where}: a leaf that requires gradients cannot be changed in place`,
      `wrap the update: noGrad(() => w.${where}(…))`,
    );
  }
  if (isView(x.node) && !x.isGradient) {
    throw new GradientError(
      `${where}: this tensor is a view, and a change of it would not reach the tensor it was taken from`,
      "write into that one: base.indexPut_([0, range(1, 3)], values); or change a copy: view.clone()",
    );
  }
}

/** @internal Lets `x` stand for `result` from now on: how every in-place method ends. */
export function rebind(where: string, x: Tensor, result: Tensor): Tensor {
  if (!sameShape(x.shape, result.shape)) {
    throw new ShapeError(
      `${where}: the result has shape ${text(result.shape)}, the tensor changed in place ${text(x.shape)}`,
      "in-place methods keep the shape",
    );
  }
  if (x.dtype !== result.dtype) {
    throw new DTypeError(
      `${where}: the result is ${result.dtype}, the tensor changed in place ${x.dtype}`,
      "use the form without _, or convert first",
    );
  }
  // A result that other tensors hold too gets a value of its own here.
  const node =
    result.node.visible || result.node.isLeaf || result.node === x.node
      ? apply(COPY, [result], [], x.shape, x.dtype).node
      : result.node;
  const leaf = x.isLeaf && x.requiresGrad;
  trace?.move(x);
  if (trace === null) x.device.changes.push(new ValueChange(x, x.node, node));
  // The value before is nobody's any more; a tensor that shares it makes it readable again when it is read.
  if (!isInside()) conceal(x.node);
  x.node = node;
  if (leaf) {
    node.requiresGrad = true;
    node.variable = x;
  }
  if (!isInside()) {
    expose(node);
    relieve(node);
  }
  return x;
}

/** @internal The in-place form of an op: `add_` of `add`. */
export function inPlace<A extends readonly unknown[]>(
  name: string,
  op: (x: Tensor, ...rest: A) => Tensor,
): (x: Tensor, ...rest: A) => Tensor {
  return (x, ...rest) => {
    checkInPlace(name, x);
    const outer = enter();
    let result: Tensor;
    try {
      result = op(x, ...rest);
    } finally {
      leave(outer);
    }
    return rebind(name, x, result);
  };
}

/** @internal The value of `source` in the shape and dtype of `x`. */
function filled(where: string, x: Tensor, source: Value): Tensor {
  checkValue(where, source);
  const from = toOperand(where, source, x.dtype, x);
  if (!sameShape(broadcast(where, x.shape, from.shape), x.shape)) {
    throw new ShapeError(`${where}: ${text(from.shape)} does not broadcast to ${text(x.shape)}`);
  }
  return apply(COPY, [toExpanded(from, x.shape)], [], x.shape, x.dtype);
}

type InPlace<A extends readonly unknown[]> = (x: Tensor, ...rest: A) => Tensor;

/** Takes on another tensor's values, broadcast and converted. Same as torch.Tensor.copy_. */
export const copy_: InPlace<[source: Tensor]> = inPlace("copy_", (x: Tensor, source: Tensor) =>
  filled("copy_", x, source),
);

/** Sets every element to a number. Same as torch.Tensor.fill_. */
export const fill_: InPlace<[number: number | boolean]> = inPlace("fill_", (x: Tensor, number: number | boolean) => {
  if (typeof number !== "number" && typeof number !== "boolean")
    throw new DTypeError(`fill_: takes a number, got ${show(number)}`);
  return filled("fill_", x, number);
});

/** Sets every element to 0. Same as torch.Tensor.zero_. */
export const zero_: InPlace<[]> = inPlace("zero_", (x: Tensor) => filled("zero_", x, 0));
