import { createServer, type Server } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FileError } from "@downhill/core/files";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CsvValue, loadIdx, readCsv, readJsonLines, readLines, type SourceProgress } from "../src/index.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}
const csv = async (text: string, options: object = {}): Promise<Record<string, CsvValue>[]> =>
  collect(readCsv(bytesOf(text), options));

describe("readLines and readJsonLines", () => {
  test("give lines with either ending, the last one with or without", async () => {
    expect(await collect(readLines(bytesOf("a\r\nb\n\nc")))).toEqual(["a", "b", "", "c"]);
    expect(await collect(readLines(bytesOf("ä\n")))).toEqual(["ä"]);
    expect(await collect(readLines(new Uint8Array(0)))).toEqual([]);
  });

  test("read pass after pass, gzipped text too, from a path and a Blob", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lines-"));
    try {
      const path = join(folder, "a.txt.gz");
      // More than a piece, and lines across its edges.
      const lines = Array.from({ length: 60_000 }, (_, i) => `line ${i} ${"ü".repeat(i % 7)}`);
      writeFileSync(path, gzipSync(lines.join("\n")));
      const source = readLines(path);
      expect(await collect(source)).toEqual(lines);
      expect((await collect(source)).length).toBe(60_000);
      expect(await collect(readLines(new Blob([lines.join("\n")])))).toEqual(lines);
      await expect(collect(readLines(join(folder, "none")))).rejects.toThrow("there is no such file");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("name the line and the byte of damage", async () => {
    await expect(collect(readJsonLines(bytesOf('{"a":1}\n\n{"a":\n')))).rejects.toThrow(
      "the bytes given: line 3, from byte 9: is no JSON",
    );
    await expect(collect(readLines(Uint8Array.of(97, 10, 255, 10)))).rejects.toThrow(
      "line 2, from byte 2: is no UTF-8",
    );
    const packed = gzipSync("text ".repeat(1000));
    await expect(collect(readLines(packed.subarray(0, 30)))).rejects.toThrow(/gzip data is damaged or cut off/);
    await expect(collect(readLines(packed.subarray(0, 30)))).rejects.toThrow(FileError);
  });

  test("tell how far they have come, and stop when asked to", async () => {
    const bytes = bytesOf("0123456789\n".repeat(60_000));
    const seen: SourceProgress[] = [];
    await collect(readLines(bytes, { onProgress: (progress) => seen.push(progress) }));
    expect(seen[0]).toEqual({ bytes: 0, total: bytes.length });
    expect(seen.at(-1)).toEqual({ bytes: bytes.length, total: bytes.length });
    expect(seen.length).toBeGreaterThan(3);
    const controller = new AbortController();
    const reading = collect(readLines(bytes, { signal: controller.signal, onProgress: () => controller.abort() }));
    await expect(reading).rejects.toThrow(/abort/);
    expect(() => readLines(bytes, { encoding: "latin1" } as object)).toThrow('readLines: unknown option "encoding"');
  });
});

describe("readCsv", () => {
  test("infers types, or takes those given; empty cells are null", async () => {
    expect(await csv('a,b,c,d\n1,x,true,\n-2.5e3,"y, ""z""",FALSE,\n,"two\nlines",,4\n\n')).toEqual([
      { a: 1, b: "x", c: true, d: null },
      { a: -2500, b: 'y, "z"', c: false, d: null },
      { a: null, b: "two\nlines", c: null, d: 4 },
    ]);
    expect(await csv("zip\n01234\n", { types: { zip: "string" } })).toEqual([{ zip: "01234" }]);
    expect(await csv("1\t2\r\n3\t4\r\n", { columns: ["x", "y"] })).toEqual([{ x: 1, y: 2 }, { x: 3, y: 4 }]); // prettier-ignore
    expect(await csv("a;b\n1;2")).toEqual([{ a: 1, b: 2 }]);
    expect(await csv("")).toEqual([]);
    expect(await csv("a,b,a,a.1,a\n1,2,3,4,5\n")).toEqual([{ a: 1, b: 2, "a.2": 3, "a.1": 4, "a.3": 5 }]);
  });

  test("reads row by row, whatever the pieces that a file comes in", async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${i},"é ${i}\n${"x".repeat(i % 11)}",${i / 2}`);
    const all = await csv(["i,text,half", ...rows].join("\n"));
    expect(all.length).toBe(40_000);
    all.forEach((row, i) => {
      if (row.i !== i || row.text !== `é ${i}\n${"x".repeat(i % 11)}` || row.half !== i / 2) {
        expect.fail(`row ${i}: ${JSON.stringify(row)}`);
      }
    });
  });

  test("names the row, the column and the byte of damage", async () => {
    await expect(csv("a,b\n1,2\n3\n")).rejects.toThrow("row 3, from byte 8: has 1 cells, there are 2 columns");
    await expect(csv("ä,b\n1,2\n3,x\n", { types: { b: "number" } })).rejects.toThrow(
      'the bytes given: row 3, from byte 9: column "b": "x" is no number',
    );
    await expect(csv("\ufeffa,b\n1\n")).rejects.toThrow("row 2, from byte 7: has 1 cells, there are 2 columns");
    await expect(csv('a,b\n1,"2\n3,4\n')).rejects.toThrow(/row 2, from byte 4: .*[Qq]uote/);
    await expect(collect(readCsv(Uint8Array.of(97, 10, 255, 10)))).rejects.toThrow("is no UTF-8 text");
    expect(() => readCsv(bytesOf(""), { types: { a: "date" as never } })).toThrow(
      "types are number, boolean and string",
    );
    const late = `a\n${"1\n".repeat(1000)}x\n`;
    await expect(csv(late)).rejects.toThrow('row 1002, from byte 2002: column "a": "x" is no number');
  });
});

describe("loadIdx", () => {
  const header = (kind: number, ...dims: number[]): number[] => [
    0,
    0,
    kind,
    dims.length,
    ...dims.flatMap((dim) => [0, 0, 0, dim]),
  ];

  test("reads every type of element, gzipped or not", async () => {
    const cases = [
      { bytes: [...header(8, 2, 2), 0, 1, 254, 255], dtype: "uint8", values: [[0, 1], [254, 255]] },
      { bytes: [...header(9, 2), 255, 1], dtype: "int32", values: [-1, 1] },
      { bytes: [...header(0xb, 1), 255, 254], dtype: "int32", values: [-2] },
      { bytes: [...header(0xc, 1), 0, 1, 0, 0], dtype: "int32", values: [65536] },
      { bytes: [...header(0xd, 1), 0x3f, 0xc0, 0, 0], dtype: "float32", values: [1.5] },
      { bytes: [...header(0xe, 1), 0xbf, 0xf8, 0, 0, 0, 0, 0, 0], dtype: "float64", values: [-1.5] },
    ]; // prettier-ignore
    for (const { bytes, dtype, values } of cases) {
      for (const file of [Uint8Array.from(bytes), gzipSync(Uint8Array.from(bytes))]) {
        const tensor = await loadIdx(file);
        expect(tensor.dtype).toBe(dtype);
        expect(await tensor.tolist()).toEqual(values);
      }
    }
  });

  test("refuses what is damaged, at every byte where it may be cut off", async () => {
    const whole = Uint8Array.from([...header(8, 2, 3), 1, 2, 3, 4, 5, 6]);
    for (let length = 0; length < whole.length; length++) {
      await expect(loadIdx(whole.subarray(0, length))).rejects.toThrow(FileError);
    }
    await expect(loadIdx(Uint8Array.from([...header(8, 255, 255), 1]))).rejects.toThrow(
      "has 13 bytes, its shape [255, 255] needs 65037",
    );
    await expect(loadIdx(Uint8Array.of(1, 2, 3, 4))).rejects.toThrow(
      "is no IDX file: it begins with the bytes [1, 2, 3, 4]",
    );
  });
});

describe("over http", () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `line ${i}`).join("\n");
  const body = bytesOf(text);
  let server: Server;
  let url = "";
  let asked: (string | undefined)[] = [];
  let [cutting, tag, ranges] = [true, '"1"', true];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { range } = request.headers;
      asked.push(range);
      if (request.url === "/missing") return void response.writeHead(404).end();
      const start = range === undefined || !ranges ? 0 : Number(/\d+/.exec(range)![0]);
      const piece = body.subarray(start);
      const headers = { etag: tag, "content-length": piece.length };
      if (start === 0) response.writeHead(200, headers);
      else response.writeHead(206, { ...headers, "content-range": `bytes ${start}-${body.length - 1}/${body.length}` });
      if (!cutting || asked.length > 2) return void response.end(piece);
      response.write(piece.subarray(0, 200_000), () => setImmediate(() => response.destroy()));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  afterAll(() => server.close());

  test("goes on with the next byte where the connection breaks", async () => {
    [asked, cutting, tag, ranges] = [[], true, '"1"', true];
    const seen: SourceProgress[] = [];
    expect(
      (await collect(readLines(`${url}/a.txt`, { onProgress: (progress) => seen.push(progress) }))).join("\n"),
    ).toBe(text);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.slice(1).every((range) => range?.startsWith("bytes="))).toBe(true);
    expect(seen.at(-1)).toEqual({ bytes: body.length, total: body.length });
  });

  test("refuses to go on where the server has no ranges", async () => {
    [asked, cutting, ranges] = [[], true, false];
    await expect(collect(readLines(new URL(`${url}/a.txt`)))).rejects.toThrow("the server does not go on from there");
  });

  test("says what the server answers, and stops when asked to", async () => {
    await expect(collect(readLines(`${url}/missing`))).rejects.toThrow("the server answers 404");
    [asked, cutting] = [[], false];
    const signal = AbortSignal.abort();
    await expect(collect(readLines(`${url}/a.txt`, { signal }))).rejects.toThrow(/abort/);
    expect(asked).toEqual([]);
  });
});
