import { ones, type Tensor, zeros } from "@downhill/core";
import { Module, Parameter } from "@downhill/nn";

/** Two parameters of one shape: ones and twos. */
export class Pair extends Module {
  a: Parameter = new Parameter(ones([2]));
  b: Parameter = new Parameter(ones([2]).mul(2));
  override forward(x: Tensor): Tensor {
    return x;
  }
}

/** A parameter, a buffer that is saved and one that is not. */
export class BatchCounter extends Module {
  declare count: Tensor;
  scale: Parameter = new Parameter(ones([1]));
  constructor() {
    super();
    this.registerBuffer("count", zeros([], { dtype: "int32" }));
    this.registerBuffer("mask", ones([1]), { persistent: false });
  }
  override forward(x: Tensor): Tensor {
    return x;
  }
}
