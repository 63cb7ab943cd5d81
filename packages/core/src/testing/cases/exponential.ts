import { dtypes } from "../../dtype.js";
import * as exponential from "../../ops/exponential.js";
import type { OpCase, OpCases } from "../op-case.js";

const on = (run: OpCase["run"], low: number, high: number): OpCase => ({
  run,
  shapes: [[2, 3]],
  range: [low, high],
  dtypes,
});

export const exponentialCases: OpCases<typeof exponential> = {
  exp: on(exponential.exp, -4, 4),
  exp2: on(exponential.exp2, -4, 4),
  expm1: on(exponential.expm1, -4, 4),
  log: on(exponential.log, 0.3, 8),
  log2: on(exponential.log2, 0.3, 8),
  log10: on(exponential.log10, 0.3, 8),
  log1p: on(exponential.log1p, -0.7, 8),
  sqrt: on(exponential.sqrt, 0.3, 8),
  rsqrt: on(exponential.rsqrt, 0.3, 8),
  square: on(exponential.square, -3, 3),
  erf: on(exponential.erf, -3, 3),
  erfc: [on(exponential.erfc, -3, 3), { run: exponential.erfc, shapes: [[8]], range: [3, 9] }],
  pow: [
    { run: exponential.pow, shapes: [[2, 3], [3]], range: [0.3, 3], dtypes: ["uint8", "int32", "float32", "float64"] },
    // Integer powers that wrap.
    {
      run: (x, y) => exponential.pow(x.add(7), y.add(12)),
      shapes: [[5], [5]],
      range: [-6, 6],
      dtypes: ["int32"],
      differentiable: false,
    },
    { run: (x) => exponential.pow(x, 2), shapes: [[3]], dtypes },
    { run: (x) => exponential.pow(x, 3), shapes: [[3]], dtypes: ["int32", "float32", "float64"] },
    { run: (x) => exponential.pow(x, 4), shapes: [[3]] },
    { run: (x) => exponential.pow(x, -1), shapes: [[3]], range: [-3, -0.5] },
    { run: (x) => exponential.pow(x, -3), shapes: [[3]], range: [-3, -0.5] },
    { run: (x) => exponential.pow(x, 0.5), shapes: [[3]], range: [0.3, 3] },
    { run: (x) => exponential.pow(x, -0.5), shapes: [[3]], range: [0.3, 3] },
    { run: (x) => exponential.pow(x, 1.7), shapes: [[3]], range: [0.3, 3] },
    { run: (x) => exponential.pow(2, x), shapes: [[3]] },
  ],
};
