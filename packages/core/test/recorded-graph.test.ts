import { Linear, MSELoss } from "@downhill/nn";
import { describe, expect, it } from "vitest";
import { traceNumbers } from "../src/engine.js";
import {
  compile,
  grad,
  GradientError,
  noGrad,
  type RecordedNode,
  recordedGraph,
  rand,
  tensor,
  TraceError,
  ValueError,
} from "../src/index.js";
import { scalar } from "../src/tensor.js";

const leaf = (data: number | number[]) => tensor(data, { requiresGrad: true, dtype: "float64" });
/** Each Node as its name or op, and those of its inputs. */
const text = (nodes: readonly RecordedNode[]): string[] => {
  const word = ({ name, op }: RecordedNode): string => name ?? op;
  return nodes.map((node) =>
    node.inputs.length === 0 ? word(node) : `${word(node)}(${node.inputs.map((i) => word(nodes[i]!)).join(", ")})`,
  );
};

describe("recordedGraph", () => {
  it("lists each Node once, after those that it is computed from", () => {
    const w = leaf(3);
    const squared = w.mul(w);
    const nodes = recordedGraph(squared.add(squared.sqrt()), { w });
    expect(text(nodes)).toEqual(["w", "mul(w, w)", "sqrt(mul)", "add(mul, sqrt)"]);
  });

  it("has the leaves themselves, and values to read and to take gradients for", async () => {
    const w = leaf([1, 2]);
    const loss = w.mul(3).square().sum();
    const nodes = recordedGraph(loss);
    expect(nodes[0]!.tensor).toBe(w);
    const passed = nodes.filter(({ requiresGrad }) => requiresGrad);
    const gradients = grad(loss, passed.map(({ tensor }) => tensor), { retainGraph: true }); // prettier-ignore
    expect(await Promise.all(passed.map(({ tensor }) => tensor.tolist()))).toEqual([[1, 2], [3, 6], [9, 36], 45]);
    expect(await Promise.all(gradients.map((g) => g.tolist()))).toEqual([[18, 36], [6, 12], [1, 1], 1]);
    loss.backward();
    expect(await w.grad!.tolist()).toEqual([18, 36]);
  });

  it("computes nothing by itself", () => {
    const w = leaf([1, 2]);
    const before = w.device.programs.compiled;
    const loss = w.sin().cosh().sum();
    recordedGraph(loss);
    expect(w.device.programs.compiled).toBe(before);
    expect(loss.node.buffer).toBeNull();
  });

  it("is autograd's: it ends at what needs no gradient, and at the tensor that a view there is of, if that has a name", () => {
    const X = rand([5, 1]);
    const x = X.at(2);
    const model = new Linear(1, 1);
    const { weight: w, bias } = model;
    const prediction = model.forward(x);
    const loss = new MSELoss().forward(prediction, tensor([1]));
    expect(text(recordedGraph(loss, { w, b: bias!, x, prediction }))).toEqual([
      "x",
      "w",
      "b",
      "reshape(x)",
      "matmul(reshape, w)",
      "reshape(matmul)",
      "prediction(reshape, b)",
      "buffer",
      "sub(prediction, buffer)",
      "mul(sub)",
      "sum(mul)",
      "scalar",
      "div(sum, scalar)",
    ]);
    expect(text(recordedGraph(prediction)).filter((word) => word.startsWith("slice"))).toEqual([]);
  });

  it("leaves only the tensor after backward has freed it", () => {
    const w = leaf(2);
    const loss = w.mul(w);
    loss.backward();
    expect(text(recordedGraph(loss, { loss }))).toEqual(["loss"]);
  });

  it("is the recipe where no gradients pass, with run-time numbers, down to what is computed", async () => {
    const a = tensor([1, 2]);
    const b = noGrad(() => a.mul(4).exp());
    const nodes = recordedGraph(b, { a });
    expect(text(nodes)).toEqual(["a", "scalar", "mul(a, scalar)", "exp(mul)"]);
    expect(nodes[1]).toMatchObject({ number: 4, shape: [], requiresGrad: false });
    expect(nodes[2]).toMatchObject({ number: null, shape: [2], dtype: "float32" });
    await b.data();
    expect(text(recordedGraph(b))).toEqual(["exp"]);
  });

  it("takes several outputs", () => {
    const [w, v] = [leaf(1), leaf(2)];
    const sum = w.add(v);
    expect(text(recordedGraph([sum.mul(v), sum.sub(w)], { w, v, sum }))).toEqual([
      "w",
      "v",
      "sum(w, v)",
      "mul(sum, v)",
      "sub(sum, w)",
    ]);
  });

  it("walks 50,000 Nodes without recursion", () => {
    const w = leaf(1);
    let x = w.add(0);
    for (let i = 0; i < 50_000; i++) x = x.neg();
    expect(recordedGraph(x)).toHaveLength(50_003);
  });

  it("refuses what is no tensor", () => {
    expect(() => recordedGraph(3 as never)).toThrow(GradientError);
    expect(() => recordedGraph(leaf(1), { w: 3 as never })).toThrow(new ValueError("recordedGraph: w is not a tensor"));
  });
});

describe("traceNumbers", () => {
  it("tells which function a run-time number comes from", () => {
    const rate = (): number => 0.5;
    const a = tensor([1, 2]);
    const { result, sourceOf } = traceNumbers(() => a.mul(scalar(rate, "float32")).add(2));
    const numbers = recordedGraph(result).filter(({ number }) => number !== null);
    expect(numbers.map(({ number, tensor }) => [number, sourceOf(tensor)])).toEqual([
      [0.5, rate],
      [2, undefined],
    ]);
  });

  it("leaves what it has recorded to be computed", async () => {
    const { result } = traceNumbers(() => tensor([1, 2]).mul(scalar(() => 3, "float32")));
    expect(await result.tolist()).toEqual([3, 6]);
  });

  it("refuses to read, and to stand in a compiled function", () => {
    expect(() => traceNumbers(() => tensor(1).item())).toThrow(TraceError);
    expect(() => compile(() => traceNumbers(() => undefined))()).toThrow(TraceError);
  });
});
