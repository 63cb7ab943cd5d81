import type { DType } from "@downhill/core";
import { broadcastStrides } from "@downhill/core/compiler";
import type { ProgramNode } from "@downhill/core/engine";
import type { Position } from "../wgsl/position.js";
import { load } from "../wgsl/values.js";
import type { Writer } from "../wgsl/writer.js";
import type { Dispatch } from "./dispatch.js";

/** Shaders, and the working memory that they need. */
export interface Written {
  readonly dispatches: readonly Dispatch[];
  readonly scratchBytes: number;
}

/** A source of a Node that is a Kernel by itself: a value in memory, row-major, or a run-time number. */
export class NodeSource {
  readonly shape: readonly number[];
  readonly dtype: DType;
  private readonly value: number;
  private readonly node: ProgramNode;

  constructor(value: number, node: ProgramNode, shape: readonly number[]) {
    this.value = value;
    this.node = node;
    this.shape = shape;
    this.dtype = node.dtype;
  }

  /** Element `at` (u32), in the type that its dtype is computed with. */
  load(writer: Writer, at: string): string {
    const { op, attrs, dtype } = this.node;
    if (op !== "scalar")
      return writer.let(load(writer, dtype, writer.word({ kind: "address", value: this.value }), at));
    // One that came with lowering has its number with it.
    return attrs.length > 0 ? writer.number(attrs[0]!, dtype) : writer.scalar(this.value, dtype);
  }

  /** The strides that read it as if it had the shape that it broadcasts to. */
  stridesIn(shape: readonly number[]): number[] {
    return this.node.op === "scalar" ? shape.map(() => 0) : broadcastStrides(this.shape, shape);
  }
}

/** A Node that is a Kernel by itself. */
export interface NodeTask {
  /** The value that it writes. */
  readonly value: number;
  readonly node: ProgramNode;
  readonly sources: readonly NodeSource[];
  readonly label: string;
}

/** Where the loops over a tensor's dims stand, as an affine number with these strides. */
export const along = (position: Position, strides: readonly number[]): string =>
  position.at({ offset: 0, strides, moving: [] });

/** Strides that give the position along one dim. */
export const only = (dim: number, dims: number): number[] =>
  Array.from({ length: dims }, (_, i) => (i === dim ? 1 : 0));
