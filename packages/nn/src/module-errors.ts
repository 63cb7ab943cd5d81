import { DownhillError, show } from "@downhill/core/engine";

/** The error for a plain tensor, or something else, in the place of a parameter, where nothing would train it. */
export function notParameter(owner: object, name: string, value: unknown): DownhillError {
  return new DownhillError(
    `${owner.constructor.name}: cannot take ${show(value)} as parameter ${show(name)}: it must be a Parameter or null`,
    `wrap it: module.${name} = new Parameter(x), or assign null`,
  );
}

/** The error for what is no parameter, given to `registerParameter`. */
export function notRegistered(name: string, value: unknown): DownhillError {
  return new DownhillError(
    `registerParameter: ${show(name)} must be a Parameter or null, got ${show(value)}`,
    "wrap it: new Parameter(tensor)",
  );
}

/** The error for a module that is turned into JSON. */
export function noJson(owner: object): DownhillError {
  return new DownhillError(
    `${owner.constructor.name}: a module has no JSON form`,
    "take the values of model.stateDict(): await each tensor's tolist()",
  );
}

/** The error for a container that is called: it holds parts, and computes nothing itself. */
export function notCalled(where: string): DownhillError {
  return new DownhillError(
    `${where}: a container has no forward`,
    "use what it holds: for (const part of container) …",
  );
}

/** The error for a module whose `forward` belongs to it alone: a copy's would go on using this one. */
export function notCopied(owner: object): DownhillError {
  return new DownhillError(
    `${owner.constructor.name}: cannot clone: forward is a class field or was assigned, make it a method`,
  );
}
