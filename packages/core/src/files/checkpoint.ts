import { checkOptions, show, ValueError } from "../errors.js";
import { defaultGenerator, Generator } from "../random/generator.js";
import { Tensor } from "../tensor.js";
import { type Fail, failer, FileError } from "./file-error.js";
import type { FileInput } from "./open-source.js";
import { parseJson } from "./parse-json.js";
import { type Place, targetOf } from "./place.js";
import type { FileTarget } from "./placed-file.js";
import { chunksOf, joined, openFiles } from "./safetensors.js";
import type { LoadOptions, SafetensorsFile } from "./safetensors-file.js";
import { snapshot } from "./snapshot.js";
import { damaged } from "./stored-type.js";
import { MAX_DEPTH, StateReader, StateWriter } from "./state-tree.js";

/** What has state: modules, optimizers, schedulers, loaders, and whatever else has these two methods. */
export interface Stateful {
  /** What has to be kept. */
  stateDict(): unknown;
  /** Takes over what was kept. */
  loadStateDict(state: never): unknown;
}

/** Parts of a run by name: what has state, generators, and values such as `epoch`. */
export type CheckpointParts = Readonly<Record<string, unknown>>;

const METADATA = "downhill.checkpoint";
const VERSION = 1;

/** What the metadata holds, as JSON. */
interface Content {
  readonly version: typeof VERSION;
  readonly parts: Readonly<Record<string, unknown>>;
  /** State of the default generator. */
  readonly random: unknown;
}

function isStateful(part: unknown): part is Stateful {
  const { stateDict, loadStateDict } = Object(part) as Partial<Record<keyof Stateful, unknown>>;
  return typeof stateDict === "function" && typeof loadStateDict === "function";
}

const stateOf = (part: unknown): unknown =>
  part instanceof Generator ? part.getState() : isStateful(part) ? part.stateDict() : part;

function restore(part: unknown, state: unknown): void {
  if (part instanceof Generator) part.setState(state as Uint8Array);
  else if (isStateful(part)) part.loadStateDict(state as never);
}

function checkParts(where: string, parts: CheckpointParts): void {
  const given: unknown = parts;
  if (typeof given === "object" && given !== null && !(given instanceof Tensor) && !isStateful(given)) return;
  throw new ValueError(`${where}: expects an object of parts, got ${show(given)}`, "name them: { model, optimizer }");
}

/** The file's chunks, whose values are those of now. */
function chunks(where: string, parts: CheckpointParts): AsyncGenerator<Uint8Array> {
  checkParts(where, parts);
  const writer = new StateWriter(where);
  const states = Object.entries(parts).map(([name, part]) => [name, stateOf(part)] as const);
  const content = {
    version: VERSION,
    parts: Object.fromEntries(states.map(([name, state]) => [name, writer.write(state, name)])),
    random: writer.write(defaultGenerator.getState(), "random"),
  };
  return chunksOf(snapshot(where, Object.fromEntries(writer.tensors)), { [METADATA]: JSON.stringify(content) });
}

/**
 * Saves all that a run needs to go on: the state of each part, as of the call, and that of the random numbers. Training
 * may go on while the file is written.
 *
 * The file is written under another name, brought to the disk and renamed: whenever the process dies, there is a whole
 * checkpoint, the old one or the new one. It is a safetensors file, with tensors such as `model.0.weight`; numbers and
 * texts stand in its metadata.
 *
 * @param target A path (in a page: of its private file system), a file: URL, a file handle, or a target of one's own.
 * @param parts Anything with `stateDict` and `loadStateDict`, generators, and values: tensors, numbers, texts, arrays and
 *   objects of them.
 * @throws FileError where nothing can be written; ValueError for what no checkpoint holds.
 *
 * @example
 * const train = async (scheduler: StepLR) => {
 *   for (let epoch = 0; epoch < 10; epoch++) {
 *     // one pass
 *     await saveCheckpoint("run.safetensors", { model, optimizer, scheduler, loader, epoch: epoch + 1 });
 *   }
 * };
 */
export async function saveCheckpoint(target: Place | FileTarget, parts: CheckpointParts): Promise<void> {
  const file = targetOf("saveCheckpoint", target);
  await file.write(chunks("saveCheckpoint", parts));
}

/** Does what `saveCheckpoint` does, but returns the bytes. */
export async function encodeCheckpoint(parts: CheckpointParts): Promise<Uint8Array<ArrayBuffer>> {
  return joined(chunks("encodeCheckpoint", parts));
}

/**
 * Reads a checkpoint: gives each part its state and the default generator its place, so that the run goes on as if it had
 * never stopped. Returns the values that were saved beside the parts, and the state of what is not among `parts`.
 *
 * All or nothing: where a part does not fit its state, the others have theirs of before.
 *
 * @param options `device`: where tensors go that are returned (default: the CPU). Parts put theirs where they are.
 * @throws FileError for a file that is missing, damaged, no checkpoint, or lacks a part; what a part's `loadStateDict` throws.
 *
 * @example
 * const bytes = await encodeCheckpoint({ model, optimizer, epoch: 3 });
 * const { epoch } = await loadCheckpoint(bytes, { model, optimizer });
 * epoch; // 3
 */
export async function loadCheckpoint(
  input: FileInput,
  parts: CheckpointParts = {},
  options: LoadOptions = {},
): Promise<Record<string, unknown>> {
  const where = "loadCheckpoint";
  checkParts(where, parts);
  checkOptions(where, options, ["device"]);
  const { name: file, values, random } = await readCheckpoint(input, { device: "cpu", ...options });
  const given = Object.entries(parts).filter(([, part]) => part instanceof Generator || isStateful(part));
  const missing = given.filter(([name]) => !Object.hasOwn(values, name)).map(([name]) => show(name));
  if (missing.length > 0) {
    const there = Object.keys(values).map(show).join(", ");
    throw new FileError(`${file}: the checkpoint has no ${missing.join(", ")}`, `it has ${there || "no parts"}`);
  }
  const before = [
    ...given.map(([, part]) => [part, stateOf(part)] as const),
    [defaultGenerator, defaultGenerator.getState()] as const,
  ];
  try {
    for (const [name, part] of given) restore(part, values[name]);
    restore(defaultGenerator, random);
  } catch (error) {
    for (const [part, state] of before) restore(part, state);
    throw error;
  }
  const restored = new Set(given.map(([name]) => name));
  return Object.fromEntries(Object.entries(values).filter(([name]) => !restored.has(name)));
}

interface Checkpoint {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly random: unknown;
}

async function readCheckpoint(input: FileInput, options: LoadOptions): Promise<Checkpoint> {
  const file = await openFiles("loadCheckpoint", input);
  try {
    const fail = failer(file.name);
    const { parts, random } = readContent(file, fail);
    const reader = new StateReader((name) => file.get(name, options), fail);
    const values: [string, unknown][] = [];
    for (const [name, state] of Object.entries(parts)) values.push([name, await reader.read(state, name)]);
    return { name: file.name, values: Object.fromEntries(values), random: await reader.read(random, "random") };
  } finally {
    await file.close();
  }
}

function readContent({ metadata }: SafetensorsFile, fail: Fail): Content {
  if (!Object.hasOwn(metadata, METADATA)) throw fail("it is no checkpoint", "loadSafetensors reads its tensors");
  const content = parseJson(metadata[METADATA]!, MAX_DEPTH + 3, fail) as Partial<Content> | null;
  if (content?.version !== VERSION)
    throw fail(`its version is ${show(content?.version)}, this reads ${VERSION}`, "update Downhill");
  const { parts, random } = content;
  if (typeof parts !== "object" || parts === null || Array.isArray(parts)) throw fail("it has no parts", damaged);
  return { version: VERSION, parts, random };
}
