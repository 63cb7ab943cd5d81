import { type DType, dtypes } from "../../dtype.js";
import * as arithmetic from "../../ops/arithmetic.js";
import type { OpCase, OpCases } from "../op-case.js";

const numbers: readonly DType[] = ["uint8", "int32", "float32", "float64"];
const shapes = [
  [2, 1, 3],
  [4, 1],
] as const;
/** Divisors that are no 0, also as integers. */
const away = [1, 6] as const;

const divisions = (run: OpCase["run"]): readonly OpCase[] => [
  { run, shapes, range: away, dtypes: numbers },
  // Negative dividends and divisors.
  { run: (x, y) => run(x.sub(3.5), y.neg()), shapes, range: away },
];

export const arithmeticCases: OpCases<typeof arithmetic> = {
  add: [
    { run: (x, y) => arithmetic.add(x, y), shapes, dtypes },
    { run: (x, y) => arithmetic.add(x, y, { alpha: -3 }), shapes, dtypes: ["int32", "float32", "float64"] },
    { run: (x) => arithmetic.add(2.5, x), shapes: [[3]], dtypes },
  ],
  sub: [
    { run: (x, y) => arithmetic.sub(x, y), shapes, dtypes: numbers },
    { run: (x) => arithmetic.sub(1, x), shapes: [[3]] },
    { run: (x, y) => arithmetic.sub(x, y, { alpha: 0.5 }), shapes },
  ],
  rsub: [
    { run: (x, y) => arithmetic.rsub(x, y), shapes, dtypes: numbers },
    { run: (x) => arithmetic.rsub(x, 1, { alpha: 2 }), shapes: [[3]] },
  ],
  mul: [
    { run: arithmetic.mul, shapes, dtypes },
    { run: (x) => arithmetic.mul(x, x), shapes: [[]] },
    // Products past 2^53, which wrap in int32.
    {
      run: (x, y) => arithmetic.mul(x.mul(1_000_000_007), y.mul(998_244_353)),
      shapes,
      dtypes: ["int32"],
      differentiable: false,
    },
  ],
  div: [
    { run: (x, y) => arithmetic.div(x, y), shapes, range: away, dtypes },
    { run: (x) => arithmetic.div(2, x), shapes: [[3]], range: [-3, -0.5] },
    ...divisions((x, y) => arithmetic.div(x, y, { roundingMode: "floor" })),
    ...divisions((x, y) => arithmetic.div(x, y, { roundingMode: "trunc" })),
  ],
  floorDivide: divisions(arithmetic.floorDivide),
  remainder: divisions(arithmetic.remainder),
  fmod: divisions(arithmetic.fmod),
  maximum: [
    { run: arithmetic.maximum, shapes, dtypes },
    { run: (x) => arithmetic.maximum(x, 0), shapes: [[4]] },
  ],
  minimum: [
    { run: arithmetic.minimum, shapes, dtypes },
    { run: (x) => arithmetic.minimum(1, x), shapes: [[4]] },
  ],
  neg: { run: arithmetic.neg, shapes: [[2, 3]], dtypes: numbers },
  positive: { run: arithmetic.positive, shapes: [[2, 3]], dtypes: numbers },
  abs: { run: arithmetic.abs, shapes: [[2, 3]], dtypes: numbers },
  sign: { run: arithmetic.sign, shapes: [[2, 3]], dtypes },
  reciprocal: { run: arithmetic.reciprocal, shapes: [[2, 3]], range: [0.5, 3], dtypes },
};
