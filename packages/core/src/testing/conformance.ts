import type { Backend } from "../backend/backend.js";
import { Device } from "../backend/device.js";
import { type DType, isFloat, type TypedArray } from "../dtype.js";
import { grad } from "../autograd/grad.js";
import { fromHost } from "../creation.js";
import { sizeOf } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { backendChecks, type Spec } from "./backend-checks.js";
import { caseInputs, drawCase, dtypesOf } from "./case-inputs.js";
import { allCases, type NamedCase } from "./cases/index.js";
import { compare, ConformanceError } from "./compare.js";
import { Draws, seedOf } from "./draws.js";
import type { OpCase } from "./op-case.js";

/** One thing that a Backend must do. */
export interface Check {
  readonly name: string;
  /** Rejects where the Backend does not. */
  readonly run: () => Promise<void>;
}

/** The options of `conformanceChecks` and `describeBackend`. */
export interface ConformanceOptions {
  /**
   * What the platform lacks: parts of check names, each with its reason. Every check whose name holds one must fail, and
   * each must be part of some name, so that a gap goes as soon as it is closed.
   */
  readonly gaps?: Readonly<Record<string, string>>;
  /** Default: all of core's ops. */
  readonly cases?: readonly NamedCase[];
}

/** Opens what is to be checked; called once, by the first check. */
export type Open = () => Backend | Device | Promise<Backend | Device>;

/**
 * Lists what a Backend must do: keep memory, run Programs with updates and run-time numbers, and compute every case of
 * every op in every dtype as the reference interpreter does, with its gradients, and for values that are not finite.
 */
export function conformanceChecks(open: Open, options: ConformanceOptions = {}): Check[] {
  const { gaps = {}, cases = allCases } = options;
  let opened: Promise<Device> | undefined;
  const device = (): Promise<Device> =>
    (opened ??= Promise.resolve(open()).then((it) => (it instanceof Device ? it : new Device(it.name, it))));
  const specs = [...backendChecks, ...cases.flatMap(caseChecks)];

  const idle = Object.keys(gaps).filter((gap) => !specs.some(({ name }) => name.includes(gap)));
  const checks = specs.map(({ name, run }): Check => {
    const gap = Object.keys(gaps).find((part) => name.includes(part));
    if (gap === undefined) return { name, run: async () => run(await device()) };
    return {
      name: `${name} (gap: ${gaps[gap]!})`,
      run: async () => {
        const target = await device();
        const failed = await run(target).then(
          () => false,
          () => true,
        );
        if (!failed)
          throw new ConformanceError(
            `${name}: is listed as a gap (${gaps[gap]!}), and passes`,
            `narrow or remove the gap ${JSON.stringify(gap)}`,
          );
      },
    };
  });
  if (idle.length === 0) return checks;
  const run = (): Promise<never> =>
    Promise.reject(
      new ConformanceError(
        `no check is named ${idle.map((gap) => JSON.stringify(gap)).join(", ")}`,
        "remove the gap, or write it as in the names of the checks",
      ),
    );
  return [...checks, { name: "every gap names a check", run }];
}

/** The checks of one case: values and gradients in each dtype, and elements that are not finite. */
function caseChecks({ family, name, row }: NamedCase): Spec[] {
  return dtypesOf(row).flatMap((dtype) => {
    const title = `${family}: ${name}, ${dtype}`;
    const data = drawCase(row, dtype, new Draws(seedOf(title)));
    const specs: Spec[] = [
      { name: `${title}: values`, run: (device) => compare(device, (on) => values(on, row, dtype, data)) },
    ];
    if (!isFloat(dtype)) return specs;
    if (row.differentiable !== false) {
      specs.push({
        name: `${title}: gradients`,
        run: (device) => compare(device, (on) => gradients(on, row, dtype, data)),
      });
    }
    specs.push({
      name: `${title}: NaN and infinities`,
      run: (device) =>
        compare(device, (on) => [0, 1, 2, 3, 4].flatMap((turn) => values(on, row, dtype, withSpecials(data, turn)))),
    });
    return specs;
  });
}

/** Puts NaN, infinities and signed zeros among the elements, others in each of five turns. */
function withSpecials(data: readonly TypedArray[], turn: number): TypedArray[] {
  const specials = [NaN, Infinity, -Infinity, 0, -0];
  return data.map((elements, input) =>
    elements.map((x, i) => (i % 3 === 0 ? specials[(i / 3 + input + turn * (input + 1)) % 5]! : x)),
  );
}

function values(device: Device, row: OpCase, dtype: DType, data: readonly TypedArray[]): readonly Tensor[] {
  return [row.run(...caseInputs(row, dtype, data, { device }))].flat();
}

function gradients(device: Device, row: OpCase, dtype: DType, data: readonly TypedArray[]): readonly Tensor[] {
  const inputs = caseInputs(row, dtype, data, { device, requiresGrad: true });
  const outputs = [row.run(...inputs)].flat().filter((output) => output.requiresGrad);
  const draws = new Draws(1);
  const gradOutputs = outputs.map(({ shape, dtype }) => {
    const weights = Float64Array.from({ length: sizeOf(shape) }, () => draws.real(-1, 1));
    return fromHost("gradients", dtype === "float64" ? weights : Float32Array.from(weights), shape, dtype, { device });
  });
  return grad(outputs, inputs, { gradOutputs, allowUnused: true }).filter((gradient) => gradient !== null);
}

/** What `describeBackend` needs of a test framework: Vitest's, Jest's or node:test's `describe` and `it`. */
export interface TestFunctions {
  /** Groups tests under a name. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** Adds a test. */
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/**
 * Makes a test of each check of a Backend (see `conformanceChecks`), in the test framework whose `describe` and `it` it
 * is given: `describeBackend("webgpu", openDevice, { gaps: { float64: "WGSL has no f64" } }, { describe, it })`.
 */
export function describeBackend(
  name: string,
  open: Open,
  options: ConformanceOptions,
  { describe, it }: TestFunctions,
): void {
  describe(`${name} computes what the reference interpreter computes`, () => {
    for (const check of conformanceChecks(open, options)) it(check.name, () => check.run());
  });
}
