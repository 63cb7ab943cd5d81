import type { Tensor } from "@downhill/core";
import { Bilinear } from "./bilinear.js";
import { ConvLayer } from "./conv-layer.js";
import { Embedding } from "./embedding.js";
import { Linear } from "./linear.js";
import type { Module } from "./module.js";
import { MultiheadAttention } from "./multihead-attention.js";

/** Multiplications with an addition. */
export type Cost = number;

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Query's, key's and value's projections, and the products of queries with keys and of weights with values. */
function ofAttention(module: MultiheadAttention, [query, key]: readonly Tensor[], own: number): Cost {
  if (query === undefined || key === undefined) return 0;
  const { embedDim, batchFirst } = module;
  const [queries, keys] = [query, key].map((x) => x.shape.at(x.ndim === 3 && batchFirst ? 1 : 0)!) as [number, number];
  const samples = query.ndim === 3 ? query.shape.at(batchFirst ? 0 : 1)! : 1;
  return samples * (own * Math.max(queries, keys) + 2 * queries * keys * embedDim);
}

/**
 * What a call of a module costs without its children. Each weight and bias of linear layers and convolutions counts once
 * per place of the result, as torchinfo counts them; parameters of other layers (norms) once per sample.
 */
export function costOf(module: Module, args: readonly Tensor[], [output]: readonly Tensor[]): Cost {
  const own = Array.from(module.parameters(false)).reduce((sum, parameter) => sum + parameter.numel(), 0);
  if (output === undefined || own === 0 || module instanceof Embedding) return 0;
  const { shape } = output;
  if (module instanceof Linear || module instanceof Bilinear) return own * product(shape.slice(0, -1));
  if (module instanceof ConvLayer) {
    const places = shape.slice(-module.kernelSize.length);
    return own * product(places) * (shape.length > places.length + 1 ? shape[0]! : 1);
  }
  if (module instanceof MultiheadAttention) return ofAttention(module, args, own);
  return own * (shape[0] ?? 1);
}
