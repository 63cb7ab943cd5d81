import { describe, expect, test } from "vitest";
import { ones, tensor, type Tensor, VersionError, zeros } from "@downhill/core";

describe("dispose", () => {
  test("gives a value up: using it afterwards is an error that says so", async () => {
    const x = tensor([1, 2]);
    const y = x.mul(3);
    x.dispose();
    x.dispose();
    expect(await y.tolist()).toEqual([3, 6]);
    expect(() => x.add(1)).toThrow(VersionError);
    await expect(x.data()).rejects.toThrow(/dispose\(\)/);
  });

  test("of a value that was never computed drops it", async () => {
    const x = tensor([1, 2]);
    const y = x.exp();
    y.dispose();
    expect(x.device.pending).not.toContain(y.node);
    await expect(y.data()).rejects.toThrow(/dispose\(\)/);
    expect(await x.tolist()).toEqual([1, 2]);
  });

  test("leaves views and copies alone, which are values of their own", async () => {
    const x = tensor([[1, 2]]);
    const [row, copy] = [x.at(0), x.detach()];
    x.dispose();
    expect([await row.tolist(), await copy.tolist()]).toEqual([[1, 2], [[1, 2]]]);
  });

  test("happens at the end of a block with `using`", async () => {
    let kept;
    {
      using x = tensor([5]);
      kept = x;
    }
    await expect(kept.item()).rejects.toThrow(/dispose\(\)/);
  });
});

describe("memory of what nobody can name", () => {
  test("a value that is disposed before it is computed still serves what was recorded from it", async () => {
    const double = (x: Tensor): Tensor => {
      using next = x.add(1);
      return next.mul(2);
    };
    expect(await double(tensor([1, 2])).tolist()).toEqual([4, 6]);
    const p = tensor([2], { requiresGrad: true });
    const x = p.mul(3);
    const loss = x.square().sum();
    x.dispose();
    loss.backward();
    expect([await loss.item(), await p.grad!.tolist()]).toEqual([36, [36]]);
    await expect(x.data()).rejects.toThrow(/dispose\(\)/);
  });

  test("values that in-place methods have replaced are not kept", async () => {
    const total = zeros([64]);
    const { pending } = total.device;
    const before = pending.length;
    for (let i = 0; i < 100; i++) total.add_(1);
    expect(pending.length).toBeLessThanOrEqual(before + 1);
    const alias = total.view(8, 8);
    total.mul_(2);
    expect([(await total.data())[5], (await alias.data())[5]]).toEqual([200, 100]);
  });

  test("a loop that rebinds a large tensor is cut by bytes", async () => {
    let x = ones([1024, 1024]);
    for (let i = 0; i < 200; i++) x = x.mul(0.5).add(1);
    expect(x.device.pendingBytes).toBeLessThan(2 ** 29);
    expect(await x.at(3, 4).item()).toBe(2);
  });
});
