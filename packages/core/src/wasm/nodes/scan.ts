import { isFloat } from "../../dtype.js";
import type { ProgramNode } from "../../program/program.js";
import { sizeOf } from "../../shape.js";
import type { Code } from "../assembler.js";
import { elements } from "./elements.js";
import type { NodeWriter } from "./node-writer.js";
import { planWalk, writeWalk } from "./walk.js";

/** Lines that are run through side by side, where their elements are neighbours. */
const abreast = 8;

/** attrs [dim]: running sums or products. Floats are accumulated in float64, ints wrap, sums of bools are "or". */
export const writeScan: NodeWriter = (code, node, _, { out, sources }) => {
  const { shape, dtype, attrs } = node;
  if (sizeOf(shape) === 0) return;
  const { size } = elements[dtype];
  const dim = attrs[0] ?? 0;
  const count = shape[dim] ?? 1;
  const inner = sizeOf(shape.slice(dim + 1));
  const blocks = sizeOf(shape) / (count * inner);
  const from = sources[0]!.local;
  const [target, source] = [code.local("i32"), code.local("i32")];
  const block = [count * inner * size];
  writeWalk(code, planWalk([blocks], [block, block]), [out, from], () => {
    code.get(out).set(target).get(from).set(source);
    const wide = inner - (inner % abreast);
    for (const [lines, width] of [
      [wide, abreast],
      [inner - wide, 1],
    ] as const) {
      if (lines === 0) continue;
      const step = [width * size];
      const turns = planWalk([lines / width], [step, step]);
      writeWalk(code, turns, [target, source], () => {
        writeLines(code, node, target, source, width, count, inner * size);
      });
      if (turns.sizes.length === 0) {
        for (const local of [target, source])
          code
            .get(local)
            .i32(width * size)
            .op("i32.add")
            .set(local);
      }
    }
  });
};

/** Runs through `width` neighbouring lines of `count` elements, `stride` bytes apart. */
function writeLines(
  code: Code,
  { op, dtype }: ProgramNode,
  to: number,
  from: number,
  width: number,
  count: number,
  stride: number,
): void {
  const { size, load, store } = elements[dtype];
  const double = isFloat(dtype);
  const first = op === "cumsum" ? 0 : 1;
  const totals = Array.from({ length: width }, () => code.local(double ? "f64" : "i32"));
  for (const total of totals) (double ? code.f64(first) : code.i32(first)).set(total);
  const [target, source] = [code.local("i32"), code.local("i32")];
  code.get(to).set(target).get(from).set(source);
  writeWalk(code, planWalk([count], [[stride], [stride]]), [target, source], () => {
    totals.forEach((total, k) => {
      code
        .get(target)
        .get(total)
        .get(source)
        .memory(load, k * size);
      if (dtype === "float32") code.op("f64.promote_f32");
      if (double) code.op(op === "cumsum" ? "f64.add" : "f64.mul");
      else if (op === "cumsum") code.op(dtype === "bool" ? "i32.or" : "i32.add");
      else code.op("i32.mul");
      code.tee(total);
      if (dtype === "float32") code.op("f32.demote_f64");
      code.memory(store, k * size);
    });
  });
}
