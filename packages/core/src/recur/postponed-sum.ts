import type { GradientRule } from "../autograd/rule.js";
import { multiply } from "../ops/product.js";
import { toOrder, toShape } from "../ops/view.js";
import type { Node, Op } from "../program/node.js";
import { Tensor } from "../tensor.js";

/** Values of all turns, [steps, ...]: those of arguments of a body, and those of what it was asked to keep. */
export interface Stacked {
  argument(k: number): Tensor;
  kept(k: number): Tensor;
}

/** Computes something once the recurrence is over. */
export type Later = (stacked: Stacked) => Tensor;

const order = (dims: readonly number[]): number[] => [0, ...dims.map((dim) => dim + 1)];

/**
 * Plans how a value is summed over all turns, without summing it in each: a sum of products xᵀy is one product of what
 * is stacked, [n, steps · k] by [steps · k, m]. `moving` tells the arguments that differ from turn to turn; what must be
 * kept of each turn beside them is added to `keep`.
 */
export function postponedSum(value: Tensor, moving: ReadonlyMap<Node, number>, keep: Tensor[]): Later {
  const stack = (node: Node): Later => {
    const known = moving.get(node);
    if (known !== undefined) return (stacked) => stacked.argument(known);
    const { op, srcs, attrs, shape } = node;
    if (op.name === "permute" && !node.isLeaf) {
      const from = stack(srcs[0]!);
      return (stacked) => toOrder(from(stacked), order(attrs));
    }
    if (op.name === "reshape" && !node.isLeaf) {
      const from = stack(srcs[0]!);
      return (stacked) => {
        const x = from(stacked);
        return toShape(x, [x.shape[0]!, ...shape]);
      };
    }
    let at = keep.findIndex((kept) => kept.node === node);
    if (at < 0) at = keep.push(new Tensor(node)) - 1;
    return (stacked) => stacked.kept(at);
  };
  const sum = (node: Node): Later => {
    const { op, srcs, attrs, shape, isLeaf } = node;
    const [x, y] = srcs as [Node, Node];
    switch (isLeaf ? "" : (op as Op<GradientRule>).name) {
      case "permute": {
        const from = sum(x);
        return (stacked) => toOrder(from(stacked), attrs);
      }
      case "reshape": {
        const from = sum(x);
        return (stacked) => toShape(from(stacked), shape);
      }
      case "add": {
        if (sizes(x) !== sizes(node) || sizes(y) !== sizes(node)) break;
        const [a, b] = [sum(x), sum(y)];
        return (stacked) => a(stacked).add(b(stacked));
      }
      case "sum": {
        const from = stack(x);
        const dims = order(attrs.slice(1));
        return (stacked) => toShape(from(stacked).sum(dims), shape);
      }
      case "matmul": {
        if (x.shape.length !== 2 || y.shape.length !== 2) break;
        const [a, b] = [stack(x), stack(y)];
        return (stacked) => {
          const [left, right] = [a(stacked), b(stacked)];
          const [steps, n, k] = left.shape as unknown as [number, number, number];
          return multiply(
            toShape(toOrder(left, [1, 0, 2]), [n, steps * k]),
            toShape(right, [steps * k, right.shape[2]!]),
          );
        };
      }
      default:
    }
    const from = stack(node);
    return (stacked) => from(stacked).sum(0);
  };
  return sum(value.node);
}

const sizes = ({ shape }: Node): string => shape.join();
