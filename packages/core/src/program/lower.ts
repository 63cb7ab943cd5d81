import { isFloat } from "../dtype.js";
import { type Shape, sizeOf } from "../shape.js";
import { isLeaf, isView } from "./stored-values.js";
import type { Program, ProgramNode } from "./program.js";

/** Products with at most this many multiplications are written out as loops, which fuse with what is around them. */
const smallProduct = 512;

/**
 * The first of the attrs of a sum, in place of whether it keeps its dims, that was one of many matrix products of few terms
 * (those of a depthwise convolution): it adds up in its own dtype, as matrix products do.
 */
export const shortProduct = 2;
const fewTerms = 64;
const manyProducts = 4096;

/** Whether a matrix product is better off as a reduction over products: tiny ones, and those with a vector. */
function isPlain([n, k, m]: readonly [number, number, number]): boolean {
  return k <= 1 || n === 1 || m === 1 || n * k * m <= smallProduct;
}

/** Whether a Node swaps the last two dims and nothing else. */
const isTranspose = ({ op, attrs }: ProgramNode): boolean =>
  op === "permute" &&
  attrs.length >= 2 &&
  attrs.every((dim, i) => dim === (i < attrs.length - 2 ? i : 2 * attrs.length - 3 - i));

/** Matrix products that only a transpose reads, by the transpose: the product can be made transposed in the first place. */
function turnedProducts({ nodes, outputs }: Program): { turned: Map<number, number>; skipped: Set<number> } {
  const uses = new Int32Array(nodes.length);
  for (const { srcs } of nodes) for (const src of srcs) uses[src]! += 1;
  for (const { node } of outputs) uses[node]! += 1;
  const turned = new Map<number, number>();
  nodes.forEach((node, place) => {
    const src = node.srcs[0]!;
    if (isTranspose(node) && nodes[src]!.op === "matmul" && uses[src] === 1) turned.set(place, src);
  });
  return { turned, skipped: new Set(turned.values()) };
}

/**
 * Rewrites a Program into fewer kinds of Nodes before it is scheduled: reductions over dims of size 1 become reshapes,
 * small matrix products [..., n, k] x [..., k, m] become a product over [..., n, m, k], summed over the last dim, and
 * (a x b)ᵀ becomes bᵀ x aᵀ. What is float16 is computed in float32 and rounded: +, -, ·, / and √ come out as float16's
 * own would, since float32 has more than twice its digits. With `packed` that has been seen to.
 */
export function lower(program: Program, packed: boolean): Program {
  const { turned, skipped } = turnedProducts(program);
  const nodes: ProgramNode[] = [];
  const transposed = (src: number): number => {
    const { dtype, shape } = nodes[src]!;
    const attrs = [...shape.keys()].toSpliced(-2, 2, shape.length - 1, shape.length - 2);
    return nodes.push({ op: "permute", dtype, shape: attrs.map((dim) => shape[dim]!), attrs, srcs: [src] }) - 1;
  };
  const places: number[] = [];
  const add = (op: ProgramNode["op"], like: ProgramNode, shape: Shape, srcs: number[], attrs: number[] = []): number =>
    nodes.push({ op, dtype: like.dtype, shape, attrs, srcs }) - 1;
  program.nodes.forEach((given, index) => {
    const isHalf = !packed && given.dtype === "float16";
    const recordedNode: ProgramNode = isHalf ? { ...given, dtype: "float32" } : given;
    if (skipped.has(index)) {
      places.push(-1);
      return;
    }
    const product = turned.get(index);
    const node: ProgramNode =
      product === undefined ? recordedNode : { ...recordedNode, op: "matmul", attrs: program.nodes[product]!.attrs };
    const srcs =
      product === undefined
        ? node.srcs.map((src) => places[src]!)
        : [1, 0].map((k) => transposed(places[program.nodes[product]!.srcs[k]!]!));
    const moved = { ...node, srcs };
    const [x, y] = [nodes[srcs[0]!], nodes[srcs[1]!]];
    let place: number | undefined;
    switch (node.op) {
      case "argmax":
      case "argmin":
        if (x!.shape[node.attrs[1]!] === 1) place = add("expand", node, node.shape, [add("scalar", node, [], [], [0])]);
        break;
      case "sum":
      case "prod":
      case "max":
      case "min":
        if (!node.attrs.slice(1).every((dim) => x!.shape[dim] === 1)) break;
        place = add("reshape", node, node.shape, [srcs[0]!]);
        // Sums begin at 0, which makes 0 of -0.
        if (node.op === "sum" && isFloat(node.dtype))
          place = add("add", node, node.shape, [place, add("scalar", node, [], [], [0])]);
        break;
      case "scatter": {
        // It starts from a copy of x, to which x broadcasts anyway.
        const from = x!.op === "expand" ? x!.srcs[0]! : srcs[0]!;
        place = nodes.push({ ...node, srcs: [from, ...srcs.slice(1)] }) - 1;
        break;
      }
      case "matmul": {
        const rank = node.shape.length;
        const [n, m] = [node.shape[rank - 2]!, node.shape[rank - 1]!];
        const k = x!.shape.at(-1)!;
        if (!isPlain([n, k, m])) break;
        const a = add("reshape", x!, [...x!.shape.slice(0, -1), 1, k], [srcs[0]!]);
        const lead = y!.shape.slice(0, -2);
        const order = [...lead.keys(), lead.length + 1, lead.length];
        const turned = add("permute", y!, [...lead, m, k], [srcs[1]!], order);
        const b = add("reshape", y!, [...lead, 1, m, k], [turned]);
        const product = add("mul", node, [...node.shape, k], [a, b]);
        const kind = k <= fewTerms && sizeOf(node.shape) >= manyProducts ? shortProduct : 0;
        place =
          k === 1
            ? add("reshape", node, node.shape, [product])
            : add("sum", node, node.shape, [product], [kind, node.shape.length]);
        break;
      }
      default:
    }
    place ??= nodes.push(moved) - 1;
    // A run-time number has float32's digits, until it becomes an element.
    if (isHalf && !isLeaf(node) && !(isView(node) && x!.op !== "scalar"))
      place = add("half", node, node.shape, [place]);
    places.push(place);
  });
  return {
    nodes,
    inputs: program.inputs.map((place) => places[place]!),
    scalars: program.scalars.map((place) => places[place]!),
    outputs: program.outputs.map(({ node, overwrites }) => ({ node: places[node]!, overwrites })),
  };
}

/** Elements of a Node's value. */
export const countOf = (node: ProgramNode): number => sizeOf(node.shape);
