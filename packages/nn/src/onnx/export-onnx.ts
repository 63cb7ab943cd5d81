import { type Tensor, Tensor as TensorClass } from "@downhill/core";
import { checkOptions, show } from "@downhill/core/engine";
import { Module } from "../module.js";
import { GraphBuilder } from "./graph-builder.js";
import { modelMessage, type Port } from "./messages.js";
import { type AxisPlace, probesFor } from "./probes.js";
import { Values } from "./values.js";
import { recordForward, type Recording } from "./recording.js";
import { refused } from "./recorded-value.js";
import type { Varying } from "./varying.js";
import { writeGraph } from "./write-graph.js";

/** The version of ONNX's operators that exported models are written in. */
export const onnxOpset = 18;

/** The options of `exportOnnx`. */
export interface ExportOnnxOptions {
  /** Names of the inputs. Default: "input", or "input1", "input2", … */
  readonly inputNames?: readonly string[];
  /** Names of the outputs, in the order in which `forward` gives them. Default: "output", or "output1", … */
  readonly outputNames?: readonly string[];
  /**
   * Names of the dims that may have any size, by input and dim: `{ input: { 0: "batch", 1: "time" } }`; a name that is there
   * twice is one size. Default: dim 0 of each input is "batch". `{}`: all sizes are those of the example.
   */
  readonly dynamicAxes?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** The name of the graph. Default: that of the model's class. */
  readonly name?: string;
}

function inputsOf(example: unknown): readonly Tensor[] {
  const list = example instanceof TensorClass ? [example] : example;
  if (Array.isArray(list) && list.length > 0 && list.every((item) => item instanceof TensorClass)) return list;
  throw refused(`needs an example of the input, a tensor or several, got ${show(example)}`);
}

/** The tensors that `forward` gives, in order. */
function outputsOf(result: unknown): readonly Tensor[] {
  const found: Tensor[] = [];
  const walk = (value: unknown): void => {
    if (value instanceof TensorClass) found.push(value);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
      Object.values(value).forEach(walk);
    else if (value !== null && value !== undefined)
      throw refused(
        `forward gives ${show(value)}`,
        "a model to export returns tensors, and arrays and plain objects of them",
      );
  };
  walk(result);
  if (found.length === 0) throw refused("forward gives no tensor");
  return found;
}

function namesFor(what: string, count: number, given: readonly string[] | undefined): readonly string[] {
  if (given === undefined) return count === 1 ? [what] : Array.from({ length: count }, (_, i) => `${what}${i + 1}`);
  const list: readonly unknown[] = Array.isArray(given) ? given : [];
  const texts = list.every((name) => typeof name === "string" && name !== "");
  if (texts && list.length === count && new Set(list).size === count) return given;
  throw refused(`${what}Names must be ${count} different texts, got ${show(given)}`);
}

/** Where dims are dynamic, checked against the inputs. */
function axesOf(
  names: readonly string[],
  inputs: readonly Tensor[],
  given: ExportOnnxOptions["dynamicAxes"],
): readonly AxisPlace[] {
  if (given === undefined)
    return inputs.flatMap(({ ndim }, input) => (ndim === 0 ? [] : [{ input, dim: 0, axis: "batch" }]));
  return Object.entries(given).flatMap(([name, dims]) => {
    const input = names.indexOf(name);
    if (input < 0) throw refused(`dynamicAxes speaks of ${show(name)}, but inputs are ${names.map(show).join(", ")}`);
    return Object.entries(dims).map(([key, axis]) => {
      const { ndim } = inputs[input]!;
      const dim = Number(key) < 0 ? Number(key) + ndim : Number(key);
      if (!Number.isInteger(dim) || dim < 0 || dim >= ndim || typeof axis !== "string" || axis === "")
        throw refused(`dynamicAxes: ${show(name)} of ${ndim} dims cannot have ${show(axis)} as dim ${key}`);
      return { input, dim, axis };
    });
  });
}

/** A size as ONNX prints it: a number, or a text for one that varies. */
function printed(size: Varying): number | string {
  if (typeof size === "number") return size;
  const product = [...(size.factor === 1 ? [] : [String(size.factor)]), ...size.axes].join("*");
  return size.offset === 0 ? product : `${product}${size.offset < 0 ? "-" : "+"}${Math.abs(size.offset)}`;
}

/**
 * Writes a model as an ONNX file (opset 18), which onnxruntime and others run without Downhill. The forward pass is recorded
 * for inputs like the example, in evaluation and without gradients; nothing is computed. Layers that ONNX has operations
 * for become those, everything else, code of one's own included, what it is made of. Weights keep their names in
 * `stateDict`.
 *
 * @param example The input, or several: only shapes, dtypes and devices count.
 * @throws DownhillError that names the op and the layer for what ONNX has no operation for (drawing random numbers, `cumprod`,
 * `atan2`, recurrences but RNN, LSTM and GRU), and for a model whose structure depends on the size of a dynamic axis.
 *
 * @example
 * import { exportOnnx } from "@downhill/nn/onnx";
 * const net = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2));
 * const file = await exportOnnx(net, zeros([1, 4])); // the batch may have any size
 * file instanceof Uint8Array; // true
 */
export async function exportOnnx(
  model: Module,
  example: Tensor | readonly Tensor[],
  options: ExportOnnxOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkOptions("exportOnnx", options, ["inputNames", "outputNames", "dynamicAxes", "name"]);
  if (!(model instanceof Module)) throw refused(`takes a module, got ${show(model)}`);
  const inputs = inputsOf(example);
  const inputNames = namesFor("input", inputs.length, options.inputNames);
  const axes = axesOf(inputNames, inputs, options.dynamicAxes);
  const { probes, forms } = probesFor(inputs, axes);
  const recordings = forms.map((form): Recording => recordForward(model, form, outputsOf));
  const values = new Values(model, probes, recordings);
  await values.settle();
  const [{ outputs }] = recordings as [Recording];
  const outputNames = namesFor("output", outputs.length, options.outputNames);
  const port = (place: number, name: string): Port => {
    const { dtype } = values.node(place);
    return { name, type: dtype, shape: values.shape(place).map(printed) };
  };
  const sources = new Map(axes.map(({ input, dim, axis }) => [axis, { input: inputNames[input]!, dim }]));
  const graph = new GraphBuilder([...inputNames, ...outputNames, ...values.parameterNames()], sources);
  writeGraph(graph, values, inputNames, outputNames);
  return modelMessage({
    name: options.name ?? model.constructor.name,
    opset: onnxOpset,
    operations: graph.operations,
    constants: await graph.constants(),
    inputs: values.inputs.map((place, i) => port(place, inputNames[i]!)),
    outputs: outputs.map((place, i) => port(place, outputNames[i]!)),
  }).finish();
}
