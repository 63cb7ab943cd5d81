import { DownhillError, Tensor } from "@downhill/core";
import { ownTensor } from "@downhill/core/engine";
import { Parameter } from "./parameter.js";

/**
 * Copies what a module holds, each thing once, so that what is shared stays shared. Tensors get memory of their own.
 * Functions, and objects of classes that `blank` does not know, are not copied.
 *
 * @param blank Makes the object that a copy of `value`'s properties goes into, if it is one of ours, else gives null.
 */
export function deepCopy<T>(root: T, blank: (value: object) => object | null): T {
  const made = new Map<unknown, unknown>();
  const of = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (made.has(value)) return made.get(value);
    const copy = begun(value, blank);
    made.set(value, copy);
    if (value instanceof Map) for (const pair of value) (copy as Map<unknown, unknown>).set(of(pair[0]), of(pair[1]));
    else if (value instanceof Set) for (const item of value) (copy as Set<unknown>).add(of(item));
    else if (copy !== value && !(value instanceof Tensor)) fill(value, copy);
    return copy;
  };
  /** Own properties of any kind; those that are there already, such as a module's `forward`, stay. */
  const fill = (value: object, copy: object): void => {
    for (const key of Reflect.ownKeys(value)) {
      if (Object.hasOwn(copy, key)) continue;
      const property = Object.getOwnPropertyDescriptor(value, key)!;
      if ("value" in property) property.value = of(property.value);
      Object.defineProperty(copy, key, property);
    }
  };
  return of(root) as T;
}

/** What a copy begins as: a tensor is whole, others are still empty; what is not copied is itself. */
function begun(value: object, blank: (value: object) => object | null): object {
  if (value instanceof Tensor) return copied(value);
  const { constructor } = value;
  const plain = constructor === Object || constructor === Array || constructor === Map || constructor === Set;
  return blank(value) ?? (plain ? new (constructor as ObjectConstructor)() : value);
}

function copied(x: Tensor): Tensor {
  const { requiresGrad } = x;
  if (x instanceof Parameter) return new Parameter(x.detach(), { requiresGrad });
  if (!x.isLeaf) throw new DownhillError("clone: a property is a computed tensor with gradients: keep x.detach()");
  return ownTensor(x.detach()).requiresGrad_(requiresGrad);
}
