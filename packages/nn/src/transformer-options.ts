import { gelu, relu, type Tensor, type TensorOptions } from "@downhill/core";
import { checkCount, checkFlag, checkOptions, show, ValueError } from "@downhill/core/engine";
import { checkProbability } from "./functional/dropout.js";
import { checkEps } from "./functional/normalization.js";
import { checkLayerDType } from "./layer-dtype.js";
import { type Layer, Module } from "./module.js";

/** What stands between the two linear layers: by name, as a function, or as a module. */
export type TransformerActivation = "relu" | "gelu" | ((x: Tensor) => Tensor) | Layer;

type Placement = Pick<TensorOptions, "dtype" | "device">;

/** What layers of a transformer take beside the size of their vectors and the number of heads. */
export interface TransformerLayerOptions extends Pick<TensorOptions, "dtype" | "device"> {
  /** Size between the two linear layers. Default 2048. */
  readonly dimFeedforward?: number;
  /** Probability of dropping an element in training. Default 0.1. */
  readonly dropout?: number;
  /** Default "relu". */
  readonly activation?: TransformerActivation;
  /** Added to the variance under the root of the layer norms. Default 1e-5. */
  readonly layerNormEps?: number;
  /** Inputs are [N, length, dModel] rather than [length, N, dModel]. Default false. */
  readonly batchFirst?: boolean;
  /** Normalise what comes into attention and feed-forward, rather than what leaves them. Default false. */
  readonly normFirst?: boolean;
  /** Learn biases everywhere. Default true. */
  readonly bias?: boolean;
}

export const layerOptions: readonly string[] = [
  ...["dimFeedforward", "dropout", "activation", "layerNormEps", "batchFirst", "normFirst", "bias", "dtype", "device"],
];

const named = { relu, gelu } as const;

/** The activation as a function or a module, which is then a part of the layer. */
export function activationOf(where: string, given: unknown): Module | ((x: Tensor) => Tensor) {
  if (given === "relu" || given === "gelu") return named[given];
  if (given instanceof Module || typeof given === "function") return given as Module | ((x: Tensor) => Tensor);
  throw new ValueError(`${where}: activation must be "relu", "gelu", a function or a module, got ${show(given)}`);
}

export const activated = (activation: Module | ((x: Tensor) => Tensor), x: Tensor): Tensor =>
  activation instanceof Module ? (activation as Layer).forward(x) : activation(x);

/** What tells where parameters are and of which dtype, for the parts of a layer. */
export const placement = ({ dtype, device }: Placement): Placement => ({
  ...(dtype === undefined ? {} : { dtype }),
  ...(device === undefined ? {} : { device }),
});

/** Checks the options, and fills in their defaults. */
export function checkLayerOptions(
  where: string,
  options: TransformerLayerOptions,
  more: readonly string[] = [],
): Required<Omit<TransformerLayerOptions, "dtype" | "device">> & Placement {
  checkOptions(where, options, [...layerOptions, ...more]);
  const { dimFeedforward = 2048, dropout = 0.1, activation = "relu", layerNormEps, device } = options;
  const { batchFirst = false, normFirst = false, bias = true } = options;
  for (const [name, flag] of Object.entries({ batchFirst, normFirst, bias })) checkFlag(`${where}: ${name}`, flag);
  return {
    dimFeedforward: checkCount(where, "dimFeedforward", dimFeedforward, 1),
    dropout: checkProbability(where, "dropout", dropout),
    activation,
    layerNormEps: checkEps(where, layerNormEps),
    batchFirst,
    normFirst,
    bias,
    dtype: checkLayerDType(where, options.dtype),
    ...(device === undefined ? {} : { device }),
  };
}
