import { dtypes } from "../../dtype.js";
import * as movement from "../../ops/movement.js";
import { windows } from "../../ops/view.js";
import type { OpCases } from "../op-case.js";

export const movementCases: OpCases<typeof movement> = {
  reshape: [
    { run: (x) => movement.reshape(x, [3, -1]), shapes: [[2, 6]], dtypes },
    { run: (x) => movement.reshape(x, []), shapes: [[1, 1]], dtypes },
    { run: (x) => movement.reshape(x, 0, 5), shapes: [[2, 0, 3]], dtypes },
  ],
  view: { run: (x) => movement.view(x, -1), shapes: [[2, 3]], dtypes },
  flatten: [
    { run: (x) => movement.flatten(x), shapes: [[]], dtypes },
    { run: (x) => movement.flatten(x, 1, 2), shapes: [[2, 3, 2, 2]], dtypes },
  ],
  unflatten: { run: (x) => movement.unflatten(x, 1, [2, -1]), shapes: [[2, 6]], dtypes },
  permute: [
    { run: (x) => movement.permute(x, 2, 0, 1), shapes: [[2, 3, 4]], dtypes },
    { run: (x) => movement.permute(x, [1, 0]), shapes: [[0, 3]], dtypes },
  ],
  transpose: { run: (x) => movement.transpose(x, 0, -1), shapes: [[2, 3, 2]], dtypes },
  t: { run: (x) => movement.t(x), shapes: [[2, 3]], dtypes },
  movedim: { run: (x) => movement.movedim(x, [0, 1], [-1, 0]), shapes: [[2, 3, 4]], dtypes },
  squeeze: [
    { run: (x) => movement.squeeze(x), shapes: [[1, 2, 1]], dtypes },
    { run: (x) => movement.squeeze(x, [0, 1]), shapes: [[1, 2, 1]], dtypes },
  ],
  unsqueeze: { run: (x) => movement.unsqueeze(x, -1), shapes: [[2, 3]], dtypes },
  expand: [
    { run: (x) => movement.expand(x, 4, -1, 3), shapes: [[2, 1]], dtypes },
    { run: (x) => movement.expand(x, [2, 2]), shapes: [[]], dtypes },
    { run: (x) => movement.expand(x, [0, 2]), shapes: [[1, 2]], dtypes },
  ],
  expandAs: { run: (x, y) => movement.expandAs(x, y), shapes: [[3], [2, 3]], dtypes },
  unfold: [
    { run: (x) => movement.unfold(x, 1, 3, 1), shapes: [[2, 5]], dtypes },
    { run: (x) => movement.unfold(x, 0, 2, 2), shapes: [[5, 2]], dtypes },
    { run: (x) => movement.unfold(x, -1, 2, 3), shapes: [[2, 6]], dtypes },
    { run: (x) => movement.unfold(x, 0, 3, 2), shapes: [[6]], dtypes },
    { run: (x) => movement.unfold(x, 0, 2, 2), shapes: [[4, 2]], dtypes },
    // With distances between a window's elements, as in a dilated convolution.
    { run: (x) => windows(x, 1, 2, 2, 3), shapes: [[2, 7, 2]], dtypes },
    { run: (x) => windows(windows(x, 0, 2), 2, 3, 1, 2), shapes: [[3, 6]], dtypes },
  ],
  contiguous: { run: (x) => movement.contiguous(x), shapes: [[2, 3]], dtypes },
  flip: [
    { run: (x) => movement.flip(x, 0, 2), shapes: [[2, 3, 2]], dtypes },
    { run: (x) => movement.flip(x, []), shapes: [[2]], dtypes },
  ],
  roll: [
    { run: (x) => movement.roll(x, [1, -2], [0, 1]), shapes: [[3, 4]], dtypes },
    { run: (x) => movement.roll(x, 4), shapes: [[2, 3]], dtypes },
  ],
};
