import { readFileSync } from "node:fs";
import * as core from "@downhill/core";
import { tensor, zeros, type DType, type Tensor } from "@downhill/core";

/** A number of a fixture; JSON has no non-finite ones. */
export type Value = number | "NaN" | "Infinity" | "-Infinity";

/** How far a value may be from PyTorch's: |actual - expected| <= atol + max(ulp · spacing(expected), rtol · |expected|). */
export interface Tolerance {
  readonly ulp?: number;
  readonly rtol?: number;
  readonly atol?: number;
}

export interface Values {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly Value[];
}

export interface Input extends Values {
  readonly requiresGrad?: boolean;
  /** Methods called on the leaf in order; the op receives the last view. */
  readonly views?: readonly (readonly [string, ...unknown[]])[];
}

/** One call and what PyTorch returns for it; tools/reference/ops.py writes them. */
export interface Case {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly args: readonly unknown[];
  readonly options?: Readonly<Record<string, unknown>>;
  /** Only the method takes these arguments: sizes or dims spread out. */
  readonly method?: boolean;
  /** Null where PyTorch leaves the output open, such as the indices of equal values. */
  readonly outputs?: readonly (Values | null)[];
  /** Null for outputs without a gradient. */
  readonly gradOutputs?: readonly (readonly Value[] | null)[];
  /** Null for inputs that get no gradient. */
  readonly grads?: readonly (readonly Value[] | null)[];
  /** true: the call throws. "values": shapes and dtypes are fine, so the call or the read throws. */
  readonly error?: true | "values";
  readonly tol?: Tolerance;
  readonly gradTol?: Tolerance;
  readonly signOfZero?: boolean;
}

export interface Family {
  readonly family: string;
  /** Whether the sign of a zero is compared. */
  readonly signOfZero: boolean;
  readonly cases: readonly Case[];
}

/** Reads a file of fixtures/ops. */
export function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/ops/${name}.json`, import.meta.url), "utf8"));
}

/** Nests flat data by shape, as `tensor` takes it. */
function nested(data: readonly number[], shape: readonly number[]): unknown {
  const [size, ...rest] = shape;
  if (size === undefined) return data[0];
  const stride = rest.reduce((product, s) => product * s, 1);
  return Array.from({ length: size }, (_, i) => nested(data.slice(i * stride, (i + 1) * stride), rest));
}

/** Makes a leaf. An empty shape such as [2, 0, 3] cannot be nested, so it comes from `zeros`. */
export function leaf(values: Values, requiresGrad = false): Tensor {
  const { shape, dtype } = values;
  if (shape.includes(0)) return zeros([...shape], { dtype, requiresGrad });
  const data = nested(values.data.map(Number), shape) as Parameters<typeof tensor>[0];
  return tensor(data, { dtype, requiresGrad });
}

function method(self: unknown, name: string): ((...args: unknown[]) => unknown) | undefined {
  const found = (self as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return typeof found === "function"
    ? (...args) => (found as (...args: unknown[]) => unknown).apply(self, args)
    : undefined;
}

/** The leaf seen through the input's views. */
export function viewed(input: Input, start: Tensor): Tensor {
  let view = start;
  for (const [name, ...args] of input.views ?? []) {
    const call = method(view, name);
    if (call === undefined) throw new Error(`Tensor has no method ${name}`);
    view = call(...args) as Tensor;
  }
  return view;
}

/** Turns an argument of JSON into what a user types: { t } a tensor, { n } a number, { range } a range of `at`. */
function decode(value: unknown, tensors: readonly Tensor[]): unknown {
  if (Array.isArray(value)) return value.map((item) => decode(item, tensors));
  if (value === null || typeof value !== "object") return value;
  if ("t" in value) return tensors[value.t as number];
  if ("n" in value) return Number(value.n);
  if ("range" in value) {
    const [start, stop, step] = value.range as (number | null)[];
    return {
      ...(start === null ? {} : { start }),
      ...(stop === null ? {} : { stop }),
      ...(step === null ? {} : { step }),
    };
  }
  throw new Error(`unknown argument ${JSON.stringify(value)}`);
}

/** The ways to call a case's op: the function that core exports and the method of the first tensor, those that exist. */
export function callers(row: Case): readonly ("function" | "method")[] {
  const first = row.args[0];
  const onTensor = first !== null && typeof first === "object" && "t" in first;
  const asFunction = row.method !== true && method(core, row.op) !== undefined;
  // As a method, PyTorch's `where` starts from the value and takes the mask second.
  const asMethod =
    onTensor && row.op !== "where" && method(leaf({ shape: [], dtype: "float32", data: [0] }), row.op) !== undefined;
  return [...(asFunction ? (["function"] as const) : []), ...(asMethod ? (["method"] as const) : [])];
}

/** Calls the op of a case on these tensors. */
export function callOp(row: Case, way: "function" | "method", tensors: readonly Tensor[]): unknown {
  const args = row.args.map((argument) => decode(argument, tensors));
  if (row.options !== undefined) {
    args.push(Object.fromEntries(Object.entries(row.options).map(([key, value]) => [key, decode(value, tensors)])));
  }
  const [self, ...rest] = args;
  const call = way === "function" ? method(core, row.op) : method(self, row.op);
  if (call === undefined) throw new Error(`no ${way} ${row.op}`);
  return way === "function" ? call(...args) : call(...rest);
}
