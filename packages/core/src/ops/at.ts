import { withGrad, isGradEnabled } from "../autograd/mode.js";
import type { TypedArray } from "../dtype.js";
import { fromHost } from "../creation.js";
import { refuseReading } from "../program/trace.js";
import { keep } from "../keep.js";
import { composite, type Tensor } from "../tensor.js";
import { clone } from "./convert.js";
import { checkTensor } from "./define.js";
import type { Mask } from "./mask.js";
import { type Index, type Item, parse, positionOf, subscript } from "./subscript.js";
import { slice, toShape } from "./view.js";

/** `x.at(i)`, the row of every loop over samples: the general way of one position, without its notes. */
const row: (x: Tensor, i: number) => Tensor = composite((x: Tensor, i: number) =>
  toShape(slice(x, 0, positionOf("at", x, i, 0), 1), x.shape.slice(1)),
);

type MaskOf<T> = T extends readonly [] ? never : Extract<T, Mask | readonly boolean[]>;

/**
 * What `at` returns: a Promise if one of the indices is known to be a mask, since the shape then depends on values;
 * either for a spread array that may hold one.
 */
export type Indexed<I extends readonly Index[]> = [MaskOf<I[number]>] extends [never]
  ? Tensor
  : number extends I["length"]
    ? Tensor | Promise<Tensor>
    : Promise<Tensor>;

const read: (x: Tensor, items: readonly Item[]) => Tensor = composite((x: Tensor, items: readonly Item[]) =>
  subscript("at", x, items),
);

/**
 * Reads `x[…]` as Python does. Integers count from the end when negative; `range(start, stop, step)` takes a stretch;
 * `null` adds an axis of size 1; `"..."` stands for all dims that are left; int32 tensors and arrays of integers take
 * their positions (several broadcast together, and their dims come first unless they are neighbours); a bool tensor
 * takes the elements where it is true, and gives a Promise, because the shape depends on its values. Integers and the
 * starts of ranges are passed at run time, so `x.at(i)` in a loop is one Program. Gradients add up where a position is
 * taken twice. Same as x[…] in PyTorch.
 *
 * The type checker sees the Promise for what comparisons, `x.bool()` and arrays of booleans give. A mask that it knows
 * only as a Tensor gives one too: write `mask.bool()`, or `await` it all the same.
 *
 * @throws IndexError for a position out of range (for index tensors when the value is computed), or too many indices.
 * @throws DTypeError for an index tensor that is neither int32 nor bool.
 *
 * @example
 * const x = arange(12).reshape(3, 4);
 * x.at(-1); // tensor([ 8,  9, 10, 11])
 * x.at(range(1), 0); // tensor([4, 8])
 * x.at("...", [0, 0, 3]); // columns 0, 0 and 3
 * await x.at(x.gt(9)); // tensor([10, 11])
 */
export function at<const I extends readonly Index[]>(x: Tensor, ...indices: I): Indexed<I> {
  checkTensor("at", x);
  const [first] = indices;
  if (indices.length === 1 && typeof first === "number" && x.ndim > 0) return row(x, first) as Indexed<I>;
  const items = parse("at", x, indices);
  const masked = items.some((item) => item.kind === "mask");
  if (masked) refuseReading("at with a mask");
  return (masked ? readMasked(x, items) : read(x, items)) as Indexed<I>;
}

/** Reads the masks, turns them into lists of positions, and goes on from there: at once where the device can be read. */
async function readMasked(x: Tensor, items: readonly Item[]): Promise<Tensor> {
  const data = items.map((item) => (item.kind === "mask" ? item.mask.read() : null));
  if (!data.some((values) => values instanceof Promise)) {
    return keep(read(x, resolve(items, data as (TypedArray | null)[])));
  }
  // What is read is the value as of the call, with gradients as they were then, whatever happens while it waits.
  const recording = isGradEnabled();
  const held = keep(clone(x));
  const rest = items.map((item) =>
    item.kind === "list" || item.kind === "pick" ? { ...item, index: keep(clone(item.index)) } : item,
  );
  const values = await Promise.all(data.map((read) => Promise.resolve(read)));
  return withGrad(recording, () => read(held, resolve(rest, values)));
}

function resolve(items: readonly Item[], data: readonly (TypedArray | null)[]): Item[] {
  return items.map((item, k) => {
    if (item.kind !== "mask") return item;
    const places = truePlaces(data[k]!);
    return {
      kind: "list",
      dim: item.dim,
      dims: item.mask.ndim,
      index: fromHost("at", places, [places.length], "int32", { device: item.mask.device }),
    };
  });
}

/** The places of the elements that are not 0. */
function truePlaces(data: TypedArray): Int32Array {
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) count++;
  const places = new Int32Array(count);
  for (let i = 0, k = 0; i < data.length; i++) if (data[i] !== 0) places[k++] = i;
  return places;
}
