import { DownhillError, show } from "@downhill/core/engine";

/** Puts a part's name behind the path of what it is part of: "layers", "0" gives "layers.0". */
export const joinName = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

/** Checks the name of a part of a module, which becomes a part of dotted names. */
export function checkPartName(where: string, name: unknown): void {
  if (typeof name === "string" && name !== "" && !name.includes(".")) return;
  throw new DownhillError(
    `${where}: a name must be a string of at least one character, without ".", got ${show(name)}`,
  );
}

/** What was looked for under a dotted name, and where it was not. */
interface Missing {
  readonly target: string;
  readonly owner: string;
  readonly path: string;
  readonly kind: "module" | "parameter" | "buffer";
  readonly part: string;
  readonly known: readonly string[];
}

export function missingPart(where: string, { target, owner, path, kind, part, known }: Missing): DownhillError {
  const at = path === "" ? "" : ` at ${show(path)}`;
  return new DownhillError(
    `${where}: ${show(target)}: ${owner}${at} has no ${kind} ${show(part)}`,
    known.length === 0 ? `it has no ${kind}s` : `it has ${known.map(show).join(", ")}`,
  );
}
