// V8's own setting, unknown to the language's types: how many frames a stack has.
const stacks = Error as { stackTraceLimit?: number };

/** An error with the stack of this moment, deep enough to reach the caller's code. */
export function stackNow(): Error {
  const { stackTraceLimit = 10 } = stacks;
  stacks.stackTraceLimit = 50;
  const error = new Error();
  stacks.stackTraceLimit = stackTraceLimit;
  return error;
}
