import { dtypes } from "../../dtype.js";
import * as convert from "../../ops/convert.js";
import type { OpCases } from "../op-case.js";

const range = [-3, 3] as const;

export const convertCases: OpCases<typeof convert> = {
  clone: { run: (x) => convert.clone(x), shapes: [[2, 3]], dtypes },
  to: [
    { run: (x) => convert.to(x, "float64"), shapes: [[2, 3]], dtypes },
    { run: (x) => convert.to(x, "uint8"), shapes: [[2, 3]], range: [0, 200], dtypes, differentiable: false },
  ],
  // Slopes cannot be measured through float32.
  float: { run: (x) => convert.float(x), shapes: [[2, 3]], range, dtypes: ["bool", "uint8", "int32", "float32"] },
  half: { run: (x) => convert.half(x), shapes: [[2, 3]], range, dtypes: dtypes.filter((dtype) => dtype !== "float64") },
  double: { run: (x) => convert.double(x), shapes: [[2, 3]], range, dtypes },
  int: { run: (x) => convert.int(x), shapes: [[2, 3]], range, dtypes, differentiable: false },
  long: { run: (x) => convert.long(x), shapes: [[2, 3]], range, dtypes, differentiable: false },
  bool: { run: (x) => convert.bool(x), shapes: [[2, 3]], range, dtypes, differentiable: false },
};
