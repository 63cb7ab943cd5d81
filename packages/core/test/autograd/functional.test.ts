import { readFileSync } from "node:fs";
import { gradcheck, grad, hessian, hvp, jacobian, jvp, tensor, type Tensor, vjp } from "@downhill/core";
import { describe, expect, test } from "vitest";

// What torch.autograd.functional gives. tools/reference/autograd.py writes the file.

interface Values {
  readonly shape: number[];
  readonly data: number[];
}
type Nested = Values | readonly Nested[];
interface Case {
  readonly what: "jacobian" | "hessian" | "hvp" | "vjp" | "jvp" | "grad";
  readonly fn: keyof typeof functions;
  readonly inputs: readonly Values[];
  readonly v?: Values | readonly Values[];
  readonly result: Nested;
}

const functions = {
  square: (x: Tensor) => x.mul(x),
  rows: (x: Tensor) => x.exp().mul(x).sum(1),
  scalar: (x: Tensor) => x.sin().mul(x).mul(x).sum(),
  product: (x: Tensor, y: Tensor) => x.mul(y.exp()),
  pair: (x: Tensor, y: Tensor) => [x.sum(0).mul(y), y.mul(y).sum()],
  cubic: (x: Tensor, y: Tensor) => x.pow(3).sum().mul(y.prod()).add(y.sum()),
  first: (x: Tensor, _y: Tensor) => x.mul(x).sum(),
} satisfies Record<string, (x: Tensor, y: Tensor) => Tensor | Tensor[]>;

const cases = JSON.parse(readFileSync(new URL("../fixtures/autograd.json", import.meta.url), "utf8")) as Case[];

const made = ({ shape, data }: Values, requiresGrad = false): Tensor =>
  tensor(data, { dtype: "float64" }).reshape(shape).detach().requiresGrad_(requiresGrad);

type AnyFn = (...args: unknown[]) => unknown;

function compute({ what, fn, inputs, v }: Case): unknown {
  const f = functions[fn] as AnyFn;
  const tensors = inputs.map((input) => made(input, what === "grad"));
  const along = v === undefined ? undefined : Array.isArray(v) ? v.map((one: Values) => made(one)) : made(v as Values);
  if (what === "grad") {
    const gradOutputs = along!;
    return grad(f(...tensors) as Tensor | Tensor[], tensors, { gradOutputs });
  }
  const args = tensors.length > 1 ? tensors : tensors[0];
  return ({ jacobian, hessian, hvp, vjp, jvp }[what] as AnyFn)(
    f,
    args,
    ...(what === "jacobian" || what === "hessian" ? [] : [along]),
  );
}

async function compare(actual: unknown, expected: Nested, where: string): Promise<void> {
  if (Array.isArray(expected)) {
    const list = expected as readonly Nested[];
    expect(Array.isArray(actual), `${where} is a list`).toBe(true);
    expect((actual as unknown[]).length, where).toBe(list.length);
    for (const [i, item] of list.entries()) await compare((actual as unknown[])[i], item, `${where}[${i}]`);
    return;
  }
  const { shape, data } = expected as Values;
  const result = actual as Tensor;
  expect(result.shape, where).toEqual(shape);
  expect(result.requiresGrad, where).toBe(false);
  const values = await result.data();
  data.forEach((x, i) => expect(values[i], `${where} at ${i}`).toBeCloseTo(x, 12));
}

describe("as torch.autograd.functional", () => {
  for (const row of cases) {
    const shapes = row.inputs.map(({ shape }) => `[${shape.join(", ")}]`).join(", ");
    test(`${row.what} of ${row.fn}(${shapes})`, async () => compare(compute(row), row.result, row.what));
  }
});

const x = tensor(
  [
    [0.5, 1],
    [-1, 2],
  ],
  { dtype: "float64", requiresGrad: true },
);
const v = tensor(
  [
    [1, -1],
    [0.5, 2],
  ],
  { dtype: "float64" },
);

describe("createGraph makes results that differentiate again", () => {
  const options = { createGraph: true };
  test.each<[string, (x: Tensor) => Tensor]>([
    ["jacobian", (x) => jacobian((x) => x.sin().mul(x).sum(0), x, options)],
    ["hessian", (x) => hessian((x) => x.pow(4).sum(), x, options)],
    ["hvp", (x) => hvp((x) => x.pow(4).sum(), x, v, options)[1]],
    ["vjp", (x) => vjp((x) => x.pow(3), x, v, options)[1]],
    ["jvp", (x) => jvp((x) => x.pow(3), x, v, options)[1]],
    ["the value beside it", (x) => vjp((x) => x.pow(3), x, v, options)[0]],
  ])("%s", async (_, fn) => {
    expect(fn(x).requiresGrad).toBe(true);
    await gradcheck(fn, x);
    expect(x.grad).toBeNull();
  });
});

test("the function is called with copies: the inputs and their .grad stay as they are", () => {
  const plain = tensor([1, 2]);
  const result = jacobian((a) => {
    expect(a).not.toBe(plain);
    expect([a.requiresGrad, a.isLeaf]).toEqual([true, true]);
    return a.mul(2);
  }, plain);
  expect(result.requiresGrad).toBe(false);
  expect([plain.requiresGrad, plain.grad]).toEqual([false, null]);
});

test("outputs that do not depend on the inputs have derivatives of 0", async () => {
  const constant = tensor([1, 2], { dtype: "float64" });
  expect(await jacobian(() => constant, x.detach()).tolist()).toEqual([
    [
      [0, 0],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 0],
    ],
  ]);
  expect(await hessian((a) => a.sum(), tensor([1, 2])).tolist()).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(await jvp(() => constant, x, v)[1].tolist()).toEqual([0, 0]);
  expect(jacobian((a) => a.narrow(0, 0, 0), tensor([1, 2])).shape).toEqual([0, 2]);
});

test("what the function makes is the caller's: it can be read afterwards", async () => {
  let kept: Tensor | undefined;
  hvp(
    (a) => {
      kept = a.exp();
      return kept.sum();
    },
    tensor([0, 0]),
    tensor([1, 1]),
  );
  expect(await kept!.tolist()).toEqual([1, 1]);
});

test("refuses what cannot be differentiated, and directions of other shapes", () => {
  const f = (a: Tensor): Tensor => a.sum();
  expect(() => jacobian(f, tensor([1], { dtype: "int32" }))).toThrow("jacobian: input 0 is int32");
  expect(() => hessian((a) => a.mul(2), x)).toThrow(
    "hessian: the function must return one tensor of one element, got [2, 2]",
  );
  expect(() => hvp(f, x, tensor([1]))).toThrow("hvp: v 0 has shape [1], input 0 has [2, 2]");
  expect(() => hvp(f, x)).toThrow("hvp: v may be left out only for one input of one element");
  expect(() => vjp((a) => a.exp(), x)).toThrow("vjp: v may be left out only for one output of one element");
  expect(() => vjp((a) => [a, a], x, [v])).toThrow("vjp: v has 1 tensors, one is needed per output, so 2");
  expect(() => jacobian(() => 3 as unknown as Tensor, x)).toThrow(
    "jacobian: what the function returns must be a tensor",
  );
  expect(() => jacobian(f, x, { create_graph: true } as object)).toThrow('unknown option "create_graph"');
});
