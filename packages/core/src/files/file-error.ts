import { DownhillError } from "../errors.js";

/** A file that cannot be read or written: it is missing, damaged, of another format, or holds what Downhill does not take. */
export class FileError extends DownhillError {
  override name = "FileError";

  /** Puts an error of the host (no such file, no room) in words, and keeps it as the `cause`. */
  static of(file: string, doing: string, cause: unknown): DownhillError {
    if (cause instanceof DownhillError) return cause;
    const code = (cause as { code?: unknown } | null)?.code;
    const known = typeof code === "string" ? problems[code] : undefined;
    const problem = known ?? String((cause as Error | null)?.message ?? cause);
    const error = new FileError(`${file}: cannot be ${doing}: ${problem}`);
    error.cause = cause;
    return error;
  }
}

const problems: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder (ENOENT)",
  EACCES: "permission denied (EACCES)",
  EISDIR: "it is a folder (EISDIR)",
  ENOSPC: "the disk is full (ENOSPC)",
  EROFS: "the disk is read-only (EROFS)",
};

/** Says that something is wrong with a file; `way` is the way out. */
export type Fail = (problem: string, way?: string) => FileError;

/** What `fail` is for one file: each message begins with its name. */
export const failer =
  (file: string): Fail =>
  (problem, way) =>
    new FileError(`${file}: ${problem}`, way);
