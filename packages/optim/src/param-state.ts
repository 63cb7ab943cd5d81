import type { Tensor } from "@downhill/core";
import { assign, everyRun, ownTensor, scalar, zeroState } from "@downhill/core/engine";

/** What an optimizer remembers for one tensor: variables and numbers, none before its first update. */
export type ParamState = Record<string, Tensor | number | undefined>;

/** Each name of a state, and whether it stands for a variable or a number. */
export type StateKinds<S extends ParamState> = {
  readonly [Name in keyof S as string extends Name ? never : Name]-?: S[Name] extends number | undefined
    ? "number"
    : "tensor";
};

/**
 * Finds the state variable `name` of a tensor, or makes it: zeros of the tensor's shape, dtype and device. A tensor that
 * has been converted or moved since (`model.to`) takes its state along.
 */
export function variable(state: ParamState, name: string, param: Tensor): Tensor {
  const found = state[name] as Tensor | undefined;
  if (found === undefined) return (state[name] = zeroState(param));
  if (found.dtype === param.dtype && found.device === param.device) return found;
  return (state[name] = ownTensor(found.to(param.device).to(param.dtype)));
}

/**
 * Makes a number of `param`'s update that `read` computes from settings and state. A compiled step calls it again each
 * time, so that a rate may change without another trace; see `live` of Optimizer.
 */
export function live(param: Tensor, read: () => number): Tensor {
  return scalar(read, param.dtype, param.device);
}

/** Sets a number of the state to what `next` computes, also each time that a compiled step runs. */
export function setNumber<Name extends string>(
  state: Partial<Record<Name, number>>,
  name: Name,
  next: () => number,
): void {
  const numbers: Record<string, number | undefined> = state;
  let before: number | undefined;
  everyRun(
    () => {
      before = numbers[name];
      numbers[name] = next();
    },
    () => (numbers[name] = before),
  );
}

/** Counts a step in `state.step`, also each time that a compiled step runs. */
export function countStep(state: { step?: number }): void {
  setNumber(state, "step", () => (state.step ?? 0) + 1);
}

/** Gives a state variable its next value, in place, and returns it. */
export function advance(variable: Tensor, value: Tensor): Tensor {
  assign(variable, value);
  return variable;
}
