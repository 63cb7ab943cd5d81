import type { Tensor } from "../tensor.js";

/** A tensor that is made when somebody asks for it. */
export abstract class Later {
  abstract make(): Tensor;
  /** Gives its memory back: nobody has asked for it, and nobody will. */
  abstract release(): void;
}
