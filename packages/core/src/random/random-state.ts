import { hostArray, type TypedArray } from "../dtype.js";
import { checkOptions, ValueError, show } from "../errors.js";
import { fromHost } from "../creation.js";
import { trace } from "../program/trace.js";
import { checkShape, type Shape, type Sizes, sizeOf, sizesOf } from "../shape.js";
import { Tensor } from "../tensor.js";
import { choice, type ChoiceOptions } from "./choice.js";
import { type LegacyState, LegacyStream } from "./legacy-stream.js";

/** How many to draw: a number, a shape, or nothing for one plain number. */
export type Count = number | Shape;

const shapeOf = (where: string, count: Count): Shape => checkShape(where, typeof count === "number" ? [count] : count);

/**
 * NumPy's legacy generator, `numpy.random.RandomState(seed)`: the same numbers from the same seed, with NumPy's own
 * arguments. Floats are float64 tensors, integers int32; without a size, a plain number.
 *
 * @example
 * const random = new RandomState(42);
 * const x = random.uniform(0, 10, 100); // float64, shape [100]
 * const w = random.randn(); // a number
 */
export class RandomState {
  readonly #legacy: LegacyStream;

  /** @param seed 0 … 2³² - 1, or an array of such; left out, the stream differs each time. */
  constructor(seed?: number | bigint | readonly (number | bigint)[]) {
    this.#legacy = new LegacyStream(seed);
  }

  /** The stream, to draw from. Its numbers go anywhere, so that a compiled function that draws here is always traced. */
  get #stream(): LegacyStream {
    const stream = this.#legacy;
    if (trace !== null) {
      trace.once = true;
      trace.watch(stream, () => {
        const state = stream.getState();
        return () => {
          stream.setState(state);
        };
      });
    }
    return stream;
  }

  /** Draws uniform numbers from [0, 1). */
  rand(): number;
  rand(...shape: Sizes): Tensor;
  rand(...shape: number[] | [readonly number[]]): number | Tensor {
    return this.#floats("rand", shape.length === 0 ? undefined : sizesOf("rand", shape), (data) =>
      this.#stream.fillUniform(data),
    );
  }

  /** Draws standard normal numbers. */
  randn(): number;
  randn(...shape: Sizes): Tensor;
  randn(...shape: number[] | [readonly number[]]): number | Tensor {
    return this.#floats("randn", shape.length === 0 ? undefined : sizesOf("randn", shape), (data) =>
      this.#stream.fillNormal(data),
    );
  }

  /** Draws uniform numbers from [low, high). */
  uniform(low?: number, high?: number): number;
  uniform(low: number, high: number, size: Count): Tensor;
  uniform(low = 0, high = 1, size?: Count): number | Tensor {
    return this.#floats("uniform", size, (data) => this.#stream.fillUniform(data, low, high));
  }

  /** Draws normal numbers of a mean and a standard deviation. */
  normal(loc?: number, scale?: number): number;
  normal(loc: number, scale: number, size: Count): Tensor;
  normal(loc = 0, scale = 1, size?: Count): number | Tensor {
    return this.#floats("normal", size, (data) => this.#stream.fillNormal(data, loc, scale));
  }

  /** Draws integers from [low, high), or from [0, low) without high. */
  randint(low: number, high?: number | null): number;
  randint(low: number, high: number | null | undefined, size: Count): Tensor;
  randint(low: number, high?: number | null, size?: Count): number | Tensor {
    const [from, to] = high === undefined || high === null ? [0, low] : [low, high];
    if (size === undefined) {
      const one = new Float64Array(1);
      this.#stream.fillRandint(one, from, to);
      return one[0]!;
    }
    const shape = shapeOf("randint", size);
    const data = new Int32Array(sizeOf(shape));
    this.#stream.fillRandint(data, from, to);
    return fromHost("randint", data, shape, "int32");
  }

  /** Draws an order of 0 … n - 1 (int32), or returns a tensor's rows, or an array's items, in random order. */
  permutation(x: number): Tensor;
  permutation(x: Tensor): Tensor;
  permutation<Item>(x: readonly Item[]): Item[];
  permutation<Item>(x: number | Tensor | readonly Item[]): Tensor | Item[] {
    if (typeof x === "number") return fromHost("permutation", this.#stream.permutation(x), [x], "int32");
    if (x instanceof Tensor) return x.indexSelect(0, this.permutation(x.size(0)));
    const order = this.#stream.permutation(x.length);
    return Array.from(order, (i) => x[i]!);
  }

  /** Puts an array's items, or a tensor's rows, in random order in place. */
  shuffle(x: Tensor | unknown[] | TypedArray): void {
    if (x instanceof Tensor) x.copy_(this.permutation(x));
    else this.#stream.shuffle(x);
  }

  /**
   * Draws from 0 … a - 1, or from the elements of a 1-D tensor, with replacement unless `replace` is false. Without a
   * size: one number, or one element as a 0-d tensor.
   */
  choice(a: number, size?: null, options?: ChoiceOptions): number;
  choice(a: number | Tensor, size?: Count | null, options?: ChoiceOptions): Tensor;
  choice(a: number | Tensor, size?: Count | null, options: ChoiceOptions = {}): number | Tensor {
    checkOptions("choice", options, ["replace", "p"]);
    if (a instanceof Tensor && a.ndim !== 1) throw new ValueError(`choice: takes a 1-D tensor, got ${show(a)}`);
    const shape = size === undefined || size === null ? [] : shapeOf("choice", size);
    const drawn = choice(this.#stream, a instanceof Tensor ? a.size(0) : a, sizeOf(shape), options);
    if (!(a instanceof Tensor))
      return size === undefined || size === null ? drawn[0]! : fromHost("choice", drawn, shape, "int32");
    return a.indexSelect(0, fromHost("choice", drawn, [drawn.length], "int32")).reshape(shape);
  }

  /** Restarts the stream. */
  seed(seed?: number | bigint | readonly (number | bigint)[]): void {
    this.#stream.seed(seed);
  }

  /** The state, for `setState`: NumPy's get_state by name. */
  getState(): LegacyState {
    return this.#legacy.getState();
  }

  /** Goes on from a state that `getState` gave. */
  setState(state: LegacyState): void {
    this.#stream.setState(state);
  }

  #floats(where: string, size: Count | undefined, fill: (data: Float64Array) => void): number | Tensor {
    const shape = size === undefined ? [] : shapeOf(where, size);
    const data = hostArray("float64", sizeOf(shape)) as Float64Array;
    fill(data);
    return size === undefined ? data[0]! : fromHost(where, data, shape, "float64");
  }
}
