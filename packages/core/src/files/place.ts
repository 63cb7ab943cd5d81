import { ValueError, show } from "../errors.js";
import { FileError } from "./file-error.js";
import { nodeFiles } from "./node-files.js";
import { type FileHandle, handleFiles, pageFiles } from "./page-files.js";
import type { FileTarget, PlacedFile } from "./placed-file.js";

/**
 * Where a file is: a path or file: URL, in Node of its file system and in a page of its private one (OPFS), or a handle
 * that a page has from a file picker.
 */
export type Place = string | { readonly href: string } | FileHandle;

/** Whether a value says where a file is, rather than what is in it. */
export function isPlace(value: unknown): value is Place {
  if (typeof value === "string") return true;
  const { href, getFile } = Object(value) as { href?: unknown; getFile?: unknown };
  return typeof href === "string" || typeof getFile === "function";
}

/** The path of a place that has one. */
export function pathOf(where: string, place: Place): string | null {
  if (typeof place === "string") {
    if (place !== "" && !place.includes("\0")) return place;
    throw new ValueError(`${where}: ${show(place)} is no path`);
  }
  if (!("href" in place)) return null;
  const url = new URL(place.href);
  if (url.protocol === "file:") return nodeFiles()?.fromUrl(place.href) ?? decodeURIComponent(url.pathname);
  throw new ValueError(
    `${where}: reads no ${url.protocol} URL`,
    "fetch it, and pass the bytes: new Uint8Array(await (await fetch(url)).arrayBuffer())",
  );
}

/** The file at a place. */
export function fileAt(where: string, place: Place): PlacedFile {
  const path = pathOf(where, place);
  if (path === null) return handleFiles(place as FileHandle);
  const files = nodeFiles() ?? pageFiles();
  if (files !== null) return files.at(path);
  throw new FileError(
    `${path}: there is no file system here`,
    "paths need Node 20.16 or newer, or a page with a private file system (served by https); bytes and Blobs work everywhere",
  );
}

/** What a `save` was given: a place, or a target of the caller's own. */
export function targetOf(where: string, target: Place | FileTarget): FileTarget {
  if (isPlace(target)) return fileAt(where, target);
  if (typeof (Object(target) as { write?: unknown }).write === "function") return target;
  throw new ValueError(
    `${where}: expects a path, a URL or a file handle to write to, got ${show(target)}`,
    "the encode functions give the bytes themselves",
  );
}
