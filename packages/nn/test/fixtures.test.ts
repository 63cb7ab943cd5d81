import { describe, expect, test, vi } from "vitest";
import type { Tensor } from "@downhill/core";
import * as nn from "@downhill/nn";
import type { Called } from "./calls.js";
import { difference, readFixture, toTensor, type Values } from "./fixture.js";

interface Row {
  readonly module: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly title: string;
  readonly print: string;
  readonly inputs: readonly Values[];
  readonly state: Readonly<Record<string, Values>>;
  readonly output: Values;
  readonly gradOutput: Values;
  readonly grads: readonly (Values | null)[];
  readonly paramGrads: Readonly<Record<string, Values | null>>;
}

type Exports = typeof nn;
type ModuleName = {
  [Name in keyof Exports]: Exports[Name] extends abstract new (...args: never[]) => nn.Module ? Name : never;
}[keyof Exports];

/** What holds parts and computes nothing; see containers.test.ts. */
type Container = "ModuleList" | "ModuleDict" | "ParameterList" | "ParameterDict";
/** What is held against PyTorch elsewhere: in ctc-loss.test.ts, and as parts of Transformer. */
type Elsewhere = "CTCLoss" | "TransformerEncoder" | "TransformerDecoder";

/** How many rows PyTorch has left for each module at least; a forgotten module does not compile. */
const modules: Record<Exclude<ModuleName, "Module" | Called | Container | Elsewhere>, number> = {
  Linear: 10,
  Identity: 1,
  Sequential: 1,
  ReLU: 8,
  ReLU6: 8,
  Hardtanh: 12,
  SiLU: 8,
  ELU: 12,
  LeakyReLU: 12,
  Sigmoid: 4,
  Tanh: 4,
  LogSigmoid: 4,
  Softplus: 8,
  GELU: 8,
  Softmax: 6,
  LogSoftmax: 6,
  Conv1d: 8,
  Conv2d: 28,
  ConvTranspose1d: 3,
  ConvTranspose2d: 12,
  MaxPool1d: 7,
  MaxPool2d: 34,
  AvgPool1d: 7,
  AvgPool2d: 27,
  Flatten: 4,
  SELU: 10,
  CELU: 15,
  Hardshrink: 10,
  Softshrink: 15,
  Hardsigmoid: 10,
  Hardswish: 10,
  Mish: 10,
  Softsign: 5,
  Tanhshrink: 5,
  Threshold: 10,
  RReLU: 9,
  PReLU: 14,
  GLU: 7,
  Softmin: 7,
  Softmax2d: 4,
  MSELoss: 20,
  L1Loss: 20,
  CrossEntropyLoss: 150,
  NLLLoss: 60,
  SmoothL1Loss: 45,
  HuberLoss: 35,
  BCELoss: 20,
  BCEWithLogitsLoss: 45,
  SoftMarginLoss: 12,
  MultiLabelSoftMarginLoss: 12,
  KLDivLoss: 30,
  GaussianNLLLoss: 60,
  PoissonNLLLoss: 45,
  HingeEmbeddingLoss: 25,
  MarginRankingLoss: 25,
  MultiMarginLoss: 70,
  MultiLabelMarginLoss: 10,
  TripletMarginLoss: 70,
  TripletMarginWithDistanceLoss: 12,
  CosineEmbeddingLoss: 24,
  PairwiseDistance: 20,
  CosineSimilarity: 12,
};

type FunctionName = {
  [Name in keyof typeof nn.functional]: (typeof nn.functional)[Name] extends (...args: never[]) => unknown
    ? Name
    : never;
}[keyof typeof nn.functional];

/** The module whose rows each functional form must reproduce, and how its arguments come from the module's. */
const functions: Record<Exclude<FunctionName, Called | "ctcLoss" | "gumbelSoftmax">, string> = {
  linear: "Linear",
  relu: "ReLU",
  relu6: "ReLU6",
  hardtanh: "Hardtanh",
  silu: "SiLU",
  elu: "ELU",
  leakyRelu: "LeakyReLU",
  sigmoid: "Sigmoid",
  tanh: "Tanh",
  logsigmoid: "LogSigmoid",
  softplus: "Softplus",
  gelu: "GELU",
  softmax: "Softmax",
  logSoftmax: "LogSoftmax",
  conv1d: "Conv1d",
  conv2d: "Conv2d",
  convTranspose1d: "ConvTranspose1d",
  convTranspose2d: "ConvTranspose2d",
  maxPool1d: "MaxPool1d",
  maxPool2d: "MaxPool2d",
  avgPool1d: "AvgPool1d",
  avgPool2d: "AvgPool2d",
  selu: "SELU",
  celu: "CELU",
  hardshrink: "Hardshrink",
  softshrink: "Softshrink",
  hardsigmoid: "Hardsigmoid",
  hardswish: "Hardswish",
  mish: "Mish",
  softsign: "Softsign",
  tanhshrink: "Tanhshrink",
  threshold: "Threshold",
  rrelu: "RReLU",
  prelu: "PReLU",
  glu: "GLU",
  softmin: "Softmin",
  mseLoss: "MSELoss",
  l1Loss: "L1Loss",
  crossEntropy: "CrossEntropyLoss",
  nllLoss: "NLLLoss",
  smoothL1Loss: "SmoothL1Loss",
  huberLoss: "HuberLoss",
  binaryCrossEntropy: "BCELoss",
  binaryCrossEntropyWithLogits: "BCEWithLogitsLoss",
  softMarginLoss: "SoftMarginLoss",
  multilabelSoftMarginLoss: "MultiLabelSoftMarginLoss",
  klDiv: "KLDivLoss",
  gaussianNllLoss: "GaussianNLLLoss",
  poissonNllLoss: "PoissonNLLLoss",
  hingeEmbeddingLoss: "HingeEmbeddingLoss",
  marginRankingLoss: "MarginRankingLoss",
  multiMarginLoss: "MultiMarginLoss",
  multilabelMarginLoss: "MultiLabelMarginLoss",
  tripletMarginLoss: "TripletMarginLoss",
  tripletMarginWithDistanceLoss: "TripletMarginWithDistanceLoss",
  cosineEmbeddingLoss: "CosineEmbeddingLoss",
  pairwiseDistance: "PairwiseDistance",
  cosineSimilarity: "CosineSimilarity",
};

const rows = ["layers", "activations", "losses", "other-losses", "margin-losses", "convolution", "pooling"].flatMap(
  (name) => readFixture(name) as Row[],
);
const rowsOf = (name: string): Row[] => rows.filter((row) => row.module === name);

const isValues = (value: unknown): value is Values => value !== null && typeof value === "object" && "data" in value;

/** Options as users write them: a weight is a tensor. */
const optionsOf = ({ options }: Row): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name, isValues(value) ? toTensor(value) : value]));

const label = (row: Row): string =>
  `${row.module}(${[...row.args, ...Object.entries(row.options).map(([k, v]) => `${k}: ${isValues(v) ? `[${v.shape.join()}]` : String(v)}`)].join(", ")}) of ${row.inputs.map((x) => `${x.dtype} [${x.shape.join()}]${x.requiresGrad ? " with gradient" : ""}`).join(", ")} ${row.title}`;

function make(row: Row): nn.Module {
  const create = nn[row.module as keyof Exports] as unknown as new (...args: unknown[]) => nn.Module;
  const options = optionsOf(row);
  const module = new create(...row.args, ...(Object.keys(options).length > 0 ? [options] : []));
  const state = Object.fromEntries(Object.entries(row.state).map(([name, value]) => [name, toTensor(value)]));
  module.loadStateDict(state);
  return module;
}

// PyTorch computes 1 + erf(x/√2) in float32, which cancels for negative x: up to 3 · 2⁻²³ is lost at -3.
const lostIn = ({ module, output }: Row): number =>
  module === "GELU" && output.dtype === "float32" ? 3 * 2 ** -23 : 0;

/** Compares a result and its gradients with PyTorch's. */
async function compare(row: Row, inputs: readonly Tensor[], output: Tensor): Promise<void> {
  expect(await difference(output, row.output, lostIn(row)), "output").toBe("");
  if (output.requiresGrad) output.backward(toTensor(row.gradOutput));
  for (const [i, grad] of row.grads.entries()) {
    expect(await difference(inputs[i]!.grad, grad, lostIn(row)), `gradient of input ${i}`).toBe("");
  }
}

describe("modules give PyTorch's results, gradients and print", () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  for (const [name, least] of Object.entries(modules)) {
    test(`${name} has its rows`, () => {
      expect(rowsOf(name).length).toBeGreaterThanOrEqual(least);
    });
    test.each(rowsOf(name).map((row) => [label(row), row] as const))("%s", async (_, row) => {
      const module = make(row).train(row.title !== "evaluating");
      const inputs = row.inputs.map(toTensor);
      const output = (module.forward as (...args: unknown[]) => unknown)(...inputs) as Tensor;
      await compare(row, inputs, output);
      const parameters = [...module.namedParameters()];
      expect(parameters.map(([key]) => key)).toEqual(Object.keys(row.paramGrads));
      for (const [key, parameter] of parameters) {
        expect(await difference(parameter.grad, row.paramGrads[key]!), `gradient of ${key}`).toBe("");
      }
      expect(module.toString()).toBe(row.print);
    });
  }
});

describe("functional forms give PyTorch's results and gradients", () => {
  for (const [name, module] of Object.entries(functions)) {
    // The functional forms of convolutions leave other padding than zeros to `pad`.
    const own = rowsOf(module).filter((row) => row.options.paddingMode === undefined);
    test.each(own.map((row) => [label(row), row] as const))(`${name} as %s`, async (_, row) => {
      const call = nn.functional[name as FunctionName] as unknown as (...args: unknown[]) => Tensor;
      const inputs = row.inputs.map(toTensor);
      const { inplace: _unused, bias: _bias, dtype: _dtype, init: _init, ...options } = optionsOf(row);
      const { weight, bias } = row.state;
      const learns = name === "linear" || name.startsWith("conv");
      const slopes = name === "prelu" ? [toTensor(weight!)] : row.args;
      const rest = learns ? [toTensor(weight!), bias ? toTensor(bias) : null] : slopes;
      await compare(row, inputs, call(...inputs, ...rest, ...(Object.keys(options).length ? [options] : [])));
    });
  }
});
