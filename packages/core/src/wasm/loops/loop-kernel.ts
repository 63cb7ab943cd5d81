import { type DType, itemSize } from "../../dtype.js";
import { type Expression, partsOf, type Place } from "../../kernel/expression.js";
import type { LoopKernel, Store } from "../../kernel/kernel.js";
import type { Code } from "../assembler.js";
import type { LaneFlavour } from "../maths/arithmetic.js";
import { loadLanes, storeLanes } from "./elements.js";
import { accumulatesInDouble, type Nest, planNest, unrolled } from "./nest.js";
import { draw, drawsBlocks } from "./philox.js";
import { Positions } from "./positions.js";
import { Accumulator, isArg } from "./reduction.js";
import type { Structure } from "./structure.js";
import { type HostCall, Values } from "./values.js";

/** Where Kernels find what they work on. */
export interface Surroundings {
  readonly flavour: LaneFlavour;
  readonly host: HostCall;
  /** Puts the address of a value's first element on the stack. */
  address(code: Code, value: number): void;
  /** Puts a run-time number (by its Node) on the stack, as f64. */
  number(code: Code, node: number): void;
  /** Bytes of a value. */
  bytesOf(value: number): number;
}

/** How the elements of a turn are handled: in how many vectors of which width. */
interface Section {
  readonly values: Values;
  readonly copies: number;
  /** Locals of expressions that differ in this section, per copy. */
  readonly locals: Map<Expression, number[]>;
  readonly accumulators: Accumulator[];
}

/**
 * Some turns of a nest's outermost loop: `start` … `end` - 1, in locals, `start` below `end`. Where that loop counts in
 * vectors, both are multiples of what one turn handles (`cutsOf`), but for the loop's own end.
 */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Zeroes the values that a Kernel writes only a part of; before its ranges, once. */
export function writeZeros(code: Code, kernel: LoopKernel, around: Surroundings): void {
  for (const value of kernel.zeroed) {
    around.address(code, value);
    code.i32(0).i32(around.bytesOf(value)).fill();
  }
}

/** Writes the body of a function that runs a loop Kernel, or a range of it; its params are those of the structure. */
export function writeLoopKernel(
  code: Code,
  kernel: LoopKernel,
  structure: Structure,
  around: Surroundings,
  range: Range | null,
): void {
  code.hoisting(() => {
    new LoopWriter(code, kernel, structure, around, range).write();
  });
}

class LoopWriter {
  private readonly code: Code;
  private readonly kernel: LoopKernel;
  private readonly structure: Structure;
  private readonly range: Range | null;
  private readonly nest: Nest;
  private readonly outside: Section;
  private readonly single: Values;
  private readonly vector: Values;
  /** The address of each place as of the loops entered so far. */
  private readonly pointers = new Map<Place, number>();
  private readonly places: ReadonlyMap<Place, DType>;
  private readonly positions: Positions;

  constructor(code: Code, kernel: LoopKernel, structure: Structure, around: Surroundings, range: Range | null) {
    this.code = code;
    this.kernel = kernel;
    this.structure = structure;
    this.range = range;
    this.nest = planNest(kernel, around.flavour !== "scalar");
    this.positions = new Positions(code, this.nest, (node) => this.number(node));
    const { width } = this.nest;
    this.single = new Values(code, 1, around.flavour, around.host);
    this.vector = width === 1 ? this.single : new Values(code, width, around.flavour, around.host);
    this.outside = this.section(this.single, 1);
    const places = new Map<Place, DType>();
    for (const expression of this.nest.expressions)
      if (expression.kind === "load") places.set(expression.place, expression.dtype);
    for (const { place, value } of [...kernel.body, ...kernel.tail]) places.set(place, value.dtype);
    this.places = places;
  }

  write(): void {
    for (const [place, dtype] of this.places) this.pointers.set(place, this.start(place, dtype));
    this.enter(0, this.outside);
  }

  private section(values: Values, copies: number): Section {
    const { kernel } = this;
    const accumulators = kernel.reductions.map(
      (reduction) => new Accumulator(values, reduction, copies, accumulatesInDouble(reduction)),
    );
    return { values, copies, locals: new Map(), accumulators };
  }

  /** The address of the first element that a place has in the range. */
  private start(place: Place, dtype: DType): number {
    const { code, range } = this;
    const first = this.structure.startOf.get(place)!;
    const stride = range === null ? 0 : this.nest.stridesOf(place.at)[0]!;
    if (stride === 0) return first;
    code.get(first).get(range!.start);
    code
      .i32(stride * itemSize[dtype])
      .op("i32.mul")
      .op("i32.add");
    const pointer = code.local("i32");
    code.set(pointer);
    return pointer;
  }

  /** Puts a run-time number, by its Node, on the stack. */
  private number(node: number): void {
    const { starts, numbers } = this.structure;
    this.code.get(starts.length + numbers.get(node)!);
  }

  /** Writes what happens once `level` loops have been entered. */
  private enter(level: number, section: Section): void {
    const { nest, kernel } = this;
    const { kept, loops } = nest;
    const reducing = kernel.reductions.length > 0;
    this.compute(level, section, false);
    if (level === kept && reducing) {
      // A vector loop inside brings accumulators of its own.
      for (const accumulator of section.accumulators) accumulator.start();
    }
    if (level < loops.length) this.loop(level, section);
    else {
      for (const store of kernel.body) this.store(store, section);
      kernel.reductions.forEach((reduction, k) => {
        const { of } = reduction;
        const accumulator = section.accumulators[k]!;
        for (let copy = 0; copy < section.copies; copy++) {
          const term = this.local(of, section, copy);
          if (isArg(reduction)) accumulator.takeTurn(copy, term, this.index(reduction.at, section, copy));
          else accumulator.take(copy, term);
        }
      });
    }
    if (level === kept && reducing) {
      for (const expression of nest.expressions) {
        if (expression.kind !== "total") continue;
        const accumulator = section.accumulators[kernel.reductions.indexOf(expression.reduction)]!;
        section.locals.set(
          expression,
          Array.from({ length: section.copies }, (_, copy) => accumulator.result(copy)),
        );
      }
      this.compute(level, section, true);
      for (const store of kernel.tail) this.store(store, section);
    }
  }

  /** Computes the expressions that are known once `level` loops have been entered. */
  private compute(level: number, section: Section, late: boolean): void {
    const { nest } = this;
    const inVectors = section !== this.outside;
    for (const expression of nest.knownAt(level)) {
      if (nest.isLate(expression) !== late || expression.kind === "total") continue;
      const copies = inVectors && nest.varies(expression) ? section.copies : 1;
      const locals: number[] = [];
      for (let copy = 0; copy < copies; copy++) locals.push(this.emit(expression, section, copy));
      section.locals.set(expression, locals);
    }
  }

  private emit(expression: Expression, section: Section, copy: number): number {
    const { code, nest } = this;
    const { values } = section;
    const { dtype } = expression;
    switch (expression.kind) {
      case "load": {
        const stride = nest.vector < 0 ? 0 : nest.stridesOf(expression.place.at)[nest.vector]!;
        const bytes = section === this.outside ? 0 : copy * values.width * stride * itemSize[dtype];
        return loadLanes(values, dtype, this.pointers.get(expression.place)!, stride, bytes);
      }
      case "number":
        return values.number(dtype, expression.value);
      case "scalar": {
        this.number(expression.node);
        if (dtype === "float32") code.op("f32.demote_f64");
        else if (dtype === "bool") code.f64(0).op("f64.ne").i32(-1).op("i32.mul");
        else if (dtype !== "float64") code.op("i32.trunc_sat_f64_s");
        return values.splat(dtype, this.single.take(dtype));
      }
      case "index":
        return this.index(expression.at, section, copy);
      case "uniform":
        return this.uniform(expression, section, copy);
      default:
        return values.emit(expression, (part) => this.local(part, section, copy));
    }
  }

  private uniform(expression: Extract<Expression, { kind: "uniform" }>, section: Section, copy: number): number {
    const { nest } = this;
    const { at } = expression;
    const step = this.positions.first(at, section.values, section !== this.outside, copy);
    const first = this.single.take("int32");
    const [key, counter] = [expression.key, expression.counter].map((part) => this.local(part, this.outside, 0));
    const inBlocks = drawsBlocks({ ...at, strides: nest.stridesOf(at) }, nest.vector);
    const varies = nest.varies(expression);
    const drawn = draw(varies ? section.values : this.single, { first, step, key: key!, counter: counter! }, inBlocks);
    return varies ? drawn : section.values.splat("float32", drawn);
  }

  /** The number that loops give. */
  private index(at: Place["at"], section: Section, copy: number): number {
    return this.positions.lanes(at, section.values, section !== this.outside, copy);
  }

  /** The local that holds an expression's value in a section; what does not differ there is spread over its lanes. */
  private local(expression: Expression, section: Section, copy: number): number {
    const own = section.locals.get(expression);
    if (own !== undefined) return own[own.length === 1 ? 0 : copy]!;
    const [outer] = this.outside.locals.get(expression)!;
    const spread = section.values.splat(expression.dtype, outer!);
    section.locals.set(expression, [spread]);
    return spread;
  }

  private store({ place, value }: Store, section: Section): void {
    const { nest } = this;
    const { values } = section;
    const { dtype } = value;
    const stride = nest.vector < 0 ? 0 : nest.stridesOf(place.at)[nest.vector]!;
    for (let copy = 0; copy < section.copies; copy++) {
      const bytes = copy * values.width * stride * itemSize[dtype];
      storeLanes(values, dtype, this.pointers.get(place)!, stride, bytes, this.local(value, section, copy));
    }
  }

  private loop(level: number, section: Section): void {
    const { nest } = this;
    const { size } = nest.loops[level]!;
    const outer = new Map(this.pointers);
    for (const place of this.places.keys()) {
      if (nest.stridesOf(place.at)[level] === 0) continue;
      const pointer = this.code.local("i32");
      this.code.get(this.pointers.get(place)!).set(pointer);
      this.pointers.set(place, pointer);
    }
    const counter = this.code.local("i32");
    const range = level === 0 ? this.range : null;
    if (range === null) this.code.i32(0).set(counter);
    else this.code.get(range.start).set(counter);
    this.positions.counters[level] = counter;
    const inside = (): void => this.enter(level + 1, section);
    if (level !== nest.vector) this.turns(level, counter, 0, size, 1, inside, range?.end);
    else this.vectorLoop(level, counter, size, section);
    for (const [place, pointer] of outer) this.pointers.set(place, pointer);
  }

  /** The vector loop: turns of several vectors, then of one, then single elements. */
  private vectorLoop(level: number, counter: number, size: number, section: Section): void {
    const { nest } = this;
    const { width, copies, kept } = nest;
    const inside = level >= kept;
    let from = 0;
    const wide = width * copies;
    for (const [values, count, step] of [
      [this.vector, copies, wide],
      [this.vector, 1, width],
      [this.single, 1, 1],
    ] as const) {
      const to = size - ((size - from) % step);
      if (to === from) continue;
      const plain = step === 1 && inside;
      // Single elements of a loop that reduces go straight into the outer accumulators.
      const own = this.section(values, count);
      const mine = plain ? { ...own, accumulators: section.accumulators } : own;
      if (inside && !plain) for (const accumulator of mine.accumulators) accumulator.start();
      if (level === 0 && this.range !== null) this.turnsInRange(mine, counter, from, to, step, this.range);
      else this.turnsIn(mine, level, counter, from, to, step);
      if (inside && !plain) {
        mine.accumulators.forEach((accumulator, k) => {
          accumulator.collapseInto(section.accumulators[k]!);
        });
      }
      from = to;
    }
  }

  /** The turns of one width that lie in the range: any of the widest, all or none of the others. */
  private turnsInRange(section: Section, counter: number, from: number, to: number, step: number, range: Range): void {
    const { code } = this;
    if (from > 0) {
      code.get(range.end).i32(from).op("i32.gt_s");
      code.if(() => this.turnsIn(section, 0, counter, from, to, step));
      return;
    }
    const end = code.local("i32");
    code.get(range.end).i32(to).get(range.end).i32(to).op("i32.lt_s").op("select").set(end);
    code.get(range.start).get(end).op("i32.lt_s");
    code.if(() => this.turnsIn(section, 0, counter, from, to, step, end));
  }

  private turnsIn(
    section: Section,
    level: number,
    counter: number,
    from: number,
    to: number,
    step: number,
    end?: number,
  ): void {
    // What does not differ is spread over the lanes in front of the loop, once.
    for (const expression of this.usedInside(level)) {
      if (this.outside.locals.has(expression)) this.local(expression, section, 0);
    }
    this.turns(level, counter, from, to, step, () => this.enter(level + 1, section), end);
  }

  /** What is computed from, or stored, inside of the vector loop. */
  private usedInside(level: number): Set<Expression> {
    const { nest, kernel } = this;
    const used = new Set<Expression>();
    for (const expression of nest.expressions) {
      // The places of random numbers differ from lane to lane, their key and counter never do.
      if (nest.levelOf(expression) <= level || expression.kind === "uniform") continue;
      for (const part of partsOf(expression)) used.add(part);
    }
    for (const { of } of kernel.reductions) used.add(of);
    for (const { value } of kernel.body) used.add(value);
    if (level < nest.kept) for (const { value } of kernel.tail) used.add(value);
    return used;
  }

  /** Repeats `body` for positions from, from + step, … below `to`, or the local `end`, moving the pointers along. */
  private turns(
    level: number,
    counter: number,
    from: number,
    to: number,
    step: number,
    body: () => void,
    end?: number,
  ): void {
    const { code, nest } = this;
    const advance = (): void => {
      for (const [place, pointer] of this.pointers) {
        const stride = nest.stridesOf(place.at)[level]!;
        if (stride === 0) continue;
        const bytes = stride * step * itemSize[this.places.get(place)!];
        code.get(pointer).i32(bytes).op("i32.add").set(pointer);
      }
      code.get(counter).i32(step).op("i32.add");
    };
    if (to - from <= 0) return;
    const few = level === nest.vector ? step : level >= nest.writtenOut ? unrolled : 1;
    if (end === undefined && to - from <= few) {
      for (let at = from; at < to; at += step) {
        body();
        advance();
        code.set(counter);
      }
      return;
    }
    code.loop((again) => {
      body();
      advance();
      code.tee(counter);
      if (end === undefined) code.i32(to);
      else code.get(end);
      code.op("i32.lt_s").brIf(again);
    });
  }
}
