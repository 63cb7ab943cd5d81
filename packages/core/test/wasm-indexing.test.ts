import { afterEach, describe, expect, it } from "vitest";
import {
  defaultDevice,
  type DType,
  IndexError,
  ones,
  setDefaultDevice,
  type Shape,
  tensor,
  type Tensor,
} from "@downhill/core";
import {
  assign,
  composite,
  Device,
  enter,
  leave,
  ReferenceBackend,
  transaction,
  withGrad,
} from "@downhill/core/engine";
import { fromHost } from "../src/creation.js";
import { hostArray } from "../src/dtype.js";
import { readAlong, writeAlong } from "../src/ops/index-access.js";
import { sizeOf } from "../src/shape.js";
import { compare } from "../src/testing/compare.js";
import { Draws, seedOf } from "../src/testing/draws.js";
import { scalar } from "../src/tensor.js";
import { WasmBackend } from "../src/wasm/backend.js";
import { kernelsOf } from "./compiled-kernels.js";

const flavours = {
  "relaxed SIMD": { simd: true, relaxed: true },
  "plain SIMD": { simd: true, relaxed: false },
  "no SIMD": { simd: false, relaxed: false },
};
const dtypes: readonly DType[] = ["float32", "float64", "int32", "uint8", "bool"];

afterEach(() => setDefaultDevice("cpu"));

function drawn(on: Device, dtype: DType, shape: Shape, seed: string): Tensor {
  const draws = new Draws(seedOf(seed));
  const data = hostArray(dtype, sizeOf(shape)).map(() =>
    dtype === "bool" ? draws.below(2) : dtype === "uint8" ? draws.below(256) : Math.trunc(draws.real(-999, 999)) / 8,
  );
  return fromHost("drawn", data, shape, dtype, { device: on });
}

function indices(on: Device, size: number, shape: Shape, seed: string, from = 0): Tensor {
  const draws = new Draws(seedOf(seed));
  const data = Int32Array.from({ length: sizeOf(shape) }, () => from + draws.below(size - from));
  return fromHost("indices", data, shape, "int32", { device: on });
}

/** x, dim, index, result (or what is written): long and short slices, odd sizes, broadcast indices, parts of x. */
const reads: readonly (readonly [Shape, number, Shape, Shape])[] = [
  [[7, 784], 0, [5, 1], [5, 784]],
  [[7, 37], 0, [5, 1], [5, 37]],
  [[7, 131], 0, [4, 1], [4, 131]],
  [[3, 6, 50], 1, [4, 1], [3, 4, 50]],
  [[3, 6, 5], 2, [7], [3, 6, 7]],
  [[9, 4], 1, [9, 1], [9, 1]],
  [[9, 4], 1, [9, 3], [9, 3]],
  [[5, 4, 3], 1, [5, 2, 3], [5, 2, 3]],
  [[9, 8, 7], 0, [6, 1, 1], [6, 5, 4]],
  [[9, 8, 7], 1, [3, 1, 1], [3, 2, 7]],
  [[40], 0, [1], [6]],
  [[0, 3], 0, [0, 1], [0, 3]],
];

for (const [name, features] of Object.entries(flavours)) {
  describe(`reading and writing by index with ${name}`, () => {
    const device = new Device(name, new WasmBackend({ name, features, tiering: false }));

    for (const dtype of dtypes) {
      it(`gives what the interpreter gives, ${dtype}`, async () => {
        for (const [x, dim, index, shape] of reads) {
          const size = Math.max(x[dim]!, 1);
          await compare(device, (on) => [
            readAlong(drawn(on, dtype, x, "x"), dim, indices(on, size, index, "i"), shape, { caller: "gather" }),
            readAlong(drawn(on, dtype, x, "x"), dim, indices(on, size, index, "i", -size), shape, {
              caller: "take",
              wrap: true,
            }),
            ...[true, false].flatMap((adds) => {
              const all = [...x.slice(index.length).map(() => 1), ...index];
              const at = indices(on, size, all, "i");
              const to = drawn(on, dtype, x, "x");
              const write = (onto: Tensor, from: Tensor): Tensor =>
                writeAlong(onto, dim, at, from, adds, { caller: "scatter" });
              return [
                write(to, drawn(on, dtype, shape, "src")),
                write(to, drawn(on, dtype, all, "src")),
                write(to, scalar(1, dtype, on)),
              ];
            }),
          ]);
        }
      });
    }

    for (const [dim, of] of [
      [0, [5, 3]],
      [1, [5, 3]],
      [1, [2, 3, 9]],
      [0, [33, 40]],
    ] as const) {
      it(`runs sums and products along dim ${dim} of [${of.join(", ")}]`, async () => {
        for (const dtype of ["float32", "float64", "int32"] as const) {
          await compare(device, (on) => {
            const x = drawn(on, dtype, of, "x");
            return [x.cumsum(dim), x.mul(dtype === "int32" ? 1 : 0.01).cumprod(dim)];
          });
        }
      });
    }

    const errorOf = async (on: Device, make: () => Tensor): Promise<string> => {
      setDefaultDevice(on);
      const error = await make()
        .data()
        .then(
          () => null,
          (reason: unknown) => reason,
        );
      expect(error).toBeInstanceOf(IndexError);
      return (error as IndexError).message;
    };
    const bad = (...values: number[]): Tensor => tensor(values, { dtype: "int32" });

    it("refuses an index out of range in the interpreter's words", async () => {
      const x = (): Tensor => tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
      const cases: (readonly [string, () => Tensor])[] = [
        ["indexSelect: index 2 is out of range for dim 0 of size 2\n  hint: indices run from 0 to 1", () => x().indexSelect(0, bad(1, 2, 9))],
        ["gather: index -1 is out of range for dim 1 of size 3\n  hint: indices run from 0 to 2", () => x().gather(1, bad(0, -1).reshape([2, 1]))],
        ["take: index -7 is out of range of size 6\n  hint: indices run from -6 to 5", () => x().take(bad(-6, -7))],
        ["scatterAdd: index 3 is out of range for dim 1 of size 3\n  hint: indices run from 0 to 2", () => x().scatterAdd(1, bad(3, 0).reshape([2, 1]), x())],
        ["indexAdd: index -2147483648 is out of range for dim 0 of size 2\n  hint: indices run from 0 to 1", () => x().indexAdd(0, bad(0, -2147483648), x())],
        ["indexSelect: index 0 is out of range for dim 0 of size 0\n  hint: there are no elements", () => tensor([[]]).reshape([0, 2]).indexSelect(0, bad(0))],
      ]; // prettier-ignore
      const reference = new Device("reference", new ReferenceBackend());
      for (const [message, make] of cases) {
        expect(await errorOf(reference, make)).toBe(message);
        expect(await errorOf(device, make)).toBe(message);
      }
    });

    it("leaves every variable as it was when an index is out of range, and runs again", async () => {
      setDefaultDevice(device);
      const [w, v, table] = [tensor([1, 2, 3]), tensor([1, 1]), tensor([10, 20])];
      const step = (index: Tensor): void =>
        transaction(() => {
          const outer = enter();
          try {
            withGrad(false, () => {
              const doubled = w.mul(2);
              assign(w, doubled);
              assign(v, v.add(table.indexSelect(0, index)));
            });
          } finally {
            leave(outer);
          }
        });
      step(bad(0, 1));
      expect(() => step(bad(1, 2))).toThrow("indexSelect: index 2 is out of range");
      expect(() => step(bad(-1, 0))).toThrow("indexSelect: index -1 is out of range");
      expect([await w.tolist(), await v.tolist()]).toEqual([[2, 4, 6], [11, 21]]); // prettier-ignore
      step(bad(1, 1));
      expect([await w.tolist(), await v.tolist()]).toEqual([[4, 8, 12], [31, 41]]); // prettier-ignore
      expect(defaultDevice().programs.compiled).toBeGreaterThan(0);
    });
  });
}

describe("kernels", () => {
  const device = new Device("kernels", new WasmBackend({ name: "kernels", tiering: false }));
  const counted = (make: () => Tensor): number => {
    setDefaultDevice(device);
    return kernelsOf(device, make).length;
  };

  it("pad along several dims at once", () => {
    expect(counted(() => ones([2, 3, 4]).pad([1, 2, 3, 0, 0, 1]))).toBe(1);
    // One that is read elsewhere too is stored.
    const twice = composite(() => {
      const x = ones([2, 3]).pad([1, 1]);
      return x.pad([0, 0, 1, 1]).sum().add(x.mul(x).sum());
    });
    expect(counted(twice)).toBeGreaterThan(2);
  });
});
