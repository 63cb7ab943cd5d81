import { type Removable, Tensor } from "@downhill/core";
import {
  changeStructure,
  checkOptions,
  DownhillError,
  enter,
  exposeAll,
  leave,
  outside,
  seam,
  show,
} from "@downhill/core/engine";

/** The options of a hook. */
export interface HookOptions {
  /** Call it before the hooks that are there already. Default false. */
  readonly prepend?: boolean;
}

/** A module's forward as it is defined, whatever it takes. */
export type Forward = (...args: unknown[]) => unknown;
type PreHook<M> = (module: M, args: readonly unknown[]) => unknown;
type PostHook<M> = (module: M, args: readonly unknown[], output: unknown) => unknown;

/** How a module's forward is called: its hooks around it, and in a scope of its own. */
export class ForwardCall<M> {
  // Replaced, never changed: a hook that adds or removes hooks does not disturb the call in progress.
  #preHooks: readonly PreHook<M>[] = [];
  #hooks: readonly PostHook<M>[] = [];

  addPreHook(hook: PreHook<M>, options: HookOptions): Removable {
    const own: PreHook<M> = checkHook("registerForwardPreHook", hook, options);
    this.#preHooks = options.prepend === true ? [own, ...this.#preHooks] : [...this.#preHooks, own];
    changeStructure();
    return {
      remove: () => {
        changeStructure();
        this.#preHooks = this.#preHooks.filter((other) => other !== own);
      },
    };
  }

  addHook(hook: PostHook<M>, options: HookOptions): Removable {
    const own: PostHook<M> = checkHook("registerForwardHook", hook, options);
    this.#hooks = options.prepend === true ? [own, ...this.#hooks] : [...this.#hooks, own];
    changeStructure();
    return {
      remove: () => {
        changeStructure();
        this.#hooks = this.#hooks.filter((other) => other !== own);
      },
    };
  }

  /** Has the hooks that another call has now. */
  takeHooks(other: ForwardCall<M>): void {
    this.#preHooks = other.#preHooks;
    this.#hooks = other.#hooks;
  }

  run(module: M, forward: Forward, args: readonly unknown[]): unknown {
    for (const hook of this.#preHooks) {
      exposeAll(args); // the hook's code may look at them, now or later
      const changed = outside(() => hook(module, args));
      if (changed !== undefined && changed !== null) args = Array.isArray(changed) ? changed : [changed];
    }
    const outer = enter();
    let result: unknown;
    try {
      result = forward.apply(module, args as unknown[]);
    } finally {
      leave(outer);
    }
    // The scope of an async forward ends at its first await: what it resolves to belongs to the caller.
    if (result instanceof Promise) return result.then((value) => this.#finish(module, args, value, true));
    return this.#finish(module, args, result, outer === 0);
  }

  /** Runs the hooks on what forward returned, and hands it over if the caller's code asked for it. */
  #finish(module: M, args: readonly unknown[], result: unknown, outermost: boolean): unknown {
    if (outermost) exposeAll(result);
    for (const hook of this.#hooks) {
      exposeAll([args, result]);
      const changed = outside(() => hook(module, args, result));
      if (changed !== undefined && changed !== null) result = changed;
    }
    if (outermost) {
      const output = firstTensor(result);
      if (output !== undefined && !output.requiresGrad) seam(output.device);
    }
    return result;
  }
}

/** Checks a hook, and makes it one that only its own registration removes. */
function checkHook<A extends readonly unknown[]>(
  where: string,
  hook: (...args: A) => unknown,
  options: HookOptions,
): (...args: A) => unknown {
  checkOptions(where, options, ["prepend"]);
  if (typeof hook !== "function") throw new DownhillError(`${where}: a hook must be a function, got ${show(hook)}`);
  return (...args) => hook(...args);
}

/** A tensor among what a forward returned, which tells where and how it ran. */
function firstTensor(result: unknown): Tensor | undefined {
  if (result instanceof Tensor) return result;
  if (result === null || typeof result !== "object") return undefined;
  if (!Array.isArray(result) && Object.getPrototypeOf(result) !== Object.prototype) return undefined;
  for (const item of Object.values(result)) {
    const found = firstTensor(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
