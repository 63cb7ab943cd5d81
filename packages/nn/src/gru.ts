import type { Tensor } from "@downhill/core";
import { kinds } from "./functional/recurrent-bodies.js";
import type { PackedSequence } from "./packed-sequence.js";
import { RecurrentLayer, type RecurrentOptions } from "./recurrent-layer.js";

/** What a `GRU` takes, beside its sizes. */
export type GRUOptions = RecurrentOptions;

/**
 * Runs through sequences with a state that gates keep or renew: r = σ(…), z = σ(…),
 * n = tanh(xₙ + r · (h · weightHhᵀ + biasHh)ₙ), h' = (1 - z) n + z h. Input [L, N, inputSize] gives the states of the
 * last layer, [L, N, hiddenSize], and the last state of each, [numLayers, N, hiddenSize]; without a batch, or with
 * sequences of several lengths in a PackedSequence, the same. Same as torch.nn.GRU, parameters drawn as PyTorch draws
 * them; gates stand in the order r, z, n. Cho et al., 2014, arXiv:1406.1078.
 *
 * @throws ShapeError and DTypeError for inputs and states that do not fit; ValueError for options that do not.
 *
 * @example
 * const layer = new GRU(10, 20, { batchFirst: true, bidirectional: true });
 * const [output, last] = layer.forward(randn([3, 5, 10]));
 * console.log(output.shape, last.shape); // [3, 5, 40] [2, 3, 20]
 */
export class GRU extends RecurrentLayer {
  constructor(inputSize: number, hiddenSize: number, options?: GRUOptions);
  constructor(inputSize: number, hiddenSize: number, numLayers: number, options?: Omit<GRUOptions, "numLayers">);
  constructor(inputSize: number, hiddenSize: number, numLayers: number | GRUOptions = 1, options: GRUOptions = {}) {
    super("GRU", kinds.gru, inputSize, hiddenSize, numLayers, options, []);
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
