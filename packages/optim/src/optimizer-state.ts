import { type Shape, Tensor, ValueError } from "@downhill/core";
import { ownTensor, show, text } from "@downhill/core/engine";
import { copySettings, type ParamGroup } from "./param-group.js";
import type { ParamState } from "./param-state.js";

/**
 * What an optimizer remembers, free of the tensors that it updates: they go by their place among all groups. The layout
 * is that of PyTorch's state dicts, the names are PyTorch's in camelCase.
 */
export interface OptimizerStateDict {
  readonly state: Readonly<Record<number, Readonly<Record<string, Tensor | number>>>>;
  readonly paramGroups: readonly SavedGroup[];
}

type SavedGroup = Readonly<Record<string, unknown>> & { readonly params: readonly number[] };

/** What has been read from a state dict and checked: the state of each tensor, and the settings of each group. */
interface Loaded<S> {
  readonly state: ReadonlyMap<Tensor, S>;
  readonly settings: readonly Readonly<Record<string, unknown>>[];
}

export function saveOptimizerState(
  groups: readonly ParamGroup<object>[],
  state: ReadonlyMap<Tensor, ParamState>,
): OptimizerStateDict {
  const saved: Record<number, Record<string, Tensor | number>> = {};
  let place = 0;
  const paramGroups = groups.map(({ params, ...settings }) => {
    const places = params.map((param) => {
      const values = state.get(param);
      if (values !== undefined && Object.keys(values).length > 0) {
        const entries: Record<string, Tensor | number> = (saved[place] = {});
        for (const [name, value] of Object.entries(values)) {
          if (value !== undefined) entries[name] = value instanceof Tensor ? value.detach() : value;
        }
      }
      return place++;
    });
    return { ...copySettings(settings), params: places };
  });
  return { state: saved, paramGroups };
}

/** Whether a shape is as expected; -1 stands for any size. */
const fits = (shape: Shape, expected: Shape): boolean =>
  shape.length === expected.length && expected.every((size, dim) => size === -1 || size === shape[dim]);

/** Reads a state dict for these groups and checks it; changes nothing. */
export function loadOptimizerState<S extends ParamState>(
  where: string,
  dict: OptimizerStateDict,
  groups: readonly ParamGroup<object>[],
  kinds: Readonly<Record<string, string>>,
  shapeOf: (name: string, param: Tensor) => Shape,
): Loaded<S> {
  const fail = (problem: string, hint?: string): never => {
    throw new ValueError(`${where}.loadStateDict: ${problem}`, hint);
  };
  const saved: unknown = (dict as OptimizerStateDict | null | undefined)?.paramGroups;
  if (
    !Array.isArray(saved) ||
    !saved.every((group: Partial<SavedGroup> | null) => Array.isArray(group?.params)) ||
    typeof dict.state !== "object" ||
    (dict.state as object | null) === null
  ) {
    return fail(`expects what stateDict() returns, got ${show(dict)}`);
  }
  const sizes = (lists: readonly { readonly params: readonly unknown[] }[]): string =>
    show(lists.map(({ params }) => params.length));
  if (sizes(dict.paramGroups) !== sizes(groups)) {
    fail(`the groups differ: they hold ${sizes(dict.paramGroups)} tensors in the state dict, ${sizes(groups)} here`);
  }

  const settings = dict.paramGroups.map(({ params: _, ...rest }, i) => {
    for (const name of Object.keys(rest)) {
      if (!(name in groups[i]!) && name !== "initialLr")
        fail(`unknown setting ${show(name)} in group ${i}`, "is it the state of another optimizer?");
    }
    return copySettings(rest);
  });
  const places = dict.paramGroups.flatMap(({ params }) => params);
  const state = new Map<Tensor, S>();
  groups
    .flatMap(({ params }) => params)
    .forEach((param, i) => {
      const place = places[i]!;
      const values = dict.state[place];
      if (values === undefined) return;
      if (values === null || typeof values !== "object")
        fail(`the state of tensor ${place} must be an object, got ${show(values)}`);
      const own: ParamState = {};
      for (const [name, value] of Object.entries(values)) {
        const kind = Object.hasOwn(kinds, name)
          ? kinds[name]
          : fail(
              `unknown name ${show(name)} in the state of tensor ${place}`,
              `it has ${Object.keys(kinds).join(", ") || "none"}`,
            );
        if (kind === "number") {
          if (typeof value !== "number") fail(`${name} of tensor ${place} must be a number, got ${show(value)}`);
          own[name] = value;
        } else if (!(value instanceof Tensor)) fail(`${name} of tensor ${place} must be a tensor, got ${show(value)}`);
        else if (!fits(value.shape, shapeOf(name, param)))
          fail(`${name} of tensor ${place} has shape ${text(value.shape)}, here ${text(shapeOf(name, param))}`);
        else own[name] = ownTensor(value.to(param.device).to(param.dtype));
      }
      state.set(param, own as S);
    });
  return { state, settings };
}
