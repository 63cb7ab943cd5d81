import type { Tensor } from "@downhill/core";
import { DownhillError, show } from "@downhill/core/engine";
import { type Layer, Module } from "./module.js";

/**
 * Applies layers one after another. Same as torch.nn.Sequential.
 *
 * @example
 * const model = new Sequential(new Linear(2, 8), new ReLU(), new Linear(8, 1));
 */
export class Sequential extends Module {
  readonly #layers: [name: string, layer: Layer][];

  /** @param layers Layers, or one object of named layers. */
  constructor(...layers: readonly Layer[] | readonly [Readonly<Record<string, Layer>>]) {
    super();
    const [first] = layers;
    const named = layers.length === 1 && first !== undefined && !(first instanceof Module);
    this.#layers = named ? Object.entries(first as Record<string, Layer>) : layers.map((layer, i) => [String(i), layer as Layer]);
    for (const [name, layer] of this.#layers) {
      if (!(layer instanceof Module)) throw new DownhillError(`Sequential: layer ${show(name)} must be a Module, got ${show(layer)}`, "pass layers one by one, not in an array");
    }
  }

  /** Number of layers. */
  get length(): number {
    return this.#layers.length;
  }

  /** The layer at a place; negative places count from the end. */
  at(index: number): Layer {
    const found = this.#layers.at(index);
    if (found === undefined) throw new DownhillError(`Sequential.at: index ${index} is out of range for ${this.length} layers`);
    return found[1];
  }

  /** Adds a layer at the end. */
  append(layer: Layer): this {
    this.#layers.push([String(this.#layers.length), layer]);
    return this;
  }

  *[Symbol.iterator](): Iterator<Layer> {
    for (const [, layer] of this.#layers) yield layer;
  }

  override *namedChildren(): Generator<[string, Module]> {
    yield* this.#layers;
  }

  override forward(x: Tensor): Tensor {
    for (const [, layer] of this.#layers) x = layer.forward(x);
    return x;
  }
}
