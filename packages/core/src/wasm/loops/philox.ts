import type { Affine } from "../../kernel/affine.js";
import type { Code } from "../assembler.js";
import type { Values } from "./values.js";

// Philox4x32-10 as reference/philox.ts has it: element i of a draw is word i mod 4 of block ⌊i / 4⌋.
const multipliers = [0xd2511f53, 0xcd9e8d57] as const;
const weyl = [0x9e3779b9, 0xbb67ae85] as const;
const rounds = 10;

/** Whether vectors of four elements along one of the loops are whole blocks. */
export const drawsBlocks = ({ offset, strides, moving }: Affine, along: number): boolean =>
  strides[along] === 1 &&
  offset % 4 === 0 &&
  strides.every((stride, loop) => loop === along || stride % 4 === 0) &&
  moving.every(({ stride }) => stride % 4 === 0);

/** The words of the block whose number is in a local, in four lanes. A round multiplies both pairs of words at once. */
function drawBlock(values: Values, block: number, key: number, counter: number): number {
  const { code, lanes } = values;
  const vector = (): number => code.local("v128");
  // Lanes 0 and 1 of `odd` hold words 0 and 2, those of `even` words 1 and 3.
  const [odd, even, keys, product] = [vector(), vector(), vector(), vector()];
  const factors = lanes.hoisted("philox factors", "i32", () => code.v128("i32x4", ...multipliers, 0, 0));
  const steps = lanes.hoisted("philox steps", "i32", () => code.v128("i32x4", ...weyl, 0, 0));
  code.v128("i32x4", 0).get(block).lane("i32x4.replace_lane", 0).set(odd);
  code.v128("i32x4", 0).get(counter).lane("i32x4.replace_lane", 0).set(even);
  code.v128("i32x4", 0).get(key).lane("i32x4.replace_lane", 0).set(keys);
  const words = (...order: number[]): number[] => order.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte));
  for (let round = 0; round < rounds; round++) {
    code.get(odd).get(factors).op("i64x2.extmul_low_i32x4_u").set(product);
    // The high words, crossed over; then the low ones.
    code.get(product).get(product);
    code.shuffle(...words(3, 1, 3, 1));
    code.get(even).op("v128.xor").get(keys).op("v128.xor").set(odd);
    code.get(product).get(product);
    code.shuffle(...words(2, 0, 2, 0));
    code.set(even);
    if (round + 1 < rounds) code.get(keys).get(steps).op("i32x4.add").set(keys);
  }
  code.get(odd).get(even);
  code.shuffle(...words(0, 4, 1, 5));
  code.i32(8).op("i32x4.shr_u").op("f32x4.convert_i32x4_s");
  code.get(lanes.constant(2 ** -24)).op("f32x4.mul");
  return values.take("float32");
}

/** The numbers of the elements that lanes hold, and what names the draw: locals, but for the step from lane to lane. */
interface Draw {
  readonly first: number;
  readonly step: number;
  readonly key: number;
  readonly counter: number;
}

/** Writes the float32 lanes of a draw: whole blocks, or one element at a time. */
export function draw(values: Values, { first, step, key, counter }: Draw, inBlocks: boolean): number {
  const { code, width } = values;
  if (inBlocks && width === 4) {
    code.get(first).i32(2).op("i32.shr_u").set(first);
    return drawBlock(values, first, key, counter);
  }
  const elements = new Elements(code);
  if (width === 1) elements.draw(first, key, counter);
  else {
    code.v128("i32x4", 0);
    for (let lane = 0; lane < width; lane++) {
      if (lane > 0) code.get(first).i32(step).op("i32.add").set(first);
      elements.draw(first, key, counter);
      code.lane("f32x4.replace_lane", lane);
    }
  }
  return values.take("float32");
}

/** Draws elements one at a time. The words of the last block are kept, as the next element is often of the same one. */
class Elements {
  private readonly code: Code;
  private readonly words: readonly number[];
  /** The kept block's number, plus 1; 0 for none. */
  private readonly kept: number;

  constructor(code: Code) {
    this.code = code;
    this.words = Array.from({ length: 4 }, () => code.local("i32"));
    this.kept = code.local("i32");
  }

  /** Puts the element whose number is in a local on the stack, as f32. */
  draw(element: number, key: number, counter: number): void {
    const { code, words, kept } = this;
    const [a, b, c, d] = words as [number, number, number, number];
    const wanted = code.local("i32");
    code.get(element).i32(2).op("i32.shr_u").i32(1).op("i32.add").tee(wanted).get(kept).op("i32.ne");
    code.if(() => {
      code.get(wanted).set(kept);
      code.get(wanted).i32(1).op("i32.sub").set(a);
      code.get(counter).set(b).i32(0).set(c).i32(0).set(d);
      this.mix(key);
    });
    const [second, third] = [code.local("i32"), code.local("i32")];
    code.get(element).i32(1).op("i32.and").set(second);
    code.get(element).i32(2).op("i32.and").set(third);
    code.get(d).get(c).get(second).op("select").get(b).get(a).get(second).op("select").get(third).op("select");
    code
      .i32(8)
      .op("i32.shr_u")
      .op("f32.convert_i32_s")
      .f32(2 ** -24)
      .op("f32.mul");
  }

  private mix(key: number): void {
    const { code, words } = this;
    const [a, b, c, d] = words as [number, number, number, number];
    const [first, second, left] = [code.local("i32"), code.local("i32"), code.local("i32")];
    const products = [code.local("i64"), code.local("i64")] as const;
    code.get(key).set(first).i32(0).set(second).i32(rounds).set(left);
    code.loop((again) => {
      for (const [k, word] of [a, c].entries()) {
        code.get(word).op("i64.extend_i32_u").i32(multipliers[k]!).op("i64.extend_i32_u").op("i64.mul");
        code.set(products[k]!);
      }
      const high = (product: number): void => {
        code.get(product).i32(32).op("i64.extend_i32_u").op("i64.shr_u").op("i32.wrap_i64");
      };
      high(products[1]);
      code.get(b).op("i32.xor").get(first).op("i32.xor").set(a);
      code.get(products[1]).op("i32.wrap_i64").set(b);
      high(products[0]);
      code.get(d).op("i32.xor").get(second).op("i32.xor").set(c);
      code.get(products[0]).op("i32.wrap_i64").set(d);
      code.get(first).i32(weyl[0]).op("i32.add").set(first);
      code.get(second).i32(weyl[1]).op("i32.add").set(second);
      code.get(left).i32(-1).op("i32.add").tee(left).brIf(again);
    });
  }
}
