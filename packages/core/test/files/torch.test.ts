import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { fromTorchNames, loadTorch, toTorchNames } from "../../src/files/index.js";
import type { Tensor } from "../../src/index.js";
import { ones } from "../../src/index.js";
import { decode, expectValue, expectValues, fixtures } from "./fixtures.js";

describe("files of torch.save's", () => {
  for (const [name, { bytes, values }] of Object.entries(fixtures.pt)) {
    it(`are read: ${name}`, async () =>
      expectValues((await loadTorch(decode(bytes))) as Record<string, Tensor>, values));
  }

  it("hold numbers, texts, lists and dicts too", async () => {
    expect(await loadTorch(decode(fixtures.ptPlain.plain))).toEqual({
      none: null,
      true: true,
      false: false,
      small: 7,
      int16: 300,
      negative: -5,
      long: 2 ** 40,
      big: 2n ** 70n,
      float: 0.1,
      text: "naïve",
      list: [1, [2.5, "x"], []],
      tuple: [1],
      four: [1, 2, 3, 4],
      dict: { 0: "zero", one: 1 },
      size: [2, 3],
      dtype: "float32",
    });
  });

  it("may be a tensor, or lists of them; one that comes again is the same", async () => {
    const one = { dtype: "float32", shape: [2], data: [1, 2] } as const;
    await expectValue((await loadTorch(decode(fixtures.ptPlain.tensor))) as Tensor, one);
    const [first, { again, list }] = (await loadTorch(decode(fixtures.ptPlain.nested))) as [
      Tensor,
      { again: Tensor; list: Tensor[] },
    ];
    await expectValue(first, one);
    expect(again).toBe(first);
    expect(list[0]).toBe(first);
  });

  for (const [name, [bytes, says]] of Object.entries(fixtures.ptRefused)) {
    it(`are refused, with what it is: ${name}`, async () => {
      await expect(loadTorch(decode(bytes))).rejects.toThrow(says);
      await expect(loadTorch(decode(bytes))).rejects.toHaveProperty("name", "FileError");
    });
  }
});

/** A file with this pickle: numbers are opcodes and bytes, texts go as they are. */
function pickled(...parts: (number | string)[]): Uint8Array {
  const bytes = parts.flatMap((part) => (typeof part === "number" ? [part] : Array.from(part, (c) => c.charCodeAt(0))));
  return zipSync({ "a/data.pkl": Uint8Array.from(bytes) });
}

describe("a damaged pickle is an error that says where", () => {
  const int = (value: number): number[] => [0x4a, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
  const word = (value: string): (number | string)[] => [0x8c, value.length, value];
  /** A tensor of these sizes and strides in a storage of 4 elements. */
  const view = (offset: number, size: number, stride: number): Uint8Array =>
    pickled(
      "ctorch._utils\n_rebuild_tensor_v2\n((",
      ...word("storage"),
      "ctorch\nFloatStorage\n",
      ...word("0"),
      ...word("cpu"),
      ...int(4),
      "tQ",
      ...int(offset),
      ...int(size),
      0x85,
      ...int(stride),
      0x85,
      "tR.",
    );

  it.each<[string, Uint8Array, string]>([
    ["nothing", pickled(), "byte 0: it ends where 1 bytes should follow"],
    ["no end", pickled("}"), "byte 1: it ends"],
    ["nothing to return", pickled("."), "it takes what is not there"],
    ["text beyond the end", pickled(0x58, 255, 255, 255, 255), "it ends where 4294967295 bytes should follow"],
    ["a huge number", pickled(0x8b, 255, 255, 255, 127), "a number of 2147483647 bytes"],
    ["no mark", pickled("t."), "there is no mark"],
    ["items below a mark", pickled("N(0."), "it takes what is not there"],
    ["a forgotten memo", pickled("h", 5, "."), "nothing has been remembered as 5"],
    ["an append to a dict", pickled("}Na."), "it appends to what is no list"],
    ["an item of a list", pickled("]NNs."), "it sets entries of what is no dict"],
    ["half an item", pickled("}(Nu."), "it sets entries of what is no dict"],
    ["a key that is a list", pickled("}]Ns."), "a key that is neither text nor number"],
    ["a call of a list", pickled("])R."), "it calls what is no function"],
    ["attributes of a list", pickled("]}b."), "it sets attributes of what is no dict"],
    [
      "a bare function",
      pickled("ctorch._utils\n_rebuild_tensor_v2\n."),
      'it holds "torch._utils._rebuild_tensor_v2" as a value',
    ],
    ["a name on the stack that is none", pickled("NN", 0x93, "."), "it names what is no text"],
    ["a persistent id of nothing", pickled("NQ."), "its pickle refers to what is no storage"],
    ["a tensor of nothing", pickled("ctorch._utils\n_rebuild_tensor_v2\n)R."), "a tensor of its has no storage"],
    ["a view beyond its storage", view(2, 3, 1), "a tensor reaches element 4 of a storage of 4"],
    ["a view with negative strides", view(2, 3, -1), "has strides [-1]"],
    ["a view that grows without end", view(0, 2 ** 29, 0), "it unpacks to more than 1073741824 bytes beyond its size"],
    ["a storage that is not there", view(0, 4, 1), 'storage "0": it is not in the file'],
  ])("%s", async (_, bytes, says) => {
    await expect(loadTorch(bytes)).rejects.toThrow(says);
    await expect(loadTorch(bytes)).rejects.toHaveProperty("name", "FileError");
  });

  it("a storage of another size", async () => {
    const bytes = zipSync({ "a/data.pkl": new Uint8Array(1), "b/data.pkl": new Uint8Array(1) });
    await expect(loadTorch(bytes)).rejects.toThrow("it has no data.pkl");
  });

  it("lists within lists a hundred thousand deep are bounded work", async () => {
    const deep = pickled("]".repeat(100_000) + "a".repeat(99_999) + ".");
    let level = await loadTorch(deep);
    let depth = 0;
    for (; Array.isArray(level) && level.length > 0; depth++) level = level[0]!;
    expect(depth).toBe(99_999);
  });

  it("a list that holds itself is one", async () => {
    const list = (await loadTorch(pickled("]q", 0, "h", 0, "a."))) as unknown[];
    expect(list[0]).toBe(list);
  });
});

describe("names", () => {
  const pairs = {
    "0.weight": "0.weight",
    "norm.running_mean": "norm.runningMean",
    "lstm.weight_ih_l0_reverse": "lstm.weightIhL0Reverse",
    "attn.in_proj_weight": "attn.inProjWeight",
    "layer_1.weight": "layer_1.weight",
    _private: "_private",
  };
  it("go from PyTorch's to ours and back", () => {
    const torch = Object.fromEntries(Object.keys(pairs).map((name) => [name, ones([1])]));
    expect(Object.keys(fromTorchNames(torch))).toEqual(Object.values(pairs));
    expect(Object.keys(toTorchNames(fromTorchNames(torch)))).toEqual(Object.keys(pairs));
  });
  it("that become one are an error", () => {
    expect(() => fromTorchNames({ a_b: 1, aB: 2 })).toThrow('fromTorchNames: "a_b" and "aB" both become "aB"');
    expect(() => toTorchNames({ a_b: 1, aB: 2 })).toThrow('toTorchNames: "a_b" and "aB" both become "a_b"');
  });
});
