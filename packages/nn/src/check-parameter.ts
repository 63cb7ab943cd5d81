import { notParameter } from "./module-errors.js";
import { Parameter } from "./parameter.js";

/** Checks that what a layer computes with is learned: a Parameter, or what a parametrization makes of one at each use. */
export function checkParameter(owner: object, name: string, value: unknown): asserts value is Parameter {
  if (value instanceof Parameter || Object.getOwnPropertyDescriptor(owner, name)?.get) return;
  throw notParameter(owner, name, value);
}
