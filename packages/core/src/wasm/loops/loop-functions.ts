import { type DType, itemSize } from "../../dtype.js";
import type { Place } from "../../kernel/expression.js";
import type { LoopKernel } from "../../kernel/kernel.js";
import { Code, type ModuleBuilder, type ValueType } from "../assembler.js";
import { hostCalls } from "./host-functions.js";
import { type Range, type Surroundings, writeLoopKernel } from "./loop-kernel.js";
import { expressionsOf, type Nest, planNest } from "./nest.js";
import { type Structure, structureOf } from "./structure.js";

/** What a module has for Kernels of one structure. */
interface Pattern {
  readonly structure: Structure;
  readonly kernel: LoopKernel;
  readonly calls: readonly string[];
  /** How many Kernels have it. */
  kernels: number;
  nest: Nest | null;
  /** Functions that run all turns, or a range of them; -1 until one is called. */
  whole: number;
  part: number;
}

/** Code of functions, by what it was written from: the next module that has the same need not write it again. */
export class KnownCode {
  private readonly codes = new Map<string, Code>();
  private static readonly most = 1024;

  get(key: string): Code | undefined {
    return this.codes.get(key);
  }

  get size(): number {
    return this.codes.size;
  }

  set(key: string, code: Code): void {
    if (this.codes.size >= KnownCode.most) this.codes.delete(this.codes.keys().next().value!);
    this.codes.set(key, code);
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
      const known = this.patterns.get(structure.key);
      if (known !== undefined) {
        known.kernels++;
        continue;
      }
      const own = expressionsOf(kernel).flatMap(hostCalls);
      for (const name of own) calls.add(name);
      this.patterns.set(structure.key, { structure, kernel, calls: own, kernels: 1, nest: null, whole: -1, part: -1 });
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
    if (range === null && pattern.kernels === 1) {
      code.call(this.module.add([], [], this.write(pattern, false).body(this.operandsOf(pattern))));
      return;
    }
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

  /** What a function that runs one Kernel only begins with: faster than handing it the same in every run. */
  private operandsOf({ structure: { starts, numbers } }: Pattern): Code {
    const code = new Code(0);
    for (const { place, dtype } of starts) {
      writeStart(code, place, dtype, this.around);
      code.set(code.local("i32"));
    }
    for (const node of numbers.keys()) {
      this.around.number(code, node);
      code.set(code.local("f64"));
    }
    return code;
  }

  private define(pattern: Pattern, inRange: boolean): number {
    const { starts, numbers } = pattern.structure;
    const params: ValueType[] = [];
    for (let k = 0; k < starts.length; k++) params.push("i32");
    for (let k = 0; k < numbers.size; k++) params.push("f64");
    if (inRange) params.push("i32", "i32");
    return this.module.add(params, [], this.write(pattern, inRange).body());
  }

  /** The code that runs all of a Kernel, or a range. */
  private write({ structure, kernel, calls }: Pattern, inRange: boolean): Code {
    // The numbers of the host's functions differ from module to module.
    const name = calls.length > 0 ? null : `${inRange ? "part" : "whole"} ${structure.key}`;
    let code = name === null ? undefined : this.known.get(name);
    if (code === undefined) {
      const first = structure.starts.length + structure.numbers.size;
      code = new Code(inRange ? first + 2 : first);
      writeLoopKernel(code, kernel, structure, this.around, inRange ? { start: first, end: first + 1 } : null);
      if (name !== null) this.known.set(name, code);
    }
    return code;
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
