import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../src/index.js";
import { assign, ownTensor } from "../src/engine.js";

/** Runs a turn until its Program is expected, and then once with each other form. */
async function turns(forms: readonly (() => Tensor)[]): Promise<number[]> {
  const results: number[] = [];
  for (const form of forms) {
    for (let k = 0; k < 5; k++) await forms[0]!().item();
    results.push(await form().item());
  }
  return results;
}

describe("a flush like the one before", () => {
  const x = tensor([1, 2, 3, 4]);
  const y = tensor([10, 20, 30, 40]);
  const late = (value: Tensor): Tensor => value.at(0);

  it("is told from one that differs in one fact", async () => {
    const forms = [
      () => late(x.mul(2).add(y)),
      () => late(x.mul(3).add(y)), // another number: the same Program
      () => late(x.mul(2).sub(y)), // an op
      () => late(y.mul(2).add(x)), // the Buffers
      () => late(x.mul(2).add(x)), // one Buffer twice
      () => late(x.mul(y).add(y)), // a Buffer in place of a number
      () =>
        late(
          x
            .at([3, 2])
            .mul(2)
            .add(y.at([0, 1])),
        ), // shapes
      () => x.mul(2).add(y).at(1), // a position
      () => late(x.mul(2).float().double().add(y)), // a dtype
    ];
    expect(await turns(forms)).toEqual([12, 13, -8, 21, 3, 20, 18, 24, 12]);
  });

  it("is told from one that computes a value twice, or shares it", async () => {
    const shared = (): Tensor => {
      const a = x.exp2();
      return late(a.add(a));
    };
    const twice = (): Tensor => late(x.exp2().add(x.exp2()));
    expect(await turns([shared, twice, shared])).toEqual([4, 4, 4]);
    expect(await turns([twice, shared, twice])).toEqual([4, 4, 4]);
  });

  it("is told from one with another reader of what it overwrites, and keeps what was read", async () => {
    const state = ownTensor(tensor([1]));
    const step = (): void => {
      assign(state, state.mul(2));
    };
    for (let k = 0; k < 6; k++) {
      step();
      await state.item();
    }
    const before = state.add(0.5);
    step();
    expect(await state.item()).toBe(128);
    expect(await before.item()).toBe(64.5);
    step();
    expect(await state.item()).toBe(256);
  });

  it("is found where two Programs take turns, and neither is compiled again", async () => {
    const { programs } = x.device;
    const pair = async (k: number): Promise<number[]> => [await x.mul(k).sum().item(), await y.sub(k).max().item()];
    await pair(0);
    await pair(0);
    const { compiled } = programs;
    for (let k = 1; k < 8; k++) expect(await pair(k)).toEqual([10 * k, 40 - k]);
    expect(programs.compiled).toBe(compiled);
  });

  it("is told from another where gradients add up over turns that read nothing", async () => {
    const w = tensor([1, 1, 1, 1], { requiresGrad: true });
    for (let k = 0; k < 6; k++) x.mul(w).sum().backward();
    x.mul(w).mul(w).sum().backward();
    y.mul(w).sum().backward();
    x.mul(w).sum().backward();
    expect(await w.grad!.tolist()).toEqual([19, 38, 57, 76]);
  });
});
