import { describe, expect, it } from "vitest";
import { Player, type PlayerOptions, type Session } from "../src/figure/player.js";

interface Settings {
  readonly factor: number;
  readonly dark: boolean;
}

/** An experiment that yields 0, factor, 2 · factor, …; `hangs` and `throws` are codes that do so. */
class Runner {
  opened = 0;
  readonly running = new Set<Session<number>>();

  open(text: string, { factor }: Settings): Session<number> {
    this.opened++;
    let count = 0;
    let stop: (error: Error) => void = () => undefined;
    const session: Session<number> = {
      next: async (wanted) => {
        if (text === "throws") throw new Error("line 3");
        if (text === "hangs") await new Promise((_, reject) => (stop = reject));
        await Promise.resolve();
        const last = text === "five" ? 5 : Infinity;
        const states = Array.from({ length: Math.min(wanted, last - count) }, (_, i) => (count + i) * factor);
        count += states.length;
        return { states, done: count >= last };
      },
      close: () => {
        this.running.delete(session);
        stop(new Error("closed"));
      },
    };
    this.running.add(session);
    return session;
  }

  close(): void {
    for (const session of this.running) session.close();
  }
}

function playerOf(options: Partial<PlayerOptions<number, Settings>> = {}): {
  player: Player<number, Settings>;
  runner: Runner;
} {
  const runner = new Runner();
  let now = 0;
  const player = new Player<number, Settings>({
    runner,
    failureOf: (error) => ({ message: (error as Error).message }),
    text: "counts",
    settings: { factor: 1, dark: false },
    limit: 50,
    pace: 20,
    onChange: "replay",
    viewOnly: new Set(["dark"]),
    frame: async () => (now += 20),
    still: () => false,
    ...options,
  });
  return { player, runner };
}

describe("a player", () => {
  it("computes nothing before it is asked, then the first state", async () => {
    const { player, runner } = playerOf();
    expect(runner.opened).toBe(0);
    await player.start();
    expect(player.snapshot()).toMatchObject({ states: [0], at: 0, ended: false, failure: null });
  });

  it("steps, steps back over what it recorded, and on again without computing it twice", async () => {
    const { player, runner } = playerOf({ settings: { factor: 3, dark: false } });
    for (let i = 0; i < 4; i++) await player.step();
    expect(player.snapshot()).toMatchObject({ states: [0, 3, 6, 9, 12], at: 4 });
    player.back();
    player.back();
    await player.step();
    expect(player.snapshot()).toMatchObject({ states: [0, 3, 6, 9, 12], at: 3 });
    expect(runner.opened).toBe(1);
  });

  it("loses no step of those that come faster than they are computed", async () => {
    const { player } = playerOf();
    await player.start();
    await Promise.all([player.step(), player.step(), player.step()]);
    expect(player.snapshot().at).toBe(3);
  });

  it("loses no step, and no run, that is asked for while it goes back to the start", async () => {
    const { player } = playerOf({ limit: 30, still: () => true });
    for (let i = 0; i < 4; i++) await player.step();
    await Promise.all([player.reset(), player.step()]);
    expect(player.snapshot().at).toBe(1);
    await Promise.all([player.reset(), player.run()]);
    expect(player.snapshot()).toMatchObject({ at: 30, running: false });
  });

  it("runs at its pace to the limit, and from there from the start again", async () => {
    const { player } = playerOf({ limit: 10 });
    await player.run();
    expect(player.snapshot()).toMatchObject({ at: 10, running: false });
    const seen: number[] = [];
    player.subscribe(() => void seen.push(player.snapshot().at));
    await player.run();
    expect([...new Set(seen)].slice(0, 4)).toEqual([10, 0, 1, 2]);
  });

  it("stops running where the experiment ends", async () => {
    const { player } = playerOf({ text: "five" });
    await player.run();
    expect(player.snapshot()).toMatchObject({ at: 4, ended: true, running: false });
    await player.step();
    expect(player.snapshot().at).toBe(4);
  });

  it("jumps to the end where motion is unwanted", async () => {
    const { player } = playerOf({ limit: 30, still: () => true });
    await player.start();
    const seen = new Set<number>();
    player.subscribe(() => seen.add(player.snapshot().at));
    await player.run();
    expect([...seen]).toEqual([0, 30]);
  });

  it("replays changed settings up to the step that was shown", async () => {
    const { player } = playerOf();
    for (let i = 0; i < 3; i++) await player.step();
    await player.set({ factor: 10 });
    expect(player.snapshot()).toMatchObject({ states: [0, 10, 20, 30], at: 3 });
  });

  it("begins anew with changed settings where the figure says so", async () => {
    const { player } = playerOf({ onChange: "restart" });
    for (let i = 0; i < 3; i++) await player.step();
    await player.set({ factor: 10 });
    expect(player.snapshot()).toMatchObject({ states: [0], at: 0 });
  });

  it("shows the last of many quick changes, and keeps the step", async () => {
    const { player, runner } = playerOf();
    for (let i = 0; i < 2; i++) await player.step();
    const first = player.set({ factor: 2 });
    for (let factor = 3; factor <= 40; factor++) void player.set({ factor });
    await first;
    expect(player.snapshot()).toMatchObject({ states: [0, 40, 80], at: 2, busy: false });
    expect(runner.opened).toBeLessThan(5);
  });

  it("runs nothing again for what only the drawing looks at", async () => {
    const { player, runner } = playerOf();
    await player.start();
    await player.set({ dark: true });
    expect(player.snapshot().settings).toEqual({ factor: 1, dark: true });
    expect(runner.opened).toBe(1);
  });

  it("shows where edited code fails, keeps the states, and goes on with code that works", async () => {
    const { player } = playerOf();
    await player.step();
    await player.edit("throws");
    expect(player.snapshot()).toMatchObject({ failure: { message: "line 3" }, states: [0, 1], running: false });
    await player.edit("five");
    expect(player.snapshot()).toMatchObject({ failure: null, states: [0, 1], at: 1 });
  });

  it("gets out of code that never comes back, by reset or by other code", async () => {
    const { player } = playerOf();
    await player.step();
    void player.edit("hangs");
    await Promise.resolve();
    expect(player.snapshot().busy).toBe(true);
    await Promise.all([player.edit("counts")]);
    await expect.poll(() => player.snapshot().busy).toBe(false);
    expect(player.snapshot()).toMatchObject({ failure: null, at: 1 });
  });

  it("starts where an address says", async () => {
    const { player } = playerOf();
    await player.start(7);
    expect(player.snapshot().at).toBe(7);
  });
});
