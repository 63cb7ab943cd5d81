import { describe, expect, it } from "vitest";
import {
  cat,
  DTypeError,
  hstack,
  IndexError,
  meshgrid,
  oneHot,
  rand,
  ShapeError,
  stack,
  type Tensor,
  tensor,
  ValueError,
  vstack,
} from "@downhill/core";

/** What JavaScript callers can do and TypeScript does not let through. */
const loose = (x: unknown): Record<string, (...args: unknown[]) => Tensor> =>
  x as Record<string, (...args: unknown[]) => Tensor>;
const free = (f: unknown): ((...args: unknown[]) => unknown) => f as (...args: unknown[]) => unknown;

const x = rand([2, 3]);
const scalar = rand([]);

describe("shapes and dims", () => {
  it.each(["reshape", "view"])("%s says what does not fit", (name) => {
    expect(() => loose(x)[name]!([4, 2])).toThrow(ShapeError);
    expect(() => loose(x)[name]!([4, 2])).toThrow(`${name}: [2, 3] has 6 elements, [4, 2] has 8`);
    expect(() => loose(x)[name]!([-1, -1])).toThrow(`${name}: only one size may be -1, got [-1, -1]`);
    expect(() => loose(x)[name]!([4, -1])).toThrow(`${name}: [2, 3] (6 elements) does not fit [4, -1]`);
    expect(() => loose(x)[name]!([1.5, 4])).toThrow(`${name}: sizes and dims must be integers, got [1.5, 4]`);
  });

  it("unfold names the window and the dim it is larger than", () => {
    expect(() => x.unfold(1, 4, 1)).toThrow(
      "unfold: a window of 4 elements is larger than dim 1 of [2, 3], which has 3\n  hint: take a smaller window",
    );
    expect(() => x.unfold(1, 0, 1)).toThrow("unfold: size must be an integer of 1 or more, got 0");
    expect(() => x.unfold(1, 2, 0)).toThrow("unfold: step must be an integer of 1 or more, got 0");
    expect(() => x.unfold(2, 1, 1)).toThrow("unfold: dim 2 is out of range for 2 dims");
    expect(() => scalar.unfold(0, 2, 1)).toThrow("unfold: a window of 2 elements is larger than dim 0 of []");
  });

  it("flatten, unflatten, t, movedim, squeeze name what they were given", () => {
    expect(() => x.flatten(1, 0)).toThrow("flatten: startDim 1 comes after endDim 0 in [2, 3]");
    expect(() => x.unflatten(1, [4, 2])).toThrow("unflatten: [3] has 3 elements, [4, 2] has 8");
    expect(() => scalar.unflatten(0, [1])).toThrow(
      "unflatten: a 0-d tensor has no dim to split\n  hint: write x.reshape([1])",
    );
    expect(() => rand([2, 3, 4]).t()).toThrow(
      "t: takes up to 2 dims, got [2, 3, 4]\n  hint: did you mean x.transpose(-2, -1)?",
    );
    expect(() => x.movedim([0, 1], 0)).toThrow(
      "movedim: needs as many different sources as destinations, got [0, 1] and 0",
    );
    expect(() => x.squeeze([0, -2])).toThrow("squeeze: a dim appears twice in [0, -2]");
    expect(() => x.unsqueeze(4)).toThrow(IndexError);
    expect(() => x.transpose(0, 2)).toThrow("transpose: dim 2 is out of range for 2 dims");
  });

  it("permute and flip need each dim once", () => {
    expect(() => x.permute(0, 0)).toThrow("permute: needs each of the 2 dims of [2, 3] once, got [0, 0]");
    expect(() => x.permute([0])).toThrow("permute: needs each of the 2 dims");
    expect(() => x.flip(0, -2)).toThrow("flip: a dim appears twice in [0, 0]");
  });

  it("expand and expandAs say what expands", () => {
    expect(() => x.expand(2, 4)).toThrow(
      "expand: [2, 3] does not expand to [2, 4]\n  hint: only sizes of 1 expand; new dims go in front",
    );
    expect(() => x.expandAs(rand([3]))).toThrow("expandAs: [2, 3] does not expand to [3]");
    expect(() => loose(x).expandAs!([2, 3])).toThrow(DTypeError);
  });

  it("roll needs a shift per dim", () => {
    expect(() => x.roll([1, 2], 0)).toThrow(
      "roll: 2 shifts for 1 dims of [2, 3]\n  hint: give one shift per dim, or a single shift without dims",
    );
    expect(() => x.roll(0.5, 0)).toThrow("roll: sizes and dims must be integers, got [0.5]");
  });

  it("repeat, tile and repeatInterleave need numbers of 0 or more", () => {
    expect(() => x.repeat(2)).toThrow("repeat: needs a number of 0 or more for each of the 2 dims of [2, 3], got [2]");
    expect(() => x.repeat(2, -1)).toThrow("repeat: needs a number of 0 or more");
    expect(() => x.tile(-1)).toThrow("tile: needs numbers of 0 or more, got [-1]");
    expect(() => x.repeatInterleave(1.5)).toThrow("repeatInterleave: repeats must be an integer of 0 or more, got 1.5");
    expect(() => loose(x).repeatInterleave!(tensor([1, 2]))).toThrow(ValueError);
  });
});

describe("parts", () => {
  it("narrow names start, length and dim", () => {
    expect(() => x.narrow(1, 2, 2)).toThrow(IndexError);
    expect(() => x.narrow(1, 2, 2)).toThrow(
      "narrow: start 2 and length 2 do not fit dim 1 of [2, 3]\n  hint: it has 3 elements",
    );
    expect(() => x.narrow(1, -4, 1)).toThrow("narrow: start -4 and length 1");
    expect(() => x.narrow(1, 0.5, 1)).toThrow("narrow: start 0.5");
    expect(() => x.narrow(1, 0, -1)).toThrow("narrow: length must be an integer of 0 or more, got -1");
  });

  it.each(["narrow", "split", "chunk", "unbind"])("%s has nothing to cut in a 0-d tensor", (name) => {
    const args = { narrow: [0, 0, 1], split: [1], chunk: [1], unbind: [] }[name]!;
    expect(() => loose(scalar)[name]!(...args)).toThrow(
      `${name}: a 0-d tensor has no dim to cut along\n  hint: write x.reshape([1])`,
    );
  });

  it("split and chunk say which sizes are wrong", () => {
    expect(() => x.split(0)).toThrow("split: the size of the parts must be an integer of 1 or more, got 0");
    expect(() => x.split([1, 1], 1)).toThrow("split: sizes [1, 1] do not add up to 3, the size of dim 1 of [2, 3]");
    expect(() => x.split([4, -1], 1)).toThrow("split: sizes [4, -1] do not add up to 3");
    expect(() => loose(x).split!("2")).toThrow('split: takes a size or an array of sizes, got "2"');
    expect(() => x.chunk(0)).toThrow("chunk: chunks must be an integer of 1 or more, got 0");
  });

  it("pad names the numbers, the mode and the dim", () => {
    expect(() => x.pad([1])).toThrow("pad: needs two numbers for each of up to 2 dims of [2, 3], got [1]");
    expect(() => x.pad([-2, -2])).toThrow("pad: [-2, -2] cuts more than the 3 elements of dim 1 of [2, 3]");
    expect(() => x.pad([3, 0], { mode: "reflect" })).toThrow(
      'pad: [3, 0] reaches further than the mode "reflect" can from 3 elements, dim 1 of [2, 3]',
    );
    expect(() => rand([2, 0]).pad([1, 0], { mode: "replicate" })).toThrow(
      'further than the mode "replicate" can from 0 elements',
    );
    expect(() => loose(x).pad!([1, 1], { mode: "mirror" })).toThrow(
      'pad: unknown mode "mirror"\n  hint: one of "constant", "reflect"',
    );
    expect(() => loose(x).pad!([1, 1], { values: 1 })).toThrow(
      'pad: unknown option "values"\n  hint: it takes mode, value',
    );
    expect(() => loose(x).pad!([1, 1], { value: "1" })).toThrow('pad: value must be a number, got "1"');
    expect(() => x.pad([1, 1], { mode: "circular", value: 1 })).toThrow(
      'pad: the mode "circular" takes no value, got 1',
    );
  });

  it("tril, triu, diag and diagonal say what they take", () => {
    expect(() => rand([3]).tril()).toThrow("tril: needs a matrix or a stack of them, got [3]");
    expect(() => x.triu(0.5)).toThrow("triu: the diagonal must be an integer, got 0.5");
    expect(() => rand([2, 2, 2]).diag()).toThrow(
      "diag: takes a vector or a matrix, got [2, 2, 2]\n  hint: diagonals of a stack of matrices: x.diagonal(0, -2, -1)",
    );
    expect(() => x.diagonal(0, 1, -1)).toThrow("diagonal: needs two different dims of [2, 3], got 1 and -1");
  });
});

describe("joining", () => {
  it.each([
    ["cat", cat],
    ["stack", stack],
    ["hstack", hstack],
    ["vstack", vstack],
    ["meshgrid", meshgrid],
  ])("%s takes an array of tensors", (name, join) => {
    expect(() => free(join)(x, x)).toThrow(
      `${name}: takes an array of tensors, got Tensor([2, 3])\n  hint: write ${name}([a, b])`,
    );
    expect(() => free(join)([])).toThrow(`${name}: needs at least one tensor, got []`);
    expect(() => free(join)([x, 1])).toThrow(`${name}: expects a tensor, got 1`);
  });

  it("cat, hstack and vstack name the shapes that differ", () => {
    expect(() => cat([x, rand([2, 4])])).toThrow(
      "cat: shapes [2, 3] and [2, 4] differ outside dim 0\n  hint: all other sizes must be equal",
    );
    expect(() => cat([x, rand([3])])).toThrow("cat: shapes [2, 3] and [3] differ");
    expect(() => cat([scalar, scalar])).toThrow(
      "cat: a 0-d tensor has no dim to join along\n  hint: join 0-d tensors with stack([...])",
    );
    expect(() => hstack([x, rand([3, 3])])).toThrow("hstack: shapes [2, 3] and [3, 3] differ outside dim 1");
    expect(() => vstack([x, rand([2])])).toThrow("vstack: shapes [2, 3] and [1, 2] differ outside dim 0");
  });

  it("stack and meshgrid name the shape that they do not take", () => {
    expect(() => stack([x, rand([3])])).toThrow("stack: needs tensors of one shape, got [2, 3] and [3]");
    expect(() => meshgrid([x])).toThrow("meshgrid: takes 0-d and 1-D tensors, got [2, 3]");
    expect(() => free(meshgrid)([rand([2])], { indexing: "yx" })).toThrow(
      'meshgrid: indexing must be "ij" or "xy", got "yx"',
    );
  });
});

describe("oneHot", () => {
  it("takes int32 classes and a count of them", async () => {
    expect(() => oneHot(x, 3)).toThrow("oneHot: the index must be int32, got float32");
    expect(() => oneHot(tensor([1], { dtype: "int32" }), 0)).toThrow(
      "oneHot: numClasses must be an integer of 1 or more, got 0",
    );
    await expect(oneHot(tensor([3], { dtype: "int32" }), 3).tolist()).rejects.toThrow(
      "oneHot: index 3 is out of range of size 3",
    );
  });
});

it.each(["reshape", "narrow", "pad", "tril", "repeat", "flip"])("%s as a function takes a tensor", async (name) => {
  const core = (await import("@downhill/core")) as unknown as Record<string, (x: unknown) => unknown>;
  expect(() => core[name]!([1, 2])).toThrow(`${name}: expects a tensor, got [1, 2]`);
});
