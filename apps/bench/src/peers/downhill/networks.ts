import { type Tensor, tensor } from "@downhill/core";
import {
  Conv2d,
  CrossEntropyLoss,
  Flatten,
  functional,
  GELU,
  LayerNorm,
  type Linear,
  MaxPool2d,
  Module,
  MSELoss,
  ReLU,
  Sequential,
} from "@downhill/nn";
import type { Open, Runner } from "../../runner.ts";
import * as blockWork from "../../work/block.ts";
import * as cnnWork from "../../work/cnn.ts";
import { batch, layers, type MLPName, settings } from "../../work/mlp.ts";
import { adam, linear, sgd, training } from "./training.ts";

/** One of the MLP rows. */
export const mlp =
  (name: MLPName): Open =>
  async () => {
    const { batch: count, optimizer, readEvery } = settings[name];
    const { pixels, classes } = batch(count);
    const X = tensor(pixels).view(count, 784);
    const y = tensor(classes);
    const [first, second, third] = layers().map(linear) as [Linear, Linear, Linear];
    const model = new Sequential(first, new ReLU(), second, new ReLU(), third);
    const criterion = new CrossEntropyLoss();
    const lossOf = (): Tensor => criterion.forward(model.forward(X), y);
    return training((optimizer === "sgd" ? sgd : adam)(model), lossOf, readEvery);
  };

/** Two convolutions, each with relu and a pool, and one linear layer. */
export async function cnn(): Promise<Runner> {
  const { first, second, last } = cnnWork.network();
  const { pixels, classes } = cnnWork.images();
  const X = tensor(pixels).view(cnnWork.batchSize, 1, cnnWork.side, cnnWork.side);
  const y = tensor(classes);
  const convolution = ({ inputs, outputs, weight, bias }: cnnWork.Filters): Conv2d => {
    const made = new Conv2d(inputs, outputs, 3, { padding: 1 });
    made.loadStateDict({ weight: tensor(weight).view(outputs, inputs, 3, 3), bias: tensor(bias) });
    return made;
  };
  const model = new Sequential(
    convolution(first),
    new ReLU(),
    new MaxPool2d(2),
    convolution(second),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    linear(last),
  );
  const criterion = new CrossEntropyLoss();
  return training(sgd(model), () => criterion.forward(model.forward(X), y));
}

/** A pre-norm transformer block, written from parts. */
class Block extends Module {
  readonly norm1 = new LayerNorm(blockWork.width);
  readonly norm2 = new LayerNorm(blockWork.width);
  readonly gelu = new GELU();
  readonly qkv: Linear;
  readonly project: Linear;
  readonly up: Linear;
  readonly down: Linear;

  constructor() {
    super();
    const { qkv, project, up, down } = blockWork.block();
    this.qkv = linear(qkv);
    this.project = linear(project);
    this.up = linear(up);
    this.down = linear(down);
  }

  override forward(x: Tensor): Tensor {
    const attended = x.add(this.attend(this.norm1.forward(x)));
    return attended.add(this.down.forward(this.gelu.forward(this.up.forward(this.norm2.forward(attended)))));
  }

  private attend(x: Tensor): Tensor {
    const { batchSize, tokens, heads, width } = blockWork;
    const split = (part: Tensor): Tensor => part.view(batchSize, tokens, heads, width / heads).transpose(1, 2);
    const [q, k, v] = this.qkv.forward(x).chunk(3, -1).map(split) as [Tensor, Tensor, Tensor];
    const mixed = functional.scaledDotProductAttention(q, k, v);
    return this.project.forward(mixed.transpose(1, 2).reshape(batchSize, tokens, width));
  }
}

export async function block(): Promise<Runner> {
  const { batchSize, tokens, width } = blockWork;
  const { inputs, targets } = blockWork.sequences();
  const X = tensor(inputs).view(batchSize, tokens, width);
  const y = tensor(targets).view(batchSize, tokens, width);
  const model = new Block();
  const criterion = new MSELoss();
  return training(adam(model), () => criterion.forward(model.forward(X), y));
}
