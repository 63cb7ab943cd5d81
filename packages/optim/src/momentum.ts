import { show, ValueError } from "@downhill/core/engine";
import type { OptimizerBase } from "./optimizer-base.js";

/** A group whose optimizer has a momentum, or betas of which the first is like one. */
interface Moving {
  momentum?: number;
  betas?: readonly [number, number];
}

/** Sets a group's momentum, or the first of its betas. */
export function setMomentum(group: object, momentum: number): void {
  const moving: Moving = group;
  if (moving.betas === undefined) moving.momentum = momentum;
  else moving.betas = [momentum, moving.betas[1]];
}

/** Throws unless an optimizer has a momentum that can be cycled. */
export function checkMomentum(where: string, optimizer: OptimizerBase<{ lr: number }>): void {
  if ("momentum" in optimizer.defaults || "betas" in optimizer.defaults) return;
  throw new ValueError(
    `${where}: cycleMomentum needs an optimizer with a momentum or betas, got ${optimizer.constructor.name}`,
    "pass { cycleMomentum: false }",
  );
}

/** A setting as one number per group: a number stands for all. */
export function perGroup(
  where: string,
  name: string,
  optimizer: OptimizerBase<{ lr: number }>,
  value: number | readonly number[],
): number[] {
  const groups = optimizer.paramGroups.length;
  const list: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : new Array(groups).fill(value);
  if (list.length !== groups)
    throw new ValueError(`${where}: ${name} holds ${list.length} numbers, the optimizer ${groups} groups`);
  for (const each of list) {
    if (typeof each !== "number" || Number.isNaN(each))
      throw new ValueError(`${where}: ${name} must be a number or one per group, got ${show(value)}`);
  }
  return list.slice() as number[];
}
