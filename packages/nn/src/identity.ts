import { Module } from "./module.js";

/** Returns its input. Takes any arguments, so that it can stand in for another layer. Same as torch.nn.Identity. */
export class Identity extends Module {
  constructor(..._ignored: readonly unknown[]) {
    super();
  }

  override forward<T>(x: T): T {
    return x;
  }
}
