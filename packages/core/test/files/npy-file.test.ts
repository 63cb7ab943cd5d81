import { describe, expect, it } from "vitest";
import { encodeNpy, FileError, type FileSource, openNpy } from "../../src/files/index.js";
import { arange, tensor } from "../../src/index.js";
import { decode, fixtures } from "./fixtures.js";

describe("an open npy file", () => {
  it("reads the bytes of the rows that are asked for, beside its header", async () => {
    const bytes = await encodeNpy(arange(100_000).reshape([50_000, 2]));
    let read = 0;
    let closed = false;
    const source: FileSource = {
      name: "counted.npy",
      size: bytes.length,
      read: async (offset, length) => ((read += length), bytes.subarray(offset, offset + length)),
      close: async () => void (closed = true),
    };
    const file = await openNpy(source);
    expect([file.shape, file.dtype, file.rowBytes]).toEqual([[50_000, 2], "int32", 8]);
    read = 0;
    expect(await (await file.rows(20_000, 20_002)).tolist()).toEqual([
      [40_000, 40_001],
      [40_002, 40_003],
    ]);
    expect(read).toBe(16);
    expect((await file.rows(50_000, 50_000)).shape).toEqual([0, 2]);
    await expect(file.rows(49_999, 50_001)).rejects.toThrow("NpyFile.rows: there are 50000 rows, got 49999 to 50001");
    await file.close();
    expect(closed).toBe(true);
  });

  it("reads what NumPy wrote, in either byte order, to the dtype that loadNpy gives", async () => {
    for (const [name, { bytes, value }] of Object.entries(fixtures.npy)) {
      const file = await openNpy(decode(bytes)).catch((error: unknown) => error as FileError);
      if (file instanceof FileError) {
        expect(name).toMatch(/fortran|zeroDim/);
        expect(file.message).toMatch(/column by column|one number, no rows/);
        continue;
      }
      const rows = await file.rows(0, file.shape[0]!);
      expect([rows.dtype, rows.shape]).toEqual([file.dtype, value.shape]);
    }
  });

  it("says what is damaged when it is opened, and in which rows a number is too large", async () => {
    const bytes = await encodeNpy(tensor([1, 2, 3]));
    for (let length = 0; length < bytes.length; length++)
      await expect(openNpy(bytes.subarray(0, length))).rejects.toThrow(FileError);
    const file = await openNpy(decode(fixtures.npyRefused.tooLarge!));
    await expect(file.rows(0, 1)).rejects.toThrow("rows 0 to 0: element 0 is 2147483648, beyond int32");
  });
});
