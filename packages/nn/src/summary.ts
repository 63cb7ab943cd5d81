import { type DType, DownhillError, Tensor, zeros } from "@downhill/core";
import { checkCount, checkOptions, itemSize, show, withGrad } from "@downhill/core/engine";
import { type Cost, costOf } from "./layer-cost.js";
import type { Module } from "./module.js";
import { type SummaryRow, summaryTable } from "./summary-table.js";

/** What `summary` takes beside the input. */
export interface SummaryOptions {
  /** Dtypes of the inputs that are made for the shapes. Default: that of the first parameter, for all. */
  readonly dtypes?: readonly DType[];
  /** How deep into the modules the table goes. Default 3. */
  readonly depth?: number;
}

/** Several inputs, or one: shapes of zeros that are made, or tensors. */
export type SummaryInput = readonly number[] | Tensor | readonly (readonly number[] | Tensor)[];

/** What a model is made of: a row per call of a module, and sums. Prints as a table. */
export class Summary {
  readonly rows: readonly SummaryRow[];
  /** Numbers of elements of all parameters, and of those that ask for gradients. */
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Multiplications with an addition of one forward pass. */
  readonly multiplyAdds: number;
  readonly inputBytes: number;
  /** Bytes of what layers without children give, twice: for the pass forward and the pass backward. */
  readonly passBytes: number;
  readonly parameterBytes: number;

  /** @internal */
  constructor(model: Module, rows: readonly SummaryRow[], inputs: readonly Tensor[], outputBytes: number) {
    this.rows = rows;
    const all = [...model.parameters()];
    this.parameters = count(all);
    this.trainableParameters = count(all.filter((parameter) => parameter.requiresGrad));
    this.multiplyAdds = rows.reduce((sum, row) => sum + row.multiplyAdds, 0);
    this.inputBytes = bytes(inputs);
    this.passBytes = 2 * outputBytes;
    this.parameterBytes = bytes(all);
  }

  toString(): string {
    return summaryTable(this);
  }
}

const count = (tensors: readonly Tensor[]): number => tensors.reduce((sum, x) => sum + x.numel(), 0);
const bytes = (tensors: readonly Tensor[]): number =>
  tensors.reduce((sum, x) => sum + x.numel() * itemSize[x.dtype], 0);

function inputsOf(model: Module, input: SummaryInput, dtypes: readonly DType[] | undefined): Tensor[] {
  const first = [...model.parameters()][0];
  const list = input instanceof Tensor || typeof input[0] === "number" || input.length === 0 ? [input] : [...input];
  return list.map((item, i) => {
    if (item instanceof Tensor) return item;
    if (!Array.isArray(item) || !item.every((size) => Number.isInteger(size) && size >= 0))
      throw new DownhillError(
        `summary: an input must be a shape or a tensor, got ${show(item)}`,
        "summary(model, [1, 3, 32, 32]); the first size is the batch's",
      );
    const dtype = dtypes?.[i] ?? first?.dtype ?? "float32";
    return zeros(item as number[], first === undefined ? { dtype } : { dtype, device: first.device });
  });
}

/** The tensors of a result, in order. */
function tensorsIn(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  if (result === null || typeof result !== "object") return [];
  return Object.values(result).flatMap(tensorsIn);
}

/** A row that is still being filled: its module runs. */
interface Open {
  readonly row: { -readonly [Key in keyof SummaryRow]: SummaryRow[Key] };
  readonly module: Module;
}

/**
 * Lists a model's layers with the shapes they give, their parameters and multiply-adds, by running it once on zeros, in
 * evaluation and without gradients; nothing of it is computed, and nothing changes. Prints as torchinfo's summary does:
 * `console.log(String(summary(model, [1, 3, 32, 32])))`.
 *
 * @param input The input's shape with its batch, an array of shapes for several inputs, or tensors.
 * @throws DownhillError for input that is neither; what `forward` throws for input that it does not take.
 *
 * @example
 * const report = summary(new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2)), [16, 4]);
 * [report.parameters, report.multiplyAdds, report.rows.length]; // [58, 928, 4]
 */
export function summary(model: Module, input: SummaryInput, options: SummaryOptions = {}): Summary {
  checkOptions("summary", options, ["dtypes", "depth"]);
  const depth = checkCount("summary", "depth", options.depth ?? 3);
  const inputs = inputsOf(model, input, options.dtypes);
  const names = new Map(Array.from(model.namedModules(), ([name, module]) => [module, name]));
  const modes = Array.from(model.modules(), (module) => [module, module.training] as const);
  const rows: SummaryRow[] = [];
  const seen = new Set<Module>();
  const open: Open[] = [];
  let outputBytes = 0;

  const begin = (module: Module): void => {
    const level = open.length;
    const own = [...module.parameters()];
    const again = seen.has(module);
    seen.add(module);
    const row = {
      depth: level,
      name: (names.get(module) ?? "").split(".").at(-1)!,
      type: module.constructor.name,
      outputShapes: [] as (readonly number[])[],
      parameters: count(own),
      ownParameters: count([...module.parameters(false)]),
      trainable: own.every((parameter) => parameter.requiresGrad),
      multiplyAdds: 0,
      repeated: again,
      leaf: true,
    };
    if (level > 0) open.at(-1)!.row.leaf = false;
    open.push({ row, module });
    if (level <= depth) rows.push(row);
  };
  const end = (module: Module, args: readonly unknown[], output: unknown): void => {
    const { row } = open.pop()!;
    const results = tensorsIn(output);
    row.outputShapes = results.map(({ shape }) => shape);
    const cost: Cost = costOf(module, tensorsIn(args), results);
    // What is below the table's depth counts for the last row that stands in it.
    (row.depth <= depth ? row : open[depth]!.row).multiplyAdds += cost;
    if (row.leaf) outputBytes += bytes(results);
  };
  const hooks = Array.from(model.modules()).flatMap((module) => [
    module.registerForwardPreHook(() => begin(module), { prepend: true }),
    module.registerForwardHook((_, args, output) => end(module, args, output)),
  ]);
  try {
    model.eval();
    const result = withGrad(false, () => (model.forward as (...args: unknown[]) => unknown)(...inputs));
    if (result instanceof Promise) throw new DownhillError("summary: takes a model whose forward is not async");
  } finally {
    for (const hook of hooks) hook.remove();
    for (const [module, training] of modes) module.training = training;
  }
  return new Summary(model, rows, inputs, outputBytes);
}
