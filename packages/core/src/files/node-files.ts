import { FileError } from "./file-error.js";
import type { Chunks, PathFiles, PlacedFile } from "./placed-file.js";

/** What we use of a file handle of node:fs/promises. */
interface Handle {
  stat(): Promise<{ readonly size: number; isFile(): boolean }>;
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  write(from: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What we use of node:fs/promises; declared here, as the packages build without the host's own declarations. */
interface Fs {
  open(path: string, flags: string): Promise<Handle>;
  realpath(path: string): Promise<string>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { readonly force: boolean }): Promise<void>;
}

interface Host {
  readonly process?: { readonly pid: number; getBuiltinModule?(name: string): unknown };
}

/** Node's file system, if this is Node. */
export function nodeFiles(): (PathFiles & { fromUrl(url: string): string }) | null {
  const { process } = globalThis as Host;
  const fs = process?.getBuiltinModule?.("node:fs/promises") as Fs | undefined;
  const url = process?.getBuiltinModule?.("node:url") as { fileURLToPath(url: string): string } | undefined;
  const path = process?.getBuiltinModule?.("node:path") as { dirname(path: string): string } | undefined;
  if (process === undefined || fs === undefined || url === undefined || path === undefined) return null;
  return {
    fromUrl: (href) => url.fileURLToPath(href),
    at: (name) => ({
      name,
      open: async () => {
        try {
          return await openFile(fs, name);
        } catch (error) {
          throw FileError.of(name, "read", error);
        }
      },
      write: async (chunks) => {
        try {
          // A link stays one: what it points to is replaced.
          const target = await fs.realpath(name).catch(() => name);
          await replaceFile(fs, { target, folder: path.dirname(target), pid: process.pid }, chunks);
        } catch (error) {
          throw FileError.of(name, "written", error);
        }
      },
    }),
  };
}

async function openFile(fs: Fs, name: string): ReturnType<PlacedFile["open"]> {
  const handle = await fs.open(name, "r");
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    throw new FileError(`${name}: is no file that can be read in parts`, "a folder, a pipe and a device are none");
  }
  return {
    name,
    size: status.size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        // Linux reads at most 2 GiB at a time.
        const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 2 ** 30), offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    },
    close: () => handle.close(),
  };
}

let written = 0;

/**
 * Writes a new file beside the old one, brings it to the disk, and renames it, which replaces the old one at once. A
 * process killed on the way leaves `target` as it was, and perhaps `target.….tmp`.
 */
async function replaceFile(
  fs: Fs,
  { target, folder, pid }: { readonly target: string; readonly folder: string; readonly pid: number },
  chunks: Chunks,
): Promise<void> {
  // No two writers share it, in whichever process or worker they are.
  const unique = Math.floor(Math.random() * 2 ** 32).toString(36);
  const temporary = `${target}.${pid}-${written++}-${unique}.tmp`;
  try {
    const handle = await fs.open(temporary, "wx");
    try {
      for await (const chunk of chunks) await writeAll(handle, chunk);
      await handle.sync(); // the bytes come before the name
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, target);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(fs, folder);
}

async function writeAll(handle: Handle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, done, Math.min(chunk.length - done, 2 ** 30));
    done += bytesWritten;
  }
}

/** Brings the new name to the disk too, where folders can be opened (not on Windows). */
async function syncFolder(fs: Fs, folder: string): Promise<void> {
  const handle = await fs.open(folder, "r").catch(() => null);
  if (handle === null) return;
  await handle.sync().catch(() => undefined);
  await handle.close();
}
