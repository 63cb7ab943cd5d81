import { Tensor, ValueError } from "@downhill/core";
import { ownTensor } from "@downhill/core/engine";
import type { ParamGroup, ParamState } from "./optimizer.js";

/** What an optimizer remembers, free of the tensors that it updates: they go by their place among all groups. */
export interface OptimizerStateDict {
  readonly state: Readonly<Record<number, Readonly<Record<string, Tensor | number>>>>;
  readonly paramGroups: readonly (Readonly<Record<string, unknown>> & { readonly params: readonly number[] })[];
}

export function saveOptimizerState(groups: readonly ParamGroup<object>[], state: ReadonlyMap<Tensor, ParamState>): OptimizerStateDict {
  const places = new Map<Tensor, number>();
  for (const { params } of groups) for (const param of params) places.set(param, places.size);
  const saved: Record<number, Record<string, Tensor | number>> = {};
  for (const [param, values] of state) {
    const entries = Object.entries(values).map(([name, value]) => [name, value instanceof Tensor ? value.detach() : value] as const);
    const place = places.get(param);
    if (place !== undefined) saved[place] = Object.fromEntries(entries);
  }
  return {
    state: saved,
    paramGroups: groups.map(({ params, ...settings }) => ({ ...settings, params: params.map((param) => places.get(param)!) })),
  };
}

export function loadOptimizerState(where: string, dict: OptimizerStateDict, groups: ParamGroup<object>[], state: Map<Tensor, ParamState>): void {
  const sizes = (lists: readonly { readonly params: readonly unknown[] }[]): string => lists.map(({ params }) => params.length).join(", ");
  if (!Array.isArray(dict?.paramGroups) || sizes(dict.paramGroups) !== sizes(groups)) {
    throw new ValueError(`${where}.loadStateDict: the groups differ: ${sizes(dict?.paramGroups ?? [])} tensors in the state dict, ${sizes(groups)} here`);
  }
  const places = dict.paramGroups.flatMap((group) => group.params);
  const params = groups.flatMap((group) => group.params);
  const next = new Map<Tensor, ParamState>();
  places.forEach((place, i) => {
    const saved = dict.state[place];
    const param = params[i]!;
    if (saved === undefined) return;
    for (const [name, value] of Object.entries(saved)) {
      if (value instanceof Tensor && value.shape.join() !== param.shape.join()) {
        throw new ValueError(`${where}.loadStateDict: ${name} of tensor ${place} has shape [${value.shape.join(", ")}], the tensor [${param.shape.join(", ")}]`);
      }
    }
    const entries = Object.entries(saved).map(([name, value]) => [name, value instanceof Tensor ? ownTensor(value.to(param.dtype)) : value] as const);
    next.set(param, Object.fromEntries(entries) as ParamState);
  });
  state.clear();
  for (const [param, values] of next) state.set(param, values);
  groups.forEach((group, i) => {
    const { params: _, ...settings } = dict.paramGroups[i]!;
    Object.assign(group, settings);
  });
}
