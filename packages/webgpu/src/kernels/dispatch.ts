import type { Word } from "../wgsl/writer.js";

/** One dispatch of a shader: a Kernel, or a part of one. */
export interface Dispatch {
  /** What GPU tools show: the ops, and the shape of what they work on. */
  readonly label: string;
  readonly code: string;
  readonly workgroups: readonly [number, number, number];
  /** The parameters, in order. */
  readonly words: readonly Word[];
}

/** Workgroups in a dimension: every device allows as many. */
const most = 65535;

/** Spreads a number of workgroups over two dimensions; `numberOfGroup` undoes it. */
export function spread(groups: number): [number, number] {
  if (groups <= most) return [groups, 1];
  const rows = Math.ceil(groups / most);
  return [Math.ceil(groups / rows), rows];
}

/** The number of the workgroup that runs, in WGSL; a little beyond the number asked for in the last row. */
export const numberOfGroup = "(w.x + w.y * n.x)";
