import { checkFlag, show, ValueError } from "@downhill/core/engine";

/** Checks an option that is a number; left out it is `implied`. */
export function checkNumber(where: string, name: string, value: unknown, implied: number): number {
  if (value === undefined) return implied;
  if (typeof value !== "number") throw new ValueError(`${where}: ${name} must be a number, got ${show(value)}`);
  return value;
}

/** Checks an option that is a number above 0; left out it is `implied`. */
export function checkPositive(where: string, name: string, value: unknown, implied: number): number {
  const number = checkNumber(where, name, value, implied);
  if (number > 0) return number;
  throw new ValueError(`${where}: ${name} must be above 0, got ${show(number)}`);
}

/** Checks an option that is a number of 0 or more; left out it is `implied`. */
export function checkNotNegative(where: string, name: string, value: unknown, implied: number): number {
  const number = checkNumber(where, name, value, implied);
  if (number >= 0) return number;
  throw new ValueError(`${where}: ${name} must be 0 or more, got ${show(number)}`);
}

/** Checks an option that is on or off; left out it is `implied`. */
export function checkSwitch(where: string, name: string, value: unknown, implied: boolean): boolean {
  checkFlag(`${where}: ${name}`, value);
  return (value as boolean | undefined) ?? implied;
}
