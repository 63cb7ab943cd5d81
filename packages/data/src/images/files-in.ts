import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { FileError } from "@downhill/core/files";
import type { SourceInput } from "../sources/byte-stream.js";

/** A folder: a path, a page's handle of one, or the files that a page's user has chosen with it. */
export type FolderInput = string | URL | FileSystemDirectoryHandle | Iterable<File>;

export interface FileInFolder {
  /** From the folder on, with slashes. */
  readonly path: string;
  readonly file: SourceInput;
}

/** What we use of node:fs/promises; declared here, as the packages build without Node's own declarations. */
interface Fs {
  readdir(
    path: string | URL,
    options: { readonly recursive: true; readonly withFileTypes: true },
  ): Promise<readonly { readonly name: string; readonly parentPath: string; isFile(): boolean }[]>;
}

interface Path {
  relative(from: string, to: string): string;
  join(...parts: readonly string[]): string;
}

interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
}

/** The files in a folder and in its folders, in no order. */
export async function filesIn(where: string, folder: FolderInput): Promise<FileInFolder[]> {
  if (typeof folder === "string" || folder instanceof URL) return filesAt(folder);
  if (typeof (folder as { values?: unknown }).values === "function" && "getFileHandle" in folder) {
    return filesOf(folder, "");
  }
  if (Symbol.iterator in folder) {
    return Array.from(folder, (file) => {
      const path = file.webkitRelativePath || file.name;
      return { path: path.slice(path.indexOf("/") + 1), file }; // the first part is the folder's own name
    });
  }
  throw new ValueError(`${where}: expects a folder's path or handle, or the files in it, got ${show(folder)}`);
}

async function filesAt(folder: string | URL): Promise<FileInFolder[]> {
  const { process } = globalThis as Host;
  const name = String(folder);
  try {
    if (process?.getBuiltinModule === undefined) {
      let handle = await navigator.storage.getDirectory();
      for (const part of name.split("/").filter(Boolean)) handle = await handle.getDirectoryHandle(part);
      return await filesOf(handle, "");
    }
    const fs = process.getBuiltinModule("node:fs/promises") as Fs;
    const path = process.getBuiltinModule("node:path") as Path;
    const root =
      typeof folder === "string"
        ? folder
        : (process.getBuiltinModule("node:url") as { fileURLToPath(url: URL): string }).fileURLToPath(folder);
    const entries = await fs.readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return { path: path.relative(root, file).replaceAll("\\", "/"), file };
      });
  } catch (error) {
    throw FileError.of(name, "read", error);
  }
}

async function filesOf(folder: FileSystemDirectoryHandle, within: string): Promise<FileInFolder[]> {
  const found: FileInFolder[] = [];
  const entries = (folder as unknown as { values(): AsyncIterable<FileSystemHandle> }).values();
  for await (const entry of entries) {
    const path = `${within}${entry.name}`;
    if (entry.kind === "file") found.push({ path, file: entry as unknown as SourceInput });
    else found.push(...(await filesOf(entry as FileSystemDirectoryHandle, `${path}/`)));
  }
  return found;
}
