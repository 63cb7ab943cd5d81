import type { TypedArray } from "../dtype.js";
import type { BinaryName, UnaryName } from "../program/vocabulary.js";
import { sameShape, type Shape, sizeOf } from "../shape.js";
import { broadcastStrides, type Handler, places } from "./kernel.js";
import { binary, binaryNames, conversion, type OfOne, unary } from "./numbers.js";

// This is the hot path of small models: everything that follows from shapes and dtypes is worked out once.

/** Where each element of a result reads in a source: the same place, the only one, or one that a map tells. */
type Reads = "same" | "only" | Int32Array;

function reads(from: Shape, to: Shape): Reads {
  if (sameShape(from, to)) return "same";
  if (sizeOf(from) === 1 && sizeOf(to) !== 1) return "only";
  return places(to, broadcastStrides(from, to)) ?? "same";
}

/** The element that the result's element `i` is made from. */
const at = (data: TypedArray, from: Reads, i: number): number =>
  data[from === "same" ? i : from === "only" ? 0 : from[i]!]!;

const mapOne =
  (f: OfOne): ReturnType<Handler> =>
  (out, srcs) => {
    const x = srcs[0]!;
    for (let i = 0; i < out.length; i++) out[i] = f(x[i]!);
  };

const mapTwo =
  (name: BinaryName): Handler =>
  (node, [x, y]) => {
    const f = binary(name, x!.dtype);
    const fromX = reads(x!.shape, node.shape);
    const fromY = reads(y!.shape, node.shape);
    if (fromX === "same" && fromY === "same") {
      return (out, srcs) => {
        const a = srcs[0]!;
        const b = srcs[1]!;
        for (let i = 0; i < out.length; i++) out[i] = f(a[i]!, b[i]!);
      };
    }
    if (fromX === "same" && fromY === "only") {
      return (out, srcs) => {
        const a = srcs[0]!;
        const b = srcs[1]![0]!;
        for (let i = 0; i < out.length; i++) out[i] = f(a[i]!, b);
      };
    }
    return (out, srcs) => {
      const a = srcs[0]!;
      const b = srcs[1]!;
      for (let i = 0; i < out.length; i++) out[i] = f(at(a, fromX, i), at(b, fromY, i));
    };
  };

const where: Handler = (node, [condition, x, y]) => {
  const fromC = reads(condition!.shape, node.shape);
  const fromX = reads(x!.shape, node.shape);
  const fromY = reads(y!.shape, node.shape);
  return (out, srcs) => {
    const c = srcs[0]!;
    const a = srcs[1]!;
    const b = srcs[2]!;
    for (let i = 0; i < out.length; i++) out[i] = at(c, fromC, i) !== 0 ? at(a, fromX, i) : at(b, fromY, i);
  };
};

/** A handler for each name. */
function handlers<Name extends string>(names: readonly Name[], make: (name: Name) => Handler): Record<Name, Handler> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Handler>;
}

export const elementwise: Record<UnaryName | BinaryName | "where", Handler> = {
  ...handlers(Object.keys(unary) as (keyof typeof unary)[], (name) => () => mapOne(unary[name])),
  ...handlers(binaryNames, mapTwo),
  cast: (node, [x]) => mapOne(conversion(x!.dtype, node.dtype)),
  where,
};
