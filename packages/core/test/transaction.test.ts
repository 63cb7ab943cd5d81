import { afterEach, describe, expect, it } from "vitest";
import { defaultDevice, setDefaultDevice, ShapeError, tensor, type Tensor } from "@downhill/core";
import {
  assign,
  enter,
  type Executable,
  flush,
  leave,
  type Program,
  ReferenceBackend,
  registerBackend,
  transaction,
  withGrad,
} from "@downhill/core/engine";

/** A backend whose runs can be told to fail. */
class Failing extends ReferenceBackend {
  fails = false;
  override compile(program: Program): Executable {
    const executable = super.compile(program);
    return {
      run: (inputs, scalars) => {
        if (this.fails) throw new Error("out of memory");
        return executable.run(inputs, scalars);
      },
    };
  }
}

afterEach(() => setDefaultDevice("cpu"));

function failing(): Failing {
  const backend = new Failing("failing");
  setDefaultDevice(registerBackend(backend));
  return backend;
}

/** Records as an optimizer does: without gradients, and nothing is visible that is not assigned. */
function inside(fn: () => void): () => void {
  return () => {
    const outer = enter();
    try {
      withGrad(false, fn);
    } finally {
      leave(outer);
    }
  };
}

const doubled = (x: Tensor): void => assign(x, x.mul(2));
const pending = (): number => defaultDevice().pending.length;

describe("a transaction", () => {
  it("computes what was assigned, in one Program, and returns what its function returns", async () => {
    failing();
    const [a, b] = [tensor([1]), tensor([2])];
    const result = transaction(() => {
      inside(() => {
        doubled(a);
        assign(b, a.add(b));
      })();
      return "done";
    });
    expect(result).toBe("done");
    expect([defaultDevice().programs.compiled, pending()]).toEqual([1, 0]);
    expect([await a.item(), await b.item()]).toEqual([2, 4]);
  });

  it("gives every variable its old value back if its function throws, and leaves nothing pending", async () => {
    failing();
    const [a, b] = [tensor([1]), tensor([2])];
    const change = inside(() => {
      doubled(a);
      doubled(a);
      assign(b, tensor([1, 2, 3]));
    });
    expect(() => transaction(change)).toThrow(ShapeError);
    expect([pending(), defaultDevice().pendingBytes]).toEqual([0, 0]);
    expect([await a.item(), await b.item()]).toEqual([1, 2]);
  });

  it("gives every variable its old value back if the run fails, and can be done again", async () => {
    const backend = failing();
    const w = tensor([1], { requiresGrad: true });
    const change = inside(() => doubled(w));
    backend.fails = true;
    expect(() => transaction(change)).toThrow("out of memory");
    backend.fails = false;
    expect(pending()).toBe(0);
    expect([w.requiresGrad, w.isLeaf, await w.item()]).toEqual([true, true, 1]);
    transaction(change);
    expect([w.requiresGrad, w.isLeaf, await w.item()]).toEqual([true, true, 2]);
  });

  it("keeps an update of before that is still pending, and its place in memory", async () => {
    const backend = failing();
    const w = tensor([1]);
    const { buffer } = w.node;
    inside(() => doubled(w))();
    backend.fails = true;
    expect(() => transaction(inside(() => assign(w, w.add(5))))).toThrow("out of memory");
    backend.fails = false;
    flush(w);
    expect(w.node.buffer).toBe(buffer);
    expect(await w.item()).toBe(2);
  });

  it("inside another fails with it, unless it is caught", async () => {
    failing();
    const [a, b] = [tensor([1]), tensor([1])];
    const inner = inside(() => {
      doubled(b);
      throw new Error("inner");
    });
    transaction(() => {
      inside(() => doubled(a))();
      expect(() => transaction(inner)).toThrow("inner");
    });
    expect([await a.item(), await b.item()]).toEqual([2, 1]);
  });
});
