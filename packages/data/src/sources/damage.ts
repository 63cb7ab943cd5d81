import { DownhillError } from "@downhill/core";
import { FileError } from "@downhill/core/files";

/** An error of ours, or the reason of a signal, as it is; what a parser says of damage as a FileError, with its words. */
export function asDamage(what: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof DownhillError || isAbort(error, signal)) return error;
  const damage = new FileError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  damage.cause = error;
  return damage;
}

/** Whether an error is the end that a signal asked for. */
export function isAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && (error === signal.reason || (error as Error | null)?.name === "AbortError");
}
