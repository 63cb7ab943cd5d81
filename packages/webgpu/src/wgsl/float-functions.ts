import { type Float, floatBinary, type FloatCode, floatUnary } from "@downhill/core/compiler";
import type { BinaryName, UnaryName } from "@downhill/core/engine";
import { FloatText } from "./float-text.js";
import { nanTest } from "./rounding.js";
import type { Writer } from "./writer.js";

type OfOne = Exclude<UnaryName, "cast" | "copy" | "logicalNot">;
type OfTwo = keyof typeof floatBinary;

/** What is written in place. */
const operators: Partial<Record<BinaryName, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  eq: "==",
  lt: "<",
  le: "<=",
};

/** erf of tiny numbers is 2 x / √π: the formula would add a subnormal number, which devices may take as 0. */
function erf(code: FloatCode, x: Float): Float {
  const tiny = code.less(code.abs(x), code.constant(2 ** -100));
  return code.select(tiny, code.mul(x, code.constant(2 / Math.sqrt(Math.PI))), floatUnary.erf(code, x));
}

const unary: typeof floatUnary = { ...floatUnary, erf };

/** What a unary op makes of a float32. */
export function ofFloat(writer: Writer, name: OfOne, x: string): string {
  if (name === "neg") return `(-${x})`;
  // The sign of NaN is 0, as PyTorch has it.
  const spread = name === "sign" ? [] : ["x"];
  const f = define(writer, name, ["x"], spread, (code, [argument]) => unary[name](code, argument!));
  return `${f}(${x})`;
}

/** What a binary op makes of two; comparisons give bool. */
export function ofTwoFloats(writer: Writer, name: BinaryName, x: string, y: string): string {
  // WGSL's != is false for NaN.
  if (name === "ne") return `!(${x} == ${y})`;
  const operator = operators[name];
  if (operator !== undefined) return `(${x} ${operator} ${y})`;
  // x⁰ and 1ʸ are 1 even for NaN; the formula of pow sees to it.
  const spread = name === "pow" ? [] : ["x", "y"];
  const write = floatBinary[name as OfTwo];
  const f = define(writer, name, ["x", "y"], spread, (code, [first, second]) => write(code, first!, second!));
  return `${f}(${x}, ${y})`;
}

/**
 * Makes a function of floats known; returns its name. An argument of `spread` that is NaN is the result, whatever the device
 * does with it.
 */
function define(
  writer: Writer,
  name: string,
  parameters: readonly string[],
  spread: readonly string[],
  write: (code: FloatText, parameters: readonly Float[]) => Float,
): string {
  return writer.use(`float_${name}`, () => {
    const code = new FloatText(writer);
    const value = code.text(
      write(
        code,
        parameters.map((parameter) => code.value(parameter) as Float),
      ),
    );
    const result = spread.reduce((text, x) => `select(${text}, ${x}, ${nanTest(writer)}(${x}))`, value);
    const head = `fn float_${name}(${parameters.map((parameter) => `${parameter}: f32`).join(", ")}) -> f32 {`;
    return [head, ...code.lines.map((line) => `  ${line}`), `  return ${result};`, "}"].join("\n");
  });
}
