import type { DType } from "../../dtype.js";
import * as activations from "../../ops/composite/activations.js";
import type { OpCase, OpCases } from "../op-case.js";

const numbers: readonly DType[] = ["uint8", "int32", "float32", "float64"];
const wide = (run: OpCase["run"]): OpCase => ({ run, shapes: [[3, 4]], range: [-6, 6] });

export const activationsCases: OpCases<typeof activations> = {
  relu: { ...wide(activations.relu), dtypes: numbers },
  relu6: { ...wide(activations.relu6), range: [-4, 9], dtypes: numbers },
  hardtanh: wide((x) => activations.hardtanh(x, { minVal: -2, maxVal: 3 })),
  sigmoid: wide(activations.sigmoid),
  silu: wide(activations.silu),
  logsigmoid: wide(activations.logsigmoid),
  softplus: [wide((x) => activations.softplus(x)), wide((x) => activations.softplus(x, { beta: 2, threshold: 4 }))],
  gelu: [wide((x) => activations.gelu(x)), wide((x) => activations.gelu(x, { approximate: "tanh" }))],
  elu: [wide((x) => activations.elu(x)), wide((x) => activations.elu(x, { alpha: 0.5 }))],
  leakyRelu: [wide((x) => activations.leakyRelu(x)), wide((x) => activations.leakyRelu(x, 0.2))],
};
