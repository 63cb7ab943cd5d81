import type { DType } from "../../dtype.js";
import type { Affine, Moving } from "../../kernel/affine.js";
import type { Expression, Place } from "../../kernel/expression.js";
import type { LoopKernel, Store } from "../../kernel/kernel.js";
import { isArg } from "./reduction.js";

/** Where the elements of one or more places begin. */
export interface Start {
  readonly place: Place;
  readonly dtype: DType;
}

/** What the code of a loop Kernel is written from, and what each run hands to it: where its values begin, and numbers. */
export interface Structure {
  /** Kernels with equal keys have the same code. */
  readonly key: string;
  /** For each address that the code is given, a place whose first element is there. */
  readonly starts: readonly Start[];
  /** By place, which of the addresses is its own. */
  readonly startOf: ReadonlyMap<Place, number>;
  /** The run-time numbers that the code is given after the addresses, in order: by Node, how many come before. */
  readonly numbers: ReadonlyMap<number, number>;
}

/** Tells the structure of a loop Kernel from the values that it works on: timesteps and parameters share code. */
export function structureOf(kernel: LoopKernel): Structure {
  const starts: Start[] = [];
  const startOf = new Map<Place, number>();
  const known = new Map<string, number>();
  const numbers = new Map<number, number>();
  const ids = new Map<Expression, number>();
  let key = "";

  const number = (node: number): number => {
    let id = numbers.get(node);
    if (id === undefined) numbers.set(node, (id = numbers.size));
    return id;
  };
  const movingKey = (moving: readonly Moving[]): string => {
    let text = "";
    for (const { scalar, stride } of moving) text += `+${number(scalar)}*${stride}`;
    return text;
  };
  const map = ({ offset, strides, moving }: Affine): string => `[${offset}|${strides.join()}${movingKey(moving)}]`;
  const start = (place: Place, dtype: DType): string => {
    const { value, at } = place;
    let own = `${value}|${at.offset}`;
    for (const { scalar, stride } of at.moving) own += `+${scalar}*${stride}`;
    let id = known.get(own);
    if (id === undefined) known.set(own, (id = starts.push({ place, dtype }) - 1));
    startOf.set(place, id);
    return `@${id}[${at.strides.join()}]`;
  };
  const write = (expression: Expression): string => {
    switch (expression.kind) {
      case "load":
        return start(expression.place, expression.dtype);
      case "number":
        return Object.is(expression.value, -0) ? "-0" : String(expression.value);
      case "scalar":
        return `#${number(expression.node)}`;
      case "index":
        return map(expression.at);
      case "uniform":
        return `${visit(expression.key)},${visit(expression.counter)}${map(expression.at)}`;
      case "unary":
        return `${expression.name} ${visit(expression.x)}`;
      case "binary":
        return `${expression.name} ${visit(expression.x)},${visit(expression.y)}`;
      case "where":
        return `${visit(expression.condition)},${visit(expression.x)},${visit(expression.y)}`;
      case "total":
        return String(kernel.reductions.indexOf(expression.reduction));
    }
  };
  const visit = (expression: Expression): number => {
    let id = ids.get(expression);
    if (id !== undefined) return id;
    const text = write(expression);
    ids.set(expression, (id = ids.size));
    key += `${expression.kind} ${expression.dtype} ${text};`;
    return id;
  };
  const stores = (list: readonly Store[]): string => {
    let text = "";
    for (const { place, value } of list) text += `${start(place, value.dtype)}=${visit(value)};`;
    return text;
  };

  let loops = "";
  for (const { size, reduces } of kernel.loops) loops += reduces ? `r${size},` : `${size},`;
  let reductions = "";
  for (const reduction of kernel.reductions) {
    const at = isArg(reduction) ? map(reduction.at) : "";
    const kind = reduction.isProduct ? "product" : reduction.name;
    reductions += `${kind} ${reduction.dtype} ${visit(reduction.of)}${at};`;
  }
  const body = stores(kernel.body);
  const tail = stores(kernel.tail);
  return { key: `${loops}:${key}:${reductions}:${body}:${tail}`, starts, startOf, numbers };
}
