import type { FileSource } from "@downhill/core/files";
import { checkSourceOptions, type SourceInput, type SourceOptions } from "./byte-stream.js";
import { openRandomAccess } from "./random-access.js";

/**
 * Opens a URL, or another source, for all that takes files: `loadNpy`, `loadNpz`, `loadSafetensors`, `loadTorch` of
 * `@downhill/core/files`. Over http what is needed is read by ranges, or all of it where the server has none; with progress, a
 * signal, and a `cache`. The caller closes it.
 *
 * @throws FileError for a file that is missing, a server that answers with an error, one of more than `maxBytes` without ranges.
 *
 * @example
 * // const digits = await loadNpz(await openData("https://example.org/mnist.npz", { cache: "mnist.npz" }));
 * const x = await loadNpy(await openData(await encodeNpy(ones([2]))));
 */
export async function openData(input: SourceInput, options: SourceOptions = {}): Promise<FileSource> {
  checkSourceOptions("openData", options);
  return openRandomAccess("openData", input, options);
}
