import {
  AutogradFunction,
  checkpoint,
  composite,
  type FunctionContext,
  GradientError,
  grad,
  gradgradcheck,
  keep,
  manualSeed,
  noGrad,
  rand,
  randn,
  tensor,
  type Tensor,
  VersionError,
} from "@downhill/core";
import { assign, Device, flush, type Program, ReferenceBackend } from "@downhill/core/engine";
import { describe, expect, test } from "vitest";

const leaf = (data: number[] | number[][]): Tensor => tensor(data, { requiresGrad: true });
const bits = async (tensors: readonly (Tensor | null)[]): Promise<number[][]> =>
  Promise.all(tensors.map(async (x) => Array.from(await x!.data())));

/** A device that shows the Programs it compiles. */
function watched(): { device: Device; programs: Program[] } {
  const programs: Program[] = [];
  class Watched extends ReferenceBackend {
    override compile(program: Program): ReturnType<ReferenceBackend["compile"]> {
      programs.push(program);
      return super.compile(program);
    }
  }
  return { device: new Device("watched", new Watched("watched")), programs };
}
const count = (program: Program | undefined, op: string): number =>
  program!.nodes.filter((node) => node.op === op).length;

type Run = <A extends readonly unknown[], R>(fn: (...inputs: A) => R, ...inputs: A) => R;
const plain: Run = (fn, ...inputs) => fn(...inputs);

/** Three blocks with weights that closures capture; softmax and logsumexp are composites with rules of their own. */
async function train(around: Run): Promise<number[][]> {
  manualSeed(3);
  const weights = [1, 2, 3].map(() => randn([4, 4]).mul(0.5).detach().requiresGrad_());
  const x = randn([5, 4], { requiresGrad: true });
  let h = x;
  for (const w of weights)
    h = around(
      (h: Tensor) =>
        h
          .matmul(w)
          .tanh()
          .mul(h.softmax(1))
          .add(h.logsumexp(1, { keepdim: true })),
      h,
    );
  const loss = h.pow(2).mean();
  loss.backward();
  return bits([loss, x.grad, ...weights.map((w) => w.grad)]);
}

describe("checkpoint", () => {
  test("gives the same values and gradients, bit for bit, also for what closures capture", async () => {
    expect(await train(checkpoint)).toEqual(await train(plain));
  });

  test("computes its inside a second time in the Program of backward, and nothing else", async () => {
    const steps = (around: Run): Program => {
      const { device, programs } = watched();
      const x = tensor([1, 2], { device, requiresGrad: true });
      const y = around((x: Tensor) => x.sin().exp().sin().exp(), x.mul(2));
      const loss = y.mul(y).sum();
      loss.backward();
      flush(loss, x.grad!);
      expect(programs).toHaveLength(1);
      return programs[0]!;
    };
    const [once, twice] = [steps(plain), steps(checkpoint)];
    // exp ∘ sin ∘ exp ∘ sin: the gradient needs what the second sin was given; the last exp is the result.
    expect([count(once, "sin"), count(once, "exp")]).toEqual([2, 2]);
    expect([count(twice, "sin"), count(twice, "exp")]).toEqual([3, 3]);
    expect(twice.nodes.length - once.nodes.length).toBe(2);
  });

  test("reads in backward nothing of its inside but inputs and result", () => {
    const { device, programs } = watched();
    const x = tensor([1, 2], { device, requiresGrad: true });
    const y = checkpoint((x) => x.sin().exp().sin().exp(), x);
    y.sum().backward();
    flush(y, x.grad!);
    // Who reads a value of the forward pass (what y needs), besides the forward pass itself?
    const { nodes, outputs } = programs[0]!;
    const place = outputs[0]!.node;
    const forward = new Set<number>([place]);
    for (const node of forward) for (const src of nodes[node]!.srcs) forward.add(src);
    const kept = nodes.flatMap((node, i) => (forward.has(i) ? [] : node.srcs.filter((src) => forward.has(src))));
    const names = new Set(kept.map((src) => (src === place ? "result" : nodes[src]!.op)));
    expect(names).toEqual(new Set(["buffer", "result"]));
  });

  test("nests: the inner one is computed a third time", async () => {
    const nested = (around: Run): { program: Program; read: Promise<number[][]> } => {
      const { device, programs } = watched();
      const x = tensor([0.5, 2], { device, requiresGrad: true });
      const inner = (x: Tensor): Tensor => x.sin().sin().sin();
      const y = around((x: Tensor) => around(inner, x.exp()).exp().mul(x), x);
      y.sum().backward();
      flush(y, x.grad!);
      return { program: programs[0]!, read: bits([y, x.grad]) };
    };
    const [once, more] = [nested(plain), nested(checkpoint)];
    expect(count(once.program, "sin")).toBe(3);
    // Forward three; again for the exp after it; again, but for the last, for its own backward.
    expect(count(more.program, "sin")).toBe(3 + 3 + 2);
    expect(await more.read).toEqual(await once.read);
  });

  test("works with grad() and createGraph, to second derivatives", async () => {
    const fn = (x: Tensor): Tensor => x.sin().mul(x.softmax(0)).exp();
    const second = async (around: Run): Promise<number[][]> => {
      const x = tensor([0.3, -1, 2], { dtype: "float64", requiresGrad: true });
      const [slope] = grad(around(fn, x).sum(), x, { createGraph: true });
      const [curve] = grad(slope!.pow(2).sum(), x);
      return bits([slope!, curve!]);
    };
    const [once, again] = [await second(plain), await second(checkpoint)];
    expect(again[0]).toEqual(once[0]);
    again[1]!.forEach((c, i) => expect(c).toBeCloseTo(once[1]![i]!, 12));
    const x = tensor([0.3, -1, 2], { dtype: "float64", requiresGrad: true });
    await gradgradcheck((x) => checkpoint((x) => checkpoint(fn, x).mul(x), x), x);
  });

  test("draws random tensors once: backward sees the numbers of the forward pass", async () => {
    const run = async (around: Run): Promise<unknown> => {
      manualSeed(5);
      const x = leaf([1, 2, 3, 4]);
      const y = around((x: Tensor) => {
        const mask = rand([4]).gt(0.5).to("float32");
        return x.mul(x).mul(mask).exp();
      }, x);
      y.sum().backward();
      return [await bits([y, x.grad]), await rand([1]).item()];
    };
    expect(await run(checkpoint)).toEqual(await run(plain));
  });

  test("lets a kept graph be used again, and frees it like any other", async () => {
    const x = leaf([1, 2]);
    const loss = checkpoint((x) => x.sin().exp(), x).sum();
    loss.backward(undefined, { retainGraph: true });
    const once = await bits([x.grad]);
    loss.backward();
    expect(await bits([x.grad])).toEqual(once.map((row) => row.map((g) => 2 * g)));
    expect(() => loss.backward()).toThrow("freed by an earlier backward");
  });

  test("works when the loss was read before backward", async () => {
    const run = async (around: Run): Promise<number[][]> => {
      const x = leaf([1, 2]);
      const loss = around((x: Tensor) => x.sin().exp().sin(), x).sum();
      await loss.item();
      loss.backward();
      return bits([x.grad]);
    };
    expect(await run(checkpoint)).toEqual(await run(plain));
  });

  test("returns arrays and objects of tensors, and other things, as they are", async () => {
    const x = leaf([1, 2]);
    const { y, list, n } = checkpoint((x, n) => ({ y: x.exp(), list: [x.sin(), x], n }), x, 3);
    expect([n, list[1] === x]).toEqual([3, true]);
    y.mul(list[0]!).sum().backward();
    const [g] = await bits([x.grad]);
    [1, 2].forEach((v, i) => expect(g![i]).toBeCloseTo(Math.exp(v) * (Math.sin(v) + Math.cos(v)), 5));
    expect(await y.tolist()).toHaveLength(2);
  });

  test("keeps what keep(), a hook or retainGrad asks for", async () => {
    const x = leaf([1, 2]);
    let [kept, watched] = [x, x];
    let seen: Promise<unknown> | undefined;
    const y = checkpoint((x) => {
      kept = keep(x.mul(2));
      watched = kept.mul(3);
      watched.retainGrad();
      watched.registerHook((grad) => void (seen = grad.tolist()));
      return watched.mul(watched);
    }, x);
    y.sum().backward();
    expect(await kept.tolist()).toEqual([2, 4]);
    expect(await watched.grad!.tolist()).toEqual([12, 24]);
    expect(await seen).toEqual([12, 24]);
    expect(await bits([x.grad])).toEqual([[72, 144]]);
  });

  test("keeps its result inside an op or a forward too, where nobody else can read it", () => {
    const { device, programs } = watched();
    const x = tensor([1, 2], { device, requiresGrad: true });
    const forward = composite((x: Tensor) => {
      const y = checkpoint((x) => x.sin().sin(), x);
      return y.mul(y);
    });
    forward(x).sum().backward();
    flush(x.grad!);
    // Twice forward, and again only what the second one was given.
    expect(count(programs[0], "sin")).toBe(3);
  });

  test("gives custom functions what they saved computed again, too", () => {
    class Square extends AutogradFunction {
      static forward(ctx: FunctionContext, x: Tensor): Tensor {
        ctx.saveForBackward(x);
        return x.mul(x);
      }
      static backward(ctx: FunctionContext, grad: Tensor): Tensor {
        return grad.mul(ctx.savedTensors[0]!).mul(2);
      }
    }
    const { device, programs } = watched();
    const x = tensor([1, 2], { device, requiresGrad: true });
    const y = checkpoint((x) => Square.apply(x.sin().sin()), x);
    y.sum().backward();
    flush(y, x.grad!);
    expect(count(programs[0], "sin")).toBe(4);
  });

  test("brings a gradient's gradient to values inside that keep theirs", async () => {
    const run = async (around: Run): Promise<unknown> => {
      const x = leaf([1, 2]);
      let inner = x;
      const y = around((x: Tensor) => {
        inner = x.mul(2);
        inner.retainGrad();
        return inner.mul(inner).mul(inner);
      }, x);
      const [slope] = grad(y.sum(), x, { createGraph: true });
      slope!.sum().backward();
      return bits([inner.grad, x.grad]);
    };
    expect(await run(checkpoint)).toEqual(await run(plain));
  });

  test("updates a variable once, though its inside is computed twice", async () => {
    const mean = tensor([0]);
    const x = leaf([1, 3]);
    const y = checkpoint((x) => {
      noGrad(() => assign(mean, mean.add(x.detach().mean().reshape(1))));
      return x.sub(mean).exp().mul(x);
    }, x);
    y.sum().backward();
    flush(mean, x.grad!);
    expect(await mean.tolist()).toEqual([2]);
    const expected = [1, 3].map((v) => Math.exp(v - 2) * (1 + v));
    (await bits([x.grad]))[0]!.forEach((g, i) => expect(g).toBeCloseTo(expected[i]!, 4));
  });

  test("throws the version error when a step has changed what it captured", () => {
    const [x, w] = [leaf([1, 2]), leaf([3, 4])];
    const y = checkpoint((x) => x.mul(w).exp(), x).sum();
    noGrad(() => assign(w, w.sub(1)));
    flush(w);
    expect(() => y.backward()).toThrow(VersionError);
    expect([x.grad, w.grad]).toEqual([null, null]);
  });

  test("takes a long inside", async () => {
    const x = leaf([[0.5]]);
    const y = checkpoint((x) => {
      let h = x;
      for (let i = 0; i < 20_000; i++) h = h.sin();
      return h;
    }, x);
    y.sum().backward();
    expect((await bits([x.grad]))[0]![0]).toBeGreaterThan(0);
  });

  test("refuses what is no function, and one that returns a Promise", () => {
    expect(() => checkpoint(3 as unknown as () => void)).toThrow("checkpoint: takes a function, got 3");
    expect(() => checkpoint(async () => rand([1]).item())).toThrow(GradientError);
    expect(() => checkpoint(() => Promise.resolve(1))).toThrow("after its first await cannot be recomputed");
  });
});
