import { exponential, fixed } from "./decimals.js";
import { type DType, isFloat } from "./dtype.js";
import { mergePrintOptions, type PrintOptions, printOptions, type PrintSettings } from "./print-options.js";
import { type Shape, sizeOf, stridesOf } from "./shape.js";

/** What is told about a tensor beside its values, and print options for this one text. */
export interface FormatOptions extends PrintOptions {
  /** Adds `requiresGrad=true`, unless there is a gradFn. */
  requiresGrad?: boolean;
  /** The Op the tensor came from: "Mul" adds `gradFn=<Mul>`. */
  gradFn?: string;
  /** Adds `device='webgpu'`; "cpu" goes without saying. */
  device?: string;
}

const prefix = "tensor(";

/**
 * Writes a tensor as `str(tensor)` of PyTorch 1.13 does, in our words: `requiresGrad=true`, `gradFn=<Mul>`,
 * `dtype=float64`, `size=[0, 3]`, `true`; int32 stands for PyTorch's int64.
 *
 * `data` holds the values row by row, bools as 0 and 1. Without values (`null`) the text is that of a PyTorch meta
 * tensor: `tensor(..., device='webgpu', size=[2, 3])`. Of a tensor past the threshold only the printed elements are read.
 *
 * `formatTensor([1, 2.5], [2], "float32")` is `"tensor([1.0000, 2.5000])"`.
 */
export function formatTensor(
  data: ArrayLike<number> | null,
  shape: Shape,
  dtype: DType,
  options: FormatOptions = {},
): string {
  const settings = mergePrintOptions("formatTensor", printOptions(), options);
  const size = sizeOf(shape);
  const body = data === null ? "..." : size === 0 ? "[]" : formatValues(data, shape, dtype, settings);
  return addSuffixes(prefix + body, suffixesOf(data === null, size, shape, dtype, options), settings.linewidth);
}

function suffixesOf(hidden: boolean, size: number, shape: Shape, dtype: DType, options: FormatOptions): string[] {
  const { device = "cpu", gradFn, requiresGrad = false } = options;
  const suffixes: string[] = [];
  if (device !== "cpu") suffixes.push(`device='${device}'`);
  const unseen = hidden || size === 0;
  if (hidden || (size === 0 && shape.length !== 1)) suffixes.push(`size=[${shape.join(", ")}]`);
  // Values without a point tell int32, true and false tell bool; where no value is seen, only float32 goes unnamed.
  if (dtype !== "float32" && (unseen || (dtype !== "int32" && dtype !== "bool"))) suffixes.push(`dtype=${dtype}`);
  if (gradFn !== undefined) suffixes.push(`gradFn=<${gradFn}>`);
  else if (requiresGrad) suffixes.push("requiresGrad=true");
  return suffixes;
}

function addSuffixes(text: string, suffixes: readonly string[], linewidth: number): string {
  // PyTorch counts two characters more than the last line has; kept, since it decides where lines break.
  let used = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    if (used + suffix.length + 2 > linewidth) {
      text += `,\n${" ".repeat(prefix.length)}${suffix}`;
      used = prefix.length + suffix.length;
    } else {
      text += `, ${suffix}`;
      used += suffix.length + 2;
    }
  }
  return `${text})`;
}

/** The nested brackets. One width, taken over the printed elements only, holds for all of them. */
function formatValues(data: ArrayLike<number>, shape: Shape, dtype: DType, settings: PrintSettings): string {
  const { edgeitems, linewidth, threshold } = settings;
  const rank = shape.length;
  const strides = stridesOf(shape);
  const summarise = sizeOf(shape) > threshold;

  /** The places of a dim that are printed; -1 stands for the gap. */
  const places = shape.map((size) => {
    if (!summarise || size <= 2 * edgeitems) return Array.from({ length: size }, (_, i) => i);
    return Array.from({ length: 2 * edgeitems + 1 }, (_, i) =>
      i < edgeitems ? i : i === edgeitems ? -1 : size - 2 * edgeitems - 1 + i,
    );
  });

  const printed: number[] = [];
  const collect = (dim: number, offset: number): void => {
    if (dim === rank) printed.push(data[offset]!);
    else for (const place of places[dim]!) if (place >= 0) collect(dim + 1, offset + place * strides[dim]!);
  };
  collect(0, 0);
  const { width, write } = isFloat(dtype) ? floatStyle(printed, settings) : wholeStyle(printed, dtype);
  const cell = (value: number): string => write(value).padStart(width);
  if (rank === 0) return cell(data[0]!);

  const block = (dim: number, offset: number): string => {
    const indent = prefix.length + dim;
    if (dim < rank - 1) {
      const parts = places[dim]!.map((place) => (place < 0 ? "..." : block(dim + 1, offset + place * strides[dim]!)));
      return `[${parts.join(`,${"\n".repeat(rank - dim - 1)}${" ".repeat(indent + 1)}`)}]`;
    }
    const cells = places[dim]!.map((place) => (place < 0 ? " ..." : cell(data[offset + place]!)));
    const perLine = Math.max(1, Math.floor((linewidth - indent) / (width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < cells.length; i += perLine) lines.push(cells.slice(i, i + perLine).join(", "));
    return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
  };
  return block(0, 0);
}

/** How one value is written, and how wide the widest that counts is. */
interface Style {
  readonly width: number;
  readonly write: (value: number) => string;
}

function wholeStyle(values: readonly number[], dtype: DType): Style {
  const write = dtype === "bool" ? (value: number) => String(value !== 0) : String;
  return { width: widest(values, write), write };
}

/**
 * Scientific where the magnitudes spread past 1,000, exceed 1e8 or, among fractions, fall below 1e-4; otherwise `2.` if
 * all are whole, else fixed decimals. Zeros, NaN and infinities do not count, not even for the width.
 */
function floatStyle(values: readonly number[], settings: PrintSettings): Style {
  const { precision, sciMode } = settings;
  const counted = values.filter((value) => Number.isFinite(value) && value !== 0);
  const whole = counted.every(Number.isInteger);
  let least = Infinity;
  let most = 0;
  for (const value of counted) {
    least = Math.min(least, Math.abs(value));
    most = Math.max(most, Math.abs(value));
  }
  const scientific = most / least > 1000 || most > 1e8 || (!whole && least < 1e-4);

  const asWhole = (value: number): string => (Number.isFinite(value) ? `${fixed(value, 0)}.` : fixed(value, 0));
  const asFixed = (value: number): string => fixed(value, precision);
  const asScientific = (value: number): string => exponential(value, precision);
  const plain = whole ? asWhole : asFixed;

  // PyTorch takes the width before it looks at sci_mode, and forces nothing where no value counts.
  const width = widest(counted, scientific ? asScientific : plain);
  const forced = counted.length === 0 ? false : (sciMode ?? scientific);
  return { width, write: forced ? asScientific : plain };
}

function widest(values: readonly number[], write: (value: number) => string): number {
  let width = 1;
  for (const value of values) width = Math.max(width, write(value).length);
  return width;
}
