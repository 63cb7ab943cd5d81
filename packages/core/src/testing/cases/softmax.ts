import * as softmax from "../../ops/composite/softmax.js";
import type { OpCases } from "../op-case.js";

export const softmaxCases: OpCases<typeof softmax> = {
  softmax: [
    { run: (x) => softmax.softmax(x, 1), shapes: [[2, 5]] },
    { run: (x) => softmax.softmax(x, 0), shapes: [[3, 2]], range: [-50, 50] },
    { run: (x) => softmax.softmax(x, 0), shapes: [[]] },
  ],
  logSoftmax: [
    { run: (x) => softmax.logSoftmax(x, -1), shapes: [[2, 5]] },
    { run: (x) => softmax.logSoftmax(x, 1), shapes: [[2, 3, 2]], range: [-50, 50] },
  ],
  logsumexp: [
    { run: (x) => softmax.logsumexp(x, 1), shapes: [[2, 5]], dtypes: ["int32", "float32", "float64"] },
    { run: (x) => softmax.logsumexp(x, [0, 2], { keepdim: true }), shapes: [[2, 3, 2]], range: [-50, 50] },
  ],
};
