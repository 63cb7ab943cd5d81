import type { TypedArray } from "../dtype.js";
import { recurringOf } from "../program/recurring.js";
import { sizeOf } from "../shape.js";
import { ReferenceBackend } from "./interpreter.js";
import type { Handler } from "./kernel.js";

/** Runs the body once a turn, on rows of the sources and of the value itself. */
export const recur: Handler = (node, srcs) => {
  const { steps, body, starts, reads, writes } = recurringOf(node);
  const executable = new ReferenceBackend().compile(body);
  const sizes = body.inputs.map((place) => sizeOf(body.nodes[place]!.shape));
  const firstNumber = srcs.length - body.scalars.length;
  return (out, arrays) => {
    for (const { src, offset } of starts) out.set(arrays[src]!, offset);
    const numbers = arrays.slice(firstNumber).map((array) => array[0]!);
    for (let turn = 0; turn < steps; turn++) {
      const inputs = reads.map(({ src, offset, stride }, k) => {
        const from = offset + turn * stride;
        return (src < 0 ? out : arrays[src]!).subarray(from, from + sizes[k]!);
      });
      const results = executable.run(inputs, numbers) as TypedArray[];
      writes.forEach(({ offset, stride }, k) => out.set(results[k]!, offset + turn * stride));
    }
  };
};
