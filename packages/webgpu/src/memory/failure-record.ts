import { dividedByZero, outOfRange } from "@downhill/core/compiler";
import type { CommandQueue } from "../device/command-queue.js";
import { usage } from "../device/usage.js";
import { type Failing, firstSlot, slots } from "../wgsl/failure.js";
import type { GpuBuffer } from "./gpu-buffer.js";

/** A failure that a read has told of. Runs from `first` to `last` have left their variables as they were. */
interface Told {
  readonly first: number;
  readonly last: number;
  readonly error: Error;
}

/**
 * What went wrong on the GPU: an index out of range, an integer divided by 0. A shader cannot throw, so it leaves a record,
 * and from then on no Kernel writes to variables. The record travels with the next read; the first of something that the
 * failed run or a later one has written rejects, and clears it. What those runs have made is of no use, then and later.
 */
export class FailureRecord {
  readonly buffer: GPUBuffer;
  readonly bytes: number = 4 * (firstSlot + slots);
  private readonly device: GPUDevice;
  private readonly commands: CommandQueue;
  private readonly kinds: Failing[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly told: Told[] = [];
  /** While the record of a failure is on its way. */
  private telling: Promise<Told> | null = null;
  /** The number of the newest run, of the newest that may fail, and of the one up to which nothing is open. */
  private newest = 0;
  private newestRisk = 0;
  private checked = 0;

  constructor(device: GPUDevice, commands: CommandQueue) {
    this.device = device;
    this.commands = commands;
    this.buffer = device.createBuffer({
      label: "downhill: failures",
      size: this.bytes,
      usage: usage.storage | usage.copySrc | usage.copyDst,
    });
  }

  /** The number by which shaders call what fails. */
  numberOf(what: Failing): number {
    const key = JSON.stringify(what);
    let number = this.numbers.get(key);
    if (number === undefined) this.numbers.set(key, (number = this.kinds.push(what)));
    return number;
  }

  /** Numbers a run; throws if it was to read what a failed one has made. */
  begin(inputs: readonly GpuBuffer[], mayFail: boolean): number {
    if (this.told.length > 0) inputs.forEach((input) => this.refuse(input));
    this.newest++;
    if (mayFail) this.newestRisk = this.newest;
    return this.newest;
  }

  /** Throws if a Buffer was made by a run that failed, or after it. */
  refuse({ madeBy }: GpuBuffer): void {
    for (const { first, last, error } of this.told) if (madeBy >= first && madeBy <= last) throw error;
  }

  /** The run up to which a read shall look at the record; null where nothing that may fail has run since the last look. */
  get open(): number | null {
    return this.newestRisk > this.checked ? this.newest : null;
  }

  /**
   * Looks at the first word of the record, as it was after run `open`; throws if a value written by run `writtenBy` is no
   * good. `fetch` reads all of the record, which only a failure asks for.
   */
  async look(
    run: number,
    open: number,
    writtenBy: number,
    fetch: () => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    if (run === 0) {
      this.checked = Math.max(this.checked, open);
      return;
    }
    if (writtenBy < run) return;
    const known = this.told.find(({ first }) => first === run);
    const told = known ?? (await (this.telling ??= this.tell(run, fetch)));
    if (writtenBy <= told.last) throw told.error;
  }

  private async tell(run: number, fetch: () => Promise<Uint8Array<ArrayBuffer>>): Promise<Told> {
    try {
      const record = new Uint32Array((await fetch()).buffer);
      const value = record[firstSlot + ((~record[2]! >>> 0) % slots)]!;
      const told = { first: run, last: this.newest, error: errorOf(this.kinds[record[1]! - 1]!, value | 0) };
      this.told.push(told);
      this.checked = Math.max(this.checked, this.newest);
      this.clear();
      return told;
    } finally {
      this.telling = null;
    }
  }

  /** Has what `run` and later ones have made refused: that run could not be done at all. */
  spoil(run: number, error: Error): void {
    if (this.told.some(({ error: known }) => known === error)) return;
    this.told.push({ first: run, last: this.newest, error });
  }

  /** The number of the run that is being prepared, or of the next one. */
  next(isPreparing: boolean): number {
    return this.newest + (isPreparing ? 0 : 1);
  }

  /** Whether a run shall not be done, since one before it could not be. */
  isSpoiled(run: number): boolean {
    return this.told.some(({ first, last }) => run >= first && run <= last);
  }

  private clear(): void {
    this.commands.push(() => {
      const encoder = this.device.createCommandEncoder({ label: "downhill: failure told" });
      encoder.clearBuffer(this.buffer);
      this.device.queue.submit([encoder.finish()]);
    });
  }
}

function errorOf({ op, attrs, shape }: Failing, value: number): Error {
  if (op !== "gather" && op !== "scatter") return dividedByZero(op, value);
  return outOfRange({ op, dtype: "int32", shape, attrs, srcs: [] }, value, shape);
}
