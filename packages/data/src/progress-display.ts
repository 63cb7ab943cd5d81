import type * as cliProgress from "cli-progress";

/** How far a pass has come. Times are in seconds, counts in items of the loop (batches, for a DataLoader). */
export interface Progress {
  readonly label: string;
  /** Items whose turn of the loop is over. */
  readonly done: number;
  /** Items of the whole pass; undefined where the source has no length. */
  readonly total: number | undefined;
  /** Seconds since the pass began. */
  readonly elapsed: number;
  /** Items per second of late: over the last ten items or the last second, whichever is longer. 0 at the start. */
  readonly rate: number;
  /** Seconds that the rest takes at this rate; undefined at the start and where the total is unknown. */
  readonly remaining: number | undefined;
}

/** What progress is written to; Node's streams are. A bar is drawn where `isTTY` is true, plain lines elsewhere. */
export interface ProgressStream {
  /** Writes text, as `process.stderr` does. */
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Where the progress of one pass is seen. */
export interface Display {
  /** Whether it is time to show: asked after every item, so that the numbers are only worked out when needed. */
  due(done: number, now: number): boolean;
  show(progress: Progress): void;
  close(progress: Progress): void;
}

/** Opens the display for a pass that begins; none where there is nothing to write to, as in a browser. */
export function openDisplay(
  stream: ProgressStream | null | undefined,
  first: Progress,
  every?: number,
): Display | undefined {
  const target = stream === undefined ? node()?.stderr : stream;
  if (!target) return undefined;
  const library = target.isTTY === true ? loadCliProgress() : undefined;
  return library === undefined ? new Lines(target, first, every) : new Bar(library, target, first);
}

/** A bar that is drawn anew in its line of the terminal, by cli-progress. */
class Bar implements Display {
  readonly #bar: cliProgress.SingleBar;
  #shown = performance.now();

  constructor(library: CliProgress, stream: ProgressStream, first: Progress) {
    const format: cliProgress.Options["format"] = (
      options,
      { progress, maxWidth },
      { numbers }: { numbers: string },
    ) => {
      const label = first.label && `${first.label} `;
      const room = Math.min(30, maxWidth - label.length - longestNumbers);
      if (first.total === undefined || room < 8) return label + numbers;
      return `${label}|${library.Format.BarFormat(progress, { ...options, barsize: room })}| ${numbers}`;
    };
    const bar = new library.SingleBar({
      format,
      barsize: 30,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      stream: withoutJumps(stream) as NodeJS.WritableStream,
      fps: 25, // twice this distance must lie below `redrawAfter`
      // These leave nothing to restore in a process that is stopped halfway. A handler of the library's for SIGINT would
      // keep Ctrl-C from ending a loop that gives the event loop no turn.
      gracefulExit: false,
      hideCursor: false,
      linewrap: true,
    });
    // The library's timer draws what is drawn here already, and must not keep alive a process that has left the loop for good.
    const render = bar.render.bind(bar);
    bar.render = () => {
      render();
      (bar as { timer?: { unref?(): void } | null }).timer?.unref?.();
    };
    bar.start(first.total ?? 0, 0, { numbers: running(first) });
    this.#bar = bar;
  }

  due(_done: number, now: number): boolean {
    return now - this.#shown >= redrawAfter;
  }

  show(progress: Progress): void {
    this.#shown = performance.now();
    this.#bar.update(progress.done, { numbers: running(progress) });
  }

  close(progress: Progress): void {
    this.#bar.update(progress.done, { numbers: summarise(progress) });
    this.#bar.stop();
  }
}

/** The numbers, and a distance to what the loop may print: the cursor stays behind the bar. */
const running = (progress: Progress): string => `${describe(progress)}  `;

/** Milliseconds from one drawing of the bar to the next. */
const redrawAfter = 100;

/** Room kept for the numbers beside the bar, so that its length does not change with theirs. */
const longestNumbers = "| 100000/100000 (100%), 12345/s, 1:00:00 left|".length;

/**
 * The stream without "save cursor" and "restore cursor". cli-progress jumps back to where the bar began when it stops,
 * which is another line by then if the loop has printed or the terminal has scrolled.
 */
function withoutJumps(stream: ProgressStream): ProgressStream {
  return {
    isTTY: true,
    get columns() {
      return stream.columns;
    },
    write: (text) => (text === "\x1B7" || text === "\x1B8" ? true : stream.write(text)),
  };
}

/** Plain lines for logs: the first, the last, and between them one per tenth of the pass but at most one per second. */
class Lines implements Display {
  readonly #stream: ProgressStream;
  readonly #label: string;
  readonly #total: number | undefined;
  readonly #every: number | undefined;
  #next: number;
  #shown = performance.now();

  constructor(stream: ProgressStream, first: Progress, every?: number) {
    this.#stream = stream;
    this.#label = first.label && `${first.label}: `;
    this.#total = first.total;
    this.#every = every ?? (first.total === undefined ? undefined : Math.ceil(first.total / 10));
    this.#next = this.#every ?? 1;
    this.#line(describe(first));
  }

  due(done: number, now: number): boolean {
    return done >= this.#next && done !== this.#total && now - this.#shown >= 1000;
  }

  show(progress: Progress): void {
    this.#shown = performance.now();
    // Without a total each line waits for twice as many items as the one before: few lines, however long it takes.
    this.#next = this.#every === undefined ? 2 * progress.done : progress.done + this.#every;
    this.#line(describe(progress));
  }

  close(progress: Progress): void {
    this.#line(summarise(progress));
  }

  #line(text: string): void {
    this.#stream.write(`${this.#label}${text}\n`);
  }
}

/** `40/100 (40%), 12.3/s, 4.9 s left` */
function describe({ done, total, elapsed, rate, remaining }: Progress): string {
  const parts = [count(done, total)];
  if (rate > 0) parts.push(perSecond(rate));
  if (remaining !== undefined) parts.push(`${duration(remaining)} left`);
  else if (elapsed > 0) parts.push(duration(elapsed));
  return parts.join(", ");
}

/** `100/100 (100%) in 8.1 s, 12.3/s`: here the rate is that of the whole pass. */
function summarise({ done, total, elapsed }: Progress): string {
  const rate = done > 0 && elapsed > 0 ? `, ${perSecond(done / elapsed)}` : "";
  return `${count(done, total)} in ${duration(elapsed)}${rate}`;
}

function count(done: number, total: number | undefined): string {
  if (total === undefined) return String(done);
  return `${done}/${total} (${total === 0 ? 100 : Math.floor((100 * done) / total)}%)`;
}

const perSecond = (rate: number): string => `${rate < 100 ? rate.toPrecision(3) : Math.round(rate)}/s`;

/** `4.9 s`, `1:05` (minutes), `2:00:07` (hours). */
function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}

type CliProgress = Pick<typeof cliProgress, "SingleBar" | "Format">;

interface NodeProcess {
  readonly stderr?: ProgressStream;
  getBuiltinModule?(id: "node:module"): { createRequire(from: string): (id: string) => unknown };
}

const node = (): NodeProcess | undefined => (globalThis as { process?: NodeProcess }).process;

/**
 * Loads cli-progress when the first bar is drawn. A plain `for` cannot wait for `import()`, and a bundler for browsers
 * must not follow it: `require` by way of the process does neither. Where it is missing (a single-file bundle, Node
 * before 20.16) lines are written instead.
 */
function loadCliProgress(): CliProgress | undefined {
  try {
    return node()
      ?.getBuiltinModule?.("node:module")
      .createRequire(import.meta.url)("cli-progress") as CliProgress;
  } catch {
    return undefined;
  }
}
