import type { Tensor } from "@downhill/core";
import { checkCount, checkOptions } from "@downhill/core/engine";
import { Dropout } from "./dropout.js";
import { LayerNorm } from "./layer-norm.js";
import { Linear } from "./linear.js";
import { type Layer, Module } from "./module.js";
import { ModuleList } from "./module-list.js";
import { MultiheadAttention } from "./multihead-attention.js";
import {
  activated,
  activationOf,
  checkLayerOptions,
  placement,
  type TransformerLayerOptions,
} from "./transformer-options.js";

/** Which places of target and memory must not be looked at; masks are bool, true where hidden, or floats that are added. */
export interface DecoderMasks {
  /** [T, T] or [N · heads, T, T]: where a place of the target may not look in the target. */
  readonly tgtMask?: Tensor | null;
  /** [T, S] or [N · heads, T, S]: where a place of the target may not look in the memory. */
  readonly memoryMask?: Tensor | null;
  /** [N, T] or [T]: places of the target that are no text. */
  readonly tgtKeyPaddingMask?: Tensor | null;
  /** [N, S] or [S]: places of the memory that are no text. */
  readonly memoryKeyPaddingMask?: Tensor | null;
  /** A place of the target looks only at itself and those before it. Default false. */
  readonly tgtIsCausal?: boolean;
  /** A place of the target looks only at places of the memory up to its own. Default false. */
  readonly memoryIsCausal?: boolean;
}

export const decoderMasks: readonly string[] = [
  ...["tgtMask", "memoryMask", "tgtKeyPaddingMask", "memoryKeyPaddingMask", "tgtIsCausal", "memoryIsCausal"],
];

/**
 * Lets each place of a target look at the target and at a memory, then changes each by two linear layers; all with a
 * residual path and a layer norm: [T, N, dModel] and a memory [S, N, dModel] give [T, N, dModel]. Same as
 * torch.nn.TransformerDecoderLayer, with weights drawn as PyTorch draws them.
 *
 * @throws ValueError for heads that do not divide dModel; ShapeError for inputs and masks that do not fit.
 *
 * @example
 * const layer = new TransformerDecoderLayer(16, 2, { dimFeedforward: 32 });
 * layer.forward(randn([7, 4, 16]), randn([10, 4, 16]), { tgtIsCausal: true }).shape; // [7, 4, 16]
 */
export class TransformerDecoderLayer extends Module {
  readonly normFirst: boolean;
  selfAttn: MultiheadAttention;
  multiheadAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;
  declare activation: Module | ((x: Tensor) => Tensor);

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const checked = checkLayerOptions("TransformerDecoderLayer", options);
    const { dimFeedforward, dropout, batchFirst, normFirst, bias, layerNormEps: eps } = checked;
    const placed = placement(checked);
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, ...placed });
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, ...placed });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, ...placed });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, ...placed });
    this.normFirst = normFirst;
    this.norm1 = new LayerNorm(dModel, { eps, bias, ...placed });
    this.norm2 = new LayerNorm(dModel, { eps, bias, ...placed });
    this.norm3 = new LayerNorm(dModel, { eps, bias, ...placed });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.activation = activationOf("TransformerDecoderLayer", checked.activation);
  }

  override forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    checkOptions("TransformerDecoderLayer", masks, decoderMasks);
    const own = {
      attnMask: masks.tgtMask ?? null,
      keyPaddingMask: masks.tgtKeyPaddingMask ?? null,
      isCausal: masks.tgtIsCausal ?? false,
      needWeights: false,
    };
    const across = {
      attnMask: masks.memoryMask ?? null,
      keyPaddingMask: masks.memoryKeyPaddingMask ?? null,
      isCausal: masks.memoryIsCausal ?? false,
      needWeights: false,
    };
    const look = (x: Tensor): Tensor => this.dropout1.forward(this.selfAttn.forward(x, x, x, own)[0]);
    const recall = (x: Tensor): Tensor =>
      this.dropout2.forward(this.multiheadAttn.forward(x, memory, memory, across)[0]);
    const { norm1, norm2, norm3 } = this;
    if (this.normFirst) {
      let x = tgt.add(look(norm1.forward(tgt)));
      x = x.add(recall(norm2.forward(x)));
      return x.add(this.feedForward(norm3.forward(x)));
    }
    let x = norm1.forward(tgt.add(look(tgt)));
    x = norm2.forward(x.add(recall(x)));
    return norm3.forward(x.add(this.feedForward(x)));
  }

  private feedForward(x: Tensor): Tensor {
    const hidden = activated(this.activation, this.linear1.forward(x));
    return this.dropout3.forward(this.linear2.forward(this.dropout.forward(hidden)));
  }
}

/**
 * A stack of `numLayers` copies of a decoder layer, which all start with its weights, and a norm behind them. Same as
 * torch.nn.TransformerDecoder.
 *
 * @throws ValueError for a number of layers below 1.
 *
 * @example
 * const decoder = new TransformerDecoder(new TransformerDecoderLayer(16, 2, { dimFeedforward: 32 }), 2);
 * decoder.forward(randn([7, 4, 16]), randn([10, 4, 16])).shape; // [7, 4, 16]
 */
export class TransformerDecoder extends Module {
  layers: ModuleList<TransformerDecoderLayer>;
  readonly numLayers: number;
  norm: Layer | null;

  constructor(decoderLayer: TransformerDecoderLayer, numLayers: number, norm: Layer | null = null) {
    super();
    this.numLayers = checkCount("TransformerDecoder", "numLayers", numLayers, 1);
    this.layers = new ModuleList(Array.from({ length: numLayers }, () => decoderLayer.clone()));
    this.norm = norm;
  }

  override forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    checkOptions("TransformerDecoder", masks, decoderMasks);
    let x = tgt;
    for (const layer of this.layers) x = layer.forward(x, memory, masks);
    return this.norm === null ? x : this.norm.forward(x);
  }
}
