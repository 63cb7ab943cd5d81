import type { ProductShape } from "../kernels/matmul-shape.js";
import { type Choice, chooseTile } from "../kernels/matmul-variants.js";

const keyOf = ({ batch, rows, columns, depth }: ProductShape): string => `${batch}·${rows}·${columns}·${depth}`;

/** Chooses how matrix products are computed: as measured, where a shape has been, else by a table. */
export class Tuning {
  private readonly isSoftware: boolean;
  private readonly measured = new Map<string, Choice>();
  /** Takes the place of all else, where it is set. */
  forced: Choice | null = null;

  constructor(isSoftware: boolean) {
    this.isSoftware = isSoftware;
  }

  choose(shape: ProductShape): Choice {
    return this.forced ?? this.measured.get(keyOf(shape)) ?? (this.isSoftware ? "direct" : chooseTile(shape));
  }

  remember(shape: ProductShape, choice: Choice): void {
    this.measured.set(keyOf(shape), choice);
  }
}
