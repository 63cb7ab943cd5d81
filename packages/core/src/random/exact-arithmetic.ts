const f = Math.fround;

/** The upper 26 bits of x (Veltkamp), so that products of such halves are exact; x minus it has 26 bits too. Overflows beyond 2⁹⁹⁶. */
export function upperHalf(x: number): number {
  const t = x * 134217729;
  return t - (t - x);
}

/** What rounding took from a + b, given the rounded sum (Knuth's TwoSum). */
export function sumError(a: number, b: number, sum: number): number {
  const back = sum - a;
  return a - (sum - back) + (b - back);
}

/**
 * a · b + c in float32 with one rounding, for float32 arguments. The float64 sum errs only where it falls midway between
 * two float32 though the exact sum does not; then what it lost decides.
 */
export function fma32(a: number, b: number, c: number): number {
  const product = a * b; // exact
  const sum = product + c;
  const rounded = f(sum);
  const rest = sum - rounded;
  const other = rounded + 2 * rest; // the float32 on the other side, if sum is midway
  if (rest === 0 || f(other) !== other) return rounded;
  const error = sumError(product, c, sum);
  return error !== 0 && error > 0 === rest > 0 ? other : rounded;
}

/**
 * a · b + c with the errors of the product and of the sum added back: a fused multiply-add, to which PyTorch's compiler
 * contracts its float64 kernels. Arguments too large to split give the plain sum.
 */
export function fma64(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  const productError = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  const fused = sum + (sumError(product, c, sum) + productError);
  return Number.isFinite(fused) ? fused : sum;
}
