import { DownhillError } from "@downhill/core";
import { FileError } from "@downhill/core/files";

/** An error of ours or the end that a signal asked for as it is; what a parser says of damage as a FileError, with its words. */
export function asDamage(what: string, error: unknown): unknown {
  if (error instanceof DownhillError || (error as { name?: unknown } | null)?.name === "AbortError") return error;
  const damage = new FileError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  damage.cause = error;
  return damage;
}
