import { notParameter } from "./module-errors.js";
import { Parameter } from "./parameter.js";

/** Whether a property is computed anew at each use, as one with a parametrization is. */
export const isComputed = (owner: object, name: string): boolean =>
  Object.getOwnPropertyDescriptor(owner, name)?.get !== undefined;

/** Checks that what a layer computes with is learned: a Parameter, or what a parametrization makes of one. */
export function checkParameter(owner: object, name: string, value: unknown): asserts value is Parameter {
  if (!(value instanceof Parameter) && !isComputed(owner, name)) throw notParameter(owner, name, value);
}
