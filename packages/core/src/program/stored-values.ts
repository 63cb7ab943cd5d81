import { isFloat } from "../dtype.js";
import { sizeOf } from "../shape.js";
import type { Program, ProgramNode } from "./program.js";

/** Nodes that read their sources in memory, row-major: what no loop nest expresses. */
const fromMemory: ReadonlySet<string> = new Set(["gather", "scatter", "argsort", "cumsum", "cumprod", "recur"]);

const reducing: ReadonlySet<string> = new Set(["sum", "prod", "max", "min", "argmax", "argmin"]);
const views: ReadonlySet<string> = new Set(["reshape", "permute", "expand", "flip", "slice", "windows"]);

export const isReduction = (node: ProgramNode): boolean => reducing.has(node.op);
export const isView = (node: ProgramNode): boolean => views.has(node.op);
export const isLeaf = (node: ProgramNode): boolean => node.op === "buffer" || node.op === "scalar";

/** Whether a Node divides integers. It fails where the divisor is 0, and so has a loop of its own, before what must not fail. */
export const dividesIntegers = ({ op, dtype }: ProgramNode): boolean =>
  (op === "floorDivide" || op === "remainder" || op === "fmod") && !isFloat(dtype);

export const readsMemory = (node: ProgramNode): boolean => fromMemory.has(node.op);

/** Whether a Node is a Kernel of its own, with its result in memory. */
export const isOwnKernel = (node: ProgramNode): boolean =>
  readsMemory(node) || dividesIntegers(node) || node.op === "matmul" || node.op === "unslice" || node.op === "cat";

/** Whether a Node places its source among zeros, at a run-time number. */
export const places = (nodes: readonly ProgramNode[], place: number): boolean =>
  nodes[place]!.op === "unslice" && nodes[nodes[place]!.srcs[1]!]!.op === "scalar";

/** Whether a Node may fail when it runs: an index out of range, an integer divided by 0. */
export const mayFail = (node: ProgramNode): boolean =>
  node.op === "gather" || node.op === "scatter" || dividesIntegers(node);

/** Rough cost of one element, in additions. */
const costs: Readonly<Record<string, number>> = {
  ...Object.fromEntries(["div", "sqrt", "reciprocal", "floorDivide", "remainder", "fmod"].map((name) => [name, 4])),
  ...Object.fromEntries(
    "exp expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf erfc pow atan2 uniform"
      .split(" ")
      .map((name) => [name, 12]),
  ),
};

/** From this cost on, a value that is read twice is computed once and stored. */
const worthStoring = 8;
/** The longest expression that is written into each of its readers. */
const longest = 40;

/**
 * Chooses which values are written to memory: those that the Program returns, what Kernels of their own write and read,
 * results of reductions, and values that would be costly to compute again for each reader. Others are fused away.
 */
export function chooseStored(program: Program): Set<number> {
  const { nodes } = program;
  const stored = new Set<number>(program.outputs.map(({ node }) => node));
  // Readers of each value, views looked through; and whether one of them would compute it again along its inner loop.
  const readers = new Int32Array(nodes.length);
  const repeated = new Uint8Array(nodes.length);
  const base = (place: number): number => {
    let at = place;
    while (isView(nodes[at]!) && !stored.has(at)) at = nodes[at]!.srcs[0]!;
    return at;
  };
  const aliased = (place: number): number => {
    let at = place;
    while (nodes[at]!.op === "reshape" && !stored.has(at)) at = nodes[at]!.srcs[0]!;
    return at;
  };
  const keep = (place: number): void => {
    if (!isLeaf(nodes[place]!)) stored.add(place);
  };
  // What is placed among zeros only to be placed again is placed once: padding along several dims.
  const uses = new Int32Array(nodes.length);
  const placedAgain = new Uint8Array(nodes.length);
  nodes.forEach(({ srcs }, place) => {
    for (const src of srcs) uses[src]!++;
    if (places(nodes, place)) placedAgain[srcs[0]!] = 1;
  });
  for (let place = 0; place < nodes.length; place++) {
    const node = nodes[place]!;
    if (isLeaf(node)) continue;
    if (placedAgain[place] === 1 && uses[place] === 1 && places(nodes, place)) continue;
    if (isOwnKernel(node) || isReduction(node)) stored.add(place);
    if (readsMemory(node)) node.srcs.forEach((src) => keep(aliased(src)));
    else if (node.op === "matmul") node.srcs.forEach((src) => keep(base(src)));
  }
  for (let place = nodes.length - 1; place >= 0; place--) {
    const node = nodes[place]!;
    if (isLeaf(node)) continue;
    for (const src of new Set(node.srcs)) {
      const from = nodes[src]!;
      const growing = sizeOf(from.shape) > 1 && sizeOf(node.shape) > sizeOf(from.shape) && !isReduction(node);
      const inner = growing && (from.shape.at(-1) ?? 1) !== 1;
      if (inner || (isView(node) && repeated[place] === 1 && !stored.has(place))) repeated[src] = 1;
      readers[src]! += isView(node) && !stored.has(place) ? readers[place]! : 1;
    }
  }
  const cost = new Float64Array(nodes.length);
  for (let place = 0; place < nodes.length; place++) {
    const node = nodes[place]!;
    if (isLeaf(node)) continue;
    let sum = isView(node) ? 0 : (costs[node.op] ?? 1);
    for (const src of node.srcs) sum += stored.has(src) ? 0 : cost[src]!;
    cost[place] = sum;
    if (stored.has(place) || isView(node)) continue;
    const again = readers[place]! > 1 || repeated[place] === 1;
    if (sum > longest || (again && sum >= worthStoring && sizeOf(node.shape) > 1)) stored.add(place);
  }
  return stored;
}
