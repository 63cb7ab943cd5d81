import { expect } from "vitest";
import { manualSeed, rand, Tensor } from "@downhill/core";
import * as nn from "@downhill/nn";
import { difference, readFixture, toTensor, type Values } from "./fixture.js";

type Argument =
  Values | { readonly same: number } | { readonly several: readonly Values[] } | number | readonly number[] | null;

/** One call of a function or of a module's forward, with its backward. */
interface Call {
  readonly args: readonly Argument[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly outputs: readonly (Values | null)[];
  readonly gradOutputs: readonly Values[];
  /** Of each argument; of one that is several tensors, those of each. */
  readonly grads: readonly (Values | readonly Values[] | null)[];
  readonly optionGrads?: Readonly<Record<string, Values>>;
  readonly paramGrads?: Readonly<Record<string, Values | null>>;
  readonly training?: boolean;
  /** Running statistics after the call: a function's by argument, a module's by name. */
  readonly after?: Readonly<Record<string, Values>>;
}

/** A function, or a module with `create`, and its calls; tools/reference/layers.py writes them. */
export interface CalledRow {
  readonly name: string;
  readonly title?: string;
  readonly create?: readonly unknown[];
  readonly print?: string;
  readonly seed?: number;
  readonly next?: number;
  readonly state?: Readonly<Record<string, Values>>;
  readonly calls: readonly Call[];
}

/** How many rows PyTorch has left at least for what is replayed here and not in fixtures.test.ts. */
export const called = {
  layerNorm: 40,
  rmsNorm: 30,
  groupNorm: 20,
  batchNorm: 70,
  embedding: 40,
  dropout: 6,
  normalize: 60,
  scaledDotProductAttention: 50,
  LayerNorm: 5,
  RMSNorm: 4,
  GroupNorm: 5,
  BatchNorm1d: 15,
  BatchNorm2d: 8,
  Embedding: 13,
  Dropout: 9,
  MultiheadAttention: 50,
  gridSample: 30,
  affineGrid: 6,
  pixelShuffle: 4,
  pixelUnshuffle: 3,
  channelShuffle: 2,
  PixelShuffle: 1,
  PixelUnshuffle: 1,
  ChannelShuffle: 1,
  Unflatten: 3,
  ConstantPad1d: 3,
  ZeroPad1d: 3,
  ReflectionPad1d: 4,
  ReplicationPad1d: 4,
  CircularPad1d: 2,
  ConstantPad2d: 3,
  ZeroPad2d: 3,
  ReflectionPad2d: 4,
  ReplicationPad2d: 4,
  CircularPad2d: 2,
  ConstantPad3d: 3,
  ZeroPad3d: 3,
  ReflectionPad3d: 4,
  ReplicationPad3d: 4,
  CircularPad3d: 2,
  pad: 2,
  oneHot: 1,
  AdaptiveAvgPool1d: 9,
  AdaptiveMaxPool1d: 15,
  adaptiveAvgPool1d: 2,
  adaptiveMaxPool1d: 4,
  AdaptiveAvgPool2d: 8,
  AdaptiveMaxPool2d: 13,
  adaptiveAvgPool2d: 2,
  adaptiveMaxPool2d: 3,
  AdaptiveAvgPool3d: 5,
  AdaptiveMaxPool3d: 8,
  adaptiveAvgPool3d: 2,
  adaptiveMaxPool3d: 3,
  Unfold: 10,
  unfold: 5,
  Fold: 10,
  fold: 5,
  interpolate: 144,
  Upsample: 30,
  UpsamplingNearest2d: 3,
  UpsamplingBilinear2d: 3,
  Conv3d: 6,
  ConvTranspose3d: 4,
  conv3d: 1,
  convTranspose3d: 1,
  MaxPool3d: 12,
  AvgPool3d: 12,
  maxPool3d: 1,
  avgPool3d: 1,
  BatchNorm3d: 3,
  InstanceNorm1d: 5,
  instanceNorm: 12,
  InstanceNorm2d: 6,
  InstanceNorm3d: 6,
  LocalResponseNorm: 13,
  localResponseNorm: 12,
  Bilinear: 8,
  bilinear: 6,
  dropout1d: 3,
  Dropout1d: 4,
  dropout2d: 3,
  Dropout2d: 4,
  dropout3d: 3,
  Dropout3d: 4,
  alphaDropout: 3,
  AlphaDropout: 4,
  featureAlphaDropout: 3,
  FeatureAlphaDropout: 4,
  TransformerEncoderLayer: 14,
  TransformerDecoderLayer: 13,
  Transformer: 5,
  LPPool1d: 3,
  lpPool1d: 3,
  maxUnpool1d: 3,
  MaxUnpool1d: 2,
  LPPool2d: 3,
  lpPool2d: 3,
  maxUnpool2d: 2,
  MaxUnpool2d: 1,
  LPPool3d: 3,
  lpPool3d: 3,
  maxUnpool3d: 2,
  MaxUnpool3d: 1,
  RNN: 50,
  LSTM: 50,
  GRU: 25,
  RNNCell: 20,
  LSTMCell: 10,
  GRUCell: 10,
} as const;

export type Called = keyof typeof called;

const rows = [
  "normalization",
  "batch-norm",
  "embedding",
  "attention",
  "normalize",
  "resizing",
  "volumes",
  "instances",
  "transformer",
  "recurrent",
].flatMap((name) => readFixture(name) as CalledRow[]);

export const rowsOf = (name: Called): CalledRow[] => rows.filter((row) => row.name === name);

const isValues = (value: unknown): value is Values =>
  value !== null && typeof value === "object" && "shape" in value && "data" in value;

/** Tells rows of one name apart. */
export function label({ name, create = [], seed, title = "", calls }: CalledRow): string {
  const shown = (value: unknown): string =>
    isValues(value) ? `${value.dtype} [${value.shape.join()}]` : JSON.stringify(value);
  const call = calls.map(({ args, options }) => {
    const named = Object.entries(options).map(([key, value]) => `${key}: ${shown(value)}`);
    return `(${[...args.map(shown), ...named].join(", ")})`;
  });
  return `${name}${create.length > 0 ? JSON.stringify(create) : ""}${call[0] ?? ""} ${seed === undefined ? "" : `seed ${seed}`} ${title}`;
}

function revive(args: readonly Argument[]): unknown[] {
  const made: unknown[] = [];
  for (const arg of args) {
    if (isValues(arg)) made.push(toTensor(arg));
    else if (arg !== null && typeof arg === "object" && "same" in arg) made.push(made[arg.same]);
    else if (arg !== null && typeof arg === "object" && "several" in arg) made.push(arg.several.map(toTensor));
    else made.push(arg);
  }
  return made;
}

/** Makes a call and its backward, and compares all that comes of it with what PyTorch gave. */
async function replay(call: Call, fn: (...args: unknown[]) => unknown): Promise<unknown[]> {
  const args = revive(call.args);
  const options = Object.fromEntries(
    Object.entries(call.options).map(([key, value]) => [key, isValues(value) ? toTensor(value) : value]),
  );
  // Not null, but left out, is the last argument that PyTorch was not given.
  const given = Object.keys(options).length > 0 ? [...padding(fn, args), options] : [];
  const outputs = [fn(...args, ...given)].flat(2);
  for (const [i, expected] of call.outputs.entries())
    expect(await difference(outputs[i] as Tensor | null, expected), `output ${i}`).toBe("");
  const roots = outputs.filter((output): output is Tensor => output instanceof Tensor && output.requiresGrad);
  expect(roots).toHaveLength(call.gradOutputs.length);
  for (const [i, seed] of call.gradOutputs.entries())
    roots[i]!.backward(toTensor(seed), { retainGraph: i < roots.length - 1 });
  for (const [i, expected] of call.grads.entries()) {
    const leaves = [args[i]].flat();
    for (const [k, value] of [expected].flat().entries()) {
      const leaf = leaves[k];
      expect(await difference(leaf instanceof Tensor ? leaf.grad : null, value), `gradient of argument ${i}`).toBe("");
    }
  }
  for (const [key, expected] of Object.entries(call.optionGrads ?? {}))
    expect(await difference((options[key] as Tensor).grad, expected), `gradient of ${key}`).toBe("");
  return args;
}

/** How many arguments come before the options. */
const positions: Partial<Record<string, number>> = {
  layerNorm: 4,
  rmsNorm: 3,
  groupNorm: 4,
  batchNorm: 5,
  instanceNorm: 5,
};
const padding = ({ name }: { name: string }, args: readonly unknown[]): unknown[] =>
  new Array<unknown>(Math.max(0, (positions[name] ?? 0) - args.length)).fill(undefined);

export async function replayFunction(row: CalledRow): Promise<void> {
  const { [row.name]: fn } = nn.functional as unknown as Record<string, (...args: unknown[]) => unknown>;
  const named = { [row.name]: (...args: unknown[]): unknown => fn!(...args) }[row.name]!;
  for (const call of row.calls) {
    const args = await replay(call, named);
    for (const [place, expected] of Object.entries(call.after ?? {}))
      expect(await difference(args[Number(place)] as Tensor, expected), `argument ${place} after it`).toBe("");
  }
}

export async function replayModule(row: CalledRow): Promise<void> {
  const { [row.name]: create } = nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>;
  if (row.seed !== undefined) manualSeed(row.seed);
  const module = new create!(...row.create!);
  expect(module.toString()).toBe(row.print);
  const state = row.state!;
  if (row.seed !== undefined) {
    expect(await rand([1]).item()).toBe(row.next);
    const own = module.stateDict();
    expect(Object.keys(own)).toEqual(Object.keys(state));
    for (const [key, expected] of Object.entries(state))
      expect([key, [...(await own[key]!.data())]]).toEqual([key, [...(await toTensor(expected).data())]]);
  }
  module.loadStateDict(Object.fromEntries(Object.entries(state).map(([key, value]) => [key, toTensor(value)])));
  for (const call of row.calls) {
    module.train(call.training);
    module.zeroGrad();
    await replay(call, (...args) => (module.forward as (...args: unknown[]) => unknown)(...args));
    const parameters = [...module.namedParameters()];
    expect(parameters.map(([key]) => key)).toEqual(Object.keys(call.paramGrads!));
    for (const [key, parameter] of parameters)
      expect(await difference(parameter.grad, call.paramGrads![key]!), `gradient of ${key}`).toBe("");
    const buffers = new Map(module.namedBuffers());
    expect([...buffers.keys()]).toEqual(Object.keys(call.after!));
    for (const [key, buffer] of buffers) expect(await difference(buffer, call.after![key]!), key).toBe("");
  }
}
