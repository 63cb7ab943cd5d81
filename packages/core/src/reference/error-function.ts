/**
 * erf and erfc to within 1e-15, relatively, by the rational approximations of W. J. Cody, "Rational Chebyshev
 * Approximations for the Error Function", Mathematics of Computation 23 (1969), 631-637.
 */

// Numerators and denominators, highest power first.
// |x| ≤ 0.46875: erf(x) = x · p(x²) / q(x²)
const nearP = [1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3];
const nearQ = [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3];
// 0.46875 < x ≤ 4: erfc(x) = exp(-x²) · p(x) / q(x)
const midP = [
  2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2, 8.8195222124176909e2,
  1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
];
const midQ = [
  1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3,
  3.43936767414372164e3, 1.23033935480374942e3,
];
// x > 4: erfc(x) = exp(-x²) / x · (1/√π - p(1/x²) / q(1/x²) / x²)
const farP = [1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4];
const farQ = [1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3];

const near = 0.46875;

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = coefficients[0]!;
  for (let k = 1; k < coefficients.length; k++) sum = sum * x + coefficients[k]!;
  return sum;
}

/** erf(x) for |x| ≤ 0.46875. */
const erfNear = (x: number): number => (x * polynomial(nearP, x * x)) / polynomial(nearQ, x * x);

/** erfc(x) for x > 0.46875. */
function erfcAbove(x: number): number {
  if (x > 28) return 0; // below the least double, 5e-324
  // x² in two parts: a rounding error in it would be multiplied by x².
  const head = Math.trunc(x * 16) / 16;
  const exp = Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
  if (x <= 4) return (exp * polynomial(midP, x)) / polynomial(midQ, x);
  const z = 1 / (x * x);
  return (exp * (1 / Math.sqrt(Math.PI) - (z * polynomial(farP, z)) / polynomial(farQ, z))) / x;
}

/** The error function 2/√π ∫₀ˣ exp(-t²) dt. */
export function erf(x: number): number {
  if (!(Math.abs(x) > near)) return x === 0 ? x : erfNear(x);
  const rest = erfcAbove(Math.abs(x));
  return x < 0 ? rest - 0.5 - 0.5 : 0.5 - rest + 0.5;
}

/** 1 - erf(x), exact also where erf(x) is near 1. */
export function erfc(x: number): number {
  if (!(Math.abs(x) > near)) return 1 - erfNear(x);
  return x > 0 ? erfcAbove(x) : 2 - erfcAbove(-x);
}
