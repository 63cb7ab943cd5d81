import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compile, enableGrad, grad, noGrad, setDefaultDevice, tensor, type Tensor } from "../src/index.js";
import { ownTensor, ReferenceBackend, registerBackend } from "../src/engine.js";

let devices = 0;

beforeEach(() => setDefaultDevice(registerBackend(new ReferenceBackend(`compile-gradients-${devices++}`))));
afterEach(() => setDefaultDevice("cpu"));

const values = async (x: Tensor | null): Promise<number[]> => (x === null ? [] : Array.from(await x.data()));
const variable = (data: number[]): Tensor => ownTensor(tensor(data)).requiresGrad_();

describe("gradients in a compiled function", () => {
  test("add up over calls", async () => {
    const [a, b] = [variable([1, 2]), variable([1, 2])];
    const back = (w: Tensor) => (x: Tensor) => {
      w.mul(x).sum().backward();
    };
    const [eager, compiled] = [back(a), compile(back(b))];
    for (let i = 0; i < 6; i++) {
      if (i === 4) a.grad = b.grad = null;
      eager(tensor([1, i]));
      compiled(tensor([1, i]));
      expect(await values(b.grad)).toEqual(await values(a.grad));
    }
    expect(compiled.traces).toBe(2); // without and with a gradient to add to
  });

  test("that a replay has left are read by others, anew at each call", async () => {
    const w = variable([1]);
    const back = compile((x: Tensor) => {
      w.grad = null;
      w.mul(x).sum().backward();
    });
    const slope = compile(() => [w.grad!, w.grad!.mul(2)]);
    for (let i = 0; i < 4; i++) {
      back(tensor([i]));
      if (i === 0) continue;
      const [same, twice] = slope();
      expect([await values(same!), await values(twice!)]).toEqual([[i], [2 * i]]);
    }
    expect([back.traces, slope.traces]).toEqual([1, 1]);
  });

  test("from before are changed in place", async () => {
    const [a, b] = [variable([1, 2]), variable([1, 2])];
    const halve = (w: Tensor) => () => {
      w.grad!.mul_(0.5);
    };
    const [eager, compiled] = [halve(a), compile(halve(b))];
    for (let i = 0; i < 5; i++) {
      for (const w of [a, b]) w.mul(i + 1).sum().backward(); // prettier-ignore
      eager();
      compiled();
      expect(await values(b.grad)).toEqual(await values(a.grad));
    }
    expect(compiled.traces).toBe(1);
  });

  test("reach arguments, and are those of grad() too", async () => {
    const slope = compile((x: Tensor) => grad(x.pow(3).sum(), x)[0]!);
    const into = compile((x: Tensor) => {
      x.mul(x).sum().backward();
    });
    for (let i = 0; i < 3; i++) {
      const x = tensor([1, i], { requiresGrad: true });
      expect(await values(slope(x))).toEqual([3, 3 * i * i]);
      expect(x.grad).toBe(null);
      into(x);
      expect(await values(x.grad)).toEqual([2, 2 * i]);
    }
    expect([slope.traces, into.traces]).toEqual([1, 1]);
  });

  test("are set to null, and to tensors, as the function does", async () => {
    const w = variable([1]);
    const f = compile((x: Tensor) => {
      w.grad = x.item === undefined ? null : x.mul(2);
    });
    const clear = compile(() => {
      w.grad = null;
    });
    for (let i = 0; i < 3; i++) {
      f(tensor([i]));
      expect(await values(w.grad)).toEqual([2 * i]);
      clear();
      expect(w.grad).toBe(null);
    }
  });

  test("go through hooks", async () => {
    const w = variable([3]);
    const step = compile((x: Tensor) => {
      w.grad = null;
      w.mul(x).sum().backward();
    });
    step(tensor([1]));
    const hook = w.registerHook((grad) => grad.mul(10));
    step(tensor([1]));
    expect(await values(w.grad)).toEqual([10]);
    step(tensor([2]));
    expect(await values(w.grad)).toEqual([20]);
    hook.remove();
    step(tensor([2]));
    expect(await values(w.grad)).toEqual([2]);
    expect(step.traces).toBe(3);
  });

  test("are recorded as the mode around the call says", () => {
    const w = variable([3]);
    const f = compile(() => w.mul(2));
    expect(f().requiresGrad).toBe(true);
    expect(noGrad(f).requiresGrad).toBe(false);
    expect(enableGrad(f).requiresGrad).toBe(true);
    expect(f.traces).toBe(2);
  });

  test("end at its results, which keep no graph", () => {
    const w = variable([3]);
    const f = compile(() => w.mul(2).sum());
    for (let i = 0; i < 2; i++) {
      const loss = f();
      expect([loss.requiresGrad, loss.isLeaf]).toEqual([true, false]);
      expect(() => loss.backward()).toThrow(/freed[^]*a compiled function keeps none: call backward inside it/);
    }
  });
});
