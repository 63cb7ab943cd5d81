import { camelCase } from "./camel-case.ts";
import type { Doors } from "./doors.ts";

/** PyTorch's public names by module. */
export type Manifest = Readonly<Record<string, readonly string[]>>;

/** Why names are not here. A name is `module` and `name`; a pattern speaks of what is missing in that module. */
export interface Reason {
  readonly why: string;
  readonly names: Readonly<Record<string, readonly string[] | RegExp>>;
}

/** A name that is written otherwise here: what to write. */
export type OtherNames = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What became of the names of one module. */
export interface ModuleParity {
  readonly module: string;
  /** PyTorch's name, and how it is written here. */
  readonly here: readonly (readonly [name: string, ours: string])[];
  readonly otherwise: readonly (readonly [name: string, ours: string])[];
  readonly missing: readonly (readonly [why: string, names: readonly string[]])[];
  /** Neither here nor explained. */
  readonly unexplained: readonly string[];
}

export interface Parity {
  readonly modules: readonly ModuleParity[];
  /** Explanations of what is here after all, or of no name at all, as `module name`. */
  readonly stale: readonly string[];
}

/** Holds PyTorch's names against ours. */
export function compare(
  manifest: Manifest,
  doors: Doors,
  places: Readonly<Record<string, readonly string[]>>,
  otherNames: OtherNames,
  reasons: readonly Reason[],
): Parity {
  const stale: string[] = [];
  const used = new Set<Reason>();
  const modules = Object.entries(manifest).map(([module, names]): ModuleParity => {
    const here: [string, string][] = [];
    const otherwise: [string, string][] = [];
    const missing = new Map<string, string[]>();
    const unexplained: string[] = [];
    for (const name of names) {
      const ours = find(name, places[module] ?? [], doors);
      const other = otherNames[module]?.[name];
      const explained = reasons.filter(({ names: { [module]: these } }) => these !== undefined && matches(these, name));
      if (ours !== undefined) {
        here.push([name, ours]);
        if (other !== undefined || explained.some((reason) => listed(reason, module, name)))
          stale.push(`${module} ${name}`);
      } else if (other !== undefined) otherwise.push([name, other]);
      else {
        // A list speaks of its names, before what a pattern says of many.
        const reason = explained.find((one) => listed(one, module, name)) ?? explained[0];
        if (reason === undefined) unexplained.push(name);
        else {
          used.add(reason);
          missing.set(reason.why, [...(missing.get(reason.why) ?? []), name]);
        }
      }
    }
    return { module, here, otherwise, missing: [...missing], unexplained };
  });
  for (const [module, names] of Object.entries(otherNames))
    stale.push(...unknown(module, Object.keys(names), manifest));
  for (const reason of reasons) {
    for (const [module, names] of Object.entries(reason.names)) {
      if (!(names instanceof RegExp)) stale.push(...unknown(module, names, manifest));
    }
    if (!used.has(reason)) stale.push(reason.why);
  }
  return { modules, stale };
}

/** How the name is written here, if it stands behind one of the doors. */
function find(name: string, places: readonly string[], doors: Doors): string | undefined {
  const ours = camelCase(name);
  const door = places.find((place) => doors[place]?.names.has(ours));
  return door === undefined ? undefined : `${doors[door]!.prefix}${ours}`;
}

function matches(names: readonly string[] | RegExp, name: string): boolean {
  return names instanceof RegExp ? names.test(name) : names.includes(name);
}

function listed({ names }: Reason, module: string, name: string): boolean {
  const these = names[module];
  return these !== undefined && !(these instanceof RegExp) && these.includes(name);
}

function unknown(module: string, names: readonly string[], manifest: Manifest): string[] {
  const known = new Set(manifest[module]);
  return names.filter((name) => !known.has(name)).map((name) => `${module} ${name}`);
}
