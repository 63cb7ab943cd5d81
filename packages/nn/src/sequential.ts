import type { Tensor } from "@downhill/core";
import { DownhillError, show } from "@downhill/core/engine";
import { type Layer, Module } from "./module.js";
import { checkPartName } from "./part-name.js";

const isRecord = (given: unknown): given is Readonly<Record<string, Layer>> =>
  given !== null && typeof given === "object" && !Array.isArray(given) && !(given instanceof Module);

/**
 * Applies layers one after another. Same as torch.nn.Sequential.
 *
 * @throws DownhillError for what is no module, and for a name with a ".".
 *
 * @example
 * const model = new Sequential(new Linear(2, 8), new ReLU(), new Linear(8, 1));
 * const named = new Sequential({ hidden: new Linear(2, 8), act: new ReLU(), out: new Linear(8, 1) });
 * named.stateDict(); // hidden.weight, hidden.bias, out.weight, out.bias
 */
export class Sequential extends Module {
  private readonly layersByName = new Map<string, Layer>();

  /** @param layers Layers, or one object of named layers. */
  constructor(...layers: readonly Layer[] | readonly [Readonly<Record<string, Layer>>]) {
    super();
    const [first] = layers;
    const named = layers.length === 1 && isRecord(first) ? first : layers;
    for (const [name, layer] of Object.entries(named)) this.add("Sequential", name, layer);
  }

  private add(where: string, name: string, layer: unknown): void {
    checkPartName(where, name);
    if (!(layer instanceof Module)) {
      const hint = Array.isArray(layer)
        ? "pass layers one by one, not in an array"
        : typeof layer === "function"
          ? "make one with new"
          : undefined;
      throw new DownhillError(`${where}: layer ${show(name)} must be a Module, got ${show(layer)}`, hint);
    }
    if (this.layersByName.has(name)) throw new DownhillError(`${where}: there is already a layer ${show(name)}`);
    this.layersByName.set(name, layer as Layer);
  }

  /** Number of layers. */
  get length(): number {
    return this.layersByName.size;
  }

  /** The layer at a place; negative places count from the end. */
  at(index: number): Layer {
    const found = Number.isInteger(index) ? [...this.layersByName.values()].at(index) : undefined;
    if (found === undefined)
      throw new DownhillError(`Sequential.at: index ${show(index)} is out of range for ${this.length} layers`);
    return found;
  }

  /** Adds a layer at the end, named by its place. */
  append(layer: Layer): this {
    this.add("Sequential.append", String(this.length), layer);
    return this;
  }

  /** Adds layers at the end, in their order. */
  extend(layers: Iterable<Layer>): this {
    for (const layer of layers) this.append(layer);
    return this;
  }

  /** The modules in their order. */
  [Symbol.iterator](): Iterator<Layer> {
    return this.layersByName.values();
  }

  protected override *childEntries(): Generator<[string, Module]> {
    yield* this.layersByName;
    yield* super.childEntries(); // those that a subclass adds
  }

  override forward(x: Tensor): Tensor {
    for (const layer of this.layersByName.values()) x = layer.forward(x);
    return x;
  }
}
