import type { Tensor, Tensor4D, Variable } from "@tensorflow/tfjs";
import type { Open, Runner } from "../../runner.ts";
import * as blockWork from "../../work/block.ts";
import * as cnnWork from "../../work/cnn.ts";
import { batch, type Layer, layers, type MLPName, settings, transposed } from "../../work/mlp.ts";
import { tf } from "./backend.ts";
import { adam, sgd, training, variable } from "./training.ts";

interface Linear {
  readonly weight: Variable;
  readonly bias: Variable;
}

const linearOf = ({ inputs, outputs, weight, bias }: Layer): Linear => ({
  weight: variable(transposed(weight, outputs, inputs), [inputs, outputs]),
  bias: variable(bias, [outputs]),
});

const apply = (x: Tensor, { weight, bias }: Linear): Tensor => tf.add(tf.matMul(x, weight), bias);

/** One of the MLP rows. */
export const mlp =
  (name: MLPName): Open =>
  async () => {
    const { batch: count, optimizer, readEvery } = settings[name];
    const { pixels, classes } = batch(count);
    const model = layers().map(linearOf);
    return training((optimizer === "sgd" ? sgd : adam)(), mlpLoss(model, pixels, classes), undefined, readEvery);
  };

/** The loss of a batch as a function of the layers. */
export function mlpLoss(model: readonly Linear[], pixels: Float32Array, classes: Int32Array): () => Tensor {
  const X = tf.tensor2d(pixels, [classes.length, 784]);
  const y = tf.oneHot(tf.tensor1d(classes, "int32"), 10);
  const [first, second, third] = model as [Linear, Linear, Linear];
  return () => tf.losses.softmaxCrossEntropy(y, apply(tf.relu(apply(tf.relu(apply(X, first)), second)), third));
}

/** Two convolutions, each with relu and a pool, and one linear layer. Channels come last, as its kernels want them. */
export async function cnn(): Promise<Runner> {
  const { batchSize, side } = cnnWork;
  const { first, second, last } = cnnWork.network();
  const filters = ({ inputs, outputs, weight, bias }: cnnWork.Filters): Linear => ({
    weight: tf.variable(tf.tensor(weight, [outputs, inputs, 3, 3]).transpose([2, 3, 1, 0])),
    bias: variable(bias, [outputs]),
  });
  const [one, two] = [first, second].map(filters) as [Linear, Linear];
  // Its inputs are numbered channel by channel; here a pixel's channels lie together.
  const { weight, bias } = linearOf(last);
  const reordered = weight
    .reshape([32, 7, 7, 10])
    .transpose([1, 2, 0, 3])
    .reshape([32 * 7 * 7, 10]);
  const head = { weight: tf.variable(reordered), bias };
  const { pixels, classes } = cnnWork.images();
  const X = tf.tensor4d(pixels, [batchSize, side, side, 1]);
  const y = tf.oneHot(tf.tensor1d(classes, "int32"), 10);
  const convolve = (x: Tensor4D, { weight, bias }: Linear): Tensor4D =>
    tf.maxPool(tf.relu(tf.conv2d(x, weight as Tensor as Tensor4D, 1, "same").add<Tensor4D>(bias)), 2, 2, "valid");
  return training(sgd(), () =>
    tf.losses.softmaxCrossEntropy(y, apply(convolve(convolve(X, one), two).reshape([batchSize, -1]), head)),
  );
}

/** The pre-norm transformer block. */
export async function block(): Promise<Runner> {
  const { batchSize, tokens, width, heads } = blockWork;
  const layers = blockWork.block();
  const [qkv, project, up, down] = [layers.qkv, layers.project, layers.up, layers.down].map(linearOf) as [
    Linear,
    Linear,
    Linear,
    Linear,
  ];
  const sequences = blockWork.sequences();
  const [X, y] = [sequences.inputs, sequences.targets].map((values) =>
    tf.tensor2d(values, [batchSize * tokens, width]),
  );
  const norms = [1, 2].map(() => ({ scale: tf.variable(tf.ones([width])), shift: tf.variable(tf.zeros([width])) }));

  const norm = (x: Tensor, place: number): Tensor => {
    const { mean, variance } = tf.moments(x, -1, true);
    const { scale, shift } = norms[place]!;
    return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(scale).add(shift);
  };
  const attend = (x: Tensor): Tensor => {
    const [q, k, v] = tf
      .split(apply(x, qkv), 3, -1)
      .map((part) => part.reshape([batchSize, tokens, heads, width / heads]).transpose([0, 2, 1, 3]));
    const shares = tf.softmax(tf.matMul(q!, k!, false, true).div(Math.sqrt(width / heads)));
    const mixed = tf.matMul(shares, v!).transpose([0, 2, 1, 3]);
    return apply(mixed.reshape([batchSize * tokens, width]), project);
  };
  const gelu = (x: Tensor): Tensor => x.mul(0.5).mul(tf.erf(x.div(Math.SQRT2)).add(1));

  return training(adam(), () => {
    const attended = X!.add(attend(norm(X!, 0)));
    const output = attended.add(apply(gelu(apply(norm(attended, 1), up)), down));
    return tf.losses.meanSquaredError(y!, output);
  });
}
