import { zipSync } from "fflate";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeNpy, encodeNpz, loadNpy, loadNpz, saveNpy, saveNpz } from "../../src/files/index.js";
import { ones, tensor, zeros } from "../../src/index.js";
import { decode, expectValue, expectValues, fixtures } from "./fixtures.js";

const text = (value: string): Uint8Array => Uint8Array.from(value, (character) => character.charCodeAt(0));

/** An npy file with this header and so many bytes of data. */
function npy(header: string, dataBytes = 0): Uint8Array {
  return new Uint8Array([
    ...text("\x93NUMPY\x01\x00"),
    header.length & 255,
    header.length >> 8,
    ...text(header),
    ...new Uint8Array(dataBytes),
  ]);
}

describe("arrays of NumPy's", () => {
  for (const [name, { bytes, value }] of Object.entries(fixtures.npy)) {
    it(`are read: ${name}`, async () => expectValue(await loadNpy(decode(bytes)), value));
  }

  it.each([
    ["object", "its elements are pickled objects, which could run code and are not read"],
    ["complex", 'its element type "<c16" is none that tensors have here'],
    ["text", 'its element type "<U3"'],
    ["record", "its elements are records, of several fields"],
    ["date", 'its element type "<M8[D]"'],
    ["tooLarge", "element 0 is 2147483648, beyond int32"],
    ["tooSmall", "element 0 is -2147483649, beyond int32"],
  ])("are refused: %s", async (name, says) => {
    await expect(loadNpy(decode(fixtures.npyRefused[name]!))).rejects.toThrow(says);
  });

  for (const [name, { bytes, values }] of Object.entries(fixtures.npz)) {
    it(`are read from an npz file: ${name}`, async () => expectValues(await loadNpz(decode(bytes)), values));
  }
});

describe("writes the very bytes that NumPy writes", () => {
  it.each(["version1", "<f4", "<f8", "|u1", "|b1", "zeroDim", "empty", "vector"])("%s", async (name) => {
    const { bytes } = fixtures.npy[name]!;
    expect(Buffer.from(await encodeNpy(await loadNpy(decode(bytes)))).toString("base64")).toBe(bytes);
  });
});

it("keeps tensors through npz, stored and deflated, the same bytes each time", async () => {
  const tensors = {
    x: tensor([
      [1, 2],
      [3, 4],
    ]),
    "a/b": ones([3], { dtype: "bool" }),
    none: zeros([0]),
    many: zeros([5000]),
  };
  for (const compressed of [false, true]) {
    const bytes = await encodeNpz(tensors, { compressed });
    expect(bytes.length < 2000).toBe(compressed);
    expect(await encodeNpz(tensors, { compressed })).toEqual(bytes);
    const read = await loadNpz(bytes);
    expect(Object.keys(read)).toEqual(Object.keys(tensors));
    for (const [name, x] of Object.entries(tensors)) expect(await read[name]!.tolist()).toEqual(await x.tolist());
  }
});

it("saves to paths and reads from them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "downhill-npy-"));
  try {
    await saveNpy(join(folder, "x.npy"), tensor([1, 2]));
    expect(await (await loadNpy(join(folder, "x.npy"))).tolist()).toEqual([1, 2]);
    await saveNpz(join(folder, "x.npz"), { x: tensor([1, 2]) });
    expect(await (await loadNpz(join(folder, "x.npz"))).x!.tolist()).toEqual([1, 2]);
    expect((await readFile(join(folder, "x.npz"))).subarray(0, 2).toString()).toBe("PK");
    await expect(saveNpz(join(folder, "x.npz"), { x: 1 } as never)).rejects.toThrow('saveNpz: "x" is 1, no tensor');
    await expect(saveNpz(join(folder, "x.npz"), {}, { compressed: "yes" as never })).rejects.toThrow(
      "compressed must be true or false",
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("a damaged npy file is an error that says where", () => {
  const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";
  it("is read with the entries in any order, in either quotes, with Python 2's long numbers", async () => {
    for (const header of [
      good,
      '{"shape":(2L,),"descr":"<f4","fortran_order":False}',
      "{'fortran_order': True, 'shape': (2, ), 'descr': '=f4'}",
    ])
      expect((await loadNpy(npy(header, 8))).shape).toEqual([2]);
  });

  it.each<[string, Uint8Array, string]>([
    ["no magic", text("hello, I am no array"), "does not begin as an npy file"],
    [
      "an unknown version",
      new Uint8Array([...text("\x93NUMPY\x09\x00"), ...new Uint8Array(20)]),
      "version 9.0 of the format is unknown",
    ],
    ["a header beyond the end", npy(good).subarray(0, 40), "would have 58 bytes, but only 30 follow"],
    ["a huge header", new Uint8Array([...text("\x93NUMPY\x02\x00\xff\xff\xff\xff"), 0]), "more than 65535"],
    ["no dict", npy("[1, 2]"), "no description of an array"],
    [
      "an entry twice",
      npy("{'shape': (2,), 'shape': (3,), 'descr': '<f4', 'fortran_order': False}"),
      "two entries shape",
    ],
    ["an entry missing", npy("{'shape': (2,), 'descr': '<f4'}"), "no description of an array"],
    [
      "code",
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os').system('echo'),), }"),
      "no description of an array",
    ],
    [
      "a size in place of a shape",
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2), }", 8),
      "no description of an array",
    ],
    [
      "a huge shape",
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 4000000000), }"),
      "more elements than any file",
    ],
    [
      "a shape beyond numbers",
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }"),
      "no list of whole numbers",
    ],
    ["too few bytes", npy(good, 7), "[2] elements take 8 bytes, it has 7"],
    ["too many bytes", npy(good, 9), "[2] elements take 8 bytes, it has 9"],
  ])("%s", async (_, bytes, says) => {
    await expect(loadNpy(bytes)).rejects.toThrow(says);
    await expect(loadNpy(bytes)).rejects.toHaveProperty("name", "FileError");
  });
});

describe("a damaged or hostile zip file is an error that says where", () => {
  const array = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (600,), }\n", 600);
  const zip = (): Uint8Array => zipSync({ "x.npy": [array, { level: 9 }], "y.npy": [array, { level: 0 }] });
  const at = (bytes: Uint8Array, signature: string): number => Buffer.from(bytes).indexOf(text(signature));
  const changed = (change: (bytes: Uint8Array, view: DataView, directory: number, end: number) => void): Uint8Array => {
    const bytes = zip();
    change(bytes, new DataView(bytes.buffer, bytes.byteOffset), at(bytes, "PK\x01\x02"), at(bytes, "PK\x05\x06"));
    return bytes;
  };

  it.each<[string, Uint8Array, string]>([
    ["no zip", text("this is no zip file, whatever else"), "it has no end of a zip file's directory"],
    ["too short", text("PK"), "its 2 bytes are too few"],
    ["a wrong checksum", changed((_, view, d) => view.setUint32(d + 16, 1, true)), '"x.npy": its checksum is wrong'],
    ["changed data", changed((bytes) => void (bytes[300]! ^= 1)), '"y.npy": its checksum is wrong'],
    ["encryption", changed((_, view, d) => view.setUint16(d + 8, 1, true)), '"x.npy": it is encrypted'],
    [
      "another compression",
      changed((_, view, d) => view.setUint16(d + 10, 93, true)),
      '"x.npy": its compression 93 is not read',
    ],
    [
      "a size that is too small",
      changed((_, view, d) => view.setUint32(d + 24, 10, true)),
      "it inflates to more than its 10 bytes",
    ],
    [
      "a size that is too large",
      changed((_, view, d) => view.setUint32(d + 24, 1000, true)),
      "it inflates to 670 of its 1000 bytes",
    ],
    [
      "a size that cannot be",
      changed((_, view, d) => view.setUint32(d + 24, 2 ** 31, true)),
      "cannot hold the 2147483648",
    ],
    [
      "data beyond the end",
      changed((_, view, d) => view.setUint32(d + 20, 2 ** 31, true)),
      "reaches into what follows it",
    ],
    [
      "two entries in one place",
      changed((_, view, d) => view.setUint32(d + 46 + 5 + 42, 0, true)),
      "reaches into what follows it",
    ],
    [
      "more entries than fit",
      changed((_, view, __, e) => view.setUint16(e + 10, 65535, true)),
      "its directory would have 65535 entries",
    ],
    [
      "a directory elsewhere",
      changed((_, view, __, e) => view.setUint32(e + 16, 5, true)),
      "its directory breaks off at entry 0",
    ],
    ["a header elsewhere", changed((_, view, d) => view.setUint32(d + 42, 3, true)), "no file begins at byte 3"],
    ["a name twice", changed((bytes, _, d) => void (bytes[d + 46 + 5 + 46] = 0x78)), '"x.npy" stands in it twice'],
    ["another name", changed((bytes, _, d) => void (bytes[d + 46] = 0x7a)), '"z.npy": at byte 0 it has another name'],
    ["broken deflate", changed((bytes) => bytes.fill(255, 40, 60)), "it cannot be inflated"],
  ])("%s", async (_, bytes, says) => {
    await expect(loadNpz(bytes)).rejects.toThrow(says);
    await expect(loadNpz(bytes)).rejects.toHaveProperty("name", "FileError");
  });

  it("a bomb: little that unpacks to more than 1 GiB", async () => {
    const bytes = zipSync(
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}`, [new Uint8Array(2 ** 21), { level: 9 }]])),
    );
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    // Sizes that deflate could just reach.
    for (
      let d = at(bytes, "PK\x01\x02");
      view.getUint32(d, true) === 0x02014b50;
      d += 46 + view.getUint16(d + 28, true)
    )
      view.setUint32(d + 24, view.getUint32(d + 20, true) * 1032, true);
    await expect(loadNpz(bytes)).rejects.toThrow("it inflates to 2097152 of its");
    const large = new Uint8Array(2 ** 20 + 2 ** 16).fill(7);
    const bomb = zipSync({ x: [large, { level: 0 }] });
    const bombView = new DataView(bomb.buffer);
    const directory = at(bomb, "PK\x01\x02");
    bombView.setUint16(directory + 10, 8, true);
    bombView.setUint32(directory + 24, 2 ** 30 + 2 ** 21, true);
    await expect(loadNpz(bomb)).rejects.toThrow('"x": it unpacks to more than 1073741824 bytes beyond its size');
  });

  it("a name that would reach into prototypes", async () => {
    await expect(loadNpz(zipSync({ "__proto__.npy": array }))).rejects.toThrow('something named "__proto__"');
  });
});
