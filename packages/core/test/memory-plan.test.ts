import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planMemory, type PlannedValue } from "../src/program/memory-plan.js";

fc.configureGlobal({ seed: 32, numRuns: 200 });

const bytes = fc.oneof(
  fc.integer({ min: 0, max: 3000 }),
  fc.constantFrom(64, 4096, 65536),
  fc.integer({ max: 10 ** 6, min: 0 }),
);
const values = fc.array(
  fc.record({ bytes, first: fc.nat(30), length: fc.nat(12) }).map(({ length, ...value }) => ({
    ...value,
    last: value.first + length,
  })),
  { maxLength: 60 },
);

const rounded = (n: number): number => Math.ceil(n / 64) * 64;

/** Places that overlap though both values are alive in one kernel, and neither took the other's place over. */
function clashes(list: readonly PlannedValue[], offsets: readonly number[]): string[] {
  const found: string[] = [];
  list.forEach((a, i) => {
    list.forEach((b, j) => {
      if (j <= i || a.bytes === 0 || b.bytes === 0 || a.first > b.last || b.first > a.last) return;
      if (offsets[i]! >= offsets[j]! + b.bytes || offsets[j]! >= offsets[i]! + a.bytes) return;
      const handedOn = (to: PlannedValue, at: number, from: PlannedValue): boolean =>
        list[to.inPlaceOf ?? -1] === from && at === offsets[list.indexOf(from)] && from.last === to.first;
      if (!handedOn(a, offsets[i]!, b) && !handedOn(b, offsets[j]!, a)) found.push(`${i} and ${j}`);
    });
  });
  return found;
}

/** The forward pass keeps what backward needs, which comes in the opposite order; gradients of weights live to the end. */
function trainingStep(layers: readonly (readonly [number, number, boolean])[]): PlannedValue[] {
  const end = layers.length * 6;
  return layers.flatMap(([activation, scratch, keepsGradient], l) => {
    const forward = l * 3;
    const backward = end - 1 - forward;
    return [
      { bytes: activation, first: forward, last: backward },
      { bytes: scratch, first: forward + 1, last: forward + 2 },
      { bytes: activation, first: backward - 3, last: backward },
      { bytes: scratch, first: backward - 1, last: keepsGradient ? end : backward },
    ];
  });
}

describe("planMemory", () => {
  it("never lets two values overlap that are alive in the same kernel, and never goes below the lower bound", () => {
    fc.assert(
      fc.property(values, (list) => {
        const plan = planMemory(list);
        expect(clashes(list, plan.offsets)).toEqual([]);
        expect(plan.offsets.every((offset) => offset % 64 === 0)).toBe(true);
        expect(plan.bytes).toBe(Math.max(0, ...list.map((value, k) => plan.offsets[k]! + rounded(value.bytes))));
        const alive = Array.from({ length: 50 }, (_, t) =>
          list.reduce((sum, { bytes: n, first, last }) => sum + (first <= t && t <= last ? rounded(n) : 0), 0),
        );
        expect(plan.lowerBound).toBe(Math.max(...alive));
        expect(plan.bytes).toBeGreaterThanOrEqual(plan.lowerBound);
      }),
    );
  });

  it("stays within a tenth of the lower bound for lifetimes as of training steps", () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 10 ** 6 }), fc.constantFrom(256, 65536, 262144, 10 ** 6));
    const layers = fc.array(fc.tuple(size, size, fc.boolean()), { minLength: 2, maxLength: 30 });
    let total = 0;
    fc.assert(
      fc.property(layers, (list) => {
        const plan = planMemory(trainingStep(list));
        expect(plan.bytes / plan.lowerBound).toBeLessThanOrEqual(1.1);
        total += plan.bytes / plan.lowerBound;
      }),
    );
    expect(total / 200).toBeLessThan(1.01);
  });

  it("reuses one place for a chain of values that hand it on, and counts them once", () => {
    const chain: PlannedValue[] = [
      { bytes: 4000, first: 0, last: 1 },
      { bytes: 4000, first: 1, last: 2, inPlaceOf: 0 },
      { bytes: 4000, first: 2, last: 3, inPlaceOf: 1 },
    ];
    expect(planMemory(chain)).toEqual({ offsets: [0, 0, 0], bytes: 4032, lowerBound: 4032 });
    expect(planMemory(chain.map(({ inPlaceOf: _, ...value }) => value)).bytes).toBe(8064);
  });

  it("does not hand a place on where sizes or lifetimes differ, nor twice", () => {
    const old = { bytes: 640, first: 0, last: 2 };
    const apart = (...others: PlannedValue[]): number => planMemory([old, ...others]).bytes;
    expect(apart({ bytes: 640, first: 2, last: 3, inPlaceOf: 0 })).toBe(640);
    expect(apart({ bytes: 320, first: 2, last: 3, inPlaceOf: 0 })).toBe(960);
    expect(apart({ bytes: 640, first: 1, last: 3, inPlaceOf: 0 })).toBe(1280);
    expect(
      apart({ bytes: 640, first: 2, last: 3, inPlaceOf: 0 }, { bytes: 640, first: 2, last: 3, inPlaceOf: 0 }),
    ).toBe(1280);
    expect(apart({ bytes: 640, first: 2, last: 2, inPlaceOf: 1 })).toBe(1280);
  });

  it("keeps every hand-over of random chains sound", () => {
    const hints = fc.array(fc.option(fc.nat(59), { nil: undefined }), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(64, 128), fc.nat(8), fc.nat(3)), { maxLength: 60 }),
        hints,
        (list, of) => {
          const planned = list.map(([n, first, length], k): PlannedValue => {
            const inPlaceOf = of[k];
            return { bytes: n, first, last: first + length, ...(inPlaceOf === undefined ? {} : { inPlaceOf }) };
          });
          const plan = planMemory(planned);
          expect(clashes(planned, plan.offsets)).toEqual([]);
          expect(plan.bytes).toBeGreaterThanOrEqual(plan.lowerBound);
        },
      ),
    );
  });

  it("plans nothing for nothing, and gives values without bytes the start", () => {
    expect(planMemory([])).toEqual({ offsets: [], bytes: 0, lowerBound: 0 });
    expect(planMemory([{ bytes: 0, first: 0, last: 3 }])).toEqual({ offsets: [0], bytes: 0, lowerBound: 0 });
  });
});
