/** How much is compiled, counted: nothing here is timed. */
import { cat, manualSeed, rand, randn, setDefaultDevice, tensor, type Tensor, zeros } from "@downhill/core";
import { assign, Device, flush, ReferenceBackend, transaction } from "@downhill/core/engine";
import { afterEach, describe, expect, test } from "vitest";
import { WasmBackend } from "../src/wasm/backend.js";

afterEach(() => {
  setDefaultDevice("cpu");
});

/** The functions that a module defines: the entries of its third section. */
function functionsIn(bytes: Uint8Array): number {
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  for (;;) {
    const id = bytes[at++];
    const size = number();
    if (id === 3) return number();
    at += size;
  }
}

/** A device that keeps the Programs' modules. */
function open(): { modules: Uint8Array[]; backend: WasmBackend } {
  const backend = new WasmBackend({ tiering: false });
  const { engine } = backend;
  const modules: Uint8Array[] = [];
  const instantiate = engine.instantiate.bind(engine);
  engine.instantiate = (bytes, ...rest) => {
    modules.push(bytes);
    return instantiate(bytes, ...rest);
  };
  setDefaultDevice(new Device("counted", backend));
  return { modules, backend };
}

/** A step of descent of a recurrent net that is unrolled. */
function recurrentStep(steps: number): Tensor {
  manualSeed(0);
  const [xs, w, u] = [rand([steps, 8, 16]), randn([16, 32]).requiresGrad_(), randn([32, 32]).requiresGrad_()];
  let h: Tensor = zeros([8, 32]);
  for (let t = 0; t < steps; t++) h = xs.at(t).matmul(w).add(h.matmul(u)).tanh();
  h.square().mean().backward();
  transaction(() => {
    for (const p of [w, u]) assign(p, p.detach().sub(p.grad!.mul(0.01)));
  });
  return w;
}

describe("a recurrent net that is unrolled", () => {
  const count = (steps: number): { functions: number; bytes: number } => {
    const { modules } = open();
    recurrentStep(steps);
    const largest = modules.reduce((a, b) => (a.length > b.length ? a : b));
    return { functions: functionsIn(largest), bytes: largest.length };
  };

  test("has as many functions for 100 steps as for 50, but for a few where sums end", () => {
    const [some, more] = [count(50), count(100)];
    expect(more.functions).toBeLessThanOrEqual(some.functions + 6);
    expect(more.functions).toBeLessThan(45);
    expect(more.bytes).toBeLessThan(2.1 * some.bytes);
  });

  test("learns what it learns when it is interpreted", async () => {
    open();
    const compiled = await recurrentStep(12).data();
    setDefaultDevice(new Device("interpreted", new ReferenceBackend()));
    const interpreted = await recurrentStep(12).data();
    compiled.forEach((value, i) => expect(value).toBeCloseTo(interpreted[i]!, 5));
  });
});

describe("Kernels that differ in where their values lie and in run-time numbers", () => {
  test("have one function, and results of their own", async () => {
    const { modules } = open();
    const values = Float32Array.from({ length: 50 }, (_, i) => i / 50);
    const x = tensor(values);
    const joined = cat(
      [4, 3, 1].map((start, k) => x.narrow(0, start, 40).mul(k + 2)),
      0,
    );
    const expected = [4, 3, 1].flatMap((start, k) => [...values.subarray(start, start + 40)].map((v) => v * (k + 2)));
    const found = await joined.data();
    expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
    // `run`, what computes the three parts together, and what copies each to its place.
    expect(functionsIn(modules.at(-1)!)).toBe(3);
  });

  test("of another Program have the code that is known", () => {
    const { backend } = open();
    const known = backend.engine.knownCode;
    const x = rand([64, 32]);
    flush(x.mul(2).sqrt());
    const before = known.size;
    flush(
      x
        .mul(3)
        .sqrt()
        .matmul(rand([32, 48])),
    );
    expect(known.size).toBe(before);
  });
});

describe("the matrix routines", () => {
  test("are compiled when a shape asks for their path", () => {
    const { backend } = open();
    const built = (): string[] => Object.keys((backend.engine as unknown as { routines: object }).routines);
    flush(rand([64, 32]).add(1));
    expect(built()).toEqual([]);
    flush(rand([64, 32]).matmul(rand([32, 48])));
    expect(built()).toEqual(["matmul_float32_tiled"]);
  });
});
