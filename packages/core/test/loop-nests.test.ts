import { describe, expect, it } from "vitest";
import { ones, setDefaultDevice, type Tensor } from "@downhill/core";
import { Device } from "@downhill/core/engine";
import type { LoopKernel } from "../src/kernel/kernel.js";
import type { Program } from "../src/program/program.js";
import { schedule } from "../src/program/schedule.js";
import { WasmBackend } from "../src/wasm/backend.js";
import { accumulatesInDouble, planNest, unrolled } from "../src/wasm/loops/nest.js";
import { kernelsOf } from "./compiled-kernels.js";

/** The sum over the last half of the dims, of a tensor turned round so that no two loops are one. */
function turnedSum(shape: readonly number[]): Program {
  const reversed = [...shape.keys()].reverse();
  const half = reversed.slice(0, shape.length / 2);
  return {
    nodes: [
      { op: "buffer", dtype: "float32", shape, attrs: [], srcs: [] },
      { op: "permute", dtype: "float32", shape: shape.toReversed(), attrs: reversed, srcs: [0] },
      {
        op: "sum",
        dtype: "float32",
        shape: shape.slice(0, shape.length / 2).toReversed(),
        attrs: [0, ...half.toReversed().map((dim) => shape.length - 1 - dim)],
        srcs: [1],
      },
    ],
    inputs: [0],
    scalars: [],
    outputs: [{ node: 2, overwrites: -1 }],
  };
}

describe("short loops", () => {
  const writtenOf = (shape: readonly number[]): { turns: number; levels: number } => {
    const nest = planNest(schedule(turnedSum(shape)).kernels[0] as LoopKernel, false);
    const inside = nest.loops.slice(nest.writtenOut).filter(({ size }) => size <= unrolled);
    return { turns: inside.reduce((product, { size }) => product * size, 1), levels: inside.length };
  };

  it("are written out", () => {
    expect(writtenOf([2, 3])).toEqual({ turns: 6, levels: 2 });
  });

  it("are not written out in each other without end: the module would be as large as the data", () => {
    const { turns, levels } = writtenOf([3, 2, 3, 2, 3, 2, 3, 2, 3, 2]);
    expect(turns).toBeLessThanOrEqual(200);
    expect(levels).toBeGreaterThan(2);
  });
});

describe("sums of float32", () => {
  const device = new Device("sums", new WasmBackend({ name: "sums", tiering: false }));
  const inDouble = (make: () => Tensor): boolean => {
    setDefaultDevice(device);
    try {
      const [kernel] = kernelsOf(device, make) as [LoopKernel];
      return accumulatesInDouble(kernel.reductions[0]!);
    } finally {
      setDefaultDevice("cpu");
    }
  };

  it("are taken in float64, but for many short matrix products", () => {
    expect(inDouble(() => ones([100, 9, 100]).sum(1))).toBe(true);
    expect(inDouble(() => ones([100, 1, 9]).matmul(ones([100, 9, 100])))).toBe(false);
    expect(inDouble(() => ones([100, 1, 90]).matmul(ones([100, 90, 100])))).toBe(true);
    expect(inDouble(() => ones([1, 9]).matmul(ones([9, 100])))).toBe(true);
  });
});
