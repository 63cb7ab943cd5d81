import { type Code, type MemoryLimits, ModuleBuilder } from "../assembler.js";
import { control } from "./control.js";

/** How often a worker looks for work before it sleeps: some 30 µs, longer than what lies between the Kernels of a run. */
const looks = 12_000;

/** What the pool's module exports. */
export type PoolExports = Readonly<{
  /** Main thread: offers `size` turns of a Kernel, cut into ranges of `chunk`. */
  begin: (program: number, kernel: number, size: number, chunk: number) => void;
  /** Takes a range and returns its start; -1 when none is left, or the Program's number is beyond `loaded`. */
  take: (loaded: number) => number;
  /** Says that a range that was taken is done. */
  done: () => void;
  /** Main thread: waits until all are done. */
  finish: () => void;
  /** Says that a range has failed. */
  fail: () => void;
  /** Main thread: tells all workers of one message more. */
  mail: () => void;
  /** Workers: takes ranges of Programs up to number `loaded` until there is mail beyond the `seen` messages. */
  work: (thread: number, seen: number, loaded: number) => void;
}>;

/**
 * Writes the module by which threads share work: it imports `env.memory` and, for workers, `worker.part`, which computes
 * a range of a Kernel. A range is taken by counting down the ticket, whose upper half is the number of the job: so what
 * was read of the job is still true when the countdown succeeds.
 */
export function buildPool(limits: MemoryLimits): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(limits);
  const part = module.import("worker", "part", ["i32", "i32", "i32", "i32", "i32"], []);
  const load = (code: Code, word: keyof typeof control): Code => code.i32(control[word]).memory("i32.atomic.load");
  const add = (code: Code, word: keyof typeof control, by: number): Code =>
    code.i32(control[word]).i32(by).memory("i32.atomic.rmw.add").op("drop");
  const number = (code: Code, value: number): Code => code.i32(value).op("i64.extend_i32_u");

  const ring = module.define(null, [], [], (code) => {
    add(code, "bell", 1);
    load(code, "sleepers").if(() => {
      code.i32(control.bell).i32(-1).memory("memory.atomic.notify").op("drop");
    });
  });
  module.define("mail", [], [], (code) => {
    add(code, "mail", 1);
    code.call(ring);
  });
  module.define("fail", [], [], (code) => {
    add(code, "failed", 1);
  });
  module.define("begin", ["i32", "i32", "i32", "i32"], [], (code) => {
    const [program, kernel, size, chunk] = [0, 1, 2, 3] as const;
    const count = code.local("i32");
    code.get(size).get(chunk).op("i32.add").i32(1).op("i32.sub").get(chunk).op("i32.div_u").set(count);
    for (const [word, local] of Object.entries({ program, kernel, size, chunk, count })) {
      code
        .i32(control[word as keyof typeof control])
        .get(local)
        .memory("i32.store");
    }
    code.i32(control.job).i32(control.job).memory("i32.load").i32(1).op("i32.add").memory("i32.store");
    code.i32(control.pending).get(count).memory("i32.atomic.store");
    code.i32(control.ticket).i32(control.job).memory("i32.load").op("i64.extend_i32_u");
    number(code, 32).op("i64.shl").get(count).op("i64.extend_i32_u").op("i64.or").memory("i64.atomic.store");
    code.call(ring);
  });
  const take = module.define("take", ["i32"], ["i32"], (code) => {
    const loaded = 0;
    const [ticket, left, start] = [code.local("i64"), code.local("i32"), code.local("i32")];
    code.loop((again) => {
      code.i32(control.ticket).memory("i64.atomic.load").tee(ticket).op("i32.wrap_i64").tee(left).op("i32.eqz");
      code.i32(control.program).memory("i32.load").get(loaded).op("i32.gt_s").op("i32.or");
      code.if(() => code.i32(-1).op("return"));
      code.i32(control.count).memory("i32.load").get(left).op("i32.sub");
      code.i32(control.chunk).memory("i32.load").op("i32.mul").set(start);
      code.i32(control.ticket).get(ticket).get(ticket);
      number(code, 1).op("i64.sub").memory("i64.atomic.rmw.cmpxchg").get(ticket).op("i64.ne").brIf(again);
    });
    code.get(start);
  });
  const done = module.define("done", [], [], (code) => {
    add(code, "pending", -1);
  });
  module.define("finish", [], [], (code) => {
    // Spins: the main thread of a page must not sleep.
    code.loop((again) => {
      load(code, "pending").brIf(again);
    });
  });
  module.define("work", ["i32", "i32", "i32"], [], (code) => {
    const [thread, seen, loaded] = [0, 1, 2] as const;
    const [left, bell, start, end] = [code.local("i32"), code.local("i32"), code.local("i32"), code.local("i32")];
    code.loop((next) => {
      code.i32(looks).set(left);
      code.loop((look) => {
        load(code, "mail").get(seen).op("i32.ne");
        code.if(() => code.op("return"));
        code.get(loaded).call(take).tee(start).i32(0).op("i32.ge_s");
        code.if(() => {
          // The job stands until this range is done.
          code.get(start).i32(control.chunk).memory("i32.load").op("i32.add").set(end);
          code.i32(control.size).memory("i32.load").get(end).op("i32.lt_s");
          code.if(() => code.i32(control.size).memory("i32.load").set(end));
          for (const word of [control.program, control.kernel]) code.i32(word).memory("i32.load");
          code.get(start).get(end).get(thread).call(part).call(done);
          code.br(next);
        });
        code.get(left).i32(1).op("i32.sub").tee(left).brIf(look);
      });
      load(code, "bell").set(bell);
      add(code, "sleepers", 1);
      // What comes from here on finds a sleeper and another bell.
      load(code, "mail").get(seen).op("i32.eq");
      code.i32(control.ticket).memory("i64.atomic.load").op("i32.wrap_i64").op("i32.eqz");
      code.i32(control.program).memory("i32.load").get(loaded).op("i32.gt_s").op("i32.or").op("i32.and");
      code.if(() => {
        code.i32(control.bell).get(bell).i32(-1).op("i64.extend_i32_s").memory("memory.atomic.wait32").op("drop");
      });
      add(code, "sleepers", -1);
      code.br(next);
    });
  });
  return module.finish();
}
