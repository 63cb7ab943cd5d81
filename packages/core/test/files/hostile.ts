/**
 * Makes damaged and hostile files and loads them. It imports nothing of the packages, so that apps/bench can hand in what
 * is built (src/hostile-files.ts there).
 */
import fc from "fast-check";
import { unzipSync, zipSync } from "fflate";

type Load = (bytes: Uint8Array) => Promise<unknown>;

/** What loads the files, and valid ones to begin with. */
export interface Format {
  readonly load: Load;
  readonly samples: readonly Uint8Array[];
}

/** The files of one name in zip files, changed before they get their checksums. */
export function within(zips: readonly Uint8Array[], name: string, load: Load): Format[] {
  return zips.map((zip) => {
    const files = unzipSync(zip);
    return { load: (bytes) => load(zipSync({ ...files, [name]: bytes }, { level: 0 })), samples: [files[name]!] };
  });
}

/** How long the slowest input took, and what became of all. */
export interface Report {
  inputs: number;
  loaded: number;
  refused: number;
  slowestMs: number;
}

/** Numbers that have broken readers before. */
const numbers = [
  0,
  1,
  0x7f,
  0x80,
  0xff,
  0x7fff,
  0xffff,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  2 ** 64 - 1,
].map((number) => BigInt.asUintN(64, BigInt(number)));
/** Pieces of the formats, to put where they do not belong. */
const words = ["PK\x01\x02", "PK\x03\x04", "PK\x05\x06", "PK\x06\x06", "PK\x06\x07", "\x93NUMPY", "{", "}", "[", "]", '"', ":", ",", '"__proto__":', "__metadata__", '"data_offsets":[0,0]', "1e999", "-1", "9007199254740993", "null", "(", ")", "'shape'", "'O'", "True", "cos\nsystem\n", "cbuiltins\neval\n", "(", ".", "R", "Q", "t", "}", "]", "\x93", "\x94", "q\x00", "h\x00", "\x8b\xff\xff\xff\x7f", "X\xff\xff\xff\xff"]; // prettier-ignore

const edit = fc.oneof(
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("byte" as const), at: fc.nat(), value: fc.nat(255) }),
  fc.record({ kind: fc.constant("bit" as const), at: fc.nat(), value: fc.nat(7) }),
  fc.record({
    kind: fc.constant("number" as const),
    at: fc.nat(),
    value: fc.constantFrom(...numbers),
    size: fc.constantFrom(1, 2, 4, 8),
  }),
  fc.record({ kind: fc.constant("word" as const), at: fc.nat(), value: fc.constantFrom(...words), over: fc.boolean() }),
  fc.record({ kind: fc.constant("copy" as const), at: fc.nat(), from: fc.nat(), length: fc.nat(200) }),
  fc.record({ kind: fc.constant("drop" as const), at: fc.nat(), length: fc.nat(50) }),
  fc.record({ kind: fc.constant("random" as const), at: fc.nat(), value: fc.uint8Array({ maxLength: 64 }) }),
);
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

function edited(file: Uint8Array, change: Edit): Uint8Array {
  const at = file.length === 0 ? 0 : change.at % file.length;
  const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(parts.flatMap((part) => [...part]));
  const [before, after] = [file.subarray(0, at), file.subarray(at)];
  switch (change.kind) {
    case "cut":
      return before;
    case "byte":
      return joined(before, Uint8Array.of(change.value), after.subarray(1));
    case "bit":
      return joined(before, Uint8Array.of((after[0] ?? 0) ^ (1 << change.value)), after.subarray(1));
    case "number": {
      const bytes = Array.from({ length: change.size }, (_, i) => Number((change.value >> BigInt(8 * i)) & 255n));
      return joined(before, Uint8Array.from(bytes), after.subarray(change.size));
    }
    case "word": {
      const bytes = Uint8Array.from(change.value, (character) => character.charCodeAt(0));
      return joined(before, bytes, after.subarray(change.over ? bytes.length : 0));
    }
    case "copy":
      return joined(before, file.subarray(change.from % file.length).subarray(0, change.length), after);
    case "drop":
      return joined(before, after.subarray(change.length));
    case "random":
      return joined(before, change.value, after.subarray(change.value.length));
  }
}

/**
 * Loads `inputs` files that began valid and went through up to six changes. Throws, with the smallest input that does it,
 * if loading one fails with anything but an error of ours, which `isOurs` tells.
 */
export async function loadHostile(
  { load, samples }: Format,
  isOurs: (error: unknown) => boolean,
  options: { readonly inputs: number; readonly seed: number },
): Promise<Report> {
  const report: Report = { inputs: 0, loaded: 0, refused: 0, slowestMs: 0 };
  const input = fc.record({
    sample: fc.constantFrom(...samples),
    edits: fc.array(edit, { minLength: 1, maxLength: 6 }),
  });
  const property = fc.asyncProperty(input, async ({ sample, edits }) => {
    const file = edits.reduce(edited, sample);
    const start = performance.now();
    report.inputs++;
    try {
      await load(file);
      report.loaded++;
    } catch (error) {
      if (!isOurs(error)) throw error;
      report.refused++;
    }
    report.slowestMs = Math.max(report.slowestMs, performance.now() - start);
  });
  await fc.assert(property, { numRuns: options.inputs, seed: options.seed });
  return report;
}
