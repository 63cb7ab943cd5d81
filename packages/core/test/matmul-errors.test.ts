import { describe, expect, it } from "vitest";
import { addmm, DTypeError, einsum, ones, ShapeError, type Tensor, tensor, ValueError } from "@downhill/core";

/** What JavaScript callers can do and TypeScript does not let through. */
const loose = (x: unknown): Record<string, (...args: unknown[]) => Tensor> =>
  x as Record<string, (...args: unknown[]) => Tensor>;
const anyEinsum = einsum as (...args: unknown[]) => Tensor;

const x = ones([2, 3]);

describe("matmul and its kin", () => {
  it("name both shapes, the sizes that differ, and what was meant", () => {
    expect(() => x.matmul(ones([4, 3]))).toThrow(ShapeError);
    expect(() => x.matmul(ones([4, 3]))).toThrow(
      "matmul: inner sizes differ: [2, 3] x [4, 3] (3 and 4)\n  hint: did you mean a.matmul(b.transpose(-2, -1))?",
    );
    expect(() => x.matmul(ones([2, 4]))).toThrow("hint: did you mean a.transpose(-2, -1).matmul(b)?");
    expect(() => ones([3]).matmul(ones([2]))).toThrow("matmul: inner sizes differ: [3] x [2] (3 and 2)");
    expect(() => ones([2, 2, 3]).matmul(ones([3, 3, 2]))).toThrow("matmul: shapes [2] and [3] do not broadcast");
    expect(() => ones([]).matmul(x)).toThrow(
      "matmul: both need at least 1 dim, got [] x [2, 3]\n  hint: use x.mul(y) to scale",
    );
    expect(() => x.mm(ones([2, 3]))).toThrow("mm: inner sizes differ");
    expect(() => x.mm(ones([3]))).toThrow(
      "mm: needs a 2-D and a 2-D tensor, got [2, 3] and [3]\n  hint: matmul takes any dims and broadcasts",
    );
    expect(() => x.mv(ones([2]))).toThrow("mv: inner sizes differ");
    expect(() => x.dot(x)).toThrow("dot: needs a 1-D and a 1-D tensor");
    expect(() => ones([2, 2, 3]).bmm(ones([1, 3, 2]))).toThrow(
      "bmm: needs as many matrices on both sides, got [2, 2, 3] and [1, 3, 2]",
    );
    expect(() => x.outer(ones([2]))).toThrow("outer: needs two 1-D tensors, got [2, 3] and [2]");
  });

  it("name both dtypes", () => {
    expect(() => x.matmul(ones([3, 2], { dtype: "int32" }))).toThrow(DTypeError);
    expect(() => x.matmul(ones([3, 2], { dtype: "int32" }))).toThrow(
      "matmul: needs two tensors of one number dtype, got float32 and int32\n  hint: convert one with x.to(dtype)",
    );
    expect(() => x.bool().matmul(x.bool())).toThrow("matmul: needs two tensors of one number dtype, got bool and bool");
    expect(() => loose(x).matmul!(3)).toThrow("matmul: expects a tensor, got 3");
  });

  it("addmm says what does not fit", () => {
    const [a, b] = [ones([2, 3]), ones([3, 2])];
    expect(() => addmm(ones([3]), a, b)).toThrow("addmm: shapes [3] and [2, 2] do not broadcast");
    expect(() => addmm(ones([1, 2, 2]), a, b)).toThrow(
      "addmm: the first tensor [1, 2, 2] does not broadcast to the product [2, 2]",
    );
    expect(() => addmm(ones([2], { dtype: "float64" }), a, b)).toThrow(
      "addmm: the first tensor is float64, the factors are float32",
    );
    expect(() => loose(ones([2])).addmm!(a, b, { gamma: 1 })).toThrow(
      'addmm: unknown option "gamma"\n  hint: it takes alpha, beta',
    );
    expect(() => loose(ones([2])).addmm!(a, b, { alpha: "1" })).toThrow('addmm: alpha must be a number, got "1"');
    const whole = tensor([[1]], { dtype: "int32" });
    expect(() => addmm(whole, whole, whole, { beta: 0.5 })).toThrow(
      "addmm: beta must be an integer for int32 tensors, got 0.5",
    );
  });
});

describe("einsum quotes the equation", () => {
  it("where it cannot be read", () => {
    expect(() => einsum("ij,jk->ik->i", x, x)).toThrow(ValueError);
    expect(() => einsum("ij,jk->ik->i", x, x)).toThrow('einsum("ij,jk->ik->i"): more than one "->"');
    expect(() => einsum("i1->i", x)).toThrow(
      'einsum("i1->i"): cannot read "i1"\n  hint: a term has letters a-z and A-Z, one per dim, and at most one "..."',
    );
    expect(() => einsum("ij->k", x)).toThrow('einsum("ij->k"): the output\'s "k" stands in no input');
    expect(() => einsum("ij->ii", x)).toThrow('einsum("ij->ii"): the output has "i" twice');
    expect(() => anyEinsum(x, x)).toThrow("einsum: the equation must be a string, got Tensor([2, 3])");
  });

  it("where it does not fit the tensors", () => {
    expect(() => einsum("ij->i")).toThrow('einsum("ij->i"): needs at least one tensor');
    expect(() => einsum("ij,jk->ik", x)).toThrow('einsum("ij,jk->ik"): has 2 terms for 1 tensors');
    expect(() => einsum("i->i", x)).toThrow(
      'einsum("i->i"): "i" has 1 letters for the 2 dims of [2, 3]\n  hint: let "..." stand for the others',
    );
    expect(() => einsum("ijk->i", x)).toThrow('einsum("ijk->i"): "ijk" has 3 letters for the 2 dims of [2, 3]');
    expect(() => einsum("ij,jk->ik", x, x)).toThrow(
      'einsum("ij,jk->ik"): "j" has sizes 3 and 2, in tensors of shape [2, 3] and [2, 3]',
    );
    expect(() => einsum("ii->i", x)).toThrow('einsum("ii->i"): "i" is a diagonal of [2, 3] with sizes 2 and 3');
    expect(() => einsum("...i,...i->i", ones([2, 3]), ones([4, 3]))).toThrow("a dim of the ellipsis has sizes 2 and 4");
    expect(() => einsum("ij,ij->", x, x.to("float64"))).toThrow(
      'einsum("ij,ij->"): needs tensors of one dtype, got float32 and float64',
    );
    expect(() => einsum("ij,ij->", x.bool(), x.bool())).toThrow(
      'einsum("ij,ij->"): products of bool tensors cannot be summed',
    );
    expect(() => anyEinsum("ij->", [x])).toThrow("einsum: expects a tensor, got [Tensor([2, 3])]");
  });
});
