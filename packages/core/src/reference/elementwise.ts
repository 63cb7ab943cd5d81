import type { DType, TypedArray } from "../dtype.js";
import { isFloat } from "../dtype.js";
import type { BinaryName, UnaryName } from "../program/vocabulary.js";
import { broadcastStrides, type Handler, places } from "./kernel.js";

/** What an op does to numbers. Results are rounded to the dtype when they are stored. */
type Scalar1 = (x: number) => number;
type Scalar2 = (x: number, y: number) => number;

const unary: Record<Exclude<UnaryName, "cast">, Scalar1> = {
  copy: (x) => x,
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : x),
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erf: (x) => x,
  erfc: (x) => x,
  floor: Math.floor,
  ceil: Math.ceil,
  // Halves go to the even neighbour.
  round: (x) => {
    const below = Math.floor(x);
    const rest = x - below;
    if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
    return below % 2 === 0 ? below : below + 1;
  },
  trunc: Math.trunc,
  logicalNot: (x) => (x === 0 ? 1 : 0),
};

const comparisons = {
  eq: (x: number, y: number) => (x === y ? 1 : 0),
  ne: (x: number, y: number) => (x !== y ? 1 : 0),
  lt: (x: number, y: number) => (x < y ? 1 : 0),
  le: (x: number, y: number) => (x <= y ? 1 : 0),
};

const floats: Record<BinaryName, Scalar2> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  floorDivide: (x, y) => Math.floor(x / y),
  // The sign of the divisor, as in Python.
  remainder: (x, y) => {
    const rest = x % y;
    return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
  },
  fmod: (x, y) => x % y,
  pow: (x, y) => (y === 0 || x === 1 ? 1 : x === -1 && Math.abs(y) === Infinity ? 1 : x ** y),
  // Math.max and Math.min return NaN for NaN, as PyTorch does.
  maximum: Math.max,
  minimum: Math.min,
  atan2: Math.atan2,
  ...comparisons,
  and: (x, y) => (x !== 0 && y !== 0 ? 1 : 0),
  or: (x, y) => (x !== 0 || y !== 0 ? 1 : 0),
  xor: (x, y) => ((x !== 0) !== (y !== 0) ? 1 : 0),
};

const integers: Record<BinaryName, Scalar2> = {
  ...floats,
  mul: Math.imul,
};

const bools: Record<BinaryName, Scalar2> = { ...floats, add: floats.or, mul: floats.and };

const tableOf = (dtype: DType): Record<BinaryName, Scalar2> => (isFloat(dtype) ? floats : dtype === "bool" ? bools : integers);

function convert(from: DType, to: DType): Scalar1 {
  if (to === "bool") return (x) => (x !== 0 ? 1 : 0);
  return isFloat(from) && !isFloat(to) ? Math.trunc : (x) => x;
}

const mapUnary =
  (pick: (from: DType, to: DType) => Scalar1): Handler =>
  (node, [src]) => {
    const f = pick(src!.dtype, node.dtype);
    return (out, [a]) => {
      for (let i = 0; i < out.length; i++) out[i] = f(a![i]!);
    };
  };

const mapBinary =
  (name: BinaryName): Handler =>
  (node, [x, y]) => {
    const f = tableOf(x!.dtype)[name];
    const px = places(node.shape, broadcastStrides(x!.shape, node.shape));
    const py = places(node.shape, broadcastStrides(y!.shape, node.shape));
    if (px === null && py === null) {
      return (out, [a, b]) => {
        for (let i = 0; i < out.length; i++) out[i] = f(a![i]!, b![i]!);
      };
    }
    const at = (map: Int32Array | null, i: number): number => (map === null ? i : map[i]!);
    return (out, [a, b]) => {
      for (let i = 0; i < out.length; i++) out[i] = f(a![at(px, i)]!, b![at(py, i)]!);
    };
  };

/** Maps a record's names to handlers. */
function handlers<Name extends string>(names: readonly Name[], make: (name: Name) => Handler): Record<Name, Handler> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Handler>;
}

const unaryNames = Object.keys(unary) as (keyof typeof unary)[];
const binaryNames = Object.keys(floats) as BinaryName[];

export const elementwise: Record<UnaryName | BinaryName | "where", Handler> = {
  ...handlers(unaryNames, (name) => mapUnary(() => unary[name])),
  ...handlers(binaryNames, mapBinary),
  cast: mapUnary(convert),
  where: (node, srcs) => {
    const [pc, px, py] = srcs.map((src) => places(node.shape, broadcastStrides(src.shape, node.shape)));
    const read = (data: TypedArray, map: Int32Array | null | undefined, i: number): number => data[map ? map[i]! : i]!;
    return (out, [c, x, y]) => {
      for (let i = 0; i < out.length; i++) out[i] = read(c!, pc, i) !== 0 ? read(x!, px, i) : read(y!, py, i);
    };
  },
};
