import { FileError } from "./file-error.js";
import { type BlobLike, blobSource } from "./file-source.js";
import type { Chunks, PathFiles, PlacedFile } from "./placed-file.js";

/** What we use of a FileSystemFileHandle. */
export interface FileHandle {
  readonly name: string;
  /** The file as it is now. */
  getFile(): Promise<BlobLike>;
  /** A stream that replaces the file when it is closed. */
  createWritable(): Promise<{
    /** Writes on. */
    write(data: Uint8Array<ArrayBuffer>): Promise<void>;
    /** Puts what was written in the file's place. */
    close(): Promise<void>;
    /** Leaves the file as it was. */
    abort(): Promise<void>;
  }>;
}

/** What we use of a FileSystemDirectoryHandle. */
interface FolderHandle {
  getFileHandle(name: string, options?: { readonly create: boolean }): Promise<FileHandle>;
  getDirectoryHandle(name: string, options?: { readonly create: boolean }): Promise<FolderHandle>;
  removeEntry(name: string): Promise<void>;
}

interface Host {
  readonly navigator?: { readonly storage?: { getDirectory?(): Promise<FolderHandle> } };
}

/** The page's private file system (OPFS), if it has one. Folders on the way are made. */
export function pageFiles(): PathFiles | null {
  const storage = (globalThis as Host).navigator?.storage;
  if (storage?.getDirectory === undefined) return null;
  /** The folder that a path names a file of, and the file's name there. */
  const walk = async (path: string, create: boolean): Promise<[folder: FolderHandle, name: string]> => {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    const name = parts.pop() ?? "";
    let folder = await storage.getDirectory!();
    for (const part of parts) folder = await folder.getDirectoryHandle(part, { create });
    return [folder, name];
  };
  return {
    at: (path) => ({
      name: path,
      open: () =>
        guarded(path, "read", async () => {
          const [folder, name] = await walk(path, false);
          return openHandle(path, await folder.getFileHandle(name));
        }),
      write: (chunks) =>
        guarded(path, "written", async () => {
          const [folder, name] = await walk(path, true);
          const old = await folder.getFileHandle(name).catch(() => null);
          try {
            await replaceFile(old ?? (await folder.getFileHandle(name, { create: true })), chunks);
          } catch (error) {
            if (old === null) await folder.removeEntry(name).catch(() => undefined);
            throw error;
          }
        }),
    }),
  };
}

/** The file that a page has a handle of. */
export function handleFiles(handle: FileHandle): PlacedFile {
  const { name } = handle;
  return {
    name,
    open: () => guarded(name, "read", () => openHandle(name, handle)),
    write: (chunks) => guarded(name, "written", () => replaceFile(handle, chunks)),
  };
}

async function guarded<T>(name: string, doing: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw FileError.of(name, doing, error);
  }
}

const openHandle = async (name: string, handle: FileHandle): ReturnType<PlacedFile["open"]> => ({
  ...blobSource(await handle.getFile()),
  name,
});

/** What a handle's stream gets goes to a file of the browser's, which takes the old one's place when the stream is closed. */
async function replaceFile(handle: FileHandle, chunks: Chunks): Promise<void> {
  const stream = await handle.createWritable();
  try {
    for await (const chunk of chunks) await stream.write(chunk as Uint8Array<ArrayBuffer>);
  } catch (error) {
    await stream.abort().catch(() => undefined);
    throw error;
  }
  await stream.close();
}
