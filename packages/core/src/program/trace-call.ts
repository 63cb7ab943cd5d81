import { type Device, defaultDevice, deviceNames, getDevice } from "../backend/device.js";
import { show, TraceError } from "../errors.js";
import { nextDraw, onDraw } from "../random/counter.js";
import { defaultGenerator, saveStream } from "../random/generator.js";
import { COPY, Tensor } from "../tensor.js";
import { describe, isPlain, type Pattern } from "./argument-pattern.js";
import type { Lease } from "./cache.js";
import { flush, flushAll, settle } from "./flush.js";
import { conceal, expose, nextMark, type Node, record } from "./node.js";
import { Draft } from "./program.js";
import { build } from "./replay.js";
import type { Subject, Update, GradientUpdate, Made, Recipe, ReplayStep, Shown, Source } from "./replay.js";
import { runWatch } from "./run-watch.js";
import { asOneScope } from "./scope.js";
import { Trace, traced } from "./trace.js";

/** A traced call: its result, and, unless it can only be done once, how to do it again. */
export interface TracedCall {
  readonly result: unknown;
  readonly patterns: readonly Pattern[];
  readonly recipe: Recipe | null;
  readonly lease: Lease | null;
}

/** What outlives a call, all still to be computed. */
interface Survivors {
  readonly moved: readonly Tensor[];
  readonly made: readonly Tensor[];
  readonly gradients: readonly { readonly owner: Tensor; readonly value: Shown | null }[];
  readonly result: Shown;
}

/** The arguments of a call, and the tensors that stand for those in them while it is recorded. */
interface Arguments {
  readonly outside: readonly Tensor[];
  readonly inside: readonly Tensor[];
  readonly described: readonly (readonly [pattern: Pattern, stand: unknown])[];
}

type Fn = (...args: readonly unknown[]) => unknown;

/**
 * Calls `fn` once, taking note of all that it does, and computes what outlives the call as one Program. Whatever is
 * thrown on the way, everything is as it was before.
 */
export function traceCall(fn: Fn, args: readonly unknown[]): TracedCall {
  const given = argumentsOf(args);
  const { outside, inside, described } = given;
  return recordCall(fn, given, true, (trace, survivors) => {
    const [recipe, lease] = compute(trace, survivors, outside, inside);
    return {
      result: build(survivors.result, survivors.made, outside),
      patterns: described.map(([pattern]) => pattern),
      recipe,
      lease,
    };
  });
}

/**
 * Calls `fn` once and hands what outlives the call to `look`, as a draft that is not run. Then everything is as it was
 * before. If not `compiled`, what the caller's code in it can read outlives the call too.
 */
export function draftCall<T>(
  fn: Fn,
  args: readonly unknown[],
  compiled: boolean,
  look: (device: Device, draft: Draft, gradients: readonly Node[]) => T,
): T {
  return recordCall(fn, argumentsOf(args), compiled, (trace, survivors) => {
    const shown = compiled ? [] : trace.recorded.filter(({ visible, isLeaf }) => visible && !isLeaf);
    const { device, draft } = draftOf(trace, survivors, shown);
    const gradients = survivors.gradients.flatMap(({ value }) =>
      value?.kind === "made" ? [survivors.made[value.at]!.node] : [],
    );
    const result = look(device, draft, gradients);
    trace.rollBack();
    return result;
  });
}

function argumentsOf(args: readonly unknown[]): Arguments {
  const outside: Tensor[] = [];
  const inside: Tensor[] = [];
  return { outside, inside, described: args.map((arg) => describe(arg, outside, inside)) };
}

function recordCall<T>(
  fn: Fn,
  { inside, described }: Arguments,
  oneScope: boolean,
  finish: (trace: Trace, survivors: Survivors) => T,
): T {
  for (const name of deviceNames()) flushAll(getDevice(name));
  const trace = new Trace();
  trace.onFailure(saveStream(defaultGenerator));
  const watched = onDraw(({ key, counter }) => {
    trace.steps.push({ kind: "number", nodes: [key, counter], read: draw, undo: undraw });
  });
  try {
    const scope = oneScope ? asOneScope : <R>(run: () => R): R => run();
    const survivors = traced(trace, () =>
      scope(() => {
        const result = fn(...described.map(([, stand]) => stand));
        if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
          (result as Promise<unknown>).then(undefined, () => undefined); // what it throws is said here
          throw (
            trace.failure ??
            new TraceError(
              "compile: the function returned a Promise, and what it does after its first await would not be recorded",
              "compile the synchronous part, and await what it returns: const loss = step(x, y); await loss.item()",
            )
          );
        }
        if (trace.failure !== null) throw trace.failure;
        return survive(trace, inside, result);
      }),
    );
    return finish(trace, survivors);
  } catch (error) {
    trace.rollBack();
    throw trace.failure ?? error;
  } finally {
    onDraw(watched);
  }
}

function draw(): readonly number[] {
  const { key, counter } = nextDraw();
  return [key, counter];
}

function undraw(): void {
  defaultGenerator.takeBackCounter();
}

/** Finds what outlives the call, and gives each a Node of its own. */
function survive(trace: Trace, args: readonly Tensor[], result: unknown): Survivors {
  const moved = [...trace.moved].filter(
    ([tensor, before]) => tensor.node !== before && trace.survives(tensor) && !trace.owners.has(tensor),
  );
  const taken = new Set(moved.map(([tensor]) => tensor.node));
  const made: Tensor[] = [];
  const shown = (tensor: Tensor): Shown => {
    const place = args.indexOf(tensor);
    if (place >= 0) return { kind: "argument", at: place };
    const { node } = tensor;
    // A tensor object of the call's own may stand for a value from outside: that is another value at the next call.
    const holder = trace.holders.get(node);
    // So may a gradient from before.
    const isOwn = holder === undefined || holder === tensor || trace.moved.has(tensor);
    if (trace.survives(tensor) && isOwn && !trace.owners.has(tensor)) return { kind: "same", value: tensor };
    const at = made.indexOf(tensor);
    if (at >= 0) return { kind: "made", at };
    if (node.isLeaf || taken.has(node)) {
      const own = record(COPY, [node], [], node.shape, node.dtype);
      own.requiresGrad = node.requiresGrad;
      own.freed = !tensor.isLeaf;
      tensor.node = own;
    }
    return { kind: "made", at: made.push(tensor) - 1 };
  };
  const walk = (value: unknown): Shown => {
    if (value instanceof Tensor) return shown(value);
    if (Array.isArray(value)) return { kind: "list", items: value.map(walk) };
    if (isPlain(value)) return { kind: "record", names: Object.keys(value), items: Object.values(value).map(walk) };
    if (typeof value === "function" || (typeof value === "object" && value !== null)) {
      throw new TraceError(
        `compile: the function returned ${show(value)}`,
        "return tensors, numbers, and arrays and plain objects of them",
      );
    }
    return { kind: "same", value };
  };
  const gradients: { owner: Tensor; value: Shown | null }[] = [];
  for (const [owner, { before }] of trace.gradients) {
    const { grad } = owner;
    const changed = grad !== before || (grad !== null && trace.moved.has(grad));
    if (changed && trace.survives(owner)) gradients.push({ owner, value: grad && shown(grad) });
  }
  return { moved: moved.map(([tensor]) => tensor), made, gradients, result: walk(result) };
}

/** What survives, as a Program in the making; all else that was recorded becomes internal. */
function draftOf(
  trace: Trace,
  { moved, made }: Survivors,
  shown: readonly Node[] = [],
): { device: Device; surviving: Set<Node>; draft: Draft } {
  const targets = [...new Set([...[...moved, ...made].map(({ node }) => node), ...shown])];
  const surviving = new Set(targets);
  const device = deviceOf(targets);
  for (const node of trace.recorded) {
    if (surviving.has(node)) continue;
    conceal(node);
    node.overwrites = null;
  }
  targets.forEach(expose);
  flush(olderThan(trace.start, targets));
  const draft = new Draft();
  for (const target of targets) draft.add(target);
  return { device, surviving, draft };
}

/** Computes what survives, gives it to the tensors, and says how to do all that again. */
function compute(
  trace: Trace,
  survivors: Survivors,
  outside: readonly Tensor[],
  inside: readonly Tensor[],
): [Recipe | null, Lease | null] {
  const { moved, made, gradients, result } = survivors;
  const { device, surviving, draft } = draftOf(trace, survivors);
  const doomed = draft.outputs.map(({ overwrites }) => (overwrites?.buffer ? overwrites : null));
  const places = new Map(inside.map((tensor, i) => [tensor, i]));
  checkOverlap(trace, doomed, inside);
  const sources = sourcesOf(trace, draft, places);
  // State that the call itself has made is there at the next one.
  const again = !trace.once && sources !== null && doomed.every((node) => node === null || node.id <= trace.start);
  const buffers = draft.buffers.slice();
  const subject = (tensor: Tensor): Subject => places.get(tensor) ?? tensor;
  const outputOf = (tensor: Tensor): number => draft.outputs.indexOf(tensor.node);
  const outputs = draft.outputs.map((node) => {
    const freed = node.freed || node.parents.length > 0 || node.backward !== null;
    return {
      op: node.op,
      shape: node.shape,
      dtype: node.dtype,
      requiresGrad: node.requiresGrad,
      freed: node.requiresGrad && freed,
    };
  });
  const recipe: Recipe = {
    device,
    executable: null,
    buffers,
    scalars: draft.scalars.slice(),
    sources: sources ?? [],
    gradientGuards: [...trace.gradients].flatMap(([owner, { before, read }]) =>
      read && trace.survives(owner) ? [{ owner: subject(owner), present: before !== null }] : [],
    ),
    steps: stepsOf(trace, draft),
    streams: [...trace.streams.values()],
    outputs,
    updates: moved.map((tensor): Update => {
      const output = outputOf(tensor);
      return { output, tensor: subject(tensor), inPlace: doomed[output] !== null };
    }),
    made: made.map((tensor): Made => ({ output: outputOf(tensor), isGradient: tensor.isGradient })),
    gradients: gradients.map(({ owner, value }): GradientUpdate => ({ owner: subject(owner), value })),
    result,
  };
  const lease =
    draft.outputs.length === 0 ? null : device.programs.lease(draft, (program) => device.backend.compile(program));
  try {
    if (lease !== null) {
      settle(device, draft.outputs, lease.executable.run(draft.buffers, draft.scalars));
      if (runWatch !== null) runWatch(device, lease.executable, false);
    }
  } catch (error) {
    lease?.release();
    throw error;
  }
  draft.outputs.forEach((node, k) => {
    node.parents = [];
    node.backward = null;
    node.freed = outputs[k]!.freed;
    if (node.freed) node.variable = null;
  });
  trace.close(surviving);
  hand(trace, outside, inside, survivors);
  if (!again) lease?.release();
  return again ? [{ ...recipe, executable: lease?.executable ?? null }, lease] : [null, null];
}

/** The device that everything is on. */
function deviceOf(targets: readonly Node[]): Device {
  const devices = new Set(targets.map((node) => node.device));
  if (devices.size > 1) {
    throw new TraceError(
      `compile: the function computes on ${devices.size} devices, ${[...devices].map(({ name }) => name).join(" and ")}`,
      "compile one function for each",
    );
  }
  return targets[0]?.device ?? defaultDevice();
}

/** What `targets` need of values that were recorded before the call, and not computed yet. */
function olderThan(start: number, targets: readonly Node[]): Node[] {
  const mark = nextMark();
  const found: Node[] = [];
  const stack = targets.slice();
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node.mark === mark || node.isLeaf) continue;
    node.mark = mark;
    if (node.id <= start) found.push(node);
    else stack.push(...node.srcs);
  }
  found.forEach(expose);
  return found;
}

/** Where each input of the Program comes from at the next call; null if that cannot be told. */
function sourcesOf(trace: Trace, { inputs }: Draft, places: ReadonlyMap<Tensor, number>): Source[] | null {
  const sources: Source[] = [];
  for (let place = 0; place < inputs.length; place++) {
    const node = inputs[place]!;
    const holder = trace.holders.get(node);
    if (holder === undefined && node.id > trace.start) continue; // a constant, or drawn on the host
    if (holder === undefined) return null;
    const owner = trace.owners.get(holder);
    const tensor = owner ?? holder;
    const { requiresGrad } = node;
    sources.push({ place, tensor: places.get(tensor) ?? tensor, ofGradient: owner !== undefined, requiresGrad });
  }
  return sources;
}

/** The host's part, with its numbers by their places in the Program. */
function stepsOf(trace: Trace, draft: Draft): ReplayStep[] {
  const scalars = draft.nodes.filter((node) => node.isScalar);
  return trace.steps.map((step): ReplayStep => {
    if (step.kind === "number") {
      const { nodes, read, undo = null } = step;
      return { kind: "number", read, places: nodes.map((node) => scalars.indexOf(node)), undo };
    }
    if (step.kind === "draw") return { ...step, buffer: step.node.buffer! };
    return step;
  });
}

/** Throws if an argument lies in memory that the call is about to overwrite as something else's. */
function checkOverlap(trace: Trace, doomed: readonly (Node | null)[], inside: readonly Tensor[]): void {
  inside.forEach((stand) => {
    const own = trace.moved.get(stand) ?? stand.node;
    if (!doomed.some((node) => node !== null && node !== own && node.buffer === own.buffer)) return;
    throw new TraceError(
      `compile: the function updates a tensor of shape [${stand.shape.join(", ")}] that is passed to it too`,
      "let the function capture it, or pass x.clone()",
    );
  });
}

/** Gives the caller's arguments what has become of the tensors that stood for them. */
function hand(
  trace: Trace,
  outside: readonly Tensor[],
  inside: readonly Tensor[],
  { moved, made, gradients }: Survivors,
): void {
  for (const stand of moved) {
    const arg = outside[inside.indexOf(stand)];
    if (arg === undefined) continue;
    const { overwrittenBy } = trace.moved.get(stand)!;
    if (overwrittenBy !== null) {
      arg.node.buffer = null;
      arg.node.overwrittenBy = overwrittenBy;
    }
    arg.node = stand.node;
    if (stand.node.variable === stand) stand.node.variable = arg;
  }
  for (const { owner, value } of gradients) {
    const tensor = outside[inside.indexOf(owner)] ?? owner;
    tensor.grad = value && (build(value, made, outside) as Tensor);
  }
}
