/** Work for the GPU, in the order in which it was asked for. */
interface Command {
  /** What must be there first: pipelines that still compile. */
  readonly waitsFor: Promise<unknown> | null;
  readonly run: () => void;
  /** Told why it was not run. */
  readonly failed: (error: unknown) => void;
}

/**
 * Hands commands to the GPU in order. A command that waits for its pipelines holds up those behind it, but not its
 * caller: whoever wants a result of the GPU waits for a promise anyway.
 */
export class CommandQueue {
  private readonly waiting: Command[] = [];
  private readonly onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.onFailure = onFailure;
  }

  /** Whether nothing waits: commands run as they are pushed. */
  get isIdle(): boolean {
    return this.waiting.length === 0;
  }

  push(
    run: () => void,
    waitsFor: Promise<unknown> | null = null,
    failed: (error: unknown) => void = this.onFailure,
  ): void {
    if (waitsFor === null && this.waiting.length === 0) {
      run();
      return;
    }
    if (this.waiting.push({ waitsFor, run, failed }) === 1) void this.drain();
  }

  private async drain(): Promise<void> {
    for (let command = this.waiting[0]; command !== undefined; command = this.waiting[0]) {
      try {
        if (command.waitsFor !== null) await command.waitsFor;
        command.run();
      } catch (error) {
        command.failed(error);
      }
      this.waiting.shift();
    }
  }
}
