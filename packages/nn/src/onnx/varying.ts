// What is known of a number that was seen at several sizes of the dynamic axes: whether it is the same at all of them, or
// which formula of the sizes gives it.

/** `factor` · the sizes of `axes` + `offset`; if `inverse`, 1 over that. */
export interface Formula {
  readonly factor: number;
  readonly axes: readonly string[];
  readonly offset: number;
  readonly inverse: boolean;
}

/** A number that is always the same, or one that varies with the sizes of axes. */
export type Varying = number | Formula;

/** The sizes at which a model is recorded: those of the base, and for each axis two others. */
export interface Probe {
  readonly axis: string;
  readonly sizes: readonly [base: number, second: number, third: number];
}

/** A number's line through three points: [factor, offset], or null if they are on none. */
function line([x, x2, x3]: Probe["sizes"], y: number, y2: number, y3: number): [number, number] | null {
  const factor = (y2 - y) / (x2 - x);
  const offset = y - factor * x;
  const close = Math.abs(factor * x3 + offset - y3) <= 1e-9 * Math.max(1, Math.abs(y3));
  return close ? [factor, Math.abs(offset) < 1e-9 ? 0 : offset] : null;
}

function formulaOf(probes: readonly Probe[], values: readonly number[], inverse: boolean): Formula | null {
  const [base] = values as [number];
  const lines = probes.flatMap(({ axis, sizes }, k) => {
    const [second, third] = [values[1 + 2 * k]!, values[2 + 2 * k]!];
    return second === base && third === base ? [] : [{ axis, sizes, found: line(sizes, base, second, third) }];
  });
  if (lines.some(({ found }) => found === null)) return null;
  const axes = lines.map(({ axis }) => axis);
  if (lines.length === 1) {
    const [factor, offset] = lines[0]!.found!;
    return { factor, axes, offset, inverse };
  }
  if (lines.some(({ found }) => found![1] !== 0)) return null;
  return { factor: lines.reduce((rest, { sizes }) => rest / sizes[0], base), axes, offset: 0, inverse };
}

/**
 * Finds the formula of a number that was `values[0]` at the base sizes, and then at each probe's second and third one: the
 * number itself, c · size + d of one axis, c · the product of several, 1 over such; or null if it is none of these.
 */
export function varyingOf(probes: readonly Probe[], values: readonly number[]): Varying | null {
  const [base] = values as [number];
  if (values.every((value) => Object.is(value, base))) return base;
  const formula = formulaOf(probes, values, false);
  if (formula !== null) return formula;
  return formulaOf(
    probes,
    values.map((value) => 1 / value),
    true,
  );
}
