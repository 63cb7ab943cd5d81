import { ShapeError, Tensor, ValueError } from "@downhill/core";
import { flush, fromHost, show } from "@downhill/core/engine";
import { checkIndex } from "./check-index.js";
import type { Dataset } from "./dataset.js";
import type { Collated } from "./default-collate.js";

/** One row of each tensor. */
export type Rows<Tensors extends readonly Tensor[]> = { -readonly [K in keyof Tensors]: Tensor };

/**
 * Holds tensors of equal length in their first dim; sample `i` is row `i` of each. Same as torch.utils.data.TensorDataset.
 *
 * A batch is gathered in one go, one `indexSelect` per tensor, recorded with the step that uses it. The tensors are
 * computed here, once; throws a ShapeError where their lengths differ or a tensor is 0-d.
 *
 * @example
 * const dataset = new TensorDataset(rand([100, 3]), rand([100, 1]));
 * const [x, y] = dataset.get(7); // shapes [3] and [1]
 */
export class TensorDataset<Tensors extends readonly Tensor[]> implements Dataset<Rows<Tensors>> {
  readonly tensors: Tensors;
  readonly length: number;
  // Indices on their way to the device, which copies them.
  #indices = new Int32Array(0);

  constructor(...tensors: Tensors) {
    const [first] = tensors;
    if (first === undefined)
      throw new ValueError("TensorDataset: needs at least one tensor", "new TensorDataset(X, y)");
    tensors.forEach(checkRows);
    const lengths = tensors.map((tensor) => tensor.shape[0]!);
    if (lengths.some((length) => length !== lengths[0])) {
      throw new ShapeError(
        `TensorDataset: the tensors have different lengths: ${lengths.join(", ")} (shapes ${tensors.map((tensor) => show(tensor.shape)).join(", ")})`,
        "the first dim counts the samples and must be equal in all",
      );
    }
    this.tensors = tensors;
    this.length = lengths[0]!;
    // Computed now, so that the Programs of all batches start from values and are the same.
    flush(...tensors);
  }

  /** The sample at an index. */
  get(index: number): Rows<Tensors> {
    const row = checkIndex("TensorDataset", index, this.length);
    return this.tensors.map((tensor) => tensor.at(row)) as Rows<Tensors>;
  }

  getBatch(indices: readonly number[]): Collated<Rows<Tensors>> {
    const { length } = indices;
    if (this.#indices.length !== length) this.#indices = new Int32Array(length);
    const rows = this.#indices;
    for (let i = 0; i < length; i++) rows[i] = checkIndex("TensorDataset", indices[i]!, this.length);
    let index: Tensor | undefined;
    return this.tensors.map((tensor) => {
      if (index?.device !== tensor.device) {
        index = fromHost("TensorDataset", rows, [length], "int32", { device: tensor.device });
      }
      return tensor.indexSelect(0, index);
    }) as Collated<Rows<Tensors>>;
  }
}

function checkRows(tensor: unknown, place: number): void {
  if (!(tensor instanceof Tensor)) {
    throw new ValueError(
      `TensorDataset: argument ${place} must be a tensor, got ${show(tensor)}`,
      Array.isArray(tensor) ? "pass the tensors one by one, or an array of numbers through tensor(...)" : undefined,
    );
  }
  if (tensor.ndim === 0) {
    throw new ShapeError(`TensorDataset: tensor ${place} is 0-d and has no rows`, "the first dim counts the samples");
  }
}
