import { type Device, type Tensor, ValueError } from "@downhill/core";
import {
  assign,
  enter,
  everyRun,
  guard,
  isTracing,
  leave,
  onTraceFailure,
  outside,
  seam,
  show,
  transaction,
  withGrad,
} from "@downhill/core/engine";
import { OptimizerBase } from "./optimizer-base.js";
import { checkGradient, type ParamGroup } from "./param-group.js";
import { Room } from "./room.js";
import type { ParamState } from "./param-state.js";
import { guardNumbers, guardSettings } from "./settings-guard.js";

/** One tensor to update, and what goes into it. */
interface Due<G> {
  readonly param: Tensor;
  readonly grad: Tensor;
  readonly group: ParamGroup<G>;
}

/**
 * The base of optimizers: owns parameter groups, the loop over them, `zeroGrad`, state dicts and hooks. A subclass says
 * what it remembers for a tensor (`stateKinds`), how it computes the tensor's next value (`update`), and which settings
 * make sense (`check`).
 *
 * All updates of a step, with everything they need, are one Program per device, and happen in place. If anything in it
 * throws, tensors and state are as they were before the step.
 *
 * @example
 * interface SignGroup { lr: number }
 *
 * class SignDescent extends Optimizer<SignGroup> {
 *   protected override readonly stateKinds = {};
 *   constructor(params: Params<SignGroup>, options: Partial<SignGroup> = {}) {
 *     super(params, { lr: 1e-3 }, options);
 *   }
 *   protected override check({ lr }: SignGroup): void {
 *     if (!(lr >= 0)) throw new ValueError(`SignDescent: lr must be a number of 0 or more, got ${lr}`);
 *   }
 *   protected override update(param: Tensor, grad: Tensor, _: ParamState, { lr }: SignGroup): Tensor {
 *     return param.sub(grad.sign().mul(lr));
 *   }
 * }
 */
export abstract class Optimizer<G extends object, S extends ParamState = ParamState> extends OptimizerBase<G, S> {
  /** By group: the settings that were checked last. */
  readonly #checked: (readonly unknown[])[] = [];

  /**
   * Settings, and numbers of the state, of which `update` only asks whether they are 0, and otherwise reads them inside
   * the function that it gives to `live`; numbers of the state also change by `setNumber`. A compiled step follows these
   * without being traced again, as it is for another value of any other setting.
   */
  protected readonly live: readonly string[] = [];

  /**
   * Computes a tensor's next value. Reads and changes `state`: numbers by plain assignment, tensors through `variable`
   * and `advance`. Runs without gradients. What it throws undoes the step.
   */
  protected abstract update(param: Tensor, grad: Tensor, state: S, group: ParamGroup<G>): Tensor;

  /**
   * Updates every tensor that has a gradient, in place, and computes all that is needed for it in one Program. Awaited,
   * it also waits until the device is not too far behind: for a loop on a GPU that awaits nothing else. A closure computes
   * the loss again and calls backward; its result is returned. It may be asynchronous.
   */
  override step(): PromiseLike<void> | undefined;
  override step<T>(closure: () => Promise<T>): Promise<T>;
  override step<T>(closure: () => T): T;
  override step<T>(closure?: () => T | Promise<T>): T | Promise<T> | PromiseLike<void> | undefined {
    this.callHooks(this.preHooks);
    if (closure === undefined) {
      const device = this.#apply();
      return device === undefined || isTracing() ? undefined : Room.on(device);
    }
    if (typeof closure !== "function") {
      throw new ValueError(`${this.constructor.name}.step: the closure must be a function, got ${show(closure)}`);
    }
    const result = outside(() => withGrad(true, closure));
    if (!(result instanceof Promise)) {
      this.#apply();
      return result;
    }
    return result.then<T>((loss) => {
      this.#apply();
      return loss;
    });
  }

  /** Returns the device that it ran on, if there was anything to do. */
  #apply(): Device | undefined {
    if (isTracing()) guardSettings(this.paramGroups, this.defaults, this.live);
    const due: Due<G>[] = [];
    let device: Device | undefined;
    let several = false;
    for (let g = 0; g < this.paramGroups.length; g++) {
      const group = this.paramGroups[g]!;
      if (!areSettings(group, this.#checked[g])) {
        this.checkKinds(group);
        this.#checked[g] = Object.values(group);
      }
      for (const param of group.params) {
        const grad = param.peekGrad();
        if (grad === null) continue;
        checkGradient(this, param, grad);
        due.push({ param, grad, group });
        device ??= param.device;
        several ||= device !== param.device;
      }
    }
    if (several) {
      const devices = new Set(due.map(({ param }) => param.device));
      for (const each of devices) this.#update(due.filter(({ param }) => param.device === each));
    } else if (due.length > 0) this.#update(due);
    if (isTracing()) this.#countRuns();
    else this.stepCount++;
    this.callHooks(this.postHooks);
    return device;
  }

  #countRuns(): void {
    everyRun(
      () => this.stepCount++,
      () => this.stepCount--,
    );
  }

  /** Updates tensors of one device, all or none. */
  #update(due: readonly Due<G>[]): void {
    const { state: states } = this;
    const before = new Array<S | undefined>(due.length);
    const restore = (): void => {
      // A tensor whose turn did not come has nothing before it, and is not in the list.
      before.forEach((state, i) => {
        const { param } = due[i]!;
        if (state === undefined) states.delete(param);
        else states.set(param, { ...state });
      });
    };
    const outer = enter();
    try {
      const run = (): void => {
        for (let i = 0; i < due.length; i++) {
          const { param, grad, group } = due[i]!;
          let state = states.get(param);
          before[i] = state && snapshot(state);
          if (state === undefined) states.set(param, (state = {} as S));
          if (isTracing()) assign(param, this.#traceUpdate(param, grad, state, group));
          else assign(param, this.update(param, grad, state, group));
        }
      };
      transaction(() => {
        withGrad(false, run);
      });
    } catch (error) {
      restore();
      throw error;
    } finally {
      leave(outer);
    }
    onTraceFailure(restore);
    seam(due[0]!.param.device);
  }

  /** `update`, with all it reads and changes on the host repeated or watched by the compiled function around it. */
  #traceUpdate(param: Tensor, grad: Tensor, state: S, group: ParamGroup<G>): Tensor {
    const numbers: ParamState = state;
    const watched = guardNumbers(state, this.stateKinds, this.live);
    const before = { ...numbers };
    const next = this.update(param, grad, state, group);
    for (const name of watched) {
      const [was, is] = [before[name], numbers[name]];
      if (was === is) continue;
      everyRun(
        () => (numbers[name] = is),
        () => (numbers[name] = was),
      );
    }
    if (Object.keys(state).length > 0) guard(() => this.state.get(param) === state);
    return next;
  }
}

const EMPTY: ParamState = {};

/** A state as it is now. */
function snapshot<S extends ParamState>(state: S): S {
  for (const _ in state) return { ...state };
  return EMPTY as S;
}

/** Whether a group's settings are these and nothing but numbers and flags: an array may have changed within. */
function areSettings(group: ParamGroup<object>, checked: readonly unknown[] | undefined): boolean {
  if (checked === undefined) return false;
  let at = 0;
  for (const name in group) {
    const value: unknown = group[name as keyof typeof group];
    if (value !== checked[at++] || (typeof value === "object" && name !== "params")) return false;
  }
  return at === checked.length;
}
