import { type LoopKernel, schedule } from "@downhill/core/compiler";
import type { Program, ProgramNode } from "@downhill/core/engine";
import { expect, it } from "vitest";
import type { Surroundings } from "../src/kernels/surroundings.js";
import { writeElementwise } from "../src/kernels/loop-kernel.js";
import { packHalves } from "../src/program/pack-halves.js";

// SwiftShader has no shader-f16, so these texts are compiled and read, and never run. Dawn's null backend has every feature.

const node = (op: ProgramNode["op"], srcs: readonly number[]): ProgramNode => ({
  op,
  dtype: "float16",
  shape: [32, 1024],
  attrs: [],
  srcs,
});

const program: Program = {
  nodes: [node("buffer", []), node("buffer", []), node("mul", [0, 1]), node("exp", [2])],
  inputs: [0, 1],
  scalars: [],
  outputs: [{ node: 3, overwrites: -1 }],
};

/** The shader of x · y and its exponential. */
function shader(roundsHalves: boolean): string {
  const { program: packed, kernels } = schedule(packHalves(program), true, true);
  const around = {
    dtypeOf: (value: number) => packed.nodes[value]!.dtype,
    lengthOf: () => 2 ** 15,
    overwrites: () => false,
    limits: { maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupStorageSize: 16384 },
    subgroupSize: 0,
    roundsHalves,
    chooseMatmul: () => "direct",
  } as unknown as Surroundings;
  return writeElementwise(kernels[0] as LoopKernel, around, "test")[0]!.code;
}

it("with shader-f16, products of float16 are float16's own, functions round once, and Dawn compiles it all", async () => {
  const code = shader(true);
  expect(code).toMatch(/^enable f16;/);
  expect(code).toMatch(/f32\(f16\(t\d+\) \* f16\(t\d+\)\)/);
  expect(code).toMatch(/nearest_half\(t\d+\)/);
  const { create } = (await import("webgpu")) as unknown as { create: (options: string[]) => GPU };
  const adapter = await create(["backend=null"]).requestAdapter();
  const device = await adapter!.requestDevice({ requiredFeatures: ["shader-f16"] });
  const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
  expect(messages.map(({ message }) => message)).toEqual([]);
});

it("without it nothing asks for f16", () => {
  expect(shader(false)).not.toContain("f16;");
  expect(shader(false)).toContain("float_half");
});
