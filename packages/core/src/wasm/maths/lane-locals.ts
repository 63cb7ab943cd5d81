import { type Float, floatBits, type Int } from "../../kernel/maths/float-code.js";
import type { Code } from "../assembler.js";

export type LaneFlavour = "relaxed" | "simd" | "scalar";

type Kind = "f32" | "f64" | "i32" | "v128";

/** The locals that lanes live in: made, reused by scopes, set from memory and from constants. */
export class LaneLocals {
  readonly code: Code;
  readonly flavour: LaneFlavour;
  /** Whether values are vectors. */
  readonly vector: boolean;
  /** Elements that an operation handles. */
  readonly width: 4 | 1;
  private readonly constants = new Map<string, number>();
  /** Those of float32 and int32, by their bits. */
  private readonly floats = new Map<number, number>();
  private readonly integers = new Map<number, number>();
  private readonly free: Record<Kind, number[]> = { f32: [], f64: [], i32: [], v128: [] };
  private taken: [Kind, number][] | null = null;

  constructor(code: Code, flavour: LaneFlavour) {
    this.code = code;
    this.flavour = flavour;
    this.vector = flavour !== "scalar";
    this.width = this.vector ? 4 : 1;
  }

  /** Runs `body`; the locals it took, but for the one it returns, may be used again afterwards. */
  scope<Value extends number | void>(body: () => Value): Value {
    const outer = this.taken;
    const mine: [Kind, number][] = [];
    this.taken = mine;
    const result = body();
    this.taken = outer;
    for (const [kind, local] of mine) {
      if (local === result) outer?.push([kind, local]);
      else this.free[kind].push(local);
    }
    return result;
  }

  /** A local for a value of one scope. */
  protected take(kind: Kind): number {
    const local = this.free[kind].pop() ?? this.code.local(kind);
    this.taken?.push([kind, local]);
    return local;
  }

  /** Puts the float32 lanes on the stack in a new local. */
  float(): Float {
    const local = this.take(this.vector ? "v128" : "f32");
    this.code.set(local);
    return local as Float;
  }

  /** Puts the int32 lanes on the stack in a new local. */
  int(): Int {
    const local = this.take(this.vector ? "v128" : "i32");
    this.code.set(local);
    return local as Int;
  }

  /** A local of its own that no scope reuses, for accumulators. */
  variable(): Float {
    return this.code.local(this.vector ? "v128" : "f32") as Float;
  }

  assign<Value extends Float | Int>(variable: Value, value: Value): void {
    this.code.get(value).set(variable);
  }

  /** Puts the float64 on the stack, or the vector of two, in a new local. */
  double(): number {
    const local = this.take(this.vector ? "v128" : "f64");
    this.code.set(local);
    return local;
  }

  /** The elements at an address (a local) plus `offset` bytes. */
  load(address: number, offset = 0): Float {
    this.code.get(address).memory(this.vector ? "v128.load" : "f32.load", offset);
    return this.float();
  }

  store(address: number, value: Float, offset = 0): void {
    this.code
      .get(address)
      .get(value)
      .memory(this.vector ? "v128.store" : "f32.store", offset);
  }

  /** Every lane the f32 in a local. */
  splat(scalar: number): Float {
    this.code.get(scalar);
    if (this.vector) this.code.op("f32x4.splat");
    return this.float();
  }

  /** A constant, rounded to float32; set once, in front of the loop. */
  constant(value: number): Float {
    const bits = floatBits(value);
    let local = this.floats.get(bits);
    if (local === undefined) {
      local = this.set("f32", () => {
        if (this.vector) this.code.v128("f32x4", value);
        else this.code.f32(value);
      });
      this.floats.set(bits, local);
    }
    return local as Float;
  }

  integer(value: number): Int {
    const bits = value | 0;
    let local = this.integers.get(bits);
    if (local === undefined) {
      local = this.set("i32", () => {
        if (this.vector) this.code.v128("i32x4", bits);
        else this.code.i32(bits);
      });
      this.integers.set(bits, local);
    }
    return local as Int;
  }

  /** A local that `write` leaves its value for, in front of the loop; one per key. */
  hoisted(key: string, kind: "f32" | "f64" | "i32", write: () => void): number {
    let local = this.constants.get(key);
    if (local === undefined) this.constants.set(key, (local = this.set(kind, write)));
    return local;
  }

  /** A local that is set in front of the loop. */
  private set(kind: "f32" | "f64" | "i32", write: () => void): number {
    const local = this.code.local(this.vector ? "v128" : kind);
    this.code.hoist(() => {
      write();
      this.code.set(local);
    });
    return local;
  }
}
