import { isInside } from "../program/scope.js";
import { GradientError, show, ValueError } from "../errors.js";
import { defaultDevice } from "../backend/device.js";
import { seam } from "../program/flush.js";

let enabled = true;

/** Whether ops record gradients now. */
export const isGradEnabled = (): boolean => enabled;

/** Turns gradients on or off for all code from here on; `noGrad` and `enableGrad` do it for one function. */
export function setGradEnabled(value: boolean): void {
  if (typeof value !== "boolean") throw new ValueError(`setGradEnabled: takes true or false, got ${show(value)}`);
  enabled = value;
}

/** @internal Runs a synchronous function with gradients on or off, without asking what it returns. */
export function withGrad<T>(value: boolean, fn: () => T): T {
  const saved = enabled;
  enabled = value;
  try {
    return fn();
  } finally {
    enabled = saved;
  }
}

function synchronous<T>(name: string, value: boolean, fn: () => T): T {
  if (typeof fn !== "function")
    throw new GradientError(`${name}: takes a function`, `write ${name}(() => model.forward(x))`);
  const result = withGrad(value, fn);
  if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
    throw new GradientError(
      `${name}: the function returned a Promise, and what it does after its first await would run with gradients as they were`,
      `compute inside ${name} and await the result outside: const loss = ${name}(() => …); await loss.item()`,
    );
  }
  if (!isInside()) seam(defaultDevice());
  return result;
}

/**
 * Runs `fn` without recording gradients, and returns what it returns. `fn` must be synchronous. Same as torch.no_grad.
 *
 * @example
 * const accuracy = noGrad(() => model.forward(x).argmax(1).eq(labels).float().mean());
 */
export function noGrad<T>(fn: () => T): T {
  return synchronous("noGrad", false, fn);
}

/** Runs `fn` with gradients recorded, also inside `noGrad`. `fn` must be synchronous. Same as torch.enable_grad. */
export function enableGrad<T>(fn: () => T): T {
  return synchronous("enableGrad", true, fn);
}
