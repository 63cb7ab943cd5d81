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

/**
 * Lays a door's exports out in pages: a source file's stand together, called after its class where it has just one, and
 * those of files with nothing but types are on one page.
 */
export function pagesOf(door: Door): Page[] {
  const folder = door.name.replace("@downhill/", "");
  const pages = new Map<string, DeclarationReflection[]>();
  const put = (title: string, entry: DeclarationReflection): void => {
    const same = [...pages.keys()].find((other) => slug(other) === slug(title)) ?? title;
    pages.set(same, [...(pages.get(same) ?? []), entry]);
  };
  const visit = (entries: readonly DeclarationReflection[], within: string): void => {
    for (const entry of entries) {
      if (entry.kind === ReflectionKind.Namespace) visit(entry.children ?? [], `${within}${entry.name}/`);
      else if (entry.kind !== ReflectionKind.Reference) {
        const file = fileOf(entry);
        put(
          within +
            titleOf(
              file,
              entries.filter((other) => fileOf(other) === file),
            ),
          entry,
        );
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

/** Whether an entry is what its page is about. */
export const isPage = ({ title }: Page, entry: DeclarationReflection): boolean =>
  isClass(entry) && entry.name === title;

const isClass = ({ kind }: DeclarationReflection): boolean => kind === ReflectionKind.Class;
const isType = ({ kind }: DeclarationReflection): boolean =>
  [ReflectionKind.Interface, ReflectionKind.TypeAlias].includes(kind);
const fileOf = (entry: DeclarationReflection): string => entry.sources?.[0]?.fileName ?? "";
const slug = (title: string): string => title.replaceAll(" ", "-").toLowerCase();

/** ops/exponential.ts is "Exponential", index.ts of a folder is called as the folder. */
function titleOf(file: string, entries: readonly DeclarationReflection[]): string {
  const [only, ...others] = entries.filter(isClass);
  if (only !== undefined && others.length === 0) return only.name;
  if (entries.every(isType)) return "Types";
  const [folder = "", name = ""] = file.replace(/\.ts$/, "").split("/").slice(-2);
  const words = (name === "index" ? folder : name).replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
