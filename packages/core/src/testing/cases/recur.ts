import type { Body } from "../../recur/body.js";
import * as recurrence from "../../recur/recur.js";
import type { Tensor } from "../../tensor.js";
import type { OpCases } from "../op-case.js";

const elman: Body = ([h], [x], [weight]) => {
  const next = x!.add(h!.matmul(weight!.transpose(0, 1))).tanh();
  return { carry: [next], out: [next] };
};

/** Two states of different sizes, two sequences, a weight that is used twice, and a bias. */
const pairs: Body = ([h, c], [x, scale], [weight, bias]) => {
  const sums = c!.matmul(weight!).add(bias!);
  const next = sums.mul(x!).sigmoid().add(h!.mul(0.5));
  const other = next.matmul(weight!.transpose(0, 1)).mul(scale!).add(c!.sin());
  return { carry: [next, other], out: [sums, next.mul(next), x!] };
};

/** No state, and one that is only passed on. */
const squares: Body = (_, [x]) => ({ carry: [], out: [x!.mul(x!)] });
const held: Body = ([h], [x]) => ({ carry: [h!], out: [x!.mul(h!)] });
/** A state that adds up, and is not looked at. */
const adding: Body = ([h], [x], [k]) => ({ carry: [h!.add(x!.mul(k!))], out: [] });

const flat = ({ carry, out }: recurrence.Recurred): Tensor[] => [...carry, ...out];

export const recurCases: OpCases<typeof recurrence> = {
  recur: [
    {
      run: (h, x, w) => flat(recurrence.recur(elman, { carry: [h], x: [x], constants: [w] })),
      shapes: [
        [2, 3],
        [4, 2, 3],
        [3, 3],
      ],
      range: [-1, 1],
    },
    {
      run: (h, x, w) => flat(recurrence.recur(elman, { carry: [h], x: [x], constants: [w], reverse: true })),
      shapes: [
        [1, 2],
        [3, 1, 2],
        [2, 2],
      ],
      range: [-1, 1],
    },
    {
      run: (h, c, x, scale, w, b) => flat(recurrence.recur(pairs, { carry: [h, c], x: [x, scale], constants: [w, b] })),
      shapes: [[2, 3], [2, 5], [3, 2, 3], [3, 2, 1], [5, 3], [3]],
      range: [-1, 1],
    },
    { run: (x) => flat(recurrence.recur(squares, { carry: [], x: [x], reverse: true })), shapes: [[3, 2]] },
    { run: (h, x) => flat(recurrence.recur(held, { carry: [h], x: [x] })), shapes: [[3], [2, 3]] },
    {
      run: (h, x, k) => flat(recurrence.recur(adding, { carry: [h], x: [x], constants: [k] })),
      shapes: [[2, 2], [1, 2, 2], []],
    },
  ],
};
