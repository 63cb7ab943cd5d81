import { type DType, itemSize, type TypedArray } from "../dtype.js";
import type { Schedule } from "../program/schedule.js";
import { sizeOf } from "../shape.js";
import type { Code } from "./assembler.js";
import type { Heap } from "./heap.js";
import type { Layout } from "./layout.js";
import type { ProgramPlan } from "./program-plan.js";

/**
 * Where a compiled Program finds what it works on. Its table, in the Heap for as long as it lives, holds the arena's
 * address and those of inputs and large results, then its run-time numbers, then the descriptions of its matrix products.
 */
export class ProgramMemory {
  readonly layout: Layout;
  /** Addresses. */
  readonly table: number;
  readonly numbers: number;
  readonly descriptors: number;
  private readonly heap: Heap;
  private readonly schedule: Schedule;
  private readonly numberAt = new Map<number, number>();

  constructor(heap: Heap, { schedule, layout, descriptorWords }: ProgramPlan) {
    const { scalars } = schedule.program;
    this.heap = heap;
    this.schedule = schedule;
    this.layout = layout;
    const numbersAt = Math.ceil(this.layout.words / 2) * 8;
    const descriptorsAt = Math.ceil((numbersAt + scalars.length * 8) / 16) * 16;
    this.table = heap.allocate(descriptorsAt + descriptorWords * 4, "other", "program");
    this.numbers = this.table + numbersAt;
    this.descriptors = this.table + descriptorsAt;
    scalars.forEach((node, k) => this.numberAt.set(node, this.numbers + 8 * k));
  }

  /** Puts the address of a value on the stack. */
  address(code: Code, node: number): void {
    const location = this.layout.locations.get(node)!;
    if ("entry" in location) code.i32(this.table + 4 * location.entry).memory("i32.load");
    else this.inArena(code, location.arena);
  }

  /** Puts the address of the routines' working memory on the stack. */
  scratch(code: Code): void {
    this.inArena(code, this.layout.scratch);
  }

  /** Puts a run-time number, by its Node, on the stack as f64. */
  number(code: Code, node: number): void {
    code.i32(this.numberAt.get(node)!).memory("f64.load");
  }

  dtypeOf(node: number): DType {
    return this.schedule.program.nodes[node]!.dtype;
  }

  bytesOf(node: number): number {
    const { shape, dtype } = this.schedule.program.nodes[node]!;
    return sizeOf(shape) * itemSize[dtype];
  }

  /** The elements of a value during a run; of a run-time number, itself. */
  view(node: number): TypedArray {
    const { op, shape, dtype } = this.schedule.program.nodes[node]!;
    if (op === "scalar") return [this.numberOf(node)] as unknown as TypedArray;
    return this.heap.view(dtype, this.addressOf(node), sizeOf(shape));
  }

  /** Where a value lies during a run. */
  addressOf(node: number): number {
    const { heap, table, layout } = this;
    const location = layout.locations.get(node)!;
    const address = "entry" in location ? heap.i32[table / 4 + location.entry]! : this.arena + location.arena;
    return address >>> 0;
  }

  /** A run-time number during a run. */
  numberOf(node: number): number {
    return this.heap.f64[this.numberAt.get(node)! / 8]!;
  }

  /** Where the arena begins during a run. */
  get arena(): number {
    return this.heap.i32[this.table / 4]! >>> 0;
  }

  set arena(address: number) {
    this.heap.i32[this.table / 4] = address;
  }

  release(): void {
    this.heap.free(this.table);
  }

  private inArena(code: Code, offset: number): void {
    code.i32(this.table).memory("i32.load").i32(offset).op("i32.add");
  }
}
