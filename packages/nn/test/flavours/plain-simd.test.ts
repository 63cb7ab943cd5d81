import { compileFor } from "@downhill/core/testing";
import { describe, vi } from "vitest";

// Second derivatives of a whole op can be one Program of 10,000 Nodes, which takes seconds to compile.
vi.setConfig({ testTimeout: 60_000 });
compileFor({ simd: true, relaxed: false });

describe("with plain SIMD,", async () => {
  await import("../fixtures.test.js");
  await import("../linear.test.js");
  await import("../convolution.test.js");
  await import("../pooling.test.js");
  await import("../normalization.test.js");
  await import("../attention.test.js");
  await import("../losses.test.js");
});
