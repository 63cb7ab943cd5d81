import fc from "fast-check";
import { MemoryError } from "@downhill/core";
import { describe, expect, it } from "vitest";
import { FreeList } from "../src/backend/free-list.js";
import { Heap, reservedBytes } from "../src/wasm/heap.js";
import { canCompile, webAssembly, type WasmHost } from "../src/wasm/web-assembly.js";

fc.configureGlobal({ seed: 30, numRuns: 150 });

const MiB = 2 ** 20;

describe("FreeList", () => {
  /** The same, byte by byte. */
  function bestFit(free: readonly boolean[], bytes: number): number {
    let best = -1;
    let least = Infinity;
    for (let start = 0; start < free.length; start++) {
      if (!free[start] || free[start - 1]) continue;
      let end = start;
      while (free[end]) end++;
      if (end - start >= bytes && end - start < least) {
        least = end - start;
        best = start;
      }
    }
    return best;
  }

  it("takes the tightest block, the lowest of equals, and merges what it is given, as a map of bytes says", () => {
    const actions = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 12 })), { maxLength: 60 });
    fc.assert(
      fc.property(actions, (list) => {
        const free = Array.from({ length: 64 }, () => true);
        const gaps = new FreeList();
        gaps.give(0, 64);
        const held: [number, number][] = [];
        for (const [gives, n] of list) {
          if (gives && held.length > 0) {
            const [start, bytes] = held.splice(n % held.length, 1)[0]!;
            gaps.give(start, bytes);
            free.fill(true, start, start + bytes);
          } else {
            const expected = bestFit(free, n);
            expect(gaps.take(n)).toBe(expected);
            if (expected < 0) continue;
            free.fill(false, expected, expected + n);
            held.push([expected, n]);
          }
          expect(gaps.count).toBe(free.filter((is, k) => is && !free[k - 1]).length);
        }
        for (const [start, bytes] of held) gaps.give(start, bytes);
        expect([gaps.count, gaps.largest, gaps.endingAt(64)]).toEqual([1, 64, 64]);
      }),
    );
  });

  it("takes a given place if it is free", () => {
    const gaps = new FreeList();
    gaps.give(10, 20);
    expect(gaps.takeAt(15, 5)).toBe(true);
    expect(gaps.takeAt(14, 2)).toBe(false);
    expect(gaps.takeAt(5, 2)).toBe(false);
    expect([gaps.count, gaps.largest, gaps.endingAt(30), gaps.endingAt(15)]).toEqual([2, 10, 10, 0]);
  });
});

describe("Heap", () => {
  it("gives out aligned blocks that never overlap and keep their contents; all freed is one block again", () => {
    const heap = new Heap();
    const action = fc.oneof(
      fc.record({ kind: fc.constant("take" as const), n: fc.integer({ min: 0, max: 300_000 }) }),
      fc.record({ kind: fc.constant("free" as const), n: fc.nat(1000) }),
      fc.record({ kind: fc.constant("arena" as const), n: fc.integer({ min: 1, max: 2 * MiB }) }),
    );
    let marks = 0;
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (list) => {
        const held = new Map<number, { bytes: number; mark: number }>();
        const check = (): void => {
          const blocks = [...held].map(([address, { bytes }]) => [address, address + bytes] as const);
          blocks.push([heap.arenaAddress, heap.arenaAddress + heap.arenaBytes]);
          blocks.sort((a, b) => a[0] - b[0]);
          for (let k = 1; k < blocks.length; k++) expect(blocks[k]![0]).toBeGreaterThanOrEqual(blocks[k - 1]![1]);
          for (const [address, { bytes, mark }] of held) {
            expect(address % 64).toBe(0);
            expect(address).toBeGreaterThanOrEqual(reservedBytes);
            if (bytes > 0) expect([heap.u8[address], heap.u8[address + bytes - 1]]).toEqual([mark, mark]);
          }
        };
        for (const { kind, n } of list) {
          if (kind === "take") {
            const address = heap.allocate(n);
            const mark = ++marks & 255;
            heap.u8.fill(mark, address, address + n);
            held.set(address, { bytes: n, mark });
          } else if (kind === "arena") {
            expect(heap.reserveArena(n)).toBe(heap.arenaAddress);
            heap.u8.fill(0, heap.arenaAddress, heap.arenaAddress + heap.arenaBytes);
          } else if (held.size > 0) {
            const address = [...held.keys()][n % held.size]!;
            heap.free(address);
            held.delete(address);
          }
        }
        check();
        for (const address of held.keys()) heap.free(address);
        expect(heap.used).toBe(heap.arenaBytes);
      }),
    );
    heap.free(heap.arenaAddress);
    expect(heap.used).toBe(0);
    expect(heap.usage().largestFree).toBe(heap.memory.buffer.byteLength - reservedBytes);
  });

  it("grows without moving what is there, also when workers share it", () => {
    for (const shared of [false, true]) {
      const heap = new Heap({ shared });
      const first = heap.allocate(400);
      heap.f32.set([1.5, 2.5], first / 4);
      const before = heap.memory.buffer;
      const second = heap.allocate(40 * MiB);
      expect(heap.memory.buffer).not.toBe(before);
      expect(before.byteLength).toBe(shared ? MiB : 0);
      expect(Array.from(heap.view("float32", first, 2))).toEqual([1.5, 2.5]);
      heap.f64[second / 8] = 7;
      expect(heap.view("float64", second, 1)[0]).toBe(7);
      expect([heap.u8, heap.i32, heap.f32, heap.f64].every(({ buffer }) => buffer === heap.memory.buffer)).toBe(true);
      expect(heap.memory.buffer instanceof SharedArrayBuffer).toBe(shared);
    }
  });

  it("a training loop's turns take the same places: the memory does not grow", () => {
    const heap = new Heap();
    const turn = (size: number): void => {
      const blocks = [3000, 70_000, size, 640, 200_000].map((bytes) => heap.allocate(bytes));
      for (const k of [2, 0, 4, 1, 3]) heap.free(blocks[k]!);
    };
    for (let i = 0; i < 50; i++) turn(100_000 + (i % 7) * 1000);
    const memory = heap.memory.buffer.byteLength;
    const fixed = heap.allocate(64); // as a value would that outlives the turn
    for (let i = 0; i < 2000; i++) turn(100_000 + (i % 7) * 1000);
    heap.free(fixed);
    expect(heap.memory.buffer.byteLength).toBe(memory);
    expect(heap.usage().largestFree).toBe(memory - reservedBytes);
  });

  it("past the budget: an error that says what holds how much, and nothing has changed", () => {
    const heap = new Heap({ budget: 16 * MiB });
    const state = heap.allocate(4 * MiB, "state", "float32[1048576]");
    heap.allocate(2 * MiB, "data", "int32[524288]");
    heap.reserveArena(MiB);
    heap.f32[state / 4] = 9;
    const before = heap.usage();
    expect(() => heap.allocate(10 * MiB)).toThrow(MemoryError);
    expect(() => heap.reserveArena(11 * MiB)).toThrow(
      "cpu: needs 11.0 MiB more, 6.0 MiB of 16.0 MiB are in use: parameters and optimizer state 4.0 MiB, resident data 2.0 MiB\n" +
        "  hint: make the batch or the model smaller, let go of tensors that are not needed any more, or raise the budget with setMemoryBudget(bytes); " +
        "the largest blocks are float32[1048576] 4.0 MiB, int32[524288] 2.0 MiB",
    );
    expect(heap.usage()).toEqual(before);
    expect(before).toEqual({
      live: 7 * MiB,
      pooled: heap.memory.buffer.byteLength - reservedBytes - 7 * MiB,
      moved: 0,
      peak: 7 * MiB,
      budget: 16 * MiB,
      largestFree: before.largestFree,
      holders: { state: 4 * MiB, data: 2 * MiB, arena: MiB, other: 0 },
      largest: [
        { bytes: 4 * MiB, holder: "state", label: "float32[1048576]" },
        { bytes: 2 * MiB, holder: "data", label: "int32[524288]" },
        { bytes: MiB, holder: "arena", label: "arena" },
      ],
    });
    expect(heap.f32[state / 4]).toBe(9);
    heap.budget = 32 * MiB;
    expect(heap.reserveArena(11 * MiB)).toBe(heap.arenaAddress);
    heap.budget = 2 * MiB;
    expect(() => heap.allocate(64)).toThrow("needs 64 bytes more, 17.0 MiB of 2.0 MiB are in use");
  });

  it("says when the free bytes lie in pieces", () => {
    const heap = new Heap({ maximumBytes: 4 * MiB + reservedBytes });
    const blocks = [1, 1, 1, 1].map((n) => heap.allocate(n * MiB));
    heap.free(blocks[0]!);
    heap.free(blocks[2]!);
    expect(() => heap.allocate(2 * MiB, "other")).toThrow(
      "cpu: needs 2.0 MiB more, 2.0 MiB of 4.0 MiB are in use: other 2.0 MiB (largest free block 1.0 MiB)",
    );
  });

  it("asks for room before it gives up, as long as some comes", () => {
    const heap = new Heap({ budget: 4 * MiB });
    const blocks = [1, 1, 1, 1].map((n) => heap.allocate(n * MiB));
    const asked: number[] = [];
    heap.reclaim = (bytes) => {
      asked.push(bytes);
      const block = blocks.shift();
      if (block === undefined) return 0;
      heap.free(block);
      return MiB;
    };
    heap.allocate(2 * MiB);
    expect(asked).toEqual([2 * MiB, MiB]);
    // More than the budget: asking would cost others their place and not help.
    expect(() => heap.allocate(5 * MiB)).toThrow(MemoryError);
    expect(blocks.length).toBe(2);
    expect(() => heap.allocate(4 * MiB)).toThrow(MemoryError);
    expect([blocks.length, asked.length]).toEqual([0, 5]);
  });

  it("freeing what is not a block is an error", () => {
    const heap = new Heap();
    const address = heap.allocate(10);
    heap.free(address);
    expect(() => {
      heap.free(address);
    }).toThrow(`cpu: no block at address ${address}`);
  });
});

describe("canCompile", () => {
  it("is false without WebAssembly and where a content policy forbids it", () => {
    expect(canCompile()).toBe(true);
    expect(canCompile(null)).toBe(false);
    const refusing = function (): never {
      throw new EvalError("refused to compile");
    } as unknown as WasmHost["Module"];
    expect(canCompile({ ...webAssembly()!, Module: refusing })).toBe(false);
  });
});
