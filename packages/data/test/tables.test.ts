import { createServer, type Server } from "node:http";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arange, manualSeed, rand } from "@downhill/core";
import { encodeNpy, encodeNpz, FileError, loadNpz } from "@downhill/core/files";
import { tableFromArrays, tableFromJSON, tableToIPC } from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  DataLoader,
  fromRecords,
  openData,
  readArrow,
  readCsv,
  readNpy,
  readParquet,
  type SourceProgress,
} from "../src/index.js";

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const rows = Array.from({ length: 250 }, (_, i) => ({
  size: i / 2,
  town: i % 7 === 3 ? null : ["Bonn", "Kiel", "Ulm"][i % 3]!,
  count: i,
  big: 2n ** 60n + BigInt(i),
  ok: i % 2 === 0,
}));

const parquet = (rowGroupSize = 100): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: "size", data: rows.map(({ size }) => size), type: "DOUBLE" },
        { name: "town", data: rows.map(({ town }) => town), type: "STRING" },
        { name: "count", data: rows.map(({ count }) => BigInt(count)), type: "INT64" },
        { name: "big", data: rows.map(({ big }) => big), type: "INT64" },
        { name: "ok", data: rows.map(({ ok }) => ok), type: "BOOLEAN" },
      ],
      rowGroupSize,
    }),
  );

const arrow = (kind: "file" | "stream"): Uint8Array =>
  tableToIPC(
    tableFromArrays({
      size: Float64Array.from(rows, ({ size }) => size),
      town: rows.map(({ town }) => town),
      count: BigInt64Array.from(rows, ({ count }) => BigInt(count)),
      big: BigInt64Array.from(rows, ({ big }) => big),
      ok: rows.map(({ ok }) => ok),
    }),
    kind,
  );

describe("readParquet", () => {
  test("gives rows as objects, pass after pass, of all columns or some", async () => {
    const source = readParquet(parquet());
    expect(await collect(source)).toEqual(rows);
    expect(await collect(source)).toEqual(rows);
    expect(
      await collect(readParquet(new Blob([parquet() as Uint8Array<ArrayBuffer>]), { columns: ["ok", "size"] })),
    ).toEqual(rows.map(({ ok, size }) => ({ ok, size })));
  });

  test("feeds a loader, and fromRecords", async () => {
    const source = readParquet(parquet(), { columns: ["size", "count"] });
    const [first] = await collect(new DataLoader(source, { batchSize: 3 }));
    expect(await (first as { size: { tolist(): Promise<unknown> } }).size.tolist()).toEqual([0, 0.5, 1]);
    const flats = fromRecords(await collect(source), { features: ["size"], target: "count" });
    expect(flats.length).toBe(250);
  });

  test("reads of a file what it needs: the groups of rows as they are asked for, and the columns", async () => {
    const bytes = parquet(50);
    const reads: number[] = [];
    const file = {
      name: "counted",
      size: bytes.length,
      read: async (offset: number, length: number) => (reads.push(length), bytes.subarray(offset, offset + length)),
    };
    for await (const row of readParquet(file, { columns: ["ok"] })) if (row !== undefined) break;
    const dataRead = (): number => reads.slice(1).reduce((a, b) => a + b, 0); // the first is the footer's
    const few = dataRead();
    reads.length = 0;
    await collect(readParquet(file));
    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(dataRead() / 10);
  });

  test("names rows, column and byte of damage", async () => {
    const bytes = parquet();
    await expect(collect(readParquet(bytes.subarray(0, bytes.length - 1)))).rejects.toThrow(
      "the bytes given: is no Parquet file, or damaged in its footer",
    );
    const middle = bytes.slice();
    middle.fill(255, 4, 60); // the first column's page
    await expect(collect(readParquet(middle))).rejects.toThrow(
      /^the bytes given: rows 0 to 99, column "size" \(from byte 4\): are damaged: /,
    );
    await expect(collect(readParquet(bytes, { columns: ["sise"] }))).rejects.toThrow(
      'readParquet: there is no column "sise"\n  hint: the columns are size, town, count, big, ok',
    );
    expect(() => readParquet(bytes, { columns: "size" as never })).toThrow("columns must be an array of names");
  });
});

describe("readArrow", () => {
  test.each(["file", "stream"] as const)("gives the rows of a %s as objects, pass after pass", async (kind) => {
    const source = readArrow(arrow(kind));
    expect(await collect(source)).toEqual(rows);
    expect(await collect(source)).toEqual(rows);
  });

  test("nested values become arrays", async () => {
    const bytes = tableToIPC(tableFromJSON([{ lists: [1, 2] }, { lists: [3] }]), "stream");
    expect(await collect(readArrow(bytes))).toEqual([{ lists: [1, 2] }, { lists: [3] }]);
  });

  test.each(["file", "stream"] as const)("an error names the place where a %s is cut off", async (kind) => {
    const bytes = arrow(kind);
    for (const length of [0, 3, 10, 100, bytes.length >> 1, bytes.length - 20]) {
      await expect(collect(readArrow(bytes.subarray(0, length))), `${length}`).rejects.toThrow(FileError);
    }
    await expect(collect(readArrow(bytes.subarray(0, 300)))).rejects.toThrow(
      kind === "file" ? "is an Arrow file that is cut off, at byte 300" : /row 0, before byte 300: is no Arrow data/,
    );
  });
});

describe("readNpy", () => {
  test("gives rows as tensors, pass after pass, a piece at a time", async () => {
    const array = arange(3_000_000).reshape([1500, 2, 1000]); // 12 MB, of which a piece is one
    const source = readNpy(await encodeNpy(array));
    for (let pass = 0; pass < 2; pass++) {
      let place = 0;
      for await (const rows of new DataLoader(source, { batchSize: 500 })) {
        expect(rows.shape).toEqual([500, 2, 1000]);
        expect(
          await rows
            .eq(array.narrow(0, place, 500))
            .all()
            .item(),
        ).toBe(true);
        place += 500;
      }
      expect(place).toBe(1500);
    }
  });

  test("says what is damaged, and refuses rows that are too long", async () => {
    const bytes = await encodeNpy(arange(6).reshape([2, 3]));
    await expect(collect(readNpy(bytes.subarray(0, bytes.length - 1)))).rejects.toThrow(
      "the bytes given: [2, 3] elements take 24 bytes, it has 23",
    );
    await expect(collect(readNpy(bytes, { maxBytes: 11 }))).rejects.toThrow("each row: has more than 11 bytes");
    expect(await collect(readNpy(bytes, { maxBytes: 12 }))).toHaveLength(2);
  });
});

test("a bad call does not load the parsers", () => {
  expect(() => readArrow(new Uint8Array(0), { columns: [] } as never)).toThrow('unknown option "columns"');
});

describe("over http", () => {
  let server: Server;
  let url = "";
  let asked: string[] = [];
  let ranges = true;
  let body = Buffer.from(parquet(50));
  beforeAll(async () => {
    server = createServer((request, response) => {
      const { range } = request.headers;
      asked.push(`${request.method} ${range ?? ""}`.trim());
      const headers = { etag: '"1"', ...(ranges ? { "accept-ranges": "bytes" } : {}) };
      if (request.url === "/a.csv") return void response.writeHead(200, headers).end("a\n1\n2\n");
      if (request.method === "HEAD")
        return void response.writeHead(200, { ...headers, "content-length": body.length }).end();
      if (range === undefined)
        return void response.writeHead(200, { ...headers, "content-length": body.length }).end(body);
      const [from, to] = /(\d+)-(\d+)/.exec(range)!.slice(1).map(Number) as [number, number];
      const part = body.subarray(from, to + 1);
      response.writeHead(206, {
        ...headers,
        "content-range": `bytes ${from}-${to}/${body.length}`,
        "content-length": part.length,
      });
      response.end(part);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  afterAll(() => server.close());

  test("a Parquet file is read in ranges, or whole where the server has none", async () => {
    [asked, ranges] = [[], true];
    const seen: SourceProgress[] = [];
    expect(await collect(readParquet(`${url}/a.parquet`, { onProgress: (one) => seen.push(one) }))).toEqual(rows);
    expect(asked[0]).toBe("HEAD");
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.slice(1).every((one) => one.startsWith("GET bytes="))).toBe(true);
    expect(seen.at(-1)!.total).toBe(body.length);
    [asked, ranges] = [[], false];
    expect(await collect(readParquet(`${url}/a.parquet`))).toEqual(rows);
    expect(asked).toEqual(["HEAD", "GET"]);
    await expect(collect(readParquet(`${url}/a.parquet`, { signal: AbortSignal.abort() }))).rejects.toThrow(/abort/);
  });

  test("openData gives core's loaders what a URL has, in ranges", async () => {
    manualSeed(0);
    const [x, y] = [rand([1000, 100]), rand([3])];
    const whole = body;
    body = Buffer.from(await encodeNpz({ x, y }));
    try {
      for (ranges of [true, false]) {
        asked = [];
        const seen: SourceProgress[] = [];
        const source = await openData(`${url}/a.npz`, { onProgress: (one) => seen.push(one) });
        const arrays = await loadNpz(source);
        expect(await arrays.x!.eq(x).all().item()).toBe(true);
        expect(await arrays.y!.tolist()).toEqual(await y.tolist());
        expect([source.name, source.size]).toEqual([`${url}/a.npz`, body.length]);
        expect(seen.at(-1)!.total).toBe(body.length);
        expect(asked.length > 2).toBe(ranges);
      }
      ranges = true;
      body = Buffer.from(await encodeNpy(x));
      expect((await collect(readNpy(`${url}/a.npy`)))[999]!.shape).toEqual([100]);
    } finally {
      body = whole;
    }
    await expect(openData(`${url}/a.npz`, { signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
  });

  test("what is fetched once is kept in the cache, all of it or nothing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cache-"));
    try {
      const cache = join(folder, "a.csv");
      asked = [];
      for (let pass = 0; pass < 3; pass++) {
        expect(await collect(readCsv(`${url}/a.csv`, { cache }))).toEqual([{ a: 1 }, { a: 2 }]);
      }
      expect(asked).toEqual(["GET"]);
      const other = join(folder, "b.parquet");
      await expect(collect(readParquet(`${url}0/none`, { cache: other }))).rejects.toThrow(FileError);
      expect(existsSync(other)).toBe(false);
      expect(readdirSync(folder)).toEqual(["a.csv"]);
      expect(await collect(readParquet(`${url}/a.parquet`, { cache: other }))).toEqual(rows);
      writeFileSync(other, "changed");
      await expect(collect(readParquet(`${url}/a.parquet`, { cache: other }))).rejects.toThrow(
        "b.parquet: is no Parquet file",
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
