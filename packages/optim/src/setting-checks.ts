import { show, ValueError } from "@downhill/core/engine";

// `owner` is the optimizer or scheduler whose setting it is; its class gives the error its name.

/** Throws for a setting that makes no sense. */
export function refuse(owner: object, name: string, value: unknown, rule: string): never {
  throw new ValueError(`${owner.constructor.name}: ${name} must be ${rule}, got ${show(value)}`);
}

/** Throws unless a setting is a number, and not NaN. */
export function checkNumber(owner: object, name: string, value: unknown): void {
  if (typeof value !== "number" || Number.isNaN(value)) refuse(owner, name, value, "a number");
}

/** Throws unless a setting is a number of 0 or more: a rate, a weight, a term under a fraction. */
export function checkNonNegative(owner: object, name: string, value: unknown): void {
  if (typeof value !== "number" || !(value >= 0)) refuse(owner, name, value, "a number of 0 or more");
}

/** Throws unless a setting is a number in [0, 1): how much of a running average stays. */
export function checkDecay(owner: object, name: string, value: unknown): void {
  if (typeof value !== "number" || !(value >= 0 && value < 1)) refuse(owner, name, value, "in [0, 1)");
}

/** Throws unless a setting is a pair of numbers in [0, 1). */
export function checkBetas(owner: object, name: string, value: unknown): void {
  checkPair(owner, name, value);
  (value as unknown[]).forEach((beta, i) => {
    checkDecay(owner, `${name}[${i}]`, beta);
  });
}

/** Throws unless a setting is an integer of 1 or more. */
export function checkPositiveCount(owner: object, name: string, value: unknown): void {
  if (!Number.isInteger(value) || !((value as number) >= 1)) refuse(owner, name, value, "an integer of 1 or more");
}

/** Throws unless a setting is one of these texts. */
export function checkChoice(owner: object, name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value)) refuse(owner, name, value, `one of ${choices.map(show).join(", ")}`);
}

/** Throws unless a setting lies in [least, greatest]. */
export function checkBetween(owner: object, name: string, value: unknown, least: number, greatest: number): void {
  if (typeof value !== "number" || !(value >= least && value <= greatest))
    refuse(owner, name, value, `in [${least}, ${greatest}]`);
}

/** Checks settings of these names, one after the other. */
export function checkEach<G extends object>(
  owner: object,
  settings: Readonly<G>,
  check: (owner: object, name: string, value: unknown) => void,
  ...names: readonly (keyof G & string)[]
): void {
  for (const name of names) check(owner, name, settings[name]);
}

/** Throws unless a setting is true or false. */
export function checkFlag(owner: object, name: string, value: unknown): void {
  if (typeof value !== "boolean") refuse(owner, name, value, "true or false");
}

/** Throws unless a setting is an array of two. */
export function checkPair(owner: object, name: string, value: unknown): void {
  if (!Array.isArray(value) || value.length !== 2) refuse(owner, name, value, "two numbers");
}

/** Throws unless a setting is a finite number above 0. */
export function checkPositive(where: string, name: string, value: unknown): void {
  if (!Number.isFinite(value) || !((value as number) > 0))
    throw new ValueError(`${where}: ${name} must be a finite number above 0, got ${show(value)}`);
}
