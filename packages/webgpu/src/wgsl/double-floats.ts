import type { Double, DoubleCode, Float, Int } from "@downhill/core/compiler";
import type { FloatText } from "./float-text.js";
import { keeping, productExcess } from "./rounding.js";
import type { Writer } from "./writer.js";

// Dekker, "A Floating-Point Technique for Extending the Available Precision", Numerische Mathematik 18, 1971: a sum and its
// rounding error, for |x| ≥ |y|. Infinities and NaN have none.
const sum = `fn ordered_sum(x: f32, y: f32) -> vec2<f32> {
  let sum = keep(x + y);
  let lost = y - keep(sum - x);
  return vec2(sum, select(lost, 0.0, (bitcast<u32>(sum) & 0x7f800000u) == 0x7f800000u));
}`;

/** The function that gives x + y as two floats, where x is the larger. */
export function orderedSum(writer: Writer): string {
  keeping(writer);
  return writer.use("ordered_sum", sum);
}

const texts = {
  add: `fn double_add(x: vec2<f32>, y: vec2<f32>) -> vec2<f32> {
  let swapped = abs(x.x) < abs(y.x);
  let sum = ordered_sum(select(x.x, y.x, swapped), select(y.x, x.x, swapped));
  return ordered_sum(sum.x, sum.y + (x.y + y.y));
}`,
  mul: `fn double_mul(x: vec2<f32>, y: vec2<f32>) -> vec2<f32> {
  let product = keep(x.x * y.x);
  let rest = excess(x.x, y.x, product) + (x.x * y.y + x.y * y.x);
  return ordered_sum(product, select(0.0, rest, is_normal(exponent_of(product))));
}`,
  fma: `fn double_fma(x: vec2<f32>, y: vec2<f32>, z: vec2<f32>) -> vec2<f32> {
  let product = keep(x.x * y.x);
  let rest = excess(x.x, y.x, product) + (x.x * y.y + x.y * y.x);
  let swapped = abs(product) < abs(z.x);
  let sum = ordered_sum(select(product, z.x, swapped), select(z.x, product, swapped));
  return ordered_sum(sum.x, sum.y + select(z.y, rest + z.y, is_normal(exponent_of(product))));
}`,
  div: `fn double_div(x: vec2<f32>, y: vec2<f32>) -> vec2<f32> {
  let quotient = keep(x.x / y.x);
  let rest = x.y - excess(quotient, y.x, x.x) - quotient * y.y;
  return ordered_sum(quotient, rest / y.x);
}`,
  clamp: `fn double_clamp(x: vec2<f32>, low: f32, high: f32) -> vec2<f32> {
  return select(select(x, vec2(low, 0.0), x.x < low), vec2(high, 0.0), x.x > high);
}`,
};

/** Twice float32's digits: a `vec2<f32>` whose second part is the rounding error of the first. */
export class DoubleFloats implements DoubleCode {
  private readonly code: FloatText;

  constructor(code: FloatText) {
    this.code = code;
  }

  private call(name: keyof typeof texts, ...operands: readonly string[]): Double {
    const { writer } = this.code;
    orderedSum(writer);
    productExcess(writer);
    writer.use(`double_${name}`, texts[name]);
    return [this.code.let(`double_${name}(${operands.join(", ")})`)];
  }

  private text(x: Double): string {
    return this.code.text(x[0]!);
  }

  private pair(head: string, tail: string): Double {
    return [this.code.value(`vec2<f32>(${head}, ${tail})`)];
  }

  constant(value: number): Double {
    const { writer } = this.code;
    const head = Math.fround(value);
    return this.pair(writer.number(head, "float32"), writer.number(value - head, "float32"));
  }

  from(x: Float): Double {
    return this.pair(this.code.text(x), "0.0");
  }

  toFloat(x: Double): Float {
    return this.code.let(`${this.text(x)}.x`) as Float;
  }

  add(x: Double, y: Double): Double {
    return this.call("add", this.text(x), this.text(y));
  }

  sub(x: Double, y: Double): Double {
    return this.call("add", this.text(x), `-(${this.text(y)})`);
  }

  mul(x: Double, y: Double): Double {
    return this.call("mul", this.text(x), this.text(y));
  }

  div(x: Double, y: Double): Double {
    return this.call("div", this.text(x), this.text(y));
  }

  fma(x: Double, y: Double, z: Double): Double {
    return this.call("fma", this.text(x), this.text(y), this.text(z));
  }

  /** The terms but for the last two need no more than float32's digits, where x is below 1. */
  polynomial(coefficients: readonly number[], x: Double): Double {
    const first = this.code.polynomial(coefficients.slice(0, -2), this.toFloat(x));
    return coefficients.slice(-2).reduce((sum, c) => this.fma(sum, x, this.constant(c)), this.from(first));
  }

  clamp(x: Double, low: number, high: number): Double {
    const { writer } = this.code;
    return this.call("clamp", this.text(x), writer.number(low, "float32"), writer.number(high, "float32"));
  }

  round(x: Double, bias: number): { n: Double; bits: Int } {
    const n = this.code.nearest(this.toFloat(x));
    return { n: this.from(n), bits: this.code.let(`i32(${this.code.text(n)}) + ${bias}`) as Int };
  }
}
