import { type DType, isFloat } from "../dtype.js";
import type { BinaryName, UnaryName } from "../program/vocabulary.js";
import { broadcast, sizeOf } from "../shape.js";
import { type Known, type Make, most, type ProgramBuilder, unit } from "./program-builder.js";
import { slice, unslice, windows, reshape, permute, expand, cat, gather, scatter, flip } from "./random-moves.js";

/** The dtypes of random values, by how often they come. */
export const randomDTypes: readonly DType[] = ["float32", "float32", "float64", "int32", "uint8", "bool"];

/** A smooth function, its steepest slope and largest value, by the bound of its argument. */
const smooth =
  (
    name: UnaryName,
    slope: number,
    largest: (bound: number) => number,
    before?: (b: ProgramBuilder, x: number) => number,
  ): Make =>
  (b, x) => {
    const { dtype } = b.node(x);
    if (!isFloat(dtype)) return b.turned(x);
    const of = before?.(b, x) ?? x;
    const { bound, error } = b.known[of]!;
    const most = largest(bound);
    return b.unary(name, of, { bound: most, error: slope * error + 4 * unit(dtype) * most });
  };

const arithmetic =
  (
    name: BinaryName,
    of: (x: Known, y: Known) => Known,
    fit = (b: ProgramBuilder, x: number, y: number): number => b.fitted(x, y),
  ): Make =>
  (b, x, y) => {
    const other = fit(b, x, y);
    return b.small(b.binary(name, x, other, of(b.known[x]!, b.known[other]!)));
  };

/** For exact values; others are left to `instead`. */
const exactly =
  (make: Make, instead: Make = (b, x) => b.turned(x)): Make =>
  (b, x, y, z, detail) =>
    b.isExact(x) ? make(b, x, y, z, detail) : instead(b, x, y, z, detail);

const compares = (name: BinaryName): Make =>
  exactly((b, x, y) => {
    const other = b.fitted(x, y);
    if (!b.isExact(other)) return b.otherwise(x, y);
    return b.binary(name, x, other, { bound: 1, error: 0 }, "bool");
  });

const reduces =
  (name: "sum" | "prod" | "max" | "min"): Make =>
  (b, x, y, _, detail) => {
    const { shape, dtype } = b.node(x);
    const dims = shape.flatMap((_, dim) => ((y >> dim) & 1 ? [dim] : []));
    const count = dims.reduce((product, dim) => product * shape[dim]!, 1);
    if (dims.length === 0 || (count === 0 && (name === "max" || name === "min"))) return b.otherwise(x, y);
    const keep = detail % 2;
    const to = keep
      ? shape.map((size, dim) => (dims.includes(dim) ? 1 : size))
      : shape.filter((_, dim) => !dims.includes(dim));
    const { bound, error } = b.known[x]!;
    let known = { bound, error };
    if (isFloat(dtype) && name === "sum" && count > 1)
      known = { bound: count * bound, error: count * error + unit(dtype) * count * count * bound };
    if (isFloat(dtype) && name === "prod" && count > 1) {
      const largest = Math.max(bound, 1) ** count;
      if (largest > 1e4) return b.otherwise(x, y);
      known = { bound: largest, error: count * largest * error + unit(dtype) * count * largest };
    }
    return b.small(b.add(name, [x], to, [keep, ...dims], known));
  };

const arg = (name: "argmax" | "argmin"): Make =>
  exactly((b, x, y, _, detail) => {
    const { shape } = b.node(x);
    const dim = b.dim(x, y);
    if ((shape[dim] ?? 1) === 0) return b.otherwise(x, y);
    const to = detail % 2 ? shape.map((size, i) => (i === dim ? 1 : size)) : shape.filter((_, i) => i !== dim);
    return b.add(name, [x], to, [detail % 2, ...(shape.length === 0 ? [] : [dim])], { bound: most, error: 0 }, "int32");
  });

const scan =
  (name: "cumsum" | "cumprod"): Make =>
  (b, x, y, _, detail) => {
    const { shape, dtype } = b.node(x);
    if (shape.length === 0) return b.otherwise(x, y);
    const dim = b.dim(x, detail);
    const { bound, error } = b.known[x]!;
    const count = shape[dim]!;
    if (!isFloat(dtype)) return b.add(name, [x], shape, [dim], { bound, error });
    const largest = name === "cumsum" ? Math.max(count, 1) * bound : Math.max(bound, 1) ** count;
    if (largest > 1e4) return b.otherwise(x, y);
    const grown = name === "cumsum" ? count * error : count * largest * error;
    return b.small(
      b.add(name, [x], shape, [dim], { bound: largest, error: grown + unit(dtype) * (count + 1) * largest }),
    );
  };

/** A matrix product with a new matrix, in one of many layouts, or with itself. */
const matmul: Make = (b, x, y, z, detail) => {
  const { dtype, shape } = b.node(x);
  if (dtype === "bool") return b.turned(x);
  let left = x;
  if (shape.length < 2) left = b.move("reshape", x, [1, sizeOf(shape)], []);
  if (detail & 1) {
    const order = b.node(left).shape.map((_, i) => i);
    [order[order.length - 1], order[order.length - 2]] = [order.length - 2, order.length - 1];
    left = b.move(
      "permute",
      left,
      order.map((dim) => b.node(left).shape[dim]!),
      order,
    );
  }
  const [n, k] = b.node(left).shape.slice(-2) as [number, number];
  const lead = b.node(left).shape.slice(0, -2);
  const m = [1, 3, 5, 9, 12, 17][y % 6]!;
  const batches = sizeOf(lead);
  if (batches * n * m > 2 * most) return b.turned(x);
  // The other's batches: none, the same, or broadcast in one dim.
  const leads =
    z % 3 === 0 ? [] : z % 3 === 1 ? lead : lead.map((size, i) => (i === z % Math.max(lead.length, 1) ? 1 : size));
  let right: number;
  const turned = [...leads.keys(), leads.length + 1, leads.length];
  switch (detail % 4) {
    case 0:
      right = b.input([...leads, k, m], dtype);
      break;
    case 1:
      right = b.move("permute", b.input([...leads, m, k], dtype), [...leads, k, m], turned);
      break;
    case 2:
      right = b.move("flip", b.input([...leads, k, m], dtype), [...leads, k, m], [leads.length + (z % 2)]);
      break;
    default:
      right = b.move(
        "slice",
        b.input([...leads, k + 2, m], dtype),
        [...leads, k, m],
        [leads.length, k, 1],
        b.number(z % 3, "int32"),
      );
  }
  const [p, q] = [b.known[left]!, b.known[right]!];
  const bound = Math.max(k, 1) * p.bound * q.bound;
  const error = k * (p.error * q.bound + q.error * p.bound) + unit(dtype) * (k + 1) * bound;
  return b.small(b.add("matmul", [left, right], [...lead, n, m], [], { bound, error: isFloat(dtype) ? error : 0 }));
};

const argsort: Make = exactly((b, x, y, _, detail) => {
  const { shape } = b.node(x);
  if (shape.length === 0) return b.otherwise(x, y);
  return b.add("argsort", [x], shape, [b.dim(x, detail), y % 2], { bound: most, error: 0 }, "int32");
});

const where: Make = (b, x, y, z) => {
  const other = b.fitted(x, y);
  let condition = b.isExact(z) ? b.cast(z, "bool") : z;
  const shape = broadcast("where", b.node(x).shape, b.node(other).shape);
  const from = b.node(condition).shape;
  const lead = shape.length - from.length;
  const fits = lead >= 0 && from.every((n, i) => n === 1 || n === shape[lead + i]);
  if (!fits || b.node(condition).dtype !== "bool") condition = b.input(shape, "bool");
  const [p, q] = [b.known[x]!, b.known[other]!];
  const known = { bound: Math.max(p.bound, q.bound), error: Math.max(p.error, q.error) };
  return b.add("where", [condition, x, other], shape, [], known, b.node(x).dtype);
};

const both = (x: Known, y: Known): Known => ({ bound: x.bound + y.bound, error: x.error + y.error });
const larger = (x: Known, y: Known): Known => ({
  bound: Math.max(x.bound, y.bound),
  error: Math.max(x.error, y.error),
});

/** Division by 1 + |y|, or of integers by a number that is not 0. */
const divides: Make = (b, x, y) => {
  const { dtype } = b.node(x);
  if (dtype === "bool") return b.turned(x);
  const other = b.fitted(x, y);
  if (!isFloat(dtype)) return b.binary("floorDivide", x, b.number(1 + (y % 7), dtype), { bound: 2 ** 31, error: 0 });
  const by = b.positive(other);
  const [p, q] = [b.known[x]!, b.known[by]!];
  return b.binary("div", x, by, { bound: p.bound, error: p.error + p.bound * q.error });
};

/** Every kind of primitive, in forms that fit any value. */
const ops: readonly Make[] = [
  arithmetic("add", both),
  (b, x, y, z, detail) =>
    b.node(x).dtype === "bool" ? compares("ne")(b, x, y, z, detail) : arithmetic("sub", both)(b, x, y, z, detail),
  arithmetic("mul", (x, y) => ({ bound: x.bound * y.bound, error: x.error * y.bound + y.error * x.bound })),
  arithmetic("maximum", larger),
  arithmetic("minimum", larger),
  divides,
  compares("lt"),
  compares("le"),
  compares("eq"),
  compares("and"),
  compares("xor"),
  where,
  smooth("sin", 1, () => 1),
  smooth("tanh", 1, () => 1),
  smooth("erf", 1.13, () => 1),
  smooth(
    "exp",
    1,
    () => 1,
    (b, x) => b.unary("neg", b.unary("abs", x, b.known[x]!), b.known[x]!),
  ),
  smooth(
    "log",
    1,
    (bound) => Math.log(bound + 1),
    (b, x) => b.positive(x),
  ),
  smooth(
    "log1p",
    1,
    (bound) => Math.log(bound + 1),
    (b, x) => b.unary("abs", x, b.known[x]!),
  ),
  (b, x) => {
    if (!isFloat(b.node(x).dtype)) return b.unary("abs", x, b.known[x]!);
    const of = b.positive(x);
    return b.unary("sqrt", of, b.rounded(b.known[of]!, b.node(x).dtype));
  },
  (b, x) => b.turned(x),
  exactly((b, x, y) =>
    b.unary((["floor", "ceil", "round", "trunc", "sign"] as const)[y % 5]!, x, {
      bound: b.known[x]!.bound + 1,
      error: 0,
    }),
  ),
  exactly((b, x) => b.unary("logicalNot", x, { bound: 1, error: 0 }, "bool")),
  (b, x, y) => b.cast(x, randomDTypes[y % randomDTypes.length]!),
  reshape,
  permute,
  expand,
  slice,
  slice,
  windows,
  flip,
  unslice,
  cat,
  gather,
  scatter,
  argsort,
  matmul,
  matmul,
  reduces("sum"),
  reduces("sum"),
  reduces("prod"),
  reduces("max"),
  reduces("min"),
  arg("argmax"),
  arg("argmin"),
  scan("cumsum"),
  scan("cumprod"),
  (b, _, y, z) => {
    const shape = [[3], [7, 2], [17], [2, 1, 5]][y % 4]!;
    const srcs = [b.number(z, "int32"), b.number(y, "int32")];
    return b.add("uniform", srcs, shape, shape, { bound: 1, error: 0 }, "float32");
  },
  (b, _, y) => b.add("iota", [], [1 + (y % 9)], [1 + (y % 9)], { bound: 10, error: 0 }, "int32"),
];

/** An op for each number. */
export const randomOp = (n: number): Make => ops[n % ops.length]!;
