import { type DeclarationReflection, ReflectionKind } from "typedoc";
import type { Door } from "./read-packages.mts";

/** One page of the reference: a class, or what a source file exports beside classes. */
export interface Page {
  readonly door: string;
  /** Below /api/, without slashes at its ends. */
  readonly path: string;
  readonly title: string;
  readonly entries: readonly DeclarationReflection[];
}

/** Lays a door's exports out in pages. A class has one of its own; functions and types are together as in the sources. */
export function pagesOf(door: Door): Page[] {
  const folder = door.name.replace("@downhill/", "");
  const pages = new Map<string, DeclarationReflection[]>();
  const put = (title: string, entry: DeclarationReflection): void => {
    const same = [...pages.keys()].find((other) => slug(other) === slug(title)) ?? title;
    pages.set(same, [...(pages.get(same) ?? []), entry]);
  };
  const visit = (entries: readonly DeclarationReflection[], within: string): void => {
    const classes = entries.filter(isClass);
    for (const entry of entries) {
      if (entry.kind === ReflectionKind.Namespace) visit(entry.children ?? [], `${within}${entry.name}/`);
      else if (entry.kind === ReflectionKind.Reference) continue;
      else if (isClass(entry)) put(within + entry.name, entry);
      else {
        // The options of a class stand with it.
        const file = fileOf(entry);
        const owner = classes.filter((other) => fileOf(other) === file);
        put(owner.length === 1 ? within + owner[0]!.name : within + titleOf(file), entry);
      }
    }
  };
  visit(door.exports, "");
  return [...pages].map(([title, entries]) => ({
    door: door.name,
    path: `${folder}/${slug(title)}`,
    title: title.replace(/^.*\//, ""),
    entries: [...entries].sort((a, b) => Number(isClass(b)) - Number(isClass(a))),
  }));
}

/** What a heading's anchor is. */
export const anchorOf = (name: string): string => name.toLowerCase();

const isClass = (entry: DeclarationReflection): boolean => entry.kind === ReflectionKind.Class;
const fileOf = (entry: DeclarationReflection): string => entry.sources?.[0]?.fileName ?? "";
const slug = (title: string): string => title.replaceAll(" ", "-").toLowerCase();

/** ops/exponential.ts is "Exponential", index.ts of a folder is called as the folder. */
function titleOf(file: string): string {
  const [folder = "", name = ""] = file.replace(/\.ts$/, "").split("/").slice(-2);
  const words = (name === "index" ? folder : name).replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
