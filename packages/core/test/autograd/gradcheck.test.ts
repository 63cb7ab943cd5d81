import {
  AutogradFunction,
  type FunctionContext,
  gradcheck,
  GradcheckError,
  gradgradcheck,
  tensor,
  type Tensor,
} from "@downhill/core";
import * as testing from "@downhill/core/testing";
import { expect, test } from "vitest";

const leaf = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });

/** x², with a gradient that is `factor` · x · grad; 2 is right. */
function square(factor: number): (x: Tensor) => Tensor {
  class Square extends AutogradFunction {
    static forward(ctx: FunctionContext, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.mul(x);
    }
    static backward(ctx: FunctionContext, grad: Tensor): Tensor {
      return grad.mul(ctx.savedTensors[0]!).mul(factor);
    }
  }
  return (x) => Square.apply(x);
}

test("resolves to true for right gradients, of first and second order", async () => {
  const x = leaf([
    [1, -2],
    [0.5, 3],
  ]);
  const y = leaf([[2], [-1]]);
  await expect(gradcheck((x, y) => [x.mul(y).exp(), x.sum(0)], [x, y])).resolves.toBe(true);
  await expect(gradgradcheck((x, y) => [x.mul(y).exp(), x.sum(0)], [x, y])).resolves.toBe(true);
  await expect(gradcheck(square(2), x)).resolves.toBe(true);
  await expect(gradgradcheck(square(2), x)).resolves.toBe(true);
  expect(x.grad).toBeNull();
});

test("rejects a wrong gradient, naming output, input, elements and both values", async () => {
  const error = await gradcheck((x, y) => [x.add(y), square(3)(y)], [leaf([1, 2]), leaf([0.5, 4])]).catch(
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(GradcheckError);
  const { entry, message } = error as GradcheckError;
  expect(entry).toMatchObject({ output: 1, outputIndex: [1], input: 1, inputIndex: [1], analytic: 12 });
  expect(entry?.numeric).toBeCloseTo(8, 5);
  expect(message).toMatch(
    /^gradcheck: d output 1\[1\] \/ d input 1\[1\]: analytic 12, numeric 8.* \(2 of 16 entries differ/,
  );
});

test("rejects a gradient that is right at first order and cut off at second", async () => {
  class Cut extends AutogradFunction {
    static forward(ctx: FunctionContext, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.mul(x);
    }
    static backward(ctx: FunctionContext, grad: Tensor): Tensor {
      return grad.mul(ctx.savedTensors[0]!.detach()).mul(2);
    }
  }
  const x = leaf([1, 2]);
  await gradcheck((x) => Cut.apply(x), x);
  await expect(gradgradcheck((x) => Cut.apply(x), x)).rejects.toThrow(
    /gradgradcheck: d output 0\[\d\] \/ d input 0\[\d\]: analytic 0/,
  );
});

test("takes a function without gradients for one whose slope is 0", async () => {
  await gradcheck((x) => x.detach().gt(0).to("float64"), leaf([1, -2]));
  await gradgradcheck((x) => x.mul(3), leaf([1, -2]));
  await expect(gradcheck((x) => x.detach(), leaf([1, 2]))).rejects.toThrow(/analytic 0, numeric (1|0\.9)/);
});

test("rejects a gradient that is NaN", async () => {
  const broken = square(NaN);
  await expect(gradcheck(broken, leaf([1, 2]))).rejects.toThrow("analytic NaN");
});

test("rejects a function whose backward differs from run to run, unless nondetTol allows it", async () => {
  let run = 0;
  class Noisy extends AutogradFunction {
    static forward(_ctx: FunctionContext, x: Tensor): Tensor {
      return x.mul(1);
    }
    static backward(_ctx: FunctionContext, grad: Tensor): Tensor {
      return grad.mul(1 + 1e-7 * run++);
    }
  }
  await expect(gradcheck((x) => Noisy.apply(x), leaf([1, 2]))).rejects.toThrow("two backward passes of output 0 give");
  await gradcheck((x) => Noisy.apply(x), leaf([1, 2]), { nondetTol: 1e-5 });
});

test("takes tolerances and a step", async () => {
  const x = leaf([1, 2]);
  await expect(gradcheck(square(2.001), x, { rtol: 1e-6 })).rejects.toThrow(GradcheckError);
  await gradcheck(square(2.001), x, { rtol: 1e-2 });
  await gradcheck((x) => x.mul(x).mul(x), x, { eps: 1e-2, atol: 1e-3 });
  await expect(gradcheck((x) => x.mul(x).mul(x), x, { eps: 1e-1, rtol: 0 })).rejects.toThrow(GradcheckError);
});

test("gradgradcheck takes gradients of the outputs", async () => {
  const gradOutputs = tensor([0, 0], { dtype: "float64" });
  await gradgradcheck((x) => x.exp(), leaf([1, 2]), { gradOutputs });
});

test("refuses inputs that cannot be checked", async () => {
  const x = leaf([1, 2]);
  await expect(gradcheck((x) => x.exp(), tensor([1, 2], { requiresGrad: true }))).rejects.toThrow(
    "input 0 is float32, too coarse",
  );
  await expect(gradcheck((x) => x.exp(), x.detach())).rejects.toThrow("no input requires gradients");
  await expect(gradcheck((x) => x.gt(1), x)).rejects.toThrow("the function returns no tensor of a float dtype");
  await expect(gradcheck((x) => x.exp(), x, { epsilon: 1 } as object)).rejects.toThrow('unknown option "epsilon"');
  await expect(gradcheck((x) => x.exp(), [1] as unknown as Tensor[])).rejects.toThrow(
    "gradcheck: inputs must be a tensor",
  );
});

test("is exported by @downhill/core/testing too", () => {
  expect(testing.gradcheck).toBe(gradcheck);
  expect(testing.gradgradcheck).toBe(gradgradcheck);
});
