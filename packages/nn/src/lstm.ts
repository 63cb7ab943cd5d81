import type { Tensor } from "@downhill/core";
import { show, ValueError } from "@downhill/core/engine";
import { kinds } from "./functional/recurrent-bodies.js";
import type { PackedSequence } from "./packed-sequence.js";
import type { Parameter } from "./parameter.js";
import { RecurrentLayer, type RecurrentOptions } from "./recurrent-layer.js";

export interface LSTMOptions extends RecurrentOptions {
  /** Project the hidden state to so many numbers by `weightHrL0`, …; 0 for none. Default 0. */
  readonly projSize?: number;
}

/** The hidden state and the cell state. */
export type LSTMState = readonly [hidden: Tensor, cell: Tensor];

/** @internal */
export function checkStates(where: string, states: unknown): readonly Tensor[] | null {
  if (states === null || (Array.isArray(states) && states.length === 2)) return states as readonly Tensor[] | null;
  throw new ValueError(`${where}: the state must be [hidden, cell] or null, got ${show(states)}`);
}

/**
 * Runs through sequences with a long short-term memory: c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'). Input
 * [L, N, inputSize] gives the hidden states of the last layer, [L, N, hiddenSize], and the last states of each,
 * [hidden, cell] of [numLayers, N, hiddenSize]; without a batch, or with sequences of several lengths in a
 * PackedSequence, the same. Same as torch.nn.LSTM, parameters drawn as PyTorch draws them; gates stand in the order
 * i, f, g, o. Hochreiter and Schmidhuber, 1997.
 *
 * @throws ShapeError and DTypeError for inputs and states that do not fit; ValueError for options that do not.
 *
 * @example
 * const layer = new LSTM(10, 20, 2);
 * const [output, [hidden, cell]] = layer.forward(randn([5, 3, 10]));
 * console.log(output.shape, hidden.shape, cell.shape); // [5, 3, 20] [2, 3, 20] [2, 3, 20]
 */
export class LSTM extends RecurrentLayer {
  declare weightHrL0: Parameter;

  constructor(inputSize: number, hiddenSize: number, options?: LSTMOptions);
  constructor(inputSize: number, hiddenSize: number, numLayers: number, options?: Omit<LSTMOptions, "numLayers">);
  constructor(inputSize: number, hiddenSize: number, numLayers: number | LSTMOptions = 1, options: LSTMOptions = {}) {
    super("LSTM", kinds.lstm, inputSize, hiddenSize, numLayers, options, ["projSize"]);
  }

  /** Runs through sequences from states, [hidden, cell] of [numLayers · directions, N, size], zeros unless given. */
  override forward<X extends Tensor | PackedSequence>(
    input: X,
    state: LSTMState | null = null,
  ): [output: X, last: [hidden: Tensor, cell: Tensor]] {
    const [output, last] = this.run(input, checkStates("LSTM", state));
    return [output, last as [Tensor, Tensor]];
  }
}
