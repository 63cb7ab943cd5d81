import type { Writer } from "./writer.js";

/** What may go wrong in a shader, as far as it is known before: an index of a gather or scatter into a shape, or a division. */
export interface Failing {
  readonly op: string;
  /** Of a gather or scatter. */
  readonly attrs: readonly number[];
  /** That the index is for. */
  readonly shape: readonly number[];
}

/** How many values the record of a failure has room for, each at the place that its number in the Kernel gives. */
export const slots = 60;

/** Words of the record before the values: the number of the run, of what failed, and the first place's complement. */
export const firstSlot = 4;

const recordOfAtomics = "@group(0) @binding(2) var<storage, read_write> failure: array<atomic<u32>>;";

const claim = `fn claim(at: u32, mine: u32) -> u32 {
  var owner = 0u;
  while (owner == 0u) {
    let met = atomicCompareExchangeWeak(&failure[at], 0u, mine);
    owner = select(met.old_value, mine, met.exchanged);
  }
  return owner;
}`;

// The first run that fails is told of, in it the first Kernel, and of that the first place: what the interpreter meets first.
const fail = `fn fail(run: u32, what: u32, place: u32, value: u32) {
  if (claim(0u, run) != run || claim(1u, what) != what) { return; }
  if (atomicMax(&failure[2], ~place) < ~place) { atomicStore(&failure[${firstSlot}u + place % ${slots}u], value); }
}`;

/** Tells that something has failed at `place` (u32: which turn it was), because of `value` (i32). The host throws it. */
export function writeFailure(writer: Writer, what: Failing, place: string, value: string): void {
  writer.use("failure", recordOfAtomics);
  writer.use("claim", claim);
  const f = writer.use("fail", fail);
  const run = writer.word({ kind: "run" });
  writer.line(`${f}(${run}, ${writer.word({ kind: "failing", what })}, ${place}, bitcast<u32>(${value}));`);
}

/**
 * Whether nothing has failed that has not been told yet: variables stay as they were until it has. No Kernel that may fail
 * asks: it writes to no variable.
 */
export function nothingFailed(writer: Writer): string {
  writer.use("failure", "@group(0) @binding(2) var<storage, read_write> failure: array<u32>;");
  return "failure[0] == 0u";
}
