import { recurringOf, type Row } from "../program/recurring.js";
import { valueOf } from "../program/schedule.js";
import { sizeOf } from "../shape.js";
import type { WasmEngine } from "./engine.js";
import { ProgramCode } from "./program-code.js";

/** Makes what runs a recurrence, the Node at `place` of a Program, in the middle of that Program. */
export type RecurCompiler = (
  engine: WasmEngine,
  around: ProgramCode,
  place: number,
) => { readonly run: () => void; readonly release: () => void };

/** The code of a body, and how many Programs repeat it. */
interface SharedBody {
  readonly code: ProgramCode;
  users: number;
}

/** One code for equal bodies, however often and on what they run: sequences of all lengths share it. */
const bodies = /* @__PURE__ */ new WeakMap<WasmEngine, Map<string, SharedBody>>();

/** One entry of a body's table: the address of a row, and by how many bytes it moves from turn to turn. */
interface Pointer {
  readonly entry: number;
  readonly value: number;
  readonly offset: number;
  readonly step: number;
}

/**
 * Runs the body's code turn by turn. Its table tells where its arguments and results lie; between two turns the addresses
 * move on. Its arena is the working memory of the Node.
 */
export const recurCompiler: RecurCompiler = (engine, around, place) => {
  const { plan, memory } = around;
  const { nodes } = plan.schedule.program;
  const node = nodes[place]!;
  const { steps, signature, body, starts, reads, writes } = recurringOf(node);
  let known = bodies.get(engine);
  if (known === undefined) bodies.set(engine, (known = new Map<string, SharedBody>()));
  const key = `${engine.generation} ${signature.join()}`;
  let shared = known.get(key);
  if (shared === undefined)
    known.set(key, (shared = { code: new ProgramCode(engine, plan.bodies.get(place)!), users: 0 }));
  shared.users++;
  const { code } = shared;
  const inner = code.memory;

  const values = node.srcs.map((src) => valueOf(plan.source, src));
  const pointer = (entry: number, { src, offset, stride }: Row): Pointer => {
    const value = src < 0 ? place : values[src]!;
    const size = memory.bytesOf(value) / sizeOf(nodes[value]!.shape);
    return { entry, value, offset: offset * size, step: stride * size };
  };
  const { entries, own } = inner.layout;
  const pointers = [
    ...reads.map((row, k) => pointer(entries[k]!, row)),
    ...writes.map((row, k) => pointer(own[k]!, row)),
  ];
  const moving = pointers.filter(({ step }) => step !== 0);
  const numbers = values.slice(values.length - body.scalars.length);
  const numberOf = (value: number): number => {
    const { op, attrs } = nodes[value]!;
    // One that came with lowering has its number with it.
    return op !== "scalar" ? memory.view(value)[0]! : attrs.length > 0 ? attrs[0]! : memory.numberOf(value);
  };
  return {
    run() {
      const { heap } = engine;
      const whole = memory.view(place);
      for (const { src, offset } of starts) whole.set(memory.view(values[src]!), offset);
      const { i32, f64 } = heap;
      inner.arena = memory.arena + memory.layout.scratch;
      numbers.forEach((value, k) => (f64[inner.numbers / 8 + k] = numberOf(value)));
      const table = inner.table / 4;
      for (const { entry, value, offset } of pointers) i32[table + entry] = memory.addressOf(value) + offset;
      for (let turn = 0; turn < steps; turn++) {
        if (turn > 0) for (const { entry, step } of moving) i32[table + entry]! += step;
        code.run();
      }
    },
    release() {
      if (--shared.users > 0) return;
      known.delete(key);
      code.release();
    },
  };
};
