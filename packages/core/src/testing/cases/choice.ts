import { type DType, dtypes } from "../../dtype.js";
import * as choice from "../../ops/choice.js";
import type { OpCases } from "../op-case.js";

const numbers: readonly DType[] = ["uint8", "int32", "float32", "float64"];

export const choiceCases: OpCases<typeof choice> = {
  clamp: [
    { run: (x) => choice.clamp(x, -1, 1), shapes: [[2, 4]], dtypes: ["int32", "float32", "float64"] },
    { run: (x) => choice.clamp(x, { max: 1 }), shapes: [[2, 4]], dtypes: numbers },
    { run: (x, min, max) => choice.clamp(x, min, max), shapes: [[2, 4], [4], [2, 1]], dtypes: numbers },
  ],
  clampMin: { run: choice.clampMin, shapes: [[2, 4], [4]], dtypes },
  clampMax: { run: choice.clampMax, shapes: [[2, 4], [4]], dtypes },
  maskedFill: [
    { run: (x, y) => choice.maskedFill(x, y.gt(0), 1), shapes: [[3], [2, 3]], dtypes },
    { run: (x, y, value) => choice.maskedFill(x, y.gt(0), value), shapes: [[2, 3], [3], []], dtypes },
  ],
  lerp: [
    { run: (x, end) => choice.lerp(x, end, 0.25), shapes: [[2, 1], [3]] },
    { run: (x, end) => choice.lerp(x, end, 0.75), shapes: [[2, 1], [3]] },
    { run: (x, end, weight) => choice.lerp(x, end, weight), shapes: [[2, 1], [3], [2, 3]] },
  ],
  addcmul: [
    { run: (x, y, z) => choice.addcmul(x, y, z), shapes: [[3], [2, 1], []], dtypes: numbers },
    { run: (x, y, z) => choice.addcmul(x, y, z, { value: -0.5 }), shapes: [[3], [3], [3]] },
  ],
  addcdiv: { run: (x, y, z) => choice.addcdiv(x, y, z, { value: 2 }), shapes: [[3], [2, 1], [3]], range: [0.5, 3] },
  nanToNum: [
    { run: (x) => choice.nanToNum(x), shapes: [[9]], dtypes },
    { run: (x) => choice.nanToNum(x, { nan: 1, posinf: 2, neginf: -3 }), shapes: [[9]] },
  ],
};
