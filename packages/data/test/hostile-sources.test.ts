/** Damaged and hostile files: each is read, or refused with an error of ours, within bounded time and memory. */
import { gzipSync } from "node:zlib";
import { DownhillError } from "@downhill/core";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { loadIdx, readArrow, readCsv, readJsonLines, readLines, readParquet } from "../src/index.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Rows that a file of a few hundred bytes may stand for before the test has seen enough. */
const most = 10_000;

async function drain(source: AsyncIterable<unknown>): Promise<void> {
  let count = 0;
  for await (const _ of source) if (++count >= most) return;
}

const table = { a: Float64Array.of(1, 2, 3), b: ["x", "y", "z"], c: BigInt64Array.of(1n, 2n, 3n) };
const kinds: Record<string, { files: Uint8Array[]; read: (bytes: Uint8Array) => Promise<unknown> }> = {
  csv: { files: [bytesOf('a,b\n1,"x\n2"\n3,y\n')], read: (bytes) => drain(readCsv(bytes)) },
  "JSON Lines": { files: [bytesOf('{"a":1}\n[2]\n"x"\n')], read: (bytes) => drain(readJsonLines(bytes)) },
  lines: { files: [gzipSync(bytesOf("one\ntwo ü\n"))], read: (bytes) => drain(readLines(bytes)) },
  IDX: { files: [Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4)], read: (bytes) => loadIdx(bytes) },
  Parquet: {
    files: [undefined, "UNCOMPRESSED" as const].map(
      (codec) =>
        new Uint8Array(
          parquetWriteBuffer({
            columnData: [
              { name: "a", data: [1, 2, 3], type: "DOUBLE" },
              { name: "b", data: ["x", null, "z"], type: "STRING" },
              { name: "c", data: [1n, 2n, 3n], type: "INT64" },
            ],
            ...(codec === undefined ? {} : { codec }),
          }),
        ),
    ),
    read: (bytes) => drain(readParquet(bytes)),
  },
  Arrow: {
    files: [tableToIPC(tableFromArrays(table), "stream"), tableToIPC(tableFromArrays(table), "file")],
    read: (bytes) => drain(readArrow(bytes)),
  },
};

/** Reads; what is no error of ours fails the test. */
async function survives(read: Promise<unknown>): Promise<void> {
  try {
    await read;
  } catch (error) {
    if (!(error instanceof DownhillError)) throw error;
  }
}

describe.each(Object.entries(kinds))("%s", (_, { files, read }) => {
  it("cut off at every byte", async () => {
    for (const file of files) {
      for (let length = 0; length < file.length; length++) await survives(read(file.subarray(0, length)));
    }
  });

  it("a thousand times, with bytes changed, left out, put in and repeated", async () => {
    const start = performance.now();
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      bytes: fc.uint8Array({ minLength: 0, maxLength: 8 }),
      over: fc.nat(8),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        async (file, changes) => {
          let bytes = file;
          for (const { at, bytes: more, over } of changes) {
            const place = Math.floor(at * bytes.length);
            bytes = Uint8Array.from([...bytes.subarray(0, place), ...more, ...bytes.subarray(place + over)]);
          }
          await survives(read(bytes));
        },
      ),
      { numRuns: 1000, seed: 6 },
    );
    expect(performance.now() - start).toBeLessThan(25_000);
  });
});
