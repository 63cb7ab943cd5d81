import {
  cat,
  DTypeError,
  type RandomOptions,
  ShapeError,
  stack,
  type Tensor,
  tensor,
  uniform,
  zeros,
} from "@downhill/core";
import { checkCount, checkFlag, checkFloat, checkOptions, recur, text, ValueError } from "@downhill/core/engine";
import { checkProbability, drop } from "./functional/dropout.js";
import { constantsOf, projected, type RecurrentKind, type RecurrentWeights } from "./functional/recurrent-bodies.js";
import { checkLayerDType } from "./layer-dtype.js";
import { Module } from "./module.js";
import { notParameter } from "./module-errors.js";
import { packedLike, PackedSequence, padded, rowsAt } from "./packed-sequence.js";
import { Parameter } from "./parameter.js";
import { printFloat } from "./print-number.js";

/** What recurrent layers take beside their sizes. */
export interface RecurrentOptions extends Pick<RandomOptions, "dtype" | "device"> {
  /** How many layers, each of which reads what the one before gives. Default 1. */
  readonly numLayers?: number;
  /** Add learned biases. Default true. */
  readonly bias?: boolean;
  /** Sequences are [N, L, size], not [L, N, size]; states are [layers, N, size] either way. Default false. */
  readonly batchFirst?: boolean;
  /** Probability of dropping, in training, an output of any layer but the last. Default 0. */
  readonly dropout?: number;
  /** Go through the sequence backwards too, and give both outputs side by side. Default false. */
  readonly bidirectional?: boolean;
}

const known = /* @__PURE__ */ "numLayers bias batchFirst dropout bidirectional dtype device".split(" ");

/** A sequence as the layers run through it. */
interface Run {
  /** [L, N, size] */
  readonly x: Tensor;
  /** Of samples of several lengths: [L, N, 1], 1 as long as they last; null where all have one length. */
  readonly mask: Tensor | null;
}

/** What RNN, LSTM and GRU have in common: their weights and how they run; their states differ in number. */
export abstract class RecurrentLayer extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly projSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  declare weightIhL0: Parameter;
  declare weightHhL0: Parameter;
  declare biasIhL0: Parameter;
  declare biasHhL0: Parameter;

  constructor(
    where: string,
    protected readonly kind: RecurrentKind,
    inputSize: number,
    hiddenSize: number,
    numLayers: number | (RecurrentOptions & { readonly projSize?: number }),
    given: RecurrentOptions & { readonly projSize?: number },
    others: readonly string[],
  ) {
    super();
    const options = typeof numLayers === "number" ? { ...given, numLayers } : numLayers;
    checkOptions(where, options, [...known, ...others]);
    const { bias = true, batchFirst = false, bidirectional = false, dropout = 0, projSize = 0 } = options;
    for (const [name, value] of Object.entries({ bias, batchFirst, bidirectional }))
      checkFlag(`${where}: ${name}`, value);
    this.inputSize = checkCount(where, "inputSize", inputSize);
    this.hiddenSize = checkCount(where, "hiddenSize", hiddenSize, 1);
    this.projSize = checkCount(where, "projSize", projSize);
    if (projSize >= hiddenSize)
      throw new ValueError(`${where}: projSize must be smaller than hiddenSize ${hiddenSize}, got ${projSize}`);
    this.numLayers = checkCount(where, "numLayers", options.numLayers ?? 1, 1);
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = checkProbability(where, "dropout", dropout);
    this.bidirectional = bidirectional;

    const placed = { dtype: checkLayerDType(where, options.dtype), ...(options.device && { device: options.device }) };
    const bound = 1 / Math.sqrt(hiddenSize);
    const rows = kind.gates * hiddenSize;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const width = layer === 0 ? inputSize : this.outputSize * this.directions;
      for (const end of this.ends(layer)) {
        const draw = (name: string, ...shape: number[]): void =>
          this.registerParameter(name + end, new Parameter(uniform(-bound, bound, shape, placed)));
        draw("weightIh", rows, width);
        draw("weightHh", rows, this.outputSize);
        if (bias) draw("biasIh", rows);
        if (bias) draw("biasHh", rows);
        if (projSize > 0) draw("weightHr", projSize, hiddenSize);
      }
    }
  }

  /** Numbers of one direction's output. */
  private get outputSize(): number {
    return this.projSize > 0 ? this.projSize : this.hiddenSize;
  }

  private get directions(): 1 | 2 {
    return this.bidirectional ? 2 : 1;
  }

  /** How the names of a layer's parameters end, for each direction. */
  private ends(layer: number): string[] {
    return this.bidirectional ? [`L${layer}`, `L${layer}Reverse`] : [`L${layer}`];
  }

  /** The parameters of each layer and direction, in PyTorch's order. */
  get allWeights(): Parameter[][] {
    const names = ["weightIh", "weightHh", "biasIh", "biasHh", "weightHr"];
    return Array.from({ length: this.numLayers }, (_, layer) => this.ends(layer))
      .flat()
      .map((end) => names.filter((name) => this.has(name)).map((name) => this.parameter(name + end)));
  }

  private has(name: string): boolean {
    return name.startsWith("weight") ? name !== "weightHr" || this.projSize > 0 : this.bias;
  }

  private parameter(name: string): Parameter {
    const value = (this as unknown as Record<string, unknown>)[name];
    if (!(value instanceof Parameter)) throw notParameter(this, name, value);
    return value;
  }

  private weightsOf(end: string): RecurrentWeights {
    const read = (name: string): Parameter | null => (this.has(name) ? this.parameter(name + end) : null);
    return {
      weightIh: this.parameter(`weightIh${end}`),
      weightHh: this.parameter(`weightHh${end}`),
      biasIh: read("biasIh"),
      biasHh: read("biasHh"),
      weightHr: read("weightHr"),
    };
  }

  /** Does nothing: the weights lie as they should. Lets PyTorch code run as it is. */
  flattenParameters(): void {
    // They are where they are read from.
  }

  /** Runs a sequence from given states, each [layers · directions, N, size], or null for zeros. */
  protected run<X extends Tensor | PackedSequence>(
    input: X,
    given: readonly Tensor[] | null,
  ): [output: X, states: Tensor[]] {
    const where = this.constructor.name;
    if (input instanceof PackedSequence) {
      const { data, batchSizes, sortedIndices, unsortedIndices } = input;
      this.checkInput(where, data, 2);
      const batch = batchSizes[0]!;
      const lengths = batchSizes.map((size) => Array.from({ length: batch }, (_, row) => (row < size ? 1 : 0)));
      const mask = batchSizes.at(-1) === batch ? null : tensor(lengths, { dtype: data.dtype, device: data.device });
      const states = this.states(where, given, batch, data, false);
      const sorted = sortedIndices === null ? states : states.map((state) => rowsAt(state, sortedIndices, 1));
      const [output, last] = this.through({ x: padded(input, 0), mask: mask?.unsqueeze(2) ?? null }, sorted);
      const own = unsortedIndices === null ? last : last.map((state) => rowsAt(state, unsortedIndices, 1));
      return [packedLike(input, output) as X, own];
    }
    const x: Tensor = input;
    checkFloat(where, x);
    if (x.ndim !== 2 && x.ndim !== 3)
      throw new ShapeError(
        `${where}: the input must be [L, N, ${this.inputSize}], or [L, ${this.inputSize}] without a batch, got ${text(x.shape)}`,
      );
    this.checkInput(where, x, x.ndim);
    const alone = x.ndim === 2;
    const batchDim = this.batchFirst ? 0 : 1;
    const batched = alone ? x.unsqueeze(1) : this.batchFirst ? x.transpose(0, 1) : x;
    if (batched.shape[0] === 0)
      throw new ShapeError(`${where}: a sequence needs at least one step, got ${text(x.shape)}`);
    const states = this.states(where, given, batched.shape[1]!, x, alone);
    const [output, last] = this.through({ x: batched, mask: null }, states);
    if (alone) return [output.squeeze(1) as X, last.map((state) => state.squeeze(1))];
    return [(batchDim === 0 ? output.transpose(0, 1) : output) as X, last];
  }

  private checkInput(where: string, x: Tensor, ndim: number): void {
    const { dtype } = this.weightIhL0;
    if (x.ndim !== ndim || x.shape.at(-1) !== this.inputSize)
      throw new ShapeError(
        `${where}: the input's last size must be ${this.inputSize} (inputSize), got shape ${text(x.shape)}`,
      );
    if (x.dtype !== dtype)
      throw new DTypeError(`${where}: the input is ${x.dtype}, the weights ${dtype}`, `convert one: x.to("${dtype}")`);
  }

  /** The states to begin with, checked, [layers · directions, N, size]. */
  private states(where: string, given: readonly Tensor[] | null, batch: number, x: Tensor, alone: boolean): Tensor[] {
    const count = this.numLayers * this.directions;
    return Array.from({ length: this.kind.states }, (_, k) => {
      const size = k === 0 ? this.outputSize : this.hiddenSize;
      const state = given?.[k];
      if (state === undefined) return zeros([count, batch, size], { dtype: x.dtype, device: x.device });
      const shape = alone ? [count, size] : [count, batch, size];
      const name = k === 0 ? "the hidden state" : "the cell state";
      if (text(state.shape) !== text(shape))
        throw new ShapeError(`${where}: ${name} must be ${text(shape)}, got ${text(state.shape)}`);
      if (state.dtype !== x.dtype) throw new DTypeError(`${where}: ${name} is ${state.dtype}, the input ${x.dtype}`);
      return alone ? state.unsqueeze(1) : state;
    });
  }

  /** Runs all layers. */
  private through({ x, mask }: Run, states: readonly Tensor[]): [output: Tensor, last: Tensor[]] {
    const { kind, directions, dropout } = this;
    const last: Tensor[][] = states.map(() => []);
    let output = x;
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0 && this.training) output = drop(output, dropout);
      const sides = this.ends(layer).map((end, side) => {
        const weights = this.weightsOf(end);
        const rows = projected(kind, output, weights);
        const made = recur(mask === null ? kind.body : kind.masked, {
          carry: states.map((state) => state.at(layer * directions + side)),
          x: mask === null ? [rows] : [rows, mask],
          constants: constantsOf(kind, weights),
          reverse: side === 1,
          name: this.constructor.name,
        });
        made.carry.forEach((state, k) => last[k]!.push(state));
        return made.out[0]!;
      });
      output = sides.length === 1 ? sides[0]! : cat(sides, 2);
    }
    return [output, last.map((list) => stack(list))];
  }

  override extraRepr(): string {
    const { inputSize, hiddenSize, projSize, numLayers, bias, batchFirst, dropout, bidirectional } = this;
    const parts = [`${inputSize}, ${hiddenSize}`];
    if (projSize !== 0) parts.push(`projSize=${projSize}`);
    if (numLayers !== 1) parts.push(`numLayers=${numLayers}`);
    if (!bias) parts.push("bias=false");
    if (batchFirst) parts.push("batchFirst=true");
    if (dropout !== 0) parts.push(`dropout=${printFloat(dropout)}`);
    if (bidirectional) parts.push("bidirectional=true");
    return parts.join(", ");
  }
}
