/** An epoch's samples in their order, in batches of `size`; the last may be shorter. */
export function* batches(order: readonly number[], size: number): Generator<readonly number[]> {
  const count = Math.floor(order.length / size);
  for (let i = 0; i < count; i++) yield order.slice(i * size, i * size + size);
}
