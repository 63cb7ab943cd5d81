import { type Removable, Tensor, ValueError } from "@downhill/core";
import { assign, enter, flush, leave, outside, seam, show, transaction, withGrad, zeroState } from "@downhill/core/engine";
import { loadOptimizerState, type OptimizerStateDict, saveOptimizerState } from "./optimizer-state.js";

/** Tensors that are updated with the same settings. `G` is what the optimizer can be told per group. */
export type ParamGroup<G> = G & { params: Tensor[] };

/** A group as callers write it: its tensors, and what differs from the optimizer's defaults. */
export type ParamGroupInput<G> = Partial<G> & { readonly params: Iterable<Tensor> | Tensor };

/** Tensors to update, or groups of them. */
export type Params<G> = Iterable<Tensor> | Iterable<ParamGroupInput<G>>;

/** What an optimizer remembers for one tensor: variables, and the number of steps. */
export interface ParamState {
  step: number;
  [name: string]: Tensor | number;
}

/** One tensor to update, and what goes into it. */
interface Due<G, S> {
  readonly param: Tensor;
  readonly grad: Tensor;
  readonly state: S;
  readonly group: ParamGroup<G>;
}

/** What is called around each step. */
export type StepHook = (optimizer: Optimizer<object>) => void;

/**
 * The base of optimizers: owns parameter groups, the loop over them, `zeroGrad`, state dicts and hooks. A subclass says
 * what it remembers for a tensor (`init`) and how it computes the tensor's next value (`update`).
 *
 * All updates of a step, with everything they need, are one Program, and happen in place.
 */
export abstract class Optimizer<G extends object, S extends ParamState = ParamState> {
  /** The groups, with their settings; change `paramGroups[0].lr` at any time, no rate ever compiles anything. */
  readonly paramGroups: ParamGroup<G>[] = [];
  /** What is remembered for each tensor that has been updated. */
  readonly state: Map<Tensor, S> = new Map();
  protected readonly defaults: G;
  readonly #preHooks: StepHook[] = [];
  readonly #postHooks: StepHook[] = [];

  constructor(params: Params<G>, defaults: G) {
    this.defaults = defaults;
    this.check(defaults);
    if (params === null || typeof params !== "object" || params instanceof Tensor || !(Symbol.iterator in params)) {
      throw new ValueError(
        `${this.constructor.name}: params must be an iterable of tensors or of groups, got ${show(params)}`,
        params instanceof Tensor ? "pass a list: [w]" : "pass model.parameters()",
      );
    }
    const list = [...(params as Iterable<Tensor | ParamGroupInput<G>>)];
    if (list.length === 0) throw new ValueError(`${this.constructor.name}: got an empty list of parameters`);
    if (list.every((item) => item instanceof Tensor)) this.addParamGroup({ params: list } as unknown as ParamGroupInput<G>);
    else for (const group of list) this.addParamGroup(group as ParamGroupInput<G>);
  }

  /** Makes what the optimizer remembers for a tensor that it has not updated before. */
  protected abstract init(param: Tensor, group: ParamGroup<G>): S;

  /**
   * Computes a tensor's next value. `state.step` already counts this update; state tensors are changed with `advance`.
   * Runs without gradients.
   */
  protected abstract update(param: Tensor, grad: Tensor, state: S, group: ParamGroup<G>): Tensor;

  /** Throws a ValueError for settings that make no sense. */
  protected abstract check(group: G): void;

  /** Adds tensors to update, with settings of their own. Same as add_param_group. */
  addParamGroup(input: ParamGroupInput<G>): void {
    const where = this.constructor.name;
    if (input === null || typeof input !== "object" || input instanceof Tensor || input.params === undefined) {
      throw new ValueError(`${where}: a group must be an object with params, got ${show(input)}`, "do not mix tensors and groups in one list");
    }
    const { params, ...settings } = input;
    for (const name of Object.keys(settings)) {
      if (!(name in this.defaults) && name !== "initialLr") {
        throw new ValueError(`${where}: unknown option ${show(name)} in a group`, `it takes ${Object.keys(this.defaults).join(", ")}`);
      }
    }
    const tensors = params instanceof Tensor ? [params] : [...params];
    const known = new Set(this.paramGroups.flatMap((group) => group.params));
    for (const tensor of tensors) {
      if (!(tensor instanceof Tensor)) throw new ValueError(`${where}: can only update tensors, got ${show(tensor)}`);
      if (!tensor.isLeaf) throw new ValueError(`${where}: can only update leaves, got a tensor of shape [${tensor.shape.join(", ")}] computed from others`, "use x.detach().requiresGrad_()");
      if (known.has(tensor)) throw new ValueError(`${where}: a tensor of shape [${tensor.shape.join(", ")}] is in more than one place of the groups`);
      known.add(tensor);
    }
    const group = { ...this.defaults, ...(settings as unknown as Partial<G>), params: tensors };
    this.check(group);
    this.paramGroups.push(group);
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
    for (const hook of this.#preHooks.slice()) hook(this as unknown as Optimizer<object>);
    if (closure === undefined) return this.#apply();
    const result = withGrad(true, closure);
    if (!(result instanceof Promise)) {
      this.#apply();
      return result;
    }
    return result.then((loss) => {
      this.#apply();
      return loss;
    });
  }

  #apply(): void {
    const due: Due<G, S>[] = [];
    for (const group of this.paramGroups) {
      this.check(group);
      for (const param of group.params) {
        if (param.grad === null) continue;
        let state = this.state.get(param);
        if (state === undefined) this.state.set(param, (state = this.init(param, group)));
        due.push({ param, grad: param.grad, state, group });
      }
    }
    const changed = due.flatMap(({ param, state }) => [param, ...Object.values(state).filter((value) => value instanceof Tensor)]);
    const outer = enter();
    try {
      transaction(changed, () => {
        withGrad(false, () => {
          for (const { param, grad, state, group } of due) {
            state.step++;
            assign(param, this.update(param, grad, state, group));
          }
        });
        if (changed.length > 0) flush(...changed);
      });
    } catch (error) {
      for (const { state } of due) state.step--;
      throw error;
    } finally {
      leave(outer);
    }
    for (const hook of this.#postHooks.slice()) outside(() => hook(this as unknown as Optimizer<object>));
    const [first] = changed;
    if (first !== undefined && outer === 0) seam(first.device);
  }

  /** Sets gradients to null, or with `setToNull: false` to zeros. Same as zero_grad. */
  zeroGrad(options: { setToNull?: boolean } = {}): void {
    for (const group of this.paramGroups) {
      for (const param of group.params) {
        if (options.setToNull ?? true) param.grad = null;
        else if (param.grad !== null) param.grad = zeroState(param);
      }
    }
  }

  /** Calls `hook` before each step. Same as register_step_pre_hook. */
  registerStepPreHook(hook: StepHook): Removable {
    return register(this.#preHooks, hook);
  }

  /** Calls `hook` after each step. Same as register_step_post_hook. */
  registerStepPostHook(hook: StepHook): Removable {
    return register(this.#postHooks, hook);
  }

  /** The state of each tensor, by its place, and the groups' settings, with the values at this moment. */
  stateDict(): OptimizerStateDict {
    return saveOptimizerState(this.paramGroups, this.state);
  }

  /** Takes over what `stateDict` of an optimizer over the same tensors returned. On an error nothing has changed. */
  loadStateDict(dict: OptimizerStateDict): void {
    loadOptimizerState(this.constructor.name, dict, this.paramGroups, this.state as unknown as Map<Tensor, ParamState>);
  }

  /** Formats the groups' settings. */
  toString(): string {
    const groups = this.paramGroups.map(({ params: _, ...settings }, i) => {
      const lines = Object.entries(settings).map(([name, value]) => `    ${name}: ${show(value)}\n`);
      return `Parameter Group ${i}\n${lines.join("")}`;
    });
    return `${this.constructor.name} (\n${groups.join("\n")})`;
  }
}

/** Gives a state variable its next value, in place, and returns it. */
export function advance(variable: Tensor, value: Tensor): Tensor {
  assign(variable, value);
  return variable;
}

/** Throws unless a setting is a number that `holds`. */
export function checkSetting(where: string, name: string, value: unknown, holds: (x: number) => boolean, rule: string): void {
  if (typeof value !== "number" || !holds(value)) throw new ValueError(`${where}: ${name} must be ${rule}, got ${show(value)}`);
}

function register<T>(list: T[], item: T): Removable {
  list.push(item);
  return {
    remove: () => {
      const at = list.indexOf(item);
      if (at >= 0) list.splice(at, 1);
    },
  };
}

Object.defineProperty(Optimizer.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value: function (this: Optimizer<object>): string {
    return this.toString();
  },
});
