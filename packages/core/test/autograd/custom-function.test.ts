import {
  AutogradFunction,
  checkpoint,
  type FunctionContext,
  grad,
  gradcheck,
  gradgradcheck,
  noGrad,
  tensor,
  type Tensor,
  zeros,
} from "@downhill/core";
import { assign, flush } from "@downhill/core/engine";
import { describe, expect, expectTypeOf, test } from "vitest";

const leaf = (data: number | number[], dtype: "float32" | "float64" = "float32"): Tensor =>
  tensor(data, { dtype, requiresGrad: true });
const values = async (x: Tensor | null): Promise<unknown> => (x === null ? null : x.tolist());

class Square extends AutogradFunction {
  static forward(ctx: FunctionContext, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(x);
  }
  static backward(ctx: FunctionContext, grad: Tensor): Tensor {
    return grad.mul(ctx.savedTensors[0]!).mul(2);
  }
}

/** eˣ, saving its output. */
class Exp extends AutogradFunction {
  static forward(ctx: FunctionContext, x: Tensor): Tensor {
    const y = x.exp();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: FunctionContext, grad: Tensor): Tensor {
    return grad.mul(ctx.savedTensors[0]!);
  }
}

/** [scale · x · y, x + y], with a number among its arguments. */
class Both extends AutogradFunction {
  static forward(ctx: FunctionContext, x: Tensor, scale: number, y: Tensor): [Tensor, Tensor] {
    ctx.saveForBackward(x, y);
    ctx.scale = scale;
    return [x.mul(y).mul(scale), x.add(y)];
  }
  static backward(ctx: FunctionContext, product: Tensor, sum: Tensor): [Tensor, null, Tensor] {
    const [x, y] = ctx.savedTensors as [Tensor, Tensor];
    const scaled = product.mul(ctx.scale as number);
    return [scaled.mul(y).add(sum), null, scaled.mul(x).add(sum)];
  }
}

describe("a custom function", () => {
  test("has the gradient of its backward, and of that again", async () => {
    const x = leaf([1, -2], "float64");
    const y = Square.apply(x);
    expect([y.requiresGrad, y.isLeaf]).toEqual([true, false]);
    y.sum().backward();
    expect(await values(x.grad)).toEqual([2, -4]);
    for (const fn of [Square, Exp]) {
      await gradcheck((x) => fn.apply(x), x);
      await gradgradcheck((x) => fn.apply(x), x);
      await gradgradcheck((x) => fn.apply(fn.apply(x).sin()), x);
    }
  });

  test("takes several inputs and other arguments, and gives several outputs", async () => {
    const [x, y] = [leaf([1, 2], "float64"), leaf([3, 4], "float64")];
    const both = (x: Tensor, y: Tensor): Tensor[] => Both.apply(x, 3, y);
    await gradcheck(both, [x, y]);
    await gradgradcheck(both, [x, y]);
  });

  test("is typed by its forward", () => {
    expectTypeOf(Square.apply(leaf(1))).toEqualTypeOf<Tensor>();
    expectTypeOf(Both.apply(leaf(1), 2, leaf(1))).toEqualTypeOf<[Tensor, Tensor]>();
    // @ts-expect-error a number is no tensor
    expect(() => Square.apply(3)).toThrow();
    // @ts-expect-error an argument is missing
    expect(() => Both.apply(leaf(1), 2)).toThrow();
  });

  test("runs backward once for all its outputs, also when only one of them matters", async () => {
    let runs = 0;
    class Counted extends AutogradFunction {
      static forward(_ctx: FunctionContext, x: Tensor): [Tensor, Tensor, Tensor] {
        return [x.mul(1), x.mul(2), x.mul(3)];
      }
      static backward(_ctx: FunctionContext, a: Tensor, b: Tensor, c: Tensor): Tensor {
        runs++;
        return a.add(b.mul(2)).add(c.mul(3));
      }
    }
    const outputs = (): [Tensor, Tensor, Tensor, Tensor] => {
      const x = leaf([1, 1]);
      return [x, ...Counted.apply(x)];
    };
    for (const [pick, expected] of [
      [[1], 1],
      [[2], 2],
      [[3], 3],
      [[3, 1], 4],
      [[1, 2, 3], 6],
    ] as const) {
      runs = 0;
      const all = outputs();
      const loss = pick.map((i) => all[i].sum()).reduce((sum, y) => sum.add(y));
      loss.backward();
      expect(await values(all[0].grad)).toEqual([expected, expected]);
      expect(runs).toBe(1);
    }
    // An output that feeds another use before it meets the loss.
    runs = 0;
    const [x, a, , c] = outputs();
    a.mul(c).sum().backward();
    expect(await values(x.grad)).toEqual([6, 6]);
    expect(runs).toBe(1);
  });

  test("tells which inputs need a gradient, and need not give the others", async () => {
    const needs: (readonly boolean[])[] = [];
    class Mul extends AutogradFunction {
      static forward(ctx: FunctionContext, x: Tensor, y: Tensor, _note: string): Tensor {
        needs.push(ctx.needsInputGrad);
        ctx.saveForBackward(x, y);
        return x.mul(y);
      }
      static backward(ctx: FunctionContext, grad: Tensor): (Tensor | null)[] {
        const [x, y] = ctx.savedTensors as [Tensor, Tensor];
        return [ctx.needsInputGrad[0] ? grad.mul(y) : null, ctx.needsInputGrad[1] ? grad.mul(x) : null, null];
      }
    }
    const x = leaf([1, 2]);
    Mul.apply(x, tensor([3, 4]), "note")
      .sum()
      .backward();
    expect(await values(x.grad)).toEqual([3, 4]);
    const y = leaf([1, 2]);
    Mul.apply(tensor([5, 6]), y, "note")
      .sum()
      .backward();
    expect(await values(y.grad)).toEqual([5, 6]);
    expect(Mul.apply(tensor([1]), tensor([2]), "note").requiresGrad).toBe(false);
    expect(noGrad(() => Mul.apply(x, y, "note")).requiresGrad).toBe(false);
    expect(needs).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, false],
      [false, false, false],
    ]);
  });

  test("sums a gradient of the broadcast shape, and converts its dtype", async () => {
    class Add extends AutogradFunction {
      static forward(_ctx: FunctionContext, x: Tensor, y: Tensor): Tensor {
        return x.add(y);
      }
      static backward(_ctx: FunctionContext, grad: Tensor): [Tensor, Tensor] {
        return [grad, grad.to("float64")];
      }
    }
    const x = tensor([[1], [2]], { requiresGrad: true });
    const y = leaf([1, 2, 3]);
    Add.apply(x, y).sum().backward();
    expect([await values(x.grad), await values(y.grad), y.grad!.dtype]).toEqual([[[3], [3]], [2, 2, 2], "float32"]);
  });

  test("keeps outputs apart that forward returns twice, returns unchanged, or has from elsewhere", async () => {
    const constant = tensor([7, 7]);
    class Odd extends AutogradFunction {
      static forward(_ctx: FunctionContext, x: Tensor): Tensor[] {
        const y = x.mul(2);
        return [x, y, y, constant];
      }
      static backward(_ctx: FunctionContext, ...grads: Tensor[]): Tensor {
        return grads.map((grad, i) => grad.mul(10 ** i)).reduce((sum, grad) => sum.add(grad));
      }
    }
    const x = leaf([1, 2]);
    const outputs = Odd.apply(x);
    expect(await Promise.all(outputs.map(values))).toEqual([
      [1, 2],
      [2, 4],
      [2, 4],
      [7, 7],
    ]);
    expect([x.isLeaf, constant.requiresGrad]).toEqual([true, false]);
    outputs[0]!.add(outputs[1]!).add(outputs[2]!).add(outputs[3]!).sum().backward();
    expect(await values(x.grad)).toEqual([1111, 1111]);
  });
});

describe("outputs without a gradient", () => {
  class Largest extends AutogradFunction {
    static forward(ctx: FunctionContext, x: Tensor): [Tensor, Tensor, Tensor] {
      const place = x.argmax();
      const marked = x.gt(0).to("float32");
      ctx.markNonDifferentiable(marked);
      ctx.saveForBackward(x);
      return [x.amax(), place, marked];
    }
    static backward(ctx: FunctionContext, grad: Tensor, ...rest: Tensor[]): Tensor {
      ctx.received = rest;
      const [x] = ctx.savedTensors as [Tensor];
      return grad.mul(x.eq(x.amax()).to("float32"));
    }
  }

  test("are ints, and those that forward marks", async () => {
    const x = leaf([1, 5, 2]);
    const [largest, place, marked] = Largest.apply(x);
    expect([largest.requiresGrad, place.requiresGrad, marked.requiresGrad]).toEqual([true, false, false]);
    largest.backward();
    expect(await values(x.grad)).toEqual([0, 1, 0]);
  });

  test("and those that nothing depends on come to backward as zeros, or as null on request", async () => {
    for (const materialize of [true, false]) {
      let received: (Tensor | null)[] = [];
      class Two extends AutogradFunction {
        static forward(ctx: FunctionContext, x: Tensor): [Tensor, Tensor] {
          if (!materialize) ctx.setMaterializeGrads(false);
          return [x.mul(2), x.sum(0, { keepdim: true })];
        }
        static backward(_ctx: FunctionContext, a: Tensor | null, b: Tensor | null): Tensor | null {
          received = [a, b];
          return a?.mul(2) ?? null;
        }
      }
      const x = leaf([1, 2]);
      Two.apply(x)[0].sum().backward();
      expect(await Promise.all(received.map(values))).toEqual([[1, 1], materialize ? [0] : null]);
      expect(await values(x.grad)).toEqual([2, 2]);
    }
  });
});

describe("it is the caller's code", () => {
  test("what forward and backward make can be read, in a Module's forward too", async () => {
    const kept: Tensor[] = [];
    class Keeps extends AutogradFunction {
      static forward(ctx: FunctionContext, x: Tensor): Tensor {
        const inner = x.mul(3);
        kept.push(inner);
        ctx.saveForBackward(inner);
        return inner.add(1);
      }
      static backward(ctx: FunctionContext, grad: Tensor): Tensor {
        const inner = grad.mul(7);
        kept.push(inner, ...ctx.savedTensors, grad);
        return inner;
      }
    }
    const x = leaf([1, 2]);
    checkpoint((x) => Keeps.apply(x).mul(x), x)
      .sum()
      .backward();
    noGrad(() => assign(x, x.sub(x.grad!)));
    flush(x); // what is internal can no longer be computed
    expect(await Promise.all(kept.map(values))).toEqual([
      [3, 6],
      [7, 14],
      [3, 6],
      [1, 2],
    ]);
  });

  test("forward runs without gradients; backward with them only for createGraph", () => {
    const seen: boolean[] = [];
    class Modes extends AutogradFunction {
      static forward(_ctx: FunctionContext, x: Tensor): Tensor {
        seen.push(x.mul(2).requiresGrad);
        return x.mul(2);
      }
      static backward(_ctx: FunctionContext, grad: Tensor): Tensor {
        seen.push(leaf(1).mul(grad).requiresGrad);
        return grad.mul(2);
      }
    }
    const x = leaf([1]);
    Modes.apply(x).sum().backward();
    grad(Modes.apply(x).sum(), x, { createGraph: true });
    expect(seen).toEqual([false, false, false, true]);
  });

  test("saved tensors keep the values they had, whatever happens to the variables", async () => {
    const x = leaf([1, 2]);
    const y = Square.apply(x);
    noGrad(() => x.fill_(100));
    y.sum().backward();
    expect(await values(x.grad)).toEqual([2, 4]);
  });

  test("an error in backward leaves .grad alone and the graph usable", async () => {
    let fails = true;
    class Sometimes extends AutogradFunction {
      static forward(_ctx: FunctionContext, x: Tensor): Tensor {
        return x.mul(2);
      }
      static backward(_ctx: FunctionContext, grad: Tensor): Tensor {
        if (fails) throw new Error("not yet");
        return grad.mul(2);
      }
    }
    const [x, y] = [leaf([1]), leaf([1])];
    const loss = Sometimes.apply(x).mul(y).sum();
    expect(() => loss.backward()).toThrow("not yet");
    expect([x.grad, y.grad]).toEqual([null, null]);
    fails = false;
    loss.backward();
    expect([await values(x.grad), await values(y.grad)]).toEqual([[2], [2]]);
  });
});

describe("refuses", () => {
  const returning = (result: (grad: Tensor) => unknown): (() => void) => {
    class Wrong extends AutogradFunction {
      static forward(_ctx: FunctionContext, x: Tensor, _n: number, y: Tensor): Tensor {
        return x.add(y);
      }
      static backward(_ctx: FunctionContext, grad: Tensor): Tensor {
        return result(grad) as Tensor;
      }
    }
    const loss = Wrong.apply(leaf([1, 2]), 3, leaf([1, 2])).sum();
    return () => loss.backward();
  };

  test("a wrong number of gradients", () => {
    expect(returning((g) => g)).toThrow("Wrong.backward: returned 1 gradients for 3 arguments of forward");
    expect(returning((g) => [g, null])).toThrow("returned 2 gradients for 3 arguments");
    expect(returning((g) => [g, null, g, g])).toThrow("returned 4 gradients for 3 arguments");
    expect(returning((g) => [g, null, g, null])).not.toThrow();
    expect(returning(() => [null, null, undefined])).not.toThrow();
  });

  test("gradients of a wrong shape or kind", () => {
    expect(returning((g) => [g, null, g.sum()])).toThrow(
      "Wrong.backward: gradient 2 has shape [], forward's argument 2 has [2]",
    );
    expect(returning((g) => [zeros([3]), null, g])).toThrow("gradient 0 has shape [3], forward's argument 0 has [2]");
    expect(returning((g) => [g, g, g])).toThrow("gradient 1 must be null, for forward's argument 1 is no tensor");
    expect(returning((g) => [g, null, 4])).toThrow("gradient 2 must be a tensor or null, got 4");
    expect(returning((g) => [g, null, g.to("int32")])).toThrow("gradient 2 is int32, not a float dtype");
  });

  test("a forward that returns no tensor, and a class without backward", () => {
    class Number_ extends AutogradFunction {
      static forward(_ctx: FunctionContext, _x: Tensor): Tensor {
        return 3 as unknown as Tensor;
      }
      static backward(): null {
        return null;
      }
    }
    expect(() => Number_.apply(leaf(1))).toThrow("Number_: forward must return a tensor or an array of tensors, got 3");
    class Half extends AutogradFunction {
      static forward(_ctx: FunctionContext, x: Tensor): Tensor {
        return x.mul(0.5);
      }
      declare static backward: (ctx: FunctionContext, grad: Tensor) => Tensor;
    }
    expect(() => Half.apply(leaf(1))).toThrow("Half: has no backward");
    expect(Half.apply(tensor(1)).shape).toEqual([]);
  });

  test("to save what is no tensor, and a second backward through a freed graph", () => {
    class Saves extends AutogradFunction {
      static forward(ctx: FunctionContext, x: Tensor): Tensor {
        ctx.saveForBackward(3 as unknown as Tensor);
        return x;
      }
      static backward(): null {
        return null;
      }
    }
    expect(() => Saves.apply(leaf(1))).toThrow("saveForBackward: takes tensors, got 3");
    const x = leaf([1]);
    const [a, b] = Both.apply(x, 1, x);
    a.sum().backward();
    expect(() => b.sum().backward()).toThrow("freed by an earlier backward");
  });
});
