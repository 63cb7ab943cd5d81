import { type DType, isFloat } from "../../dtype.js";
import type { ProgramNode } from "../../program/program.js";
import { sizeOf } from "../../shape.js";
import type { Code } from "../assembler.js";
import { advance, countDown, upTo } from "../routines/loops.js";
import { elements } from "./elements.js";
import type { NodeWriter } from "./node-writer.js";
import { planWalk, writeWalk } from "./walk.js";

// Places are sorted by keys: unsigned numbers in the order of the elements, with NaN last, and turned round for a
// descending order. Keys have 32 bits, those of float64 two words of 32.

/** Lines of at most so many elements, and searches for so few, insert each element among the best so far. */
const shortLine = 64;
const fewPlaces = 16;
/** Others are sorted digit by digit, from the lowest byte on (a radix sort), which keeps equal elements in order. */
const digits = 256;

const inserts = (length: number, count: number): boolean => length <= shortLine || count <= fewPlaces;
const bytesOf = (dtype: DType): number => (dtype === "uint8" || dtype === "bool" ? 1 : 4);

/** Bytes that sorting takes beside its result. */
export function argsortScratch({ shape, attrs }: ProgramNode, x: ProgramNode): number {
  const [length, count] = [x.shape[attrs[0]!]!, shape[attrs[0]!]!];
  return inserts(length, count) ? count * 8 : length * 16 + bytesOf(x.dtype) * digits * 4;
}

/** attrs [dim, descending]: the places of the first elements in order, equal ones in their old order, NaN the largest. */
export const writeArgsort: NodeWriter = (code, { shape, attrs }, [x], { out, sources, scratch }) => {
  if (sizeOf(shape) === 0) return;
  const [dim, descending] = attrs as [number, number];
  const [length, count] = [x!.shape[dim]!, shape[dim]!];
  const inner = sizeOf(shape.slice(dim + 1));
  const { size } = elements[x!.dtype];
  const lines = planWalk(
    [sizeOf(shape.slice(0, dim)), inner],
    [
      [count * inner * 4, 4],
      [length * inner * size, size],
    ],
  );
  const from = sources[0]!.local;
  const line: Line = {
    dtype: x!.dtype,
    descending: descending === 1,
    length,
    count,
    from,
    step: inner * size,
    out,
    outStep: inner * 4,
    scratch: code.local("i32"),
  };
  scratch(code);
  code.set(line.scratch);
  writeWalk(code, lines, [out, from], () => {
    if (inserts(length, count)) insert(code, line);
    else radixSort(code, line);
  });
};

/** One line of elements, `step` bytes apart, and where its places go; `from`, `out` and `scratch` are locals. */
interface Line {
  readonly dtype: DType;
  readonly descending: boolean;
  readonly length: number;
  readonly count: number;
  readonly from: number;
  readonly step: number;
  readonly out: number;
  readonly outStep: number;
  readonly scratch: number;
}

/** Takes an element from the stack and leaves its key: an i64 for float64, else an i32. */
function key(code: Code, { dtype, descending }: Line): void {
  const wide = dtype === "float64";
  const bits = wide ? "i64" : "i32";
  const constant = (value: number): void => {
    code.i32(value);
    if (wide) code.op("i64.extend_i32_s");
  };
  if (isFloat(dtype)) {
    const float = wide ? "f64" : "f32";
    const value = code.local(float);
    // x + 0 makes 0 of -0.
    (wide ? code.f64(0) : code.f32(0)).op(`${float}.add`).set(value);
    const whole = code.local(bits);
    code
      .get(value)
      .op(wide ? "i64.reinterpret_f64" : "i32.reinterpret_f32")
      .set(whole);
    // The sign bit turned; of negative numbers, all bits.
    code.get(whole).get(whole);
    constant(wide ? 63 : 31);
    code.op(`${bits}.shr_s`);
    constant(1);
    constant(wide ? 63 : 31);
    code.op(`${bits}.shl`).op(`${bits}.or`).op(`${bits}.xor`);
    constant(-1);
    code.get(value).get(value).op(`${float}.eq`).op("select");
  } else if (dtype === "int32") code.i32(-0x80000000).op("i32.xor");
  if (descending) {
    // A byte's key has no other digits.
    constant(bytesOf(dtype) === 1 ? 255 : -1);
    code.op(`${bits}.xor`);
  }
}

/** Keeps the keys of the best places so far in order, the places in the result, and inserts each element in turn. */
function insert(code: Code, line: Line): void {
  const { dtype, length, count, out, outStep, scratch } = line;
  const [i, source, found] = [code.local("i32"), code.local("i32"), code.local("i32")];
  const [at, to] = [code.local("i32"), code.local("i32")];
  const [mine, other] = [code.local("i64"), code.local("i64")];
  code.i32(0).set(i).i32(0).set(found).get(line.from).set(source);
  code.loop((again) => {
    code.block((next) => {
      code.get(source).memory(elements[dtype].load);
      key(code, line);
      if (dtype !== "float64") code.op("i64.extend_i32_u");
      code.set(mine);
      // `at` and `to` are where the last key and place stand, if there is no room for more.
      const room = count < length;
      if (room) {
        code.get(found).i32(count).op("i32.eq");
        code.if(() => {
          code
            .get(mine)
            .get(scratch)
            .memory("i64.load", (count - 1) * 8)
            .op("i64.ge_u")
            .brIf(next);
          code.i32(count - 1).set(found);
        });
      }
      code.get(scratch).get(found).i32(3).op("i32.shl").op("i32.add").set(at);
      code.get(out).get(found).i32(outStep).op("i32.mul").op("i32.add").set(to);
      code.block((placed) => {
        code.loop((shift) => {
          code.get(at).get(scratch).op("i32.eq").brIf(placed);
          code.get(at).i32(-8).op("i32.add").memory("i64.load").tee(other).get(mine).op("i64.le_u").brIf(placed);
          code.get(at).get(other).memory("i64.store");
          code.get(to).get(to).i32(-outStep).op("i32.add").memory("i32.load").memory("i32.store");
          advance(code, at, -8);
          advance(code, to, -outStep);
          code.br(shift);
        });
      });
      code.get(at).get(mine).memory("i64.store");
      code.get(to).get(i).memory("i32.store");
      advance(code, found, 1);
    });
    advance(code, source, line.step);
    code.get(i).i32(1).op("i32.add").tee(i).i32(length).op("i32.lt_s").brIf(again);
  });
}

/**
 * Sorts records of a key's word (high) and a place (low), a pass for each byte that is not the same in all; of float64,
 * by the low words first. Records stand in the first half of the working memory and move between it and the second.
 */
function radixSort(code: Code, line: Line): void {
  const { dtype, length, count, out, outStep, scratch } = line;
  const bytes = bytesOf(dtype);
  const counts = 2 * 8 * length;
  const [here, there] = [code.local("i32"), code.local("i32")];
  const [at, end, to] = [code.local("i32"), code.local("i32"), code.local("i32")];
  code.get(scratch).set(here);
  code
    .get(scratch)
    .i32(8 * length)
    .op("i32.add")
    .set(there);
  const each = (start: number, body: () => void): void => {
    code
      .get(start)
      .tee(at)
      .i32(8 * length)
      .op("i32.add")
      .set(end);
    upTo(code, at, end, 8, body);
  };
  /** Pushes the address of the count of the record's digit. */
  const counted = (digit: number): void => {
    code
      .get(at)
      .memory("i32.load8_u", 4 + digit)
      .i32(2)
      .op("i32.shl")
      .get(scratch)
      .op("i32.add");
  };
  const words = dtype === "float64" ? [0, 32] : [0];
  for (const low of words) {
    code
      .get(scratch)
      .i32(counts)
      .op("i32.add")
      .i32(0)
      .i32(bytes * digits * 4)
      .fill();
    const [place, source] = [code.local("i32"), code.local("i32")];
    code.i32(0).set(place).get(line.from).set(source);
    each(here, () => {
      if (low > 0) {
        code.get(at).memory("i32.load").set(place);
        code.get(line.from).get(place).i32(line.step).op("i32.mul").op("i32.add").set(source);
      }
      code.get(at).get(place).memory("i32.store");
      code.get(at).get(source).memory(elements[dtype].load);
      key(code, line);
      if (dtype === "float64") {
        if (low > 0) code.i32(low).op("i64.extend_i32_s").op("i64.shr_u");
        code.op("i32.wrap_i64");
      }
      code.memory("i32.store", 4);
      for (let digit = 0; digit < bytes; digit++) {
        counted(digit);
        code
          .tee(to)
          .get(to)
          .memory("i32.load", counts + digit * digits * 4);
        code
          .i32(1)
          .op("i32.add")
          .memory("i32.store", counts + digit * digits * 4);
      }
      if (low === 0) {
        advance(code, place, 1);
        advance(code, source, line.step);
      }
    });
    for (let digit = 0; digit < bytes; digit++) {
      const table = counts + digit * digits * 4;
      code.get(here).set(at);
      counted(digit);
      code.memory("i32.load", table).i32(length).op("i32.ne");
      code.if(() => {
        // From how often a digit occurs to where the first record with it goes.
        const [entry, left, number] = [code.local("i32"), code.local("i32"), code.local("i32")];
        code.get(scratch).set(entry).get(there).set(to).i32(digits).set(left);
        countDown(code, left, () => {
          code.get(entry).memory("i32.load", table).set(number);
          code.get(entry).get(to).memory("i32.store", table);
          code.get(number).i32(3).op("i32.shl").get(to).op("i32.add").set(to);
          advance(code, entry, 4);
        });
        each(here, () => {
          counted(digit);
          code.tee(entry).memory("i32.load", table).tee(to).get(at).memory("i64.load").memory("i64.store");
          code.get(entry).get(to).i32(8).op("i32.add").memory("i32.store", table);
        });
        code.get(here).get(there).set(here).set(there);
      });
    }
  }
  const target = code.local("i32");
  code.get(out).set(target);
  code
    .get(here)
    .tee(at)
    .i32(8 * count)
    .op("i32.add")
    .set(end);
  upTo(code, at, end, 8, () => {
    code.get(target).get(at).memory("i32.load").memory("i32.store");
    advance(code, target, outStep);
  });
}
