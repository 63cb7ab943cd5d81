import type { Removable } from "@downhill/core";
import { DownhillError, checkOptions, show } from "@downhill/core/engine";

export interface HookOptions {
  /** Call it before the hooks that are there already. Default false. */
  readonly prepend?: boolean;
}

/** Functions that are called in turn, each of which can be taken out again. */
export class Hooks<Hook extends (...args: never[]) => unknown> {
  // Replaced, never changed: a hook that adds or removes hooks does not disturb the calls in progress.
  #entries: readonly { readonly hook: Hook }[] = [];

  add(where: string, hook: Hook, options: HookOptions = {}): Removable {
    checkOptions(where, options, ["prepend"]);
    if (typeof hook !== "function") throw new DownhillError(`${where}: a hook must be a function, got ${show(hook)}`);
    const entry = { hook };
    this.#entries = options.prepend === true ? [entry, ...this.#entries] : [...this.#entries, entry];
    return {
      remove: () => {
        this.#entries = this.#entries.filter((other) => other !== entry);
      },
    };
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  *[Symbol.iterator](): Iterator<Hook> {
    for (const { hook } of this.#entries) yield hook;
  }
}
