import { ValueError, show } from "../errors.js";
import { log } from "./accurate.js";
import { Mt19937, stateWords } from "./mt19937.js";

/** One integer from 0 to 2³² - 1, or several. */
export type LegacySeed = number | bigint | ArrayLike<number | bigint>;

/** A state of NumPy's legacy generator: what RandomState.get_state returns, by name. */
export interface LegacyState {
  /** 624 words of 32 bits. */
  readonly key: Uint32Array;
  /** How many of them have been given out. */
  readonly pos: number;
  /** The normal that waits for the next call, if there is one. */
  readonly gauss: number | undefined;
}

/**
 * Holds a stream of random numbers that equals that of NumPy's `RandomState(seed)`: its draws, one at a time, and its fills.
 * Seeds are integers from 0 to 2³² - 1, or an array of them; without one the stream differs each time.
 */
export class LegacyStream {
  readonly #engine = new Mt19937(null);
  #gauss: number | undefined;

  constructor(seed?: LegacySeed | null) {
    this.seed(seed);
  }

  /** Restarts the stream. */
  seed(seed?: LegacySeed | null): void {
    if (seed === undefined || seed === null) {
      this.#engine.seedByArray(crypto.getRandomValues(new Uint32Array(stateWords)));
    } else if (typeof seed === "object") {
      if (!(seed.length > 0)) throw new ValueError(`RandomState: the seed ${show(seed)} holds no numbers`, seedHint);
      this.#engine.seedByArray(Array.from(seed, checkSeed));
    } else {
      this.#engine.seed(checkSeed(seed));
    }
    this.#gauss = undefined;
  }

  /** Draws a number in [0, 2³²). */
  random32(): number {
    return this.#engine.next();
  }

  /** Draws a number in [0, 2⁶⁴): two 32-bit draws, the high half first. */
  random64(): bigint {
    const high = BigInt(this.#engine.next());
    return (high << 32n) | BigInt(this.#engine.next());
  }

  /** Draws a multiple of 2⁻⁵³ in [0, 1) from two 32-bit draws: NumPy's random_sample. */
  random53(): number {
    const high = this.#engine.next() >>> 5;
    return (high * 2 ** 26 + (this.#engine.next() >>> 6)) * 2 ** -53;
  }

  /** Draws a standard normal by Marsaglia's polar method; the other one of each pair waits for the next call. */
  gauss(): number {
    const waiting = this.#gauss;
    if (waiting !== undefined) {
      this.#gauss = undefined;
      return waiting;
    }
    let x1: number;
    let x2: number;
    let square: number;
    do {
      x1 = 2 * this.random53() - 1;
      x2 = 2 * this.random53() - 1;
      square = x1 * x1 + x2 * x2;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * log(square)) / square);
    this.#gauss = scale * x1;
    return scale * x2;
  }

  /** Draws an integer in [0, max] by rejection: as many low bits as max has, until they are not above max. No draw if max is 0. */
  interval(max: number): number {
    if (max > 0xffffffff) return Number(this.#interval64(BigInt(max)));
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.#engine.next() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  #interval64(max: bigint): bigint {
    const mask = 2n ** BigInt(max.toString(2).length) - 1n;
    for (;;) {
      const value = this.random64() & mask;
      if (value <= max) return value;
    }
  }

  /** Fills `out` with uniform numbers from [low, high): `uniform`, and `rand` with the defaults. */
  fillUniform(out: Float64Array, low = 0, high = 1): void {
    const range = high - low;
    if (!Number.isFinite(range)) {
      throw new ValueError(`uniform: the range from ${show(low)} to ${show(high)} is not a finite number`);
    }
    for (let i = 0; i < out.length; i++) out[i] = low + range * this.random53();
  }

  /** Fills `out` with normal numbers: `normal`, and `randn` with the defaults. */
  fillNormal(out: Float64Array, mean = 0, std = 1): void {
    if (!(std >= 0) || Object.is(std, -0)) throw new ValueError(`normal: scale must be at least 0, got ${show(std)}`);
    for (let i = 0; i < out.length; i++) out[i] = mean + std * this.gauss();
  }

  /**
   * Fills `out` with integers from [low, high), as `randint` with its default dtype, int64. Ranges of more than 2³² integers
   * take 64-bit draws and fit a Float64Array (to 2⁵³) or a BigInt64Array.
   */
  fillRandint(out: Int32Array | Float64Array | BigInt64Array, low: number | bigint, high: number | bigint): void {
    const [from, last] = [checkInteger("low", low), checkInteger("high", high) - 1n];
    if (from > last) {
      throw new ValueError(
        `randint: low must be less than high, got low ${low} and high ${high}`,
        "high itself is never drawn",
      );
    }
    const bits = out instanceof Int32Array ? 31n : out instanceof Float64Array ? 53n : 63n;
    if (from < -(2n ** bits) || last >= 2n ** bits) {
      throw new ValueError(`randint: [${low}, ${high}) does not fit integers from -2^${bits} to 2^${bits} - 1`);
    }
    const max = last - from;
    if (out instanceof BigInt64Array || max > 0xffffffffn) {
      const draw = max > 0xffffffffn ? () => this.#interval64(max) : () => BigInt(this.interval(Number(max)));
      if (out instanceof BigInt64Array) for (let i = 0; i < out.length; i++) out[i] = from + draw();
      else for (let i = 0; i < out.length; i++) out[i] = Number(from + draw());
    } else {
      const [base, range] = [Number(from), Number(max)];
      for (let i = 0; i < out.length; i++) out[i] = base + this.interval(range);
    }
  }

  /** Puts the elements of `array` in random order in place, by Fisher-Yates from the end. */
  shuffle<Item>(array: { readonly length: number; [index: number]: Item }): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.interval(i);
      const value = array[i]!;
      array[i] = array[j]!;
      array[j] = value;
    }
  }

  /** Returns 0 … n - 1 in random order. */
  permutation(n: number): Int32Array {
    if (!Number.isInteger(n) || n < 0 || n > 2 ** 31) {
      throw new ValueError(`permutation: n must be an integer from 0 to 2^31, got ${show(n)}`);
    }
    const order = Int32Array.from({ length: n }, (_, i) => i);
    this.shuffle(order);
    return order;
  }

  getState(): LegacyState {
    const { key, position } = this.#engine.getState();
    return { key, pos: position, gauss: this.#gauss };
  }

  /** Goes back to a state that `getState` returned, here or (by name) in NumPy. */
  setState(state: LegacyState): void {
    const { key, pos, gauss } = state;
    const n = stateWords;
    const hint = "pass what getState() returned";
    if (!(key instanceof Uint32Array) || key.length !== n) {
      throw new ValueError(`setState: key must be a Uint32Array of ${n} words, got ${show(key)}`, hint);
    }
    if (!Number.isInteger(pos) || pos < 0 || pos > n) {
      throw new ValueError(`setState: pos must be an integer from 0 to ${n}, got ${show(pos)}`, hint);
    }
    if (gauss !== undefined && typeof gauss !== "number") {
      throw new ValueError(`setState: gauss must be a number or undefined, got ${show(gauss)}`, hint);
    }
    this.#engine.setState({ key, position: pos, fresh: false });
    this.#gauss = gauss;
  }
}

const seedHint = "a seed is an integer from 0 to 2^32 - 1, or an array of such";

function checkSeed(seed: number | bigint): number {
  if (!Number.isInteger(Number(seed)) || (typeof seed !== "bigint" && typeof seed !== "number")) {
    throw new ValueError(`RandomState: the seed ${show(seed)} is not an integer`, seedHint);
  }
  if (seed < 0 || seed > 0xffffffff)
    throw new ValueError(`RandomState: the seed ${show(seed)} is out of range`, seedHint);
  return Number(seed);
}

function checkInteger(name: string, value: number | bigint): bigint {
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return BigInt(value);
  throw new ValueError(`randint: ${name} must be an integer, got ${show(value)}`, "write those beyond 2^53 as bigint");
}
