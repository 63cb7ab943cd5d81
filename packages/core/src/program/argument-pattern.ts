import type { Device } from "../backend/device.js";
import type { DType } from "../dtype.js";
import { sameShape, type Shape } from "../shape.js";
import { Tensor } from "../tensor.js";
import { bufferNode, expose, type Node, overwrittenError } from "./node.js";
import { flush } from "./flush.js";

/** Whether a tensor asks for gradients, and if so, whether it is where they end or the result of a graph. */
const gradientKind = (node: Node): number =>
  !node.requiresGrad ? 0 : node.parents.length === 0 && node.backward === null && !node.freed ? 1 : 2;

/** What an argument must be for a trace to hold for it. */
export type Pattern =
  | {
      readonly kind: "tensor";
      readonly shape: Shape;
      readonly dtype: DType;
      readonly device: Device;
      readonly gradient: number;
    }
  | { readonly kind: "list"; readonly items: readonly Pattern[] }
  | { readonly kind: "record"; readonly names: readonly string[]; readonly items: readonly Pattern[] }
  | { readonly kind: "same"; readonly value: unknown };

type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is an object written in braces, whose parts are looked at one by one. */
export const isPlain = (value: unknown): value is Fields =>
  value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;

/** Subclasses (Parameters) are variables: as a module, each is itself. */
const isValue = (value: unknown): value is Tensor => value instanceof Tensor && value.constructor === Tensor;

/** Describes an argument, and puts a tensor of the traced call's own in the place of each tensor in it. */
export function describe(value: unknown, outside: Tensor[], inside: Tensor[]): [pattern: Pattern, stand: unknown] {
  if (isValue(value)) {
    const { shape, dtype, device } = value;
    const stand = standIn(value);
    outside.push(value);
    inside.push(stand);
    return [{ kind: "tensor", shape, dtype, device, gradient: gradientKind(value.node) }, stand];
  }
  if (Array.isArray(value)) {
    const parts = value.map((item) => describe(item, outside, inside));
    return [{ kind: "list", items: parts.map(([pattern]) => pattern) }, parts.map(([, stand]) => stand)];
  }
  if (isPlain(value)) {
    const names = Object.keys(value);
    const parts = names.map((name) => describe(value[name], outside, inside));
    return [
      { kind: "record", names, items: parts.map(([pattern]) => pattern) },
      Object.fromEntries(names.map((name, i) => [name, parts[i]![1]])),
    ];
  }
  return [{ kind: "same", value }, value];
}

/** The same value under a Node of its own, so that a tensor that is passed and captured too is two things. */
function standIn(x: Tensor): Tensor {
  const node = bufferNode(bufferOf(x), x.shape, x.dtype, x.device);
  const stand = new Tensor(node);
  const kind = gradientKind(x.node);
  if (kind === 1) stand.requiresGrad_();
  if (kind === 2) node.requiresGrad = node.freed = true;
  stand.grad = x.grad;
  stand.hooks = x.hooks;
  return stand;
}

/** The memory that holds a tensor's value, which is computed first if it has to be. */
export function bufferOf({ node }: Tensor): NonNullable<Node["buffer"]> {
  if (node.buffer !== null) return node.buffer;
  if (node.overwrittenBy !== null) throw overwrittenError("compile", node);
  expose(node);
  flush([node]);
  return node.buffer!;
}

/** Whether a trace holds for an argument; adds the tensors in it to `found`. */
export function fits(pattern: Pattern, value: unknown, found: Tensor[]): boolean {
  switch (pattern.kind) {
    case "tensor": {
      if (!isValue(value)) return false;
      const { node } = value;
      if (node.dtype !== pattern.dtype || node.device !== pattern.device || gradientKind(node) !== pattern.gradient)
        return false;
      if (node.shape !== pattern.shape && !sameShape(node.shape, pattern.shape)) return false;
      found.push(value);
      return true;
    }
    case "same":
      return Object.is(value, pattern.value);
    case "list":
      return Array.isArray(value) && allFit(pattern.items, value, found);
    case "record": {
      if (!isPlain(value)) return false;
      const { names, items } = pattern;
      const keys = Object.keys(value);
      return (
        keys.length === names.length &&
        names.every((name, i) => keys[i] === name && fits(items[i]!, value[name], found))
      );
    }
  }
}

/** Whether a trace holds for a list of arguments. */
export function allFit(patterns: readonly Pattern[], values: readonly unknown[], found: Tensor[]): boolean {
  if (values.length !== patterns.length) return false;
  for (let i = 0; i < patterns.length; i++) if (!fits(patterns[i]!, values[i], found)) return false;
  return true;
}
