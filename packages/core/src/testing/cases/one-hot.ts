import * as family from "../../ops/one-hot.js";
import type { OpCases } from "../op-case.js";

export const oneHotCases: OpCases<typeof family> = {
  oneHot: {
    run: (x) => family.oneHot(x, 4),
    shapes: [[2, 3]],
    range: [0, 3],
    dtypes: ["int32"],
    differentiable: false,
  },
};
