import { cat, ShapeError, tensor, type Tensor, where } from "@downhill/core";
import { checkFlag, checkOptions, checkTensor, composite, show, text, ValueError } from "@downhill/core/engine";
import { needNumber } from "./option-checks.js";

/**
 * Sequences of several lengths without padding: the first row of each, then the second of each that has one, and so on,
 * longest first. Same as torch.nn.utils.rnn.PackedSequence, but for the counts and orders, which are arrays.
 */
export class PackedSequence {
  /** The rows, [sum of the lengths, ...]. */
  readonly data: Tensor;
  /** How many sequences have a first row, a second one, …. */
  readonly batchSizes: readonly number[];
  /** Which of the given sequences stands first, second, …; null where they were in order. */
  readonly sortedIndices: readonly number[] | null;
  /** The place of each of the given sequences. */
  readonly unsortedIndices: readonly number[] | null;

  constructor(data: Tensor, batchSizes: readonly number[], sortedIndices: readonly number[] | null = null) {
    checkTensor("PackedSequence", data);
    const rows = batchSizes.reduce((sum, size) => sum + size, 0);
    if (data.ndim === 0 || data.shape[0] !== rows)
      throw new ShapeError(`PackedSequence: batchSizes add up to ${rows} rows, the data is ${text(data.shape)}`);
    if (batchSizes.some((size, t) => size < 1 || size > (batchSizes[t - 1] ?? Infinity)))
      throw new ValueError(`PackedSequence: batchSizes never grow and end above 0, got ${show(batchSizes)}`);
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = sortedIndices && inverse(sortedIndices);
  }

  /** The length of each sequence, longest first. */
  get sortedLengths(): number[] {
    return Array.from({ length: this.batchSizes[0]! }, (_, row) => this.batchSizes.filter((size) => size > row).length);
  }
}

const inverse = (order: readonly number[]): number[] => {
  const back = new Array<number>(order.length);
  order.forEach((from, to) => (back[from] = to));
  return back;
};

/** Takes rows of the first dim. */
export const rowsAt = (x: Tensor, rows: readonly number[], dim = 0): Tensor =>
  x.indexSelect(dim, tensor([...rows], { dtype: "int32", device: x.device }));

function checkLengths(where: string, lengths: unknown, count: number, longest: number): readonly number[] {
  if (!Array.isArray(lengths) || lengths.length !== count)
    throw new ValueError(`${where}: needs the lengths of ${count} sequences as an array, got ${show(lengths)}`);
  for (const length of lengths as readonly unknown[]) {
    if (!Number.isInteger(length) || (length as number) < 1 || (length as number) > longest)
      throw new ValueError(`${where}: a length must be an integer from 1 to ${longest}, got ${show(length)}`);
  }
  return lengths as readonly number[];
}

/** How sequences are packed. */
export interface PackOptions {
  /** Sequences are [batch, steps, ...], not [steps, batch, ...]. Default false. */
  readonly batchFirst?: boolean;
  /** The sequences come longest first; others are an error. False sorts them. Default true. */
  readonly enforceSorted?: boolean;
}

type Pack = (x: Tensor, lengths: readonly number[], options?: PackOptions) => PackedSequence;

/** A function of library code: what it returns in a PackedSequence can be read. */
const packing = (fn: Pack): Pack => {
  const inner = composite((...args: Parameters<Pack>) => {
    const packed = fn(...args);
    return { packed: [packed] as const, data: packed.data };
  });
  return (...args) => inner(...args).packed[0];
};

/**
 * Packs padded sequences, [steps, batch, ...], of the lengths given. Same as torch.nn.utils.rnn.pack_padded_sequence.
 *
 * @throws ValueError for lengths that are not in order, unless `enforceSorted` is false, or that do not fit.
 *
 * @example
 * const packed = packPaddedSequence(tensor([[1, 2, 3], [4, 5, 0]]), [3, 2], { batchFirst: true });
 * console.log(packed.data); // tensor([1., 4., 2., 5., 3.])
 * console.log(packed.batchSizes); // [2, 2, 1]
 */
export const packPaddedSequence: Pack = /* @__PURE__ */ packing((x, lengths, options: PackOptions = {}) => {
  const name = "packPaddedSequence";
  checkTensor(name, x);
  checkOptions(name, options, ["batchFirst", "enforceSorted"]);
  const { batchFirst = false, enforceSorted = true } = options;
  checkFlag(`${name}: batchFirst`, batchFirst);
  checkFlag(`${name}: enforceSorted`, enforceSorted);
  if (x.ndim < 2) throw new ShapeError(`${name}: needs sequences of at least 2 dims, got ${text(x.shape)}`);
  const padded = batchFirst ? x.transpose(0, 1) : x;
  const [steps, batch] = padded.shape as unknown as [number, number];
  checkLengths(name, lengths, batch, steps);
  const sorted = lengths.every((length, i) => i === 0 || length <= lengths[i - 1]!);
  if (enforceSorted && !sorted)
    throw new ValueError(
      `${name}: the lengths must not grow, got ${show(lengths)}`,
      "pass { enforceSorted: false } to have the sequences sorted",
    );
  const order = enforceSorted ? null : [...lengths.keys()].sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const longest = Math.max(...lengths);
  const batchSizes = Array.from({ length: longest }, (_, t) => lengths.filter((length) => length > t).length);
  const rows = batchSizes.flatMap((size, t) =>
    Array.from({ length: size }, (_, row) => t * batch + (order?.[row] ?? row)),
  );
  const data = rowsAt(padded.reshape([steps * batch, ...padded.shape.slice(2)]), rows);
  return new PackedSequence(data, batchSizes, order);
});

/** How sequences are padded. */
export interface PadOptions {
  /** Give [batch, steps, ...], not [steps, batch, ...]. Default false. */
  readonly batchFirst?: boolean;
  /** What stands behind the end of a sequence. Default 0. */
  readonly paddingValue?: number;
}

/** How packed sequences are padded. */
export interface PadPackedOptions extends PadOptions {
  /** Pad to so many steps, not to the longest sequence. Default null. */
  readonly totalLength?: number | null;
}

/** @internal The rows of a packed sequence among padding, [steps, batch, ...], longest first. */
export function padded({ data, batchSizes }: PackedSequence, value: number, steps: number = batchSizes.length): Tensor {
  const batch = batchSizes[0]!;
  const rows: number[] = [];
  const real: number[] = [];
  let start = 0;
  for (let t = 0; t < steps; t++) {
    const size = batchSizes[t] ?? 0;
    for (let row = 0; row < batch; row++) {
      rows.push(row < size ? start + row : 0);
      real.push(row < size ? 1 : 0);
    }
    start += size;
  }
  const rest = data.shape.slice(1);
  const all = rowsAt(data, rows).reshape([steps, batch, ...rest]);
  if (!real.includes(0)) return all;
  const shown = tensor(real, { dtype: "bool", device: data.device }).reshape([steps, batch, ...rest.map(() => 1)]);
  return where(shown, all, value);
}

/** @internal The other way round: rows of [steps, batch, ...], packed as another sequence is. */
export function packedLike({ batchSizes, sortedIndices }: PackedSequence, x: Tensor): PackedSequence {
  const batch = batchSizes[0]!;
  const rows = batchSizes.flatMap((size, t) => Array.from({ length: size }, (_, row) => t * batch + row));
  const data = rowsAt(x.reshape([batchSizes.length * batch, ...x.shape.slice(2)]), rows);
  return new PackedSequence(data, batchSizes, sortedIndices);
}

/**
 * Pads a packed sequence, and gives the sequences in the order in which they were packed, with their lengths. Same as
 * torch.nn.utils.rnn.pad_packed_sequence.
 *
 * @throws ValueError for a `totalLength` below the longest sequence.
 *
 * @example
 * const packed = packSequence([tensor([4, 5]), tensor([1, 2, 3])], { enforceSorted: false });
 * const [padded, lengths] = padPackedSequence(packed, { batchFirst: true, paddingValue: -1 });
 * console.log(padded); // tensor([[4., 5., -1.], [1., 2., 3.]])
 * console.log(lengths); // [2, 3]
 */
export const padPackedSequence: (
  packed: PackedSequence,
  options?: PadPackedOptions,
) => [padded: Tensor, lengths: number[]] = /* @__PURE__ */ composite(
  (packed: PackedSequence, options: PadPackedOptions = {}): [Tensor, number[]] => {
    const name = "padPackedSequence";
    if (!(packed instanceof PackedSequence))
      throw new ValueError(`${name}: needs a PackedSequence, got ${show(packed)}`, "make one with packPaddedSequence");
    checkOptions(name, options, ["batchFirst", "paddingValue", "totalLength"]);
    const { batchFirst = false, paddingValue = 0, totalLength = null } = options;
    checkFlag(`${name}: batchFirst`, batchFirst);
    needNumber(name, "paddingValue", paddingValue);
    const { batchSizes, unsortedIndices, sortedLengths } = packed;
    const longest = batchSizes.length;
    if (totalLength !== null && (!Number.isInteger(totalLength) || totalLength < longest))
      throw new ValueError(
        `${name}: totalLength must be an integer of at least ${longest}, the longest sequence, got ${show(totalLength)}`,
      );
    const sorted = padded(packed, paddingValue, totalLength ?? longest);
    const own = unsortedIndices === null ? sorted : rowsAt(sorted, unsortedIndices, 1);
    const lengths = unsortedIndices?.map((row) => sortedLengths[row]!) ?? sortedLengths;
    return [batchFirst ? own.transpose(0, 1) : own, lengths];
  },
);

function checkSequences(where: string, sequences: unknown): readonly Tensor[] {
  if (!Array.isArray(sequences) || sequences.length === 0)
    throw new ValueError(`${where}: needs an array of at least one tensor, got ${show(sequences)}`);
  const list = sequences as readonly Tensor[];
  for (const x of list) checkTensor(where, x);
  const rest = list[0]!.shape.slice(1).join();
  const other = list.find((x) => x.ndim === 0 || x.shape.slice(1).join() !== rest);
  if (other !== undefined)
    throw new ShapeError(
      `${where}: sequences may differ in their first size only, got ${text(list[0]!.shape)} and ${text(other.shape)}`,
    );
  return list;
}

/**
 * Stacks sequences of several lengths, padding behind their ends: [steps, batch, ...]. Same as
 * torch.nn.utils.rnn.pad_sequence.
 *
 * @example
 * padSequence([tensor([1, 2, 3]), tensor([4])], { batchFirst: true }); // tensor([[1., 2., 3.], [4., 0., 0.]])
 */
export const padSequence: (sequences: readonly Tensor[], options?: PadOptions) => Tensor = /* @__PURE__ */ composite(
  (sequences: readonly Tensor[], options: PadOptions = {}) => {
    const name = "padSequence";
    const list = checkSequences(name, sequences);
    checkOptions(name, options, ["batchFirst", "paddingValue"]);
    const { batchFirst = false, paddingValue = 0 } = options;
    checkFlag(`${name}: batchFirst`, batchFirst);
    needNumber(name, "paddingValue", paddingValue);
    const longest = Math.max(...list.map((x) => x.shape[0]!));
    const rows = list.map((x) => {
      const behind = [...x.shape.slice(1).flatMap(() => [0, 0]), 0, longest - x.shape[0]!];
      return x.shape[0] === longest ? x.unsqueeze(0) : x.pad(behind, { value: paddingValue }).unsqueeze(0);
    });
    const all = cat(rows, 0);
    return batchFirst ? all : all.transpose(0, 1);
  },
);

/**
 * Packs sequences of several lengths, longest first unless `enforceSorted` is false. Same as
 * torch.nn.utils.rnn.pack_sequence.
 *
 * @throws ValueError for sequences that are not in order, unless `enforceSorted` is false.
 *
 * @example
 * packSequence([tensor([1, 2, 3]), tensor([4, 5])]).data; // tensor([1., 4., 2., 5., 3.])
 */
export function packSequence(
  sequences: readonly Tensor[],
  options: Pick<PackOptions, "enforceSorted"> = {},
): PackedSequence {
  checkOptions("packSequence", options, ["enforceSorted"]);
  const list = checkSequences("packSequence", sequences);
  return packPaddedSequence(
    padSequence(list),
    list.map((x) => x.shape[0]!),
    options,
  );
}

/**
 * Cuts padded sequences, [steps, batch, ...], to the lengths given. Same as torch.nn.utils.rnn.unpad_sequence.
 *
 * @example
 * unpadSequence(tensor([[1, 4], [2, 0]]), [2, 1])[0]!; // tensor([1., 2.])
 */
export const unpadSequence: (
  x: Tensor,
  lengths: readonly number[],
  options?: Pick<PackOptions, "batchFirst">,
) => Tensor[] = /* @__PURE__ */ composite(
  (x: Tensor, lengths: readonly number[], options: Pick<PackOptions, "batchFirst"> = {}) => {
    checkTensor("unpadSequence", x);
    checkOptions("unpadSequence", options, ["batchFirst"]);
    checkFlag("unpadSequence: batchFirst", options.batchFirst);
    if (x.ndim < 2) throw new ShapeError(`unpadSequence: needs at least 2 dims, got ${text(x.shape)}`);
    const rows = options.batchFirst === true ? x : x.transpose(0, 1);
    checkLengths("unpadSequence", lengths, rows.shape[0]!, rows.shape[1]!);
    return lengths.map((length, row) => rows.at(row).narrow(0, 0, length));
  },
);

/**
 * Gives the sequences that were packed, in the order in which they were. Same as torch.nn.utils.rnn.unpack_sequence.
 *
 * @example
 * unpackSequence(packSequence([tensor([1, 2]), tensor([3])]))[1]!; // tensor([3.])
 */
export function unpackSequence(packed: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packed, { batchFirst: true });
  return unpadSequence(padded, lengths, { batchFirst: true });
}
