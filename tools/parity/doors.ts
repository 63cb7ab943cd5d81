/** What the packages export, by the door through which one gets it. */
import * as core from "@downhill/core";
import * as files from "@downhill/core/files";
import * as testing from "@downhill/core/testing";
import * as data from "@downhill/data";
import * as nn from "@downhill/nn";
import * as optim from "@downhill/optim";

/** A place where a name can stand: what is written before it, and the names. */
export interface Door {
  readonly prefix: string;
  readonly names: ReadonlySet<string>;
}

/** The doors in the order in which a name is looked for. */
export type Doors = Readonly<Record<string, Door>>;

export const doors: Doors = {
  core: { prefix: "", names: valuesOf(core) },
  Tensor: { prefix: "x.", names: membersOf(core.Tensor.prototype) },
  files: { prefix: "files: ", names: valuesOf(files) },
  testing: { prefix: "testing: ", names: valuesOf(testing) },
  nn: { prefix: "", names: valuesOf(nn) },
  Module: { prefix: "module.", names: membersOf(nn.Module.prototype) },
  optim: { prefix: "", names: valuesOf(optim) },
  data: { prefix: "", names: valuesOf(data) },
  ...namespaces({ ...core }, ""),
  ...namespaces({ ...nn }, ""),
};

function valuesOf(module: object): Set<string> {
  return new Set(Object.keys(module));
}

function membersOf(prototype: object): Set<string> {
  return new Set(Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor"));
}

/** `functional`, `init`, `linalg`: what a package exports as a namespace is a door of its own, and so are those within. */
function namespaces(module: object, prefix: string): Record<string, Door> {
  const found: Record<string, Door> = {};
  for (const [name, value] of Object.entries(module) as [string, unknown][]) {
    if (typeof value !== "object" || value === null || Object.prototype.toString.call(value) !== "[object Module]")
      continue;
    found[name] = { prefix: `${prefix}${name}.`, names: valuesOf(value) };
    Object.assign(found, namespaces(value, `${prefix}${name}.`));
  }
  return found;
}
