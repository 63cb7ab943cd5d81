import { ValueError } from "@downhill/core";
import { checkCount, checkOptions, fillUniform, fromHost, show } from "@downhill/core/engine";
import { generatorOf } from "../draw.js";
import { TensorDataset } from "../tensor-dataset.js";
import { checkNumber, type Labelled, normals, type SyntheticOptions } from "./labelled-points.js";

export interface BlobsOptions extends SyntheticOptions {
  /** How many centers are drawn, from [-10, 10] in each feature, or the centers themselves. Default: 3. */
  readonly centers?: number | readonly (readonly number[])[];
  /** Features of a point where centers are drawn. Default: 2. */
  readonly features?: number;
  /** Standard deviation around a center. Default: 1. */
  readonly std?: number;
}

/**
 * Makes clouds of normally distributed points, one to a class: X of shape [n, features], y int32 of shape [n]; point i is
 * of class i mod `centers`. Same form as sklearn.datasets.make_blobs.
 *
 * @example
 * const [X, y] = synthetic.blobs(90, { centers: [[0, 0], [5, 5]] }).tensors; // shapes [90, 2] and [90]
 */
export function blobs(n: number, options: BlobsOptions = {}): Labelled {
  checkOptions("blobs", options, ["centers", "features", "std", "generator"]);
  checkCount("blobs", "n", n, 1);
  const { centers: given = 3, features: wide = 2, std = 1 } = options;
  checkNumber("blobs", "std", std, 0);
  const generator = generatorOf("blobs", options.generator);
  const centers = typeof given === "number" ? drawn(given, wide) : given;
  const features = centers[0]?.length ?? 0;
  if (features === 0 || centers.some((center) => center.length !== features)) {
    throw new ValueError(
      `blobs: centers must be points of equal length, one or more, got ${show(given)}`,
      "[[0, 0], [5, 5]]",
    );
  }
  const X = normals(n * features, generator).map(
    (value, i) => std * value + centers[Math.floor(i / features) % centers.length]![i % features]!,
  );
  const y = Int32Array.from({ length: n }, (_, i) => i % centers.length);
  return new TensorDataset(fromHost("blobs", X, [n, features], "float32"), fromHost("blobs", y, [n], "int32"));

  function drawn(count: number, size: number): readonly (readonly number[])[] {
    checkCount("blobs", "centers", count, 1);
    checkCount("blobs", "features", size, 1);
    return Array.from({ length: count }, () => {
      const center = new Float64Array(size);
      fillUniform(center, generator, -10, 10);
      return Array.from(center);
    });
  }
}
