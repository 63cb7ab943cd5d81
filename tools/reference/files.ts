/**
 * Writes files for PyTorch and NumPy to read: a net trained here, its outputs, a checkpoint. After a build:
 *
 *     node tools/reference/files.ts FOLDER && /usr/bin/python3 tools/reference/files.py FOLDER
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { manualSeed, noGrad, randn, type Tensor } from "@downhill/core";
import { saveCheckpoint, saveNpy, saveNpz, saveSafetensors, toTorchNames } from "@downhill/core/files";
import {
  BatchNorm2d,
  Conv2d,
  functional,
  LayerNorm,
  Linear,
  Module,
  MSELoss,
  MultiheadAttention,
  Sequential,
  Tanh,
} from "@downhill/nn";
import { Adam } from "@downhill/optim";

/** The net of files.py. */
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

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("node tools/reference/files.ts FOLDER");
await mkdir(folder, { recursive: true });
const at = (name: string): string => join(folder, name);

manualSeed(0);
const model = new Net();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const criterion = new MSELoss();
const [x, y] = [randn([6, 1, 6, 6]), randn([6, 2])];
for (let step = 0; step < 20; step++) {
  optimizer.zeroGrad();
  criterion.forward(model.forward(x), y).backward();
  optimizer.step();
}
model.eval();
const state = toTorchNames(model.stateDict());
await saveSafetensors(at("model.safetensors"), state, { metadata: { format: "pt" } });
await saveSafetensors(at("shards.safetensors"), state, { maxShardBytes: 1000 });
await saveNpz(at("stored.npz"), state);
await saveNpz(at("deflated.npz"), state, { compressed: true });
await saveNpy(at("x.npy"), x);
const outputs = noGrad(() => model.forward(x));
await saveNpy(at("y.npy"), outputs);
await saveCheckpoint(at("run.safetensors"), { model, optimizer, epoch: 7 });
