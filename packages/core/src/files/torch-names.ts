import { show, ValueError } from "../errors.js";

type Named<T> = Readonly<Record<string, T>>;

function renamed<T>(where: string, state: Named<T>, rename: (name: string) => string): Record<string, T> {
  const names = new Map<string, string>();
  const entries = Object.entries(state).map(([name, value]): [string, T] => {
    const next = rename(name);
    const other = names.get(next);
    if (other !== undefined)
      throw new ValueError(`${where}: ${show(other)} and ${show(name)} both become ${show(next)}`);
    names.set(next, name);
    return [next, value];
  });
  return Object.fromEntries(entries);
}

/**
 * Renames the tensors of a PyTorch state dict as they are called here: `norm.running_mean` becomes `norm.runningMean`,
 * `lstm.weight_ih_l0` `lstm.weightIhL0`. Layouts are the same, so that is all there is to do.
 *
 * @throws ValueError where two names become one.
 *
 * @example
 * Object.keys(fromTorchNames({ "norm.running_mean": 1, "attn.in_proj_weight": 2 })); // ["norm.runningMean", "attn.inProjWeight"]
 */
export function fromTorchNames<T>(state: Named<T>): Record<string, T> {
  return renamed("fromTorchNames", state, (name) =>
    name.replace(/(?<=[A-Za-z0-9])_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
}

/**
 * Renames the tensors of a state dict as PyTorch calls them: `norm.runningMean` becomes `norm.running_mean`. Undoes
 * `fromTorchNames`, except that a capital letter always becomes an underscore and a small one.
 *
 * @throws ValueError where two names become one.
 *
 * @example
 * Object.keys(toTorchNames({ "norm.runningMean": 1, "lstm.weightIhL0": 2 })); // ["norm.running_mean", "lstm.weight_ih_l0"]
 */
export function toTorchNames<T>(state: Named<T>): Record<string, T> {
  return renamed("toTorchNames", state, (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}
