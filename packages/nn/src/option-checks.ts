import { checkFlag, show, ValueError } from "@downhill/core/engine";

/** Checks an argument that is a number. */
export function needNumber(where: string, name: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw new ValueError(`${where}: ${name} must be a number, got ${show(value)}`);
}

/** Checks an option that is a number; left out it is `implied`. */
export const checkNumber = (where: string, name: string, value: unknown, implied: number): number =>
  value === undefined ? implied : needNumber(where, name, value);

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
