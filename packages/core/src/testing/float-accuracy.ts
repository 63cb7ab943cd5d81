import type { BinaryName, UnaryName } from "../program/vocabulary.js";
import { binary, binaryNames, unary } from "../reference/numbers.js";

/** Arguments of a block. */
export const floatBlock: number = 1 << 16;

/** Arguments of a function of one or two float32 numbers. */
export interface FloatArguments {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** How a function's results differ from the correctly rounded ones. */
export interface Accuracy {
  /** The largest distance, in units in the last place, and where it is. */
  readonly ulps: number;
  readonly at: number;
  /** Where the first result is that differs in kind: NaN, infinite, a zero of the other sign; -1 where none does. */
  readonly kind: number;
}

const isBinary = (name: UnaryName | BinaryName): boolean => binaryNames.includes(name as BinaryName);

/** The results of a float32 function, correctly rounded from float64. */
export function exactFloats(name: UnaryName | BinaryName, { x, y }: FloatArguments): Float32Array {
  const of: (x: number, y: number) => number = isBinary(name)
    ? binary(name as BinaryName, "float32")
    : unary[name as Exclude<UnaryName, "cast">];
  return x.map((value, i) => of(value, y[i]!));
}

/** Float32 numbers in order, as whole numbers: neighbours differ by 1, and both zeros are 0. */
const placeOf = (bits: number): number => (bits < 0 ? -(bits & 0x7fffffff) : bits);

const isOfKind = (value: number, right: number): boolean =>
  Number.isNaN(value) === Number.isNaN(right) &&
  (Math.abs(value) === Infinity) === (Math.abs(right) === Infinity) &&
  (value !== right || Object.is(value, right));

/** Compares a function's results with the correctly rounded ones. */
export function accuracyOf(actual: Float32Array, exact: Float32Array): Accuracy {
  const [got, want] = [actual, exact].map((of) => new Int32Array(of.buffer, of.byteOffset, of.length)) as [
    Int32Array,
    Int32Array,
  ];
  let [ulps, at, kind] = [0, 0, -1];
  for (let i = 0; i < got.length; i++) {
    if (got[i] === want[i]) continue;
    const [value, right] = [actual[i]!, exact[i]!];
    if (Number.isNaN(value) && Number.isNaN(right)) continue;
    if (!isOfKind(value, right)) {
      if (kind < 0) kind = i;
      continue;
    }
    const distance = Math.abs(placeOf(got[i]!) - placeOf(want[i]!));
    if (distance > ulps) [ulps, at] = [distance, i];
  }
  return { ulps, at, kind };
}

const special = [
  ...[0, 1e-45, 2e-45, 1.1754942e-38, 2 ** -126, 0.5, 0.99999994, 1, 1.0000001, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 100, 1000],
  ...[88.72283, 88.72284, 89, 89.41598, 89.41599, 89.5, 87.33654, 103.2789, 103.97207, 103.97208, 127, 128, 149, 150],
  ...[9.1, 10.05, 10.0546, 16777215, 16777216, 33554431, 2 ** 28 - 16, 2 ** 28, 2 ** 31, 1e10, 3.4028235e38, Infinity],
].flatMap((size) => [size, -size]);

const bits = new DataView(new ArrayBuffer(4));
function fromBits(pattern: number): number {
  bits.setInt32(0, pattern);
  return bits.getFloat32(0);
}

/** The neighbours of every power of two, of special numbers, and of the places where a function's formula changes. */
function* critical(): Generator<number> {
  yield NaN;
  const places = [0.35, 0.625, 0.7, 0.75, 0.925, 1.0655, 1.5, Math.SQRT1_2, Math.SQRT2, 4, 8192];
  const multiples = Array.from({ length: 2000 }, (_, n) => (n * Math.PI) / 4);
  for (let e = -149; e < 128; e++) places.push(2 ** e);
  for (const place of [...special, ...places, ...places.map((place) => -place), ...multiples]) {
    bits.setFloat32(0, place);
    const centre = bits.getInt32(0);
    for (let step = -4; step <= 4; step++) yield fromBits(centre + step);
  }
}

function* ofOne(): Generator<number> {
  yield* critical();
  for (let pattern = 0; pattern < 2 ** 32; pattern += 2999) yield fromBits(pattern);
  for (let i = 0; i < 200_000; i++) yield (i / 100_000 - 1) * 4;
  for (let i = 0; i < 100_000; i++) yield (i / 50_000 - 1) * 105;
}

/** Blocks of arguments over all float32 numbers, with the densest where functions bend. */
export function floatArguments(): FloatArguments[] {
  const blocks: FloatArguments[] = [];
  let count = floatBlock;
  for (const value of ofOne()) {
    if (count === floatBlock) {
      const x = new Float32Array(floatBlock);
      blocks.push({ x, y: x });
      count = 0;
    }
    blocks.at(-1)!.x[count++] = value;
  }
  return blocks;
}

/** Blocks of pairs: all special ones, any bits, powers all over the range, near 1, and of whole numbers. */
export function floatPairs(): FloatArguments[] {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return [0, 1, 2, 3, 4].map((kind) => {
    const [x, y] = [new Float32Array(floatBlock), new Float32Array(floatBlock)];
    for (let i = 0; i < floatBlock; i++) {
      if (kind === 0) {
        x[i] = special[Math.floor(i / special.length) % special.length]!;
        y[i] = i % 97 === 0 ? NaN : special[i % special.length]!;
        continue;
      }
      const pattern = fromBits(Math.floor(random() * 2 ** 32));
      const near = 1 + (random() - 0.5) * 2 ** -Math.floor(random() * 23);
      x[i] = [pattern, Math.abs(pattern), near, random() * 40 - 20][kind - 1]!;
      const power = ((random() * 2 - 1) * 150) / Math.log2(Math.abs(x[i]!));
      y[i] = [fromBits(Math.floor(random() * 2 ** 32)), power, power, Math.round(random() * 40 - 20)][kind - 1]!;
    }
    return { x, y };
  });
}
