import { compileFor } from "@downhill/core/testing";
import { describe, vi } from "vitest";

// Second derivatives of a whole op can be one Program of 10,000 Nodes, which takes seconds to compile.
vi.setConfig({ testTimeout: 60_000 });
compileFor({ simd: true, relaxed: true });

describe("with relaxed SIMD,", async () => {
  await import("../pytorch.test.js");
  await import("../optimizers.test.js");
});
