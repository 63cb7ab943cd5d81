import { type RecordedNode, recordedGraph, Tensor } from "@downhill/core";
import { enter, flush, leave, ownTensor, traceNumbers, withGrad } from "@downhill/core/engine";
import type { Optimizer } from "./optimizer.js";
import type { ParamGroup } from "./param-group.js";
import type { ParamState } from "./param-state.js";
import { WatchedSettings } from "./watched-settings.js";

/** The graph that an update has recorded, and where in it what stands. */
export interface RecordedUpdate {
  readonly nodes: readonly RecordedNode[];
  /** By name, the places of what there was before: `param`, `grad`, the tensors of the state. */
  readonly old: ReadonlyMap<string, number>;
  /** By name, the places of what the tensors of the state are then. */
  readonly next: ReadonlyMap<string, number>;
  readonly result: number;
  readonly settings: WatchedSettings;
  readonly sourceOf: (scalar: Tensor) => (() => number) | undefined;
}

/** An optimizer's `update`, which is protected: subclasses write it, and this runs it. */
interface Updating {
  update(param: Tensor, grad: Tensor, state: ParamState, group: ParamGroup<object>): Tensor;
}

/** Records an optimizer's update of a tensor, on copies: it writes into what it is given. */
export function recordUpdate<G extends object, S extends ParamState>(
  optimizer: Optimizer<G, S>,
  param: Tensor,
  grad: Tensor,
  group: ParamGroup<G>,
): RecordedUpdate {
  const outer = enter();
  try {
    return withGrad(false, () =>
      record(optimizer as unknown as Updating, optimizer.state.get(param) ?? {}, param, grad, group),
    );
  } finally {
    leave(outer);
  }
}

function record(
  optimizer: Updating,
  state: ParamState,
  param: Tensor,
  grad: Tensor,
  group: ParamGroup<object>,
): RecordedUpdate {
  const settings = new WatchedSettings();
  // A variable moves on to its next value; a copy of what it was keeps that in the graph.
  const marks = new Map<string, Tensor>();
  const remember = (name: string, value: unknown): void => {
    if (value instanceof Tensor) marks.set(`old ${name}`, value.detach());
  };
  const own = { param: ownTensor(param), grad: ownTensor(grad) };
  const copied: ParamState = {};
  for (const [name, value] of Object.entries(state)) copied[name] = value instanceof Tensor ? ownTensor(value) : value;
  const given = Object.entries({ ...own, ...copied });
  flush(...given.flatMap(([, value]) => (value instanceof Tensor ? [value] : []))); // where the graph has to end
  for (const [name, value] of given) remember(name, value);

  const watched = settings.watch(copied, remember);
  const { result, sourceOf } = traceNumbers(() =>
    optimizer.update(own.param, own.grad, watched, settings.watch(group)),
  );
  for (const [name, value] of Object.entries(watched))
    if (value instanceof Tensor) marks.set(`next ${name}`, value.detach());
  marks.set("result", result.detach());

  const nodes = recordedGraph([...marks.values()], Object.fromEntries(marks));
  const places = new Map(nodes.flatMap(({ name, inputs }) => (name === null ? [] : [[name, inputs[0]!]])));
  const marked = (prefix: string): Map<string, number> =>
    new Map(
      [...places].flatMap(([name, place]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), place]] : [])),
    );
  return { nodes, old: marked("old "), next: marked("next "), result: places.get("result")!, settings, sourceOf };
}
