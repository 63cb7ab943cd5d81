import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compare, type Manifest, type Parity } from "./compare.ts";
import { doors } from "./doors.ts";
import { otherNames } from "./other-names.ts";
import { page } from "./page.ts";
import { places } from "./places.ts";
import { reasons } from "./reasons.ts";

interface Written {
  readonly version?: string;
  readonly modules: Manifest;
}

const read = (file: string): Written => JSON.parse(readFileSync(join(import.meta.dirname, file), "utf8")) as Written;

/** Where the page is, from the repository's root. */
export const pageFile = "apps/docs/docs/guides/parity.md";

/** PyTorch's names: those of the version at hand, and those that PyTorch 2 has added. */
export function manifest(): Manifest {
  const names = new Map<string, Set<string>>();
  for (const { modules } of [read("names.json"), read("names-of-pytorch-2.json")]) {
    for (const [module, found] of Object.entries(modules)) {
      names.set(module, new Set([...(names.get(module) ?? []), ...found]));
    }
  }
  return Object.fromEntries([...names].map(([module, found]) => [module, [...found].sort()]));
}

export function parity(): Parity {
  return compare(manifest(), doors, places, otherNames, reasons);
}

export function parityPage(): string {
  return page(parity(), read("names.json").version!);
}
