import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultDevice, type DType, einsum, rand, type Tensor, tensor } from "@downhill/core";
import { flush } from "@downhill/core/engine";

const { programs } = defaultDevice();

/** Whole numbers in [-8, 8], so that sums are exact in any order and dtype. */
const whole = (shape: readonly number[], dtype: DType = "float32"): Tensor =>
  rand(shape).mul(17).floor().sub(8).to(dtype);

/** The names of the primitives of the last Program that `fn` runs. */
function primitives(fn: () => Tensor): string[] {
  flush(fn());
  return programs
    .programs()
    .at(-1)!
    .nodes.map((node) => node.op);
}

describe("matmul is the sum of products, for any sizes", () => {
  it.each(["float32", "float64", "int32"] as const)("in %s", async (dtype) => {
    const size = fc.integer({ min: 0, max: 12 });
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        size,
        fc.constantFrom([], [1], [3], [2, 1], [2, 3]),
        fc.constantFrom([], [1], [3], [1, 3]),
        async (n, k, m, leadX, leadY) => {
          const x = whole([...leadX, n, k], dtype);
          const y = whole([...leadY, k, m], dtype);
          const expected = x.unsqueeze(-1).mul(y.unsqueeze(-3)).sum(-2);
          const actual = x.matmul(y);
          expect(actual.shape).toEqual(expected.shape);
          expect([...(await actual.data())].map((v) => v + 0)).toEqual([...(await expected.data())].map((v) => v + 0));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("of 67 by 70 by 65, which takes the rows four at a time and a rest", async () => {
    const [x, y] = [whole([67, 70]), whole([70, 65])];
    const expected = x.unsqueeze(-1).mul(y.unsqueeze(0)).sum(1);
    expect(await x.matmul(y).tolist()).toEqual(await expected.tolist());
  });

  it("rounds float32 once, at the end", async () => {
    const x = tensor([[1e8, 1, -1e8]]);
    expect(await x.matmul(tensor([[1], [1], [1]])).item()).toBe(1);
  });
});

describe("batches by one matrix are one product of a tall matrix", () => {
  it("forward, and in the gradient of the matrix", () => {
    const x = rand([4, 5, 3]);
    const w = rand([3, 2], { requiresGrad: true });
    expect(primitives(() => x.matmul(w))).toEqual(["buffer", "reshape", "buffer", "matmul", "reshape"]);
    x.matmul(w).sum().backward();
    flush(w.grad!);
    const shapes = programs
      .programs()
      .at(-1)!
      .nodes.filter((node) => node.op === "matmul")
      .map((node) => node.shape);
    expect(shapes).toContainEqual([3, 2]);
  });
});

describe("einsum", () => {
  const sizes: Record<string, number> = { a: 2, b: 3, c: 2, d: 1 };

  /** The sum of products as it is written down: over every value of every letter. */
  async function loops(terms: readonly string[], output: string, tensors: readonly Tensor[]): Promise<number[]> {
    const data = await Promise.all(tensors.map((x) => x.data()));
    const inner = [...new Set(terms.join(""))].filter((letter) => !output.includes(letter));
    const letters = [...Array.from(output), ...inner];
    const out: number[] = [];
    const values: Record<string, number> = {};
    const place = (term: string): number =>
      Array.from(term).reduce((at, letter) => at * sizes[letter]! + values[letter]!, 0);
    const visit = (depth: number): void => {
      if (depth === letters.length) {
        const at = place(output);
        out[at] = (out[at] ?? 0) + terms.reduce((product, term, k) => product * data[k]![place(term)]!, 1);
        return;
      }
      for (let i = 0; i < sizes[letters[depth]!]!; i++) {
        values[letters[depth]!] = i;
        visit(depth + 1);
      }
    };
    visit(0);
    return out;
  }

  it("is its loops, for any terms and output", async () => {
    const term = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 }).map((letters) => letters.join(""));
    await fc.assert(
      fc.asyncProperty(
        fc.array(term, { minLength: 1, maxLength: 3 }),
        fc.shuffledSubarray(["a", "b", "c", "d"]),
        async (terms, wanted) => {
          const output = wanted.filter((letter) => terms.join("").includes(letter)).join("");
          const tensors = terms.map((letters) =>
            whole(
              Array.from(letters).map((letter) => sizes[letter]!),
              "float64",
            ),
          );
          const result = einsum(`${terms.join(",")}->${output}`, ...tensors);
          expect(result.shape).toEqual(Array.from(output).map((letter) => sizes[letter]));
          expect([...(await result.data())].map((v) => v + 0)).toEqual(
            (await loops(terms, output, tensors)).map((v) => v + 0),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it("is one matrix product where it is one", () => {
    const count = (equation: string, ...shapes: number[][]): number =>
      primitives(() => einsum(equation, ...shapes.map((shape) => rand(shape)))).filter((op) => op === "matmul").length;
    expect(count("ij,jk->ik", [2, 3], [3, 4])).toBe(1);
    expect(count("bhqd,bhkd->bhqk", [1, 2, 3, 4], [1, 2, 5, 4])).toBe(1);
    expect(count("ij,jk,kl->il", [2, 3], [3, 4], [4, 5])).toBe(2);
    expect(count("ij,ij->ij", [2, 3], [2, 3])).toBe(0);
  });
});
