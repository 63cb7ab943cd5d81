/** One run of an experiment. */
export interface Session<State> {
  /** Up to `count` further states. */
  next(count: number): Promise<{ readonly states: readonly State[]; readonly done: boolean }>;
  /** Ends what it is doing: a `next` under way rejects. */
  close(): void;
}

/** Where experiments run: a worker in a page. One Session at a time. */
export interface Runner<State, Settings> {
  open(text: string, settings: Settings): Session<State>;
  close(): void;
}

export interface Failure {
  readonly message: string;
  /** Where in the experiment's text, counted from 1. */
  readonly line?: number;
}

export interface PlayerOptions<State, Settings> {
  readonly runner: Runner<State, Settings>;
  readonly failureOf: (error: unknown) => Failure;
  readonly text: string;
  readonly settings: Settings;
  readonly limit: number;
  readonly pace: number;
  readonly onChange: "replay" | "restart";
  /** Settings that only the drawing looks at: they run nothing again. */
  readonly viewOnly: ReadonlySet<string>;
  /** Resolves with the time, in ms, when the next picture may be shown. */
  readonly frame: () => Promise<number>;
  /** Whether motion is unwanted: then running jumps to the end. */
  readonly still: () => boolean;
}

export interface Snapshot<State, Settings> {
  readonly text: string;
  readonly settings: Settings;
  readonly states: readonly State[];
  readonly at: number;
  /** Whether there is nothing after the last state. */
  readonly ended: boolean;
  readonly running: boolean;
  /** Whether the experiment is computing what was asked for. */
  readonly busy: boolean;
  readonly failure: Failure | null;
}

/**
 * Plays an experiment: records its states and moves among them. An experiment is a function of its settings, so that
 * going back is looking at a state again, and new settings or new code run up to the same step.
 */
export class Player<State, Settings> {
  readonly #options: PlayerOptions<State, Settings>;
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot<State, Settings>;
  #session: Session<State> | null = null;
  /** Grows with each replay: what an older one brings is nobody's any more. */
  #turn = 0;
  #replaying: Promise<void> | null = null;
  #replayTo = 0;
  #advances: Promise<void> = Promise.resolve();

  constructor(options: PlayerOptions<State, Settings>) {
    this.#options = options;
    const { text, settings } = options;
    this.#snapshot = { text, settings, states: [], at: 0, ended: false, running: false, busy: false, failure: null };
  }

  readonly snapshot = (): Snapshot<State, Settings> => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Computes the first state, or the states up to `at`, unless there are some or they are on their way. */
  async start(at = 0): Promise<void> {
    await (this.#session === null ? this.#replay(at) : this.#replaying);
  }

  /** One state on. */
  async step(): Promise<void> {
    this.pause();
    await this.start();
    await this.#advance(1);
  }

  /** One state back. */
  back(): void {
    this.go(this.#snapshot.at - 1);
  }

  /** To a recorded state. */
  go(at: number): void {
    this.pause();
    const { states } = this.#snapshot;
    this.#publish({ at: Math.max(0, Math.min(at, states.length - 1)) });
  }

  /** Back to the start, with the settings as they are; ends an experiment that hangs. */
  reset(): Promise<void> {
    this.pause();
    this.#session?.close();
    return this.#replay(0);
  }

  /** Runs from here to the end, at the figure's pace; from the end, from the start again. */
  async run(): Promise<void> {
    if (this.#snapshot.running) return;
    this.#publish({ running: true });
    await this.start();
    if (this.atEnd) this.#publish({ at: 0 });
    if (this.#options.still()) {
      await this.#advance(this.#options.limit);
      this.pause();
      return;
    }
    let due = 0;
    let before = await this.#options.frame();
    while (this.#snapshot.running) {
      const now = await this.#options.frame();
      due += (Math.min(now - before, 100) * this.#options.pace) / 1000;
      before = now;
      if (due < 1) continue;
      if (this.#snapshot.running) await this.#advance(Math.floor(due));
      due %= 1;
      if (this.atEnd || this.#snapshot.failure !== null) this.pause();
    }
  }

  pause(): void {
    if (this.#snapshot.running) this.#publish({ running: false });
  }

  /** Changes settings and runs again. Before the first start they are only noted. */
  set(settings: Partial<Settings>): Promise<void> {
    this.#publish({ settings: { ...this.#snapshot.settings, ...settings } });
    const onlyView = Object.keys(settings).every((name) => this.#options.viewOnly.has(name));
    if (this.#session === null || onlyView) return Promise.resolve();
    return this.#replay(this.#options.onChange === "replay" ? this.#aim : 0);
  }

  /** Runs other code with the same settings; ends what the old code is doing. */
  edit(text: string): Promise<void> {
    this.pause();
    this.#publish({ text });
    this.#session?.close();
    return this.#replay(this.#aim);
  }

  close(): void {
    this.pause();
    this.#turn++;
    this.#session = null;
    this.#options.runner.close();
  }

  get atEnd(): boolean {
    const { at, states, ended } = this.#snapshot;
    return at >= this.#options.limit || (ended && at === states.length - 1);
  }

  /** The step that is shown, or that a replay under way is going to show. */
  get #aim(): number {
    return this.#replaying === null ? this.#snapshot.at : this.#replayTo;
  }

  #publish(change: Partial<Snapshot<State, Settings>>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Runs the experiment anew up to a step. While one does, a later call only says what is wanted next. */
  #replay(to: number): Promise<void> {
    this.#replayTo = to;
    this.#turn++;
    return (this.#replaying ??= this.#replayNow());
  }

  async #replayNow(): Promise<void> {
    this.#publish({ busy: true });
    for (let current = this.#turn; ; current = this.#turn) {
      const { text, settings } = this.#snapshot;
      this.#session?.close();
      const session = (this.#session = this.#options.runner.open(text, settings));
      try {
        const { states, done } = await session.next(this.#replayTo + 1);
        if (current === this.#turn) this.#show(states, done);
      } catch (error) {
        if (current === this.#turn) this.#fail(error);
      }
      if (current === this.#turn || this.#session === null) break;
    }
    this.#replaying = null;
    this.#publish({ busy: false });
  }

  #show(states: readonly State[], ended: boolean): void {
    if (states.length === 0) this.#fail(new Error("The experiment ended before it yielded a state."));
    else this.#publish({ states, ended, at: Math.min(this.#replayTo, states.length - 1), failure: null });
  }

  #fail(error: unknown): void {
    this.#publish({ failure: this.#options.failureOf(error), running: false });
  }

  /** Shows a later state, computing those that are missing. One after another, and after a replay: no step is lost. */
  #advance(count: number): Promise<void> {
    const turn = this.#turn;
    this.#advances = this.#advances.then(() => this.#advanceNow(count, turn));
    return this.#advances;
  }

  async #advanceNow(count: number, turn: number): Promise<void> {
    await this.#replaying;
    if (turn !== this.#turn) return;
    const { states, ended, at, failure } = this.#snapshot;
    if (failure !== null || this.#session === null) return;
    const to = Math.min(at + count, this.#options.limit);
    const missing = to + 1 - states.length;
    if (missing <= 0 || ended) return this.#publish({ at: Math.min(to, states.length - 1) });
    this.#publish({ busy: true });
    try {
      const more = await this.#session.next(missing);
      if (turn !== this.#turn) return;
      const all = [...states, ...more.states];
      this.#publish({ states: all, ended: more.done, at: Math.min(to, all.length - 1), busy: false });
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#publish({ busy: false });
      this.#fail(error);
    }
  }
}
