import * as convolution from "../../ops/composite/convolution.js";
import type { OpCases } from "../op-case.js";

const one = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 };
const uneven = { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2 };
const long = { stride: [3], padding: [2], dilation: [2], groups: 1 };
const deep = { stride: [2], padding: [0], dilation: [1], groups: 3 };

export const convolutionCases: OpCases<typeof convolution> = {
  convolve: [
    {
      run: (x, w) => convolution.convolve(x, w, [2, 3], one),
      shapes: [
        [2, 2, 3, 4],
        [3, 2, 2, 2],
      ],
    },
    {
      run: (x, w) => convolution.convolve(x, w, [2, 3], uneven),
      shapes: [
        [1, 4, 4, 3],
        [2, 2, 3, 3],
      ],
    },
    {
      run: (x, w) => convolution.convolve(x, w, [3], long),
      shapes: [
        [2, 1, 8],
        [2, 1, 3],
      ],
    },
    {
      run: (x, w) => convolution.convolve(x, w, [2], deep),
      shapes: [
        [2, 3, 4],
        [6, 1, 1],
      ],
    },
  ],
  convolveBack: [
    {
      run: (y, w) => convolution.convolveBack(y, w, [3, 4], one),
      shapes: [
        [2, 3, 2, 3],
        [3, 2, 2, 2],
      ],
    },
    {
      run: (y, w) => convolution.convolveBack(y, w, [4, 3], uneven),
      shapes: [
        [1, 2, 2, 3],
        [2, 2, 3, 3],
      ],
    },
    {
      run: (y, w) => convolution.convolveBack(y, w, [8], long),
      shapes: [
        [2, 2, 3],
        [2, 1, 3],
      ],
    },
    {
      run: (y, w) => convolution.convolveBack(y, w, [4], deep),
      shapes: [
        [2, 6, 2],
        [6, 1, 1],
      ],
    },
  ],
  convolveWeights: [
    {
      run: (x, y) => convolution.convolveWeights(x, y, [2, 2], one),
      shapes: [
        [2, 2, 3, 4],
        [2, 3, 2, 3],
      ],
    },
    {
      run: (x, y) => convolution.convolveWeights(x, y, [3, 3], uneven),
      shapes: [
        [1, 4, 4, 3],
        [1, 2, 2, 3],
      ],
    },
    {
      run: (x, y) => convolution.convolveWeights(x, y, [3], long),
      shapes: [
        [2, 1, 8],
        [2, 2, 3],
      ],
    },
  ],
};
