/** What tests of ops, backends and custom functions build on: `@downhill/core/testing`. */
import "../index.js"; // the methods of Tensor, and the cpu device

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
