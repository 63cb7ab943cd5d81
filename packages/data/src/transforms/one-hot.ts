import { IndexError } from "@downhill/core";
import { checkCount, show } from "@downhill/core/engine";

/**
 * Turns a class into a row of zeros with a one in its place: a target for losses that take probabilities.
 *
 * @example
 * transforms.oneHot(3)(1); // Float32Array(3) [ 0, 1, 0 ]
 */
export function oneHot(classes: number): (label: number | bigint) => Float32Array {
  checkCount("oneHot", "classes", classes, 1);
  return (label) => {
    const place = Number(label);
    if (!Number.isInteger(place) || place < 0 || place >= classes) {
      throw new IndexError(`oneHot: a class is an integer from 0 to ${classes - 1}, got ${show(label)}`);
    }
    const row = new Float32Array(classes);
    row[place] = 1;
    return row;
  };
}
