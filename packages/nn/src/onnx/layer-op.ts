import type { Module } from "../module.js";
import type { GraphBuilder } from "./graph-builder.js";
import type { Varying } from "./varying.js";

/** A call of a layer that ONNX has an operation for. */
export interface LayerCall {
  /** What was passed beside tensors, too. */
  readonly args: readonly unknown[];
  /** The tensors passed, as names in the graph; null where there was none. */
  readonly names: readonly (string | null)[];
  readonly shapes: readonly (readonly Varying[] | null)[];
  /** A parameter or buffer of the layer, as a name; "" for null. */
  readonly weight: (name: string) => string;
}

/** How a layer's call is written: names of its results. Null where this call is no such operation; then its parts are written. */
export type WriteLayer<M extends Module> = (
  module: M,
  call: Pick<LayerCall, "args" | "shapes">,
) => ((graph: GraphBuilder, call: LayerCall) => readonly string[]) | null;

export type LayerClass<M extends Module> = abstract new (...args: never[]) => M;

/** A row of the table: its class and its writer know the same module. */
export interface LayerOp {
  readonly layer: LayerClass<Module>;
  readonly write: WriteLayer<Module>;
}

export const layerOp = <M extends Module>(layer: LayerClass<M>, write: WriteLayer<M>): LayerOp => ({
  layer,
  write: write as WriteLayer<Module>, // of a module of this class only
});
