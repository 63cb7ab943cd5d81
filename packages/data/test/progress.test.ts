import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { progress, type Progress, type ProgressOptions } from "../src/progress.js";
import { FakeStream, loader, pass, range, stream } from "./passes.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("progress yields the items unchanged", () => {
  const quiet = { stream: null };

  test("from a synchronous source, in a plain for and in for await", async () => {
    const items = [{}, [1], "x"];
    const seen: unknown[] = [];
    for (const item of progress(items, quiet)) seen.push(item);
    // eslint-disable-next-line @typescript-eslint/await-thenable -- a loop written for any loader takes arrays too
    for await (const item of progress(items, quiet)) seen.push(item);
    expect(seen).toHaveLength(6);
    seen.forEach((item, i) => {
      expect(item).toBe(items[i % 3]);
    });
  });

  test("from an asynchronous source, in for await only", async () => {
    const seen: number[] = [];
    for await (const item of progress(stream(4), quiet)) seen.push(item);
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(Symbol.iterator in progress(stream(4), quiet)).toBe(false);
  });

  test("from a loader, each way by the loader's own protocol", async () => {
    expect([...progress(loader(3), quiet)]).toEqual([0, 1, 2]);
    const seen: number[] = [];
    for await (const item of progress(loader(3), quiet)) seen.push(item);
    expect(seen).toEqual([0, 1, 2]);
    expectTypeOf(progress(loader(3))).toExtend<Iterable<number> & AsyncIterable<number>>();
  });

  test("once per loop over the same progress, with counts that start again", () => {
    const counts: number[] = [];
    const bars = progress(range(2), { ...quiet, onProgress: ({ done }) => counts.push(done) });
    for (const _ of bars) void 0;
    for (const _ of bars) void 0;
    expect(counts).toEqual([0, 1, 2, 0, 1, 2]);
  });

  test("and lets the source clean up when the loop is left", () => {
    let closed = 0;
    function* source(): Generator<number> {
      try {
        yield* range(5);
      } finally {
        closed++;
      }
    }
    for (const item of progress(source(), quiet)) if (item === 2) break;
    expect(closed).toBe(1);
  });
});

describe("onProgress receives the numbers", () => {
  function reports(length: number, ms: number, options: ProgressOptions = {}): Progress[] {
    const all: Progress[] = [];
    pass(length, ms, { stream: null, onProgress: (report) => all.push(report), ...options });
    return all;
  }

  test("at the start, after each item and at the end", () => {
    const all = reports(4, 500, { label: "epoch 1" });
    expect(all[0]).toEqual({ label: "epoch 1", done: 0, total: 4, elapsed: 0, rate: 0, remaining: undefined });
    expect(all.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4]);
    expect(all.map(({ elapsed }) => elapsed)).toEqual([0, 0.5, 1, 1.5, 2]);
    for (const { rate } of all.slice(1)) expect(rate).toBeCloseTo(2, 10);
    for (const { done, remaining } of all.slice(1)) expect(remaining).toBeCloseTo((4 - done) / 2, 10);
  });

  test("after every so many items, and at the end once", () => {
    expect(reports(10, 1, { every: 4 }).map(({ done }) => done)).toEqual([0, 4, 8, 10]);
    expect(reports(8, 1, { every: 4 }).map(({ done }) => done)).toEqual([0, 4, 8]);
  });

  test("for an empty source", () => {
    expect(reports(0, 1)).toEqual([{ label: "", done: 0, total: 0, elapsed: 0, rate: 0, remaining: undefined }]);
  });

  test("without a total where the source has no length", async () => {
    const all: Progress[] = [];
    for await (const _ of progress(stream(2), { stream: null, onProgress: (report) => all.push(report) })) {
      vi.advanceTimersByTime(100);
    }
    expect(all.map(({ done, total, remaining }) => [done, total, remaining])).toEqual([
      [0, undefined, undefined],
      [1, undefined, undefined],
      [2, undefined, undefined],
    ]);
  });

  test("with the total from the options, from length or from size", () => {
    const total = (source: Iterable<unknown>, options?: ProgressOptions): unknown => {
      let seen: unknown;
      for (const _ of progress(source, { stream: null, onProgress: (report) => (seen = report.total), ...options }))
        break;
      return seen;
    };
    expect(total([1, 2])).toBe(2);
    expect(total(new Set([1, 2, 3]))).toBe(3);
    expect(total(loader(7))).toBe(7);
    expect(total([1, 2], { total: 9 })).toBe(9);
  });

  test("with a rate that follows a change of speed, so that a slow first step does not spoil the time left", () => {
    let last: Progress | undefined;
    let first = true;
    const options = { stream: null, onProgress: (report: Progress) => (last = report.done < 900 ? report : last) };
    for (const _ of progress(range(1000), options)) {
      vi.advanceTimersByTime(first ? 5000 : 10);
      first = false;
    }
    expect(last?.rate).toBeCloseTo(100, 0);
    expect(last?.remaining).toBeCloseTo(1.01, 1);
  });

  test("when the loop is left early, with what was done", () => {
    const counts: number[] = [];
    for (const item of progress(range(9), { stream: null, every: 5, onProgress: ({ done }) => counts.push(done) })) {
      if (item === 2) break;
    }
    expect(counts).toEqual([0, 2]);
  });

  test("and its error ends the loop", () => {
    const terminal = new FakeStream(true);
    const onProgress = ({ done }: Progress): void => {
      if (done === 2) throw new Error("no more room");
    };
    expect(() => {
      pass(5, 1, { stream: terminal, onProgress });
    }).toThrow("no more room");
    expect(terminal.text.endsWith("\n")).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("progress in a browser", () => {
  test("only calls onProgress", () => {
    vi.stubGlobal("process", undefined);
    const counts: number[] = [];
    try {
      for (const _ of progress(range(2), { onProgress: ({ done }) => counts.push(done) })) void 0;
    } finally {
      vi.unstubAllGlobals();
    }
    expect(counts).toEqual([0, 1, 2]);
  });
});

describe("progress throws for", () => {
  test.each<[string, unknown, unknown, RegExp]>([
    ["a number", 5, {}, /^progress: the source must be iterable, got 5\n {2}hint: pass a loader/],
    ["no source", undefined, {}, /the source must be iterable, got undefined/],
    ["an object that does not iterate", { length: 3 }, {}, /the source must be iterable/],
    ["a negative total", [], { total: -1 }, /total must be an integer of 0 or more, got -1/],
    ["a fractional total", [], { total: 2.5 }, /total .* got 2.5/],
    ["every 0", [], { every: 0 }, /every must be an integer of 1 or more, got 0/],
    ["every half", [], { every: 0.5 }, /every .* got 0.5/],
    ["a hearer that is no function", [], { onProgress: 3 }, /onProgress must be a function, got 3/],
    ["a stream that cannot be written to", [], { stream: "x" }, /stream must have a method write, or be null, got "x"/],
    ["a label that is no text", [], { label: 3 }, /label must be a string, got 3/],
    ["an unknown option", [], { desc: "epoch" }, /unknown option "desc"\n {2}hint: it takes label, total/],
  ])("%s, when called", (_, source, options, message) => {
    expect(() => progress(source as number[], options as ProgressOptions)).toThrow(message);
  });
});
