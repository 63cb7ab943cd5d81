import { floatBinary, floatUnary } from "@downhill/core/compiler";
import type { BinaryName, UnaryName } from "@downhill/core/engine";
import { accuracyOf, exactFloats, type FloatArguments, floatArguments, floatPairs } from "@downhill/core/testing";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { mapRead, usage } from "../src/device/usage.js";
import { ofFloat, ofTwoFloats } from "../src/wgsl/float-functions.js";
import { quotientRounding, rootRounding } from "../src/wgsl/rounding.js";
import { Writer } from "../src/wgsl/writer.js";
import { openGpuDevice } from "./open-device.js";

const device = await openGpuDevice();
afterAll(() => {
  device.destroy();
});

/** The results of a function: `write` gives an expression of `x` and `y`. */
async function run({ x, y }: FloatArguments, write: (writer: Writer) => string): Promise<Float32Array> {
  const writer = new Writer();
  writer.word({ kind: "bits", bits: 0 });
  writer.line(`let place = w.x * 64u + t + p[0].x;`);
  writer.line(`let x = bitcast<f32>(m[place]);`);
  writer.line(`let y = bitcast<f32>(m[place + ${x.length}u]);`);
  writer.line(`m[place + ${2 * x.length}u] = bitcast<u32>(${write(writer)});`);
  const module = device.createShaderModule({ code: writer.text(64) });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
  const buffer = (size: number, use: number): GPUBuffer => device.createBuffer({ size, usage: use | usage.copyDst });
  const memory = buffer(x.length * 12, usage.storage | usage.copySrc);
  const words = Uint32Array.from({ length: 16 }, (_, i) => {
    const word = writer.words[i];
    return word?.kind === "bits" ? word.bits : 0;
  });
  const parameters = buffer(words.byteLength, usage.uniform);
  const staging = buffer(x.length * 4, usage.mapRead);
  device.queue.writeBuffer(memory, 0, new Float32Array(x));
  device.queue.writeBuffer(memory, x.length * 4, new Float32Array(y));
  device.queue.writeBuffer(parameters, 0, words);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [memory, parameters].map((of, binding) => ({ binding, resource: { buffer: of } }));
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(x.length / 64);
  pass.end();
  encoder.copyBufferToBuffer(memory, x.length * 8, staging, 0, x.length * 4);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(mapRead);
  const results = new Float32Array(staging.getMappedRange().slice(0));
  for (const of of [memory, parameters, staging]) of.destroy();
  return results;
}

// WGSL allows devices to take subnormal numbers as 0, and this one does.
const least = 2 ** -126;
const isSubnormal = (value: number): boolean => value !== 0 && Math.abs(value) < least;
const normal = (values: Float32Array): Float32Array => values.map((value) => (isSubnormal(value) ? 0 : value));

/** Blocks as one, without subnormal numbers. */
function joined(blocks: readonly FloatArguments[]): FloatArguments {
  const all = (of: (block: FloatArguments) => Float32Array): Float32Array =>
    normal(Float32Array.from(blocks.flatMap((block) => [...of(block)])));
  return { x: all(({ x }) => x), y: all(({ y }) => y) };
}

const singles = joined(floatArguments());
const pairs = joined(floatPairs());

/** Expects a function to be within so many units in the last place, and of the right kind everywhere. */
async function check(
  name: UnaryName | BinaryName,
  args: FloatArguments,
  bound: number,
  write: (writer: Writer) => string,
): Promise<void> {
  const got = await run(args, write);
  const exact = exactFloats(name, args);
  const rests = name === "remainder" || name === "floorDivide" ? exactFloats("fmod", args) : null;
  // What is hardly a normal number may have been rounded to none, and a subnormal rest to a division without one.
  got.forEach((value, i) => {
    const right = exact[i]!;
    const vanishes = value === 0 && Math.abs(right) < least * (1 + 2 ** -21);
    if (isSubnormal(right) || vanishes || isSubnormal(rests?.[i] ?? 0)) exact[i] = value;
  });
  const { ulps, at, kind } = accuracyOf(got, exact);
  const worst = kind < 0 ? at : kind;
  const call = `${name}(${args.x[worst]!}, ${args.y[worst]!}) is ${got[worst]!} instead of ${exact[worst]!}`;
  expect(kind, call).toBe(-1);
  expect(ulps, call).toBeLessThanOrEqual(bound);
}

const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
const bounds = new Map(
  [...readme.matchAll(/^\| (\d) +\| ([a-zA-Z\d, ]+?) *\|$/gm)].flatMap(([, ulps, names]) =>
    names!.split(", ").map((name): [string, number] => [name, Number(ulps)]),
  ),
);
const exactly = "neg abs sign floor ceil round trunc half add sub mul maximum minimum".split(" ");
const boundOf = (name: string): number => (exactly.includes(name) ? 0 : bounds.get(name)!);

describe("float32 functions on the GPU", () => {
  it("have their bounds in the README", () => {
    const names = [...Object.keys(floatUnary), ...Object.keys(floatBinary)];
    expect([...bounds.keys(), ...exactly, "copy"].sort()).toEqual(names.sort());
  });

  const unaryNames = Object.keys(floatUnary).filter((name) => name !== "copy") as Parameters<typeof ofFloat>[1][];
  it.each(unaryNames)(
    "%s keeps its bound and every special value",
    (name) => check(name, singles, boundOf(name), (writer) => ofFloat(writer, name, "x")),
    60_000,
  );

  it.each(Object.keys(floatBinary) as BinaryName[])(
    "%s keeps its bound and every special value",
    (name) => check(name, pairs, boundOf(name), (writer) => ofTwoFloats(writer, name, "x", "y")),
    60_000,
  );
});

describe("devices that divide and take roots within some units in the last place", () => {
  const off = (text: string, by: number): string => `bitcast<f32>(bitcast<i32>(${text}) + ${by})`;
  // Numbers whose quotients and roots stay far from 0 and infinity, powers of 2 and their neighbours among them.
  const length = 1 << 16;
  const bits = new Int32Array(2 * length).map((_, i) => {
    const exponent = (60 + ((i * 31) % 130)) << 23;
    return exponent + (i % 3 === 0 ? (i % 7) - 3 : Math.imul(i, 1664525) & 0x7fffff);
  });
  const args = { x: new Float32Array(bits.buffer, 0, length), y: new Float32Array(bits.buffer, length * 4, length) };

  it.each([-3, -2, -1, 0, 1, 2, 3])("have what is %i too much corrected", async (by) => {
    const quotients = await run(args, (writer) => `${quotientRounding(writer)}(x, y, ${off("x / y", by)})`);
    expect(accuracyOf(quotients, exactFloats("div", args))).toEqual({ ulps: 0, at: 0, kind: -1 });
    const roots = await run(args, (writer) => `${rootRounding(writer)}(x, ${off("sqrt(x)", by)})`);
    expect(accuracyOf(roots, exactFloats("sqrt", args))).toEqual({ ulps: 0, at: 0, kind: -1 });
  });
});
