import { toShape, slice } from "../ops/view.js";
import { sizeOf } from "../shape.js";
import type { Tensor } from "../tensor.js";
import type { Form, Found, RecordedBody } from "./recorded-body.js";

/** Where the values of all turns lie: of the first row of a sequence, and how far it is from one to the next. */
export interface Line {
  readonly start: number;
  readonly step: number;
}

/** Lines begin where 4 elements do, which some code reads at once. */
const aligned = 4;

/**
 * How a recurrence's own value is laid out: for each carry a row more than there are turns, and for each stack a row a
 * turn, both in the order of the sequence whichever way the turns go.
 */
export class Stacks {
  readonly steps: number;
  readonly reverse: boolean;
  /** Elements of the whole. */
  readonly size: number;
  private readonly recorded: RecordedBody;
  private readonly carryStarts: readonly number[];
  private readonly stackStarts: readonly number[];

  constructor(recorded: RecordedBody, steps: number, reverse: boolean) {
    this.recorded = recorded;
    this.steps = steps;
    this.reverse = reverse;
    let size = 0;
    const room =
      (rows: number) =>
      ({ shape }: Form): number => {
        const start = Math.ceil(size / aligned) * aligned;
        size = start + rows * sizeOf(shape);
        return start;
      };
    this.carryStarts = recorded.carryForms.map(room(steps + 1));
    this.stackStarts = recorded.stackForms.map(room(steps));
    this.size = size;
  }

  /** Carry `k` as each turn finds it. */
  before(k: number): Line {
    const step = sizeOf(this.recorded.carryForms[k]!.shape);
    return { start: this.carryStarts[k]! + (this.reverse ? step : 0), step };
  }

  /** Carry `k` as each turn leaves it. */
  after(k: number): Line {
    const step = sizeOf(this.recorded.carryForms[k]!.shape);
    return { start: this.carryStarts[k]! + (this.reverse ? 0 : step), step };
  }

  stack(k: number): Line {
    return { start: this.stackStarts[k]!, step: sizeOf(this.recorded.stackForms[k]!.shape) };
  }

  lineOf(found: Found): Line {
    return found.in === "carry" ? this.after(found.k) : this.stack(found.k);
  }

  formOf(found: Found): Form {
    return (found.in === "carry" ? this.recorded.carryForms : this.recorded.stackForms)[found.k]!;
  }

  /** Where carry `k` is before the first turn, and after the last. */
  first(k: number): number {
    const { start, step } = this.before(k);
    return this.reverse ? start + (this.steps - 1) * step : start;
  }

  last(k: number): number {
    const { start, step } = this.after(k);
    return this.reverse ? start : start + (this.steps - 1) * step;
  }

  /** Shows all rows of a line of `whole`, a value laid out like this. */
  rows(whole: Tensor, { start }: Line, { shape }: Form): Tensor {
    return toShape(slice(whole, 0, start, this.steps * sizeOf(shape)), [this.steps, ...shape]);
  }

  /** Shows carry `k` after the last turn. */
  final(whole: Tensor, k: number): Tensor {
    const { shape } = this.recorded.carryForms[k]!;
    return toShape(slice(whole, 0, this.last(k), sizeOf(shape)), shape);
  }
}
