import { watch } from "../autograd/anomaly-watch.js";
import { isGradEnabled } from "../autograd/mode.js";
import { type Device, defaultDevice } from "../backend/device.js";
import { checkFunction, checkOptions } from "../errors.js";
import { checkCount } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { allFit, type Pattern } from "./argument-pattern.js";
import type { Lease } from "./cache.js";
import { MISS, Replay } from "./replay.js";
import { isTracing, structureVersion } from "./trace.js";
import { traceCall } from "./trace-call.js";

/** The options of `compile`. */
export interface CompileOptions {
  /** The most traces held at once; past it the one least recently used goes. Default 32. */
  readonly limit?: number;
}

/** A function that is recorded once per kind of arguments, and replayed from then on. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: A): R;
  /** How many calls have been traced so far; all others were replays. */
  readonly traces: number;
  /** Forgets every trace: call it after a change that no guard sees, such as another layer in a model. */
  clear(): void;
}

/** A trace that can be replayed, and what it holds for. */
interface Plan {
  readonly patterns: readonly Pattern[];
  readonly recording: boolean;
  readonly device: Device;
  readonly structure: number;
  readonly replay: Replay;
  readonly lease: Lease | null;
}

/**
 * Makes a function that records what `fn` does at its first call, and at later calls does the same again with other
 * values, without running `fn`: a whole training step costs little more than its arithmetic. Like jax.jit and
 * torch.compile.
 *
 * The call is the scope. What `fn` returns survives it, and so do the tensors it updates (parameters, a module's
 * buffers, an optimizer's state, tensors changed by in-place methods) and `.grad`; all else is internal, also what
 * `keep` marks. Results carry no graph: call backward inside. Optimizers and schedulers advance at each call, with the
 * rates they have then, and random functions draw anew: the numbers are those of `fn` itself.
 *
 * `fn` is traced again when an argument has another shape, dtype, device or `requiresGrad`, when an argument that is no
 * tensor is another value (a Parameter or a module: another object), and when a flag such as `module.training`, a hook,
 * `noGrad` around the call or a parameter's `requiresGrad` has changed. Tensors that `fn` captures are read anew at each
 * call; numbers that it captures are frozen: pass a 0-d tensor to vary one. Other effects of `fn` (a counter, a line in
 * the console) happen in the traced call only. A compiled function called inside another is part of it.
 *
 * @param fn Synchronous; returns tensors, numbers, or arrays and plain objects of them.
 * @throws TraceError when `fn` reads a value (`item()`, printing, `nonzero()`) or returns a Promise or something else,
 *   and when a backward pass inside leads outside. Whatever is thrown while it is traced, tensors, `.grad`, step counts
 *   and random numbers are as they were before the call.
 *
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * const descend = compile((x: Tensor) => {
 *   w.grad = null;
 *   const loss = w.mul(x).sum();
 *   loss.backward();
 *   noGrad(() => w.sub_(w.grad!.mul(0.5)));
 *   return loss;
 * });
 * console.log(descend(tensor([2, 4]))); // tensor(10., gradFn=<Sum>)
 * console.log(descend(tensor([2, 4]))); // tensor(0., gradFn=<Sum>)
 * console.log(w); // tensor([-1., -2.], requiresGrad=true)
 * console.log(descend.traces); // 1
 */
export function compile<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options: CompileOptions = {},
): Compiled<A, R> {
  checkFunction("compile", fn, "write compile((x, y) => { … })");
  checkOptions("compile", options, ["limit"]);
  const traced = new Traces(
    fn as unknown as (...args: readonly unknown[]) => unknown,
    checkCount("compile", "limit", options.limit ?? 32, 1),
  );
  const call = (...args: A): R => traced.call(args) as R;
  Object.defineProperty(call, "traces", { get: () => traced.count });
  compiled.add(call);
  return Object.assign(call, { clear: () => traced.clear() }) as Compiled<A, R>;
}

const compiled = new WeakSet<object>();

/** Whether `compile` has made this function. */
export const isCompiled = (fn: object): boolean => compiled.has(fn);

/** The traces of one function. */
class Traces {
  count = 0;
  /** The most recently used first. */
  private readonly plans: Plan[] = [];

  constructor(
    private readonly fn: (...args: readonly unknown[]) => unknown,
    private readonly limit: number,
  ) {}

  call(args: readonly unknown[]): unknown {
    if (isTracing() || watch !== null) return this.fn(...args);
    const { plans } = this;
    const found: Tensor[] = [];
    for (let i = 0; i < plans.length; i++) {
      const plan = plans[i]!;
      found.length = 0;
      if (plan.recording !== isGradEnabled() || plan.device !== defaultDevice()) continue;
      if (plan.structure !== structureVersion()) this.drop(i--);
      else if (allFit(plan.patterns, args, found)) {
        const result = plan.replay.run(found);
        if (result === MISS) continue;
        if (i > 0) plans.unshift(...plans.splice(i, 1));
        return result;
      }
    }
    return this.trace(args);
  }

  private trace(args: readonly unknown[]): unknown {
    const { result, patterns, recipe, lease } = traceCall(this.fn, args);
    this.count++;
    if (recipe === null) return result;
    const [recording, device, structure] = [isGradEnabled(), defaultDevice(), structureVersion()];
    this.plans.unshift({ patterns, recording, device, structure, replay: new Replay(recipe), lease });
    if (this.plans.length > this.limit) this.drop(this.limit);
    return result;
  }

  private drop(place: number): void {
    for (const { lease } of this.plans.splice(place, 1)) lease?.release();
  }

  clear(): void {
    while (this.plans.length > 0) this.drop(this.plans.length - 1);
  }
}
