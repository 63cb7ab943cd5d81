import { Adam } from "@downhill/optim";
import {
  BatchNorm2d,
  Conv2d,
  functional,
  LayerNorm,
  Linear,
  Module,
  MultiheadAttention,
  Sequential,
  Tanh,
} from "@downhill/nn";
import { describe, expect, it } from "vitest";
import { encodeSafetensors, fromTorchNames, loadSafetensors, loadTorch, toTorchNames } from "../../src/files/index.js";
import { type Tensor, tensor } from "../../src/index.js";
import { decode, fixtures, type Value } from "./fixtures.js";

/** The net of tools/reference/files.py, which PyTorch has trained. */
class Net extends Module {
  conv1 = new Conv2d(1, 3, 3, { padding: 1 });
  batchNorm = new BatchNorm2d(3);
  embed = new Linear(27, 8);
  attention = new MultiheadAttention(8, 2, { batchFirst: true });
  layerNorm = new LayerNorm(8);
  head = new Sequential(new Linear(8, 6), new Tanh(), new Linear(6, 2));

  override forward(x: Tensor): Tensor {
    const pooled = functional.maxPool2d(this.batchNorm.forward(this.conv1.forward(x)).relu(), 2);
    const rows = this.embed.forward(pooled.flatten(1)).unsqueeze(0);
    const [attended] = this.attention.forward(rows, rows, rows, { needWeights: false });
    return this.head.forward(this.layerNorm.forward(rows.add(attended))).squeeze(0);
  }
}

const toTensor = ({ data, shape }: Value): Tensor => tensor(data.map(Number)).reshape([...shape]);

describe("a net that PyTorch has trained gives the same outputs here", () => {
  const { pt, safetensors, x, y } = fixtures.model;
  it.each([
    ["from torch.save", async () => (await loadTorch(decode(pt))) as Record<string, Tensor>],
    ["from safetensors", () => loadSafetensors(decode(safetensors))],
  ])("%s", async (_, load) => {
    const model = new Net();
    const state = await load();
    expect(model.loadStateDict(fromTorchNames(state))).toEqual({ missingKeys: [], unexpectedKeys: [] });
    model.eval();
    const out = (await model.forward(toTensor(x)).data()) as Float32Array;
    const expected = y.data.map(Number);
    // Sums of up to 27 products in another order.
    out.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5));
  });

  it("and goes back with the names, shapes and bits that it came with", async () => {
    const model = new Net();
    model.loadStateDict(fromTorchNames(await loadSafetensors(decode(safetensors))));
    const bytes = await encodeSafetensors(toTorchNames(model.stateDict()));
    const [there, here] = await Promise.all([loadSafetensors(decode(safetensors)), loadSafetensors(bytes)]);
    expect(Object.keys(here).sort()).toEqual(Object.keys(there).sort());
    for (const [name, value] of Object.entries(there)) {
      expect(here[name]!.shape).toEqual(value.shape);
      expect(await here[name]!.data()).toEqual(await value.data());
    }
  });
});

it("an optimizer's state of PyTorch's is read with its numbers and tensors", async () => {
  const state = (await loadTorch(decode(fixtures.model.optimizer))) as unknown as {
    state: Record<number, Record<string, Tensor>>;
    param_groups: { lr: number; betas: number[]; params: number[] }[];
  };
  const [group] = state.param_groups;
  expect(group).toMatchObject({ lr: 0.01, betas: [0.9, 0.999] });
  const model = new Net();
  expect(group!.params).toHaveLength([...model.parameters()].length);
  const optimizer = new Adam(model.parameters(), { lr: 0.1 });
  const moments = Object.entries(state.state).map(([place, { exp_avg: expAvg, exp_avg_sq: expAvgSq }]) => [
    place,
    { step: 20, expAvg: expAvg!, expAvgSq: expAvgSq! },
  ]);
  const { paramGroups } = optimizer.stateDict();
  optimizer.loadStateDict({ state: Object.fromEntries(moments) as never, paramGroups });
  const weight = model.conv1.weight;
  expect(await optimizer.state.get(weight)!.expAvg!.data()).toEqual(await state.state[0]!.exp_avg!.data());
});
