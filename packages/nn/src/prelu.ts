import { full, type RandomOptions, type Tensor } from "@downhill/core";
import { checkCount, checkOptions } from "@downhill/core/engine";
import { prelu } from "./functional/activations.js";
import { checkLayerDType } from "./layer-dtype.js";
import { Module } from "./module.js";
import { checkNumber } from "./option-checks.js";
import { Parameter } from "./parameter.js";

/** The options of `PReLU`. */
export interface PReLUOptions extends Pick<RandomOptions, "dtype" | "device"> {
  /** What the slopes start from. Default 0.25. */
  readonly init?: number;
}

/**
 * x where positive, weight · x elsewhere, with one learned slope or one for each channel (the second dim). Same as
 * torch.nn.PReLU. He et al., 2015.
 *
 * @example
 * new PReLU(2, { init: 0.5 }).forward(tensor([[-2, 3]])); // tensor([[-1.,  3.]], gradFn=<Where>)
 */
export class PReLU extends Module {
  readonly numParameters: number;
  declare weight: Parameter;

  constructor(numParameters: number = 1, options: PReLUOptions = {}) {
    super();
    checkOptions("PReLU", options, ["init", "dtype", "device"]);
    this.numParameters = checkCount("PReLU", "numParameters", numParameters);
    const { init, ...placed } = options;
    const dtype = checkLayerDType("PReLU", placed.dtype);
    const slopes = full([numParameters], checkNumber("PReLU", "init", init, 0.25), { ...placed, dtype });
    this.registerParameter("weight", new Parameter(slopes));
  }

  override forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }

  override extraRepr(): string {
    return `numParameters=${this.numParameters}`;
  }
}
