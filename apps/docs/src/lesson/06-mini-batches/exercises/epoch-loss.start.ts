import type { Tensor } from "@downhill/core";

/** The average loss over an epoch's samples. For each batch: its samples' losses, a tensor of shape [batch]. */
export async function epochLoss(batches: Iterable<Tensor>): Promise<number> {
  let loss = NaN;
  for (const losses of batches) loss = await losses.mean().item();
  return loss;
}
