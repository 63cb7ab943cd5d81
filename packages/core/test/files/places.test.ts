import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Chunks,
  encodeSafetensors,
  FileError,
  type FileTarget,
  loadCheckpoint,
  loadSafetensors,
  saveCheckpoint,
  saveNpz,
  saveSafetensors,
} from "../../src/files/index.js";
import { ones, tensor, zeros } from "../../src/index.js";

type Call = (...args: unknown[]) => Promise<unknown>;

/** Puts `around` around every call of the file system that writes, and of its handles. */
function watchFiles(around: (name: string, call: Call, args: unknown[]) => Promise<unknown>): void {
  const wrap = (target: object, names: readonly string[]): object =>
    new Proxy(target, {
      get(_, name: string) {
        const member = (target as Record<string, unknown>)[name];
        if (typeof member !== "function") return member;
        const call: Call = (...args) => (member as Call).apply(target, args);
        if (!names.includes(name)) return call;
        return async (...args: unknown[]) => {
          const result = await around(name, call, args);
          return name === "open" ? wrap(result as object, ["write", "sync", "close"]) : result;
        };
      },
    });
  const original = process.getBuiltinModule.bind(process);
  const module = (name: string): object | undefined =>
    name === "node:fs/promises" ? wrap(fs, ["open", "rename", "rm"]) : original(name);
  vi.spyOn(process, "getBuiltinModule").mockImplementation(module);
}

let folder: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), "downhill-places-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await fs.rm(folder, { recursive: true });
});

describe("a file of Node's", () => {
  it("is written beside the old one, synced, renamed, and the folder synced", async () => {
    const calls: string[] = [];
    watchFiles((name, call, args) => {
      calls.push(name);
      return call(...args);
    });
    await saveSafetensors(join(folder, "x"), { a: ones([2]), b: ones([3]) });
    expect(calls).toEqual(["open", "write", "write", "write", "sync", "close", "rename", "open", "sync", "close"]);
    expect(await fs.readdir(folder)).toEqual(["x"]);
  });

  it("is the old one or the new one, whenever the writer stops", async () => {
    const path = join(folder, "run");
    const parts = (version: number): Record<string, unknown> => ({
      version,
      weight: ones([300]).mul(version),
      more: zeros([5]),
    });
    await saveCheckpoint(path, parts(1));
    const seen = new Set<unknown>();
    let stops = 0;
    for (let version = 2, finished = false; !finished; stops++) {
      let calls = 0;
      finished = true;
      watchFiles(async (name, call, args) => {
        if (calls++ < stops) return call(...args);
        finished = false;
        // Half of what it was about to write, and nothing after it.
        if (calls === stops + 1 && name === "write") await call(args[0], args[1], Math.floor((args[2] as number) / 2));
        throw new Error("the process is dead");
      });
      await saveCheckpoint(path, parts(version)).catch(() => undefined);
      vi.restoreAllMocks();
      const read = await loadCheckpoint(path);
      expect([1, 2]).toContain(read.version);
      expect(await (read.weight as ReturnType<typeof ones>).data()).toEqual(
        new Float32Array(300).fill(read.version as number),
      );
      seen.add(read.version);
    }
    expect(stops).toBeGreaterThan(10);
    expect(seen).toEqual(new Set([1, 2]));
  });

  it("leaves nothing beside the old one where it cannot be written", async () => {
    const path = join(folder, "x");
    await saveSafetensors(path, { a: ones([2]) });
    watchFiles((name, call, args) =>
      name === "write" ? Promise.reject(Object.assign(new Error(), { code: "ENOSPC" })) : call(...args),
    );
    await expect(saveSafetensors(path, { a: zeros([2]) })).rejects.toThrow(
      `${path}: cannot be written: the disk is full (ENOSPC)`,
    );
    vi.restoreAllMocks();
    expect(await fs.readdir(folder)).toEqual(["x"]);
    expect(await (await loadSafetensors(path)).a!.tolist()).toEqual([1, 1]);
  });

  it("that several save at once is one of theirs", async () => {
    const path = join(folder, "x");
    await Promise.all([1, 2, 3, 4].map((value) => saveSafetensors(path, { a: tensor([value, value]) })));
    const [first, second] = (await (await loadSafetensors(path)).a!.tolist()) as number[];
    expect(first).toBe(second);
    expect(await fs.readdir(folder)).toEqual(["x"]);
  });

  it("behind a link is replaced there, and the link stays", async () => {
    await fs.writeFile(join(folder, "real"), "old");
    await fs.symlink(join(folder, "real"), join(folder, "link"));
    await saveSafetensors(join(folder, "link"), { a: ones([1]) });
    expect((await fs.lstat(join(folder, "link"))).isSymbolicLink()).toBe(true);
    expect(Object.keys(await loadSafetensors(join(folder, "real")))).toEqual(["a"]);
  });

  it("that ends while it is read is an error", async () => {
    const bytes = await encodeSafetensors({ a: ones([100]) });
    const source = {
      name: "shrinking",
      size: bytes.length,
      read: async (at: number, n: number) => bytes.subarray(at, Math.min(at + n, 200)),
    };
    await expect(loadSafetensors(source)).rejects.toThrow(
      /^shrinking: \d+ of 400 bytes could be read at byte \d+ of \d+\n {2}hint: something has changed the file/,
    );
    const broken = { ...source, read: () => Promise.reject(new Error("no network")) };
    await expect(loadSafetensors(broken)).rejects.toThrow("shrinking: cannot be read: no network");
    await expect(loadSafetensors(broken)).rejects.toBeInstanceOf(FileError);
  });
});

it("a target of one's own gets the chunks", async () => {
  const parts: Uint8Array[] = [];
  const target: FileTarget = {
    name: "mine",
    async write(chunks: Chunks) {
      for await (const chunk of chunks) parts.push(chunk);
    },
  };
  await saveSafetensors(target, { a: ones([2]) });
  expect(Buffer.concat(parts)).toEqual(Buffer.from(await encodeSafetensors({ a: ones([2]) })));
});

/** A page's private file system: what is written shows when the stream is closed. */
class Folder {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly folders = new Map<string, Folder>();
  failing = false;

  async getDirectoryHandle(name: string, { create = false } = {}): Promise<Folder> {
    if (!this.folders.has(name)) {
      if (!create) throw new DOMException("A folder was not found", "NotFoundError");
      this.folders.set(name, new Folder());
    }
    return this.folders.get(name)!;
  }

  async getFileHandle(name: string, { create = false } = {}): Promise<object> {
    if (!this.files.has(name)) {
      if (!create) throw new DOMException("A file was not found", "NotFoundError");
      this.files.set(name, new Uint8Array());
    }
    return {
      name,
      getFile: async () => new File([this.files.get(name)!], name),
      createWritable: async () => {
        const parts: Uint8Array<ArrayBuffer>[] = [];
        return {
          write: async (data: Uint8Array<ArrayBuffer>) => {
            if (this.failing) throw new DOMException("no room", "QuotaExceededError");
            parts.push(data.slice());
          },
          close: async () => void this.files.set(name, new Uint8Array(Buffer.concat(parts))),
          abort: async () => undefined,
        };
      },
    };
  }

  async removeEntry(name: string): Promise<void> {
    this.files.delete(name);
  }
}

describe("in a page", () => {
  let root: Folder;
  beforeEach(() => {
    root = new Folder();
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined);
    vi.stubGlobal("navigator", { storage: { getDirectory: async () => root } });
  });

  it("a path is one of the private file system", async () => {
    await saveCheckpoint("runs/first/run.safetensors", { epoch: 1 });
    expect([...root.folders.get("runs")!.folders.get("first")!.files.keys()]).toEqual(["run.safetensors"]);
    expect(await loadCheckpoint("/runs/./first/run.safetensors")).toEqual({ epoch: 1 });
    await expect(loadCheckpoint("none")).rejects.toThrow("none: cannot be read: A file was not found");
  });

  it("the old file stands where the new one cannot be written, and none begins", async () => {
    await saveCheckpoint("run", { epoch: 1 });
    root.failing = true;
    await expect(saveCheckpoint("run", { epoch: 2 })).rejects.toThrow("run: cannot be written: no room");
    await expect(saveCheckpoint("other", { epoch: 2 })).rejects.toThrow("other: cannot be written: no room");
    expect(await loadCheckpoint("run")).toEqual({ epoch: 1 });
    expect([...root.files.keys()]).toEqual(["run"]);
  });

  it("a handle from a file picker is read and written", async () => {
    const handle = (await root.getFileHandle("picked.npz", { create: true })) as never;
    await saveNpz(handle, { x: ones([2]) });
    expect(root.files.get("picked.npz")!.length).toBeGreaterThan(100);
    await expect(loadSafetensors(handle)).rejects.toThrow("picked.npz: its header would have");
  });

  it("without a file system, paths are an error that says what there is", async () => {
    vi.stubGlobal("navigator", {});
    await expect(saveCheckpoint("run", {})).rejects.toThrow(
      "run: there is no file system here\n  hint: paths need Node 20.16",
    );
  });
});
