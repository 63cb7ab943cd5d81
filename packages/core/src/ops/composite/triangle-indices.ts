import { fromHost } from "../../creation.js";
import type { TensorOptions } from "../../creation.js";
import { show, ValueError } from "../../errors.js";
import { checkCount } from "../../shape.js";
import type { Tensor } from "../../tensor.js";

type TriangleIndices = (
  rows: number,
  columns: number,
  offset?: number,
  options?: Pick<TensorOptions, "device">,
) => Tensor;

/* @__NO_SIDE_EFFECTS__ */
const indicesOf =
  (name: string, keeps: (offset: number, diagonal: number) => boolean): TriangleIndices =>
  (rows, columns, offset = 0, options = {}) => {
    checkCount(name, "rows", rows);
    checkCount(name, "columns", columns);
    if (!Number.isInteger(offset)) throw new ValueError(`${name}: the offset must be an integer, got ${show(offset)}`);
    const found: [number[], number[]] = [[], []];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        if (!keeps(column - row, offset)) continue;
        found[0].push(row);
        found[1].push(column);
      }
    }
    return fromHost(name, Int32Array.from(found.flat()), [2, found[0].length], "int32", options);
  };

/** Lists the places of the lower triangle of a matrix, row by row: int32, [2, count]. Same as torch.tril_indices. */
export const trilIndices: TriangleIndices = indicesOf("trilIndices", (offset, diagonal) => offset <= diagonal);

/** Lists the places of the upper triangle of a matrix, row by row: int32, [2, count]. Same as torch.triu_indices. */
export const triuIndices: TriangleIndices = indicesOf("triuIndices", (offset, diagonal) => offset >= diagonal);
