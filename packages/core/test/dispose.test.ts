import { describe, expect, test } from "vitest";
import { tensor, VersionError } from "@downhill/core";

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
