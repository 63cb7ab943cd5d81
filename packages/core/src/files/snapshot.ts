import { flush } from "../engine.js";
import { show, ValueError } from "../errors.js";
import { Tensor } from "../tensor.js";

/** A tensor under the name that it gets in a file. */
export type Named = readonly [name: string, tensor: Tensor];

/** Tensors by name: what state dicts and files are. */
export type Tensors = Readonly<Record<string, Tensor>>;

/**
 * Takes the values of tensors as they are now, in one Program of its own: they may be written much later, and steps in
 * between change neither the file nor what they compile.
 */
export function snapshot(where: string, tensors: Tensors): Named[] {
  const given: unknown = tensors;
  if (typeof given !== "object" || given === null || given instanceof Tensor || Array.isArray(given))
    throw new ValueError(
      `${where}: expects an object of tensors, got ${show(given)}`,
      `pass model.stateDict(), or name them: { x }`,
    );
  const values = Object.entries(tensors).map(([name, tensor]): Named => {
    if (tensor instanceof Tensor) return [name, tensor.detach()];
    throw new ValueError(
      `${where}: ${show(name)} is ${show(tensor)}, no tensor`,
      "saveCheckpoint also takes numbers, text and objects of them",
    );
  });
  flush(...values.map(([, tensor]) => tensor));
  return values;
}
