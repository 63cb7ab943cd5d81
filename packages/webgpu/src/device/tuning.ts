import type { MatmulKernel } from "@downhill/core/compiler";
import { depthLoops, type ProductShape, productShape } from "../kernels/matmul-shape.js";
import { type Choice, chooseTile } from "../kernels/matmul-variants.js";

/** What decides how fast a way to compute a product is. */
export interface TunedShape extends ProductShape {
  /**
   * Whether an operand's terms lie together in memory (`t`, as those of `x` and of a Linear's weight do) or a step apart
   * (`n`, as those of the second of two row-major matrices do): one letter for each.
   */
  readonly layout: string;
}

/** What is known of a Kernel. */
export function tunedShape(kernel: MatmulKernel): TunedShape {
  const last = depthLoops(kernel).at(-1);
  const letter = ({ at }: MatmulKernel["a"]): string => (last === undefined || at.strides[last] === 1 ? "t" : "n");
  return { ...productShape(kernel), layout: letter(kernel.a) + letter(kernel.b) };
}

/** One text for equal shapes. */
export const keyOf = ({ batch, rows, columns, depth, layout }: TunedShape): string =>
  `${batch}·${rows}·${columns}·${depth}·${layout}`;

/** Chooses how matrix products are computed: as measured, where a shape has been, else by a table. */
export class Tuning {
  /** Takes the place of all else, where it is set. */
  forced: Choice | null = null;
  /** Told of each product that is compiled, where it is set. */
  heard: ((kernel: MatmulKernel) => void) | null = null;
  private readonly isSoftware: boolean;
  private readonly measured = new Map<string, Choice>();

  constructor(isSoftware: boolean) {
    this.isSoftware = isSoftware;
  }

  choose(kernel: MatmulKernel): Choice {
    this.heard?.(kernel);
    if (this.forced !== null) return this.forced;
    const shape = tunedShape(kernel);
    return this.measured.get(keyOf(shape)) ?? (this.isSoftware ? "direct" : chooseTile(shape));
  }

  remember(shape: TunedShape, choice: Choice): void {
    this.measured.set(keyOf(shape), choice);
  }
}
