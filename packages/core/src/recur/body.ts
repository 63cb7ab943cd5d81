import type { Tensor } from "../tensor.js";

/** What one turn of a recurrence gives. */
export interface Turn {
  /** The state that the next turn gets: as many tensors as it got, of the same shapes. */
  readonly carry: readonly Tensor[];
  /** What is kept of each turn. */
  readonly out: readonly Tensor[];
}

/**
 * One turn of a recurrence, written with tensor methods: the state, this turn's row of each sequence, and what is the
 * same in all turns. It is called to be recorded, not in every turn: define it once, at the top of a file, and give it
 * everything by its arguments. Numbers that it captures stay what they were.
 */
export type Body = (carry: readonly Tensor[], x: readonly Tensor[], constants: readonly Tensor[]) => Turn;
