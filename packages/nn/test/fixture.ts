import { readFileSync } from "node:fs";
import { type DType, type Nested, tensor, type Tensor, zeros } from "@downhill/core";

/** A number of a fixture; JSON has no non-finite ones. */
export type Value = number | "NaN" | "Infinity" | "-Infinity";

/** A tensor's shape, dtype and elements; tools/reference/nn.py writes them. */
export interface Values {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly Value[];
  readonly requiresGrad?: boolean;
}

export function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
}

function nested(data: readonly Value[], shape: readonly number[]): Nested {
  const [size, ...rest] = shape;
  if (size === undefined) return Number(data[0]);
  const stride = rest.reduce((product, n) => product * n, 1);
  return Array.from({ length: size }, (_, i) => nested(data.slice(i * stride, (i + 1) * stride), rest));
}

export function toTensor({ shape, dtype, data, requiresGrad = false }: Values): Tensor {
  if (shape.includes(0)) return zeros(shape, { dtype, requiresGrad });
  return tensor(nested(data, shape), { dtype, requiresGrad });
}

const allowed: Record<DType, readonly [rtol: number, atol: number]> = {
  float16: [1e-3, 1e-4],
  float32: [1e-6, 1e-7],
  float64: [1e-12, 1e-14],
  int32: [0, 0],
  uint8: [0, 0],
  bool: [0, 0],
};

/**
 * Tells where a tensor leaves the values that PyTorch gives, or "" where it does not. NaN equals NaN, and 0 equals -0.
 * `lost` is what PyTorch's own formula loses.
 */
export async function difference(
  actual: Tensor | null | undefined,
  expected: Values | null,
  lost = 0,
): Promise<string> {
  if (actual === null || actual === undefined || expected === null) {
    return (actual ?? null) === expected ? "" : `${String(actual)} instead of ${JSON.stringify(expected)}`;
  }
  if (actual.dtype !== expected.dtype || actual.shape.join() !== expected.shape.join()) {
    return `${actual.dtype} [${actual.shape.join()}] instead of ${expected.dtype} [${expected.shape.join()}]`;
  }
  const data = await actual.data();
  const [rtol, own] = allowed[actual.dtype];
  const atol = Math.max(own, lost);
  const places = expected.data.flatMap((value, i) => {
    const [a, e] = [Number(data[i]), Number(value)];
    if (Object.is(a, e) || a === e || (Number.isFinite(e) && Math.abs(a - e) <= atol + rtol * Math.abs(e))) return [];
    return [`${String(a)} instead of ${String(e)} at ${String(i)}`];
  });
  return places.join(", ");
}
