/** Splits x into an upper half of 26 bits and the rest (Veltkamp). Overflows beyond 2⁹⁹⁶. */
function upper(x: number): number {
  const t = x * 134217729;
  return t - (t - x);
}

/**
 * a · b + c with the error of the product and of the sum added back: a fused multiply-add, to which PyTorch's compiler
 * contracts its float64 kernels. Without fused steps, arguments too large to split give the plain sum.
 */
export function fma64(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const aHigh = upper(a);
  const bHigh = upper(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  const productError = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  const back = sum - product;
  const fused = sum + (product - (sum - back) + (c - back) + productError);
  return Number.isFinite(fused) ? fused : sum;
}
