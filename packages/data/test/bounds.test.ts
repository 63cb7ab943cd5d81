/** Files that would fill the memory or never end: each is refused by what was promised, or by `maxBytes`. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { constants, deflateRawSync, gzipSync } from "node:zlib";
import { FileError } from "@downhill/core/files";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadIdx, loadImage, readArrow, readCsv, readJsonLines, readLines, readParquet } from "../src/index.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** A gzip file that begins with `head` and goes on with 600 MiB of one byte: 600 kB, in several pieces. It has no end. */
function bomb(head: Uint8Array, byte: number): Uint8Array {
  const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
  const block = (bytes: Uint8Array): Uint8Array => deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH });
  const filling = block(Buffer.alloc(2 ** 23, byte));
  return Buffer.concat([header, block(head), ...Array.from({ length: 75 }, () => filling)]);
}

/** How many bytes of a packed source are read until it is refused. */
async function readOf(source: Uint8Array, read: (source: object) => Promise<unknown>): Promise<[number, Error]> {
  let seen = 0;
  const counted = {
    name: "bomb.gz",
    size: source.length,
    read: async (offset: number, length: number): Promise<Uint8Array> => {
      seen = offset + length;
      return source.subarray(offset, offset + length);
    },
  };
  const error: unknown = await read(counted).then(
    () => new Error("it was read"),
    (reason: unknown) => reason,
  );
  return [seen / source.length, error as Error];
}

describe("what is unpacked", () => {
  test("an IDX file is refused as soon as it has more than its header promises", async () => {
    const packed = bomb(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3), 0);
    expect(packed.length).toBeGreaterThan(2 ** 19); // several pieces
    const [part, error] = await readOf(packed, (source) => loadIdx(source as never));
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toMatch(/^bomb.gz: has more than 11 bytes, its shape \[3\] needs 11/);
    expect(part).toBeLessThan(1);
  });

  test("an IDX file whose header promises more than maxBytes is refused before its elements come", async () => {
    const head = Uint8Array.of(0, 0, 8, 2, 0, 1, 0, 0, 0, 1, 0, 0);
    const [part, error] = await readOf(bomb(head, 0), (source) => loadIdx(source as never));
    expect(error.message).toBe(
      "bomb.gz: of shape [65536, 65536]: has more than 2147483648 bytes\n  hint: if it should, say how many it may have: { maxBytes: … }",
    );
    expect(part).toBeLessThan(1);
    await expect(loadIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3), { maxBytes: 10 })).rejects.toThrow(
      "the bytes given: has more than 10 bytes",
    );
    expect((await loadIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3), { maxBytes: 11 })).shape).toEqual([3]);
  });

  test("rows and lines of it may be many: only one at a time is held", async () => {
    const packed = gzipSync("0123456789\n".repeat(400_000));
    let count = 0;
    for await (const line of readLines(packed, { maxBytes: 10 })) count += line.length;
    expect(count).toBe(4_000_000);
  });
});

describe("a line that does not end", () => {
  const readers = {
    readLines: (bytes: Uint8Array, options?: object) => readLines(bytes, options),
    readJsonLines: (bytes: Uint8Array, options?: object) => readJsonLines(bytes, options),
    readCsv: (bytes: Uint8Array, options?: object) => readCsv(bytes, options),
  };
  test.each(Object.entries(readers))("is refused by %s, in a file and in one that is unpacked", async (name, read) => {
    const place = name === "readCsv" ? "row 2, from byte 2" : "line 2, from byte 2";
    for (const bytes of [bytesOf(`1\n"${"x".repeat(40 * 2 ** 20)}`), bomb(bytesOf('1\n"'), 120)]) {
      const [part, error] = await readOf(bytes, (source) => collect(read(source as never)));
      expect(error).toBeInstanceOf(FileError);
      expect(error.message).toBe(
        `bomb.gz: ${place}: has more than 33554432 bytes\n  hint: if it should, say how many it may have: { maxBytes: … }`,
      );
      expect(part).toBeLessThan(1);
    }
    const row = `"${"x".repeat(998)}"`;
    const text = bytesOf(`1\n${row}\n${row}\n`);
    expect(await collect(read(text, { maxBytes: 1000 }))).toHaveLength(name === "readCsv" ? 2 : 3);
    await expect(collect(read(bytesOf(`1\n${row} `), { maxBytes: 1000 }))).rejects.toThrow(
      `${place}: has more than 1000 bytes`,
    );
  });

  test("but ends after many pieces is read whole", async () => {
    const cell = "line\n".repeat(2 ** 19);
    expect(await collect(readCsv(bytesOf(`a,b\n1,"${cell}"\n2,x\n`)))).toEqual([
      { a: 1, b: cell },
      { a: 2, b: "x" },
    ]);
  });
});

test("a table whose rows are long is typed by as many of the first as may be held", async () => {
  const long = "x".repeat(300);
  const rows = Array.from({ length: 20 }, (_, i) => `${i < 15 ? i : "late"},${long}`);
  const source = readCsv(bytesOf(["a,b", ...rows].join("\n")), { maxBytes: 1000 });
  await expect(collect(source)).rejects.toThrow('row 17, from byte 4554: column "a": "late" is no number');
});

test("Arrow: a file, or a batch of a stream, of more than maxBytes is refused", async () => {
  const table = tableFromArrays({ a: Float64Array.from({ length: 50_000 }, (_, i) => i) });
  for (const kind of ["file", "stream"] as const) {
    const bytes = tableToIPC(table, kind);
    expect(await collect(readArrow(bytes, { maxBytes: bytes.length }))).toHaveLength(50_000);
    await expect(collect(readArrow(bytes, { maxBytes: 100_000 }))).rejects.toThrow("has more than 100000 bytes");
  }
  const begun = tableToIPC(tableFromArrays({ a: new Float64Array(2 ** 20) }), "stream").subarray(0, 1000);
  const [part, error] = await readOf(bomb(begun, 1), (source) =>
    collect(readArrow(source as never, { maxBytes: 2 ** 22 })),
  );
  expect(error.message).toMatch(/^bomb.gz: the batch that begins with row 0: has more than 4194304 bytes/);
  expect(part).toBeLessThan(1);
});

describe("a server that does not stop", () => {
  let server: Server;
  let url = "";
  beforeAll(async () => {
    server = createServer((request, response) => {
      response.writeHead(200);
      if (request.method === "HEAD") return void response.end();
      const piece = Buffer.alloc(2 ** 20, 120);
      const more = (): void => {
        while (!response.destroyed && response.write(piece));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test("is left after maxBytes", async () => {
    const options = { maxBytes: 2 ** 22 };
    const problem = "has more than 4194304 bytes";
    await expect(collect(readLines(url, options))).rejects.toThrow(problem);
    await expect(collect(readParquet(url, options))).rejects.toThrow(problem);
    await expect(loadImage(url, options)).rejects.toThrow(problem);
    await expect(loadIdx(url, options)).rejects.toThrow("is no IDX file");
  });

  test("is left with the signal's own reason, wherever it is", async () => {
    const reason = new Error("enough");
    for (const read of [
      (options: object) => collect(readLines(url, options)),
      (options: object) => collect(readArrow(url, options)),
      (options: object) => collect(readParquet(url, options)),
      (options: object) => loadImage(url, options),
    ]) {
      const controller = new AbortController();
      const onProgress = ({ bytes }: { bytes: number }): void => void (bytes > 2 ** 21 && controller.abort(reason));
      setTimeout(() => controller.abort(reason), 200);
      await expect(read({ signal: controller.signal, onProgress })).rejects.toBe(reason);
    }
    const packed = bomb(bytesOf(""), 10);
    const controller = new AbortController();
    const onProgress = ({ bytes }: { bytes: number }): void => void (bytes > 0 && controller.abort(reason));
    await expect(collect(readLines(packed, { signal: controller.signal, onProgress }))).rejects.toBe(reason);
  });
});

test("options are looked at", () => {
  const bytes = new Uint8Array(0);
  expect(() => readLines(bytes, { maxBytes: 0 })).toThrow("readLines: maxBytes");
  expect(() => readCsv(bytes, { signal: {} as never })).toThrow("readCsv: signal must be an AbortSignal, got");
  expect(() => readArrow(bytes, { onProgress: 3 as never })).toThrow("readArrow: onProgress: takes a function, got 3");
  expect(() => readParquet(bytes, { cache: "" })).toThrow('readParquet: cache must be a path, got ""');
});
