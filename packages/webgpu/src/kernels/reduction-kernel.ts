import { type Expression, type LoopKernel, partsOf, type Store } from "@downhill/core/compiler";
import { Accumulator, type Partial } from "../wgsl/accumulator.js";
import { Expressions } from "../wgsl/expressions.js";
import { type Counter, Position } from "../wgsl/position.js";
import { bitsOf, isNarrow, ofBits, typeOf } from "../wgsl/values.js";
import { Writer } from "../wgsl/writer.js";
import { type Dispatch, numberOfGroup, spread } from "./dispatch.js";
import type { Surroundings } from "./surroundings.js";

/** How a nest with reductions is shared out. */
interface Shares {
  /** Results that a workgroup computes, side by side. */
  readonly results: number;
  /** Threads that work on one result. */
  readonly threads: number;
  /** Whether the threads of one result are neighbours, since its terms lie together; else those of neighbouring results are. */
  readonly together: boolean;
  /** Workgroups that work on one result: their partial results are combined by a second dispatch. */
  readonly parts: number;
}

const workgroup = 256;
/** Workgroups that keep a GPU busy. */
const enough = 256;
/** Turns that are worth a thread's while. */
const fewTurns = 8;
/** Turns that one thread does where there are this many results, so that no thread has to meet another: a pool's windows. */
const shortTurns = 16;
const manyResults = 2 ** 13;

const powerOfTwo = (least: number): number => 2 ** Math.ceil(Math.log2(Math.max(least, 1)));

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** All loads of a Kernel's reductions and of what it writes in every turn. */
function stridesRead(kernel: LoopKernel): (readonly number[])[] {
  const met = new Set<Expression>();
  const found: (readonly number[])[] = [];
  const visit = (expression: Expression): void => {
    if (met.has(expression)) return;
    met.add(expression);
    if (expression.kind === "load") found.push(expression.place.at.strides);
    partsOf(expression).forEach(visit);
  };
  kernel.reductions.forEach(({ of }) => visit(of));
  kernel.body.forEach(({ value }) => visit(value));
  return found;
}

/** Neighbouring threads shall read neighbouring elements: of one result where its terms lie together, else of several. */
function share(kernel: LoopKernel, kept: Counter, reduced: Counter): Shares {
  const results = product(kept.sizes);
  const turns = product(reduced.sizes);
  const [lastKept, lastReduced] = [kept.loops.at(-1), reduced.loops.at(-1)!];
  let votes = 0;
  for (const strides of stridesRead(kernel)) {
    if (strides[lastReduced] === 1) votes++;
    else if (lastKept !== undefined && strides[lastKept] === 1) votes--;
  }
  const useful = powerOfTwo(Math.ceil(turns / fewTurns));
  let threads: number;
  if (votes >= 0 || results < 8)
    threads = Math.min(workgroup, Math.max(useful, votes >= 0 ? Math.min(32, powerOfTwo(turns)) : 1));
  else threads = Math.min(useful, Math.max(1, Math.floor(workgroup / Math.min(32, powerOfTwo(results)))));
  if ((results >= manyResults && turns <= shortTurns) || (results >= 2 ** 18 && turns <= 64)) threads = 1;
  const side = Math.max(1, Math.min(Math.floor(workgroup / threads), powerOfTwo(results)));
  const groups = Math.ceil(results / side);
  const most = Math.ceil(turns / (threads * fewTurns * 2));
  const parts = groups >= enough / 4 || most < 4 ? 1 : Math.min(most, Math.ceil(enough / groups), 1024);
  return { results: side, threads, together: votes >= 0, parts };
}

/** Writes a nest with reductions, in one dispatch or two. */
export function writeReduction(
  kernel: LoopKernel,
  around: Surroundings,
  label: string,
): { dispatches: Dispatch[]; scratchBytes: number } {
  const counterOf = (reduces: boolean, flat: string): Counter => {
    const loops = kernel.loops.flatMap((loop, i) => (loop.reduces === reduces ? [i] : []));
    return { loops, sizes: loops.map((i) => kernel.loops[i]!.size), flat };
  };
  const results = product(counterOf(false, "").sizes);
  if (results === 0) return { dispatches: [], scratchBytes: 0 };
  const shares = share(kernel, counterOf(false, ""), counterOf(true, ""));
  const first = writePass(kernel, around, label, shares, counterOf, null);
  if (shares.parts === 1) return { dispatches: [first.dispatch], scratchBytes: 0 };
  const threads = Math.min(64, powerOfTwo(shares.parts / 4));
  const side = Math.max(1, Math.min(workgroup / threads, powerOfTwo(results)));
  const second = { results: side, threads, together: side === 1, parts: 1 };
  const last = writePass(kernel, around, `${label} (rest)`, second, counterOf, shares.parts);
  return {
    dispatches: [first.dispatch, last.dispatch],
    scratchBytes: 4 * first.words * results * shares.parts,
  };
}

function writePass(
  kernel: LoopKernel,
  around: Surroundings,
  label: string,
  { results: side, threads, together, parts }: Shares,
  counterOf: (reduces: boolean, flat: string) => Counter,
  /** Where this pass combines the partial results of another one: how many there are of each result. */
  combined: number | null,
): { dispatch: Dispatch; words: number } {
  const isLast = parts === 1;
  const stored: Store[] = [...(combined === null ? kernel.body : []), ...(isLast ? kernel.tail : [])];
  const writer = new Writer(stored.some(({ place }) => isNarrow(around.dtypeOf(place.value))));
  const results = product(counterOf(false, "").sizes);
  const terms = product(counterOf(true, "").sizes);
  const turns = combined ?? terms;
  const size = side * threads;

  const [first, worker] =
    threads === 1
      ? ["t", "0u"]
      : side === 1
        ? ["0u", "t"]
        : together
          ? [`t / ${threads}u`, writer.let(`t % ${threads}u`)]
          : [`t % ${side}u`, writer.let(`t / ${side}u`)];
  const number = writer.let(`${numberOfGroup} * ${side}u + ${first}`);
  // Threads beyond the last result compute it once more, since all of a workgroup have to meet at barriers.
  const beyond = results % side !== 0 || spread(Math.ceil(results / side))[1] > 1;
  const isReal = beyond ? writer.let(`${number} < ${results}u`) : "true";
  const result = beyond ? writer.let(`min(${number}, ${results - 1}u)`) : number;
  const kept = counterOf(false, result);
  const outerPosition = new Position(writer, [kept]);
  const outer = new Expressions(writer, around, outerPosition);
  const reducing = counterOf(true, "").loops;
  if (combined === null) {
    for (const { of } of kernel.reductions) outer.hoist(of, reducing);
    for (const { value } of kernel.body) outer.hoist(value, reducing);
  }
  const accumulators = kernel.reductions.map((reduction) => new Accumulator(writer, reduction, terms));
  const words = accumulators.reduce((sum, accumulator) => sum + accumulator.words, 0);
  const partialAt = (part: string): string =>
    `${writer.word({ kind: "scratch" })} + (${part} * ${results}u + ${result}) * ${words}u`;

  const chunk = Math.ceil(turns / parts);
  const start = isLast ? worker : `w.z * ${chunk}u + ${worker}`;
  const end = isLast ? `${turns}u` : writer.let(`min(${turns}u, (w.z + 1u) * ${chunk}u)`);
  // A thread that does all turns of a result goes through the loops one inside the other: there is nothing to divide for.
  const nested = threads === 1 && parts === 1 && combined === null;
  const turn = writer.name("r");
  const counters = nested
    ? reducing.map((loop): Counter => ({ loops: [loop], sizes: [kernel.loops[loop]!.size], flat: writer.name("r") }))
    : [counterOf(true, turn)];
  if (nested)
    for (const { flat, sizes } of counters) writer.line(`for (var ${flat} = 0u; ${flat} < ${sizes[0]!}u; ${flat}++) {`);
  else writer.line(`for (var ${turn} = ${start}; ${turn} < ${end}; ${turn} += ${threads}u) {`);
  if (combined !== null) {
    const base = writer.let(partialAt(turn));
    takePartials(writer, accumulators, (at) => writer.load(`${base} + ${at}u`));
  } else {
    const inner = new Expressions(writer, around, new Position(writer, [kept, ...counters], outerPosition), {}, outer);
    for (const accumulator of accumulators) {
      const { of, at } = accumulator.reduction;
      accumulator.take({
        value: inner.of(of),
        second: accumulator.countsTurns ? writer.let(`i32(${inner.at(at)})`) : null,
      });
    }
    if (kernel.body.length > 0) {
      if (beyond) writer.line(`if (${isReal}) {`);
      inner.write(kernel.body);
      if (beyond) writer.line("}");
    }
  }
  for (let i = 0; i < (nested ? counters.length : 1); i++) writer.line("}");
  if (threads > 1) meet(writer, accumulators, { side, threads, together, worker }, around.subgroupSize);

  const conditions = [...(threads > 1 ? [`${worker} == 0u`] : []), ...(beyond ? [isReal] : [])];
  if (conditions.length > 0) writer.line(`if (${conditions.join(" && ")}) {`);
  if (isLast) {
    const totals = new Map(accumulators.map(({ reduction, total }) => [reduction, total]));
    const tail = new Expressions(writer, around, new Position(writer, [kept]), { totals });
    tail.write(kernel.tail);
  } else {
    const base = writer.let(partialAt("w.z"));
    let at = 0;
    for (const { own, reduction } of accumulators) {
      writer.store(`${base} + ${at++}u`, bitsOf(writer, reduction.of.dtype, own.value));
      if (own.second !== null) writer.store(`${base} + ${at++}u`, `bitcast<u32>(${own.second})`);
    }
  }
  if (conditions.length > 0) writer.line("}");
  const workgroups = [...spread(Math.ceil(results / side)), parts] as const;
  return { dispatch: { label, code: writer.text(size), workgroups, words: writer.words }, words };
}

/** Reads partial results of all reductions and takes them in. */
function takePartials(writer: Writer, accumulators: readonly Accumulator[], word: (at: number) => string): void {
  let at = 0;
  for (const accumulator of accumulators) {
    const { dtype } = accumulator.reduction.of;
    const bits = word(at++);
    const value = writer.let(ofBits(dtype, bits));
    const { secondType } = accumulator;
    const second = secondType === null ? null : writer.let(`bitcast<${secondType}>(${word(at++)})`);
    accumulator.take({ value, second });
  }
}

/**
 * Combines what the threads of each result have into that of its first thread: neighbours by exchanging what they have
 * within their subgroup, as far as all subgroups of the device reach, the rest in workgroup memory.
 */
function meet(
  writer: Writer,
  accumulators: readonly Accumulator[],
  { side, threads, together, worker }: Pick<Shares, "threads" | "together"> & { side: number; worker: string },
  subgroupSize: number,
): void {
  const near = together || side === 1 ? Math.min(threads, Math.max(1, subgroupSize)) : 1;
  if (near > 1) {
    writer.enable("subgroups");
    const step = writer.name("h");
    writer.line(`for (var ${step} = 1u; ${step} < ${near}u; ${step} *= 2u) {`);
    for (const accumulator of accumulators) accumulator.takeFrom((word) => `subgroupShuffleXor(${word}, ${step})`);
    writer.line("}");
  }
  const rest = threads / near;
  if (rest === 1) return;
  const [place, number, leads] =
    near === 1
      ? ["t", worker, ""]
      : [writer.let(`t / ${near}u`), writer.let(`${worker} / ${near}u`), writer.let(`t % ${near}u == 0u`)];
  // From a result's partial to its next.
  const apart = together ? 1 : side;
  const shared: Partial[] = accumulators.map(({ secondType, reduction }) => {
    const value = writer.name("s");
    writer.declare(`var<workgroup> ${value}: array<${typeOf[reduction.of.dtype]}, ${side * rest}>;`);
    const second = secondType === null ? null : writer.name("s");
    if (second !== null) writer.declare(`var<workgroup> ${second}: array<${secondType!}, ${side * rest}>;`);
    return { value, second };
  });
  const put = (): void => {
    accumulators.forEach(({ own }, k) => {
      writer.line(`${shared[k]!.value}[${place}] = ${own.value};`);
      if (own.second !== null) writer.line(`${shared[k]!.second!}[${place}] = ${own.second};`);
    });
  };
  if (leads !== "") writer.line(`if (${leads}) {`);
  put();
  if (leads !== "") writer.line("}");
  const step = writer.name("h");
  writer.line(`for (var ${step} = ${rest / 2}u; ${step} >= 1u; ${step} /= 2u) {`);
  writer.line("workgroupBarrier();");
  writer.line(`if (${leads === "" ? "" : `${leads} && `}${number} < ${step}) {`);
  const other = writer.let(apart === 1 ? `${place} + ${step}` : `${place} + ${step} * ${apart}u`);
  accumulators.forEach((accumulator, k) => {
    const { value, second } = shared[k]!;
    accumulator.take({
      value: writer.let(`${value}[${other}]`),
      second: second === null ? null : writer.let(`${second}[${other}]`),
    });
  });
  put();
  writer.line("}");
  writer.line("}");
}
