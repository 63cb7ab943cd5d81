import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { type DType, MemoryError } from "@downhill/core";
import { hostArray } from "@downhill/core/engine";
import { describe, expect, it } from "vitest";
import { Heap } from "../src/wasm/heap.js";
import { HostBuffer } from "../src/wasm/host-buffer.js";
import { Residency } from "../src/wasm/residency.js";

const MiB = 2 ** 20;

const floats = (...values: number[]): HostBuffer => new HostBuffer("float32", values.length, Float32Array.from(values));

/** Makes a resident of 64 KiB, all `value`, in a run of its own. */
function made(residency: Residency, value: number): HostBuffer {
  residency.beginRun();
  const buffer = residency.adopt(16384, "float32");
  residency.write(buffer, new Float32Array(16384).fill(value));
  return buffer;
}

describe("Residency", () => {
  it("moves elements in and out of the Heap; reading is the same in both places", () => {
    const residency = new Residency(new Heap());
    const { heap } = residency;
    const x = floats(1, 2, 3);
    expect([x.address, Array.from(x.array!), x.byteLength]).toEqual([0, [1, 2, 3], 12]);
    const address = residency.makeResident(x);
    expect([x.address, x.array, residency.bytes, residency.count]).toEqual([address, null, 12, 1]);
    expect(residency.makeResident(x)).toBe(address);
    heap.f32[address / 4] = 7;
    const copy = residency.read(x);
    residency.evict(x);
    expect([x.address, residency.bytes, residency.count, heap.used]).toEqual([0, 0, 0, 0]);
    expect(Array.from(residency.read(x))).toEqual([7, 2, 3]);
    residency.write(x, Float32Array.of(4, 5, 6));
    expect(Array.from(heap.view("float32", residency.makeResident(x), 3))).toEqual([4, 5, 6]);
    expect(Array.from(copy)).toEqual([7, 2, 3]);
  });

  it("keeps elements of every dtype through any order of moves, writes and growth", () => {
    const residency = new Residency(new Heap());
    const dtype = fc.constantFrom<DType>("float32", "float64", "int32", "uint8", "bool");
    const step = fc.tuple(fc.nat(3), fc.constantFrom("in", "out", "write", "grow"), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(dtype, { minLength: 4, maxLength: 4 }),
        fc.array(step, { maxLength: 30 }),
        (dtypes, steps) => {
          const buffers = dtypes.map((type, k) => new HostBuffer(type, k * 5));
          const expected = dtypes.map((type, k) => hostArray(type, k * 5));
          const blocks: number[] = [];
          for (const [k, action, value] of steps) {
            if (action === "in") residency.makeResident(buffers[k]!);
            else if (action === "out") residency.evict(buffers[k]!);
            else if (action === "grow") blocks.push(residency.heap.allocate(value * 1000));
            else {
              expected[k]!.fill(value);
              residency.write(buffers[k]!, expected[k]!);
            }
          }
          buffers.forEach((buffer, k) => {
            expect(residency.read(buffer)).toEqual(expected[k]);
            residency.release(buffer);
          });
          for (const block of blocks) residency.heap.free(block);
          expect([residency.heap.used, residency.bytes, residency.count]).toEqual([0, 0, 0]);
        },
      ),
      { numRuns: 100, seed: 31 },
    );
  });

  it("what is read of a memory that workers share is the reader's own", () => {
    const residency = new Residency(new Heap({ shared: true }));
    const x = floats(1, 2);
    residency.makeResident(x);
    expect(residency.read(x)).toEqual(Float32Array.of(1, 2));
    expect(residency.read(x).buffer).toBeInstanceOf(ArrayBuffer);
    residency.evict(x);
    expect(x.array!.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it("a released Buffer's block is free, and reading it is an error", () => {
    const residency = new Residency(new Heap());
    const plain = floats(1);
    const resident = residency.adopt(5, "int32");
    residency.release(plain);
    residency.release(resident);
    expect(residency.heap.used).toBe(0);
    for (const buffer of [plain, resident]) {
      expect(() => residency.read(buffer)).toThrow("cpu: the memory of this tensor has been released");
      expect(() => residency.makeResident(buffer)).toThrow("released");
      expect(() => {
        residency.write(buffer, new Float32Array(1));
      }).toThrow("released");
    }
  });

  it("under the budget's pressure evicts what was used longest ago, and nothing that the run uses", () => {
    const heap = new Heap({ budget: MiB });
    const residency = new Residency(heap);
    const buffers = Array.from({ length: 16 }, (_, k) => made(residency, k));
    residency.beginRun();
    residency.touch(buffers[0]!);
    expect(residency.makeResident(buffers[1]!)).toBe(buffers[1]!.address);
    residency.adopt(3 * 16384, "float32");
    expect(buffers.map(({ address }) => (address === 0 ? "out" : "in")).join(" ")).toBe(
      "in in out out out in in in in in in in in in in in",
    );
    for (const [k, buffer] of buffers.entries()) expect(residency.read(buffer).every((x) => x === k)).toBe(true);
    residency.beginRun();
    for (const buffer of buffers.slice(0, 12)) residency.makeResident(buffer, "state");
    expect(() => residency.adopt(5 * 16384, "float32")).toThrow(
      "cpu: needs 0.3 MiB more, 0.8 MiB of 1.0 MiB are in use: parameters and optimizer state 0.8 MiB\n",
    );
    expect(() => residency.adopt(5 * 16384, "float32")).toThrow(MemoryError);
    for (const [k, buffer] of buffers.entries()) expect(residency.read(buffer).every((x) => x === k)).toBe(true);
  });

  it("says what a Buffer is for from the run on that says so, and after it came back", () => {
    const residency = new Residency(new Heap());
    const x = floats(1, 2);
    residency.makeResident(x);
    expect(residency.heap.usage().holders).toMatchObject({ data: 64, state: 0 });
    residency.makeResident(x, "state");
    residency.evict(x);
    residency.makeResident(x);
    expect(residency.heap.usage().holders).toMatchObject({ data: 0, state: 64 });
  });

  it("1,000 MiB of results in one synchronous loop: neither the Heap nor typed arrays pile up", () => {
    const residency = new Residency(new Heap(), 4 * MiB);
    const kept = made(residency, -1);
    let arrays = 0;
    const before = process.memoryUsage().arrayBuffers;
    for (let k = 0; k < 16_000; k++) {
      made(residency, k);
      residency.makeResident(kept);
      if (k % 100 === 0) arrays = Math.max(arrays, process.memoryUsage().arrayBuffers - before);
    }
    expect(residency.bytes).toBeLessThanOrEqual(4 * MiB);
    expect(residency.softLimit).toBe(4 * MiB);
    expect(residency.heap.memory.buffer.byteLength).toBeLessThanOrEqual(8 * MiB);
    expect(arrays).toBeLessThan(300 * MiB); // of 1,000
    expect(residency.read(kept)[0]).toBe(-1);
  });

  it("the limit rises when what was evicted comes back, so that a loop over many Buffers settles, and falls again", () => {
    const residency = new Residency(new Heap(), MiB);
    const buffers = Array.from({ length: 64 }, (_, k) => made(residency, k));
    const epoch = (): number => {
      let came = 0;
      for (const buffer of buffers) {
        residency.beginRun();
        if (buffer.address === 0) came++;
        residency.makeResident(buffer);
      }
      return came;
    };
    expect(epoch()).toBeGreaterThan(30);
    for (let k = 0; k < 8; k++) epoch();
    expect(epoch()).toBe(0);
    expect(residency.softLimit).toBeGreaterThanOrEqual(4 * MiB);
    for (let k = 0; k < 2000; k++) made(residency, k);
    expect(residency.softLimit).toBe(MiB);
  });

  it("a run that needs more than the limit gets it", () => {
    const residency = new Residency(new Heap(), MiB);
    residency.beginRun();
    const buffers = Array.from({ length: 40 }, () => residency.adopt(16384, "float32"));
    expect(buffers.every(({ address }) => address !== 0)).toBe(true);
    expect(residency.softLimit).toBeGreaterThan(40 * 65536);
  });

  it("frees the blocks of Buffers that were collected, and leaves those that are held or were evicted", async () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const residency = new Residency(new Heap());
    const held = (() => {
      for (let k = 0; k < 50; k++) made(residency, k);
      const evicted = made(residency, 50);
      residency.evict(evicted);
      return [made(residency, 51), evicted];
    })();
    expect(residency.count).toBe(51);
    for (let k = 0; k < 20 && residency.count > 1; k++) {
      await new Promise((resume) => setTimeout(resume, 5));
      gc();
    }
    expect([residency.count, residency.bytes, residency.heap.used]).toEqual([1, 65536, 65536]);
    expect(held.map((buffer) => residency.read(buffer)[0])).toEqual([51, 50]);
  });
});
