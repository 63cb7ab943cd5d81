import { compileFor } from "@downhill/core/testing";
import { describe, vi } from "vitest";

// Second derivatives of a whole op can be one Program of 10,000 Nodes, which takes seconds to compile.
vi.setConfig({ testTimeout: 60_000 });
compileFor({ simd: false, relaxed: false });

describe("with no SIMD,", async () => {
  await import("../ops-fixtures.test.js");
  await import("../ops-promotion.test.js");
  await import("../gradients.test.js");
  await import("../autograd/grad.test.js");
  await import("../autograd/gradcheck.test.js");
  await import("../autograd/functional.test.js");
});
