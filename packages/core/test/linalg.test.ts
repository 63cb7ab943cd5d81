import { readFileSync } from "node:fs";
import { eye, linalg, manualSeed, noGrad, randn, type Tensor, tensor } from "@downhill/core";
import { describe, expect, it } from "vitest";

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Row {
  readonly op: keyof typeof linalg;
  readonly compare: "values" | "squares";
  readonly inputs: readonly Values[];
  readonly args: readonly unknown[];
  readonly outputs: readonly Values[];
  readonly seeds: readonly (Values | null)[];
  readonly grads: readonly (Values | null)[];
}

const rows = JSON.parse(readFileSync(new URL("fixtures/linalg.json", import.meta.url), "utf8")) as readonly Row[];

const made = ({ shape, data }: Values, dtype: "float32" | "float64"): Tensor =>
  tensor(Float64Array.from(data), { dtype }).reshape([...shape]);

/** Calls an op as a row says; what is free but for signs is squared. */
function call({ op, args, compare }: Row, inputs: readonly Tensor[]): Tensor[] {
  const options = args.map((arg) => (typeof arg === "object" && arg !== null && "n" in arg ? Number(arg.n) : arg));
  const fn = linalg[op] as unknown as (...all: unknown[]) => Tensor | Tensor[];
  const result = args[0] === "list" ? fn(inputs) : fn(...inputs, ...options);
  const outputs = Array.isArray(result) ? result : [result];
  return compare === "squares" ? outputs.map((x) => x.mul(x)) : outputs;
}

async function near(actual: Tensor, expected: Values, tolerance: number): Promise<void> {
  expect(actual.shape).toEqual(expected.shape);
  const size = Math.max(1, ...expected.data.map(Math.abs));
  [...(await actual.data())].forEach((x, i) => {
    expect(Math.abs(x - expected.data[i]!), `${x} for ${expected.data[i]!}`).toBeLessThan(tolerance * size);
  });
}

describe("linalg as PyTorch", () => {
  for (const [i, row] of rows.entries()) {
    it(`${i}: ${row.op} ${JSON.stringify(row.args)}`, async () => {
      const leaves = row.inputs.map((x) => made(x, "float64").requiresGrad_());
      const outputs = call(row, leaves).slice(0, row.outputs.length);
      row.seeds.forEach((seed, k) => {
        const last = row.seeds.findLastIndex((s) => s !== null);
        if (seed !== null) outputs[k]!.backward(made(seed, "float64"), { retainGraph: k < last });
      });
      for (const [k, expected] of row.outputs.entries()) await near(outputs[k]!, expected, 1e-11);
      for (const [k, grad] of row.grads.entries()) if (grad !== null) await near(leaves[k]!.grad!, grad, 1e-8);
    });

    it(`${i}: ${row.op} in float32`, async () => {
      const outputs = noGrad(() =>
        call(
          row,
          row.inputs.map((x) => made(x, "float32")),
        ),
      );
      for (const [k, expected] of row.outputs.entries()) await near(outputs[k]!, expected, 2e-4);
    });
  }
});

/** The largest difference of two tensors. */
const apart = async (x: Tensor, y: Tensor): Promise<number> => x.sub(y).abs().amax().item();
const t = (x: Tensor): Tensor => x.transpose(-2, -1);

describe("decompositions of larger matrices", () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [2, 5],
    [17, 17],
    [40, 24],
    [24, 41],
  ])("multiply to what they decompose: %i x %i", async (m, n) => {
    manualSeed(m * 100 + n);
    const x = randn([2, m, n], { dtype: "float64" });
    const [q, r] = linalg.qr(x);
    expect(await apart(q.matmul(r), x)).toBeLessThan(1e-12);
    expect(await apart(t(q).matmul(q), eye(q.shape.at(-1)!, { dtype: "float64" }))).toBeLessThan(1e-12);
    const [u, s, vh] = linalg.svd(x);
    const k = Math.min(m, n);
    expect(u.shape).toEqual([2, m, m]);
    expect(vh.shape).toEqual([2, n, n]);
    expect(
      await apart(
        u
          .narrow(2, 0, k)
          .mul(s.unsqueeze(1))
          .matmul(vh.narrow(1, 0, k)),
        x,
      ),
    ).toBeLessThan(1e-12);
    expect(await apart(t(u).matmul(u), eye(m, { dtype: "float64" }))).toBeLessThan(1e-12);
    expect(await apart(vh.matmul(t(vh)), eye(n, { dtype: "float64" }))).toBeLessThan(1e-12);
    const gram = x.matmul(t(x));
    const [values, vectors] = linalg.eigh(gram);
    expect(await apart(vectors.mul(values.unsqueeze(1)).matmul(t(vectors)), gram)).toBeLessThan(1e-11);
    expect(await apart(values, values.sort(1)[0])).toBe(0);
  });

  it("find small singular values as exactly as large ones", async () => {
    const s = tensor([1, 1e-4, 1e-9], { dtype: "float64" });
    manualSeed(1);
    const [u] = linalg.qr(randn([5, 3], { dtype: "float64" }));
    const [v] = linalg.qr(randn([3, 3], { dtype: "float64" }));
    const found = linalg.svdvals(u.mul(s).matmul(t(v)));
    expect(await apart(found.div(s), s.div(s))).toBeLessThan(1e-6);
  });

  it("make orthonormal bases of matrices that lack rank", async () => {
    const x = tensor(
      [
        [1, 2],
        [2, 4],
        [3, 6],
      ],
      { dtype: "float64" },
    );
    const [u, s, vh] = linalg.svd(x);
    expect(await apart(t(u).matmul(u), eye(3, { dtype: "float64" }))).toBeLessThan(1e-12);
    expect(await apart(u.narrow(1, 0, 2).mul(s).matmul(vh), x)).toBeLessThan(1e-12);
    expect(await linalg.matrixRank(x).item()).toBe(1);
    expect(await apart(x.matmul(linalg.pinv(x)).matmul(x), x)).toBeLessThan(1e-12);
  });

  it("solve as many equations as a small model has", async () => {
    manualSeed(3);
    const a = randn([60, 60], { dtype: "float64" });
    const b = randn([60, 2], { dtype: "float64" });
    expect(await apart(a.matmul(linalg.solve(a, b)), b)).toBeLessThan(1e-9);
  });
});

describe("matrices without an answer", () => {
  it("have a determinant of 0, and solutions that are NaN", async () => {
    const x = tensor(
      [
        [1, 2],
        [2, 4],
      ],
      { dtype: "float64" },
    );
    expect(await linalg.det(x).abs().item()).toBe(0);
    const [sign, log] = linalg.slogdet(x);
    expect([await sign.abs().item(), await log.item()]).toEqual([0, -Infinity]);
    expect([...(await linalg.inv(x).data())].every(Number.isNaN)).toBe(true);
    expect(
      [
        ...(await linalg
          .cholesky(
            tensor([
              [1, 2],
              [2, 1],
            ]),
          )
          .data()),
      ].some(Number.isNaN),
    ).toBe(true);
  });

  it("leave those beside them in a batch alone", async () => {
    const batch = tensor([
      [
        [1, 2],
        [2, 4],
      ],
      [
        [2, 0],
        [0, 2],
      ],
    ]);
    expect([...(await linalg.inv(batch).data())].slice(4)).toEqual([0.5, 0, 0, 0.5]);
  });

  it("are refused where their shape says so", () => {
    expect(() => linalg.inv(randn([2, 3]))).toThrow("inv: needs square matrices, got [2, 3]");
    expect(() => linalg.solve(randn([2, 2]), randn([3]))).toThrow("solve: [3] has not 2 rows, as [2, 2] asks for");
    expect(() => linalg.det(tensor([[1]], { dtype: "int32" }))).toThrow("det: needs float32 or float64, got int32");
    expect(() => linalg.svd(tensor([1, 2]))).toThrow("svd: needs a matrix or a stack of them, got [2]");
  });
});
