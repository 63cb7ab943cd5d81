import { cat, normal, ShapeError, type Tensor, type TensorOptions, uniform, ValueError, zeros } from "@downhill/core";
import { checkCount, checkFlag, checkFloat, checkOptions, text } from "@downhill/core/engine";
import { attentionMasks } from "./attention-masks.js";
import { attend } from "./functional/attention.js";
import { checkProbability } from "./functional/dropout.js";
import { linear } from "./functional/linear.js";
import { checkLayerDType } from "./layer-dtype.js";
import { Linear } from "./linear.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";

/** What `new MultiheadAttention` takes beside its sizes. */
export interface MultiheadAttentionOptions extends Pick<TensorOptions, "dtype" | "device"> {
  /** Probability of dropping a weight in training. Default 0. */
  readonly dropout?: number;
  /** Add learned biases to the projections. Default true. */
  readonly bias?: boolean;
  /** Add a learned key and value that every query can look at. Default false. */
  readonly addBiasKv?: boolean;
  /** Add a key and a value of zeros. Default false. */
  readonly addZeroAttn?: boolean;
  /** Size of the keys. Default null: embedDim. */
  readonly kdim?: number | null;
  /** Size of the values. Default null: embedDim. */
  readonly vdim?: number | null;
  /** Inputs are [N, L, size], not [L, N, size]. Default false. */
  readonly batchFirst?: boolean;
}

/** What `forward` of MultiheadAttention takes beside query, key and value. */
export interface AttendOptions {
  /** Keys that no query of a sample may look at, [N, S] or [S]: bool, true to hide, or floats to add. Default null. */
  readonly keyPaddingMask?: Tensor | null;
  /** Return the weights, too; that costs time and memory. Default true. */
  readonly needWeights?: boolean;
  /**
   * Keys that a query may not look at, [L, S] or [N · numHeads, L, S]: bool, true to hide, or floats to add (true is to
   * look in `scaledDotProductAttention`; so it is in PyTorch). Default null.
   */
  readonly attnMask?: Tensor | null;
  /** Return the mean of the heads' weights, not those of each. Default true. */
  readonly averageAttnWeights?: boolean;
  /** Query i looks at keys 0 to i only. With an `attnMask` it is a hint, and the mask counts. Default false. */
  readonly isCausal?: boolean;
}

const known = /* @__PURE__ */ "dropout bias addBiasKv addZeroAttn kdim vdim batchFirst dtype device".split(" ");
const asked = /* @__PURE__ */ "keyPaddingMask needWeights attnMask averageAttnWeights isCausal".split(" ");

/** Glorot's bound: √3 · √(2 / (in + out)). */
const glorot = ([outputs, inputs]: readonly [number, number]): number =>
  Math.sqrt(3) * Math.sqrt(2 / (inputs + outputs));

/**
 * Lets queries look at keys and take of their values, in several heads that each project them to embedDim / numHeads
 * numbers: concat(head₁, …) · outProjᵀ. Same as torch.nn.MultiheadAttention, weights drawn as PyTorch draws them; where
 * all is hidden from a query its weights are zeros, not NaN. Vaswani et al., 2017, arXiv:1706.03762.
 *
 * @throws ShapeError when sizes do not fit; DTypeError for dtypes that differ; ValueError when the heads do not divide
 * embedDim.
 *
 * @example
 * const attention = new MultiheadAttention(8, 2, { batchFirst: true });
 * const x = randn([3, 5, 8]);
 * const [output] = attention.forward(x, x, x, { needWeights: false, isCausal: true });
 * output.shape; // [3, 5, 8]
 */
export class MultiheadAttention extends Module {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly headDim: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;
  /** The projections of query, key and value, one below the other: [3 · embedDim, embedDim]; null where sizes differ. */
  declare inProjWeight: Parameter | null;
  declare qProjWeight: Parameter | null;
  declare kProjWeight: Parameter | null;
  declare vProjWeight: Parameter | null;
  declare inProjBias: Parameter | null;
  declare biasK: Parameter | null;
  declare biasV: Parameter | null;
  readonly outProj: Linear;

  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    const where = "MultiheadAttention";
    checkOptions(where, options, known);
    const { dropout = 0, bias = true, addBiasKv = false, addZeroAttn = false, batchFirst = false } = options;
    for (const [name, value] of Object.entries({ bias, addBiasKv, addZeroAttn, batchFirst }))
      checkFlag(`${where}: ${name}`, value);
    const placed = { dtype: checkLayerDType(where, options.dtype), ...(options.device && { device: options.device }) };
    this.embedDim = checkCount(where, "embedDim", embedDim, 1);
    this.numHeads = checkCount(where, "numHeads", numHeads, 1);
    if (embedDim % numHeads !== 0)
      throw new ValueError(
        `${where}: embedDim ${embedDim} does not divide into ${numHeads} heads`,
        "choose numHeads so that it does",
      );
    this.headDim = embedDim / numHeads;
    this.kdim = checkCount(where, "kdim", options.kdim ?? embedDim, 1);
    this.vdim = checkCount(where, "vdim", options.vdim ?? embedDim, 1);
    this.dropout = checkProbability(where, "dropout", dropout);
    this.batchFirst = batchFirst;
    this.addZeroAttn = addZeroAttn;

    // The order of the draws is PyTorch's: outProj, the projections, the added key and value.
    const outProj = new Linear(embedDim, embedDim, { bias, ...placed });
    const draw = (sizes: readonly [number, number]): Parameter =>
      new Parameter(uniform(-glorot(sizes), glorot(sizes), sizes, placed));
    const packed = this.kdim === embedDim && this.vdim === embedDim;
    this.registerParameter("inProjWeight", packed ? draw([3 * embedDim, embedDim]) : null);
    this.registerParameter("qProjWeight", packed ? null : draw([embedDim, embedDim]));
    this.registerParameter("kProjWeight", packed ? null : draw([embedDim, this.kdim]));
    this.registerParameter("vProjWeight", packed ? null : draw([embedDim, this.vdim]));
    this.registerParameter("inProjBias", bias ? new Parameter(zeros([3 * embedDim], placed)) : null);
    const row = (): Parameter | null =>
      addBiasKv ? new Parameter(normal(0, Math.sqrt(1 / embedDim), [1, 1, embedDim], placed)) : null;
    this.registerParameter("biasK", row());
    this.registerParameter("biasV", row());
    if (bias) outProj.bias = new Parameter(zeros([embedDim], placed));
    this.outProj = outProj;
  }

  /**
   * Gives the output, [L, N, embedDim] (or as `batchFirst` says; without N if the query has none), and the weights,
   * [N, L, S] or per head [N, numHeads, L, S], or null.
   */
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: AttendOptions = {},
  ): [output: Tensor, weights: Tensor | null] {
    const where = "MultiheadAttention";
    checkOptions(where, options, asked);
    const { needWeights = true, averageAttnWeights = true, isCausal = false } = options;
    const { keyPaddingMask = null, attnMask = null } = options;
    for (const [name, flag] of Object.entries({ needWeights, averageAttnWeights, isCausal }))
      checkFlag(`${where}: ${name}`, flag);
    this.checkInputs(where, query, key, value);
    const single = query.ndim === 2;
    const projected = this.project(query, key, value);
    const [q, k, v] = projected.map((x) => this.heads(x)) as [Tensor, Tensor, Tensor];
    const [samples, , length] = q.shape as readonly [number, number, number];
    const keys = this.extended(k, this.biasK);
    const values = this.extended(v, this.biasV);
    const sizes = { samples, heads: this.numHeads, queries: length, keys: k.shape[2]! };
    const masks = attentionMasks(where, { keyPaddingMask, attnMask, isCausal }, q, sizes, keys.shape[2]! - sizes.keys);
    const scale = 1 / Math.sqrt(this.headDim);
    const { output, weights } = attend([q, keys, values], masks, scale, this.training ? this.dropout : 0);

    const rows = output.permute(...(this.batchFirst || single ? [0, 2, 1, 3] : [2, 0, 1, 3])).reshape(query.shape);
    const result = this.outProj.forward(rows);
    if (!needWeights) return [result, null];
    const shown = averageAttnWeights ? weights.mean(1) : weights;
    return [result, single ? shown.squeeze(0) : shown];
  }

  private checkInputs(where: string, query: Tensor, key: Tensor, value: Tensor): void {
    const inputs = { query, key, value };
    const sizes = { query: this.embedDim, key: this.kdim, value: this.vdim };
    for (const [name, x] of Object.entries(inputs) as ["query" | "key" | "value", Tensor][]) {
      checkFloat(where, x);
      if (x.ndim !== query.ndim || (x.ndim !== 2 && x.ndim !== 3))
        throw new ShapeError(
          `${where}: query, key and value must be ${this.batchFirst ? "[N, length, size]" : "[length, N, size]"}, or all [length, size], got shapes ${[query, key, value].map(({ shape }) => text(shape)).join(", ")}`,
        );
      if (x.shape.at(-1) !== sizes[name]) {
        const option = name === "query" ? "embedDim" : name === "key" ? "kdim" : "vdim";
        throw new ShapeError(
          `${where}: the ${name}'s last size must be ${sizes[name]} (${option}), got shape ${text(x.shape)}`,
        );
      }
    }
    const batch = (x: Tensor): number | undefined => (x.ndim === 2 ? 1 : x.shape[this.batchFirst ? 0 : 1]);
    const length = (x: Tensor): number | undefined => x.shape[x.ndim === 3 && this.batchFirst ? 1 : 0];
    if (batch(key) !== batch(query) || batch(value) !== batch(query) || length(key) !== length(value))
      throw new ShapeError(
        `${where}: needs as many samples everywhere, and a value for each key, got shapes ${[query, key, value].map(({ shape }) => text(shape)).join(", ")} (${this.batchFirst ? "batchFirst: [N, length, size]" : "[length, N, size]; or pass { batchFirst: true }"})`,
      );
  }

  /** Query, key and value under their weights. What is one tensor goes through one product. */
  private project(query: Tensor, key: Tensor, value: Tensor): readonly [Tensor, Tensor, Tensor] {
    const { embedDim: size, inProjWeight, inProjBias } = this;
    const part = (x: Tensor, i: number, count = 1): Tensor => x.narrow(0, i * size, count * size);
    const bias = (i: number, count = 1): Tensor | null => inProjBias && part(inProjBias, i, count);
    if (inProjWeight === null)
      return [
        linear(query, this.qProjWeight!, bias(0)),
        linear(key, this.kProjWeight!, bias(1)),
        linear(value, this.vProjWeight!, bias(2)),
      ];
    const column = (x: Tensor, i: number): Tensor => x.narrow(-1, i * size, size);
    if (key !== value)
      return [
        linear(query, part(inProjWeight, 0), bias(0)),
        linear(key, part(inProjWeight, 1), bias(1)),
        linear(value, part(inProjWeight, 2), bias(2)),
      ];
    if (query === key) {
      const all = linear(query, inProjWeight, inProjBias);
      return [column(all, 0), column(all, 1), column(all, 2)];
    }
    const both = linear(key, part(inProjWeight, 1, 2), bias(1, 2));
    return [linear(query, part(inProjWeight, 0), bias(0)), column(both, 0), column(both, 1)];
  }

  /** [L, N, embedDim], [N, L, embedDim] or [L, embedDim] as [N, numHeads, L, headDim]: a view, which products read. */
  private heads(x: Tensor): Tensor {
    const { numHeads, headDim, batchFirst } = this;
    if (x.ndim === 2) return x.reshape([1, x.shape[0]!, numHeads, headDim]).permute(0, 2, 1, 3);
    const split = x.reshape([x.shape[0]!, x.shape[1]!, numHeads, headDim]);
    return batchFirst ? split.permute(0, 2, 1, 3) : split.permute(1, 2, 0, 3);
  }

  /** Keys or values [N, numHeads, S, headDim] with the learned one and the one of zeros behind them. */
  private extended(x: Tensor, row: Parameter | null): Tensor {
    const { numHeads, headDim, addZeroAttn } = this;
    const one = [x.shape[0]!, numHeads, 1, headDim];
    const parts = [x];
    if (row !== null) parts.push(row.reshape([1, numHeads, 1, headDim]).expand(one));
    if (addZeroAttn) parts.push(zeros(one, { dtype: x.dtype as "float32", device: x.device }));
    return parts.length === 1 ? x : cat(parts, 2);
  }
}
