import { randn, ShapeError, tensor, type Tensor, type TensorOptions } from "@downhill/core";
import { checkCount, checkFlag, checkTensor, text } from "@downhill/core/engine";
import { checkEmbeddingOptions, checkPaddingIdx, embedding } from "./functional/embedding.js";
import { checkLayerDType } from "./layer-dtype.js";
import { Module } from "./module.js";
import { checkParameter } from "./check-parameter.js";
import { Parameter } from "./parameter.js";

/** What `new Embedding` takes beside its sizes. */
export interface EmbeddingOptions extends Pick<TensorOptions, "dtype" | "device"> {
  /** A row that starts as zeros and is not learned. Negative ones count from the end. Default null: none. */
  readonly paddingIdx?: number | null;
}

/** What `Embedding.fromPretrained` takes beside the rows. */
export interface PretrainedOptions {
  /** Keep the rows as they are. Default true. */
  readonly freeze?: boolean;
  /** A row that is not learned. Default null: none. */
  readonly paddingIdx?: number | null;
}

/**
 * Looks up a learned row for each index: int32 indices of any shape give [..., embeddingDim]. Same as torch.nn.Embedding:
 * the weight [numEmbeddings, embeddingDim] is drawn from N(0, 1), as PyTorch draws it.
 *
 * @throws DTypeError for indices that are no integers; IndexError, when the result is computed, for an index outside
 * 0..numEmbeddings-1.
 *
 * @example
 * const layer = new Embedding(10, 3, { paddingIdx: 0 });
 * layer.forward(tensor([[1, 2, 4, 0]], { dtype: "int32" })).shape; // [1, 4, 3]
 */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  declare weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    super();
    checkEmbeddingOptions("Embedding", options, ["paddingIdx", "dtype", "device"]);
    const { paddingIdx, ...placed } = options;
    checkLayerDType("Embedding", placed.dtype);
    this.numEmbeddings = checkCount("Embedding", "numEmbeddings", numEmbeddings);
    this.embeddingDim = checkCount("Embedding", "embeddingDim", embeddingDim);
    this.paddingIdx = checkPaddingIdx("Embedding", paddingIdx, numEmbeddings);
    const rows = randn([numEmbeddings, embeddingDim], placed);
    this.registerParameter("weight", new Parameter(this.paddingIdx === null ? rows : blank(rows, this.paddingIdx)));
  }

  /**
   * Makes a layer of given rows [numEmbeddings, embeddingDim]; it takes a copy. Same as
   * torch.nn.Embedding.from_pretrained.
   *
   * @example
   * const layer = Embedding.fromPretrained(tensor([[1, 2.5], [4, 5]]));
   * layer.forward(tensor([1], { dtype: "int32" })); // tensor([[4., 5.]])
   */
  static fromPretrained(embeddings: Tensor, options: PretrainedOptions = {}): Embedding {
    const where = "Embedding.fromPretrained";
    checkEmbeddingOptions(where, options, ["freeze", "paddingIdx"]);
    const { freeze = true, paddingIdx = null } = options;
    checkFlag(`${where}: freeze`, freeze);
    checkTensor(where, embeddings);
    if (embeddings.ndim !== 2)
      throw new ShapeError(`${where}: the rows must be [numEmbeddings, embeddingDim], got ${text(embeddings.shape)}`);
    const [rows, size] = embeddings.shape as readonly [number, number];
    const dtype = checkLayerDType(where, embeddings.dtype);
    const layer = new Embedding(0, size, { dtype });
    Object.assign(layer, {
      numEmbeddings: rows,
      paddingIdx: checkPaddingIdx(where, paddingIdx, rows),
      weight: new Parameter(embeddings, { requiresGrad: !freeze }),
    });
    return layer;
  }

  override forward(indices: Tensor): Tensor {
    const { weight, paddingIdx } = this;
    checkParameter(this, "weight", weight);
    return embedding(indices, weight, { paddingIdx });
  }

  override extraRepr(): string {
    const { numEmbeddings, embeddingDim, paddingIdx } = this;
    return `${numEmbeddings}, ${embeddingDim}${paddingIdx === null ? "" : `, paddingIdx=${paddingIdx}`}`;
  }
}

/** The rows with zeros in one of them. */
const blank = (rows: Tensor, row: number): Tensor =>
  rows.indexFill(0, tensor([row], { dtype: "int32", device: rows.device }), 0);
