import type { MatmulKernel } from "@downhill/core/compiler";
import type { Writer } from "../wgsl/writer.js";
import { depthLoops } from "./matmul-shape.js";

/** A loop over the depth, and how far each operand goes in a turn of it. */
interface Loop {
  readonly size: number;
  readonly strides: readonly number[];
}

/** The loops over the depth, outermost first; neighbours that all operands run through without a gap are one. */
function loopsOf(kernel: MatmulKernel, operands: readonly MatmulKernel["a"][]): Loop[] {
  const found: Loop[] = [];
  for (const i of depthLoops(kernel)) {
    const size = kernel.loops[i]!;
    const strides = operands.map(({ at }) => at.strides[i]!);
    const outer = found.at(-1);
    if (size === 1) continue;
    if (outer?.strides.every((stride, k) => stride === strides[k]! * size) === true)
      found[found.length - 1] = { size: outer.size * size, strides };
    else found.push({ size, strides });
  }
  return found;
}

/**
 * Writes loops over the whole depth of a product, one inside the other, so that no address needs a division. `body` gets
 * how far each operand is from its first term: u32, modulo 2³² where it is before it.
 */
export function writeDepthLoops(
  writer: Writer,
  kernel: MatmulKernel,
  operands: readonly MatmulKernel["a"][],
  body: (distances: readonly string[]) => void,
): void {
  const loops = loopsOf(kernel, operands);
  // A depth of 1 is a loop that is left out, one of 0 is not.
  let distances: readonly string[] = operands.map(() => "0u");
  for (const { size, strides } of loops) {
    const k = writer.name("k");
    writer.line(`for (var ${k} = 0u; ${k} < ${size}u; ${k}++) {`);
    distances = distances.map((outer, i) => {
      const stride = strides[i]!;
      if (stride === 0) return outer;
      const step = stride === 1 ? k : `${k} * ${stride >>> 0}u`;
      return outer === "0u" && stride === 1 ? k : writer.let(outer === "0u" ? step : `${outer} + ${step}`);
    });
  }
  body(distances);
  for (let i = 0; i < loops.length; i++) writer.line("}");
}
