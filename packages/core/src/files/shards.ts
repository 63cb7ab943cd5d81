import { show, ValueError } from "../errors.js";
import { type Fail, failer } from "./file-error.js";
import type { FileSource } from "./file-source.js";
import { type FileInput, openSource } from "./open-source.js";
import { parseJson } from "./parse-json.js";
import { fileAt, isPlace, pathOf, type Place } from "./place.js";
import type { Chunks, FileTarget } from "./placed-file.js";
import type { Named } from "./snapshot.js";
import { damaged } from "./stored-type.js";

const INDEX = ".index.json";
/** An index of a hundred thousand tensors has 10 MB. */
const MAX_INDEX = 100_000_000;

/** Opens the files that an index names, if `input` is the path of one; else null. */
export async function openShards(where: string, input: FileInput): Promise<FileSource[] | null> {
  const path = isPlace(input) ? pathOf(where, input) : null;
  if (!path?.endsWith(INDEX)) return null;
  const fail = failer(path);
  const names = await shardNames(where, path, fail);
  const folder = path.slice(0, 1 + Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")));
  const sources: FileSource[] = [];
  try {
    for (const name of names) sources.push(await openSource(where, folder + name));
    return sources;
  } catch (error) {
    for (const source of sources) await source.close?.();
    throw error;
  }
}

async function shardNames(where: string, path: string, fail: Fail): Promise<Set<string>> {
  const source = await openSource(where, path);
  try {
    if (source.size > MAX_INDEX) throw fail(`its ${source.size} bytes are too many for an index`);
    const text = new TextDecoder().decode(await source.read(0, source.size));
    const { weight_map: map } = Object(parseJson(text, 4, fail)) as { weight_map?: unknown };
    if (typeof map !== "object" || map === null || Array.isArray(map))
      throw fail("it has no weight_map, an object of file names", damaged);
    const names = new Set<string>();
    for (const [tensor, name] of Object.entries(map)) {
      // A file of the same folder: nothing that leads elsewhere.
      if (typeof name !== "string" || !/^[^/\\:\0]+\.safetensors$/.test(name))
        throw fail(`tensor ${show(tensor)}: ${show(name)} is no safetensors file of the same folder`, damaged);
      names.add(name);
    }
    return names;
  } finally {
    await source.close?.();
  }
}

/** Writes files of at most `limit` bytes of tensors (a larger tensor has one for itself), and then their index. */
export async function saveShards(
  where: string,
  target: Place | FileTarget,
  tensors: readonly Named[],
  sizes: readonly number[],
  limit: number,
  chunks: (tensors: readonly Named[]) => Chunks,
): Promise<void> {
  const path = isPlace(target) ? pathOf(where, target) : null;
  if (path === null)
    throw new ValueError(`${where}: several files take a path, got ${show(target)}`, "leave maxShardBytes out");
  const shards: Named[][] = [];
  let room = 0;
  tensors.forEach((tensor, i) => {
    if (shards.length === 0 || sizes[i]! > room) {
      shards.push([]);
      room = limit;
    }
    shards.at(-1)!.push(tensor);
    room -= sizes[i]!;
  });
  const stem = path.replace(/\.safetensors$/, "");
  const file = stem.slice(1 + Math.max(stem.lastIndexOf("/"), stem.lastIndexOf("\\")));
  const places = new Map<string, string>();
  for (const [i, shard] of shards.entries()) {
    const [number, count] = [i + 1, shards.length].map((n) => String(n).padStart(5, "0"));
    const suffix = `-${number!}-of-${count!}.safetensors`;
    for (const [name] of shard) places.set(name, file + suffix);
    await fileAt(where, stem + suffix).write(chunks(shard));
  }
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(places) };
  await fileAt(where, `${stem}.safetensors${INDEX}`).write([new TextEncoder().encode(JSON.stringify(index, null, 2))]);
}
