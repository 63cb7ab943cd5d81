import type { DType } from "../../dtype.js";
import * as rounding from "../../ops/rounding.js";
import type { OpCases } from "../op-case.js";

const numbers: readonly DType[] = ["uint8", "int32", "float32", "float64"];
const shapes = [[2, 5]] as const;

export const roundingCases: OpCases<typeof rounding> = {
  floor: { run: rounding.floor, shapes, dtypes: numbers },
  ceil: { run: rounding.ceil, shapes, dtypes: numbers },
  trunc: { run: rounding.trunc, shapes, dtypes: numbers },
  round: [
    { run: (x) => rounding.round(x), shapes, dtypes: numbers },
    // Halves, which go to the even neighbour.
    { run: (x) => rounding.round(x.floor().mul(0.5)), shapes: [[20]], range: [-9, 9] },
    { run: (x) => rounding.round(x, { decimals: 2 }), shapes },
    { run: (x) => rounding.round(x, { decimals: -1 }), shapes, range: [-99, 99] },
  ],
  frac: { run: rounding.frac, shapes },
};
