import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Tensor } from "../src/index.js";
import {
  bernoulli,
  compile,
  defaultGenerator,
  IndexError,
  manualSeed,
  noGrad,
  rand,
  setDefaultDevice,
  tensor,
  TraceError,
} from "../src/index.js";
import { assign, everyRun, ownTensor, ReferenceBackend, registerBackend } from "../src/engine.js";

let devices = 0;

beforeEach(() => setDefaultDevice(registerBackend(new ReferenceBackend(`compile-errors-${devices++}`))));
afterEach(() => setDefaultDevice("cpu"));

const values = async (x: Tensor | null): Promise<number[]> => (x === null ? [] : Array.from(await x.data()));

describe("a function that reads a value is refused by compile, which names the op and the way out", () => {
  const mask = (x: Tensor) => x.gt(0);
  test.each<[string, (x: Tensor) => unknown]>([
    ["item", (x) => x.sum().item()],
    ["data", (x) => x.data()],
    ["tolist", (x) => x.mul(2).tolist()],
    ["toText", (x) => x.toText()],
    ["printing", (x) => String(x)],
    ["nonzero", (x) => x.nonzero()],
    ["unique", (x) => x.unique()],
    ["maskedSelect", (x) => x.maskedSelect(mask(x))],
    ["at with a mask", (x) => x.at(mask(x))],
    ["bernoulli", (x) => bernoulli(x)],
  ])("%s", (name, read) => {
    const f = compile((x: Tensor) => {
      read(x);
      return x;
    });
    const call = (): Tensor => f(tensor([0.5, 0.25]));
    expect(call).toThrow(TraceError);
    expect(call).toThrow(
      `${name}: a compiled function cannot read a value or branch on one: it is recorded once and run again with other values\n  hint: choose with where(condition, a, b)`,
    );
    expect(f.traces).toBe(0);
  });

  test("also if it catches the error, or is async", () => {
    const caught = compile((x: Tensor) => {
      try {
        return String(x);
      } catch {
        return "nothing";
      }
    });
    expect(() => caught(tensor([1]))).toThrow("printing: a compiled function cannot read a value");
    const awaiting = compile(async (x: Tensor) => ((await x.item()) > 0 ? x : x.neg()));
    expect(() => awaiting(tensor([1]))).toThrow("item: a compiled function cannot read a value");
  });
});

describe("compile refuses", () => {
  test("what is no function, and options that it does not know", () => {
    expect(() => compile(3 as never)).toThrow("compile: takes a function, got 3");
    expect(() => compile(() => 1, { max: 3 } as never)).toThrow(
      'compile: unknown option "max"\n  hint: it takes limit',
    );
    expect(() => compile(() => 1, { limit: 0 })).toThrow("limit");
  });

  test("a function that returns a Promise", () => {
    expect(() => compile(async (x: Tensor) => Promise.resolve(x))(tensor([1]))).toThrow(
      /compile: the function returned a Promise[^]*await loss.item\(\)/,
    );
  });

  test("results that are no tensors, numbers, arrays or plain objects", () => {
    expect(() => compile(() => new Map())()).toThrow(/compile: the function returned Map\n.*return tensors/);
    expect(() => compile((x: Tensor) => [() => x])(tensor([1]))).toThrow("compile: the function returned function");
  });

  test("a backward pass into a graph from outside", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const hidden = w.mul(2);
    const captured = compile((x: Tensor) => {
      hidden.mul(x).sum().backward();
    });
    const message =
      /backward: reaches a graph from outside the compiled function, at a tensor of shape \[2\]\n.*x\.detach\(\)/;
    expect(() => captured(tensor([1, 1]))).toThrow(message);
    expect(() =>
      compile((x: Tensor) => {
        x.sum().backward();
      })(hidden),
    ).toThrow(message);
    hidden.sum().backward();
    expect(w.grad).not.toBe(null);
  });

  test("an argument that it also updates as a captured tensor", async () => {
    const state = ownTensor(tensor([1]));
    const f = compile((x: Tensor) => {
      assign(state, state.add(x));
    });
    f(tensor([2]));
    for (let i = 0; i < 2; i++)
      expect(() => f(state)).toThrow(/updates a tensor of shape \[1\] that is passed to it too\n.*clone/);
    expect(await values(state)).toEqual([3]);
  });
});

describe("an error leaves everything as it was", () => {
  /** Does everything that a step does, and then fails if told to. */
  function subject(): {
    step: (x: Tensor, index: Tensor) => Tensor;
    facts: () => Promise<unknown>;
    fail: { now: boolean };
  } {
    manualSeed(7);
    const w = ownTensor(tensor([1, 2, 3])).requiresGrad_();
    const total = tensor([0]);
    const host = { steps: 0 };
    const fail = { now: false };
    const step = (x: Tensor, index: Tensor): Tensor => {
      w.grad = null;
      const loss = w
        .mul(x)
        .mul(rand([3]))
        .gather(0, index)
        .sum();
      loss.backward();
      noGrad(() => {
        assign(w, w.sub(w.grad!.mul(0.1)));
        total.add_(loss);
      });
      everyRun(
        () => host.steps++,
        () => host.steps--,
      );
      if (fail.now) throw new Error("the user's own");
      return loss;
    };
    const facts = async (): Promise<unknown> => ({
      w: await values(w),
      grad: await values(w.grad),
      total: await values(total),
      steps: host.steps,
      random: defaultGenerator.getState(),
    });
    return { step, facts, fail };
  }

  const x = (): Tensor => tensor([1, 2, 3]);
  const inside = (): Tensor => tensor([0, 2], { dtype: "int32" });
  const outside = (): Tensor => tensor([0, 3], { dtype: "int32" });

  test("thrown by the function while it is traced", async () => {
    const [a, b] = [subject(), subject()];
    manualSeed(7);
    const before = await a.facts();
    const step = compile(a.step);
    a.fail.now = true;
    expect(() => step(x(), inside())).toThrow("the user's own");
    expect(await a.facts()).toEqual(before);
    a.fail.now = false;
    step(x(), inside());
    const after = await a.facts();
    manualSeed(7);
    b.step(x(), inside());
    expect(await b.facts()).toEqual(after);
  });

  test("thrown by the Program, at the first call and at a replay", async () => {
    const { step, facts } = subject();
    const compiled = compile(step);
    const before = await facts();
    expect(() => compiled(x(), outside())).toThrow(IndexError);
    expect(await facts()).toEqual(before);
    compiled(x(), inside());
    const between = await facts();
    expect(() => compiled(x(), outside())).toThrow(/gather.*3/);
    expect(await facts()).toEqual(between);
    compiled(x(), inside());
    expect(compiled.traces).toBe(1);
  });
});

test("what the function does on the host happens in the traced call only", () => {
  const log = vi.fn();
  const f = compile((x: Tensor) => {
    log("called");
    return x.neg();
  });
  for (let i = 0; i < 3; i++) f(tensor([i]));
  expect(log).toHaveBeenCalledTimes(1);
});
