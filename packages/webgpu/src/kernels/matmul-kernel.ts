import type { Affine, LoopKernel, MatmulKernel } from "@downhill/core/compiler";
import { itemSize } from "@downhill/core/engine";
import { Expressions } from "../wgsl/expressions.js";
import { Position } from "../wgsl/position.js";
import { bitsOf, load, ofBits, typeOf } from "../wgsl/values.js";
import { Writer } from "../wgsl/writer.js";
import { writeDepthLoops } from "./depth-loops.js";
import { type Dispatch, numberOfGroup, spread } from "./dispatch.js";
import { countersOf, depthLoops, productShape, type ProductShape } from "./matmul-shape.js";
import type { Tile } from "./matmul-variants.js";
import { writePlainMatmul } from "./plain-matmul.js";
import type { Surroundings } from "./surroundings.js";

/** What becomes of each element of a product. */
export interface Ending {
  /** A nest that works on the product element by element. */
  readonly tail: LoopKernel | null;
  /** Whether the product itself is read by anybody else. */
  readonly isStored: boolean;
}

const xyzw = ["x", "y", "z", "w"] as const;

/**
 * Writes a matrix product: a workgroup computes a tile, whose terms it takes through workgroup memory, and each thread a
 * part of it in registers. Operands are read wherever they lie: transposed, broadcast, or as the windows of a convolution.
 */
export function writeMatmul(
  kernel: MatmulKernel,
  around: Surroundings,
  label: string,
  ending: Ending,
): { dispatches: Dispatch[]; scratchBytes: number } {
  const shape = productShape(kernel);
  const total = shape.batch * shape.rows * shape.columns;
  if (total === 0) return { dispatches: [], scratchBytes: 0 };
  if (kernel.dtype !== "float32" && kernel.dtype !== "int32")
    return { dispatches: writePlainMatmul(kernel, around, label), scratchBytes: 0 };
  const choice = around.chooseMatmul(kernel);
  if (choice === "direct") return { dispatches: [writeDirect(kernel, around, label, ending)], scratchBytes: 0 };
  const { tile, parts } = choice;
  const tiled = new TiledProduct(kernel, around, shape, tile, parts);
  if (parts === 1) return { dispatches: [tiled.write(label, ending)], scratchBytes: 0 };
  const dispatches = [
    tiled.write(`${label} (${parts} parts)`, null),
    writeSum(kernel, around, `${label} (sum)`, parts, ending),
  ];
  return { dispatches, scratchBytes: 4 * total * parts };
}

/** Rows and columns that a thread of a direct product computes. */
const block = 4;

/** Writes a product without workgroup memory: each thread reads the terms of its 4 by 4 elements by itself. */
function writeDirect(kernel: MatmulKernel, around: Surroundings, label: string, ending: Ending): Dispatch {
  const threads = 64;
  const { batch, rows, columns } = productShape(kernel);
  const [down, across] = [Math.ceil(rows / block), Math.ceil(columns / block)];
  const writer = new Writer();
  const type = typeOf[kernel.dtype];
  const thread = writer.let(`${numberOfGroup} * ${threads}u + t`);
  writer.line(`if (${thread} >= ${batch * down * across}u) { return; }`);
  const lanes = [0, 1, 2, 3];
  const firstColumn = writer.let(`(${thread} % ${across}u) * ${block}u`);
  const firstRow = writer.let(`((${thread} / ${across}u) % ${down}u) * ${block}u`);
  const number = writer.let(`${thread} / ${down * across}u`);
  const safe = (first: string, lane: number, limit: number): string =>
    writer.let(limit % block === 0 ? `${first} + ${lane}u` : `min(${first} + ${lane}u, ${limit - 1}u)`);
  const rowAt = lanes.map((lane) => safe(firstRow, lane, rows));
  const columnAt = lanes.map((lane) => safe(firstColumn, lane, columns));
  const loops = depthLoops(kernel);
  const still = ({ at }: MatmulKernel["a"]): Affine => ({
    ...at,
    strides: at.strides.map((stride, i) => (loops.includes(i) ? 0 : stride)),
  });
  const isWhole = ({ value }: MatmulKernel["a"]): boolean => itemSize[around.dtypeOf(value)] === 4;
  const address = ({ value }: MatmulKernel["a"]): string => writer.word({ kind: "address", value });
  const start = (place: MatmulKernel["a"], row: string, column: string): string => {
    const at = `u32(${new Position(writer, countersOf(kernel, number, row, column, "0u")).at(still(place))})`;
    return writer.let(isWhole(place) ? `${address(place)} + ${at}` : at);
  };
  const a = rowAt.map((row) => start(kernel.a, row, "0u"));
  const b = columnAt.map((column) => start(kernel.b, "0u", column));
  for (const i of lanes) writer.line(`var c${i}_0 = vec4<${type}>();`);
  writeDepthLoops(writer, kernel, [kernel.a, kernel.b], ([fromA, fromB]) => {
    const read = (place: MatmulKernel["a"], starts: readonly string[], distance: string): string => {
      const dtype = around.dtypeOf(place.value);
      const values = starts.map((first) => {
        const at = `${first} + ${distance}`;
        return isWhole(place) ? ofBits(dtype, writer.load(at)) : load(writer, dtype, address(place), at);
      });
      return writer.let(`vec4<${type}>(${values.join(", ")})`);
    };
    const [x, y] = [read(kernel.a, a, fromA!), read(kernel.b, b, fromB!)];
    for (const i of lanes) writer.line(`c${i}_0 += ${x}.${xyzw[i]!} * ${y};`);
  });
  const finish = writeEnding(writer, kernel, around, ending);
  for (const i of lanes) {
    if (rows % block !== 0) writer.line(`if (${firstRow} + ${i}u < ${rows}u) {`);
    const base = writer.let(`(${number} * ${rows}u + ${rowAt[i]!}) * ${columns}u + ${firstColumn}`);
    for (const j of lanes) {
      const write = `${finish}(${base} + ${j}u, c${i}_0.${xyzw[j]!});`;
      writer.line(columns % block === 0 ? write : `if (${firstColumn} + ${j}u < ${columns}u) { ${write} }`);
    }
    if (rows % block !== 0) writer.line("}");
  }
  const groups = Math.ceil((batch * down * across) / threads);
  return { label, code: writer.text(threads), workgroups: [...spread(groups), 1], words: writer.words };
}

/** Writes a function that takes an element of the product, by its number, to where it goes. */
function writeEnding(writer: Writer, kernel: MatmulKernel, around: Surroundings, { tail, isStored }: Ending): string {
  const lines = writer.block(() => {
    if (isStored)
      writer.store(
        `${writer.word({ kind: "address", value: kernel.out })} + element`,
        bitsOf(writer, kernel.dtype, "product"),
      );
    if (tail === null) return;
    const sizes = tail.loops.map((loop) => loop.size);
    const position = new Position(writer, [{ loops: sizes.map((_, i) => i), sizes, flat: "element" }]);
    const value = { value: kernel.out, name: "product" };
    new Expressions(writer, around, position, { value }).write([...tail.body, ...tail.tail]);
  });
  const name = "finish";
  const body = lines.map((line) => `  ${line}`).join("\n");
  return writer.use(name, `fn ${name}(element: u32, product: ${typeOf[kernel.dtype]}) {\n${body}\n}`);
}

/** Adds up the sums of parts of the depth. */
function writeSum(kernel: MatmulKernel, around: Surroundings, label: string, parts: number, ending: Ending): Dispatch {
  const threads = 256;
  const { batch, rows, columns } = productShape(kernel);
  const total = batch * rows * columns;
  const writer = new Writer();
  const element = writer.let(`${numberOfGroup} * ${threads}u + t`);
  writer.line(`if (${element} >= ${total}u) { return; }`);
  const type = typeOf[kernel.dtype];
  writer.line(`var sum = ${type}();`);
  writer.line(`for (var part = 0u; part < ${parts}u; part++) {`);
  const bits = writer.load(`${writer.word({ kind: "scratch" })} + part * ${total}u + ${element}`);
  writer.line(`sum += bitcast<${type}>(${bits});`);
  writer.line("}");
  writer.line(`${writeEnding(writer, kernel, around, ending)}(${element}, sum);`);
  return {
    label,
    code: writer.text(threads),
    workgroups: [...spread(Math.ceil(total / threads)), 1],
    words: writer.words,
  };
}

/** The only operand of a tile's side: `a` gives rows, `b` columns. */
interface Side {
  readonly place: MatmulKernel["a"];
  /** Elements along the tile's side, and of the product. */
  readonly size: number;
  readonly limit: number;
  /** The name of the tile's memory, and where the tile begins in the product. */
  readonly memory: string;
  readonly start: string;
  /** Whether neighbours along the side are neighbours in memory, rather than those along the depth. */
  readonly isAlong: boolean;
  readonly kind: "row" | "column";
}

class TiledProduct {
  private readonly kernel: MatmulKernel;
  private readonly around: Surroundings;
  private readonly shape: ProductShape;
  private readonly tile: Tile;
  private readonly parts: number;
  private readonly writer = new Writer();
  private readonly threads: number;
  private readonly type: string;

  constructor(kernel: MatmulKernel, around: Surroundings, shape: ProductShape, tile: Tile, parts: number) {
    this.kernel = kernel;
    this.around = around;
    this.shape = shape;
    this.tile = tile;
    this.parts = parts;
    this.threads = (tile.rows / tile.threadRows) * (tile.columns / tile.threadColumns);
    this.type = typeOf[kernel.dtype];
  }

  /** Writes the shader; without an ending it leaves sums of parts of the depth in working memory. */
  write(label: string, ending: Ending | null): Dispatch {
    const { writer, kernel, shape, tile, parts, type } = this;
    const across = Math.ceil(shape.columns / tile.columns);
    const down = Math.ceil(shape.rows / tile.rows);
    const groups = across * down * shape.batch * parts;
    const [x, y] = spread(groups);
    const group = writer.let(numberOfGroup);
    if (x * y !== groups) writer.line(`if (${group} >= ${groups}u) { return; }`);
    const firstColumn = writer.let(`(${group} % ${across}u) * ${tile.columns}u`);
    const firstRow = writer.let(`((${group} / ${across}u) % ${down}u) * ${tile.rows}u`);
    const batch = shape.batch === 1 ? "0u" : writer.let(`(${group} / ${across * down}u) % ${shape.batch}u`);
    const part = parts === 1 ? "0u" : writer.let(`${group} / ${across * down * shape.batch}u`);
    const span = Math.ceil(shape.depth / parts / tile.depth) * tile.depth;
    const start = parts === 1 ? "0u" : writer.let(`${part} * ${span}u`);
    const end = parts === 1 ? `${shape.depth}u` : writer.let(`min(${shape.depth}u, ${start} + ${span}u)`);

    const loops = depthLoops(kernel);
    const isAlong = ({ at }: MatmulKernel["a"], side: readonly number[]): boolean => {
      const last = side.at(-1);
      return last !== undefined && at.strides[last] === 1 && at.strides[loops.at(-1)!] !== 1;
    };
    const [, rowLoops, columnLoops] = countersOf(kernel, "", "", "", "");
    const sides: Side[] = [
      {
        place: kernel.a,
        size: tile.rows,
        limit: shape.rows,
        memory: "tile_a",
        start: firstRow,
        isAlong: isAlong(kernel.a, rowLoops!.loops),
        kind: "row",
      },
      {
        place: kernel.b,
        size: tile.columns,
        limit: shape.columns,
        memory: "tile_b",
        start: firstColumn,
        isAlong: isAlong(kernel.b, columnLoops!.loops),
        kind: "column",
      },
    ];
    for (const side of sides)
      writer.declare(`var<workgroup> ${side.memory}: array<vec4<${type}>, ${tile.depth * this.pitch(side)}>;`);

    // A thread's columns are groups of four, as far apart as all threads of a row reach with one group each: neighbours then
    // read and write neighbouring groups, which lie in different banks of workgroup memory.
    const threadsAcross = tile.columns / tile.threadColumns;
    const row = writer.let(`(t / ${threadsAcross}u) * ${tile.threadRows}u`);
    const group4 = writer.let(`t % ${threadsAcross}u`);
    const columnOf = (j: number): string => `${group4} * 4u + ${(j >> 2) * threadsAcross * 4 + (j & 3)}u`;
    const quads = tile.threadColumns / 4;
    const sum = (i: number, j: number): string => `c${i}_${j}`;
    for (let i = 0; i < tile.threadRows; i++)
      for (let j = 0; j < quads; j++) writer.line(`var ${sum(i, j)} = vec4<${type}>();`);

    const fill = sides.map((side) => this.prepare(side, batch));
    writer.line(`for (var k0 = ${start}; k0 < ${end}; k0 += ${tile.depth}u) {`);
    for (const write of fill) write(end);
    writer.line("workgroupBarrier();");
    writer.line(`for (var k = 0u; k < ${tile.depth}u; k++) {`);
    const [a, b]: [string[], string[]] = [[], []];
    for (let i = 0; i < tile.threadRows / 4; i++)
      a.push(writer.let(`tile_a[k * ${this.pitch(sides[0]!)}u + ${row} / 4u + ${i}u]`));
    for (let j = 0; j < quads; j++)
      b.push(writer.let(`tile_b[k * ${this.pitch(sides[1]!)}u + ${group4} + ${j * threadsAcross}u]`));
    for (let i = 0; i < tile.threadRows; i++) {
      const factor = `vec4<${type}>(${a[i >> 2]!}.${xyzw[i & 3]!})`;
      for (let j = 0; j < quads; j++)
        writer.line(
          type === "f32"
            ? `${sum(i, j)} = fma(${factor}, ${b[j]!}, ${sum(i, j)});`
            : `${sum(i, j)} += ${factor} * ${b[j]!};`,
        );
    }
    writer.line("}");
    writer.line("workgroupBarrier();");
    writer.line("}");

    const finish = ending === null ? null : writeEnding(writer, kernel, this.around, ending);
    const total = shape.batch * shape.rows * shape.columns;
    for (let i = 0; i < tile.threadRows; i++) {
      const outRow = writer.let(`${firstRow} + ${row} + ${i}u`);
      if (shape.rows % tile.rows !== 0) writer.line(`if (${outRow} < ${shape.rows}u) {`);
      const base = writer.let(`(${batch} * ${shape.rows}u + ${outRow}) * ${shape.columns}u + ${firstColumn}`);
      for (let j = 0; j < tile.threadColumns; j++) {
        const value = `${sum(i, j >> 2)}.${xyzw[j & 3]!}`;
        const column = columnOf(j);
        const write =
          finish === null
            ? `m[${writer.word({ kind: "scratch" })} + ${part} * ${total}u + ${base} + ${column}] = bitcast<u32>(${value});`
            : `${finish}(${base} + ${column}, ${value});`;
        const isInside = shape.columns % tile.columns === 0;
        writer.line(isInside ? write : `if (${firstColumn} + ${column} < ${shape.columns}u) { ${write} }`);
      }
      if (shape.rows % tile.rows !== 0) writer.line("}");
    }
    return { label, code: writer.text(this.threads), workgroups: [x, y, 1], words: writer.words };
  }

  /**
   * Groups of four from one depth of a side to the next. Where neighbouring threads fill neighbouring depths there is one more
   * than is used, if there is room, so that they write to different banks.
   */
  private pitch({ size, isAlong }: Side): number {
    const { tile, around } = this;
    const padded = 16 * tile.depth * (tile.rows / 4 + 1 + tile.columns / 4 + 1);
    return size / 4 + (!isAlong && padded <= around.limits.maxComputeWorkgroupStorageSize ? 1 : 0);
  }

  /**
   * Prepares a side of the tile, and returns what fills its memory: each thread reads groups of four elements along the
   * side, at one depth. Threads beside each other read what lies beside each other.
   */
  private prepare(side: Side, batch: string): (end: string) => void {
    const { place, size, limit, memory, start, isAlong, kind } = side;
    const pitch = this.pitch(side);
    const { writer, kernel, tile, threads, type } = this;
    const quads = (tile.depth * size) / 4;
    const loops = depthLoops(kernel);
    const { at } = place;
    const outerAt: Affine = { ...at, strides: at.strides.map((stride, i) => (loops.includes(i) ? 0 : stride)) };
    const depthAt: Affine = {
      offset: 0,
      strides: at.strides.map((stride, i) => (loops.includes(i) ? stride : 0)),
      moving: [],
    };
    const base = writer.word({ kind: "address", value: place.value });
    const dtype = this.around.dtypeOf(place.value);
    const rounds = Math.ceil(quads / threads);
    const items = Array.from({ length: rounds }, (_, round) => {
      const item = writer.let(`t + ${round * threads}u`);
      const along = writer.let(isAlong ? `(${item} % ${size / 4}u) * 4u` : `(${item} / ${tile.depth}u) * 4u`);
      const deep = writer.let(isAlong ? `${item} / ${size / 4}u` : `${item} % ${tile.depth}u`);
      const places = [0, 1, 2, 3].map((lane) => {
        const number = writer.let(`${start} + ${along} + ${lane}u`);
        const inside = limit % size === 0 ? null : writer.let(`${number} < ${limit}u`);
        const safe = inside === null ? number : writer.let(`min(${number}, ${limit - 1}u)`);
        const [row, column] = kind === "row" ? [safe, "0u"] : ["0u", safe];
        const counters = countersOf(kernel, batch, row, column, "0u");
        return { offset: writer.let(`i32(${new Position(writer, counters).at(outerAt)})`), inside };
      });
      return { item, along, deep, places, partial: quads % threads !== 0 && round === rounds - 1 };
    });
    return (end) => {
      for (const { item, along, deep, places, partial } of items) {
        if (partial) writer.line(`if (${item} < ${quads}u) {`);
        const k = writer.let(`k0 + ${deep}`);
        const isDeep = this.shape.depth % tile.depth === 0 ? null : writer.let(`${k} < ${end}`);
        const safe = isDeep === null ? k : writer.let(`min(${k}, ${Math.max(this.shape.depth, 1) - 1}u)`);
        const depth = writer.let(
          `i32(${new Position(writer, countersOf(kernel, "0u", "0u", "0u", safe)).at(depthAt)})`,
        );
        const values = places.map(({ offset, inside }) => {
          const value = load(writer, dtype, base, `${offset} + ${depth}`);
          const condition = [isDeep, inside].filter((part) => part !== null).join(" && ");
          return condition === "" ? value : `select(${type}(), ${value}, ${condition})`;
        });
        writer.line(`${memory}[${deep} * ${pitch}u + ${along} / 4u] = vec4<${type}>(${values.join(", ")});`);
        if (partial) writer.line("}");
      }
    };
  }
}
