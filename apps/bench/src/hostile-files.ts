/**
 * Loads damaged and hostile files of every format, a hundred thousand by default: each must load, or be an error of ours.
 * After a build: `node apps/bench/src/hostile-files.ts [inputs] [seed]`, on the Node that the project pins.
 *
 * The files are made by what core's tests use (packages/core/test/files/hostile.ts); they begin as those of the fixtures.
 */
import { readFile } from "node:fs/promises";
import { DownhillError, ones, zeros } from "@downhill/core";
import {
  encodeCheckpoint,
  encodeNpz,
  loadCheckpoint,
  loadNpy,
  loadNpz,
  loadSafetensors,
  loadTorch,
} from "@downhill/core/files";

interface Format {
  readonly load: (bytes: Uint8Array) => Promise<unknown>;
  readonly samples: readonly Uint8Array[];
}

/** What we use of the module there. */
interface Hostile {
  loadHostile(
    this: void,
    format: Format,
    isOurs: (error: unknown) => boolean,
    options: { readonly inputs: number; readonly seed: number },
  ): Promise<{ readonly loaded: number; readonly refused: number; readonly slowestMs: number }>;
  within(this: void, zips: readonly Uint8Array[], name: string, load: Format["load"]): Format[];
}

type Files = Record<string, { readonly bytes: string }>;

const tests = new URL("../../../packages/core/test/", import.meta.url);
const { loadHostile, within } = (await import(new URL("files/hostile.ts", tests).href)) as Hostile;
const python = JSON.parse(await readFile(new URL("fixtures/files.json", tests), "utf8")) as Record<string, Files>;
const samples = (kind: string): Uint8Array[] =>
  Object.values(python[kind]!).map(({ bytes }) => new Uint8Array(Buffer.from(bytes, "base64")));

const npz = await encodeNpz({ x: ones([3]), y: zeros([300]) }, { compressed: true });
const checkpoint = await encodeCheckpoint({ a: { b: [1, "x", ones([2])] }, c: zeros([3]) });
const pickles = within(samples("pt"), "archive/data.pkl", (bytes) => loadTorch(bytes));
const formats: Record<string, Format> = {
  safetensors: { load: (bytes) => loadSafetensors(bytes), samples: samples("safetensors") },
  npy: { load: (bytes) => loadNpy(bytes), samples: samples("npy") },
  npz: { load: (bytes) => loadNpz(bytes), samples: [...samples("npz"), npz] },
  pt: { load: (bytes) => loadTorch(bytes), samples: samples("pt") },
  ...Object.fromEntries(pickles.map((format, i) => [`pickle ${i}`, format])),
  checkpoint: { load: (bytes) => loadCheckpoint(bytes), samples: [checkpoint] },
};

const inputs = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
console.log(`seed ${seed}`);
for (const [name, format] of Object.entries(formats)) {
  const options = { inputs: Math.ceil(inputs / Object.keys(formats).length), seed };
  const { loaded, refused, slowestMs } = await loadHostile(format, (error) => error instanceof DownhillError, options);
  const resident = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(
    `${name.padEnd(12)} ${loaded} loaded, ${refused} refused, the slowest in ${slowestMs.toFixed(0)} ms, ${resident} MiB resident`,
  );
}
