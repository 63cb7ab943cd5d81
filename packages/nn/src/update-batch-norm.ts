import { DownhillError, noGrad, onesLike, Tensor, zerosLike } from "@downhill/core";
import { assign, show } from "@downhill/core/engine";
import { BatchNorm } from "./batch-norm.js";
import type { Module } from "./module.js";

/** The model's input of a batch: the batch, or the first of its parts. */
function inputOf(batch: unknown): Tensor {
  const input: unknown = Array.isArray(batch) ? batch[0] : batch;
  if (input instanceof Tensor) return input;
  throw new DownhillError(
    `updateBatchNorm: a batch must be a tensor or an array that begins with one, got ${show(batch)}`,
    "give it batches.map(({ x }) => x)",
  );
}

/**
 * Computes the running statistics of a model's batch norms anew, as the mean over all batches: those of averaged weights
 * were never computed. The model is in training mode meanwhile, without gradients. Same as torch.optim.swa_utils.update_bn.
 *
 * @param loader Batches: tensors, or arrays whose first part is the input.
 * @throws DownhillError for a batch that is neither.
 *
 * @example
 * const model = new Sequential(new Linear(4, 8), new BatchNorm1d(8));
 * await updateBatchNorm([randn([16, 4]), randn([16, 4])], model);
 */
export async function updateBatchNorm(
  loader: AsyncIterable<unknown> | Iterable<unknown>,
  model: Module & { forward(x: Tensor): unknown },
): Promise<void> {
  const norms = [...model.modules()].filter((module) => module instanceof BatchNorm);
  const tracked = norms.filter(({ numBatchesTracked }) => numBatchesTracked !== null);
  if (tracked.length === 0) return;
  const modes = Array.from(model.modules(), (module) => [module, module.training] as const);
  const shares = tracked.map((norm) => [norm, norm.momentum] as const);
  noGrad(() => {
    for (const { runningMean, runningVar, numBatchesTracked } of tracked) {
      assign(runningMean!, zerosLike(runningMean!));
      assign(runningVar!, onesLike(runningVar!));
      assign(numBatchesTracked!, zerosLike(numBatchesTracked!));
    }
  });
  model.train();
  for (const norm of tracked) norm.momentum = null; // all batches count alike
  try {
    for await (const batch of loader) noGrad(() => void model.forward(inputOf(batch)));
  } finally {
    for (const [norm, momentum] of shares) norm.momentum = momentum;
    for (const [module, training] of modes) module.training = training;
  }
}
