import { guard } from "@downhill/core/engine";
import type { Tensor } from "@downhill/core";
import type { ParamGroup } from "./param-group.js";
import type { ParamState } from "./param-state.js";

/** A setting as a traced step has found it. */
interface Traced {
  readonly name: string;
  readonly value: unknown;
  /** Read again at each call: only whether it is 0 counts here. */
  readonly live: boolean;
}

const fits = (traced: unknown, now: unknown, live: boolean): boolean => {
  if (traced === now) return true;
  if (!Array.isArray(traced)) return live && typeof now === "number" && (now === 0) === (traced === 0) && now === now;
  return Array.isArray(now) && now.length === traced.length && traced.every((x, i) => fits(x, now[i], live));
};

/**
 * Has a compiled step traced again when a setting has changed in a way that its trace does not follow: any other value,
 * or, for those in `live`, a number that becomes 0 or NaN or is 0 no more.
 */
export function guardSettings(groups: readonly ParamGroup<object>[], defaults: object, live: readonly string[]): void {
  const names = Object.keys(defaults);
  const traced = groups.map((group): { params: number; settings: Traced[] } => ({
    params: group.params.length,
    settings: names.map((name) => {
      const value: unknown = group[name as keyof typeof group];
      return { name, value: Array.isArray(value) ? value.slice() : value, live: live.includes(name) };
    }),
  }));
  guard(() => {
    for (let g = 0; g < traced.length; g++) {
      const group = groups[g] as Readonly<Record<string, unknown>> & { params: Tensor[] };
      const { params, settings } = traced[g]!;
      if (group.params.length !== params) return false;
      for (let i = 0; i < settings.length; i++) {
        const { name, value, live } = settings[i]!;
        const now = group[name];
        if (now !== value && !fits(value, now, live)) return false;
      }
    }
    return true;
  });
}

/** The same for the numbers of a tensor's state that are not in `live`. */
export function guardNumbers(
  state: ParamState,
  kinds: Readonly<Record<string, string>>,
  live: readonly string[],
): string[] {
  const names = Object.keys(kinds).filter((name) => kinds[name] === "number" && !live.includes(name));
  for (const name of names) guard(() => state[name]);
  return names;
}
