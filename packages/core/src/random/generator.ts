import { ValueError, show } from "../errors.js";
import { traceOnce } from "../program/trace.js";
import { Mt19937, stateWords } from "./mt19937.js";

const MASK_64 = 2n ** 64n - 1n;
/** What PyTorch seeds a Generator with that was given no seed. */
const DEFAULT_SEED = 67280421310721n;

// PyTorch's state as bytes (struct CPUGeneratorImplState, little-endian; places between the fields are padding).
const SEED = 0; // uint64
const LEFT = 8; // int32: outputs before the next twist, plus one
const SEEDED = 12; // int32, 1
const NEXT = 16; // uint64: words given out
const WORDS = 24; // 624 of uint64
// Three doubles follow. PyTorch no longer uses the first, and writes 0: here it holds the draws inside Programs.
const COUNTER = WORDS + 8 * stateWords;
const NORMAL = COUNTER + 8;
const HAS_NORMAL = NORMAL + 16; // int32
const STATE_BYTES = HAS_NORMAL + 16; // a float's cache of the same kind, never used on the CPU, follows

/**
 * Holds a stream of random numbers that equals, bit for bit, that of PyTorch's CPU generator with the same seed.
 *
 * Follows torch.Generator. Differences: without a seed it takes PyTorch's default, 67280421310721, as PyTorch does; seeds
 * come back as bigint, because they go to 2⁶⁴ - 1.
 *
 * @example
 * const generator = new Generator(42);
 * const state = generator.getState();
 * const first = generator.random32(); // 1608637542
 * generator.setState(state);
 * console.log(generator.random32() === first); // true
 */
export class Generator {
  readonly #engine = new Mt19937(null);
  #seed = DEFAULT_SEED;
  /** Draws inside Programs since the stream was seeded, modulo 2³², as int32. */
  #counter = 0;
  /** The second value of the last Box-Muller pair, which the next single normal draw takes. */
  cachedNormal: number | undefined;

  constructor(seed: number | bigint = DEFAULT_SEED) {
    this.manualSeed(seed);
  }

  /** Restarts the stream from a seed: an integer from -2⁶³ to 2⁶⁴ - 1, where a negative one counts back from 2⁶⁴. Returns this. */
  manualSeed(seed: number | bigint): this {
    traceOnce(); // a compiled function cannot repeat this
    this.#seed = checkSeed(seed);
    this.#engine.seed(Number(this.#seed & 0xffffffffn)); // as PyTorch: the high half does not matter
    this.cachedNormal = undefined;
    this.#counter = 0;
    return this;
  }

  /** Restarts the stream from a seed that differs each time, and returns that seed. */
  seed(): bigint {
    this.manualSeed(entropySeed());
    return this.#seed;
  }

  /** Returns the seed the stream last started from, as a number from 0 to 2⁶⁴ - 1. */
  initialSeed(): bigint {
    return this.#seed;
  }

  /** @internal Counts a draw of the generator that runs inside Programs (random/counter.ts), which leaves the stream alone. */
  nextCounter(): number {
    const counter = this.#counter;
    this.#counter = (counter + 1) | 0;
    return counter;
  }

  /** @internal Undoes `nextCounter`: the Program that was to draw has failed. */
  takeBackCounter(): void {
    this.#counter = (this.#counter - 1) | 0;
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

  /** Draws a number in [0, 2⁶³), as `torch.empty((), dtype=torch.int64).random_()`: the seeds that a DataLoader takes. */
  random63(): bigint {
    return this.random64() & (MASK_64 >> 1n);
  }

  /** Draws a multiple of 2⁻²⁴ in [0, 1): PyTorch's float32 uniform. One 32-bit draw. */
  random24(): number {
    return (this.#engine.next() & 0xffffff) * 2 ** -24;
  }

  /** Draws a multiple of 2⁻⁵³ in [0, 1): PyTorch's float64 uniform. Two 32-bit draws. */
  random53(): number {
    const high = this.#engine.next() & 0x1fffff;
    return high * 2 ** -21 + this.#engine.next() * 2 ** -53;
  }

  /** @internal Goes to where another stream stands: what `setState(other.getState())` does, in a hundredth of the time. */
  copy(other: Generator): this {
    this.#engine.copy(other.#engine);
    this.#seed = other.#seed;
    this.#counter = other.#counter;
    this.cachedNormal = other.cachedNormal;
    return this;
  }

  /**
   * Returns the whole state as the 5056 bytes that torch.Generator.get_state gives. Those of a field that PyTorch leaves
   * 0 count the draws inside Programs (dropout).
   */
  getState(): Uint8Array {
    const { key, position, fresh } = this.#engine.getState();
    const bytes = new Uint8Array(STATE_BYTES);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(SEED, this.#seed, true);
    view.setInt32(LEFT, stateWords + 1 - position, true);
    view.setInt32(SEEDED, 1, true);
    view.setUint32(NEXT, fresh ? 0 : position, true);
    key.forEach((word, i) => view.setUint32(WORDS + 8 * i, word, true));
    view.setInt32(COUNTER, this.#counter, true);
    if (this.cachedNormal !== undefined) {
      view.setFloat64(NORMAL, this.cachedNormal, true);
      view.setInt32(HAS_NORMAL, 1, true);
    }
    return bytes;
  }

  /** Goes back to a state that `getState` returned, here or in PyTorch. Returns this. */
  setState(state: Uint8Array): this {
    traceOnce();
    if (!(state instanceof Uint8Array)) {
      throw new ValueError(`setState: expected a Uint8Array, got ${show(state)}`, "pass what getState() returned");
    }
    if (state.length !== STATE_BYTES) {
      throw new ValueError(
        `setState: expected ${STATE_BYTES} bytes, got ${state.length}`,
        "pass what getState() returned",
      );
    }
    const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
    const left = view.getInt32(LEFT, true);
    const seeded = view.getInt32(SEEDED, true);
    const next = Number(view.getBigUint64(NEXT, true));
    const fresh = left === 1 && next === 0;
    if (seeded !== 1 || !(fresh || (next >= 0 && next <= stateWords && left + next === stateWords + 1))) {
      throw new ValueError(
        `setState: these bytes are no generator state: seeded ${seeded}, left ${left}, next ${next}`,
        "pass what getState() returned",
      );
    }
    const key = Uint32Array.from({ length: stateWords }, (_, i) => view.getUint32(WORDS + 8 * i, true));
    this.#engine.setState({ key, position: fresh ? stateWords : next, fresh });
    this.#seed = view.getBigUint64(SEED, true);
    this.#counter = view.getInt32(COUNTER, true);
    this.cachedNormal = view.getInt32(HAS_NORMAL, true) === 0 ? undefined : view.getFloat64(NORMAL, true);
    return this;
  }
}

/** Remembers where a stream stands, and gives what takes it back there. */
export function saveStream(generator: Generator): () => void {
  const state = generator.getState();
  return () => generator.setState(state);
}

/** Checks a seed and maps it to [0, 2⁶⁴), as PyTorch does: negative seeds count back from 2⁶⁴. */
function checkSeed(seed: number | bigint): bigint {
  const hint = "a seed is an integer from -2^63 to 2^64 - 1; write those beyond 2^53 as bigint, like 2n ** 63n";
  if (typeof seed !== "bigint" && !Number.isSafeInteger(seed)) {
    const problem = Number.isInteger(seed) ? "is beyond 2^53, where numbers skip integers" : "is not an integer";
    throw new ValueError(`manualSeed: ${show(seed)} ${problem}`, hint);
  }
  const value = BigInt(seed);
  if (value < -(2n ** 63n) || value > MASK_64) throw new ValueError(`manualSeed: ${show(seed)} is out of range`, hint);
  return value & MASK_64;
}

/** A seed that differs each time. Math.random, which engines seed from the system's entropy: Node takes long to load `crypto`. */
function entropySeed(): bigint {
  const word = (): bigint => BigInt(Math.floor(Math.random() * 2 ** 32));
  return (word() << 32n) | word();
}

/** The generator that every random function uses unless it is given another. Starts from a seed that differs each time. */
export const defaultGenerator: Generator = /* @__PURE__ */ new Generator(/* @__PURE__ */ entropySeed());

/**
 * Restarts the default generator from a seed, so that the numbers that follow are those of PyTorch after
 * `torch.manual_seed(seed)`. Returns the default generator.
 *
 * @example
 * manualSeed(42);
 * console.log(defaultGenerator.random32()); // 1608637542
 */
export function manualSeed(seed: number | bigint): Generator {
  return defaultGenerator.manualSeed(seed);
}
