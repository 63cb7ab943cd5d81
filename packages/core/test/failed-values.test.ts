import { beforeEach, describe, expect, test } from "vitest";
import { defaultDevice, noGrad, ones, tensor, type Tensor, VersionError, zeros } from "@downhill/core";
import { assign, enter, leave, seamLimits, synchronize, transaction } from "@downhill/core/engine";

const outside = (): Tensor => tensor([1, 2]).gather(0, tensor([5], { dtype: "int32" }));

/** One step of descent on the sum of w · x, as an optimizer makes it. */
function step(w: Tensor, loss: Tensor): void {
  w.grad = null;
  loss.backward();
  transaction(() => noGrad(() => assign(w, w.sub(w.grad!))));
}

describe("a value that cannot be computed", () => {
  beforeEach(() => {
    synchronize();
  });

  test("throws each time it is read, and fails nothing else at the next cut", async () => {
    const bad = outside();
    const good = ones([2]).add(1);
    await expect(bad.data()).rejects.toThrow("out of range");
    await expect(bad.data()).rejects.toThrow("out of range");
    synchronize();
    expect(await good.tolist()).toEqual([2, 2]);
    for (let i = 0; i < 2 * seamLimits.values; i++) noGrad(() => good.add(i));
    await expect(bad.add(1).data()).rejects.toThrow("out of range");
  });

  test("that nobody reads does not stop the values recorded beside it", async () => {
    const before = ones([2]).add(1);
    outside();
    const after = ones([2]).add(2);
    synchronize();
    expect([await before.tolist(), await after.tolist()]).toEqual([
      [2, 2],
      [3, 3],
    ]);
    expect(defaultDevice().pending).toEqual([]);
    expect(defaultDevice().pendingBytes).toBe(0);
  });

  test("fails the step that needs it, and not those after it", async () => {
    const w = tensor([1, 2], { requiresGrad: true });
    expect(() =>
      step(
        w,
        w
          .mul(2)
          .gather(0, tensor([7], { dtype: "int32" }))
          .sum(),
      ),
    ).toThrow("out of range");
    expect(await w.tolist()).toEqual([1, 2]);
    step(w, w.mul(2).sum());
    step(w, w.mul(3).sum());
    expect(await w.tolist()).toEqual([-4, -3]);
  });

  test("that reads what a step overwrites does not stop the step", async () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const bad = w.detach().gather(0, tensor([7], { dtype: "int32" }));
    const doubled = w.detach().mul(2);
    step(w, w.sum());
    expect([await w.tolist(), await doubled.tolist()]).toEqual([
      [0, 1],
      [2, 4],
    ]);
    await expect(bad.data()).rejects.toThrow("out of range");
  });

  test("because an update overwrote what it needs: reading it, or computing with it, fails nothing else", async () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const outer = enter();
    const hidden = w.mul(2); // recorded by library code, and not returned
    leave(outer);
    step(w, hidden.sum());
    await expect(hidden.data()).rejects.toThrow(VersionError);
    const later = hidden.add(w.detach());
    step(w, w.sum());
    synchronize();
    expect(await w.tolist()).toEqual([-2, -1]);
    await expect(later.data()).rejects.toThrow(VersionError);
    expect(await zeros([1]).tolist()).toEqual([0]);
  });
});
