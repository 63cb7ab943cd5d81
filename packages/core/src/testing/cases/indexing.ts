import { tensor } from "../../creation.js";
import { dtypes } from "../../dtype.js";
import type * as at from "../../ops/at.js";
import { at as read } from "../../ops/at.js";
import * as indexPut from "../../ops/index-put.js";
import * as indexing from "../../ops/indexing.js";
import { range } from "../../ops/range.js";
import type { Tensor } from "../../tensor.js";
import type { OpCases } from "../op-case.js";

type Nested = readonly (number | Nested)[];

const places = (data: Nested): Tensor => tensor(data, { dtype: "int32" });
const mask = (data: readonly boolean[]): Tensor => tensor(data);

export const indexingCases: OpCases<typeof indexing> = {
  gather: [
    {
      run: (x) =>
        indexing.gather(
          x,
          1,
          places([
            [2, 0],
            [1, 1],
          ]),
        ),
      shapes: [[2, 3]],
      dtypes,
    },
    { run: (x) => indexing.gather(x, 0, places([[2, 2]])), shapes: [[3, 4]], dtypes },
    { run: (x) => indexing.gather(x, -1, places([0])), shapes: [[]], dtypes },
  ],
  scatter: [
    {
      run: (x, y) =>
        indexing.scatter(
          x,
          1,
          places([
            [2, 0],
            [1, 2],
          ]),
          y,
        ),
      shapes: [
        [2, 3],
        [2, 2],
      ],
      dtypes,
    },
    {
      run: (x, y) => indexing.scatter(x, 0, places([[1, 0]]), y),
      shapes: [
        [3, 3],
        [2, 3],
      ],
      dtypes,
    },
    { run: (x) => indexing.scatter(x, 0, places([1, 1]), 1), shapes: [[3]], dtypes },
  ],
  scatterAdd: [
    {
      run: (x, y) =>
        indexing.scatterAdd(
          x,
          0,
          places([
            [1, 1],
            [0, 1],
          ]),
          y,
        ),
      shapes: [
        [3, 2],
        [2, 2],
      ],
      dtypes,
    },
    {
      run: (x, y) => indexing.scatterAdd(x, 1, places([[1, 1, 1]]), y),
      shapes: [
        [2, 2],
        [1, 3],
      ],
      dtypes,
    },
  ],
  indexSelect: [
    { run: (x) => indexing.indexSelect(x, 1, places([2, 0, 2])), shapes: [[2, 3, 2]], dtypes },
    { run: (x) => indexing.indexSelect(x, 0, places([])), shapes: [[2, 3]], dtypes },
    { run: (x) => indexing.indexSelect(x, 0, places([2, 0])), shapes: [[3, 64]], dtypes },
  ],
  indexAdd: [
    {
      run: (x, y) => indexing.indexAdd(x, 0, places([2, 0, 2]), y),
      shapes: [
        [3, 2],
        [3, 2],
      ],
      dtypes,
    },
    {
      run: (x, y) => indexing.indexAdd(x, 1, places([1]), y, { alpha: 2 }),
      shapes: [
        [2, 3],
        [2, 1],
      ],
    },
  ],
  indexFill: [
    { run: (x) => indexing.indexFill(x, 1, places([2, 2, 0]), 1), shapes: [[2, 3]], dtypes },
    { run: (x, y) => indexing.indexFill(x, 0, places([1, 1]), y), shapes: [[3, 2], []], dtypes },
  ],
  take: {
    run: (x) =>
      indexing.take(
        x,
        places([
          [-1, 0],
          [4, 4],
        ]),
      ),
    shapes: [[2, 3]],
    dtypes,
  },
};

export const atCases: OpCases<typeof at> = {
  at: [
    { run: (x) => read(x, 1), shapes: [[3, 2]], dtypes },
    { run: (x) => read(x, -1, null, range(1, null, 2)), shapes: [[2, 5]], dtypes },
    { run: (x) => read(x, range(0, -1), "...", 0), shapes: [[3, 2, 2]], dtypes },
    { run: (x) => read(x, [2, 0, -1]), shapes: [[3, 2]], dtypes },
    {
      run: (x) =>
        read(
          x,
          range(),
          places([
            [0, 2],
            [2, 2],
          ]),
        ),
      shapes: [[2, 3, 2]],
      dtypes,
    },
    { run: (x) => read(x, places([1, 1]), range(), places([[0], [1]])), shapes: [[2, 3, 2]], dtypes },
    { run: (x) => read(x, range(), places([0, 1, 0]), places([1, -1, 1])), shapes: [[2, 2, 3]], dtypes },
    { run: (x) => read(x, []), shapes: [[3, 2]], dtypes },
  ],
};

export const indexPutCases: OpCases<typeof indexPut> = {
  indexPut: [
    { run: (x, y) => indexPut.indexPut(x, [range(1, 3), -1], y), shapes: [[4, 2], [2]], dtypes },
    { run: (x, y) => indexPut.indexPut(x, [[2, 0]], y), shapes: [[3, 2], [2]], dtypes },
    { run: (x, y) => indexPut.indexPut(x, [[1, 1, 0]], y, { accumulate: true }), shapes: [[3], [3]], dtypes },
    { run: (x, y) => indexPut.indexPut(x, [range(), mask([true, false, true])], y), shapes: [[2, 3], []], dtypes },
  ],
};
