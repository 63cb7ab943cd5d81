import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  encodeSafetensors,
  type FileSource,
  loadSafetensors,
  openSafetensors,
  saveSafetensors,
} from "../../src/files/index.js";
import { ones, type Tensor, tensor, zeros } from "../../src/index.js";
import { decode, expectValues, fixtures } from "./fixtures.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "downhill-files-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file with this header, and so many bytes of data. */
function withHeader(header: unknown, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (dtype: unknown, shape: unknown, offsets: unknown): object => ({ dtype, shape, data_offsets: offsets });

describe("files of Python's", () => {
  for (const [name, { bytes, values, metadata }] of Object.entries(fixtures.safetensors)) {
    if (name === "tooLarge") continue;
    it(`are read: ${name}`, async () => {
      await expectValues(await loadSafetensors(decode(bytes)), values);
      expect((await openSafetensors(decode(bytes))).metadata).toEqual(metadata);
    });
  }

  it("with an integer beyond int32 are an error that names tensor, element and value", async () => {
    await expect(loadSafetensors(decode(fixtures.safetensors.tooLarge!.bytes))).rejects.toThrow(
      'the bytes given: tensor "ids": element 0 is 2147483648, beyond int32',
    );
  });
});

it("writes the very bytes that Python's package writes", async () => {
  const { bytes, values } = fixtures.safetensors.ours!;
  const tensors = Object.entries(values).map(([name, { data, shape, dtype }]): [string, Tensor] => [
    name,
    tensor(data.map(Number), { dtype }).reshape([...shape]),
  ]);
  const written = await encodeSafetensors(Object.fromEntries(tensors.reverse()), { metadata: { format: "pt" } });
  expect(Buffer.from(written).toString("base64")).toBe(bytes);
});

it("keeps every dtype, shape and bit", async () => {
  const x = {
    float32: tensor([NaN, -0, Infinity, 1e-45]),
    float64: tensor([Math.PI, -0], { dtype: "float64" }),
    int32: tensor([-(2 ** 31)], { dtype: "int32" }),
    uint8: tensor([255], { dtype: "uint8" }),
    bool: tensor([[true], [false]]),
    scalar: tensor(3),
    empty: zeros([2, 0, 3]),
  };
  const read = await loadSafetensors(await encodeSafetensors(x));
  for (const [name, value] of Object.entries(x)) {
    expect(read[name]!.shape).toEqual(value.shape);
    expect(read[name]!.dtype).toBe(value.dtype);
    expect(await read[name]!.data()).toEqual(await value.data());
  }
});

it("reads only the header and the tensors that are asked for", async () => {
  const bytes = await encodeSafetensors({ a: ones([1000]), b: ones([2]), c: ones([1000]) });
  const asked: number[] = [];
  const source: FileSource = {
    name: "counted",
    size: bytes.length,
    read: async (offset, length) => {
      asked.push(length);
      return bytes.subarray(offset, offset + length);
    },
  };
  const { b } = await loadSafetensors(source, { names: ["b"] });
  expect(await b!.tolist()).toEqual([1, 1]);
  expect(asked.filter((length) => length > 300)).toEqual([]);
  await expect(loadSafetensors(source, { names: ["d"] })).rejects.toThrow(
    'counted: there is no tensor "d"\n  hint: there are: "a", "b", "c"',
  );
});

it("takes a path, a file: URL, bytes, an ArrayBuffer, a Blob and several files", async () => {
  const path = join(folder, "inputs.safetensors");
  await saveSafetensors(pathToFileURL(path), { x: ones([2]) }, { metadata: { by: "test" } });
  const bytes = new Uint8Array(await readFile(path));
  for (const input of [path, pathToFileURL(path), bytes, bytes.buffer, new Blob([bytes])]) {
    const { x } = await loadSafetensors(input);
    expect(await x!.tolist()).toEqual([1, 1]);
  }
  const more = await encodeSafetensors({ y: zeros([1]) });
  expect(Object.keys(await loadSafetensors([path, more]))).toEqual(["x", "y"]);
  await expect(loadSafetensors([path, bytes])).rejects.toThrow(
    /the bytes given: tensor "x" is in .*inputs.safetensors too/,
  );
});

it("writes the values as of the call", async () => {
  const x = ones([3]);
  const saving = encodeSafetensors({ x });
  x.add_(1);
  expect(await (await loadSafetensors(await saving)).x!.tolist()).toEqual([1, 1, 1]);
});

it("cuts what is large into files with an index, which loads as one", async () => {
  const tensors = { a: ones([10]), b: zeros([10]), c: ones([30]), d: ones([1]) };
  await saveSafetensors(join(folder, "large.safetensors"), tensors, { maxShardBytes: 80 });
  const names = (await readdir(folder)).filter((name) => name.startsWith("large")).sort();
  expect(names).toEqual([
    "large-00001-of-00003.safetensors",
    "large-00002-of-00003.safetensors",
    "large-00003-of-00003.safetensors",
    "large.safetensors.index.json",
  ]);
  const index = JSON.parse(await readFile(join(folder, names[3]!), "utf8")) as { weight_map: object; metadata: object };
  expect(index.metadata).toEqual({ total_size: 204 });
  expect(index.weight_map).toEqual({ a: names[0], b: names[0], c: names[1], d: names[2] });
  const read = await loadSafetensors(join(folder, names[3]!));
  expect(Object.keys(read)).toEqual(["a", "b", "c", "d"]);
  expect(await read.b!.tolist()).toEqual(await tensors.b.tolist());

  await saveSafetensors(join(folder, "small.safetensors"), tensors, { maxShardBytes: 1000 });
  expect(Object.keys(await loadSafetensors(join(folder, "small.safetensors")))).toHaveLength(4);
});

it("lets an index name files of its own folder only", async () => {
  const path = join(folder, "evil.safetensors.index.json");
  for (const name of ["../x.safetensors", "/etc/passwd", "..\\x.safetensors", "C:x.safetensors", "x", 3]) {
    await writeFile(path, JSON.stringify({ weight_map: { w: name } }));
    await expect(loadSafetensors(path)).rejects.toThrow("is no safetensors file of the same folder");
  }
  await writeFile(path, JSON.stringify({ weight_map: { w: "gone.safetensors" } }));
  await expect(loadSafetensors(path)).rejects.toThrow(
    "gone.safetensors: cannot be read: there is no such file or folder (ENOENT)",
  );
});

describe("a damaged header is an error that says where", () => {
  const good = entry("F32", [1], [0, 4]);
  it.each<[string, unknown, number, string]>([
    ["unknown JSON", "{]", 0, "its JSON is broken"],
    ["no JSON object", "[]", 0, "does not begin with {"],
    [
      "a name twice",
      '{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\\u0061":{}}',
      4,
      'the name "a" stands twice',
    ],
    ["__proto__", '{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4, '"__proto__"'],
    ["deep nesting", `{"a":${"[".repeat(100000)}`, 0, "nested more than 4 deep"],
    ["metadata that is no text", { __metadata__: { a: 1 } }, 0, "no object of strings"],
    ["an entry that is no object", { a: 1 }, 0, 'tensor "a": its header entry is 1'],
    ["an unknown field", { a: { ...good, more: 1 } }, 4, 'unknown field "more"'],
    ["no dtype", { a: entry(5, [1], [0, 4]) }, 4, "its dtype is 5"],
    ["a negative size", { a: entry("F32", [-1], [0, 4]) }, 4, "its shape is no list of whole numbers"],
    ["a fractional size", { a: entry("F32", [0.5], [0, 4]) }, 4, "its shape is no list of whole numbers"],
    ["a huge shape", { a: entry("F32", [2 ** 50, 2 ** 50], [0, 4]) }, 4, "more elements than any file"],
    ["too many dims", { a: entry("F32", new Array(65).fill(1), [0, 4]) }, 4, "65 dims, more than 64"],
    ["offsets beyond the end", { a: entry("F32", [2], [0, 8]) }, 4, "do not lie within the 4 bytes of data"],
    ["offsets that run backwards", { a: entry("F32", [1], [4, 0]) }, 4, "do not lie within"],
    ["negative offsets", { a: entry("F32", [1], [-4, 0]) }, 4, "do not lie within"],
    [
      "offsets beyond 2^53",
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[1e300,1e300]}}',
      4,
      "no two whole numbers",
    ],
    [
      "offsets of another length",
      { a: entry("F32", [3], [0, 8]) },
      8,
      "[3] elements of F32 take 12 bytes, its data_offsets span 8",
    ],
    ["overlaps", { a: good, b: good }, 4, 'tensor "b" overlaps the one before it'],
    ["gaps", { a: good, b: entry("F32", [1], [8, 12]) }, 12, 'tensor "b" leaves a gap before it'],
    ["bytes of nobody", { a: good }, 8, "its tensors end at byte"],
  ])("%s", async (_, header, dataBytes, says) => {
    await expect(loadSafetensors(withHeader(header, dataBytes))).rejects.toThrow(says);
    await expect(loadSafetensors(withHeader(header, dataBytes))).rejects.toHaveProperty("name", "FileError");
  });

  it("a length beyond the file, or beyond all reason", async () => {
    const bytes = new Uint8Array(20);
    bytes[0] = 100;
    await expect(loadSafetensors(bytes)).rejects.toThrow("would have 100 bytes, but only 12 follow");
    bytes.fill(255, 0, 8);
    await expect(loadSafetensors(bytes)).rejects.toThrow("more than 100000000");
    await expect(loadSafetensors(new Uint8Array(3))).rejects.toThrow("its 3 bytes are too few");
    await expect(loadSafetensors(withHeader("{\xff}", 0).map((byte) => (byte === 0xc3 ? 0xff : byte)))).rejects.toThrow(
      "no UTF-8",
    );
  });

  it("a type that there is none of here hinders only its own tensor", async () => {
    const bytes = withHeader({ a: entry("F8_E4M3", [4], [0, 4]), b: entry("F32", [1], [4, 8]) }, 8);
    expect(Object.keys(await loadSafetensors(bytes, { names: ["b"] }))).toEqual(["b"]);
    expect((await openSafetensors(bytes)).describe("a")).toEqual({ dtype: "F8_E4M3", shape: [4] });
    await expect(loadSafetensors(bytes)).rejects.toThrow(
      'tensor "a": its type "F8_E4M3" is none that tensors have here',
    );
  });
});

describe("misuse is an error that says what to do", () => {
  it("what is no file", async () => {
    await expect(loadSafetensors(5 as never)).rejects.toThrow(
      "loadSafetensors: expects a path, a URL, bytes, a Blob or a source, got 5",
    );
    await expect(loadSafetensors("")).rejects.toThrow('"" is no path');
    await expect(loadSafetensors(new URL("https://example.org/x"))).rejects.toThrow(
      "reads no https: URL\n  hint: fetch it",
    );
    await expect(loadSafetensors(join(folder, "none"))).rejects.toThrow(
      /none: cannot be read: there is no such file or folder/,
    );
    await expect(loadSafetensors(folder)).rejects.toThrow("is no file that can be read in parts");
    await expect(saveSafetensors(join(folder, "no/such/folder"), {})).rejects.toThrow(
      /cannot be written: there is no such file/,
    );
    await expect(saveSafetensors(7 as never, {})).rejects.toThrow(
      "expects a path, a URL or a file handle to write to, got 7",
    );
  });

  it("what are no tensors", async () => {
    await expect(encodeSafetensors(ones([1]) as never)).rejects.toThrow(
      "expects an object of tensors, got Tensor([1])",
    );
    await expect(encodeSafetensors({ x: 1 } as never)).rejects.toThrow('"x" is 1, no tensor');
    await expect(encodeSafetensors({ __metadata__: ones([1]) })).rejects.toThrow("no tensor of a file can be named so");
    await expect(encodeSafetensors({}, { metadata: { a: 1 } as never })).rejects.toThrow('metadata "a" is 1, no text');
    await expect(encodeSafetensors({}, { meta: {} } as never)).rejects.toThrow('unknown option "meta"');
    await expect(loadSafetensors(new Uint8Array(0), { names: "x" as never })).rejects.toThrow("names must be an array");
    await expect(saveSafetensors(join(folder, "x"), {}, { maxShardBytes: 0 })).rejects.toThrow(
      "maxShardBytes must be an integer of 1 or more",
    );
  });
});
