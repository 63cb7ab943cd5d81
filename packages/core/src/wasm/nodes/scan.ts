import { isFloat } from "../../dtype.js";
import { sizeOf } from "../../shape.js";
import { elements } from "./elements.js";
import type { NodeWriter } from "./node-writer.js";
import { planWalk, writeWalk } from "./walk.js";

/** attrs [dim]: running sums or products. Floats are accumulated in float64, ints wrap, sums of bools are "or". */
export const writeScan: NodeWriter = (code, { op, shape, dtype, attrs }, _, { out, sources }) => {
  if (sizeOf(shape) === 0) return;
  const { size, load, store } = elements[dtype];
  const dim = attrs[0] ?? 0;
  const count = shape[dim] ?? 1;
  const inner = sizeOf(shape.slice(dim + 1));
  const step = inner * size;
  const from = sources[0]!.local;
  const double = isFloat(dtype);
  const total = code.local(double ? "f64" : "i32");
  const outer = [count * step, size];
  writeWalk(code, planWalk([sizeOf(shape) / (count * inner), inner], [outer, outer]), [out, from], () => {
    const first = op === "cumsum" ? 0 : 1;
    if (double) code.f64(first).set(total);
    else code.i32(first).set(total);
    const [target, source] = [code.local("i32"), code.local("i32")];
    code.get(out).set(target).get(from).set(source);
    writeWalk(code, planWalk([count], [[step], [step]]), [target, source], () => {
      code.get(target).get(total).get(source).memory(load);
      if (dtype === "float32") code.op("f64.promote_f32");
      if (double) code.op(op === "cumsum" ? "f64.add" : "f64.mul");
      else if (op === "cumsum") code.op(dtype === "bool" ? "i32.or" : "i32.add");
      else code.op("i32.mul");
      code.tee(total);
      if (dtype === "float32") code.op("f32.demote_f64");
      code.memory(store);
    });
  });
};
