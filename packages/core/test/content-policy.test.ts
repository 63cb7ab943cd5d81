import { describe, expect, it, vi } from "vitest";

// Before core is imported: a host as in a page whose content policy lacks 'wasm-unsafe-eval'.
const { warnings, refusals } = vi.hoisted(() => {
  const warnings: string[] = [];
  const refusals: unknown[] = [];
  function Module(bytes: Uint8Array): never {
    refusals.push(bytes);
    throw new Error("Wasm code generation disallowed by embedder");
  }
  vi.stubGlobal("WebAssembly", { Module, Memory: WebAssembly.Memory, validate: () => true });
  console.warn = (text: string) => void warnings.push(text);
  return { warnings, refusals };
});

import { defaultDevice, explain, memoryStats, rand, setMemoryBudget, tensor } from "../src/index.js";
import { ReferenceBackend } from "../src/engine.js";
import { canCompile } from "../src/wasm/web-assembly.js";

describe("where WebAssembly may not be compiled", () => {
  it("the cpu device interprets, with the same results and exactly one warning", async () => {
    expect(defaultDevice().name).toBe("cpu");
    expect(defaultDevice().backend).toBeInstanceOf(ReferenceBackend);
    const w = tensor([1, 2], { requiresGrad: true });
    w.mul(w).sum().backward();
    expect(await w.grad!.tolist()).toEqual([2, 4]);
    const step = (): Promise<unknown> =>
      rand([8, 8])
        .matmul(rand([8, 8]))
        .softmax(1)
        .data();
    for (let i = 0; i < 3; i++) await step();
    const { programs } = await explain(step, { print: false });
    expect(programs.map(({ tier }) => tier)).toEqual(["interpreted"]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/WebAssembly cannot be compiled here.*'wasm-unsafe-eval'/s);
  });

  it("nothing tries to compile after the first refusal", () => {
    expect(refusals).toHaveLength(1);
  });

  it("has no memory that could be limited", () => {
    expect(memoryStats()).toMatchObject({ live: 0, budget: Infinity, holders: {} });
    expect(() => setMemoryBudget(1e9)).toThrow("setMemoryBudget: cpu keeps no memory of its own that could be limited");
  });
});

describe("canCompile", () => {
  it("tells whether there is WebAssembly and modules can be made", () => {
    const host = { Module: Object, Memory: Object, Instance: Object, validate: () => true };
    expect(canCompile(null)).toBe(false);
    expect(canCompile(host as never)).toBe(true);
    expect(canCompile()).toBe(false);
  });
});
