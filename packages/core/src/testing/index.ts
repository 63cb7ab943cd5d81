/** What tests of ops, backends and custom functions build on: `@downhill/core/testing`. */
import "../install.js";

export {
  type Checked,
  type Entry,
  gradcheck,
  GradcheckError,
  type GradcheckOptions,
  gradgradcheck,
  type GradgradcheckOptions,
} from "./gradcheck.js";
export type { OpCase, OpCases } from "./op-case.js";
export { drawCase, caseInputs, dtypesOf } from "./case-inputs.js";
export { allCases, caseTables, type NamedCase } from "./cases/index.js";
export { type Closeness, farOff, rounding } from "./closeness.js";
export {
  type Accuracy,
  accuracyOf,
  exactFloats,
  type FloatArguments,
  floatArguments,
  floatBlock,
  floatPairs,
} from "./float-accuracy.js";
export { compileFor } from "./compile-for.js";
export { ConformanceError } from "./compare.js";
export {
  type Check,
  conformanceChecks,
  type ConformanceOptions,
  describeBackend,
  type Open,
  type TestFunctions,
} from "./conformance.js";
export { Draws, seedOf } from "./draws.js";
export { drawSteps, runSteps, type Step } from "./random-graph.js";
export { type ProgramStep, type RandomProgram, randomProgram } from "./random-program.js";
export type { Program } from "../program/program.js";
