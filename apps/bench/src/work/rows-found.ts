import { gather } from "./arrays.ts";

/** How many rows of a batch are rows of the data set, each another one. */
export function found(batch: Float32Array, dataset: Float32Array): number {
  const { rows, columns } = gather;
  const places = new Map<string, number>();
  const key = (array: Float32Array, row: number): string => array.subarray(row * columns, (row + 1) * columns).join();
  const starts = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    const first = dataset[row * columns]!;
    starts.set(first, [...(starts.get(first) ?? []), row]);
  }
  for (let row = 0; row < batch.length / columns; row++) {
    const wanted = key(batch, row);
    const place = starts.get(batch[row * columns]!)?.find((candidate) => key(dataset, candidate) === wanted);
    if (place !== undefined) places.set(wanted, place);
  }
  return places.size;
}
