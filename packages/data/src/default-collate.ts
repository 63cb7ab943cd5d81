import { DTypeError, ShapeError, stack, Tensor, tensor, ValueError } from "@downhill/core";
import { fromHost, hostArray, show } from "@downhill/core/engine";
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
 * Throws a ShapeError where samples differ in shape, length or keys, a DTypeError for values that no tensor holds.
 *
 * @example
 * const batch = defaultCollate([{ x: [1, 2], name: "a" }, { x: [3, 4], name: "b" }]);
 * // { x: [tensor([1., 3.]), tensor([2., 4.])], name: ["a", "b"] }
 */
export function defaultCollate<Sample>(samples: readonly Sample[]): Collated<Sample> {
  return collateSamples(samples);
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
    sameInAll(values, place, kindOf);
    sameInAll(values, place, (value) => `shape ${show((value as Tensor).shape)}`);
    return stack(values as readonly Tensor[]);
  }
  if (isHostArray(first)) return mergeArrays(values, place);
  if (Array.isArray(first)) {
    sameInAll(values, place, kindOf);
    sameInAll(values, place, (value) => `${(value as unknown[]).length} elements`);
    return first.map((_, k) =>
      merge(
        values.map((value) => (value as unknown[])[k]),
        within(place, `[${k}]`),
      ),
    );
  }
  if (isPlainObject(first)) {
    sameInAll(values, place, kindOf);
    sameInAll(
      values,
      place,
      (value) =>
        `keys ${Object.keys(value as object)
          .sort()
          .join(", ")}`,
    );
    const keyed = values as readonly Record<string, unknown>[];
    return Object.fromEntries(
      Object.keys(first).map((key) => [
        key,
        merge(
          keyed.map((value) => value[key]),
          within(place, `.${key}`),
        ),
      ]),
    );
  }
  switch (typeof first) {
    case "number":
    case "boolean":
      sameInAll(values, place, kindOf);
      return tensor(values as readonly (number | boolean)[]);
    case "bigint":
      sameInAll(values, place, kindOf);
      return mergeIntegers(values as readonly bigint[], place);
    case "string":
      sameInAll(values, place, kindOf);
      return values.slice();
    default:
      throw new DTypeError(
        `defaultCollate: ${name(0, place)} is ${kindOf(first)}${at(place)}`,
        "samples are made of tensors, typed arrays, numbers, booleans, strings, arrays and plain objects; pass `collate` for others",
      );
  }
}

/** Copies typed arrays of one length into the rows of a tensor. */
function mergeArrays(values: readonly unknown[], place: Place): Tensor {
  sameInAll(values, place, kindOf);
  sameInAll(values, place, (value) => `${(value as HostArray).length} elements`);
  const rows = values as readonly HostArray[];
  const length = rows[0]!.length;
  const dtype = hostDType(rows[0]!);
  const data = hostArray(dtype, rows.length * length);
  rows.forEach((row, i) => {
    if (row instanceof BigInt64Array) row.forEach((x, j) => (data[i * length + j] = toInt32(x, i, place)));
    else data.set(row, i * length);
  });
  return fromHost("defaultCollate", data, [rows.length, length], dtype);
}

function mergeIntegers(values: readonly bigint[], place: Place): Tensor {
  const data = Int32Array.from(values, (value, i) => toInt32(value, i, place));
  return fromHost("defaultCollate", data, [values.length], "int32");
}

function toInt32(value: bigint, sample: number, place: Place): number {
  if (BigInt.asIntN(32, value) === value) return Number(value);
  throw new DTypeError(`defaultCollate: ${name(sample, place)} is ${value}n${at(place)}, which int32 does not hold`);
}

/** Checks that all values agree in what `describe` says of them. */
function sameInAll(values: readonly unknown[], place: Place, describe: (value: unknown) => string): void {
  const expected = describe(values[0]);
  for (let i = 1; i < values.length; i++) {
    const found = describe(values[i]);
    if (found === expected) continue;
    throw new ShapeError(
      `defaultCollate: the samples do not fit together${at(place)}: ${name(0, place)} has ${expected}, ${name(i, place)} has ${found}`,
      "bring them to one form in dataset.get, or pass `collate`, which joins them as you like",
    );
  }
}

const within = (place: Place, step: string): Place => ({ ...place, path: place.path + step });
const at = ({ path }: Place): string => (path === "" ? "" : ` at ${path}`);
const name = (sample: number, { indices }: Place): string =>
  indices === undefined ? `sample ${sample}` : `sample ${sample} (index ${indices[sample]})`;

/** `a Tensor`, `a number`, `an array`: values of different kinds are never joined. */
function kindOf(value: unknown): string {
  if (value instanceof Tensor) return "a Tensor";
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const made = (value.constructor as { name?: string } | undefined)?.name ?? "Object";
  return made === "Object" ? "an object" : `${/^[AEIOU]/.test(made) ? "an" : "a"} ${made}`;
}
