/** What `autocast` makes of an op's arguments. */
export type Casting = (op: string, args: readonly unknown[]) => unknown[];

let casting: Casting | null = null;
/** How many ops made of others are running, one in another. */
let depth = 0;

export function setCasting(next: Casting | null): Casting | null {
  const before = casting;
  casting = next;
  return before;
}

/** Counts an op made of others in, or (-1) out again. */
export function count(by: 1 | -1): void {
  depth += by;
}

/** Whether an `autocast` wants to see an op's arguments. What an op is made of it does not look into. */
export const isCasting = (): boolean => casting !== null && depth === 0;

/** An op's arguments as the `autocast` around it wants them. */
export function precise<A extends readonly unknown[]>(op: string, args: A): A {
  return casting === null ? args : (casting(op, args) as unknown as A);
}
