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

/** Which places of the source must not be looked at; masks are bool, true where hidden, or floats that are added. */
export interface EncoderLayerMasks {
  /** [S, S] or [N · heads, S, S]: where a place may not look. */
  readonly srcMask?: Tensor | null;
  /** [N, S] or [S]: places that are no text. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** A place looks only at itself and those before it. Default false. */
  readonly isCausal?: boolean;
}

/** As those of a layer; the mask is called `mask`, as in PyTorch. */
export interface EncoderMasks extends Omit<EncoderLayerMasks, "srcMask"> {
  readonly mask?: Tensor | null;
}

/**
 * Lets each place of a sequence look at all others, then changes each by two linear layers; both with a residual path and
 * a layer norm: [S, N, dModel] gives [S, N, dModel]. Same as torch.nn.TransformerEncoderLayer, with weights drawn as
 * PyTorch draws them. Vaswani et al., 2017, arXiv:1706.03762.
 *
 * @throws ValueError for heads that do not divide dModel; ShapeError for inputs and masks that do not fit.
 *
 * @example
 * const layer = new TransformerEncoderLayer(16, 2, { dimFeedforward: 32, batchFirst: true });
 * layer.forward(randn([4, 10, 16]), { isCausal: true }).shape; // [4, 10, 16]
 */
export class TransformerEncoderLayer extends Module {
  readonly normFirst: boolean;
  selfAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  declare activation: Module | ((x: Tensor) => Tensor);

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const checked = checkLayerOptions("TransformerEncoderLayer", options);
    const { dimFeedforward, dropout, batchFirst, normFirst, bias, layerNormEps: eps } = checked;
    const placed = placement(checked);
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, ...placed });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, ...placed });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, ...placed });
    this.normFirst = normFirst;
    this.norm1 = new LayerNorm(dModel, { eps, bias, ...placed });
    this.norm2 = new LayerNorm(dModel, { eps, bias, ...placed });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.activation = activationOf("TransformerEncoderLayer", checked.activation);
  }

  override forward(src: Tensor, masks: EncoderLayerMasks = {}): Tensor {
    checkOptions("TransformerEncoderLayer", masks, ["srcMask", "srcKeyPaddingMask", "isCausal"]);
    const { srcMask: attnMask = null, srcKeyPaddingMask: keyPaddingMask = null, isCausal = false } = masks;
    const look = (x: Tensor): Tensor => {
      const [y] = this.selfAttn.forward(x, x, x, { attnMask, keyPaddingMask, isCausal, needWeights: false });
      return this.dropout1.forward(y);
    };
    const { norm1, norm2 } = this;
    if (this.normFirst) {
      const x = src.add(look(norm1.forward(src)));
      return x.add(this.feedForward(norm2.forward(x)));
    }
    const x = norm1.forward(src.add(look(src)));
    return norm2.forward(x.add(this.feedForward(x)));
  }

  private feedForward(x: Tensor): Tensor {
    const hidden = activated(this.activation, this.linear1.forward(x));
    return this.dropout2.forward(this.linear2.forward(this.dropout.forward(hidden)));
  }
}

/**
 * A stack of `numLayers` copies of an encoder layer, which all start with its weights, and a norm behind them. Same as
 * torch.nn.TransformerEncoder.
 *
 * @throws ValueError for a number of layers below 1.
 *
 * @example
 * const encoder = new TransformerEncoder(new TransformerEncoderLayer(16, 2, { dimFeedforward: 32 }), 3);
 * encoder.forward(randn([10, 4, 16])).shape; // [10, 4, 16]
 */
export class TransformerEncoder extends Module {
  layers: ModuleList<TransformerEncoderLayer>;
  readonly numLayers: number;
  norm: Layer | null;

  constructor(encoderLayer: TransformerEncoderLayer, numLayers: number, norm: Layer | null = null) {
    super();
    this.numLayers = checkCount("TransformerEncoder", "numLayers", numLayers, 1);
    this.layers = new ModuleList(Array.from({ length: numLayers }, () => encoderLayer.clone()));
    this.norm = norm;
  }

  override forward(src: Tensor, masks: EncoderMasks = {}): Tensor {
    checkOptions("TransformerEncoder", masks, ["mask", "srcKeyPaddingMask", "isCausal"]);
    const { mask: srcMask = null, srcKeyPaddingMask = null, isCausal = false } = masks;
    let x = src;
    for (const layer of this.layers) x = layer.forward(x, { srcMask, srcKeyPaddingMask, isCausal });
    return this.norm === null ? x : this.norm.forward(x);
  }
}
