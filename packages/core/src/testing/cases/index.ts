import type { OpCase } from "../op-case.js";
import { activationsCases } from "./activations.js";
import { arithmeticCases } from "./arithmetic.js";
import { choiceCases } from "./choice.js";
import { comparisonCases } from "./comparison.js";
import { convertCases } from "./convert.js";
import { convolutionCases } from "./convolution.js";
import { diagonalsCases } from "./diagonals.js";
import { exponentialCases } from "./exponential.js";
import { extremesCases } from "./extremes.js";
import { functionsCases } from "./functions.js";
import { atCases, indexingCases, indexPutCases } from "./indexing.js";
import { joiningCases } from "./joining.js";
import { linalgCases } from "./linalg.js";
import { einsumCases, matmulCases } from "./matmul.js";
import { movementCases } from "./movement.js";
import { oneHotCases } from "./one-hot.js";
import { paddingCases } from "./padding.js";
import { partitionCases } from "./partition.js";
import { poolingCases } from "./pooling.js";
import { recurCases } from "./recur.js";
import { reductionCases } from "./reduction.js";
import { repetitionCases } from "./repetition.js";
import { roundingCases } from "./rounding.js";
import { scanCases } from "./scan.js";
import { softmaxCases } from "./softmax.js";
import { sortingCases } from "./sorting.js";
import { statisticsCases } from "./statistics.js";
import { trigonometryCases } from "./trigonometry.js";
import { whereCases } from "./where.js";

/** The tables of all families; each has a case, or several, for everything that the family exports. */
export const caseTables: Readonly<Record<string, Readonly<Record<string, OpCase | readonly OpCase[]>>>> = {
  activations: activationsCases,
  arithmetic: arithmeticCases,
  at: atCases,
  choice: choiceCases,
  comparison: comparisonCases,
  convert: convertCases,
  convolution: convolutionCases,
  diagonals: diagonalsCases,
  einsum: einsumCases,
  exponential: exponentialCases,
  functions: functionsCases,
  extremes: extremesCases,
  indexing: indexingCases,
  indexPut: indexPutCases,
  joining: joiningCases,
  linalg: linalgCases,
  matmul: matmulCases,
  movement: movementCases,
  oneHot: oneHotCases,
  padding: paddingCases,
  partition: partitionCases,
  pooling: poolingCases,
  recur: recurCases,
  reduction: reductionCases,
  repetition: repetitionCases,
  rounding: roundingCases,
  scan: scanCases,
  softmax: softmaxCases,
  sorting: sortingCases,
  statistics: statisticsCases,
  trigonometry: trigonometryCases,
  where: whereCases,
};

/** A case with its place in the tables; `name` is the op, numbered where it has several cases. */
export interface NamedCase {
  readonly family: string;
  readonly op: string;
  readonly name: string;
  readonly row: OpCase;
}

/** The cases of all ops, in order. */
export const allCases: readonly NamedCase[] = Object.entries(caseTables).flatMap(([family, table]) =>
  Object.entries(table).flatMap(([op, rows]) => {
    const list: readonly OpCase[] = Array.isArray(rows) ? (rows as readonly OpCase[]) : [rows as OpCase];
    return list.map((row, i) => ({ family, op, name: list.length === 1 ? op : `${op} ${i + 1}`, row }));
  }),
);
