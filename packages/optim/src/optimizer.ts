import { type Device, type Removable, Tensor, ValueError } from "@downhill/core";
import {
  assign,
  changeStructure,
  checkOptions,
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
  zeroState,
} from "@downhill/core/engine";
import { checkGradient, checkImplementation, checkTensors, mergeSettings, tensorsOf } from "./param-group.js";
import type { ParamGroup, ParamGroupInput, Params } from "./param-group.js";
import { loadOptimizerState, type OptimizerStateDict, saveOptimizerState } from "./optimizer-state.js";
import type { ParamState, StateKinds } from "./param-state.js";
import { guardNumbers, guardSettings } from "./settings-guard.js";

/** What is called around each step. */
export type StepHook = (optimizer: Optimizer<object>) => void;

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
export abstract class Optimizer<G extends object, S extends ParamState = ParamState> {
  /** The groups, with their settings; change `paramGroups[0].lr` at any time, no number ever compiles anything. */
  readonly paramGroups: ParamGroup<G>[] = [];
  /** What is remembered for each tensor that has been updated. */
  readonly state: Map<Tensor, S> = new Map();
  /** Settings of groups that do not say otherwise. */
  readonly defaults: Readonly<G>;
  /** How many steps have been done; not part of the state dict. */
  stepCount = 0;
  /** By group: the settings that were checked last. */
  readonly #checked: (readonly unknown[])[] = [];
  readonly #preHooks: StepHook[] = [];
  readonly #postHooks: StepHook[] = [];

  /**
   * @param params Leaf tensors to update, or groups of them with settings of their own.
   * @param defaults Every setting there is, with its default.
   * @param options The caller's settings. Unknown names are errors.
   */
  constructor(params: Params<G>, defaults: G, options: Partial<G> = {}) {
    const where = this.constructor.name;
    checkImplementation(where, options);
    checkOptions(where, options, Object.keys(defaults));
    this.defaults = mergeSettings(defaults, options);
    this.check(this.defaults);
    const given: unknown = params;
    if (given === null || typeof given !== "object" || given instanceof Tensor || !(Symbol.iterator in given)) {
      throw new ValueError(
        `${where}: params must be an iterable of tensors or of groups, got ${show(given)}`,
        given instanceof Tensor ? "pass a list: [w]" : "pass model.parameters()",
      );
    }
    const list: (Tensor | ParamGroupInput<G>)[] = [...params];
    if (list.length === 0) throw new ValueError(`${where}: got an empty list of parameters`);
    const plain = list[0] instanceof Tensor;
    const groups = (plain ? [{ params: list }] : list) as unknown as ParamGroupInput<G>[];
    for (const group of groups) this.addParamGroup(group);
  }

  /** Names what `update` keeps in a tensor's state, and of which kind each is. */
  protected abstract readonly stateKinds: StateKinds<S>;

  /**
   * Settings, and numbers of the state, of which `update` only asks whether they are 0, and otherwise reads them inside
   * the function that it gives to `live`; numbers of the state also change by `countStep`. A compiled step follows these
   * without being traced again, as it is for another value of any other setting.
   */
  protected readonly live: readonly string[] = [];

  /**
   * Computes a tensor's next value. Reads and changes `state`: numbers by plain assignment, tensors through `variable`
   * and `advance`. Runs without gradients. What it throws undoes the step.
   */
  protected abstract update(param: Tensor, grad: Tensor, state: S, group: ParamGroup<G>): Tensor;

  /**
   * Throws a ValueError for settings that make no sense. Called where they are given, with the defaults and each group's;
   * what they become later is free, as in PyTorch, as long as it is of the same kind and no number is NaN.
   */
  protected abstract check(settings: Readonly<G>): void;

  /** Adds tensors to update, with settings of their own. Same as add_param_group. */
  addParamGroup(input: ParamGroupInput<G>): void {
    const where = this.constructor.name;
    const { params, ...settings } = tensorsOf(where, input);
    checkImplementation(`${where}: group`, settings);
    checkOptions(`${where}: group`, settings, [...Object.keys(this.defaults), "initialLr"]);
    checkTensors(where, params, this.paramGroups);
    const group = { ...mergeSettings(this.defaults, settings as Partial<G>), params };
    this.check(group);
    this.paramGroups.push(group);
    changeStructure();
  }

  /**
   * Updates every tensor that has a gradient, in place, and computes all that is needed for it in one Program.
   *
   * @param closure Computes the loss again and calls backward; its result is returned. It may be asynchronous.
   */
  step(): void;
  step<T>(closure: () => Promise<T>): Promise<T>;
  step<T>(closure: () => T): T;
  step<T>(closure?: () => T | Promise<T>): T | Promise<T> | void {
    this.#call(this.#preHooks);
    if (closure === undefined) {
      this.#apply();
      return;
    }
    if (typeof closure !== "function") {
      throw new ValueError(`${this.constructor.name}.step: the closure must be a function, got ${show(closure)}`);
    }
    const result = outside(() => withGrad(true, closure));
    if (!(result instanceof Promise)) {
      this.#apply();
      return result;
    }
    return result.then((loss: T) => {
      this.#apply();
      return loss;
    });
  }

  /** Checks settings that may have changed since they were given: only what no update could do anything with. */
  #checkKinds(settings: Readonly<G>): void {
    for (const name in this.defaults) {
      const value: unknown = settings[name];
      if (sameKind(this.defaults[name], value)) continue;
      this.check(settings);
      // A setting that may be of several kinds passes its own check; NaN is never one of them.
      if (Number.isNaN(value)) throw new ValueError(`${this.constructor.name}: ${name} is NaN`);
    }
  }

  #apply(): void {
    if (isTracing()) guardSettings(this.paramGroups, this.defaults, this.live);
    const due: Due<G>[] = [];
    let device: Device | undefined;
    let several = false;
    for (let g = 0; g < this.paramGroups.length; g++) {
      const group = this.paramGroups[g]!;
      if (!areSettings(group, this.#checked[g])) {
        this.#checkKinds(group);
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
    this.#call(this.#postHooks);
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

  #call(hooks: readonly StepHook[]): void {
    if (hooks.length === 0) return;
    for (const hook of hooks.slice()) outside(() => hook(this));
  }

  /** Sets gradients to null, or with `setToNone: false` to zeros. Same as zero_grad. */
  zeroGrad(options?: { readonly setToNone?: boolean }): void {
    if (options !== undefined) checkOptions(`${this.constructor.name}.zeroGrad`, options, ["setToNone"]);
    const none = options?.setToNone ?? true;
    for (const { params } of this.paramGroups) {
      for (const param of params) {
        // Not looked at first: a compiled step would then depend on it.
        if (none) param.grad = null;
        else if (param.grad !== null) param.grad = zeroState(param.grad);
      }
    }
  }

  /** Calls `hook` before each step. Same as register_step_pre_hook. */
  registerStepPreHook(hook: StepHook): Removable {
    return register(`${this.constructor.name}.registerStepPreHook`, this.#preHooks, hook);
  }

  /** Calls `hook` after each step. Same as register_step_post_hook. */
  registerStepPostHook(hook: StepHook): Removable {
    return register(`${this.constructor.name}.registerStepPostHook`, this.#postHooks, hook);
  }

  /** The state of each tensor, by its place, and the groups' settings, with the values at this moment. */
  stateDict(): OptimizerStateDict {
    return saveOptimizerState(this.paramGroups, this.state);
  }

  /**
   * Takes over what `stateDict` of an optimizer over the same tensors returned, in their dtypes and on their devices.
   *
   * @throws ValueError for a dict of other groups, settings, names or shapes; nothing has changed then.
   */
  loadStateDict(dict: OptimizerStateDict): void {
    const { state, settings } = loadOptimizerState<S>(this.constructor.name, dict, this.paramGroups, this.stateKinds);
    this.paramGroups.forEach((group, i) => this.#checkKinds({ ...group, ...settings[i] }));
    this.paramGroups.forEach((group, i) => Object.assign(group, settings[i]));
    changeStructure();
    this.state.clear();
    for (const [param, values] of state) this.state.set(param, values);
  }

  /** Formats the groups' settings as PyTorch prints them. */
  toString(): string {
    const groups = this.paramGroups.map(({ params: _, ...settings }, i) => {
      const lines = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
      return `\nParameter Group ${i}\n${lines.map(([name, value]) => `    ${name}: ${show(value)}\n`).join("")}`;
    });
    return `${this.constructor.name} (${groups.join("")})`;
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

/** Whether a setting is of its default's kind: a number that is not NaN, a flag, an array of such. */
function sameKind(implied: unknown, value: unknown): boolean {
  if (typeof implied === "number") return typeof value === "number" && !Number.isNaN(value);
  if (!Array.isArray(implied)) return typeof implied === typeof value;
  return Array.isArray(value) && value.length === implied.length && implied.every((x, i) => sameKind(x, value[i]));
}

function register(where: string, list: StepHook[], hook: StepHook): Removable {
  if (typeof hook !== "function") throw new ValueError(`${where}: a hook must be a function, got ${show(hook)}`);
  const item: StepHook = (optimizer) => hook(optimizer); // one that only its own registration removes
  list.push(item);
  changeStructure();
  return {
    remove: () => {
      changeStructure();
      const at = list.indexOf(item);
      if (at >= 0) list.splice(at, 1);
    },
  };
}

// What Node's console.log shows. A symbol key cannot stand in the class under isolatedDeclarations.
Object.defineProperty(Optimizer.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Optimizer<object>): string {
    return this.toString();
  },
});
