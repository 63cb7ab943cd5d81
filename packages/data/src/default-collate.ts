import { DTypeError, ShapeError, stack, Tensor, tensor, ValueError } from "@downhill/core";
import { fromOwned, hostArray, show } from "@downhill/core/engine";
import { type HostArray, hostDType, isHostArray, isPlainObject } from "./sample.js";

/** What `defaultCollate` makes of samples: the same structure, with a tensor (or an array of strings) for each value. */
export type Collated<Sample> = [Sample] extends [never]
  ? never
  : [Sample] extends [Tensor | number | boolean | bigint | HostArray]
    ? Tensor
    : [Sample] extends [string]
      ? Sample[]
      : Sample extends object
        ? { -readonly [K in keyof Sample]: Collated<Sample[K]> }
        : unknown;

/**
 * Joins samples into a batch, as torch.utils.data.default_collate: tensors are stacked, typed arrays too (the dtype is the
 * array's own), arrays are collated place by place and objects key by key, strings stay an array.
 *
 * Numbers become float32, whole ones as well: JavaScript cannot tell 1 from 1.0, and a dtype that followed the values would
 * change from batch to batch. For labels take bigint (3n), an Int32Array or an int32 tensor, which become int32; booleans
 * become bool.
 *
 * Throws a ShapeError where samples differ in kind, shape, length or keys, a DTypeError for values that no tensor holds.
 *
 * @example
 * const batch = defaultCollate([{ x: [1, 2], name: "a" }, { x: [3, 4], name: "b" }]);
 * console.log(batch); // { x: [tensor([1., 3.]), tensor([2., 4.])], name: ["a", "b"] }
 */
export function defaultCollate<Sample>(samples: readonly Sample[]): Collated<Sample> {
  if (!Array.isArray(samples)) {
    throw new ValueError(
      `defaultCollate: the samples must be an array, got ${show(samples)}`,
      "wrap a single one: [sample]",
    );
  }
  return collateSamples<Sample>(samples);
}

/** `defaultCollate`, which names samples by `indices` too, their places in the dataset. */
export function collateSamples<Sample>(samples: readonly Sample[], indices?: readonly number[]): Collated<Sample> {
  if (samples.length === 0) throw new ValueError("defaultCollate: a batch needs at least one sample");
  return merge(samples, { path: "", indices }) as Collated<Sample>;
}

/** Where in the samples the values stand that are joined. */
interface Place {
  readonly path: string;
  readonly indices: readonly number[] | undefined;
}

function merge(values: readonly unknown[], place: Place): unknown {
  const first = values[0];
  if (first instanceof Tensor) {
    checkAlike(values, place, (value) => value instanceof Tensor && sameList(value.shape, first.shape));
    return stack(values as readonly Tensor[]);
  }
  if (isHostArray(first)) {
    checkAlike(values, place, (value) => value?.constructor === first.constructor && lengthOf(value) === first.length);
    return mergeArrays(values as readonly HostArray[], place);
  }
  if (Array.isArray(first)) {
    checkAlike(values, place, (value) => Array.isArray(value) && value.length === first.length);
    return first.map((_, k) => merge(column(values, k), within(place, `[${k}]`)));
  }
  if (isPlainObject(first)) {
    const keys = Object.keys(first);
    const sorted = keys.toSorted();
    checkAlike(values, place, (value) => isPlainObject(value) && sameList(Object.keys(value).sort(), sorted));
    return Object.fromEntries(keys.map((key) => [key, merge(column(values, key), within(place, `.${key}`))]));
  }
  checkAlike(values, place, (value) => typeof value === typeof first);
  if (typeof first === "number" || typeof first === "boolean") return tensor(values as readonly (number | boolean)[]);
  if (typeof first === "bigint") {
    const data = Int32Array.from(values as readonly bigint[], (value, i) => toInt32(value, i, place));
    return fromOwned("defaultCollate", data, [values.length], "int32");
  }
  if (typeof first === "string") return values.slice();
  throw new DTypeError(
    `defaultCollate: ${name(0, place)} is ${describe(first)}${at(place)}`,
    "samples are made of tensors, typed arrays, numbers, booleans, strings, arrays and plain objects; pass `collate` for others",
  );
}

const column = (values: readonly unknown[], key: PropertyKey): unknown[] =>
  values.map((value) => (value as Record<PropertyKey, unknown>)[key]);

/** Copies typed arrays of one length into the rows of a tensor. */
function mergeArrays(rows: readonly HostArray[], place: Place): Tensor {
  const length = rows[0]!.length;
  const dtype = hostDType(rows[0]!);
  const data = hostArray(dtype, rows.length * length);
  rows.forEach((row, i) => {
    if (row instanceof BigInt64Array) row.forEach((value, j) => (data[i * length + j] = toInt32(value, i, place)));
    else data.set(row, i * length);
  });
  return fromOwned("defaultCollate", data, [rows.length, length], dtype);
}

function toInt32(value: bigint, sample: number, place: Place): number {
  if (BigInt.asIntN(32, value) === value) return Number(value);
  throw new DTypeError(`defaultCollate: ${name(sample, place)} is ${value}n${at(place)}, which int32 does not hold`);
}

/** Checks that every value has the kind and form of the first. */
function checkAlike(values: readonly unknown[], place: Place, isAlike: (value: unknown) => boolean): void {
  const odd = values.findIndex((value) => !isAlike(value));
  if (odd < 0) return;
  throw new ShapeError(
    `defaultCollate: the samples do not fit together${at(place)}: ${name(0, place)} is ${describe(values[0])}, ${name(odd, place)} is ${describe(values[odd])}`,
    "bring them to one form in dataset.get, or pass `collate`, which joins them as you like",
  );
}

const sameList = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((x, i) => x === b[i]);
const lengthOf = (value: unknown): unknown => (value as { length?: unknown }).length;

const within = (place: Place, step: string): Place => ({ ...place, path: place.path + step });
const at = ({ path }: Place): string => (path === "" ? "" : ` at ${path}`);
const name = (sample: number, { indices }: Place): string =>
  indices === undefined ? `sample ${sample}` : `sample ${sample} (index ${indices[sample]})`;

/** `a Tensor of shape [2, 3]`, `an array of 3 elements`, `an object with keys a, b`, `a number`, `undefined`. */
function describe(value: unknown): string {
  if (value instanceof Tensor) return `a Tensor of shape ${show(value.shape)}`;
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length} elements`;
  if (isPlainObject(value)) return `an object with keys ${Object.keys(value).join(", ")}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  const kind = value.constructor.name;
  return `${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind}${isHostArray(value) ? ` of ${value.length} elements` : ""}`;
}
