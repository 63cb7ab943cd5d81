import { full, ShapeError, type Tensor, type TensorOptions } from "@downhill/core";
import { checkCount, checkOptions, text } from "@downhill/core/engine";
import { xavierUniform_ } from "./init/index.js";
import { LayerNorm } from "./layer-norm.js";
import { Module } from "./module.js";
import { type DecoderMasks, decoderMasks, TransformerDecoder, TransformerDecoderLayer } from "./transformer-decoder.js";
import { TransformerEncoder, TransformerEncoderLayer } from "./transformer-encoder.js";
import { checkLayerOptions, placement, type TransformerLayerOptions } from "./transformer-options.js";

/** What `new Transformer` takes. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Size of the vectors. Default 512. */
  readonly dModel?: number;
  /** Number of attention heads. Default 8. */
  readonly nhead?: number;
  /** Default 6. */
  readonly numEncoderLayers?: number;
  /** Default 6. */
  readonly numDecoderLayers?: number;
  /** In place of the encoder that the other options describe. */
  readonly customEncoder?: TransformerEncoder | null;
  /** In place of the decoder that the other options describe. */
  readonly customDecoder?: TransformerDecoder | null;
}

/** Which places of source, target and memory must not be looked at. */
export interface TransformerMasks extends DecoderMasks {
  /** [S, S] or [N · heads, S, S]: where a place of the source may not look. */
  readonly srcMask?: Tensor | null;
  /** [N, S] or [S]: places of the source that are no text. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** A place of the source looks only at itself and those before it. Default false. */
  readonly srcIsCausal?: boolean;
}

/**
 * An encoder and a decoder that looks at what it made: a source [S, N, dModel] and a target [T, N, dModel] give
 * [T, N, dModel]. Same as torch.nn.Transformer, with weights drawn as PyTorch draws them. Vaswani et al., 2017,
 * arXiv:1706.03762.
 *
 * @throws ValueError for heads that do not divide dModel; ShapeError for inputs and masks that do not fit.
 *
 * @example
 * const model = new Transformer({ dModel: 16, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 32 });
 * model.forward(randn([10, 4, 16]), randn([7, 4, 16]), { tgtIsCausal: true }).shape; // [7, 4, 16]
 */
export class Transformer extends Module {
  encoder: TransformerEncoder;
  decoder: TransformerDecoder;
  readonly dModel: number;
  readonly nhead: number;
  readonly batchFirst: boolean;

  constructor(options: TransformerOptions = {}) {
    super();
    const where = "Transformer";
    const more = ["dModel", "nhead", "numEncoderLayers", "numDecoderLayers", "customEncoder", "customDecoder"];
    const { layerNormEps: eps, bias, ...rest } = checkLayerOptions(where, options, more);
    const { dModel = 512, nhead = 8, numEncoderLayers = 6, numDecoderLayers = 6 } = options;
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps, bias, ...placement(rest) });
    const given = { ...rest, layerNormEps: eps, bias };
    // In this order: PyTorch draws the weights of the layers that are then copied.
    this.encoder =
      options.customEncoder ??
      new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, given), numEncoderLayers, norm());
    this.decoder =
      options.customDecoder ??
      new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, given), numDecoderLayers, norm());
    for (const parameter of this.parameters()) if (parameter.ndim > 1) xavierUniform_(parameter);
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = rest.batchFirst;
  }

  override forward(src: Tensor, tgt: Tensor, masks: TransformerMasks = {}): Tensor {
    checkOptions("Transformer", masks, ["srcMask", "srcKeyPaddingMask", "srcIsCausal", ...decoderMasks]);
    const { srcMask = null, srcKeyPaddingMask = null, srcIsCausal = false, ...ofDecoder } = masks;
    for (const [name, x] of Object.entries({ source: src, target: tgt })) {
      if (x.shape.at(-1) !== this.dModel)
        throw new ShapeError(
          `Transformer: the ${name}'s last size must be ${this.dModel} (dModel), got shape ${text(x.shape)}`,
        );
    }
    const memory = this.encoder.forward(src, { mask: srcMask, srcKeyPaddingMask, isCausal: srcIsCausal });
    return this.decoder.forward(tgt, memory, ofDecoder);
  }

  /**
   * Makes a mask [size, size] that hides from each place those behind it: -∞ above the diagonal, 0 elsewhere. Same as
   * generate_square_subsequent_mask; `isCausal` does the same without a mask.
   */
  static generateSquareSubsequentMask(size: number, options: TensorOptions = {}): Tensor {
    checkCount("generateSquareSubsequentMask", "size", size);
    return full([size, size], -Infinity, options).triu(1);
  }
}
