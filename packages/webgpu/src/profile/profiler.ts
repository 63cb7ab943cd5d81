import { usage } from "../device/usage.js";
import type { Readings } from "../memory/readings.js";
import type { Dispatches } from "../program/dispatches.js";

/** What was measured of one dispatch, in all its runs. */
export interface Measured {
  readonly label: string;
  runs: number;
  /** Nanoseconds, in all. */
  time: number;
  /** Bytes that it reads and writes, and operations, in all. */
  bytes: number;
  operations: number;
}

/** GPUBufferUsage.QUERY_RESOLVE */
const queryResolve = 0x200;

/** Times dispatches with timestamp queries: two for each, in a compute pass of its own. */
export class Profiler {
  readonly measured: Map<string, Measured> = new Map<string, Measured>();
  private readonly device: GPUDevice;
  private readonly readings: Readings;
  private readonly underway = new Set<Promise<void>>();

  constructor(device: GPUDevice, readings: Readings) {
    this.device = device;
    this.readings = readings;
  }

  begin(dispatches: Dispatches): Timer {
    const count = 2 * dispatches.list.length;
    const queries = this.device.createQuerySet({ label: "downhill: profile", type: "timestamp", count });
    const results = this.device.createBuffer({
      label: "downhill: profile",
      size: 8 * count,
      usage: queryResolve | usage.copySrc,
    });
    return {
      pass: (i) => ({
        timestampWrites: { querySet: queries, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 },
      }),
      finish: (encoder) => encoder.resolveQuerySet(queries, 0, count, results, 0),
      read: () => {
        const reading = this.readings.read(results, 0, 8 * count).then((data) => {
          this.take(dispatches, new BigInt64Array(data));
          results.destroy();
          queries.destroy();
        });
        this.underway.add(reading);
        reading.then(
          () => this.underway.delete(reading),
          () => undefined,
        );
      },
    };
  }

  /** Waits until everything is measured. */
  async done(): Promise<void> {
    await Promise.all(this.underway);
  }

  private take({ list, work }: Dispatches, times: BigInt64Array): void {
    list.forEach(({ label }, i) => {
      let measured = this.measured.get(label);
      if (measured === undefined)
        this.measured.set(label, (measured = { label, runs: 0, time: 0, bytes: 0, operations: 0 }));
      const done = work[i];
      measured.runs++;
      measured.time += Number(times[2 * i + 1]! - times[2 * i]!);
      if (done === null || done === undefined) return;
      measured.operations += done.operations;
      for (const bytes of [...done.reads.values(), ...done.writes.values()]) measured.bytes += bytes;
    });
  }
}

/** Times the dispatches of one run. */
export interface Timer {
  /** What the pass of dispatch `i` begins with. */
  pass(i: number): { timestampWrites: GPUComputePassTimestampWrites };
  finish(encoder: GPUCommandEncoder): void;
  read(): void;
}
