import { describe, expect, it } from "vitest";
import { cat, narrow, noGrad, ones, rand, stack, type Tensor, tensor, zeros } from "@downhill/core";

const x = tensor([
  [0, 1, 2, 3],
  [4, 5, 6, 7],
  [8, 9, 10, 11],
]);
const { programs } = x.device;

/** How many Programs are compiled for the uses after the first. */
async function compiledByOthers(uses: readonly (() => Tensor)[]): Promise<number> {
  await uses[0]!().data();
  const before = programs.compiled;
  for (const use of uses.slice(1)) await use().data();
  return programs.compiled - before;
}

describe("numbers that say where are passed at run time", () => {
  const starts = [0, 1, 2, -1, -3];
  const cases: Record<string, readonly (() => Tensor)[]> = {
    "the start of narrow": starts.map((start) => () => x.narrow(1, start, 1)),
    "the start of narrow, through its gradient": starts.map((start) => () => {
      const w = ones([4], { requiresGrad: true });
      w.narrow(0, start, 1).sum().backward();
      return w.grad!;
    }),
    "the shift of roll": starts.map((shift) => () => x.roll(shift, 0)),
    "the shift of roll over all": starts.map((shift) => () => x.roll(shift)),
    "the diagonal of tril": starts.map((k) => () => x.tril(k)),
    "the diagonal of triu": starts.map((k) => () => x.triu(k)),
    "which of the diagonals of equal length": [0, -1].map((k) => () => ones([2, 3, 2]).diagonal(k, 1, 2)),
    "where zeros stand around pad": [0, 1, 2].map((before) => () => x.pad([before, 3 - before])),
    "the value of pad": [0, 1, -Infinity].map((value) => () => x.pad([1, 1], { value })),
  };
  it.each(Object.entries(cases))("%s", async (_, uses) => {
    expect(await compiledByOthers(uses)).toBe(0);
  });
});

describe("parts", () => {
  it("cover the tensor, and cat undoes them", async () => {
    for (const parts of [
      x.split(3, 1),
      x.split([1, 0, 3], 1),
      x.chunk(3, 1),
      x.unbind(1).map((column) => column.unsqueeze(1)),
    ]) {
      expect(await cat(parts, 1).tolist()).toEqual(await x.tolist());
    }
    expect(await stack(x.unbind(0)).tolist()).toEqual(await x.tolist());
  });

  it("of an empty dim are one empty part, or as many as asked for", () => {
    const shapes = (parts: readonly Tensor[]): string => parts.map((part) => `[${part.shape.join()}]`).join(" ");
    expect(shapes(zeros([0, 2]).split(3))).toBe("[0,2]");
    expect(shapes(zeros([0, 2]).split(0))).toBe("[0,2]");
    expect(shapes(zeros([0, 2]).chunk(2))).toBe("[0,2] [0,2]");
    expect(zeros([0, 2]).unbind()).toEqual([]);
  });

  it("send their gradients home", async () => {
    const w = rand([5], { requiresGrad: true });
    const [a, b] = w.split([2, 3]);
    a!.mul(2).sum().add(b!.mul(3).sum()).backward();
    expect(await w.grad!.tolist()).toEqual([2, 2, 3, 3, 3]);
  });
});

describe("cat", () => {
  it("leaves out an empty 1-D tensor of any rank's company, and gives it an empty gradient", () => {
    const nothing = zeros([0], { requiresGrad: true });
    const joined = cat([nothing, x, nothing], 1);
    expect(joined.shape).toEqual([3, 4]);
    joined.sum().backward();
    expect(nothing.grad!.shape).toEqual([0]);
  });

  it("gives a tensor that stands twice both shares of the gradient", async () => {
    const w = ones([2], { requiresGrad: true });
    cat([w, w])
      .mul(tensor([1, 2, 3, 4]))
      .sum()
      .backward();
    expect(await w.grad!.tolist()).toEqual([4, 6]);
  });
});

describe("what PyTorch gives new memory", () => {
  const fresh: Record<string, (y: Tensor) => Tensor> = {
    flip: (y) => y.flip(0),
    "flip of no dims": (y) => y.flip([]),
    roll: (y) => y.roll(1, 0),
    repeat: (y) => y.repeat(1, 1),
    tile: (y) => y.tile(2),
    repeatInterleave: (y) => y.repeatInterleave(2, 0),
    pad: (y) => y.pad([0, 0]),
    "pad that cuts nothing": (y) => y.pad([]),
    cat: (y) => cat([y]),
    diag: (y) => y.diag(),
  };
  it.each(Object.entries(fresh))("may be changed in place without the source: %s", async (_, make) => {
    const source = ones([2, 2]);
    const made = make(source);
    made.add_(1);
    expect(await source.sum().item()).toBe(4);
    expect(await made.amin().item()).toBe(2);
  });

  it("is not what views are: a change of a view is refused", () => {
    for (const view of [x.narrow(0, 0, 1), x.t(), x.unsqueeze(0), x.unbind()[0]!, x.diagonal()]) {
      expect(() => noGrad(() => view.add_(1))).toThrow("this tensor is a view");
    }
  });
});

it("sizes and dims may be spread or one array", () => {
  expect(x.reshape(2, -1).shape).toEqual(x.reshape([2, -1]).shape);
  expect(x.permute(1, 0).shape).toEqual(x.permute([1, 0]).shape);
  expect(x.repeat(2, 1).shape).toEqual(x.repeat([2, 1]).shape);
  expect(x.expand(2, 3, 4).shape).toEqual([2, 3, 4]);
});

it("functions and methods are the same", async () => {
  expect(await narrow(x, 0, 1, 1).tolist()).toEqual(await x.narrow(0, 1, 1).tolist());
});
