import { writtenBy } from "../program/lifetimes.js";
import type { Source } from "../kernel/expression-builder.js";
import type { Kernel } from "../kernel/kernel.js";
import type { Program } from "../program/program.js";
import { recurringOf } from "../program/recurring.js";
import { type Schedule, schedule } from "../program/schedule.js";
import type { WasmEngine } from "./engine.js";
import { prepare, productKey } from "./matmul-kernel.js";
import { nodeScratch } from "./nodes/node-kernel.js";
import { type Layout, layOut } from "./layout.js";
import type { PreparedMatmul } from "./routines/descriptor.js";

/** A Program's Kernels, with all that is settled about them before any code is written. */
export interface ProgramPlan {
  readonly schedule: Schedule;
  readonly source: Source;
  readonly layout: Layout;
  /** What its recurrences repeat, by their Nodes. */
  readonly bodies: ReadonlyMap<number, ProgramPlan>;
  readonly products: ReadonlyMap<Kernel, PreparedMatmul>;
  /** Working memory of matrix products, for each thread. */
  readonly productBytes: number;
  readonly descriptorWords: number;
}

/** Schedules a Program and chooses its routines. Pure, but for what the engine is. `isBody`: see `layOut`. */
export function planProgram(engine: WasmEngine, recorded: Program, fuse: boolean, isBody = false): ProgramPlan {
  const { features, sharing } = engine;
  const scheduled = schedule(recorded, fuse);
  const { program, kernels } = scheduled;
  const { nodes } = program;
  const products = new Map<Kernel, PreparedMatmul>();
  const prepared = new Map<string, PreparedMatmul>();
  let productBytes = 0;
  let nodeBytes = 0;
  let descriptorWords = 0;
  const bodies = new Map<number, ProgramPlan>();
  for (const kernel of kernels) {
    if (kernel.kind === "node") {
      let bytes = nodeScratch(nodes, kernel.node);
      if (nodes[kernel.node]!.op === "recur") {
        const body = planProgram(engine, recurringOf(nodes[kernel.node]!).body, fuse, true);
        bodies.set(kernel.node, body);
        bytes = body.layout.arenaBytes;
      }
      nodeBytes = Math.max(nodeBytes, bytes);
    }
    if (kernel.kind !== "matmul") continue;
    const key = productKey(kernel);
    let product = prepared.get(key);
    if (product === undefined) {
      prepared.set(key, (product = prepare(kernel, features)));
      productBytes = Math.max(productBytes, product.scratchBytes);
      descriptorWords += Math.ceil(product.words.length / 4) * 4;
    }
    products.set(kernel, product);
  }
  const written = new Set(kernels.flatMap(writtenBy));
  const source: Source = { nodes, isStored: (node) => nodes[node]!.op === "buffer" || written.has(node) };
  const scratchBytes = Math.max(nodeBytes, productBytes * (sharing?.threads ?? 1));
  const layout = layOut(scheduled, source, scratchBytes, isBody);
  return { schedule: scheduled, source, layout, bodies, products, productBytes, descriptorWords };
}
