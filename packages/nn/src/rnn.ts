import type { Tensor } from "@downhill/core";
import { show, ValueError } from "@downhill/core/engine";
import { kinds } from "./functional/recurrent-bodies.js";
import type { PackedSequence } from "./packed-sequence.js";
import { RecurrentLayer, type RecurrentOptions } from "./recurrent-layer.js";

export interface RNNOptions extends RecurrentOptions {
  /** What the sum goes through. Default "tanh". */
  readonly nonlinearity?: "tanh" | "relu";
}

/** @internal */
export function checkNonlinearity(where: string, nonlinearity: unknown): "tanh" | "relu" {
  if (nonlinearity === "tanh" || nonlinearity === "relu") return nonlinearity;
  throw new ValueError(`${where}: nonlinearity must be "tanh" or "relu", got ${show(nonlinearity)}`);
}

/**
 * Runs through sequences with a state that is a function of the input and the state before:
 * h' = tanh(x · weightIhᵀ + biasIh + h · weightHhᵀ + biasHh). Input [L, N, inputSize] gives the states of the last
 * layer, [L, N, hiddenSize], and the last state of each, [numLayers, N, hiddenSize]; without a batch, or with sequences
 * of several lengths in a PackedSequence, the same. Same as torch.nn.RNN: parameters `weightIhL0`, `weightHhL0`,
 * `biasIhL0`, `biasHhL0`, `weightIhL0Reverse`, … are drawn from U(-1/√hiddenSize, 1/√hiddenSize), as PyTorch draws them.
 *
 * @throws ShapeError and DTypeError for inputs and states that do not fit; ValueError for options that do not.
 *
 * @example
 * const layer = new RNN(10, 20, 2);
 * const [output, last] = layer.forward(randn([5, 3, 10]));
 * console.log(output.shape, last.shape); // [5, 3, 20] [2, 3, 20]
 */
export class RNN extends RecurrentLayer {
  readonly nonlinearity: "tanh" | "relu";

  constructor(inputSize: number, hiddenSize: number, options?: RNNOptions);
  constructor(inputSize: number, hiddenSize: number, numLayers: number, options?: Omit<RNNOptions, "numLayers">);
  constructor(inputSize: number, hiddenSize: number, numLayers: number | RNNOptions = 1, options: RNNOptions = {}) {
    const { nonlinearity = "tanh" } = typeof numLayers === "number" ? options : numLayers;
    const kind = kinds[checkNonlinearity("RNN", nonlinearity)];
    super("RNN", kind, inputSize, hiddenSize, numLayers, options, ["nonlinearity"]);
    this.nonlinearity = nonlinearity;
  }

  /** Runs through sequences from a state, [numLayers · directions, N, hiddenSize], zeros unless given. */
  override forward<X extends Tensor | PackedSequence>(
    input: X,
    state: Tensor | null = null,
  ): [output: X, last: Tensor] {
    const [output, [last]] = this.run(input, state && [state]);
    return [output, last!];
  }
}
