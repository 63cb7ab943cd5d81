import type { LoopKernel, MatmulKernel } from "../../kernel/kernel.js";
import type { Code, ModuleBuilder } from "../assembler.js";
import type { LoopFunctions } from "../loops/loop-functions.js";
import { type Range, type Surroundings, writeZeros } from "../loops/loop-kernel.js";
import { type Share, shareLoops, type ShareLimits, shareMatmul } from "./share.js";
import type { SharedKernels } from "./sharing.js";

interface Part extends Share {
  readonly func: number;
  readonly prepare: (code: Code) => void;
}

/** Writes what a Program's module needs for threads: a function for ranges of each large Kernel, and what hands them out. */
export class SharedKernelWriter implements SharedKernels {
  private readonly module: ModuleBuilder;
  private readonly threads: number;
  private readonly limits: ShareLimits;
  private readonly imported: Readonly<Record<"begin" | "take" | "done" | "finish", number>>;
  private readonly parts = new Map<number, Part>();
  private readonly program: number;
  private run = -1;

  constructor(module: ModuleBuilder, program: number, threads: number, limits: ShareLimits) {
    this.module = module;
    this.program = program;
    this.threads = threads;
    this.limits = limits;
    this.imported = {
      begin: module.import("pool", "begin", ["i32", "i32", "i32", "i32"], []),
      take: module.import("pool", "take", ["i32"], ["i32"]),
      done: module.import("pool", "done", [], []),
      finish: module.import("pool", "finish", [], []),
    };
  }

  loop(index: number, kernel: LoopKernel, loops: LoopFunctions, around: Surroundings): void {
    const share = shareLoops(kernel, loops.nestOf(kernel), this.threads, this.limits);
    if (share === null) return;
    const func = this.module.define(null, ["i32", "i32", "i32"], [], (code) => {
      loops.call(code, kernel, { start: 0, end: 1 });
    });
    const prepare = (code: Code): void => {
      writeZeros(code, kernel, around);
    };
    this.parts.set(index, { ...share, func, prepare });
  }

  matmul(
    index: number,
    kernel: MatmulKernel,
    rows: number,
    write: (code: Code, range: Range, thread: number) => void,
  ): void {
    const share = shareMatmul(kernel, rows, this.threads, this.limits);
    if (share === null) return;
    const func = this.module.define(null, ["i32", "i32", "i32"], [], (code) => {
      write(code, { start: 0, end: 1 }, 2);
    });
    this.parts.set(index, { ...share, func, prepare: () => undefined });
  }

  close(): boolean {
    if (this.parts.size === 0) return false;
    const { module, imported, parts } = this;
    const part = module.define("part", ["i32", "i32", "i32", "i32"], [], (code) => {
      const [kernel, start, end, thread] = [0, 1, 2, 3] as const;
      for (const [index, { func }] of parts) {
        code.get(kernel).i32(index).op("i32.eq");
        code.if(() => code.get(start).get(end).get(thread).call(func).op("return"));
      }
    });
    this.run = module.define(null, ["i32", "i32", "i32"], [], (code) => {
      const [kernel, size, chunk] = [0, 1, 2] as const;
      const [start, end] = [code.local("i32"), code.local("i32")];
      code.i32(this.program).get(kernel).get(size).get(chunk).call(imported.begin);
      code.block((out) => {
        code.loop((again) => {
          code.i32(this.program).call(imported.take).tee(start).i32(0).op("i32.lt_s").brIf(out);
          code.get(start).get(chunk).op("i32.add").set(end);
          code.get(kernel).get(start).get(end).get(size).get(end).get(size).op("i32.lt_s").op("select");
          code.i32(0).call(part).call(imported.done).br(again);
        });
      });
      code.call(imported.finish);
    });
    return true;
  }

  has(index: number): boolean {
    return this.parts.has(index);
  }

  call(code: Code, index: number): void {
    const { size, chunk, prepare } = this.parts.get(index)!;
    prepare(code);
    code.i32(index).i32(size).i32(chunk).call(this.run);
  }
}
