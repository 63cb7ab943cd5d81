import { Tensor } from "@downhill/core";
import { assign, checkOptions, DownhillError, flush, sameShape, show, text, transaction } from "@downhill/core/engine";

/** Parameters and buffers by dotted name: `"0.weight"`. */
export type StateDict = Record<string, Tensor>;

/** Names that the state dict lacked, and names that it had beyond the module's. */
export interface LoadReport {
  readonly missingKeys: readonly string[];
  readonly unexpectedKeys: readonly string[];
}

/** The options of `loadStateDict`. */
export interface LoadOptions {
  /** Whether missing and unexpected names are errors (the default) or only reported. */
  readonly strict?: boolean;
}

/** Copies the values of variables as they are now. One Program of its own, so that a save changes no other. */
export function saveState(variables: Iterable<readonly [string, Tensor]>): StateDict {
  const state = Object.fromEntries(Array.from(variables, ([name, variable]) => [name, variable.detach()]));
  flush(...Object.values(state));
  return state;
}

/** Writes a state dict into variables, all or nothing. */
export function loadState(
  owner: string,
  variables: ReadonlyMap<string, Tensor>,
  state: Readonly<Record<string, Tensor>>,
  options: LoadOptions,
): LoadReport {
  checkOptions("loadStateDict", options, ["strict"]);
  const given: unknown = state;
  if (given === null || typeof given !== "object" || given instanceof Tensor) {
    throw new DownhillError(
      `loadStateDict: expects an object of tensors, got ${show(given)}`,
      "pass what stateDict() returned",
    );
  }
  const missingKeys = [...variables.keys()].filter((name) => !Object.hasOwn(state, name));
  const unexpectedKeys = Object.keys(state).filter((name) => !variables.has(name));
  const problems: string[] = [];
  if (options.strict ?? true) {
    if (missingKeys.length > 0) problems.push(`missing: ${missingKeys.map(show).join(", ")}`);
    if (unexpectedKeys.length > 0) problems.push(`unexpected: ${unexpectedKeys.map(show).join(", ")}`);
  }
  const found: (readonly [variable: Tensor, value: Tensor])[] = [];
  for (const [name, variable] of variables) {
    if (!Object.hasOwn(state, name)) continue;
    const value: unknown = state[name];
    if (!(value instanceof Tensor))
      problems.push(`${show(name)}: ${show(value)} in the state dict, which is no tensor`);
    else if (!sameShape(value.shape, variable.shape)) {
      problems.push(
        `${show(name)}: shape ${text(value.shape)} in the state dict, ${text(variable.shape)} in the module`,
      );
    } else found.push([variable, value]);
  }
  if (problems.length > 0) {
    throw new DownhillError(`loadStateDict: the state dict does not fit ${owner}\n    ${problems.join("\n    ")}`);
  }
  // Read every value before the first write: the dict may hold this very module's tensors.
  const values = found.map(([variable, value]) => value.detach().to(variable.dtype).to(variable.device));
  flush(...values);
  transaction(() => {
    found.forEach(([variable], i) => assign(variable, values[i]!));
  });
  return { missingKeys, unexpectedKeys };
}
