import { dtypes } from "../../dtype.js";
import * as trigonometry from "../../ops/trigonometry.js";
import type { OpCase, OpCases } from "../op-case.js";

const on = (run: OpCase["run"], low: number, high: number): OpCase => ({
  run,
  shapes: [[2, 3]],
  range: [low, high],
  dtypes,
});
/** Where integers have few places inside the domain. */
const within = (run: OpCase["run"], low: number, high: number): OpCase => ({
  run,
  shapes: [[2, 3]],
  range: [low, high],
});

export const trigonometryCases: OpCases<typeof trigonometry> = {
  sin: on(trigonometry.sin, -7, 7),
  cos: on(trigonometry.cos, -7, 7),
  tan: on(trigonometry.tan, -1.2, 1.2),
  asin: within(trigonometry.asin, -0.9, 0.9),
  acos: within(trigonometry.acos, -0.9, 0.9),
  atan: on(trigonometry.atan, -5, 5),
  atan2: { run: trigonometry.atan2, shapes: [[2, 3], [3]], range: [-3, 3], dtypes },
  sinh: on(trigonometry.sinh, -3, 3),
  cosh: on(trigonometry.cosh, -3, 3),
  tanh: on(trigonometry.tanh, -4, 4),
  asinh: on(trigonometry.asinh, -5, 5),
  acosh: within(trigonometry.acosh, 1.2, 6),
  atanh: within(trigonometry.atanh, -0.9, 0.9),
  deg2rad: on(trigonometry.deg2rad, -360, 360),
  rad2deg: on(trigonometry.rad2deg, -7, 7),
};
