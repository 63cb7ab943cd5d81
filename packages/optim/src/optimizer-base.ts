import { type Removable, type Shape, Tensor, ValueError } from "@downhill/core";
import { changeStructure, checkOptions, outside, show, zeroState } from "@downhill/core/engine";
import { checkImplementation, checkTensors, mergeSettings, tensorsOf } from "./param-group.js";
import type { ParamGroup, ParamGroupInput, Params } from "./param-group.js";
import { loadOptimizerState, type OptimizerStateDict, saveOptimizerState } from "./optimizer-state.js";
import type { ParamState, StateKinds } from "./param-state.js";

/** What is called around each step. */
export type StepHook = (optimizer: OptimizerBase<object>) => void;

/**
 * What every optimizer has, however it steps: parameter groups, `zeroGrad`, state dicts and hooks. Optimizers that
 * update each tensor by itself extend `Optimizer`.
 */
export abstract class OptimizerBase<G extends object, S extends ParamState = ParamState> {
  /** The groups, with their settings; change `paramGroups[0].lr` at any time, no number ever compiles anything. */
  readonly paramGroups: ParamGroup<G>[] = [];
  /** What is remembered for each tensor that has been updated. */
  readonly state: Map<Tensor, S> = new Map();
  /** Settings of groups that do not say otherwise. */
  readonly defaults: Readonly<G>;
  /** How many steps have been done; not part of the state dict. */
  stepCount = 0;
  /** @internal */
  protected readonly preHooks: StepHook[] = [];
  /** @internal */
  protected readonly postHooks: StepHook[] = [];

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

  /** Names what is kept in a tensor's state, and of which kind each is. */
  protected abstract readonly stateKinds: StateKinds<S>;

  /**
   * Throws a ValueError for settings that make no sense. Called where they are given, with the defaults and each group's;
   * what they become later is free, as in PyTorch, as long as it is of the same kind and no number is NaN.
   */
  protected abstract check(settings: Readonly<G>): void;

  /** The shape of what the state of a tensor holds under a name: its own. */
  protected stateShape(_name: string, param: Tensor): Shape {
    return param.shape;
  }

  /** Updates the tensors. Some optimizers take a closure that computes the loss again, some need it. */
  abstract step(closure?: () => unknown): unknown;

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

  /** @internal Checks settings that may have changed since they were given: only what no update could do anything with. */
  protected checkKinds(settings: Readonly<G>): void {
    for (const name in this.defaults) {
      const value: unknown = settings[name];
      if (sameKind(this.defaults[name], value)) continue;
      this.check(settings);
      // A setting that may be of several kinds passes its own check; NaN is never one of them.
      if (Number.isNaN(value)) throw new ValueError(`${this.constructor.name}: ${name} is NaN`);
    }
  }

  /** @internal */
  protected callHooks(hooks: readonly StepHook[]): void {
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
    return register(`${this.constructor.name}.registerStepPreHook`, this.preHooks, hook);
  }

  /** Calls `hook` after each step. Same as register_step_post_hook. */
  registerStepPostHook(hook: StepHook): Removable {
    return register(`${this.constructor.name}.registerStepPostHook`, this.postHooks, hook);
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
    const { state, settings } = loadOptimizerState<S>(
      this.constructor.name,
      dict,
      this.paramGroups,
      this.stateKinds,
      (name, param) => this.stateShape(name, param),
    );
    this.paramGroups.forEach((group, i) => this.checkKinds({ ...group, ...settings[i] }));
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
Object.defineProperty(OptimizerBase.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: OptimizerBase<object>): string {
    return this.toString();
  },
});
