import { checkOptions, show, ValueError } from "@downhill/core/engine";
import { Module } from "./module.js";

/** The option of activations that PyTorch can compute in place. */
export interface InplaceOptions {
  /**
   * Taken over from PyTorch and shown in print. Here the input keeps its value either way, and memory is reused without
   * asking. Default false.
   */
  readonly inplace?: boolean;
}

export const noOptions: object = {};

/** An activation that PyTorch can do in place. */
export abstract class InplaceActivation extends Module {
  readonly inplace: boolean;
  constructor(where: string, options: InplaceOptions, known: readonly string[] = []) {
    super();
    checkOptions(where, options, [...known, "inplace"]);
    const { inplace = false } = options;
    if (typeof inplace !== "boolean")
      throw new ValueError(`${where}: inplace must be true or false, got ${show(inplace)}`);
    this.inplace = inplace;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=true" : "";
  }

  /** The settings, and `inplace` if it is set. */
  protected print(settings: string): string {
    return this.inplace ? `${settings}, inplace=true` : settings;
  }
}

/** An activation over one dim. */
export abstract class DimActivation extends Module {
  readonly dim: number;
  constructor(where: string, dim: number) {
    super();
    if (!Number.isInteger(dim))
      throw new ValueError(`${where}: dim must be an integer, got ${show(dim)}`, `write new ${where}(1)`);
    this.dim = dim;
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
