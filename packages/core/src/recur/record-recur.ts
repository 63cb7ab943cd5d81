import type { GradientRule } from "../autograd/rule.js";
import { withGrad } from "../autograd/mode.js";
import { itemSize } from "../dtype.js";
import { ValueError } from "../errors.js";
import { defineOp, type Node, type Op } from "../program/node.js";
import { OWN, recurAttrs, type Row, supportRecur } from "../program/recurring.js";
import { recur as interpret } from "../reference/recur.js";
import { text } from "../shape.js";
import { apply, COPY, scalar, type Tensor } from "../tensor.js";
import { recurCompiler } from "../wasm/recur-compiler.js";
import type { RecordedBody } from "./recorded-body.js";
import type { Line, Stacks } from "./stacks.js";

const RECUR: Op<GradientRule> = /* @__PURE__ */ defineOp<GradientRule>("recur", null);

/** What an argument of a body is: a line of a tensor, or of the recurrence's own value (null). */
export interface Operand {
  readonly tensor: Tensor | null;
  readonly line: Line;
}

/** The value that a reshape shows; a bare number is put into memory. */
function source(x: Tensor): Tensor {
  let { node } = x;
  while (node.op.name === "reshape" && !node.isLeaf) node = node.srcs[0]!;
  return node.isScalar ? apply(COPY, [x], [], x.shape, x.dtype) : x;
}

/** Records a recurrence whose carries start from `first`, without gradients: its own value, laid out by `stacks`. */
export function recordRecur(
  recorded: RecordedBody,
  stacks: Stacks,
  first: readonly Tensor[],
  argument: (k: number) => Operand,
): Tensor {
  supportRecur({ interpret, compiler: recurCompiler });
  return withGrad(false, () => {
    const { steps, reverse } = stacks;
    const forms = [...recorded.carryForms, ...recorded.stackForms];
    const { dtype } = forms[0]!;
    const other = forms.find((form) => form.dtype !== dtype);
    if (other !== undefined)
      throw new ValueError(
        `recur: what a turn gives has several dtypes, ${dtype} and ${other.dtype}`,
        "convert it in the body: x.to(dtype)",
      );
    if (itemSize[dtype] < 4) throw new ValueError(`recur: a turn gives ${dtype}`, "compute in float32: x.float()");
    const sources: Tensor[] = [];
    const known = new Map<Node, number>();
    const place = (tensor: Tensor): number => {
      let at = known.get(tensor.node);
      if (at === undefined) {
        // Devices address words, and a row may begin in the middle of one.
        if (itemSize[tensor.dtype] < 4)
          throw new ValueError(
            `recur: takes no ${tensor.dtype}, got one of shape ${text(tensor.shape)}`,
            "convert it before: x.float() or x.int()",
          );
        known.set(tensor.node, (at = sources.push(source(tensor)) - 1));
      }
      return at;
    };
    const row = (src: number, { start, step }: Line): Row =>
      reverse ? { src, offset: start + (steps - 1) * step, stride: -step } : { src, offset: start, stride: step };
    const starts = first.map((tensor, k) => ({ src: place(tensor), offset: stacks.first(k) }));
    const reads = recorded.inputs.map((k) => {
      const { tensor, line } = argument(k);
      return row(tensor === null ? OWN : place(tensor), line);
    });
    const writes: Row[] = [];
    recorded.carries.forEach((output, k) => (writes[output] = row(OWN, stacks.after(k))));
    recorded.stacks.forEach((output, k) => (writes[output] = row(OWN, stacks.stack(k))));
    const { device } = [...first, ...sources][0]!;
    for (const { value, dtype } of recorded.numbers) sources.push(scalar(value, dtype, device));
    const { program: body, signature } = recorded;
    return apply(RECUR, sources, recurAttrs({ steps, body, signature, starts, reads, writes }), [stacks.size], dtype);
  });
}
