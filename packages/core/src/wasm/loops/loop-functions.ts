import { type DType, itemSize } from "../../dtype.js";
import type { Place } from "../../kernel/expression.js";
import type { LoopKernel } from "../../kernel/kernel.js";
import type { Code, ModuleBuilder, ValueType } from "../assembler.js";
import { hostCalls } from "./host-functions.js";
import { type Range, type Surroundings, writeLoopKernel } from "./loop-kernel.js";
import { expressionsOf, type Nest, planNest } from "./nest.js";
import { type Structure, structureOf } from "./structure.js";

/** What a module has for Kernels of one structure. */
interface Pattern {
  readonly structure: Structure;
  readonly kernel: LoopKernel;
  readonly calls: readonly string[];
  nest: Nest | null;
  /** Functions that run all turns, or a range of them; -1 until one is called. */
  whole: number;
  part: number;
}

/** Code of functions, by what it was written from: the next module that has the same need not write it again. */
export class KnownCode {
  private readonly bodies = new Map<string, Uint8Array>();
  private static readonly most = 1024;

  get(key: string): Uint8Array | undefined {
    return this.bodies.get(key);
  }

  get size(): number {
    return this.bodies.size;
  }

  set(key: string, body: Uint8Array): void {
    if (this.bodies.size >= KnownCode.most) this.bodies.delete(this.bodies.keys().next().value!);
    this.bodies.set(key, body);
  }
}

/**
 * The functions of a module that run loop Kernels: one for all Kernels that are the same but for where their values lie
 * and what their run-time numbers are. Those are its arguments.
 */
export class LoopFunctions {
  /** Functions of the host that the Kernels call, by the names that host-functions.ts gives them. */
  readonly calls: ReadonlySet<string>;
  private readonly module: ModuleBuilder;
  private readonly around: Surroundings;
  private readonly known: KnownCode;
  private readonly structures = new Map<LoopKernel, Structure>();
  private readonly patterns = new Map<string, Pattern>();

  constructor(module: ModuleBuilder, kernels: readonly LoopKernel[], around: Surroundings, known: KnownCode) {
    this.module = module;
    this.around = around;
    this.known = known;
    const calls = new Set<string>();
    for (const kernel of kernels) {
      const structure = structureOf(kernel);
      this.structures.set(kernel, structure);
      if (this.patterns.has(structure.key)) continue;
      const own = expressionsOf(kernel).flatMap(hostCalls);
      for (const name of own) calls.add(name);
      this.patterns.set(structure.key, { structure, kernel, calls: own, nest: null, whole: -1, part: -1 });
    }
    this.calls = calls;
  }

  /** How a Kernel's loops are nested. */
  nestOf(kernel: LoopKernel): Nest {
    const pattern = this.patternOf(kernel);
    return (pattern.nest ??= planNest(pattern.kernel, this.around.flavour !== "scalar"));
  }

  /** Writes the call that runs a Kernel: all of it, or a range of its turns, but for what is zeroed before. */
  call(code: Code, kernel: LoopKernel, range: Range | null = null): void {
    if (kernel.loops.some((loop) => loop.size === 0 && !loop.reduces)) return;
    const { starts, numbers } = this.structures.get(kernel)!;
    const pattern = this.patternOf(kernel);
    for (const { place, dtype } of starts) writeStart(code, place, dtype, this.around);
    for (const node of numbers.keys()) this.around.number(code, node);
    if (range === null) {
      if (pattern.whole < 0) pattern.whole = this.define(pattern, false);
      code.call(pattern.whole);
    } else {
      if (pattern.part < 0) pattern.part = this.define(pattern, true);
      code.get(range.start).get(range.end).call(pattern.part);
    }
  }

  private patternOf(kernel: LoopKernel): Pattern {
    return this.patterns.get(this.structures.get(kernel)!.key)!;
  }

  private define({ structure, kernel, calls }: Pattern, inRange: boolean): number {
    const { starts, numbers, key } = structure;
    const params: ValueType[] = [];
    for (let k = 0; k < starts.length; k++) params.push("i32");
    for (let k = 0; k < numbers.size; k++) params.push("f64");
    const first = params.length;
    if (inRange) params.push("i32", "i32");
    // The numbers of the host's functions differ from module to module.
    const name = calls.length > 0 ? null : `${inRange ? "part" : "whole"} ${key}`;
    const body = name === null ? undefined : this.known.get(name);
    if (body !== undefined) return this.module.defineAgain(params, [], body);
    const func = this.module.define(null, params, [], (code) => {
      writeLoopKernel(code, kernel, structure, this.around, inRange ? { start: first, end: first + 1 } : null);
      if (name !== null) this.known.set(name, code.body());
    });
    return func;
  }
}

/** Puts the address of a place's first element on the stack. */
function writeStart(code: Code, { value, at }: Place, dtype: DType, around: Surroundings): void {
  const size = itemSize[dtype];
  around.address(code, value);
  if (at.offset !== 0) code.i32(at.offset * size).op("i32.add");
  for (const { scalar, stride } of at.moving) {
    around.number(code, scalar);
    code
      .op("i32.trunc_sat_f64_s")
      .i32(stride * size)
      .op("i32.mul")
      .op("i32.add");
  }
}
