import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { progress } from "../src/progress.js";
import { FakeStream, loader, pass, range, stream } from "./passes.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("progress without a terminal writes lines", () => {
  test("about ten to a pass, with the first and the last", () => {
    const log = new FakeStream(false);
    pass(200, 100, { stream: log, label: "train" });
    expect(log.lines).toEqual([
      "train: 0/200 (0%)",
      ...range(9).map(
        (i) => `train: ${20 * (i + 1)}/200 (${10 * (i + 1)}%), 10.0/s, ${(18 - 2 * i).toFixed(1)} s left`,
      ),
      "train: 200/200 (100%) in 20.0 s, 10.0/s",
      "",
    ]);
  });

  test("at most one per second between the first and the last", () => {
    const log = new FakeStream(false);
    pass(1000, 3, { stream: log });
    expect(log.lines).toEqual([
      "0/1000 (0%)",
      "334/1000 (33%), 333/s, 2.0 s left",
      "668/1000 (66%), 333/s, 1.0 s left",
      "1000/1000 (100%) in 3.0 s, 333/s",
      "",
    ]);
  });

  test("as few for a quick pass as the first and the last", () => {
    const log = new FakeStream(false);
    pass(100_000, 0, { stream: log });
    expect(log.lines).toEqual(["0/100000 (0%)", "100000/100000 (100%) in 0.0 s", ""]);
  });

  test("every so many items, when told so", () => {
    const log = new FakeStream(false);
    pass(10, 60_000, { stream: log, every: 4 });
    expect(log.lines).toEqual([
      "0/10 (0%)",
      "4/10 (40%), 0.0167/s, 6:00 left",
      "8/10 (80%), 0.0167/s, 2:00 left",
      "10/10 (100%) in 10:00, 0.0167/s",
      "",
    ]);
  });

  test("ever fewer of them where the total is unknown", async () => {
    const log = new FakeStream(false);
    for await (const _ of progress(stream(5000), { stream: log })) vi.advanceTimersByTime(1000);
    expect(log.lines.map((line) => Number(/^\d*/.exec(line)?.[0]))).toEqual([
      0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 5000, 0,
    ]);
    expect(log.lines.at(-3)).toBe("4096, 1.00/s, 1:08:16");
    expect(log.lines.at(-2)).toBe("5000 in 1:23:20, 1.00/s");
  });

  test("and a last one when an error leaves the loop", () => {
    const log = new FakeStream(false);
    expect(() => {
      for (const item of progress(range(4), { stream: log })) {
        vi.advanceTimersByTime(300);
        if (item === 2) throw new Error("body");
      }
    }).toThrow("body");
    expect(log.lines).toEqual(["0/4 (0%)", "2/4 (50%) in 0.9 s, 2.22/s", ""]);
  });

  test("without escape sequences", () => {
    const log = new FakeStream(false);
    pass(50, 500, { stream: log });
    expect(log.text).not.toContain("\x1b");
  });

  test("to standard error, unless told otherwise; null writes nothing", () => {
    const stderr = new FakeStream(false);
    vi.stubGlobal("process", { stderr });
    try {
      pass(1, 1000, { stream: null });
      expect(stderr.text).toBe("");
      pass(1, 1000, { label: "here" });
      expect(stderr.lines).toEqual(["here: 0/1 (0%)", "here: 1/1 (100%) in 1.0 s, 1.00/s", ""]);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe("progress in a terminal draws a bar", () => {
  test("with counts, rate and time left, redrawn in its line", () => {
    const terminal = new FakeStream(true);
    const seen: string[] = [];
    for (const item of progress(range(10), { stream: terminal, label: "epoch 1" })) {
      if (item % 4 === 0) seen.push(terminal.screen.join("\n").trimEnd());
      vi.advanceTimersByTime(500);
    }
    expect(seen).toEqual([
      `epoch 1 |${"░".repeat(26)}| 0/10 (0%)`,
      `epoch 1 |${"█".repeat(10)}${"░".repeat(16)}| 4/10 (40%), 2.00/s, 3.0 s left`,
      `epoch 1 |${"█".repeat(21)}${"░".repeat(5)}| 8/10 (80%), 2.00/s, 1.0 s left`,
    ]);
    expect(terminal.screen).toEqual([`epoch 1 |${"█".repeat(26)}| 10/10 (100%) in 5.0 s, 2.00/s`, ""]);
  });

  test("about ten times a second, however many items there are", () => {
    const terminal = new FakeStream(true);
    pass(10_000, 1, { stream: terminal });
    const drawings = terminal.text.split("\x1b[1G").length - 1;
    expect(drawings).toBeGreaterThan(80);
    expect(drawings).toBeLessThan(110);
  });

  test("that fits the width of the terminal, or leaves the bar away", () => {
    for (const columns of [100, 80, 60, 50, 30]) {
      const terminal = new FakeStream(true, columns);
      pass(100, 50, { stream: terminal, label: "a label" });
      for (const row of terminal.screen) expect(row.length).toBeLessThanOrEqual(columns);
      expect(terminal.screen[0]?.includes("█")).toBe(columns >= 65);
    }
  });

  test("or only the numbers where the total is unknown", async () => {
    const terminal = new FakeStream(true);
    for await (const _ of progress(stream(20), { stream: terminal, label: "lines" })) vi.advanceTimersByTime(250);
    expect(terminal.text).toContain("lines 10, 4.00/s, 2.5 s");
    expect(terminal.screen).toEqual(["lines 20 in 5.0 s, 4.00/s", ""]);
  });

  test("that is full for an empty source", () => {
    const terminal = new FakeStream(true);
    pass(0, 1, { stream: terminal });
    expect(terminal.screen).toEqual([`|${"█".repeat(30)}| 0/0 (100%) in 0.0 s`, ""]);
  });

  const leave: [string, () => void | Promise<void>][] = [
    ["break", () => undefined],
    ["an error in the body", () => Promise.reject(new Error("body"))],
  ];
  test.each(leave)("that ends when the loop is left by %s", async (_, act) => {
    for (const make of [() => loader(9), () => stream(9)]) {
      const terminal = new FakeStream(true);
      const loop = async (): Promise<void> => {
        for await (const item of progress<number>(make(), { stream: terminal, total: 9 })) {
          vi.advanceTimersByTime(200);
          if (item < 3) continue;
          await act();
          break;
        }
      };
      const error = await loop().catch((error: unknown) => error);
      expect(error === undefined || (error as Error).message === "body").toBe(true);
      expect(terminal.screen).toEqual([expect.stringMatching(/^\|█{10}░{20}\| 3\/9 \(33%\) in 0.8 s/), ""]);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  test("that ends when the source fails", () => {
    function* broken(): Generator<number> {
      yield 1;
      throw new Error("source");
    }
    const terminal = new FakeStream(true);
    expect(() => [...progress(broken(), { stream: terminal, total: 3 })]).toThrow("source");
    expect(terminal.screen).toEqual([expect.stringContaining("1/3 (33%)"), ""]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("and touches neither the cursor's visibility and place, nor line wrapping, nor signal handlers", () => {
    const terminal = new FakeStream(true);
    const handlers = (): number[] => ["SIGINT", "SIGTERM", "exit"].map((signal) => process.listenerCount(signal));
    const before = handlers();
    for (const _ of progress(range(20), { stream: terminal })) {
      vi.advanceTimersByTime(100);
      expect(handlers()).toEqual(before);
    }
    expect(terminal.text).not.toMatch(/\x1b[78]|\x1b\[\?/); // eslint-disable-line no-control-regex -- as above
  });

  test("and does not keep a process alive that has abandoned the loop", () => {
    vi.useRealTimers();
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    const iterator = progress(range(3), { stream: new FakeStream(true) })[Symbol.iterator]();
    iterator.next();
    expect(timers()).toBe(before);
    iterator.return?.();
  });

  test("or, where cli-progress cannot be loaded, lines", () => {
    const terminal = new FakeStream(true);
    vi.spyOn(process, "getBuiltinModule").mockImplementation(() => {
      throw new Error("not in this runtime");
    });
    try {
      pass(2, 1000, { stream: terminal });
    } finally {
      vi.restoreAllMocks();
    }
    expect(terminal.lines).toEqual(["0/2 (0%)", "1/2 (50%), 1.00/s, 1.0 s left", "2/2 (100%) in 2.0 s, 1.00/s", ""]);
  });
});
