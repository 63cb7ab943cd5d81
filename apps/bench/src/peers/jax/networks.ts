import { lax, nn, numpy as np } from "@jax-js/jax";
import type { Open, Runner } from "../../runner.ts";
import * as blockWork from "../../work/block.ts";
import * as cnnWork from "../../work/cnn.ts";
import { batch, type Layer, layers, type MLPName, settings, transposed } from "../../work/mlp.ts";
import { adamRule, array, sgd, training } from "./training.ts";

/** A layer's weight as [inputs, outputs], and its bias. */
const parameters = ({ inputs, outputs, weight, bias }: Layer): np.Array[] => [
  array(transposed(weight, outputs, inputs), [inputs, outputs]),
  array(bias, [outputs]),
];

const linear = (x: np.Array, weight: np.Array, bias: np.Array): np.Array => np.matmul(x, weight).add(bias);

/** The mean negative log-likelihood of classes given as one-hot rows. */
const crossEntropy = (logits: np.Array, target: np.Array): np.Array => {
  const [rows] = logits.shape;
  return np.sum(nn.logSoftmax(logits, -1).mul(target)).mul(-1 / rows!);
};

const oneHot = (classes: Int32Array<ArrayBuffer>): np.Array => nn.oneHot(array(classes, [classes.length]), 10);

/** The forward pass of the MLP. */
export function logits([w1, b1, w2, b2, w3, b3]: np.Array[], X: np.Array): np.Array {
  const hidden = nn.relu(linear(nn.relu(linear(X, w1!, b1!)), w2!, b2!));
  return linear(hidden, w3!, b3!);
}

export const mlpLoss = (params: np.Array[], X: np.Array, y: np.Array): np.Array => crossEntropy(logits(params, X), y);

/** One of the MLP rows. */
export const mlp =
  (name: MLPName): Open =>
  async () => {
    const { batch: count, optimizer, readEvery } = settings[name];
    const { pixels, classes } = batch(count);
    const rule = optimizer === "sgd" ? sgd : adamRule;
    const X = array(pixels, [count, 784]);
    return training(layers().flatMap(parameters), rule, X, oneHot(classes), mlpLoss, undefined, readEvery);
  };

/** Two convolutions, each with relu and a pool, and one linear layer. */
export async function cnn(): Promise<Runner> {
  const { batchSize, side } = cnnWork;
  const { first, second, last } = cnnWork.network();
  const { pixels, classes } = cnnWork.images();
  const filters = ({ inputs, outputs, weight, bias }: cnnWork.Filters): np.Array[] => [
    array(weight, [outputs, inputs, 3, 3]),
    array(bias, [outputs, 1, 1]),
  ];
  const convolution = (x: np.Array, weight: np.Array, bias: np.Array): np.Array =>
    lax.reduceWindow(nn.relu(lax.conv(x, weight, [1, 1], "SAME").add(bias)), np.max, [2, 2], [2, 2]);
  return training(
    [...filters(first), ...filters(second), ...parameters(last)],
    sgd,
    array(pixels, [batchSize, 1, side, side]),
    oneHot(classes),
    ([w1, b1, w2, b2, w3, b3], X, y) => {
      const features = convolution(convolution(X, w1!, b1!), w2!, b2!);
      return crossEntropy(linear(features.reshape([batchSize, -1]), w3!, b3!), y);
    },
  );
}

/** The pre-norm transformer block. */
export async function block(): Promise<Runner> {
  const { batchSize, tokens, width, heads } = blockWork;
  const { qkv, project, up, down } = blockWork.block();
  const { inputs, targets } = blockWork.sequences();
  const shape = [batchSize, tokens, width];
  const norm = (x: np.Array, scale: np.Array, shift: np.Array): np.Array => nn.standardize(x).mul(scale).add(shift);
  const attend = (x: np.Array, params: np.Array[]): np.Array => {
    const split = np.split(linear(x, params[0]!, params[1]!), 3, -1);
    const [q, k, v] = split.map((part) => part.reshape([batchSize, tokens, heads, width / heads]));
    const mixed = nn.dotProductAttention(q!, k!, v!).reshape(shape);
    return linear(mixed, params[2]!, params[3]!);
  };
  return training(
    [
      ...[qkv, project, up, down].flatMap(parameters),
      ...[np.ones([width]), np.zeros([width]), np.ones([width]), np.zeros([width])],
    ],
    adamRule,
    array(inputs, shape),
    array(targets, shape),
    ([wq, bq, wp, bp, wu, bu, wd, bd, s1, t1, s2, t2], X, y) => {
      const attended = X.ref.add(attend(norm(X, s1!, t1!), [wq!, bq!, wp!, bp!]));
      const hidden = nn.gelu(linear(norm(attended.ref, s2!, t2!), wu!, bu!), { approximate: false });
      const output = attended.add(linear(hidden, wd!, bd!));
      return np.mean(np.square(output.sub(y)));
    },
  );
}
