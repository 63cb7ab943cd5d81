/**
 * erf and erfc to within 1e-15, relatively, by the rational approximations of W. J. Cody, "Rational Chebyshev
 * Approximations for the Error Function", Mathematics of Computation 23 (1969), 631-637.
 */

// Numerators and denominators, highest power first, as doubles.
// |x| ≤ 0.46875: erf(x) = x · p(x²) / q(x²)
const nearP = [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694];
const nearQ = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
// 0.46875 < x ≤ 4: erfc(x) = exp(-x²) · p(x) / q(x)
const midP = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
];
const midQ = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
// x > 4: erfc(x) = exp(-x²) / x · (1/√π - p(1/x²) / q(1/x²) / x²)
const farP = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
];
const farQ = [1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918];

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
