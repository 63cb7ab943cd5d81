import { checkFunction, GradientError } from "../errors.js";
import type { TypedArray } from "../dtype.js";
import { flush } from "../program/flush.js";
import { expose, type Node, observe } from "../program/node.js";
import { stackNow } from "../program/stack-now.js";
import { refuseReading } from "../program/trace.js";
import { indexOf, text } from "../shape.js";
import { Tensor } from "../tensor.js";
import { type AnomalyWatch, setWatch, watch } from "./anomaly-watch.js";
import type { FunctionBackward } from "./rule.js";
import { userFrame } from "./user-frame.js";

/** Where Nodes were recorded while anomaly mode was on. */
const traces = new WeakMap<Node, string>();

/** What the latest Nodes were made of while `detectAnomaly` runs: a flush forgets that. */
let recipes: Map<Node, readonly Node[]> | null = null;
const most = 20_000;

function remember(node: Node): void {
  traces.set(node, stackNow().stack ?? "");
  if (recipes === null) return;
  recipes.set(node, node.srcs);
  if (recipes.size > most) recipes.delete(recipes.keys().next().value!);
}

const anomaly: AnomalyWatch = {
  remember,
  check(node, share) {
    const at = firstNaN(read(share));
    if (at < 0) return;
    throw new GradientError(
      `detectAnomaly: the gradient of ${nameOf(node)} is NaN, at ${text(indexOf(at, share.shape))} of its input of shape ${text(share.shape)}; it was recorded ${line(node)}`,
      origin(node) ??
        "the forward values have no NaN: look for a gradient without bound, such as that of sqrt at 0, or 0 · Infinity",
    );
  },
};

/** Turns anomaly mode on or off for all code from here on; see `detectAnomaly`. Same as torch.autograd.set_detect_anomaly. */
export function setDetectAnomaly(value: boolean): void {
  refuseReading("setDetectAnomaly");
  setWatch(value ? anomaly : null);
  observe(value ? remember : null);
}

/**
 * Runs `fn`, and throws where a gradient first turns NaN in a backward pass inside it, or where a value did that it
 * returns. The error names the op and the line that recorded it, and the op that made the first NaN of the forward pass,
 * if there is one. Slow: every gradient is read. Same as torch.autograd.detect_anomaly.
 *
 * @throws GradientError for a NaN, for a device that is not read at once, and for an `fn` that returns a Promise.
 *
 * @example
 * detectAnomaly(() => {
 *   const loss = model.forward(x).log().mean();
 *   loss.backward();
 * });
 */
export function detectAnomaly<T>(fn: () => T): T {
  checkFunction("detectAnomaly", fn, "write detectAnomaly(() => loss.backward())");
  const before = watch !== null;
  const outer = recipes;
  recipes ??= new Map<Node, readonly Node[]>();
  setDetectAnomaly(true);
  let result: T;
  try {
    result = fn();
    if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
      throw new GradientError(
        "detectAnomaly: the function returned a Promise, and what it does after its first await would run unwatched",
        "use setDetectAnomaly(true) and setDetectAnomaly(false) around asynchronous code",
      );
    }
    for (const value of [result].flat()) if (value instanceof Tensor) checkForward(value);
  } finally {
    setDetectAnomaly(before);
    recipes = outer;
  }
  return result;
}

function checkForward(x: Tensor): void {
  if (firstNaN(read(x)) < 0) return;
  throw new GradientError(
    `detectAnomaly: the function returned a tensor of shape ${text(x.shape)} with NaN`,
    origin(x.node),
  );
}

/** Tells which op of the forward pass made the first NaN among what `root` was computed from. */
function origin(root: Node): string | undefined {
  const values = known(root);
  for (const node of values) expose(node);
  flush(values);
  for (const node of values) {
    const data = read(new Tensor(node));
    const at = firstNaN(data);
    if (at < 0) continue;
    const given = traces.has(node)
      ? `${nameOf(node)} made the first NaN of the forward pass, at`
      : "a tensor was made with NaN, at";
    return `${given} ${text(indexOf(at, node.shape))} of shape ${text(node.shape)}, ${line(node)}`;
  }
  return undefined;
}

/** `root` and what it was computed from, oldest first, as far as that still has a value or can be computed. */
function known(root: Node): Node[] {
  const seen = new Set<Node>([root]);
  for (const node of seen) {
    for (const src of [...node.srcs, ...node.parents, ...(recipes?.get(node) ?? [])]) seen.add(src);
  }
  const standing = new Set<Node>();
  for (const node of [...seen].sort((a, b) => a.id - b.id)) {
    if (node.isScalar || node.overwrittenBy !== null) continue;
    const computable = node.srcs.length > 0 && node.srcs.every((src) => src.isScalar || standing.has(src));
    if (node.buffer !== null || computable) standing.add(node);
  }
  return [...standing];
}

function read(x: Tensor): TypedArray {
  if (x.node.isScalar) return Float64Array.of(x.node.attrs[0]!);
  const data = x.read();
  if (!(data instanceof Promise)) return data;
  data.catch(() => undefined);
  throw new GradientError(
    `detectAnomaly: it reads every gradient at once, and ${x.device.name} is read asynchronously`,
    'look for the NaN on the CPU: setDefaultDevice("cpu")',
  );
}

const firstNaN = (data: TypedArray): number => data.findIndex(Number.isNaN);

function line(node: Node): string {
  const stack = traces.get(node);
  return stack === undefined ? "before anomaly mode was on" : (userFrame(stack)?.line ?? "at an unknown place");
}

/** The primitive, and the method that it is a part of. */
function nameOf(node: Node): string {
  const own = (node.backward as FunctionBackward | null)?.name;
  if (own !== undefined) return own;
  const { name } = node.op;
  const method = userFrame(traces.get(node) ?? "")?.method;
  return method === undefined || method === name ? name : `${name} in ${method}`;
}
