import { checkOptions, show, ValueError } from "@downhill/core/engine";
import { checkOptimizer, LRScheduler, type RateInput } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import type { Schedule } from "./schedule.js";

/** The options of `LambdaLR`. */
export interface LambdaLROptions {
  /** What the initial rate is multiplied by at an epoch; one function for all groups, or one for each. */
  readonly lrLambda: Schedule | readonly Schedule[];
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface LambdaSettings {
  lrLambdas: readonly Schedule[];
}

/**
 * Sets each group's rate to its initial one times a function of the epoch. Groups that join later keep their rates.
 * Same as torch.optim.lr_scheduler.LambdaLR.
 *
 * @example
 * const scheduler = new LambdaLR(optimizer, { lrLambda: (epoch) => 0.95 ** epoch });
 */
export class LambdaLR extends LRScheduler<LambdaSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: LambdaLROptions) {
    checkOptions("LambdaLR", options, ["lrLambda", "lastEpoch"]);
    const { lrLambda, lastEpoch } = { ...options };
    super(optimizer, { lrLambdas: lambdasFor("LambdaLR", optimizer, lrLambda) }, lastEpoch);
  }

  protected override rate({ epoch, lr, initialLr, group }: RateInput): number {
    const factor = this.settings.lrLambdas[group];
    return factor === undefined ? lr : initialLr * factor(epoch);
  }
}

/** One function for each group of an optimizer. */
export function lambdasFor(
  where: string,
  optimizer: OptimizerBase<{ lr: number }>,
  lrLambda: Schedule | readonly Schedule[] | undefined,
): Schedule[] {
  const groups = checkOptimizer(where, optimizer).paramGroups.length;
  const lrLambdas = Array.isArray(lrLambda)
    ? (lrLambda as Schedule[]).slice()
    : new Array<Schedule>(groups).fill(lrLambda as Schedule);
  if (lrLambdas.length !== groups)
    throw new ValueError(`${where}: lrLambda holds ${lrLambdas.length} functions, the optimizer ${groups} groups`);
  for (const each of lrLambdas as readonly unknown[]) {
    if (typeof each !== "function")
      throw new ValueError(`${where}: lrLambda must be a function or a list of them, got ${show(each)}`);
  }
  return lrLambdas;
}
