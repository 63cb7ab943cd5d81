import { stridesOf } from "@downhill/core/compiler";
import { sizeOf } from "@downhill/core/engine";
import { Position } from "../wgsl/position.js";
import { Writer } from "../wgsl/writer.js";
import { writeElements } from "./element-kernel.js";
import { writeIndexCheck } from "./index-check.js";
import { along, type NodeTask, type Written } from "./node-task.js";

/** attrs [dim, wrap, caller, named, ...shape]: out[i][j] = x[index[i][j]][j] for dim 0. */
export function writeGather({ value, node, sources, label }: NodeTask): Written {
  const { shape, dtype, attrs } = node;
  const [x, index] = sources as [NodeTask["sources"][0], NodeTask["sources"][0]];
  const count = sizeOf(shape);
  if (count === 0) return { dispatches: [], scratchBytes: 0 };
  const dim = attrs[0]!;
  const strides = stridesOf(x.shape);
  const writer = new Writer();
  const dispatch = writeElements(writer, value, dtype, count, label, (at) => {
    const position = new Position(writer, [{ loops: [...shape.keys()], sizes: shape, flat: at }]);
    const which = index.load(writer, along(position, index.stridesIn(shape)));
    const place = writeIndexCheck(writer, node, x.shape, which, at);
    const inside = writer.let(`min(${place}, ${Math.max(x.shape[dim]!, 1) - 1}u)`);
    return x.load(writer, `${along(position, strides.with(dim, 0))} + ${inside} * ${strides[dim]!}u`);
  });
  return { dispatches: [dispatch], scratchBytes: 0 };
}
