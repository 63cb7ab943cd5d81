import { checkOptions, show, ValueError } from "./errors.js";

/** How tensors are printed. The names are those of torch.set_printoptions. */
export interface PrintOptions {
  /** Decimals of floating-point values, 0 to 99. Default 4. */
  precision?: number;
  /** Tensors of more elements than this are summarised; Infinity never summarises. Default 1000. */
  threshold?: number;
  /** Elements kept at each end of a summarised dim, 1 or more. Default 3. */
  edgeitems?: number;
  /** Characters per line, 1 or more; Infinity never wraps. Default 80. */
  linewidth?: number;
  /** Named settings, which the options above override: `short` has 2 decimals and 2 edge items, `full` never summarises. */
  profile?: "default" | "short" | "full";
  /** Whether to write floating-point values in scientific notation; null (the default) lets the values decide. */
  sciMode?: boolean | null;
}

/** Every print option except the profile, which only names values for the others. */
export type PrintSettings = Readonly<Required<Omit<PrintOptions, "profile">>>;

export const printOptionNames: readonly (keyof PrintOptions)[] = [
  "precision",
  "threshold",
  "edgeitems",
  "linewidth",
  "profile",
  "sciMode",
];

const defaults: PrintSettings = { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80, sciMode: null };

const profiles: Record<NonNullable<PrintOptions["profile"]>, PrintSettings> = {
  default: defaults,
  short: { ...defaults, precision: 2, edgeitems: 2 },
  full: { ...defaults, threshold: Infinity },
};

let current: PrintSettings = defaults;

/**
 * Sets how tensors are printed from now on; what is not named stays as it is. As in torch.set_printoptions, `sciMode`
 * goes back to null whenever it is not named.
 *
 * Throws a ValueError for an unknown option or a value out of range.
 *
 * @example
 * setPrintOptions({ precision: 2 });
 * console.log(tensor([1.12345])); // tensor([1.12])
 * setPrintOptions({ profile: "default" });
 */
export function setPrintOptions(options: PrintOptions = {}): void {
  checkOptions("setPrintOptions", options, printOptionNames);
  current = mergePrintOptions("setPrintOptions", { ...current, sciMode: null }, options);
}

/**
 * Returns the settings that tensors are printed with.
 *
 * @example
 * printOptions().precision; // 4
 */
export function printOptions(): PrintSettings {
  return { ...current };
}

/** Lays checked `options` over `base`: the profile first, then each value that is named. Other names are ignored. */
export function mergePrintOptions(where: string, base: PrintSettings, options: PrintOptions): PrintSettings {
  const { profile, precision, threshold, edgeitems, linewidth, sciMode } = options;
  if (profile !== undefined && !Object.hasOwn(profiles, profile)) {
    throw new ValueError(`${where}: unknown profile ${show(profile)}`, `one of ${Object.keys(profiles).join(", ")}`);
  }
  if (sciMode !== undefined && sciMode !== null && typeof sciMode !== "boolean") {
    throw new ValueError(`${where}: sciMode must be true, false or null, got ${show(sciMode)}`);
  }
  const start = profile === undefined ? base : { ...profiles[profile], sciMode: base.sciMode };
  return {
    // toFixed goes up to 100 digits, and rounding half to even looks at one digit more than it prints.
    precision: within(where, "precision", precision, 0, 99) ?? start.precision,
    threshold: within(where, "threshold", threshold, 0, Infinity) ?? start.threshold,
    edgeitems: within(where, "edgeitems", edgeitems, 1, Number.MAX_SAFE_INTEGER) ?? start.edgeitems,
    linewidth: within(where, "linewidth", linewidth, 1, Infinity) ?? start.linewidth,
    sciMode: sciMode === undefined ? start.sciMode : sciMode,
  };
}

function within(
  where: string,
  name: string,
  value: number | undefined,
  least: number,
  most: number,
): number | undefined {
  if (value === undefined) return undefined;
  const whole = Number.isInteger(value) || value === Infinity;
  if (whole && value >= least && value <= most) return value;
  const range =
    most === Infinity ? `an integer of ${least} or more, or Infinity` : `an integer from ${least} to ${most}`;
  throw new ValueError(`${where}: ${name} must be ${range}, got ${show(value)}`);
}
