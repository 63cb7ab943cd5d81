import { type Tensor } from "@downhill/core";
import { assign, checkOptions, DownhillError, flush, show, text } from "@downhill/core/engine";

/** Parameters and buffers by dotted name: `"0.weight"`. */
export type StateDict = Record<string, Tensor>;

/** Names that the state dict lacked, and names that it had beyond the module's. */
export interface LoadReport {
  readonly missingKeys: readonly string[];
  readonly unexpectedKeys: readonly string[];
}

/** Writes a state dict into variables, all or nothing. */
export function loadState(
  owner: string,
  variables: ReadonlyMap<string, Tensor>,
  state: Readonly<Record<string, Tensor>>,
  options: { strict?: boolean },
): LoadReport {
  checkOptions("loadStateDict", options, ["strict"]);
  const missingKeys = [...variables.keys()].filter((name) => state[name] === undefined);
  const unexpectedKeys = Object.keys(state).filter((name) => !variables.has(name));
  const problems: string[] = [];
  if (options.strict ?? true) {
    if (missingKeys.length > 0) problems.push(`missing: ${missingKeys.map(show).join(", ")}`);
    if (unexpectedKeys.length > 0) problems.push(`unexpected: ${unexpectedKeys.map(show).join(", ")}`);
  }
  const found = [...variables].flatMap(([name, variable]) => {
    const value = state[name];
    if (value === undefined) return [];
    if (value.shape.join() !== variable.shape.join()) {
      problems.push(`${show(name)}: shape ${text(value.shape)} in the state dict, ${text(variable.shape)} in the module`);
    }
    return [{ variable, value }];
  });
  if (problems.length > 0) {
    throw new DownhillError(`loadStateDict: the state dict does not fit ${owner}\n    ${problems.join("\n    ")}`);
  }
  // Read every value before the first write: the dict may hold this very module's tensors.
  const values = found.map(({ variable, value }) => value.detach().to(variable.dtype).to(variable.device));
  flush(...values);
  found.forEach(({ variable }, i) => assign(variable, values[i]!));
  flush(...found.map(({ variable }) => variable));
  return { missingKeys, unexpectedKeys };
}
