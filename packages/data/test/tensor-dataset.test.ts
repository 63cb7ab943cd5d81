import { arange, defaultDevice, rand, ShapeError, type Tensor, tensor, ValueError } from "@downhill/core";
import { flush } from "@downhill/core/engine";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { defaultCollate, TensorDataset } from "../src/index.js";

const X = tensor([[1, 2], [3, 4], [5, 6], [7, 8]]); // prettier-ignore
const y = tensor([10, 20, 30, 40], { dtype: "int32" });

describe("TensorDataset", () => {
  test("has as many samples as rows; a sample is one row of each tensor", async () => {
    const dataset = new TensorDataset(X, y);
    expect(dataset.length).toBe(4);
    const [x2, y2] = dataset.get(2);
    expect(await x2.tolist()).toEqual([5, 6]);
    expect(await y2.tolist()).toBe(30);
    expect(y2.dtype).toBe("int32");
    expectTypeOf(dataset.get(2)).toEqualTypeOf<[Tensor, Tensor]>();
    expectTypeOf(new TensorDataset(X).get(0)).toEqualTypeOf<[Tensor]>();
  });

  test("gives the rows of a batch in the order of its indices, repeats and indices from the end included", async () => {
    const [bx, by] = new TensorDataset(X, y).getBatch([3, 0, 3, -2]);
    expectTypeOf(bx).toEqualTypeOf<Tensor>();
    expect(await bx.tolist()).toEqual([[7, 8], [1, 2], [7, 8], [5, 6]]); // prettier-ignore
    expect(await by.tolist()).toEqual([40, 10, 40, 30]);
    expect(await new TensorDataset(y).get(-1)[0].item()).toBe(40);
  });

  test("gives an empty batch for no indices", () => {
    const [bx, by] = new TensorDataset(X, y).getBatch([]);
    expect([bx.shape, by.shape]).toEqual([[0, 2], [0]]);
  });

  test("keeps what a batch was when the next is taken before the first is read", async () => {
    const dataset = new TensorDataset(y);
    const [first] = dataset.getBatch([0, 1]);
    const [second] = dataset.getBatch([2, 3]);
    expect(await first.tolist()).toEqual([10, 20]);
    expect(await second.tolist()).toEqual([30, 40]);
  });

  test("a batch of it is the collation of its samples, for any shapes, dtypes and indices", async () => {
    const dtype = fc.constantFrom("float32", "float64", "int32", "uint8", "bool");
    const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
    const one = fc.record({ dtype, shape });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }).chain((n) =>
          fc.record({
            n: fc.constant(n),
            forms: fc.array(one, { minLength: 1, maxLength: 3 }),
            indices: fc.array(fc.integer({ min: -n, max: n - 1 }), { minLength: 1, maxLength: 8 }),
          }),
        ),
        async ({ n, forms, indices }) => {
          const tensors = forms.map(({ dtype, shape }) => {
            const size = shape.reduce((a, b) => a * b, n);
            return arange(size).remainder(2 + n).reshape([n, ...shape]).to(dtype); // prettier-ignore
          });
          const dataset = new TensorDataset(...tensors);
          const gathered = dataset.getBatch(indices);
          const collated = defaultCollate(indices.map((index) => dataset.get(index)));
          for (const [k, batch] of gathered.entries()) {
            expect(batch.shape).toEqual(collated[k]!.shape);
            expect(batch.dtype).toBe(collated[k]!.dtype);
            expect(await batch.tolist()).toEqual(await collated[k]!.tolist());
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test("carries gradients to tensors that require them", async () => {
    const w = tensor([1, 2, 3], { requiresGrad: true });
    const [batch] = new TensorDataset(w).getBatch([2, 0, 2]);
    batch.sum().backward();
    expect(await w.grad!.tolist()).toEqual([1, 0, 2]);
  });

  test("computes its tensors when it is made, once", () => {
    const x = rand([4, 2]).mul(3).add(1);
    const { programs } = defaultDevice();
    const dataset = new TensorDataset(x);
    const before = programs.compiled + programs.reused;
    flush(x);
    expect(programs.compiled + programs.reused).toBe(before);
    flush(...dataset.getBatch([0, 1]));
    expect(
      programs
        .programs()
        .at(-1)!
        .nodes.map((node) => node.op),
    ).not.toContain("mul");
  });

  test("gathers each tensor in one go, with the indices as an input of the Program", () => {
    flush(...new TensorDataset(X, y, X).getBatch([1, 0, 2, 1, 1]));
    const program = defaultDevice().programs.programs().at(-1)!;
    expect(program.nodes.filter((node) => node.op === "gather")).toHaveLength(3);
    const inputs = program.inputs.map((place) => program.nodes[place]!);
    expect(inputs.map((node) => `${node.dtype} [${node.shape.join(", ")}]`).sort()).toEqual([
      "float32 [4, 2]",
      "int32 [4]",
      "int32 [5]",
    ]);
  });
});

describe("TensorDataset refuses", () => {
  test("tensors of different lengths, naming them", () => {
    expect(() => new TensorDataset(X, rand([3, 1]), y)).toThrow(
      new ShapeError(
        "TensorDataset: the tensors have different lengths: 4, 3, 4 (shapes [4, 2], [3, 1], [4])",
        "the first dim counts the samples and must be equal in all",
      ),
    );
  });

  test("0-d tensors", () => {
    expect(() => new TensorDataset(X, tensor(3))).toThrow(/^TensorDataset: tensor 1 is 0-d and has no rows\n {2}hint:/);
  });

  test("no tensors", () => {
    expect(() => new TensorDataset()).toThrow(ValueError);
    expect(() => new TensorDataset()).toThrow("TensorDataset: needs at least one tensor");
  });

  test("what is no tensor, as plain JavaScript may pass it", () => {
    const make = (...things: unknown[]) => new TensorDataset(...(things as Tensor[]));
    expect(() => make([[1, 2]])).toThrow("TensorDataset: argument 0 must be a tensor, got [[1, 2]]");
    expect(() => make(X, undefined)).toThrow("TensorDataset: argument 1 must be a tensor, got undefined");
  });

  test("indices outside the dataset, and fractions, at the line that asks", () => {
    const dataset = new TensorDataset(X, y);
    expect(() => dataset.get(4)).toThrow(
      "TensorDataset: index 4 is out of range for 4 samples\n  hint: indices are integers from 0 to 3",
    );
    expect(() => dataset.get(-5)).toThrow("index -5 is out of range");
    expect(() => dataset.getBatch([0, 7])).toThrow("index 7 is out of range");
    expect(() => dataset.getBatch([0.5])).toThrow("index 0.5 is out of range");
    expect(() => dataset.getBatch([Number.NaN])).toThrow("index NaN is out of range");
    expect(() => new TensorDataset(rand([0, 3])).get(0)).toThrow(
      "index 0 is out of range for 0 samples\n  hint: it is empty",
    );
  });
});
