/** Words in the state. */
export const stateWords = 624;
const N = stateWords;
const M = 397;
const UPPER = 0x80000000 | 0;
const LOWER = 0x7fffffff;
const MATRIX = 0x9908b0df | 0;
/** A position of its own for "seeded, nothing drawn": it twists before the next output as `N` does. PyTorch tells the two apart. */
const FRESH = N + 1;

/** The recurrence's matrix applied to the upper bit of one word and the rest of the next. */
function mix(word: number, after: number): number {
  const y = (word & UPPER) | (after & LOWER);
  return (y >>> 1) ^ (-(y & 1) & MATRIX);
}

/** Where a Mersenne twister stands: its 624 words, how many of them have been given out, and whether any has been since seeding. */
export interface Mt19937State {
  readonly key: Uint32Array;
  readonly position: number;
  readonly fresh: boolean;
}

/**
 * Draws 32-bit numbers from the Mersenne twister MT19937 (Matsumoto and Nishimura 1998), the engine of both PyTorch's CPU
 * generator and NumPy's RandomState.
 */
export class Mt19937 {
  readonly #key = new Int32Array(N);
  #position = FRESH;

  /** Without a seed (null) it waits for one. */
  constructor(seed: number | null = 5489) {
    if (seed !== null) this.seed(seed);
  }

  /** Fills the state from the low 32 bits of one number, by Knuth's recurrence. */
  seed(seed: number): void {
    const key = this.#key;
    let word = seed | 0;
    key[0] = word;
    for (let i = 1; i < N; i++) {
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) | 0;
      key[i] = word;
    }
    this.#position = FRESH;
  }

  /** Fills the state from several 32-bit numbers: the reference implementation's init_by_array. */
  seedByArray(seeds: ArrayLike<number>): void {
    this.seed(19650218);
    const key = this.#key;
    let i = 1;
    let j = 0;
    const wrap = (): void => {
      if (i < N) return;
      key[0] = key[N - 1]!;
      i = 1;
    };
    for (let k = Math.max(N, seeds.length); k > 0; k--) {
      const before = key[i - 1]!;
      key[i] = ((key[i]! ^ Math.imul(before ^ (before >>> 30), 1664525)) + (seeds[j]! | 0) + j) | 0;
      i++;
      wrap();
      if (++j >= seeds.length) j = 0;
    }
    for (let k = N - 1; k > 0; k--) {
      const before = key[i - 1]!;
      key[i] = ((key[i]! ^ Math.imul(before ^ (before >>> 30), 1566083941)) - i) | 0;
      i++;
      wrap();
    }
    key[0] = UPPER;
  }

  /** Draws a number in [0, 2³²). */
  next(): number {
    if (this.#position >= N) this.#twist();
    let y = this.#key[this.#position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #twist(): void {
    const key = this.#key;
    let i = 0;
    let word = key[0]!;
    for (; i < N - M; i++) {
      const after = key[i + 1]!;
      key[i] = key[i + M]! ^ mix(word, after);
      word = after;
    }
    for (; i < N - 1; i++) {
      const after = key[i + 1]!;
      key[i] = key[i + M - N]! ^ mix(word, after);
      word = after;
    }
    key[i] = key[M - 1]! ^ mix(word, key[0]!);
    this.#position = 0;
  }

  /** Takes over the state of another twister. */
  copy(other: Mt19937): void {
    this.#key.set(other.#key);
    this.#position = other.#position;
  }

  getState(): Mt19937State {
    const fresh = this.#position === FRESH;
    return { key: Uint32Array.from(this.#key, (word) => word >>> 0), position: fresh ? N : this.#position, fresh };
  }

  /** Restores a state. The caller has checked it: 624 words, a position from 0 to 624. */
  setState(state: Mt19937State): void {
    this.#key.set(state.key);
    this.#position = state.fresh ? FRESH : state.position;
  }
}
