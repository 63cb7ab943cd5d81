import { describe, expect, test } from "vitest";
import { gradcheck, manualSeed, ones, randn, tensor, zeros } from "@downhill/core";
import { functional } from "@downhill/nn";

const { gumbelSoftmax } = functional;

describe("gumbelSoftmax", () => {
  test("chooses with the probabilities of the softmax", async () => {
    manualSeed(0);
    const logits = tensor([0, 1, 2]);
    const share = gumbelSoftmax(logits.expand([20_000, 3]), { hard: true }).mean(0);
    const far = await share.sub(logits.softmax(0)).abs().amax().item();
    expect(far).toBeLessThan(0.015);
  });

  test("gives shares that sum to 1, nearer to a choice the smaller tau is", async () => {
    manualSeed(1);
    const logits = randn([500, 4]);
    const soft = [5, 0.05].map((tau) => gumbelSoftmax(logits, { tau }));
    for (const shares of soft) expect(await shares.sum(-1).sub(1).abs().amax().item()).toBeLessThan(1e-5);
    const [warm, cold] = await Promise.all(soft.map((shares) => shares.amax(-1).mean().item()));
    expect([warm! < 0.5, cold! > 0.95]).toEqual([true, true]);
  });

  test("a hard choice has the gradient of the soft one; along any dim", async () => {
    const grads = [];
    for (const hard of [true, false]) {
      manualSeed(2);
      const logits = randn([3, 4], { requiresGrad: true });
      const y = gumbelSoftmax(logits, { hard, dim: 0 });
      if (hard) expect(await y.sum(0).sub(1).abs().amax().item()).toBeLessThan(1e-6);
      y.mul(randn([3, 4]))
        .sum()
        .backward();
      grads.push(await logits.grad!.tolist());
    }
    expect(grads[0]).toEqual(grads[1]);
    await gradcheck(
      (x) => {
        manualSeed(3);
        return gumbelSoftmax(x, { tau: 0.7 });
      },
      [randn([2, 3], { dtype: "float64", requiresGrad: true })],
    );
  });

  test.each<[string, () => unknown, string]>([
    ["a tau of 0", () => gumbelSoftmax(zeros([2]), { tau: 0 }), "gumbelSoftmax: tau must be above 0, got 0"],
    ["ints", () => gumbelSoftmax(ones([2], { dtype: "int32" })), "gumbelSoftmax: needs a float tensor, got int32"],
    ["hard", () => gumbelSoftmax(zeros([2]), { hard: 1 as never }), "gumbelSoftmax: hard must be true or false, got 1"],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});
