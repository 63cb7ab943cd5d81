import { broadcast, type ProgramNode, sizeOf } from "@downhill/core/engine";
import { Position } from "../wgsl/position.js";
import { binary, bitsOf, ofBits, typeOf } from "../wgsl/values.js";
import { Writer } from "../wgsl/writer.js";
import type { Dispatch } from "./dispatch.js";
import { writeElements, writeTurns } from "./element-kernel.js";
import { writeIndexCheck } from "./index-check.js";
import { along, type NodeSource, type NodeTask, only, type Written } from "./node-task.js";
import { writeSort } from "./sort-kernel.js";

// The turns of a scatter form lines along its dim: what is written at one place comes from turns of one line. Lines that
// read the same indices (the columns of an embedding's gradient) share their index line.

/** Up to so many turns a line, each element looks through the indices itself. */
const shortLine = 8;
const longestLine = 256;
const fewLooks = 2 ** 23;
/** From so many turns on, the sums of whole parts of the sorted turns are computed once. */
const manyTurns = 512;

/** A scatter's parts. */
interface Scatter {
  readonly value: number;
  readonly node: ProgramNode;
  readonly label: string;
  readonly x: NodeSource;
  readonly index: NodeSource;
  readonly src: NodeSource;
  readonly dim: number;
  /** Places along the dim, and turns. */
  readonly size: number;
  readonly length: number;
  readonly turns: readonly number[];
  /** Dims that tell index lines apart, and the others but for the scatter's own: columns. */
  readonly lineDims: readonly number[];
  readonly columnDims: readonly number[];
  readonly lines: number;
  readonly columns: number;
}

const product = (dims: readonly number[], sizes: readonly number[]): number =>
  dims.reduce((all, dim) => all * sizes[dim]!, 1);

/** Row-major strides over some dims of these sizes, 0 for the others. */
function stridesOver(dims: readonly number[], sizes: readonly number[]): number[] {
  const strides = new Array<number>(sizes.length).fill(0);
  let stride = 1;
  for (const dim of dims.toReversed()) {
    strides[dim] = stride;
    stride *= sizes[dim]!;
  }
  return strides;
}

/**
 * attrs [dim, wrap, caller, named, adds, ...shape]: out = x; out[index[i][j]][j] = or += src[i][j] for dim 0, in order. Sums
 * are the same in every run: no two threads add to one.
 */
export function writeScatter({ value, node, sources, label }: NodeTask): Written {
  const [x, index, src] = sources as [NodeSource, NodeSource, NodeSource];
  const { shape, attrs } = node;
  const dim = attrs[0]!;
  const turns = broadcast("scatter", index.shape, src.shape);
  const at = index.stridesIn(turns);
  const others = [...shape.keys()].filter((d) => d !== dim);
  const lineDims = others.filter((d) => at[d] !== 0);
  const columnDims = others.filter((d) => at[d] === 0);
  const scatter: Scatter = {
    value,
    node,
    label,
    x,
    index,
    src,
    dim,
    size: shape[dim]!,
    length: turns[dim]!,
    turns,
    lineDims,
    columnDims,
    lines: product(lineDims, turns),
    columns: product(columnDims, turns),
  };
  const count = sizeOf(shape);
  const work = sizeOf(turns);
  if (count === 0) return { dispatches: work === 0 ? [] : [writeCheck(scatter)], scratchBytes: 0 };
  const { length } = scatter;
  if (work === 0 || length <= shortLine || (length <= longestLine && count * length <= fewLooks))
    return { dispatches: [writeLooking(scatter, work > 0)], scratchBytes: 0 };
  return attrs[4] === 1 ? writeSums(scatter) : writeLast(scatter);
}

/** Writes each element of the result: `body` changes the variable `name`, which begins as x's, where turns may come to it. */
function writeResult(
  { value, node, label, x, turns, dim }: Scatter,
  writer: Writer,
  body: ((position: Position, place: string, name: string) => void) | null,
): Dispatch {
  const { shape, dtype } = node;
  return writeElements(writer, value, dtype, sizeOf(shape), label, (at) => {
    const position = new Position(writer, [{ loops: [...shape.keys()], sizes: shape, flat: at }]);
    const name = writer.name("v");
    writer.line(`var ${name}: ${typeOf[dtype]} = ${x.load(writer, along(position, x.stridesIn(shape)))};`);
    if (body === null) return name;
    const place = writer.let(along(position, only(dim, shape.length)));
    const inside = shape.flatMap((size, d) =>
      d === dim || turns[d]! >= size ? [] : [`${along(position, only(d, shape.length))} < ${turns[d]!}u`],
    );
    if (inside.length > 0) writer.line(`if (${inside.join(" && ")}) {`);
    body(position, place, name);
    if (inside.length > 0) writer.line("}");
    return name;
  });
}

/** Reads what a line's turns write, at a position. */
function valuesAt(writer: Writer, { src, turns, dim }: Scatter, position: Position): (turn: string) => string {
  const strides = src.stridesIn(turns);
  const start = writer.let(along(position, strides.with(dim, 0)));
  return (turn) => src.load(writer, `${start} + ${turn} * ${strides[dim]!}u`);
}

/** There is nothing to write to: only the indices are looked at. */
function writeCheck(scatter: Scatter): Dispatch {
  const writer = new Writer();
  return writeTurns(writer, sizeOf(scatter.index.shape), scatter.label, (turn) => {
    writeIndexCheck(writer, scatter.node, scatter.node.shape, scatter.index.load(writer, turn), turn);
  });
}

/** Each element looks through the turns of its line, in order. */
function writeLooking(scatter: Scatter, hasTurns: boolean): Dispatch {
  const { node, index, turns, dim, length } = scatter;
  const writer = new Writer();
  if (!hasTurns) return writeResult(scatter, writer, null);
  return writeResult(scatter, writer, (position, place, name) => {
    const strides = index.stridesIn(turns);
    const start = writer.let(along(position, strides.with(dim, 0)));
    const values = valuesAt(writer, scatter, position);
    const turn = writer.name("k");
    writer.line(`for (var ${turn} = 0u; ${turn} < ${length}u; ${turn}++) {`);
    const at = writer.let(`${start} + ${turn} * ${strides[dim]!}u`);
    const target = writeIndexCheck(writer, node, node.shape, index.load(writer, at), at);
    writer.line(`if (${target} == ${place}) {`);
    const value = values(turn);
    const adds = node.attrs[4] === 1;
    writer.line(`${name} = ${adds ? binary(writer, "add", node.dtype, name, value) : value};`);
    writer.line("}");
    writer.line("}");
  });
}

/** Where turn `at` of an index line reads its index. */
function indexAt(writer: Writer, { index, turns, dim, lineDims }: Scatter, line: string, at: string): string {
  const strides = index.stridesIn(turns);
  const counter = { loops: [...lineDims.keys()], sizes: lineDims.map((d) => turns[d]!), flat: line };
  const start = along(
    new Position(writer, [counter]),
    lineDims.map((d) => strides[d]!),
  );
  return writer.let(`${start} + ${at} * ${strides[dim]!}u`);
}

/** Overwriting: for each place of an index line the last turn that writes there is found first. */
function writeLast(scatter: Scatter): Written {
  const { node, index, turns, size, length, lineDims, lines, label } = scatter;
  const marks = lines * size;
  const mark = (writer: Writer, line: string, place: string): string =>
    `${writer.word({ kind: "scratch" })} + ${line} * ${size}u + ${place}`;
  const zeros = new Writer();
  const clear = writeTurns(zeros, marks, `${label} (zeros)`, (turn) => {
    zeros.store(`${zeros.word({ kind: "scratch" })} + ${turn}`, "0u");
  });
  const finding = new Writer(true);
  const find = writeTurns(finding, lines * length, `${label} (last)`, (turn) => {
    const line = finding.let(`${turn} / ${length}u`);
    const number = finding.let(`${turn} % ${length}u`);
    const at = indexAt(finding, scatter, line, number);
    const place = writeIndexCheck(finding, node, node.shape, index.load(finding, at), at);
    finding.line(`if (${place} < ${size}u) { atomicMax(&m[${mark(finding, line, place)}], ${number} + 1u); }`);
  });
  const writer = new Writer();
  const write = writeResult(scatter, writer, (position, place, name) => {
    const line = writer.let(along(position, stridesOver(lineDims, turns)));
    const last = writer.let(writer.load(mark(writer, line, place)));
    const values = valuesAt(writer, scatter, position);
    writer.line(`if (${last} != 0u) {`);
    writer.line(`${name} = ${values(`(${last} - 1u)`)};`);
    writer.line("}");
  });
  return { dispatches: [clear, find, write], scratchBytes: 4 * marks };
}

/**
 * Adding: the turns of each index line are sorted by their places, and each element adds up those of its place, in order.
 * Where one place has many turns, sums of parts that all go to it are computed before, side by side.
 */
function writeSums(scatter: Scatter): Written {
  const { node, index, turns, size, length, lineDims, columnDims, lines, columns, label } = scatter;
  const { dtype } = node;
  const word = (writer: Writer, start: number, line: string, perLine: number, at: string): string =>
    `${writer.word({ kind: "scratch" })} + ${start}u + ${line} * ${perLine}u + ${at}`;
  const [order, places] = [0, lines * length];
  const starts = 2 * lines * length;
  const part = Math.min(1024, Math.max(32, 2 ** Math.ceil(Math.log2(Math.sqrt(length)))));
  const parts = length >= manyTurns ? Math.floor(length / part) : 0;
  const sums = starts + lines * (size + 1);
  const scratch = sums + lines * parts * columns;
  const sorted = writeSort({
    lines,
    length,
    count: length,
    scratch,
    key(writer, line, number) {
      const at = indexAt(writer, scatter, line, number);
      return writeIndexCheck(writer, node, node.shape, index.load(writer, at), at);
    },
    put(writer, line, rank, record) {
      writer.store(word(writer, order, line, length, rank), record.place);
      writer.store(word(writer, places, line, length, rank), record.key);
    },
    label,
  });

  // Where each place's turns begin, and after the last place, where those end that are in range.
  const starting = new Writer();
  const start = writeTurns(starting, lines * (size + 1), `${label} (starts)`, (turn) => {
    const line = starting.let(`${turn} / ${size + 1}u`);
    const place = starting.let(`${turn} % ${size + 1}u`);
    starting.line("var low = 0u;");
    starting.line(`var high = ${length}u;`);
    starting.line("while (low < high) {");
    const middle = starting.let("(low + high) / 2u");
    starting.line(
      `if (${starting.load(word(starting, places, line, length, middle))} < ${place}) { low = ${middle} + 1u; }`,
    );
    starting.line(`else { high = ${middle}; }`);
    starting.line("}");
    starting.store(word(starting, starts, line, size + 1, place), "low");
  });

  const adding = new Writer();
  const addParts = (): Dispatch =>
    writeTurns(adding, lines * parts * columns, `${label} (parts)`, (turn) => {
      const column = adding.let(`${turn} % ${columns}u`);
      const number = adding.let(`${turn} / ${columns}u % ${parts}u`);
      const line = adding.let(`${turn} / ${parts * columns}u`);
      const first = adding.let(`${number} * ${part}u`);
      const ends = ["0", String(part - 1)].map((at) =>
        adding.load(word(adding, places, line, length, `${first} + ${at}u`)),
      );
      adding.line(`if (${ends.join(" != ")}) { return; }`);
      const counters = [
        { loops: lineDims, sizes: lineDims.map((d) => turns[d]!), flat: line },
        { loops: columnDims, sizes: columnDims.map((d) => turns[d]!), flat: column },
      ];
      const values = valuesAt(adding, scatter, new Position(adding, counters));
      const read = (rank: string): string => values(adding.let(adding.load(word(adding, order, line, length, rank))));
      adding.line(`var sum: ${typeOf[dtype]} = ${read(first)};`);
      adding.line(`for (var i = 1u; i < ${part}u; i++) {`);
      adding.line(`sum = ${binary(adding, "add", dtype, "sum", read(`${first} + i`))};`);
      adding.line("}");
      adding.store(`${adding.word({ kind: "scratch" })} + ${sums}u + ${turn}`, bitsOf(adding, dtype, "sum"));
    });

  const writer = new Writer();
  const write = writeResult(scatter, writer, (position, place, name) => {
    const line = writer.let(along(position, stridesOver(lineDims, turns)));
    const column = writer.let(along(position, stridesOver(columnDims, turns)));
    const values = valuesAt(writer, scatter, position);
    const add = (value: string): void => {
      writer.line(`${name} = ${binary(writer, "add", dtype, name, value)};`);
    };
    const at = writer.let(word(writer, starts, line, size + 1, place));
    const rank = writer.name("r");
    writer.line(`var ${rank} = ${writer.load(at)};`);
    const end = writer.let(writer.load(`${at} + 1u`));
    writer.line(`while (${rank} < ${end}) {`);
    if (parts > 0) {
      writer.line(`if (${rank} % ${part}u == 0u && ${rank} + ${part}u <= ${end}) {`);
      const sum = writer.load(
        `${writer.word({ kind: "scratch" })} + ${sums}u + (${line} * ${parts}u + ${rank} / ${part}u) * ${columns}u + ${column}`,
      );
      add(writer.let(ofBits(dtype, sum)));
      writer.line(`${rank} += ${part}u;`);
      writer.line("continue;");
      writer.line("}");
    }
    add(values(writer.let(writer.load(word(writer, order, line, length, rank)))));
    writer.line(`${rank}++;`);
    writer.line("}");
  });
  const dispatches = [...sorted.dispatches, start, ...(parts > 0 ? [addParts()] : []), write];
  return { dispatches, scratchBytes: 4 * (scratch + sorted.words) };
}
