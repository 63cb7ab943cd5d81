import { expect, it } from "vitest";
import { arange, type Tensor } from "../src/index.js";
import { flush } from "../src/engine.js";
import { hostBuffer } from "../src/wasm/host-buffer.js";

const sizes = [10, 10, 10, 1, 16, 3, 0, 7];
const counts = sizes.map((size) => arange(size).float());

/** Computes one small result per size in one flush. */
function results(first: number): Tensor[] {
  const made = counts.map((count, k) => count.mul(2).add(first + 100 * k));
  flush(...made);
  return made;
}

it("small results of one run keep their values when the next run takes the arena", async () => {
  for (let turn = 0; turn < 4; turn++) {
    const made = results(turn);
    results(turn + 50);
    const expected = sizes.map((size, k) => Array.from({ length: size }, (_, i) => 2 * i + turn + 100 * k));
    expect(await Promise.all(made.map((result) => result.tolist()))).toEqual(expected);
  }
});

it("small results share typed arrays that V8 makes inside its heap: of no more than 64 bytes", () => {
  for (let turn = 0; turn < 4; turn++) {
    const arrays = results(turn).map(({ node }) => hostBuffer(node.buffer!).array!);
    for (const { buffer } of arrays) expect(buffer.byteLength).toBeLessThanOrEqual(64);
    if (turn > 1) expect(new Set(arrays.map(({ buffer }) => buffer)).size).toBeLessThan(sizes.length);
  }
});
