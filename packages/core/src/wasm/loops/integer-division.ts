import type { Int, Lanes } from "../maths/arithmetic.js";

export type Division = "floorDivide" | "remainder" | "fmod";

/**
 * Divides int32 lanes, rounding down, or towards zero for fmod. A float64 quotient is a whole number only where the exact
 * one is: the nearest other is at least 1 / |y| away, and the error below 2^-21 / |y|. Where a divisor is 0, `refuse`, the
 * host's function of both numbers, throws.
 */
export function divideInts(lanes: Lanes, name: Division, x: Int, y: Int, refuse: number): Int {
  const { code } = lanes;
  lanes.ifAny(lanes.intEqual(y, lanes.integer(0)), () => {
    refuseZeros(lanes, x, y, refuse);
  });
  const doubles = lanes.doubles;
  const exact = doubles.div(doubles.fromInt(x), doubles.fromInt(y));
  // Modulo 2^32: -2^31 / -1 wraps.
  const quotient = doubles.toInt(name === "fmod" ? doubles.trunc(exact) : doubles.floor(exact));
  if (name === "floorDivide") return quotient;
  code
    .get(quotient)
    .get(y)
    .op(lanes.vector ? "i32x4.mul" : "i32.mul");
  return lanes.intSub(x, lanes.int());
}

function refuseZeros({ code, vector, width }: Lanes, x: Int, y: Int, refuse: number): void {
  for (let lane = 0; lane < width; lane++) {
    const push = (of: Int): void => {
      code.get(of);
      if (vector) code.lane("i32x4.extract_lane", lane);
    };
    push(y);
    code.op("i32.eqz");
    code.if(() => {
      for (const operand of [x, y]) {
        push(operand);
        code.op("f64.convert_i32_s");
      }
      code.call(refuse).op("drop");
    });
  }
}
