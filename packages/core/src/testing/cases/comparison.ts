import { dtypes } from "../../dtype.js";
import * as comparison from "../../ops/comparison.js";
import type { OpCase, OpCases } from "../op-case.js";

const pair = (run: OpCase["run"]): readonly OpCase[] => [
  // Integers from -2 to 2 meet each other often.
  { run, shapes: [[4, 1], [5]], dtypes, differentiable: false },
  { run: (x) => run(x, x), shapes: [[3]], dtypes, differentiable: false },
];
const test = (run: OpCase["run"]): OpCase => ({ run, shapes: [[7]], dtypes, differentiable: false });

export const comparisonCases: OpCases<typeof comparison> = {
  eq: pair(comparison.eq),
  ne: pair(comparison.ne),
  lt: pair(comparison.lt),
  le: pair(comparison.le),
  gt: pair(comparison.gt),
  ge: pair(comparison.ge),
  logicalAnd: pair(comparison.logicalAnd),
  logicalOr: pair(comparison.logicalOr),
  logicalXor: pair(comparison.logicalXor),
  logicalNot: test(comparison.logicalNot),
  isnan: test(comparison.isnan),
  isinf: test(comparison.isinf),
  isfinite: test(comparison.isfinite),
};
