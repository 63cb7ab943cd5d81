/** What the loaders of `loader.ts` load, in its own thread and in their workers. */
import { tensor } from "@downhill/core";
import { type Dataset, serveDataset, TensorDataset } from "@downhill/data";

export const rows = 10_000;
/** Pixels along a side of what is stored, and of what is cut out of it. */
export const side = 32;
export const cut = 28;

/** `gather`: rows that only have to be copied. `transform`: images of bytes, each cut, mirrored and normalised in loops. */
export type LoaderWork = "gather" | "transform";

/** Bytes that a formula gives, so that nothing has to be sent. */
export function bytes(): Uint8Array {
  return Uint8Array.from({ length: rows * side * side }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24);
}

/** Image i, from (i mod 5, 3i mod 5) on, mirrored if i is odd, as (byte / 255 - 0.5) / 0.25. */
export function transformed(images: Uint8Array, i: number): Float32Array {
  const image = new Float32Array(cut * cut);
  const [top, left] = [i % 5, (3 * i) % 5];
  for (let y = 0; y < cut; y++) {
    const line = i * side * side + (top + y) * side + left;
    for (let x = 0; x < cut; x++) {
      const byte = images[line + (i % 2 === 1 ? cut - 1 - x : x)]!;
      image[y * cut + x] = (byte / 255 - 0.5) / 0.25;
    }
  }
  return image;
}

export function make(work: LoaderWork): Dataset<unknown> {
  const images = bytes();
  if (work === "gather") return new TensorDataset(tensor(Float32Array.from(images)).reshape([rows, side * side]));
  return { length: rows, get: (i) => transformed(images, i) };
}

serveDataset(({ work }: { readonly work: LoaderWork }) => make(work));
